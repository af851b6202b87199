// The ledger: one record a published version, below <workspace>/registry/ledger
// ("gophersnake.ledger/1", docs/formats.md). A record never changes.
//
//     ledger/<name>/<go version>.json     what was published, from what, how far
//     ledger/<name>/<go version>.claim    which inputs may become that version; made before its first file
//
// The name is the distribution's (PEP 503), of a cycle's own module "cycle-<first name>".
#ifndef AGENTS_LEDGER_H
#define AGENTS_LEDGER_H

#include "core/error.h"
#include "core/file.h"
#include "core/json.h"

char *ledger_path(const char *workspace, const char *name, const char *go_version, const char *suffix);
int ledger_names(const char *workspace, file_names *out, struct error *err); // with at least one entry, sorted
// The Go versions that have an entry, ascending.
int ledger_versions(const char *workspace, const char *name, file_names *out, struct error *err);
// 1 = found, 0 = there is no such entry, -1 = error (unreadable, or no entry). The object is the caller's.
int ledger_read(const char *workspace, const char *name, const char *go_version, json_t **out, struct error *err);
// The entry of the highest version; of one release (version as in the lock) when version is not NULL: its highest rev.
int ledger_latest(const char *workspace, const char *name, const char *version, json_t **out, struct error *err);
// The entry of a release (by the stem of its Go versions) for one request, its highest rev.
int ledger_find(const char *workspace, const char *name, const char *stem, const char *request, json_t **out,
		struct error *err);

// The wheel that the module carries: {"file", "sha256", …}: what was built, else the index's file. Borrowed from the entry.
json_t *ledger_wheel(json_t *entry);

// 0 = written, 1 = there is one with these inputs already, -1 = one with others (ERROR_POLICY), or an error.
int ledger_put(const char *workspace, json_t *entry, struct error *err);

// The Go version for these inputs: that of the entry or the claim that has them, else the next rev of the stem. kind:
// "release", "cycle" or "facade"; entries of a cycle and of a distribution cannot share one module path (ERROR_POLICY).
int ledger_choose(const char *workspace, const char *name, const char *stem, const char *kind, const char *inputs,
		  char **go_version, struct error *err);
// 0 = these inputs have the version now, -1 = others took it meanwhile (ERROR_WORKSPACE: choose again), or an error.
int ledger_claim(const char *workspace, const char *name, const char *go_version, const char *kind, const char *inputs,
		 struct error *err);
#endif
