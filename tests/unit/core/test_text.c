// Strings: slices at their ends, the builder while it grows, numbers exactly.
#include "fixture.h"

static void test_slices(void **state)
{
	(void)state;
	struct slice none = {NULL, 0};
	assert_true(slice_equal(none, SLICE("")));
	assert_true(slice_is(none, ""));
	assert_true(slice_equal(slice_of(NULL), none));
	assert_true(slice_is((struct slice){"abcdef", 3}, "abc"));
	assert_false(slice_is(SLICE("abc"), "ab"));
	assert_false(slice_is(SLICE("ab"), "abc"));
	assert_false(slice_equal(SLICE("a\0b"), SLICE("a\0c"))); // bytes, not strings
	assert_int_equal(SLICE("a\0b").len, 3);
	assert_true(slice_compare(SLICE("a"), SLICE("b")) < 0);
	assert_true(slice_compare(SLICE("b"), SLICE("a")) > 0);
	assert_true(slice_compare(SLICE("a"), SLICE("aa")) < 0);
	assert_true(slice_compare(SLICE("aa"), SLICE("a")) > 0);
	assert_true(slice_compare(SLICE("\x7f"), SLICE("\x80")) < 0); // unsigned
	assert_int_equal(slice_compare(none, SLICE("")), 0);
	assert_true(slice_compare(none, SLICE("a")) < 0);
	assert_true(slice_starts(SLICE("abc"), "ab") && slice_starts(SLICE("abc"), "") &&
		    slice_starts(SLICE("abc"), "abc"));
	assert_false(slice_starts(SLICE("abc"), "abcd") || slice_starts(SLICE("abc"), "b"));
	assert_true(slice_ends(SLICE("abc"), "bc") && slice_ends(SLICE("abc"), "") && slice_ends(SLICE("abc"), "abc"));
	assert_false(slice_ends(SLICE("abc"), "zabc") || slice_ends(SLICE("abc"), "b"));
	assert_true(slice_is(slice_trim(SLICE(" \t\r\n a b \v\f")), "a b"));
	assert_true(slice_is(slice_trim(SLICE(" \n ")), ""));
	assert_true(slice_is(slice_trim(none), ""));
	assert_true(slice_is(slice_trim(SLICE("\xc2\xa0x")), "\xc2\xa0x")); // ASCII only
	assert_true(slice_is(slice_from(SLICE("abc"), 1), "bc"));
	assert_true(slice_is(slice_from(SLICE("abc"), 3), ""));
	assert_true(slice_is(slice_from(SLICE("abc"), 99), ""));
	char *copy = slice_dup((struct slice){"abc", 2}), *empty = slice_dup(none);
	assert_string_equal(copy, "ab");
	assert_string_equal(empty, "");
	free(copy);
	free(empty);
}

static void test_cut(void **state)
{
	(void)state;
	static const struct {
		const char *text, *parts[5];
	} cases[] = {
		{"a,b,c", {"a", "b", "c"}}, {"", {""}},       {",", {"", ""}}, {"a,", {"a", ""}},
		{",,a", {"", "", "a"}},     {"abc", {"abc"}},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct slice rest = slice_of(cases[i].text), part;
		size_t count = 0;
		while (slice_cut(&rest, ',', &part)) {
			assert_non_null(cases[i].parts[count]);
			assert_true(slice_is(part, cases[i].parts[count]));
			count++;
		}
		assert_null(cases[i].parts[count]);
		assert_false(slice_cut(&rest, ',', &part));
	}
}

static void test_builder(void **state)
{
	(void)state;
	cleanup_text struct text text = TEXT_INIT;
	assert_string_equal(text_str(&text), "");
	assert_int_equal(text_slice(&text).len, 0);
	text_add(&text, "");
	assert_string_equal(text.ptr, "");
	struct text expected = TEXT_INIT;
	for (int i = 0; i < 3000; i++) {
		text_addf(&text, "%d,", i);
		text_add_char(&text, 'c');
		text_add_slice(&text, (struct slice){"slice", 2});
		assert_int_equal(text.ptr[text.len], '\0');
		assert_true(text.len < text.cap);
		text_reserve(&expected, 1);
		char part[32];
		snprintf(part, sizeof part, "%d,csl", i);
		text_add(&expected, part);
	}
	assert_string_equal(text.ptr, expected.ptr);
	assert_int_equal(text.len, strlen(text.ptr));
	text_clear(&expected);
	assert_null(expected.ptr);

	size_t cap = text.cap;
	text_reset(&text);
	assert_int_equal(text.len, 0);
	assert_int_equal(text.cap, cap);
	assert_string_equal(text.ptr, "");
	text_add_bytes(&text, "a\0b", 3);
	text_add_bytes(&text, NULL, 0);
	assert_int_equal(text.len, 3);
	assert_memory_equal(text.ptr, "a\0b", 4);
	char *stolen = text_steal(&text), *nothing = text_steal(&text);
	assert_memory_equal(stolen, "a\0b", 4);
	assert_string_equal(nothing, "");
	assert_null(text.ptr);
	free(stolen);
	free(nothing);
	// Formats longer than any first guess.
	text_addf(&text, "%0*d", 5000, 7);
	assert_int_equal(text.len, 5000);
	text_addf(&text, "%s", "");
	assert_int_equal(text.len, 5000);
}

static void test_reserve_is_exact_enough(void **state)
{
	(void)state;
	for (size_t more = 0; more < 300; more++) {
		cleanup_text struct text text = TEXT_INIT;
		text_add(&text, "x");
		text_reserve(&text, more);
		char *before = text.ptr;
		for (size_t i = 0; i < more; i++)
			text_add_char(&text, 'y'); // under ASan: never outside
		assert_ptr_equal(text.ptr, before);
	}
}

static void test_numbers(void **state)
{
	(void)state;
	uint64_t u;
	int64_t i;
	static const struct {
		const char *text;
		uint64_t value;
	} unsigned_ones[] = {{"0", 0}, {"007", 7}, {"18446744073709551615", UINT64_MAX}};
	for (size_t n = 0; n < ARRAY_LENGTH(unsigned_ones); n++) {
		assert_int_equal(parse_u64(slice_of(unsigned_ones[n].text), &u), 0);
		assert_true(u == unsigned_ones[n].value);
	}
	static const struct {
		const char *text;
		int64_t value;
	} signed_ones[] = {{"0", 0},
			   {"-0", 0},
			   {"-1", -1},
			   {"9223372036854775807", INT64_MAX},
			   {"-9223372036854775808", INT64_MIN}};
	for (size_t n = 0; n < ARRAY_LENGTH(signed_ones); n++) {
		assert_int_equal(parse_i64(slice_of(signed_ones[n].text), &i), 0);
		assert_true(i == signed_ones[n].value);
	}
	static const char *const bad_unsigned[] = {
		"", "-1", "+1", " 1", "1 ", "0x1", "1.0", "18446744073709551616", "99999999999999999999999"};
	for (size_t n = 0; n < ARRAY_LENGTH(bad_unsigned); n++) {
		u = 42;
		assert_int_equal(parse_u64(slice_of(bad_unsigned[n]), &u), -1);
		assert_true(u == 42);
	}
	static const char *const bad_signed[] = {"",  "-", "--1", "+1", "9223372036854775808", "-9223372036854775809",
						 "1-"};
	for (size_t n = 0; n < ARRAY_LENGTH(bad_signed); n++)
		assert_int_equal(parse_i64(slice_of(bad_signed[n]), &i), -1);
	assert_int_equal(parse_u64((struct slice){"123456", 3}, &u), 0);
	assert_true(u == 123);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slices),  cmocka_unit_test(test_cut),
		cmocka_unit_test(test_builder), cmocka_unit_test(test_reserve_is_exact_enough),
		cmocka_unit_test(test_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
