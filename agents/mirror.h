// Go modules from outside: what the setting go_modules lists may be imported
// by translations. What they use is fetched through the user's GOPROXY, held
// against go.sum or the checksum database as go does it, and put unchanged
// into the registry, so that builds here and at the users' need nothing else.
//
// A record says what a set of packages needs, as `go mod tidy` finds it:
//
//     packages   {"golang.org/x/text/cases": "cases"}: clauses; null: its module has no such package for others
//     modules    by path, [{"module", "version", "indirect", "h1" (null: of the graph only, nothing but its go.mod is needed), "gomod_h1",
//                "licence": {"expression" (SPDX, by its text, or ""), "source": "text" or "none", "classifiers": [], "text" (for people),
//                "files"}, "texts": {file: text} of the licence}]
#ifndef AGENTS_MIRROR_H
#define AGENTS_MIRROR_H

#include "agents/go/gomod.h"
#include "agents/work.h"

// An item of the setting; ERROR_CONFIG names what is wrong. host: that of the converted modules, whose paths are ours.
int mirror_parse(struct slice item, const char *host, struct arena *arena, struct plan_go_module *out,
		 struct error *err);
// The listed module that a package belongs to, the one with the longest path; NULL.
const struct plan_go_module *mirror_module_of(const struct plan *plan, struct slice import);
void mirror_list(const struct plan *plan, const char *between, struct text *out); // "path@version, …"

// Packages of listed modules that Go imports, added to a set {import path: true}. What is no Go imports nothing, and what is no plain
// path ("example.org/a/../b") no package.
void mirror_imports(const struct plan *plan, struct slice go, json_t *out);
int mirror_imports_of_folder(const struct plan *plan, const char *folder, json_t *out, struct error *err);
// Those of the packs that the plan names, of groups that are not done (NULL: of all).
int mirror_imports_of_packs(struct work *work, const bool *done, json_t *out, struct error *err);

// The record of a set of packages of listed modules; its modules are in the registry then. A memo; fetched when it is new or the
// registry lost something. ERROR_INDEX, ERROR_NETWORK: it cannot be fetched; ERROR_POLICY: a sum differs; ERROR_CONFIG: it needs
// another Go than converted modules are written in.
int mirror_record(struct work *work, json_t *packages, json_t **record, struct error *err);
// Adds a record's modules to an array of rows: of each the highest version. "texts" are left out where texts is false. indirect: all
// of them are.
void mirror_join(json_t *rows, json_t *modules, bool indirect, bool texts);
// As requirements. Their texts live as long as rows.
struct gomod_require mirror_require(json_t *row);

// What a build in the sandbox needs beside its own module: nothing when there are no rows.
struct mirror_use {
	char *requirements, *proxy, *cache;
};
// folder is made when it is needed, and holds go.mod and go.sum of the module `py`.
int mirror_use_make(const struct work *work, json_t *rows, const char *folder, struct mirror_use *out,
		    struct error *err);
void mirror_use_in(const struct mirror_use *use, struct go_task *task);
void mirror_use_clear(struct mirror_use *use);
// One folder of unpacked modules for all jobs of a workspace, as long as its registry lives: a registry that was removed and
// made anew may give other bytes to the same versions. Heap.
int mirror_cache(const struct work *work, char **out, struct error *err);
#endif
