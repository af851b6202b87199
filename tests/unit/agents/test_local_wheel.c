// A package of this machine: as a requirement, through the inline run, and to its folder, as far as nothing has to be built for it
// (tests/e2e/author.bats has the rest).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "agents/dist.h"
#include "agents/inline.h"
#include "agents/local_wheel.h"
#include "tests/unit/agents/work_fixture.h"

static const struct python_file files[] = {{"thing.py", "def f():\n    pass\n"}};
static const struct release_fixture release = {.name = "thing", .version = "1.0", .files = files, .file_count = 1};

static void open_fixture(struct work_fixture *fixture)
{
	const char *const translators[] = {"bridge", NULL};
	fixture_open(fixture, NULL, &release, 1, translators, NULL);
}

static void test_wheel(void **state)
{
	(void)state;
	struct work_fixture fixture;
	struct error err = ERROR_INIT;
	open_fixture(&fixture);
	cleanup_free char *wheel = xasprintf("%s/thing-1.0-py3-none-any.whl", fixture.folder);
	cleanup_local_wheel struct local_wheel first, again;
	assert_int_equal(local_wheel_make(&fixture.work, wheel, &first, &err), 0);
	assert_string_equal(first.name, "thing");
	assert_string_equal(first.file, "thing-1.0-py3-none-any.whl");
	assert_true(file_exists(first.path));
	cleanup_free char *wanted = xasprintf("thing @ file://%s#sha256=%s", first.path, first.sha256);
	assert_string_equal(first.requirement, wanted);
	// From another place it is the same requirement.
	cleanup_free char *folder = xasprintf("%s/other", fixture.folder);
	cleanup_free char *moved = xasprintf("%s/thing-1.0-py3-none-any.whl", folder);
	assert_int_equal(dir_make(folder, 0755, &err), 0);
	assert_int_equal(rename(wheel, moved), 0);
	assert_int_equal(local_wheel_make(&fixture.work, moved, &again, &err), 0);
	assert_string_equal(first.requirement, again.requirement);
	fixture_close(&fixture);
}

static void test_refused(void **state)
{
	(void)state;
	struct work_fixture fixture;
	open_fixture(&fixture);
	const struct {
		const char *path;
		enum error_code code;
		const char *says;
	} table[] = {
		{"nothing.whl", ERROR_USAGE, "no such file or folder"},
		{"", ERROR_USAGE, "is no package"},
		{"log", ERROR_USAGE, "is no package"},
		{"thing.whl", ERROR_INPUT, "name-version"},
		{"thing-1.0-py3-none-any.whl/x", ERROR_USAGE, "no such file or folder"},
		{"thing-1.1-py3-none-any.whl", ERROR_INPUT, "not that of what is in it, thing 1.0"},
		{"other-1.0-py3-none-any.whl", ERROR_INPUT, "not that of what is in it, thing 1.0"},
		{"text-1.0-py3-none-any.whl", ERROR_INPUT, "text-1.0-py3-none-any.whl"},
	};
	cleanup_free char *wheel = xasprintf("%s/thing-1.0-py3-none-any.whl", fixture.folder);
	cleanup_free char *text = xasprintf("%s/text-1.0-py3-none-any.whl", fixture.folder);
	struct error err = ERROR_INIT;
	assert_int_equal(file_write_plain(text, "no zip", 6, &err), 0);
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		cleanup_free char *path = xasprintf("%s/%s", fixture.folder, table[i].path);
		cleanup_local_wheel struct local_wheel out;
		if (!file_exists(path) && table[i].code == ERROR_INPUT)
			assert_int_equal(link(wheel, path), 0);
		err = (struct error)ERROR_INIT;
		int status = local_wheel_make(&fixture.work, path, &out, &err);
		if (!status || err.code != table[i].code || !strstr(err.text, table[i].says))
			fail_msg("%s: %d, %s: %s", table[i].path, status, error_code_name(err.code), err.text);
	}
	fixture_close(&fixture);
}

static void test_nothing_is_left(void **state)
{
	(void)state;
	struct work_fixture fixture;
	struct error err = ERROR_INIT;
	struct log *log = log_new(LOG_ERROR, 2);
	open_fixture(&fixture);
	cleanup_free char *wheel = xasprintf("%s/thing-1.0-py3-none-any.whl", fixture.folder);
	cleanup_free char *folder = xasprintf("%s/dist", fixture.folder);
	struct wheel_index index = {0};
	struct dist dist;
	assert_int_equal(dist_write(&fixture.work, 0, wheel, &index, folder, &dist, &err), -1);
	assert_int_equal(err.code, ERROR_FAILED);
	assert_non_null(strstr(err.text, "thing@1.0 is not published"));
	assert_false(dir_exists(folder));
	int stop = 1;
	char *run = NULL;
	fixture.work.interrupted = &stop;
	assert_int_equal(inline_convert(&fixture.work, log, &run, &err), -1);
	assert_int_equal(err.code, ERROR_INTERRUPTED);
	assert_null(run);
	log_free(log);
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wheel),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_nothing_is_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
