// A source tree or a source distribution → a wheel, made by the project's own
// build backend (PEP 517, 518) in the sandbox.
//
// What the build needs is resolved by our resolver and unpacked into an environment of its own; get_requires_for_build_wheel and
// build_wheel run there without network, bounded as every program in the sandbox. One wheel comes out; it is checked
// (agents/wheel/check.h) and normalised: the same source, requirements and CPython give the same bytes, and of an archive the
// result is kept in the store. What a build needs may have no wheel either: builds nest at most three deep.
#ifndef AGENTS_BUILD_SOURCE_H
#define AGENTS_BUILD_SOURCE_H

#include "agents/work.h"

struct build_source {
	const char *path;           // absolute: a folder with pyproject.toml or setup.py, or an archive (.tar.gz, .zip)
	const char *file;           // how it is called in errors and results: "docopt-0.6.2.tar.gz"
	const char *sha256;         // of an archive; NULL: it is computed. A folder has none
	const char *name, *version; // what the wheel must be of, the name normalised; NULL: whatever it is of
};
// *out: "gophersnake.build/1" (docs/formats.md); its "wheel" is the digest of the wheel in work->store. No plan is needed.
// ERROR_INPUT and ERROR_FAILED are the source's fault: the text names the step and ends with what the backend printed;
// ERROR_NO_SOLUTION and ERROR_INDEX are that of what it needs.
int build_source(struct work *work, const struct build_source *source, json_t **out, struct error *err);

// The wheel of a locked release: its best file when that is a wheel (built is NULL), else built from its source distribution.
// path: of the wheel, heap.
int build_release(struct work *work, const struct lock_package *package, char **path, json_t **built,
		  struct error *err);

#endif
