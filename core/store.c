// The content store: objects by sha256, and memos. Many objects at once are in store_batch.c, trees in store_tree.c.
//
// An object is written to store/tmp, synced, and renamed to its name. Renaming over an existing name is right
// here: the bytes under a digest can only be the same, unless the old ones were damaged, and then this heals them.
// Nothing is trusted because of its name alone: every read hashes what it got.
#include "core/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/file.h"
#include "core/store_internal.h"

enum {
	OBJECT_LIMIT = 1 << 30,      // bytes that store_get takes into memory; tools read larger ones at store_path
	MARK_AGE = 60 * 60,          // seconds between two marks of a memo's use
	LEFTOVER_AGE = 24 * 60 * 60, // seconds until a temporary file belongs to no living writer
};

void store_free(struct store *store)
{
	if (!store)
		return;
	free(store->root);
	free(store);
}

static void free_store(struct store **store)
{
	store_free(*store);
}

// What killed writers left behind. Failing to remove it harms nobody.
static void sweep_leftovers(const char *folder)
{
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	if (dir_list(folder, &names, NULL))
		return;
	time_t now = time(NULL);
	vec_each (&names, name) {
		cleanup_free char *path = xasprintf("%s/%s", folder, *name);
		struct stat info;
		if (!lstat(path, &info) && S_ISREG(info.st_mode) && now - info.st_mtime > LEFTOVER_AGE)
			unlink(path);
	}
}

int store_open(const char *path, struct store **out, struct error *err)
{
	static const char *const folders[] = {"objects", "memos", "tmp"};
	cleanup_with(free_store) struct store *store = xcalloc(1, sizeof *store);
	store->root = xstrdup(path);
	for (size_t i = 0; i < ARRAY_LENGTH(folders); i++) {
		cleanup_free char *folder = xasprintf("%s/%s", path, folders[i]);
		if (dir_make(folder, 0777, err))
			return error_context(err, "store");
	}
	if (dir_sync(path, err))
		return error_context(err, "store");
	cleanup_free char *temporary = xasprintf("%s/tmp", path);
	sweep_leftovers(temporary);
	*out = steal(&store);
	return 0;
}

static bool is_digest(const char *digest)
{
	return strlen(digest) == DIGEST_HEX_SIZE - 1 && strspn(digest, "0123456789abcdef") == DIGEST_HEX_SIZE - 1;
}

static int check_digest(const char *digest, const char *kind, struct error *err)
{
	if (is_digest(digest))
		return 0;
	return error_set(err, ERROR_INPUT, "store: \"%.80s\" is no digest of %s (64 hexadecimal digits)", digest, kind);
}

static char *path_of(struct store *store, const char *kind, const char *digest)
{
	return xasprintf("%s/%s/%.2s/%s", store->root, kind, digest, digest + 2);
}

char *store_path(struct store *store, const char *digest)
{
	return path_of(store, "objects", digest);
}

// The folder ab/ of a digest, made durably when it is the first of its kind.
int store_make_shard(struct store *store, const char *kind, const char *digest, struct error *err)
{
	cleanup_free char *parent = xasprintf("%s/%s", store->root, kind);
	cleanup_free char *folder = xasprintf("%s/%.2s", parent, digest);
	if (!mkdir(folder, 0777))
		return dir_sync(parent, err);
	return errno == EEXIST ? 0 : file_error(err, "make the folder", folder);
}

// 1 = there and its bytes are right, 0 = absent or damaged, -1 = unreadable.
int store_is_sound(struct store *store, const char *digest, struct error *err)
{
	cleanup_free char *path = store_path(store, digest);
	char found[DIGEST_HEX_SIZE];
	if (access(path, F_OK) && errno == ENOENT)
		return 0;
	if (digest_hex_of_file(path, found, err))
		return -1;
	return strcmp(found, digest) == 0;
}

bool store_has(struct store *store, const char *digest)
{
	return is_digest(digest) && store_is_sound(store, digest, NULL) == 1;
}

// Gives a written, synced temporary file its name. It is gone afterwards, also on failure.
static int publish(struct store *store, const char *temporary, const char *kind, const char *digest, struct error *err)
{
	cleanup_free char *path = path_of(store, kind, digest);
	cleanup_free char *folder = xasprintf("%s/%s/%.2s", store->root, kind, digest);
	if (!store_make_shard(store, kind, digest, err)) {
		if (!rename(temporary, path))
			return dir_sync(folder, err);
		file_error(err, "write", path);
	}
	unlink(temporary);
	return -1;
}

// Already there, from this or another process: makes sure that its name is durable too. 1 = yes, 0 = no, -1.
static int already_there(struct store *store, const char *digest, struct error *err)
{
	if (store_is_sound(store, digest, NULL) != 1)
		return 0; // absent, damaged or unreadable: writing it again heals, or says what is wrong
	cleanup_free char *folder = xasprintf("%s/objects/%.2s", store->root, digest);
	return dir_sync(folder, err) ? -1 : 1;
}

static int write_new(struct store *store, const char *kind, const char *digest, struct slice data, struct error *err)
{
	cleanup_free char *folder = xasprintf("%s/tmp", store->root);
	cleanup_free char *temporary = NULL;
	cleanup_fd int fd = -1;
	if (file_temporary(folder, &temporary, &fd, err))
		return -1;
	if (file_write_all(fd, data.ptr, data.len) || fsync(fd)) {
		file_error(err, "write", temporary);
		unlink(temporary);
		return -1;
	}
	return publish(store, temporary, kind, digest, err);
}

int store_put(struct store *store, struct slice data, char digest[DIGEST_HEX_SIZE], struct error *err)
{
	char computed[DIGEST_HEX_SIZE];
	digest_hex_of(data.ptr, data.len, computed);
	int there = already_there(store, computed, err);
	if (there < 0 || (!there && write_new(store, "objects", computed, data, err)))
		return error_context(err, "store");
	memcpy(digest, computed, DIGEST_HEX_SIZE);
	return 0;
}

int store_put_file(struct store *store, const char *path, char digest[DIGEST_HEX_SIZE], struct error *err)
{
	cleanup_fd int source = open(path, O_RDONLY | O_CLOEXEC);
	if (source < 0)
		return file_error(err, "read", path);
	cleanup_with(store_batch_clear) struct store_batch batch = {.store = store};
	char computed[DIGEST_HEX_SIZE];
	if (store_batch_add(&batch, source, path, computed, err) || store_batch_finish(&batch, err))
		return error_context(err, "store");
	memcpy(digest, computed, DIGEST_HEX_SIZE);
	return 0;
}

int store_put_json(struct store *store, const json_t *json, char digest[DIGEST_HEX_SIZE], struct error *err)
{
	cleanup_text struct text text = TEXT_INIT;
	json_write_compact(json, &text);
	return store_put(store, text_slice(&text), digest, err);
}

int store_damaged(struct store *store, const char *digest, const char *found, struct error *err)
{
	cleanup_free char *path = store_path(store, digest);
	return error_set(
		err, ERROR_WORKSPACE,
		"store: %s is damaged (its bytes have the sha256 %s); remove it and start again: it will be made anew",
		path, found);
}

int store_get(struct store *store, const char *digest, struct text *out, struct error *err)
{
	if (check_digest(digest, "an object", err))
		return -1;
	cleanup_free char *path = store_path(store, digest);
	cleanup_text struct text text = TEXT_INIT;
	if (access(path, F_OK) && errno == ENOENT)
		return error_set(err, ERROR_WORKSPACE,
				 "store: the object %s is not there (%s); start again: it will be made anew", digest,
				 path);
	if (file_read(path, OBJECT_LIMIT, &text, err))
		return error_context(err, "store");
	char found[DIGEST_HEX_SIZE];
	digest_hex_of(text.ptr, text.len, found);
	if (strcmp(found, digest) != 0)
		return store_damaged(store, digest, found, err);
	text_clear(out);
	*out = text;
	text = (struct text)TEXT_INIT;
	return 0;
}

json_t *store_get_json(struct store *store, const char *digest, const char *what, struct error *err)
{
	cleanup_text struct text text = TEXT_INIT;
	if (store_get(store, digest, &text, err)) {
		error_context(err, "%s", what);
		return NULL;
	}
	return json_parse(text_slice(&text), what, err);
}

// ---- memos ---------------------------------------------------------------------------------------------------------

// For gc, which drops what nobody used for long. One that cannot be marked (a store for reading only) is as good.
static void mark_used(const char *path)
{
	struct stat info;
	if (!stat(path, &info) && time(NULL) - info.st_mtime > MARK_AGE)
		utimensat(AT_FDCWD, path, NULL, 0);
}

int store_memo_get(struct store *store, const char *key, char digest[DIGEST_HEX_SIZE], struct error *err)
{
	if (check_digest(key, "a memo's key", err))
		return -1;
	cleanup_free char *path = path_of(store, "memos", key);
	cleanup_text struct text text = TEXT_INIT;
	if (access(path, F_OK) && errno == ENOENT)
		return 0;
	if (file_read(path, 1024, &text, err))
		return error_context(err, "store");
	// A memo that is no digest and a newline was torn by a disk that lied; it is made anew like any other.
	if (text.len != DIGEST_HEX_SIZE || text.ptr[text.len - 1] != '\n')
		return 0;
	text.ptr[--text.len] = '\0';
	if (!is_digest(text.ptr))
		return 0;
	int sound = store_is_sound(store, text.ptr, err);
	if (sound == 1)
		sound = store_tree_is_sound(store, text.ptr, err);
	if (sound != 1)
		return sound;
	memcpy(digest, text.ptr, DIGEST_HEX_SIZE);
	mark_used(path);
	return 1;
}

int store_memo_put(struct store *store, const char *key, const char *digest, struct error *err)
{
	if (check_digest(key, "a memo's key", err) || check_digest(digest, "a memo's object", err))
		return -1;
	cleanup_free char *line = xasprintf("%s\n", digest);
	return write_new(store, "memos", key, slice_of(line), err) ? error_context(err, "store") : 0;
}
