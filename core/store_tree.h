// What store.c and store_tree.c share. Nobody else includes it.
#ifndef CORE_STORE_TREE_H
#define CORE_STORE_TREE_H

#include "core/store.h"

// Copies everything from one descriptor to another and hashes it on the way; the names are for errors.
int store_copy(int from, const char *from_name, int to, const char *to_name, char digest[DIGEST_HEX_SIZE],
	       struct error *err);
int store_put_descriptor(struct store *store, int source, const char *name, char digest[DIGEST_HEX_SIZE],
			 struct error *err);
int store_damaged(struct store *store, const char *digest, const char *found, struct error *err); // always -1

// 1 = the object is no tree, or a tree all of whose files are there and undamaged; 0 = some are not; -1 = error.
int store_tree_is_sound(struct store *store, const char *digest, struct error *err);
#endif
