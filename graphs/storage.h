// What the files of this room know about a graph and others do not: its nodes
// by name, its rows, its igraph twin. Rows, name order and twin are made when
// first asked for and dropped by the next change; that is why a graph is not
// for several threads, not even for reading.
#ifndef GRAPHS_STORAGE_H
#define GRAPHS_STORAGE_H

#include <igraph/igraph.h>

#include "graphs/csr.h"
#include "graphs/graph.h"

// Like graph_add_node, for a name without NUL inside.
int graph_add_slice(struct graph *graph, struct slice name, double weight);
int graph_find_slice(const struct graph *graph, struct slice name);

const struct csr *graph_rows(const struct graph *graph);          // what each node needs
const struct csr *graph_reversed_rows(const struct graph *graph); // what needs each node
const int *graph_by_name(const struct graph *graph);              // all nodes in the order of their names, bytewise
int graph_twin(const struct graph *graph, const igraph_t **out, struct error *err);

// Every call of igraph goes through this: `if (engine_check(igraph_…(…), "topological order", err))`.
int engine_check(igraph_error_t status, const char *what, struct error *err);
// The rows as an igraph graph; the caller destroys it.
int engine_make(const struct csr *rows, int count, igraph_t *out, struct error *err);

#endif
