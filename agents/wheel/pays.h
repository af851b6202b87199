// Only where it pays: inside Python, a native function is used when Go and the
// way there and back take less time than CPython does. The Go side keeps it in any case.
#ifndef AGENTS_WHEEL_PAYS_H
#define AGENTS_WHEEL_PAYS_H

#include "core/json.h"

// The border of the bundle: guards, wire, the call into Go and back, for a call with a short str and its result. Nanoseconds.
enum { WHEEL_BORDER_NS = 350 };

// Why Python keeps a function with these figures ("speed" of its row: {"cpython_ns", "go_ns"} on its recorded calls); heap. NULL: it
// pays. What was not measured is not used.
char *wheel_python_is_faster(json_t *speed);
// Names with spaces between them, without those whose "<module>.<name>" is a key of slow; heap, "" when none is left.
char *wheel_names_without(const char *names, const char *module, json_t *slow);
#endif
