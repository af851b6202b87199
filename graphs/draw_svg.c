// SVG: one box a component, a cycle as a frame with its members and the edges
// among them; trunk lines from needed to needing; a legend that explains what
// is there and nothing else. No scripts, no fonts, no links: the file stands alone.
#include <math.h>
#include <string.h>

#include "graphs/draw.h"
#include "graphs/label.h"
#include "graphs/layout.h"
#include "graphs/reduce.h"
#include "graphs/svg.h"

// More than this many boxes or nodes is a hairball in any layout.
enum { BOX_LIMIT = 1500, NODE_LIMIT = 3000, LABEL_COLUMNS = 44, ARC_LIMIT = 150, LIST_LIMIT = 12 };
// With more boxes, edges that longer paths imply are left out (and counted in the legend).
enum { DETAIL_BOXES = 24 };

static const double MARGIN = 28, PILL_HEIGHT = 25, MEMBER_GAP = 6, FRAME_PADDING = 10, FRAME_HEADER = 20;

struct picture {
	const struct graph *graph;
	const struct condensation *parts;
	const char *const *state;
	struct csr rows;  // positions in parts->members
	struct csr needs; // between components, as drawn
	struct layout_box *boxes;
	struct layout layout;
	double heaviest; // weight of the heaviest node; 0 when all are alike
	double bar;      // length of its bar: what fits into the narrowest box
	int omitted;     // edges between components that are not drawn
	int cycles;
	struct text *out;
};

// ---- measures --------------------------------------------------------------------------------------------------------

static void add_label(const struct picture *picture, int node, struct text *out)
{
	label_add_cut(out, slice_of(graph_name(picture->graph, node)), LABEL_COLUMNS);
}

static double label_start(const struct picture *picture)
{
	return picture->state ? 23 : 11; // room for the mark
}

static double pill_width(const struct picture *picture, int node)
{
	cleanup_text struct text label = TEXT_INIT;
	add_label(picture, node, &label);
	return ceil(label_start(picture) + svg_text_width(text_str(&label)) + 11);
}

static int part_size(const struct picture *picture, int part)
{
	return picture->parts->first[part + 1] - picture->parts->first[part];
}

// Edges among the members of a component, self-loops included.
static int inner_edges(const struct picture *picture, int part)
{
	int count = 0, begin = picture->parts->first[part], end = picture->parts->first[part + 1];
	for (int i = begin; i < end; i++)
		for (int j = picture->rows.first[i]; j < picture->rows.first[i + 1]; j++)
			count += picture->rows.items[j] >= begin && picture->rows.items[j] < end;
	return count;
}

static double arc_room(const struct picture *picture, int part)
{
	int size = part_size(picture, part);
	return inner_edges(picture, part) > ARC_LIMIT ? 0 : 16 + 5.0 * (size < 8 ? size : 8);
}

static double members_width(const struct picture *picture, int part)
{
	double widest = 0;
	for (int i = picture->parts->first[part]; i < picture->parts->first[part + 1]; i++)
		widest = fmax(widest, pill_width(picture, picture->parts->members[i]));
	return widest;
}

static void measure(struct picture *picture)
{
	for (int part = 0; part < picture->parts->count; part++) {
		int size = part_size(picture, part);
		struct layout_box *box = &picture->boxes[part];
		box->width = members_width(picture, part);
		box->height = PILL_HEIGHT;
		if (size > 1) {
			picture->cycles++;
			box->width = fmax(box->width + arc_room(picture, part), 120) + 2 * FRAME_PADDING;
			box->height = FRAME_HEADER + size * (PILL_HEIGHT + MEMBER_GAP) - MEMBER_GAP + FRAME_PADDING;
		}
	}
	double lightest = INFINITY;
	picture->bar = 60;
	for (int node = 0; node < graph_node_count(picture->graph); node++) {
		picture->bar = fmin(picture->bar, pill_width(picture, node) - 10);
		lightest = fmin(lightest, graph_weight(picture->graph, node));
		picture->heaviest = fmax(picture->heaviest, graph_weight(picture->graph, node));
	}
	if (!(picture->heaviest > lightest))
		picture->heaviest = 0;
}

// ---- pieces ----------------------------------------------------------------------------------------------------------

static void add_mark(struct text *out, const struct state_look *look, double x, double y)
{
	if (look->mark == MARK_CROSS || look->mark == MARK_BAR) {
		text_addf(out, "<path stroke=\"%s\" stroke-width=\"2\" d=\"", look->line);
		double slant = look->mark == MARK_CROSS ? 3.2 : 0;
		svg_add_point(out, "M", x - (slant ? slant : 4), y - slant);
		svg_add_point(out, "L", x + (slant ? slant : 4), y + slant);
		if (slant) {
			svg_add_point(out, "M", x - slant, y + slant);
			svg_add_point(out, "L", x + slant, y - slant);
		}
		text_add(out, "\"/>");
		return;
	}
	text_addf(out, "<circle stroke=\"%s\" stroke-width=\"1.5\" fill=\"%s\"", look->line,
		  look->mark == MARK_DOT ? look->line : "#fff");
	svg_add_attribute(out, "cx", x);
	svg_add_attribute(out, "cy", y);
	text_add(out, " r=\"3.6\"/>");
	if (look->mark == MARK_HALF) {
		text_addf(out, "<path stroke=\"none\" fill=\"%s\" d=\"", look->line);
		svg_add_point(out, "M", x, y - 3.6);
		text_add(out, "a3.6 3.6 0 0 1 0 7.2z\"/>");
	}
}

static void add_names(const struct picture *picture, const char *head, const int *nodes, int count, struct text *out)
{
	if (!count)
		return;
	text_addf(out, "\n%s %d: ", head, count);
	for (int i = 0; i < count && i < LIST_LIMIT; i++) {
		text_add(out, i ? ", " : "");
		label_add_cut(out, slice_of(graph_name(picture->graph, nodes[i])), LABEL_COLUMNS);
	}
	if (count > LIST_LIMIT)
		text_add(out, ", …");
}

static void add_tooltip(const struct picture *picture, int place)
{
	int node = picture->parts->members[place], count = picture->rows.first[place + 1] - picture->rows.first[place];
	cleanup_text struct text tip = TEXT_INIT;
	cleanup_free int *needs = xcalloc((size_t)count, sizeof *needs);
	label_add(&tip, slice_of(graph_name(picture->graph, node)));
	if (picture->state && picture->state[node])
		text_addf(&tip, " (%s)", picture->state[node]);
	for (int i = 0; i < count; i++)
		needs[i] = picture->parts->members[picture->rows.items[picture->rows.first[place] + i]];
	add_names(picture, "needs", needs, count, &tip);
	graph_needed_by(picture->graph, node, &count);
	if (count)
		text_addf(&tip, "\nneeded by %d", count);
	text_add(picture->out, "<title>");
	label_add_xml(picture->out, text_slice(&tip));
	text_add(picture->out, "</title>");
}

static void add_pill(const struct picture *picture, int place, double x, double y, double width)
{
	int node = picture->parts->members[place];
	struct text *out = picture->out;
	const struct state_look *look = state_look(picture->state ? picture->state[node] : NULL);
	cleanup_text struct text label = TEXT_INIT;
	add_label(picture, node, &label);
	text_add(out, "<g>");
	add_tooltip(picture, place);
	svg_add_rectangle(out, x, y, width, PILL_HEIGHT, 5);
	text_addf(out, " fill=\"%s\" stroke=\"%s\"/>", look->fill, look->line);
	if (picture->state && picture->state[node])
		add_mark(out, look, x + 12, y + PILL_HEIGHT / 2);
	if (picture->heaviest > 0) {
		double part = fmin(1, fmax(0, graph_weight(picture->graph, node) / picture->heaviest));
		svg_add_rectangle(out, x + 5, y + PILL_HEIGHT - 3.5, fmax(1, picture->bar * part), 2, 1);
		text_addf(out, " fill=\"%s\"/>", look->line);
	}
	svg_add_text(out, "", x + label_start(picture), y + PILL_HEIGHT / 2 + 4.2, text_slice(&label));
	text_add(out, "</g>\n");
}

static void add_self_loop(const struct picture *picture, double x, double y, double width)
{
	text_add(picture->out, "<path class=\"c\" marker-end=\"url(#a)\" d=\"");
	svg_add_point(picture->out, "M", x + width - 24, y);
	text_add(picture->out, "c0 -10 12 -10 12 -1\"/>\n");
}

static bool has_edge(const struct picture *picture, int from, int to)
{
	for (int i = picture->rows.first[from]; i < picture->rows.first[from + 1]; i++)
		if (picture->rows.items[i] == to)
			return true;
	return false;
}

static void add_arcs(const struct picture *picture, int part, double x, double y, double room)
{
	int begin = picture->parts->first[part], end = picture->parts->first[part + 1];
	for (int i = begin; i < end; i++)
		for (int j = picture->rows.first[i]; j < picture->rows.first[i + 1]; j++) {
			int to = picture->rows.items[j];
			if (to < begin || to >= end || to == i)
				continue;
			// Down on the near side of the middle, up on the far one: both ways of a pair stay apart.
			double shift = to > i ? 3 : -3, bulge = fmin(8 + 8.0 * abs(to - i), room * 1.3);
			double y1 = y + (i - begin) * (PILL_HEIGHT + MEMBER_GAP) + PILL_HEIGHT / 2 + shift;
			double y2 = y + (to - begin) * (PILL_HEIGHT + MEMBER_GAP) + PILL_HEIGHT / 2 + shift;
			text_add(picture->out, "<path class=\"c\" marker-end=\"url(#a)\" d=\"");
			svg_add_point(picture->out, "M", x, y1);
			svg_add_point(picture->out, "C", x + bulge, y1);
			svg_add_point(picture->out, " ", x + bulge, y2);
			svg_add_point(picture->out, " ", x + 1, y2);
			text_add(picture->out, "\"/>\n");
		}
}

static void add_part(const struct picture *picture, int part)
{
	const struct layout_box *box = &picture->boxes[part];
	double x = box->x + MARGIN, y = box->y + MARGIN;
	int begin = picture->parts->first[part], end = picture->parts->first[part + 1];
	if (end - begin == 1) {
		add_pill(picture, begin, x, y, box->width);
		if (has_edge(picture, begin, begin))
			add_self_loop(picture, x, y, box->width);
		return;
	}
	int edges = inner_edges(picture, part);
	double room = arc_room(picture, part), width = box->width - 2 * FRAME_PADDING - room;
	cleanup_text struct text head = TEXT_INIT;
	text_addf(&head, room > 0 ? "cycle of %d" : "cycle of %d, %d edges", end - begin, edges);
	svg_add_rectangle(picture->out, x, y, box->width, box->height, 8);
	text_add(picture->out, " class=\"f\"/>");
	svg_add_text(picture->out, "h", x + FRAME_PADDING, y + 14, text_slice(&head));
	text_add_char(picture->out, '\n');
	for (int i = begin; i < end; i++) {
		double top = y + FRAME_HEADER + (i - begin) * (PILL_HEIGHT + MEMBER_GAP);
		add_pill(picture, i, x + FRAME_PADDING, top, width);
		if (has_edge(picture, i, i))
			add_self_loop(picture, x + FRAME_PADDING, top, width);
	}
	if (room > 0)
		add_arcs(picture, part, x + FRAME_PADDING + width, y + FRAME_HEADER, room);
}

static void add_lines(const struct picture *picture)
{
	struct text *out = picture->out;
	int box = -1;
	double at_x = -1, at_y = -1;
	vec_each (&picture->layout.runs, run) {
		double x1 = run->x1 + MARGIN, x2 = run->x2 + MARGIN, y1 = run->y1 + MARGIN, y2 = run->y2 + MARGIN;
		if (run->box != box) {
			text_add(out, box < 0 ? "<path class=\"e\" d=\"" : "\"/>\n<path class=\"e\" d=\"");
			box = run->box;
			at_x = -1;
		}
		if (at_x != x1 || at_y != y1)
			svg_add_point(out, "M", x1, y1);
		if (fabs(y1 - y2) < 0.05) {
			text_add_char(out, 'H');
			svg_add_number(out, x2);
		} else {
			svg_add_point(out, "C", (x1 + x2) / 2, y1);
			svg_add_point(out, " ", (x1 + x2) / 2, y2);
			svg_add_point(out, " ", x2, y2);
		}
		at_x = x2;
		at_y = y2;
	}
	if (box >= 0)
		text_add(out, "\"/>\n");
}

// ---- legend ----------------------------------------------------------------------------------------------------------

// One entry of the legend at *x, which moves on. out may be NULL: only measured.
static void add_state(const struct state_look *look, const char *word, int count, double *x, double y, struct text *out)
{
	if (!count)
		return;
	cleanup_text struct text label = TEXT_INIT;
	text_addf(&label, "%s %d", word, count);
	if (out) {
		add_mark(out, look, *x + 5, y - 4);
		svg_add_text(out, "l", *x + 14, y, text_slice(&label));
		text_add_char(out, '\n');
	}
	*x += 14 + svg_text_width(text_str(&label)) + 16;
}

static double add_states(const struct picture *picture, double x, double y, struct text *out)
{
	size_t kinds;
	const struct state_look *looks = state_looks(&kinds);
	int nodes = graph_node_count(picture->graph), others = 0;
	for (int node = 0; picture->state && node < nodes; node++)
		others += picture->state[node] != NULL;
	for (size_t kind = 1; picture->state && kind < kinds; kind++) {
		int count = 0;
		for (int node = 0; node < nodes; node++)
			count += picture->state[node] && !strcmp(picture->state[node], looks[kind].state);
		add_state(&looks[kind], looks[kind].state, count, &x, y, out);
		others -= count;
	}
	add_state(state_look(""), "other", others, &x, y, out);
	return x;
}

static void legend_text(const struct picture *picture, struct text *out)
{
	int nodes = graph_node_count(picture->graph);
	long long edges = (long long)graph_edge_count(picture->graph);
	int levels = picture->parts->count ? picture->parts->level[picture->parts->count - 1] + 1 : 0;
	text_addf(out, "%d node%s, %lld edge%s, %d level%s", nodes, nodes == 1 ? "" : "s", edges, edges == 1 ? "" : "s",
		  levels, levels == 1 ? "" : "s");
	if (picture->cycles)
		text_addf(out, ", %d cycle%s", picture->cycles, picture->cycles == 1 ? "" : "s");
	if (edges)
		text_add(out, "  ·  left is needed by right");
	if (picture->omitted)
		text_addf(out, "  ·  %d edge%s that longer paths imply not drawn", picture->omitted,
			  picture->omitted == 1 ? "" : "s");
	if (picture->heaviest > 0)
		text_add(out, "  ·  bar: weight");
}

static void add_picture(const struct picture *picture)
{
	struct text *out = picture->out;
	cleanup_text struct text legend = TEXT_INIT;
	legend_text(picture, &legend);
	double states_width = add_states(picture, 0, 0, NULL);
	double width = fmax(picture->layout.width, fmax(svg_text_width(text_str(&legend)), states_width)) + 2 * MARGIN;
	double legend_top = picture->layout.height + 2 * MARGIN;
	double height = legend_top + (picture->state ? 44 : 24);
	text_add(out, "<svg xmlns=\"http://www.w3.org/2000/svg\"");
	svg_add_attribute(out, "width", width);
	svg_add_attribute(out, "height", height);
	text_add(out, " viewBox=\"0 0 ");
	svg_add_point(out, "", width, height);
	text_add(out,
		 "\" font-family=\"'Helvetica Neue',Helvetica,Arial,'Liberation Sans','DejaVu Sans',sans-serif\" "
		 "font-size=\"12\">\n<style>"
		 "text{fill:#24292f}.l{fill:#57606a;font-size:11px}.h{fill:#7d5fa8;font-size:11px}"
		 ".e{fill:none;stroke:#a9b7c6;stroke-width:1.2}.e:hover{stroke:#0969da;stroke-width:2}"
		 ".f{fill:#faf8fd;stroke:#b79fd6;stroke-dasharray:5 3}.c{fill:none;stroke:#9273bf;stroke-width:1.1}"
		 "</style>\n<defs><marker id=\"a\" viewBox=\"0 0 6 6\" refX=\"5\" refY=\"3\" markerWidth=\"5\" "
		 "markerHeight=\"5\" orient=\"auto\"><path d=\"M0 0L6 3L0 6z\" fill=\"#9273bf\"/></marker></defs>\n"
		 "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
	add_lines(picture);
	for (int part = 0; part < picture->parts->count; part++)
		add_part(picture, part);
	if (picture->state)
		add_states(picture, MARGIN, legend_top + 6, out);
	svg_add_text(out, "l", MARGIN, legend_top + (picture->state ? 26 : 6), text_slice(&legend));
	text_add(out, "\n</svg>\n");
}

int graph_draw_svg(const struct graph *graph, const struct condensation *parts, const char *const *state,
		   struct text *out, struct error *err)
{
	if (parts->count > BOX_LIMIT || graph_node_count(graph) > NODE_LIMIT)
		return error_set(
			err, ERROR_USAGE,
			"a picture of %d nodes cannot be read (at most %d): draw a part of the graph, or use a tree, "
			"or DOT with a program that zooms",
			graph_node_count(graph), BOX_LIMIT);
	struct csr all = {parts->needs_first, parts->needs};
	struct picture picture = {.graph = graph, .parts = parts, .state = state, .out = out};
	picture.boxes = xcalloc((size_t)parts->count, sizeof *picture.boxes);
	draw_rows(graph, parts->members, &picture.rows);
	if (parts->count > DETAIL_BOXES) {
		reduce_edges(&all, parts->count, &picture.needs);
		picture.omitted = all.first[parts->count] - picture.needs.first[parts->count];
	}
	measure(&picture);
	layout_make(picture.boxes, parts->count, picture.needs.first ? &picture.needs : &all, &picture.layout);
	add_picture(&picture);
	layout_clear(&picture.layout);
	csr_clear(&picture.needs);
	csr_clear(&picture.rows);
	free(picture.boxes);
	return 0;
}
