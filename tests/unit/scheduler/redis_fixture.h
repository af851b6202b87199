// A real redis-server for tests: in a temporary folder of its own, on a Unix
// socket, with the append-only file on. Killed and removed at the end.
#ifndef TESTS_REDIS_FIXTURE_H
#define TESTS_REDIS_FIXTURE_H

#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
// cmocka wants the headers above first
#include <cmocka.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"

struct redis_fixture {
	char folder[64], url[128], socket[96];
	const char *extra[16]; // further options, NULL-terminated
	pid_t pid;
	redisContext *raw; // of fixture_command
};

static inline void fixture_launch(struct redis_fixture *fixture)
{
	fixture->pid = fork();
	if (fixture->pid == 0) {
		const char *argv[40] = {"redis-server",
					"--port",
					"0",
					"--unixsocket",
					fixture->socket,
					"--dir",
					fixture->folder,
					"--appendonly",
					"yes",
					"--save",
					"",
					"--loglevel",
					"warning",
					"--logfile",
					"redis.log"};
		int count = 15;
		for (int i = 0; fixture->extra[i]; i++)
			argv[count++] = fixture->extra[i];
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	assert_true(fixture->pid > 0);
	for (int i = 0; i < 12000; i++) {
		redisContext *context = redisConnectUnix(fixture->socket);
		bool up = context && !context->err;
		redisReply *reply = up ? redisCommand(context, "PING") : NULL;
		up = reply && (reply->type != REDIS_REPLY_ERROR || strncmp(reply->str, "LOADING", 7));
		if (reply)
			freeReplyObject(reply);
		redisFree(context);
		if (up)
			return;
		usleep(5000);
	}
	fail_msg("redis-server did not start in %s", fixture->folder);
}

// extra: NULL-terminated pairs such as "--appendfsync", "always"
static inline void fixture_start(struct redis_fixture *fixture, const char *const *extra)
{
	*fixture = (struct redis_fixture){0};
	snprintf(fixture->folder, sizeof fixture->folder, "/tmp/scheduler-test-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	snprintf(fixture->socket, sizeof fixture->socket, "%s/s", fixture->folder);
	snprintf(fixture->url, sizeof fixture->url, "unix:%s", fixture->socket);
	for (int i = 0; extra && extra[i]; i++)
		fixture->extra[i] = extra[i];
	fixture_launch(fixture);
}

static inline void fixture_kill(struct redis_fixture *fixture)
{
	if (fixture->pid > 0) {
		kill(fixture->pid, SIGKILL);
		waitpid(fixture->pid, NULL, 0);
	}
	fixture->pid = 0;
	if (fixture->raw)
		redisFree(fixture->raw);
	fixture->raw = NULL;
	unlink(fixture->socket);
}

static inline void fixture_stop(struct redis_fixture *fixture)
{
	struct error err = ERROR_INIT;
	fixture_kill(fixture);
	assert_int_equal(dir_remove_tree(fixture->folder, &err), 0);
}

// One command beside the connection under test, its reply as text ("" for nil; the elements of an array with spaces between).
static inline char *fixture_command(struct redis_fixture *fixture, const char *format, ...)
{
	if (!fixture->raw)
		fixture->raw = redisConnectUnix(fixture->socket);
	assert_non_null(fixture->raw);
	assert_int_equal(fixture->raw->err, 0);
	va_list args;
	va_start(args, format);
	redisReply *reply = redisvCommand(fixture->raw, format, args);
	va_end(args);
	struct text out = TEXT_INIT;
	if (reply && reply->type == REDIS_REPLY_INTEGER)
		text_addf(&out, "%lld", reply->integer);
	else if (reply && reply->type == REDIS_REPLY_ARRAY)
		for (size_t i = 0; i < reply->elements; i++)
			text_addf(&out, "%s%s", i ? " " : "", reply->element[i]->str ? reply->element[i]->str : "");
	else if (reply && reply->str)
		text_add_bytes(&out, reply->str, reply->len);
	if (reply)
		freeReplyObject(reply);
	return text_steal(&out);
}

static inline void fixture_do(struct redis_fixture *fixture, const char *command)
{
	char *reply = fixture_command(fixture, command);
	free(reply);
}

static inline int64_t fixture_now(void) // milliseconds
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#define assert_ok(call)                                      \
	do {                                                 \
		if ((call) != 0)                             \
			fail_msg("%s: %s", #call, err.text); \
	} while (0)
#define assert_fails(call, code_wanted, words)                                                                       \
	do {                                                                                                         \
		err = (struct error)ERROR_INIT;                                                                      \
		assert_int_equal((call), -1);                                                                        \
		if (err.code != (code_wanted) || !strstr(err.text, (words)))                                         \
			fail_msg("%s: %s error \"%s\", expected \"%s\"", #call, error_code_name(err.code), err.text, \
				 (words));                                                                           \
	} while (0)

#endif
