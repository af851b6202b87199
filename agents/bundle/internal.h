// What the files of the bundle share; docs/formats/bundle.md has the whole.
#ifndef AGENTS_BUNDLE_INTERNAL_H
#define AGENTS_BUNDLE_INTERNAL_H

#include "agents/bundle/bundle.h"
#include "agents/wheel/tree.h"
#include "core/text.h"

#define BUNDLE_UNIT_SCHEMA "gophersnake.bundle-unit/1"
enum { BUNDLE_BUILD_TIMEOUT = 900000, BUNDLE_FILE_LIMIT = 512 * 1024 * 1024 };

// Writes the module `py` of a bundle into a folder (src/…) and gives the Go tool's answer, a new reference: refused functions,
// count. content: 16 hexadecimal digits. ids: the digests of the units, in their order.
json_t *bundle_stage(struct work *work, json_t *units, json_t *ids, const char *version, const char *content,
		     const char *folder, struct error *err);
// The version of glibc that an ELF shared library needs (2.N → N), and its machine as wheel tags have it. ERROR_FAILED when it needs a
// library that manylinux does not promise (PEP 600; auditwheel's policy).
int bundle_manylinux(struct slice elf, const char *name, int *glibc, const char **machine, struct error *err);

int bundle_python(struct wheel_tree *tree, struct error *err); // adds the Python files
// The Python files, metadata, licence files (of the units, and of the Go modules from outside that are in them: rows of agents/mirror.h) and
// RECORD; with both libraries, or the empty one (shim and library of length 0, tag py3-none-any).
int bundle_wheel(const char *version, const char *tag, json_t *units, json_t *go_modules, struct slice shim,
		 struct slice library, struct text *out, struct error *err);
#endif
