// Reads a run's graph page by page and looks for circles in it.
#include "scheduler/queue_graph.h"

enum { PAGE = 500, LIST_PAGE = 10000, CIRCLE_NAMES = 8 };

void queue_graph_clear(struct queue_graph *graph)
{
	arena_clear(&graph->arena);
	vec_clear(&graph->nodes);
	vec_clear(&graph->edges);
	vec_clear(&graph->bads);
}

static int64_t next_number(struct slice *rest)
{
	struct slice word;
	int64_t number;
	while (slice_cut(rest, ' ', &word))
		if (word.len && !parse_i64(word, &number))
			return number;
	return 0;
}

// The dependents that did not fit into the record.
static int read_list(struct queue *queue, const char *run, int64_t number, struct queue_graph *out, struct error *err)
{
	cleanup_text struct text key = TEXT_INIT;
	cleanup_free char *suffix = xasprintf("d:%lld", (long long)number);
	queue_key(run, suffix, &key);
	for (int64_t at = 0;; at += LIST_PAGE) {
		cleanup_reply redisReply *reply = NULL;
		command_reset(&queue->command);
		command_add(&queue->command, "LRANGE");
		command_add(&queue->command, key.ptr);
		command_add_number(&queue->command, at);
		command_add_number(&queue->command, at + LIST_PAGE - 1);
		if (queue_call(queue, run, &reply, err))
			return -1;
		for (size_t i = 0; i < reply->elements; i++) {
			int64_t dependent;
			if (reply_number(queue, reply, i, &dependent, err))
				return -1;
			vec_push(&out->edges, dependent);
		}
		if (reply->elements < LIST_PAGE)
			return 0;
	}
}

static int read_node(struct queue *queue, const char *run, const redisReply *item, struct queue_graph *out,
		     struct error *err)
{
	enum {
		NUMBER,
		ID,
		OWN_NUMBER,
		STATE,
		NEEDS,
		PASSED,
		ENDED,
		FENCE,
		RANK,
		HOLDER,
		DEPENDENTS,
		BAD,
		ATTEMPTS,
		CRASHES,
		FIELDS
	};
	struct slice field[FIELDS], rest = {item->str, item->len};
	size_t count = 0;
	while (item->type == REDIS_REPLY_STRING && count < FIELDS && slice_cut(&rest, '\x1f', &field[count]))
		count++;
	int64_t number, fence;
	struct queue_node node = {.dependents = out->edges.count, .bad = out->bads.count};
	if (count < FIELDS || parse_i64(field[NUMBER], &number) || parse_i64(field[OWN_NUMBER], &node.number) ||
	    parse_i64(field[NEEDS], &node.needs) || parse_i64(field[FENCE], &fence) ||
	    parse_i64(field[ATTEMPTS], &node.attempts) || parse_i64(field[CRASHES], &node.crashes))
		return connection_confused(queue->connection, "dump", err);
	node.id = arena_slice(&out->arena, field[ID]);
	node.state = field[STATE].len ? field[STATE].ptr[0] : 0;
	node.passed = field[PASSED].len > 0;
	node.ended = field[ENDED].len ? field[ENDED].ptr[0] : 0;
	node.fence = (uint64_t)fence;
	node.rank = strtod(field[RANK].ptr, NULL); // ends at the separator
	node.held = field[HOLDER].len > 0;
	bool more = memchr(field[DEPENDENTS].ptr, '*', field[DEPENDENTS].len) != NULL;
	for (int64_t dependent; (dependent = next_number(&field[DEPENDENTS]));)
		vec_push(&out->edges, dependent);
	if (more && read_list(queue, run, number, out, err))
		return -1;
	for (int64_t need; (need = next_number(&field[BAD]));)
		vec_push(&out->bads, need);
	node.dependent_count = out->edges.count - node.dependents;
	node.bad_count = out->bads.count - node.bad;
	vec_push(&out->nodes, node);
	return 0;
}

int queue_graph_read(struct queue *queue, const char *run, struct queue_graph *out, struct error *err)
{
	for (int64_t first = 0;; first += PAGE) {
		cleanup_reply redisReply *reply = NULL;
		queue_begin(queue, "gophersnake_dump", run);
		command_add(&queue->command, "after");
		command_add_number(&queue->command, first);
		command_add_number(&queue->command, PAGE);
		if (queue_call(queue, run, &reply, err))
			return -1;
		for (size_t i = 0; i < reply->elements; i++)
			if (read_node(queue, run, reply->element[i], out, err))
				return -1;
		if (reply->elements < PAGE)
			return 0;
	}
}

int queue_graph_dependents(struct queue *queue, const char *run, const int64_t *numbers, size_t count,
			   struct queue_graph *out, struct error *err)
{
	for (size_t first = 0; first < count; first += PAGE) {
		cleanup_reply redisReply *reply = NULL;
		queue_begin(queue, "gophersnake_dump", run);
		for (size_t i = first; i < count && i < first + PAGE; i++)
			command_add_number(&queue->command, numbers[i]);
		if (queue_call(queue, run, &reply, err))
			return -1;
		for (size_t i = 0; i < reply->elements; i++)
			if (read_node(queue, run, reply->element[i], out, err))
				return -1;
	}
	return 0;
}

// ---- circles ---------------------------------------------------------------------------------------------------------

static bool takes_part(const struct queue_graph *graph, int64_t number, char state)
{
	return number >= 1 && (size_t)number <= graph->nodes.count &&
	       (!state || graph->nodes.items[number - 1].state == state);
}

// Takes away jobs whose needs are all taken away, until none is left or only circles and what hangs on them.
static size_t peel(const struct queue_graph *graph, char state, int64_t *open)
{
	size_t count = graph->nodes.count, done = 0, queued = 0, all = 0;
	cleanup_free int64_t *order = xcalloc(count + 1, sizeof *order);
	vec_each (&graph->nodes, node) {
		int64_t number = node - graph->nodes.items + 1;
		for (size_t i = 0; takes_part(graph, number, state) && i < queue_waiting_count(node); i++)
			if (takes_part(graph, queue_waiting(graph, node, i), state))
				open[queue_waiting(graph, node, i) - 1]++;
	}
	for (size_t i = 0; i < count; i++) {
		bool part = takes_part(graph, (int64_t)i + 1, state);
		all += part;
		if (part && !open[i])
			order[queued++] = (int64_t)i;
	}
	for (; done < queued; done++) {
		const struct queue_node *node = &graph->nodes.items[order[done]];
		for (size_t i = 0; i < queue_waiting_count(node); i++) {
			int64_t edge = queue_waiting(graph, node, i);
			if (takes_part(graph, edge, state) && --open[edge - 1] == 0)
				order[queued++] = edge - 1;
		}
	}
	return all - queued;
}

// One need of each job that was not taken away, 0 for none.
static void find_needs(const struct queue_graph *graph, char state, const int64_t *open, int64_t *need)
{
	vec_each (&graph->nodes, node) {
		int64_t number = node - graph->nodes.items + 1;
		bool left = takes_part(graph, number, state) && open[number - 1] > 0;
		for (size_t i = 0; left && i < queue_waiting_count(node); i++) {
			int64_t edge = queue_waiting(graph, node, i);
			if (takes_part(graph, edge, state) && open[edge - 1] > 0 && !need[edge - 1])
				need[edge - 1] = number;
		}
	}
}

bool queue_graph_circle(const struct queue_graph *graph, char state, struct text *names)
{
	size_t count = graph->nodes.count;
	cleanup_free int64_t *open = xcalloc(count + 1, sizeof *open);
	if (!peel(graph, state, open))
		return false;
	cleanup_free int64_t *need = xcalloc(count + 1, sizeof *need);
	cleanup_free bool *seen = xcalloc(count + 1, sizeof *seen);
	find_needs(graph, state, open, need);
	int64_t at = 1;
	while (!need[at - 1])
		at++;
	for (; !seen[at - 1]; at = need[at - 1])
		seen[at - 1] = true;
	int64_t begin = at;
	int shown = 0;
	do {
		if (shown++ < CIRCLE_NAMES)
			text_addf(names, "%s → ", graph->nodes.items[at - 1].id);
		else if (shown == CIRCLE_NAMES + 1)
			text_add(names, "… → ");
		at = need[at - 1];
	} while (at != begin);
	text_add(names, graph->nodes.items[begin - 1].id);
	return true;
}

int queue_explain_stuck(struct queue *queue, const char *run, struct error *err)
{
	cleanup_queue_graph struct queue_graph graph = QUEUE_GRAPH_INIT;
	cleanup_text struct text names = TEXT_INIT;
	if (queue_graph_read(queue, run, &graph, err))
		return -1;
	if (queue_graph_circle(&graph, 'w', &names))
		return error_set(err, ERROR_REDIS, "run %s is stuck: jobs wait for each other: %s: cancel it", run,
				 names.ptr);
	return error_set(err, ERROR_REDIS,
			 "run %s is stuck: jobs wait, and nothing is ready, leased or delayed: cancel it", run);
}
