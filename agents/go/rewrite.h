// The import rewriter: replaces bytes inside import declarations of a Go file
// and never reprints it (notes/go.md, "Import rewriting").
//
// What a mapping changes: import paths, the import comment of the package
// clause, and paths in //go:linkname and //go:generate lines. `import "C"` is never touched nor moved away from its
// preamble. Where the change breaks the order of a group, the group is sorted as gofmt does, comments travel with
// their import, and comment columns that were aligned are aligned again.
#ifndef AGENTS_GO_REWRITE_H
#define AGENTS_GO_REWRITE_H

#include <stdbool.h>

#include "core/error.h"
#include "core/text.h"

// Appends the new path and returns true, or leaves the path as it is and returns false. Paths are unquoted.
typedef bool rewrite_mapping(void *context, struct slice path, struct text *out);

// Appends the rewritten source to out. ERROR_INPUT with file and line when the header is not Go.
int rewrite_go(struct slice source, const char *what, rewrite_mapping *mapping, void *context, struct text *out,
	       struct error *err);

struct go_import_spec {
	struct slice name; // "", "_", "." or an identifier
	struct slice path; // unquoted
	bool is_c;         // import "C"
};
typedef void rewrite_import(void *context, const struct go_import_spec *import);
// Lists the imports of a file, in order.
int rewrite_list(struct slice source, const char *what, rewrite_import *import, void *context, struct error *err);

// Is path that prefix, or below it on a path-element boundary ("a/b" covers "a/b/c", not "a/bc")?
bool rewrite_path_below(struct slice path, struct slice prefix);
#endif
