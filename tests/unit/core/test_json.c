// JSON: what is refused and how it is said; the canonical bytes.
#include "fixture.h"

#include <locale.h>

#include "core/json.h"

static const struct {
	const char *text, *part; // of the error
} refused[] = {
	{"", "line"},
	{"{", "line 1"},
	{"{\"a\": 1,}", "line 1"},
	{"{\"a\": 1}\n{}", "line 2"},
	{"{\"a\": 1, \"a\": 2}", "duplicate object key"},
	{"{\"a\": {\"b\": [{\"c\": 1, \"c\": 1}]}}", "duplicate object key"},
	{"{'a': 1}", "line 1"},
	{"[1, 2\n3]", "line 2"},
	{"[NaN]", "line 1"},
	{"[1e999]", "line 1"},
	{"[99999999999999999999]", "too big"},
	{"[\"\xff\"]", "decode byte 0xff"},
	{"[\"\xed\xa0\x80\"]", "decode byte 0xed"},
	{"[\"\\ud800\"]", "invalid Unicode"},
	{"[\"a\nb\"]", "line 1"},
	{"[\"\\u0000\"]", "\\u0000"},
	{"[01]", "line 1"},
	{"[+1]", "line 1"},
	{"// no comments\n[]", "line 1"},
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(refused); i++) {
		struct error err = ERROR_INIT;
		json_t *json = json_parse(slice_of(refused[i].text), "file x.json", &err);
		if (json)
			fail_msg("accepted: %s", refused[i].text);
		assert_int_equal(err.code, ERROR_INPUT);
		assert_contains(err.text, "file x.json: line ");
		assert_contains(err.text, refused[i].part);
	}
	// A NUL is no end of the data.
	struct error err = ERROR_INIT;
	assert_null(json_parse((struct slice){"{}\0{}", 5}, "x", &err));
	assert_null(json_parse((struct slice){"{}\0", 3}, "x", &err));
	assert_null(json_parse((struct slice){NULL, 0}, "x", &err));
}

static void test_depth(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	cleanup_text struct text deep = TEXT_INIT, back = TEXT_INIT;
	for (int i = 0; i < 1000000; i++)
		text_add_char(&deep, '[');
	assert_null(json_parse(text_slice(&deep), "x", &err));
	assert_contains(err.text, "depth");
	text_reset(&deep);
	for (int i = 0; i < 2000; i++)
		text_add_char(&deep, '[');
	for (int i = 0; i < 2000; i++)
		text_add_char(&deep, ']');
	cleanup_json json_t *json = json_parse(text_slice(&deep), "x", &err);
	assert_non_null(json);
	json_write_compact(json, &back);
	assert_string_equal(back.ptr, deep.ptr);
}

static void test_file(void **state)
{
	struct error err = ERROR_INIT;
	cleanup_free char *path = below(state, "lock.json");
	assert_ok(file_write_atomic(path, "{\"schema\": \"gophersnake.lock/1\"}", 32, &err), err);
	cleanup_json json_t *json = json_read_file(path, 32, &err);
	assert_non_null(json);
	assert_null(json_read_file(path, 31, &err));
	assert_int_equal(err.code, ERROR_WORKSPACE);
	assert_ok(file_write_atomic(path, "{\"schema\": }", 12, &err), err);
	assert_null(json_read_file(path, 100, &err));
	assert_contains(err.text, "lock.json: line 1, column ");
	assert_int_equal(err.code, ERROR_INPUT);

	assert_ok(json_check_schema(json, "gophersnake.lock/1", "the lock", &err), err);
	assert_int_equal(json_check_schema(json, "gophersnake.lock/2", "the lock", &err), -1);
	assert_string_equal(err.text,
			    "the lock: key \"schema\": expected \"gophersnake.lock/2\", found \"gophersnake.lock/1\"");
	cleanup_json json_t *other = json_pack("{s:i}", "schema", 1), *array = json_array();
	assert_int_equal(json_check_schema(other, "s/1", "x", &err), -1);
	assert_int_equal(json_check_schema(array, "s/1", "x", &err), -1);
	assert_int_equal(json_check_schema(NULL, "s/1", "x", &err), -1);
	assert_contains(err.text, "expected an object");
}

static void test_canonical(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	static const char given[] =
		"{\"b\": [1, -2, {}, [], [[]]], \"a\\u0001\": \"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u001f\\u007f é😀\","
		" \"B\": null, \"aa\": true, \"é\": false, \"\": 0}";
	static const char compact[] = "{\"\":0,\"B\":null,\"a\\u0001\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u001f\x7f é😀\","
				      "\"aa\":true,\"b\":[1,-2,{},[],[[]]],\"é\":false}";
	cleanup_json json_t *json = json_parse(slice_of(given), "x", &err);
	assert_non_null(json);
	cleanup_text struct text text = TEXT_INIT, again = TEXT_INIT;
	json_write_compact(json, &text);
	assert_string_equal(text.ptr, compact);
	cleanup_json json_t *back = json_parse(text_slice(&text), "x", &err);
	assert_true(json_equal(json, back));
	json_write_compact(back, &again);
	assert_string_equal(again.ptr, text.ptr);

	cleanup_json json_t *small = json_parse(SLICE("{\"b\": [1, {\"x\": []}], \"a\": {}}"), "x", &err);
	text_reset(&text);
	json_write_pretty(small, &text);
	assert_string_equal(text.ptr, "{\n  \"a\": {},\n  \"b\": [\n    1,\n    {\n      \"x\": []\n    }\n  ]\n}\n");
}

static void test_order_of_insertion_is_nothing(void **state)
{
	(void)state;
	cleanup_json json_t *one = json_object(), *two = json_object();
	for (int i = 0; i < 500; i++) {
		cleanup_free char *up = xasprintf("key%d", i), *down = xasprintf("key%d", 499 - i);
		json_object_set_new(one, up, json_integer(i));
		json_object_set_new(two, down, json_integer(499 - i));
	}
	cleanup_text struct text a = TEXT_INIT, b = TEXT_INIT;
	json_write_pretty(one, &a);
	json_write_pretty(two, &b);
	assert_string_equal(a.ptr, b.ptr);
}

static void test_reals(void **state)
{
	(void)state;
	static const struct {
		double value;
		const char *text;
	} reals[] = {
		{0.1, "0.1"},
		{0.1 + 0.2, "0.30000000000000004"},
		{1, "1.0"},
		{-0.0, "-0.0"},
		{1e300, "1e+300"},
		{5e-324, "4.94065645841247e-324"},
		{123456789.125, "123456789.125"},
		{1.0 / 3, "0.333333333333333"
			  "3"},
		{1e15, "1e+15"},
		{1.7976931348623157e308, "1.7976931348623157e+308"},
	};
	// A locale with a decimal comma changes nothing, when the machine has one.
	setlocale(LC_ALL, "de_DE.UTF-8");
	for (size_t i = 0; i < ARRAY_LENGTH(reals); i++) {
		cleanup_json json_t *json = json_real(reals[i].value);
		cleanup_text struct text text = TEXT_INIT;
		json_write_compact(json, &text);
		assert_string_equal(text.ptr, reals[i].text);
		struct error err = ERROR_INIT;
		cleanup_json json_t *back = json_parse(text_slice(&text), "x", &err);
		assert_true(json_is_real(back));
		assert_true(json_real_value(back) == reals[i].value);
	}
	setlocale(LC_ALL, "C");
}

static void test_members(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	cleanup_json json_t *json =
		json_pack("{s:s, s:I, s:b, s:[i], s:{}, s:n, s:f}", "string", "text", "integer", (json_int_t)INT64_MIN,
			  "bool", 1, "array", 1, "object", "null", "real", 1.5);
	const char *string = NULL;
	int64_t integer = 0;
	bool boolean = false;
	json_t *array = NULL, *object = NULL;
	assert_ok(json_get_string(json, "string", "x", &string, &err), err);
	assert_string_equal(string, "text");
	assert_ok(json_get_integer(json, "integer", "x", &integer, &err), err);
	assert_true(integer == INT64_MIN);
	assert_ok(json_get_bool(json, "bool", "x", &boolean, &err), err);
	assert_true(boolean);
	assert_ok(json_get_array(json, "array", "x", &array, &err), err);
	assert_ok(json_get_object(json, "object", "x", &object, &err), err);

	assert_int_equal(json_get_string(json, "integer", "lock x", &string, &err), -1);
	assert_string_equal(err.text, "lock x: key \"integer\": expected a string, found an integer");
	assert_int_equal(err.code, ERROR_INPUT);
	assert_int_equal(json_get_string(json, "absent", "lock x", &string, &err), -1);
	assert_string_equal(err.text, "lock x: key \"absent\": expected a string, found nothing");
	assert_int_equal(json_get_integer(json, "real", "lock x", &integer, &err), -1);
	assert_contains(err.text, "expected an integer, found a real number");
	assert_int_equal(json_get_bool(json, "null", "lock x", &boolean, &err), -1);
	assert_int_equal(json_get_array(json, "object", "lock x", &array, &err), -1);
	assert_int_equal(json_get_object(json, "array", "lock x", &object, &err), -1);
	assert_int_equal(json_get_object(array, "a", "lock x", &object, &err), -1);
	assert_contains(err.text, "expected an object with key \"a\", found an array");
	assert_int_equal(json_get_object(NULL, "a", "lock x", &object, &err), -1);
	assert_string_equal(string, "text");

	assert_string_equal(json_string_or(json, "string", "f"), "text");
	assert_string_equal(json_string_or(json, "absent", "f"), "f");
	assert_string_equal(json_string_or(json, "null", "f"), "f");
	assert_string_equal(json_string_or(json, "integer", "f"), "f");
	assert_null(json_string_or(NULL, "integer", NULL));
	assert_int_equal(json_integer_or(json, "real", 7), 7);
	assert_true(json_integer_or(json, "integer", 7) == INT64_MIN);
	assert_true(json_bool_or(json, "bool", false));
	assert_true(json_bool_or(json, "null", true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_depth),
		folder_test(test_file),
		cmocka_unit_test(test_canonical),
		cmocka_unit_test(test_order_of_insertion_is_nothing),
		cmocka_unit_test(test_reals),
		cmocka_unit_test(test_members),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
