// The body of an answer: into memory, or into a temporary file that takes its
// name only when it is complete, has the right hash and is on the disk.
// Counts what arrives (after decompression) against the limit.
#include <errno.h>
#include <strings.h>
#include <unistd.h>

#include "core/file.h"
#include "core/http_transfer.h"

// Of an answer that is no success, so much is kept: it is for people.
enum { ERROR_PAGE_LIMIT = 1 << 20 };

static bool succeeded(const struct transfer *transfer)
{
	return transfer->response.status >= 200 && transfer->response.status < 300;
}

static char *parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return !slash ? xstrdup(".") : slash == path ? xstrdup("/") : xstrndup(path, (size_t)(slash - path));
}

static int open_part(struct transfer *transfer, struct error *err)
{
	cleanup_free char *parent = parent_of(transfer->save_to);
	return dir_make(parent, 0755, err) || file_temporary(parent, &transfer->part, &transfer->fd, err) ? -1 : 0;
}

static int write_part(struct transfer *transfer, const char *data, size_t length, struct error *err)
{
	if (transfer->fd < 0 && open_part(transfer, err))
		return -1;
	return file_write_all(transfer->fd, data, length) ? file_error(err, "write", transfer->save_to) : 0;
}

static int too_large(struct transfer *transfer)
{
	return error_set(&transfer->response.failure, ERROR_NETWORK,
			 "%s: larger than the %zu bytes that are allowed here", transfer->target.shown,
			 transfer->body_limit);
}

int transfer_body_add(struct transfer *transfer, const char *data, size_t length)
{
	bool good = succeeded(transfer);
	if (!good) {
		size_t limit = transfer->body_limit < ERROR_PAGE_LIMIT ? transfer->body_limit : ERROR_PAGE_LIMIT;
		size_t room = limit - transfer->body_bytes;
		text_add_bytes(&transfer->response.body, data, length < room ? length : room);
		transfer->body_bytes += length < room ? length : room;
		transfer->cut_error_page = length > room;
		return transfer->cut_error_page ? -1 : 0;
	}
	if (length > transfer->body_limit - transfer->body_bytes)
		return too_large(transfer);
	transfer->body_bytes += length;
	if (transfer->hasher)
		digest_add(transfer->hasher, data, length);
	if (transfer->chunk) {
		struct error *failure = &transfer->response.failure;
		if (!transfer->chunk((struct slice){data, length}, transfer->stream_context, failure))
			return 0;
		return failure->code ? -1
				     : error_set(failure, ERROR_FAILED, "%s: given up while it was read",
						 transfer->target.shown);
	}
	if (transfer->save_to) {
		if (write_part(transfer, data, length, &transfer->response.failure))
			return -1;
	} else {
		text_add_bytes(&transfer->response.body, data, length);
	}
	return 0;
}

static int check_hash(struct transfer *transfer, struct error *err)
{
	char actual[DIGEST_HEX_SIZE];
	digest_final_hex(transfer->hasher, actual);
	digest_free(steal(&transfer->hasher));
	if (!strcasecmp(actual, transfer->sha256))
		return 0;
	return error_set(err, ERROR_POLICY, "%s: its SHA-256 is %s, but %s was expected: refused",
			 transfer->target.shown, actual, transfer->sha256);
}

static int commit_part(struct transfer *transfer, struct error *err)
{
	if (transfer->fd < 0 && open_part(transfer, err)) // an empty body
		return -1;
	cleanup_free char *parent = parent_of(transfer->save_to);
	int fd = transfer->fd;
	transfer->fd = -1;
	int failed = fsync(fd);
	int saved = errno;
	if (close(fd) && !failed) { // NFS reports a full disk here
		failed = -1;
		saved = errno;
	}
	if (!failed && rename(transfer->part, transfer->save_to)) {
		failed = -1;
		saved = errno;
	}
	errno = saved;
	if (failed)
		return file_error(err, "write", transfer->save_to);
	free(steal(&transfer->part));
	return dir_sync(parent, err);
}

int transfer_body_finish(struct transfer *transfer, struct error *err)
{
	if (!succeeded(transfer) || !strcmp(transfer->method, "HEAD"))
		return 0;
	if (transfer->hasher && check_hash(transfer, err))
		return -1;
	return transfer->save_to ? commit_part(transfer, err) : 0;
}

void transfer_body_reset(struct transfer *transfer)
{
	text_reset(&transfer->response.body);
	transfer->body_bytes = 0;
	transfer->cut_error_page = false;
	digest_free(steal(&transfer->hasher));
	if (transfer->fd >= 0)
		close(transfer->fd);
	transfer->fd = -1;
	if (transfer->part)
		unlink(transfer->part);
	free(steal(&transfer->part));
}
