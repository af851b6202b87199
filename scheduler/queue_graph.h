// A run's jobs and edges as they stand in Redis, read in pages: what sealing,
// checking and explaining a stuck run look at. Not for other rooms.
#ifndef SCHEDULER_QUEUE_GRAPH_H
#define SCHEDULER_QUEUE_GRAPH_H

#include "core/arena.h"
#include "scheduler/queue_internal.h"

struct queue_node {
	const char *id;
	int64_t number; // that its record says; it stands at nodes.items[number - 1]
	char state;     // a letter of queue.lua; 0: there is no record
	int64_t needs;  // that are not done
	bool passed;    // a failed translation whose dependents went on
	char ended;     // how its newest fence ended: d f c r t, 0 not
	uint64_t fence;
	double rank;
	bool held; // an agent's name stands in it
	int64_t attempts, crashes;
	size_t dependents, dependent_count; // edges.items[dependents…]: numbers
	size_t bad, bad_count;              // bads.items[bad…]: numbers of needs that are failed, dead or blocked
};

struct queue_graph {
	struct arena arena;
	VEC(struct queue_node) nodes;
	VEC(int64_t) edges;
	VEC(int64_t) bads;
};
#define QUEUE_GRAPH_INIT                                 \
	{                                                \
		ARENA_INIT, VEC_INIT, VEC_INIT, VEC_INIT \
	}
void queue_graph_clear(struct queue_graph *graph);
#define cleanup_queue_graph __attribute__((cleanup(queue_graph_clear)))

// Not one snapshot when somebody changes the run meanwhile: compare queue_read_stamp before and after.
int queue_graph_read(struct queue *queue, const char *run, struct queue_graph *out, struct error *err);
// The numbers of the jobs that directly need these, appended to out. Numbers that a run does not have are errors.
int queue_graph_dependents(struct queue *queue, const char *run, const int64_t *numbers, size_t count,
			   struct queue_graph *out, struct error *err);
// How many of its dependents wait for a job: none when it was passed over.
static inline size_t queue_waiting_count(const struct queue_node *node)
{
	return node->passed ? 0 : node->dependent_count;
}
static inline int64_t queue_waiting(const struct queue_graph *graph, const struct queue_node *node, size_t i)
{
	return graph->edges.items[node->dependents + i];
}

// Looks for jobs that need each other, among those in this state (0: all). true: names says "a → b → a", each needing the next.
bool queue_graph_circle(const struct queue_graph *graph, char state, struct text *names);
// The error of a run in which jobs wait and nothing can free them. Always -1.
int queue_explain_stuck(struct queue *queue, const char *run, struct error *err);

#endif
