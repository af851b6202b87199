// What the files of gc share.
#ifndef AGENTS_GC_INTERNAL_H
#define AGENTS_GC_INTERNAL_H

#include "agents/gc/gc.h"

struct collection {
	const struct gc_options *options;
	const char *workspace;
	json_t *retired; // agents/wheel/retired.h, with what this gc adds
	size_t added;    // to it
	struct gc *out;
};

// A new row, at the end, of what is only taken out of use; name and reason are copied.
void gc_add(struct collection *collection, const char *what, const char *name, const char *reason);
// The same with files or folders that go, taken over from *paths.
void gc_add_set(struct collection *collection, const char *what, const char *name, const char *reason,
		file_names *paths, int64_t bytes);
// The same with one, whose size is looked up.
void gc_add_path(struct collection *collection, const char *what, const char *name, const char *reason,
		 const char *path);
int64_t gc_size_of(const char *path); // of a file, or of all files below a folder

// Superseded conversions and old bundles: rows, and entries in collection->retired.
int gc_retire(struct collection *collection, struct error *err);
// Units that nobody needs, files of retired bundles.
int gc_list_python(struct collection *collection, struct error *err);
int gc_list_store(struct collection *collection, struct error *err);
// tmp, and what killed writers left in store and registry.
int gc_list_scratch(struct collection *collection, struct error *err);
#endif
