// Specifier sets: the table of easy mistakes, canonical form, refusals.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "resolver/specifier.h"

static bool contains(const char *specifier, const char *text, enum specifier_prereleases prereleases)
{
	cleanup_arena struct arena arena = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct specifier_set set;
	struct version version;
	assert_int_equal(specifier_parse(&arena, slice_of(specifier), &set, &err), 0);
	assert_int_equal(version_parse(&arena, slice_of(text), &version, &err), 0);
	return specifier_contains(&set, &version, prereleases);
}

static void test_contains(void **state)
{
	(void)state;
	static const struct {
		const char *specifier, *version;
		bool wanted;
	} table[] = {
		{"==1.0", "1.0+x", true},
		{">1.7", "1.7.0.post1", false},
		{"<=1.0", "1.0+x", true},
		{">1.0", "1.0+x", false},
		{"<1.0a2", "1.0a1", true},
		{"<1.0", "1.0a1", false},
		{"==1.0.*", "1.0a1", true},
		{"===1.0", "1.0.0", false},
		{">=3", "1!2.0", true},
		{"~=1!2.2", "2.5", false},
		{"~=2.2", "2.9", true},
		{"~=2.2", "3.0", false},
		{"~=2.2.0", "2.3", false},
		{"~=2.2.post3", "2.2", false},
		{"!=1.0.*", "1.0.3", false},
		{"!=1.0", "1.0+x", false},
		{"==1.0+x", "1.0", false},
		{"==1.0+x", "1.0+x", true},
		{">1.0.post1", "1.0.post2", true},
		{">1.0.post1", "1.0.post1+x", false},
		{"<1.0.post1", "1.0", true},
		{"==1.2.0.*", "1.2", true},
		{">=1,<2,!=1.5", "1.5", false},
		{"", "1.0", true},
		{">1.0a1", "1.0a1.post1", false},
		{"===1.0RC1", "1.0rc1", true},
		{">=1.0", "2.0a1", true},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++)
		if (contains(table[i].specifier, table[i].version, SPECIFIER_PRE_YES) != table[i].wanted)
			fail_msg("%s : %s should be %d", table[i].specifier, table[i].version, table[i].wanted);
	assert_false(contains(">=1.0", "2.0a1", SPECIFIER_PRE_NO));
	assert_true(contains(">=1.0", "2.0a1", SPECIFIER_PRE_DEFAULT));
}

static void test_canonical(void **state)
{
	(void)state;
	static const char *const table[][2] = {
		{" >=1.0 , !=1.3.* ,", "!=1.3.*,>=1.0"},
		{"==1.0,==1.0.0", "==1.0"},
		{"~=1.0,~=1.0.0", "~=1.0,~=1.0.0"},
		{">= 1.0", ">=1.0"},
		{"<2,<10", "<10,<2"},
		{"", ""},
	};
	cleanup_arena struct arena arena = ARENA_INIT;
	struct error err = ERROR_INIT;
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		struct specifier_set set;
		assert_int_equal(specifier_parse(&arena, slice_of(table[i][0]), &set, &err), 0);
		assert_string_equal(specifier_string(&arena, &set), table[i][1]);
	}
}

static void test_refused(void **state)
{
	(void)state;
	static const char *const table[] = {"1.0",       "~=1",     ">=1.0+x",   ">=1.0.*",
					    "==1.0a1.*", "=>1.0",   "==",        "==1.0 .*",
					    ">=1.0 2",   "~=1.0+x", "==1.0+x.*", ">=99999999999999999999999"};
	cleanup_arena struct arena arena = ARENA_INIT;
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		struct error err = ERROR_INIT;
		struct specifier_set set;
		if (!specifier_parse(&arena, slice_of(table[i]), &set, &err))
			fail_msg("%s was accepted", table[i]);
		assert_int_equal(err.code, ERROR_INPUT);
	}
}

static void test_helpers(void **state)
{
	(void)state;
	cleanup_arena struct arena arena = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct specifier_set set;
	struct version a, b;
	assert_int_equal(version_parse(&arena, SLICE("1.0"), &a, &err), 0);
	assert_int_equal(version_parse(&arena, SLICE("2.0a1"), &b, &err), 0);
	assert_int_equal(specifier_parse(&arena, SLICE(">=2.0a1"), &set, &err), 0);
	assert_true(specifier_mentions_prerelease(&set));
	assert_null(specifier_pin(&set));
	bool allowed[2];
	specifier_allowed(&set, (const struct version *const[]){&a, &b}, 2, allowed);
	assert_false(allowed[0]);
	assert_true(allowed[1]);
	assert_int_equal(specifier_parse(&arena, SLICE("==1.0,>0"), &set, &err), 0);
	assert_int_equal(version_compare(specifier_pin(&set), &a), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contains),
		cmocka_unit_test(test_canonical),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_helpers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
