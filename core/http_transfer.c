// One try of one request with libcurl's easy interface: the options and the
// callbacks with their checks. How it ended is judged in http_judge.c.
#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/http_transfer.h"

enum {
	HEADER_LIMIT = 256 << 10, // bytes of all headers of one answer
	CONNECT_TIMEOUT = 15000,
	SLOWEST_RATE = 4096, // bytes a second, on average, of a saved body that goes on beyond the timeout
	SAVE_TIMEOUTS = 60,  // … and so many timeouts at most
};

// ---- made and freed --------------------------------------------------------------------------------------------------

// A header with a line break would be two headers.
static int check_headers(const struct transfer *transfer, struct error *err)
{
	for (char **header = transfer->headers; *header; header++)
		for (const char *c = *header; *c; c++)
			if ((unsigned char)*c < ' ' && *c != '\t')
				return error_set(err, ERROR_INPUT, "%s: a control character in the request header %.*s",
						 transfer->target.shown, (int)strcspn(*header, ":\r\n"), *header);
	return 0;
}

struct transfer *transfer_new(const struct http_settings *settings, const struct http_request *request)
{
	struct transfer *transfer = xcalloc(1, sizeof *transfer);
	transfer->settings = settings;
	transfer->url = xstrdup(request->url ? request->url : "");
	transfer->method = xstrdup(request->method ? request->method : "GET");
	size_t count = 0;
	while (request->headers && request->headers[count])
		count++;
	transfer->headers = xcalloc(count + 1, sizeof *transfer->headers);
	for (size_t i = 0; i < count; i++)
		transfer->headers[i] = xstrdup(request->headers[i]);
	text_add_slice(&transfer->request_body, request->body);
	transfer->body_limit = request->body_limit ? request->body_limit : (size_t)64 << 20;
	transfer->sha256 = request->sha256 ? xstrdup(request->sha256) : NULL;
	transfer->save_to = request->save_to ? xstrdup(request->save_to) : NULL;
	transfer->chunk = request->chunk;
	transfer->header = request->header;
	transfer->stream_context = request->stream_context;
	transfer->done = request->done;
	transfer->context = request->context;
	transfer->fd = -1;
	transfer->response.age = -1;
	struct error *failure = &transfer->response.failure;
	if (!http_target_parse(transfer->url, settings->allow_file, &transfer->target, failure))
		check_headers(transfer, failure);
	return transfer;
}

void transfer_free(struct transfer *transfer)
{
	if (!transfer)
		return;
	transfer_body_reset(transfer);
	http_response_clear(&transfer->response);
	http_target_clear(&transfer->target);
	curl_slist_free_all(transfer->header_list);
	explicit_bzero(transfer->url, strlen(transfer->url));
	free(transfer->url);
	free(transfer->method);
	for (char **header = transfer->headers; *header; header++) {
		explicit_bzero(*header, strlen(*header)); // an Authorization, perhaps
		free(*header);
	}
	free(transfer->headers);
	text_clear(&transfer->request_body);
	free(transfer->sha256);
	free(transfer->save_to);
	free(transfer);
}

void http_response_clear(struct http_response *response)
{
	text_clear(&response->body);
	free(response->final_url);
	free(response->content_type);
	free(response->etag);
	free(response->last_modified);
	free(response->cache_control);
	free(response->content_range);
	*response = (struct http_response){.age = -1};
}

static void forget_answer(struct transfer *transfer)
{
	int tries = transfer->response.tries;
	transfer_body_reset(transfer);
	http_response_clear(&transfer->response);
	transfer->response.tries = tries;
	transfer->header_bytes = 0;
}

void transfer_fail(struct transfer *transfer, const struct error *failure)
{
	struct error kept = *failure; // it may stand in the response
	forget_answer(transfer);
	transfer->response.failure = kept;
}

// ---- libcurl's callbacks ---------------------------------------------------------------------------------------------

static int64_t now_monotonic(void)
{
	return system_clock.monotonic(system_clock.context);
}

static void take_header(struct slice line, const char *name, char **field)
{
	size_t length = strlen(name);
	if (line.len <= length || line.ptr[length] != ':' || strncasecmp(line.ptr, name, length) != 0)
		return;
	struct slice value = slice_trim(slice_from(line, length + 1));
	// A header that stands there twice is one list (RFC 9110, 5.3).
	char *joined = *field ? xasprintf("%s, %.*s", *field, (int)value.len, value.ptr) : slice_dup(value);
	free(*field);
	*field = joined;
}

static size_t on_header(char *data, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;
	struct http_response *response = &transfer->response;
	size_t length = size * count;
	struct slice line = {data, length};
	transfer->progressed = now_monotonic();
	transfer->header_bytes += length;
	if (transfer->header_bytes > HEADER_LIMIT) {
		error_set(&response->failure, ERROR_NETWORK, "%s: more than %d bytes of headers",
			  transfer->target.shown, (int)HEADER_LIMIT);
		return 0;
	}
	if (memchr(data, 0, length)) {
		error_set(&response->failure, ERROR_NETWORK, "%s: a NUL byte in the headers", transfer->target.shown);
		return 0;
	}
	if (slice_starts(line, "HTTP/")) { // of a 100, perhaps: the last answer counts
		size_t bytes = transfer->header_bytes;
		forget_answer(transfer);
		transfer->header_bytes = bytes;
		if (transfer->sha256)
			transfer->hasher = digest_new();
		return length;
	}
	if (transfer->header && slice_trim(line).len)
		transfer->header(slice_trim(line), transfer->stream_context);
	cleanup_free char *age = NULL;
	uint64_t seconds;
	take_header(line, "content-type", &response->content_type);
	take_header(line, "etag", &response->etag);
	take_header(line, "last-modified", &response->last_modified);
	take_header(line, "cache-control", &response->cache_control);
	take_header(line, "content-range", &response->content_range);
	take_header(line, "age", &age);
	if (age && !parse_u64(slice_of(age), &seconds) && seconds <= INT32_MAX)
		response->age = (int64_t)seconds;
	return length;
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;
	struct http_response *response = &transfer->response;
	size_t length = size * count;
	transfer->progressed = now_monotonic();
	if (!response->status)
		curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &response->status);
	return transfer_body_add(transfer, data, length) ? 0 : length;
}

static int on_progress(void *context, curl_off_t total, curl_off_t now, curl_off_t upload, curl_off_t sent)
{
	(void)total, (void)now, (void)upload;
	struct transfer *transfer = context;
	if (sent != transfer->sent)
		transfer->progressed = now_monotonic();
	transfer->sent = sent;
	return 0;
}

static bool is_loopback(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr) >> 24 == 127;
	if (address->sa_family != AF_INET6)
		return false;
	const struct in6_addr *six = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
	return IN6_IS_ADDR_LOOPBACK(six) || (IN6_IS_ADDR_V4MAPPED(six) && six->s6_addr[12] == 127);
}

// What a name resolves to is known here only.
static curl_socket_t on_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *transfer = context;
	if (transfer->target.plain && (purpose != CURLSOCKTYPE_IPCXN || !is_loopback(&address->addr))) {
		error_set(&transfer->response.failure, ERROR_POLICY,
			  "%s: plain http is allowed to this machine itself only, and the name leads elsewhere; use "
			  "https",
			  transfer->target.shown);
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// ---- one try ---------------------------------------------------------------------------------------------------------

// Names that mean the same to every server; others may be secrets.
static bool travels(const char *header)
{
	static const char *const names[] = {
		"accept:", "accept-language:", "range:", "if-none-match:", "if-modified-since:"};
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
		if (!strncasecmp(header, names[i], strlen(names[i])))
			return true;
	return false;
}

// What is saved, and parts, must arrive as they are stored: "gzip" would be said of a .tar.gz by some servers.
static bool wants_identity(const struct transfer *transfer)
{
	if (transfer->save_to)
		return true;
	for (char **header = transfer->headers; *header; header++)
		if (!strncasecmp(*header, "range:", 6))
			return true;
	return false;
}

static int add_header(struct transfer *transfer, const char *header)
{
	struct curl_slist *longer = curl_slist_append(transfer->header_list, header);
	if (longer)
		transfer->header_list = longer;
	return longer ? 0 : -1;
}

static int make_headers(struct transfer *transfer)
{
	curl_slist_free_all(steal(&transfer->header_list));
	int failed = 0;
	for (char **header = transfer->headers; *header && !failed; header++)
		if (!transfer->foreign || travels(*header))
			failed = add_header(transfer, *header);
	// No waiting for "100 Continue": servers that don't know it cost a second.
	return failed ? -1 : add_header(transfer, "Expect:");
}

// The remaining options can fail for lack of memory only; libcurl then fails the transfer itself.
static CURLcode set_options(struct transfer *transfer, CURL *easy)
{
	const struct http_settings *settings = transfer->settings;
	const struct http_target *target = &transfer->target;
	bool post = !strcmp(transfer->method, "POST");
	CURLcode code = curl_easy_setopt(easy, CURLOPT_URL, target->url);
#define SET(option, value) code = code ? code : curl_easy_setopt(easy, option, value)
	SET(CURLOPT_PRIVATE, transfer);
	SET(CURLOPT_ERRORBUFFER, transfer->curl_text);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_PROTOCOLS_STR, target->plain ? "http" : "https");
	SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	// Wait for the connection that is being made and share it; http to this machine has nothing to share.
	SET(CURLOPT_PIPEWAIT, target->plain ? 0L : 1L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_TCP_KEEPALIVE, 1L);
	SET(CURLOPT_CONNECTTIMEOUT_MS,
	    (long)(settings->timeout < CONNECT_TIMEOUT ? settings->timeout : CONNECT_TIMEOUT));
	SET(CURLOPT_ACCEPT_ENCODING, wants_identity(transfer) ? NULL : "");
	SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	SET(CURLOPT_USERAGENT, settings->user_agent);
	SET(CURLOPT_HTTPHEADER, transfer->header_list);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, transfer);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, transfer);
	SET(CURLOPT_XFERINFOFUNCTION, on_progress);
	SET(CURLOPT_XFERINFODATA, transfer);
	SET(CURLOPT_NOPROGRESS, 0L);
	SET(CURLOPT_OPENSOCKETFUNCTION, on_socket);
	SET(CURLOPT_OPENSOCKETDATA, transfer);
	if (target->user || target->password) {
		SET(CURLOPT_USERNAME, target->user ? target->user : "");
		SET(CURLOPT_PASSWORD, target->password ? target->password : "");
	} else {
		SET(CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL);
		if (settings->netrc)
			SET(CURLOPT_NETRC_FILE, settings->netrc);
	}
	if (settings->authorities)
		SET(settings->authorities_folder ? CURLOPT_CAPATH : CURLOPT_CAINFO, settings->authorities);
	if (target->plain) // the check of the peer needs the peer
		SET(CURLOPT_PROXY, "");
	else if (settings->proxy)
		SET(CURLOPT_PROXY, settings->proxy);
	if (!strcmp(transfer->method, "HEAD"))
		SET(CURLOPT_NOBODY, 1L);
	else if (post || transfer->request_body.len) {
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)transfer->request_body.len);
		SET(CURLOPT_POSTFIELDS, text_str(&transfer->request_body));
		// On a kept connection libcurl itself repeats what was swallowed without an answer; see may_repeat.
		SET(CURLOPT_FRESH_CONNECT, 1L);
	}
	if (strcmp(transfer->method, "HEAD") && strcmp(transfer->method, "GET") && !post)
		SET(CURLOPT_CUSTOMREQUEST, transfer->method);
#undef SET
	return code;
}

int transfer_begin(struct transfer *transfer, CURL *easy, int64_t now)
{
	forget_answer(transfer);
	transfer->easy = easy;
	transfer->started = transfer->progressed = now;
	transfer->sent = 0;
	*transfer->curl_text = 0;
	CURLcode code = make_headers(transfer) ? CURLE_OUT_OF_MEMORY : set_options(transfer, easy);
	if (code)
		return error_set(&transfer->response.failure, ERROR_NETWORK, "%s: libcurl refuses the request: %s",
				 transfer->target.shown, curl_easy_strerror(code));
	return 0;
}

bool transfer_overdue(struct transfer *transfer, int64_t now)
{
	const struct http_settings *settings = transfer->settings;
	struct error *failure = &transfer->response.failure;
	int64_t age = now - transfer->started;
	bool saving = transfer->save_to && transfer->body_bytes && age < settings->timeout * SAVE_TIMEOUTS &&
		      (int64_t)transfer->body_bytes >= age / 1000 * SLOWEST_RATE;
	if (now - transfer->progressed >= settings->stall_timeout)
		error_set(failure, ERROR_NETWORK, "%s: nothing came for %.1f s", transfer->target.shown,
			  (double)(now - transfer->progressed) / 1000);
	else if (age >= settings->timeout && !saving)
		error_set(failure, ERROR_NETWORK, "%s: not finished after %.1f s", transfer->target.shown,
			  (double)age / 1000);
	else
		return false;
	return true;
}
