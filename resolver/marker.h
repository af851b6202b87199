// PEP 508 environment markers: parse, canonical form, evaluation.
//
// A marker is a flat array of tokens in infix order, so neither parsing, printing nor evaluation recurses on outside input.
// Bounded: 64 KiB of text, 64 nested parentheses, 4,096 comparisons.
#ifndef RESOLVER_MARKER_H
#define RESOLVER_MARKER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/arena.h"
#include "core/error.h"
#include "core/text.h"

enum { MARKER_MAX_DEPTH = 64, MARKER_MAX_BYTES = 65536 };

struct marker_token;

struct marker { // in the arena it was parsed into
	const struct marker_token *tokens;
	size_t count; // 0: no marker, always true
};

// Values by variable name ("python_version"); lookup gives NULL for a variable it does not know.
struct marker_environment {
	const char *(*lookup)(const void *context, const char *variable);
	const void *context;
};

int marker_parse(struct arena *arena, struct slice text, struct marker *out, struct error *err);
// Appends the form of packaging's str(Marker): 'python_version < "3.8" and extra == "foo-bar"'.
void marker_format(const struct marker *marker, struct text *out);
char *marker_string(struct arena *arena, const struct marker *marker);
bool marker_mentions_extra(const struct marker *marker);
// True without a marker. extra is the one active extra (any spelling), "" or NULL for none.
// -1 with ERROR_INPUT when a comparison is undefined (packaging's UndefinedComparison) or a variable is unknown.
int marker_evaluate(const struct marker *marker, const struct marker_environment *environment, const char *extra,
		    bool *out, struct error *err);
// Tries "" and each of the extras (NULL-terminated): is the marker true for any? for_extra, when not NULL, gets the
// first that made it true ("" for the base). A requirement that names no extra belongs to the base.
int marker_evaluate_extras(const struct marker *marker, const struct marker_environment *environment,
			   const char *const *extras, bool *out, const char **for_extra, struct error *err);

#endif
