// The static [project] table of a pyproject.toml (PEP 621), as far as resolving needs it, and its [build-system] (PEP 517, 518).
// Reads TOML 1.0; other tables are passed over. Bounded: 1 MiB, 32 nested values.
#ifndef RESOLVER_PYPROJECT_H
#define RESOLVER_PYPROJECT_H

#include <stdbool.h>

#include "core/arena.h"
#include "core/error.h"
#include "core/vec.h"

enum { PYPROJECT_MAX_BYTES = 1 << 20, PYPROJECT_MAX_DEPTH = 32 };

struct pyproject_requirement {
	const char *extra; // as written, "" for the base
	const char *text;  // PEP 508
};

struct pyproject { // strings in the arena
	bool has_project;
	const char *name, *version, *requires_python; // "" when absent
	VEC(const char *) dynamic;
	VEC(struct pyproject_requirement) requirements;
	bool has_build_system;
	const char *build_backend;        // "setuptools.build_meta", "" when absent
	VEC(const char *) build_requires; // PEP 508
	VEC(const char *) backend_path;   // folders in the source tree
	// The same of [tool.gophersnake]: what the backend gophersnake_build wraps (runtime/build).
	const char *wrapped_backend;
	VEC(const char *) wrapped_path;
};

// -1 with ERROR_INPUT when it is no TOML.
int pyproject_parse(struct arena *arena, struct slice data, struct pyproject *out, struct error *err);
void pyproject_clear(struct pyproject *pyproject);
// The field ("dependencies") is stated by the table: there is one, and it does not leave the field to the build.
bool pyproject_states(const struct pyproject *pyproject, const char *field);

#endif
