// Go versions of Python releases: the table of notes/go.md, order, revs, module paths.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "agents/go/version.h"

static char *format(const char *python, uint64_t rev)
{
	cleanup_arena struct arena arena = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct version version;
	struct text out = TEXT_INIT;
	assert_int_equal(version_parse(&arena, slice_of(python), &version, &err), 0);
	go_version_format(&version, rev, &out);
	return text_steal(&out);
}

static void test_table(void **state)
{
	(void)state;
	static const char *const table[][2] = {
		{"2.31.0", "v0.2.31-0.rel.0"},
		{"2024.1", "v0.2024.1-0.rel.0"},
		{"4.9.0.80", "v0.4.9-0.zb80.rel.0"},
		{"1.0a1.dev2", "v0.1.0-0.pre-a.1.dev.2.0"},
		{"1.0rc2.post1", "v0.1.0-0.pre-rc.2.upd.1.rel.0"},
		{"1.0+cu118", "v0.1.0-0.rel-l.acu118.0"},
		{"1!2.0", "v1.2.0-0.rel.0"},
		{"1.0.dev3+5.ubuntu", "v0.1.0-0.dev.3.x.na5.aubuntu.0"},
		{"0", "v0.0.0-0.rel.0"},
		{"1.2.3.0.20240115123456", "v0.1.2-3.za0.zn20240115123456.rel.0"},
		{"1.0.post4", "v0.1.0-0.upd.4.rel.0"},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		cleanup_free char *got = format(table[i][0], 0);
		assert_string_equal(got, table[i][1]);
	}
	cleanup_free char *same = format("1.0.0", 0), *short_form = format("1", 0), *rev = format("1", 12);
	assert_string_equal(same, short_form);
	assert_string_equal(rev, "v0.1.0-0.rel.12");
}

static void test_order(void **state)
{
	(void)state;
	static const char *const ascending[] = {
		"1.0.dev0",
		"1.0.dev0+a",
		"1.0.dev10",
		"1.0a1.dev1",
		"1.0a1",
		"1.0a1+x",
		"1.0a1.post1.dev1",
		"1.0a1.post1",
		"1.0a2",
		"1.0b1",
		"1.0rc1",
		"1.0rc10",
		"1.0",
		"1.0+abc",
		"1.0+abc.5",
		"1.0+abc.10",
		"1.0+5",
		"1.0+10",
		"1.0.post1.dev2",
		"1.0.post1",
		"1.0.post10",
		"1.0.0.1a1",
		"1.0.0.1",
		"1.0.0.9",
		"1.0.0.10",
		"1.0.1.dev1",
		"1.0.2",
		"1.0.10",
		"1.9",
		"1.10",
		"2",
		"20240101",
		"1!0.1",
	};
	for (size_t i = 0; i < ARRAY_LENGTH(ascending); i++)
		for (size_t j = 0; j < ARRAY_LENGTH(ascending); j++) {
			// A higher rev never overtakes a higher version.
			cleanup_free char *left = format(ascending[i], i < j ? 9 : 0),
					  *right = format(ascending[j], i < j ? 0 : 9);
			int order = go_version_compare(left, right);
			if (i != j)
				assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
		}
	assert_true(go_version_compare("v0.1.0-0.rel.9", "v0.1.0-0.rel.10") < 0);
	assert_true(go_version_compare("v0.1.0", "v0.1.0-0.rel.10") > 0);
	assert_int_equal(go_version_compare("v0.1.0", "v0.1.0"), 0);
}

static void test_rev(void **state)
{
	(void)state;
	assert_int_equal(go_version_rev("v0.1.0-0.rel.12", "v0.1.0-0.rel"), 12);
	assert_int_equal(go_version_rev("v0.1.0-0.rel-l.acu118.0", "v0.1.0-0.rel"), -1);
	assert_int_equal(go_version_rev("v0.1.0-0.rel.1.2", "v0.1.0-0.rel"), -1);
	assert_int_equal(go_version_rev("v0.1.0-0.rel.", "v0.1.0-0.rel"), -1);
	assert_int_equal(go_version_rev("v0.1.0-0.rel", "v0.1.0-0.rel"), -1);
}

static void test_paths(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	cleanup_free char *zero = go_module_path("go.internal", "py-x", 0),
			  *one = go_module_path("go.internal", "py-x", 1),
			  *two = go_module_path("go.internal", "py-x", 2);
	assert_string_equal(zero, "go.internal/py-x");
	assert_string_equal(one, "go.internal/py-x");
	assert_string_equal(two, "go.internal/py-x/v2");
	cleanup_text struct text escaped = TEXT_INIT;
	go_escape("go.internal/X/aB", &escaped);
	assert_string_equal(text_str(&escaped), "go.internal/!x/a!b");
	static const char *const fine[] = {"go.internal", "go.example.org/team/python"};
	static const char *const bad[] = {"",     "internal",     "Go.internal", "go.internal/", "/go.internal",
					  "go..", "go.in ternal", "-a.b"};
	for (size_t i = 0; i < ARRAY_LENGTH(fine); i++)
		assert_int_equal(go_host_check(fine[i], &err), 0);
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
		assert_int_equal(go_host_check(bad[i], &err), -1);
		assert_int_equal(err.code, ERROR_CONFIG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_rev),
		cmocka_unit_test(test_paths),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
