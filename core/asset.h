// Files that travel inside the binary: the Python and Lua programs, the Go
// runtime module, the default configuration. The Makefile lists them.
#ifndef CORE_ASSET_H
#define CORE_ASSET_H

#include <stddef.h>

#include "core/text.h"

struct asset {
	const char *path; // as in the repository: "scheduler/queue.lua", "runtime/pyrt/pyrt.go"
	struct slice data;
};

extern const size_t asset_count;
struct asset asset_at(size_t number); // sorted by path
extern const char generator_digest
	[]; // hex sha256 over everything that decides the bytes of a conversion (see Makefile: GENERATOR)

// NULL data when there is none by that path.
struct slice asset_find(const char *path);
#endif
