// A package on this machine (a wheel, a source distribution or a source folder) as a requirement that a lock can hold.
//
// Its wheel is kept in the workspace, <workspace>/sources/<sha256>/<file name>, and the requirement is a direct reference to it
// with its hash (PEP 508): the lock, the plan and their digests are what they always are, whoever made the wheel and wherever it lay.
#ifndef AGENTS_LOCAL_WHEEL_H
#define AGENTS_LOCAL_WHEEL_H

#include "agents/work.h"

struct local_wheel {
	char *file;        // sqlparse-0.6.1-py3-none-any.whl
	char *name;        // normalised
	char *path;        // in the workspace
	char *requirement; // "sqlparse @ file:///…/sqlparse-0.6.1-py3-none-any.whl#sha256=…"
	char sha256[DIGEST_HEX_SIZE];
};
void local_wheel_clear(struct local_wheel *wheel);
#define cleanup_local_wheel __attribute__((cleanup(local_wheel_clear)))

// The folder of a package's sources: NULL when it is no folder, or has neither pyproject.toml nor setup.py.
char *local_source_folder(const char *source);
// ERROR_USAGE: it is none of these; ERROR_WORKSPACE: it cannot be read.
int local_wheel_make(struct work *work, const char *source, struct local_wheel *out, struct error *err);

#endif
