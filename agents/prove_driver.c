// Builds the driver of a unit (agents/translators/prove) and lets it make the
// recorded calls.
//
// The driver is compiled in the scratch module through go's -overlay: the
// unit's package as it would be, and pyrt without cgo, whose one gate to
// CPython counts and refuses. So a call that goes to a bridged function is
// seen, whatever the Go makes of the error, and never counts as equal.
//
// A process makes one call after the other and says in a file where it is.
// One that hangs, exits or dies is blamed on the call it was in; that function
// has failed, and a new process makes the calls of the others.
#include "agents/prove_internal.h"

#include <string.h>

#include "core/asset.h"
#include "core/file.h"

enum { RESULTS_LIMIT = 512 << 20, FILE_LIMIT = 64 << 20, BUILD_TIMEOUT = 300000, SAID = 200 };
static const uint64_t memory_limit = (uint64_t)4 << 30;
static const char driver_sources[] = "agents/translators/prove/", runtime_sources[] = "runtime/pyrt/";

// ---- the driver ------------------------------------------------------------------------------------------------------

static int write_in(struct proving *proving, const char *name, struct slice text, struct error *err)
{
	cleanup_free char *path = xasprintf("%s/in/%s", proving->folder, name);
	return file_write_plain(path, text.ptr, text.len, err);
}

static void replace(struct proving *proving, json_t *map, const char *below, const char *by)
{
	struct translation *translation = proving->translation;
	bool plain = sandbox_tier(translation->work->sandbox) == SANDBOX_NONE;
	cleanup_free char *key = xasprintf("%s/%s", plain ? translation->scratch : "/src", below);
	cleanup_free char *in = plain ? xasprintf("%s/in", proving->folder) : xstrdup("/prove");
	json_object_set_new(map, key, *by ? json_sprintf("%s/%s", in, by) : json_string(""));
}

// pyrt without cgo and with a counting gate.
static int switch_off(struct proving *proving, json_t *map, struct error *err)
{
	static const char gate[] = "func ready() error {\n", refused[] =
								     "func ready() error { return refuseProve() }\n\n"
								     "func readyOnce() error {\n";
	static const char counter[] =
		"package pyrt\n\nimport (\n\t\"errors\"\n\t\"sync/atomic\"\n)\n\n"
		"var (\n\tproveReached atomic.Int64\n\terrProve = errors.New(\"pyrt: CPython is switched off\")\n)\n\n"
		"func refuseProve() error {\n\tproveReached.Add(1)\n\treturn errProve\n}\n\n"
		"// ProveReached counts how often CPython was wanted.\n"
		"func ProveReached() int64 { return proveReached.Load() }\n";
	bool found = false;
	for (size_t i = 0; i < asset_count; i++) {
		struct asset asset = asset_at(i);
		const char *name = asset.path + strlen(runtime_sources);
		if (strncmp(asset.path, runtime_sources, strlen(runtime_sources)) != 0 || strchr(name, '/'))
			continue;
		cleanup_free char *below = xasprintf("dist.pyrt/%s", name);
		cleanup_text struct text text = TEXT_INIT;
		const char *at;
		if (!slice_ends(slice_of(name), ".go") || slice_starts(asset.data, "//go:build cgo")) {
			replace(proving, map, below, "");
			continue;
		}
		if (slice_starts(asset.data, "//go:build !cgo")) {
			at = memchr(asset.data.ptr, '\n', asset.data.len);
			text_add_slice(&text, slice_from(asset.data, (size_t)(at - asset.data.ptr)));
		} else if ((at = memmem(asset.data.ptr, asset.data.len, gate, strlen(gate)))) {
			size_t before = (size_t)(at - asset.data.ptr);
			text_add_bytes(&text, asset.data.ptr, before);
			text_add(&text, refused);
			text_add_slice(&text, slice_from(asset.data, before + strlen(gate)));
			found = true;
		} else {
			continue;
		}
		cleanup_free char *copy = xasprintf("pyrt_%s", name);
		replace(proving, map, below, copy);
		if (write_in(proving, copy, text_slice(&text), err))
			return -1;
	}
	replace(proving, map, "dist.pyrt/prove_counter.go", "pyrt_prove_counter.go");
	return found ? write_in(proving, "pyrt_prove_counter.go", slice_of(counter), err)
		     : error_set(err, ERROR_FAILED, "runtime/pyrt has no func ready() to switch CPython off");
}

// A call without reflection, which takes longer than many a function: with its arguments prepared. The signature is
// "func X(a any, options ...XOptions) (any, error)"; no type in it has brackets of its own.
static void write_prepare(const struct translate_function *function, struct text *out)
{
	struct slice rest = slice_of(function->signature), list = {NULL, 0}, type, name;
	cleanup_text struct text arguments = TEXT_INIT;
	slice_cut(&rest, '(', &list);
	slice_cut(&rest, ')', &list);
	text_addf(out, "\t\"%s\": func(in []reflect.Value) func() {\n", function->go);
	for (size_t i = 0; list.len && slice_cut(&list, ',', &type); i++) {
		type = slice_trim(type);
		slice_cut(&type, ' ', &name);
		bool options = slice_starts(type, "...");
		if (options)
			text_addf(out, "\t\ta%zu := options[unit.%.*s](in, %zu)\n", i, (int)type.len - 3, type.ptr + 3,
				  i);
		else
			text_addf(out, "\t\ta%zu, _ := in[%zu].Interface().(%.*s)\n", i, i, (int)type.len, type.ptr);
		text_addf(&arguments, "%sa%zu%s", i ? ", " : "", i, options ? "..." : "");
	}
	text_addf(out, "\t\treturn func() { unit.%s(%s) }\n\t},\n", function->go, text_str(&arguments));
}

static int put_driver(struct proving *proving, json_t *map, struct error *err)
{
	int files = 0;
	for (size_t i = 0; i < asset_count; i++) {
		struct asset asset = asset_at(i);
		if (strncmp(asset.path, driver_sources, strlen(driver_sources)) != 0)
			continue;
		const char *name = asset.path + strlen(driver_sources);
		cleanup_free char *below = xasprintf("dist.prove/%s", name);
		cleanup_free char *copy = xasprintf("driver_%s", name);
		replace(proving, map, below, copy);
		if (write_in(proving, copy, asset.data, err))
			return -1;
		files++;
	}
	cleanup_text struct text table = TEXT_INIT;
	text_addf(&table,
		  "package main\n\nimport (\n\t\"reflect\"\n\n\tpyrt \"py/dist.pyrt\"\n\tunit \"%s\"\n)\n\n"
		  "var _ pyrt.Dict\n\nvar functions = map[string]any{\n",
		  proving->translation->path);
	vec_each (&proving->subjects, subject)
		text_addf(&table, "\t\"%s\": unit.%s,\n", subject->function->go, subject->function->go);
	text_add(&table, "}\n\nvar prepare = map[string]func([]reflect.Value) func(){\n");
	vec_each (&proving->subjects, subject)
		write_prepare(subject->function, &table);
	text_add(&table, "}\n");
	replace(proving, map, "dist.prove/table.go", "table.go");
	if (!files)
		return error_set(err, ERROR_FAILED, "this build of gophersnake carries no %s: build it again",
				 driver_sources);
	return write_in(proving, "table.go", text_slice(&table), err);
}

// The unit's package as it would be: copies, so that one folder has all that the build sees.
static int put_code(struct proving *proving, json_t *map, struct error *err)
{
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	if (dir_list(proving->code, &names, err))
		return -1;
	vec_each (&names, name) {
		cleanup_free char *from = xasprintf("%s/%s", proving->code, *name);
		cleanup_free char *below = xasprintf("%s/%s", proving->translation->path + strlen("py/"), *name);
		cleanup_free char *copy = xasprintf("unit_%s", *name);
		cleanup_text struct text data = TEXT_INIT;
		if (dir_exists(from))
			continue; // another package
		replace(proving, map, below, copy);
		if (file_read(from, FILE_LIMIT, &data, err) || write_in(proving, copy, text_slice(&data), err))
			return -1;
	}
	return 0;
}

// 0 = built, 1 = the Go tool refuses: said has its words.
static int build(struct proving *proving, bool race, struct text *said, struct error *err)
{
	struct work *work = proving->translation->work;
	cleanup_free char *in = xasprintf("%s/in", proving->folder);
	const struct sandbox_mount mounts[] = {{in, "/prove", true}};
	const char *const arguments[] = {"build",
					 "-overlay=/prove/overlay.json",
					 "-o",
					 race ? "/prove/driver-race" : "/prove/driver",
					 race ? "-race" : "-race=false",
					 "./dist.prove",
					 NULL};
	struct go_task task = {.arguments = arguments,
			       .module = proving->translation->scratch,
			       .mounts = mounts,
			       .mount_count = ARRAY_LENGTH(mounts),
			       .timeout = BUILD_TIMEOUT,
			       .interrupted = work->interrupted};
	mirror_use_in(&proving->translation->mirror, &task);
	struct process_result result = {0};
	if (toolchain_go(work->toolchain, work->sandbox, &task, &result, err))
		return -1;
	int status = result.exit_status == 0 ? 0 : 1;
	text_add_slice(said, text_slice(&result.error_output));
	work_note(work, "+ %lld ms go build of the driver%s", (long long)result.wall_time,
		  race ? " with the race detector" : "");
	process_result_clear(&result);
	return status;
}

int prove_build(struct proving *proving, struct error *err)
{
	json_t *map = json_object();
	cleanup_json json_t *overlay = json_pack("{s:o}", "Replace", map);
	cleanup_text struct text text = TEXT_INIT, said = TEXT_INIT;
	if (put_code(proving, map, err) || switch_off(proving, map, err) || put_driver(proving, map, err))
		return -1;
	json_write_pretty(overlay, &text);
	int status = write_in(proving, "overlay.json", text_slice(&text), err) ? -1 : build(proving, false, &said, err);
	return status > 0 ? error_set(err, ERROR_FAILED, "the driver does not compile: %.1500s", text_str(&said))
			  : status;
}

int prove_build_race(struct proving *proving, struct error *err)
{
	cleanup_text struct text said = TEXT_INIT;
	int status = build(proving, true, &said, err);
	if (status > 0) { // without it compiles: there is no C compiler, or no race detector for this machine
		struct slice rest = slice_trim(text_slice(&said)), line = {NULL, 0};
		slice_cut(&rest, '\n', &line);
		translation_remark(proving->translation, "no race detector: %.*s",
				   (int)(line.len > SAID ? SAID : line.len), line.ptr ? line.ptr : "");
	}
	return status < 0 ? -1 : !status;
}

// ---- rounds ----------------------------------------------------------------------------------------------------------

void prove_add_header(struct proving *proving, struct text *out)
{
	json_t *functions = json_object();
	cleanup_json json_t *header = json_pack("{s:o}", "functions", functions);
	vec_each (&proving->subjects, subject)
		json_object_set(functions, subject->function->go, subject->parameters);
	json_write_compact(header, out);
	text_add_char(out, '\n');
}

// Calls without an outcome, of functions that may still stand.
static size_t write_calls(struct proving *proving, struct error *err)
{
	size_t count = 0;
	cleanup_text struct text text = TEXT_INIT;
	prove_add_header(proving, &text);
	for (size_t i = 0; i < proving->trials.count; i++) {
		struct trial *trial = &proving->trials.items[i];
		struct subject *subject = &proving->subjects.items[trial->subject];
		if (trial->outcome || trial->broken || subject->failed || json_object_get(trial->call, "output"))
			continue;
		cleanup_json json_t *row = json_pack("{s:I, s:s, s:O}", "n", (json_int_t)i, "f", subject->function->go,
						     "args", json_object_get(trial->call, "args"));
		json_write_compact(row, &text);
		text_add_char(&text, '\n');
		count++;
	}
	return write_in(proving, "calls.json", text_slice(&text), err) ? SIZE_MAX : count;
}

// "R 12 {…}". Returns the call of the last step, -1 before any; ended: all calls were made. Lines that are cut off count as
// not there.
static int64_t read_results(struct proving *proving, struct slice rest, char *step, bool *ended)
{
	struct slice line, word, number;
	int64_t last = -1, at;
	while (memchr(rest.ptr ? rest.ptr : "", '\n', rest.ptr ? rest.len : 0) && slice_cut(&rest, '\n', &line)) {
		if (slice_is(line, "E")) {
			*ended = true;
			return last;
		}
		struct error ignored = ERROR_INIT;
		if (!slice_cut(&line, ' ', &word) || !slice_cut(&line, ' ', &number) || parse_i64(number, &at) ||
		    at < 0 || (size_t)at >= proving->trials.count || word.len != 1)
			continue;
		*step = word.ptr[0];
		last = at;
		if (*step == 'R' && !proving->trials.items[at].outcome)
			proving->trials.items[at].outcome = json_parse(line, "the driver's result", &ignored);
	}
	return last;
}

const char *prove_how_it_ended(struct proving *proving, char step, const struct process_result *result)
{
	struct arena *arena = &proving->translation->arena;
	struct slice said = slice_trim(text_slice(&result->error_output)), line;
	if (step == 'H')
		return "the Go does not come to an end within 5 s";
	if (step == 'M')
		return "the Go takes more than 1 GiB of memory";
	if (result->timed_out)
		return "the Go was stopped: all calls together took too long";
	if (!slice_cut(&said, '\n', &line) || !line.len)
		return arena_printf(arena, "the Go ends the process (%s %d)", result->signal ? "signal" : "exit status",
				    result->signal ? result->signal : result->exit_status);
	char *text = arena_printf(arena, "the Go ends the process: %.*s", (int)(line.len > SAID ? SAID : line.len),
				  line.ptr);
	for (char *c = text; *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?'; // it may say anything
	return text;
}

static int run_driver(struct proving *proving, const char *mode, struct process_result *result, struct error *err)
{
	bool race = mode && !strcmp(mode, "race");
	const char *const argv[] = {race ? "/prove/driver-race" : "/prove/driver", "/prove/calls.json",
				    "/results/results", mode, NULL};
	static const char *const environment[] = {"PATH=/usr/bin:/bin",
						  "HOME=/tmp",
						  "TMPDIR=/tmp",
						  "LANG=C.UTF-8",
						  "TZ=UTC",
						  "GOTRACEBACK=none",
						  "GORACE=halt_on_error=1 exitcode=66 atexit_sleep_ms=0",
						  "GOPHERSNAKE_PYTHON=/nonexistent",
						  NULL};
	struct work *work = proving->translation->work;
	cleanup_free char *in = xasprintf("%s/in", proving->folder);
	cleanup_free char *out = xasprintf("%s/out", proving->folder);
	const struct sandbox_mount mounts[] = {{in, "/prove", false}, {out, "/results", true}};
	struct sandbox_task task = {.argv = argv,
				    .environment = environment,
				    .mounts = mounts,
				    .mount_count = ARRAY_LENGTH(mounts),
				    .timeout = work->config->job_timeout,
				    .memory = race ? 0 : memory_limit, // its shadow memory takes terabytes of addresses
				    .total_memory = (uint64_t)work->config->job_memory,
				    .interrupted = work->interrupted};
	if (dir_remove_tree(out, err) || dir_make(out, 0777, err))
		return -1;
	return sandbox_run(work->sandbox, &task, result, err);
}

int prove_drive(struct proving *proving, const char *mode, struct process_result *result, struct text *results,
		struct error *err)
{
	cleanup_free char *path = xasprintf("%s/out/results", proving->folder);
	if (run_driver(proving, mode, result, err))
		return -1;
	if (file_exists(path) && file_read(path, RESULTS_LIMIT, results, err)) {
		process_result_clear(result);
		return -1;
	}
	return 0;
}

int prove_round(struct proving *proving, struct error *err)
{
	size_t waiting = write_calls(proving, err);
	if (waiting == SIZE_MAX || !waiting)
		return waiting ? -1 : 1;
	struct process_result result = {0};
	cleanup_text struct text text = TEXT_INIT;
	char step = 0;
	bool ended = false;
	if (prove_drive(proving, NULL, &result, &text, err))
		return -1;
	int64_t last = read_results(proving, text_slice(&text), &step, &ended);
	int status = 0;
	if (last < 0) {
		status =
			error_set(err, ERROR_FAILED, "the driver made no call: %.500s", text_str(&result.error_output));
	} else if (!ended) {
		struct trial *trial = &proving->trials.items[last];
		trial->broken = prove_how_it_ended(proving, step, &result);
		proving->subjects.items[trial->subject].failed = true;
	}
	process_result_clear(&result);
	return status ? -1 : ended;
}
