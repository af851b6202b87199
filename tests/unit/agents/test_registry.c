// The proxy layout, the ledger, and the steps of publishing: what is there afterwards, what is refused, what happens twice.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <unistd.h>

#include "agents/ledger.h"
#include "agents/publish.h"
#include "core/file.h"

static int make_workspace(void **state)
{
	char *folder = NULL;
	struct error err = ERROR_INIT;
	assert_int_equal(dir_temporary("/tmp", "registry", &folder, &err), 0);
	*state = folder;
	return 0;
}

static int remove_workspace(void **state)
{
	struct error err = ERROR_INIT;
	assert_int_equal(dir_remove_tree(*state, &err), 0);
	free(*state);
	return 0;
}

static void check_text(const char *path, const char *wanted)
{
	cleanup_text struct text text = TEXT_INIT;
	struct error err = ERROR_INIT;
	if (file_read(path, 1 << 20, &text, &err))
		fail_msg("%s", err.text);
	assert_string_equal(text_str(&text), wanted);
}

static void list(const char *workspace, const char *version, bool listed)
{
	struct error err = ERROR_INIT;
	struct registry_version row = {
		.module = "go.internal/py-X", .version = version, .time = "2020-01-01T00:00:00Z", .listed = listed};
	assert_int_equal(registry_put_list(workspace, &row, &err), 0);
}

static void test_list(void **state)
{
	const char *workspace = *state;
	cleanup_free char *path = registry_list_path(workspace, "go.internal/py-X");
	cleanup_free char *latest = xasprintf("%s/registry/go/go.internal/py-!x/@latest", workspace);
	assert_non_null(strstr(path, "/registry/go/go.internal/py-!x/@v/list"));
	list(workspace, "v0.1.0-0.pre-a.1.rel.0", false);
	check_text(path, "");
	check_text(latest, "{\"Time\":\"2020-01-01T00:00:00Z\",\"Version\":\"v0.1.0-0.pre-a.1.rel.0\"}");
	list(workspace, "v0.1.0-0.dev.1.0", false); // not newer: @latest stays
	check_text(latest, "{\"Time\":\"2020-01-01T00:00:00Z\",\"Version\":\"v0.1.0-0.pre-a.1.rel.0\"}");
	list(workspace, "v0.1.10-0.rel.0", true);
	list(workspace, "v0.1.9-0.rel.0", true);
	list(workspace, "v0.1.9-0.rel.0", true);
	list(workspace, "v0.2.0-0.pre-rc.1.rel.0", false);
	check_text(path, "v0.1.9-0.rel.0\nv0.1.10-0.rel.0\n");
}

static json_t *entry_of(const char *version, const char *inputs, const char *request)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "schema", "gophersnake.ledger/1", "kind",
			 "release", "name", "x", "version", "1.0", "go_version", version, "inputs", inputs, "request",
			 request, "listed", 1);
}

static void test_ledger(void **state)
{
	const char *workspace = *state;
	struct error err = ERROR_INIT;
	cleanup_free char *first = NULL, *second = NULL, *third = NULL, *again = NULL, *other = NULL;
	const char *stem = "v0.1.0-0.rel";
	assert_int_equal(ledger_choose(workspace, "x", stem, "release", "aaa", &first, &err), 0);
	assert_string_equal(first, "v0.1.0-0.rel.0");
	assert_int_equal(ledger_claim(workspace, "x", first, "release", "aaa", &err), 0);
	assert_int_equal(ledger_claim(workspace, "x", first, "release", "aaa", &err), 0);
	assert_int_equal(ledger_claim(workspace, "x", first, "release", "bbb", &err), -1);
	assert_int_equal(err.code, ERROR_WORKSPACE);
	// Claimed and never finished: the number stays with its inputs.
	assert_int_equal(ledger_choose(workspace, "x", stem, "release", "bbb", &second, &err), 0);
	assert_string_equal(second, "v0.1.0-0.rel.1");
	assert_int_equal(ledger_choose(workspace, "x", stem, "release", "aaa", &again, &err), 0);
	assert_string_equal(again, "v0.1.0-0.rel.0");
	cleanup_json json_t *entry = entry_of("v0.1.0-0.rel.3", "ccc", "request-c");
	assert_int_equal(ledger_put(workspace, entry, &err), 0);
	assert_int_equal(ledger_put(workspace, entry, &err), 1);
	assert_int_equal(ledger_choose(workspace, "x", stem, "release", "ddd", &third, &err), 0);
	assert_string_equal(third, "v0.1.0-0.rel.4");
	cleanup_json json_t *changed = entry_of("v0.1.0-0.rel.3", "ccd", "request-c");
	assert_int_equal(ledger_put(workspace, changed, &err), -1);
	assert_int_equal(err.code, ERROR_POLICY);
	assert_int_equal(ledger_choose(workspace, "x", stem, "cycle", "ddd", &other, &err), -1);
	assert_int_equal(err.code, ERROR_POLICY);
	cleanup_json json_t *older = entry_of("v0.1.0-0.rel.2", "bbb", "request-b"), *found = NULL, *latest = NULL,
			    *none = NULL;
	assert_int_equal(ledger_put(workspace, older, &err), 0);
	assert_int_equal(ledger_find(workspace, "x", stem, "request-b", &found, &err), 1);
	assert_string_equal(json_string_or(found, "go_version", ""), "v0.1.0-0.rel.2");
	assert_int_equal(ledger_find(workspace, "x", "v0.1.0-1.rel", "request-b", &none, &err), 0);
	assert_int_equal(ledger_latest(workspace, "x", "1.0", &latest, &err), 1);
	assert_string_equal(json_string_or(latest, "go_version", ""), "v0.1.0-0.rel.3");
	assert_int_equal(ledger_latest(workspace, "x", "2.0", &none, &err), 0);
	assert_int_equal(ledger_latest(workspace, "y", NULL, &none, &err), 0);
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	assert_int_equal(ledger_names(workspace, &names, &err), 0);
	assert_int_equal(names.count, 1);
	assert_string_equal(names.items[0], "x");
	cleanup_free char *path = ledger_path(workspace, "x", "v0.1.0-0.rel.9", "json");
	assert_int_equal(file_write_atomic(path, "{\"schema\": \"other/1\"}", 20, &err), 0);
	cleanup_json json_t *bad = NULL;
	assert_int_equal(ledger_latest(workspace, "x", NULL, &bad, &err), -1);
	assert_non_null(strstr(err.text, "v0.1.0-0.rel.9"));
}

static void make_tree(struct module_tree *tree, const char *content)
{
	const char *const rows[][2] = {{"go.mod", "module go.internal/py-x\n\ngo 1.23\n"}, {"x/x.go", content}};
	struct error err = ERROR_INIT;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct text text = TEXT_INIT;
		text_add(&text, rows[i][1]);
		module_tree_add(tree, rows[i][0], &text);
	}
	assert_int_equal(module_tree_finish(tree, &err), 0);
}

static int publish(const char *workspace, const char *content, const char *inputs, struct error *err)
{
	cleanup_module_tree struct module_tree tree = {VEC_INIT};
	make_tree(&tree, content);
	cleanup_json json_t *entry = entry_of("v0.1.0-0.rel.0", inputs, "request");
	struct publication publication = {
		.workspace = workspace,
		.name = "x",
		.element = "py-x",
		.kind = "release",
		.version = {.module = "go.internal/py-x",
			    .version = "v0.1.0-0.rel.0",
			    .time = "2020-01-01T00:00:00Z",
			    .listed = true},
		.tree = &tree,
		.inputs = inputs,
		.message = "x\n",
		.email = "g@example.org",
		.seconds = 1,
		.entry = entry,
	};
	cleanup_fd int lock = -1;
	assert_int_equal(registry_lock(workspace, "py-x", &lock, err), 0);
	return publication_run(&publication, err);
}

static void test_steps(void **state)
{
	const char *workspace = *state;
	struct error err = ERROR_INIT;
	struct registry_version version = {.module = "go.internal/py-x", .version = "v0.1.0-0.rel.0", .listed = true};
	assert_false(registry_is_complete(workspace, &version));
	if (publish(workspace, "package x\n", "aaa", &err))
		fail_msg("%s", err.text);
	assert_true(registry_is_complete(workspace, &version));
	assert_int_equal(publish(workspace, "package x\n", "aaa", &err), 0);
	// Other inputs never get into a version that is there, nor other bytes under the same inputs.
	assert_int_equal(publish(workspace, "package y\n", "bbb", &err), -1);
	assert_int_equal(err.code, ERROR_WORKSPACE);
	assert_int_equal(publish(workspace, "package y\n", "aaa", &err), -1);
	assert_int_equal(err.code, ERROR_POLICY);
	assert_non_null(strstr(err.text, ".zip"));
	cleanup_json json_t *entry = NULL;
	assert_int_equal(ledger_read(workspace, "x", "v0.1.0-0.rel.0", &entry, &err), 1);
	assert_int_equal(strlen(json_string_or(entry, "commit", "")), 40);
	cleanup_free char *info = registry_path(workspace, "go.internal/py-x", "v0.1.0-0.rel.0", "info");
	assert_int_equal(unlink(info), 0);
	assert_false(registry_is_complete(workspace, &version));
	assert_int_equal(publish(workspace, "package x\n", "aaa", &err), 0);
	assert_true(registry_is_complete(workspace, &version));
}

static void test_runtime(void **state)
{
	(void)state;
	cleanup_module_tree struct module_tree tree = {VEC_INIT};
	struct error err = ERROR_INIT;
	if (publish_runtime_tree("go.example.org/x", &tree, &err))
		fail_msg("%s", err.text);
	const struct module_file *gomod = module_tree_find(&tree, "go.mod");
	assert_non_null(gomod);
	assert_int_equal(strncmp(text_str(&gomod->data), "module go.example.org/x/pyrt\n", 28), 0);
	assert_non_null(module_tree_find(&tree, "LICENSE"));
	vec_each (&tree.files, file)
		assert_null(strstr(file->path, "_test.go"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_list, make_workspace, remove_workspace),
		cmocka_unit_test_setup_teardown(test_ledger, make_workspace, remove_workspace),
		cmocka_unit_test_setup_teardown(test_steps, make_workspace, remove_workspace),
		cmocka_unit_test(test_runtime),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
