// The vertices of a layout under way: boxes, and the points where a trunk line
// crosses a column. Edges join neighbouring columns only.
#ifndef GRAPHS_LAYERS_H
#define GRAPHS_LAYERS_H

#include <stdbool.h>

#include "graphs/csr.h"

struct layers {
	int boxes;              // vertices below this are boxes, the others are passing points
	int count;              // of vertices
	int *column;            // [vertex]
	int *owner;             // [vertex] the box whose trunk it belongs to; a box is its own
	double *half;           // [vertex] half its height; 0 for passing points
	double *y;              // [vertex] its middle
	struct csr left, right; // neighbours in the column before and after
	int columns;
	int *begin;    // [columns + 1] into order
	int *order;    // vertices, column by column from the top
	int *position; // [vertex] index within its column
};

// Orders the vertices of each column so that few lines cross.
void layers_order(struct layers *layers);
// Gives each vertex its y: as near to its neighbours as order and gaps allow. The topmost edge is at 0.
void layers_place(struct layers *layers);

#endif
