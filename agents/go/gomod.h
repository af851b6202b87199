// go.mod and go.sum (Go Modules Reference): written for what we publish, and
// the module line of a go.mod that we were given.
#ifndef AGENTS_GO_GOMOD_H
#define AGENTS_GO_GOMOD_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "core/text.h"

#define GOMOD_GO "1.23" // the language that generated code is written in

struct gomod_require {
	const char *module, *version;
	bool indirect;
	bool sum_only;               // of the graph, and not required: stands in go.sum, with its go.mod alone
	const char *zip_h1, *mod_h1; // for go.sum; may be NULL when no go.sum is written
};

// All requirements, direct and indirect: since Go 1.17 a go.mod lists both. Sorted by module in place.
void gomod_write(const char *module, struct gomod_require *requires, size_t count, struct text *out);
void gosum_write(const struct gomod_require *requires, size_t count, struct text *out); // sorted by gomod_write
// "h1:…" of a go.mod alone: the "/go.mod" line of go.sum.
void gomod_h1(struct slice gomod, struct text *out);
// The path that a go.mod's module line names, unquoted; ERROR_INPUT when there is none.
int gomod_module(struct slice gomod, const char *what, struct slice *out, struct error *err);
#endif
