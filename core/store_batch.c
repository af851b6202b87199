// Putting files into the store, one or thousands (a tree of Go packages). Each is copied and hashed in one pass, so
// that the digest is that of the bytes we keep even when the source changes meanwhile. Then, for all together:
// bytes to the disk, names, folders to the disk; a name never appears before its bytes are durable.
#include "core/store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "core/file.h"

enum {
	CHUNK = 64 * 1024,
	SYNC_EACH = 16, // more new files than this: one syncfs is cheaper than an fsync for each
};

static void free_hasher(struct digest_hasher **hasher)
{
	digest_free(*hasher);
}

int store_copy(int from, const char *from_name, int to, const char *to_name, char digest[DIGEST_HEX_SIZE],
	       struct error *err)
{
	cleanup_with(free_hasher) struct digest_hasher *hasher = digest_new();
	cleanup_free char *buffer = xmalloc(CHUNK);
	for (ssize_t got; (got = read(from, buffer, CHUNK));) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return file_error(err, "read", from_name);
		digest_add(hasher, buffer, (size_t)got);
		if (file_write_all(to, buffer, (size_t)got))
			return file_error(err, "write", to_name);
	}
	digest_final_hex(hasher, digest);
	return 0;
}

static unsigned shard_of(const char *digest)
{
	char first[3] = {digest[0], digest[1], '\0'};
	return (unsigned)strtoul(first, NULL, 16);
}

int store_batch_add(struct store_batch *batch, int source, const char *name, char digest[DIGEST_HEX_SIZE],
		    struct error *err)
{
	cleanup_free char *folder = xasprintf("%s/tmp", batch->store->root);
	cleanup_free char *temporary = NULL;
	cleanup_fd int fd = -1;
	if (file_temporary(folder, &temporary, &fd, err))
		return -1;
	struct store_pending pending = {.temporary = temporary};
	if (store_copy(source, name, fd, temporary, pending.digest, err)) {
		unlink(temporary);
		return -1;
	}
	memcpy(digest, pending.digest, DIGEST_HEX_SIZE);
	// Also what is there gets its folder synced: another process may not have come to that yet.
	batch->shards[shard_of(digest)] = true;
	if (store_is_sound(batch->store, digest, NULL) == 1) {
		unlink(temporary);
		return 0;
	}
	steal(&temporary);
	vec_push(&batch->pending, pending);
	return 0;
}

static int sync_bytes(struct store_batch *batch, struct error *err)
{
	if (batch->pending.count > SYNC_EACH) {
		cleanup_fd int root = open(batch->store->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		return root < 0 || syncfs(root) ? file_error(err, "sync the files of", batch->store->root) : 0;
	}
	vec_each (&batch->pending, pending) {
		cleanup_fd int fd = open(pending->temporary, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || fsync(fd))
			return file_error(err, "write", pending->temporary);
	}
	return 0;
}

static int name_all(struct store_batch *batch, struct error *err)
{
	vec_each (&batch->pending, pending) {
		cleanup_free char *path = store_path(batch->store, pending->digest);
		if (store_make_shard(batch->store, "objects", pending->digest, err))
			return -1;
		if (rename(pending->temporary, path))
			return file_error(err, "write", path);
		free(steal(&pending->temporary));
	}
	return 0;
}

int store_batch_finish(struct store_batch *batch, struct error *err)
{
	if (sync_bytes(batch, err) || name_all(batch, err))
		return -1;
	for (unsigned shard = 0; shard < ARRAY_LENGTH(batch->shards); shard++) {
		cleanup_free char *folder = xasprintf("%s/objects/%02x", batch->store->root, shard);
		if (batch->shards[shard] && dir_sync(folder, err))
			return -1;
		batch->shards[shard] = false;
	}
	store_batch_clear(batch);
	return 0;
}

void store_batch_clear(struct store_batch *batch)
{
	vec_each (&batch->pending, pending) {
		if (pending->temporary)
			unlink(pending->temporary);
		free(pending->temporary);
	}
	vec_clear(&batch->pending);
}
