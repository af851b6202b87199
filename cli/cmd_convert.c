// gophersnake convert: resolve, plan, run with agents of our own, and say what
// came out.
//
// The command is only a spectator with hands: all progress is in Redis, the
// store and the registry. Killed at any moment, it is simply given again.
#include <stdio.h>
#include <unistd.h>

#include "agents/forecast.h"
#include "agents/mirror.h"
#include "cli/agents.h"
#include "cli/progress.h"
#include "cli/summary.h"
#include "core/clock.h"
#include "scheduler/server.h"

enum { LOOK_EVERY = 150, REDIS_PATIENCE = 30000, AGENT_PATIENCE = 10000 };

struct conversion {
	struct cli *cli;
	struct plan plan;
	struct work work;
	struct resolve_statistics resolved;
	struct queue *queue;
	char *redis;
	struct run_start start;
	struct agents *agents;
	struct progress *progress;
	struct wheel_index python;
	int lock; // file descriptor
	int64_t began;
};

static int64_t now(void)
{
	return system_clock.monotonic(system_clock.context);
}

static int make_plan(struct conversion *conversion, struct error *err)
{
	struct cli *cli = conversion->cli;
	if (cli_plan(cli, &conversion->plan, &conversion->resolved, err))
		return -1;
	conversion->work.plan = &conversion->plan;
	size_t targets = 0;
	vec_each (&conversion->plan.lock.packages, package)
		targets += package->target;
	log_notice(cli->log, "resolved: %zu release%s for %zu requirement%s (%d index pages, %d metadata)",
		   conversion->plan.lock.packages.count, conversion->plan.lock.packages.count == 1 ? "" : "s", targets,
		   targets == 1 ? "" : "s", conversion->resolved.pages, conversion->resolved.metadata);
	return 0;
}

// The private Redis may have been killed: it is started again and has lost nothing (AOF).
static int reconnect(struct conversion *conversion, const struct error *trouble, int64_t *away_since, struct error *err)
{
	struct cli *cli = conversion->cli;
	queue_free(conversion->queue);
	conversion->queue = NULL;
	if (!*away_since) {
		*away_since = now();
		log_warning(cli->log, "%s; trying again for %d s", trouble->text, REDIS_PATIENCE / 1000);
	}
	struct error again = ERROR_INIT;
	if (cli_queue(cli, true, &conversion->queue, &again)) {
		conversion->queue = NULL;
		if (now() - *away_since > REDIS_PATIENCE)
			return error_set(err, again.code,
					 "%s; nothing is lost: give the same command again when Redis is back",
					 again.text);
		system_clock.sleep(system_clock.context, 500);
		return 0;
	}
	log_notice(cli->log, "Redis is back");
	*away_since = 0;
	return 0;
}

static int watch(struct conversion *conversion, struct error *err)
{
	const char *run = conversion->start.run;
	int64_t away_since = 0;
	for (;;) {
		struct queue_status status = {0};
		struct error trouble = ERROR_INIT;
		int running = 0;
		if (*conversion->cli->interrupted)
			return error_set(err, ERROR_INTERRUPTED,
					 "interrupted; the same command goes on from here (run %s)", run);
		int failed = !conversion->queue || queue_status(conversion->queue, run, &status, &trouble) ||
			     progress_show(conversion->progress, conversion->queue, &status, &trouble);
		if (failed && reconnect(conversion, &trouble, &away_since, err))
			return -1;
		if (!failed && !status.exists)
			return error_set(err, ERROR_REDIS,
					 "Redis has lost run %s (was it flushed?); what is published stays: give the "
					 "same command again",
					 run);
		if (!failed && status.is_cancelled)
			return error_set(err, ERROR_FAILED, "run %s was cancelled; what is published stays", run);
		if (!failed && status.finished)
			return 0;
		// While Redis is away agents end, and new ones would too: they are seen to when it is back.
		if (!failed && agents_watch(conversion->agents, &running, err))
			return -1;
		if (!failed && !running) {
			// All agents ended well: the run is over, unless one read an answer that is older than ours.
			agents_free(steal(&conversion->agents));
			if (agents_start(conversion->cli, run, conversion->redis, &conversion->agents, err))
				return -1;
		}
		system_clock.sleep(system_clock.context, LOOK_EVERY);
	}
}

// What stages note is for the logs of jobs: here nobody reads it. The log that was, NULL on error.
static FILE *silence(struct work *work, struct error *err)
{
	FILE *log = work->log, *nothing = fopen("/dev/null", "w");
	if (!nothing) {
		error_set(err, ERROR_FAILED, "/dev/null cannot be opened");
		return NULL;
	}
	work->log = nothing;
	return log;
}

static void speak(struct work *work, FILE *log)
{
	fclose(work->log);
	work->log = log;
}

// Reads the releases that are still to be converted: the scans that the run would make, which finds them done. One that
// cannot be read says so in the run.
static int read_releases(struct conversion *conversion, const bool *complete, struct error *err)
{
	struct work *work = &conversion->work;
	FILE *log = silence(work, err);
	int status = 0;
	if (!log)
		return -1;
	for (size_t i = 0; i < conversion->plan.lock.packages.count && !status; i++) {
		char digest[DIGEST_HEX_SIZE];
		struct error trouble = ERROR_INIT;
		if (complete[plan_group_of(&conversion->plan, (int)i)] || !scan_run(work, (int)i, digest, &trouble))
			continue;
		if (trouble.code == ERROR_INTERRUPTED || *conversion->cli->interrupted)
			status = error_set(err, ERROR_INTERRUPTED, "interrupted; nothing was asked of a model");
	}
	speak(work, log);
	return status;
}

// What models are likely to cost, before the first of them is asked.
static int forecast(struct conversion *conversion, struct error *err)
{
	if (!conversion->plan.llm)
		return 0;
	struct forecast forecast = {0};
	cleanup_free bool *complete = xcalloc(conversion->plan.groups.count, sizeof *complete);
	if (publish_survey(&conversion->work, complete, NULL, err) || read_releases(conversion, complete, err) ||
	    forecast_make(&conversion->work, complete, &forecast, err))
		return -1;
	cleanup_text struct text text = TEXT_INIT;
	forecast_text(&forecast, &text);
	forecast_clear(&forecast);
	struct slice rest = text_slice(&text), line;
	while (slice_cut(&rest, '\n', &line))
		if (line.len)
			log_notice(conversion->cli->log, "%.*s", (int)line.len, line.ptr);
	return 0;
}

// The Go modules of others that packs import: what cannot be had is said before anything starts.
static int fetch_modules(struct conversion *conversion, struct error *err)
{
	struct work *work = &conversion->work;
	cleanup_free bool *complete = xcalloc(conversion->plan.groups.count, sizeof *complete);
	cleanup_json json_t *imports = json_object(), *record = NULL;
	if (publish_survey(work, complete, NULL, err) || mirror_imports_of_packs(work, complete, imports, err))
		return -1;
	if (!json_object_size(imports))
		return 0;
	FILE *log = silence(work, err);
	if (!log)
		return -1;
	int status = mirror_record(work, imports, &record, err);
	speak(work, log);
	return status;
}

static int run(struct conversion *conversion, struct error *err)
{
	struct cli *cli = conversion->cli;
	if (fetch_modules(conversion, err) || forecast(conversion, err) ||
	    cli_redis_url(cli, true, &conversion->redis, err) ||
	    queue_open(conversion->redis, &conversion->queue, err) ||
	    run_begin(&conversion->work, conversion->queue, &conversion->start, err))
		return -1;
	const struct run_start *start = &conversion->start;
	if (!start->run)
		return 0;
	log_notice(cli->log, "%s run %s: %d to convert, %d up to date already; %d agents",
		   start->resumed ? "resuming" : "starting", start->run, start->releases - start->up_to_date,
		   start->up_to_date, cli->config.agents);
	conversion->progress = progress_new(cli, &conversion->plan, start->run);
	return agents_start(cli, start->run, conversion->redis, &conversion->agents, err) || watch(conversion, err) ? -1
														    : 0;
}

static int convert(struct conversion *conversion, struct error *err)
{
	struct cli *cli = conversion->cli;
	int up_to_date = 0;
	if (cli_workspace(cli, &conversion->lock, err) ||
	    work_open(&conversion->work, &cli->config, cli->interrupted, err) || make_plan(conversion, err) ||
	    cli_judge_licences(cli, &conversion->work, err) ||
	    run_up_to_date(&conversion->work, NULL, &up_to_date, err))
		return -1;
	if (up_to_date < (int)conversion->plan.lock.packages.count) {
		int status = run(conversion, err);
		if (conversion->agents)
			agents_stop(conversion->agents, AGENT_PATIENCE);
		progress_free(conversion->progress);
		conversion->progress = NULL;
		if (status)
			return -1;
	}
	if (wheel_index_update(&conversion->work, &conversion->python, err))
		return -1;
	return summary_print(cli, &conversion->plan, conversion->start.run, &conversion->python,
			     now() - conversion->began, err);
}

int cmd_convert(struct cli *cli, struct error *err)
{
	struct conversion conversion = {.cli = cli, .lock = -1, .began = now()};
	plan_init(&conversion.plan);
	int status = convert(&conversion, err);
	agents_free(conversion.agents);
	queue_free(conversion.queue);
	struct error ignored = ERROR_INIT;
	if (!cli->config.redis && redis_server_stop(cli->config.workspace, status ? &ignored : err) && !status)
		status = -1;
	work_close(&conversion.work);
	run_start_clear(&conversion.start);
	wheel_index_clear(&conversion.python);
	plan_clear(&conversion.plan);
	free(conversion.redis);
	if (conversion.lock >= 0)
		close(conversion.lock);
	return status;
}
