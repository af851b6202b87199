// Parsing of Redis URLs. Errors never show the part before the @: it may hold
// a password.
#include "scheduler/redis_url.h"

#include <stdio.h>
#include <sys/un.h>

#include <hiredis/hiredis.h>

#include "core/text.h"

static const char forms[] = "redis://[[user]:password@]host[:port][/db] or unix:/path/of/socket";

void redis_url_clear(struct redis_url *url)
{
	free(url->path);
	free(url->host);
	free(url->user);
	free(url->password);
	free(url->name);
	*url = (struct redis_url){0};
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// NULL when a % is not followed by two hexadecimal digits, or stands for NUL.
static char *decode(struct slice text)
{
	char *out = xmalloc(text.len + 1);
	size_t length = 0;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (c == '%') {
			int high = i + 2 < text.len ? hex_value(text.ptr[i + 1]) : -1;
			int low = high >= 0 ? hex_value(text.ptr[i + 2]) : -1;
			if (low < 0 || high * 16 + low == 0) {
				free(out);
				return NULL;
			}
			c = (char)(high * 16 + low);
			i += 2;
		}
		out[length++] = c;
	}
	out[length] = 0;
	return out;
}

static int parse_unix(struct slice path, struct redis_url *out, struct error *err)
{
	while (slice_starts(path, "//")) // unix:///run/redis.sock
		path = slice_from(path, 1);
	if (!slice_starts(path, "/"))
		return error_set(err, ERROR_REDIS,
				 "the Redis URL \"unix:%.*s\" has no absolute path: write unix:/path/of/socket",
				 (int)path.len, path.ptr);
	if (path.len >= sizeof((struct sockaddr_un *)0)->sun_path)
		return error_set(
			err, ERROR_REDIS,
			"the path of the Redis socket is longer than %zu bytes, which the system cannot do: %.*s",
			sizeof((struct sockaddr_un *)0)->sun_path - 1, (int)path.len, path.ptr);
	out->path = slice_dup(path);
	out->name = xasprintf("unix:%s", out->path);
	return 0;
}

static int parse_login(struct slice login, struct redis_url *out, struct error *err)
{
	struct slice rest = login, first = {0};
	bool both = memchr(login.ptr, ':', login.len) != NULL;
	slice_cut(&rest, ':', &first);
	// As redis-cli does: a single word before the @ is the password.
	out->password = decode(both ? rest : first);
	out->user = both && first.len ? decode(first) : NULL;
	if (!out->password || (both && first.len && !out->user))
		return error_set(err, ERROR_REDIS,
				 "the user or password in the Redis URL has a %% that is not followed by two "
				 "hexadecimal digits: write it as %%25");
	return 0;
}

static int parse_host(struct slice place, struct redis_url *out, struct error *err)
{
	struct slice host = place, port = {0};
	if (slice_starts(place, "[")) {
		const char *end = memchr(place.ptr, ']', place.len);
		if (!end)
			return error_set(err, ERROR_REDIS,
					 "the Redis URL has an IPv6 address without its \"]\": the forms are %s",
					 forms);
		host = (struct slice){place.ptr + 1, (size_t)(end - place.ptr) - 1};
		port = slice_from(place, host.len + 2);
		if (port.len && port.ptr[0] != ':')
			return error_set(err, ERROR_REDIS,
					 "the Redis URL has \"%.*s\" after its address: the forms are %s",
					 (int)port.len, port.ptr, forms);
	} else {
		const char *colon = memchr(place.ptr, ':', place.len);
		if (colon) {
			host.len = (size_t)(colon - place.ptr);
			port = slice_from(place, host.len);
		}
	}
	out->host = host.len ? slice_dup(host) : xstrdup("127.0.0.1");
	out->port = 6379;
	uint64_t number = 6379;
	if (port.len && (parse_u64(slice_from(port, 1), &number) || number == 0 || number > 65535))
		return error_set(err, ERROR_REDIS, "the Redis URL has no valid port: \"%.*s\" (1 to 65535)",
				 (int)port.len - 1, port.ptr + 1);
	out->port = (int)number;
	return 0;
}

static int parse_tcp(struct slice rest, struct redis_url *out, struct error *err)
{
	const char *at = rest.len ? memrchr(rest.ptr, '@', rest.len) : NULL;
	if (at) {
		if (parse_login((struct slice){rest.ptr, (size_t)(at - rest.ptr)}, out, err))
			return -1;
		rest = slice_from(rest, (size_t)(at - rest.ptr) + 1);
	}
	struct slice place = {"", 0};
	slice_cut(&rest, '/', &place);
	uint64_t database = 0;
	if (rest.ptr && rest.len && (parse_u64(rest, &database) || database > 1000000))
		return error_set(err, ERROR_REDIS,
				 "the Redis URL ends in \"/%.*s\", which is no database number: the forms are %s",
				 (int)rest.len, rest.ptr, forms);
	out->database = (int)database;
	if (parse_host(place.ptr ? place : SLICE(""), out, err))
		return -1;
	const char *open = strchr(out->host, ':') ? "[" : "", *close = *open ? "]" : "";
	out->name = xasprintf("redis://%s%s%s%s%s:%d/%d", out->user ? out->user : "", out->user ? "@" : "", open,
			      out->host, close, out->port, out->database);
	return 0;
}

int redis_url_parse(const char *url, struct redis_url *out, struct error *err)
{
	struct slice text = slice_of(url);
	int status;
	*out = (struct redis_url){0};
	if (slice_starts(text, "unix:"))
		status = parse_unix(slice_from(text, 5), out, err);
	else if (slice_starts(text, "redis://"))
		status = parse_tcp(slice_from(text, 8), out, err);
	else if (slice_starts(text, "rediss://"))
		status = error_set(err, ERROR_REDIS,
				   "rediss:// (TLS) needs hiredis 1.0 or later and this program was built with %d.%d: "
				   "use a unix: socket, or a local "
				   "TLS tunnel such as stunnel and redis://127.0.0.1",
				   HIREDIS_MAJOR, HIREDIS_MINOR);
	else
		status = error_set(err, ERROR_REDIS, "the Redis URL has an unknown form: it must be %s", forms);
	if (status)
		redis_url_clear(out);
	return status;
}
