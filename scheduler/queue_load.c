// How jobs come into a run: load and seal, and extend while it goes on. Jobs
// travel in chunks that keep each call of Redis short; what one call cannot
// see (unknown needs, circles) is looked for here before anything is written.
#include <math.h>

#include "scheduler/queue_graph.h"
#include "scheduler/queue_internal.h"

enum {
	CHUNK_JOBS = 200,
	CHUNK_NEEDS = 1000,
	CHUNK_BYTES = 256 * 1024,
	WINDOW = 4, // chunks on the way at once
	FIND_PAGE = 500,
	LOOK_AHEAD =
		50000, // jobs that extend looks at for circles through older jobs; a circle beyond makes the run say that it is stuck
	SEAL_TRIES = 10,
};

// ---- jobs on their way -----------------------------------------------------------------------------------------------

// The caller's jobs, checked: sorted by id for look-ups, needs without duplicates.
struct batch {
	const struct queue_job *jobs;
	size_t count;
	const struct queue_job **by_id;
	const char ***needs; // [job] sorted, unique
	size_t *need_count;
	struct arena arena;
};

static void batch_clear(struct batch *batch)
{
	free(batch->by_id);
	arena_clear(&batch->arena);
}
#define cleanup_batch __attribute__((cleanup(batch_clear)))

static int compare_jobs(const void *a, const void *b)
{
	const struct queue_job *const *left = a, *const *right = b;
	return strcmp((*left)->id, (*right)->id);
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// NULL when the batch has no such job.
static const struct queue_job *batch_find(const struct batch *batch, const char *id)
{
	const struct queue_job wanted = {.id = id}, *pointer = &wanted;
	const struct queue_job **found =
		batch->count ? bsearch(&pointer, batch->by_id, batch->count, sizeof *batch->by_id, compare_jobs) : NULL;
	return found ? *found : NULL;
}

static char kind_letter(const char *kind)
{
	static const char *const kinds[] = {"scan", "emit", "translate", "publish"};
	for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++)
		if (!strcmp(kind, kinds[i]))
			return kinds[i][0];
	return 0;
}

static int check_job(const struct queue_job *job, struct error *err)
{
	if (queue_check_name("job", job->id, err))
		return -1;
	if (!kind_letter(job->kind))
		return error_set(err, ERROR_INPUT, "job %s: unknown kind \"%s\" (scan, emit, translate, publish)",
				 job->id, job->kind);
	if (!isfinite(job->rank))
		return error_set(err, ERROR_INPUT, "job %s: its rank is no finite number", job->id);
	for (size_t i = 0; i < job->need_count; i++)
		if (queue_check_name("job", job->needs[i], err))
			return error_context(err, "a need of job %s", job->id);
	return 0;
}

static void unite_needs(struct batch *batch, size_t number)
{
	const struct queue_job *job = &batch->jobs[number];
	const char **needs = arena_array(&batch->arena, job->need_count + 1, sizeof *needs);
	size_t count = 0;
	for (size_t i = 0; i < job->need_count; i++)
		needs[i] = job->needs[i];
	qsort(needs, job->need_count, sizeof *needs, compare_strings);
	for (size_t i = 0; i < job->need_count; i++)
		if (!count || strcmp(needs[count - 1], needs[i]))
			needs[count++] = needs[i];
	batch->needs[number] = needs;
	batch->need_count[number] = count;
}

static int batch_fill(struct batch *batch, const struct queue_job *jobs, size_t count, struct error *err)
{
	batch->jobs = jobs;
	batch->count = count;
	batch->by_id = xcalloc(count + 1, sizeof *batch->by_id);
	batch->needs = arena_array(&batch->arena, count + 1, sizeof *batch->needs);
	batch->need_count = arena_array(&batch->arena, count + 1, sizeof *batch->need_count);
	for (size_t i = 0; i < count; i++) {
		if (check_job(&jobs[i], err))
			return -1;
		batch->by_id[i] = &jobs[i];
		unite_needs(batch, i);
	}
	qsort(batch->by_id, count, sizeof *batch->by_id, compare_jobs);
	for (size_t i = 1; i < count; i++)
		if (!strcmp(batch->by_id[i - 1]->id, batch->by_id[i]->id))
			return error_set(err, ERROR_INPUT, "job %s is given twice", batch->by_id[i]->id);
	return 0;
}

// Where in the caller's jobs the sender is.
struct sender {
	struct queue *queue;
	const char *run;
	const struct batch *batch;
	const size_t *order; // NULL: as given
	size_t job, need;    // the next job, and how many of its needs are sent
	size_t under_way;
};

static void add_part(struct sender *sender, size_t number, size_t needs)
{
	struct command *command = &sender->queue->command;
	const struct queue_job *job = &sender->batch->jobs[number];
	char kind[2] = {kind_letter(job->kind), 0};
	command_add(command, job->id);
	command_add(command, kind);
	command_add_double(command, job->rank);
	command_add_number(command, (int64_t)sender->need);
	command_add_number(command, (int64_t)sender->batch->need_count[number]);
	command_add_number(command, (int64_t)needs);
	for (size_t i = 0; i < needs; i++)
		command_add(command, sender->batch->needs[number][sender->need + i]);
}

// Fills the command with as many jobs as a call should have. A job whose needs do not fit goes on in the next call.
static void fill_chunk(struct sender *sender)
{
	size_t jobs = 0, needs = 0;
	while (sender->job < sender->batch->count && jobs < CHUNK_JOBS &&
	       sender->queue->command.body.len < CHUNK_BYTES) {
		size_t number = sender->order ? sender->order[sender->job] : sender->job;
		size_t left = sender->batch->need_count[number] - sender->need;
		if (needs + left > CHUNK_NEEDS && jobs)
			return; // it begins a chunk, so that its parts are cut at the same places every time
		size_t part = left > CHUNK_NEEDS ? CHUNK_NEEDS : left;
		add_part(sender, number, part);
		jobs++;
		needs += part;
		sender->need += part;
		if (part < left)
			return;
		sender->job++;
		sender->need = 0;
	}
}

static int receive_one(struct sender *sender, struct error *err)
{
	cleanup_reply redisReply *reply = NULL;
	sender->under_way--;
	return queue_receive(sender->queue, sender->run, &reply, err);
}

// begin() starts each call's command. On an error the answers of what is under way are still taken off the wire.
static int send_batch(struct sender *sender, void (*begin)(struct sender *, const void *), const void *context,
		      struct error *err)
{
	int status = 0;
	do {
		begin(sender, context);
		fill_chunk(sender);
		status = queue_send(sender->queue, err);
		sender->under_way += !status;
		if (!status && sender->under_way >= WINDOW)
			status = receive_one(sender, err);
	} while (!status && sender->job < sender->batch->count);
	struct error later = ERROR_INIT;
	while (sender->under_way)
		if (receive_one(sender, status ? &later : err))
			status = -1;
	return status;
}

// ---- load ------------------------------------------------------------------------------------------------------------

// A Redis that throws keys away when its memory is full would lose the run.
static int check_eviction(struct queue *queue, struct error *err)
{
	cleanup_reply redisReply *reply = NULL;
	command_reset(&queue->command);
	command_add(&queue->command, "INFO");
	command_add(&queue->command, "memory");
	if (connection_send(queue->connection, &queue->command, err) ||
	    connection_receive(queue->connection, &reply, err))
		return -1;
	if (reply->type != REDIS_REPLY_STRING) // an ACL user without INFO
		return 0;
	bool limited = !strstr(reply->str, "\nmaxmemory:0\r");
	const char *policy = strstr(reply->str, "\nmaxmemory_policy:allkeys-");
	if (!limited || !policy)
		return 0;
	policy = strchr(policy, ':') + 1;
	return error_set(
		err, ERROR_REDIS,
		"Redis at %s removes any key when its memory is full (maxmemory-policy %.*s) and would lose the run: "
		"set noeviction, or give the run a Redis of its own",
		connection_name(queue->connection), (int)strcspn(policy, "\r\n"), policy);
}

static int register_run(struct queue *queue, const char *run, struct error *err)
{
	cleanup_reply redisReply *reply = NULL;
	command_reset(&queue->command);
	command_add(&queue->command, "SADD");
	command_add(&queue->command, QUEUE_RUNS_KEY);
	command_add(&queue->command, run);
	return connection_call(queue->connection, &queue->command, &reply, err);
}

struct load_context {
	const char *plan_digest, *policy;
};

static void begin_load(struct sender *sender, const void *context)
{
	const struct load_context *load = context;
	queue_begin(sender->queue, "gophersnake_load", sender->run);
	command_add(&sender->queue->command, load->plan_digest);
	command_add(&sender->queue->command, load->policy);
}

int queue_load(struct queue *queue, const char *run, const char *plan_digest, const char *policy,
	       const struct queue_job *jobs, size_t count, struct error *err)
{
	cleanup_batch struct batch batch = {.arena = ARENA_INIT};
	struct load_context context = {plan_digest, policy};
	struct sender sender = {.queue = queue, .run = run, .batch = &batch};
	if (strcmp(policy, "bridge") && strcmp(policy, "block"))
		return error_set(err, ERROR_INPUT, "run %s: unknown failure policy \"%s\" (bridge, block)", run,
				 policy);
	if (!*plan_digest || strlen(plan_digest) > 64)
		return error_set(err, ERROR_INPUT, "run %s: a plan's digest has 1 to 64 bytes", run);
	if (queue_check_name("run", run, err) || batch_fill(&batch, jobs, count, err))
		return error_context(err, "run %s", run);
	if (queue_ready(queue, err) || check_eviction(queue, err) || register_run(queue, run, err))
		return -1;
	return send_batch(&sender, begin_load, &context, err);
}

// ---- seal ------------------------------------------------------------------------------------------------------------

static int explain_missing(const char *run, const redisReply *reply, int64_t missing, struct error *err)
{
	const char *job = reply_text(reply, 2), *needed_by = reply_text(reply, 3);
	cleanup_free char *others = missing > 1 ? xasprintf(" (and %lld more)", (long long)missing - 1) : xstrdup("");
	if (*reply_text(reply, 4))
		return error_set(err, ERROR_INPUT, "run %s: job %s was loaded in part only%s: load it again", run, job,
				 others);
	return error_set(err, ERROR_INPUT, "run %s: job %s needs %s, which was never loaded%s", run, needed_by, job,
			 others);
}

// 0 sealed, 1 the run changed meanwhile, -1
static int try_seal(struct queue *queue, const char *run, struct error *err)
{
	cleanup_queue_graph struct queue_graph graph = QUEUE_GRAPH_INIT;
	cleanup_text struct text names = TEXT_INIT;
	cleanup_reply redisReply *reply = NULL;
	if (queue_graph_read(queue, run, &graph, err))
		return -1;
	if (queue_graph_circle(&graph, 0, &names))
		return error_set(err, ERROR_INPUT, "run %s: jobs need each other in a circle: %s", run, names.ptr);
	queue_begin(queue, "gophersnake_seal", run);
	command_add_number(&queue->command, (int64_t)graph.nodes.count);
	command_add_number(&queue->command, (int64_t)graph.edges.count);
	if (queue_call(queue, run, &reply, err))
		return -1;
	int64_t missing;
	if (!strcmp(reply_text(reply, 0), "MISSING"))
		return reply_number(queue, reply, 1, &missing, err) ? -1 : explain_missing(run, reply, missing, err);
	return strcmp(reply_text(reply, 0), "OK") ? 1 : 0;
}

int queue_seal(struct queue *queue, const char *run, struct error *err)
{
	struct queue_status status;
	if (queue_status(queue, run, &status, err))
		return -1;
	if (status.sealed)
		return 0;
	for (int i = 0; i < SEAL_TRIES; i++) {
		int changed = try_seal(queue, run, err);
		if (changed <= 0)
			return changed;
	}
	return error_set(err, ERROR_REDIS, "run %s: others load jobs into it while it is sealed: try again", run);
}

// ---- extend ----------------------------------------------------------------------------------------------------------

struct extend_context {
	const char *holder;
	uint64_t fence;
	const char *const *before;
	size_t before_count;
};

static void begin_extend(struct sender *sender, const void *context)
{
	const struct extend_context *extend = context;
	struct command *command = &sender->queue->command;
	queue_begin(sender->queue, "gophersnake_extend", sender->run);
	command_add(command, extend->holder);
	command_add_number(command, (int64_t)extend->fence);
	command_add_number(command, (int64_t)extend->before_count);
	for (size_t i = 0; i < extend->before_count; i++)
		command_add(command, extend->before[i]);
}

// Needs before what needs them; an error names a circle among the new jobs.
static int order_batch(const struct batch *batch, size_t *order, struct error *err)
{
	cleanup_queue_graph struct queue_graph graph = QUEUE_GRAPH_INIT;
	cleanup_free size_t *open = xcalloc(batch->count + 1, sizeof *open);
	size_t done = 0, queued = 0;
	VEC(int64_t) *dependents = xcalloc(batch->count + 1, sizeof *dependents);
	for (size_t i = 0; i < batch->count; i++)
		for (size_t j = 0; j < batch->need_count[i]; j++) {
			const struct queue_job *need = batch_find(batch, batch->needs[i][j]);
			if (!need)
				continue;
			vec_push(&dependents[need - batch->jobs], (int64_t)i);
			open[i]++;
		}
	for (size_t i = 0; i < batch->count; i++)
		if (!open[i])
			order[queued++] = i;
	for (; done < queued; done++)
		vec_each (&dependents[order[done]], dependent)
			if (!--open[*dependent])
				order[queued++] = (size_t)*dependent;
	for (size_t i = 0; i < batch->count; i++) {
		struct queue_node node = {.id = batch->jobs[i].id,
					  .dependents = graph.edges.count,
					  .dependent_count = dependents[i].count};
		vec_each (&dependents[i], dependent)
			vec_push(&graph.edges, *dependent + 1);
		vec_push(&graph.nodes, node);
		vec_clear(&dependents[i]);
	}
	free(dependents);
	cleanup_text struct text names = TEXT_INIT;
	if (queued == batch->count)
		return 0;
	queue_graph_circle(&graph, 0, &names);
	return error_set(err, ERROR_INPUT, "jobs need each other in a circle: %s", text_str(&names));
}

typedef VEC(int64_t) numbers;

// The numbers of the jobs outside of the batch that it needs and that are not settled. An unknown one is an error.
static int find_outside(struct queue *queue, const char *run, const struct batch *batch, numbers *out,
			struct error *err)
{
	VEC(const char *) ids = VEC_INIT;
	VEC(const char *) needed_by = VEC_INIT;
	for (size_t i = 0; i < batch->count; i++)
		for (size_t j = 0; j < batch->need_count[i]; j++)
			if (!batch_find(batch, batch->needs[i][j])) {
				vec_push(&ids, batch->needs[i][j]);
				vec_push(&needed_by, batch->jobs[i].id);
			}
	int status = 0;
	for (size_t first = 0; !status && first < ids.count; first += FIND_PAGE) {
		cleanup_reply redisReply *reply = NULL;
		queue_begin(queue, "gophersnake_find", run);
		for (size_t i = first; i < ids.count && i < first + FIND_PAGE; i++)
			command_add(&queue->command, ids.items[i]);
		status = queue_call(queue, run, &reply, err);
		for (size_t i = first; !status && i < ids.count && i < first + FIND_PAGE; i++) {
			int64_t number, settled;
			status = reply_number(queue, reply, 2 * (i - first), &number, err) ||
						 reply_number(queue, reply, 2 * (i - first) + 1, &settled, err)
					 ? -1
					 : 0;
			if (!status && !number)
				status = error_set(err, ERROR_INPUT, "job %s needs %s, which the run does not have",
						   needed_by.items[i], ids.items[i]);
			else if (!status && !settled)
				vec_push(out, number);
		}
	}
	vec_clear(&ids);
	vec_clear(&needed_by);
	return status;
}

static int compare_numbers(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
	return (left > right) - (left < right);
}

static bool contains(const numbers *sorted, int64_t number)
{
	return sorted->count && bsearch(&number, sorted->items, sorted->count, sizeof number, compare_numbers);
}

// Whether one of the needs waits, over any number of jobs, for one of `before`: the extension would close a circle.
static int check_circle(struct queue *queue, const char *run, const struct extend_context *extend, numbers *needs,
			struct error *err)
{
	if (!needs->count || !extend->before_count)
		return 0;
	cleanup_reply redisReply *reply = NULL;
	queue_begin(queue, "gophersnake_find", run);
	for (size_t i = 0; i < extend->before_count; i++)
		command_add(&queue->command, extend->before[i]);
	if (queue_call(queue, run, &reply, err))
		return -1;
	numbers front = VEC_INIT, seen = VEC_INIT;
	int status = 0;
	for (size_t i = 0; i < extend->before_count && !status; i++) {
		int64_t number;
		status = reply_number(queue, reply, 2 * i, &number, err);
		if (!status && number)
			vec_push(&front, number);
	}
	vec_sort(needs, compare_numbers);
	while (!status && front.count && seen.count < LOOK_AHEAD) {
		cleanup_queue_graph struct queue_graph graph = QUEUE_GRAPH_INIT;
		status = queue_graph_dependents(queue, run, front.items, front.count, &graph, err);
		vec_each (&graph.nodes, node)
			if (!status && contains(needs, node->number))
				status = error_set(err, ERROR_INPUT,
						   "%s would wait for itself: new jobs need %s, which waits for it",
						   extend->before[0], node->id);
		vec_each (&front, number)
			vec_push(&seen, *number);
		vec_sort(&seen, compare_numbers);
		front.count = 0;
		vec_each (&graph.nodes, node)
			for (size_t i = 0; i < queue_waiting_count(node); i++)
				if (!contains(&seen, queue_waiting(&graph, node, i)))
					vec_push(&front, queue_waiting(&graph, node, i));
		// The same job may be reached over several others.
		vec_sort(&front, compare_numbers);
		size_t count = 0;
		for (size_t i = 0; i < front.count; i++)
			if (!count || front.items[count - 1] != front.items[i])
				front.items[count++] = front.items[i];
		front.count = count;
	}
	vec_clear(&front);
	vec_clear(&seen);
	return status;
}

int queue_extend(struct queue *queue, const char *run, const char *holder_job, uint64_t fence,
		 const struct queue_job *jobs, size_t count, const char *const *before, size_t before_count,
		 struct error *err)
{
	cleanup_batch struct batch batch = {.arena = ARENA_INIT};
	struct extend_context context = {holder_job, fence, before, before_count};
	cleanup_free size_t *order = xcalloc(count + 1, sizeof *order);
	struct sender sender = {.queue = queue, .run = run, .batch = &batch, .order = order};
	if (queue_check_name("run", run, err) || queue_check_name("job", holder_job, err) ||
	    batch_fill(&batch, jobs, count, err) || order_batch(&batch, order, err))
		return error_context(err, "run %s: new jobs of %s", run, holder_job);
	for (size_t i = 0; i < before_count; i++)
		if (batch_find(&batch, before[i]))
			return error_set(err, ERROR_INPUT,
					 "run %s: new jobs of %s: %s is new and cannot wait for itself", run,
					 holder_job, before[i]);
	if (queue_ready(queue, err))
		return -1;
	numbers needs = VEC_INIT;
	int status = find_outside(queue, run, &batch, &needs, err) || check_circle(queue, run, &context, &needs, err)
			     ? -1
			     : 0;
	vec_clear(&needs);
	if (status)
		return error_context(err, "run %s: new jobs of %s", run, holder_job);
	return send_batch(&sender, begin_extend, &context, err);
}
