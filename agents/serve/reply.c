// HEAD and 304 get the same response as GET; libmicrohttpd leaves the body out.
#include "agents/serve/reply.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "agents/serve/request.h"

enum { TAG_SIZE = 80 };

struct joined {
	const char *name;
	struct text *out;
	bool found;
};

static enum MHD_Result join(void *context, enum MHD_ValueKind kind, const char *key, const char *value)
{
	struct joined *joined = context;
	(void)kind;
	if (!strcasecmp(key, joined->name)) {
		text_addf(joined->out, "%s%s", joined->found ? ", " : "", value ? value : "");
		joined->found = true;
	}
	return MHD_YES;
}

bool reply_header(struct MHD_Connection *connection, const char *name, struct text *out)
{
	struct joined joined = {.name = name, .out = out};
	MHD_get_connection_values(connection, MHD_HEADER_KIND, join, &joined);
	return joined.found;
}

struct reply {
	struct MHD_Connection *connection;
	struct serve_answer *answer;
	uint64_t size, first, length;
	char etag[TAG_SIZE]; // "" for what is no file
};

// The inode is in it: a page that is replaced within one tick of the clock by one of the same size differs too.
static void make_etag(struct reply *reply)
{
	struct stat status;
	if (reply->answer->fd < 0 || fstat(reply->answer->fd, &status))
		return;
	reply->size = (uint64_t)status.st_size;
	snprintf(reply->etag, sizeof reply->etag, "\"%" PRIx64 "-%" PRIx64 "-%" PRIx64 "%s\"", (uint64_t)status.st_ino,
		 (uint64_t)status.st_mtim.tv_sec * 1000000000 + (uint64_t)status.st_mtim.tv_nsec, reply->size,
		 reply->answer->form);
}

static bool is_unchanged(const struct reply *reply)
{
	cleanup_text struct text tags = TEXT_INIT;
	return reply_header(reply->connection, MHD_HTTP_HEADER_IF_NONE_MATCH, &tags) &&
	       request_has_etag(text_str(&tags), reply->etag, true);
}

// Sets what is sent of the file, and 206 or 416.
static void apply_range(struct reply *reply)
{
	cleanup_text struct text range = TEXT_INIT, condition = TEXT_INIT;
	if (!reply_header(reply->connection, MHD_HTTP_HEADER_RANGE, &range))
		return;
	if (reply_header(reply->connection, MHD_HTTP_HEADER_IF_RANGE, &condition) &&
	    (slice_is(text_slice(&condition), "*") || !request_has_etag(text_str(&condition), reply->etag, false)))
		return;
	switch (request_range(text_str(&range), reply->size, &reply->first, &reply->length)) {
	case RANGE_WHOLE: break;
	case RANGE_PART: reply->answer->status = 206; break;
	case RANGE_UNSATISFIABLE:
		serve_refuse(reply->answer, 416, "the file has %" PRIu64 " bytes", reply->size);
		break;
	}
}

static struct MHD_Response *make_response(struct reply *reply)
{
	struct serve_answer *answer = reply->answer;
	if (answer->fd < 0) {
		reply->length = answer->text.len;
		return MHD_create_response_from_buffer(answer->text.len, (void *)(uintptr_t)text_str(&answer->text),
						       MHD_RESPMEM_MUST_COPY);
	}
	struct MHD_Response *response =
		MHD_create_response_from_fd_at_offset64(reply->length, answer->fd, reply->first);
	if (response)
		answer->fd = -1; // it closes it
	return response;
}

static void add_headers(const struct reply *reply, struct MHD_Response *response)
{
	const struct serve_answer *answer = reply->answer;
	cleanup_text struct text range = TEXT_INIT;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, answer->cache);
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	if (answer->varies)
		MHD_add_response_header(response, MHD_HTTP_HEADER_VARY, MHD_HTTP_HEADER_ACCEPT);
	if (answer->last)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	if (answer->location)
		MHD_add_response_header(response, MHD_HTTP_HEADER_LOCATION, answer->location);
	if (answer->status == 405)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	if (answer->status == 206)
		text_addf(&range, "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, reply->first,
			  reply->first + reply->length - 1, reply->size);
	if (answer->status == 416)
		text_addf(&range, "bytes */%" PRIu64, reply->size);
	if (range.len)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_RANGE, range.ptr);
	if (!*reply->etag || answer->status == 416)
		return;
	MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, reply->etag);
	MHD_add_response_header(response, MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes");
}

int reply_queue(struct MHD_Connection *connection, struct serve_answer *answer, bool part, uint64_t *bytes)
{
	struct reply reply = {.connection = connection, .answer = answer};
	make_etag(&reply);
	reply.length = reply.size;
	if (*reply.etag && is_unchanged(&reply))
		answer->status = 304;
	else if (*reply.etag && part)
		apply_range(&reply);
	struct MHD_Response *response = make_response(&reply);
	if (!response)
		return 0;
	add_headers(&reply, response);
	int status = MHD_queue_response(connection, (unsigned)answer->status, response) == MHD_YES ? answer->status : 0;
	MHD_destroy_response(response);
	*bytes = answer->status == 304 || !part ? 0 : reply.length;
	return status;
}
