// URL arithmetic. Inputs come from index pages: nothing is assumed but the NUL at the end.
#include "resolver/url.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/vec.h"

struct parts {
	struct slice scheme, authority, path, query, fragment;
	bool has_authority, has_query;
};

static bool is_scheme(struct slice text)
{
	if (!text.len || !isalpha((unsigned char)text.ptr[0]))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!isalnum((unsigned char)text.ptr[i]) && !strchr("+-.", text.ptr[i]))
			return false;
	return true;
}

static struct parts parts_of(struct slice url)
{
	struct parts parts = {0};
	for (size_t i = 0; i < url.len; i++)
		if (url.ptr[i] == '#') {
			parts.fragment = slice_from(url, i + 1);
			url.len = i;
		}
	for (size_t i = 0; i < url.len; i++)
		if (url.ptr[i] == '?') {
			parts.query = slice_from(url, i + 1);
			parts.has_query = true;
			url.len = i;
		}
	const char *colon = url.len ? memchr(url.ptr, ':', url.len) : NULL;
	if (colon && is_scheme((struct slice){url.ptr, (size_t)(colon - url.ptr)})) {
		parts.scheme = (struct slice){url.ptr, (size_t)(colon - url.ptr)};
		url = slice_from(url, parts.scheme.len + 1);
	}
	if (slice_starts(url, "//")) {
		url = slice_from(url, 2);
		size_t end = 0;
		while (end < url.len && url.ptr[end] != '/')
			end++;
		parts.authority = (struct slice){url.ptr, end};
		parts.has_authority = true;
		url = slice_from(url, end);
	}
	parts.path = url;
	return parts;
}

static bool scheme_is(struct slice scheme, const char *name)
{
	return scheme.len == strlen(name) && !strncasecmp(scheme.ptr, name, scheme.len);
}

// "." and ".." of a path that begins with "/" are resolved.
static void add_path(struct text *out, struct slice path)
{
	VEC(struct slice) kept = VEC_INIT;
	struct slice rest = path, part;
	bool folder = false;
	if (slice_starts(rest, "/"))
		rest = slice_from(rest, 1);
	while (slice_cut(&rest, '/', &part)) {
		folder = slice_is(part, ".") || slice_is(part, "..");
		if (slice_is(part, "..")) {
			if (kept.count)
				kept.count--;
		} else if (!slice_is(part, ".")) {
			vec_push(&kept, part);
		}
	}
	for (size_t i = 0; i < kept.count; i++) {
		text_add_char(out, '/');
		text_add_slice(out, kept.items[i]);
	}
	if (folder || !kept.count)
		text_add_char(out, '/');
	vec_clear(&kept);
}

char *url_join(const char *base, struct slice reference, char **fragment)
{
	if (fragment)
		*fragment = NULL;
	reference = slice_trim(reference);
	for (size_t i = 0; i < reference.len; i++)
		if ((unsigned char)reference.ptr[i] < 0x20 || reference.ptr[i] == 0x7f)
			return NULL;
	struct parts from = parts_of(slice_of(base)), to = parts_of(reference);
	struct slice scheme = to.scheme.len ? to.scheme : from.scheme;
	bool file = scheme_is(scheme, "file");
	if (!file && !scheme_is(scheme, "https") && !scheme_is(scheme, "http"))
		return NULL;
	if (file && !scheme_is(from.scheme, "file"))
		return NULL;
	bool absolute = to.scheme.len || to.has_authority;
	struct slice authority = absolute ? to.authority : from.authority;
	if (!file && !authority.len)
		return NULL;
	cleanup_text struct text path = TEXT_INIT;
	if (!absolute && !slice_starts(to.path, "/")) {
		struct slice folder = from.path;
		if (to.path.len)
			while (folder.len && folder.ptr[folder.len - 1] != '/')
				folder.len--;
		text_add_slice(&path, folder);
	}
	text_add_slice(&path, to.path);
	cleanup_text struct text out = TEXT_INIT, full = TEXT_INIT;
	for (size_t i = 0; i < scheme.len; i++)
		text_add_char(&full, (char)tolower((unsigned char)scheme.ptr[i]));
	text_add(&full, "://");
	text_add_slice(&full, authority);
	add_path(&full, text_slice(&path));
	if (to.has_query || (!absolute && !to.path.len && from.has_query)) {
		text_add_char(&full, '?');
		text_add_slice(&full, to.has_query ? to.query : from.query);
	}
	for (size_t i = 0; i < full.len; i++) // what may not stand in a URL as it is
		if (full.ptr[i] <= ' ' || full.ptr[i] > '~' || strchr("\"<>^`{|}\\", full.ptr[i]))
			text_addf(&out, "%%%02X", (unsigned)(unsigned char)full.ptr[i]);
		else
			text_add_char(&out, full.ptr[i]);
	if (fragment)
		*fragment = slice_dup(to.fragment);
	return text_steal(&out);
}

// Where user and password end in the authority; 0 when there are none.
static size_t credentials_length(struct slice authority)
{
	for (size_t i = authority.len; i-- > 0;)
		if (authority.ptr[i] == '@')
			return i + 1;
	return 0;
}

char *url_without_credentials(const char *url)
{
	struct parts parts = parts_of(slice_of(url));
	size_t skip = credentials_length(parts.authority);
	if (!skip)
		return xstrdup(url);
	size_t before = (size_t)(parts.authority.ptr - url);
	return xasprintf("%.*s%s", (int)before, url, url + before + skip);
}

char *url_origin(const char *url)
{
	struct parts parts = parts_of(slice_of(url));
	struct slice host = slice_from(parts.authority, credentials_length(parts.authority));
	char *origin = xasprintf("%.*s://%.*s", (int)parts.scheme.len, parts.scheme.len ? parts.scheme.ptr : "",
				 (int)host.len, host.len ? host.ptr : "");
	for (char *c = origin; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return origin;
}

char *url_with_credentials_of(const char *url, const char *other)
{
	struct parts mine = parts_of(slice_of(url)), theirs = parts_of(slice_of(other));
	cleanup_free char *a = url_origin(url);
	cleanup_free char *b = url_origin(other);
	size_t length = credentials_length(theirs.authority);
	if (!length || credentials_length(mine.authority) || strcmp(a, b) != 0)
		return xstrdup(url);
	size_t before = (size_t)(mine.authority.ptr - url);
	return xasprintf("%.*s%.*s%s", (int)before, url, (int)length, theirs.authority.ptr, url + before);
}

static int hex_value(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

// NULL when a NUL is hidden in it.
static char *percent_decode(struct slice text)
{
	cleanup_text struct text out = TEXT_INIT;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (c == '%' && i + 2 < text.len && hex_value(text.ptr[i + 1]) >= 0 &&
		    hex_value(text.ptr[i + 2]) >= 0) {
			c = (char)(hex_value(text.ptr[i + 1]) * 16 + hex_value(text.ptr[i + 2]));
			i += 2;
			if (!c)
				return NULL;
		}
		text_add_char(&out, c);
	}
	return text_steal(&out);
}

void url_escape(const char *path, struct text *out)
{
	for (const unsigned char *at = (const unsigned char *)path; *at; at++)
		if (isalnum(*at) || strchr("-._~!/", *at))
			text_add_char(out, (char)*at);
		else
			text_addf(out, "%%%02X", *at);
}

char *url_of_file(const char *path)
{
	struct text url = TEXT_INIT;
	text_add(&url, "file://");
	url_escape(path, &url);
	return text_steal(&url);
}

char *url_file_path(const char *url)
{
	struct parts parts = parts_of(slice_of(url));
	if (!scheme_is(parts.scheme, "file") || (parts.authority.len && !slice_is(parts.authority, "localhost")))
		return NULL;
	return percent_decode(parts.path);
}

char *url_file_name(const char *url)
{
	struct slice path = parts_of(slice_of(url)).path;
	size_t begin = path.len;
	while (begin && path.ptr[begin - 1] != '/')
		begin--;
	return percent_decode(slice_from(path, begin));
}
