// Versions: order, normal form, what is refused and that hostile ones are refused quickly.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "resolver/version.h"

static const char *const ascending[] = {
	"1.0.dev456",     "1.0a1",          "1.0a2.dev456", "1.0a12.dev456",
	"1.0a12",         "1.0b1.dev456",   "1.0b2",        "1.0b2.post345.dev456",
	"1.0b2.post345",  "1.0rc1.dev456",  "1.0rc1",       "1.0",
	"1.0+abc.5",      "1.0+abc.7",      "1.0+5",        "1.0.post456.dev34",
	"1.0.post456",    "1.1.dev1",       "1.2+123abc",   "1.2+1234.abc",
	"1.2.r32+123456", "20240101123456", "1!0.1",
};

static void test_order(void **state)
{
	(void)state;
	cleanup_arena struct arena arena = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct version versions[ARRAY_LENGTH(ascending)];
	for (size_t i = 0; i < ARRAY_LENGTH(ascending); i++)
		assert_int_equal(version_parse(&arena, slice_of(ascending[i]), &versions[i], &err), 0);
	for (size_t i = 0; i < ARRAY_LENGTH(ascending); i++)
		for (size_t j = 0; j < ARRAY_LENGTH(ascending); j++) {
			int order = version_compare(&versions[i], &versions[j]);
			assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
		}
}

static void test_normal_form(void **state)
{
	(void)state;
	static const char *const table[][2] = {
		{"v1.0", "1.0"},
		{" 1.0-ALPHA_1 ", "1.0a1"},
		{"1.0c", "1.0rc0"},
		{"1.0-1", "1.0.post1"},
		{"1.0.rev3", "1.0.post3"},
		{"01.002", "1.2"},
		{"0!1.0", "1.0"},
		{"2!1.0dev", "2!1.0.dev0"},
		{"1.0+UBUNTU-01", "1.0+ubuntu.1"},
		{"1.0a.post1", "1.0a0.post1"},
		{"1.0preview-2", "1.0rc2"},
	};
	cleanup_arena struct arena arena = ARENA_INIT;
	struct error err = ERROR_INIT;
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		struct version version;
		assert_int_equal(version_parse(&arena, slice_of(table[i][0]), &version, &err), 0);
		assert_string_equal(version_string(&arena, &version), table[i][1]);
	}
}

static void test_refused(void **state)
{
	(void)state;
	static const char *const table[] = {"",
					    " ",
					    "a",
					    "1.",
					    ".1",
					    "1..2",
					    "1.0+",
					    "1.0+a+b",
					    "1.0.x",
					    "1!",
					    "!1",
					    "1.0-",
					    "1.0+a.",
					    "99999999999999999999999",
					    "french toast",
					    "1.0 1"};
	cleanup_arena struct arena arena = ARENA_INIT;
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		struct error err = ERROR_INIT;
		struct version version;
		assert_int_equal(version_parse(&arena, slice_of(table[i]), &version, &err), -1);
		assert_int_equal(err.code, ERROR_INPUT);
	}
}

static void test_hostile(void **state)
{
	(void)state;
	cleanup_arena struct arena arena = ARENA_INIT;
	size_t size = 1000000;
	cleanup_free char *text = xmalloc(size);
	memset(text, '1', size);
	struct error err = ERROR_INIT;
	struct version version;
	assert_int_equal(version_parse(&arena, (struct slice){text, size}, &version, &err), -1);
	for (size_t i = 1; i < 200; i += 2)
		text[i] = '.';
	err = (struct error)ERROR_INIT;
	assert_int_equal(version_parse(&arena, (struct slice){text, 199}, &version, &err), -1);
	assert_non_null(strstr(err.text, "64"));
}

static void test_prerelease(void **state)
{
	(void)state;
	cleanup_arena struct arena arena = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct version version;
	assert_int_equal(version_parse(&arena, SLICE("1.0.post1.dev1"), &version, &err), 0);
	assert_true(version_is_prerelease(&version));
	assert_int_equal(version_parse(&arena, SLICE("1.0.post1+x"), &version, &err), 0);
	assert_false(version_is_prerelease(&version));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),   cmocka_unit_test(test_normal_form), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_hostile), cmocka_unit_test(test_prerelease),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
