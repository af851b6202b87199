// The real CPython and Go of this machine, shims and fakes that pretend, and hermetic runs of both.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agents/toolchain.h"
#include "core/digest.h"
#include "core/file.h"

struct place {
	char *folder, *cache;
	struct config config;
	struct sandbox *sandbox;
};

static int setup(void **state)
{
	struct place *place = xcalloc(1, sizeof *place);
	struct error err = ERROR_INIT;
	assert_int_equal(dir_temporary("/tmp", "toolchain-test", &place->folder, &err), 0);
	place->cache = xasprintf("%s/cache", place->folder);
	place->config = (struct config){.cache_dir = place->cache, .go = xstrdup("go")};
	if (sandbox_open(SANDBOX_USERNS, &place->sandbox, &err))
		fail_msg("%s", err.text);
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;
	struct error err = ERROR_INIT;
	sandbox_free(place->sandbox);
	if (dir_remove_tree(place->folder, &err))
		fail_msg("%s", err.text);
	free(place->folder);
	free(place->cache);
	free(place->config.go);
	free(place);
	return 0;
}

static char *write_program(const struct place *place, const char *name, const char *text)
{
	struct error err = ERROR_INIT;
	char *path = xasprintf("%s/%s", place->folder, name);
	assert_int_equal(file_write_atomic(path, text, strlen(text), &err), 0);
	assert_int_equal(chmod(path, 0755), 0);
	return path;
}

static void write_file(const char *folder, const char *name, const char *text)
{
	struct error err = ERROR_INIT;
	cleanup_free char *path = xasprintf("%s/%s", folder, name);
	assert_int_equal(dir_make(folder, 0755, &err), 0);
	assert_int_equal(file_write_atomic(path, text, strlen(text), &err), 0);
}

static void test_found(void **state)
{
	const struct place *place = *state;
	struct toolchain toolchain;
	struct error err = ERROR_INIT;
	if (toolchain_find(&place->config, &toolchain, &err))
		fail_msg("%s", err.text);
	struct stat status;
	char start[2] = "";
	assert_int_equal(stat(toolchain.python, &status), 0);
	cleanup_file FILE *file = fopen(toolchain.python, "re");
	assert_int_equal(fread(start, 1, 2, file), 2);
	assert_memory_not_equal(start, "#!", 2); // no shim
	assert_true(!strncmp(toolchain.python_version, toolchain.python_minor, strlen(toolchain.python_minor)));
	assert_true(!toolchain.libpython || file_exists(toolchain.libpython));
	assert_true(dir_exists(toolchain.python_prefix));
	assert_true(file_exists(toolchain.go));
	assert_true(!strncmp(toolchain.go_version, "go1.", 4));
	assert_true(!strncmp(toolchain.go_cache, place->folder, strlen(place->folder)));
	toolchain_clear(&toolchain);
	assert_null(toolchain.go);
}

static void test_python_is_named(void **state)
{
	const struct place *place = *state;
	struct toolchain toolchain = {0};
	struct error err = ERROR_INIT;
	// A virtual environment's python: the one behind it is what counts.
	cleanup_free char *command =
		xasprintf("/usr/bin/python3 -m venv --without-pip --symlinks %s/venv", place->folder);
	assert_int_equal(system(command), 0);
	cleanup_free char *python = xasprintf("%s/venv/bin/python", place->folder);
	setenv("GOPHERSNAKE_PYTHON", python, 1);
	if (toolchain_find_python(&place->config, &toolchain, &err))
		fail_msg("%s", err.text);
	assert_string_equal(toolchain.python_prefix, "/usr");
	assert_true(!strncmp(toolchain.python, "/usr/bin/python3", strlen("/usr/bin/python3")));
	toolchain_clear(&toolchain);
	// The configuration comes first.
	setenv("GOPHERSNAKE_PYTHON", "/nonexistent/python", 1);
	struct config config = place->config;
	char named[] = "/usr/bin/python3";
	config.python = named;
	assert_int_equal(toolchain_find_python(&config, &toolchain, &err), 0);
	toolchain_clear(&toolchain);
	assert_int_equal(toolchain_find_python(&place->config, &toolchain, &err), -1);
	assert_int_equal(err.code, ERROR_TOOL);
	assert_non_null(strstr(err.text, "/nonexistent/python (from GOPHERSNAKE_PYTHON)"));
	unsetenv("GOPHERSNAKE_PYTHON");
}

static void check_python(const struct place *place, const char *text, const char *wanted)
{
	struct toolchain toolchain = {0};
	struct error err = ERROR_INIT;
	cleanup_free char *path = write_program(place, "python-fake", text);
	setenv("GOPHERSNAKE_PYTHON", path, 1);
	assert_int_equal(toolchain_find_python(&place->config, &toolchain, &err), -1);
	assert_int_equal(err.code, ERROR_TOOL);
	if (!strstr(err.text, wanted) || !strstr(err.text, "python-fake"))
		fail_msg("%s", err.text);
	assert_null(toolchain.python);
	unsetenv("GOPHERSNAKE_PYTHON");
}

static void test_python_does_not_fit(void **state)
{
	const struct place *place = *state;
	check_python(place,
		     "#!/bin/sh\nexec /usr/bin/python3 -c \"import sys; sys.implementation.name = 'pypy'; $4\"\n",
		     "is pypy 3.");
	check_python(place,
		     "#!/bin/sh\nexec /usr/bin/python3 -c \"import sys; v = sys.version_info; sys.version_info = "
		     "type('V', (tuple,), "
		     "{})((3, 7, 1)); $4\"\n",
		     "CPython 3.7.1: 3.8 or later");
	check_python(place, "#!/bin/sh\necho broken >&2; exit 3\n", "broken");
	setenv("GOPHERSNAKE_PATH", place->folder, 1);
	struct toolchain toolchain = {0};
	struct error err = ERROR_INIT;
	assert_int_equal(toolchain_find_python(&place->config, &toolchain, &err), -1);
	assert_non_null(strstr(err.text, "no python3 (from PATH): install CPython"));
	unsetenv("GOPHERSNAKE_PATH");
}

static int find_fake_go(const struct place *place, const char *version, struct error *err)
{
	struct toolchain toolchain = {0};
	cleanup_free char *text = xasprintf("#!/bin/sh\necho %s\necho '%s'\n", place->folder, version);
	cleanup_free char *path = write_program(place, "go-fake", text);
	struct config config = place->config;
	config.go = path;
	int status = toolchain_find_go(&config, &toolchain, err);
	toolchain_clear(&toolchain);
	return status;
}

static void test_go_does_not_fit(void **state)
{
	const struct place *place = *state;
	struct error err = ERROR_INIT;
	static const char *const old[] = {"go1.22.9", "go1.4", "", "go2.1", "go1.x"};
	for (size_t i = 0; i < ARRAY_LENGTH(old); i++) {
		assert_int_equal(find_fake_go(place, old[i], &err), -1);
		assert_int_equal(err.code, ERROR_TOOL);
		assert_non_null(strstr(err.text, "Go 1.23 or later is needed"));
	}
	// New enough, but its root has no go: said, not tried later.
	assert_int_equal(find_fake_go(place, "devel go1.27-0123abc", &err), -1);
	assert_non_null(strstr(err.text, "is not there"));
	cleanup_free char *bin = xasprintf("%s/bin", place->folder);
	write_file(bin, "go", "x");
	assert_int_equal(find_fake_go(place, "go1.23rc1", &err), 0);
	assert_int_equal(find_fake_go(place, "devel go1.27-0123abc", &err), 0);
	struct config config = place->config;
	char missing[] = "no-such-go";
	config.go = missing;
	struct toolchain toolchain = {0};
	assert_int_equal(toolchain_find_go(&config, &toolchain, &err), -1);
	assert_non_null(strstr(err.text, "no no-such-go on PATH"));
}

static void test_python_runs(void **state)
{
	const struct place *place = *state;
	struct toolchain toolchain;
	struct error err = ERROR_INIT;
	struct process_result result;
	assert_int_equal(toolchain_find(&place->config, &toolchain, &err), 0);
	const char *const arguments[] = {"-I", "-c",
					 "import ast, json, sys, os; print(sys.version.split()[0], sys.stdin.read(), "
					 "sorted(os.listdir('/shown')), os.environ.get('USER'))",
					 NULL};
	struct sandbox_mount mount = {place->folder, "/shown", false};
	if (toolchain_python(&toolchain, place->sandbox, arguments, &mount, 1, SLICE("in"), 20000, 0, 0, NULL, &result,
			     &err))
		fail_msg("%s", err.text);
	if (result.exit_status)
		fail_msg("%s", text_str(&result.error_output));
	assert_true(!strncmp(text_str(&result.output), toolchain.python_version, strlen(toolchain.python_version)));
	assert_non_null(strstr(text_str(&result.output), " in ["));
	assert_non_null(strstr(text_str(&result.output), "None"));
	process_result_clear(&result);
	toolchain_clear(&toolchain);
}

static void run_go(const struct place *place, const struct toolchain *toolchain, struct go_task task,
		   const char *const *arguments, int wanted, const char *said)
{
	struct process_result result;
	struct error err = ERROR_INIT;
	task.arguments = arguments;
	task.timeout = 120000;
	if (toolchain_go(toolchain, place->sandbox, &task, &result, &err))
		fail_msg("%s", err.text);
	if (result.exit_status != wanted ||
	    (said && !strstr(text_str(&result.error_output), said) && !strstr(text_str(&result.output), said)))
		fail_msg("go %s: exit status %d: %s%s", arguments[0], result.exit_status, text_str(&result.output),
			 text_str(&result.error_output));
	process_result_clear(&result);
}
#define RUN_GO(task, wanted, said, ...) \
	run_go(place, &toolchain, task, (const char *const[]){__VA_ARGS__, NULL}, wanted, said)

static void test_go_runs(void **state)
{
	const struct place *place = *state;
	struct toolchain toolchain;
	struct error err = ERROR_INIT;
	if (toolchain_find(&place->config, &toolchain, &err))
		fail_msg("%s", err.text);
	setenv("GOFLAGS", "-broken", 1); // of the user: not seen
	char digests[2][DIGEST_HEX_SIZE];
	for (int i = 0; i < 2; i++) { // two places, the same bytes; cgo too
		cleanup_free char *module = xasprintf("%s/module-%d", place->folder, i);
		write_file(module, "go.mod", "module example\n\ngo 1.23\n");
		write_file(module, "main.go",
			   "package main\n\n// static int two(void) { return 2; }\nimport \"C\"\n\nfunc main() { "
			   "println(C.two()) }\n");
		struct go_task task = {.module = module, .module_writable = true};
		RUN_GO(task, 0, "", "build", "-o", "/src/out", ".");
		RUN_GO(task, 0, "", "vet", ".");
		cleanup_free char *out = xasprintf("%s/out", module);
		assert_int_equal(digest_hex_of_file(out, digests[i], &err), 0);
		task.module_writable = false;
		RUN_GO(task, 1, "read-only file system", "build", "-o", "/src/other", ".");
		RUN_GO(task, 0, "/gocache", "env", "GOCACHE");
	}
	assert_string_equal(digests[0], digests[1]);
	unsetenv("GOFLAGS");
	// What a module needs comes from the given proxy only, and go.mod is not repaired in silence.
	cleanup_free char *needy = xasprintf("%s/needy", place->folder);
	write_file(needy, "go.mod", "module needy\n\ngo 1.23\n\nrequire example.org/x v1.0.0\n");
	write_file(needy, "x.go", "package needy\n\nimport _ \"example.org/x\"\n");
	struct go_task task = {.module = needy, .module_writable = true};
	RUN_GO(task, 1, "missing go.sum entry", "build", ".");
	RUN_GO(task, 1, "GOPROXY=off", "mod", "download", "example.org/x@v1.0.0");
	task.proxy = place->folder;
	RUN_GO(task, 1, "file:///proxy/example.org/x", "mod", "download", "example.org/x@v1.0.0");
	write_file(needy, "go.mod", "module needy\n\ngo 1.23\n");
	RUN_GO(task, 1, "disabled by -mod=readonly", "build", ".");
	toolchain_clear(&toolchain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_python_is_named),
		cmocka_unit_test(test_python_does_not_fit),
		cmocka_unit_test(test_go_does_not_fit),
		cmocka_unit_test(test_python_runs),
		cmocka_unit_test(test_go_runs),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
