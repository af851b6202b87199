// Where requests may go and what goes with them: schemes, redirects, the peer, credentials, proxies, authorities.
#include "http_fixture.h"

#include <sys/mount.h>

// ---- where it may go -------------------------------------------------------------------------------------------------

static void test_schemes(void **state)
{
	(void)state;
	cleanup_http struct http *http = open_http((struct http_options){0});
	static const struct {
		const char *url;
		enum error_code code;
		const char *text;
	} rows[] = {
		{"http://198.51.100.7/simple/", ERROR_POLICY, "plain http"},
		{"http://index.example/simple/", ERROR_POLICY, "plain http"},
		{"http://localhost.example/", ERROR_POLICY, "plain http"},
		{"ftp://127.0.0.1/x", ERROR_POLICY, "only https"},
		{"file:///etc/passwd", ERROR_POLICY, "only https"},
		{"gopher://127.0.0.1/", ERROR_POLICY, "only https"},
		{"not a url", ERROR_INPUT, "not a URL"},
		{"https://user:s3cret@ho st/", ERROR_INPUT, "not a URL"},
		{"", ERROR_INPUT, "not a URL"},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct http_response r;
		struct error err;
		int64_t begun = now_milliseconds();
		assert_int_equal(ask(http, "", (struct http_request){.url = rows[i].url}, &r, &err), -1);
		if (err.code != rows[i].code)
			fail_msg("%s: %s", rows[i].url, err.text);
		assert_contains(err.text, rows[i].text);
		assert_null(strstr(err.text, "s3cret"));
		assert_in_range(now_milliseconds() - begun, 0, 5000);
	}
	assert_int_equal(http_statistics(http).requests, 0);
}

static void test_redirects(void **state)
{
	(void)state;
	cleanup_http struct http *http = open_http((struct http_options){0});
	struct http_response r;
	struct error err;
	static const char *const codes[] = {"301", "302", "303", "307", "308"};
	for (size_t i = 0; i < ARRAY_LENGTH(codes); i++) {
		cleanup_free char *path = xasprintf("/redirect?to=/file&code=%s", codes[i]);
		assert_ok(ask(http, path, (struct http_request){0}, &r, &err), err);
		assert_body(&r);
		assert_int_equal(r.tries, 1);
		cleanup_free char *final = url_of("/file");
		assert_string_equal(r.final_url, final);
		http_response_clear(&r);
	}
	static const struct {
		const char *to;
		enum error_code code;
	} bad[] = {
		{"ftp://127.0.0.1/x", ERROR_POLICY},    {"file:///etc/passwd", ERROR_POLICY},
		{"http://198.51.100.7/", ERROR_POLICY}, {"http://index.example/", ERROR_POLICY},
		{"gopher://127.0.0.1/", ERROR_POLICY},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
		cleanup_free char *path = xasprintf("/redirect?to=%s", bad[i].to);
		assert_int_equal(ask(http, path, (struct http_request){0}, &r, &err), -1);
		assert_int_equal(err.code, bad[i].code);
		assert_contains(err.text, "redirected");
	}
	assert_int_equal(ask(http, "/loop", (struct http_request){0}, &r, &err), -1);
	assert_contains(err.text, "more than 10");
	// A POST is not sent elsewhere: the caller sees the 3xx.
	assert_ok(
		ask(http, "/redirect?to=/echo", (struct http_request){.method = "POST", .body = SLICE("x")}, &r, &err),
		err);
	assert_answer(&r, 302, NULL);
	http_response_clear(&r);
	assert_ok(ask(http, "/redirect?to=/redirect%3Fto=/flaky/500/1/redirected", (struct http_request){0}, &r, &err),
		  err);
	assert_body(&r); // a try behind two redirects fails: the next one starts at the first URL again
	assert_int_equal(r.tries, 2);
	http_response_clear(&r);
	// What the caller says to one origin is not said to another.
	const char *const headers[] = {"X-Api-Key: s3cret", "Authorization: Bearer s3cret", "Accept: text/x-mine",
				       NULL};
	cleanup_free char *elsewhere = xasprintf("/redirect?to=http://localhost:%d/headers", server.port);
	assert_ok(ask(http, elsewhere, (struct http_request){.headers = headers}, &r, &err), err);
	assert_null(strstr(r.body.ptr, "s3cret"));
	assert_contains(r.body.ptr, "text/x-mine");
	http_response_clear(&r);
	assert_ok(ask(http, "/redirect?to=/headers", (struct http_request){.headers = headers}, &r, &err), err);
	assert_contains(r.body.ptr, "x-api-key: s3cret");
	http_response_clear(&r);
}

// A name that looks local and leads elsewhere is seen when the socket is made.
static void test_peer(void **state)
{
	cleanup_free char *hosts = below(state, "hosts");
	struct error err = ERROR_INIT;
	assert_ok(file_write_atomic(hosts, "192.0.2.1 127.example\n", 22, &err), err);
	pid_t pid = fork();
	if (pid == 0) {
		if (geteuid() || unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		    mount(hosts, "/etc/hosts", NULL, MS_BIND, NULL))
			_exit(77);
		struct http *http = open_http((struct http_options){.timeout = 3000});
		struct http_response r = {0};
		int status = http_fetch(http, &(struct http_request){.url = "http://127.example:80/"}, &r, &err);
		bool right = status && err.code == ERROR_POLICY && strstr(err.text, "leads elsewhere");
		if (!right)
			fprintf(stderr, "%d %s\n", (int)err.code, err.text);
		http_free(http);
		_exit(right ? 0 : 1);
	}
	int status = wait_for(pid);
	if (status == 77)
		skip();
	assert_int_equal(status, 0);
}

// ---- credentials and the environment ---------------------------------------------------------------------------------

static void test_credentials(void **state)
{
	cleanup_http struct http *http = open_http((struct http_options){.retries = -1});
	struct http_response r;
	struct error err;
	cleanup_free char *good = xasprintf("http://user:s3cret%%2F%%40@127.0.0.1:%d/auth?token=t0ken", server.port);
	cleanup_free char *gone = xasprintf("http://user:s3cret@127.0.0.1:%d/gone/9/auth?token=t0ken", server.port);
	assert_ok(ask(http, "", (struct http_request){.url = good}, &r, &err), err);
	assert_answer(&r, 200, "welcome");
	assert_null(strstr(r.final_url, "s3cret"));
	http_response_clear(&r);
	assert_int_equal(ask(http, "", (struct http_request){.url = gone}, &r, &err), -1);
	assert_contains(err.text, "/gone/9/auth");
	assert_null(strstr(err.text, "s3cret"));
	assert_null(strstr(err.text, "t0ken"));
	// Redirects: the same origin hears them again, another one does not.
	cleanup_free char *same = xasprintf("http://user:s3cret%%2F%%40@127.0.0.1:%d/redirect?to=/auth", server.port);
	cleanup_free char *other =
		xasprintf("http://user:s3cret%%2F%%40@127.0.0.1:%d/redirect?to=http://localhost:%d/auth", server.port,
			  server.port);
	assert_ok(ask(http, "", (struct http_request){.url = same}, &r, &err), err);
	assert_answer(&r, 200, "welcome");
	http_response_clear(&r);
	assert_ok(ask(http, "", (struct http_request){.url = other}, &r, &err), err);
	assert_answer(&r, 401, "");
	http_response_clear(&r);
	// From a netrc file, when the URL has none.
	assert_ok(ask(http, "/auth", (struct http_request){0}, &r, &err), err);
	assert_answer(&r, 401, "");
	http_response_clear(&r);
	cleanup_free char *netrc = below(state, "netrc");
	const char line[] = "machine 127.0.0.1 login user password s3cret/@\n";
	assert_ok(file_write_atomic(netrc, line, sizeof line - 1, &err), err);
	setenv("NETRC", netrc, 1);
	cleanup_http struct http *with_netrc = open_http((struct http_options){0});
	unsetenv("NETRC");
	assert_ok(ask(with_netrc, "/auth", (struct http_request){0}, &r, &err), err);
	assert_answer(&r, 200, "welcome");
	http_response_clear(&r);
	// A line break in a header would be a header of its own.
	const char *const split[] = {"X-A: b\r\nX-Evil: s3cret", NULL};
	assert_int_equal(ask(http, "/headers", (struct http_request){.headers = split}, &r, &err), -1);
	assert_int_equal(err.code, ERROR_INPUT);
	assert_null(strstr(err.text, "s3cret"));
}

static void test_proxy(void **state)
{
	(void)state;
	cleanup_free char *proxy = url_of("");
	setenv("https_proxy", proxy, 1);
	setenv("http_proxy", "http://127.0.0.1:9", 1); // nobody: http to this machine goes there directly
	cleanup_http struct http *http = open_http((struct http_options){.retries = -1});
	struct http_response r;
	struct error err;
	assert_int_equal(ask(http, "", (struct http_request){.url = "https://index.example/simple/"}, &r, &err), -1);
	assert_int_equal(err.code, ERROR_NETWORK);
	assert_ok(ask(http, "/proxied", (struct http_request){0}, &r, &err), err);
	assert_answer(&r, 200, "1");
	http_response_clear(&r);
	unsetenv("https_proxy");
	unsetenv("http_proxy");
}

static void test_settings(void **state)
{
	struct error err = ERROR_INIT;
	struct http *http = NULL;
	(void)state;
	setenv("REQUESTS_CA_BUNDLE", "/nonexistent/bundle.pem", 1);
	assert_int_equal(http_open(&(struct http_options){0}, &http, &err), -1);
	unsetenv("REQUESTS_CA_BUNDLE");
	assert_int_equal(err.code, ERROR_CONFIG);
	assert_contains(err.text, "REQUESTS_CA_BUNDLE=/nonexistent/bundle.pem");
}

static void test_nobody_there(void **state)
{
	(void)state;
	cleanup_http struct http *http = open_http((struct http_options){.retries = -1});
	struct http_response r;
	struct error err;
	assert_int_equal(ask(http, "", (struct http_request){.url = "http://127.0.0.1:1/simple/"}, &r, &err), -1);
	assert_int_equal(err.code, ERROR_NETWORK);
	assert_contains(err.text, "http://127.0.0.1:1/simple/: nobody answers");
	assert_int_equal(ask(http, "", (struct http_request){.url = "https://does-not-exist.invalid/"}, &r, &err), -1);
	assert_int_equal(err.code, ERROR_NETWORK);
	assert_contains(err.text, "does-not-exist.invalid");
}

// ---- TLS and HTTP/2 --------------------------------------------------------------------------------------------------

static void count_good(struct http *http, struct http_response *response, void *context)
{
	(void)http;
	*(int *)context += response->status == 200;
}

static void ask_tls(const struct server *tls, const char *authority, const char *plain_url)
{
	struct http_response r;
	struct error err = ERROR_INIT;
	cleanup_free char *proto = xasprintf("https://localhost:%d/proto", tls->port);
	cleanup_free char *counts = xasprintf("https://localhost:%d/counts", tls->port);
	cleanup_free char *cut = xasprintf("https://localhost:%d/abort", tls->port);
	cleanup_free char *down = xasprintf("https://localhost:%d/redirect?to=%s", tls->port, plain_url);
	// A stranger's certificate is refused, at once, with the way out.
	cleanup_http struct http *strict = open_http((struct http_options){0});
	assert_int_equal(ask(strict, "", (struct http_request){.url = proto}, &r, &err), -1);
	assert_contains(err.text, "SSL_CERT_FILE");
	assert_int_equal(http_statistics(strict).retries, 0);
	setenv("SSL_CERT_FILE", authority, 1);
	cleanup_http struct http *http = open_http((struct http_options){.retries = -1});
	unsetenv("SSL_CERT_FILE");
	assert_ok(ask(http, "", (struct http_request){.url = proto}, &r, &err), err);
	assert_answer(&r, 200, "HTTP/2.0");
	http_response_clear(&r);
	// 200 requests that take 100 ms each share one connection, 50 at a time.
	int good = 0;
	for (int i = 0; i < 200; i++) {
		cleanup_free char *url = xasprintf("https://localhost:%d/slow/%d", tls->port, i);
		http_add(http, &(struct http_request){.url = url, .done = count_good, .context = &good});
	}
	int64_t begun = now_milliseconds();
	assert_ok(http_run(http, &err), err);
	assert_in_range(now_milliseconds() - begun, 400, 15000); // one after the other: 20 s
	assert_int_equal(good, 200);
	assert_ok(ask(http, "", (struct http_request){.url = counts}, &r, &err), err);
	assert_answer(&r, 200, "2 50"); // connections: the refused one and this
	http_response_clear(&r);
	assert_int_equal(ask(http, "", (struct http_request){.url = cut}, &r, &err), -1);
	assert_contains(err.text, "cut off");
	// From https never to plain http, not even on this machine.
	assert_int_equal(ask(http, "", (struct http_request){.url = down}, &r, &err), -1);
	assert_int_equal(err.code, ERROR_POLICY);
	assert_contains(err.text, "from https to plain http");
}

static void test_tls(void **state)
{
	cleanup_free char *program = below(state, "http2_server"), *authority = below(state, "authority.pem");
	const char *const build[] = {"go", "build", "-o", program, "tests/support/http2_server.go", NULL};
	const char *const run[] = {program, authority, NULL};
	struct process_options options = {.argv = build, .environment = (const char *const *)environ};
	struct process_result result = {0};
	struct error err = ERROR_INIT;
	struct server tls;
	cleanup_free char *plain = url_of("/hello");
	assert_ok(process_run_ok(&options, &result, &err), err);
	process_result_clear(&result);
	assert_true(server_start(&tls, run, (const char *const *)environ));
	ask_tls(&tls, authority, plain);
	server_stop(&tls);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_schemes), cmocka_unit_test(test_redirects),    folder_test(test_peer),
		folder_test(test_credentials),  cmocka_unit_test(test_proxy),        cmocka_unit_test(test_settings),
		folder_test(test_tls),          cmocka_unit_test(test_nobody_there),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
