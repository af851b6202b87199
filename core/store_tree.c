// Folders as objects of the store:
//
//     {"files":[{"mode":"0644","path":"a/b.go","sha256":"…","size":12},…],"schema":"gophersnake.tree/1"}
//
// Files are sorted by path, bytewise; the mode is 0755 for what its owner may execute, else 0644. Folders without
// files are not kept. Reading a tree back trusts neither its paths nor the folder it writes into: folders
// are opened beneath the root without following links, files are made new.
#include "core/store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"

#define TREE_SCHEMA "gophersnake.tree/1"

static json_t *describe_file(struct store_batch *batch, int root, const char *folder, const char *path,
			     struct error *err)
{
	cleanup_free char *full = xasprintf("%s/%s", folder, path);
	cleanup_fd int fd = file_open_beneath(root, path, O_RDONLY | O_NONBLOCK);
	struct stat info;
	if (fd < 0 || fstat(fd, &info)) {
		file_error(err, "read", full);
		return NULL;
	}
	if (!S_ISREG(info.st_mode)) {
		error_set(err, ERROR_WORKSPACE, "%s is no regular file any more", full);
		return NULL;
	}
	char digest[DIGEST_HEX_SIZE];
	if (store_batch_add(batch, fd, full, digest, err))
		return NULL;
	off_t size = lseek(fd, 0, SEEK_CUR); // what was read, also when the file changed under us
	json_t *file = json_pack("{s:s, s:s, s:s, s:I}", "mode", info.st_mode & S_IXUSR ? "0755" : "0644", "path", path,
				 "sha256", digest, "size", (json_int_t)size);
	if (!file)
		error_set(err, ERROR_WORKSPACE, "%s: its name is not UTF-8", full);
	return file;
}

int store_put_tree(struct store *store, const char *folder, char digest[DIGEST_HEX_SIZE], struct error *err)
{
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	if (dir_walk_files(folder, &names, err))
		return -1;
	cleanup_fd int root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return file_error(err, "read", folder);
	cleanup_with(store_batch_clear) struct store_batch batch = {.store = store};
	json_t *files = json_array();
	cleanup_json json_t *tree = json_pack("{s:s, s:o}", "schema", TREE_SCHEMA, "files", files);
	vec_each (&names, name) {
		json_t *file = describe_file(&batch, root, folder, *name, err);
		if (!file || json_array_append_new(files, file))
			return -1;
	}
	if (store_batch_finish(&batch, err))
		return error_context(err, "store");
	return store_put_json(store, tree, digest, err);
}

// One entry of a tree, checked.
struct entry {
	const char *path;
	const char *digest;
	int64_t size;
	mode_t mode;
};

// Plain relative names only; openat2 refuses the rest too, but this says it better.
static bool is_plain(const char *path)
{
	struct slice rest = slice_of(path), part;
	while (slice_cut(&rest, '/', &part))
		if (!part.len || slice_is(part, ".") || slice_is(part, ".."))
			return false;
	return true;
}

static int read_entry(json_t *file, const char *what, struct entry *entry, struct error *err)
{
	const char *mode;
	if (json_get_string(file, "path", what, &entry->path, err) ||
	    json_get_string(file, "sha256", what, &entry->digest, err) ||
	    json_get_integer(file, "size", what, &entry->size, err) || json_get_string(file, "mode", what, &mode, err))
		return -1;
	if (strlen(entry->digest) != DIGEST_HEX_SIZE - 1 ||
	    strspn(entry->digest, "0123456789abcdef") != DIGEST_HEX_SIZE - 1)
		return error_set(err, ERROR_INPUT, "%s: key \"sha256\": expected 64 hexadecimal digits", what);
	if (!is_plain(entry->path))
		return error_set(err, ERROR_INPUT, "%s: the path \"%.200s\" leads out of the folder or is not plain",
				 what, entry->path);
	if (strcmp(mode, "0644") != 0 && strcmp(mode, "0755") != 0)
		return error_set(err, ERROR_INPUT, "%s: key \"mode\": expected \"0644\" or \"0755\"", what);
	entry->mode = !strcmp(mode, "0755") ? 0755 : 0644;
	return 0;
}

int store_tree_is_sound(struct store *store, const char *digest, struct error *err)
{
	static const char start[] = "{\"files\":[", end[] = "],\"schema\":\"" TREE_SCHEMA "\"}";
	cleanup_free char *path = store_path(store, digest);
	char head[sizeof start] = "";
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || pread(fd, head, sizeof start - 1, 0) < 0)
		return errno == ENOENT ? 0 : file_error(err, "read", path);
	if (strcmp(head, start) != 0)
		return 1; // canonical JSON: every tree begins so
	cleanup_text struct text text = TEXT_INIT;
	if (store_get(store, digest, &text, err))
		return -1;
	if (!slice_ends(text_slice(&text), end))
		return 1;
	cleanup_json json_t *tree = json_parse(text_slice(&text), "tree", err);
	if (!tree)
		return -1;
	size_t number;
	json_t *file;
	json_array_foreach (json_object_get(tree, "files"), number, file) {
		struct entry entry;
		if (read_entry(file, "tree", &entry, err))
			return -1;
		if (!store_has(store, entry.digest))
			return 0;
	}
	return 1;
}

// Makes and opens the folder "a/b/c" beneath root. O_PATH descriptors would do for openat, but not on every kernel.
static int open_folder(int root, const char *path)
{
	int fd = file_open_beneath(root, path, O_RDONLY | O_DIRECTORY);
	if (fd >= 0 || errno != ENOENT)
		return fd;
	cleanup_free char *prefix = xstrdup(path);
	cleanup_fd int parent = file_open_beneath(root, ".", O_RDONLY | O_DIRECTORY);
	for (char *name = prefix; parent >= 0 && name;) {
		char *slash = strchr(name, '/');
		if (slash)
			*slash = '\0';
		if (mkdirat(parent, name, 0777) && errno != EEXIST)
			return -1;
		int below = file_open_beneath(parent, name, O_RDONLY | O_DIRECTORY);
		cleanup_fd_impl(&parent);
		parent = below;
		name = slash ? slash + 1 : NULL;
	}
	fd = parent;
	parent = -1;
	return fd;
}

// The folder of the file before: sorted paths mostly stay in one.
struct target {
	const char *folder; // for errors
	int root;
	int fd;     // of the open folder below root, -1 when none
	char *path; // of fd
};

static int enter_folder(struct target *target, const char *path, struct error *err)
{
	if (target->path && !strcmp(target->path, path))
		return 0;
	cleanup_fd_impl(&target->fd);
	free(steal(&target->path));
	target->fd = open_folder(target->root, path);
	if (target->fd < 0) {
		int saved = errno;
		cleanup_free char *full = xasprintf("%s/%s", target->folder, path);
		errno = saved;
		return file_error(err, "make the folder", full);
	}
	target->path = xstrdup(path);
	return 0;
}

static int write_file(struct store *store, struct target *target, const struct entry *entry, struct error *err)
{
	const char *slash = strrchr(entry->path, '/'), *name = slash ? slash + 1 : entry->path;
	cleanup_free char *parent = slash ? xstrndup(entry->path, (size_t)(slash - entry->path)) : xstrdup(".");
	cleanup_free char *full = xasprintf("%s/%s", target->folder, entry->path);
	cleanup_free char *object = store_path(store, entry->digest);
	if (enter_folder(target, parent, err))
		return -1;
	cleanup_fd int from = open(object, O_RDONLY | O_CLOEXEC);
	if (from < 0)
		return file_error(err, "read", object);
	cleanup_fd int to = openat(target->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, entry->mode);
	if (to < 0)
		return file_error(err, "write", full);
	char found[DIGEST_HEX_SIZE];
	int status = store_copy(from, object, to, full, found, err);
	if (!status && strcmp(found, entry->digest) != 0)
		status = store_damaged(store, entry->digest, found, err);
	if (status)
		unlinkat(target->fd, name, 0); // wrong bytes must not be found by anybody
	return status;
}

int store_get_tree(struct store *store, const char *digest, const char *folder, struct error *err)
{
	cleanup_json json_t *tree = store_get_json(store, digest, "tree", err);
	json_t *files, *file;
	if (!tree || json_check_schema(tree, TREE_SCHEMA, "tree", err) ||
	    json_get_array(tree, "files", "tree", &files, err) || dir_make(folder, 0777, err))
		return -1;
	cleanup_fd int root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return file_error(err, "read", folder);
	struct target target = {.folder = folder, .root = root, .fd = -1};
	int status = 0;
	size_t number;
	json_array_foreach (files, number, file) {
		struct entry entry;
		status = read_entry(file, "tree", &entry, err) || write_file(store, &target, &entry, err) ? -1 : 0;
		if (status)
			break;
	}
	cleanup_fd_impl(&target.fd);
	free(target.path);
	return status;
}
