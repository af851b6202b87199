// A run in Redis: which jobs are ready, who holds which lease, what came out.
// All state changes happen in Redis Functions (scheduler/queue.lua, protocol
// version QUEUE_PROTOCOL), each with every check before its first write, on
// the server's clock. Keys of a run carry its slot: {r:<run>}…
//
// Job identifiers are strings such as "emit:django@5.2.19"; priority is the
// rank (seconds of work on the heaviest chain that waits for the job). Names of
// runs and jobs are 1 to 512 bytes of anything but control characters.
//
// States of a job: waiting (for needs), ready, leased, delayed (tried again
// later), done, failed, dead (its agents crashed three times), blocked (a need
// failed), cancelled.
//
// What a failure does: a failed or dead `translate` under the policy "bridge"
// is passed over: its dependents go on, since the bridge stays (and a retry of
// it holds nobody back). Every other failure, and under "block" each one,
// blocks all that need the job, directly or not: a publish without its emit is
// impossible. A blocked job's reason names the job at the root of the chain. A
// run is finished when nothing is waiting, ready, leased or delayed.
//
// Errors are ERROR_REDIS, with the URL without its password and the way out;
// ERROR_INPUT when what the caller gave cannot be right. A call whose
// connection breaks fails, and the next one connects again: whether the failed
// one took effect is unknown, but all of them may be repeated.
#ifndef SCHEDULER_QUEUE_H
#define SCHEDULER_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/json.h"
#include "core/vec.h"

enum { QUEUE_PROTOCOL = 1 };

struct queue; // one connection; not for several threads or across fork

// url: redis://[user:password@]host[:port][/db], unix:/path/redis.sock. Loads the functions when they are missing or older.
int queue_open(const char *url, struct queue **out, struct error *err);
void queue_free(struct queue *queue);

struct queue_job {
	const char *id;
	const char *kind; // scan, emit, translate, publish
	double rank;
	const char *const
		*needs; // ids, may name jobs that come in a later chunk of the same load; duplicates count once
	size_t need_count;
};

// Makes the run if it is new (idempotent: the same jobs again change nothing; another plan digest is ERROR_REDIS).
// policy: "bridge" or "block", see above. May be called several times before queue_seal.
int queue_load(struct queue *queue, const char *run, const char *plan_digest, const char *policy,
	       const struct queue_job *jobs, size_t count, struct error *err);
// Lets agents in. ERROR_INPUT, naming jobs, when a need was never loaded or jobs need each other in a circle.
int queue_seal(struct queue *queue, const char *run, struct error *err);
// Jobs that appear while the run goes on (idempotent). Each entry of `before` (an existing job that has not started)
// now needs all of the new jobs as well, and the holder, so that it cannot start before the extension is complete.
// The caller holds `holder` with `fence`, or it is refused (ERROR_REDIS), as it is when one of `before` has started
// or ended. A job that is there already is left as it is. Unknown needs and circles are ERROR_INPUT. A refused
// extension changed nothing; after a broken connection, some of the jobs may be there: repeat it.
int queue_extend(struct queue *queue, const char *run, const char *holder_job, uint64_t fence,
		 const struct queue_job *jobs, size_t count, const char *const *before, size_t before_count,
		 struct error *err);

struct queue_claim {
	char *job; // NULL: nothing is ready
	uint64_t fence;
	int64_t lease; // milliseconds from now
	int attempts;  // tries of this job that ended badly (failed for now, crashed), before this one
	bool finished; // nothing is ready and nothing will be: the run is over
	bool paused, cancelled;
};
void queue_claim_clear(struct queue_claim *claim);
// lease: milliseconds. wait: milliseconds to block for work when nothing is ready (0: return at once). Does what
// queue_reap does, too. ERROR_REDIS "stuck" when jobs wait and nothing can ever free them.
int queue_claim(struct queue *queue, const char *run, const char *agent, int64_t lease, int64_t wait,
		struct queue_claim *out, struct error *err);
// Extends the lease. *lost = another holds it now, or the run was cancelled: stop working on it.
int queue_beat(struct queue *queue, const char *run, const char *job, uint64_t fence, int64_t lease, bool *lost,
	       struct error *err);

enum queue_answer { QUEUE_ACCEPTED, QUEUE_REPEATED, QUEUE_STALE };
// outcome: a short JSON text for people and status (at most 64 KiB); digest: of the result in the store, "" for none.
int queue_finish(struct queue *queue, const char *run, const char *job, uint64_t fence, const char *digest,
		 const char *outcome, enum queue_answer *answer, struct error *err);
// retry: false = final failure (the package or the translator), true = infrastructure, tried again after a delay at
// most 3 times (1, 4, 16 s and up to a quarter more). reason (cut at 4,096 bytes) is shown by why and status.
int queue_fail(struct queue *queue, const char *run, const char *job, uint64_t fence, bool retry, const char *category,
	       const char *reason, enum queue_answer *answer, struct error *err);
// Gives a claimed job back untouched (an agent that drains). Nothing happens when it is not ours any more.
int queue_release(struct queue *queue, const char *run, const char *job, uint64_t fence, struct error *err);
// Expired leases → ready again (third crash of one job: dead), due delays → ready. Any process may call it. Counts moved
// jobs, at most some hundred a call.
int queue_reap(struct queue *queue, const char *run, int *moved, struct error *err);
int queue_pause(struct queue *queue, const char *run, bool paused, struct error *err);
int queue_cancel(struct queue *queue, const char *run, struct error *err); // for good; blocked jobs keep their reason
// A failed or dead job becomes ready with fresh tries, and what it blocked waits again; of a blocked job: all failures
// that block it. Nothing happens to a job on its way. One that is done, and a cancelled run, are refused.
int queue_retry(struct queue *queue, const char *run, const char *job, struct error *err);
// Asserts the invariants; the error names the first broken one. Reads the whole run.
int queue_check(struct queue *queue, const char *run, struct error *err);

struct queue_status {
	// Jobs by state; they sum up to total.
	int64_t waiting, ready, leased, delayed, done, failed, dead, blocked, cancelled, total;
	bool exists, sealed, paused, is_cancelled, finished;
	char plan_digest[65];
	int64_t events; // number of the newest
};
int queue_status(struct queue *queue, const char *run, struct queue_status *out, struct error *err);

struct queue_job_state {
	char *id, *kind, *state;
	char *holder;            // the agent that has or had it last; "" when none had
	char *digest, *outcome;  // of a done job; "" for none
	char *reason, *category; // of its newest failure, also when a later try succeeded; or why it is blocked
	double rank;
	int64_t remaining;     // needs that are not done
	int attempts, crashes; // failed tries, lost leases; since the last retry
	uint64_t fence;
	int64_t started, ended; // wall milliseconds of the server, 0 when not
};
void queue_job_state_clear(struct queue_job_state *state);
int queue_job(struct queue *queue, const char *run, const char *job, struct queue_job_state *out,
	      struct error *err); // state NULL: no such job
// The jobs in one state ("leased", "failed", …; NULL all), at most limit, highest rank first.
int queue_jobs(struct queue *queue, const char *run, const char *state, size_t limit, struct queue_job_state **out,
	       size_t *count, struct error *err);
void queue_jobs_free(struct queue_job_state *jobs, size_t count);
// Digests of the results of many jobs at once; "" where there is none. out: count heap strings.
int queue_digests(struct queue *queue, const char *run, const char *const *jobs, size_t count, char **out,
		  struct error *err);
// The runs that live in this Redis, sorted. Heap strings in a heap array.
int queue_runs(struct queue *queue, char ***out, size_t *count, struct error *err);
#endif
