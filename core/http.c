// The queue of requests: which wait, which are in flight, which are to be tried
// again and when. libcurl's multi interface moves the bytes; http_transfer.c
// says how one try is made and judged.
//
// A transfer is in exactly one list. Callbacks of the caller run with no list
// or handle held, so they may add requests, and even wait for one.
#include "core/http.h"

#include <sys/random.h>
#include <sys/stat.h>
#include <utlist.h>

#include "core/clock.h"
#include "core/http_transfer.h"
#include "core/vec.h"
#include "core/version.h"

struct http {
	struct http_settings settings;
	CURLM *multi;
	VEC(CURL *) idle; // handles to use again
	struct transfer *pending, *active, *later;
	int active_count;
	bool stopped; // interrupted, or libcurl failed: what is added now ends at once
	struct error stop;
	struct http_statistics statistics;
	int64_t busy_since; // monotonic, while active_count > 0
	uint64_t random;
};

static int64_t now_monotonic(void)
{
	return system_clock.monotonic(system_clock.context);
}

// xorshift: jitter only needs to differ between processes.
static uint64_t next_random(struct http *http)
{
	http->random ^= http->random << 13;
	http->random ^= http->random >> 7;
	http->random ^= http->random << 17;
	return http->random;
}

// ---- opened and freed ------------------------------------------------------------------------------------------------

static const char *environment(const char *name)
{
	const char *value = getenv(name);
	return value && *value ? value : NULL;
}

// The certificate authorities that pip, requests, curl and OpenSSL would take from the environment, in this order.
static int find_authorities(struct http_settings *settings, struct error *err)
{
	static const char *const names[] = {"PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE",
					    "SSL_CERT_DIR"};
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		const char *path = environment(names[i]);
		struct stat status;
		if (!path)
			continue;
		if (stat(path, &status))
			return error_errno(err, ERROR_CONFIG, "%s=%s: the certificate authorities cannot be read",
					   names[i], path);
		settings->authorities = xstrdup(path);
		settings->authorities_folder = S_ISDIR(status.st_mode);
		return 0;
	}
	return 0;
}

static int read_settings(const struct http_options *options, struct http_settings *settings, struct error *err)
{
	const char *netrc = environment("NETRC"), *proxy = environment("PIP_PROXY");
	*settings = (struct http_settings){
		.connections = options->connections > 0 ? options->connections : 50,
		.retries = options->retries < 0 ? 0
			   : options->retries   ? options->retries
						: 3,
		.timeout = options->timeout > 0 ? options->timeout : 60000,
		.stall_timeout = options->stall_timeout > 0 ? options->stall_timeout : 20000,
		.allow_file = options->allow_file,
		.interrupted = options->interrupted,
		.user_agent = xstrdup(options->user_agent ? options->user_agent : "gophersnake/" GOPHERSNAKE_VERSION),
		.netrc = netrc ? xstrdup(netrc) : NULL,
		.proxy = proxy ? xstrdup(proxy) : NULL,
	};
	return find_authorities(settings, err);
}

int http_open(const struct http_options *options, struct http **out, struct error *err)
{
	static const struct http_options defaults;
	// Counted and safe from several threads in libcurl; http_free gives it back.
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return error_set(err, ERROR_NETWORK, "libcurl cannot start");
	struct http *http = xcalloc(1, sizeof *http);
	int status = read_settings(options ? options : &defaults, &http->settings, err);
	http->multi = curl_multi_init();
	if (!status && !http->multi)
		status = error_set(err, ERROR_NETWORK, "libcurl cannot start");
	if (!status)
		curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)http->settings.connections + 10);
	if (getrandom(&http->random, sizeof http->random, 0) < 0 || !http->random)
		http->random = (uint64_t)now_monotonic() | 1;
	if (status) {
		http_free(http);
		return -1;
	}
	*out = http;
	return 0;
}

static void free_list(struct transfer **list)
{
	for (struct transfer *transfer = *list, *next; transfer; transfer = next) {
		next = transfer->next;
		transfer_free(transfer);
	}
	*list = NULL;
}

// Gives back the handle; the connection that it used stays open in the multi handle.
static void release_handle(struct http *http, struct transfer *transfer)
{
	if (!transfer->easy)
		return;
	curl_multi_remove_handle(http->multi, transfer->easy);
	curl_easy_reset(transfer->easy);
	vec_push(&http->idle, transfer->easy);
	transfer->easy = NULL;
}

static void leave_active(struct http *http, struct transfer *transfer)
{
	DL_DELETE(http->active, transfer);
	if (--http->active_count == 0)
		http->statistics.network_time += now_monotonic() - http->busy_since;
}

void http_free(struct http *http)
{
	if (!http)
		return;
	while (http->active) {
		struct transfer *transfer = http->active;
		release_handle(http, transfer);
		leave_active(http, transfer);
		transfer_free(transfer);
	}
	free_list(&http->pending);
	free_list(&http->later);
	vec_each (&http->idle, easy)
		curl_easy_cleanup(*easy);
	vec_clear(&http->idle);
	curl_multi_cleanup(http->multi);
	free(http->settings.user_agent);
	free(http->settings.authorities);
	free(http->settings.netrc);
	free(http->settings.proxy);
	free(http);
	curl_global_cleanup();
}

void http_add(struct http *http, const struct http_request *request)
{
	struct transfer *transfer = transfer_new(&http->settings, request);
	DL_APPEND(http->pending, transfer);
}

struct http_statistics http_statistics(const struct http *http)
{
	struct http_statistics statistics = http->statistics;
	if (http->active_count)
		statistics.network_time += now_monotonic() - http->busy_since;
	return statistics;
}

// ---- the way of a request --------------------------------------------------------------------------------------------

// transfer is in no list any more.
static void complete(struct http *http, struct transfer *transfer)
{
	if (transfer->done)
		transfer->done(http, &transfer->response, transfer->context);
	transfer_free(transfer);
}

static CURL *take_handle(struct http *http)
{
	return http->idle.count ? http->idle.items[--http->idle.count] : curl_easy_init();
}

// Puts it in flight. false = it is complete with a failure.
static bool launch(struct http *http, struct transfer *transfer, int64_t now)
{
	struct error *failure = &transfer->response.failure;
	CURL *easy = take_handle(http);
	if (!easy) {
		error_set(failure, ERROR_NETWORK, "%s: libcurl has no memory", transfer->target.shown);
		return false;
	}
	CURLMcode code = CURLM_OK;
	bool good = !transfer_begin(transfer, easy, now);
	if (good && (code = curl_multi_add_handle(http->multi, easy)))
		error_set(failure, ERROR_NETWORK, "%s: libcurl: %s", transfer->target.shown, curl_multi_strerror(code));
	if (!good || code) {
		release_handle(http, transfer);
		return false;
	}
	http->statistics.requests++;
	if (http->active_count++ == 0)
		http->busy_since = now;
	DL_APPEND(http->active, transfer);
	return true;
}

// Starts what may start. Returns how many completed on the spot.
static int start_ready(struct http *http)
{
	int completed = 0;
	int64_t now = now_monotonic();
	struct transfer *transfer, *next;
	for (transfer = http->later; transfer; transfer = next) {
		next = transfer->next;
		if (transfer->ready > now)
			continue;
		DL_DELETE(http->later, transfer);
		http->statistics.retries++;
		DL_PREPEND(http->pending, transfer);
	}
	while (http->pending && http->active_count < http->settings.connections) {
		transfer = http->pending;
		DL_DELETE(http->pending, transfer);
		bool failed = transfer->response.failure.code && !transfer->response.tries; // refused when it was added
		if (!failed && !transfer->target.file && launch(http, transfer, now))
			continue;
		if (!failed && transfer->target.file)
			transfer_read_file(transfer);
		complete(http, transfer);
		completed++;
	}
	return completed;
}

// A try is over. true = so is the request.
static bool end_try(struct http *http, struct transfer *transfer, CURLcode result, bool overdue)
{
	int64_t now = now_monotonic();
	curl_off_t bytes = 0;
	long header_bytes = 0;
	curl_easy_getinfo(transfer->easy, CURLINFO_SIZE_DOWNLOAD_T, &bytes);
	curl_easy_getinfo(transfer->easy, CURLINFO_HEADER_SIZE, &header_bytes);
	http->statistics.bytes_received += (uint64_t)bytes + (uint64_t)header_bytes;
	enum transfer_verdict verdict = transfer_end(transfer, result, overdue, now, next_random(http));
	release_handle(http, transfer);
	leave_active(http, transfer);
	switch (verdict) {
	case TRANSFER_AGAIN: DL_PREPEND(http->pending, transfer); return false;
	case TRANSFER_RETRY: DL_APPEND(http->later, transfer); return false;
	case TRANSFER_DONE: complete(http, transfer);
	}
	return true;
}

static int take_results(struct http *http)
{
	int completed = 0, left;
	CURLMsg *message;
	while ((message = curl_multi_info_read(http->multi, &left))) {
		struct transfer *transfer = NULL;
		if (message->msg != CURLMSG_DONE)
			continue;
		CURLcode result = message->data.result; // the message is gone with its handle
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
		completed += end_try(http, transfer, result, false);
	}
	return completed;
}

static int stop_overdue(struct http *http)
{
	int completed = 0;
	int64_t now = now_monotonic();
	for (struct transfer *transfer = http->active; transfer;) {
		struct transfer *next = transfer->next;
		if (!transfer_overdue(transfer, now)) {
			transfer = next;
			continue;
		}
		completed += end_try(http, transfer, CURLE_OPERATION_TIMEDOUT, true);
		transfer = http->active; // a callback may have changed the list
	}
	return completed;
}

// Milliseconds until something must be looked at even when no byte comes.
static int patience(const struct http *http)
{
	int64_t now = now_monotonic(), wait = http->settings.interrupted ? 200 : 1000;
	const struct transfer *transfer;
	for (transfer = http->later; transfer; transfer = transfer->next)
		wait = transfer->ready - now < wait ? transfer->ready - now : wait;
	for (transfer = http->active; transfer; transfer = transfer->next) {
		int64_t stalled = transfer->progressed + http->settings.stall_timeout - now;
		int64_t late = transfer->started + http->settings.timeout - now;
		wait = stalled < wait ? stalled : wait;
		wait = late >= 0 && late < wait ? late : wait;
	}
	return wait < 1 ? 1 : (int)wait;
}

// Everything that is left ends with this failure, also what the callbacks add.
static int stop(struct http *http, struct error *err)
{
	http->stopped = true;
	for (;;) {
		struct transfer *transfer = http->active ? http->active : http->later ? http->later : http->pending;
		if (!transfer)
			break;
		if (transfer == http->active) {
			release_handle(http, transfer);
			leave_active(http, transfer);
		} else if (transfer == http->later) {
			DL_DELETE(http->later, transfer);
		} else {
			DL_DELETE(http->pending, transfer);
		}
		transfer_fail(transfer, &http->stop);
		complete(http, transfer);
	}
	http->stopped = false;
	if (err)
		*err = http->stop;
	return -1;
}

int http_step(struct http *http, struct error *err)
{
	if (http->stopped)
		return error_set(err, http->stop.code, "%s", http->stop.text);
	for (;;) {
		if (http->settings.interrupted && *http->settings.interrupted) {
			error_set(&http->stop, ERROR_INTERRUPTED, "interrupted");
			return stop(http, err);
		}
		int completed = start_ready(http), running = 0;
		CURLMcode code = curl_multi_perform(http->multi, &running);
		completed += take_results(http);
		completed += stop_overdue(http);
		bool more = http->pending || http->active || http->later;
		if (completed || !more)
			return more;
		bool waiting = !http->pending || http->active_count >= http->settings.connections;
		if (!code && waiting)
			code = curl_multi_poll(http->multi, NULL, 0, patience(http), NULL);
		if (code) {
			error_set(&http->stop, ERROR_NETWORK, "libcurl: %s", curl_multi_strerror(code));
			return stop(http, err);
		}
	}
}

int http_run(struct http *http, struct error *err)
{
	int more;
	while ((more = http_step(http, err)) > 0)
		;
	return more;
}

// ---- one request, waited for -----------------------------------------------------------------------------------------

struct waited {
	struct http_response response;
	bool done;
};

static void fetched(struct http *http, struct http_response *response, void *context)
{
	(void)http;
	struct waited *waited = context;
	waited->response = *response;
	waited->done = true;
	*response = (struct http_response){.age = -1};
}

int http_fetch(struct http *http, const struct http_request *request, struct http_response *out, struct error *err)
{
	struct waited waited = {.done = false};
	if (http->stopped) // a callback, while everything is being ended: nobody would run it
		return error_set(err, http->stop.code, "%s", http->stop.text);
	struct http_request copy = *request;
	copy.done = fetched;
	copy.context = &waited;
	http_add(http, &copy);
	int status = 0;
	while (!waited.done && status >= 0)
		status = http_step(http, err);
	if (waited.response.failure.code) {
		if (err && status >= 0)
			*err = waited.response.failure;
		http_response_clear(&waited.response);
		return -1;
	}
	*out = waited.response;
	return 0;
}
