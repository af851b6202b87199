// Reading a run: its counts, its jobs, their results. Answers come in pages, so
// that reading a large run never stops those who work on it.
#include "scheduler/queue_internal.h"

enum { PAGE = 200, RECORD_FIELDS = 15, DIGEST_PAGE = 1000 };

static int begin_read(struct queue *queue, const char *function, const char *run, struct error *err)
{
	if (queue_check_name("run", run, err) || queue_ready(queue, err))
		return -1;
	queue_begin(queue, function, run);
	return 0;
}

int queue_status(struct queue *queue, const char *run, struct queue_status *out, struct error *err)
{
	cleanup_reply redisReply *reply = NULL;
	if (begin_read(queue, "gophersnake_status", run, err) || queue_exchange(queue, &reply, err))
		return -1;
	struct queue_status status = {0};
	if (reply_is_error(reply, "NORUN")) {
		*out = status;
		return 0;
	}
	if (reply->type == REDIS_REPLY_ERROR)
		return queue_explain(queue, run, reply->str, err);
	int64_t sealed = 0, paused = 0, cancelled = 0, finished = 0;
	int64_t *const numbers[] = {&sealed,       &paused,         &cancelled,        &finished,     &status.waiting,
				    &status.ready, &status.leased,  &status.delayed,   &status.done,  &status.failed,
				    &status.dead,  &status.blocked, &status.cancelled, &status.total, &status.events};
	for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
		if (reply_number(queue, reply, i + 1, numbers[i], err))
			return -1;
	status.exists = true;
	status.sealed = sealed != 0;
	status.paused = paused != 0;
	status.is_cancelled = cancelled != 0;
	status.finished = finished != 0;
	snprintf(status.plan_digest, sizeof status.plan_digest, "%s", reply_text(reply, 0));
	*out = status;
	return 0;
}

// ---- jobs ------------------------------------------------------------------------------------------------------------

void queue_job_state_clear(struct queue_job_state *state)
{
	char *const texts[] = {state->id,     state->kind,    state->state,  state->holder,
			       state->digest, state->outcome, state->reason, state->category};
	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
		free(texts[i]);
	*state = (struct queue_job_state){0};
}

static int read_record(struct queue *queue, const redisReply *reply, size_t at, struct queue_job_state *out,
		       struct error *err)
{
	int64_t remaining = 0, attempts = 0, crashes = 0, fence = 0, started = 0, ended = 0;
	int64_t *const numbers[] = {&remaining, &attempts, &crashes, &fence, &started, &ended};
	for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
		if (reply_number(queue, reply, at + 9 + i, numbers[i], err))
			return -1;
	*out = (struct queue_job_state){.id = xstrdup(reply_text(reply, at)),
					.kind = xstrdup(reply_text(reply, at + 1)),
					.state = xstrdup(reply_text(reply, at + 2)),
					.holder = xstrdup(reply_text(reply, at + 3)),
					.digest = xstrdup(reply_text(reply, at + 4)),
					.outcome = xstrdup(reply_text(reply, at + 5)),
					.reason = xstrdup(reply_text(reply, at + 6)),
					.category = xstrdup(reply_text(reply, at + 7)),
					.rank = strtod(reply_text(reply, at + 8), NULL),
					.remaining = remaining,
					.attempts = (int)attempts,
					.crashes = (int)crashes,
					.fence = (uint64_t)fence,
					.started = started,
					.ended = ended};
	return 0;
}

int queue_job(struct queue *queue, const char *run, const char *job, struct queue_job_state *out, struct error *err)
{
	cleanup_reply redisReply *reply = NULL;
	if (queue_check_name("job", job, err) || begin_read(queue, "gophersnake_job", run, err))
		return -1;
	command_add(&queue->command, job);
	if (queue_call(queue, run, &reply, err))
		return -1;
	if (reply->type == REDIS_REPLY_ARRAY && reply->elements)
		return read_record(queue, reply, 0, out, err);
	*out = (struct queue_job_state){0};
	return 0;
}

typedef VEC(struct queue_job_state) job_states;

static int compare_rank(const void *a, const void *b)
{
	const struct queue_job_state *left = a, *right = b;
	if (left->rank != right->rank)
		return left->rank < right->rank ? 1 : -1;
	return strcmp(left->id, right->id);
}

static void keep_best(job_states *jobs, size_t limit)
{
	vec_sort(jobs, compare_rank);
	while (jobs->count > limit)
		queue_job_state_clear(&jobs->items[--jobs->count]);
}

// The letter that queue.lua has for a state; "" for all of them; NULL for an unknown word.
static const char *state_letter(const char *state)
{
	static const char *const letters[][2] = {{"waiting", "w"}, {"ready", "r"},   {"leased", "l"},
						 {"delayed", "y"}, {"done", "d"},    {"failed", "f"},
						 {"dead", "x"},    {"blocked", "b"}, {"cancelled", "c"}};
	if (!state)
		return "";
	for (size_t i = 0; i < ARRAY_LENGTH(letters); i++)
		if (!strcmp(state, letters[i][0]))
			return letters[i][1];
	return NULL;
}

static int read_page(struct queue *queue, const char *run, const char *letter, int64_t *cursor, job_states *out,
		     struct error *err)
{
	cleanup_reply redisReply *reply = NULL;
	if (begin_read(queue, "gophersnake_jobs", run, err))
		return -1;
	command_add(&queue->command, letter);
	command_add_number(&queue->command, *cursor);
	command_add_number(&queue->command, PAGE);
	if (queue_call(queue, run, &reply, err))
		return -1;
	for (size_t at = 1; at + RECORD_FIELDS <= reply->elements; at += RECORD_FIELDS) {
		struct queue_job_state job;
		if (read_record(queue, reply, at, &job, err))
			return -1;
		vec_push(out, job);
	}
	*cursor = -1;
	return *reply_text(reply, 0) ? reply_number(queue, reply, 0, cursor, err) : 0;
}

int queue_jobs(struct queue *queue, const char *run, const char *state, size_t limit, struct queue_job_state **out,
	       size_t *count, struct error *err)
{
	const char *letter = state_letter(state);
	if (!letter)
		return error_set(err, ERROR_USAGE, "no job can be in the state \"%s\"", state);
	job_states jobs = VEC_INIT;
	// Those three are kept in the order that is asked for; the others have to be seen whole.
	bool sorted = *letter && strchr("rfx", *letter);
	int64_t cursor = 0;
	while (cursor >= 0 && !(sorted && jobs.count >= limit)) {
		if (read_page(queue, run, letter, &cursor, &jobs, err)) {
			queue_jobs_free(jobs.items, jobs.count);
			return -1;
		}
		if (jobs.count > 2 * limit + PAGE)
			keep_best(&jobs, limit);
	}
	keep_best(&jobs, limit);
	*out = jobs.items;
	*count = jobs.count;
	return 0;
}

void queue_jobs_free(struct queue_job_state *jobs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		queue_job_state_clear(&jobs[i]);
	free(jobs);
}

int queue_digests(struct queue *queue, const char *run, const char *const *jobs, size_t count, char **out,
		  struct error *err)
{
	for (size_t first = 0; first < count; first += DIGEST_PAGE) {
		size_t last = first + DIGEST_PAGE < count ? first + DIGEST_PAGE : count;
		cleanup_reply redisReply *reply = NULL;
		int status = begin_read(queue, "gophersnake_digests", run, err);
		for (size_t i = first; !status && i < last; i++)
			command_add(&queue->command, jobs[i]);
		if (!status)
			status = queue_call(queue, run, &reply, err);
		if (!status && (reply->type != REDIS_REPLY_ARRAY || reply->elements != last - first))
			status = connection_confused(queue->connection, "digests", err);
		if (status) {
			for (size_t i = 0; i < first; i++)
				free(out[i]);
			return -1;
		}
		for (size_t i = first; i < last; i++)
			out[i] = xstrdup(reply_text(reply, i - first));
	}
	return 0;
}

// ---- runs ------------------------------------------------------------------------------------------------------------

static int run_exists(struct queue *queue, const char *run, bool *exists, struct error *err)
{
	cleanup_reply redisReply *reply = NULL;
	cleanup_text struct text key = TEXT_INIT;
	queue_key(run, "meta", &key);
	command_reset(&queue->command);
	command_add(&queue->command, "EXISTS");
	command_add(&queue->command, key.ptr);
	if (connection_call(queue->connection, &queue->command, &reply, err))
		return -1;
	*exists = reply->integer != 0;
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int queue_runs(struct queue *queue, char ***out, size_t *count, struct error *err)
{
	cleanup_reply redisReply *reply = NULL;
	if (queue_ready(queue, err))
		return -1;
	command_reset(&queue->command);
	command_add(&queue->command, "SMEMBERS");
	command_add(&queue->command, QUEUE_RUNS_KEY);
	if (connection_call(queue->connection, &queue->command, &reply, err))
		return -1;
	VEC(char *) names = VEC_INIT;
	int status = 0;
	for (size_t i = 0; i < reply->elements && !status; i++) {
		const char *name = reply_text(reply, i);
		bool exists = false;
		status = run_exists(queue, name, &exists, err);
		if (!status && exists) // it is registered before its first job is there
			vec_push(&names, xstrdup(name));
	}
	if (status) {
		vec_each (&names, name)
			free(*name);
		vec_clear(&names);
		return -1;
	}
	vec_sort(&names, compare_names);
	*out = names.items;
	*count = names.count;
	return 0;
}
