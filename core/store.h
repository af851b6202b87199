// The content store of a workspace: bytes by their sha256, and memos that map
// the digest of a stage's inputs to the digest of its result. Everything in it
// can be made again; nothing in it ever changes.
//
//     store/objects/ab/cdef…   the bytes
//     store/memos/ab/cdef…     "<hex of the result>\n"
//
// Writes are atomic and durable; many processes may write at once. Reads verify the hash.
#ifndef CORE_STORE_H
#define CORE_STORE_H

#include <stdbool.h>

#include "core/digest.h"
#include "core/error.h"
#include "core/json.h"
#include "core/text.h"
#include "core/vec.h"

struct store;
int store_open(const char *path, struct store **out, struct error *err); // makes the folders
void store_free(struct store *store);

int store_put(struct store *store, struct slice data, char digest[DIGEST_HEX_SIZE], struct error *err);
int store_put_file(struct store *store, const char *path, char digest[DIGEST_HEX_SIZE], struct error *err);
int store_put_json(struct store *store, const json_t *json, char digest[DIGEST_HEX_SIZE],
		   struct error *err); // canonical, compact
bool store_has(struct store *store, const char *digest);
int store_get(struct store *store, const char *digest, struct text *out, struct error *err);
json_t *store_get_json(struct store *store, const char *digest, const char *what, struct error *err);
char *store_path(struct store *store,
		 const char *digest); // of the object's file, for tools that want a file; read only

// A memo that is there but whose object is gone or damaged counts as absent. 1 = found, 0 = not, -1 = error. One that is found is
// marked as used today.
int store_memo_get(struct store *store, const char *key, char digest[DIGEST_HEX_SIZE], struct error *err);
int store_memo_put(struct store *store, const char *key, const char *digest, struct error *err);

// What is there, sorted by digest; kind: "objects" or "memos".
struct store_item {
	char digest[DIGEST_HEX_SIZE];
	char target[DIGEST_HEX_SIZE]; // of a memo: the object; "": it is damaged
	char *path;                   // of its file
	int64_t size,
		used; // bytes; seconds since 1970: of an object when it was written, of a memo when it was last used
};
typedef VEC(struct store_item) store_items;
void store_items_clear(store_items *entries);
int store_list(struct store *store, const char *kind, store_items *out, struct error *err);

// Trees: a folder as one object ("gophersnake.tree/1": sorted relative paths with mode, sha256, size).
int store_put_tree(struct store *store, const char *folder, char digest[DIGEST_HEX_SIZE], struct error *err);
// Writes the tree's files below folder (made if absent), through openat beneath it; existing files are refused.
int store_get_tree(struct store *store, const char *digest, const char *folder, struct error *err);
#endif
