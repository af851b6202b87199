// Requirements: canonical form and refusals with a position.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "resolver/requirement.h"

static void test_canonical(void **state)
{
	(void)state;
	static const char *const table[][2] = {
		{"foo", "foo"},
		{"Foo.Bar [B, a,a] >=1 , <2", "Foo.Bar[B,a]<2,>=1"},
		{"foo (>=1.0)", "foo>=1.0"},
		{"foo(>=1,)", "foo>=1"},
		{"foo[]", "foo"},
		{"name@http://x/y;os_name==\"a\"", "name @ http://x/y;os_name==\"a\""},
		{"name @ http://x/y ; os_name=='a'", "name @ http://x/y ; os_name == \"a\""},
		{"a>=1;extra=='Foo_Bar'", "a>=1; extra == \"foo-bar\""},
		{"foo===1.x,<2", "foo<2,===1.x"},
	};
	cleanup_arena struct arena arena = ARENA_INIT;
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		struct error err = ERROR_INIT;
		struct requirement requirement;
		if (requirement_parse(&arena, slice_of(table[i][0]), &requirement, &err))
			fail_msg("%s: %s", table[i][0], err.text);
		assert_string_equal(requirement_string(&arena, &requirement), table[i][1]);
	}
	struct error err = ERROR_INIT;
	struct requirement requirement;
	assert_int_equal(requirement_parse(&arena, SLICE("A_b[X_y,x-Y]"), &requirement, &err), 0);
	assert_string_equal(requirement.name, "a-b");
	assert_string_equal(requirement.normal_extras[0], "x-y");
	assert_null(requirement.normal_extras[1]);
}

static void test_refused(void **state)
{
	(void)state;
	static const char *const table[] = {"",        "-foo",      "foo bar",  "foo[a",    "foo[a b]",
					    "foo[a,]", "foo>=1 <2", "foo>=1.*", "foo>=1+x", "foo (>=1",
					    "foo @ ",  "foo;",      "foo;x",    "foo 1.0",  "foo~=1"};
	cleanup_arena struct arena arena = ARENA_INIT;
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		struct error err = ERROR_INIT;
		struct requirement requirement;
		if (!requirement_parse(&arena, slice_of(table[i]), &requirement, &err))
			fail_msg("%s was accepted", table[i]);
		assert_int_equal(err.code, ERROR_INPUT);
		assert_non_null(strstr(err.text, "byte "));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_canonical), cmocka_unit_test(test_refused)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
