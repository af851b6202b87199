// Condensation: igraph finds the strongly connected components and a
// topological order of them; levels, ranks and the numbering are ours.
//
// Components are numbered by level, then by the name of their first member.
// That is leaf first (a need is always on a lower level) and does not depend on
// the order in which nodes and edges were added.
#include <string.h>

#include "core/clock.h"
#include "graphs/storage.h"

// Components as igraph numbers them.
struct found {
	int count;
	int *of;         // [node]
	struct csr rows; // component → components it needs
	int *level;      // [component]
	int levels;
};

static void found_clear(struct found *found)
{
	free(found->of);
	free(found->level);
	csr_clear(&found->rows);
}

static int find_components(const struct graph *graph, struct found *found, struct error *err)
{
	const igraph_t *twin;
	igraph_vector_int_t membership;
	igraph_integer_t count = 0;
	if (graph_twin(graph, &twin, err) || engine_check(igraph_vector_int_init(&membership, 0), "components", err))
		return -1;
	int status = engine_check(igraph_connected_components(twin, &membership, NULL, &count, IGRAPH_STRONG),
				  "components", err);
	int nodes = graph_node_count(graph);
	found->count = (int)count;
	found->of = xmalloc((size_t)nodes * sizeof *found->of);
	for (int node = 0; !status && node < nodes; node++)
		found->of[node] = (int)VECTOR(membership)[node];
	igraph_vector_int_destroy(&membership);
	return status;
}

static void connect_components(const struct graph *graph, struct found *found)
{
	const struct csr *rows = graph_rows(graph);
	int nodes = graph_node_count(graph);
	struct csr_pair *pairs = xmalloc((size_t)rows->first[nodes] * sizeof *pairs);
	size_t count = 0;
	for (int node = 0; node < nodes; node++)
		for (int i = rows->first[node]; i < rows->first[node + 1]; i++)
			if (found->of[node] != found->of[rows->items[i]])
				pairs[count++] = (struct csr_pair){found->of[node], found->of[rows->items[i]]};
	csr_build(&found->rows, found->count, pairs, count);
	free(pairs);
}

static int find_levels(struct found *found, struct error *err)
{
	igraph_t components;
	igraph_vector_int_t order;
	if (engine_make(&found->rows, found->count, &components, err))
		return -1;
	int status = engine_check(igraph_vector_int_init(&order, 0), "order", err);
	if (!status) {
		// IGRAPH_IN: along the edges backwards, so what is needed comes first.
		status = engine_check(igraph_topological_sorting(&components, &order, IGRAPH_IN), "order", err);
		found->level = xcalloc((size_t)found->count, sizeof *found->level);
		for (int i = 0; !status && i < found->count; i++) {
			int component = (int)VECTOR(order)[i], *level = &found->level[component];
			for (int j = found->rows.first[component]; j < found->rows.first[component + 1]; j++)
				if (*level <= found->level[found->rows.items[j]])
					*level = found->level[found->rows.items[j]] + 1;
			if (found->levels <= *level)
				found->levels = *level + 1;
		}
		igraph_vector_int_destroy(&order);
	}
	igraph_destroy(&components);
	return status;
}

// final[c] = the number that component c gets: nodes are walked by name, so the first one met of a component is its
// first member; a stable counting sort by level does the rest.
static int *final_numbers(const struct graph *graph, const struct found *found)
{
	const int *by_name = graph_by_name(graph);
	int *final = xmalloc((size_t)found->count * sizeof *final);
	cleanup_free int *next = xcalloc((size_t)found->levels + 1, sizeof *next);
	for (int component = 0; component < found->count; component++) {
		next[found->level[component] + 1]++;
		final[component] = -1;
	}
	for (int level = 0; level < found->levels; level++)
		next[level + 1] += next[level];
	for (int i = 0; i < graph_node_count(graph); i++) {
		int component = found->of[by_name[i]];
		if (final[component] < 0)
			final[component] = next[found->level[component]]++;
	}
	return final;
}

static void fill_members(const struct graph *graph, struct condensation *out)
{
	int nodes = graph_node_count(graph);
	const int *by_name = graph_by_name(graph);
	out->first = xcalloc((size_t)out->count + 1, sizeof *out->first);
	out->members = xmalloc((size_t)nodes * sizeof *out->members);
	cleanup_free int *next = xcalloc((size_t)out->count + 1, sizeof *next);
	for (int node = 0; node < nodes; node++)
		out->first[out->component_of[node] + 1]++;
	for (int i = 0; i < out->count; i++)
		next[i + 1] = out->first[i + 1] += out->first[i];
	for (int i = 0; i < nodes; i++)
		out->members[next[out->component_of[by_name[i]]]++] = by_name[i];
}

static void fill_rows(const struct found *found, const int *final, struct condensation *out)
{
	int count = found->rows.first[found->count], used = 0;
	struct csr_pair *pairs = xmalloc((size_t)count * sizeof *pairs);
	for (int component = 0; component < found->count; component++)
		for (int i = found->rows.first[component]; i < found->rows.first[component + 1]; i++)
			pairs[used++] = (struct csr_pair){final[component], final[found->rows.items[i]]};
	struct csr needs, dependents;
	csr_build(&needs, out->count, pairs, (size_t)used);
	free(pairs);
	csr_transpose(&needs, out->count, &dependents);
	out->needs_first = needs.first;
	out->needs = needs.items;
	out->dependents_first = dependents.first;
	out->dependents = dependents.items;
}

static void fill_ranks(const struct graph *graph, struct condensation *out)
{
	out->rank = xcalloc((size_t)out->count, sizeof *out->rank);
	// Dependents have higher numbers: from the top down, theirs are known.
	for (int component = out->count - 1; component >= 0; component--) {
		double own = 0, above = 0;
		for (int i = out->first[component]; i < out->first[component + 1]; i++)
			own += graph_weight(graph, out->members[i]);
		for (int i = out->dependents_first[component]; i < out->dependents_first[component + 1]; i++)
			if (out->rank[out->dependents[i]] > above)
				above = out->rank[out->dependents[i]];
		out->rank[component] = own + above;
	}
}

static void fill(const struct graph *graph, const struct found *found, struct condensation *out)
{
	int nodes = graph_node_count(graph);
	cleanup_free int *final = final_numbers(graph, found);
	out->count = found->count;
	out->component_of = xmalloc((size_t)nodes * sizeof *out->component_of);
	for (int node = 0; node < nodes; node++)
		out->component_of[node] = final[found->of[node]];
	out->level = xmalloc((size_t)out->count * sizeof *out->level);
	for (int component = 0; component < found->count; component++)
		out->level[final[component]] = found->level[component];
	fill_members(graph, out);
	fill_rows(found, final, out);
	fill_ranks(graph, out);
}

int graph_condense(const struct graph *graph, struct condensation *out, struct error *err)
{
	struct found found = {0};
	int64_t begin = system_clock.monotonic(system_clock.context), middle = begin;
	memset(out, 0, sizeof *out);
	int status = find_components(graph, &found, err);
	if (!status) {
		middle = system_clock.monotonic(system_clock.context);
		connect_components(graph, &found);
		status = find_levels(&found, err);
	}
	if (!status) {
		fill(graph, &found, out);
		out->component_seconds = (double)(middle - begin) / 1e3;
		out->order_seconds = (double)(system_clock.monotonic(system_clock.context) - middle) / 1e3;
	}
	found_clear(&found);
	return status;
}

void condensation_clear(struct condensation *condensation)
{
	free(condensation->component_of);
	free(condensation->first);
	free(condensation->members);
	free(condensation->level);
	free(condensation->rank);
	free(condensation->needs_first);
	free(condensation->needs);
	free(condensation->dependents_first);
	free(condensation->dependents);
	memset(condensation, 0, sizeof *condensation);
}
