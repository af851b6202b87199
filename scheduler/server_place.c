// Paths, lock and socket of a private Redis.
//
// A socket's path may have 107 bytes, a workspace's path 4,095: so the socket
// stands in a short folder and is named by a digest of the workspace's real path.
#include "scheduler/server_place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/digest.h"
#include "core/file.h"

enum { NAME_DIGITS = 20 };

int server_place_find(const char *workspace, bool make, struct server_place *out, struct error *err)
{
	cleanup_free char *named = xasprintf("%s/redis", workspace);
	*out = (struct server_place){0};
	if (make && dir_make(named, 0700, err))
		return -1;
	char *real = realpath(named, NULL);
	if (!real)
		return (errno == ENOENT || errno == ENOTDIR) && !make ? 0 : file_error(err, "use", named);
	out->folder = real;
	out->lock = xasprintf("%s/server.lock", real);
	out->url_file = xasprintf("%s/url", real);
	out->config = xasprintf("%s/redis.conf", real);
	out->log = xasprintf("%s/redis.log", real);
	if (make || !access(out->lock, F_OK))
		return 1;
	server_place_clear(out);
	return 0;
}

void server_place_clear(struct server_place *place)
{
	free(place->folder);
	free(place->lock);
	free(place->url_file);
	free(place->config);
	free(place->log);
	*place = (struct server_place){0};
}

int server_place_lock(const struct server_place *place, int *fd, struct error *err)
{
	for (;;) {
		cleanup_fd int opened = open(place->lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (opened < 0)
			return file_error(err, "lock", place->lock);
		int failed;
		while ((failed = flock(opened, LOCK_EX | LOCK_NB)) && errno == EINTR)
			;
		if (failed && errno == EWOULDBLOCK)
			return 0;
		struct stat ours, named;
		if (failed || fstat(opened, &ours))
			return file_error(err, "lock", place->lock);
		// Removed between open and flock: that lock guards nothing. Without the folder, opening says so.
		if (stat(place->lock, &named) || named.st_ino != ours.st_ino || named.st_dev != ours.st_dev)
			continue;
		*fd = opened;
		opened = -1;
		return 1;
	}
}

char *server_place_url(const struct server_place *place)
{
	cleanup_text struct text text = TEXT_INIT;
	if (file_read(place->url_file, PATH_MAX, &text, NULL))
		return NULL;
	struct slice url = slice_trim(text_slice(&text));
	return slice_starts(url, "unix:/") ? slice_dup(url) : NULL;
}

// ---- the socket's folder ---------------------------------------------------------------------------------------------

static bool is_private(const char *path, struct stat *info)
{
	return !lstat(path, info) && S_ISDIR(info->st_mode) && info->st_uid == geteuid() && !(info->st_mode & 077);
}

// $XDG_RUNTIME_DIR when it is what its specification says: a private folder of ours. After su or in cron it often is not.
static char *session_folder(void)
{
	struct stat info;
	const char *given = getenv("XDG_RUNTIME_DIR");
	size_t rest = strlen("/gophersnake/.sock") + NAME_DIGITS + 1;
	if (!given || *given != '/' || strlen(given) + rest > sizeof((struct sockaddr_un *)0)->sun_path)
		return NULL;
	return is_private(given, &info) ? xasprintf("%s/gophersnake", given) : NULL;
}

static int make_runtime_folder(char **out, struct error *err)
{
	struct stat info = {0};
	cleanup_free char *path = session_folder();
	if (!path)
		path = xasprintf("/tmp/gophersnake-%lu", (unsigned long)geteuid());
	if (mkdir(path, 0700) && errno != EEXIST)
		return file_error(err, "make", path);
	// Anybody may make names in /tmp: a folder, or a link, that somebody else put there would let him take our place.
	if (!is_private(path, &info))
		return error_set(
			err, ERROR_REDIS,
			"%s, where the private Redis's socket belongs, is not a folder that only you can enter "
			"(owner %lu, mode %03o): remove it, or set XDG_RUNTIME_DIR to a folder of yours with mode 700",
			path, (unsigned long)info.st_uid, (unsigned)info.st_mode & 07777);
	*out = steal(&path);
	return 0;
}

int server_place_socket(const struct server_place *place, char **path, struct error *err)
{
	cleanup_free char *folder = NULL;
	char digest[DIGEST_HEX_SIZE];
	if (make_runtime_folder(&folder, err))
		return -1;
	digest_hex_of(place->folder, strlen(place->folder), digest);
	*path = xasprintf("%s/%.*s.sock", folder, NAME_DIGITS, digest);
	return 0;
}
