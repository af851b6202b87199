// gc: drops what nothing live needs. What is live, exactly (docs/operate.md, "Make room"):
//
//     registry/go, repos, ledger    always: what is published as a Go module never changes and never goes
//     simple/files                  original wheels and +go wheels: always. The +go wheels of superseded conversions are yanked
//     units                         those of conversions that are not retired, and those of the newest bundle
//     bundles                       wheels of the newest ones (keep_bundles); records stay, so that no version is given twice
//     store                         what ledger entries and current runs name, with all that it names in turn; memos that were used
//                                   lately or lead to such objects, and those of answers that cost money; all that these name
//     tmp                           shared scratch of the last day
//
// A conversion is superseded when the ledger has a later rev of the same release, for the same wheel and CPython, that has
// functions in Go too. A run is current when it is the newest or something happened in it lately.
//
// Killed at any moment, nothing is broken: what is retired is written down, then the index leaves it out, then files go, names
// before what they name. The same command again does the rest.
#ifndef AGENTS_GC_GC_H
#define AGENTS_GC_GC_H

#include <stdbool.h>
#include <stdint.h>

#include "core/config.h"
#include "core/file.h"
#include "core/json.h"

struct gc_options {
	const struct config *config;
	const volatile int *interrupted;
	bool dry_run;
	int keep_bundles;    // at least 1
	int64_t unused_days; // of a memo, until it goes
	int64_t now;         // seconds since 1970
};

struct gc_row {
	const char *what; // release, bundle version, unit, bundle, memos, objects, scratch, leftovers
	char *name;       // for people: "sqlparse 0.6.1+go.0", a path below the workspace, a number
	char *reason;
	int64_t bytes;    // that get free
	file_names paths; // of files and folders; none: it is only taken out of use
};

struct gc {
	VEC(struct gc_row) rows; // in the order in which it is done
	VEC(char *) remarks;     // of the index
	int64_t bytes;           // of all rows
};
void gc_clear(struct gc *gc);

// The caller holds the workspace's lock. ERROR_WORKSPACE: an agent or a proof works in it.
int gc_run(const struct gc_options *options, struct gc *out, struct error *err);
#endif
