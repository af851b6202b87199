// How process.c starts a child: fork, descriptors, limits, exec. Nobody else uses it.
#ifndef CORE_SPAWN_H
#define CORE_SPAWN_H

#include "core/process.h"

// Starts the program in a process group of its own, with these standard streams (-1: /dev/null) and no other
// descriptor. with_us: the child is killed when the calling thread dies, however it dies. On -1 (ERROR_TOOL) nothing
// runs.
int spawn_child(const struct process_options *options, int in, int out, int error_out, bool with_us, pid_t *pid,
		struct error *err);
#endif
