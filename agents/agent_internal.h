// What the files of the agent share: agent.c (the loop, a stage's process) and hand_in.c (what becomes of its end).
#ifndef AGENTS_AGENT_INTERNAL_H
#define AGENTS_AGENT_INTERNAL_H

#include "agents/agent.h"
#include "agents/stage_end.h"
#include "scheduler/journal.h"
#include "scheduler/queue.h"

struct agent {
	const struct agent_options *options;
	struct queue *queue;
	struct work work;
	struct plan plan;
	char *run; // whose plan is loaded
	struct journal *journal;
	char name[128];
	int64_t reaped; // monotonic milliseconds of the last reap
};

// Tells journal (in_journal) and queue. While Redis is away it is told again, for as long as a lease lasts; telling twice is
// harmless. What goes wrong here but Redis becomes a failure of the job. -1 with ERROR_REDIS: it could not be told, the lease
// decides. The lease being lost is no error. end may be changed into a failure.
int hand_in(struct agent *agent, const struct job *job, const char *id, uint64_t fence, struct stage_end *end,
	    bool in_journal, struct error *err);

#endif
