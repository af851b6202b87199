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
#include "agents/prove.h"

#include <string.h>
#include <unistd.h>

#include "agents/held_out.h"
#include "agents/record.h"
#include "core/asset.h"
#include "core/clock.h"
#include "core/file.h"

enum { RESULTS_LIMIT = 512 << 20, FILE_LIMIT = 64 << 20, BUILD_TIMEOUT = 300000, SAID = 200 };
static const uint64_t memory_limit = (uint64_t)4 << 30;
static const char driver_sources[] = "agents/translators/prove/", runtime_sources[] = "runtime/pyrt/";

struct subject { // a function
	struct translate_function *function;
	json_t *parameters; // [[name, kind]…]
	bool failed;        // a call of it ended its process
};

struct trial {
	size_t subject;
	json_t *call; // of a document
	bool held_out;
	json_t *outcome; // of the driver, NULL: none yet
	const char *broken;
};

struct proving {
	struct translation *translation;
	const char *code;
	char *folder; // in/ and out/
	VEC(struct subject) subjects;
	VEC(struct trial) trials;
	json_t *documents; // keeps the calls
	int64_t started;
};

// ---- recordings ------------------------------------------------------------------------------------------------------

int prove_recordings(struct work *work, int group, char digest[DIGEST_HEX_SIZE], struct error *err)
{
	const struct plan_group *of = &work->plan->groups.items[group];
	struct digest_hasher *hasher = digest_new();
	int status = 0;
	for (int i = 0; i < of->member_count && status >= 0; i++) {
		char one[DIGEST_HEX_SIZE];
		int found = record_known(work, of->members[i], one, err);
		digest_add_string(hasher, found == 1 ? one : "");
		status = found < 0 ? -1 : status | found;
	}
	digest_final_hex(hasher, digest);
	digest_free(hasher);
	return status;
}

// ---- functions and their parameters ----------------------------------------------------------------------------------

static json_t *row_named(json_t *rows, const char *prefix, const char *key, int64_t line)
{
	size_t index;
	json_t *row;
	json_array_foreach (rows, index, row) {
		cleanup_free char *name = xasprintf("%s%s", prefix, json_string_or(row, "name", ""));
		if (!strcmp(name, key) && json_integer_or(row, "line", -1) == line)
			return row;
	}
	return NULL;
}

static json_t *inventory_of(const struct translation *translation, const struct translate_function *function)
{
	vec_each (&translation->modules, module) {
		size_t length = strlen(module->name), index;
		if (strncmp(function->python, module->name, length) != 0 || function->python[length] != '.')
			continue;
		const char *key = function->python + length + 1;
		json_t *row = row_named(json_object_get(module->inventory, "functions"), "", key, function->line),
		       *class;
		json_array_foreach (json_object_get(module->inventory, "classes"), index, class) {
			cleanup_free char *prefix = xasprintf("%s.", json_string_or(class, "qualname", ""));
			row = row ? row : row_named(json_object_get(class, "methods"), prefix, key, function->line);
		}
		if (row)
			return row;
	}
	return NULL;
}

static bool is_class_method(json_t *row)
{
	size_t index;
	json_t *name;
	json_array_foreach (json_object_get(row, "decorators"), index, name) {
		if (json_is_string(name) && !strcmp(json_string_value(name), "classmethod"))
			return true;
	}
	return false;
}

// In the order of the Go signature (agents/go/signature.c): the required ones are its parameters, the others its options.
static json_t *parameters_of(json_t *row)
{
	json_t *list = json_array(), *parameter;
	size_t index;
	const char *variable[2] = {NULL, NULL};
	json_array_foreach (json_object_get(row, "params"), index, parameter) {
		const char *kind = json_string_or(parameter, "kind", ""), *name = json_string_or(parameter, "name", "");
		if (!strcmp(kind, "var") || !strcmp(kind, "kwvar")) {
			variable[*kind == 'k'] = name;
			continue;
		}
		if (index == 0 && is_class_method(row))
			continue;
		bool optional = json_is_string(json_object_get(parameter, "default"));
		json_array_append_new(list, json_pack("[s, s]", name, optional ? "optional" : "required"));
	}
	for (int i = 0; i < 2; i++)
		if (variable[i])
			json_array_append_new(list, json_pack("[s, s]", variable[i], i ? "kwargs" : "args"));
	return list;
}

static void add_subjects(struct proving *proving, json_t *names)
{
	size_t index;
	json_t *name;
	json_array_foreach (names, index, name) {
		const char *go = json_string_value(name);
		struct translate_function *function = translation_function(proving->translation, go);
		json_t *row = function ? inventory_of(proving->translation, function) : NULL;
		// A method's self is a handle: no recorded call of it crosses by value.
		if (row && !strchr(go, '.') && *go >= 'A' && *go <= 'Z')
			vec_push(&proving->subjects, (struct subject){function, parameters_of(row), false});
	}
}

// ---- calls -----------------------------------------------------------------------------------------------------------

// f is "module:qualname".
static bool is_name(const char *f, const char *python)
{
	const char *colon = strchr(f, ':');
	size_t module = colon ? (size_t)(colon - f) : 0;
	return colon && !strncmp(f, python, module) && python[module] == '.' && !strcmp(colon + 1, python + module + 1);
}

static void add_calls(struct proving *proving, json_t *document, bool held_out)
{
	size_t index, i = 0;
	json_t *call;
	json_array_append(proving->documents, document);
	json_array_foreach (json_object_get(document, "calls"), index, call) { // sorted by f
		const char *f = json_string_or(call, "f", "");
		if (i >= proving->subjects.count || !is_name(f, proving->subjects.items[i].function->python))
			for (i = 0; i < proving->subjects.count; i++)
				if (is_name(f, proving->subjects.items[i].function->python))
					break;
		if (i < proving->subjects.count)
			vec_push(&proving->trials, (struct trial){i, call, held_out, NULL, NULL});
	}
}

static int read_calls(struct proving *proving, struct error *err)
{
	struct work *work = proving->translation->work;
	const struct plan_group *group = &work->plan->groups.items[proving->translation->group];
	for (int i = 0; i < group->member_count; i++) {
		char digest[DIGEST_HEX_SIZE];
		int found = record_known(work, group->members[i], digest, err);
		cleanup_json json_t *visible = found == 1 ? record_visible(work, group->members[i], err) : NULL;
		cleanup_json json_t *held_out = visible ? held_out_calls(work, group->members[i], err) : NULL;
		if (found < 0 || (found && !held_out))
			return -1;
		if (found) {
			add_calls(proving, visible, false);
			add_calls(proving, held_out, true);
		}
	}
	return 0;
}

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
	text_addf(&table, "package main\n\nimport unit \"%s\"\n\nvar functions = map[string]any{\n",
		  proving->translation->path);
	vec_each (&proving->subjects, subject)
		text_addf(&table, "\t\"%s\": unit.%s,\n", subject->function->go, subject->function->go);
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

static int build(struct proving *proving, struct error *err)
{
	struct work *work = proving->translation->work;
	json_t *map = json_object();
	cleanup_json json_t *overlay = json_pack("{s:o}", "Replace", map);
	cleanup_text struct text text = TEXT_INIT;
	if (put_code(proving, map, err) || switch_off(proving, map, err) || put_driver(proving, map, err))
		return -1;
	json_write_pretty(overlay, &text);
	if (write_in(proving, "overlay.json", text_slice(&text), err))
		return -1;
	cleanup_free char *in = xasprintf("%s/in", proving->folder);
	const struct sandbox_mount mounts[] = {{in, "/prove", true}};
	const char *const arguments[] = {"build", "-overlay=/prove/overlay.json", "-o", "/prove/driver", "./dist.prove",
					 NULL};
	struct go_task task = {.arguments = arguments,
			       .module = proving->translation->scratch,
			       .mounts = mounts,
			       .mount_count = ARRAY_LENGTH(mounts),
			       .timeout = BUILD_TIMEOUT,
			       .interrupted = work->interrupted};
	struct process_result result = {0};
	if (toolchain_go(work->toolchain, work->sandbox, &task, &result, err))
		return -1;
	int status = 0;
	if (result.exit_status != 0)
		status = error_set(err, ERROR_FAILED, "the driver does not compile: %.1500s",
				   text_str(&result.error_output));
	work_note(work, "+ %lld ms go build of the driver", (long long)result.wall_time);
	process_result_clear(&result);
	return status;
}

// ---- rounds ----------------------------------------------------------------------------------------------------------

// Calls without an outcome, of functions that may still stand.
static size_t write_calls(struct proving *proving, struct error *err)
{
	json_t *functions = json_object(), *calls = json_array();
	cleanup_json json_t *document = json_pack("{s:o, s:o}", "functions", functions, "calls", calls);
	cleanup_text struct text text = TEXT_INIT;
	vec_each (&proving->subjects, subject)
		json_object_set(functions, subject->function->go, subject->parameters);
	for (size_t i = 0; i < proving->trials.count; i++) {
		struct trial *trial = &proving->trials.items[i];
		struct subject *subject = &proving->subjects.items[trial->subject];
		if (!trial->outcome && !trial->broken && !subject->failed && !json_object_get(trial->call, "output"))
			json_array_append_new(calls, json_pack("{s:I, s:s, s:O}", "n", (json_int_t)i, "f",
							       subject->function->go, "args",
							       json_object_get(trial->call, "args")));
	}
	json_write_compact(document, &text);
	if (write_in(proving, "calls.json", text_slice(&text), err))
		return SIZE_MAX;
	return json_array_size(calls);
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

static const char *how_it_ended(struct proving *proving, char step, const struct process_result *result)
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

static int run_driver(struct proving *proving, struct process_result *result, struct error *err)
{
	static const char *const argv[] = {"/prove/driver", "/prove/calls.json", "/results/results", NULL};
	static const char *const environment[] = {"PATH=/usr/bin:/bin",
						  "HOME=/tmp",
						  "TMPDIR=/tmp",
						  "LANG=C.UTF-8",
						  "TZ=UTC",
						  "GOTRACEBACK=none",
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
				    .memory = memory_limit,
				    .total_memory = (uint64_t)work->config->job_memory,
				    .interrupted = work->interrupted};
	if (dir_remove_tree(out, err) || dir_make(out, 0777, err))
		return -1;
	return sandbox_run(work->sandbox, &task, result, err);
}

// 1 = all calls have an outcome or their function has failed, 0 = again, -1.
static int run_round(struct proving *proving, struct error *err)
{
	size_t waiting = write_calls(proving, err);
	if (waiting == SIZE_MAX || !waiting)
		return waiting ? -1 : 1;
	struct process_result result = {0};
	cleanup_free char *path = xasprintf("%s/out/results", proving->folder);
	cleanup_text struct text text = TEXT_INIT;
	char step = 0;
	bool ended = false;
	if (run_driver(proving, &result, err))
		return -1;
	int status = file_exists(path) ? file_read(path, RESULTS_LIMIT, &text, err) : 0;
	int64_t last = status ? -1 : read_results(proving, text_slice(&text), &step, &ended);
	if (!status && last < 0) {
		status =
			error_set(err, ERROR_FAILED, "the driver made no call: %.500s", text_str(&result.error_output));
	} else if (!status && !ended) {
		struct trial *trial = &proving->trials.items[last];
		trial->broken = how_it_ended(proving, step, &result);
		proving->subjects.items[trial->subject].failed = true;
	}
	process_result_clear(&result);
	return status ? -1 : ended;
}

// ---- verdicts --------------------------------------------------------------------------------------------------------

static void differ(struct proving *proving, struct proof *proof, const struct trial *trial, const char *difference)
{
	static const char secret[] = "differs on held-out calls";
	if (trial->held_out) {
		proof->reason = proof->reason ? proof->reason : secret;
		return;
	}
	if (proof->reason && proof->reason != secret)
		return; // the first one is shown
	cleanup_text struct text call = TEXT_INIT;
	prove_show_call(trial->call, &call);
	proof->reason = arena_printf(&proving->translation->arena, "differs from CPython on a recorded call: %s: %s",
				     text_str(&call), difference);
}

static void judge(struct proving *proving, struct proof *proof, struct trial *trial)
{
	const char *unable = json_string_or(trial->outcome, "unable", NULL);
	if (trial->broken) {
		cleanup_text struct text text = TEXT_INIT;
		text_addf(&text, "%s; CPython ", trial->broken);
		prove_show_outcome(trial->call, &text);
		differ(proving, proof, trial, text_str(&text));
		return;
	}
	if (!trial->outcome && json_object_get(trial->call, "output"))
		unable = "it writes output";
	if (unable) {
		proof->unable++;
		if (!proof->first_unable && !trial->held_out)
			proof->first_unable = arena_strdup(&proving->translation->arena, unable);
		return;
	}
	if (!trial->outcome) { // or its function has failed before
		if (!proving->subjects.items[trial->subject].failed)
			differ(proving, proof, trial, "the Go gives what cannot be read");
		return;
	}
	if (json_integer_or(trial->outcome, "bridge", 0) > 0) {
		proof->guarded++;
		proof->guarded_visible += !trial->held_out;
		return;
	}
	cleanup_free char *difference = prove_compare(trial->call, trial->outcome);
	if (difference)
		differ(proving, proof, trial, difference);
	else if (trial->held_out)
		proof->held_out++;
	else
		proof->visible++;
}

// More than half of the calls of a native function must be native. Of the held-out ones nothing is counted in public.
static void guard(struct proving *proving, struct proof *proof)
{
	int shown = proof->visible + proof->guarded_visible, made = proof->visible + proof->held_out + proof->guarded;
	if (proof->reason || 2 * proof->guarded <= made)
		return;
	proof->reason = 2 * proof->guarded_visible > shown
				? arena_printf(&proving->translation->arena,
					       "goes to the bridged function in %d of %d recorded calls",
					       proof->guarded_visible, shown)
				: "goes to the bridged function in more than half of the recorded calls";
}

static void judge_all(struct proving *proving, proofs *out)
{
	for (size_t i = 0; i < proving->subjects.count; i++) {
		struct proof proof = {.go = proving->subjects.items[i].function->go};
		bool any = false;
		vec_each (&proving->trials, trial) {
			if (trial->subject == i) {
				any = true;
				judge(proving, &proof, trial);
			}
		}
		guard(proving, &proof);
		if (!any)
			continue;
		work_note(proving->translation->work,
			  "proof of %s: %d visible and %d held-out calls equal, %d guarded, %d not comparable%s%s%s",
			  proof.go, proof.visible, proof.held_out, proof.guarded, proof.unable,
			  proof.first_unable ? ": " : "", proof.first_unable ? proof.first_unable : "",
			  proof.reason ? "; it does not stand" : "");
		vec_push(out, proof);
	}
}

static int prove(struct proving *proving, proofs *out, struct error *err)
{
	struct work *work = proving->translation->work;
	cleanup_free char *in = xasprintf("%s/in", proving->folder);
	if (dir_make(in, 0755, err) || build(proving, err))
		return -1;
	int status = 0;
	// Each round but the last one ends a function.
	for (size_t round = 0; !status && round <= proving->subjects.count; round++)
		status = run_round(proving, err);
	if (status < 0)
		return -1;
	judge_all(proving, out);
	work_note(work, "proof of %zu functions, %zu calls: %lld ms", proving->subjects.count, proving->trials.count,
		  (long long)(system_clock.monotonic(system_clock.context) - proving->started));
	return 0;
}

int prove_unit(struct translation *translation, const char *code, json_t *names, proofs *out, struct error *err)
{
	struct proving proving = {.translation = translation,
				  .code = code,
				  .documents = json_array(),
				  .started = system_clock.monotonic(system_clock.context)};
	add_subjects(&proving, names);
	int status = proving.subjects.count ? read_calls(&proving, err) : 0;
	if (!status && proving.trials.count) {
		struct error ignored = ERROR_INIT;
		status = work_temporary(translation->work, "prove", &proving.folder, err) || prove(&proving, out, err)
				 ? -1
				 : 0;
		if (proving.folder)
			dir_remove_tree(proving.folder, &ignored);
	}
	vec_each (&proving.trials, trial)
		json_decref(trial->outcome);
	vec_each (&proving.subjects, subject)
		json_decref(subject->parameters);
	vec_clear(&proving.trials);
	vec_clear(&proving.subjects);
	json_decref(proving.documents);
	free(proving.folder);
	return status ? error_context(err, "proof of unit %s", translation->unit) : 0;
}

// ---- what it says of a function --------------------------------------------------------------------------------------

void prove_note(struct translation *translation, const proofs *proved)
{
	vec_each (proved, proof) {
		struct translate_function *function = translation_function(translation, proof->go);
		if (!function || proof->reason)
			continue;
		function->visible = proof->visible;
		function->held_out = proof->held_out;
		function->guarded = proof->guarded;
	}
}

void prove_add_evidence(json_t *row, const struct translate_function *function)
{
	json_t *evidence = json_pack("[s]", "compiles");
	if (function->visible)
		json_array_append_new(evidence, json_string("recorded calls"));
	if (function->held_out)
		json_array_append_new(evidence, json_string("held-out calls"));
	json_object_set_new(row, "evidence", evidence);
	if (function->visible || function->held_out || function->guarded)
		json_object_set_new(row, "calls",
				    json_pack("{s:i, s:i, s:i}", "visible", function->visible, "held_out",
					      function->held_out, "guarded", function->guarded));
}
