// Units whose native functions can run inside Python too: kept in the registry
// for the bundle (registry/units), and named in the ledger entries of the releases whose modules they are.
#include <string.h>

#include "agents/border.h"
#include "agents/bundle/bundle.h"
#include "agents/publish.h"
#include "agents/wheel/bundles.h"
#include "agents/wheel/pays.h"
#include "core/file.h"

static json_t *inventory_of(const struct stage *stage, int member, struct error *err)
{
	const char *digest;
	if (json_get_string(stage->scans[member], "inventory", "scan result", &digest, err))
		return NULL;
	return store_get_json(stage->work->store, digest, "inventory", err);
}

// The release of the group whose module that is, and the module's file in its wheel. False: none's.
static bool find_module(json_t **inventories, int count, const char *name, int *member, const char **file)
{
	for (int i = 0; i < count; i++) {
		size_t index;
		json_t *row;
		json_array_foreach (json_object_get(inventories[i], "modules"), index, row) {
			if (strcmp(json_string_or(row, "name", ""), name) != 0)
				continue;
			*member = i;
			*file = json_string_or(row, "file", "");
			return true;
		}
	}
	return false;
}

static int keep_unit(const struct stage *stage, json_t *unit, const char *digest, struct error *err)
{
	cleanup_free char *path = bundles_unit_path(stage->view->workspace, digest);
	cleanup_free char *folder = xasprintf("%s/registry/units", stage->view->workspace);
	cleanup_text struct text text = TEXT_INIT;
	json_write_compact(unit, &text);
	return registry_make_folder(folder, err) || file_write_once(path, text.ptr, text.len, err) < 0 ? -1 : 0;
}

static const char *member_name(const struct stage *stage, int member)
{
	const struct plan *plan = stage->view->plan;
	return plan->lock.packages.items[plan->groups.items[stage->group].members[member]].name;
}

// {release: [{"digest", "modules": [{"name", "file", "functions"}]}]}
static void add_rows(struct stage *stage, json_t **inventories, json_t *unit, const char *digest, json_t *slow)
{
	int count = stage->view->plan->groups.items[stage->group].member_count;
	cleanup_json json_t *names = bundle_unit_names(unit);
	json_t *functions;
	const char *module;
	for (int i = 0; i < count; i++) {
		json_t *modules = json_array();
		json_object_foreach (names, module, functions) {
			int member = -1;
			const char *file = NULL;
			if (!find_module(inventories, count, module, &member, &file) || member != i)
				continue;
			cleanup_free char *kept = wheel_names_without(json_string_value(functions), module, slow);
			if (!*kept)
				continue;
			json_array_append_new(
				modules, json_pack("{s:s, s:s, s:s}", "name", module, "file", file, "functions", kept));
		}
		if (!json_array_size(modules)) {
			json_decref(modules);
			continue;
		}
		json_t *rows = json_object_get(stage->units, member_name(stage, i));
		if (!rows) {
			rows = json_array();
			json_object_set_new(stage->units, member_name(stage, i), rows);
		}
		json_array_append_new(rows, json_pack("{s:s, s:o}", "digest", digest, "modules", modules));
	}
}

static json_t *find_function(json_t *translation, const char *go)
{
	size_t index;
	json_t *row;
	json_array_foreach (json_object_get(translation, "functions"), index, row) {
		if (!strcmp(json_string_or(row, "go", ""), go))
			return row;
	}
	return NULL;
}

static void note_refused(struct stage *stage, json_t *translation, json_t *refused)
{
	size_t index;
	json_t *row;
	json_array_foreach (refused, index, row) {
		json_t *function = find_function(translation, json_string_or(row, "go", ""));
		json_object_set(row, "unit", json_object_get(translation, "unit"));
		if (function)
			json_object_set(row, "name", json_object_get(function, "name"));
		json_array_append(stage->python_only, row);
	}
}

// {dotted name: true} of the functions of the unit that CPython does faster; they are noted.
static json_t *find_slow(struct stage *stage, json_t *translation, json_t *unit)
{
	json_t *slow = json_object(), *function;
	size_t index;
	json_array_foreach (json_object_get(unit, "functions"), index, function) {
		json_t *row = find_function(translation, json_string_or(function, "go", ""));
		cleanup_free char *reason = wheel_python_is_faster(json_object_get(row, "border"));
		if (!reason)
			continue;
		json_object_set_new(slow, json_string_or(row, "name", ""), json_true());
		json_array_append_new(stage->python_only,
				      json_pack("{s:s, s:O, s:O, s:s}", "unit", json_string_or(translation, "unit", ""),
						"go", json_object_get(row, "go"), "name", json_object_get(row, "name"),
						"reason", reason));
	}
	return slow;
}

// Those that ship with the unit; an empty array: none do.
static json_t *calls_of(const struct stage *stage, json_t *translation, struct error *err)
{
	const char *path;
	json_t *digest, *calls;
	json_object_foreach (json_object_get(translation, "files"), path, digest) {
		if (!slice_ends(slice_of(path), "/testdata/native_calls.json"))
			continue;
		cleanup_json json_t *document =
			store_get_json(stage->work->store, json_string_value(digest), "calls of a unit", err);
		if (!document || json_get_array(document, "calls", "calls of a unit", &calls, err))
			return NULL;
		return json_incref(calls);
	}
	return json_array();
}

// A translation and its unit of the bundle.
struct unit {
	json_t *translation, *made; // made NULL: none of its functions can be there
	char digest[DIGEST_HEX_SIZE];
};
typedef VEC(struct unit) units;

static int make_unit(struct stage *stage, json_t *translation, units *out, struct border_cases *cases,
		     struct error *err)
{
	cleanup_json json_t *release = NULL, *refused = NULL;
	struct unit unit = {.translation = translation};
	if (!bundle_has_native(translation))
		return 0;
	release = bundle_release(stage->work, stage->group, err);
	if (!release ||
	    bundle_unit_make(stage->work, stage->emit, translation, release, &unit.made, unit.digest, &refused, err))
		return error_context(err, "unit %s", json_string_or(translation, "unit", ""));
	note_refused(stage, translation, refused);
	vec_push(out, unit);
	cleanup_json json_t *calls = unit.made ? calls_of(stage, translation, err) : NULL;
	if (calls)
		border_add(cases, unit.made, unit.digest, calls, json_object_get(translation, "functions"), "name");
	return unit.made && !calls ? -1 : 0;
}

// What was measured here decides bytes, as what a pack brings along does.
static void add_inputs(struct stage *stage, const struct border_cases *cases)
{
	struct digest_hasher *hasher = digest_new();
	digest_add_string(hasher, stage->inputs);
	vec_each (&cases->items, item) {
		cleanup_text struct text text = TEXT_INIT;
		json_write_compact(json_object_get(item->row, "border"), &text);
		digest_add_string(hasher, json_string_or(item->row, "name", ""));
		digest_add_string(hasher, text_str(&text));
	}
	digest_final_hex(hasher, stage->inputs);
	digest_free(hasher);
}

static int measure(struct stage *stage, struct border_cases *cases, struct error *err)
{
	if (!cases->items.count)
		return 0;
	if (border_measure(stage->work, stage->group, cases, err))
		return -1;
	add_inputs(stage, cases);
	return 0;
}

static int add_units(struct stage *stage, json_t **inventories, const units *list, struct error *err)
{
	vec_each (list, unit) {
		if (!unit->made)
			continue;
		if (keep_unit(stage, unit->made, unit->digest, err))
			return -1;
		cleanup_json json_t *slow = find_slow(stage, unit->translation, unit->made);
		add_rows(stage, inventories, unit->made, unit->digest, slow);
	}
	return 0;
}

static int make_units(struct stage *stage, json_t **inventories, units *list, struct error *err)
{
	struct border_cases cases;
	int status = 0;
	border_cases_init(&cases);
	for (size_t i = 0; i < stage->translations.count && !status; i++)
		status = make_unit(stage, stage->translations.items[i], list, &cases, err);
	status = status || measure(stage, &cases, err) || add_units(stage, inventories, list, err) ? -1 : 0;
	border_cases_clear(&cases);
	return status;
}

int stage_units(struct stage *stage, struct error *err)
{
	int count = stage->view->plan->groups.items[stage->group].member_count, status = 0;
	json_t **inventories = xcalloc((size_t)count, sizeof *inventories);
	units list = VEC_INIT;
	stage->units = json_object();
	stage->python_only = json_array();
	for (int i = 0; i < count && !status && stage->translations.count; i++)
		status = (inventories[i] = inventory_of(stage, i, err)) ? 0 : -1;
	if (!status)
		status = make_units(stage, inventories, &list, err);
	vec_each (&list, unit)
		json_decref(unit->made);
	vec_clear(&list);
	for (int i = 0; i < count; i++)
		json_decref(inventories[i]);
	free(inventories);
	return status;
}

json_t *stage_native_units(const struct stage *stage, const struct staged_module *module)
{
	const char *name = stage->view->plan->lock.packages.items[module->module->package].name;
	json_t *rows = strcmp(module->module->kind, "cycle") != 0 ? json_object_get(stage->units, name) : NULL;
	return rows ? json_incref(rows) : json_array();
}
