// Pictures: terminal tree, DOT, SVG, and labels of names that are no text.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "graphs/graph.h"
#include "graphs/label.h"
#include "graphs/reduce.h"

static struct graph *read_graph(const char *edges, struct condensation *parts)
{
	struct error err = ERROR_INIT;
	struct graph *graph = NULL;
	assert_int_equal(graph_read_edges(slice_of(edges), "test", &graph, &err), 0);
	assert_int_equal(graph_condense(graph, parts, &err), 0);
	return graph;
}

static void test_labels(void **state)
{
	(void)state;
	static const struct {
		struct slice name;
		const char *label;
		int columns;
	} cases[] = {
		{SLICE("django"), "django", 6},
		{SLICE("日本é"), "日本é", 5},
		{SLICE("a\\b"), "a\\\\b", 4},
		{SLICE("\033[31m\n\x7f"), "\\x1b[31m\\x0a\\x7f", 16},
		{SLICE("\xff\xc3("), "\\xff\\xc3(", 9},
		{SLICE("\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80"), "\\xc0\\xaf\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80", 36},
		{SLICE("\xe6\x97"), "\\xe6\\x97", 8},
		{SLICE("a\xe2\x80\xae"
		       "b\xc2\x85"),
		 "a\\xe2\\x80\\xaeb\\xc2\\x85", 22}, // right-to-left override, C1
	};
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		cleanup_text struct text label = TEXT_INIT;
		label_add(&label, cases[i].name);
		assert_string_equal(text_str(&label), cases[i].label);
		assert_int_equal(label_columns(text_slice(&label)), cases[i].columns);
	}
	static const struct {
		const char *name;
		int columns;
		const char *label;
	} cuts[] = {
		{"sphinxcontrib", 13, "sphinxcontrib"},
		{"sphinxcontrib", 10, "sphinx…rib"},
		{"日本日本日本", 8, "日本…本"},
		{"ééééééééé", 7, "éééé…éé"},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(cuts); i++) {
		cleanup_text struct text label = TEXT_INIT;
		label_add_cut(&label, slice_of(cuts[i].name), cuts[i].columns);
		assert_string_equal(text_str(&label), cuts[i].label);
	}
}

static void test_tree(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{"", ""},
		{"web\tdjango asgiref\ndjango\tsqlparse asgiref\nasgiref\t\nsqlparse\t\ncli\tdjango",
		 "cli\n"
		 "└── django\n"
		 "    ├── asgiref\n"
		 "    └── sqlparse\n"
		 "web\n"
		 "├── asgiref (*)\n"
		 "└── django (*)\n"
		 "\n(*) shown in full above\n"},
		// Nothing but a cycle is above: its first member by name is the root.
		{"soupsieve\tbeautifulsoup4\nbeautifulsoup4\tsoupsieve zope\nzope\t",
		 "beautifulsoup4\n"
		 "├── soupsieve\n"
		 "│   └── beautifulsoup4 (cycle)\n"
		 "└── zope\n"
		 "\n(cycle) needs itself through the lines above\n"},
		{"a\ta", "a\n└── a (cycle)\n\n(cycle) needs itself through the lines above\n"},
		{"\033]0;evil\007\t\xff", "\\x1b]0;evil\\x07\n└── \\xff\n"},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct condensation parts;
		struct graph *graph = read_graph(cases[i][0], &parts);
		cleanup_text struct text tree = TEXT_INIT;
		graph_draw_tree(graph, &parts, NULL, 0, &tree);
		assert_string_equal(text_str(&tree), cases[i][1]);
		condensation_clear(&parts);
		graph_free(graph);
	}
}

static void test_tree_roots_and_depth(void **state)
{
	(void)state;
	struct condensation parts;
	cleanup_text struct text tree = TEXT_INIT, edges = TEXT_INIT;
	struct graph *graph = read_graph("web\tdjango\ndjango\tsqlparse", &parts);
	int root = graph_find(graph, "django");
	graph_draw_tree(graph, &parts, &root, 1, &tree);
	assert_string_equal(text_str(&tree), "django\n└── sqlparse\n");
	condensation_clear(&parts);
	graph_free(graph);

	for (int i = 0; i < 100 * 1000; i++)
		text_addf(&edges, "%d\t%d\n", i, i + 1);
	graph = read_graph(text_str(&edges), &parts);
	text_reset(&tree);
	graph_draw_tree(graph, &parts, NULL, 0, &tree);
	assert_true(tree.len < 20 * 1000);
	assert_non_null(strstr(text_str(&tree), "64 …\n\n… needs more; only 64 levels are shown\n"));
	condensation_clear(&parts);
	graph_free(graph);
}

static void test_dot(void **state)
{
	(void)state;
	struct condensation parts;
	struct graph *graph = read_graph("a\tb\nb\ta\n\"x\\\ta", &parts);
	const char *words[] = {"done", "failed", NULL};
	cleanup_text struct text dot = TEXT_INIT;
	graph_draw_dot(graph, &parts, words, &dot);
	assert_non_null(strstr(text_str(&dot), "subgraph cluster_0 {\n    label=\"cycle of 2\""));
	assert_non_null(strstr(text_str(&dot), "n2 [label=\"\\\"x\\\\\\\\\"];\n"));
	assert_non_null(strstr(text_str(&dot), "n2 -> n0;\n"));
	assert_non_null(strstr(text_str(&dot), "tooltip=\"failed\""));
	condensation_clear(&parts);
	graph_free(graph);
}

static int occurrences(const struct text *text, const char *word)
{
	int count = 0;
	for (const char *at = text_str(text); (at = strstr(at, word)); at++)
		count++;
	return count;
}

static void test_svg(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct condensation parts;
	struct graph *graph =
		read_graph("web\tdjango <&>\ndjango\tsqlparse\nsqlparse\tdjango\n<&>\t\nself\tself", &parts);
	const char *words[] = {"done", "failed", "failed", NULL, "something else"};
	cleanup_text struct text svg = TEXT_INIT, empty = TEXT_INIT, again = TEXT_INIT;
	assert_int_equal(graph_draw_svg(graph, &parts, words, &svg, &err), 0);
	assert_int_equal(occurrences(&svg, "<title>"), 5);
	assert_int_equal(occurrences(&svg, "class=\"f\""), 1);
	assert_int_equal(occurrences(&svg, "marker-end"), 3); // two edges of the cycle, one self-loop
	assert_non_null(strstr(text_str(&svg), ">&lt;&amp;&gt;</text>"));
	assert_null(strstr(text_str(&svg), "<&>"));
	assert_non_null(strstr(text_str(&svg), ">done 1</text>"));
	assert_non_null(strstr(text_str(&svg), ">failed 2</text>"));
	assert_non_null(strstr(text_str(&svg), ">other 1</text>"));
	assert_non_null(strstr(text_str(&svg), "5 nodes, 5 edges, 2 levels, 1 cycle"));
	assert_int_equal(graph_draw_svg(graph, &parts, words, &again, &err), 0);
	assert_string_equal(text_str(&svg), text_str(&again));
	condensation_clear(&parts);
	graph_free(graph);

	graph = read_graph("", &parts);
	assert_int_equal(graph_draw_svg(graph, &parts, NULL, &empty, &err), 0);
	assert_non_null(strstr(text_str(&empty), "0 nodes, 0 edges, 0 levels"));
	condensation_clear(&parts);
	graph_free(graph);
}

static void test_svg_too_large(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct condensation parts;
	cleanup_text struct text edges = TEXT_INIT, svg = TEXT_INIT;
	for (int i = 0; i < 1501; i++)
		text_addf(&edges, "%d\t\n", i);
	struct graph *graph = read_graph(text_str(&edges), &parts);
	assert_int_equal(graph_draw_svg(graph, &parts, NULL, &svg, &err), -1);
	assert_int_equal(err.code, ERROR_USAGE);
	assert_int_equal(svg.len, 0);
	condensation_clear(&parts);
	graph_free(graph);
}

static void test_reduce(void **state)
{
	(void)state;
	// 3 → 2 → 1 → 0, 3 → 1, 3 → 0, 4 → 0, 4 → 3
	static const struct csr_pair pairs[] = {{3, 2}, {2, 1}, {1, 0}, {3, 1}, {3, 0}, {4, 0}, {4, 3}};
	static const int wanted[] = {0, 1, 2, 3};
	struct csr all, reduced;
	csr_build(&all, 5, pairs, ARRAY_LENGTH(pairs));
	reduce_edges(&all, 5, &reduced);
	assert_int_equal(reduced.first[5], 4);
	assert_memory_equal(reduced.items, wanted, sizeof wanted);
	csr_clear(&all);
	csr_clear(&reduced);
}

int main(void)
{
	graphs_init();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_labels), cmocka_unit_test(test_tree), cmocka_unit_test(test_tree_roots_and_depth),
		cmocka_unit_test(test_dot),    cmocka_unit_test(test_svg),  cmocka_unit_test(test_svg_too_large),
		cmocka_unit_test(test_reduce),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
