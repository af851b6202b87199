// Which edges of an acyclic graph are implied by longer paths.
#ifndef GRAPHS_REDUCE_H
#define GRAPHS_REDUCE_H

#include "graphs/csr.h"

// needs: rows with smaller numbers only (leaf first). Gives the transitive reduction: the fewest edges with the same
// reachability. Memory is count² / 8 bytes: for graphs that people look at.
void reduce_edges(const struct csr *needs, int count, struct csr *out);

#endif
