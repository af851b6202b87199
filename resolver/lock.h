// A lock: the exact releases of a slice for one environment, with edges,
// markers, extras and hashes ("gophersnake.lock/1", docs/formats.md).
//
// Everything lives in the lock's arena. Packages are sorted by name, requires
// by (name, specifier, marker), files by file name: the same resolution gives the same bytes.
#ifndef RESOLVER_LOCK_H
#define RESOLVER_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/error.h"
#include "core/json.h"
#include "core/vec.h"

struct lock_require {              // an edge
	const char *name;          // normalised (PEP 503)
	const char *specifier;     // canonical, "" for any
	const char *marker;        // canonical, "" for none; markers that are false here are kept in skipped
	const char *const *extras; // of the target, sorted, NULL-terminated
	const char *url;           // direct reference, NULL otherwise
	int target;                // index into packages; always set
	const char *for_extra;     // the extra of this package that asks for it, "" for the base
};

struct lock_file {
	const char *name;        // sqlparse-0.6.1-py3-none-any.whl
	const char *url;         // absolute, without credentials or fragment
	const char *sha256;      // lower-case hex; "" when the index gives none
	int64_t size;            // bytes, -1 when the index does not say
	const char *upload_time; // "2026-…Z" as the index gives it, "" when it does not
	bool wheel;
	const char *tag; // of a wheel: its best tag "cp311-cp311-manylinux_2_17_x86_64", "" for an sdist
};

struct lock_skip {           // what was looked at and not taken
	const char *version; // or "" when it concerns a requirement
	const char *reason;  // "yanked: …", "needs Python >=3.12", "no usable metadata: …", "marker is false: …"
};

struct lock_package {
	const char *name;            // normalised
	const char *version;         // normalised (PEP 440)
	const char *const *extras;   // that were asked for, sorted, NULL-terminated
	bool target;                 // named on the command line (or in the slice)
	const char *requires_python; // "" when not given
	// "core-metadata", "range", "wheel", "sdist" (PKG-INFO that vouches for itself), "sdist-pyproject" (static [project]),
	// "sdist-recorded" (what the tools wrote into it when it was made, which nothing vouches for), "sdist-built"
	const char *metadata_source;
	const char *why_yanked; // NULL unless a yanked release had to be taken
	VEC(struct lock_require) requires;
	VEC(struct lock_file) files; // all that fit this environment, best first: files.items[0] is what is converted
	VEC(struct lock_skip) skipped;
};

struct lock {
	struct arena arena;
	VEC(struct lock_package) packages;
	VEC(const char *) requirements; // as given, canonical, sorted
	// The environment: marker variables as name, value pairs sorted by name ("python_full_version", "3.11.7", …).
	VEC(const char *) environment;
	const char *python;   // "3.11"
	const char *platform; // best platform tag: "manylinux_2_36_x86_64"
};

void lock_init(struct lock *lock);
void lock_clear(struct lock *lock);
json_t *lock_to_json(const struct lock *lock);
int lock_from_json(json_t *json, const char *what, struct lock *out, struct error *err); // strict
// -1 when there is none by that (normalised) name.
int lock_find(const struct lock *lock, const char *name);
#endif
