// A server program of tests/support for the time of a group of tests, and short ways to ask it.
#ifndef TESTS_UNIT_CORE_HTTP_FIXTURE_H
#define TESTS_UNIT_CORE_HTTP_FIXTURE_H

#include "fixture.h"

#include "core/clock.h"
#include "core/digest.h"
#include "core/http.h"
#include "core/process.h"

struct server {
	pid_t pid;
	int input; // it ends when this is closed
	int port;
};

// false = the program cannot be run here.
static inline bool server_start(struct server *server, const char *const *argv, const char *const *environment)
{
	struct error err = ERROR_INIT;
	int in[2], out[2];
	char line[32] = "";
	size_t length = 0;
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	struct process_options options = {.argv = argv, .environment = environment};
	assert_ok(process_start(&options, in[0], out[1], 2, &server->pid, &err), err);
	close(in[0]);
	close(out[1]);
	server->input = in[1];
	while (length + 1 < sizeof line && read(out[0], line + length, 1) == 1 && line[length] != '\n')
		length++;
	close(out[0]);
	uint64_t port = 0;
	int bad = parse_u64((struct slice){line, length}, &port);
	server->port = (int)port;
	return !bad;
}

static inline void server_stop(struct server *server)
{
	close(server->input);
	waitpid(server->pid, NULL, 0);
}

static inline int64_t now_milliseconds(void)
{
	return system_clock.monotonic(system_clock.context);
}

// Variables that a developer's machine may have set must not reach the tests.
static inline void clean_environment(void)
{
	static const char *const names[] = {"http_proxy",     "https_proxy",   "HTTPS_PROXY", "all_proxy",
					    "ALL_PROXY",      "no_proxy",      "PIP_PROXY",   "REQUESTS_CA_BUNDLE",
					    "CURL_CA_BUNDLE", "SSL_CERT_FILE", "PIP_CERT",    "SSL_CERT_DIR",
					    "NETRC",          "NO_PROXY"};
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
		unsetenv(names[i]);
}

static inline struct http *open_http(struct http_options options)
{
	struct error err = ERROR_INIT;
	struct http *http = NULL;
	assert_ok(http_open(&options, &http, &err), err);
	return http;
}
DEFINE_CLEANUP(http)
#define cleanup_http cleanup_with(http_cleanup_impl)

// The answer must be this status and this text.
static inline void assert_answer(const struct http_response *response, long status, const char *text)
{
	if (response->failure.code)
		fail_msg("%s", response->failure.text);
	assert_int_equal(response->status, status);
	if (text)
		assert_string_equal(text_str(&response->body), text);
}
// ---- the server of tests/support/http_server.py ----------------------------------------------------------------------

static struct server server; // of the whole group; cmocka has no other way to share it

enum { BODY_BYTES = 10000 };

static inline void make_body(char *out)
{
	for (int i = 0; i < BODY_BYTES; i++)
		out[i] = (char)(i * 7 % 251);
}

static inline char *url_of(const char *path)
{
	return xasprintf("http://127.0.0.1:%d%s", server.port, path);
}

// One request; -1 when there was no answer.
static inline int ask(struct http *http, const char *path, struct http_request request, struct http_response *out,
		      struct error *err)
{
	cleanup_free char *url = url_of(path);
	*out = (struct http_response){0};
	*err = (struct error)ERROR_INIT;
	if (!request.url)
		request.url = url;
	return http_fetch(http, &request, out, err);
}

static inline void assert_body(const struct http_response *response)
{
	char expected[BODY_BYTES];
	make_body(expected);
	assert_int_equal(response->status, 200);
	assert_int_equal(response->body.len, BODY_BYTES);
	assert_memory_equal(response->body.ptr, expected, BODY_BYTES);
}

static inline int start(void **state)
{
	(void)state;
	const char *const argv[] = {"python3", "tests/support/http_server.py", NULL};
	cleanup_free char *path = xasprintf("PATH=%s", getenv("PATH"));
	const char *const environment[] = {path, NULL};
	clean_environment();
	return server_start(&server, argv, environment) ? 0 : -1;
}

static inline int stop(void **state)
{
	(void)state;
	server_stop(&server);
	return 0;
}

#endif
