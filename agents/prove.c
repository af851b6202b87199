// Proof of a unit: which calls its functions have, who makes them
// (prove_driver.c), and what the outcomes say.
//
// A function that differs in one call does not stand. Of a visible call the
// reason has both sides; of a held-out one it is the same sentence always, and
// this is the one place that reads them.
#include "agents/prove_internal.h"

#include <string.h>

#include "agents/held_out.h"
#include "agents/kept_calls.h"
#include "agents/prove_kinds.h"
#include "agents/record.h"
#include "core/clock.h"
#include "core/file.h"

enum { ENOUGH = 8 }; // calls, as the recording asks of a candidate

// ---- recordings ------------------------------------------------------------------------------------------------------

int prove_recordings(struct work *work, int group, char digest[DIGEST_HEX_SIZE], struct error *err)
{
	const struct plan_group *of = &work->plan->groups.items[group];
	struct digest_hasher *hasher = digest_new();
	int status = 0;
	prove_fuzz_programs(hasher); // what is found out with a recording
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

// Of the lock, that a function of the unit is of; -1.
static int package_of(const struct translation *translation, const char *python)
{
	vec_each (&translation->modules, module) {
		size_t length = strlen(module->name);
		if (!strncmp(python, module->name, length) && python[length] == '.')
			return module->package;
	}
	return -1;
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
			vec_push(&proving->subjects,
				 (struct subject){.function = function, .parameters = parameters_of(row)});
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

static void add_calls(struct proving *proving, int package, json_t *document, bool held_out)
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
		if (i >= proving->subjects.count)
			continue;
		proving->subjects.items[i].f = f;
		proving->subjects.items[i].package = package;
		vec_push(&proving->trials, (struct trial){.subject = i, .call = call, .held_out = held_out});
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
			add_calls(proving, group->members[i], visible, false);
			add_calls(proving, group->members[i], held_out, true);
		}
	}
	return 0;
}

// ---- candidates ------------------------------------------------------------------------------------------------------

// The function's row in the evidence; none is made of private functions and of what is not recorded.
static json_t *evidence_of(json_t *recording, const char *python)
{
	size_t index;
	json_t *row;
	json_array_foreach (json_object_get(recording, "functions"), index, row) {
		if (is_name(json_string_or(row, "name", ""), python))
			return row;
	}
	return NULL;
}

static const char *refusal(struct proving *proving, json_t *recording, const char *python)
{
	json_t *row = evidence_of(recording, python);
	if (json_bool_or(row, "candidate", false))
		return NULL;
	return arena_printf(&proving->translation->arena, "not a candidate: %s",
			    json_string_or(row, "reason", "it is no public function of the recording"));
}

// Names of functions that no proof can be had of: each gets its reason. The others stay in names.
static int refuse(struct proving *proving, json_t *names, json_t *candidates, proofs *out, struct error *err)
{
	struct translation *translation = proving->translation;
	const struct plan_group *group = &translation->work->plan->groups.items[translation->group];
	VEC(json_t *) recordings = VEC_INIT;
	int status = 0;
	for (int i = 0; i < group->member_count && status >= 0; i++) {
		char digest[DIGEST_HEX_SIZE];
		status = record_known(translation->work, group->members[i], digest, err);
		json_t *recording = status == 1 ? record_result(translation->work, group->members[i], err) : NULL;
		status = status == 1 && !recording ? -1 : status;
		vec_push(&recordings, recording);
	}
	size_t index;
	json_t *name;
	json_array_foreach (names, index, name) {
		struct translate_function *function = translation_function(translation, json_string_value(name));
		const char *reason = NULL;
		for (int i = 0; i < group->member_count && status >= 0 && function; i++)
			if (recordings.items[i] && package_of(translation, function->python) == group->members[i])
				reason = refusal(proving, recordings.items[i], function->python);
		if (reason)
			vec_push(out, (struct proof){.go = function->go, .reason = reason});
		else
			json_array_append(candidates, name);
	}
	vec_each (&recordings, recording)
		json_decref(*recording);
	vec_clear(&recordings);
	return status < 0 ? -1 : 0;
}

// ---- verdicts --------------------------------------------------------------------------------------------------------

const char prove_secret[] = "differs on held-out calls";

static void differ(struct proving *proving, struct proof *proof, const struct trial *trial, const char *difference)
{
	if (trial->held_out) {
		proof->reason = proof->reason ? proof->reason : prove_secret;
		return;
	}
	if (proof->reason && proof->reason != prove_secret)
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
		bool result = json_object_get(trial->call, "exception") == NULL;
		proof->guarded++;
		proof->guarded_results += result;
		proof->guarded_visible += result && !trial->held_out;
		return;
	}
	cleanup_free char *difference = prove_compare(trial->call, trial->outcome);
	if (difference) {
		differ(proving, proof, trial, difference);
		return;
	}
	prove_kinds_add(proof->guards, trial->call);
	trial->right = true;
	if (!json_object_get(trial->call, "exception")) {
		proof->results++;
		proof->visible_results += !trial->held_out;
	}
	if (trial->held_out) {
		proof->held_out++;
	} else {
		proof->visible++;
		json_array_append(proof->calls, trial->call);
	}
}

// More than half of the calls that give a result must be native, and enough calls in all. Of the held-out ones nothing is counted
// in public.
static void guard(struct proving *proving, struct proof *proof)
{
	int shown = proof->visible_results + proof->guarded_visible;
	if (proof->reason)
		return;
	if (proof->guarded_results > proof->results)
		proof->reason = proof->guarded_visible > proof->visible_results
					? arena_printf(&proving->translation->arena,
						       "goes to the bridged function in %d of %d recorded calls that "
						       "give a result",
						       proof->guarded_visible, shown)
					: "goes to the bridged function in more than half of the recorded calls";
	else if (proof->guarded && proof->visible + proof->held_out < ENOUGH)
		proof->reason = arena_printf(&proving->translation->arena,
					     "fewer than %d recorded calls don't go to the bridged function", ENOUGH);
}

static void judge_all(struct proving *proving, proofs *out)
{
	for (size_t i = 0; i < proving->subjects.count; i++) {
		struct proof proof = {
			.go = proving->subjects.items[i].function->go, .guards = json_object(), .calls = json_array()};
		bool any = false;
		vec_each (&proving->trials, trial) {
			if (trial->subject == i) {
				any = true;
				judge(proving, &proof, trial);
			}
		}
		guard(proving, &proof);
		if (!any) {
			json_decref(proof.guards);
			json_decref(proof.calls);
			continue;
		}
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
	if (dir_make(in, 0755, err) || prove_build(proving, err))
		return -1;
	int status = 0;
	// Each round but the last one ends a function.
	for (size_t round = 0; !status && round <= proving->subjects.count; round++)
		status = prove_round(proving, err);
	if (status < 0)
		return -1;
	judge_all(proving, out);
	if (prove_fuzz(proving, out, err) || (!work->no_race && prove_race(proving, out, err)) ||
	    (work->measure && prove_speed(proving, out, err)))
		return -1;
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
	cleanup_json json_t *candidates = json_array();
	int status = refuse(&proving, names, candidates, out, err);
	add_subjects(&proving, candidates);
	status = !status && proving.subjects.count ? read_calls(&proving, err) : status;
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
		function->fuzzed = proof->fuzzed;
		function->fuzz_guarded = proof->fuzz_guarded;
		function->raced = proof->raced;
		function->go_ns = proof->go_ns;
		function->cpython_ns = proof->cpython_ns;
		if (proof->visible || proof->held_out)
			json_object_set(translation->guards, proof->go,
					proof->guards); // without an equal call nothing is known
		if (proof->visible)
			json_object_set_new(translation->kept, proof->go, kept_calls_choose(proof->calls));
	}
}

void proofs_clear(proofs *list)
{
	vec_each (list, proof) {
		json_decref(proof->guards);
		json_decref(proof->calls);
	}
	vec_clear(list);
}

json_t *prove_parameters(const struct translation *translation, const struct translate_function *function)
{
	json_t *row = inventory_of(translation, function);
	return row ? parameters_of(row) : json_array();
}

void prove_add_evidence(json_t *row, const struct translate_function *function)
{
	json_t *evidence = json_pack("[s]", "compiles");
	if (function->visible)
		json_array_append_new(evidence, json_string("recorded calls"));
	if (function->held_out)
		json_array_append_new(evidence, json_string("held-out calls"));
	if (function->fuzzed)
		json_array_append_new(evidence, json_string("difference fuzz"));
	if (function->raced)
		json_array_append_new(evidence, json_string("race detector"));
	json_object_set_new(row, "evidence", evidence);
	if (function->go_ns)
		json_object_set_new(row, "speed",
				    json_pack("{s:I, s:I}", "cpython_ns", (json_int_t)function->cpython_ns, "go_ns",
					      (json_int_t)function->go_ns));
	if (function->visible || function->held_out || function->guarded)
		json_object_set_new(row, "calls",
				    json_pack("{s:i, s:i, s:i, s:i, s:i}", "visible", function->visible, "held_out",
					      function->held_out, "guarded", function->guarded, "fuzz",
					      function->fuzzed, "fuzz_guarded", function->fuzz_guarded));
}
