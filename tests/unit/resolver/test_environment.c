// The environment of a real interpreter, and of programs that are none.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/file.h"
#include "resolver/resolve.h"

static char *folder;

static char *script(const char *name, const char *text)
{
	struct error err = ERROR_INIT;
	char *path = xasprintf("%s/%s", folder, name);
	assert_int_equal(file_write_atomic(path, text, strlen(text), &err), 0);
	assert_int_equal(chmod(path, 0755), 0);
	return path;
}

static void test_python(void **state)
{
	(void)state;
	struct environment e = {0};
	struct error err = ERROR_INIT;
	struct utsname name;
	if (environment_of_python("python3", &e, &err))
		fail_msg("%s", err.text);
	assert_int_equal(uname(&name), 0);
	assert_string_equal(e.sys_platform, "linux");
	assert_string_equal(e.platform_system, "Linux");
	assert_string_equal(e.platform_machine, name.machine);
	assert_string_equal(e.platform_release, name.release);
	assert_string_equal(e.os_name, "posix");
	assert_string_equal(e.implementation_name, "cpython");
	assert_string_equal(e.platform_python_implementation, "CPython");
	assert_int_equal(strncmp(e.python_full_version, e.python_version, strlen(e.python_version)), 0);
	assert_string_equal(e.implementation_version, e.python_full_version);
	assert_true(e.tags.count > 100);
	assert_int_equal(strncmp(e.tags.items[0], "cp3", 3), 0);
	environment_clear(&e);
}

static void test_others(void **state)
{
	(void)state;
	static const struct {
		const char *name, *text, *says;
	} table[] = {
		{"silent", "#!/bin/sh\n", "does not answer as a Python does"},
		{"broken", "#!/bin/sh\necho no such encodings >&2\nexit 1\n", "no such encodings"},
		{"old",
		 "#!/bin/sh\nprintf "
		 "'python_full_version=3.7.1\\nsys_platform=linux\\nimplementation_name=cpython\\nmajor=3\\nminor=7\\n'"
		 "\n",
		 "3.8 or later is needed"},
		{"pypy",
		 "#!/bin/sh\nprintf 'python_full_version=3.10.1\\nsys_platform=linux\\nimplementation_name=pypy\\n'\n",
		 "CPython is needed"},
		{"mac",
		 "#!/bin/sh\nprintf "
		 "'python_full_version=3.12.1\\nsys_platform=darwin\\nimplementation_name=cpython\\nmajor=3\\nminor="
		 "12\\n'\n",
		 "only Linux is supported"},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		struct environment e = {0};
		struct error err = ERROR_INIT;
		cleanup_free char *path = script(table[i].name, table[i].text);
		assert_int_equal(environment_of_python(path, &e, &err), -1);
		assert_int_equal(err.code, ERROR_TOOL);
		if (!strstr(err.text, table[i].says))
			fail_msg("%s: %s", table[i].name, err.text);
	}
	struct environment e = {0};
	struct error err = ERROR_INIT;
	assert_int_equal(environment_of_python("no-such-python", &e, &err), -1);
	assert_int_equal(err.code, ERROR_TOOL);
	assert_non_null(strstr(err.text, "no-such-python"));
}

// Free-threaded, with musl, 32 bits on a 64-bit kernel.
static void test_tags(void **state)
{
	(void)state;
	static const struct {
		const char *more, *first;
		bool manylinux;
	} table[] = {{"flags=t\nlibc=glibc 2.36\nbits=64", "cp313-cp313t-linux_x86_64", true},
		     {"libc=\nbits=64", "cp313-cp313-linux_x86_64", false},
		     {"libc=glibc 2.36\nbits=32", "cp313-cp313-linux_i686", true}};
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		struct environment e = {0};
		struct error err = ERROR_INIT;
		cleanup_free char *text =
			xasprintf("#!/bin/sh\ncat <<EOF\npython_full_version=3.13.1\nsys_platform=linux\n"
				  "implementation_name=cpython\nplatform_machine=x86_64\nmajor=3\nminor=13\n%s\nEOF\n",
				  table[i].more);
		cleanup_free char *path = script("tags", text);
		if (environment_of_python(path, &e, &err))
			fail_msg("%s", err.text);
		assert_string_equal(e.tags.items[0], table[i].first);
		bool found = false;
		vec_each (&e.tags, tag)
			found |= strstr(*tag, "manylinux") != NULL;
		assert_int_equal(found, table[i].manylinux);
		environment_clear(&e);
	}
}

static int setup(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	return dir_temporary("/tmp", "gophersnake-test-", &folder, &err);
}

static int teardown(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	int status = dir_remove_tree(folder, &err);
	free(folder);
	return status;
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_python), cmocka_unit_test(test_others),
					   cmocka_unit_test(test_tags)};
	return cmocka_run_group_tests(tests, setup, teardown);
}
