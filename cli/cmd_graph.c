// gophersnake graph: facts and pictures of a lock's, a plan's or an edge list's graph.
#include <stdio.h>

#include "cli/common.h"
#include "core/clock.h"
#include "core/file.h"

enum { EDGES_LIMIT = 1024 * 1024 * 1024 };

static struct graph *graph_of_lock(const struct lock *lock)
{
	struct graph *graph = graph_new();
	vec_each (&lock->packages, package)
		graph_add_node(graph, package->name, 1);
	for (size_t i = 0; i < lock->packages.count; i++)
		vec_each (&lock->packages.items[i].requires, edge)
			graph_add_edge(graph, (int)i, edge->target);
	return graph;
}

static int load(struct cli *cli, struct graph **out, struct error *err)
{
	const char *edges = cli_option(cli, "edges"), *plan_file = cli_option(cli, "plan");
	if (edges) {
		cleanup_text struct text text = TEXT_INIT;
		return file_read(edges, EDGES_LIMIT, &text, err) ? -1
								 : graph_read_edges(text_slice(&text), edges, out, err);
	}
	if (plan_file) {
		struct plan plan;
		cleanup_json json_t *json = json_read_file(plan_file, EDGES_LIMIT, err);
		if (!json || plan_from_json(json, plan_file, &plan, err))
			return -1;
		*out = graph_of_lock(&plan.lock);
		plan_clear(&plan);
		return 0;
	}
	struct lock lock;
	struct resolve_statistics statistics = {0};
	lock_init(&lock);
	int status = cli_lock(cli, &lock, &statistics, err);
	if (!status)
		*out = graph_of_lock(&lock);
	lock_clear(&lock);
	return status;
}

static int print_statistics(struct cli *cli, const struct graph *graph, double load_seconds, struct text *out,
			    struct error *err)
{
	struct graph_statistics s;
	if (graph_statistics(graph, &s, err))
		return -1;
	if (cli->json) {
		cleanup_json json_t *json = json_pack(
			"{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:{s:f, s:f, s:f}}", "schema",
			"gophersnake.graph/1", "nodes", (json_int_t)s.nodes, "edges", (json_int_t)s.edges, "self_loops",
			(json_int_t)s.self_loops, "components", (json_int_t)s.components, "nontrivial_components",
			(json_int_t)s.nontrivial_components, "largest_component", (json_int_t)s.largest_component,
			"levels", (json_int_t)s.levels, "longest_path", (json_int_t)s.longest_path, "seconds", "load",
			load_seconds, "scc", s.component_seconds, "order", s.order_seconds);
		json_write_pretty(json, out);
		return 0;
	}
	text_addf(out,
		  "nodes                  %lld\nedges                  %lld\nself-loops             %lld\n"
		  "components             %lld\n  with several nodes   %lld\n  largest              %lld\n"
		  "levels                 %lld\nlongest path, edges    %lld\n",
		  (long long)s.nodes, (long long)s.edges, (long long)s.self_loops, (long long)s.components,
		  (long long)s.nontrivial_components, (long long)s.largest_component, (long long)s.levels,
		  (long long)s.longest_path);
	return 0;
}

static void print_component(const struct graph *graph, const struct condensation *parts, int number, struct text *out)
{
	for (int i = parts->first[number]; i < parts->first[number + 1]; i++)
		text_addf(out, "%s%s", i > parts->first[number] ? " " : "", graph_name(graph, parts->members[i]));
	text_add_char(out, '\n');
}

static void print_cycles(const struct graph *graph, const struct condensation *parts, struct text *out)
{
	for (int number = 0; number < parts->count; number++) {
		if (parts->first[number + 1] - parts->first[number] < 2)
			continue;
		print_component(graph, parts, number, out);
		for (int i = parts->first[number]; i < parts->first[number + 1]; i++) {
			int count;
			const int *needs = graph_needs(graph, parts->members[i], &count);
			for (int j = 0; j < count; j++)
				if (parts->component_of[needs[j]] == number)
					text_addf(out, "  %s → %s\n", graph_name(graph, parts->members[i]),
						  graph_name(graph, needs[j]));
		}
	}
}

// "gophersnake.graph.order/1": components leaf first; only those with several nodes when cycles is set.
static void print_components_json(const struct graph *graph, const struct condensation *parts, bool cycles,
				  struct text *out)
{
	json_t *components = json_array();
	for (int number = 0; number < parts->count; number++) {
		if (cycles && parts->first[number + 1] - parts->first[number] < 2)
			continue;
		json_t *nodes = json_array();
		for (int i = parts->first[number]; i < parts->first[number + 1]; i++)
			json_array_append_new(nodes, json_string(graph_name(graph, parts->members[i])));
		json_array_append_new(components, json_pack("{s:o, s:i, s:f}", "nodes", nodes, "level",
							    parts->level[number], "rank", parts->rank[number]));
	}
	cleanup_json json_t *json =
		json_pack("{s:s, s:o}", "schema", "gophersnake.graph.order/1", "components", components);
	json_write_pretty(json, out);
}

static int print_impact(bool as_json, const struct graph *graph, const char *name, struct text *out, struct error *err)
{
	int node = graph_find(graph, name), count = 0, *nodes = NULL;
	if (node < 0)
		return error_set(err, ERROR_USAGE, "--impact %s: the graph has no such node", name);
	if (graph_impact(graph, node, &nodes, &count, err))
		return -1;
	if (as_json) {
		json_t *names = json_array();
		for (int i = 0; i < count; i++)
			json_array_append_new(names, json_string(graph_name(graph, nodes[i])));
		cleanup_json json_t *json = json_pack("{s:s, s:s, s:o}", "schema", "gophersnake.graph.impact/1", "node",
						      name, "nodes", names);
		json_write_pretty(json, out);
		free(nodes);
		return 0;
	}
	text_addf(out, "%d would wait or fail with %s%s\n", count, name, count ? ":" : "");
	for (int i = 0; i < count; i++)
		text_addf(out, "  %s\n", graph_name(graph, nodes[i]));
	free(nodes);
	return 0;
}

static int print(struct cli *cli, const struct graph *graph, double load_seconds, struct text *out, struct error *err)
{
	if (cli_option(cli, "impact"))
		return print_impact(cli->json, graph, cli_option(cli, "impact"), out, err);
	bool picture = cli_option(cli, "dot") || cli_option(cli, "svg") || cli_option(cli, "tree");
	bool listing = cli_option(cli, "order") || cli_option(cli, "levels") || cli_option(cli, "cycles");
	if (cli->json && picture)
		return error_set(err, ERROR_USAGE, "--json goes with facts, not with --dot, --svg or --tree");
	struct condensation parts = {0};
	if (graph_condense(graph, &parts, err))
		return -1;
	int status = 0;
	if (cli->json && listing) {
		print_components_json(graph, &parts, cli_option(cli, "cycles") != NULL, out);
	} else if (cli_option(cli, "order")) {
		for (int i = 0; i < parts.count; i++)
			print_component(graph, &parts, i, out);
	} else if (cli_option(cli, "levels")) {
		for (int i = 0; i < parts.count; i++) {
			text_addf(out, "%d\t", parts.level[i]);
			print_component(graph, &parts, i, out);
		}
	} else if (cli_option(cli, "cycles")) {
		print_cycles(graph, &parts, out);
	} else if (cli_option(cli, "dot")) {
		graph_draw_dot(graph, &parts, NULL, out);
	} else if (cli_option(cli, "svg")) {
		status = graph_draw_svg(graph, &parts, NULL, out, err);
	} else if (cli_option(cli, "tree")) {
		graph_draw_tree(graph, &parts, NULL, 0, out);
	} else {
		status = print_statistics(cli, graph, load_seconds, out, err);
	}
	condensation_clear(&parts);
	return status;
}

int cmd_graph(struct cli *cli, struct error *err)
{
	struct graph *graph = NULL;
	int64_t before = system_clock.monotonic(system_clock.context);
	if (load(cli, &graph, err))
		return -1;
	double seconds = (double)(system_clock.monotonic(system_clock.context) - before) / 1e3;
	cleanup_text struct text text = TEXT_INIT;
	int status = print(cli, graph, seconds, &text, err);
	graph_free(graph);
	if (!status)
		fwrite(text_str(&text), 1, text.len, stdout);
	return status;
}
