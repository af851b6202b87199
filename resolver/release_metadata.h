// What resolving needs of a release's metadata, and its compact form for the cache. From core metadata, or from what a
// source distribution states without running anything.
#ifndef RESOLVER_RELEASE_METADATA_H
#define RESOLVER_RELEASE_METADATA_H

#include "core/arena.h"
#include "core/error.h"
#include "core/vec.h"
#include "resolver/requirement.h"

struct release_metadata { // in an arena, but for the vectors
	const char *requires_python;
	const char *source; // as lock_package.metadata_source
	VEC(const struct requirement *) requirements;
	VEC(const char *) texts; // of requirements, as written: a canonical form may mean something else (backslashes)
	const char *unusable;    // NULL, or why this release cannot be taken
};

// Unusable only because a build would have to say what it requires.
bool release_metadata_needs_build(const struct release_metadata *metadata);
void release_metadata_clear(struct release_metadata *metadata);
// From METADATA or PKG-INFO. name and version are those that the file name promises. What is wrong with the content
// makes it unusable, not an error: -1 only when data is no metadata at all (then another source may be tried).
int release_metadata_parse(struct arena *arena, struct slice data, const char *name, const struct version *version,
			   const char *source, struct release_metadata *out, struct error *err);
// From an sdist's file, without running anything; unusable when that says too little.
int release_metadata_of_sdist(struct arena *arena, const char *path, const char *file_name, const char *name,
			      const struct version *version, struct release_metadata *out, struct error *err);
void release_metadata_write(const struct release_metadata *metadata, struct text *out);
int release_metadata_read(struct arena *arena, struct slice data, struct release_metadata *out);

#endif
