// Which recorded calls ship, and the file that they ship in.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "agents/kept_calls.h"

static json_t *call(const char *f, int number, json_t *value, const char *outcome)
{
	cleanup_free char *id = xasprintf("%08d", number);
	return json_pack("{s:s, s:s, s:s, s:[[s, O]], s:o}", "f", f, "id", id, "source", "suite", "args", "value",
			 value, outcome, json_string("x"));
}

static void add_text(json_t *calls, int number, size_t length)
{
	cleanup_free char *text = xcalloc(length + 1, 1);
	memset(text, 'a', length);
	cleanup_json json_t *value = json_string(text);
	json_array_append_new(calls, call("m:f", number, value, "result"));
}

static size_t text_length(json_t *chosen, size_t i)
{
	json_t *pair = json_array_get(json_object_get(json_array_get(chosen, i), "args"), 0);
	return json_string_length(json_array_get(pair, 1));
}

static void test_choice(void **state)
{
	(void)state;
	cleanup_json json_t *calls = json_array(), *backwards = json_array();
	for (int i = 0; i < 100; i++)
		add_text(calls, i, (size_t)i + 1);
	for (size_t i = 100; i > 0; i--)
		json_array_append(backwards, json_array_get(calls, i - 1));
	cleanup_json json_t *chosen = kept_calls_choose(calls), *again = kept_calls_choose(backwards);
	assert_true(json_equal(chosen, again));
	assert_int_equal(json_array_size(chosen), KEPT_CALLS);
	assert_int_equal(text_length(chosen, 0), 1);
	assert_int_equal(text_length(chosen, KEPT_CALLS - 1), 100); // the largest is there
	for (size_t i = 1; i < KEPT_CALLS; i++)
		assert_true(text_length(chosen, i) > text_length(chosen, i - 1));
	assert_null(json_object_get(json_array_get(chosen, 0), "source"));
}

// Each shape is there, however rare.
static void test_shapes(void **state)
{
	(void)state;
	static const char *const rare[] = {
		"null", "true", "-7", "\"\"", "[\"list\", [1, \"a\"]]", "[\"bytes\", \"AAE=\"]"};
	cleanup_json json_t *calls = json_array();
	for (int i = 0; i < 100; i++)
		add_text(calls, i, 1);
	for (size_t i = 0; i < ARRAY_LENGTH(rare); i++) {
		struct error err = ERROR_INIT;
		cleanup_json json_t *value = json_parse(slice_of(rare[i]), "value", &err);
		json_array_append_new(calls, call("m:f", 1000 + (int)i, value, "result"));
	}
	cleanup_json json_t *text = json_string("a");
	json_array_append_new(calls, call("m:f", 2000, text, "exception"));
	cleanup_json json_t *chosen = kept_calls_choose(calls);
	int found = 0;
	size_t index;
	json_t *row;
	json_array_foreach (chosen, index, row) {
		found += json_string_or(row, "id", "")[4] != '0';
	}
	assert_int_equal(json_array_size(chosen), KEPT_CALLS);
	assert_int_equal(found, ARRAY_LENGTH(rare) + 1);
}

static void test_left_out(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	cleanup_json json_t *calls = json_array();
	add_text(calls, 1, KEPT_CALL_LIMIT);
	cleanup_json json_t *shared = json_parse(SLICE("[\"list\", [[\"ref\", 0]]]"), "value", &err);
	json_array_append_new(calls, call("m:f", 2, shared, "result"));
	add_text(calls, 3, 1);
	json_object_set_new(json_array_get(calls, 2), "output", json_pack("[s, s]", "printed", ""));
	cleanup_json json_t *none = kept_calls_choose(calls);
	assert_int_equal(json_array_size(none), 0);
	add_text(calls, 4, 1);
	cleanup_json json_t *one = kept_calls_choose(calls);
	assert_int_equal(json_array_size(one), 1);
}

static void test_file(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	cleanup_json json_t *calls = json_array();
	for (int i = 0; i < 30; i++)
		add_text(calls, i, 10000);
	cleanup_json json_t *other = json_string("small");
	json_array_append_new(calls, call("m.n:C.g", 99, other, "exception"));
	cleanup_text struct text all = TEXT_INIT, some = TEXT_INIT, few = TEXT_INIT;
	kept_calls_write("dist", "1.0", calls, SIZE_MAX, &all);
	kept_calls_write("dist", "1.0", calls, 100000, &some);
	kept_calls_write("dist", "1.0", calls, 10, &few);
	cleanup_json json_t *read = kept_calls_parse(text_slice(&all), "all", &err);
	assert_true(json_equal(read, calls));
	assert_true(some.len <= 100000 && some.len > 80000);
	cleanup_json json_t *least = kept_calls_parse(text_slice(&few), "few", &err);
	assert_int_equal(json_array_size(least), 2); // one of each function
	cleanup_json json_t *of = kept_calls_of(read, "m.n.C.g"), *none = kept_calls_of(read, "m.n.C");
	assert_int_equal(json_array_size(of), 1);
	assert_int_equal(json_array_size(none), 0);
}

static void test_malformed(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"",
		"{}",
		"{\"schema\": \"gophersnake.calls/1\"}",
		"{\"schema\": \"gophersnake.calls/1\", \"calls\": [1]}",
		"{\"schema\": \"gophersnake.calls/1\", \"calls\": [{\"f\": \"m:f\", \"args\": []}]}",
		"{\"schema\": \"gophersnake.calls/1\", \"calls\": [{\"f\": \"m:f\", \"args\": [], \"result\": 1, "
		"\"exception\": 1}]}",
		"{\"schema\": \"gophersnake.calls/1\", \"calls\": [{\"f\": 1, \"args\": [], \"result\": 1}]}"};
	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
		struct error err = ERROR_INIT;
		assert_null(kept_calls_parse(slice_of(texts[i]), "calls.json", &err));
		assert_non_null(strstr(err.text, "calls.json"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_choice), cmocka_unit_test(test_shapes),
					   cmocka_unit_test(test_left_out), cmocka_unit_test(test_file),
					   cmocka_unit_test(test_malformed)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
