// Only where it pays: inside Python, a native function is used when a call
// through the border takes clearly less time than CPython's. The Go side keeps it in any case.
#ifndef AGENTS_WHEEL_PAYS_H
#define AGENTS_WHEEL_PAYS_H

#include "core/json.h"

// CPython takes at least twice as long, for a typical call and for all of the calls together: what is measured once, with one
// CPython on one machine, has to be no slower with every later CPython and on every machine.
enum { WHEEL_PAYS_PERCENT = 200 };

// Why Python keeps a function with these figures ("border" of its row, agents/border.h); heap. NULL: it pays. What was not
// measured is not used.
char *wheel_python_is_faster(json_t *border);
// Names with spaces between them, without those whose "<module>.<name>" is a key of slow; heap, "" when none is left.
char *wheel_names_without(const char *names, const char *module, json_t *slow);
#endif
