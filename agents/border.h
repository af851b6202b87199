// What a call of a native function takes inside CPython, through the border of
// the bundle, against what the original takes: measured in the sandbox of this
// machine, with the calls that ship (agents/kept_calls.h).
//
// No two measurements are the same, and they decide what a wheel asks the bundle for. So a figure is made once and is an input
// from then on: pack.json brings it along, or it is a memo of the store, under the digests of the unit, the calls, the border's
// sources and CPython's minor version.
#ifndef AGENTS_BORDER_H
#define AGENTS_BORDER_H

#include "agents/work.h"
#include "core/digest.h"
#include "core/vec.h"

struct border_case {
	char unit[DIGEST_HEX_SIZE]; // of the bundle
	json_t *function;           // its row in the unit: "module", "name"
	json_t *calls;              // those that ship
	json_t *row;                // gets "border", below
};
struct border_cases {
	json_t *units; // {digest: unit}
	VEC(struct border_case) items;
};
void border_cases_init(struct border_cases *cases);
void border_cases_clear(struct border_cases *cases);
// Those functions of a unit that have a row (rows[key] is the dotted name: "name" in a translation, "python" in a pack) without "border".
void border_add(struct border_cases *cases, json_t *unit, const char *digest, json_t *calls, json_t *rows,
		const char *key);

// Of releases of a group. Each row gets "border": {"cpython_ns", "bundle_ns": of a typical call (geometric mean over the calls of their medians),
// "cpython_all_ns", "bundle_all_ns": of all the calls, each made once, "calls"}, or {"reason": why it could not be measured}. A
// bundle that cannot be built is such a reason. known figures cost a look.
int border_measure(struct work *work, int group, struct border_cases *cases, struct error *err);
#endif
