// Errors: texts that are cut on a border of UTF-8, context in front, the tables of the design.
#include "fixture.h"

#include "core/error.h"

static void test_set(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	assert_int_equal(error_set(&err, ERROR_INDEX, "page %d of %s", 3, "x"), -1);
	assert_int_equal(err.code, ERROR_INDEX);
	assert_string_equal(err.text, "page 3 of x");
	assert_int_equal(error_context(&err, "sqlparse %s", "0.5.1"), -1);
	assert_int_equal(error_context(&err, "resolve"), -1);
	assert_int_equal(err.code, ERROR_INDEX);
	assert_string_equal(err.text, "resolve: sqlparse 0.5.1: page 3 of x");
	errno = ENOENT;
	assert_int_equal(error_errno(&err, ERROR_WORKSPACE, "open %s", "f"), -1);
	assert_int_equal(err.code, ERROR_WORKSPACE);
	assert_string_equal(err.text, "open f: No such file or directory");
	assert_int_equal(error_set(NULL, ERROR_INDEX, "nobody"), -1);
	assert_int_equal(error_errno(NULL, ERROR_INDEX, "nobody"), -1);
	assert_int_equal(error_context(NULL, "nobody"), -1);
	// Its own text as an argument is the usual slip.
	error_set(&err, ERROR_INPUT, "inner");
	error_context(&err, "%s", "50% of %s");
	assert_string_equal(err.text, "50% of %s: inner");
}

static bool is_utf8(const char *text)
{
	for (const unsigned char *at = (const unsigned char *)text; *at;) {
		size_t length = *at < 0x80 ? 1 : *at >= 0xF0 ? 4 : *at >= 0xE0 ? 3 : *at >= 0xC0 ? 2 : 0;
		if (!length)
			return false;
		for (size_t i = 1; i < length; i++)
			if ((at[i] & 0xC0) != 0x80)
				return false;
		at += length;
	}
	return true;
}

static void check_cut(const struct error *err)
{
	size_t length = strlen(err->text);
	assert_in_range(length, ERROR_TEXT_SIZE - 8, ERROR_TEXT_SIZE - 1);
	assert_string_equal(err->text + length - strlen("…"), "…");
	assert_true(is_utf8(err->text));
}

static void test_cut(void **state)
{
	(void)state;
	for (size_t shift = 0; shift < 4; shift++) {
		cleanup_text struct text text = TEXT_INIT;
		text_add_bytes(&text, "xxxx", shift);
		while (text.len < 2 * ERROR_TEXT_SIZE)
			text_add(&text, "😀");
		struct error err = ERROR_INIT;
		error_set(&err, ERROR_INPUT, "%s", text.ptr);
		check_cut(&err);
		errno = ENOSPC;
		error_errno(&err, ERROR_INPUT, "%s", text.ptr);
		check_cut(&err);
		// A long inner text, and a long context: both stay in bounds, the beginning is kept.
		error_set(&err, ERROR_INPUT, "%s", text.ptr);
		error_context(&err, "context");
		check_cut(&err);
		assert_contains(err.text, "context: ");
		error_set(&err, ERROR_INPUT, "short");
		error_context(&err, "%s", text.ptr);
		check_cut(&err);
	}
	// One byte less than the room is not cut.
	struct error err = ERROR_INIT;
	error_set(&err, ERROR_INPUT, "%0*d", ERROR_TEXT_SIZE - 1, 0);
	assert_int_equal(strlen(err.text), ERROR_TEXT_SIZE - 1);
	assert_null(strstr(err.text, "…"));
}

static void test_tables(void **state)
{
	(void)state;
	static const struct {
		enum error_code code;
		const char *name;
		int status;
	} rows[] = {
		{ERROR_NONE, "none", 0},     {ERROR_USAGE, "usage", 2},
		{ERROR_CONFIG, "config", 2}, {ERROR_NO_SOLUTION, "no-solution", 3},
		{ERROR_INDEX, "index", 4},   {ERROR_NETWORK, "network", 4},
		{ERROR_REDIS, "redis", 5},   {ERROR_WORKSPACE, "workspace", 6},
		{ERROR_POLICY, "policy", 7}, {ERROR_INTERRUPTED, "interrupted", 130},
		{ERROR_INPUT, "input", 1},   {ERROR_TOOL, "tool", 2},
		{ERROR_FAILED, "failed", 1},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		assert_string_equal(error_code_name(rows[i].code), rows[i].name);
		assert_int_equal(error_exit_status(rows[i].code), rows[i].status);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_tables),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
