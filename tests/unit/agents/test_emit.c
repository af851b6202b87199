// From wheels to neutral trees: contents, determinism over workspaces, memos, damage, cycles, native releases.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "tests/unit/agents/work_fixture.h"

static const struct python_file low[] = {
	{"low/__init__.py", "from low.core import make\n"},
	{"low/core.py", "def make(a: int) -> int: return a\nclass Thing: pass\n"},
	{"low/_fast.cpython-311-x86_64-linux-gnu.so", "\x7f"
						      "ELF"},
};
static const struct python_file up[] = {
	{"up/__init__.py", "import low.core\nclass More(low.core.Thing): pass\ndef late():\n    import other\n"},
	{"up/broken.py", "def (:\n"},
};
static const struct python_file other[] = {{"other.py", "import up\nX = 1\n"}};

static const struct release_fixture tree[] = {
	{"low", "1.0", low, ARRAY_LENGTH(low), {NULL}, "cp311-cp311-manylinux_2_17_x86_64"},
	{"other", "3.0", other, ARRAY_LENGTH(other), {NULL}, NULL},
	{"up", "2.0", up, ARRAY_LENGTH(up), {"low"}, NULL},
};

static int setup(void **state)
{
	struct work_fixture *fixture = xcalloc(1, sizeof *fixture);
	fixture_open(fixture, NULL, tree, ARRAY_LENGTH(tree), NULL, NULL);
	fixture_emit(fixture);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct work_fixture *fixture = *state;
	fixture_close(fixture);
	free(fixture);
	return 0;
}

static json_t *result_of(struct work_fixture *fixture, const char *name)
{
	struct error err = ERROR_INIT;
	json_t *result = emit_result(&fixture->work, plan_find_group(&fixture->plan, name), &err);
	if (!result)
		fail_msg("%s", err.text);
	return result;
}

static void test_result(void **state)
{
	struct work_fixture *fixture = *state;
	struct error err = ERROR_INIT;
	cleanup_json json_t *result = result_of(fixture, "up@2.0");
	assert_int_equal(json_check_schema(result, "gophersnake.emit/1", "emit", &err), 0);
	assert_string_equal(json_string_or(result, "group", ""), "up@2.0");
	json_t *counts = json_object_get(result, "counts");
	assert_int_equal(json_integer_or(counts, "modules", -1), 2);
	assert_int_equal(json_integer_or(counts, "unreadable", -1), 1);
	assert_int_equal(json_array_size(json_object_get(result, "units")), 2);
	assert_int_equal(json_array_size(json_object_get(result, "native")), 0);
	assert_int_equal(json_array_size(json_object_get(result, "undeclared")), 0); // other is not below up
	json_t *packages = json_object_get(result, "packages");
	assert_string_equal(json_string_value(json_array_get(packages, 0)), "py/dist.up/pysrc");
	// The wheel is named, not copied.
	const char *wheel = json_string_or(json_object_get(result, "wheels"), "dist.up/pysrc/release.whl", "");
	assert_true(store_has(fixture->work.store, wheel));
	cleanup_free char *folder = xasprintf("%s/tree", fixture->folder);
	if (store_get_tree(fixture->work.store, json_string_or(result, "tree", ""), folder, &err))
		fail_msg("%s", err.text);
	cleanup_free char *code = xasprintf("%s/up/up_py.go", folder);
	cleanup_free char *embedded = xasprintf("%s/dist.up/pysrc/release.whl", folder);
	cleanup_text struct text text = TEXT_INIT;
	assert_int_equal(file_read(code, 1 << 20, &text, &err), 0);
	assert_non_null(strstr(text_str(&text), "pkgCore.Thing"));
	assert_false(file_exists(embedded));
	cleanup_json json_t *names =
		store_get_json(fixture->work.store, json_string_or(result, "names", ""), "names", &err);
	assert_non_null(json_object_get(json_object_get(names, "modules"), "up"));
}

static void test_native(void **state)
{
	struct work_fixture *fixture = *state;
	cleanup_json json_t *result = result_of(fixture, "low@1.0");
	json_t *native = json_array_get(json_object_get(result, "native"), 0);
	assert_string_equal(json_string_or(native, "release", ""), "low");
	assert_string_equal(json_string_or(native, "tag", ""), "cp311-cp311-manylinux_2_17_x86_64");
	assert_string_equal(json_string_value(json_array_get(json_object_get(native, "extensions"), 0)), "low._fast");
	struct error err = ERROR_INIT;
	cleanup_free char *folder = xasprintf("%s/native", fixture->folder);
	assert_int_equal(store_get_tree(fixture->work.store, json_string_or(result, "tree", ""), folder, &err), 0);
	cleanup_free char *path = xasprintf("%s/dist.low/pysrc/pysrc_py.go", folder);
	cleanup_text struct text text = TEXT_INIT;
	assert_int_equal(file_read(path, 1 << 20, &text, &err), 0);
	assert_non_null(strstr(text_str(&text), "Tag: \"cp311-cp311-manylinux_2_17_x86_64\""));
}

// Another workspace, other releases around: the same bytes.
static void test_determinism(void **state)
{
	struct work_fixture *fixture = *state, second;
	const struct release_fixture fewer[] = {tree[0], tree[2]};
	fixture_open(&second, NULL, fewer, 2, NULL, NULL);
	fixture_emit(&second);
	cleanup_json json_t *first = result_of(fixture, "up@2.0");
	cleanup_json json_t *again = result_of(&second, "up@2.0");
	assert_true(json_equal(first, again));
	fixture_close(&second);
}

static void test_memo(void **state)
{
	struct work_fixture *fixture = *state;
	struct error err = ERROR_INIT;
	int group = plan_find_group(&fixture->plan, "up@2.0");
	char first[DIGEST_HEX_SIZE], second[DIGEST_HEX_SIZE];
	cleanup_free char *before = fixture_log(fixture);
	assert_int_equal(emit_run(&fixture->work, group, first, &err), 0);
	cleanup_free char *after = fixture_log(fixture);
	assert_int_equal(strlen(before), strlen(after)); // nothing was written
	// A file of the tree is damaged: it is made again, not handed out.
	cleanup_json json_t *result = result_of(fixture, "up@2.0");
	cleanup_json json_t *list =
		store_get_json(fixture->work.store, json_string_or(result, "tree", ""), "tree", &err);
	const char *digest = json_string_or(json_array_get(json_object_get(list, "files"), 0), "sha256", "");
	cleanup_free char *path = store_path(fixture->work.store, digest);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(emit_run(&fixture->work, group, second, &err), 0);
	assert_string_equal(first, second);
	assert_true(store_has(fixture->work.store, digest));
	cleanup_free char *made = fixture_log(fixture);
	assert_non_null(strstr(made + strlen(after), "emit: 2 modules"));
}

static void test_scan_is_healed(void **state)
{
	struct work_fixture *fixture = *state;
	struct error err = ERROR_INIT;
	char first[DIGEST_HEX_SIZE], second[DIGEST_HEX_SIZE];
	int package = lock_find(&fixture->plan.lock, "other");
	assert_int_equal(scan_run(&fixture->work, package, first, &err), 0);
	cleanup_json json_t *scan = scan_result(&fixture->work, package, &err);
	cleanup_free char *path = store_path(fixture->work.store, json_string_or(scan, "wheel", ""));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(scan_run(&fixture->work, package, second, &err), 0);
	assert_string_equal(first, second);
	assert_true(file_exists(path));
	assert_int_equal(json_array_size(json_object_get(json_object_get(scan, "licence"), "files")), 0);
	assert_string_equal(json_string_or(json_object_get(scan, "licence"), "expression", ""), "MIT");
}

static void test_errors(void **state)
{
	struct work_fixture *fixture = *state;
	struct error err = ERROR_INIT;
	char digest[DIGEST_HEX_SIZE];
	const char *generator = fixture->plan.generator;
	fixture->plan.generator = "0123456789abcdef";
	assert_int_equal(emit_run(&fixture->work, 0, digest, &err), -1);
	assert_int_equal(err.code, ERROR_TOOL);
	assert_non_null(strstr(err.text, "another version of gophersnake"));
	fixture->plan.generator = generator;
	// Nothing below was scanned.
	struct work_fixture empty;
	fixture_open(&empty, NULL, tree, ARRAY_LENGTH(tree), NULL, NULL);
	assert_int_equal(emit_run(&empty.work, 0, digest, &err), -1);
	assert_int_equal(err.code, ERROR_WORKSPACE);
	assert_null(emit_result(&empty.work, 0, &err));
	fixture_close(&empty);
}

static void test_cycle(void **state)
{
	(void)state;
	const struct release_fixture cycle[] = {
		{"low", "1.0", low, 2, {NULL}, NULL},
		{"other", "3.0", other, ARRAY_LENGTH(other), {"up"}, NULL},
		{"up", "2.0", up, 1, {"low", "other"}, NULL},
	};
	struct work_fixture fixture;
	fixture_open(&fixture, NULL, cycle, ARRAY_LENGTH(cycle), NULL, NULL);
	fixture_emit(&fixture);
	assert_int_equal(fixture.plan.groups.count, 2);
	cleanup_json json_t *result = result_of(&fixture, "cycle-other@3.0");
	assert_int_equal(json_object_size(json_object_get(result, "wheels")), 2);
	assert_non_null(json_object_get(json_object_get(result, "wheels"), "dist.other/pysrc/release-up.whl"));
	assert_int_equal(json_array_size(json_object_get(result, "releases")), 2);
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_result),         cmocka_unit_test(test_native),
		cmocka_unit_test(test_determinism),    cmocka_unit_test(test_memo),
		cmocka_unit_test(test_scan_is_healed), cmocka_unit_test(test_errors),
		cmocka_unit_test(test_cycle),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
