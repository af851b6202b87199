// Pages sorted into releases: which files fit, which is best, why a release is left out.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "resolver/project.h"
#include "resolver/tag.h"

static struct environment environment;
static struct platform platform;

struct drawn {
	const char *name, *python, *yanked;
};

static void draw(struct project *project, const char *name, const struct drawn *files)
{
	struct index_page page = {.arena = ARENA_INIT};
	for (; files->name; files++)
		vec_push(&page.files, (struct index_file){.name = files->name,
							  .url = "https://h/x",
							  .sha256 = "",
							  .size = -1,
							  .upload_time = "",
							  .requires_python = files->python ? files->python : "",
							  .yanked = files->yanked,
							  .metadata_sha256 = ""});
	project_init(project, name, &page, &platform);
}

static void test_releases(void **state)
{
	(void)state;
	static const struct drawn files[] = {
		{"a_b-1.10-py3-none-any.whl", NULL, NULL},
		{"a_b-1.9.0-py3-none-any.whl", NULL, NULL},
		{"a.b-1.9.tar.gz", NULL, NULL}, // the same version
		{"a-b-2.0.zip", ">=3.12", NULL},
		{"a_b-3.0-cp311-cp311-win_amd64.whl", NULL, NULL},
		{"a_b-4.0-py3-none-any.whl", "what?", NULL}, // unreadable: keeps nobody out
		{"a_b-5.0-py2-none-any.whl", NULL, NULL},
		{"a_b-5.0-cp311-cp311-musllinux_1_1_x86_64.whl", ">=3.12", NULL},
		{"other-9.0-py3-none-any.whl", NULL, NULL},
		{"a_b-9.0.egg", NULL, NULL},
		{"a_b-nine-py3-none-any.whl", NULL, NULL},
		{"a_b-9.0.exe", NULL, NULL},
		{NULL, NULL, NULL}};
	struct project project;
	draw(&project, "a-b", files);
	static const char *const versions[] = {"1.9.0", "1.10", "4.0"};
	assert_int_equal(project.solver.count, ARRAY_LENGTH(versions));
	for (size_t i = 0; i < ARRAY_LENGTH(versions); i++)
		assert_string_equal(project.solver.versions[i].text, versions[i]);
	assert_int_equal(project.releases.items[0].files.count, 2);
	assert_true(project.releases.items[0].files.items[0].wheel);
	assert_int_equal(project.solver.excluded_count, 3);
	assert_string_equal(project.solver.excluded[0].text, "2.0");
	assert_string_equal(project.solver.excluded[0].reason, "needs Python >=3.12");
	assert_string_equal(project.solver.excluded[1].reason, "no file for this Python and platform");
	assert_string_equal(project.solver.excluded[2].reason, "no file for this Python and platform");
	assert_false(project.solver.unknown);
	project_clear(&project);
	project_init_unknown(&project, "x");
	assert_true(project.solver.unknown);
	project_clear(&project);
}

static void test_best_file(void **state)
{
	(void)state;
	static const struct drawn files[] = {
		{"a-1.tar.gz", NULL, NULL},
		{"a-1-py3-none-any.whl", NULL, NULL},
		{"a-1-cp311-cp311-macosx_11_0_arm64.whl", NULL, NULL},
		{"a-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", NULL, NULL},
		{"a-1-2-cp311-cp311-manylinux_2_28_x86_64.whl", NULL, NULL},
		{"a-1-3-cp311-cp311-manylinux_2_28_x86_64.whl", NULL, "bad build"},
		{"a-1-1-cp311-cp311-manylinux_2_28_x86_64.whl", NULL, NULL},
		{"a-1-cp38-abi3-manylinux_2_28_x86_64.whl", NULL, NULL},
		{NULL, NULL, NULL}};
	static const char *const order[] = {"a-1-2-cp311-cp311-manylinux_2_28_x86_64.whl",
					    "a-1-1-cp311-cp311-manylinux_2_28_x86_64.whl",
					    "a-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
					    "a-1-cp38-abi3-manylinux_2_28_x86_64.whl",
					    "a-1-py3-none-any.whl",
					    "a-1.tar.gz",
					    "a-1-3-cp311-cp311-manylinux_2_28_x86_64.whl"};
	struct project project;
	draw(&project, "a", files);
	const struct project_release *release = &project.releases.items[0];
	assert_int_equal(release->files.count, ARRAY_LENGTH(order));
	for (size_t i = 0; i < ARRAY_LENGTH(order); i++)
		assert_string_equal(release->files.items[i].file->name, order[i]);
	assert_string_equal(release->files.items[2].tag, "cp311-cp311-manylinux_2_17_x86_64");
	assert_string_equal(release->files.items[5].tag, "");
	assert_int_equal(release->foreign.count, 1);
	assert_null(project.solver.versions[0].yanked); // not all of it is
	project_clear(&project);
}

static void test_yanked(void **state)
{
	(void)state;
	static const struct drawn files[] = {
		{"a-1-py3-none-any.whl", NULL, "why"}, {"a-1.tar.gz", NULL, ""}, {NULL, NULL, NULL}};
	struct project project;
	draw(&project, "a", files);
	assert_string_equal(project.solver.versions[0].yanked, "why");
	project_clear(&project);
}

static void test_python(void **state)
{
	(void)state;
	assert_true(platform_fits_python(&platform, ""));
	assert_true(platform_fits_python(&platform, ">=3.8,!=3.9.*,<4"));
	assert_true(platform_fits_python(&platform, "nonsense"));
	assert_false(platform_fits_python(&platform, ">=3.12"));
	assert_false(platform_fits_python(&platform, "!=3.11.*"));
	struct platform development;
	struct environment other = environment;
	struct error err = ERROR_INIT;
	other.python_full_version = "3.12.0a1+";
	assert_int_equal(platform_init(&development, &other, &err), 0);
	assert_true(platform_fits_python(&development, ">=3.12.0a1"));
	platform_clear(&development);
	other.python_full_version = "three";
	assert_int_equal(platform_init(&development, &other, &err), -1);
	platform_clear(&development);
}

static int setup(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	tag_list tags = VEC_INIT;
	environment.python_full_version = "3.11.7";
	tags_for_cpython(&environment.arena, 3, 11, false, "x86_64", 2, 36, &tags);
	vec_each (&tags, tag)
		vec_push(&environment.tags, *tag);
	vec_clear(&tags);
	return platform_init(&platform, &environment, &err);
}

static int teardown(void **state)
{
	(void)state;
	platform_clear(&platform);
	environment_clear(&environment);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_releases), cmocka_unit_test(test_best_file),
					   cmocka_unit_test(test_yanked), cmocka_unit_test(test_python)};
	return cmocka_run_group_tests(tests, setup, teardown);
}
