// The module-level variables of a Python module that are plain data, as the Go
// package py/dist.tables/<module>: a function for each, decoded at its first
// call (runtime/pyrt/py/table), and Files for the data files that lie in a
// package. The data come from the release itself: the
// module is evaluated in the sandbox (tables.py), with all that it needs.
#ifndef AGENTS_PYTHON_TABLES_H
#define AGENTS_PYTHON_TABLES_H

#include "agents/work.h"

// "idna.uts46data" → "py/dist.tables/idna/uts46data". Heap.
char *tables_path(const char *module);
// names: {Python name: Go name} of the module's manifest, may be NULL. 0: *digest is the Go source in the store, and *clause (heap) its
// package clause; 1: the module could not be evaluated, *reason (heap) says why; -1: the machine's fault.
int tables_make(struct work *work, int package, const char *module, json_t *names, char digest[DIGEST_HEX_SIZE],
		char **clause, char **reason, struct error *err);

#endif
