// Files: bounded reads and durable writes.
//
// The order of every durable write: bytes to a temporary name in the same folder, fsync, then one rename or link
// to the real name, then fsync of the folder. So a name either does not exist or has all its bytes, whatever is
// killed when. Folders are in dir.c.
#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024 };

int file_error(struct error *err, const char *action, const char *path)
{
	int saved = errno;
	if (saved == ENOSPC || saved == EDQUOT) {
		cleanup_free char *folder = xstrdup(path);
		int64_t left = disk_free_bytes(path);
		// The file itself may not exist yet: ask its nearest folder that does.
		for (char *slash; left < 0 && (slash = strrchr(folder, '/'));) {
			*slash = '\0';
			left = disk_free_bytes(*folder ? folder : "/");
		}
		if (left < 0)
			left = disk_free_bytes(".");
		return error_set(err, ERROR_WORKSPACE,
				 "cannot %s %s: %s (%" PRId64 " bytes are free there); make room and start again",
				 action, path, saved == ENOSPC ? "the disk is full" : "the disk quota is used up",
				 left);
	}
	errno = saved;
	return error_errno(err, ERROR_WORKSPACE, "cannot %s %s", action, path);
}

int file_write_all(int fd, const void *data, size_t length)
{
	const char *at = data;
	while (length) {
		ssize_t written = write(fd, at, length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -1;
		at += written;
		length -= (size_t)written;
	}
	return 0;
}

// Reads until the buffer is full or the file ends; -1 with errno.
static ssize_t read_full(int fd, char *buffer, size_t size)
{
	size_t have = 0;
	while (have < size) {
		ssize_t got = read(fd, buffer + have, size - have);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (!got)
			break;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

int file_open_beneath(int folder, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

int file_read(const char *path, size_t limit, struct text *out, struct error *err)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat info;
	if (fd < 0 || fstat(fd, &info))
		return file_error(err, "read", path);
	if (S_ISREG(info.st_mode) && (uint64_t)info.st_size > limit)
		return error_set(err, ERROR_WORKSPACE,
				 "cannot read %s: it has %jd bytes, more than the %zu that are allowed", path,
				 (intmax_t)info.st_size, limit);
	cleanup_text struct text text = TEXT_INIT;
	text_reserve(&text, S_ISREG(info.st_mode) ? (size_t)info.st_size : 0);
	// The size is a hint only: the file may be a pipe, in /proc, or growing.
	for (;;) {
		text_reserve(&text, text.len + 1 < text.cap ? 1 : CHUNK);
		ssize_t got = read(fd, text.ptr + text.len, text.cap - text.len - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return file_error(err, "read", path);
		if (!got)
			break;
		text.len += (size_t)got;
		text.ptr[text.len] = '\0';
		if (text.len > limit)
			return error_set(err, ERROR_WORKSPACE,
					 "cannot read %s: it has more than the %zu bytes that are allowed", path,
					 limit);
	}
	text_clear(out);
	*out = text;
	text = (struct text)TEXT_INIT;
	return 0;
}

static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	if (!slash)
		return xstrdup(".");
	return slash == path ? xstrdup("/") : xstrndup(path, (size_t)(slash - path));
}

int file_temporary(const char *folder, char **path, int *fd, struct error *err)
{
	for (int tries = 0; tries < 100; tries++) {
		uint64_t random;
		if (getrandom(&random, sizeof random, 0) != sizeof random)
			return error_errno(err, ERROR_WORKSPACE, "getrandom");
		cleanup_free char *name = xasprintf("%s/.tmp-%016" PRIx64, folder, random);
		int opened = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
		if (opened >= 0) {
			*path = steal(&name);
			*fd = opened;
			return 0;
		}
		if (errno != EEXIST)
			return file_error(err, "write", name);
	}
	errno = EEXIST;
	return file_error(err, "make a temporary file in", folder);
}

int file_write_plain(const char *path, const void *data, size_t length, struct error *err)
{
	const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
	cleanup_fd int fd = open(path, flags, 0666);
	if (fd < 0 && errno == ENOENT) {
		cleanup_free char *folder = folder_of(path);
		if (dir_make(folder, 0777, err))
			return -1;
		fd = open(path, flags, 0666);
	}
	return fd < 0 || file_write_all(fd, data, length) ? file_error(err, "write", path) : 0;
}

// A synced temporary file with these bytes beside path. mode_of: a file whose permissions it takes over, may be absent.
static int write_temporary(const char *path, const char *mode_of, const void *data, size_t length, char **temporary,
			   struct error *err)
{
	cleanup_free char *folder = folder_of(path);
	cleanup_free char *name = NULL;
	cleanup_fd int fd = -1;
	if (file_temporary(folder, &name, &fd, err))
		return -1;
	struct stat old;
	bool keep_mode = mode_of && !stat(mode_of, &old);
	if (file_write_all(fd, data, length) || (keep_mode && fchmod(fd, old.st_mode & 07777)) || fsync(fd)) {
		file_error(err, "write", path);
		unlink(name);
		return -1;
	}
	*temporary = steal(&name);
	return 0;
}

int file_write_atomic(const char *path, const void *data, size_t length, struct error *err)
{
	cleanup_free char *folder = folder_of(path);
	cleanup_free char *temporary = NULL;
	if (write_temporary(path, path, data, length, &temporary, err))
		return -1;
	if (rename(temporary, path)) {
		file_error(err, "write", path);
		unlink(temporary);
		return -1;
	}
	return dir_sync(folder, err);
}

// 1 = the same bytes, 0 = not, -1 = cannot be read.
static int same_bytes(const char *a, const char *b, struct error *err)
{
	cleanup_fd int fd_a = open(a, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd_a < 0)
		return file_error(err, "read", a);
	cleanup_fd int fd_b = open(b, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd_b < 0)
		return file_error(err, "read", b);
	cleanup_free char *buffer_a = xmalloc(CHUNK), *buffer_b = xmalloc(CHUNK);
	for (;;) {
		ssize_t got_a = read_full(fd_a, buffer_a, CHUNK);
		if (got_a < 0)
			return file_error(err, "read", a);
		ssize_t got_b = read_full(fd_b, buffer_b, CHUNK);
		if (got_b < 0)
			return file_error(err, "read", b);
		if (got_a != got_b || (got_a && memcmp(buffer_a, buffer_b, (size_t)got_a) != 0))
			return 0;
		if (!got_a)
			return 1;
	}
}

// link, or on a file system without hard links a rename that refuses an existing name.
static int publish_name(const char *temporary, const char *path)
{
	if (!linkat(AT_FDCWD, temporary, AT_FDCWD, path, 0))
		return 0;
	if (errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS || errno == EMLINK)
		return renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE);
	return -1;
}

int file_link_once(const char *temporary, const char *path, struct error *err)
{
	cleanup_free char *folder = folder_of(path);
	int already = 0;
	if (publish_name(temporary, path)) {
		if (errno != EEXIST)
			return file_error(err, "write", path);
		already = same_bytes(temporary, path, err);
		if (already < 0)
			return -1;
		if (!already)
			return error_set(err, ERROR_POLICY,
					 "%s is there already with other bytes, and what is published never changes; "
					 "if that file was damaged, move it away and start again",
					 path);
	}
	// Also when another process made the name: it may not have come to its own fsync of the folder yet.
	if (dir_sync(folder, err))
		return -1;
	if (unlink(temporary) && errno != ENOENT)
		return file_error(err, "remove", temporary);
	return already;
}

int file_write_once(const char *path, const void *data, size_t length, struct error *err)
{
	cleanup_free char *temporary = NULL;
	if (write_temporary(path, NULL, data, length, &temporary, err))
		return -1;
	int status = file_link_once(temporary, path, err);
	if (status < 0)
		unlink(temporary);
	return status;
}

int file_append_durable(const char *path, const void *data, size_t length, struct error *err)
{
	cleanup_fd int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	bool fresh = fd < 0 && errno == ENOENT;
	if (fresh)
		fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		return file_error(err, "write", path);
	int locked;
	while ((locked = flock(fd, LOCK_EX)) && errno == EINTR)
		;
	struct stat before;
	if (locked || fstat(fd, &before))
		return file_error(err, "lock", path);
	if (file_write_all(fd, data, length)) {
		file_error(err, "write", path);
		// A half-written record would run into the next one. Under the lock nobody has written behind us.
		if (ftruncate(fd, before.st_size))
			error_context(err, "and it now ends in a torn record");
		return -1;
	}
	if (fdatasync(fd))
		return file_error(err, "write", path);
	if (fresh) {
		cleanup_free char *folder = folder_of(path);
		return dir_sync(folder, err);
	}
	return 0;
}

bool file_exists(const char *path)
{
	struct stat info;
	return !stat(path, &info) && S_ISREG(info.st_mode);
}

// "12345 convert\n" → " by process 12345 (convert)".
static void describe_holder(int fd, struct text *out)
{
	char buffer[256];
	ssize_t got = pread(fd, buffer, sizeof buffer, 0);
	struct slice line = slice_trim((struct slice){buffer, got > 0 ? (size_t)got : 0}), pid;
	uint64_t number;
	if (slice_cut(&line, ' ', &pid) && !parse_u64(pid, &number))
		text_addf(out, " by process %" PRIu64 " (%.*s)", number, (int)line.len, line.len ? line.ptr : "");
	else
		text_add(out, " by another process"); // it has the lock but has not written its name yet
}

int file_lock(const char *path, const char *purpose, int *fd, struct error *err)
{
	for (;;) {
		cleanup_fd int opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
		if (opened < 0)
			return file_error(err, "lock", path);
		int failed;
		while ((failed = flock(opened, LOCK_EX | LOCK_NB)) && errno == EINTR)
			;
		if (failed && errno == EWOULDBLOCK) {
			cleanup_text struct text holder = TEXT_INIT;
			describe_holder(opened, &holder);
			return error_set(err, ERROR_WORKSPACE, "%s is locked%s; wait until it has ended, or stop it",
					 path, text_str(&holder));
		}
		struct stat ours, named;
		if (failed || fstat(opened, &ours))
			return file_error(err, "lock", path);
		// Somebody may have removed the file between open and flock; then the lock guards nothing.
		if (stat(path, &named) || named.st_ino != ours.st_ino || named.st_dev != ours.st_dev)
			continue;
		cleanup_free char *text = xasprintf("%ld %s\n", (long)getpid(), purpose);
		if (ftruncate(opened, 0) || pwrite(opened, text, strlen(text), 0) != (ssize_t)strlen(text))
			return file_error(err, "write", path);
		*fd = opened;
		opened = -1;
		return 0;
	}
}
