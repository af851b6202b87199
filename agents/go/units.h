// The units of a group of releases: strongly connected components of the graph
// of import-time imports. A unit is one Go package.
//
// Only modules of the releases to write are nodes; late imports and imports
// under TYPE_CHECKING are no edges, nor is the parent package that an import
// implies. Units are numbered leaf first.
#ifndef AGENTS_GO_UNITS_H
#define AGENTS_GO_UNITS_H

#include "agents/go/program.h"

struct unit {
	const char *id;      // name of its first module
	const char *path;    // neutral import path of its Go package: the module's, or "py/dist.<name>/sccN"
	const char *package; // "sql", "scc3"
	int *modules;        // numbers in program.modules, by name
	size_t module_count;
	int *needs; // units, ascending
	size_t need_count;
	int *imports; // modules of releases below, by (name, release)
	size_t import_count;
};

struct late_import {
	int module;       // who
	const char *name; // what, as written
	int target;       // its module number, -1 unknown here
	bool undeclared;  // in a release that this one does not need
	int64_t line;
};

struct units {
	struct arena arena;
	struct unit *items;
	size_t count;
	size_t largest;  // modules
	uint64_t *reach; // bit set of count × words: what a unit needs, directly or not, itself included
	size_t words;
	VEC(struct late_import) late;
};

// Sets program.modules[].unit too.
int units_make(struct program *program, struct units *out, struct error *err);
void units_clear(struct units *units);
bool units_reach(const struct units *units, int from, int to);
// May Go code of that unit import the package where the module's names live without closing a cycle, along the lock's edges?
bool units_may_import(const struct program *program, const struct units *units, int unit, int module);
json_t *units_to_json(const struct program *program, const struct units *units); // "gophersnake.units/1"
#endif
