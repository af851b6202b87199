// A solution as a lock: edges, files, and why newer versions were passed over.
#ifndef RESOLVER_LOCK_BUILD_H
#define RESOLVER_LOCK_BUILD_H

#include "resolver/source.h"

// roots: what was asked for and applies here, in the order of their texts; texts: all of it, canonical, sorted.
// May fetch files for which the index gives no hash. out is initialised and stays so on error.
int lock_build(struct source *source, const struct solution *solution, const struct requirement *const *roots,
	       size_t root_count, const char *const *texts, size_t text_count, struct lock *out, struct error *err);

#endif
