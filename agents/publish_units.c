// Units whose native functions can run inside Python too: kept in the registry
// for the bundle (registry/units), and named in the ledger entries of the releases whose modules they are.
#include <string.h>

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

static void note_refused(struct stage *stage, json_t *translation, json_t *refused)
{
	size_t index;
	json_t *row;
	json_array_foreach (refused, index, row) {
		json_object_set(row, "unit", json_object_get(translation, "unit"));
		json_array_append(stage->python_only, row);
	}
}

// {dotted name: true} of the functions that CPython does faster; they are noted.
static json_t *find_slow(struct stage *stage, json_t *translation)
{
	json_t *slow = json_object(), *row;
	size_t index;
	json_array_foreach (json_object_get(translation, "functions"), index, row) {
		cleanup_free char *reason = wheel_python_is_faster(json_object_get(row, "speed"));
		if (strcmp(json_string_or(row, "state", ""), "native") != 0 || !reason)
			continue;
		json_object_set_new(slow, json_string_or(row, "name", ""), json_true());
		json_array_append_new(stage->python_only,
				      json_pack("{s:s, s:s, s:s}", "unit", json_string_or(translation, "unit", ""),
						"go", json_string_or(row, "go", ""), "reason", reason));
	}
	return slow;
}

static int add_unit(struct stage *stage, json_t **inventories, json_t *translation, struct error *err)
{
	cleanup_free char *release = bundle_release(stage->view->plan, stage->group);
	cleanup_json json_t *unit = NULL, *refused = NULL;
	char digest[DIGEST_HEX_SIZE];
	if (!bundle_has_native(translation))
		return 0;
	if (bundle_unit_make(stage->work, stage->emit, translation, release, &unit, digest, &refused, err))
		return error_context(err, "unit %s", json_string_or(translation, "unit", ""));
	note_refused(stage, translation, refused);
	if (!unit)
		return 0;
	if (keep_unit(stage, unit, digest, err))
		return -1;
	cleanup_json json_t *slow = find_slow(stage, translation);
	add_rows(stage, inventories, unit, digest, slow);
	return 0;
}

int stage_units(struct stage *stage, struct error *err)
{
	int count = stage->view->plan->groups.items[stage->group].member_count, status = 0;
	json_t **inventories = xcalloc((size_t)count, sizeof *inventories);
	stage->units = json_object();
	stage->python_only = json_array();
	for (int i = 0; i < count && !status && stage->translations.count; i++)
		status = (inventories[i] = inventory_of(stage, i, err)) ? 0 : -1;
	for (size_t i = 0; i < stage->translations.count && !status; i++)
		status = add_unit(stage, inventories, stage->translations.items[i], err);
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
