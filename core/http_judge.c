// How a try ended: an answer, a failure, another place to go, or another try
// later. Redirects are followed here, not by libcurl: each hop is checked like a
// first URL, and the caller's headers and credentials stay with the origin they
// were meant for. Waits grow, with jitter, so that a crowd does not come back at once.
#include "core/http_transfer.h"

enum {
	REDIRECT_LIMIT = 10,
	BACKOFF_FIRST = 400, // milliseconds, doubled each time
	BACKOFF_LIMIT = 10000,
	RETRY_AFTER_LIMIT = 60, // seconds; a server that wants more gets 60
};

static void describe(struct transfer *transfer, CURLcode result)
{
	struct error *failure = &transfer->response.failure;
	const char *shown = transfer->target.shown;
	const char *text = *transfer->curl_text ? transfer->curl_text : curl_easy_strerror(result);
	switch (result) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		error_set(failure, ERROR_NETWORK, "%s: %s (is the network up, is the name right?)", shown, text);
		break;
	case CURLE_COULDNT_CONNECT: error_set(failure, ERROR_NETWORK, "%s: nobody answers: %s", shown, text); break;
	case CURLE_PARTIAL_FILE:
	case CURLE_GOT_NOTHING:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
		error_set(failure, ERROR_NETWORK, "%s: the answer was cut off: %s", shown, text);
		break;
	case CURLE_PEER_FAILED_VERIFICATION:
		error_set(failure, ERROR_NETWORK,
			  "%s: the server's certificate is not trusted: %s (SSL_CERT_FILE or PIP_CERT names the "
			  "authorities)",
			  shown, text);
		break;
	default: error_set(failure, ERROR_NETWORK, "%s: %s", shown, text);
	}
}

// Would the same request have another outcome in a while?
static bool is_passing(CURLcode result)
{
	switch (result) {
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_BAD_CONTENT_ENCODING:
	case CURLE_OUT_OF_MEMORY:
	case CURLE_LOGIN_DENIED:
	case CURLE_WRITE_ERROR: return false;
	default: return true;
	}
}

// A POST may have been done although its answer is lost: it is repeated only when it surely was not.
static bool may_repeat(const struct transfer *transfer, CURLcode result)
{
	if (strcmp(transfer->method, "POST"))
		return true;
	long status = transfer->response.status;
	if (!result)
		return status == 408 || status == 429 || status == 503;
	return result == CURLE_COULDNT_CONNECT || result == CURLE_COULDNT_RESOLVE_HOST ||
	       result == CURLE_COULDNT_RESOLVE_PROXY;
}

static bool is_passing_status(long status)
{
	return status == 408 || status == 429 || (status >= 500 && status != 501 && status != 505);
}

static enum transfer_verdict retry_or_done(struct transfer *transfer, CURLcode result, int64_t now, uint64_t random)
{
	if (transfer->response.tries > transfer->settings->retries || !may_repeat(transfer, result))
		return TRANSFER_DONE;
	int doubled = transfer->response.tries - 1 < 10 ? transfer->response.tries - 1 : 10;
	int64_t wait = (int64_t)BACKOFF_FIRST << doubled;
	wait = wait < BACKOFF_LIMIT ? wait : BACKOFF_LIMIT;
	wait = wait / 2 + (int64_t)(random % (uint64_t)(wait / 2 + 1));
	curl_off_t after = 0;
	if (transfer->easy && !curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &after) && after > 0) {
		after = after < RETRY_AFTER_LIMIT ? after : RETRY_AFTER_LIMIT;
		wait = wait > after * 1000 ? wait : after * 1000 + (int64_t)(random % 250);
	}
	transfer->ready = now + wait;
	// From the beginning: what a redirect led to may have been signed for a short time.
	struct error ignored;
	http_target_clear(&transfer->target);
	http_target_parse(transfer->url, transfer->settings->allow_file, &transfer->target, &ignored);
	transfer->foreign = false;
	transfer->redirects = 0;
	return TRANSFER_RETRY;
}

static enum transfer_verdict redirect(struct transfer *transfer, const char *location)
{
	struct error err = ERROR_INIT;
	struct http_target next;
	char *from = transfer->target.shown;
	if (http_target_parse(location, false, &next, &err)) {
		error_context(&err, "%s: redirected to", from);
	} else if (next.plain && !transfer->target.plain) {
		error_set(&err, ERROR_POLICY, "%s: redirected from https to plain http (%s): refused", from,
			  next.shown);
	} else if (++transfer->redirects > REDIRECT_LIMIT) {
		error_set(&err, ERROR_NETWORK, "%s: redirected more than %d times", from, (int)REDIRECT_LIMIT);
	} else {
		bool same = !strcmp(next.origin, transfer->target.origin);
		transfer->foreign |= !same;
		if (same && !next.user && !next.password) {
			next.user = steal(&transfer->target.user);
			next.password = steal(&transfer->target.password);
		}
		http_target_clear(&transfer->target);
		transfer->target = next;
		return TRANSFER_AGAIN;
	}
	http_target_clear(&next);
	transfer_fail(transfer, &err);
	return TRANSFER_DONE;
}

// Only an answer that says its length can be told from one that was cut off.
static bool length_unknown(const struct transfer *transfer)
{
	curl_off_t length = -1;
	long version = 0;
	curl_easy_getinfo(transfer->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_VERSION, &version);
	return length < 0 && version < CURL_HTTP_VERSION_2_0;
}

// What only reads may be asked elsewhere.
static bool follows(const char *method)
{
	return !strcmp(method, "GET") || !strcmp(method, "HEAD");
}

static enum transfer_verdict judge_answer(struct transfer *transfer, int64_t now, uint64_t random)
{
	struct http_response *response = &transfer->response;
	char *location = NULL;
	struct error err = ERROR_INIT;
	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &response->status);
	curl_easy_getinfo(transfer->easy, CURLINFO_REDIRECT_URL, &location);
	if (location && response->status != 304 && follows(transfer->method))
		return redirect(transfer, location);
	response->final_url = xstrdup(transfer->target.url);
	if (is_passing_status(response->status))
		return retry_or_done(transfer, CURLE_OK, now, random);
	if (!transfer_body_finish(transfer, &err))
		return TRANSFER_DONE;
	bool again = err.code == ERROR_POLICY && length_unknown(transfer);
	transfer_fail(transfer, &err);
	return again ? retry_or_done(transfer, CURLE_PARTIAL_FILE, now, random) : TRANSFER_DONE;
}

enum transfer_verdict transfer_end(struct transfer *transfer, CURLcode result, bool overdue, int64_t now,
				   uint64_t random)
{
	struct http_response *response = &transfer->response;
	response->tries += transfer->redirects == 0; // a hop belongs to the try that it continues
	if (transfer->cut_error_page)
		result = CURLE_OK;
	if (!result && !response->failure.code)
		return judge_answer(transfer, now, random);
	// A failure of our own callbacks is final: policy, size or disk. Overdue is the network's.
	bool passing = overdue || (!response->failure.code && is_passing(result));
	if (!response->failure.code)
		describe(transfer, result);
	transfer_fail(transfer, &response->failure);
	return passing ? retry_or_done(transfer, overdue ? CURLE_OPERATION_TIMEDOUT : result, now, random)
		       : TRANSFER_DONE;
}
