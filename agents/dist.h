// What the author of a package gets of it, in a folder:
//
//     <original>.whl                           as it was given
//     <name>-<version>+go.<rev>-….whl          the same with functions in Go; only when some are
//     gophersnake_bundle-<version>-….whl       the Go of these, for this platform and (empty) for the others
//     go/                                      a Go module proxy with the package's module and all that it needs
//
// All of it comes from the registry and its ledger, after agents/wheel/index.h has brought the Python side up to date.
#ifndef AGENTS_DIST_H
#define AGENTS_DIST_H

#include "agents/wheel/index.h"
#include "agents/work.h"
#include "core/file.h"

struct dist {
	char *wheel;          // file name of what to install: with functions in Go, else the original
	char *original;       // file name
	file_names bundles;   // file names
	char *module;         // of the package: "go.internal/py-sqlparse"
	char *go_version;     // its version
	json_t *entry;        // of the ledger
	file_names functions; // that run in Go, in Python too: "sqlparse.utils.remove_quotes", sorted
};
void dist_clear(struct dist *dist);

// Writes that of a release of the plan, which is published; original: the path of its wheel. All is prepared beside the names (in
// <folder>/.gophersnake-build) and then renamed: a name is absent, as it was, or whole. index: for the reason when there is
// no bundle although functions are native, which is ERROR_FAILED. ERROR_WORKSPACE: the folder, or another process that writes there.
int dist_write(struct work *work, int package, const char *original, const struct wheel_index *index,
	       const char *folder, struct dist *out, struct error *err);

#endif
