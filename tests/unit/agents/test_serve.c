// Serve: what it makes of paths, Accept, Range and conditions, that nothing outside the registry can be reached, and that an
// answer that is under way comes to its end when the server stops.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agents/serve/request.h"
#include "agents/serve/routes.h"
#include "agents/serve/server.h"
#include "core/file.h"

// ---- parsers ---------------------------------------------------------------------------------------------------------

static void check_path(const char *target, int status, const char *path)
{
	cleanup_text struct text out = TEXT_INIT;
	assert_int_equal(request_path(slice_of(target), &out), status);
	if (!status)
		assert_string_equal(text_str(&out), path);
}

static void test_paths(void **state)
{
	(void)state;
	check_path("/", 0, "");
	check_path("/simple/a/?x=/../y", 0, "simple/a/");
	check_path("/simple/files/a%2Bgo.0%20.whl", 0, "simple/files/a+go.0 .whl");
	check_path("http://host:1/go/x", 0, "go/x");
	check_path("HTTP://host", 0, "");
	check_path("/go/!upper/@v/list", 0, "go/!upper/@v/list");
	check_path("/go/../x", 404, "");
	check_path("/go/%2e%2E/x", 404, "");
	check_path("/go/%2e%2e%2fx", 404, "");
	check_path("/.", 404, "");
	check_path("/simple/.tmp-1", 404, "");
	check_path("//simple/", 400, "");
	check_path("/a//b", 400, "");
	check_path("/a%00b", 400, "");
	check_path("/a%0ab", 400, "");
	check_path("/a%2", 400, "");
	check_path("/a%zz", 400, "");
	check_path("simple/", 400, "");
	check_path("", 400, "");
	check_path("*", 400, "");
	cleanup_free char *longest = xmalloc(4099);
	memset(longest, 'a', 4098);
	longest[0] = '/';
	longest[4098] = '\0';
	check_path(longest, 400, "");
	longest[4096] = '\0';
	check_path(longest, 0, longest + 1);
}

static void check_accept(const char *header, int wanted)
{
	static const char *const offers[] = {"text/html", "application/vnd.pypi.simple.v1+json",
					     "application/vnd.pypi.simple.v1+html"};
	int chosen = request_accept(header, offers, ARRAY_LENGTH(offers));
	if (chosen != wanted)
		fail_msg("%s: %d, not %d", header ? header : "(none)", chosen, wanted);
}

static void test_accept(void **state)
{
	(void)state;
	check_accept(NULL, 0);
	check_accept("  ", 0);
	check_accept("*/*", 0);
	check_accept(
		"application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01",
		1);
	check_accept("application/vnd.pypi.simple.v1+html;q=0.2,text/html;q=0.01", 2);
	check_accept("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 0);
	check_accept("Application/VND.pypi.simple.v1+JSON", 1);
	check_accept("application/*", 1);
	check_accept("*/*;q=0.5, text/*;q=0.4, application/vnd.pypi.simple.v1+json;q=0",
		     2); // the most exact range decides
	check_accept("text/html;level=1;Q=0.3, application/vnd.pypi.simple.v1+json;q=0.301", 1);
	check_accept("text/html;q=0", -1);
	check_accept("image/png", -1);
	check_accept("text/html;q=2, text/html;q=x, text/html;q=0.1234, ;q=1, ,", -1); // malformed: absent
	check_accept("text/plain;x=\"a,text/html\"", -1);
}

static void check_range(const char *header, uint64_t size, enum request_range wanted, uint64_t first, uint64_t length)
{
	uint64_t found_first = 0, found_length = 0;
	if (request_range(header, size, &found_first, &found_length) != wanted || found_first != first ||
	    found_length != length)
		fail_msg("%s of %llu", header, (unsigned long long)size);
}

static void test_ranges(void **state)
{
	(void)state;
	check_range(NULL, 10, RANGE_WHOLE, 0, 0);
	check_range("bytes=0-0", 10, RANGE_PART, 0, 1);
	check_range("bytes=3-", 10, RANGE_PART, 3, 7);
	check_range("Bytes= 3 - 99 ", 10, RANGE_PART, 3, 7);
	check_range("bytes=-4", 10, RANGE_PART, 6, 4);
	check_range("bytes=-40", 10, RANGE_PART, 0, 10);
	check_range("bytes=9-18446744073709551615", 10, RANGE_PART, 9, 1);
	check_range("bytes=10-", 10, RANGE_UNSATISFIABLE, 0, 0);
	check_range("bytes=-0", 10, RANGE_UNSATISFIABLE, 0, 0);
	check_range("bytes=0-", 0, RANGE_UNSATISFIABLE, 0, 0);
	check_range("bytes=5-4", 10, RANGE_WHOLE, 0, 0);
	check_range("bytes=0-1,3-4", 10, RANGE_WHOLE, 0, 0);
	check_range("bytes=-", 10, RANGE_WHOLE, 0, 0);
	check_range("bytes=", 10, RANGE_WHOLE, 0, 0);
	check_range("bytes=1-18446744073709551616", 10, RANGE_WHOLE, 0, 0);
	check_range("lines=1-2", 10, RANGE_WHOLE, 0, 0);
}

static void test_entity_tags(void **state)
{
	(void)state;
	assert_true(request_has_etag("\"a\"", "\"a\"", false));
	assert_true(request_has_etag(" \"x,y\" , W/\"a\"", "\"a\"", true));
	assert_true(request_has_etag("*", "\"a\"", true));
	assert_false(request_has_etag("W/\"a\"", "\"a\"", false));
	assert_false(request_has_etag("\"b\", a", "\"a\"", true));
	assert_false(request_has_etag("", "\"a\"", true));
}

// ---- routes ----------------------------------------------------------------------------------------------------------

static char folder[] = "/tmp/gophersnake-serve-XXXXXX";

static void put(const char *path, const char *text)
{
	struct error err = ERROR_INIT;
	cleanup_free char *whole = xasprintf("%s/%s", folder, path);
	if (file_write_plain(whole, text, strlen(text), &err))
		fail_msg("%s", err.text);
}

static int set_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	put("secret.zip", "secret");
	put("registry/ledger/a/v1.zip", "ledger");
	put("registry/go/h/py-a/@v/list", "v1\n");
	put("registry/go/h/py-a/@v/v1.zip", "zip");
	put("registry/go/h/py-a/@v/notes", "notes");
	put("registry/simple/index.html", "root");
	put("registry/simple/a-b/index.html", "page");
	put("registry/simple/a-b/index.json", "{}");
	put("registry/simple/files/a.whl", "wheel");
	put("registry/simple/files/a.whl.metadata", "Name: a\n");
	cleanup_free char *link = xasprintf("%s/registry/go/h/link.zip", folder);
	cleanup_free char *away = xasprintf("%s/registry/go/away", folder);
	cleanup_free char *pipe = xasprintf("%s/registry/go/h/pipe.zip", folder);
	return symlink("../../../secret.zip", link) || symlink("../..", away) || mkfifo(pipe, 0600) ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	return dir_remove_tree(folder, &err);
}

// text: how the answer begins.
static void check_route(const char *path, const char *accept, int status, const char *type, const char *text)
{
	cleanup_free char *registry = xasprintf("%s/registry", folder);
	cleanup_fd int fd = open(registry, O_RDONLY | O_DIRECTORY);
	cleanup_with(serve_answer_clear) struct serve_answer answer = {.fd = -1};
	char bytes[64] = "";
	struct serve_request request = {.registry = fd, .path = slice_of(path), .accept = accept};
	serve_route(&request, &answer);
	if (answer.fd >= 0)
		assert_true(read(answer.fd, bytes, sizeof bytes - 1) >= 0);
	else
		snprintf(bytes, sizeof bytes, "%s", text_str(&answer.text));
	if (answer.status != status || strcmp(answer.type, type) || strncmp(bytes, text, strlen(text)))
		fail_msg("%s: %d %s %s", path, answer.status, answer.type, bytes);
	if (status == 301)
		assert_string_equal(answer.location, text + strlen("301: it is at "));
}

static void test_routes(void **state)
{
	(void)state;
	static const char plain[] = "text/plain; charset=utf-8", html[] = "text/html; charset=utf-8",
			  json[] = "application/vnd.pypi.simple.v1+json";
	check_route("", NULL, 200, plain, "A registry");
	check_route("go/h/py-a/@v/list", NULL, 200, plain, "v1\n");
	check_route("go/h/py-a/@v/v1.zip", NULL, 200, "application/zip", "zip");
	check_route("go/h/py-a/@v/v2.zip", NULL, 404, plain, "404: /go/h/py-a/@v/v2.zip is not here");
	check_route("go/h/py-a/@v/notes", NULL, 404, plain, "404");
	check_route("go/h/py-a/@v/", NULL, 404, plain, "404");
	check_route("simple/", NULL, 200, html, "root");
	check_route("simple/", json, 404, plain, "404"); // a damaged index: nothing else is given for it
	check_route("simple/a-b/", NULL, 200, html, "page");
	check_route("simple/a-b/", json, 200, json, "{}");
	check_route("simple/a-b/", "application/vnd.pypi.simple.latest+json", 200, json, "{}");
	check_route("simple/a-b/", "application/vnd.pypi.simple.v1+html", 200, "application/vnd.pypi.simple.v1+html",
		    "page");
	check_route("simple/a-b/", "image/png", 406, plain, "406");
	check_route("simple/a-b/index.json", "text/html", 200, "application/json", "{}");
	check_route("simple/A__b/", NULL, 301, plain, "301: it is at ../a-b/");
	check_route("simple/a-b", NULL, 301, plain, "301: it is at a-b/");
	check_route("simple", NULL, 301, plain, "301: it is at simple/");
	check_route("simple/a b/", NULL, 404, plain, "404");
	check_route("simple/nobody/", NULL, 404, plain, "404");
	check_route("simple/files/a.whl", NULL, 200, "application/zip", "wheel");
	check_route("simple/files/a.whl.metadata", NULL, 200, plain, "Name: a");
	check_route("simple/files/b.whl", NULL, 404, plain, "404");
	// Nothing but these, and nothing through links, pipes and folders above.
	check_route("ledger/a/v1.zip", NULL, 404, plain, "404");
	check_route("go/h/link.zip", NULL, 404, plain, "404");
	check_route("go/away/secret.zip", NULL, 404, plain, "404");
	check_route("go/h/pipe.zip", NULL, 404, plain, "404");
	check_route("go/../../secret.zip", NULL, 404, plain, "404");
	check_route("go//etc/x.zip", NULL, 404, plain, "404");
}

// ---- the server ------------------------------------------------------------------------------------------------------

enum { BIG = 64 * 1024 * 1024 }; // more than two sockets hold

static int connect_to(const char *address)
{
	uint64_t port = 0;
	assert_int_equal(parse_u64(slice_of(strrchr(address, ':') + 1), &port), 0);
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return connect(fd, (struct sockaddr *)&to, sizeof to) ? -1 : fd;
}

struct reader {
	int fd;
	size_t bytes;
};

static void *read_all(void *context)
{
	struct reader *reader = context;
	cleanup_free char *buffer = xmalloc(1 << 20);
	for (ssize_t got; (got = read(reader->fd, buffer, 1 << 20)) > 0;)
		reader->bytes += (size_t)got;
	return NULL;
}

static void test_stop_finishes(void **state)
{
	(void)state;
	static const char request[] = "GET /go/h/big.zip HTTP/1.1\r\nHost: x\r\n\r\n";
	cleanup_free char *path = xasprintf("%s/registry/go/h/big.zip", folder);
	put("registry/go/h/big.zip", "");
	assert_int_equal(truncate(path, BIG), 0);
	struct server_options options = {.workspace = folder, .listen = "127.0.0.1:0"};
	struct server *server = NULL;
	struct error err = ERROR_INIT;
	if (server_start(&options, &server, &err))
		fail_msg("%s", err.text);
	cleanup_free char *address = xstrdup(server_address(server));
	struct reader reader = {.fd = connect_to(address)};
	char first;
	assert_int_equal(write(reader.fd, request, sizeof request - 1), (ssize_t)sizeof request - 1);
	assert_int_equal(read(reader.fd, &first, 1), 1); // it is under way
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, read_all, &reader), 0);
	server_stop(server);
	pthread_join(thread, NULL);
	close(reader.fd);
	assert_true(reader.bytes > BIG);
	assert_int_equal(connect_to(address), -1);
}

static void test_start_refuses(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct server *first = NULL, *second = NULL;
	struct server_options options = {.workspace = folder, .listen = "localhost:0"};
	assert_int_equal(server_start(&options, &first, &err), 0);
	options.listen = server_address(first) + strlen("http://");
	assert_int_equal(server_start(&options, &second, &err), -1);
	assert_int_equal(err.code, ERROR_NETWORK);
	assert_non_null(strstr(err.text, "another program does"));
	server_stop(first);
	static const char *const wrong[] = {"",       "8080",  "127.0.0.1",   "127.0.0.1:65536",
					    "::1:80", "[::1]", "127.0.0.1:8o"};
	for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
		options.listen = wrong[i];
		assert_int_equal(server_start(&options, &second, &err), -1);
		assert_int_equal(err.code, ERROR_USAGE);
	}
	options = (struct server_options){.workspace = "/nowhere", .listen = "127.0.0.1:0"};
	assert_int_equal(server_start(&options, &second, &err), -1);
	assert_int_equal(err.code, ERROR_WORKSPACE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),         cmocka_unit_test(test_accept),
		cmocka_unit_test(test_ranges),        cmocka_unit_test(test_entity_tags),
		cmocka_unit_test(test_routes),        cmocka_unit_test(test_start_refuses),
		cmocka_unit_test(test_stop_finishes),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
