// Statistics of a graph: counts, components, how deep it is.
#include "graphs/graph.h"

int graph_statistics(const struct graph *graph, struct graph_statistics *out, struct error *err)
{
	struct condensation parts;
	if (graph_condense(graph, &parts, err))
		return -1;
	*out = (struct graph_statistics){.nodes = graph_node_count(graph),
					 .edges = graph_edge_count(graph),
					 .components = parts.count,
					 .component_seconds = parts.component_seconds,
					 .order_seconds = parts.order_seconds};
	for (int node = 0; node < out->nodes; node++) {
		int count;
		const int *needs = graph_needs(graph, node, &count);
		for (int i = 0; i < count; i++)
			out->self_loops += needs[i] == node;
	}
	for (int component = 0; component < parts.count; component++) {
		int size = parts.first[component + 1] - parts.first[component];
		out->nontrivial_components += size > 1;
		if (out->largest_component < size)
			out->largest_component = size;
		if (out->levels <= parts.level[component])
			out->levels = parts.level[component] + 1;
	}
	out->longest_path = out->levels ? out->levels - 1 : 0;
	condensation_clear(&parts);
	return 0;
}
