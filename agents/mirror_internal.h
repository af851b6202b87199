// What mirror_fetch.c and mirror_keep.c share.
#ifndef AGENTS_MIRROR_INTERNAL_H
#define AGENTS_MIRROR_INTERNAL_H

#include "agents/mirror.h"

enum { MIRROR_FILE_LIMIT = 16 << 20 };

struct fetching {
	struct work *work;
	json_t *wanted; // import paths, a set
	char *workspace, *folder, *cache, *proxy;
	json_t *downloads; // objects of `go mod download -json`
	json_t *packages;  // of the record
	json_t *modules;   // of the record
};

// `go` with these arguments in the folder; output may be NULL.
int mirror_go(struct fetching *fetching, const char *const *arguments, struct text *output, struct error *err);
bool mirror_is_wanted(const struct fetching *fetching, const struct plan_go_module *module);

// Puts what go has fetched and looked at into the registry, and notes it in modules, sorted by path.
int mirror_keep(struct fetching *fetching, struct error *err);
#endif
