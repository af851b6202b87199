// Go modules of others: the list, and fetching through a proxy in a folder.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "agents/mirror.h"
#include "tests/unit/agents/go_proxy_fixture.h"
#include "tests/unit/agents/work_fixture.h"

static const struct python_file files[] = {{"m/__init__.py", ""}};
static const struct release_fixture release = {"m", "1.0", files, ARRAY_LENGTH(files), {NULL}, NULL};
static struct work_fixture fixture;
static char *proxy_workspace;

static void list_module(const char *item)
{
	struct error err = ERROR_INIT;
	struct plan_go_module module;
	if (mirror_parse(slice_of(item), "go.internal", &fixture.plan.arena, &module, &err))
		fail_msg("%s", err.text);
	vec_push(&fixture.plan.go_modules, module);
}

static int setup(void **state)
{
	(void)state;
	char folder[] = "/tmp/mirror-test-XXXXXX";
	assert_non_null(mkdtemp(folder));
	proxy_workspace = xstrdup(folder);
	fixture_go_proxy(proxy_workspace);
	fixture_open(&fixture, NULL, &release, 1, NULL, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	fixture_close(&fixture);
	assert_int_equal(dir_remove_tree(proxy_workspace, &err), 0);
	free(proxy_workspace);
	return 0;
}

static int forget_list(void **state)
{
	(void)state;
	vec_clear(&fixture.plan.go_modules);
	return 0;
}

// ---- the list --------------------------------------------------------------------------------------------------------

static void test_parse(void **state)
{
	(void)state;
	static const char *const bad[][2] = {
		{"golang.org/x/text", "expected a module path with its version"},
		{"", "expected a module path"},
		{"@v1.0.0", "expected a module path"},
		{"text@v1.0.0", "expected a module path"},
		{"example.org//x@v1.0.0", "expected a module path"},
		{"example.org/../x@v1.0.0", "expected a module path"},
		{"example.org/x y@v1.0.0", "expected a module path"},
		{"example.org/x@latest", "expected a whole version, such as v1.2.3, not \"latest\""},
		{"example.org/x@v1.2", "expected a whole version"},
		{"example.org/x@v1.2.x", "expected a whole version"},
		{"example.org/x@v1.2.3;rm", "expected a whole version"},
		{"example.org/x@v1.2.3 sha256:ab", "expected a sum as in go.sum"},
		{"example.org/x@v1.2.3 h1:a b", "expected a sum as in go.sum"},
		{"go.internal/py-x@v1.2.3", "paths below go.internal are those of converted modules"},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
		struct error err = ERROR_INIT;
		struct plan_go_module module;
		assert_int_equal(mirror_parse(slice_of(bad[i][0]), "go.internal", &fixture.plan.arena, &module, &err),
				 -1);
		assert_int_equal(err.code, ERROR_CONFIG);
		if (!strstr(err.text, bad[i][1]))
			fail_msg("%s: %s", bad[i][0], err.text);
	}
	list_module("example.org/a@v1.0.0");
	list_module(" github.com/Azure/go-x/v2@v2.0.0-rc.1+incompatible h1:abc= ");
	list_module("example.org/a/b@v0.0.0-20240508182429-e35e4ccd0d2d");
	const struct plan_go_module *second = &fixture.plan.go_modules.items[1];
	assert_string_equal(second->path, "github.com/Azure/go-x/v2");
	assert_string_equal(second->version, "v2.0.0-rc.1+incompatible");
	assert_string_equal(second->sum, "h1:abc=");
	// The longest path that the package lies in, by elements.
	assert_string_equal(mirror_module_of(&fixture.plan, SLICE("example.org/a/x"))->path, "example.org/a");
	assert_string_equal(mirror_module_of(&fixture.plan, SLICE("example.org/a/b/c"))->path, "example.org/a/b");
	assert_null(mirror_module_of(&fixture.plan, SLICE("example.org/ab")));
	cleanup_json json_t *imports = json_object();
	mirror_imports(&fixture.plan,
		       SLICE("package p\nimport (\n\t\"fmt\"\n\tq "
			     "\"example.org/a/q\"\n\t\"example.org/a/../../etc\"\n\t\"example.org/a/"
			     "x\\\"y\"\n\t\"example.org/ab\"\n)\n"
			     "const s = \"example.org/a/no\"\n"),
		       imports);
	assert_int_equal(json_object_size(imports), 1);
	assert_non_null(json_object_get(imports, "example.org/a/q"));
}

static void test_join(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	cleanup_json json_t *rows = json_array();
	cleanup_json json_t *one = json_parse(
		SLICE("[{\"module\":\"a\",\"version\":\"v1.9.0\",\"indirect\":true,\"h1\":\"h1:9\",\"gomod_h1\":\"h1:"
		      "m9\",\"texts\":{}},"
		      "{\"module\":\"b\",\"version\":\"v1.0.0\",\"indirect\":true,\"h1\":null,\"gomod_h1\":\"h1:b\"}]"),
		"one", &err);
	cleanup_json json_t *two = json_parse(SLICE("[{\"module\":\"a\",\"version\":\"v1.10.0\",\"indirect\":false,"
						    "\"h1\":\"h1:10\",\"gomod_h1\":\"h1:m10\"},"
						    "{\"module\":\"b\",\"version\":\"v1.0.0\",\"indirect\":true,\"h1\":"
						    "\"h1:z\",\"gomod_h1\":\"h1:b\"}]"),
					      "two", &err);
	mirror_join(rows, one, false, false);
	mirror_join(rows, two, false, false);
	mirror_join(rows, one, true, false);
	assert_int_equal(json_array_size(rows), 2);
	struct gomod_require a = mirror_require(json_array_get(rows, 0)), b = mirror_require(json_array_get(rows, 1));
	assert_string_equal(a.version, "v1.10.0");
	assert_string_equal(a.zip_h1, "h1:10");
	assert_false(a.indirect);
	assert_false(b.sum_only);
	assert_true(b.indirect);
	assert_null(json_object_get(json_array_get(rows, 0), "texts"));
}

// ---- fetching --------------------------------------------------------------------------------------------------------

static json_t *record_of(const char *first, const char *second)
{
	struct error err = ERROR_INIT;
	cleanup_json json_t *wanted = json_object();
	json_t *record = NULL;
	json_object_set_new(wanted, first, json_true());
	if (second)
		json_object_set_new(wanted, second, json_true());
	if (mirror_record(&fixture.work, wanted, &record, &err))
		fail_msg("%s", err.text);
	return record;
}

static void refused(const char *package, enum error_code code, const char *text)
{
	struct error err = ERROR_INIT;
	cleanup_json json_t *wanted = json_object(), *record = NULL;
	json_object_set_new(wanted, package, json_true());
	assert_int_equal(mirror_record(&fixture.work, wanted, &record, &err), -1);
	assert_null(record);
	if (err.code != code || !strstr(err.text, text) || !strstr(err.text, "go_modules"))
		fail_msg("%d: %s", (int)err.code, err.text);
}

static void same_file(const char *module, const char *version, const char *suffix)
{
	struct error err = ERROR_INIT;
	char one[DIGEST_HEX_SIZE], two[DIGEST_HEX_SIZE];
	cleanup_free char *from = registry_path(proxy_workspace, module, version, suffix);
	cleanup_free char *to = registry_path(fixture.config.workspace, module, version, suffix);
	if (digest_hex_of_file(from, one, &err) || digest_hex_of_file(to, two, &err))
		fail_msg("%s", err.text);
	assert_string_equal(one, two);
}

static void test_fetch(void **state)
{
	(void)state;
	list_module("example.org/quotes@v1.0.0");
	cleanup_json json_t *record = record_of("example.org/quotes", "example.org/quotes/none");
	json_t *packages = json_object_get(record, "packages"), *modules = json_object_get(record, "modules");
	assert_string_equal(json_string_or(packages, "example.org/quotes", ""), "quotes");
	assert_true(json_is_null(json_object_get(packages, "example.org/quotes/none")));
	assert_int_equal(json_array_size(modules), 2);
	json_t *below = json_array_get(modules, 0), *quotes = json_array_get(modules, 1);
	assert_string_equal(json_string_or(below, "module", ""), "example.org/below");
	assert_true(json_bool_or(below, "indirect", false));
	assert_string_equal(json_string_or(json_object_get(below, "licence"), "source", ""), "none");
	assert_false(json_bool_or(quotes, "indirect", true));
	assert_string_equal(json_string_or(json_object_get(quotes, "licence"), "expression", ""), "MIT");
	assert_non_null(json_object_get(json_object_get(quotes, "texts"), "LICENSE"));
	static const char *const suffixes[] = {"zip", "mod"};
	for (size_t i = 0; i < ARRAY_LENGTH(suffixes); i++) {
		same_file("example.org/quotes", "v1.0.0", suffixes[i]);
		same_file("example.org/below", "v1.1.0", suffixes[i]);
	}
	// What the registry has is asked of nobody again; packages that are others' business are none.
	char *proxy = xstrdup(getenv("GOPROXY"));
	setenv("GOPROXY", "off", 1);
	cleanup_json json_t *names = record_of("example.org/quotes/go-names", "example.org/quotes/internal/own");
	packages = json_object_get(names, "packages");
	assert_string_equal(json_string_or(packages, "example.org/quotes/go-names", ""), "names");
	assert_true(json_is_null(json_object_get(packages, "example.org/quotes/internal/own")));
	cleanup_json json_t *main = record_of("example.org/quotes/cmd", NULL);
	assert_true(json_is_null(json_object_get(json_object_get(main, "packages"), "example.org/quotes/cmd")));
	// A file that is gone from the registry: fetched again, although the memo is there.
	cleanup_free char *zip = registry_path(fixture.config.workspace, "example.org/quotes", "v1.0.0", "zip");
	assert_int_equal(unlink(zip), 0);
	setenv("GOPROXY", proxy, 1);
	cleanup_json json_t *again = record_of("example.org/quotes", "example.org/quotes/none");
	assert_true(json_equal(record, again));
	same_file("example.org/quotes", "v1.0.0", "zip");
	free(proxy);
}

static void test_fetch_refuses(void **state)
{
	(void)state;
	list_module("example.org/new@v1.0.0");
	list_module("example.org/none@v1.0.0");
	list_module("example.org/below@v1.1.0 h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
	refused("example.org/new", ERROR_CONFIG, "go 1.24.0");
	refused("example.org/none", ERROR_INDEX, "example.org/none@v1.0.0");
	refused("example.org/below", ERROR_POLICY, "checksum mismatch");
	char *proxy = xstrdup(getenv("GOPROXY"));
	setenv("GOPROXY", "http://127.0.0.1:1", 1);
	refused("example.org/none/x", ERROR_NETWORK, "example.org/none");
	setenv("GOPROXY", proxy, 1);
	free(proxy);
	// Other bytes of a version that the registry has.
	struct error err = ERROR_INIT;
	struct registry_foreign foreign = {
		.module = "example.org/quotes", .version = "v1.0.0", .h1 = "h1:other", .zip = "/etc/hostname"};
	list_module("example.org/quotes@v1.0.0");
	cleanup_json json_t *record = record_of("example.org/quotes", NULL);
	assert_int_equal(registry_put_foreign(fixture.config.workspace, &foreign, &err), -1);
	assert_int_equal(err.code, ERROR_POLICY);
	assert_non_null(strstr(err.text, "example.org/quotes@v1.0.0"));
	same_file("example.org/quotes", "v1.0.0", "zip");
	// A sum of the setting counts, whatever the registry says.
	vec_last(&fixture.plan.go_modules)->sum = "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	refused("example.org/quotes", ERROR_POLICY, "example.org/quotes@v1.0.0: checksum mismatch");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_parse, forget_list),
		cmocka_unit_test_teardown(test_join, forget_list),
		cmocka_unit_test_teardown(test_fetch, forget_list),
		cmocka_unit_test_teardown(test_fetch_refuses, forget_list),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
