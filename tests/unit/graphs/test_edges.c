// Edge lists: what is read, and what is refused with which words.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "graphs/graph.h"

// "name>need,need …" for each node by number.
static void show(const struct graph *graph, struct text *out)
{
	for (int node = 0; node < graph_node_count(graph); node++) {
		int count;
		const int *needs = graph_needs(graph, node, &count);
		text_addf(out, "%s%s", node ? " " : "", graph_name(graph, node));
		for (int i = 0; i < count; i++)
			text_addf(out, "%c%s", i ? ',' : '>', graph_name(graph, needs[i]));
	}
}

static void test_good(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{"", ""},
		{"\n\n", ""},
		{"a\tb c\nb\t\nc\tb\n", "a>b,c b c>b"},
		{"a\tb c\r\nb\t\r\nc\tb", "a>b,c b c>b"},
		{"a", "a"},
		{"a\tlast first\nfirst\t", "a>first,last first last"}, // lines first, then what has none
		{"a\t b   b \n", "a>b b"},
		{"a\ta", "a>a"},
		{"\xff\xfe\t\x01\x7f\n#\t\"'\\", "\xff\xfe>\x01\x7f #>\"'\\ \x01\x7f \"'\\"},
		{"a\rb\tc", "a\rb>c c"},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct error err = ERROR_INIT;
		struct graph *graph = NULL;
		cleanup_text struct text found = TEXT_INIT;
		assert_int_equal(graph_read_edges(slice_of(cases[i][0]), "x.tsv", &graph, &err), 0);
		show(graph, &found);
		assert_string_equal(text_str(&found), cases[i][1]);
		graph_free(graph);
	}
}

static void test_bad(void **state)
{
	(void)state;
	static const struct {
		struct slice data;
		const char *text;
	} cases[] = {
		{SLICE("a\tb\n\tb\n"), "x.tsv:2: no name before the tab: b"},
		{SLICE("a b c\n"), "x.tsv:1: a space before the first tab; expected \"name<TAB>dep1 dep2 …\": a b c"},
		{SLICE("a\tb\n\nb\tc\td\n"), "x.tsv:3: a second tab; expected \"name<TAB>dep1 dep2 …\": b"},
		{SLICE("\na\tb\nb\t\n\na\tc\n"), "x.tsv:5: a second line for a name that line 2 has: a"},
		{SLICE("a\tb\nb\tc\0d\n"), "x.tsv:2: a NUL byte in a name: c\\x00d"},
		{SLICE("a\0\tb\n"), "x.tsv:1: a NUL byte in a name: a\\x00"},
		{SLICE("\033[2J x\t\n"),
		 "x.tsv:1: a space before the first tab; expected \"name<TAB>dep1 dep2 …\": \\x1b[2J x"},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct error err = ERROR_INIT;
		struct graph *graph = NULL;
		assert_int_equal(graph_read_edges(cases[i].data, "x.tsv", &graph, &err), -1);
		assert_null(graph);
		assert_int_equal(err.code, ERROR_INPUT);
		assert_string_equal(err.text, cases[i].text);
	}
}

static void test_long(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct graph *graph = NULL;
	cleanup_text struct text data = TEXT_INIT;
	enum { LIMIT = 64 * 1024, WIDE = 1000 * 1000 };
	for (int i = 0; i < LIMIT; i++)
		text_add_char(&data, 'n');
	assert_int_equal(graph_read_edges(text_slice(&data), "x.tsv", &graph, &err), 0);
	graph_free(graph);
	graph = NULL;
	text_add_char(&data, 'n');
	assert_int_equal(graph_read_edges(text_slice(&data), "x.tsv", &graph, &err), -1);
	assert_non_null(strstr(err.text, "x.tsv:1: a name of more than 65,536 bytes: nnn"));

	text_reset(&data);
	text_add(&data, "hub\t");
	for (int i = 0; i < WIDE; i++)
		text_addf(&data, "%d ", i);
	assert_int_equal(graph_read_edges(text_slice(&data), "x.tsv", &graph, &err), 0);
	assert_int_equal(graph_node_count(graph), WIDE + 1);
	assert_int_equal(graph_edge_count(graph), WIDE);
	graph_free(graph);
}

int main(void)
{
	graphs_init();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
