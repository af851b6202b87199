// A layered layout for a picture: columns from left (needed) to right (needs),
// few crossings, short and straight lines. Lines that run over several columns
// get room of their own, so that no line passes behind a box; all dependents of one
// box share one trunk line, which branches where they are.
//
// igraph's own layered layout (igraph_layout_sugiyama) is not used: it spaces all
// vertices alike, so each passing line would take the room of a box, and it knows no
// shared trunks. A hundred nodes become unreadable that way.
#ifndef GRAPHS_LAYOUT_H
#define GRAPHS_LAYOUT_H

#include "core/vec.h"
#include "graphs/csr.h"

struct layout_box {
	double width, height; // given, pixels
	double x, y;          // result: top left corner
	int column;           // result, from the left
};

struct layout_run {
	int box;               // whose trunk this is a piece of
	double x1, y1, x2, y2; // from left to right; a straight line when y1 == y2, else an S curve
};

struct layout {
	double width, height;
	VEC(struct layout_run) runs; // by box, each box's from left to right
};

// needs: for each box the boxes left of it; box numbers are such that needs are smaller (leaf first).
void layout_make(struct layout_box *boxes, int count, const struct csr *needs, struct layout *out);
void layout_clear(struct layout *layout);

#endif
