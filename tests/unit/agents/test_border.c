// What functions take inside CPython: figures, what cannot be timed, and what is kept.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "agents/border.h"
#include "agents/bundle/bundle.h"
#include "tests/unit/agents/work_fixture.h"

static const struct python_file files[] = {
	{"m/__init__.py", ""},
	{"m/text.py", "import os\n"
		      "def busy(n):\n    total = 0\n    for i in range(n):\n        total += i\n    return total\n"
		      "def fails(x):\n    raise ValueError(x)\n"
		      "def leaves(x):\n    os._exit(3)\n"
		      "def push(xs):\n    if len(xs) != 1:\n        os._exit(4)\n    xs.append(2)\n"
		      "def quiet(x):\n    return x\n"
		      "def silent(x):\n    return x\n"
		      "def yields(x):\n    yield x\n"},
};
static const struct release_fixture release = {"m", "1.0", files, ARRAY_LENGTH(files), {NULL}, NULL};
static const char go[] = "package text\n\nimport \"py/dist.pyrt/py\"\n\n"
			 "func nativeBusy(n any) (any, error) { k := n.(int64); return k * (k - 1) / 2, nil }\n"
			 "func nativeFails(x any) (any, error) { return nil, py.ValueError(\"%s\", x) }\n"
			 "func nativeLeaves(x any) (any, error) { return x, nil }\n"
			 "func nativePush(xs any) (any, error) { return nil, py.ErrUnsupported }\n"
			 "func nativeQuiet(x any) (any, error) { return x, nil }\n"
			 "func nativeSilent(x any) (any, error) { return x, nil }\n"
			 "func nativeYields(x any) (any, error) { return x, nil }\n";
static const struct {
	const char *name, *go, *parameter, *kind, *calls; // of gophersnake.calls/1: args, after; "": none ship
} functions[] = {
	{"busy", "Busy", "n", "int", "[[\"n\", 3000]]"},
	{"fails", "Fails", "x", "str", "[[\"x\", \"no\"]]"},
	{"leaves", "Leaves", "x", "str", "[[\"x\", \"a\"]]"},
	{"push", "Push", "xs", "list", "[[\"xs\", [\"list\", [1]]]]"},
	{"quiet", "Quiet", "x", "str", "[[\"x\", \"a\"]]"},
	{"silent", "Silent", "x", "str", ""},
	{"yields", "Yields", "x", "str", "[[\"x\", \"a\"]]"},
};
static struct work_fixture fixture;

static json_t *rows_now(void)
{
	json_t *rows = json_array();
	for (size_t i = 0; i < ARRAY_LENGTH(functions); i++)
		json_array_append_new(rows, json_pack("{s:s+, s:s, s:s, s:s, s:{s:{s:[s], s:[s]}}, s:[[s, s]]}", "name",
						      "m.text.", functions[i].name, "kind", "function", "go",
						      functions[i].go, "state", "native", "guards",
						      functions[i].parameter, "kinds", functions[i].kind, "items",
						      "int", "parameters", functions[i].parameter, "required"));
	return rows;
}

// push: its argument is another afterwards.
static json_t *calls_now(const char *of_quiet)
{
	struct error err = ERROR_INIT;
	json_t *calls = json_array();
	for (size_t i = 0; i < ARRAY_LENGTH(functions); i++) {
		const char *text = of_quiet && !strcmp(functions[i].name, "quiet") ? of_quiet : functions[i].calls;
		if (!*text)
			continue;
		json_t *args = json_parse(slice_of(text), "calls", &err);
		json_t *call = json_pack("{s:s+, s:o, s:n}", "f", "m.text:", functions[i].name, "args", args, "result");
		assert_non_null(call);
		if (!strcmp(functions[i].name, "push"))
			json_object_set(call, "after", args);
		json_array_append_new(calls, call);
	}
	return calls;
}

// Rows with their "border". measured: a log line says so.
static json_t *border_of(json_t *emit, json_t *calls)
{
	struct error err = ERROR_INIT;
	char digest[DIGEST_HEX_SIZE];
	struct border_cases cases;
	json_t *rows = rows_now();
	if (store_put(fixture.work.store, slice_of(go), digest, &err))
		fail_msg("%s", err.text);
	cleanup_json json_t *translation =
		json_pack("{s:s, s:s, s:{s:s}, s:O}", "unit", "m.text", "package", "py/m/text", "files",
			  "m/text/t_native_py.go", digest, "functions", rows);
	cleanup_json json_t *of = bundle_release(&fixture.work, 0, &err), *unit = NULL, *refused = NULL;
	if (!of || bundle_unit_make(&fixture.work, emit, translation, of, &unit, digest, &refused, &err))
		fail_msg("%s", err.text);
	assert_int_equal(json_array_size(refused), 0);
	border_cases_init(&cases);
	border_add(&cases, unit, digest, calls, rows, "name");
	assert_int_equal(cases.items.count, ARRAY_LENGTH(functions));
	if (border_measure(&fixture.work, 0, &cases, &err))
		fail_msg("%s", err.text);
	border_cases_clear(&cases);
	return rows;
}

static json_t *border_at(json_t *rows, size_t number)
{
	return json_object_get(json_array_get(rows, number), "border");
}

static void check_reason(json_t *rows, size_t number, const char *said)
{
	const char *reason = json_string_or(border_at(rows, number), "reason", "measured");
	if (!strstr(reason, said))
		fail_msg("%s: %s", functions[number].name, reason);
}

static int64_t figure(json_t *rows, size_t number, const char *key)
{
	int64_t value = json_integer_or(border_at(rows, number), key, 0);
	if (value <= 0)
		fail_msg("%s: %s: %s", functions[number].name, key,
			 json_string_or(border_at(rows, number), "reason", "no figure"));
	return value;
}

static void test_border(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	fixture_open(&fixture, NULL, &release, 1, NULL, NULL);
	fixture_emit(&fixture);
	cleanup_json json_t *emit = emit_result(&fixture.work, 0, &err), *calls = calls_now(NULL);
	assert_non_null(emit);
	cleanup_json json_t *rows = border_of(emit, calls);
	assert_true(figure(rows, 0, "cpython_ns") > 5 * figure(rows, 0, "bundle_ns"));
	assert_int_equal(figure(rows, 0, "calls"), 1);
	assert_true(figure(rows, 0, "cpython_all_ns") > 5 * figure(rows, 0, "bundle_all_ns"));
	assert_true(figure(rows, 1, "bundle_ns") > figure(rows, 1, "cpython_ns")); // Python raises again
	check_reason(rows, 2, "the process in which it was timed ended");
	figure(rows, 3, "cpython_ns"); // with a list of its own for each call
	assert_true(figure(rows, 4, "bundle_ns") > figure(rows, 4, "cpython_ns"));
	check_reason(rows, 5, "no recorded call");
	check_reason(rows, 6, "it is a generator");

	// Never measured twice; with another call, one is.
	cleanup_json json_t *again = border_of(emit, calls);
	assert_true(json_equal(rows, again));
	cleanup_json json_t *others = calls_now("[[\"x\", \"another\"]]");
	json_array_append(others, json_array_get(others, 4));
	cleanup_json json_t *third = border_of(emit, others);
	assert_int_equal(figure(third, 4, "calls"), 2);
	json_object_del(json_array_get(rows, 4), "border");
	json_object_del(json_array_get(third, 4), "border");
	assert_true(json_equal(rows, third));
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_border)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
