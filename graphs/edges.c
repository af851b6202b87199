// Edge lists: "name<TAB>dep1 dep2 …" a line, lines end in LF or CR LF, empty
// lines are skipped. Names are any bytes but NUL, TAB, LF and the space that
// separates dependencies. A name has one line at most; a dependency without a
// line of its own is a node that needs nothing.
//
// Two passes: the first makes the nodes in the order of their lines (so that
// the numbering does not depend on who is mentioned where), the second the edges.
#include "graphs/label.h"
#include "graphs/storage.h"

enum { NAME_LIMIT = 64 * 1024, NODE_LIMIT = 100 * 1000 * 1000 };

struct reader {
	const char *what;
	struct slice rest;
	int64_t line; // number of the current one
	struct graph *graph;
	struct error *err;
};

static int fail(const struct reader *reader, const char *problem, struct slice name)
{
	cleanup_text struct text label = TEXT_INIT;
	label_add_cut(&label, name, 60);
	return error_set(reader->err, ERROR_INPUT, "%s:%lld: %s%s%s", reader->what, (long long)reader->line, problem,
			 label.len ? ": " : "", text_str(&label));
}

// The next line that is not empty.
static bool next_line(struct reader *reader, struct slice *line)
{
	while (slice_cut(&reader->rest, '\n', line)) {
		reader->line++;
		if (line->len && line->ptr[line->len - 1] == '\r')
			line->len--;
		if (line->len)
			return true;
	}
	return false;
}

static int check_name(const struct reader *reader, struct slice name)
{
	if (name.len > NAME_LIMIT)
		return fail(reader, "a name of more than 65,536 bytes", name);
	if (memchr(name.ptr, '\0', name.len))
		return fail(reader, "a NUL byte in a name", name);
	return graph_node_count(reader->graph) < NODE_LIMIT ? 0 : fail(reader, "more than 100,000,000 nodes", name);
}

static int fail_twice(struct reader *reader, struct slice data, struct slice name)
{
	struct reader again = {.rest = data};
	struct slice line, first = {0};
	while (next_line(&again, &line)) {
		slice_cut(&line, '\t', &first);
		if (slice_equal(first, name))
			break;
	}
	cleanup_text struct text problem = TEXT_INIT;
	text_addf(&problem, "a second line for a name that line %lld has", (long long)again.line);
	return fail(reader, text_str(&problem), name);
}

static int read_nodes(struct reader *reader, struct slice data)
{
	struct slice line, name;
	reader->rest = data;
	while (next_line(reader, &line)) {
		slice_cut(&line, '\t', &name);
		if (!name.len)
			return fail(reader, "no name before the tab", line);
		if (memchr(name.ptr, ' ', name.len))
			return fail(reader, "a space before the first tab; expected \"name<TAB>dep1 dep2 …\"", name);
		if (line.len && memchr(line.ptr, '\t', line.len))
			return fail(reader, "a second tab; expected \"name<TAB>dep1 dep2 …\"", name);
		int before = graph_node_count(reader->graph);
		if (check_name(reader, name))
			return -1;
		if (graph_add_slice(reader->graph, name, 1) < before)
			return fail_twice(reader, data, name);
	}
	return 0;
}

static int read_needs(struct reader *reader, struct slice data)
{
	struct slice line, name;
	reader->rest = data;
	reader->line = 0;
	for (int node = 0; next_line(reader, &line); node++) {
		slice_cut(&line, '\t', &name);
		while (slice_cut(&line, ' ', &name)) {
			if (!name.len)
				continue;
			int need = graph_find_slice(reader->graph, name);
			if (need < 0) {
				if (check_name(reader, name))
					return -1;
				need = graph_add_slice(reader->graph, name, 1);
			}
			graph_add_edge(reader->graph, node, need);
		}
	}
	return 0;
}

int graph_read_edges(struct slice data, const char *what, struct graph **out, struct error *err)
{
	struct reader reader = {.what = what, .graph = graph_new(), .err = err};
	if (read_nodes(&reader, data) || read_needs(&reader, data)) {
		graph_free(reader.graph);
		return -1;
	}
	*out = reader.graph;
	return 0;
}
