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

// Once, before anything else of this room: igraph's errors come back instead of ending the process.
void graphs_init(void);

struct graph; // opaque; not for several threads, not even for reading
struct graph *graph_new(void);
void graph_free(struct graph *graph);
int graph_add_node(struct graph *graph, const char *name,
		   double weight); // returns its number; an existing name returns that one (weight kept)
int graph_find(const struct graph *graph, const char *name); // -1
void graph_add_edge(struct graph *graph, int from, int to);  // duplicates are kept once; self-loops allowed
int graph_node_count(const struct graph *graph);
int64_t graph_edge_count(const struct graph *graph);
const char *graph_name(const struct graph *graph, int node);
double graph_weight(const struct graph *graph, int node);
// Neighbours, sorted by number. Pointers are valid until the next change.
const int *graph_needs(const struct graph *graph, int node, int *count);
const int *graph_needed_by(const struct graph *graph, int node, int *count);

// Strongly connected components, and the graph of them.
struct condensation {
	int count; // components, numbered by level, then by name of the first member: leaf first, needs are smaller
	int *component_of; // [node]
	int *first;        // [count + 1] into members
	int *members;      // nodes of each component, sorted by name
	int *level;        // [count] 0 for leaves, else 1 + the highest level of its needs
	double *rank;      // [count] own weight + heaviest chain of dependents (what waits for it), see notes/queue.md
	int *needs_first, *needs; // CSR of the component graph, [count + 1]; sorted by number
	int *dependents_first, *dependents;
	double component_seconds, order_seconds; // how long it took: finding the components; order, levels, ranks
};
int graph_condense(const struct graph *graph, struct condensation *out, struct error *err);
void condensation_clear(struct condensation *condensation);

// All nodes that directly or indirectly need `node` (what fails or waits if it does), sorted by name, without itself.
int graph_impact(const struct graph *graph, int node, int **out, int *count, struct error *err);

struct graph_statistics {
	int64_t nodes, edges, self_loops, components;
	int64_t nontrivial_components; // with several nodes
	int64_t largest_component;
	int64_t levels,
		longest_path; // longest_path: edges on the longest chain of the condensation; levels is one more (0 of no nodes)
	double component_seconds, order_seconds; // "scc" and "order" of gophersnake.graph/1
};
int graph_statistics(const struct graph *graph, struct graph_statistics *out, struct error *err);

// Edge lists: "name<TAB>dep1 dep2 …" a line, in UTF-8 or any other bytes but NUL. A dependency without a line of its own
// is a node that needs nothing; a second line for one name, and whatever else is wrong, is ERROR_INPUT "what:line: …".
// Nodes are numbered in the order of their lines, weight 1.
int graph_read_edges(struct slice data, const char *what, struct graph **out, struct error *err);

// Pictures. state may be NULL, else a word for each node ("done", "failed", "running", "waiting", …: graphs/draw.c) that
// gives its colour and mark; NULL for a node without one. Names are shown as graphs/label.h says.
void graph_draw_dot(const struct graph *graph, const struct condensation *condensation, const char *const *state,
		    struct text *out);
// Layered, from what is needed (left) to what needs (right). More nodes than can be read are ERROR_USAGE.
int graph_draw_svg(const struct graph *graph, const struct condensation *condensation, const char *const *state,
		   struct text *out, struct error *err);
// For a terminal. roots NULL: everything that nothing else needs, by name.
void graph_draw_tree(const struct graph *graph, const struct condensation *condensation, const int *roots, int count,
		     struct text *out);
#endif
