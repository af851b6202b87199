// The Go program that reads Go for the translators (agents/go/tool): built
// once for each version of it and of Go into the user's cache, run in the sandbox.
#ifndef AGENTS_TRANSLATORS_TOOL_H
#define AGENTS_TRANSLATORS_TOOL_H

#include "agents/work.h"

// Digest of its sources: part of what decides a translation.
void tool_digest(char digest[DIGEST_HEX_SIZE]);
// *path: the program, built when it is not there. Free it.
int tool_open(struct work *work, char **path, struct error *err);
// One request, one answer. The mounts are what it may read. NULL on error.
json_t *tool_run(struct work *work, const char *tool, json_t *request, const struct sandbox_mount *mounts,
		 size_t mount_count, struct error *err);

#endif
