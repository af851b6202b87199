// The chain of translators over real units: the translator program of tests/support, the Go tool, the Go compiler, the sandbox.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "agents/scratch.h"
#include "agents/translate.h"
#include "tests/unit/agents/go_proxy_fixture.h"
#include "tests/unit/agents/work_fixture.h"

static const struct python_file low[] = {{"low/__init__.py", ""},
					 {"low/core.py", "def helper(a: int) -> int: return a\n"}};
// The functions of sqlparse.utils, as far as their signatures go.
static const struct python_file sqlparse[] = {
	{"sqlparse/__init__.py", "import sqlparse.utils\n"},
	{"sqlparse/utils.py",
	 "import low.core\nLIMIT = 1\n"
	 "def split_unquoted_newlines(stmt):\n    'Split.'\n    return stmt\n"
	 "def remove_quotes(val):\n    'Helper that removes surrounding quotes from strings.'\n    return val\n"
	 "def recurse(*cls): pass\n"
	 "def imt(token, i=None, m=None, t=None): pass\n"
	 "def consume(iterator, n): pass\n"
	 "def offset(filter_, n=0): pass\n"
	 "def indent(filter_, n=1): pass\n"},
	{"sqlparse/a.py", "import sqlparse.b\nfrom low import core\ndef first(x): return sqlparse.b.second(x)\n"
			  "class Token:\n    def __init__(self, v): self.own = v\n    def flatten(self): pass\n"
			  "    @staticmethod\n    def make(v): pass\n    @property\n    def area(self): pass\n"},
	{"sqlparse/b.py", "import sqlparse.a, sqlparse.utils\ndef second(x): pass\n"},
	{"sqlparse/empty.py", "X = 1\n"},
};
static const struct release_fixture tree[] = {
	{"low", "1.0", low, ARRAY_LENGTH(low), {NULL}, NULL},
	{"sqlparse", "0.6.1", sqlparse, ARRAY_LENGTH(sqlparse), {"low"}, NULL},
};
static const char *const chain[] = {"bridge", "command", NULL};

static char *shared_cache, *program;

static int setup(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	assert_int_equal(dir_temporary("/tmp", "translate-test", &shared_cache, &err), 0);
	program = realpath("tests/support/translator.py", NULL);
	assert_non_null(program);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	assert_int_equal(dir_remove_tree(shared_cache, &err), 0);
	free(shared_cache);
	free(program);
	return 0;
}

static int sqlparse_group(const struct work_fixture *fixture)
{
	return plan_find_group(&fixture->plan, "sqlparse@0.6.1");
}

static void open_mode(struct work_fixture *fixture, const char *mode)
{
	const char *const command[] = {program, mode, NULL};
	fixture_open(fixture, shared_cache, tree, ARRAY_LENGTH(tree), chain, command);
	fixture_emit(fixture);
}

static json_t *translate_unit(struct work_fixture *fixture, const char *unit, const char *wanted_outcome)
{
	struct error err = ERROR_INIT;
	char digest[DIGEST_HEX_SIZE];
	cleanup_text struct text outcome = TEXT_INIT;
	if (translate_run(&fixture->work, sqlparse_group(fixture), unit, digest, &outcome, &err))
		fail_msg("%s", err.text);
	if (strcmp(text_str(&outcome), wanted_outcome) != 0) {
		cleanup_free char *log = fixture_log(fixture);
		fail_msg("%s\n%s", text_str(&outcome), log);
	}
	json_t *result = NULL;
	assert_int_equal(translate_result(&fixture->work, sqlparse_group(fixture), unit, &result, &err), 1);
	assert_int_equal(json_check_schema(result, "gophersnake.translation/1", "translation", &err), 0);
	assert_true(store_has(fixture->work.store, digest));
	return result;
}

static json_t *function_of(json_t *result, const char *go)
{
	size_t index;
	json_t *function;
	json_array_foreach (json_object_get(result, "functions"), index, function)
		if (!strcmp(json_string_or(function, "go", ""), go))
			return function;
	fail_msg("no function %s", go);
	return NULL;
}

static void check_function(json_t *result, const char *go, const char *state, const char *reason)
{
	json_t *function = function_of(result, go);
	const char *got = json_string_or(function, "reason", "");
	assert_string_equal(json_string_or(function, "state", ""), state);
	if (!strstr(got, reason))
		fail_msg("%s: %s", go, got);
	assert_int_equal(json_array_size(json_object_get(function, "evidence")), !strcmp(state, "native"));
}

static char *stored(struct work_fixture *fixture, json_t *result, const char *part, const char *path)
{
	struct error err = ERROR_INIT;
	struct text text = TEXT_INIT;
	if (store_get(fixture->work.store, json_string_or(json_object_get(result, part), path, ""), &text, &err))
		fail_msg("%s", err.text);
	return text_steal(&text);
}

static void test_bridge(void **state)
{
	(void)state;
	const char *const bridge[] = {"bridge", NULL};
	struct work_fixture fixture;
	struct error err = ERROR_INIT;
	char digest[DIGEST_HEX_SIZE];
	cleanup_text struct text outcome = TEXT_INIT;
	json_t *result;
	fixture_open(&fixture, shared_cache, tree, ARRAY_LENGTH(tree), bridge, NULL);
	assert_int_equal(
		translate_run(&fixture.work, sqlparse_group(&fixture), "sqlparse.utils", digest, &outcome, &err), 0);
	assert_string_equal(digest, "");
	assert_string_equal(text_str(&outcome), "{}");
	assert_int_equal(translate_result(&fixture.work, sqlparse_group(&fixture), "sqlparse.utils", &result, &err), 0);
	assert_null(result);
	fixture_close(&fixture);
}

static void test_good(void **state)
{
	(void)state;
	struct work_fixture fixture;
	setenv("GOPHERSNAKE_CANARY", "secret", 1);
	open_mode(&fixture, "good");
	fixture.work.run = "one";
	cleanup_json json_t *result = translate_unit(&fixture, "sqlparse.utils", "{\"native\":2,\"bridged\":5}");
	check_function(result, "RemoveQuotes", "native", "");
	check_function(result, "SplitUnquotedNewlines", "native", "");
	check_function(result, "Imt", "bridged", "");
	assert_null(json_object_get(function_of(result, "Imt"), "reason")); // nobody proposed anything
	assert_string_equal(json_string_or(result, "package", ""), "py/sqlparse/utils");
	assert_string_equal(json_string_or(function_of(result, "RemoveQuotes"), "name", ""),
			    "sqlparse.utils.remove_quotes");
	assert_string_equal(json_string_or(result, "sandbox", ""), "userns");
	assert_int_equal(json_object_size(json_object_get(result, "files")), 2);
	cleanup_free char *native = stored(&fixture, result, "files", "sqlparse/utils/utils_native_py.go");
	assert_non_null(strstr(native, "translator command; DO NOT EDIT.\n\npackage utils\n"));
	assert_non_null(strstr(native, "func nativeRemoveQuotes(val any)"));
	cleanup_free char *entry = stored(&fixture, result, "files", "sqlparse/utils/utils_guard_py.go");
	assert_non_null(
		strstr(entry, "//\tHelper that removes surrounding quotes from strings.\nfunc RemoveQuotes(val any)"));
	cleanup_free char *edited = stored(&fixture, result, "edited", "sqlparse/utils/utils_py.go");
	assert_non_null(strstr(edited, "func bridgedRemoveQuotes(val any) (any, error) {"));
	assert_non_null(strstr(edited, "func Imt(token any"));
	// The program is not asked a second time, not even by another run.
	cleanup_free char *before = fixture_log(&fixture);
	assert_non_null(strstr(before, "translator: unit sqlparse.utils mode good"));
	assert_null(strstr(before, "CANARY"));
	fixture.work.run = "two";
	cleanup_json json_t *again = translate_unit(&fixture, "sqlparse.utils", "{\"native\":2,\"bridged\":5}");
	assert_true(json_equal(result, again));
	cleanup_free char *after = fixture_log(&fixture);
	assert_int_equal(strlen(before), strlen(after));
	// What is damaged is made again, with the same bytes.
	struct error err = ERROR_INIT;
	const char *digest = json_string_or(json_object_get(result, "files"), "sqlparse/utils/utils_native_py.go", "");
	cleanup_free char *path = store_path(fixture.work.store, digest);
	json_t *gone;
	assert_int_equal(unlink(path), 0);
	assert_int_equal(translate_result(&fixture.work, sqlparse_group(&fixture), "sqlparse.utils", &gone, &err), 0);
	cleanup_json json_t *healed = translate_unit(&fixture, "sqlparse.utils", "{\"native\":2,\"bridged\":5}");
	assert_true(json_equal(result, healed));
	unsetenv("GOPHERSNAKE_CANARY");
	fixture_close(&fixture);
}

static void test_mixed(void **state)
{
	(void)state;
	struct work_fixture fixture;
	open_mode(&fixture, "mixed");
	cleanup_json json_t *result = translate_unit(&fixture, "sqlparse.utils", "{\"native\":2,\"bridged\":5}");
	check_function(result, "RemoveQuotes", "native", "");
	check_function(result, "Recurse", "bridged", "command: import \"os/exec\": running programs is refused");
	check_function(result, "Imt", "bridged", "command: does not parse: line ");
	check_function(result, "Consume", "bridged", "uses helperThatIsWrong: does not compile: cannot use n");
	check_function(result, "Consume", "bridged", "(at: return n)");
	check_function(result, "Offset", "bridged", "vet: fmt.Sprintf format %d");
	check_function(result, "Indent", "bridged",
		       "the signature differs: wanted func Indent(filter_ any, options ...IndentOptions)");
	assert_int_equal(json_object_size(json_object_get(result, "files")), 2);
	fixture_close(&fixture);
}

static void check_failure(const char *mode, const char *reason, int64_t timeout)
{
	struct work_fixture fixture;
	open_mode(&fixture, mode);
	fixture.config.job_timeout = timeout;
	fixture.work.run = "one";
	cleanup_json json_t *result = translate_unit(&fixture, "sqlparse.utils", "{\"native\":0,\"bridged\":7}");
	check_function(result, "RemoveQuotes", "bridged", reason);
	assert_int_equal(json_object_size(json_object_get(result, "files")), 0);
	assert_int_equal(json_object_size(json_object_get(result, "edited")), 0);
	// A program that could not work is asked again by the next run, not by this one.
	struct error err = ERROR_INIT;
	json_t *other = NULL;
	fixture.work.run = "two";
	assert_int_equal(translate_result(&fixture.work, sqlparse_group(&fixture), "sqlparse.utils", &other, &err), 0);
	fixture_close(&fixture);
}

static void test_failures(void **state)
{
	(void)state;
	check_failure("silent", "command: the program wrote no Go", 60000);
	check_failure("fails", "command: the program ended with exit status 3: no idea what to do", 60000);
	check_failure("hangs", "command: the program was stopped after 400 ms", 400);
	check_failure("floods", "command: the program was stopped: it printed too much", 60000);
	check_failure("names",
		      "command: the program wrote no Go (out/README: only files named *.go are read; and 4 more)",
		      60000);
}

static void test_names_are_said(void **state)
{
	(void)state;
	struct work_fixture fixture;
	open_mode(&fixture, "names");
	cleanup_json json_t *result = translate_unit(&fixture, "sqlparse.utils", "{\"native\":0,\"bridged\":7}");
	static const char *const wanted[] = {
		"command: out/README: only files named *.go are read", "command: out/folder.go is no regular file",
		"command: out/link.go is no regular file", "command: out/pipe.go is no regular file",
		"command: out/utils.txt: only files named *.go are read"};
	for (size_t i = 0; i < ARRAY_LENGTH(wanted); i++)
		assert_string_equal(json_string_value(json_array_get(json_object_get(result, "remarks"), i)),
				    wanted[i]);
	fixture_close(&fixture);
}

static void test_broken(void **state)
{
	(void)state;
	struct work_fixture fixture;
	open_mode(&fixture, "broken");
	cleanup_json json_t *result = translate_unit(&fixture, "sqlparse.utils", "{\"native\":0,\"bridged\":7}");
	check_function(result, "Consume", "bridged", "does not compile");
	assert_int_equal(json_object_size(json_object_get(result, "edited")), 0);
	fixture_close(&fixture);
}

// What a program's leftovers write later does not count.
static void test_daemon(void **state)
{
	(void)state;
	struct work_fixture fixture;
	open_mode(&fixture, "daemon");
	cleanup_json json_t *result = translate_unit(&fixture, "sqlparse.utils", "{\"native\":2,\"bridged\":5}");
	check_function(result, "RemoveQuotes", "native", "");
	fixture_close(&fixture);
}

static void test_missing_program(void **state)
{
	(void)state;
	struct work_fixture fixture;
	const char *const command[] = {"/nonexistent/translator", NULL};
	fixture_open(&fixture, shared_cache, tree, ARRAY_LENGTH(tree), chain, command);
	fixture_emit(&fixture);
	cleanup_json json_t *result = translate_unit(&fixture, "sqlparse.utils", "{\"native\":0,\"bridged\":7}");
	check_function(result, "RemoveQuotes", "bridged", "command: the program /nonexistent/translator is not there");
	fixture_close(&fixture);
}

// ---- the job folder --------------------------------------------------------------------------------------------------

static void check_file(const char *folder, const char *path, const char *wanted)
{
	struct error err = ERROR_INIT;
	cleanup_free char *full = xasprintf("%s/%s", folder, path);
	cleanup_text struct text text = TEXT_INIT;
	if (file_read(full, 1 << 20, &text, &err))
		fail_msg("%s", err.text);
	if (!strstr(text_str(&text), wanted))
		fail_msg("%s has no \"%s\":\n%s", path, wanted, text_str(&text));
}

static json_t *copied_job(struct work_fixture *fixture, const char *unit, char **folder)
{
	struct error err = ERROR_INIT;
	*folder = xasprintf("%s/copy-%s", shared_cache, unit);
	assert_int_equal(dir_remove_tree(*folder, &err), 0);
	cleanup_free char *script = xasprintf("cp -r \"$1\" %s", *folder);
	const char *const command[] = {"/bin/sh", "-c", script, "sh", NULL};
	fixture_open(fixture, shared_cache, tree, ARRAY_LENGTH(tree), chain, command);
	fixture_emit(fixture);
	char digest[DIGEST_HEX_SIZE];
	cleanup_text struct text outcome = TEXT_INIT;
	if (translate_run(&fixture->work, sqlparse_group(fixture), unit, digest, &outcome, &err))
		fail_msg("%s", err.text);
	cleanup_free char *path = xasprintf("%s/job.json", *folder);
	json_t *job = json_read_file(path, 1 << 20, &err);
	if (!job)
		fail_msg("%s", err.text);
	return job;
}

static json_t *neutral_of(json_t *job, const char *path)
{
	size_t index;
	json_t *row;
	json_array_foreach (json_object_get(json_object_get(job, "imports"), "neutral"), index, row)
		if (!strcmp(json_string_or(row, "path", ""), path))
			return row;
	return NULL;
}

static void test_job_folder(void **state)
{
	(void)state;
	struct work_fixture fixture;
	struct error err = ERROR_INIT;
	cleanup_free char *folder = NULL;
	cleanup_json json_t *job = copied_job(&fixture, "sqlparse.utils", &folder);
	assert_int_equal(json_check_schema(job, "gophersnake.job/1", "job", &err), 0);
	assert_string_equal(json_string_or(job, "path", ""), "py/sqlparse/utils");
	assert_string_equal(json_string_or(job, "package", ""), "utils");
	json_t *module = json_array_get(json_object_get(job, "modules"), 0);
	assert_string_equal(json_string_or(module, "release", ""), "sqlparse");
	check_file(folder, json_string_or(module, "file", ""), "def remove_quotes(val):");
	check_file(folder, "bridged/utils_py.go", "func RemoveQuotes(val any)");
	check_file(folder, "inventory.json", "\"schema\": \"gophersnake.inventory/1\"");
	check_file(folder, "api/low/core.txt", "func Helper(a int) (int, error)");
	check_file(folder, "api/dist.pyrt.txt", "package pyrt");
	cleanup_free char *out = xasprintf("%s/out", folder);
	assert_true(dir_exists(out));
	json_t *function = function_of(job, "RemoveQuotes");
	assert_string_equal(json_string_or(function, "python", ""), "sqlparse.utils.remove_quotes");
	assert_string_equal(json_string_or(function, "signature", ""), "func RemoveQuotes(val any) (any, error)");
	assert_int_equal(json_integer_or(function, "line", 0), 6);
	assert_int_equal(json_array_size(json_object_get(job, "functions")), 7); // LIMIT is none
	assert_string_equal(json_string_or(neutral_of(job, "py/low/core"), "api", ""), "api/low/core.txt");
	assert_non_null(neutral_of(job, "py/low")); // may be imported, is not
	assert_true(json_is_null(json_object_get(neutral_of(job, "py/low"), "api")));
	assert_null(neutral_of(job, "py/sqlparse")); // would be a cycle
	fixture_close(&fixture);
}

// Modules that import each other: one package, names with a prefix.
static void test_several_modules(void **state)
{
	(void)state;
	struct work_fixture fixture;
	cleanup_free char *folder = NULL;
	cleanup_json json_t *job = copied_job(&fixture, "sqlparse.a", &folder);
	assert_int_equal(json_array_size(json_object_get(job, "modules")), 2);
	check_file(folder, "python/sqlparse/b.py", "def second");
	assert_string_equal(json_string_or(function_of(job, "A_First"), "python", ""), "sqlparse.a.first");
	assert_string_equal(json_string_or(function_of(job, "B_Second"), "python", ""), "sqlparse.b.second");
	assert_string_equal(json_string_or(function_of(job, "A_Token.Flatten"), "python", ""),
			    "sqlparse.a.Token.flatten");
	assert_string_equal(json_string_or(function_of(job, "A_TokenMake"), "python", ""), "sqlparse.a.Token.make");
	assert_int_equal(json_array_size(json_object_get(job, "functions")), 4); // the constructor is none of them
	assert_string_equal(json_string_or(json_array_get(json_object_get(job, "functions"), 0), "go", ""),
			    "B_Second"); // A_First calls it
	check_file(folder, "api/dist.pyrt/py.txt", "func FloorDiv(");
	check_file(folder, "api/dist.pyrt/py/re.txt", "func MustCompile(");
	check_file(folder, "job.json", "\"path\": \"py/dist.pyrt/py/unicodedata\"");
	assert_string_equal(json_string_or(function_of(job, "A_TokenMake"), "kind", ""), "method");
	check_file(folder, "api/sqlparse/utils.txt", "func RemoveQuotes");
	fixture_close(&fixture);
}

static void test_no_functions(void **state)
{
	(void)state;
	struct work_fixture fixture;
	open_mode(&fixture, "good");
	cleanup_json json_t *result = translate_unit(&fixture, "sqlparse.empty", "{\"native\":0,\"bridged\":0}");
	assert_int_equal(json_array_size(json_object_get(result, "functions")), 0);
	cleanup_free char *log = fixture_log(&fixture);
	assert_null(strstr(log, "translator: unit")); // nothing to ask
	struct error err = ERROR_INIT;
	char digest[DIGEST_HEX_SIZE];
	cleanup_text struct text outcome = TEXT_INIT;
	assert_int_equal(
		translate_run(&fixture.work, sqlparse_group(&fixture), "sqlparse.other", digest, &outcome, &err), -1);
	assert_non_null(strstr(err.text, "sqlparse@0.6.1: unit sqlparse.other: there is no such unit"));
	fixture_close(&fixture);
}

static void test_interrupted(void **state)
{
	(void)state;
	struct work_fixture fixture;
	struct error err = ERROR_INIT;
	char digest[DIGEST_HEX_SIZE];
	cleanup_text struct text outcome = TEXT_INIT;
	json_t *result;
	int interrupted = 1;
	open_mode(&fixture, "hangs");
	fixture.work.interrupted = &interrupted;
	assert_int_equal(
		translate_run(&fixture.work, sqlparse_group(&fixture), "sqlparse.utils", digest, &outcome, &err), -1);
	assert_int_equal(err.code, ERROR_INTERRUPTED);
	assert_int_equal(translate_result(&fixture.work, sqlparse_group(&fixture), "sqlparse.utils", &result, &err), 0);
	fixture_close(&fixture);
}

// Without a sandbox the same comes out, and it is said.
static void test_without_sandbox(void **state)
{
	(void)state;
	struct work_fixture fixture;
	struct error err = ERROR_INIT;
	open_mode(&fixture, "mixed");
	sandbox_free(fixture.work.sandbox);
	assert_int_equal(sandbox_open_tier(SANDBOX_NONE, &fixture.work.sandbox, &err), 0);
	cleanup_json json_t *result = translate_unit(&fixture, "sqlparse.utils", "{\"native\":2,\"bridged\":5}");
	assert_string_equal(json_string_or(result, "sandbox", ""), "none");
	check_function(result, "Consume", "bridged", "does not compile: cannot use n");
	fixture_close(&fixture);
}

static void test_scratch(void **state)
{
	(void)state;
	struct work_fixture fixture;
	struct error err = ERROR_INIT;
	cleanup_free char *first = NULL, *second = NULL;
	open_mode(&fixture, "good");
	assert_int_equal(scratch_open(&fixture.work, sqlparse_group(&fixture), &first, &err), 0);
	assert_int_equal(scratch_open(&fixture.work, sqlparse_group(&fixture), &second, &err), 0);
	assert_string_equal(first, second);
	check_file(first, "go.mod", "module py\n");
	check_file(first, "low/core/core_py.go", "package core");
	cleanup_free char *wheel = xasprintf("%s/dist.low/pysrc/release.whl", first);
	assert_true(file_exists(wheel));
	fixture_close(&fixture);
}

static void test_unknown_translator(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	char *items[] = {xstrdup("nonsense")};
	struct config config = {.host = xstrdup("go.internal"), .translators = {items, 1}};
	struct lock lock;
	struct plan plan;
	lock_init(&lock);
	lock.python = lock.platform = "";
	assert_int_equal(plan_make(&lock, &config, &plan, &err), -1);
	assert_int_equal(err.code, ERROR_CONFIG);
	assert_non_null(strstr(err.text, "\"nonsense\" is not part of this version"));
	lock_clear(&lock);
	free(items[0]);
	free(config.host);
}

// Go modules of others: the listed ones are fetched and built with, the rest is refused by name.
static void test_go_modules(void **state)
{
	(void)state;
	struct work_fixture fixture;
	struct error err = ERROR_INIT;
	struct plan_go_module module;
	cleanup_free char *proxy = NULL;
	assert_int_equal(dir_temporary("/tmp", "translate-proxy", &proxy, &err), 0);
	fixture_go_proxy(proxy);
	open_mode(&fixture, "modules");
	assert_int_equal(
		mirror_parse(SLICE("example.org/quotes@v1.0.0"), "go.internal", &fixture.plan.arena, &module, &err), 0);
	vec_push(&fixture.plan.go_modules, module);
	cleanup_json json_t *result = translate_unit(&fixture, "sqlparse.utils", "{\"native\":1,\"bridged\":6}");
	check_function(result, "RemoveQuotes", "native", "");
	check_function(result, "Consume", "bridged",
		       "command: import \"example.org/quotes/none\": its module, as go_modules lists it "
		       "(example.org/quotes@v1.0.0), has no such package for others");
	check_function(result, "Recurse", "bridged",
		       "command: import \"example.org/elsewhere\": of no module that the setting go_modules lists "
		       "(example.org/quotes@v1.0.0)");
	json_t *record = json_object_get(result, "go_modules");
	assert_int_equal(json_object_size(json_object_get(record, "packages")), 2); // what the native file imports
	assert_int_equal(json_array_size(json_object_get(record, "modules")), 2);
	fixture_close(&fixture);
	// A module that cannot be had is trouble of the job, and no fault of the Go.
	char digest[DIGEST_HEX_SIZE];
	cleanup_text struct text outcome = TEXT_INIT;
	setenv("GOPROXY", "off", 1);
	open_mode(&fixture, "modules");
	vec_push(&fixture.plan.go_modules, ((struct plan_go_module){"example.org/quotes", "v1.0.0", NULL}));
	assert_int_equal(
		translate_run(&fixture.work, sqlparse_group(&fixture), "sqlparse.utils", digest, &outcome, &err), -1);
	assert_int_equal(err.code, ERROR_NETWORK);
	assert_non_null(strstr(err.text, "go_modules: example.org/quotes@v1.0.0"));
	fixture_close(&fixture);
	assert_int_equal(dir_remove_tree(proxy, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bridge),          cmocka_unit_test(test_good),
		cmocka_unit_test(test_mixed),           cmocka_unit_test(test_failures),
		cmocka_unit_test(test_names_are_said),  cmocka_unit_test(test_go_modules),
		cmocka_unit_test(test_broken),          cmocka_unit_test(test_daemon),
		cmocka_unit_test(test_missing_program), cmocka_unit_test(test_job_folder),
		cmocka_unit_test(test_several_modules), cmocka_unit_test(test_no_functions),
		cmocka_unit_test(test_interrupted),     cmocka_unit_test(test_without_sandbox),
		cmocka_unit_test(test_scratch),         cmocka_unit_test(test_unknown_translator),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
