// Where a request may go: https anywhere, http to this machine itself, file
// when the caller allows it. Takes user and password out of the URL at once,
// so that nothing later can show them.
#include <curl/curl.h>

#include "core/http_transfer.h"

static char *part_of(CURLU *url, CURLUPart part, unsigned flags)
{
	char *found = NULL, *copy = NULL;
	if (!curl_url_get(url, part, &found, flags))
		copy = xstrdup(found);
	curl_free(found);
	return copy;
}

// A malformed URL as it may be shown: nothing before its last @, nothing after ?.
static char *masked(const char *url)
{
	const char *authority = strstr(url, "://"), *at = strrchr(url, '@');
	const char *rest = at ? at + 1 : authority ? authority + 3 : url;
	int scheme = authority ? (int)(authority + 3 - url) : 0;
	return xasprintf("%.*s%.*s", scheme, url, (int)strcspn(rest, "?#"), rest);
}

// By name only; whether the name leads to this machine is checked when the socket is made.
static bool is_loopback_name(const char *host)
{
	struct slice name = slice_of(host);
	return slice_is(name, "localhost") || slice_ends(name, ".localhost") || slice_starts(name, "127.") ||
	       slice_is(name, "[::1]") || slice_is(name, "::1");
}

static int check_scheme(CURLU *url, bool allow_file, struct http_target *out, struct error *err)
{
	cleanup_free char *scheme = part_of(url, CURLUPART_SCHEME, 0);
	cleanup_free char *host = part_of(url, CURLUPART_HOST, 0);
	cleanup_free char *port = part_of(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
	out->plain = scheme && !strcmp(scheme, "http");
	out->file = scheme && !strcmp(scheme, "file");
	out->origin = xasprintf("%s://%s:%s", scheme ? scheme : "", host ? host : "", port ? port : "");
	if (scheme && !strcmp(scheme, "https"))
		return 0;
	if (out->file && allow_file)
		return 0;
	if (out->plain && host && is_loopback_name(host))
		return 0;
	if (out->plain)
		return error_set(err, ERROR_POLICY, "%s: plain http is allowed to this machine itself only; use https",
				 out->shown);
	return error_set(err, ERROR_POLICY, "%s: only https is allowed, not %s", out->shown, scheme ? scheme : "this");
}

int http_target_parse(const char *url, bool allow_file, struct http_target *out, struct error *err)
{
	*out = (struct http_target){0};
	CURLU *parsed = curl_url();
	CURLUcode code = parsed ? curl_url_set(parsed, CURLUPART_URL, url, CURLU_URLENCODE) : CURLUE_OUT_OF_MEMORY;
	int status = 0;
	if (code) {
		out->shown = masked(url);
		status = error_set(err, ERROR_INPUT, "%s: not a URL that can be fetched: %s", out->shown,
				   curl_url_strerror(code));
	} else {
		out->user = part_of(parsed, CURLUPART_USER, CURLU_URLDECODE);
		out->password = part_of(parsed, CURLUPART_PASSWORD, CURLU_URLDECODE);
		curl_url_set(parsed, CURLUPART_USER, NULL, 0);
		curl_url_set(parsed, CURLUPART_PASSWORD, NULL, 0);
		curl_url_set(parsed, CURLUPART_OPTIONS, NULL, 0);
		curl_url_set(parsed, CURLUPART_FRAGMENT, NULL, 0);
		out->url = part_of(parsed, CURLUPART_URL, 0);
		curl_url_set(parsed, CURLUPART_QUERY, NULL, 0);
		out->shown = part_of(parsed, CURLUPART_URL, 0);
		if (!out->url || !out->shown) {
			free(out->shown);
			out->shown = masked(url);
			status = error_set(err, ERROR_INPUT, "%s: not a URL that can be fetched", out->shown);
		} else {
			status = check_scheme(parsed, allow_file, out, err);
		}
	}
	curl_url_cleanup(parsed);
	return status;
}

void http_target_clear(struct http_target *target)
{
	free(target->url);
	free(target->shown);
	free(target->user);
	if (target->password)
		explicit_bzero(target->password, strlen(target->password));
	free(target->password);
	free(target->origin);
	*target = (struct http_target){0};
}
