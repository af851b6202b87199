// Publishing small releases, among them a cycle, with the real sandbox and the real `go`; then what a stock `go` makes of
// the registry: latest versions, checksums, a program that imports façades, git repositories.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agents/ledger.h"
#include "agents/registry.h"
#include "agents/wheel/index.h"
#include "core/process.h"
#include "tests/unit/agents/work_fixture.h"

static const struct python_file alpha[] = {
	{"alpha/__init__.py", "from alpha.core import make\nLIMIT = 3\n"},
	{"alpha/core.py", "class Thing:\n    def grow(self, by=1): return by\ndef make(a: int) -> int: return a\n"},
	{"license/__init__.py", "TEXT = 'x'\n"}, // beside the file LICENSE
	{"pysrc.py", "def here(): return 1\n"},
	{"alpha-1.0.dist-info/licenses/LICENSE", "MIT, as it says.\n"},
};
static const struct python_file beta[] = {
	{"beta/__init__.py", "import alpha.core\nimport gamma\nclass Beta(alpha.core.Thing): pass\ndef twice(a: int) "
			     "-> int: return 2 * a\n"},
	{"beta/late.py", "import beta\nclass Later(beta.Beta): pass\n"},
};
static const struct python_file gamma_files[] = {
	{"gamma/__init__.py", "import beta\ndef thrice(a: int, *, more=None) -> int: return 3 * a\nclass Gamma:\n    "
			      "def m(self): pass\nNAME = 'g'\n"},
};
static const struct python_file delta[] = {
	{"delta.py",
	 "import beta\nimport alpha\nclass Delta(beta.Beta): pass\ndef four() -> int: return beta.twice(2)\n"},
};
static const struct release_fixture tree[] = {
	{"alpha", "1.0", alpha, ARRAY_LENGTH(alpha), {NULL}, NULL},
	{"beta", "2.0", beta, ARRAY_LENGTH(beta), {"alpha", "gamma"}, NULL},
	{"delta", "1!4.0rc1", delta, ARRAY_LENGTH(delta), {"beta", "alpha"}, NULL},
	{"gamma", "3.0", gamma_files, ARRAY_LENGTH(gamma_files), {"beta"}, NULL},
};

static char *cache_folder(void)
{
	const char *named = getenv("GOPHERSNAKE_CACHE_DIR"), *home = getenv("HOME");
	return named ? xstrdup(named) : xasprintf("%s/.cache/gophersnake", home ? home : "/tmp");
}

static void publish_all(struct work_fixture *fixture)
{
	struct error err = ERROR_INIT;
	char digest[DIGEST_HEX_SIZE];
	for (size_t i = 0; i < fixture->plan.groups.count; i++) {
		cleanup_text struct text outcome = TEXT_INIT;
		if (publish_run(&fixture->work, (int)i, digest, &outcome, &err))
			fail_msg("%s", err.text);
		assert_true(store_has(fixture->work.store, digest));
		assert_non_null(strstr(text_str(&outcome), "\"grade\":\"bridged\""));
	}
}

static int setup(void **state)
{
	struct work_fixture *fixture = xcalloc(1, sizeof *fixture);
	cleanup_free char *cache = cache_folder();
	fixture_open(fixture, cache, tree, ARRAY_LENGTH(tree), NULL, NULL);
	fixture_emit(fixture);
	publish_all(fixture);
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

// ---- stock go ----------------------------------------------------------------------------------------------------------

// With the settings of the summary only: no checksum switch, no network.
static char *run_go(struct work_fixture *fixture, const char *folder, const char *command)
{
	cleanup_free char *full = xasprintf("cd %s && %s", folder, command);
	cleanup_free char *proxy = xasprintf("GOPROXY=file://%s/workspace/registry/go", fixture->folder);
	cleanup_free char *modules = xasprintf("GOMODCACHE=%s/modules", fixture->folder);
	cleanup_free char *path = xasprintf("PATH=%s/bin:/usr/bin:/bin", fixture->work.toolchain->go_root);
	cleanup_free char *home = xasprintf("HOME=%s", fixture->folder);
	cleanup_free char *cache = xasprintf("GOCACHE=%s", fixture->work.toolchain->go_cache);
	cleanup_free char *python = xasprintf("GOPHERSNAKE_PYTHON=%s", fixture->work.toolchain->python);
	const char *argv[] = {"/bin/sh", "-c", full, NULL};
	const char *environment[] = {proxy,
				     "GONOSUMDB=go.internal",
				     "GOFLAGS=-mod=mod -modcacherw -trimpath",
				     modules,
				     path,
				     home,
				     cache,
				     python,
				     "GOTOOLCHAIN=local",
				     NULL};
	struct process_options options = {
		.argv = argv, .environment = environment, .timeout = 300000, .merge_error = true};
	struct process_result result = {0};
	struct error err = ERROR_INIT;
	if (process_run(&options, &result, &err))
		fail_msg("%s", err.text);
	if (result.exit_status)
		fail_msg("%s: %s", command, text_str(&result.output));
	char *output = text_steal(&result.output);
	process_result_clear(&result);
	return output;
}

static void has(const char *text, const char *wanted)
{
	if (!strstr(text, wanted))
		fail_msg("\"%s\" is not in:\n%s", wanted, text);
}

static void test_stock_go(void **state)
{
	struct work_fixture *fixture = *state;
	struct error err = ERROR_INIT;
	cleanup_free char *folder = xasprintf("%s/user", fixture->folder);
	cleanup_free char *program = xasprintf("%s/main.go", folder);
	static const char source[] =
		"package main\n\nimport "
		"(\n\t\"fmt\"\n\n\t\"go.internal/py-alpha/alpha\"\n\t\"go.internal/py-beta/beta\"\n"
		"\t\"go.internal/py-cycle-beta/gamma\"\n\t\"go.internal/py-delta/delta\"\n\tfacade "
		"\"go.internal/py-gamma/gamma\"\n)\n\n"
		"func main() {\n\tvar made *beta.Beta\n\t_, _ = made, gamma.GammaClass == facade.GammaClass\n"
		"\ta, err := alpha.Make(5)\n\tfmt.Println(a, err)\n\tb, err := beta.Twice(21)\n\tfmt.Println(b, err)\n"
		"\tc, err := facade.Thrice(3, facade.ThriceOptions{More: 1})\n\tfmt.Println(c, err)\n"
		"\tname, err := facade.NAME()\n\tfmt.Println(name, err)\n\td, err := delta.Four()\n\tfmt.Println(d, "
		"err)\n}\n";
	assert_int_equal(dir_make(folder, 0755, &err), 0);
	assert_int_equal(file_write_atomic(program, source, strlen(source), &err), 0);
	cleanup_free char *get = run_go(fixture, folder, "go mod init x 2>&1 && go get go.internal/py-delta@latest");
	has(get, "added go.internal/py-delta v1.4.0-0.pre-rc.1.rel.0");
	cleanup_free char *beta_get =
		run_go(fixture, folder, "go get go.internal/py-beta@latest go.internal/py-gamma && go mod tidy");
	has(beta_get, "go.internal/py-beta v0.2.0-0.rel.0");
	cleanup_free char *list = run_go(fixture, folder, "go list -m all");
	assert_string_equal(list,
			    "x\ngo.internal/py-alpha v0.1.0-0.rel.0\ngo.internal/py-beta v0.2.0-0.rel.0\n"
			    "go.internal/py-cycle-beta v0.2.0-0.rel.0\ngo.internal/py-delta v1.4.0-0.pre-rc.1.rel.0\n"
			    "go.internal/py-gamma v0.3.0-0.rel.0\ngo.internal/pyrt v0.3.0\n");
	cleanup_free char *download = run_go(fixture, folder, "go mod download -json && go mod verify");
	has(download, "all modules verified");
	cleanup_json json_t *entry = NULL;
	assert_int_equal(ledger_latest(fixture->config.workspace, "beta", "2.0", &entry, &err), 1);
	has(download, json_string_or(json_object_get(entry, "zip"), "h1", "?"));
	has(download, json_string_or(entry, "gomod_h1", "?"));
	cleanup_free char *output = run_go(fixture, folder, "go vet . && go build -mod=readonly -o prog . && ./prog");
	assert_string_equal(output, "5 <nil>\n42 <nil>\n9 <nil>\ng <nil>\n4 <nil>\n");
	cleanup_free char *readme =
		run_go(fixture, folder,
		       "cat ../modules/go.internal/py-alpha@*/README.md ../modules/go.internal/py-gamma@*/README.md");
	has(readme, "import \"go.internal/py-alpha/alpha\"");
	has(readme, "import \"go.internal/py-gamma/gamma\"");
	has(readme, "alpha 1.0: MIT (LICENSE)");
	// gofmt agrees with every published file.
	cleanup_free char *format = run_go(fixture, folder, "gofmt -l ../modules/go.internal/py-*");
	assert_string_equal(format, "");
}

static void test_git(void **state)
{
	struct work_fixture *fixture = *state;
	cleanup_free char *folder = xasprintf("%s/workspace/repos", fixture->folder);
	// The commit's tree is the module zip.
	cleanup_free char *same = run_go(fixture, folder,
					 "for e in alpha beta gamma delta cycle-beta; do git --git-dir=py-$e.git fsck "
					 "--strict && git clone -q py-$e.git c-$e && "
					 "(cd c-$e && git ls-files | sort) > a && z=$(ls "
					 "../registry/go/go.internal/py-$e/@v/*.zip) && unzip -Z1 $z | sed "
					 "'s|^[^@]*@[^/]*/||' | sort > b && cmp a b && unzip -q -d u-$e $z && diff -r "
					 "-x .git c-$e u-$e/go.internal/py-$e@* || exit 1; "
					 "done");
	assert_null(strstr(same, "differ"));
}

// ---- the records -------------------------------------------------------------------------------------------------------

static void test_ledger(void **state)
{
	struct work_fixture *fixture = *state;
	struct error err = ERROR_INIT;
	cleanup_json json_t *entry = NULL, *cycle = NULL, *face = NULL;
	assert_int_equal(ledger_latest(fixture->config.workspace, "alpha", NULL, &entry, &err), 1);
	assert_string_equal(json_string_or(entry, "kind", ""), "release");
	assert_int_equal(json_integer_or(json_object_get(json_object_get(entry, "counts"), "functions"), "bridged", 0),
			 2);
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(json_object_get(entry, "licence"), "files"), 0)),
		"LICENSE");
	assert_int_equal(ledger_latest(fixture->config.workspace, "cycle-beta", NULL, &cycle, &err), 1);
	assert_string_equal(json_string_or(cycle, "kind", ""), "cycle");
	assert_int_equal(ledger_latest(fixture->config.workspace, "gamma", NULL, &face, &err), 1);
	assert_string_equal(json_string_or(json_object_get(face, "cycle"), "module", ""), "go.internal/py-cycle-beta");
	assert_int_equal(json_array_size(json_object_get(face, "members")), 2);
	cleanup_free char *zip =
		registry_path(fixture->config.workspace, "go.internal/py-alpha", "v0.1.0-0.rel.0", "zip");
	char sha256[DIGEST_HEX_SIZE];
	assert_int_equal(digest_hex_of_file(zip, sha256, &err), 0);
	assert_string_equal(json_string_or(json_object_get(entry, "zip"), "sha256", ""), sha256);
}

static char *describe(const char *folder, bool with_inodes)
{
	file_names names = VEC_INIT;
	struct error err = ERROR_INIT;
	struct text out = TEXT_INIT;
	assert_int_equal(dir_walk_files(folder, &names, &err), 0);
	vec_each (&names, name) {
		cleanup_free char *path = xasprintf("%s/%s", folder, *name);
		char digest[DIGEST_HEX_SIZE];
		struct stat status;
		assert_int_equal(digest_hex_of_file(path, digest, &err), 0);
		assert_int_equal(stat(path, &status), 0);
		text_addf(&out, "%s %s %ld\n", *name, digest, with_inodes ? (long)status.st_ino : 0);
	}
	file_names_clear(&names);
	return text_steal(&out);
}

static void test_again(void **state)
{
	struct work_fixture *fixture = *state;
	struct error err = ERROR_INIT;
	cleanup_free char *registry = xasprintf("%s/workspace/registry", fixture->folder);
	cleanup_free char *before = describe(registry, true);
	bool complete[8] = {false};
	cleanup_json json_t *entries = json_array();
	assert_int_equal(publish_survey(&fixture->work, complete, entries, &err), 0);
	for (size_t i = 0; i < fixture->plan.groups.count; i++)
		assert_true(complete[i]);
	assert_int_equal(json_array_size(entries), 4); // one a member
	publish_all(fixture);
	cleanup_free char *after = describe(registry, true);
	assert_string_equal(before, after);
	// A publication that was cut off before its last steps is not up to date, and is completed.
	cleanup_free char *list = registry_list_path(fixture->config.workspace, "go.internal/py-alpha");
	cleanup_free char *info =
		registry_path(fixture->config.workspace, "go.internal/py-beta", "v0.2.0-0.rel.0", "info");
	assert_int_equal(unlink(list), 0);
	assert_int_equal(unlink(info), 0);
	assert_int_equal(publish_survey(&fixture->work, complete, NULL, &err), 0);
	assert_false(complete[plan_find_group(&fixture->plan, "alpha@1.0")]);
	assert_false(complete[plan_find_group(&fixture->plan, "delta@1!4.0rc1")]); // what it needs is not there
	publish_all(fixture);
	cleanup_free char *completed = describe(registry, false), *wanted = describe(registry, false);
	assert_string_equal(completed, wanted);
	assert_int_equal(publish_survey(&fixture->work, complete, NULL, &err), 0);
	assert_true(complete[plan_find_group(&fixture->plan, "delta@1!4.0rc1")]);
}

static void test_same_bytes(void **state)
{
	struct work_fixture *first = *state, *second = NULL;
	void *other = NULL;
	setup(&other);
	second = other;
	cleanup_free char *a_folder = xasprintf("%s/workspace/registry", first->folder);
	cleanup_free char *b_folder = xasprintf("%s/workspace/registry", second->folder);
	cleanup_free char *a = describe(a_folder, false), *b = describe(b_folder, false);
	assert_string_equal(a, b);
	// Other settings that decide bytes: the next rev, for what depends on it too, and the old versions stay.
	second->plan.translators.count = 0;
	vec_push(&second->plan.translators, "bridge");
	vec_push(&second->plan.translators, "bridge");
	publish_all(second);
	struct error err = ERROR_INIT;
	static const char *const names[] = {"alpha", "beta", "gamma", "cycle-beta", "delta"};
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		cleanup_with(file_names_clear) file_names versions = VEC_INIT;
		assert_int_equal(ledger_versions(second->config.workspace, names[i], &versions, &err), 0);
		assert_int_equal(versions.count, 2);
		assert_true(slice_ends(slice_of(versions.items[1]), ".1"));
	}
	cleanup_json json_t *entry = NULL;
	assert_int_equal(ledger_latest(second->config.workspace, "delta", NULL, &entry, &err), 1);
	json_t *requires = json_object_get(entry, "requires"), *row;
	size_t index;
	json_array_foreach (requires, index, row)
		if (strcmp(json_string_or(row, "module", ""), "go.internal/pyrt"))
			assert_true(slice_ends(slice_of(json_string_or(row, "version", "")), ".rel.1"));
	teardown(&other);
}

// ---- translations ------------------------------------------------------------------------------------------------------

static const struct python_file translated[] = {
	{"sqlparse/__init__.py", ""},
	{"sqlparse/utils.py",
	 "def split_unquoted_newlines(stmt):\n    return stmt\ndef remove_quotes(val):\n    return 'python'\n"
	 "def recurse(*cls): pass\ndef imt(token, i=None, m=None, t=None): pass\n"
	 "def consume(iterator, n): pass\ndef offset(filter_, n=0): pass\ndef indent(filter_, n=1): pass\n"},
};
static const struct release_fixture translated_tree[] = {
	{"sqlparse", "0.6.1", translated, ARRAY_LENGTH(translated), {NULL}, NULL},
};

static void test_translated(void **state)
{
	(void)state;
	struct work_fixture fixture;
	struct error err = ERROR_INIT;
	char digest[DIGEST_HEX_SIZE];
	cleanup_text struct text outcome = TEXT_INIT;
	cleanup_free char *cache = cache_folder(), *program = realpath("tests/support/translator.py", NULL);
	assert_non_null(program);
	const char *const chain[] = {"bridge", "command", NULL}, *const command[] = {program, "good", NULL};
	fixture_open(&fixture, cache, translated_tree, ARRAY_LENGTH(translated_tree), chain, command);
	fixture_emit(&fixture);
	cleanup_json json_t *emit = emit_result(&fixture.work, 0, &err);
	json_t *units = json_object_get(emit, "units"), *unit;
	size_t index;
	json_array_foreach (units, index, unit) {
		if (translate_run(&fixture.work, 0, json_string_or(unit, "id", ""), digest, &outcome, &err))
			fail_msg("%s", err.text);
	}
	text_reset(&outcome);
	if (publish_run(&fixture.work, 0, digest, &outcome, &err))
		fail_msg("%s", err.text);
	cleanup_json json_t *entry = NULL;
	assert_int_equal(ledger_latest(fixture.config.workspace, "sqlparse", NULL, &entry, &err), 1);
	assert_string_equal(json_string_or(entry, "grade", ""), "partly native");
	json_t *functions = json_object_get(json_object_get(entry, "counts"), "functions");
	int64_t native = json_integer_or(functions, "native", 0);
	assert_true(native >= 1);
	assert_int_equal(json_integer_or(functions, "bridged", 0) + native, 7);
	assert_int_equal(json_integer_or(json_object_get(entry, "translators"), "command", 0), native);
	assert_true(json_array_size(json_object_get(entry, "functions")) >= (size_t)native);
	// What runs is Go: the Python would say otherwise.
	cleanup_free char *folder = xasprintf("%s/user", fixture.folder);
	cleanup_free char *main_go = xasprintf("%s/main.go", folder);
	static const char source[] =
		"package main\n\nimport (\n\t\"fmt\"\n\n\t\"go.internal/py-sqlparse/sqlparse/utils\"\n)\n\n"
		"func main() {\n\tfmt.Println(utils.RemoveQuotes(\"'x'\"))\n}\n";
	assert_int_equal(dir_make(folder, 0755, &err), 0);
	assert_int_equal(file_write_atomic(main_go, source, strlen(source), &err), 0);
	cleanup_free char *output =
		run_go(&fixture, folder, "go mod init x 2>/dev/null && go mod tidy 2>/dev/null && go run .");
	assert_string_equal(output, "x <nil>\n");
	fixture_close(&fixture);
}

// ---- refusals ----------------------------------------------------------------------------------------------------------

static void test_refusals(void **state)
{
	(void)state;
	struct work_fixture fixture;
	struct error err = ERROR_INIT;
	char digest[DIGEST_HEX_SIZE];
	cleanup_text struct text outcome = TEXT_INIT;
	cleanup_free char *cache = cache_folder();
	fixture_open(&fixture, cache, tree, ARRAY_LENGTH(tree), NULL, NULL);
	fixture_emit(&fixture);
	int alpha_group = plan_find_group(&fixture.plan, "alpha@1.0"),
	    delta_group = plan_find_group(&fixture.plan, "delta@1!4.0rc1");
	assert_int_equal(publish_run(&fixture.work, delta_group, digest, &outcome, &err), -1);
	assert_int_equal(err.code, ERROR_FAILED);
	assert_non_null(strstr(err.text, "alpha@1.0"));
	assert_int_equal(publish_request(&fixture.work, delta_group, digest, &err), 0);
	assert_int_equal(publish_request(&fixture.work, alpha_group, digest, &err), 1);
	fixture.config.licence_unknown = LICENCE_ALLOW;
	fixture.config.licence_listed = LICENCE_REFUSE;
	fixture.config.licence_refused.items = xcalloc(1, sizeof(char *));
	fixture.config.licence_refused.items[fixture.config.licence_refused.count++] = xstrdup("MIT");
	assert_int_equal(publish_run(&fixture.work, alpha_group, digest, &outcome, &err), -1);
	assert_int_equal(err.code, ERROR_POLICY);
	assert_non_null(strstr(err.text, "MIT"));
	fixture.config.licence_listed = LICENCE_WARN;
	if (publish_run(&fixture.work, alpha_group, digest, &outcome, &err))
		fail_msg("%s", err.text);
	assert_non_null(strstr(text_str(&outcome), "MIT"));
	// The registry of another build of gophersnake.
	cleanup_free char *zip = registry_path(fixture.config.workspace, "go.internal/pyrt", "v0.3.0", "zip");
	assert_int_equal(truncate(zip, 100), 0);
	assert_int_equal(
		publish_run(&fixture.work, plan_find_group(&fixture.plan, "cycle-beta@2.0"), digest, &outcome, &err),
		-1);
	assert_int_equal(err.code, ERROR_POLICY);
	assert_non_null(strstr(err.text, "another build"));
	fixture.plan.host = "internal";
	assert_int_equal(publish_run(&fixture.work, alpha_group, digest, &outcome, &err), -1);
	assert_int_equal(err.code, ERROR_CONFIG);
	free(fixture.config.licence_refused.items[0]);
	free(fixture.config.licence_refused.items);
	fixture_close(&fixture);
}

// ---- the Python index ------------------------------------------------------------------------------------------------

static void same_file(const char *left, const char *right)
{
	struct error err = ERROR_INIT;
	char one[DIGEST_HEX_SIZE] = "", other[DIGEST_HEX_SIZE] = "";
	if (digest_hex_of_file(left, one, &err) || digest_hex_of_file(right, other, &err))
		fail_msg("%s", err.text);
	assert_string_equal(one, other);
}

// Also of a cycle's members, whose wheels are in the cycle's module, and of a release with a package of its own that is called pysrc.
static void test_python_index(void **state)
{
	struct work_fixture *fixture = *state;
	struct error err = ERROR_INIT;
	for (int round = 0; round < 2; round++) {
		struct wheel_index index = {0};
		if (wheel_index_update(&fixture->work, &index, &err))
			fail_msg("%s", err.text);
		assert_int_equal(index.releases, 4);
		assert_int_equal(index.native_wheels, 0);
		assert_null(index.bundle);
		assert_int_equal(index.reasons.count, 0);
		wheel_index_clear(&index);
		for (size_t i = 0; i < ARRAY_LENGTH(tree); i++) {
			cleanup_free char *original =
				xasprintf("%s/%s-%s-py3-none-any.whl", fixture->folder, tree[i].name, tree[i].version);
			cleanup_free char *file = xasprintf("%s/workspace/registry/simple/files/%s-%s-py3-none-any.whl",
							    fixture->folder, tree[i].name, tree[i].version);
			cleanup_free char *page =
				xasprintf("%s/workspace/registry/simple/%s/index.html", fixture->folder, tree[i].name);
			same_file(original, file);
			assert_true(file_exists(page));
		}
		cleanup_free char *simple = xasprintf("%s/workspace/registry/simple", fixture->folder);
		assert_int_equal(dir_remove_tree(simple, &err), 0); // made again from the Go modules
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stock_go),   cmocka_unit_test(test_git),          cmocka_unit_test(test_ledger),
		cmocka_unit_test(test_again),      cmocka_unit_test(test_same_bytes),   cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_translated), cmocka_unit_test(test_python_index),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
