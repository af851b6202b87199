// Recorded calls that ship: a few visible ones of each proved function, equal in
// CPython and Go, in a pack (calls.json beside a unit's Go), as a test in the Go
// module and as one for pytest. "gophersnake.calls/1", docs/formats/recording.md.
#ifndef AGENTS_KEPT_CALLS_H
#define AGENTS_KEPT_CALLS_H

#include "core/json.h"

enum { KEPT_CALLS = 20, KEPT_CALL_LIMIT = 16 << 10, KEPT_FILE_LIMIT = 256 << 10 };

// Of the calls of one function (an array, in any order): half of them small ones, each of another shape of arguments and
// outcome, the others some of every size. The same calls give the same choice. A new array, by size.
json_t *kept_calls_choose(json_t *calls);
// The file for the calls of several functions, a call a line: to keep to limit bytes large ones are left out, but not the last one
// of a function.
void kept_calls_write(const char *name, const char *version, json_t *calls, size_t limit, struct text *out);
// The array of calls. NULL on error: ERROR_INPUT.
json_t *kept_calls_parse(struct slice data, const char *what, struct error *err);
// Those of "sqlparse.utils.remove_quotes": a new array.
json_t *kept_calls_of(json_t *calls, const char *python);

#endif
