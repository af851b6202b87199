// Tier "none": no mount namespace, so paths inside a sandbox are rewritten to
// the folders outside in the program's arguments, environment and folder.
#ifndef AGENTS_SANDBOX_PLAIN_H
#define AGENTS_SANDBOX_PLAIN_H

#include "agents/sandbox.h"

int sandbox_plain_run(const struct sandbox_task *task, struct process_result *result, struct error *err);
// value with every path that is a mount's inside, or lies below it, replaced; at the start of the value or after one of
// "=", ":", "," or "//". Heap string.
char *sandbox_plain_rewrite(const char *value, const struct sandbox_mount *mounts, size_t count);
#endif
