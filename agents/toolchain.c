// Asks CPython and Go about themselves, and runs them in the sandbox.
//
// What is on PATH may be a shim (pyenv, asdf) or a virtual environment: the
// interpreter itself says where its real executable, its standard library and
// its shared library are. Inside the sandbox Go sees the same paths whatever
// the workspace, so that the same code gives the same bytes and the build
// cache serves all workspaces.
#include "agents/toolchain.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/file.h"
#include "core/json.h"
#include "core/vec.h"

enum { ASK_TIMEOUT = 30000, OLDEST_PYTHON = 8, OLDEST_GO = 23, THREADS_A_CORE = 128, THREADS = 512 };

void toolchain_clear(struct toolchain *toolchain)
{
	char **const texts[] = {&toolchain->python,        &toolchain->python_version, &toolchain->python_minor,
				&toolchain->python_prefix, &toolchain->libpython,      &toolchain->go,
				&toolchain->go_root,       &toolchain->go_version,     &toolchain->go_cache};
	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
		free(*texts[i]);
		*texts[i] = NULL;
	}
}

// ---- CPython ---------------------------------------------------------------------------------------------------------

static const char python_question[] =
	"import json, os, sys, sysconfig as s\n"
	"get = lambda name: s.get_config_var(name) or ''\n"
	"minor = '%d.%d' % sys.version_info[:2]\n"
	"base = getattr(sys, '_base_executable', '') or sys.executable\n"
	"names = [get('INSTSONAME'), get('LDLIBRARY'), 'libpython%s%s.so.1.0' % (minor, getattr(sys, 'abiflags', "
	"'')),\n"
	"         'libpython%s.so.1.0' % minor, 'libpython%s.so' % minor]\n"
	"places = [get('LIBDIR'), os.path.join(get('LIBDIR'), get('MULTIARCH')), os.path.join(sys.base_prefix, "
	"'lib'),\n"
	"          os.path.join(sys.base_prefix, 'lib64'), get('LIBPL')]\n"
	"found = [os.path.join(p, n) for n in names for p in places if p and '.so' in n and "
	"os.path.isfile(os.path.join(p, n))]\n"
	"print(json.dumps({'implementation': sys.implementation.name, 'version': '%d.%d.%d' % sys.version_info[:3],\n"
	"    'minor': minor, 'major': sys.version_info[0], 'number': sys.version_info[1],\n"
	"    'executable': os.path.realpath(base), 'prefix': sys.base_prefix,\n"
	"    'library': os.path.realpath(found[0]) if found else None}))\n";

static char *find_python(const struct config *config, const char **where)
{
	const char *named = config->python;
	*where = "the configuration";
	if (!named || !*named) {
		named = getenv("GOPHERSNAKE_PYTHON");
		*where = "GOPHERSNAKE_PYTHON";
	}
	if (!named || !*named) {
		named = "python3";
		*where = "PATH";
	}
	char *found = process_find(named);
	return found ? found : xasprintf("!%s", named);
}

static int take_python(json_t *answer, const char *path, struct toolchain *out, struct error *err)
{
	const char *implementation, *version, *minor, *executable, *prefix;
	int64_t major, number;
	if (json_get_string(answer, "implementation", path, &implementation, err) ||
	    json_get_string(answer, "version", path, &version, err) ||
	    json_get_string(answer, "minor", path, &minor, err) ||
	    json_get_integer(answer, "major", path, &major, err) ||
	    json_get_integer(answer, "number", path, &number, err) ||
	    json_get_string(answer, "executable", path, &executable, err) ||
	    json_get_string(answer, "prefix", path, &prefix, err))
		return -1;
	if (strcmp(implementation, "cpython"))
		return error_set(err, ERROR_TOOL,
				 "%s is %s %s: CPython is needed: name one with GOPHERSNAKE_PYTHON or `python:` in the "
				 "configuration",
				 path, implementation, version);
	if (major != 3 || number < OLDEST_PYTHON)
		return error_set(err, ERROR_TOOL,
				 "%s is CPython %s: 3.%d or later is needed: name one with GOPHERSNAKE_PYTHON or "
				 "`python:` in the "
				 "configuration",
				 path, version, OLDEST_PYTHON);
	const char *library = json_string_or(answer, "library", NULL);
	out->python = xstrdup(executable);
	out->python_version = xstrdup(version);
	out->python_minor = xstrdup(minor);
	out->python_prefix = xstrdup(prefix);
	out->libpython = library ? xstrdup(library) : NULL;
	return 0;
}

int toolchain_find_python(const struct config *config, struct toolchain *out, struct error *err)
{
	const char *where;
	cleanup_free char *path = find_python(config, &where);
	if (path[0] == '!')
		return error_set(
			err, ERROR_TOOL,
			"no %s (from %s): install CPython 3.%d or later (apt-get install python3), or name one with "
			"GOPHERSNAKE_PYTHON or `python:` in the configuration",
			path + 1, where, OLDEST_PYTHON);
	// The user's own program, with the user's environment: shims decide by it.
	const char *const argv[] = {path, "-I", "-S", "-c", python_question, NULL};
	struct process_options options = {
		.argv = argv, .environment = (const char *const *)environ, .timeout = ASK_TIMEOUT};
	struct process_result result = {0};
	if (process_run_ok(&options, &result, err)) {
		process_result_clear(&result);
		return error_context(err, "%s (from %s) does not work as a CPython", path, where);
	}
	cleanup_json json_t *answer = json_parse(text_slice(&result.output), path, err);
	process_result_clear(&result);
	if (answer && !take_python(answer, path, out, err))
		return 0;
	if (err->code == ERROR_INPUT) { // some other program
		err->code = ERROR_TOOL;
		error_context(err, "%s (from %s) does not answer as a CPython", path, where);
	}
	return -1;
}

static bool is_below(const char *path, const char *folder)
{
	size_t length = strlen(folder);
	while (length > 1 && folder[length - 1] == '/')
		length--;
	return !strncmp(path, folder, length) && (path[length] == '/' || !path[length]);
}

static bool is_shown(const char *path, const struct sandbox_mount *mounts, size_t count)
{
	bool shown = is_below(path, "/usr");
	for (size_t i = 0; i < count; i++)
		shown |= is_below(path, mounts[i].outside) && !mounts[i].inside;
	return shown;
}

static char *parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash && slash > path ? xstrndup(path, (size_t)(slash - path)) : xstrdup("/");
}

int toolchain_python(const struct toolchain *toolchain, const struct sandbox *sandbox, const char *const *arguments,
		     const struct sandbox_mount *mounts, size_t mount_count, struct slice input, int64_t timeout,
		     uint64_t memory, size_t output_limit, const volatile int *interrupted,
		     struct process_result *result, struct error *err)
{
	static const char *const environment[] = {"PATH=/usr/bin:/bin",
						  "HOME=/tmp",
						  "TMPDIR=/tmp",
						  "LANG=C.UTF-8",
						  "PYTHONHASHSEED=0",
						  "PYTHONUTF8=1",
						  "TZ=UTC",
						  "PYTHONDONTWRITEBYTECODE=1",
						  NULL};
	VEC(struct sandbox_mount) all = VEC_INIT;
	VEC(const char *) argv = VEC_INIT;
	cleanup_free char *bin = parent_of(toolchain->python);
	cleanup_free char *lib = toolchain->libpython ? parent_of(toolchain->libpython) : xstrdup("/usr/lib");
	const char *const folders[] = {toolchain->python_prefix, bin, lib};
	for (size_t i = 0; i < ARRAY_LENGTH(folders); i++)
		if (!is_shown(folders[i], all.items, all.count))
			vec_push(&all, (struct sandbox_mount){folders[i], NULL, false});
	for (size_t i = 0; i < mount_count; i++)
		vec_push(&all, mounts[i]);
	vec_push(&argv, toolchain->python);
	for (const char *const *argument = arguments; *argument; argument++)
		vec_push(&argv, *argument);
	vec_push(&argv, NULL);
	struct sandbox_task task = {
		.argv = argv.items,
		.environment = environment,
		.input = input,
		.mounts = all.items,
		.mount_count = all.count,
		.timeout = timeout,
		.memory = memory,
		.total_memory = memory,
		.output_limit = output_limit,
		.interrupted = interrupted,
	};
	int status = sandbox_run(sandbox, &task, result, err);
	vec_clear(&all);
	vec_clear(&argv);
	return status;
}

// ---- Go --------------------------------------------------------------------------------------------------------------

// "go1.26.8", "go1.24rc1", "devel go1.25-0123abc": the number after "go1.", -1 when it is none.
static int go_number(const char *version)
{
	const char *at = strstr(version, "go1.");
	uint64_t number;
	if (!at)
		return -1;
	struct slice digits = {at + 4, strspn(at + 4, "0123456789")};
	return parse_u64(digits, &number) || number > INT16_MAX ? -1 : (int)number;
}

int toolchain_find_go(const struct config *config, struct toolchain *out, struct error *err)
{
	cleanup_free char *path = process_find(config->go ? config->go : "go");
	if (!path)
		return error_set(
			err, ERROR_TOOL,
			"no %s on PATH: install Go 1.%d or later, or name one with `go:` in the configuration or "
			"GOPHERSNAKE_GO",
			config->go ? config->go : "go", OLDEST_GO);
	// The user's environment, since `go` may be a shim, but for what would change the answer.
	VEC(const char *) environment = VEC_INIT;
	for (char **variable = environ; *variable; variable++)
		if (strncmp(*variable, "GO", 2))
			vec_push(&environment, *variable);
	static const char *const settings[] = {"GOENV=off", "GOWORK=off", "GOTOOLCHAIN=local", "GOTELEMETRY=off", NULL};
	for (size_t i = 0; i < ARRAY_LENGTH(settings); i++)
		vec_push(&environment, settings[i]);
	const char *const argv[] = {path, "env", "GOROOT", "GOVERSION", NULL};
	struct process_options options = {.argv = argv, .environment = environment.items, .timeout = ASK_TIMEOUT};
	struct process_result result = {0};
	int status = process_run_ok(&options, &result, err);
	vec_clear(&environment);
	if (status) {
		process_result_clear(&result);
		return error_context(err, "%s does not work as a Go", path);
	}
	struct slice rest = text_slice(&result.output), root, version;
	cleanup_free char *root_text = slice_cut(&rest, '\n', &root) ? slice_dup(root) : xstrdup("");
	cleanup_free char *version_text = slice_cut(&rest, '\n', &version) ? slice_dup(version) : xstrdup("");
	process_result_clear(&result);
	cleanup_free char *real = xasprintf("%s/bin/go", root_text);
	if (go_number(version_text) < OLDEST_GO)
		return error_set(err, ERROR_TOOL,
				 "%s is %s: Go 1.%d or later is needed: install one, or name it with `go:` in the "
				 "configuration or "
				 "GOPHERSNAKE_GO",
				 path, *version_text ? version_text : "no Go that tells its version", OLDEST_GO);
	if (!file_exists(real))
		return error_set(err, ERROR_TOOL, "%s says that its GOROOT is %s, but %s is not there", path, root_text,
				 real);
	char cache[PATH_MAX];
	if (dir_make(config->cache_dir, 0755, err))
		return -1;
	out->go = steal(&real);
	out->go_root = steal(&root_text);
	out->go_version = steal(&version_text);
	out->go_cache = xasprintf("%s/go-build", realpath(config->cache_dir, cache) ? cache : config->cache_dir);
	return 0;
}

int toolchain_find(const struct config *config, struct toolchain *out, struct error *err)
{
	*out = (struct toolchain){0};
	if (toolchain_find_python(config, out, err) || toolchain_find_go(config, out, err)) {
		toolchain_clear(out);
		return -1;
	}
	return 0;
}

static uint64_t physical_memory(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
	return pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size : 8UL << 30;
}

// Of /tmp, where go builds.
static uint64_t scratch_bytes(void)
{
	const uint64_t most = 4UL << 30;
	uint64_t half = physical_memory() / 2;
	return half < most ? half : most;
}

// Of address space, of each process: Go reserves much more than it uses.
static uint64_t address_bytes(void)
{
	const uint64_t least = 8UL << 30;
	return physical_memory() > least ? physical_memory() : least;
}

int toolchain_go(const struct toolchain *toolchain, const struct sandbox *sandbox, const struct go_task *go,
		 struct process_result *result, struct error *err)
{
	cleanup_arena struct arena arena = ARENA_INIT;
	if (dir_make(toolchain->go_cache, 0755, err))
		return -1;
	// HOME, GOPATH and GOTMPDIR are private and empty; nothing of the user's settings is seen.
	const char *const environment[] = {
		arena_printf(&arena, "PATH=%s/bin:/usr/bin:/bin", toolchain->go_root),
		go->proxy ? "GOPROXY=file:///proxy" : "GOPROXY=off",
		go->module_cache ? "GOMODCACHE=/gomodcache" : "GOMODCACHE=/tmp/gomodcache",
		"GOCACHE=/gocache",
		go->requirements ? "GOFLAGS=-mod=readonly -trimpath -buildvcs=false -modfile=/requirements/go.mod"
				 : "GOFLAGS=-mod=readonly -trimpath -buildvcs=false",
		"GOENV=off",
		"GOWORK=off",
		"GOTOOLCHAIN=local",
		"GOTELEMETRY=off",
		"GOSUMDB=off",
		"GONOPROXY=none",
		"GOVCS=*:off",
		"GO111MODULE=on",
		// Go keeps an index of each module by its path and version in GOCACHE. Registries share that cache, and
		// the same version of two registries may hold different files.
		"GODEBUG=goindex=0",
		"GOPATH=/tmp/gopath",
		"CGO_ENABLED=1",
		"CC=gcc",
		"HOME=/tmp",
		"TMPDIR=/tmp",
		"LANG=C.UTF-8",
		"TZ=UTC",
		NULL,
	};
	VEC(struct sandbox_mount) mounts = VEC_INIT;
	VEC(const char *) argv = VEC_INIT;
	vec_push(&mounts, (struct sandbox_mount){go->module, "/src", go->module_writable});
	vec_push(&mounts, (struct sandbox_mount){toolchain->go_cache, "/gocache", true});
	if (!is_below(toolchain->go_root, "/usr"))
		vec_push(&mounts, (struct sandbox_mount){toolchain->go_root, NULL, false});
	if (go->proxy)
		vec_push(&mounts, (struct sandbox_mount){go->proxy, "/proxy", false});
	if (go->module_cache)
		vec_push(&mounts, (struct sandbox_mount){go->module_cache, "/gomodcache", true});
	if (go->requirements)
		vec_push(&mounts, (struct sandbox_mount){go->requirements, "/requirements", false});
	for (size_t i = 0; i < go->mount_count; i++)
		vec_push(&mounts, go->mounts[i]);
	vec_push(&argv, toolchain->go);
	for (const char *const *argument = go->arguments; *argument; argument++)
		vec_push(&argv, *argument);
	vec_push(&argv, NULL);
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	struct sandbox_task task = {
		.argv = argv.items,
		.environment = environment,
		.directory = "/src",
		.mounts = mounts.items,
		.mount_count = mounts.count,
		.timeout = go->timeout,
		.memory = address_bytes(),
		.total_memory = physical_memory() / 4 * 3,
		.tmp_bytes = scratch_bytes(),
		.processes = THREADS + THREADS_A_CORE * (unsigned int)(cores > 0 ? cores : 1),
		.output_limit = go->output_limit,
		.interrupted = go->interrupted,
	};
	int status = sandbox_run(sandbox, &task, result, err);
	vec_clear(&mounts);
	vec_clear(&argv);
	return status;
}

// ---- go, outside -----------------------------------------------------------------------------------------------------

// Of the user's environment, what fetching modules may need.
static bool is_for_fetching(const char *variable)
{
	static const char *const names[] = {
		"PATH",          "HOME",           "USER",      "LOGNAME",    "LANG",          "TMPDIR",
		"GOENV",         "GOPROXY",        "GONOPROXY", "GOPRIVATE",  "GOSUMDB",       "GONOSUMDB",
		"GOINSECURE",    "GOAUTH",         "GOVCS",     "NETRC",      "SSL_CERT_FILE", "SSL_CERT_DIR",
		"HTTP_PROXY",    "HTTPS_PROXY",    "NO_PROXY",  "http_proxy", "https_proxy",   "no_proxy",
		"SSH_AUTH_SOCK", "XDG_CONFIG_HOME"};
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		size_t length = strlen(names[i]);
		if (!strncmp(variable, names[i], length) && variable[length] == '=')
			return true;
	}
	return false;
}

static int run_outside(const struct toolchain *toolchain, const struct go_fetch *fetch, const char *proxy,
		       struct process_result *result, struct error *err)
{
	cleanup_arena struct arena arena = ARENA_INIT;
	VEC(const char *) environment = VEC_INIT;
	VEC(const char *) argv = VEC_INIT;
	for (char **variable = environ; *variable; variable++)
		if (is_for_fetching(*variable) && !(proxy && !strncmp(*variable, "GOPROXY=", 8)))
			vec_push(&environment, *variable);
	const char *const own[] = {"GOFLAGS=-mod=mod -modcacherw",
				   "GOWORK=off",
				   "GOTOOLCHAIN=local",
				   "GOTELEMETRY=off",
				   "GO111MODULE=on",
				   arena_printf(&arena, "GOMODCACHE=%s", fetch->module_cache),
				   arena_printf(&arena, "GOPATH=%s/gopath", fetch->module_cache),
				   arena_printf(&arena, "GOCACHE=%s/gocache", fetch->module_cache)};
	for (size_t i = 0; i < ARRAY_LENGTH(own); i++)
		vec_push(&environment, own[i]);
	if (proxy)
		vec_push(&environment, arena_printf(&arena, "GOPROXY=%s", proxy));
	vec_push(&environment, NULL);
	vec_push(&argv, toolchain->go);
	for (const char *const *argument = fetch->arguments; *argument; argument++)
		vec_push(&argv, *argument);
	vec_push(&argv, NULL);
	struct process_options options = {.argv = argv.items,
					  .environment = environment.items,
					  .directory = fetch->folder,
					  .timeout = fetch->timeout,
					  .interrupted = fetch->interrupted};
	int status = process_run(&options, result, err);
	vec_clear(&environment);
	vec_clear(&argv);
	return status;
}

// As part of a URL: a path that needs escapes is not worth them.
static bool is_plain_path(const char *path)
{
	for (const char *c = path; *c; c++)
		if (!strchr("/._-~", *c) && !(*c >= '0' && *c <= '9') && !(*c >= 'a' && *c <= 'z') &&
		    !(*c >= 'A' && *c <= 'Z'))
			return false;
	return true;
}

int toolchain_go_fetch(const struct toolchain *toolchain, const struct go_fetch *fetch, struct process_result *result,
		       struct error *err)
{
	static const char *const question[] = {"env", "GOPROXY", NULL};
	if (!fetch->proxy || !is_plain_path(fetch->proxy))
		return run_outside(toolchain, fetch, NULL, result, err);
	struct go_fetch ask = *fetch;
	struct process_result answer = {0};
	ask.arguments = question;
	if (run_outside(toolchain, &ask, NULL, &answer, err))
		return -1;
	struct slice theirs = slice_trim(text_slice(&answer.output));
	cleanup_free char *proxies =
		xasprintf("file://%s%s%.*s", fetch->proxy, theirs.len ? "," : "", (int)theirs.len, theirs.ptr);
	process_result_clear(&answer);
	return run_outside(toolchain, fetch, proxies, result, err);
}
