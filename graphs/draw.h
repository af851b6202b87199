// What the pictures share: how a state looks, and the rows of a graph in the
// order in which a picture names its nodes.
#ifndef GRAPHS_DRAW_H
#define GRAPHS_DRAW_H

#include "graphs/csr.h"
#include "graphs/graph.h"

// States differ by mark as well as by colour, for those who cannot tell the colours apart.
enum state_mark { MARK_RING, MARK_DOT, MARK_HALF, MARK_CROSS, MARK_BAR };

struct state_look {
	const char *state;       // word; NULL for a node without one
	const char *line, *fill; // colours, "#rrggbb"
	enum state_mark mark;
};

const struct state_look *state_look(const char *state); // never NULL; unknown words look like "waiting"
// All that are known, in the order of a legend; the first is the one without a state.
const struct state_look *state_looks(size_t *count);

// What each node needs, where node numbers are positions in order (all nodes, each once): sorted by position, so a
// picture does not depend on how the graph was put together.
void draw_rows(const struct graph *graph, const int *order, struct csr *out);

#endif
