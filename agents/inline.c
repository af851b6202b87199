#include "agents/inline.h"

#include <unistd.h>

#include "agents/run.h"
#include "agents/stage_end.h"
#include "core/clock.h"
#include "scheduler/journal.h"

static const char agent_name[] = "inline";

struct inliner {
	struct work *work;
	const char *run; // NULL: no journal, no logs
	struct journal *journal;
	struct log *log;
	bool *emitted; // [group]
};

// ---- one job ---------------------------------------------------------------------------------------------------------

static int do_stage(struct inliner *inliner, const struct job *job, const char *id, struct error *err)
{
	struct work *work = inliner->work;
	char digest[DIGEST_HEX_SIZE] = "";
	cleanup_text struct text outcome = TEXT_INIT;
	struct error trouble = ERROR_INIT;
	int64_t began = system_clock.monotonic(system_clock.context);
	int status = stage_do(work, job, digest, &outcome, &trouble);
	if (status)
		*err = trouble;
	if (!inliner->run || trouble.code == ERROR_INTERRUPTED)
		return status;
	struct stage_end end = {.code = status ? (int)trouble.code : 0,
				.error = trouble.text,
				.digest = digest,
				.outcome = outcome.ptr,
				.milliseconds = system_clock.monotonic(system_clock.context) - began};
	work_note(work, "%s: %s", id, status ? trouble.text : "done");
	cleanup_json json_t *line = stage_end_line(&end, id, agent_name, 0);
	return journal_append(inliner->journal, line, status ? &trouble : err) ? -1 : status;
}

// Takes id over.
static int do_job(struct inliner *inliner, const struct job *job, char *id, struct error *err)
{
	struct work *work = inliner->work;
	cleanup_free char *owned = id, *path = NULL;
	FILE *outer = work->log;
	if (work->interrupted && *work->interrupted)
		return error_set(err, ERROR_INTERRUPTED, "interrupted; the same command goes on from here");
	if (inliner->run) {
		path = run_log_path(work->config, inliner->run, owned);
		work->log = fopen(path, "ae");
		if (!work->log) {
			work->log = outer;
			return error_errno(err, ERROR_WORKSPACE, "%s", path);
		}
		log_info(inliner->log, "%s", owned);
	}
	int status = do_stage(inliner, job, owned, err);
	if (inliner->run)
		fclose(work->log);
	work->log = outer;
	return status;
}

// ---- groups ----------------------------------------------------------------------------------------------------------

static int emit_one(struct inliner *inliner, int group, struct error *err)
{
	const struct plan *plan = inliner->work->plan;
	const struct plan_group *of = &plan->groups.items[group];
	if (inliner->emitted[group])
		return 0;
	for (int i = 0; i < of->member_count; i++) {
		struct job scan = {.kind = JOB_SCAN, .package = of->members[i], .group = group};
		if (do_job(inliner, &scan, job_scan_id(plan, of->members[i]), err))
			return -1;
	}
	struct job emit = {.kind = JOB_EMIT, .package = -1, .group = group};
	inliner->emitted[group] = true;
	return do_job(inliner, &emit, job_group_id(plan, JOB_EMIT, group), err);
}

static int emit_group(struct inliner *inliner, int group, struct error *err)
{
	const struct plan_group *of = &inliner->work->plan->groups.items[group];
	for (int i = 0; i < of->below_count; i++)
		if (emit_one(inliner, of->below[i], err))
			return -1;
	return emit_one(inliner, group, err);
}

static int translate_group(struct inliner *inliner, int group, struct error *err)
{
	struct work *work = inliner->work;
	cleanup_json json_t *emit = emit_result(work, group, err);
	json_t *units, *unit;
	size_t index;
	if (!emit || json_get_array(emit, "units", "emit result", &units, err))
		return -1;
	json_array_foreach (units, index, unit) {
		const char *id;
		struct error trouble = ERROR_INIT;
		if (json_get_string(unit, "id", "unit", &id, err))
			return -1;
		struct job job = {.kind = JOB_TRANSLATE, .package = -1, .group = group, .unit = (char *)(uintptr_t)id};
		int idle = translate_idle(work, group, id, err);
		if (idle < 0)
			return -1;
		if (idle || !do_job(inliner, &job, job_unit_id(work->plan, group, id), &trouble))
			continue;
		if (trouble.code == ERROR_INTERRUPTED || !strcmp(work->plan->failure, "block")) {
			*err = trouble;
			return -1;
		}
		log_warning(inliner->log, "%s; all of the unit is bridged", trouble.text);
	}
	return 0;
}

static int publish_group(struct inliner *inliner, int group, struct error *err)
{
	const struct plan *plan = inliner->work->plan;
	struct job publish = {.kind = JOB_PUBLISH, .package = -1, .group = group};
	log_notice(inliner->log, "converting %s", plan->groups.items[group].name);
	return emit_group(inliner, group, err) || translate_group(inliner, group, err) ||
			       do_job(inliner, &publish, job_group_id(plan, JOB_PUBLISH, group), err)
		       ? -1
		       : 0;
}

int inline_emit(struct work *work, int group, struct error *err)
{
	cleanup_free bool *emitted = xcalloc(work->plan->groups.count, sizeof *emitted);
	struct inliner inliner = {.work = work, .emitted = emitted};
	return emit_group(&inliner, group, err);
}

// ---- a plan ----------------------------------------------------------------------------------------------------------

static int convert(struct inliner *inliner, const bool *done, struct error *err)
{
	struct work *work = inliner->work;
	cleanup_free char *folder = run_folder(work->config, inliner->run);
	cleanup_free char *path = xasprintf("%s/journal.jsonl", folder);
	if (run_write_folder(work, inliner->run, err) || journal_open(path, &inliner->journal, err))
		return -1;
	int status = 0;
	for (size_t i = 0; i < work->plan->groups.count && !status; i++)
		if (!done[i])
			status = publish_group(inliner, (int)i, err);
	journal_free(inliner->journal);
	if (status && err->code != ERROR_INTERRUPTED)
		error_context(err, "run %s", inliner->run);
	return status;
}

int inline_convert(struct work *work, struct log *log, char **run, struct error *err)
{
	size_t count = work->plan->groups.count;
	cleanup_free bool *done = xcalloc(count, sizeof *done), *emitted = xcalloc(count, sizeof *emitted);
	int up_to_date = 0;
	*run = NULL;
	if (work->plan->llm)
		return error_set(
			err, ERROR_CONFIG,
			"translators names \"llm\", whose money is kept in Redis: convert with it first "
			"(gophersnake convert), or give another chain (GOPHERSNAKE_TRANSLATORS=recorded,bridge)");
	if (run_up_to_date(work, done, &up_to_date, err))
		return -1;
	if (up_to_date == (int)work->plan->lock.packages.count)
		return 0;
	cleanup_free char *name = plan_run_name(work->plan);
	struct inliner inliner = {.work = work, .run = name, .log = log, .emitted = emitted};
	if (convert(&inliner, done, err))
		return -1;
	*run = steal(&name);
	return 0;
}
