// Core metadata (METADATA, PKG-INFO): the header fields that resolving and licences need.
//
// Reads RFC 822 headers with folded lines as UTF-8 up to the body. Bounded: 8 MiB. Everything is copied to the arena.
#ifndef RESOLVER_METADATA_H
#define RESOLVER_METADATA_H

#include <stdbool.h>

#include "core/arena.h"
#include "core/error.h"
#include "core/vec.h"

enum { METADATA_MAX_BYTES = 8 << 20 };

struct metadata_list { // in the arena
	const char *const *items;
	size_t count;
};

struct metadata { // strings "" when absent
	const char *metadata_version, *name, *version, *requires_python, *license, *license_expression, *summary;
	struct metadata_list requires_dist, provides_extra, dynamic, license_file, classifier;
};

// Name and Version are required; other fields may be absent.
int metadata_parse(struct arena *arena, struct slice data, struct metadata *out, struct error *err);
// Of an sdist's PKG-INFO: may this field be trusted (Metadata-Version ≥ 2.2 and not in Dynamic, PEP 643)?
bool metadata_is_static(const struct metadata *metadata, const char *field);

#endif
