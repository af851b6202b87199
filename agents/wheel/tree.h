// The files of a wheel, in memory: read from a zip under the archive policy,
// written as a zip that depends on the files alone.
//
// Entries are STORED, in the order of the tree, dated 1980-01-01, with mode 0644 or 0755 (pip makes scripts of .data executable
// by it): no compressor's version decides about bytes that are published for ever.
#ifndef AGENTS_WHEEL_TREE_H
#define AGENTS_WHEEL_TREE_H

#include <stdbool.h>

#include "core/error.h"
#include "core/text.h"
#include "core/vec.h"

struct wheel_file {
	char *path; // relative, "/"-separated
	struct text data;
	bool executable;
};

struct wheel_tree {
	VEC(struct wheel_file) files; // as they stand in the archive; no folders
};

void wheel_tree_clear(struct wheel_tree *tree);
#define cleanup_wheel_tree __attribute__((cleanup(wheel_tree_clear)))
// Takes the bytes over.
void wheel_tree_add(struct wheel_tree *tree, const char *path, struct text *data);
struct wheel_file *wheel_tree_find(const struct wheel_tree *tree, const char *path); // NULL
void wheel_tree_remove(struct wheel_tree *tree, const char *path);                   // absent is fine

// Adds the members of a wheel. what names it in errors (ERROR_INPUT): links, names given twice, more than 65,534 members, 1 GiB
// in all or 256 MiB in one, and all that core/archive.h refuses.
int wheel_tree_read(struct wheel_tree *tree, struct slice wheel, const char *what, struct error *err);
void wheel_tree_write(const struct wheel_tree *tree, struct text *out);

// Appends "sha256=…" as a RECORD has it.
void wheel_file_hash(const struct wheel_file *file, struct text *out);
// dist-info/RECORD of the files that are in the tree now (PEP 376, 427): appended, its own row last. There is none yet.
void wheel_tree_record(struct wheel_tree *tree, const char *dist_info);
// "<name>-<version>.dist-info" of the tree; heap. NULL with ERROR_INPUT when there is none or there are several.
char *wheel_tree_dist_info(const struct wheel_tree *tree, const char *what, struct error *err);
#endif
