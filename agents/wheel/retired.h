// What gc has taken out of use: registry/retired.json ("gophersnake.retired/1"). The files of a retired conversion stay and are
// yanked in the index (PEP 592), its units are left out of the next bundle; a retired bundle is in the index no more.
//
// It is what the index is made from, like the ledger, so it is written before anything is taken away. Nothing ever leaves it.
#ifndef AGENTS_WHEEL_RETIRED_H
#define AGENTS_WHEEL_RETIRED_H

#include "core/error.h"
#include "core/json.h"

// {"releases": {"sqlparse/v0.0.6-1.rel.0": reason}, "bundles": {"1": reason}}; a new reference, NULL on an error. Nothing is retired
// when there is no file.
json_t *retired_read(const char *workspace, struct error *err);
int retired_write(const char *workspace, json_t *retired, struct error *err);

// The reason, NULL: it is in use. entry: of the ledger.
const char *retired_release(json_t *retired, json_t *entry);
const char *retired_bundle(json_t *retired, const char *version);
void retired_add_release(json_t *retired, json_t *entry, const char *reason);
void retired_add_bundle(json_t *retired, const char *version, const char *reason);
#endif
