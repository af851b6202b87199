// What models are likely to cost: the arithmetic of one module, and lines of accepted Go.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "agents/forecast.h"
#include "agents/translate.h"

enum { CONTEXT = 262144, ANSWER = 8192 };

static struct forecast_release of(int64_t lines, int64_t functions, int64_t function_lines, int64_t context, int answer)
{
	struct forecast_release release = {0};
	struct forecast_module module = {lines, functions, function_lines};
	forecast_add_module(&module, context, answer, &release);
	return release;
}

static void test_module(void **state)
{
	(void)state;
	struct forecast_release none = of(1000, 0, 0, CONTEXT, ANSWER);
	assert_int_equal(none.requests + none.units + none.input + none.output, 0);
	struct forecast_release one = of(30, 1, 20, CONTEXT, ANSWER);
	assert_int_equal(one.units, 1);
	assert_int_equal(one.groups, 1);
	assert_int_equal(one.requests, 1);
	assert_int_equal(one.functions, 1);
	assert_int_equal(one.lines, 20);
	// The guide (75,000 bytes) and the context (16,000 + 700 + 30 × 36) are written once, half of that is read by a repair.
	assert_int_equal(one.cache_write, 25000 + (17780 + 2) / 3);
	assert_int_equal(one.cache_read, (92780 + 2) / 3 * 3 / 2 - one.cache_write);
	// 20 × 36 × 1.5 bytes of Go and some words.
	assert_int_equal(one.output, (360 + 60) * 3 / 2);
	// By number of functions, and by their size.
	assert_int_equal(of(500, 17, 170, CONTEXT, ANSWER).groups, 3);
	assert_int_equal(of(500, 17, 170, CONTEXT, ANSWER).requests, 4);
	assert_int_equal(of(2000, 2, 1000, CONTEXT, ANSWER).groups, 3);
	// More is never cheaper.
	struct forecast_release more = of(30, 2, 40, CONTEXT, ANSWER);
	assert_true(more.output > one.output && more.input > one.input && more.cache_write > one.cache_write);
}

static void test_limits(void **state)
{
	(void)state;
	// A prompt is never larger than its limit, an answer never longer.
	struct forecast_release large = of(1000000, 8, 300, 30000, ANSWER);
	assert_true((large.cache_write + large.cache_read) * 3 <= 30000 * (large.requests + 1));
	assert_int_equal(of(2000, 1, 300, CONTEXT, 100).output, 150);
	// The guide is written once a release.
	struct forecast_release two = {0};
	struct forecast_module module = {30, 1, 20};
	forecast_add_module(&module, CONTEXT, ANSWER, &two);
	int64_t first = two.cache_write;
	forecast_add_module(&module, CONTEXT, ANSWER, &two);
	assert_int_equal(two.units, 2);
	assert_int_equal(two.groups, 2);
	assert_int_equal(two.requests, 3);
	assert_true(two.cache_write - first < first - 20000);
}

static void assert_text(const struct forecast *forecast, const char *wanted)
{
	cleanup_text struct text text = TEXT_INIT;
	forecast_text(forecast, &text);
	assert_string_equal(text_str(&text), wanted);
}

static void test_words(void **state)
{
	(void)state;
	struct forecast forecast = {0};
	assert_text(&forecast, "");
	struct forecast_release a = {.name = "a", .version = "1", .known = true, .functions = 2, .cost = 1500};
	struct forecast_release b = {.name = "b", .version = "2", .functions = 3, .cost = 2340000};
	struct forecast_release c = {.name = "c", .version = "3", .known = true, .done = true};
	forecast = (struct forecast){.asked = true, .model = "m", .prices = "2026-01-02", .budget = 5000000};
	vec_push(&forecast.releases, a);
	vec_push(&forecast.releases, b);
	vec_push(&forecast.releases, c);
	forecast.total = (struct forecast_release){.functions = 5,
						   .lines = 50,
						   .requests = 3,
						   .input = 1000,
						   .cache_read = 20000,
						   .cache_write = 4000,
						   .output = 2500,
						   .cost = 2341500};
	assert_text(&forecast, "models: about $2.34 for 5 functions (50 lines of Python) in 3 requests to m, 25 k "
			       "tokens in, 20 k of them "
			       "cached, 2 k out, prices of 2026-01-02; at most $5.00 (budget of the run)\n"
			       "  $2.34  b 2: 3 functions or so\n  $0.0015  a 1: 2 functions\n"
			       "  1 of 3 releases were not read yet: guessed from the size of their archives\n");
	cleanup_json json_t *json = forecast_to_json(&forecast);
	json_t *rows = json_object_get(json, "releases");
	assert_int_equal(json_array_size(rows), 3);
	assert_string_equal(json_string_or(json_array_get(rows, 1), "name", ""), "b");
	assert_true(json_is_false(json_object_get(json_array_get(rows, 1), "known")));
	assert_true(json_is_true(json_object_get(json_array_get(rows, 2), "up_to_date")));
	assert_int_equal(json_integer_or(json, "cost_microdollars", 0), 2341500);
	vec_clear(&forecast.releases);
}

static void test_lines(void **state)
{
	(void)state;
	static const char go[] = "package x\n\nfunc nativeF(a any) (any, error) {\n\tif a {\n\t}\n\treturn nil\n}\n\n"
				 "func (t *T) nativeF() (any, error) { return t.nativeG() }\n\n"
				 "func (t T) nativeG() any {\n\treturn 1\n}\n\nfunc nativeFF() {\n}\n";
	static const struct {
		const char *name;
		int lines;
	} rows[] = {{"F", 5}, {"T.F", 1}, {"T.G", 3}, {"FF", 2}, {"G", 0}, {"U.F", 0}, {"", 0}};
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
		assert_int_equal(translation_lines_of(slice_of(go), rows[i].name), rows[i].lines);
	assert_int_equal(translation_lines_of(slice_of("func nativeF() {\n\tx()"), "F"), 2); // no end
	assert_int_equal(translation_lines_of(slice_of(""), "F"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_module), cmocka_unit_test(test_limits),
					   cmocka_unit_test(test_words), cmocka_unit_test(test_lines)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
