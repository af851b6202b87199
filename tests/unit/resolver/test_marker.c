// Markers: canonical form, evaluation, bounds.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "resolver/marker.h"

static const char *lookup(const void *context, const char *variable)
{
	(void)context;
	static const char *const values[][2] = {
		{"python_version", "3.13"}, {"python_full_version", "3.13.0rc1"},   {"sys_platform", "linux"},
		{"os_name", "posix"},       {"platform_release", "6.1.0-13-amd64"},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(values); i++)
		if (!strcmp(values[i][0], variable))
			return values[i][1];
	return NULL;
}

static const struct marker_environment environment = {lookup, NULL};

static void test_evaluate(void **state)
{
	(void)state;
	static const struct {
		const char *marker;
		bool wanted;
	} table[] = {
		{"python_full_version < '3.13'", false},
		{"python_version >= '3.9'", true},
		{"python_version == '3.*'", true},
		{"'3.9' <= python_version", true},
		{"sys_platform == 'linux' and os_name == 'nt' or os_name == 'posix'", true},
		{"sys_platform == 'linux' and (os_name == 'nt' or sys_platform == 'darwin')", false},
		{"'lin' in sys_platform", true},
		{"sys_platform not in 'linux darwin'", false},
		{"extra == 'Foo_Bar'", true},
		{"platform_release >= '6'", false}, // not a version
		{"os_name > 'a'", false},
	};
	cleanup_arena struct arena arena = ARENA_INIT;
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		struct error err = ERROR_INIT;
		struct marker marker;
		bool value;
		assert_int_equal(marker_parse(&arena, slice_of(table[i].marker), &marker, &err), 0);
		assert_int_equal(marker_evaluate(&marker, &environment, "foo.bar", &value, &err), 0);
		if (value != table[i].wanted)
			fail_msg("%s should be %d", table[i].marker, table[i].wanted);
	}
}

static void test_extras(void **state)
{
	(void)state;
	cleanup_arena struct arena arena = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct marker marker;
	bool value;
	const char *which;
	static const char *const extras[] = {"a", "b", NULL};
	assert_int_equal(marker_parse(&arena, SLICE("extra == 'B'"), &marker, &err), 0);
	assert_int_equal(marker_evaluate_extras(&marker, &environment, extras, &value, &which, &err), 0);
	assert_true(value);
	assert_string_equal(which, "b");
	assert_int_equal(marker_parse(&arena, SLICE("os_name == 'nt' and extra == 'b'"), &marker, &err), 0);
	assert_int_equal(marker_evaluate_extras(&marker, &environment, extras, &value, &which, &err), 0);
	assert_false(value);
	assert_null(which);
}

static void test_canonical(void **state)
{
	(void)state;
	static const char *const table[][2] = {
		{"os.name=='a'", "os_name == \"a\""},
		{"(os_name=='a')", "os_name == \"a\""},
		{"((os_name=='a' or os_name=='b'))", "os_name == \"a\" or os_name == \"b\""},
		{"(os_name=='a' or os_name=='b') and (extra=='X_y')",
		 "(os_name == \"a\" or os_name == \"b\") and extra == \"x-y\""},
		{"python_implementation=='a\"b'", "platform_python_implementation == 'a\"b'"},
		{"'x' not   in os_name", "\"x\" not in os_name"},
	};
	cleanup_arena struct arena arena = ARENA_INIT;
	struct error err = ERROR_INIT;
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		struct marker marker;
		assert_int_equal(marker_parse(&arena, slice_of(table[i][0]), &marker, &err), 0);
		assert_string_equal(marker_string(&arena, &marker), table[i][1]);
	}
}

static void test_refused(void **state)
{
	(void)state;
	static const char *const table[] = {"",
					    "os_name",
					    "os_name ==",
					    "os_name == linux",
					    "(os_name=='a'",
					    "os_name=='a')",
					    "os_name=='a' and",
					    "os_name = 'a'",
					    "os_name == 'a",
					    "nonsense == 'a'"};
	cleanup_arena struct arena arena = ARENA_INIT;
	struct marker marker;
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		struct error err = ERROR_INIT;
		assert_int_equal(marker_parse(&arena, slice_of(table[i]), &marker, &err), -1);
		assert_int_equal(err.code, ERROR_INPUT);
	}
	cleanup_text struct text deep = TEXT_INIT;
	for (int i = 0; i < 10000; i++)
		text_add_char(&deep, '(');
	struct error err = ERROR_INIT;
	assert_int_equal(marker_parse(&arena, text_slice(&deep), &marker, &err), -1);
	assert_non_null(strstr(err.text, "nested"));
	bool value;
	assert_int_equal(marker_parse(&arena, SLICE("os_name ~= 'a'"), &marker, &err), 0);
	assert_int_equal(marker_evaluate(&marker, &environment, "", &value, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_evaluate),
		cmocka_unit_test(test_extras),
		cmocka_unit_test(test_canonical),
		cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
