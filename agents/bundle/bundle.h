// The native bundle of the Python side: one Go library for all native
// functions of a registry, an abi3 extension in front of it, and the wheels
// that carry both (docs/formats/bundle.md).
//
// A unit of the bundle is what one unit of a release needs to run without CPython: its native files, the bridged ones for their
// types, the rows of its functions, its tables. It is a JSON object ("gophersnake.bundle-unit/1") under its digest; wheels of
// packages name units by it, and the registry keeps one file for each. A bundle is a set of units.
#ifndef AGENTS_BUNDLE_BUNDLE_H
#define AGENTS_BUNDLE_BUNDLE_H

#include "agents/work.h"
#include "core/digest.h"

// From a translation ("gophersnake.translation/1") and the emit result of its group; release: of bundle_release. The Go tool and
// the compiler have seen it: each function of it can be called. *out: a new reference, or NULL when no function of the unit
// can be in a bundle; *refused: [{"go", "reason"}] (new), those that cannot. A memo: the stage translate makes it, publish finds it.
int bundle_unit_make(struct work *work, json_t *emit, json_t *translation, json_t *release, json_t **out,
		     char digest[DIGEST_HEX_SIZE], json_t **refused, struct error *err);
bool bundle_has_native(json_t *translation);
// What a unit has of its group: {"release": "sqlparse 0.5.3" (its first one), "licences": {"sqlparse/0.5.3/LICENSE": text, …} (the licence
// files of all)}. A new reference, NULL on error.
json_t *bundle_release(struct work *work, int group, struct error *err);
// Module → names of its functions that are in the unit, with spaces: what a wheel's last lines ask for. A new reference.
json_t *bundle_unit_names(json_t *unit);

struct bundle {
	char digest[DIGEST_HEX_SIZE]; // of all inputs
	char *native_wheel; // file names in the folder: gophersnake_bundle-<version>-cp38-abi3-manylinux_2_34_x86_64.whl
	char *empty_wheel;  // gophersnake_bundle-<version>-py3-none-any.whl, for platforms without native code
	int functions;
	int64_t library_bytes, shim_bytes;
};
void bundle_clear(struct bundle *bundle);
// Builds the wheels of a set of units (an array of "gophersnake.bundle-unit/1" objects, in any order) into a folder that exists.
// The same units, version and tools give the same bytes, from the store when they were built before. A function that two
// units have under one digest is there once.
int bundle_build(struct work *work, json_t *units, const char *version, const char *folder, struct bundle *out,
		 struct error *err);
// The package gophersnake_bundle of a set of units, below a folder that is made: what pip would unpack. Nothing is kept in the store.
int bundle_install(struct work *work, json_t *units, const char *folder, struct error *err);
// What decides a bundle beside its units: the sources of the border and of pyrt, the Go tool, Go.
void bundle_tools_digest(struct work *work, char digest[DIGEST_HEX_SIZE]);
#endif
