// What several commands do: resolve with the settings, make a plan, find a run
// and its queue, and show releases.
#ifndef CLI_COMMON_H
#define CLI_COMMON_H

#include "agents/plan.h"
#include "agents/run.h"
#include "cli/cli.h"
#include "resolver/resolve.h"
#include "scheduler/queue.h"

// The lock of the arguments (else of the configuration's requirements), or of --lock FILE.
int cli_lock(struct cli *cli, struct lock *out, struct resolve_statistics *statistics, struct error *err);
// The same for given requirements; of --lock FILE when that is given.
int cli_lock_of(struct cli *cli, const char *const *requirements, size_t count, struct lock *out,
		struct resolve_statistics *statistics, struct error *err);
// The same whatever --lock says.
int cli_lock_requirements(struct cli *cli, const char *const *requirements, size_t count, struct lock *out,
			  struct resolve_statistics *statistics, struct error *err);
int cli_plan(struct cli *cli, struct plan *out, struct resolve_statistics *statistics, struct error *err);
// Makes and locks the workspace for a command that converts (*lock: the descriptor, -1 before). ERROR_POLICY: its registry has
// modules of another host.
int cli_workspace(struct cli *cli, int *lock, struct error *err);
// What is in the registry already was judged by the rules of its day; today's must let it pass too.
int cli_judge_licences(struct cli *cli, struct work *work, struct error *err);
// The Redis of the settings, else the workspace's private one. start: start it. *out NULL: it does not run.
int cli_redis_url(struct cli *cli, bool start, char **out, struct error *err);
int cli_queue(struct cli *cli, bool start, struct queue **out, struct error *err);
// The run that is named (NULL: the newest); ERROR_WORKSPACE when there is none.
int cli_find_run(struct cli *cli, const char *named, char **out, struct error *err);
// Imports between releases of the plan that no edge declares (agents/imports.h).
int cli_undeclared(struct cli *cli, const struct plan *plan, json_t **out, struct error *err);
// For people: the licence's expression, else what its classifiers say.
const char *cli_licence(json_t *entry);
// Writes text to --output, else to standard output.
int cli_output(struct cli *cli, const struct text *text, struct error *err);

// How one release stands.
struct release_state {
	const char *name, *version; // of the plan
	const char *
		state; // published, up-to-date, publishing, translating, emitting, scanning, waiting, failed, blocked, cancelled
	char *reason;           // of a failure, a block, or a remark; NULL
	const char *go_version; // when published; in entry
	json_t *entry;          // ledger entry when published
	int64_t units_left;     // jobs that its publishing waits for
};
struct release_states {
	struct release_state *items; // leaf first, in the order of the plan's groups
	size_t count;
	bool live; // Redis answered; else from the journal and the ledger
	struct queue_status queue;
};
// From Redis where it answers, else from the journal and the ledger.
int release_states_read(struct cli *cli, const struct plan *plan, const char *run, struct release_states *out,
			struct error *err);
void release_states_clear(struct release_states *states);

#endif
