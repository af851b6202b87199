// The looks of states, and rows by position.
#include "graphs/draw.h"

#include <string.h>

#include "core/memory.h"

static const struct state_look looks[] = {
	{NULL, "#b4bec9", "#f6f8fa", MARK_DOT},        {"native", "#1a7f37", "#d5f5dd", MARK_DOT},
	{"done", "#2da44e", "#e6f7ea", MARK_DOT},      {"bridged", "#1b7c83", "#dff3f4", MARK_DOT},
	{"running", "#0969da", "#e1f0fe", MARK_HALF},  {"leased", "#0969da", "#e1f0fe", MARK_HALF},
	{"ready", "#54a0e8", "#f3f9ff", MARK_RING},    {"waiting", "#a3aeb9", "#f8fafb", MARK_RING},
	{"delayed", "#bf8700", "#fff8d6", MARK_HALF},  {"blocked", "#bc4c00", "#fff0e3", MARK_BAR},
	{"cancelled", "#6e7781", "#eef1f4", MARK_BAR}, {"failed", "#cf222e", "#ffe9e7", MARK_CROSS},
	{"dead", "#82071e", "#ffe0de", MARK_CROSS},
};

const struct state_look *state_looks(size_t *count)
{
	*count = ARRAY_LENGTH(looks);
	return looks;
}

const struct state_look *state_look(const char *state)
{
	if (!state)
		return &looks[0];
	for (size_t i = 1; i < ARRAY_LENGTH(looks); i++)
		if (!strcmp(looks[i].state, state))
			return &looks[i];
	return state_look("waiting");
}

void draw_rows(const struct graph *graph, const int *order, struct csr *out)
{
	int nodes = graph_node_count(graph), used = 0;
	cleanup_free int *place = xcalloc((size_t)nodes, sizeof *place);
	struct csr_pair *pairs = xcalloc((size_t)graph_edge_count(graph), sizeof *pairs);
	for (int i = 0; i < nodes; i++)
		place[order[i]] = i;
	for (int i = 0; i < nodes; i++) {
		int count;
		const int *needs = graph_needs(graph, order[i], &count);
		for (int j = 0; j < count; j++)
			pairs[used++] = (struct csr_pair){i, place[needs[j]]};
	}
	csr_build(out, nodes, pairs, (size_t)used);
	free(pairs);
}
