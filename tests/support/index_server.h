// For unit tests: starts tests/support/index_server.py and talks to it. Tests run in the repository's folder.
#ifndef TESTS_INDEX_SERVER_H
#define TESTS_INDEX_SERVER_H

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/file.h"
#include "core/http.h"
#include "core/process.h"

struct index_server {
	pid_t pid;
	int input; // the server ends when this closes
	int port;
	char *folder; // for caches, removed at the end
};

static inline struct index_server index_server_start(void)
{
	struct index_server server = {.pid = 0};
	const char *argv[] = {"python3", "tests/support/index_server.py", NULL};
	struct process_options options = {.argv = argv, .environment = (const char *const *)environ};
	struct error err = ERROR_INIT;
	int in[2], out[2];
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	if (process_start(&options, in[0], out[1], 2, &server.pid, &err))
		fail_msg("%s", err.text);
	close(in[0]);
	close(out[1]);
	char text[16] = "";
	for (size_t i = 0; i < sizeof text - 1 && read(out[0], text + i, 1) == 1 && text[i] != '\n'; i++)
		server.port = server.port * 10 + (text[i] - '0');
	close(out[0]);
	assert_true(server.port > 0);
	server.input = in[1];
	if (dir_temporary("/tmp", "gophersnake-test-", &server.folder, &err))
		fail_msg("%s", err.text);
	return server;
}

static inline void index_server_stop(struct index_server *server)
{
	struct error err = ERROR_INIT;
	close(server->input);
	waitpid(server->pid, NULL, 0);
	dir_remove_tree(server->folder, &err);
	free(server->folder);
}

static inline char *index_server_url(const struct index_server *server, const char *words, const char *rest)
{
	return xasprintf("http://127.0.0.1:%d/%s/%s", server->port, words, rest);
}

// What it was asked since the last look; sorted by nothing, one "GET /…" a line.
static inline char *index_server_log(const struct index_server *server)
{
	struct http *http = NULL;
	struct error err = ERROR_INIT;
	struct http_response response = {0};
	cleanup_free char *url = xasprintf("http://127.0.0.1:%d/-/log", server->port);
	struct http_request request = {.url = url};
	if (http_open(NULL, &http, &err) || http_fetch(http, &request, &response, &err))
		fail_msg("%s", err.text);
	char *log = xstrdup(text_str(&response.body));
	http_response_clear(&response);
	http_free(http);
	return log;
}

static inline size_t index_server_count(const char *log, const char *what)
{
	size_t count = 0;
	for (const char *at = log; (at = strstr(at, what)); at++)
		count++;
	return count;
}

#endif
