// Near names. From caches and folders they are seen in test_resolve.c.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "resolver/suggest.h"

static void test_distance(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		int most, expected;
	} table[] = {{"django", "django", 2, 0}, {"djagno", "django", 2, 1},
		     {"dango", "django", 2, 1},  {"djjango", "django", 2, 1},
		     {"flask", "django", 2, 3},  {"abcd", "badc", 2, 2},
		     {"", "ab", 2, 2},           {"ab", "", 1, 2},
		     {"kitten", "sitting", 5, 3}};
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		assert_int_equal(suggest_distance(table[i].a, table[i].b, table[i].most), table[i].expected);
		assert_int_equal(suggest_distance(table[i].b, table[i].a, table[i].most), table[i].expected);
	}
	char longer[100] = {0};
	memset(longer, 'a', sizeof longer - 1);
	assert_int_equal(suggest_distance(longer, longer, 2), 3); // not compared
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_distance)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
