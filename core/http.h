// HTTP for everybody: libcurl multi under a small interface. Many requests in
// flight over kept connections (HTTP/2 where offered), bounded bodies, retries
// with jitter on 408/429/5xx and broken transfers (Retry-After honoured),
// https only (plain http for loopback), no redirect to another scheme.
//
// Requests run when http_run is called; callbacks may add further requests.
// - A POST is repeated only when it surely was not carried out (408, 429, 503, no connection), and not redirected.
// - On a redirect to another origin the URL's credentials and all headers but Accept, Range and If-… stay behind.
// - User and password in a URL are used and never shown, nor is a query; without them netrc ($NETRC, ~/.netrc) is asked.
// - From the environment: https_proxy, all_proxy, no_proxy, PIP_PROXY; PIP_CERT, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE,
//   SSL_CERT_FILE, SSL_CERT_DIR, in this order.
// - A body is whole or a failure where HTTP can tell (length, chunks, HTTP/2); else only sha256 can.
#ifndef CORE_HTTP_H
#define CORE_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/text.h"

struct http;

struct http_options {
	int connections;       // in flight at most; 0 = 50
	int retries;           // after the first try; negative = 0, 0 = 3
	int64_t timeout;       // of one try, milliseconds; 0 = 60,000 (into save_to: 60 times that, at 4 KiB/s or more)
	int64_t stall_timeout; // no byte for so long, milliseconds; 0 = 20,000
	const char *user_agent;          // NULL = "gophersnake/<version>"
	const volatile int *interrupted; // may be NULL
	bool allow_file;                 // file:// URLs too (local indexes); an absent file is a 404
};

struct http_response {
	long status; // 200, 304, …; 0 when there was no answer (see failure)
	struct text body;
	char *final_url;    // after redirects, without user and password
	char *content_type; // NULL when absent
	char *etag;
	char *last_modified;
	char *cache_control;
	char *content_range;
	int64_t age;          // seconds, of the Age header, -1 when absent
	struct error failure; // code ERROR_NONE when there was an answer
	int tries;
};

struct http_request {
	const char *url;            // copied
	const char *method;         // NULL = GET; "HEAD", "POST"
	const char *const *headers; // NULL-terminated "Name: value"; copied
	struct slice body;          // of POST; copied
	size_t body_limit;          // bytes; more is ERROR_NETWORK "larger than …"; 0 = 64 MiB
	const char *sha256;         // when set, a body with another hash is ERROR_POLICY and never delivered
	const char *
		save_to; // when set, the body goes to this file (fsynced, only complete and verified) and response.body stays empty
	// For bodies that are read while they come: chunk gets the pieces of a 2xx body (response.body stays empty then),
	// header every header line of the answer, without its line end. Both from http_run, with stream_context; again from
	// the beginning when the request is tried again. A chunk that returns non-zero ends the transfer: it is a failure with
	// the error that it set (ERROR_FAILED when it set none). Not with save_to.
	int (*chunk)(struct slice data, void *stream_context, struct error *err);
	void (*header)(struct slice line, void *stream_context);
	void *stream_context;
	// Called once, from http_run, with the answer or the failure (ERROR_INTERRUPTED for all that is left then). The response
	// is freed afterwards; steal what you keep. Not called by http_free.
	void (*done)(struct http *http, struct http_response *response, void *context);
	void *context;
};

int http_open(const struct http_options *options, struct http **out, struct error *err);
void http_free(struct http *http);
void http_add(struct http *http, const struct http_request *request);
// Runs until nothing is left. -1 only for ERROR_INTERRUPTED and failures of libcurl itself.
int http_run(struct http *http, struct error *err);
// Runs until something completed or everything is done: 1 = more to do, 0 = nothing left, -1 as above.
int http_step(struct http *http, struct error *err);
// One request, waited for. -1 when there was no answer at all; a 404 is an answer.
int http_fetch(struct http *http, const struct http_request *request, struct http_response *out, struct error *err);
void http_response_clear(struct http_response *response);

struct http_statistics {
	uint64_t requests; // sent: tries and redirects count
	uint64_t retries;
	uint64_t bytes_received; // on the wire, headers included
	int64_t network_time;    // milliseconds during which at least one request was in flight
};
struct http_statistics http_statistics(const struct http *http);
#endif
