// A directed graph with named nodes: an edge A → B says "A needs B". igraph is
// the engine (components, topological order, reachability); this is the part
// that the rest of the program sees.
//
// Nodes are numbered in the order of graph_add_node; every order that this
// room gives breaks ties by node name, bytewise, so that runs repeat.
#ifndef GRAPHS_GRAPH_H
#define GRAPHS_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/text.h"
#include "core/vec.h"

struct graph; // opaque
struct graph *graph_new(void);
void graph_free(struct graph *graph);
int graph_add_node(struct graph *graph, const char *name, double weight); // returns its number; an existing name returns that one (weight kept)
int graph_find(const struct graph *graph, const char *name);              // -1
void graph_add_edge(struct graph *graph, int from, int to);              // duplicates are kept once; self-loops allowed
int graph_node_count(const struct graph *graph);
int64_t graph_edge_count(const struct graph *graph);
const char *graph_name(const struct graph *graph, int node);
double graph_weight(const struct graph *graph, int node);
// Neighbours, sorted by number. Pointers are valid until the next change.
const int *graph_needs(const struct graph *graph, int node, int *count);
const int *graph_needed_by(const struct graph *graph, int node, int *count);

// Strongly connected components, and the graph of them.
struct condensation {
	int count;            // components, numbered leaf first: a component's needs have smaller numbers
	int *component_of;    // [node]
	int *first;           // [count + 1] into members
	int *members;         // nodes of each component, sorted by name
	int *level;           // [count] 0 for leaves, else 1 + the highest level of its needs
	double *rank;         // [count] own weight + heaviest chain of dependents (what waits for it), see notes/queue.md
	int *needs_first, *needs; // CSR of the component graph, [count + 1]
	int *dependents_first, *dependents;
};
int graph_condense(const struct graph *graph, struct condensation *out, struct error *err);
void condensation_clear(struct condensation *condensation);

// All nodes that directly or indirectly need `node` (what fails or waits if it does), sorted by name, without itself.
int graph_impact(const struct graph *graph, int node, int **out, int *count, struct error *err);

struct graph_statistics {
	int64_t nodes, edges, self_loops, components, nontrivial_components, largest_component, levels, longest_path;
};
int graph_statistics(const struct graph *graph, struct graph_statistics *out, struct error *err);

// Edge lists: "name<TAB>dep1 dep2 …" a line.
int graph_read_edges(struct slice data, const char *what, struct graph **out, struct error *err);

// Pictures. state may be NULL, else a word for each node ("done", "failed", "running", "waiting") that gives its colour.
void graph_draw_dot(const struct graph *graph, const struct condensation *condensation, const char *const *state, struct text *out);
void graph_draw_svg(const struct graph *graph, const struct condensation *condensation, const char *const *state, struct text *out);
void graph_draw_tree(const struct graph *graph, const int *roots, int count, struct text *out); // for a terminal
#endif
