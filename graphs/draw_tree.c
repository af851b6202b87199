// A tree for a terminal. Each node is shown in full once; later ones are
// marked, and so is one that needs itself through the line above it. No
// recursion: the path from the root is a stack of frames.
#include "graphs/draw.h"
#include "graphs/label.h"
#include "graphs/storage.h"

// Lines deeper than this would be mostly indentation; in a chain of a million nodes they would fill the disk.
enum { DEPTH_LIMIT = 64 };

struct frame {
	int node;      // position by name
	int next;      // into rows.items
	size_t indent; // length of the prefix of its own line
};

struct tree {
	const struct graph *graph;
	const int *by_name;
	struct csr rows; // positions by name
	bool *seen, *on_path;
	VEC(struct frame) path;
	struct text prefix;
	bool any_seen, any_cycle, any_deep;
	struct text *out;
};

// Writes the node's line; true when its needs are to follow.
static bool add_line(struct tree *tree, int node, const char *branch)
{
	bool has_needs = tree->rows.first[node] < tree->rows.first[node + 1];
	text_add_slice(tree->out, text_slice(&tree->prefix));
	text_add(tree->out, branch);
	label_add(tree->out, slice_of(graph_name(tree->graph, tree->by_name[node])));
	if (tree->on_path[node]) {
		text_add(tree->out, " (cycle)\n");
		tree->any_cycle = true;
		return false;
	}
	if (tree->seen[node]) {
		text_add(tree->out, " (*)\n");
		tree->any_seen = true;
		return false;
	}
	if (has_needs && tree->path.count == DEPTH_LIMIT) {
		text_add(tree->out, " …\n");
		tree->any_deep = true;
		return false;
	}
	text_add_char(tree->out, '\n');
	tree->seen[node] = true;
	return has_needs;
}

static void enter(struct tree *tree, int node, const char *indent)
{
	vec_push(&tree->path, (struct frame){node, tree->rows.first[node], tree->prefix.len});
	text_add(&tree->prefix, indent);
	tree->on_path[node] = true;
}

static void leave(struct tree *tree)
{
	struct frame *frame = vec_last(&tree->path);
	tree->on_path[frame->node] = false;
	tree->prefix.len = frame->indent;
	tree->prefix.ptr[frame->indent] = '\0';
	tree->path.count--;
}

static void add_root(struct tree *tree, int root)
{
	if (!add_line(tree, root, ""))
		return;
	enter(tree, root, "");
	while (tree->path.count) {
		struct frame *frame = vec_last(&tree->path);
		if (frame->next == tree->rows.first[frame->node + 1]) {
			leave(tree);
			continue;
		}
		int node = tree->rows.items[frame->next++];
		bool is_last = frame->next == tree->rows.first[frame->node + 1];
		if (add_line(tree, node, is_last ? "└── " : "├── "))
			enter(tree, node, is_last ? "    " : "│   ");
	}
}

static void add_notes(const struct tree *tree)
{
	if (tree->any_seen || tree->any_cycle || tree->any_deep)
		text_add_char(tree->out, '\n');
	if (tree->any_seen)
		text_add(tree->out, "(*) shown in full above\n");
	if (tree->any_cycle)
		text_add(tree->out, "(cycle) needs itself through the lines above\n");
	if (tree->any_deep)
		text_addf(tree->out, "… needs more; only %d levels are shown\n", DEPTH_LIMIT);
}

void graph_draw_tree(const struct graph *graph, const struct condensation *parts, const int *roots, int count,
		     struct text *out)
{
	size_t nodes = (size_t)graph_node_count(graph);
	struct tree tree = {.graph = graph, .by_name = graph_by_name(graph), .out = out};
	cleanup_free int *place = xcalloc(nodes, sizeof *place);
	draw_rows(graph, tree.by_name, &tree.rows);
	tree.seen = xcalloc(nodes, sizeof *tree.seen);
	tree.on_path = xcalloc(nodes, sizeof *tree.on_path);
	text_add(&tree.prefix, "");
	for (size_t i = 0; i < nodes; i++)
		place[tree.by_name[i]] = (int)i;
	for (int i = 0; i < count; i++)
		add_root(&tree, place[roots[i]]);
	for (size_t i = 0; !roots && i < nodes; i++) {
		int part = parts->component_of[tree.by_name[i]];
		// Of a cycle that nothing needs, the first member by name.
		if (parts->dependents_first[part] == parts->dependents_first[part + 1] &&
		    parts->members[parts->first[part]] == tree.by_name[i])
			add_root(&tree, (int)i);
	}
	add_notes(&tree);
	csr_clear(&tree.rows);
	free(tree.seen);
	free(tree.on_path);
	vec_clear(&tree.path);
	text_clear(&tree.prefix);
}
