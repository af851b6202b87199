// For which values a function is proved: the union of the kinds of its
// arguments in the calls that were equal. Its guard lets these through to the
// native code and no others (agents/go/tool/guard.go).
//
// Guards: {"val": {"kinds": ["None", "str"], "items": ["str"]}}: of each
// parameter that was given in some call. items: kinds in it, at any depth. Words, in this
// order: None bool int bigint float str bytes list tuple dict set frozenset date datetime aware_datetime time aware_time
// timedelta Decimal. A datetime or a time without a zone is not an aware one. *args is a tuple, **kwargs a dict.
#ifndef AGENTS_PROVE_KINDS_H
#define AGENTS_PROVE_KINDS_H

#include "core/json.h"

// Adds a recorded call (docs/formats/recording.md) whose arguments cross by value.
void prove_kinds_add(json_t *guards, json_t *call);

#endif
