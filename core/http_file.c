// file:// URLs of local indexes: read at once, through the same bounds and
// hash check as what the network brings. An absent file is a 404.
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/http_transfer.h"

static char *path_of(const char *url)
{
	CURLU *parsed = curl_url();
	char *found = NULL, *path = NULL;
	if (parsed && !curl_url_set(parsed, CURLUPART_URL, url, 0) &&
	    !curl_url_get(parsed, CURLUPART_PATH, &found, CURLU_URLDECODE))
		path = xstrdup(found);
	curl_free(found);
	curl_url_cleanup(parsed);
	return path;
}

static int read_all(struct transfer *transfer, int fd, struct error *err)
{
	char buffer[65536];
	ssize_t got;
	while ((got = read(fd, buffer, sizeof buffer)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_errno(err, ERROR_NETWORK, "%s", transfer->target.shown);
		if (transfer_body_add(transfer, buffer, (size_t)got)) {
			if (err)
				*err = transfer->response.failure;
			return -1;
		}
	}
	return transfer_body_finish(transfer, err);
}

static int read_file(struct transfer *transfer, struct error *err)
{
	struct http_response *response = &transfer->response;
	cleanup_free char *path = path_of(transfer->target.url);
	if (!path)
		return error_set(err, ERROR_INPUT, "%s: not a path", transfer->target.shown);
	// Not blocked by a FIFO; what is no regular file is refused below.
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		response->status = 404;
		return 0;
	}
	if (fd < 0 || fstat(fd, &status))
		return error_errno(err, ERROR_NETWORK, "%s", transfer->target.shown);
	if (!S_ISREG(status.st_mode))
		return error_set(err, ERROR_NETWORK, "%s: not a regular file", transfer->target.shown);
	response->status = 200;
	if (transfer->sha256)
		transfer->hasher = digest_new();
	return read_all(transfer, fd, err);
}

void transfer_read_file(struct transfer *transfer)
{
	struct error err = ERROR_INIT;
	transfer->response.tries = 1;
	if (read_file(transfer, &err))
		transfer_fail(transfer, &err);
	else
		transfer->response.final_url = xstrdup(transfer->target.url);
}
