// Writes the bridged Go of one group of releases: a folder of neutral Go code
// in which every public function, class and variable of every module has its
// Go name and signature, and a body that calls CPython through pyrt.
//
// Folder layout: the neutral import path below "py/" ("sqlparse/sql/sql_py.go").
// The caller copies each release's wheel to "dist.<name>/pysrc/release.whl"
// (file names in out->wheels), puts pyrt at "dist.pyrt" and the code of the
// releases below beside it to compile. Same input, same bytes.
#ifndef AGENTS_GO_SKELETON_H
#define AGENTS_GO_SKELETON_H

#include "agents/python/inventory.h"
#include "core/error.h"
#include "core/json.h"

struct emit_release {
	const char *name; // PEP 503 name
	const char *version;
	const char *requires_python; // "" when not said
	const char *tag;             // wheel tag, "" = pure Python
	const char *sha256;          // of the wheel that is embedded
	const struct inventory *inventory;
	const int *needs; // indices into emit_input.releases: the lock's direct edges
	size_t need_count;
};

struct emit_input {
	const struct emit_release *releases; // those to write first, then all releases below them
	size_t release_count;
	size_t own_count; // how many to write: one, or the members of a cycle of releases
};

struct skeleton_result {
	json_t *units; // "gophersnake.units/1": {"units": [{"id", "package", "modules": […], "needs": [unit ids], "imports": [{"release","module"}]}], "late": […], "undeclared": […]}
	json_t *names; // "gophersnake.names/1": {"modules": {"sqlparse.sql": {"path": "py/sqlparse/sql", "package": "sql", "names": {"Token.__init__": "NewToken", …}}}}
	json_t *packages; // sorted neutral import paths of what was written: ["py/dist.sqlparse/pysrc", "py/sqlparse", …]
	json_t *wheels; // {"sqlparse": "dist.sqlparse/pysrc/release.whl"}
	int64_t modules, units_count, functions, classes, methods, variables;
	int64_t largest_unit; // modules
	int64_t unreadable;   // modules that Python itself could not parse
};

int skeleton_write(const struct emit_input *input, const char *folder, struct skeleton_result *out, struct error *err);
void skeleton_result_clear(struct skeleton_result *result);
#endif
