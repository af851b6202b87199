// Impact: everything that directly or indirectly needs a node.
#include "graphs/storage.h"

int graph_impact(const struct graph *graph, int node, int **out, int *count, struct error *err)
{
	const igraph_t *twin;
	igraph_vector_int_t reached;
	if (graph_twin(graph, &twin, err) || engine_check(igraph_vector_int_init(&reached, 0), "impact", err))
		return -1;
	if (engine_check(igraph_subcomponent(twin, &reached, node, IGRAPH_IN), "impact", err)) {
		igraph_vector_int_destroy(&reached);
		return -1;
	}
	int nodes = graph_node_count(graph), used = 0;
	const int *by_name = graph_by_name(graph);
	cleanup_free bool *is_reached = xcalloc((size_t)nodes, sizeof *is_reached);
	for (igraph_integer_t i = 0; i < igraph_vector_int_size(&reached); i++)
		is_reached[VECTOR(reached)[i]] = true;
	int *list = xmalloc((size_t)igraph_vector_int_size(&reached) * sizeof *list);
	igraph_vector_int_destroy(&reached);
	is_reached[node] = false;
	for (int i = 0; i < nodes; i++)
		if (is_reached[by_name[i]])
			list[used++] = by_name[i];
	*out = list;
	*count = used;
	return 0;
}
