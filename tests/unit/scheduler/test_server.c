// The private Redis with the real redis-server: start, share, kill, restart, stop, and what may stand in the way.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/file.h"
#include "scheduler/connection.h"
#include "scheduler/server.h"

struct fixture {
	char *folder; // of this test, with the runtime folder in it
	char *runtime;
	char *workspace;
};

static int make_fixture(void **state)
{
	struct error err = ERROR_INIT;
	struct fixture *fixture = xcalloc(1, sizeof *fixture);
	*state = fixture;
	if (dir_temporary("/tmp", "gophersnake-server", &fixture->folder, &err))
		return -1;
	fixture->runtime = xasprintf("%s/run", fixture->folder);
	fixture->workspace = xasprintf("%s/work", fixture->folder);
	return dir_make(fixture->runtime, 0700, &err) || setenv("XDG_RUNTIME_DIR", fixture->runtime, 1);
}

static int remove_fixture(void **state)
{
	struct error err = ERROR_INIT;
	struct fixture *fixture = *state;
	int status = redis_server_stop(fixture->workspace, &err);
	if (status)
		print_error("%s\n", err.text);
	status = dir_remove_tree(fixture->folder, &err) || status;
	free(fixture->folder);
	free(fixture->runtime);
	free(fixture->workspace);
	free(fixture);
	return status;
}

static char *get(const char *workspace, bool start)
{
	struct error err = ERROR_INIT;
	char *url = NULL;
	if (redis_server_get(workspace, start, &url, &err))
		fail_msg("%s", err.text);
	return url;
}

static void fail_to_get(const char *workspace, enum error_code code, const char *const *words)
{
	struct error err = ERROR_INIT;
	char *url = NULL;
	assert_int_equal(redis_server_get(workspace, true, &url, &err), -1);
	assert_null(url);
	for (; *words; words++)
		if (!strstr(err.text, *words))
			fail_msg("no \"%s\" in: %s", *words, err.text);
	assert_int_equal(err.code, code);
}

static void stop(const char *workspace)
{
	struct error err = ERROR_INIT;
	if (redis_server_stop(workspace, &err))
		fail_msg("%s", err.text);
}

// One command, its words separated by spaces, on a connection of its own; the answer as text.
static char *ask(const char *url, const char *words)
{
	struct error err = ERROR_INIT;
	struct connection *connection;
	cleanup_command struct command command = COMMAND_INIT;
	cleanup_reply redisReply *reply = NULL;
	struct slice rest = slice_of(words), word;
	while (slice_cut(&rest, ' ', &word))
		command_add_bytes(&command, word.ptr, word.len);
	if (connection_open(url, 0, &connection, &err) || connection_call(connection, &command, &reply, &err))
		fail_msg("%s", err.text);
	connection_free(connection);
	const redisReply *last = reply->type == REDIS_REPLY_ARRAY ? reply->element[reply->elements - 1] : reply;
	return last->type == REDIS_REPLY_INTEGER ? xasprintf("%lld", last->integer)
						 : xstrdup(last->str ? last->str : "");
}

static void check_answer(const char *url, const char *words, const char *wanted)
{
	cleanup_free char *answer = ask(url, words);
	assert_string_equal(answer, wanted);
}

static pid_t process_of(const char *url)
{
	cleanup_free char *info = ask(url, "INFO server");
	return (pid_t)strtol(strstr(info, "process_id:") + strlen("process_id:"), NULL, 10);
}

// Gone, or a zombie that waits for an init that does not care.
static bool is_running(pid_t pid)
{
	cleanup_free char *path = xasprintf("/proc/%d/stat", (int)pid);
	cleanup_text struct text stat = TEXT_INIT;
	return !file_read(path, 4096, &stat, NULL) && !strstr(text_str(&stat), ") Z ");
}

static void kill_and_wait(pid_t pid)
{
	kill(pid, SIGKILL);
	for (int i = 0; i < 12000 && is_running(pid); i++)
		usleep(5000);
	assert_false(is_running(pid));
}

static void test_absent(void **state)
{
	struct fixture *fixture = *state;
	assert_null(get(fixture->workspace, false));
	stop(fixture->workspace);
	assert_false(dir_exists(fixture->workspace)); // looking makes nothing
}

static void test_start_share_stop(void **state)
{
	struct fixture *fixture = *state;
	struct error err = ERROR_INIT;
	struct stat info;
	cleanup_free char *url = get(fixture->workspace, true), *again = get(fixture->workspace, true);
	cleanup_free char *looked = get(fixture->workspace, false),
			  *sockets = xasprintf("%s/gophersnake", fixture->runtime);
	assert_string_equal(url, again);
	assert_string_equal(url, looked);
	assert_true(slice_starts(slice_of(url + strlen("unix:")), sockets));
	assert_true(strlen(url) < 107 + strlen("unix:"));
	assert_int_equal(stat(sockets, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0700);
	assert_int_equal(stat(url + strlen("unix:"), &info), 0);
	assert_int_equal(info.st_mode & 0777, 0700);

	cleanup_free char *data = xasprintf("%s/redis", fixture->workspace);
	check_answer(url, "CONFIG GET port", "0");
	check_answer(url, "CONFIG GET appendonly", "yes");
	check_answer(url, "CONFIG GET appendfsync", "always");
	check_answer(url, "CONFIG GET maxmemory-policy", "noeviction");
	check_answer(url, "CONFIG GET dir", data);
	pid_t pid = process_of(url);
	assert_int_equal(getsid(pid), pid); // a session of its own

	// Others are connected: stop does nothing.
	struct connection *other;
	assert_int_equal(connection_open(url, 0, &other, &err), 0);
	stop(fixture->workspace);
	assert_int_equal(process_of(url), pid);
	connection_free(other);
	check_answer(url, "SET key value", "OK");
	stop(fixture->workspace);
	assert_false(is_running(pid));
	assert_null(get(fixture->workspace, false));
	stop(fixture->workspace);

	cleanup_free char *restarted = get(fixture->workspace, true);
	check_answer(restarted, "GET key", "value");
}

static void test_killed(void **state)
{
	struct fixture *fixture = *state;
	for (int round = 0; round < 3; round++) {
		cleanup_free char *url = get(fixture->workspace, true);
		cleanup_free char *number = xasprintf("%d", round + 1);
		check_answer(url, "INCR rounds", number);
		kill_and_wait(process_of(url));
		assert_true(file_exists(url + strlen("unix:")) || !access(url + strlen("unix:"), F_OK)); // stale
		assert_null(get(fixture->workspace, false));
	}
}

static void test_race(void **state)
{
	struct fixture *fixture = *state;
	enum { STARTERS = 8, ROUNDS = 3 };
	for (int round = 0; round < ROUNDS; round++) {
		int ends[2];
		pid_t starters[STARTERS];
		assert_int_equal(pipe(ends), 0);
		for (int i = 0; i < STARTERS; i++)
			if (!(starters[i] = fork())) {
				struct error err = ERROR_INIT;
				char *url;
				if (redis_server_get(fixture->workspace, true, &url, &err)) {
					print_error("%s\n", err.text);
					_exit(1);
				}
				pid_t pid = process_of(url);
				_exit(write(ends[1], &pid, sizeof pid) != sizeof pid);
			}
		pid_t first = 0;
		for (int i = 0; i < STARTERS; i++) {
			int status;
			pid_t pid;
			assert_int_equal(waitpid(starters[i], &status, 0), starters[i]);
			assert_int_equal(status, 0);
			assert_int_equal(read(ends[0], &pid, sizeof pid), sizeof pid);
			first = first ? first : pid;
			assert_int_equal(pid, first);
		}
		close(ends[0]);
		close(ends[1]);
		if (round % 2)
			stop(fixture->workspace);
		else
			kill_and_wait(first);
	}
}

// Ctrl-C goes to the whole foreground group of the terminal.
static void test_outlives_its_starter(void **state)
{
	struct fixture *fixture = *state;
	int ends[2], status;
	char byte;
	assert_int_equal(pipe(ends), 0);
	pid_t starter = fork();
	if (!starter) {
		setsid();
		char *url;
		if (redis_server_get(fixture->workspace, true, &url, NULL) || write(ends[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ends[0], &byte, 1), 1);
	kill(-starter, SIGINT);
	kill(-starter, SIGHUP);
	assert_int_equal(waitpid(starter, &status, 0), starter);
	assert_true(WIFSIGNALED(status));
	cleanup_free char *url = get(fixture->workspace, false);
	assert_non_null(url);
	check_answer(url, "PING", "PONG");
	close(ends[0]);
	close(ends[1]);
}

static char *data_file(const struct fixture *fixture, const char *ending)
{
	struct error err = ERROR_INIT;
	cleanup_free char *folder = xasprintf("%s/redis/appendonlydir", fixture->workspace);
	file_names names = VEC_INIT;
	char *found = NULL;
	assert_int_equal(dir_list(folder, &names, &err), 0);
	vec_each (&names, name)
		if (slice_ends(slice_of(*name), ending)) {
			free(found);
			found = xasprintf("%s/%s", folder, *name);
		}
	file_names_clear(&names);
	assert_non_null(found);
	return found;
}

static void test_torn_tail(void **state)
{
	struct fixture *fixture = *state;
	struct error err = ERROR_INIT;
	cleanup_free char *url = get(fixture->workspace, true);
	check_answer(url, "SET key value", "OK");
	kill_and_wait(process_of(url));
	cleanup_free char *file = data_file(fixture, ".incr.aof");
	assert_int_equal(file_append_durable(file, "*3\r\n$3\r\nSET\r\n$3\r\nk", 18, &err), 0);
	cleanup_free char *again = get(fixture->workspace, true);
	check_answer(again, "GET key", "value");
}

static void overwrite(const char *path, const char *bytes)
{
	int fd = open(path, O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, strlen(bytes)), strlen(bytes));
	close(fd);
}

static void test_damaged(void **state)
{
	struct fixture *fixture = *state;
	struct error err = ERROR_INIT;
	static const char *const files[] = {".base.rdb", ".incr.aof", ".manifest", ".base.rdb"};
	cleanup_free char *data = xasprintf("%s/redis", fixture->workspace);
	const char *const words[] = {"damaged", data, "delete it", "run the same command again", NULL};
	for (size_t i = 0; i < ARRAY_LENGTH(files); i++) {
		cleanup_free char *url = get(fixture->workspace, true);
		for (int n = 0; n < 50; n++)
			free(ask(url, "INCR key"));
		kill_and_wait(process_of(url));
		cleanup_free char *file = data_file(fixture, files[i]);
		if (i < ARRAY_LENGTH(files) - 1)
			overwrite(file, "these are no data of a Redis, but something else");
		else
			assert_int_equal(unlink(file), 0);
		fail_to_get(fixture->workspace, ERROR_REDIS, words);
		assert_null(get(fixture->workspace, false));
		assert_int_equal(dir_remove_tree(data, &err), 0); // as it says
	}
	free(get(fixture->workspace, true));
}

static void test_folder_removed_under_it(void **state)
{
	struct fixture *fixture = *state;
	struct error err = ERROR_INIT;
	cleanup_free char *url = get(fixture->workspace, true), *data = xasprintf("%s/redis", fixture->workspace);
	pid_t orphan = process_of(url);
	check_answer(url, "SET key old", "OK");
	assert_int_equal(dir_remove_tree(data, &err), 0);
	assert_null(get(fixture->workspace, false));
	cleanup_free char *again = get(fixture->workspace, true);
	check_answer(again, "GET key", "");
	for (int i = 0; i < 6000 && is_running(orphan); i++)
		usleep(10000);
	assert_false(is_running(orphan));
	check_answer(again, "PING", "PONG"); // the orphan's end did not take the socket away
	pid_t fresh = process_of(again);
	assert_int_not_equal(fresh, orphan);
	// A whole workspace that comes again.
	assert_int_equal(dir_remove_tree(fixture->workspace, &err), 0);
	cleanup_free char *third = get(fixture->workspace, true);
	check_answer(third, "PING", "PONG");
	assert_false(is_running(fresh));
}

static void test_paths(void **state)
{
	struct fixture *fixture = *state;
	struct error err = ERROR_INIT;
	cleanup_free char *link = xasprintf("%s/link", fixture->folder);
	cleanup_free char *url = get(fixture->workspace, true);
	assert_int_equal(symlink("work", link), 0);
	cleanup_free char *through_link = get(link, true);
	assert_string_equal(url, through_link);

	// Far longer than a socket's path, with bytes that a configuration file would misread.
	cleanup_text struct text deep = TEXT_INIT;
	text_addf(&deep, "%s/a \"b\" 'c' \\x #$é", fixture->folder);
	while (deep.len < 400)
		text_add(&deep, "/one more folder");
	cleanup_free char *other = get(text_str(&deep), true);
	assert_string_not_equal(url, other);
	check_answer(other, "PING", "PONG");
	stop(text_str(&deep));

	// A command with another environment (cron has no XDG_RUNTIME_DIR) finds the same server.
	unsetenv("XDG_RUNTIME_DIR");
	cleanup_free char *from_cron = get(fixture->workspace, true);
	assert_string_equal(url, from_cron);
	stop(fixture->workspace);
	cleanup_free char *in_tmp = get(fixture->workspace, true);
	cleanup_free char *wanted = xasprintf("unix:/tmp/gophersnake-%d/", (int)geteuid());
	assert_true(slice_starts(slice_of(in_tmp), wanted));
	stop(fixture->workspace);

	// No folder of ours, or not a private one, is passed over; so is one with a path too long.
	cleanup_free char *open_to_all = xasprintf("%s/open", fixture->folder),
			  *name = xasprintf("%s/%0100d", fixture->folder, 1);
	assert_int_equal(mkdir(open_to_all, 0755), 0);
	assert_int_equal(dir_make(name, 0700, &err), 0);
	const char *const unusable[] = {open_to_all, "/nowhere", "run", "", name};
	for (size_t i = 0; i < ARRAY_LENGTH(unusable); i++) {
		setenv("XDG_RUNTIME_DIR", unusable[i], 1);
		cleanup_free char *there = get(fixture->workspace, true);
		assert_string_equal(there, in_tmp);
		stop(fixture->workspace);
	}
}

static void test_runtime_folder_of_another(void **state)
{
	struct fixture *fixture = *state;
	cleanup_free char *sockets = xasprintf("%s/gophersnake", fixture->runtime);
	const char *const words[] = {sockets, "only you can enter", "XDG_RUNTIME_DIR", NULL};
	assert_int_equal(mkdir(sockets, 0777), 0);
	assert_int_equal(chmod(sockets, 0777), 0);
	fail_to_get(fixture->workspace, ERROR_REDIS, words);
	assert_int_equal(rmdir(sockets), 0);
	assert_int_equal(symlink(fixture->folder, sockets), 0);
	fail_to_get(fixture->workspace, ERROR_REDIS, words);
	assert_int_equal(unlink(sockets), 0);
	if (geteuid())
		skip();
	assert_int_equal(mkdir(sockets, 0700), 0);
	assert_int_equal(chown(sockets, 65534, 65534), 0);
	fail_to_get(fixture->workspace, ERROR_REDIS, words);
}

static void test_no_program(void **state)
{
	struct fixture *fixture = *state;
	const char *const words[] = {"no redis-server on PATH", "--redis URL", NULL};
	cleanup_free char *path = xstrdup(getenv("PATH"));
	unsetenv("GOPHERSNAKE_PATH");
	setenv("PATH", fixture->runtime, 1);
	fail_to_get(fixture->workspace, ERROR_REDIS, words);
	setenv("PATH", path, 1);
	free(get(fixture->workspace, true));
}

// A redis-server that ends at once, and one that is too old for our configuration.
static void test_broken_program(void **state)
{
	struct fixture *fixture = *state;
	struct error err = ERROR_INIT;
	cleanup_free char *program = xasprintf("%s/redis-server", fixture->runtime);
	cleanup_free char *path = xasprintf("%s:%s", fixture->runtime, getenv("PATH")),
			  *before = xstrdup(getenv("PATH"));
	static const char dies[] = "#!/bin/sh\necho cannot do it >&2\nexit 1\n";
	static const char old[] = "#!/bin/sh\necho '*** FATAL CONFIG FILE ERROR (Redis 6.0.16) ***' >&2\nexit 1\n";
	const char *const words[] = {"ended at once", "redis.log", "cannot do it", NULL};
	const char *const old_words[] = {"Redis 7.0 or later is needed", NULL};
	setenv("PATH", path, 1);
	assert_int_equal(file_write_atomic(program, dies, strlen(dies), &err), 0);
	assert_int_equal(chmod(program, 0755), 0);
	fail_to_get(fixture->workspace, ERROR_REDIS, words);
	assert_int_equal(file_write_atomic(program, old, strlen(old), &err), 0);
	assert_int_equal(chmod(program, 0755), 0);
	fail_to_get(fixture->workspace, ERROR_REDIS, old_words);
	setenv("PATH", before, 1);
}

// On a small file system of its own, when we may mount one.
static int start_on_full_disk(const struct fixture *fixture)
{
	struct error err = ERROR_INIT;
	char *url;
	if (mkdir(fixture->workspace, 0700) || unshare(CLONE_NEWNS) ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", fixture->workspace, "tmpfs", 0, "size=64k"))
		return 77;
	for (int room = 0; room <= 16; room += 4) {
		// All but so many KiB are taken.
		cleanup_free char *filler = xasprintf("%s/filler", fixture->workspace);
		cleanup_free char *data = xasprintf("%s/redis", fixture->workspace), *bytes = xcalloc(64 * 1024, 1);
		int fd = open(filler, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		(void)!write(fd, bytes, (size_t)(64 - room) * 1024);
		close(fd);
		int status = redis_server_get(fixture->workspace, true, &url, &err);
		if (!status || err.code != ERROR_WORKSPACE || !strstr(err.text, fixture->workspace)) {
			print_error("%d KiB: %d %d %s\n", room, status, err.code, status ? err.text : url);
			return 1;
		}
		print_message("%s\n", err.text);
		unlink(filler);
		dir_remove_tree(data, &err);
	}
	return 0;
}

static void test_full_disk(void **state)
{
	struct fixture *fixture = *state;
	int status;
	pid_t child = fork();
	if (!child)
		_exit(start_on_full_disk(fixture));
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

// Answers nothing: stopped, as by a debugger. Clear words, and not for ever.
static void test_silent(void **state)
{
	struct fixture *fixture = *state;
	struct error err = ERROR_INIT;
	char *none = NULL;
	cleanup_free char *url = get(fixture->workspace, true);
	pid_t pid = process_of(url);
	cleanup_free char *number = xasprintf("process %d", (int)pid);
	kill(pid, SIGSTOP);
	int64_t begin = system_clock.monotonic(system_clock.context);
	int status = redis_server_get(fixture->workspace, false, &none, &err);
	int64_t spent = system_clock.monotonic(system_clock.context) - begin;
	kill(pid, SIGCONT);
	assert_int_equal(status, -1);
	assert_non_null(strstr(err.text, number));
	assert_non_null(strstr(err.text, "does not answer"));
	assert_true(spent < 40000);
}

#define server_test(function) cmocka_unit_test_setup_teardown(function, make_fixture, remove_fixture)

int main(void)
{
	const struct CMUnitTest tests[] = {
		server_test(test_absent),
		server_test(test_start_share_stop),
		server_test(test_killed),
		server_test(test_race),
		server_test(test_outlives_its_starter),
		server_test(test_torn_tail),
		server_test(test_damaged),
		server_test(test_folder_removed_under_it),
		server_test(test_paths),
		server_test(test_runtime_folder_of_another),
		server_test(test_no_program),
		server_test(test_broken_program),
		server_test(test_full_disk),
		server_test(test_silent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
