// One request on its way through libcurl: what was asked, where it goes now
// (redirects), the current try and what came back. http.c keeps the queue and
// decides when; this file pair knows how, and what is allowed.
#ifndef CORE_HTTP_TRANSFER_H
#define CORE_HTTP_TRANSFER_H

#include <curl/curl.h>

#include "core/digest.h"
#include "core/http.h"

// What does not change while an http lives: the options and what the environment says.
struct http_settings {
	int connections, retries;
	int64_t timeout, stall_timeout; // milliseconds
	bool allow_file;
	const volatile int *interrupted;
	char *user_agent;
	char *authorities; // NULL = libcurl's own; a file, or with authorities_folder a folder
	bool authorities_folder;
	char *netrc; // NULL = ~/.netrc
	char *proxy; // NULL = http_proxy, https_proxy, all_proxy, no_proxy as libcurl reads them
};

struct http_target {
	char *url;             // without user, password and fragment
	char *shown;           // for people: without the query too, which may hold signatures
	char *user, *password; // NULL when there is none
	char *origin;          // scheme://host:port
	bool plain;            // http: only this machine itself may answer
	bool file;
};

enum transfer_verdict {
	TRANSFER_DONE,  // response is complete: an answer or a failure
	TRANSFER_AGAIN, // go to the new target at once
	TRANSFER_RETRY, // not before `ready`
};

struct transfer {
	struct transfer *prev, *next; // of the list that it is in
	const struct http_settings *settings;

	// as asked
	char *url;
	char *method;
	char **headers; // NULL-terminated
	struct text request_body;
	size_t body_limit;
	char *sha256, *save_to;
	int (*chunk)(struct slice data, void *stream_context, struct error *err);
	void (*header)(struct slice line, void *stream_context);
	void *stream_context;
	void (*done)(struct http *http, struct http_response *response, void *context);
	void *context;

	// now
	struct http_target target;
	bool foreign; // redirected to another origin: no credentials and no headers of the caller's own
	int redirects;
	int64_t ready; // of a retry

	// this try
	CURL *easy;
	struct curl_slist *header_list;
	int64_t started, progressed; // milliseconds, monotonic
	curl_off_t sent;
	size_t header_bytes, body_bytes; // body decoded
	bool cut_error_page;             // enough of an error page was kept
	struct digest_hasher *hasher;
	int fd;
	char *part; // temporary file beside save_to
	char curl_text[CURL_ERROR_SIZE];

	struct http_response response;
};

struct transfer *transfer_new(const struct http_settings *settings, const struct http_request *request);
void transfer_free(struct transfer *transfer);

// Makes ready for one try. easy must be fresh or reset; -1 = the response holds the failure.
int transfer_begin(struct transfer *transfer, CURL *easy, int64_t now);
// A file:// target, read at once: the response is complete afterwards.
void transfer_read_file(struct transfer *transfer);
// Too late or too slow? Then the response holds the failure (to be retried like a broken transfer).
bool transfer_overdue(struct transfer *transfer, int64_t now);
// The try ended with this result. random decides the jitter of a retry.
enum transfer_verdict transfer_end(struct transfer *transfer, CURLcode result, bool overdue, int64_t now,
				   uint64_t random);
// Completes with a failure, whatever was there.
void transfer_fail(struct transfer *transfer, const struct error *failure);

// core/http_target.c
int http_target_parse(const char *url, bool allow_file, struct http_target *out, struct error *err);
void http_target_clear(struct http_target *target);
// core/http_save.c: the body's way into memory or a file, counted, bounded and hashed.
int transfer_body_add(struct transfer *transfer, const char *data, size_t length);
int transfer_body_finish(struct transfer *transfer, struct error *err); // hash, fsync, rename
void transfer_body_reset(struct transfer *transfer);

#endif
