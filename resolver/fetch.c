// Files of a lock into the user's cache, by hash. A file that is already there is verified before it is used; what is
// damaged is fetched again. Parallel processes may fetch the same file: names appear whole, and the bytes are the same.
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "resolver/cache.h"
#include "resolver/resolve.h"
#include "resolver/url.h"

enum { COPY_CHUNK = 256 * 1024 };
#define FETCH_LIMIT ((size_t)4 << 30)

static int check_hash(const struct lock_file *file, const char *actual, struct error *err)
{
	if (!*file->sha256 || !strcmp(actual, file->sha256))
		return 0;
	return error_set(err, ERROR_POLICY, "%s: its SHA-256 is %s, but the index says %s: do not use it", file->name,
			 actual, file->sha256);
}

// Gives the verified file its name in the cache.
static int take(const char *temporary, const char *sha256, const char *cache_dir, char **path, struct error *err)
{
	cleanup_free char *target = NULL;
	if (cache_path(cache_dir, "archives", sha256, &target, err))
		return -1;
	if (rename(temporary, target))
		return error_errno(err, ERROR_WORKSPACE, "the cache: %s", target);
	*path = steal(&target);
	return 0;
}

// ---- local files -----------------------------------------------------------------------------------------------------

static int copy_bytes(int from, const char *name, int to, const char *temporary, char actual[DIGEST_HEX_SIZE],
		      struct error *err)
{
	cleanup_free char *buffer = xmalloc(COPY_CHUNK);
	struct digest_hasher *hasher = digest_new();
	int status = 0;
	for (;;) {
		ssize_t count = read(from, buffer, COPY_CHUNK);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			status = error_errno(err, ERROR_WORKSPACE, "%s", name);
		if (count <= 0)
			break;
		digest_add(hasher, buffer, (size_t)count);
		for (ssize_t done = 0; done < count && !status;) {
			ssize_t written = write(to, buffer + done, (size_t)(count - done));
			if (written >= 0)
				done += written;
			else if (errno != EINTR)
				status = error_errno(err, ERROR_WORKSPACE, "%s", temporary);
		}
		if (status)
			break;
	}
	digest_final_hex(hasher, actual);
	digest_free(hasher);
	if (!status && (fchmod(to, 0644) || fsync(to)))
		status = error_errno(err, ERROR_WORKSPACE, "%s", temporary);
	return status;
}

static int fetch_local(const struct lock_file *file, const char *source, const char *cache_dir, char **path,
		       struct error *err)
{
	char key[DIGEST_HEX_SIZE], actual[DIGEST_HEX_SIZE];
	cleanup_free char *place = NULL;
	cleanup_fd int from = open(source, O_RDONLY | O_CLOEXEC);
	if (from < 0)
		return error_errno(err, ERROR_INDEX, "%s: %s", file->name, source);
	digest_hex_of(file->url, strlen(file->url), key);
	if (cache_path(cache_dir, "unhashed", key, &place, err))
		return -1;
	cleanup_free char *temporary = xasprintf("%s.XXXXXX", place);
	cleanup_fd int to = mkostemp(temporary, O_CLOEXEC);
	if (to < 0)
		return error_errno(err, ERROR_WORKSPACE, "the cache: %s", temporary);
	if (copy_bytes(from, source, to, temporary, actual, err) || check_hash(file, actual, err) ||
	    take(temporary, actual, cache_dir, path, err)) {
		unlink(temporary);
		return -1;
	}
	return 0;
}

// ---- over HTTP -------------------------------------------------------------------------------------------------------

static int download(struct http *http, const struct lock_file *file, const char *save_to, struct error *err)
{
	const char *headers[] = {"Accept-Encoding: identity", NULL};
	struct http_request request = {.url = file->url,
				       .headers = headers,
				       .save_to = save_to,
				       .sha256 = *file->sha256 ? file->sha256 : NULL,
				       .body_limit = FETCH_LIMIT};
	struct http_response response = {0};
	if (http_fetch(http, &request, &response, err))
		return error_context(err, "%s", file->name);
	long status = response.status;
	http_response_clear(&response);
	if (status == 200)
		return 0;
	cleanup_free char *shown = index_url_public(file->url);
	return error_set(err, ERROR_INDEX, "%s: the index answers %ld for %s%s", file->name, status, shown,
			 status == 401 || status == 403 ? ": user and password can stand in ~/.netrc" : "");
}

// Without a hash, it is downloaded to find it out.
static int fetch_unhashed(struct http *http, const struct lock_file *file, const char *cache_dir, char **path,
			  struct error *err)
{
	char key[DIGEST_HEX_SIZE], actual[DIGEST_HEX_SIZE];
	cleanup_free char *place = NULL;
	digest_hex_of(file->url, strlen(file->url), key);
	if (cache_path(cache_dir, "unhashed", key, &place, err))
		return -1;
	cleanup_free char *temporary = xasprintf("%s.%ld", place, (long)getpid());
	if (download(http, file, temporary, err))
		return -1;
	if (digest_hex_of_file(temporary, actual, err) || take(temporary, actual, cache_dir, path, err)) {
		unlink(temporary);
		return -1;
	}
	return 0;
}

int fetch_file(struct http *http, const struct lock_file *file, const char *cache_dir, char **path, struct error *err)
{
	cleanup_free char *local = url_file_path(file->url);
	cleanup_free char *cached = NULL;
	char actual[DIGEST_HEX_SIZE];
	if (!*file->sha256)
		return local ? fetch_local(file, local, cache_dir, path, err)
			     : fetch_unhashed(http, file, cache_dir, path, err);
	if (cache_path(cache_dir, "archives", file->sha256, &cached, err))
		return -1;
	if (file_exists(cached) && !digest_hex_of_file(cached, actual, NULL) && !strcmp(actual, file->sha256)) {
		*path = steal(&cached);
		return 0;
	}
	if (local)
		return fetch_local(file, local, cache_dir, path, err);
	if (download(http, file, cached, err))
		return -1;
	*path = steal(&cached);
	return 0;
}
