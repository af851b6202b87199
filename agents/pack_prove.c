// Proves the Go of a pack's folder: unit by unit through the same checks as
// any translator's, with a recording made first.
//
// A unit's verdict is kept under the digests of all that decides it, this
// program included: what did not change is not proved again.
#include "agents/pack_prove.h"

#include <string.h>

#include "agents/border.h"
#include "agents/bundle/bundle.h"
#include "agents/inline.h"
#include "agents/kept_calls.h"
#include "agents/pack.h"
#include "agents/prove.h"
#include "agents/record.h"
#include "agents/translate.h"
#include "core/file.h"

static const char name_of_proof[] = "prove";

struct making {
	struct work *work;
	const struct pack_prove_task *task;
	int group;
	json_t *old, *recording; // old: pack.json as it was, NULL
	json_t *functions, *bridged, *remarks;
	json_t *calls, *tests; // {unit: text}, {unit: digest}
	struct border_cases border;
};

// ---- stages below ----------------------------------------------------------------------------------------------------

static int prepare(struct making *making, struct error *err)
{
	struct work *work = making->work;
	char digest[DIGEST_HEX_SIZE];
	if (inline_emit(work, making->group, err))
		return -1;
	cleanup_json json_t *inputs = record_read_proposals(making->task->folder, err);
	if (!inputs ||
	    record_run_with(work, making->task->package, json_object_size(inputs) ? inputs : NULL, digest, err))
		return -1;
	making->recording = record_result(work, making->task->package, err);
	return making->recording ? 0 : -1;
}

static bool has_unit(json_t *emit, const char *id)
{
	size_t index;
	json_t *unit;
	json_array_foreach (json_object_get(emit, "units"), index, unit) {
		if (!strcmp(json_string_or(unit, "id", ""), id))
			return true;
	}
	return false;
}

// ---- rows ------------------------------------------------------------------------------------------------------------

static json_t *find_row(json_t *rows, const char *key, const char *value)
{
	size_t index;
	json_t *row;
	json_array_foreach (rows, index, row) {
		if (!strcmp(json_string_or(row, key, ""), value))
			return row;
	}
	return NULL;
}

static const char *author(const struct making *making, const char *python)
{
	json_t *before = find_row(json_object_get(making->old, "functions"), "python", python);
	return making->task->translator ? making->task->translator : json_string_or(before, "translator", "hand");
}

static json_t *calls_of(json_t *row)
{
	static const char *const keys[] = {"visible", "held_out", "guarded", "fuzz"};
	json_t *calls = json_object();
	for (size_t i = 0; i < ARRAY_LENGTH(keys); i++)
		json_object_set_new(calls, keys[i],
				    json_integer(json_integer_or(json_object_get(row, "calls"), keys[i], 0)));
	return calls;
}

// Why what compiles and differs in no call is not proved all the same, NULL: it is.
static const char *unproved(json_t *row, json_t *recorded)
{
	json_t *calls = json_object_get(row, "calls");
	if (!json_integer_or(calls, "visible", 0) && !json_integer_or(calls, "held_out", 0))
		return recorded ? "no recorded call of it could be made with the Go" : "no call of it was recorded";
	if (recorded && !json_bool_or(recorded, "candidate", true))
		return json_string_or(recorded, "reason", "it is no candidate for translation");
	return NULL;
}

static json_t *bridged_row(const struct translation *translation, const char *python, const char *reason)
{
	char prefix[sizeof name_of_proof + 2];
	int length = snprintf(prefix, sizeof prefix, "%s: ", name_of_proof);
	if (!strncmp(reason, prefix, (size_t)length))
		reason += length;
	return json_pack("{s:s, s:s, s:s}", "python", python, "unit", translation->unit, "reason", reason);
}

static json_t *proved_row(const struct translation *translation, struct translate_function *function, json_t *row,
			  json_t *recording, json_t *recorded, const char *code)
{
	static const char *const copied[] = {"guards", "parameters", "evidence", "speed"};
	json_t *modules = pack_modules(translation, function, recording);
	char key[DIGEST_HEX_SIZE];
	pack_key(translation, function, modules, key);
	json_t *out = json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:{}, s:[]}", "python", function->python, "unit",
				translation->unit, "go", function->go, "key", key, "code", code, "modules", modules,
				"calls", calls_of(row), "guards", "parameters");
	for (size_t i = 0; i < ARRAY_LENGTH(copied); i++)
		if (json_object_get(row, copied[i]))
			json_object_set(out, copied[i], json_object_get(row, copied[i]));
	if (json_object_get(recorded, "coverage"))
		json_object_set(out, "coverage", json_object_get(recorded, "coverage"));
	return out;
}

// {"functions", "bridged", "remarks", "calls"} of a unit; "bundle" comes later.
static json_t *verdict(const struct making *making, struct translation *translation, const char *code)
{
	json_t *functions = json_array(), *bridged = json_array(), *calls = json_array(), *row;
	cleanup_json json_t *rows = translation_rows(translation);
	size_t index;
	json_array_foreach (rows, index, row) {
		const char *python = json_string_or(row, "name", ""), *reason = json_string_or(row, "reason", NULL);
		struct translate_function *function = translation_function(translation, json_string_or(row, "go", ""));
		cleanup_free char *name = function ? pack_recorded_name(translation, function) : NULL;
		if (!function || (!function->translator && !reason))
			continue;
		json_t *recorded = find_row(json_object_get(making->recording, "functions"), "name", name);
		if (function->translator)
			reason = unproved(row, recorded);
		if (reason)
			json_array_append_new(bridged, bridged_row(translation, python, reason));
		else
			json_array_append_new(
				functions, proved_row(translation, function, row, making->recording, recorded, code));
		if (!reason)
			json_array_extend(calls, json_object_get(translation->kept, function->go));
	}
	return json_pack("{s:o, s:o, s:O, s:o}", "functions", functions, "bridged", bridged, "remarks",
			 translation->remarks, "calls", calls);
}

// ---- a unit ----------------------------------------------------------------------------------------------------------

static int unit_key(struct making *making, const char *unit, const char *code, char key[DIGEST_HEX_SIZE],
		    struct error *err)
{
	struct work *work = making->work;
	char program[DIGEST_HEX_SIZE], recordings[DIGEST_HEX_SIZE];
	// Not the plan's digest: how a release was asked for ("sqlparse", "sqlparse==0.6.1") is no reason to prove again.
	cleanup_json json_t *emit = emit_result(work, making->group, err);
	cleanup_text struct text text = TEXT_INIT;
	if (!emit)
		return -1;
	json_write_compact(emit, &text);
	if (digest_hex_of_file("/proc/self/exe", program, err) ||
	    prove_recordings(work, making->group, recordings, err) < 0)
		return -1;
	const char *const words[] = {"prove pack/3",
				     program,
				     text_str(&text),
				     work->toolchain->go_version,
				     work->toolchain->python_version,
				     sandbox_tier_name(sandbox_tier(work->sandbox)),
				     recordings,
				     work->plan->groups.items[making->group].name,
				     unit,
				     code};
	struct digest_hasher *hasher = digest_new();
	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		digest_add_string(hasher, words[i]);
	digest_add(hasher, &work->fuzz_calls, sizeof work->fuzz_calls);
	digest_final_hex(hasher, key);
	digest_free(hasher);
	return 0;
}

static int write_code(json_t *files, const char *folder, struct error *err)
{
	const char *name;
	json_t *text;
	if (dir_make(folder, 0755, err))
		return -1;
	json_object_foreach (files, name, text) {
		cleanup_free char *path = xasprintf("%s/%s", folder, name);
		if (file_write_plain(path, json_string_value(text), json_string_length(text), err))
			return -1;
	}
	return 0;
}

// Adds to the verdict what a bundle would have of the unit: {"digest", "unit"}.
static int add_bundle(struct making *making, struct translation *translation, json_t *verdict, struct error *err)
{
	cleanup_json json_t *result = translation_result(translation, err), *unit = NULL, *refused = NULL;
	cleanup_json json_t *release = result ? bundle_release(making->work, making->group, err) : NULL;
	char digest[DIGEST_HEX_SIZE];
	if (!release || (bundle_has_native(result) && bundle_unit_make(making->work, translation->emit, result, release,
								       &unit, digest, &refused, err)))
		return -1;
	if (unit)
		json_object_set_new(verdict, "bundle", json_pack("{s:s, s:O}", "digest", digest, "unit", unit));
	return 0;
}

static json_t *prove(struct making *making, const char *unit, json_t *files, const char *code, struct error *err)
{
	struct translation translation;
	json_t *out = NULL;
	if (translation_open(making->work, making->group, unit, &translation, err))
		return NULL;
	if (!translation.functions.count) {
		translation_remark(&translation, "%s has no functions that could be replaced", unit);
		out = verdict(making, &translation, code);
	} else {
		cleanup_free char *folder = xasprintf("%s/proposed", translation.folder);
		if (!write_code(files, folder, err) && !translation_accept(&translation, name_of_proof, folder, err))
			out = verdict(making, &translation, code);
		if (out && add_bundle(making, &translation, out, err)) {
			json_decref(out);
			out = NULL;
		}
	}
	translation_clear(&translation);
	return out;
}

static void write_calls(struct making *making, const char *unit, json_t *calls)
{
	const struct lock_package *package = &making->work->plan->lock.packages.items[making->task->package];
	cleanup_text struct text text = TEXT_INIT;
	char digest[DIGEST_HEX_SIZE];
	if (!json_array_size(calls))
		return;
	kept_calls_write(package->name, package->version, calls, KEPT_FILE_LIMIT, &text);
	digest_hex_of(text.ptr, text.len, digest);
	json_object_set_new(making->calls, unit, json_stringn(text.ptr, text.len));
	json_object_set_new(making->tests, unit, json_string(digest));
}

static int make_unit(struct making *making, const char *unit, json_t *files, struct error *err)
{
	char code[DIGEST_HEX_SIZE], key[DIGEST_HEX_SIZE], digest[DIGEST_HEX_SIZE];
	pack_code_digest(making->work->plan, files, code);
	if (unit_key(making, unit, code, key, err))
		return -1;
	struct store *store = making->work->store;
	int found = store_memo_get(store, key, digest, err);
	cleanup_json json_t *out = found < 0    ? NULL
				   : found == 1 ? store_get_json(store, digest, "proof", err)
						: prove(making, unit, files, code, err);
	if (!out || (!found && (store_put_json(store, out, digest, err) || store_memo_put(store, key, digest, err))))
		return error_context(err, "unit %s", unit);
	size_t index;
	json_t *row;
	json_array_foreach (json_object_get(out, "functions"), index, row) {
		json_object_set_new(row, "translator", json_string(author(making, json_string_or(row, "python", ""))));
	}
	write_calls(making, unit, json_object_get(out, "calls"));
	json_t *bundle = json_object_get(out, "bundle");
	if (bundle)
		border_add(&making->border, json_object_get(bundle, "unit"), json_string_or(bundle, "digest", ""),
			   json_object_get(out, "calls"), json_object_get(out, "functions"), "python");
	json_array_extend(making->functions, json_object_get(out, "functions"));
	json_array_extend(making->bridged, json_object_get(out, "bridged"));
	json_array_extend(making->remarks, json_object_get(out, "remarks"));
	return 0;
}

// Rows of other units stay when one is asked for.
static void keep_rows(struct making *making)
{
	static const char *const keys[] = {"functions", "bridged"};
	json_t *const lists[] = {making->functions, making->bridged}, *row;
	size_t index;
	for (size_t i = 0; i < ARRAY_LENGTH(keys); i++)
		json_array_foreach (json_object_get(making->old, keys[i]), index, row) {
			if (strcmp(json_string_or(row, "unit", ""), making->task->unit) != 0)
				json_array_append(lists[i], row);
		}
	const char *unit;
	json_object_foreach (json_object_get(making->old, "tests"), unit, row) {
		if (strcmp(unit, making->task->unit) != 0)
			json_object_set(making->tests, unit, row);
	}
}

static int make_units(struct making *making, struct error *err)
{
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	cleanup_json json_t *emit = emit_result(making->work, making->group, err);
	bool any = false;
	if (!emit || dir_list(making->task->folder, &names, err))
		return -1;
	vec_each (&names, name) {
		cleanup_free char *folder = xasprintf("%s/%s", making->task->folder, *name);
		cleanup_json json_t *files = NULL;
		if ((making->task->unit && strcmp(making->task->unit, *name) != 0) || !dir_exists(folder))
			continue;
		if (pack_read_code(folder, &files, err))
			return -1;
		if (!json_object_size(files) && !making->task->unit)
			continue;
		any = true;
		if (!pack_is_unit(*name) || !has_unit(emit, *name))
			json_array_append_new(making->remarks,
					      json_sprintf("%s: %s %s has no such unit", *name,
							   json_string_or(making->recording, "name", ""),
							   json_string_or(making->recording, "version", "")));
		else if (make_unit(making, *name, files, err))
			return -1;
	}
	if (!any && making->task->unit)
		return error_set(err, ERROR_USAGE, "%s has no folder %s", making->task->folder, making->task->unit);
	if (making->task->unit)
		keep_rows(making);
	return 0;
}

// ---- the pack --------------------------------------------------------------------------------------------------------

static int compare_rows(const void *left, const void *right)
{
	json_t *const *a = left, *const *b = right;
	return strcmp(json_string_or(*a, "python", ""), json_string_or(*b, "python", ""));
}

static json_t *sorted(json_t *rows)
{
	VEC(json_t *) list = VEC_INIT;
	json_t *out = json_array(), *row;
	size_t index;
	json_array_foreach (rows, index, row) {
		vec_push(&list, row);
	}
	vec_sort(&list, compare_rows);
	vec_each (&list, each)
		json_array_append(out, *each);
	vec_clear(&list);
	return out;
}

static json_t *lost_rows(const struct making *making)
{
	json_t *lost = json_array(), *row;
	size_t index;
	json_array_foreach (json_object_get(making->old, "functions"), index, row) {
		if (!find_row(making->functions, "python", json_string_or(row, "python", "")))
			json_array_append(lost, json_object_get(row, "python"));
	}
	return lost;
}

static int read_old(struct making *making, struct error *err)
{
	cleanup_free char *path = xasprintf("%s/pack.json", making->task->folder);
	cleanup_text struct text data = TEXT_INIT;
	if (!file_exists(path))
		return 0;
	if (file_read(path, PACK_LIMIT, &data, err))
		return -1;
	making->old = pack_parse(text_slice(&data), path, err);
	return making->old ? 0 : -1;
}

int pack_prove(struct work *work, const struct pack_prove_task *task, json_t **pack, json_t **calls, json_t **report,
	       struct error *err)
{
	const struct lock_package *package = &work->plan->lock.packages.items[task->package];
	struct making making = {.work = work,
				.task = task,
				.group = plan_group_of(work->plan, task->package),
				.functions = json_array(),
				.bridged = json_array(),
				.remarks = json_array(),
				.calls = json_object(),
				.tests = json_object()};
	work->measure = true; // pack.json says how fast
	border_cases_init(&making.border);
	int status = read_old(&making, err) || prepare(&making, err) || make_units(&making, err) ||
				     border_measure(work, making.group, &making.border, err)
			     ? -1
			     : 0;
	if (!status) {
		*pack = json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:O}", "schema", "gophersnake.pack/1", "name",
				  package->name, "version", package->version, "python", work->plan->lock.python,
				  "functions", sorted(making.functions), "bridged", sorted(making.bridged), "tests",
				  making.tests);
		*calls = json_incref(making.calls);
		*report = json_pack("{s:O, s:O?, s:o}", "remarks", making.remarks, "notes",
				    json_object_get(making.recording, "notes"), "lost", lost_rows(&making));
	}
	json_t *const owned[] = {making.old,     making.recording, making.functions, making.bridged,
				 making.remarks, making.calls,     making.tests};
	for (size_t i = 0; i < ARRAY_LENGTH(owned); i++)
		json_decref(owned[i]);
	border_cases_clear(&making.border);
	return status ? error_context(err, "%s %s", package->name, package->version) : 0;
}
