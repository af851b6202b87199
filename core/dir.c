// Folders: making, listing, walking and removing them. Below the given folder nothing here follows a symbolic
// link: the tree may have been written by code from outside.
//
// dir_make does not sync the parents: most folders are scratch. Who makes a folder for something durable calls
// dir_sync on its parent.
#include "core/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum {
	WALK_DEPTH = 256,  // folders in folders that a tree of ours may have
	REMOVE_DEPTH = 64, // open folders while removing; deeper ones are moved up first
};

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}
#define cleanup_dir cleanup_with(close_dir)

bool dir_exists(const char *path)
{
	struct stat info;
	return !stat(path, &info) && S_ISDIR(info.st_mode);
}

static int make_one(const char *path, mode_t mode, struct error *err)
{
	if (!mkdir(path, mode) || (errno == EEXIST && dir_exists(path)))
		return 0;
	if (errno == EEXIST)
		errno = ENOTDIR;
	return file_error(err, "make the folder", path);
}

int dir_make(const char *path, mode_t mode, struct error *err)
{
	if (dir_exists(path))
		return 0;
	cleanup_free char *prefix = xstrdup(path);
	for (char *at = prefix + 1; *prefix && *at; at++) {
		if (*at != '/' || at[-1] == '/')
			continue;
		*at = '\0';
		// A parent that exists but whose own parent we may not read is fine: only try to make what is absent.
		if (!dir_exists(prefix) && make_one(prefix, mode, err))
			return -1;
		*at = '/';
	}
	return make_one(path, mode, err);
}

int dir_sync(const char *path, struct error *err)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	// EINVAL: a file system that cannot sync folders has nothing to sync.
	if (fd < 0 || (fsync(fd) && errno != EINVAL))
		return file_error(err, "sync the folder", path);
	return 0;
}

int dir_temporary(const char *parent, const char *prefix, char **out, struct error *err)
{
	cleanup_free char *path = xasprintf("%s/%s-XXXXXX", parent, prefix);
	if (!mkdtemp(path))
		return file_error(err, "make a temporary folder in", parent);
	*out = steal(&path);
	return 0;
}

void file_names_clear(file_names *names)
{
	vec_each (names, name)
		free(*name);
	vec_clear(names);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_dots(const char *name)
{
	return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

// The next entry that is not . or ..; NULL at the end (errno 0) or on an error (errno set).
static struct dirent *next_entry(DIR *dir)
{
	struct dirent *entry;
	do {
		errno = 0;
		entry = readdir(dir);
	} while (entry && is_dots(entry->d_name));
	return entry;
}

int dir_list(const char *path, file_names *out, struct error *err)
{
	cleanup_dir DIR *dir = opendir(path);
	if (!dir)
		return file_error(err, "list the folder", path);
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	for (struct dirent *entry; (entry = next_entry(dir));)
		vec_push(&names, xstrdup(entry->d_name));
	if (errno)
		return file_error(err, "list the folder", path);
	vec_sort(&names, compare_names);
	file_names_clear(out);
	*out = names;
	names = (file_names)VEC_INIT;
	return 0;
}

static DIR *open_below(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		cleanup_fd_impl(&fd);
	return dir;
}

struct walk {
	const char *root;
	file_names *files;
	struct text path; // of the entry at hand, relative to root
};

static int walk_below(struct walk *walk, DIR *dir, unsigned depth, struct error *err)
{
	size_t base = walk->path.len;
	struct dirent *entry;
	while ((entry = next_entry(dir))) {
		walk->path.len = base;
		text_addf(&walk->path, "%s%s", base ? "/" : "", entry->d_name);
		struct stat info;
		if (fstatat(dirfd(dir), entry->d_name, &info, AT_SYMLINK_NOFOLLOW))
			break;
		if (S_ISREG(info.st_mode)) {
			vec_push(walk->files, xstrdup(walk->path.ptr));
		} else if (S_ISDIR(info.st_mode)) {
			if (depth == WALK_DEPTH)
				return error_set(err, ERROR_WORKSPACE, "%s/%s: more than %d folders in each other",
						 walk->root, walk->path.ptr, WALK_DEPTH);
			cleanup_dir DIR *below = open_below(dirfd(dir), entry->d_name);
			if (!below)
				break;
			if (walk_below(walk, below, depth + 1, err))
				return -1;
		} else {
			return error_set(err, ERROR_WORKSPACE,
					 "%s/%s is a %s; only files and folders are allowed there", walk->root,
					 walk->path.ptr,
					 S_ISLNK(info.st_mode) ? "symbolic link" : "device, pipe or socket");
		}
	}
	if (!entry && !errno)
		return 0;
	int saved = errno;
	cleanup_free char *full = xasprintf("%s/%s", walk->root, text_str(&walk->path));
	errno = saved;
	return file_error(err, "read", full);
}

int dir_walk_files(const char *root, file_names *out, struct error *err)
{
	cleanup_dir DIR *dir = opendir(root);
	if (!dir)
		return file_error(err, "list the folder", root);
	cleanup_with(file_names_clear) file_names files = VEC_INIT;
	struct walk walk = {.root = root, .files = &files};
	int status = walk_below(&walk, dir, 0, err);
	text_clear(&walk.path);
	if (status)
		return -1;
	vec_sort(&files, compare_names);
	file_names_clear(out);
	*out = files;
	files = (file_names)VEC_INIT;
	return 0;
}

struct removal {
	int top;        // the folder that is removed, open
	unsigned moved; // number of folders that were moved up into it
};

// Empties dir. A folder below REMOVE_DEPTH is moved up into the top folder instead, where a later round finds it:
// a tree from outside may be deeper than we may have files open. Returns -1 with errno.
static int remove_below(struct removal *removal, DIR *dir, unsigned depth)
{
	// Go's module cache and hostile trees have folders without write permission.
	if (fchmod(dirfd(dir), 0700) && errno != EPERM)
		return -1;
	struct dirent *entry;
	while ((entry = next_entry(dir))) {
		if (!unlinkat(dirfd(dir), entry->d_name, 0))
			continue;
		struct stat info;
		int reason = errno;
		if (fstatat(dirfd(dir), entry->d_name, &info, AT_SYMLINK_NOFOLLOW))
			return -1;
		if (!S_ISDIR(info.st_mode)) {
			errno = reason;
			return -1;
		}
		if (depth >= REMOVE_DEPTH) {
			char name[32];
			snprintf(name, sizeof name, ".moved-up-%u", removal->moved++);
			if (renameat2(dirfd(dir), entry->d_name, removal->top, name, RENAME_NOREPLACE) &&
			    errno != EEXIST)
				return -1;
			rewinddir(dir);
			continue;
		}
		cleanup_dir DIR *below = open_below(dirfd(dir), entry->d_name);
		if (!below && errno == EACCES && !fchmodat(dirfd(dir), entry->d_name, 0700, 0))
			below = open_below(dirfd(dir), entry->d_name);
		if (!below || remove_below(removal, below, depth + 1))
			return -1;
		if (unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR))
			return -1;
	}
	return errno ? -1 : 0;
}

int dir_remove_tree(const char *path, struct error *err)
{
	struct stat info;
	if (lstat(path, &info))
		return errno == ENOENT ? 0 : file_error(err, "remove", path);
	if (!S_ISDIR(info.st_mode))
		return unlink(path) && errno != ENOENT ? file_error(err, "remove", path) : 0;
	cleanup_dir DIR *dir = open_below(AT_FDCWD, path);
	if (!dir && errno == EACCES && !chmod(path, 0700))
		dir = open_below(AT_FDCWD, path);
	if (!dir)
		return file_error(err, "remove", path);
	struct removal removal = {.top = dirfd(dir)};
	for (unsigned before;;) {
		before = removal.moved;
		if (remove_below(&removal, dir, 0))
			return file_error(err, "remove everything in", path);
		if (removal.moved == before)
			break;
		rewinddir(dir);
	}
	return rmdir(path) && errno != ENOENT ? file_error(err, "remove", path) : 0;
}

int64_t disk_free_bytes(const char *path)
{
	struct statvfs info;
	if (statvfs(path, &info))
		return -1;
	return (int64_t)(info.f_bavail * info.f_frsize);
}

int dir_sweep(const char *path, struct error *err)
{
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	if (!dir_exists(path))
		return 0;
	if (dir_list(path, &names, err))
		return -1;
	vec_each (&names, name) {
		cleanup_free char *file = xasprintf("%s/%s", path, *name);
		if (!strncmp(*name, ".tmp-", 5) && unlink(file))
			return file_error(err, "remove", file);
	}
	return 0;
}
