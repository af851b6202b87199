// File names of wheels and sdists, supported tags and ranks.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "resolver/tag.h"

static void test_wheel(void **state)
{
	(void)state;
	cleanup_arena struct arena arena = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct wheel_name wheel;
	assert_int_equal(wheel_name_parse(&arena, SLICE("Foo_Bar-1.0.0-12abc-py2.py3-none-any.whl"), &wheel, &err), 0);
	assert_string_equal(wheel.name, "foo-bar");
	assert_string_equal(version_string(&arena, &wheel.version), "1.0.0");
	assert_true(wheel.has_build);
	assert_int_equal(wheel.build, 12);
	assert_string_equal(wheel.build_rest, "abc");
	assert_int_equal(wheel.tag_count, 2);
	assert_string_equal(wheel.tags[1], "py3-none-any");
	static const char *const bad[] = {"foo.whl",
					  "foo-1.0-py3-none.whl",
					  "foo-1.0-x-py3-none-any.whl",
					  "foo__bar-1.0-py3-none-any.whl",
					  "foo-1.x-py3-none-any.whl",
					  "foo-1.0-py3-none-any.zip",
					  "foo-1.0-py3..py2-none-any.whl",
					  "-1.0-py3-none-any.whl",
					  "a-1-1-1-py3-none-any.whl"};
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
		assert_int_equal(wheel_name_parse(&arena, slice_of(bad[i]), &wheel, &err), -1);
}

static void test_sdist(void **state)
{
	(void)state;
	cleanup_arena struct arena arena = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct sdist_name sdist;
	assert_int_equal(sdist_name_parse(&arena, SLICE("zope.interface-5.0-1.tar.gz"), "zope-interface", &sdist, &err),
			 0);
	assert_string_equal(version_string(&arena, &sdist.version), "5.0.post1");
	assert_int_equal(sdist_name_parse(&arena, SLICE("a-b-1.0.zip"), "a-b", &sdist, &err), 0);
	assert_int_equal(sdist_name_parse(&arena, SLICE("a-b-1.0.zip"), "a", &sdist, &err), -1);
	assert_int_equal(sdist_name_parse(&arena, SLICE("a-1.0.exe"), "a", &sdist, &err), -1);
}

static void test_rank(void **state)
{
	(void)state;
	cleanup_arena struct arena arena = ARENA_INIT;
	struct error err = ERROR_INIT;
	tag_list tags = VEC_INIT;
	tags_for_cpython(&arena, 3, 11, false, "x86_64", 2, 36, &tags);
	static const char *const best_first[] = {
		"a-1-cp311-cp311-manylinux_2_36_x86_64.whl",
		"a-1-cp311-cp311-manylinux2014_x86_64.whl",
		"a-1-cp311-cp311-manylinux1_x86_64.whl",
		"a-1-cp311-abi3-linux_x86_64.whl",
		"a-1-cp37-abi3-manylinux2010_x86_64.whl",
		"a-1-py3-none-manylinux_2_17_x86_64.whl",
		"a-1-cp311-none-any.whl",
		"a-1-py311-none-any.whl",
		"a-1-py2.py3-none-any.whl",
		"a-1-py30-none-any.whl",
	};
	int last = -1;
	for (size_t i = 0; i < ARRAY_LENGTH(best_first); i++) {
		struct wheel_name wheel;
		assert_int_equal(wheel_name_parse(&arena, slice_of(best_first[i]), &wheel, &err), 0);
		const char *best = NULL;
		int rank = wheel_rank(&wheel, tags.items, tags.count, &best);
		assert_true(rank > last);
		assert_non_null(best);
		last = rank;
	}
	static const char *const unfit[] = {
		"a-1-cp312-cp312-linux_x86_64.whl", "a-1-cp311-cp311-manylinux_2_37_x86_64.whl",
		"a-1-cp311-cp311-win_amd64.whl", "a-1-py2-none-any.whl", "a-1-cp312-abi3-linux_x86_64.whl"};
	for (size_t i = 0; i < ARRAY_LENGTH(unfit); i++) {
		struct wheel_name wheel;
		assert_int_equal(wheel_name_parse(&arena, slice_of(unfit[i]), &wheel, &err), 0);
		assert_int_equal(wheel_rank(&wheel, tags.items, tags.count, NULL), -1);
	}
	tags.count = 0;
	tags_for_cpython(&arena, 3, 13, true, "x86_64", 2, 36, &tags);
	assert_string_equal(tags.items[0], "cp313-cp313t-linux_x86_64");
	vec_each (&tags, tag)
		assert_null(strstr(*tag, "abi3"));
	vec_clear(&tags);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_wheel), cmocka_unit_test(test_sdist),
					   cmocka_unit_test(test_rank)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
