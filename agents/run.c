// Runs: which jobs a plan needs, given what the registry has, and their loading
// into Redis. Loading is idempotent, so a command that was killed in the middle
// is simply started again.
#include "agents/run.h"

#include <limits.h>
#include <sys/stat.h>

#include "agents/job.h"
#include "core/file.h"

enum { PLAN_LIMIT = 256 * 1024 * 1024 };

void run_start_clear(struct run_start *start)
{
	free(start->run);
	*start = (struct run_start){0};
}

char *run_folder(const struct config *config, const char *run)
{
	return xasprintf("%s/runs/%s", config->workspace, run);
}

char *run_log_path(const struct config *config, const char *run, const char *job)
{
	char *path = xasprintf("%s/runs/%s/logs/%s.log", config->workspace, run, job);
	for (char *c = path + strlen(path) - strlen(job) - 4; *c; c++)
		if (*c == '/')
			*c = '_';
	return path;
}

int run_read_plan(const struct config *config, const char *run, struct plan *out, struct error *err)
{
	cleanup_free char *folder = run_folder(config, run);
	cleanup_free char *path = xasprintf("%s/plan.json", folder);
	cleanup_json json_t *json = json_read_file(path, PLAN_LIMIT, err);
	return json ? plan_from_json(json, path, out, err) : -1;
}

char *run_newest(const struct config *config)
{
	cleanup_free char *runs = xasprintf("%s/runs", config->workspace);
	file_names names = VEC_INIT;
	char *best = NULL;
	int64_t best_time = -1;
	if (!dir_exists(runs) || dir_list(runs, &names, NULL))
		return NULL;
	vec_each (&names, name) {
		cleanup_free char *started = xasprintf("%s/%s/started", runs, *name);
		struct stat status;
		if (stat(started, &status))
			continue;
		int64_t time = (int64_t)status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec;
		if (time > best_time) {
			best_time = time;
			free(best);
			best = xstrdup(*name);
		}
	}
	file_names_clear(&names);
	return best;
}

int run_up_to_date(struct work *work, bool *done, int *releases, struct error *err)
{
	size_t count = work->plan->groups.count;
	cleanup_free bool *complete = xcalloc(count + 1, sizeof *complete);
	*releases = 0;
	if (publish_survey(work, complete, NULL, err))
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (done)
			done[i] = complete[i];
		if (complete[i])
			*releases += work->plan->groups.items[i].member_count;
	}
	return 0;
}

// ---- the jobs of a plan ----------------------------------------------------------------------------------------------

struct job_list {
	struct arena arena;
	VEC(struct queue_job) jobs;
};

static void job_list_clear(struct job_list *list)
{
	vec_clear(&list->jobs);
	arena_clear(&list->arena);
}

static const char *keep(struct job_list *list, char *id)
{
	const char *kept = arena_strdup(&list->arena, id);
	free(id);
	return kept;
}

static struct queue_job *add_job(struct job_list *list, enum job_kind kind, char *id, double rank, size_t most_needs)
{
	vec_push(&list->jobs, (struct queue_job){.id = keep(list, id),
						 .kind = job_kind_names[kind],
						 .rank = rank,
						 .needs = arena_array(&list->arena, most_needs + 1, sizeof(char *))});
	return vec_last(&list->jobs);
}

static void add_need(struct job_list *list, struct queue_job *job, char *id)
{
	((const char **)(uintptr_t)job->needs)[job->need_count++] = keep(list, id);
}

// Groups whose scans and emits are wanted: those to do and all below them.
static bool *mark_wanted(const struct plan *plan, const bool *done)
{
	bool *wanted = xcalloc(plan->groups.count, sizeof *wanted);
	for (size_t i = 0; i < plan->groups.count; i++) {
		if (done[i])
			continue;
		wanted[i] = true;
		for (int j = 0; j < plan->groups.items[i].below_count; j++)
			wanted[plan->groups.items[i].below[j]] = true;
	}
	return wanted;
}

static void add_emit(struct job_list *list, const struct plan *plan, int number)
{
	const struct plan_group *group = &plan->groups.items[number];
	size_t most = (size_t)group->member_count;
	for (int i = 0; i < group->below_count; i++)
		most += (size_t)plan->groups.items[group->below[i]].member_count;
	struct queue_job *emit = add_job(list, JOB_EMIT, job_group_id(plan, JOB_EMIT, number), group->rank, most);
	for (int i = 0; i < group->member_count; i++)
		add_need(list, emit, job_scan_id(plan, group->members[i]));
	for (int i = 0; i < group->below_count; i++) {
		const struct plan_group *below = &plan->groups.items[group->below[i]];
		for (int j = 0; j < below->member_count; j++)
			add_need(list, emit, job_scan_id(plan, below->members[j]));
	}
}

static void add_publish(struct job_list *list, const struct plan *plan, const bool *done, int number)
{
	const struct plan_group *group = &plan->groups.items[number];
	struct queue_job *publish = add_job(list, JOB_PUBLISH, job_group_id(plan, JOB_PUBLISH, number), group->rank,
					    1 + (size_t)group->below_count + (size_t)group->need_count);
	add_need(list, publish, job_group_id(plan, JOB_EMIT, number));
	// The names of packages below come from their emits; of those that are published in this run, that follows from
	// their publish job.
	for (int i = 0; i < group->below_count; i++)
		if (done[group->below[i]])
			add_need(list, publish, job_group_id(plan, JOB_EMIT, group->below[i]));
	for (int i = 0; i < group->need_count; i++)
		if (!done[group->needs[i]])
			add_need(list, publish, job_group_id(plan, JOB_PUBLISH, group->needs[i]));
}

static void list_jobs(const struct plan *plan, const bool *done, struct job_list *list)
{
	cleanup_free bool *wanted = mark_wanted(plan, done);
	for (size_t i = 0; i < plan->groups.count; i++) {
		if (!wanted[i])
			continue;
		for (int j = 0; j < plan->groups.items[i].member_count; j++)
			add_job(list, JOB_SCAN, job_scan_id(plan, plan->groups.items[i].members[j]),
				plan->groups.items[i].rank, 0);
		add_emit(list, plan, (int)i);
		if (!done[i])
			add_publish(list, plan, done, (int)i);
	}
}

// ---- beginning -------------------------------------------------------------------------------------------------------

int run_write_folder(struct work *work, const char *run, struct error *err)
{
	cleanup_free char *folder = run_folder(work->config, run);
	cleanup_free char *logs = xasprintf("%s/logs", folder);
	cleanup_free char *plan = xasprintf("%s/plan.json", folder);
	cleanup_free char *started = xasprintf("%s/started", folder);
	if (dir_make(logs, 0755, err))
		return -1;
	cleanup_json json_t *json = plan_to_json(work->plan);
	cleanup_text struct text text = TEXT_INIT;
	json_write_pretty(json, &text);
	if (file_write_atomic(plan, text.ptr, text.len, err))
		return -1;
	return file_write_atomic(started, work->plan->digest, strlen(work->plan->digest), err);
}

static int retry_failed(struct queue *queue, const char *run, int *retried, struct error *err)
{
	const char *states[] = {"failed", "dead"};
	for (size_t i = 0; i < ARRAY_LENGTH(states); i++) {
		struct queue_job_state *jobs = NULL;
		size_t count = 0;
		if (queue_jobs(queue, run, states[i], 100000, &jobs, &count, err))
			return -1;
		int status = 0;
		for (size_t j = 0; j < count && !status; j++) {
			status = queue_retry(queue, run, jobs[j].id, err);
			*retried += !status;
		}
		queue_jobs_free(jobs, count);
		if (status)
			return -1;
	}
	return 0;
}

// The first counter whose run is new, unfinished, or ended with failures that deserve another try.
static int choose_run(struct queue *queue, const struct plan *plan, struct queue_status *status, char **out,
		      struct error *err)
{
	cleanup_free char *base = plan_run_name(plan);
	for (int counter = 1; counter < 10000; counter++) {
		char *name = counter == 1 ? xstrdup(base) : xasprintf("%s-%d", base, counter);
		if (queue_status(queue, name, status, err)) {
			free(name);
			return -1;
		}
		bool usable = !status->exists ||
			      (!status->is_cancelled && (!status->finished || status->failed || status->dead));
		if (usable && (!status->exists || !strcmp(status->plan_digest, plan->digest))) {
			*out = name;
			return 0;
		}
		free(name);
	}
	return error_set(err, ERROR_REDIS, "run %s: too many runs of one plan in this Redis", base);
}

int run_begin(struct work *work, struct queue *queue, struct run_start *out, struct error *err)
{
	const struct plan *plan = work->plan;
	cleanup_free bool *done = xcalloc(plan->groups.count, sizeof *done);
	*out = (struct run_start){.releases = (int)plan->lock.packages.count};
	if (run_up_to_date(work, done, &out->up_to_date, err))
		return -1;
	if (out->up_to_date == out->releases)
		return 0;
	struct queue_status status;
	cleanup_free char *run = NULL;
	if (choose_run(queue, plan, &status, &run, err) || run_write_folder(work, run, err))
		return -1;
	if (status.exists && status.sealed) {
		out->resumed = true;
		if (retry_failed(queue, run, &out->retried, err))
			return -1;
	} else {
		struct job_list list = {.arena = ARENA_INIT};
		list_jobs(plan, done, &list);
		int failed =
			queue_load(queue, run, plan->digest, plan->failure, list.jobs.items, list.jobs.count, err) ||
			queue_seal(queue, run, err);
		job_list_clear(&list);
		if (failed)
			return -1;
	}
	out->run = steal(&run);
	return 0;
}

// The publish jobs, in this run, of the releases that a group needs; heap strings.
static int needed_publishes(struct work *work, struct queue *queue, const char *run, int group, file_names *out,
			    struct error *err)
{
	const struct plan_group *of = &work->plan->groups.items[group];
	for (int i = 0; i < of->need_count; i++) {
		char *id = job_group_id(work->plan, JOB_PUBLISH, of->needs[i]);
		struct queue_job_state state = {0};
		if (queue_job(queue, run, id, &state, err)) {
			free(id);
			return -1;
		}
		if (state.state)
			vec_push(out, id);
		else
			free(id);
		queue_job_state_clear(&state);
	}
	return 0;
}

int run_extend_units(struct work *work, struct queue *queue, const char *run, int group, const char *job,
		     uint64_t fence, struct error *err)
{
	const struct plan *plan = work->plan;
	cleanup_free char *publish = job_group_id(plan, JOB_PUBLISH, group);
	struct queue_job_state state = {0};
	if (queue_job(queue, run, publish, &state, err))
		return -1;
	bool wanted = state.state != NULL;
	queue_job_state_clear(&state);
	if (!wanted) // this release is published already; only its names were needed
		return 0;
	cleanup_json json_t *emit = emit_result(work, group, err);
	json_t *units = NULL;
	if (!emit || json_get_array(emit, "units", "emit result", &units, err))
		return -1;
	struct job_list list = {.arena = ARENA_INIT};
	const struct plan_group *of = &plan->groups.items[group];
	file_names releases = VEC_INIT;
	size_t index, inner;
	json_t *unit, *need;
	int status = needed_publishes(work, queue, run, group, &releases, err);
	json_array_foreach (units, index, unit) {
		json_t *needs;
		const char *id;
		if (status || (status = json_get_string(unit, "id", "unit", &id, err) ||
							json_get_array(unit, "needs", "unit", &needs, err)
						? -1
						: 0))
			break;
		struct queue_job *translate = add_job(&list, JOB_TRANSLATE, job_unit_id(plan, group, id), of->rank,
						      json_array_size(needs) + releases.count);
		json_array_foreach (needs, inner, need) {
			add_need(&list, translate, job_unit_id(plan, group, json_string_value(need)));
		}
		vec_each (&releases, release)
			add_need(&list, translate, xstrdup(*release));
	}
	file_names_clear(&releases);
	if (!status)
		status = queue_extend(queue, run, job, fence, list.jobs.items, list.jobs.count,
				      (const char *const[]){publish}, 1, err);
	job_list_clear(&list);
	return status;
}
