// Stage `translate U`: the chain of translators over one unit, and its result.
//
// "gophersnake.translation/1":
//
//     group, unit   "sqlparse@0.5.3", "sqlparse.utils"
//     package       neutral import path of the unit's Go
//     files         {"sqlparse/utils/utils_native_py.go": digest}: to be put beside the bridged code
//     edited        {"sqlparse/utils/utils_py.go": digest}: in the place of the bridged file
//     cost_microdollars, input_tokens, output_tokens, calls
//                   of a paid translator, when one was asked
//     functions     [{"name" (dotted, Python), "kind": "function" or "method", "go", "state": "native" or "bridged", "translator", "reason", "evidence": ["compiles", "recorded calls"…] as far as it went, with their numbers in "calls" (agents/prove.h), "guards" (null: not proved, agents/prove_kinds.h), "parameters"}]; with attempts, cost_microdollars, input_tokens, output_tokens, model where a model was asked, and lines (of Go) where its answer stands
//     go_modules    the record of what its Go imports of Go modules from outside (agents/mirror.h); not there when that is nothing
//     remarks       [what was wrong with proposals beside functions]
//     sandbox       tier in which it was checked
//
// The answer of a program is kept for the run. When the program itself did its work, it is kept for all runs of the
// workspace: the same input never costs twice, and a program that could not work is asked again by the next run.
#include "agents/translate.h"

#include <string.h>
#include <unistd.h>

#include "agents/bundle/bundle.h"
#include "agents/prove.h"
#include "agents/translators/tool.h"
#include "core/file.h"

static const struct translator *const known[] = {&translator_bridge, &translator_recorded, &translator_command,
						 &translator_llm};

const struct translator *translator_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LENGTH(known); i++)
		if (!strcmp(known[i]->name, name))
			return known[i];
	return NULL;
}

// The bridge is no work, wherever it stands in the chain, nor are packs without a function of the unit.
int translate_idle(struct work *work, int group, const char *unit, struct error *err)
{
	vec_each (&work->plan->translators, name) {
		if (!strcmp(*name, "bridge"))
			continue;
		int something = strcmp(*name, "recorded") ? 1 : recorded_has(work, group, unit, err);
		if (something)
			return something < 0 ? -1 : 0;
	}
	return 1;
}

// ---- memos -----------------------------------------------------------------------------------------------------------

static void add_program(const struct plan *plan, struct digest_hasher *hasher)
{
	vec_each (&plan->translator_command, word)
		digest_add_string(hasher, *word);
	cleanup_free char *program =
		plan->translator_command.count ? process_find(plan->translator_command.items[0]) : NULL;
	char digest[DIGEST_HEX_SIZE] = "";
	if (program && digest_hex_of_file(program, digest, NULL))
		digest[0] = '\0'; // unreadable: it will say so when it is run
	digest_add_string(hasher, digest);
}

// run: "" for the memo that all runs share.
static int make_key(struct work *work, int group, const char *unit, const char *run, char key[DIGEST_HEX_SIZE],
		    struct error *err)
{
	const struct plan *plan = work->plan;
	cleanup_json json_t *emit = emit_result(work, group, err);
	char tool[DIGEST_HEX_SIZE], recordings[DIGEST_HEX_SIZE];
	// A recording that came later is a reason to ask again; without one the key is what it always was.
	int recorded = emit ? prove_recordings(work, group, recordings, err) : -1;
	if (recorded < 0)
		return -1;
	tool_digest(tool);
	const char *const words[] = {"translate/1",
				     plan->generator,
				     tool,
				     work->toolchain->go_version,
				     plan->lock.python,
				     json_string_or(emit, "tree", ""),
				     json_string_or(emit, "names", ""),
				     plan->groups.items[group].name,
				     unit,
				     run};
	struct digest_hasher *hasher = digest_new();
	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		digest_add_string(hasher, words[i]);
	if (recorded) {
		digest_add_string(hasher, "recorded/1");
		digest_add_string(hasher, recordings);
	}
	cleanup_text struct text modules = TEXT_INIT;
	mirror_list(plan, ",", &modules);
	digest_add_string(hasher, text_str(&modules));
	vec_each (&plan->translators, name) {
		digest_add_string(hasher, *name);
		if (!strcmp(*name, "recorded"))
			recorded_add_packs(plan, group, hasher);
		if (!strcmp(*name, "command"))
			add_program(plan, hasher);
		if (!strcmp(*name, "llm"))
			digest_add_string(hasher, plan->llm ? plan->llm : "");
	}
	digest_final_hex(hasher, key);
	digest_free(hasher);
	return 0;
}

static bool is_whole(struct work *work, json_t *result)
{
	static const char *const parts[] = {"files", "edited"};
	const char *path;
	json_t *digest;
	for (size_t i = 0; i < ARRAY_LENGTH(parts); i++)
		json_object_foreach (json_object_get(result, parts[i]), path, digest) {
			if (!store_has(work->store, json_string_value(digest)))
				return false;
		}
	return true;
}

// 1 = *out is the result that this run or an earlier one has, 0 = there is none, -1.
static int find_result(struct work *work, int group, const char *unit, char digest[DIGEST_HEX_SIZE], json_t **out,
		       struct error *err)
{
	const char *const runs[] = {"", work->run};
	for (size_t i = 0; i < ARRAY_LENGTH(runs) && runs[i]; i++) {
		char key[DIGEST_HEX_SIZE];
		int found = make_key(work, group, unit, runs[i], key, err)
				    ? -1
				    : store_memo_get(work->store, key, digest, err);
		if (found < 0)
			return -1;
		cleanup_json json_t *result = found ? store_get_json(work->store, digest, "translation", err) : NULL;
		if (found && !result)
			return -1;
		if (found && is_whole(work, result)) {
			*out = steal(&result);
			return 1;
		}
	}
	return 0;
}

static int keep_result(struct work *work, int group, const char *unit, json_t *result, bool for_all,
		       char digest[DIGEST_HEX_SIZE], struct error *err)
{
	char key[DIGEST_HEX_SIZE];
	const char *run = for_all || !work->run ? "" : work->run;
	return store_put_json(work->store, result, digest, err) || make_key(work, group, unit, run, key, err) ||
			       store_memo_put(work->store, key, digest, err)
		       ? -1
		       : 0;
}

// ---- the result ------------------------------------------------------------------------------------------------------

static void add_cost(json_t *row, const struct translate_function *function)
{
	json_object_update_new(row, json_pack("{s:i, s:I, s:I, s:I, s:s}", "attempts", function->attempts,
					      "cost_microdollars", (json_int_t)function->cost, "input_tokens",
					      (json_int_t)function->input_tokens, "output_tokens",
					      (json_int_t)function->output_tokens, "model", function->model));
}

static void add_proof(json_t *row, const struct translate_function *function)
{
	static const char *const keys[] = {"evidence", "calls", "coverage", "speed", "border"};
	if (strcmp(function->translator, translator_recorded.name) != 0)
		return;
	for (size_t i = 0; i < ARRAY_LENGTH(keys); i++)
		if (json_object_get(function->proof, keys[i]))
			json_object_set(row, keys[i], json_object_get(function->proof, keys[i]));
}

json_t *translation_rows(const struct translation *translation)
{
	json_t *functions = json_array();
	vec_each (&translation->functions, function) {
		json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:s*, s:s*}", "name", function->python, "kind",
					function->is_method ? "method" : "function", "go", function->go, "state",
					function->translator ? "native" : "bridged", "translator", function->translator,
					"reason", function->translator ? NULL : function->reason);
		if (function->translator) {
			json_t *guards = json_object_get(translation->guards, function->go);
			prove_add_evidence(row, function);
			json_object_set_new(row, "guards", guards ? json_incref(guards) : json_null());
			json_object_set_new(row, "parameters", prove_parameters(translation, function));
			add_proof(row, function);
		}
		if (function->attempts)
			add_cost(row, function);
		json_array_append_new(functions, row);
	}
	return functions;
}

// Files of the package as it is now that are new or differ from the bridged ones.
static int store_code(struct translation *translation, json_t *files, json_t *edited, struct error *err)
{
	struct work *work = translation->work;
	const char *below = translation->path + strlen("py/");
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	if (dir_list(translation->code, &names, err) ||
	    translation_tables_files(translation, translation->code, files, err))
		return -1;
	vec_each (&names, name) {
		cleanup_free char *path = xasprintf("%s/%s", translation->code, *name);
		cleanup_free char *original = xasprintf("%s/%s/%s", translation->scratch, below, *name);
		cleanup_free char *key = xasprintf("%s/%s", below, *name);
		char digest[DIGEST_HEX_SIZE], before[DIGEST_HEX_SIZE] = "";
		bool is_new = !file_exists(original);
		if (digest_hex_of_file(path, digest, err) || (!is_new && digest_hex_of_file(original, before, err)))
			return -1;
		if (!strcmp(digest, before))
			continue;
		if (store_put_file(work->store, path, digest, err))
			return -1;
		json_object_set_new(is_new ? files : edited, key, json_string(digest));
	}
	return 0;
}

json_t *translation_result(struct translation *translation, struct error *err)
{
	json_t *files = json_object(), *edited = json_object();
	cleanup_json json_t *result =
		json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:O, s:s}", "schema", "gophersnake.translation/1",
			  "group", translation->work->plan->groups.items[translation->group].name, "unit",
			  translation->unit, "package", translation->path, "files", files, "edited", edited,
			  "functions", translation_rows(translation), "remarks", translation->remarks, "sandbox",
			  sandbox_tier_name(sandbox_tier(translation->work->sandbox)));
	if (translation->calls)
		json_object_update_new(
			result, json_pack("{s:I, s:I, s:I, s:i}", "cost_microdollars", (json_int_t)translation->cost,
					  "input_tokens", (json_int_t)translation->input_tokens, "output_tokens",
					  (json_int_t)translation->output_tokens, "calls", translation->calls));
	if (translation_native(translation) &&
	    (store_code(translation, files, edited, err) || translation_tests(translation, files, err) ||
	     (translation->calls && translation_add_lines(translation, json_object_get(result, "functions"), err))))
		return NULL;
	cleanup_json json_t *modules =
		translation_native(translation) ? translation_modules_record(translation, err) : json_null();
	if (!modules)
		return NULL;
	if (json_is_object(modules))
		json_object_set(result, "go_modules", modules);
	return steal(&result);
}

static void write_outcome(json_t *result, struct text *outcome)
{
	int native = 0, bridged = 0;
	int64_t cost = json_integer_or(result, "cost_microdollars", 0);
	size_t index;
	json_t *function;
	json_array_foreach (json_object_get(result, "functions"), index, function) {
		bool is_native = !strcmp(json_string_or(function, "state", ""), "native");
		native += is_native;
		bridged += !is_native;
	}
	text_addf(outcome, "{\"native\":%d,\"bridged\":%d", native, bridged);
	if (json_object_get(result, "cost_microdollars"))
		text_addf(outcome, ",\"cost_microdollars\":%lld,\"input_tokens\":%lld,\"output_tokens\":%lld",
			  (long long)cost, (long long)json_integer_or(result, "input_tokens", 0),
			  (long long)json_integer_or(result, "output_tokens", 0));
	text_add(outcome, "}");
}

// ---- the chain -------------------------------------------------------------------------------------------------------

static void reason_for_all(struct translation *translation, const char *translator, const char *reason)
{
	translation_remark(translation, "%s: %s", translator, reason);
	vec_each (&translation->functions, function)
		translation_reason(translation, function, translator, reason);
}

static int run_translator(struct translation *translation, const struct translator *translator, bool *worked,
			  struct error *err)
{
	cleanup_free char *out = xasprintf("%s/proposed-%s", translation->folder, translator->name);
	cleanup_free char *reason = NULL;
	if (dir_make(out, 0755, err))
		return -1;
	int proposed = translator->propose(translation, out, &reason, err);
	if (proposed < 0)
		return -1;
	if (reason) {
		*worked = false;
		reason_for_all(translation, translator->name, reason);
	}
	int status = proposed ? translation_accept(translation, translator->name, out, err) : 0;
	vec_each (&translation->functions, function)
		function->withheld = NULL;
	translation->proved = false;
	return status;
}

static int run_chain(struct translation *translation, bool *worked, struct error *err)
{
	*worked = true;
	if (!translation->functions.count)
		return 0;
	vec_each (&translation->work->plan->translators, name) {
		const struct translator *translator = translator_find(*name);
		if (!translator)
			return error_set(err, ERROR_CONFIG,
					 "translator \"%s\" is not part of this version of gophersnake", *name);
		if (translation_native(translation) < translation->functions.count &&
		    run_translator(translation, translator, worked, err))
			return error_context(err, "translator %s", *name);
	}
	return 0;
}

// What publish will ask for (agents/publish_units.c), made here, where many agents work: a memo.
static int make_bundle_unit(struct work *work, int group, json_t *result, struct error *err)
{
	char digest[DIGEST_HEX_SIZE];
	cleanup_json json_t *unit = NULL, *refused = NULL;
	if (!bundle_has_native(result))
		return 0;
	cleanup_json json_t *emit = emit_result(work, group, err);
	cleanup_json json_t *release = emit ? bundle_release(work, group, err) : NULL;
	return release ? bundle_unit_make(work, emit, result, release, &unit, digest, &refused, err) : -1;
}

static int translate(struct work *work, int group, const char *unit, char digest[DIGEST_HEX_SIZE], struct text *outcome,
		     struct error *err)
{
	cleanup_json json_t *result = NULL;
	int found = find_result(work, group, unit, digest, &result, err);
	if (found < 0)
		return -1;
	if (!found) {
		struct translation translation;
		bool worked;
		if (translation_open(work, group, unit, &translation, err))
			return -1;
		int status = run_chain(&translation, &worked, err);
		result = status ? NULL : translation_result(&translation, err);
		translation_clear(&translation);
		if (!result || keep_result(work, group, unit, result, worked, digest, err))
			return -1;
	}
	write_outcome(result, outcome);
	return make_bundle_unit(work, group, result, err);
}

int translate_run(struct work *work, int group, const char *unit, char digest[DIGEST_HEX_SIZE], struct text *outcome,
		  struct error *err)
{
	digest[0] = '\0';
	int idle = translate_idle(work, group, unit, err);
	if (idle) {
		text_add(outcome, "{}");
		return idle < 0 ? error_context(err, "%s: unit %s", work->plan->groups.items[group].name, unit) : 0;
	}
	if (work_check_generator(work, err) || translate(work, group, unit, digest, outcome, err))
		return error_context(err, "%s: unit %s", work->plan->groups.items[group].name, unit);
	return 0;
}

int translate_result(struct work *work, int group, const char *unit, json_t **out, struct error *err)
{
	char digest[DIGEST_HEX_SIZE];
	*out = NULL;
	int idle = translate_idle(work, group, unit, err);
	return idle ? (idle < 0 ? -1 : 0) : find_result(work, group, unit, digest, out, err);
}
