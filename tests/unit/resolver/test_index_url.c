// The index that pip uses: from the environment, from a configuration file, its own default; what is kept, and when not.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "resolver/resolve.h"

static char *folder, *cache, *config;

static char *asked(void)
{
	char *url = NULL;
	struct error err = ERROR_INIT;
	if (index_url_of_pip("python3", cache, &url, &err))
		fail_msg("%s", err.text);
	return url;
}

static void configure(const char *text)
{
	struct error err = ERROR_INIT;
	assert_int_equal(file_write_atomic(config, text, strlen(text), &err), 0);
}

static size_t kept(void)
{
	file_names names = VEC_INIT;
	struct error err = ERROR_INIT;
	assert_int_equal(dir_walk_files(cache, &names, &err), 0);
	size_t count = names.count;
	file_names_clear(&names);
	return count;
}

static void test_default(void **state)
{
	(void)state;
	configure("");
	cleanup_free char *url = asked();
	assert_int_equal(strncmp(url, "https://", 8), 0); // whatever it is, pip says so
	assert_int_equal(kept(), 1);
	cleanup_free char *again = asked();
	assert_string_equal(url, again);
	assert_int_equal(kept(), 1);
}

static void test_configured(void **state)
{
	(void)state;
	configure("[global]\nindex-url = https://one.invalid/simple\n");
	cleanup_free char *one = asked();
	assert_string_equal(one, "https://one.invalid/simple");
	configure("[global]\nindex-url = https://one.invalid/simple\n[install]\nindex-url = "
		  "https://another.invalid/simple/\n");
	cleanup_free char *two = asked(); // what was kept does not hide it
	assert_string_equal(two, "https://another.invalid/simple/");
	setenv("PIP_INDEX_URL", "http://127.0.0.1:1/x", 1);
	cleanup_free char *three = asked();
	assert_string_equal(three, "http://127.0.0.1:1/x");
	size_t before = kept();
	setenv("PIP_INDEX_URL", "https://user:secret@h.invalid/x", 1);
	cleanup_free char *four = asked();
	assert_string_equal(four, "https://user:secret@h.invalid/x");
	assert_int_equal(kept(), before); // passwords are not written down
	unsetenv("PIP_INDEX_URL");
	cleanup_free char *public = index_url_public(four);
	assert_string_equal(public, "https://h.invalid/x");
}

static void assert_refused(const char *python, enum error_code code, const char *says)
{
	char *url = NULL;
	struct error err = ERROR_INIT;
	assert_int_equal(index_url_of_pip(python, cache, &url, &err), -1);
	assert_null(url);
	if (err.code != code || !strstr(err.text, says))
		fail_msg("%s: %s", error_code_name(err.code), err.text);
}

static void test_refused(void **state)
{
	(void)state;
	configure("[global]\nno-index = true\n");
	assert_refused("python3", ERROR_CONFIG, "name one with --index");
	configure("[global]\nindex-url = ssh://u:p@h.invalid/x\n");
	assert_refused("python3", ERROR_CONFIG, "\"ssh://h.invalid/x\", which is no http, https or file URL");
	configure("no section\n");
	assert_refused("python3", ERROR_TOOL, "asking pip which index it uses (--index URL names one instead)");
	configure("");
	assert_refused("no-such-python", ERROR_TOOL, "no-such-python");
}

// A pip of the current folder is not the user's.
static void test_folder(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	char *before = getcwd(NULL, 0);
	cleanup_free char *package = xasprintf("%s/here/pip", folder);
	cleanup_free char *file = xasprintf("%s/__init__.py", package);
	assert_int_equal(dir_make(package, 0755, &err), 0);
	assert_int_equal(file_write_atomic(file, "raise SystemExit('taken over')\n", 31, &err), 0);
	cleanup_free char *here = xasprintf("%s/here", folder);
	assert_int_equal(chdir(here), 0);
	cleanup_free char *url = asked();
	assert_int_equal(strncmp(url, "https://", 8), 0);
	assert_int_equal(chdir(before), 0);
	free(before);
}

// A Python without pip has the wheel of it that ensurepip installs.
static void test_without_pip(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	cleanup_free char *bare = xasprintf("%s/bare-python", folder);
	static const char text[] = "#!/bin/sh\nexec python3 -I -S \"$@\"\n"; // no site-packages
	assert_int_equal(file_write_atomic(bare, text, sizeof text - 1, &err), 0);
	assert_int_equal(chmod(bare, 0755), 0);
	char *url = NULL;
	int status = index_url_of_pip(bare, cache, &url, &err);
	if (status) { // a distribution may leave the wheel out
		if (!strstr(err.text, "it has no pip"))
			fail_msg("%s", err.text);
	} else {
		assert_int_equal(strncmp(url, "https://", 8), 0);
	}
	free(url);
}

static int setup(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	if (dir_temporary("/tmp", "gophersnake-test-", &folder, &err))
		return -1;
	cache = xasprintf("%s/cache", folder);
	config = xasprintf("%s/pip.conf", folder);
	setenv("PIP_CONFIG_FILE", config, 1);
	unsetenv("PIP_INDEX_URL");
	return dir_make(cache, 0755, &err);
}

static int teardown(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	int status = dir_remove_tree(folder, &err);
	free(folder);
	free(cache);
	free(config);
	return status;
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_default), cmocka_unit_test(test_configured),
					   cmocka_unit_test(test_refused), cmocka_unit_test(test_folder),
					   cmocka_unit_test(test_without_pip)};
	return cmocka_run_group_tests(tests, setup, teardown);
}
