// DOT: nodes with their state's colour, cycles as clusters. Ids are places in
// the leaf-first order, so any name is safe; an arrow goes from what needs to what is needed.
#include "graphs/draw.h"
#include "graphs/label.h"

static void add_quoted(struct text *out, const char *name)
{
	cleanup_text struct text label = TEXT_INIT;
	label_add(&label, slice_of(name));
	text_add_char(out, '"');
	for (size_t i = 0; i < label.len; i++) {
		if (label.ptr[i] == '"' || label.ptr[i] == '\\')
			text_add_char(out, '\\');
		text_add_char(out, label.ptr[i]);
	}
	text_add_char(out, '"');
}

static void add_node(const struct graph *graph, int place, int node, const char *const *state, const char *indent,
		     struct text *out)
{
	text_addf(out, "%sn%d [label=", indent, place);
	add_quoted(out, graph_name(graph, node));
	if (state && state[node]) {
		const struct state_look *look = state_look(state[node]);
		text_addf(out, ", color=\"%s\", fillcolor=\"%s\", tooltip=", look->line, look->fill);
		add_quoted(out, state[node]);
	}
	text_add(out, "];\n");
}

void graph_draw_dot(const struct graph *graph, const struct condensation *parts, const char *const *state,
		    struct text *out)
{
	const struct state_look *plain = state_look(NULL);
	text_add(out, "digraph needs {\n"
		      "  rankdir=RL; ranksep=0.6; nodesep=0.15;\n");
	text_addf(out,
		  "  node [shape=box, style=\"rounded,filled\", color=\"%s\", fillcolor=\"%s\", fontcolor=\"#24292f\", "
		  "fontname=\"Helvetica\", fontsize=11, height=0.3, margin=\"0.12,0.04\"];\n"
		  "  edge [color=\"#9aa7b4\", arrowsize=0.6];\n",
		  plain->line, plain->fill);
	for (int part = 0; part < parts->count; part++) {
		int begin = parts->first[part], end = parts->first[part + 1];
		if (end - begin == 1) {
			add_node(graph, begin, parts->members[begin], state, "  ", out);
			continue;
		}
		text_addf(out,
			  "  subgraph cluster_%d {\n    label=\"cycle of %d\"; fontname=\"Helvetica\"; fontsize=10;\n"
			  "    style=\"rounded,dashed\"; color=\"#8b6fb3\"; fontcolor=\"#8b6fb3\";\n",
			  part, end - begin);
		for (int i = begin; i < end; i++)
			add_node(graph, i, parts->members[i], state, "    ", out);
		text_add(out, "  }\n");
	}
	struct csr rows;
	draw_rows(graph, parts->members, &rows);
	for (int i = 0; i < graph_node_count(graph); i++)
		for (int j = rows.first[i]; j < rows.first[i + 1]; j++)
			text_addf(out, "  n%d -> n%d;\n", i, rows.items[j]);
	csr_clear(&rows);
	text_add(out, "}\n");
}
