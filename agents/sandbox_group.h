// Control groups for sandboxes that root runs: RLIMIT_NPROC does not bind
// root, the pids controller does. One group a launch, removed after it; those
// of processes that died are removed when the next sandbox is opened.
#ifndef AGENTS_SANDBOX_GROUP_H
#define AGENTS_SANDBOX_GROUP_H

#include <stdint.h>

#include "core/error.h"
#include "core/text.h"

// The folder below which groups can be made, "" when there is none. mountinfo and cgroup: the texts of
// /proc/self/mountinfo and /proc/self/cgroup. *unified: it is cgroup v2 (memory can be bounded too).
// Never below a group that somebody else (a service manager, a container) has put this process into.
char *sandbox_group_parent(struct slice mountinfo, struct slice cgroup, bool *unified);
char *sandbox_group_find(bool *unified); // the same, of this process
void sandbox_group_sweep(const char *parent);
// total_memory 0: unbounded. *out: the folder, whose cgroup.procs takes the process.
int sandbox_group_make(const char *parent, bool unified, unsigned int processes, uint64_t total_memory, char **out,
		       struct error *err);
void sandbox_group_remove(const char *group); // its processes are dead
#endif
