// Graphs: storage, condensation, order, ranks, impact, statistics, igraph's errors as ours.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "graphs/graph.h"
#include "graphs/storage.h"

static struct graph *read_graph(const char *edges)
{
	struct error err = ERROR_INIT;
	struct graph *graph = NULL;
	assert_int_equal(graph_read_edges(slice_of(edges), "test", &graph, &err), 0);
	return graph;
}

static void names_of(const struct graph *graph, const int *nodes, int count, struct text *out)
{
	for (int i = 0; i < count; i++)
		text_addf(out, "%s%s", i ? " " : "", graph_name(graph, nodes[i]));
}

// "level:member member" for each component, in order.
static void order_of(const struct graph *graph, struct text *out)
{
	struct error err = ERROR_INIT;
	struct condensation parts;
	assert_int_equal(graph_condense(graph, &parts, &err), 0);
	for (int i = 0; i < parts.count; i++) {
		text_addf(out, "%s%d:", i ? ", " : "", parts.level[i]);
		names_of(graph, parts.members + parts.first[i], parts.first[i + 1] - parts.first[i], out);
	}
	condensation_clear(&parts);
}

static void test_storage(void **state)
{
	(void)state;
	struct graph *graph = graph_new();
	int count;
	assert_int_equal(graph_add_node(graph, "b", 2), 0);
	assert_int_equal(graph_add_node(graph, "a", 3), 1);
	assert_int_equal(graph_add_node(graph, "b", 9), 0);
	assert_true(graph_weight(graph, 0) == 2);
	assert_int_equal(graph_node_count(graph), 2);
	assert_int_equal(graph_find(graph, "a"), 1);
	assert_int_equal(graph_find(graph, "c"), -1);
	graph_add_edge(graph, 0, 1);
	graph_add_edge(graph, 0, 0);
	graph_add_edge(graph, 0, 1);
	assert_int_equal(graph_edge_count(graph), 2);
	const int *needs = graph_needs(graph, 0, &count);
	assert_int_equal(count, 2);
	assert_int_equal(needs[0], 0);
	assert_int_equal(needs[1], 1);
	// A change drops what was derived.
	graph_add_node(graph, "c", 1);
	graph_add_edge(graph, 2, 1);
	const int *users = graph_needed_by(graph, 1, &count);
	assert_int_equal(count, 2);
	assert_int_equal(users[0], 0);
	assert_int_equal(users[1], 2);
	graph_needs(graph, 2, &count);
	assert_int_equal(count, 1);
	graph_free(graph);
	graph_free(NULL);
}

static void test_order(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{"", ""},
		{"a\ta", "0:a"},
		{"web\tdjango six\ndjango\tsqlparse asgiref\nasgiref\t\nsqlparse\t\nsix\t",
		 "0:asgiref, 0:six, 0:sqlparse, 1:django, 2:web"},
		{"z\ty\ny\tx z\nx\t\na\ty", "0:x, 1:y z, 2:a"},
		// The same, lines and numbers the other way round.
		{"a\ty\nx\t\ny\tz x\nz\ty", "0:x, 1:y z, 2:a"},
		{"B\t\na\t\n_\t\nab\t\na-b\t", "0:B, 0:_, 0:a, 0:a-b, 0:ab"},
		// Names that agree in their first eight bytes.
		{"djangoxxb\t\ndjangoxxa\t\ndjangoxx\t\ndjangox\t", "0:djangox, 0:djangoxx, 0:djangoxxa, 0:djangoxxb"},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct graph *graph = read_graph(cases[i][0]);
		cleanup_text struct text order = TEXT_INIT;
		order_of(graph, &order);
		assert_string_equal(text_str(&order), cases[i][1]);
		graph_free(graph);
	}
}

static void test_rows_and_ranks(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct condensation parts;
	struct graph *graph = graph_new();
	// app → a ⇄ b → leaf, app → leaf
	int app = graph_add_node(graph, "app", 1), a = graph_add_node(graph, "a", 10);
	int b = graph_add_node(graph, "b", 100), leaf = graph_add_node(graph, "leaf", 0.5);
	graph_add_edge(graph, app, a);
	graph_add_edge(graph, a, b);
	graph_add_edge(graph, b, a);
	graph_add_edge(graph, b, leaf);
	graph_add_edge(graph, app, leaf);
	assert_int_equal(graph_condense(graph, &parts, &err), 0);
	assert_int_equal(parts.count, 3);
	assert_int_equal(parts.component_of[leaf], 0);
	assert_int_equal(parts.component_of[a], 1);
	assert_int_equal(parts.component_of[b], 1);
	assert_int_equal(parts.component_of[app], 2);
	assert_true(parts.rank[2] == 1);
	assert_true(parts.rank[1] == 111);
	assert_true(parts.rank[0] == 111.5);
	static const int needs_first[] = {0, 0, 1, 3}, needs[] = {0, 0, 1};
	static const int dependents_first[] = {0, 2, 3, 3}, dependents[] = {1, 2, 2};
	assert_memory_equal(parts.needs_first, needs_first, sizeof needs_first);
	assert_memory_equal(parts.needs, needs, sizeof needs);
	assert_memory_equal(parts.dependents_first, dependents_first, sizeof dependents_first);
	assert_memory_equal(parts.dependents, dependents, sizeof dependents);
	condensation_clear(&parts);
	condensation_clear(&parts);
	graph_free(graph);
}

static void test_impact(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	static const char *const cases[][3] = {
		{"web\tdjango\ndjango\tsqlparse asgiref\nother\tsqlparse", "sqlparse", "django other web"},
		{"web\tdjango\ndjango\tsqlparse asgiref\nother\tsqlparse", "web", ""},
		{"a\tb\nb\tc a\nc\tc\nd\ta", "b", "a d"}, // itself stays out, in a cycle too
		{"a\tb\nb\tc a\nc\tc\nd\ta", "c", "a b d"},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct graph *graph = read_graph(cases[i][0]);
		int *nodes, count;
		cleanup_text struct text names = TEXT_INIT;
		assert_int_equal(graph_impact(graph, graph_find(graph, cases[i][1]), &nodes, &count, &err), 0);
		names_of(graph, nodes, count, &names);
		assert_string_equal(text_str(&names), cases[i][2]);
		free(nodes);
		graph_free(graph);
	}
}

static void test_statistics(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	static const struct {
		const char *edges;
		int64_t wanted[8];
	} cases[] = {
		{"", {0, 0, 0, 0, 0, 0, 0, 0}},
		{"a\t", {1, 0, 0, 1, 0, 1, 1, 0}},
		{"a\tb b\nb\tc\nc\tb c\nd\td", {4, 5, 2, 3, 1, 2, 2, 1}},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct graph *graph = read_graph(cases[i].edges);
		struct graph_statistics s;
		assert_int_equal(graph_statistics(graph, &s, &err), 0);
		const int64_t found[8] = {s.nodes,
					  s.edges,
					  s.self_loops,
					  s.components,
					  s.nontrivial_components,
					  s.largest_component,
					  s.levels,
					  s.longest_path};
		assert_memory_equal(found, cases[i].wanted, sizeof found);
		graph_free(graph);
	}
}

// A million nodes deep: nothing recurses.
static void test_deep(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct graph_statistics s;
	struct graph *graph = graph_new();
	char name[16];
	enum { DEPTH = 1000 * 1000 };
	for (int i = 0; i < DEPTH; i++) {
		snprintf(name, sizeof name, "%d", i);
		graph_add_node(graph, name, 1);
		if (i)
			graph_add_edge(graph, i, i - 1);
	}
	assert_int_equal(graph_statistics(graph, &s, &err), 0);
	assert_int_equal(s.levels, DEPTH);
	graph_add_edge(graph, 0, DEPTH - 1);
	assert_int_equal(graph_statistics(graph, &s, &err), 0);
	assert_int_equal(s.largest_component, DEPTH);
	assert_int_equal(s.levels, 1);
	graph_free(graph);
}

// igraph's own handler would end the process here.
static void test_igraph_error(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	static int first[] = {0, 1, 2}, items[] = {1, 0};
	const struct csr circle = {first, items};
	igraph_t twin;
	igraph_vector_int_t order;
	assert_int_equal(engine_make(&circle, 2, &twin, &err), 0);
	assert_int_equal(igraph_vector_int_init(&order, 0), IGRAPH_SUCCESS);
	assert_int_equal(engine_check(igraph_topological_sorting(&twin, &order, IGRAPH_OUT), "order", &err), -1);
	assert_int_equal(err.code, ERROR_FAILED);
	assert_non_null(strstr(err.text, "graph: order: igraph: "));
	igraph_vector_int_destroy(&order);
	igraph_destroy(&twin);
}

int main(void)
{
	graphs_init();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_storage),        cmocka_unit_test(test_order),
		cmocka_unit_test(test_rows_and_ranks), cmocka_unit_test(test_impact),
		cmocka_unit_test(test_statistics),     cmocka_unit_test(test_deep),
		cmocka_unit_test(test_igraph_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
