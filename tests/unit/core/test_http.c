// HTTP against a real server (tests/support/http_server.py) that lies, stalls, cuts and resets on request.
#include "http_fixture.h"

#include <pthread.h>
#include <sys/time.h>

static const char wrong_sha256[] = "b2ae38e4ef5ba4a4b5ad4ee8b8f5fcf2f9c0be2c6f5b4e0a7d6a2ef0ad1c5bbf";

static int times_seen(struct http *http, const char *path)
{
	struct http_response response;
	struct error err;
	uint64_t count;
	cleanup_free char *seen = xasprintf("/seen%s", path);
	assert_ok(ask(http, seen, (struct http_request){0}, &response, &err), err);
	assert_int_equal(parse_u64(text_slice(&response.body), &count), 0);
	http_response_clear(&response);
	return (int)count;
}

// ---- answers ---------------------------------------------------------------------------------------------------------

static void test_answer(void **state)
{
	(void)state;
	cleanup_http struct http *http = open_http((struct http_options){0});
	struct http_response r;
	struct error err;
	assert_ok(ask(http, "/hello", (struct http_request){0}, &r, &err), err);
	assert_answer(&r, 200, "hello");
	assert_string_equal(r.content_type, "text/plain");
	assert_string_equal(r.etag, "\"v1\"");
	assert_string_equal(r.last_modified, "Tue, 24 Nov 2026 00:00:00 GMT");
	assert_string_equal(r.cache_control, "max-age=600, public"); // two headers are one list
	assert_int_equal(r.age, 17);
	assert_int_equal(r.tries, 1);
	cleanup_free char *url = url_of("/hello");
	assert_string_equal(r.final_url, url);
	http_response_clear(&r);
	// An answer that is no success is an answer; absent headers are NULL.
	assert_ok(ask(http, "/status/404", (struct http_request){0}, &r, &err), err);
	assert_answer(&r, 404, "status 404");
	assert_null(r.etag);
	assert_null(r.content_type);
	assert_int_equal(r.age, -1);
	http_response_clear(&r);
	assert_ok(ask(http, "/hints", (struct http_request){0}, &r, &err), err); // of a 103 before it, nothing stays
	assert_answer(&r, 200, "final");
	assert_string_equal(r.etag, "\"final\"");
	http_response_clear(&r);
	assert_ok(ask(http, "/empty", (struct http_request){0}, &r, &err), err);
	assert_answer(&r, 200, "");
	http_response_clear(&r);
	assert_ok(ask(http, "/file", (struct http_request){.method = "HEAD"}, &r, &err), err);
	assert_answer(&r, 200, "");
	http_response_clear(&r);
	assert_ok(ask(http, "/echo", (struct http_request){.method = "POST", .body = SLICE("a=b")}, &r, &err), err);
	assert_answer(&r, 200, "POST a=b");
	http_response_clear(&r);
}

static void test_conditions_and_ranges(void **state)
{
	(void)state;
	cleanup_http struct http *http = open_http((struct http_options){0});
	struct http_response r;
	struct error err;
	const char *const condition[] = {"If-None-Match: \"v7\"", NULL};
	assert_ok(ask(http, "/etag", (struct http_request){.headers = condition}, &r, &err), err);
	assert_answer(&r, 304, "");
	assert_string_equal(r.etag, "\"v7\"");
	http_response_clear(&r);
	const char *const range[] = {"Range: bytes=-100", NULL};
	assert_ok(ask(http, "/range", (struct http_request){.headers = range}, &r, &err), err);
	assert_int_equal(r.status, 206);
	assert_int_equal(r.body.len, 100);
	assert_string_equal(r.content_range, "bytes 9900-9999/10000");
	http_response_clear(&r);
	// Compressed on the way, but never a part: that would be a part of the compressed form.
	assert_ok(ask(http, "/compressed", (struct http_request){0}, &r, &err), err);
	assert_body(&r);
	http_response_clear(&r);
	assert_ok(ask(http, "/headers", (struct http_request){.headers = range}, &r, &err), err);
	assert_null(strstr(r.body.ptr, "accept-encoding"));
	http_response_clear(&r);
	assert_ok(ask(http, "/headers", (struct http_request){0}, &r, &err), err);
	assert_contains(r.body.ptr, "accept-encoding: deflate, gzip");
	assert_contains(r.body.ptr, "user-agent: gophersnake/");
	http_response_clear(&r);
}

// ---- what is broken --------------------------------------------------------------------------------------------------

struct expected {
	const char *path;
	int tries;
	bool done;
};

static void whole_at_last(struct http *http, struct http_response *response, void *context)
{
	(void)http;
	struct expected *expected = context;
	if (response->failure.code)
		fail_msg("%s: %s", expected->path, response->failure.text);
	assert_body(response);
	// libcurl itself repeats what a kept connection swallowed without a byte of answer.
	bool gone = slice_starts(slice_of(expected->path), "/gone/");
	assert_in_range(response->tries, expected->tries - gone, expected->tries);
	expected->done = true;
}

// Each of these fails twice and is then whole: the third try must deliver exactly that.
static void test_broken_then_whole(void **state)
{
	(void)state;
	struct expected rows[] = {
		{"/truncate/2/a", 3, false},  {"/chunked/2/a", 3, false},   {"/reset/2/a", 3, false},
		{"/gone/2/a", 3, false},      {"/flaky/500/2/a", 3, false}, {"/flaky/503/2/a", 3, false},
		{"/flaky/429/2/a", 3, false}, {"/flaky/408/2/a", 3, false}, {"/closed/0/a", 1, false},
	};
	struct error err = ERROR_INIT;
	cleanup_http struct http *http = open_http((struct http_options){0});
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		cleanup_free char *url = url_of(rows[i].path);
		http_add(http, &(struct http_request){.url = url, .done = whole_at_last, .context = &rows[i]});
	}
	int64_t begun = now_milliseconds();
	assert_ok(http_run(http, &err), err);
	// 200 to 400 ms, then 400 to 800 ms; one after the other at least 4,800
	assert_in_range(now_milliseconds() - begun, 600, 4500);
	assert_in_range(http_statistics(http).retries, 15, 16);
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		assert_true(rows[i].done);
		assert_int_equal(times_seen(http, rows[i].path), rows[i].tries);
	}
}

static void test_broken_for_good(void **state)
{
	(void)state;
	static const struct {
		const char *path, *text;
	} rows[] = {
		{"/truncate/99/b", "cut off"}, {"/chunked/99/b", "cut off"}, {"/reset/99/b", "cut off"},
		{"/gone/99/b", "cut off"},     {"/garbage", "HTTP/0.9"},     {"/zero-header", "header"},
	};
	cleanup_http struct http *http = open_http((struct http_options){.retries = -1});
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct http_response r;
		struct error err;
		if (!ask(http, rows[i].path, (struct http_request){0}, &r, &err))
			fail_msg("%s: an answer of %zu bytes", rows[i].path, r.body.len);
		assert_int_equal(err.code, ERROR_NETWORK);
		assert_contains(err.text, rows[i].path);
		assert_contains(err.text, rows[i].text);
	}
	assert_int_equal(http_statistics(http).retries, 0);
}

static void test_status_after_all_retries(void **state)
{
	(void)state;
	cleanup_http struct http *http = open_http((struct http_options){.retries = 1});
	struct http_response r;
	struct error err;
	assert_ok(ask(http, "/flaky/503/99/c", (struct http_request){0}, &r, &err), err);
	assert_answer(&r, 503, "not now");
	assert_int_equal(r.tries, 2);
	http_response_clear(&r);
	assert_ok(ask(http, "/status/501", (struct http_request){0}, &r, &err), err); // will not become better
	assert_int_equal(r.tries, 1);
	http_response_clear(&r);
	assert_ok(ask(http, "/longer", (struct http_request){0}, &r, &err), err);
	assert_int_equal(r.body.len, 5000); // what it said, no more
	http_response_clear(&r);
}

// A POST may have been carried out although the answer is lost.
static void test_post_is_not_repeated(void **state)
{
	(void)state;
	cleanup_http struct http *http = open_http((struct http_options){0});
	struct http_response r;
	struct error err;
	struct http_request post = {.method = "POST", .body = SLICE("pay")};
	assert_ok(ask(http, "/hello", (struct http_request){0}, &r, &err), err); // there is a kept connection now
	http_response_clear(&r);
	assert_int_equal(ask(http, "/gone/1/post", post, &r, &err), -1);
	assert_int_equal(times_seen(http, "/gone/1/post"), 1);
	assert_ok(ask(http, "/flaky/500/1/post", post, &r, &err), err);
	assert_answer(&r, 500, NULL);
	http_response_clear(&r);
	assert_ok(ask(http, "/flaky/429/1/post", post, &r, &err), err); // refused: not carried out
	assert_answer(&r, 200, NULL);
	http_response_clear(&r);
}

static void test_retry_after(void **state)
{
	(void)state;
	cleanup_http struct http *http = open_http((struct http_options){.retries = 1});
	struct http_response r;
	struct error err;
	int64_t begun = now_milliseconds();
	assert_ok(ask(http, "/wait/429/seconds/d", (struct http_request){0}, &r, &err), err);
	assert_body(&r);
	http_response_clear(&r);
	assert_in_range(now_milliseconds() - begun, 1000, 15000);
	begun = now_milliseconds();
	assert_ok(ask(http, "/wait/503/date/d", (struct http_request){0}, &r, &err), err);
	assert_body(&r);
	http_response_clear(&r);
	assert_in_range(now_milliseconds() - begun, 900, 15000); // a date has whole seconds
}

// ---- time ------------------------------------------------------------------------------------------------------------

static void test_time(void **state)
{
	(void)state;
	// Each with the other limit far away, so that it is clear on any machine which of them ends the request.
	cleanup_http struct http *stalls =
		open_http((struct http_options){.retries = -1, .stall_timeout = 300, .timeout = 60000});
	cleanup_http struct http *takes_long =
		open_http((struct http_options){.retries = -1, .stall_timeout = 60000, .timeout = 800});
	struct http_response r;
	struct error err;
	const struct {
		const char *path, *text;
		int64_t least;
		struct http *http;
	} rows[] = {
		{"/silent", "nothing came for", 290, stalls}, // for 30 s
		{"/mute", "nothing came for", 290, stalls},
		{"/drip", "not finished after", 790, takes_long}, // for ever
	};
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		int64_t begun = now_milliseconds();
		assert_int_equal(ask(rows[i].http, rows[i].path, (struct http_request){0}, &r, &err), -1);
		assert_int_equal(err.code, ERROR_NETWORK);
		assert_contains(err.text, rows[i].text);
		assert_in_range(now_milliseconds() - begun, rows[i].least, 15000);
	}
	cleanup_http struct http *patient =
		open_http((struct http_options){.retries = -1, .stall_timeout = 20000, .timeout = 20000});
	assert_ok(ask(patient, "/delay/100", (struct http_request){0}, &r, &err), err);
	assert_answer(&r, 200, "late");
	http_response_clear(&r);
}

static volatile int interrupted;

static void *interrupt_later(void *unused)
{
	(void)unused;
	usleep(200000);
	interrupted = 1;
	return NULL;
}

static void count_failure(struct http *http, struct http_response *response, void *context)
{
	(void)http;
	if (response->failure.code == ERROR_INTERRUPTED)
		++*(int *)context;
}

static void test_interrupted(void **state)
{
	(void)state;
	interrupted = 0;
	cleanup_http struct http *http =
		open_http((struct http_options){.interrupted = &interrupted, .connections = 2});
	struct error err = ERROR_INIT;
	int ended = 0;
	cleanup_free char *slow = url_of("/mute"), *retried = url_of("/status/500");
	http_add(http, &(struct http_request){.url = retried, .done = count_failure, .context = &ended});
	for (int i = 0; i < 3; i++) // two in flight, one in the queue, one waiting for its next try
		http_add(http, &(struct http_request){.url = slow, .done = count_failure, .context = &ended});
	pthread_t thread;
	int64_t begun = now_milliseconds();
	assert_int_equal(pthread_create(&thread, NULL, interrupt_later, NULL), 0);
	assert_int_equal(http_run(http, &err), -1);
	pthread_join(thread, NULL);
	assert_int_equal(err.code, ERROR_INTERRUPTED);
	assert_int_equal(ended, 4);
	assert_in_range(now_milliseconds() - begun, 150, 15000); // nobody waits 30 s for the mute one
	// Usable afterwards.
	interrupted = 0;
	struct http_response r;
	assert_ok(ask(http, "/hello", (struct http_request){0}, &r, &err), err);
	http_response_clear(&r);
}

// Freed with requests in the queue and in flight: no callback, no leak.
static void test_freed(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct http *http = open_http((struct http_options){.connections = 1});
	cleanup_free char *url = url_of("/delay/300");
	int failures = 0;
	for (int i = 0; i < 3; i++)
		http_add(http, &(struct http_request){.url = url, .done = count_failure, .context = &failures});
	assert_int_equal(http_step(http, &err), 1);
	http_free(http);
	assert_int_equal(failures, 0);
	http_free(NULL);
}

// ---- size ------------------------------------------------------------------------------------------------------------

static void test_limits(void **state)
{
	(void)state;
	cleanup_http struct http *http = open_http((struct http_options){0});
	struct http_response r;
	struct error err;
	static const char *const paths[] = {"/endless", "/bomb", "/file"};
	for (size_t i = 0; i < ARRAY_LENGTH(paths); i++) {
		int before = times_seen(http, paths[i]);
		assert_int_equal(ask(http, paths[i], (struct http_request){.body_limit = BODY_BYTES - 1}, &r, &err),
				 -1);
		assert_int_equal(err.code, ERROR_NETWORK);
		assert_contains(err.text, "larger than");
		assert_int_equal(times_seen(http, paths[i]), before + 1); // no better the next time
	}
	assert_ok(ask(http, "/file", (struct http_request){.body_limit = BODY_BYTES}, &r, &err), err);
	assert_body(&r);
	http_response_clear(&r);
	assert_int_equal(ask(http, "/endless-headers", (struct http_request){0}, &r, &err), -1);
	assert_int_equal(err.code, ERROR_NETWORK);
	// Of an error page the beginning is enough, and it stays an answer.
	assert_ok(ask(http, "/endless-error", (struct http_request){0}, &r, &err), err);
	assert_answer(&r, 404, NULL);
	assert_in_range(r.body.len, 1, 1 << 20);
	http_response_clear(&r);
}

// ---- hash and file ---------------------------------------------------------------------------------------------------

static void body_digest(char out[DIGEST_HEX_SIZE])
{
	char body[BODY_BYTES];
	make_body(body);
	digest_hex_of(body, sizeof body, out);
}

static void test_hash(void **state)
{
	(void)state;
	cleanup_http struct http *http = open_http((struct http_options){0});
	struct http_response r;
	struct error err;
	char right[DIGEST_HEX_SIZE];
	body_digest(right);
	assert_ok(ask(http, "/file", (struct http_request){.sha256 = right}, &r, &err), err);
	assert_body(&r);
	http_response_clear(&r);
	assert_int_equal(ask(http, "/file", (struct http_request){.sha256 = wrong_sha256}, &r, &err), -1);
	assert_int_equal(err.code, ERROR_POLICY);
	assert_contains(err.text, right);
	assert_contains(err.text, wrong_sha256);
	// Without a length a cut is seen by the hash only: that is the network's fault, so it is tried again.
	assert_ok(ask(http, "/closed/1/e", (struct http_request){.sha256 = right}, &r, &err), err);
	assert_body(&r);
	assert_int_equal(r.tries, 2);
	http_response_clear(&r);
	// A gzip stream that was stored cut off has a right length: libcurl says nothing, the hash does.
	assert_int_equal(ask(http, "/gzip-cut/9/e", (struct http_request){.sha256 = right}, &r, &err), -1);
	assert_int_equal(err.code, ERROR_POLICY);
	assert_ok(ask(http, "/status/404", (struct http_request){.sha256 = right}, &r, &err), err); // no file, no hash
	assert_answer(&r, 404, NULL);
	http_response_clear(&r);
}

static void test_save(void **state)
{
	struct http_response r;
	struct error err;
	char right[DIGEST_HEX_SIZE], body[BODY_BYTES];
	body_digest(right);
	make_body(body);
	cleanup_http struct http *http = open_http((struct http_options){.retries = 1});
	cleanup_free char *path = below(state, "new/folder/file.whl"), *folder = below(state, "new/folder");
	struct http_request request = {.save_to = path, .sha256 = right};
	assert_ok(ask(http, "/truncate/1/save", request, &r, &err), err);
	assert_int_equal(r.body.len, 0);
	http_response_clear(&r);
	assert_file_is(path, body, sizeof body);
	assert_names(folder, 1);
	assert_int_equal(unlink(path), 0);
	// Whatever goes wrong, nothing stands there: neither the name nor a temporary one.
	static const char *const bad[] = {"/truncate/9/save2", "/reset/9/save", "/empty", "/bomb",
					  "/status/404",       "/endless-error"};
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
		if (!ask(http, bad[i], request, &r, &err))
			assert_int_equal(r.status, 404);
		http_response_clear(&r);
		assert_names(folder, 0);
	}
	// An empty file is a file. What is there is replaced.
	request.sha256 = NULL;
	assert_ok(ask(http, "/empty", request, &r, &err), err);
	http_response_clear(&r);
	assert_file_is(path, "", 0);
	assert_ok(ask(http, "/file", request, &r, &err), err);
	http_response_clear(&r);
	assert_file_is(path, body, sizeof body);
}

static void test_save_on_a_full_disk(void **state)
{
	struct http_response r;
	struct error err;
	cleanup_http struct http *http = open_http((struct http_options){0});
	cleanup_free char *path = below(state, "file"), *inside = below(state, "file/inside");
	rlim_t before = limit_file_size(4096);
	int status = ask(http, "/file", (struct http_request){.save_to = path}, &r, &err);
	limit_file_size(before);
	assert_int_equal(status, -1);
	assert_int_equal(err.code, ERROR_WORKSPACE);
	assert_contains(err.text, path);
	assert_names(*state, 0);
	assert_ok(file_write_atomic(path, "", 0, &err), err);
	assert_int_equal(ask(http, "/file", (struct http_request){.save_to = inside}, &r, &err), -1);
	assert_int_equal(err.code, ERROR_WORKSPACE);
}

// ---- many at once ----------------------------------------------------------------------------------------------------

struct crowd {
	int done, wrong, added;
};

static void one_of_crowd(struct http *http, struct http_response *response, void *context)
{
	struct crowd *crowd = context;
	crowd->done++;
	crowd->wrong += response->failure.code != 0 || response->status != 200;
	if (crowd->added < 300) { // callbacks add requests
		cleanup_free char *url = url_of("/inflight/20");
		crowd->added++;
		http_add(http, &(struct http_request){.url = url, .done = one_of_crowd, .context = context});
	}
}

static void test_many(void **state)
{
	(void)state;
	cleanup_http struct http *http = open_http((struct http_options){.connections = 20});
	struct crowd crowd = {.added = 100};
	struct error err = ERROR_INIT;
	struct http_response r;
	cleanup_free char *url = url_of("/inflight/20");
	for (int i = 0; i < 100; i++)
		http_add(http, &(struct http_request){.url = url, .done = one_of_crowd, .context = &crowd});
	int64_t begun = now_milliseconds();
	assert_ok(http_run(http, &err), err);
	int64_t took = now_milliseconds() - begun;
	assert_int_equal(crowd.done, 300);
	assert_int_equal(crowd.wrong, 0);
	struct http_statistics statistics = http_statistics(http);
	assert_int_equal(statistics.requests, 300);
	assert_in_range(statistics.network_time, took / 2, took); // not the sum of 300
	assert_true(statistics.bytes_received > 300);
	assert_ok(ask(http, "/most", (struct http_request){0}, &r, &err), err);
	assert_answer(&r, 200, "20");
	http_response_clear(&r);
	// Kept connections: a hundred more requests, one after the other, need no new one.
	uint64_t before, after;
	assert_ok(ask(http, "/connections", (struct http_request){0}, &r, &err), err);
	parse_u64(text_slice(&r.body), &before);
	http_response_clear(&r);
	for (int i = 0; i < 100; i++) {
		assert_ok(ask(http, "/hello", (struct http_request){0}, &r, &err), err);
		http_response_clear(&r);
	}
	assert_ok(ask(http, "/connections", (struct http_request){0}, &r, &err), err);
	parse_u64(text_slice(&r.body), &after);
	http_response_clear(&r);
	assert_int_equal(before, after);
	assert_int_equal(http_statistics(http).network_time >= statistics.network_time, 1);
}

// ---- files -----------------------------------------------------------------------------------------------------------

static void test_file_urls(void **state)
{
	struct error err;
	struct http_response r;
	cleanup_http struct http *http = open_http((struct http_options){.allow_file = true});
	cleanup_free char *path = below(state, "a b.txt"), *copy = below(state, "copy");
	cleanup_free char *url = xasprintf("file://%s/a%%20b.txt", (char *)*state);
	cleanup_free char *absent = xasprintf("file://%s/absent", (char *)*state);
	cleanup_free char *folder = xasprintf("file://%s/", (char *)*state);
	cleanup_free char *redirect = xasprintf("/redirect?to=%s", url);
	assert_ok(file_write_atomic(path, "local", 5, &err), err);
	assert_ok(ask(http, "", (struct http_request){.url = url}, &r, &err), err);
	assert_answer(&r, 200, "local");
	http_response_clear(&r);
	assert_ok(ask(http, "", (struct http_request){.url = absent}, &r, &err), err);
	assert_answer(&r, 404, "");
	http_response_clear(&r);
	assert_int_equal(ask(http, "", (struct http_request){.url = folder}, &r, &err), -1);
	assert_int_equal(ask(http, "", (struct http_request){.url = url, .body_limit = 4}, &r, &err), -1);
	assert_contains(err.text, "larger than");
	assert_int_equal(
		ask(http, "", (struct http_request){.url = url, .sha256 = wrong_sha256, .save_to = copy}, &r, &err),
		-1);
	assert_int_equal(err.code, ERROR_POLICY);
	assert_names(*state, 1);
	assert_ok(ask(http, "", (struct http_request){.url = url, .save_to = copy}, &r, &err), err);
	http_response_clear(&r);
	assert_file_is(copy, "local", 5);
	// The network never leads to a file.
	assert_int_equal(ask(http, redirect, (struct http_request){0}, &r, &err), -1);
	assert_int_equal(err.code, ERROR_POLICY);
}

// ---- bodies that are read while they come ----------------------------------------------------------------------------

struct heard {
	struct text body, headers;
	size_t enough; // bytes after which no more is wanted; 0: never
	bool say_why;
};

static int hear_body(struct slice data, void *context, struct error *err)
{
	struct heard *heard = context;
	text_add_slice(&heard->body, data);
	if (!heard->enough || heard->body.len < heard->enough)
		return 0;
	return heard->say_why ? error_set(err, ERROR_INPUT, "I have heard enough") : -1;
}

static void hear_header(struct slice line, void *context)
{
	struct heard *heard = context;
	text_add_slice(&heard->headers, line);
	text_add_char(&heard->headers, '|');
}

static void test_streamed(void **state)
{
	(void)state;
	cleanup_http struct http *http = open_http((struct http_options){0});
	struct http_response r;
	struct error err = ERROR_INIT;
	struct heard heard = {0};
	struct http_request request = {.chunk = hear_body, .header = hear_header, .stream_context = &heard};
	assert_ok(ask(http, "/hello", request, &r, &err), err);
	assert_answer(&r, 200, ""); // it is nowhere else
	assert_string_equal(text_str(&heard.body), "hello");
	assert_non_null(strstr(text_str(&heard.headers), "|age: 17|"));
	http_response_clear(&r);
	text_reset(&heard.body);
	assert_ok(ask(http, "/status/404", request, &r, &err), err); // a refusal is a whole answer
	assert_answer(&r, 404, "status 404");
	assert_int_equal(heard.body.len, 0);
	http_response_clear(&r);
	heard.enough = 3;
	assert_int_equal(ask(http, "/hello", request, &r, &err), -1);
	assert_int_equal(err.code, ERROR_FAILED);
	assert_non_null(strstr(err.text, "given up while it was read"));
	heard.say_why = true;
	assert_int_equal(ask(http, "/hello", request, &r, &err), -1);
	assert_int_equal(err.code, ERROR_INPUT);
	assert_string_equal(err.text, "I have heard enough");
	text_reset(&heard.body);
	heard.enough = 0;
	request.body_limit = 4;
	assert_int_equal(ask(http, "/hello", request, &r, &err), -1);
	assert_non_null(strstr(err.text, "larger than the 4 bytes"));
	text_clear(&heard.body);
	text_clear(&heard.headers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_streamed),
		cmocka_unit_test(test_conditions_and_ranges),
		cmocka_unit_test(test_broken_then_whole),
		cmocka_unit_test(test_broken_for_good),
		cmocka_unit_test(test_status_after_all_retries),
		cmocka_unit_test(test_post_is_not_repeated),
		cmocka_unit_test(test_retry_after),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_freed),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_hash),
		folder_test(test_save),
		folder_test(test_save_on_a_full_disk),
		cmocka_unit_test(test_many),
		folder_test(test_file_urls),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
