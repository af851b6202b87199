// Runs: from a plan to jobs in Redis, and back from a run's folder to its plan.
//
//     <workspace>/runs/<run>/plan.json      what is being done
//     <workspace>/runs/<run>/journal.jsonl  what has been done (durable, one line an event)
//     <workspace>/runs/<run>/logs/<job>.log
#ifndef AGENTS_RUN_H
#define AGENTS_RUN_H

#include "agents/work.h"
#include "scheduler/queue.h"

struct run_start {
	char *run;      // NULL: nothing to do
	bool resumed;   // an unfinished run of this plan was there
	int up_to_date; // releases that the registry has already
	int releases;
	int retried; // failed jobs that get another try
};
void run_start_clear(struct run_start *start);

// How many releases of the plan the registry has already, by the digest of all their inputs.
// done[group] is set when not NULL. Needs no Redis.
int run_up_to_date(struct work *work, bool *done, int *releases, struct error *err);
// Loads (or takes up again) the run of work->plan.
int run_begin(struct work *work, struct queue *queue, struct run_start *out, struct error *err);
// After `emit`: the unit jobs of a group, each before its publish job.
int run_extend_units(struct work *work, struct queue *queue, const char *run, int group, const char *job,
		     uint64_t fence, struct error *err);
char *run_folder(const struct config *config, const char *run); // <workspace>/runs/<run>
// Makes the folder, with plan and logs/; it is the newest run from now on.
int run_write_folder(struct work *work, const char *run, struct error *err);
int run_read_plan(const struct config *config, const char *run, struct plan *out, struct error *err);
// The newest run of the workspace, NULL when there is none.
char *run_newest(const struct config *config);
char *run_log_path(const struct config *config, const char *run, const char *job);

#endif
