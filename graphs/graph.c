// Storage of a graph: nodes in an arena, found by name through uthash; edges
// as a log of pairs that becomes sorted rows when somebody asks for them.
//
// The derived parts (rows both ways, name order, igraph twin) hang on one
// pointer, so that a const graph can make them and any change can drop them.
#include "graphs/graph.h"

#include <limits.h>
#include <string.h>

#include "core/arena.h"
#include "graphs/storage.h"

#define uthash_malloc(size) xmalloc(size)
#include <uthash.h>

struct graph_node {
	double weight;
	int number;
	UT_hash_handle hh;
	char name[];
};

struct derived {
	struct csr rows; // first is NULL until made, as in reversed
	struct csr reversed;
	int *by_name; // NULL until made
	bool has_twin;
	igraph_t twin;
};

struct graph {
	struct arena arena;
	struct graph_node *by_hash;
	VEC(struct graph_node *) nodes;
	VEC(struct csr_pair) edges; // with duplicates until the rows are made
	struct derived *derived;
};

struct graph *graph_new(void)
{
	struct graph *graph = xcalloc(1, sizeof *graph);
	graph->derived = xcalloc(1, sizeof *graph->derived);
	return graph;
}

static void drop_derived(struct graph *graph)
{
	struct derived *derived = graph->derived;
	if (!derived->rows.first && !derived->by_name)
		return; // the others are made from these
	csr_clear(&derived->rows);
	csr_clear(&derived->reversed);
	free(derived->by_name);
	if (derived->has_twin)
		igraph_destroy(&derived->twin);
	memset(derived, 0, sizeof *derived);
}

void graph_free(struct graph *graph)
{
	if (!graph)
		return;
	drop_derived(graph);
	free(graph->derived);
	HASH_CLEAR(hh, graph->by_hash);
	vec_clear(&graph->nodes);
	vec_clear(&graph->edges);
	arena_clear(&graph->arena);
	free(graph);
}

int graph_find_slice(const struct graph *graph, struct slice name)
{
	struct graph_node *node;
	HASH_FIND(hh, graph->by_hash, name.ptr, name.len, node);
	return node ? node->number : -1;
}

int graph_find(const struct graph *graph, const char *name)
{
	return graph_find_slice(graph, slice_of(name));
}

int graph_add_slice(struct graph *graph, struct slice name, double weight)
{
	struct graph_node *node;
	unsigned hash;
	HASH_VALUE(name.ptr, name.len, hash);
	HASH_FIND_BYHASHVALUE(hh, graph->by_hash, name.ptr, name.len, hash, node);
	if (node)
		return node->number;
	if (graph->nodes.count == INT_MAX)
		abort();
	drop_derived(graph);
	node = arena_alloc(&graph->arena, sizeof *node + name.len + 1);
	node->weight = weight;
	node->number = (int)graph->nodes.count;
	memcpy(node->name, name.ptr, name.len);
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, graph->by_hash, node->name, name.len, hash, node);
	vec_push(&graph->nodes, node);
	return node->number;
}

int graph_add_node(struct graph *graph, const char *name, double weight)
{
	return graph_add_slice(graph, slice_of(name), weight);
}

void graph_add_edge(struct graph *graph, int from, int to)
{
	drop_derived(graph);
	vec_push(&graph->edges, (struct csr_pair){from, to});
}

int graph_node_count(const struct graph *graph)
{
	return (int)graph->nodes.count;
}

const char *graph_name(const struct graph *graph, int node)
{
	return graph->nodes.items[node]->name;
}

double graph_weight(const struct graph *graph, int node)
{
	return graph->nodes.items[node]->weight;
}

// ---- derived parts ---------------------------------------------------------------------------------------------------

const struct csr *graph_rows(const struct graph *graph)
{
	struct derived *derived = graph->derived;
	if (!derived->rows.first)
		csr_build(&derived->rows, graph_node_count(graph), graph->edges.items, graph->edges.count);
	return &derived->rows;
}

const struct csr *graph_reversed_rows(const struct graph *graph)
{
	struct derived *derived = graph->derived;
	if (!derived->reversed.first)
		csr_transpose(graph_rows(graph), graph_node_count(graph), &derived->reversed);
	return &derived->reversed;
}

int64_t graph_edge_count(const struct graph *graph)
{
	return graph_rows(graph)->first[graph->nodes.count];
}

const int *graph_needs(const struct graph *graph, int node, int *count)
{
	const struct csr *rows = graph_rows(graph);
	*count = rows->first[node + 1] - rows->first[node];
	return rows->items + rows->first[node];
}

const int *graph_needed_by(const struct graph *graph, int node, int *count)
{
	const struct csr *rows = graph_reversed_rows(graph);
	*count = rows->first[node + 1] - rows->first[node];
	return rows->items + rows->first[node];
}

struct name_key {
	uint64_t start; // first eight bytes of the name, big-endian: decides most comparisons without touching the name
	const char *name;
	int node;
};

static int compare_names(const void *left, const void *right)
{
	const struct name_key *a = left, *b = right;
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return strcmp(a->name, b->name);
}

const int *graph_by_name(const struct graph *graph)
{
	struct derived *derived = graph->derived;
	size_t count = graph->nodes.count;
	if (derived->by_name)
		return derived->by_name;
	struct name_key *keys = xmalloc(count * sizeof *keys);
	bool sorted = true;
	for (size_t i = 0; i < count; i++) {
		const char *name = graph->nodes.items[i]->name;
		uint64_t start = 0;
		for (size_t byte = 0, end = false; byte < 8; byte++) {
			end = end || !name[byte];
			start = start << 8 | (end ? 0 : (unsigned char)name[byte]);
		}
		keys[i] = (struct name_key){start, name, (int)i};
		sorted = sorted && (!i || compare_names(&keys[i - 1], &keys[i]) < 0);
	}
	if (!sorted)
		qsort(keys, count, sizeof *keys, compare_names);
	derived->by_name = xmalloc(count * sizeof *derived->by_name);
	for (size_t i = 0; i < count; i++)
		derived->by_name[i] = keys[i].node;
	free(keys);
	return derived->by_name;
}

int graph_twin(const struct graph *graph, const igraph_t **out, struct error *err)
{
	struct derived *derived = graph->derived;
	if (!derived->has_twin && engine_make(graph_rows(graph), graph_node_count(graph), &derived->twin, err))
		return -1;
	derived->has_twin = true;
	*out = &derived->twin;
	return 0;
}
