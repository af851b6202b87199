// What a stage works with, and the stages of a job. A stage is idempotent: its
// result is a function of the plan and of the results below it, kept in the
// store under the digest of its inputs (a memo), so that a job that was
// interrupted, or whose Redis was lost, costs nothing the second time.
//
// Stages read each other's results through the memos, never through Redis.
#ifndef AGENTS_WORK_H
#define AGENTS_WORK_H

#include "agents/plan.h"
#include "agents/sandbox.h"
#include "agents/toolchain.h"
#include "core/store.h"
#include "resolver/lock.h"

struct work {
	const struct config *config;
	const struct plan *plan;
	const char *run;         // NULL outside a run
	const char *job, *redis; // its id, and the URL of the run's Redis; NULL outside a run
	struct store *store;
	struct sandbox *sandbox;
	struct toolchain *toolchain;
	uint64_t fence;    // of the job's lease
	FILE *log;         // of the job; never NULL
	json_t *proposals; // {release's name: proposed inputs}, by record_propose; NULL = none. Part of a recording's key
	struct packs *packs; // agents/pack.h, opened by translator recorded; NULL = not yet
	const volatile int *interrupted;
	FILE *claim;    // says that the workspace is being worked in
	int fuzz_calls; // of the difference fuzz, for each function; 0 = as many as a proof takes (10,000)
	bool no_race;   // a proof does without the race detector, whose first build takes its time
	bool measure;   // a proof measures the functions that stand
};

// Opens what a workspace's stages need, and removes what killed jobs left in <workspace>/tmp more than a day ago. The plan
// may be set later.
// As long as it is open, gc leaves the workspace alone; it waits for a gc that goes on.
int work_open(struct work *work, const struct config *config, const volatile int *interrupted, struct error *err);
void work_close(struct work *work);
// The lock <workspace>/in-use (a kernel's, so it ends with its process): shared by all that work in the workspace, also by agents that
// somebody else started; alone: nobody does, and nobody begins before fclose. ERROR_WORKSPACE: somebody does.
int work_claim(const char *workspace, bool alone, const volatile int *interrupted, FILE **out, struct error *err);
char *work_path(const struct work *work, const char *below); // <workspace>/<below>, absolute
int work_temporary(const struct work *work, const char *prefix, char **out, struct error *err); // below <workspace>/tmp
// ERROR_TOOL when the plan was made by a version of gophersnake that writes other bytes than this one.
int work_check_generator(const struct work *work, struct error *err);
// A file of a lock, verified, in the user's cache.
int work_fetch(const struct work *work, const struct lock_file *file, char **path, struct error *err);
// Resolves requirements of our own (tests, builds) for this machine's CPython against the run's index.
int work_resolve(const struct work *work, const char *const *requirements, size_t count, struct lock *out,
		 struct error *err);
// Writes "+ 1234 ms go build …"-like lines into the job's log.
void work_note(struct work *work, const char *format, ...) __attribute__((format(printf, 2, 3)));

// scan R → "gophersnake.scan/1": the wheel and the inventory in the store.
int scan_run(struct work *work, int package, char digest[DIGEST_HEX_SIZE], struct error *err);
json_t *scan_result(struct work *work, int package,
		    struct error *err); // of a scan that ran; ERROR_WORKSPACE when it is gone
// emit G → "gophersnake.emit/1": neutral tree, units, name manifest, counts (keys: head of emit.c).
int emit_run(struct work *work, int group, char digest[DIGEST_HEX_SIZE], struct error *err);
json_t *emit_result(struct work *work, int group, struct error *err);
// translate U → "gophersnake.translation/1" (keys: head of translate.c). digest is "" when the chain has only the bridge:
// there is nothing to keep, and outcome is "{}".
int translate_run(struct work *work, int group, const char *unit, char digest[DIGEST_HEX_SIZE], struct text *outcome,
		  struct error *err);
// Is there nothing to translate, whatever the unit's Python is: the chain is the bridge alone, or no pack has something for the
// unit: 1, 0, -1.
int translate_idle(struct work *work, int group, const char *unit, struct error *err);
// The accepted translation of a unit: 1 = there is one, 0 = all of it is bridged, -1 = error.
int translate_result(struct work *work, int group, const char *unit, json_t **out, struct error *err);
// publish G → the ledger entry (in the registry); digest is that of the entry in the store.
int publish_run(struct work *work, int group, char digest[DIGEST_HEX_SIZE], struct text *outcome, struct error *err);

// The digest of everything that decides what a group becomes and that is known before the work: when the ledger has an
// entry with it, the group is up to date. 1 = known; 0 = a release below is not published yet.
int publish_request(struct work *work, int group, char digest[DIGEST_HEX_SIZE], struct error *err);
// The ledger entries of a group that is up to date (one a member), else NULL. found: 1, 0 or -1.
int publish_up_to_date(struct work *work, int group, json_t **entries, struct error *err);
// The same for all groups of the plan in one pass: complete[group], and all members' entries appended to an array. Each may
// be NULL.
int publish_survey(struct work *work, bool *complete, json_t *entries, struct error *err);

#endif
