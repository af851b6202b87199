// Shows what graphs/ makes of edge lists, for tests/differential/graphs.py and
// for looking at pictures and speed by hand.
//
//     graphs_driver facts              reads "<bytes>\n<edge list>" again and again, answers each with a JSON line
//     graphs_driver svg|dot|tree FILE  draws; a fourth argument colours nodes by turns with the states that it lists
//     graphs_driver time FILE          load, condense, order: seconds, and the process's peak memory
//     graphs_driver statistics FILE    one JSON line
#include <stdio.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/json.h"
#include "graphs/graph.h"

enum { LIMIT = 1 << 30, PICTURE_NODES = 60 };

static json_t *numbers(const int *items, int count)
{
	json_t *array = json_array();
	for (int i = 0; i < count; i++)
		json_array_append_new(array, json_integer(items[i]));
	return array;
}

static json_t *rows(const int *first, const int *items, int count)
{
	json_t *array = json_array();
	for (int i = 0; i < count; i++)
		json_array_append_new(array, numbers(items + first[i], first[i + 1] - first[i]));
	return array;
}

static json_t *statistics_to_json(const struct graph *graph, struct error *err)
{
	struct graph_statistics s;
	if (graph_statistics(graph, &s, err))
		return NULL;
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "nodes", (json_int_t)s.nodes, "edges",
			 (json_int_t)s.edges, "self_loops", (json_int_t)s.self_loops, "components",
			 (json_int_t)s.components, "nontrivial_components", (json_int_t)s.nontrivial_components,
			 "largest_component", (json_int_t)s.largest_component, "levels", (json_int_t)s.levels,
			 "longest_path", (json_int_t)s.longest_path);
}

static json_t *impacts(const struct graph *graph, struct error *err)
{
	json_t *array = json_array();
	for (int node = 0; node < graph_node_count(graph); node++) {
		int *nodes = NULL, count = 0;
		if (graph_impact(graph, node, &nodes, &count, err)) {
			json_decref(array);
			return NULL;
		}
		json_array_append_new(array, numbers(nodes, count));
		free(nodes);
	}
	return array;
}

static json_t *pictures(const struct graph *graph, const struct condensation *parts)
{
	cleanup_text struct text svg = TEXT_INIT, dot = TEXT_INIT, tree = TEXT_INIT;
	struct error err = ERROR_INIT;
	if (graph_node_count(graph) > PICTURE_NODES || graph_draw_svg(graph, parts, NULL, &svg, &err))
		return json_null();
	graph_draw_dot(graph, parts, NULL, &dot);
	graph_draw_tree(graph, parts, NULL, 0, &tree);
	return json_pack("{s:s, s:s, s:s}", "svg", text_str(&svg), "dot", text_str(&dot), "tree", text_str(&tree));
}

static json_t *facts(const struct graph *graph, struct error *err)
{
	struct condensation parts;
	json_t *statistics = statistics_to_json(graph, err), *impact = impacts(graph, err);
	if (!statistics || !impact || graph_condense(graph, &parts, err))
		return NULL;
	json_t *needs = json_array(), *needed_by = json_array(), *ranks = json_array();
	for (int node = 0; node < graph_node_count(graph); node++) {
		int count;
		const int *items = graph_needs(graph, node, &count);
		json_array_append_new(needs, numbers(items, count));
		items = graph_needed_by(graph, node, &count);
		json_array_append_new(needed_by, numbers(items, count));
	}
	for (int i = 0; i < parts.count; i++)
		json_array_append_new(ranks, json_real(parts.rank[i]));
	json_t *json = json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "pictures", pictures(graph, &parts),
		"statistics", statistics, "impact", impact, "needs", needs, "needed_by", needed_by, "component_of",
		numbers(parts.component_of, graph_node_count(graph)), "members",
		rows(parts.first, parts.members, parts.count), "levels", numbers(parts.level, parts.count), "ranks",
		ranks, "component_needs", rows(parts.needs_first, parts.needs, parts.count), "component_dependents",
		rows(parts.dependents_first, parts.dependents, parts.count));
	condensation_clear(&parts);
	return json;
}

static int answer_all(void)
{
	size_t bytes;
	while (scanf("%zu", &bytes) == 1 && getchar() == '\n') {
		struct error err = ERROR_INIT;
		cleanup_free char *data = xmalloc(bytes + 1);
		if (bytes && fread(data, 1, bytes, stdin) != bytes)
			return 1;
		struct graph *graph = NULL;
		cleanup_json json_t *json = NULL;
		if (!graph_read_edges((struct slice){data, bytes}, "stdin", &graph, &err))
			json = facts(graph, &err);
		if (!json)
			json = json_pack("{s:s}", "error", err.text);
		cleanup_text struct text line = TEXT_INIT;
		json_write_compact(json, &line);
		puts(text_str(&line));
		fflush(stdout);
		graph_free(graph);
	}
	return 0;
}

static int draw(const char *kind, const struct graph *graph, char *states, struct error *err)
{
	struct condensation parts;
	cleanup_text struct text out = TEXT_INIT;
	cleanup_free const char **state = NULL;
	const char *words[32];
	size_t count = 0;
	for (char *word = states ? strtok(states, ",") : NULL; word && count < 32; word = strtok(NULL, ","))
		words[count++] = word;
	if (count) {
		state = xcalloc((size_t)graph_node_count(graph), sizeof *state);
		for (int i = 0; i < graph_node_count(graph); i++)
			state[i] = words[(size_t)i * 7 % count];
	}
	if (graph_condense(graph, &parts, err))
		return -1;
	int status = 0;
	if (!strcmp(kind, "svg"))
		status = graph_draw_svg(graph, &parts, state, &out, err);
	else if (!strcmp(kind, "dot"))
		graph_draw_dot(graph, &parts, state, &out);
	else
		graph_draw_tree(graph, &parts, NULL, 0, &out);
	fwrite(text_str(&out), 1, out.len, stdout);
	condensation_clear(&parts);
	return status;
}

// Not getrusage: its peak is inherited from whoever started us.
static long peak_mebibytes(void)
{
	cleanup_text struct text status = TEXT_INIT;
	if (file_read("/proc/self/status", 65536, &status, NULL))
		return -1;
	const char *peak = strstr(text_str(&status), "VmHWM:");
	return peak ? strtol(peak + strlen("VmHWM:"), NULL, 10) / 1024 : -1;
}

static int work(const char *kind, const char *file, char *states, struct error *err)
{
	cleanup_text struct text data = TEXT_INIT;
	struct graph *graph = NULL;
	int64_t begin = system_clock.monotonic(system_clock.context);
	if (file_read(file, LIMIT, &data, err) || graph_read_edges(text_slice(&data), file, &graph, err))
		return -1;
	text_clear(&data);
	int64_t loaded = system_clock.monotonic(system_clock.context);
	int status = 0;
	if (!strcmp(kind, "time")) {
		struct condensation parts;
		status = graph_condense(graph, &parts, err);
		int64_t done = system_clock.monotonic(system_clock.context);
		printf("load %.3f components %.3f order %.3f together %.3f s, peak %ld MiB\n",
		       (double)(loaded - begin) / 1e3, parts.component_seconds, parts.order_seconds,
		       (double)(done - begin) / 1e3, peak_mebibytes());
		condensation_clear(&parts);
	} else if (!strcmp(kind, "statistics")) {
		cleanup_json json_t *json = statistics_to_json(graph, err);
		cleanup_text struct text line = TEXT_INIT;
		status = json ? 0 : -1;
		if (json)
			json_write_compact(json, &line);
		puts(text_str(&line));
	} else {
		status = draw(kind, graph, states, err);
	}
	graph_free(graph);
	return status;
}

int main(int argc, char **argv)
{
	struct error err = ERROR_INIT;
	graphs_init();
	if (argc == 2 && !strcmp(argv[1], "facts"))
		return answer_all();
	if (argc < 3) {
		fprintf(stderr, "usage: %s facts | svg|dot|tree|time|statistics FILE [STATES]\n", argv[0]);
		return 2;
	}
	if (work(argv[1], argv[2], argc > 3 ? argv[3] : NULL, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return error_exit_status(err.code);
	}
	return 0;
}
