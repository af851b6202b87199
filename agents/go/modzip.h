// The files of one Go module version, in memory, and what is made of them: the
// module zip and its h1 hash (notes/go.md, "Registry").
//
// Zip entries are STORED, sorted bytewise and dated 1980-01-01, so the bytes depend on the files alone, not on a
// compressor's version.
#ifndef AGENTS_GO_MODZIP_H
#define AGENTS_GO_MODZIP_H

#include <stdint.h>

#include "core/digest.h"
#include "core/error.h"
#include "core/text.h"
#include "core/vec.h"

struct module_file {
	char *path; // relative, "/"-separated
	struct text data;
	unsigned char sha256[DIGEST_BYTES]; // set by module_tree_finish
};

struct module_tree {
	VEC(struct module_file) files; // by path, bytewise, after module_tree_finish
};

void module_tree_clear(struct module_tree *tree);
#define cleanup_module_tree __attribute__((cleanup(module_tree_clear)))
// Takes the bytes over. A path that is there already is found by module_tree_finish.
void module_tree_add(struct module_tree *tree, const char *path, struct text *data);
struct module_file *module_tree_find(const struct module_tree *tree, const char *path); // NULL
// Does a file or a folder of the tree have that path but for the case of letters?
bool module_tree_has_folded(const struct module_tree *tree, const char *path);

// Sorts, hashes, and holds the tree against Go's rules for module zips: paths, names that differ in case only, nested go.mod
// files, vendor folders, 500 MiB in all, 16 MiB for go.mod and LICENSE. ERROR_FAILED names the file and the rule.
int module_tree_finish(struct module_tree *tree, struct error *err);

// "h1:…" over "<prefix>/<path>" of all files; prefix is "module@version".
void module_tree_h1(const struct module_tree *tree, const char *prefix, struct text *out);
// Writes the zip to an open file and hashes it on the way. fd -1: only hashes.
int modzip_write(const struct module_tree *tree, const char *prefix, int fd, const char *name, int64_t *size,
		 char sha256[DIGEST_HEX_SIZE], struct error *err);
// Writes the tree's files below a folder that exists. Not synced: scratch for tools.
int module_tree_unpack(const struct module_tree *tree, const char *folder, struct error *err);
#endif
