// Asserts what must always hold of a run (see queue.lua): every job stands in
// exactly the index of its state, its number of open needs and its list of bad
// ones are what the edges and the pending waves say, the counts sum up, the
// event numbers have no gap. Reads everything; the first broken rule is the error.
#include "scheduler/queue_graph.h"

enum { PAGE = 10000, TRIES = 20 };
#define PAGE_END "9999"

struct wave {
	char kind; // d b u
	int64_t number;
	size_t cursor; // dependents that it has done
};

// What is read beside the graph, in one go.
enum { READY, LEASE, DELAY, FAILED, DEAD, WAVES, CURSOR, MISSING, FIRST_EVENT, LAST_EVENT, EVENT_COUNT, STAMP, READS };

static const struct {
	const char *command, *key;
	const char *arguments[4];
	char state;   // of an index: of the jobs that stand in it
	bool by_rank; // of an index: its order is that of the ranks
} reads[STAMP] = {
	[READY] = {"ZRANGE", "ready", {"0", PAGE_END, "WITHSCORES"}, 'r', true},
	[LEASE] = {"ZRANGE", "lease", {"0", PAGE_END, "WITHSCORES"}, 'l', false},
	[DELAY] = {"ZRANGE", "delay", {"0", PAGE_END, "WITHSCORES"}, 'y', false},
	[FAILED] = {"ZRANGE", "failed", {"0", PAGE_END, "WITHSCORES"}, 'f', true},
	[DEAD] = {"ZRANGE", "dead", {"0", PAGE_END, "WITHSCORES"}, 'x', true},
	[WAVES] = {"LRANGE", "prop", {"0", "-1"}, 0, false},
	[CURSOR] = {"HGET", "meta", {"cursor"}, 0, false},
	[MISSING] = {"SCARD", "miss", {NULL}, 0, false},
	[FIRST_EVENT] = {"XRANGE", "ev", {"-", "+", "COUNT", "1"}, 0, false},
	[LAST_EVENT] = {"XREVRANGE", "ev", {"+", "-", "COUNT", "1"}, 0, false},
	[EVENT_COUNT] = {"XLEN", "ev", {NULL}, 0, false},
};

struct check {
	struct queue *queue;
	const char *run;
	struct queue_graph graph;
	VEC(struct wave) waves;
	struct queue_status status;
	int64_t events; // that were ever added
	redisReply *replies[READS];
	char *indexed; // [number - 1] letter of the index that has it, 0: none
	struct error *err;
};

#define broken(check, ...) \
	(error_set((check)->err, ERROR_REDIS, __VA_ARGS__), error_context((check)->err, "run %s", (check)->run))

// ---- reading ---------------------------------------------------------------------------------------------------------

static void begin_read(struct check *check, size_t read)
{
	struct command *command = &check->queue->command;
	if (read == STAMP) {
		queue_begin(check->queue, "gophersnake_status", check->run);
		return;
	}
	cleanup_text struct text key = TEXT_INIT;
	queue_key(check->run, reads[read].key, &key);
	command_reset(command);
	command_add(command, reads[read].command);
	command_add(command, key.ptr);
	for (size_t i = 0; i < ARRAY_LENGTH(reads[read].arguments) && reads[read].arguments[i]; i++)
		command_add(command, reads[read].arguments[i]);
}

static int read_all(struct check *check)
{
	size_t sent = 0;
	int status = 0;
	for (; sent < READS && !status; sent++) {
		begin_read(check, sent);
		status = queue_send(check->queue, check->err);
	}
	for (size_t i = 0; i < sent && !status; i++) {
		status = connection_receive(check->queue->connection, &check->replies[i], check->err);
	}
	for (size_t i = 0; i < READS && !status; i++)
		if (check->replies[i]->type == REDIS_REPLY_ERROR)
			status = queue_explain(check->queue, check->run, check->replies[i]->str, check->err);
	return status;
}

// What changes whenever the run does (beats aside): counts, edges, events, turns of the waves.
static int write_stamp(struct check *check, const redisReply *reply, struct text *out)
{
	text_reset(out);
	if (reply_number(check->queue, reply, reply->elements - 1, &check->events, check->err))
		return -1;
	for (size_t i = 1; i < reply->elements; i++) {
		int64_t number = 0;
		if (reply_number(check->queue, reply, i, &number, check->err))
			return -1;
		text_addf(out, "%lld ", (long long)number);
	}
	return 0;
}

static int read_stamp(struct check *check, struct text *out)
{
	cleanup_reply redisReply *reply = NULL;
	queue_begin(check->queue, "gophersnake_status", check->run);
	return queue_call(check->queue, check->run, &reply, check->err) ? -1 : write_stamp(check, reply, out);
}

static int check_waves(struct check *check)
{
	const redisReply *waves = check->replies[WAVES], *cursor = check->replies[CURSOR];
	for (size_t i = 0; i < waves->elements; i++) {
		struct slice text = slice_of(reply_text(waves, i));
		struct wave wave = {.kind = text.len ? text.ptr[0] : 0};
		if (text.len < 2 || !strchr("dbu", wave.kind) || parse_i64(slice_from(text, 1), &wave.number) ||
		    wave.number < 1 || (size_t)wave.number > check->graph.nodes.count)
			return broken(check, "a wave is \"%s\"", reply_text(waves, i));
		if (!i && cursor->type == REDIS_REPLY_STRING)
			wave.cursor = strtoul(cursor->str, NULL, 10);
		vec_push(&check->waves, wave);
	}
	if (!waves->elements && cursor->type == REDIS_REPLY_STRING)
		return broken(check, "a cursor without a wave");
	return 0;
}

static int check_index_page(struct check *check, size_t index, const redisReply *reply)
{
	const char *key = reads[index].key;
	for (size_t i = 0; i + 1 < reply->elements; i += 2) {
		int64_t number = strtoll(reply_text(reply, i), NULL, 10);
		double score = strtod(reply_text(reply, i + 1), NULL);
		if (number < 1 || (size_t)number > check->graph.nodes.count)
			return broken(check, "the index \"%s\" has \"%s\", which is no job", key, reply_text(reply, i));
		const struct queue_node *node = &check->graph.nodes.items[number - 1];
		if (node->state != reads[index].state)
			return broken(check, "%s is in the index \"%s\", but in state %c", node->id, key, node->state);
		if (reads[index].by_rank && score != -node->rank)
			return broken(check, "%s has rank %g and stands at %g in \"%s\"", node->id, node->rank, score,
				      key);
		check->indexed[number - 1] = reads[index].state;
	}
	return 0;
}

static int check_index(struct check *check, size_t index)
{
	if (check_index_page(check, index, check->replies[index]))
		return -1;
	bool full = check->replies[index]->elements == 2 * PAGE;
	for (int64_t at = PAGE; full; at += PAGE) {
		cleanup_reply redisReply *reply = NULL;
		cleanup_text struct text key = TEXT_INIT;
		queue_key(check->run, reads[index].key, &key);
		command_reset(&check->queue->command);
		command_add(&check->queue->command, "ZRANGE");
		command_add(&check->queue->command, key.ptr);
		command_add_number(&check->queue->command, at);
		command_add_number(&check->queue->command, at + PAGE - 1);
		command_add(&check->queue->command, "WITHSCORES");
		if (queue_call(check->queue, check->run, &reply, check->err) || check_index_page(check, index, reply))
			return -1;
		full = reply->elements == 2 * PAGE;
	}
	return 0;
}

// ---- rules -----------------------------------------------------------------------------------------------------------

static int check_indexes(struct check *check)
{
	for (size_t i = READY; i <= DEAD; i++)
		if (check_index(check, i))
			return -1;
	vec_each (&check->graph.nodes, node)
		if (strchr("rlyfx", node->state) && node->state &&
		    check->indexed[node - check->graph.nodes.items] != node->state)
			return broken(check, "%s is in state %c, but not in its index", node->id, node->state);
	return 0;
}

static int check_records(struct check *check)
{
	vec_each (&check->graph.nodes, node) {
		int64_t number = node - check->graph.nodes.items + 1;
		if (!*node->id || node->number != number)
			return broken(check, "number %lld is \"%s\", whose record says %lld", (long long)number,
				      node->id, (long long)node->number);
		if (!node->state || !strchr("uwrlydfxbc", node->state))
			return broken(check, "%s has an unknown state '%c'", node->id, node->state);
		if (strchr("rlydfx", node->state) && node->needs)
			return broken(check, "%s is in state %c and has %lld open needs", node->id, node->state,
				      (long long)node->needs);
		if (strchr("wb", node->state) && node->needs <= 0)
			return broken(check, "%s is in state %c and has %lld open needs", node->id, node->state,
				      (long long)node->needs);
		if ((node->state == 'b') != (node->bad_count > 0) && !strchr("uc", node->state))
			return broken(check, "%s is in state %c and has %zu bad needs", node->id, node->state,
				      node->bad_count);
		if (strchr("ldfx", node->state) && (!node->fence || !node->held))
			return broken(check, "%s is in state %c without a fence or an agent", node->id, node->state);
		if ((node->state == 'd') != (node->ended == 'd') || (node->state == 'l' && node->ended))
			return broken(check, "%s is in state %c, and its fence ended with '%c'", node->id, node->state,
				      node->ended);
		if (node->crashes > 3 || node->attempts > 4 || node->crashes < 0 ||
		    (node->state == 'x' && node->crashes != 3))
			return broken(check, "%s is in state %c after %lld attempts and %lld crashes", node->id,
				      node->state, (long long)node->attempts, (long long)node->crashes);
	}
	return 0;
}

static bool is_settled(const struct queue_node *node)
{
	return node->state == 'd' || node->passed;
}

static bool is_bad(const struct queue_node *node)
{
	return !node->passed && (node->state == 'f' || node->state == 'x' || node->state == 'b');
}

static bool has_bad(const struct check *check, const struct queue_node *node, int64_t need)
{
	for (size_t i = 0; i < node->bad_count; i++)
		if (check->graph.bads.items[node->bad + i] == need)
			return true;
	return false;
}

// Per edge: is its need open for the dependent (a wave that has not come yet counts), is it in the list of bad ones?
static int check_edges(struct check *check)
{
	size_t count = check->graph.nodes.count;
	cleanup_free int64_t *open = xcalloc(count + 1, sizeof *open), *bad = xcalloc(count + 1, sizeof *bad);
	cleanup_free bool *has_wave = xcalloc(count + 1, sizeof *has_wave);
	vec_each (&check->waves, wave) {
		has_wave[wave->number - 1] = true;
		if (wave->kind == 'd' && !is_settled(&check->graph.nodes.items[wave->number - 1]))
			return broken(check, "a wave says that %s is settled, and it is not",
				      check->graph.nodes.items[wave->number - 1].id);
	}
	vec_each (&check->graph.nodes, node) {
		int64_t number = node - check->graph.nodes.items + 1;
		for (size_t i = 0; i < node->dependent_count; i++) {
			int64_t dependent = check->graph.edges.items[node->dependents + i];
			if (dependent < 1 || (size_t)dependent > count)
				return broken(check, "%s is needed by %lld, which is no job", node->id,
					      (long long)dependent);
			const struct queue_node *other = &check->graph.nodes.items[dependent - 1];
			bool comes_d = false, comes = false;
			vec_each (&check->waves, wave)
				if (has_wave[number - 1] && wave->number == number && i >= wave->cursor) {
					comes = true;
					comes_d = comes_d || wave->kind == 'd';
				}
			open[dependent - 1] += !is_settled(node) || comes_d;
			bool listed = has_bad(check, other, number);
			bad[dependent - 1] += listed;
			if (!comes && listed != is_bad(node))
				return broken(check, "%s (state %c) %s in the list of bad needs of %s", node->id,
					      node->state, listed ? "stands" : "does not stand", other->id);
		}
	}
	vec_each (&check->graph.nodes, node) {
		size_t at = (size_t)(node - check->graph.nodes.items);
		if (node->needs != open[at])
			return broken(check, "%s says %lld open needs, its edges say %lld", node->id,
				      (long long)node->needs, (long long)open[at]);
		if ((size_t)bad[at] < node->bad_count)
			return broken(check, "%s has a bad need that it does not need", node->id);
	}
	return 0;
}

static int check_counts(struct check *check)
{
	int64_t by_state[256] = {0}, total = 0;
	const struct queue_status *status = &check->status;
	vec_each (&check->graph.nodes, node) {
		by_state[(unsigned char)node->state]++;
		total += node->state != 'u';
	}
	const struct {
		const char *what;
		int64_t said, is;
	} rows[] = {{"waiting", status->waiting, by_state['w']},     {"ready", status->ready, by_state['r']},
		    {"leased", status->leased, by_state['l']},       {"delayed", status->delayed, by_state['y']},
		    {"done", status->done, by_state['d']},           {"failed", status->failed, by_state['f']},
		    {"dead", status->dead, by_state['x']},           {"blocked", status->blocked, by_state['b']},
		    {"cancelled", status->cancelled, by_state['c']}, {"total", status->total, total}};
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
		if (rows[i].said != rows[i].is)
			return broken(check, "the count \"%s\" is %lld, but %lld jobs are", rows[i].what,
				      (long long)rows[i].said, (long long)rows[i].is);
	long long missing = check->replies[MISSING]->integer;
	if (missing != by_state['u'])
		return broken(check, "%lld jobs are missing, but %lld are unknown", missing, (long long)by_state['u']);
	return 0;
}

static int event_number(struct check *check, const redisReply *reply, int64_t *number)
{
	*number = 0;
	if (!reply->elements)
		return 0;
	struct slice id = slice_of(reply_text(reply->element[0], 0)), millis;
	int64_t first;
	if (!slice_cut(&id, '-', &millis) || parse_i64(millis, &first) || first || parse_i64(id, number))
		return broken(check, "an event has the number %s", reply_text(reply->element[0], 0));
	return 0;
}

static int check_events(struct check *check)
{
	int64_t first, last;
	long long length = check->replies[EVENT_COUNT]->integer;
	if (event_number(check, check->replies[FIRST_EVENT], &first) ||
	    event_number(check, check->replies[LAST_EVENT], &last))
		return -1;
	if (last != check->status.events || last != check->events || (last && length != last - first + 1))
		return broken(check, "%lld events from %lld to %lld, and %lld were made", length, (long long)first,
			      (long long)last, (long long)check->events);
	return 0;
}

static int check_circles(struct check *check)
{
	cleanup_text struct text names = TEXT_INIT;
	if (check->status.sealed && queue_graph_circle(&check->graph, 0, &names))
		return broken(check, "jobs need each other in a circle: %s", names.ptr);
	return 0;
}

static void forget(struct check *check)
{
	queue_graph_clear(&check->graph);
	vec_clear(&check->waves);
	free(check->indexed);
	check->indexed = NULL;
	check->graph = (struct queue_graph)QUEUE_GRAPH_INIT;
	for (size_t i = 0; i < READS; i++) {
		cleanup_reply_impl(&check->replies[i]);
		check->replies[i] = NULL;
	}
}

// 0 all rules hold, 1 one is broken, -1 it could not be read. after: what the run was like when everything was read.
static int check_once(struct check *check, struct text *after)
{
	if (queue_graph_read(check->queue, check->run, &check->graph, check->err) || read_all(check) ||
	    write_stamp(check, check->replies[STAMP], after))
		return -1;
	check->indexed = xcalloc(check->graph.nodes.count + 1, 1);
	return check_records(check) || check_waves(check) || check_indexes(check) || check_edges(check) ||
	       check_counts(check) || check_circles(check) || check_events(check);
}

int queue_check(struct queue *queue, const char *run, struct error *err)
{
	struct check check = {.queue = queue, .run = run, .graph = QUEUE_GRAPH_INIT, .waves = VEC_INIT, .err = err};
	cleanup_text struct text before = TEXT_INIT, after = TEXT_INIT;
	// What was read is one picture only when nobody changed the run meanwhile.
	for (int i = 0; i < TRIES; i++) {
		if (queue_check_name("run", run, err) || queue_ready(queue, err) || read_stamp(&check, &before) ||
		    queue_status(queue, run, &check.status, err))
			return -1;
		int status = check_once(&check, &after);
		forget(&check);
		if (status < 0 || !strcmp(text_str(&before), text_str(&after)))
			return status ? -1 : 0;
	}
	return error_set(err, ERROR_REDIS, "run %s: it changes too fast to be checked: pause it first", run);
}
