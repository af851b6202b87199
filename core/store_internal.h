// What store.c, store_batch.c and store_tree.c share. Nobody else includes it.
#ifndef CORE_STORE_INTERNAL_H
#define CORE_STORE_INTERNAL_H

#include "core/store.h"
#include "core/vec.h"

struct store {
	char *root;
};

// 1 = there and its bytes are right, 0 = absent or damaged, -1 = unreadable.
int store_is_sound(struct store *store, const char *digest, struct error *err);
// The folder ab/ of a digest below "objects" or "memos", made durably when it is the first of its kind.
int store_make_shard(struct store *store, const char *kind, const char *digest, struct error *err);
int store_damaged(struct store *store, const char *digest, const char *found, struct error *err); // always -1

// Copies everything from one descriptor to another and hashes it on the way; the names are for errors.
int store_copy(int from, const char *from_name, int to, const char *to_name, char digest[DIGEST_HEX_SIZE],
	       struct error *err);

// Objects that become durable together, which costs one wait for the disk and not one for each.
struct store_pending {
	char *temporary; // NULL once it has its name
	char digest[DIGEST_HEX_SIZE];
};
struct store_batch { // {.store = …}
	struct store *store;
	VEC(struct store_pending) pending;
	bool shards[256]; // whose folders are to be synced
};
// The object is in the store after store_batch_finish only.
int store_batch_add(struct store_batch *batch, int source, const char *name, char digest[DIGEST_HEX_SIZE],
		    struct error *err);
int store_batch_finish(struct store_batch *batch, struct error *err);
void store_batch_clear(struct store_batch *batch); // also drops what was not finished

// 1 = the object is no tree, or a tree all of whose files are there and undamaged; 0 = some are not; -1 = error.
int store_tree_is_sound(struct store *store, const char *digest, struct error *err);
#endif
