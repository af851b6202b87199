// gophersnake status: how far a run is, from Redis or, when that is away, from the journal.
#include <stdio.h>

#include "cli/summary.h"
#include "core/clock.h"

enum { MOST_AGENTS = 64 };

static int add_agents(struct cli *cli, const char *run, struct text *out, struct error *err)
{
	struct queue *queue = NULL;
	struct queue_job_state *jobs = NULL;
	size_t count = 0;
	if (cli_queue(cli, false, &queue, err))
		return -1;
	int status = queue ? queue_jobs(queue, run, "leased", MOST_AGENTS, &jobs, &count, err) : 0;
	for (size_t i = 0; i < count && !status; i++) {
		int64_t since = system_clock.wall(system_clock.context) - jobs[i].started;
		text_addf(out, "%s  %s: %s, for ", i ? "" : "\nAt work:\n", jobs[i].holder ? jobs[i].holder : "?",
			  jobs[i].id);
		clock_format_duration(since > 0 ? since : 0, out);
		text_add_char(out, '\n');
	}
	queue_jobs_free(jobs, count);
	queue_free(queue);
	return status;
}

static void add_headline(const char *run, const struct release_states *states, struct text *out)
{
	const struct queue_status *queue = &states->queue;
	size_t published = 0, ended = 0;
	static const char *const ends[] = {"published", "up-to-date", "failed", "blocked", "cancelled"};
	for (size_t i = 0; i < states->count; i++) {
		for (size_t j = 0; j < ARRAY_LENGTH(ends); j++)
			ended += !strcmp(states->items[i].state, ends[j]);
		published +=
			!strcmp(states->items[i].state, "published") || !strcmp(states->items[i].state, "up-to-date");
	}
	text_addf(out, "run %s: %s, %zu of %zu releases are Go modules\n", run,
		  !states->live
			  ? ended == states->count ? "finished" : "stopped; the same convert command goes on with it"
		  : queue->is_cancelled ? "cancelled"
		  : queue->paused       ? "paused"
		  : queue->finished     ? "finished"
					: "going on",
		  published, states->count);
	if (states->live)
		text_addf(
			out,
			"jobs: %lld done, %lld at work, %lld ready, %lld waiting, %lld failed, %lld blocked, of %lld\n",
			(long long)queue->done, (long long)queue->leased, (long long)queue->ready,
			(long long)(queue->waiting + queue->delayed), (long long)(queue->failed + queue->dead),
			(long long)queue->blocked, (long long)queue->total);
	text_add_char(out, '\n');
}

int cmd_status(struct cli *cli, struct error *err)
{
	cleanup_free char *run = NULL;
	struct plan plan;
	struct release_states states = {0};
	plan_init(&plan);
	if (cli_find_run(cli, cli->arguments.count ? cli->arguments.items[0] : NULL, &run, err))
		return -1;
	int status = run_read_plan(&cli->config, run, &plan, err) || release_states_read(cli, &plan, run, &states, err)
			     ? -1
			     : 0;
	cleanup_text struct text text = TEXT_INIT;
	if (!status && cli->json) {
		cleanup_json json_t *json = summary_to_json(cli, &plan, run, &states);
		json_write_pretty(json, &text);
	} else if (!status) {
		add_headline(run, &states, &text);
		summary_table(&states, &text);
		summary_spending(&states, &text);
		summary_reasons(&states, &text);
		if (states.live)
			status = add_agents(cli, run, &text, err);
	}
	if (!status)
		fputs(text_str(&text), stdout);
	release_states_clear(&states);
	plan_clear(&plan);
	return status;
}
