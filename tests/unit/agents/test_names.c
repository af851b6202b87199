// Go names for Python names: shapes, and that no set hands a name out twice.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "agents/go/names.h"

struct pair {
	const char *python, *go;
};

static void check(char *(*shape)(const char *), const struct pair *pairs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		cleanup_free char *name = shape(pairs[i].python);
		assert_string_equal(name, pairs[i].go);
	}
}

static void test_exported(void **state)
{
	(void)state;
	static const struct pair pairs[] = {
		{"format", "Format"},
		{"keyword_case", "KeywordCase"},
		{"cached_property", "CachedProperty"},
		{"Token", "Token"},
		{"MAX_LENGTH", "MAX_LENGTH"},
		{"T", "T"},
		{"_private", "X_private"},
		{"_", "X_"},
		{"__", "X__"},
		{"__mangled", "X__mangled"},
		{"__version__", "DunderVersion"},
		{"v1_2", "V1_2"},
		{"utf8", "Utf8"},
		{"print_", "Print"},
		{"Field.Meta", "FieldMeta"},
		{"\xc3\xa9t\xc3\xa9", "XU00E9tU00E9"},
	};
	check(name_exported, pairs, ARRAY_LENGTH(pairs));
}

static void test_parameter(void **state)
{
	(void)state;
	static const struct pair pairs[] = {
		{"sql", "sql"},
		{"type", "type_"},
		{"len", "len_"},
		{"self", "self_"},
		{"pyrt", "pyrt_"},
		{"options", "options_"},
		{"fnFormat", "p_fnFormat"},
		{"_", "__"},
	};
	check(name_parameter, pairs, ARRAY_LENGTH(pairs));
}

static void test_paths(void **state)
{
	(void)state;
	static const struct pair directories[] = {
		{"sql", "sql"},
		{"_os", "X_os"},
		{"X_os", "XX_os"},
		{"XX_os", "XXX_os"},
		{"internal", "internal_"},
		{"internal_", "internal__"},
		{"vendor", "vendor_"},
		{"testdata", "testdata_"},
		{"Con", "Con_"},
		{"com1", "com1_"},
		{"combine", "combine"},
		{"0001_initial", "0001_initial"},
		{"__main__", "X__main__"},
	};
	static const struct pair packages[] = {
		{"sql", "sql"},
		{"_os", "x_os"},
		{"func", "func_"},
		{"main", "main_"},
		{"PIL", "pil"},
		{"0001_initial", "x0001_initial"},
		{"string", "string_"},
		{"documentation", "documentation_"},
		{"__main__", "x__main__"},
	};
	check(name_directory, directories, ARRAY_LENGTH(directories));
	check(name_package, packages, ARRAY_LENGTH(packages));
}

static void test_dunder(void **state)
{
	(void)state;
	cleanup_free char *name = name_plain_dunder("__getitem__");
	assert_string_equal(name, "Getitem");
	assert_null(name_plain_dunder("getitem"));
	assert_null(name_plain_dunder("__x"));
	assert_null(name_plain_dunder("____"));
	assert_true(name_is_dunder("__init__"));
	assert_false(name_is_dunder("___init__"));
}

static void test_set(void **state)
{
	(void)state;
	cleanup_name_set struct name_set *set = name_set_new();
	assert_string_equal(name_set_claim(set, "Format"), "Format");
	assert_string_equal(name_set_claim(set, "Format"), "Format_2");
	assert_string_equal(name_set_claim(set, "Format_2"), "Format_2_2");
	assert_string_equal(name_set_claim(set, "Format"), "Format_3");
	name_set_reserve_methods(set);
	assert_string_equal(name_set_claim(set, "MarshalJSON"), "MarshalJSON_2");
	assert_string_equal(name_set_claim(set, "PyObject"), "PyObject_2");
	assert_true(name_set_has(set, "Format_3"));
	assert_false(name_set_has(set, "Format_4"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exported), cmocka_unit_test(test_parameter), cmocka_unit_test(test_paths),
		cmocka_unit_test(test_dunder),   cmocka_unit_test(test_set),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
