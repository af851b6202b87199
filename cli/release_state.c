// How the releases of a run stand: from Redis where it answers, else from the
// run's journal; what is published comes from the registry's ledger in both cases.
#include <stdio.h>

#include "agents/job.h"
#include "agents/ledger.h"
#include "cli/common.h"
#include "scheduler/journal.h"

// What is known of one job, from either source.
struct job_fact {
	const char *state; // queue's words; NULL: no such job in this run
	char *reason;
	int64_t remaining;
};

static void fact_clear(struct job_fact *fact)
{
	free(fact->reason);
}

struct reader {
	const struct plan *plan;
	struct queue *queue; // NULL: the journal
	const char *run;
	json_t *last; // job id → newest journal line
};

static int keep_line(void *context, json_t *line)
{
	struct reader *reader = context;
	const char *job = json_string_or(line, "job", "");
	json_object_set(reader->last, job, line);
	return 0;
}

static const char *known_state(const char *state)
{
	static const char *const words[] = {"waiting", "ready", "leased",  "delayed",  "done",
					    "failed",  "dead",  "blocked", "cancelled"};
	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		if (!strcmp(state, words[i]))
			return words[i];
	return "waiting";
}

static int read_fact(struct reader *reader, char *id, struct job_fact *out, struct error *err)
{
	*out = (struct job_fact){0};
	cleanup_free char *owned = id;
	if (!reader->queue) {
		json_t *line = json_object_get(reader->last, owned);
		bool failed = line && !strcmp(json_string_or(line, "event", ""), "failed");
		out->state = !line ? "waiting" : failed ? "failed" : "done";
		out->reason = failed ? xstrdup(json_string_or(line, "error", "")) : NULL;
		return 0;
	}
	struct queue_job_state job = {0};
	if (queue_job(reader->queue, reader->run, owned, &job, err))
		return -1;
	out->state = job.state ? known_state(job.state) : NULL;
	out->reason = job.reason && *job.reason ? xstrdup(job.reason) : NULL;
	out->remaining = job.remaining;
	queue_job_state_clear(&job);
	return 0;
}

static bool ended_badly(const char *state)
{
	return state && (!strcmp(state, "failed") || !strcmp(state, "dead") || !strcmp(state, "blocked") ||
			 !strcmp(state, "cancelled"));
}

// The word for a release, given its three jobs. Takes the reason that explains it.
static const char *word_of(struct job_fact *scan, struct job_fact *emit, struct job_fact *publish, char **reason)
{
	struct job_fact *const facts[] = {publish, emit, scan};
	if (!publish->state)
		return "up-to-date";
	if (!strcmp(publish->state, "done"))
		return "published";
	// A job of its own that failed says more than that others were blocked by it.
	for (size_t i = 0; i < ARRAY_LENGTH(facts); i++)
		if (facts[i]->state && (!strcmp(facts[i]->state, "failed") || !strcmp(facts[i]->state, "dead"))) {
			*reason = steal(&facts[i]->reason);
			return "failed";
		}
	for (size_t i = 0; i < ARRAY_LENGTH(facts); i++)
		if (ended_badly(facts[i]->state)) {
			*reason = steal(&facts[i]->reason);
			return facts[i]->state;
		}
	for (size_t i = 0; i < ARRAY_LENGTH(facts); i++)
		if (facts[i]->state && !strcmp(facts[i]->state, "delayed")) {
			*reason = facts[i]->reason ? xasprintf("tried again soon: %s", facts[i]->reason) : NULL;
			return "waiting";
		}
	if (!strcmp(publish->state, "leased"))
		return "publishing";
	if (emit->state && !strcmp(emit->state, "leased"))
		return "emitting";
	if (emit->state && !strcmp(emit->state, "done"))
		return publish->remaining > 0 ? "translating" : "waiting";
	return scan->state && !strcmp(scan->state, "leased") ? "scanning" : "waiting";
}

// Groups are leaf first: what a group needs is in the states already.
static void mark_blocked(const struct plan *plan, int group, struct release_state *state,
			 const struct release_states *known)
{
	if (strcmp(state->state, "waiting") != 0)
		return;
	const struct plan_group *of = &plan->groups.items[group];
	for (int i = 0; i < of->need_count; i++) {
		int first = plan->groups.items[of->needs[i]].members[0];
		for (size_t j = 0; j < known->count; j++)
			if (known->items[j].name == plan->lock.packages.items[first].name &&
			    ended_badly(known->items[j].state)) {
				state->state = "blocked";
				state->reason =
					xasprintf("blocked by %s (%s)", known->items[j].name, known->items[j].state);
				return;
			}
	}
}

static int read_group(struct reader *reader, struct cli *cli, int group, struct release_states *out, struct error *err)
{
	const struct plan_group *of = &reader->plan->groups.items[group];
	struct job_fact emit = {0}, publish = {0};
	int status = read_fact(reader, job_group_id(reader->plan, JOB_EMIT, group), &emit, err) ||
				     read_fact(reader, job_group_id(reader->plan, JOB_PUBLISH, group), &publish, err)
			     ? -1
			     : 0;
	for (int i = 0; i < of->member_count && !status; i++) {
		const struct lock_package *package = &reader->plan->lock.packages.items[of->members[i]];
		struct release_state state = {
			.name = package->name, .version = package->version, .units_left = publish.remaining};
		struct job_fact scan = {0};
		status = read_fact(reader, job_scan_id(reader->plan, of->members[i]), &scan, err) ||
					 ledger_latest(cli->config.workspace, package->name, package->version,
						       &state.entry, err) < 0
				 ? -1
				 : 0;
		state.state = word_of(&scan, &emit, &publish, &state.reason);
		// Without Redis a release that the ledger has counts as published, and one that needs a failed one as blocked.
		if (!reader->queue && state.entry && !ended_badly(state.state))
			state.state = "published";
		state.go_version = json_string_or(state.entry, "go_version", NULL);
		fact_clear(&scan);
		out->items[out->count++] = state;
	}
	for (int i = 0; i < of->member_count && !status && !reader->queue; i++)
		mark_blocked(reader->plan, group, &out->items[out->count - 1 - (size_t)i], out);
	fact_clear(&emit);
	fact_clear(&publish);
	return status;
}

int release_states_read(struct cli *cli, const struct plan *plan, const char *run, struct release_states *out,
			struct error *err)
{
	*out = (struct release_states){.items = xcalloc(plan->lock.packages.count, sizeof *out->items)};
	struct reader reader = {.plan = plan, .run = run, .last = json_object()};
	struct error trouble = ERROR_INIT;
	// Without a run (all was up to date) there is nothing to ask a Redis that an earlier command left behind.
	if (run && cli_queue(cli, false, &reader.queue, &trouble))
		reader.queue = NULL;
	if (reader.queue && queue_status(reader.queue, run, &out->queue, &trouble)) {
		queue_free(reader.queue);
		reader.queue = NULL;
	}
	if (reader.queue && !out->queue.exists) { // this Redis does not know the run any more
		queue_free(reader.queue);
		reader.queue = NULL;
	}
	if (trouble.code)
		log_warning(cli->log, "%s; what follows is from the run's journal", trouble.text);
	int status = 0;
	if (run && !reader.queue) {
		cleanup_free char *folder = run_folder(&cli->config, run);
		cleanup_free char *path = xasprintf("%s/journal.jsonl", folder);
		status = journal_read(path, keep_line, &reader, NULL, err);
	}
	out->live = reader.queue != NULL;
	for (size_t i = 0; i < plan->groups.count && !status; i++)
		status = read_group(&reader, cli, (int)i, out, err);
	queue_free(reader.queue);
	json_decref(reader.last);
	if (status)
		release_states_clear(out);
	return status;
}

void release_states_clear(struct release_states *states)
{
	for (size_t i = 0; i < states->count; i++) {
		free(states->items[i].reason);
		json_decref(states->items[i].entry);
	}
	free(states->items);
	*states = (struct release_states){0};
}
