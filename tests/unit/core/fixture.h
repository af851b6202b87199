// A temporary folder for each test, and faults that any user can make: a limit on file sizes, killed writers.
#ifndef TESTS_UNIT_CORE_FIXTURE_H
#define TESTS_UNIT_CORE_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/file.h"

#define assert_ok(call, err)                                   \
	do {                                                   \
		if ((call) != 0)                               \
			fail_msg("%s: %s", #call, (err).text); \
	} while (0)
#define assert_contains(text, part)                                          \
	do {                                                                 \
		if (!strstr((text), (part)))                                 \
			fail_msg("\"%s\" is not in \"%s\"", (part), (text)); \
	} while (0)

static inline int folder_setup(void **state)
{
	struct error err = ERROR_INIT;
	char *folder = NULL;
	signal(SIGXFSZ, SIG_IGN);
	if (dir_temporary("/tmp", "core", &folder, &err))
		return -1;
	*state = folder;
	return 0;
}

static inline int folder_teardown(void **state)
{
	struct error err = ERROR_INIT;
	int status = dir_remove_tree(*state, &err);
	if (status)
		print_error("%s\n", err.text);
	free(*state);
	return status;
}
#define folder_test(function) cmocka_unit_test_setup_teardown(function, folder_setup, folder_teardown)

static inline char *below(void **state, const char *name)
{
	return xasprintf("%s/%s", (const char *)*state, name);
}

static inline void assert_file_is(const char *path, const void *data, size_t length)
{
	struct error err = ERROR_INIT;
	cleanup_text struct text text = TEXT_INIT;
	assert_ok(file_read(path, 1 << 30, &text, &err), err);
	assert_int_equal(text.len, length);
	assert_true(!length || !memcmp(text.ptr, data, length));
}

static inline void assert_names(const char *folder, size_t expected)
{
	struct error err = ERROR_INIT;
	file_names names = VEC_INIT;
	assert_ok(dir_list(folder, &names, &err), err);
	assert_int_equal(names.count, expected);
	file_names_clear(&names);
}

// The soft limit of file sizes; returns the one before.
static inline rlim_t limit_file_size(rlim_t bytes)
{
	struct rlimit limit;
	getrlimit(RLIMIT_FSIZE, &limit);
	rlim_t before = limit.rlim_cur;
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	return before;
}

// First in a test that needs mount_small: skips it without the right to mount. The mounts are in a namespace of this
// process's own and vanish with it.
static inline void need_mounts(void)
{
	if (geteuid() != 0 || unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) {
		print_message("skipped: no right to mount a small file system\n");
		skip();
	}
}

static inline void mount_small(const char *folder, const char *options)
{
	assert_int_equal(mkdir(folder, 0755), 0);
	assert_int_equal(mount("tmpfs", folder, "tmpfs", 0, options), 0);
}

// The exit status of a child process that runs this; -1 when a signal ended it.
static inline int wait_for(pid_t pid)
{
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
#endif
