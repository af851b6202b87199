// An agent: a process that claims jobs of runs, does each in a child of its
// own, keeps the lease alive meanwhile, and hands the result in.
#ifndef AGENTS_AGENT_H
#define AGENTS_AGENT_H

#include <stdbool.h>

#include "core/config.h"
#include "core/error.h"
#include "core/log.h"

struct agent_options {
	const struct config *config;
	const char *redis; // URL
	const char *run;   // only this one, and end with it; NULL: every run of this Redis, until told to stop
	const char *name;  // NULL: host and process id
	struct log *log;
	volatile int *interrupted; // SIGTERM or SIGINT: hand the job back and end
};
// 0 when the run is over or after an interruption that handed everything back.
int agent_main(const struct agent_options *options, struct error *err);

#endif
