// A version's record ("gophersnake.bundle/1") is written once its wheels are
// made and before they are seen, so that the version is never given to other units.
#include "agents/wheel/bundles.h"

#include <string.h>

#include "agents/bundle/internal.h"
#include "agents/mirror.h"
#include "agents/registry.h"
#include "core/file.h"

enum { UNIT_LIMIT = 256 * 1024 * 1024, RECORD_LIMIT = 64 * 1024 * 1024 };
static const char schema[] = "gophersnake.bundle/1";

struct update {
	struct work *work;
	const char *workspace, *simple;
	json_t *units; // array of digests, sorted
	char key[DIGEST_HEX_SIZE];
	struct bundle_files *out;
};

void bundle_files_clear(struct bundle_files *files)
{
	vec_each (&files->items, item) {
		free(item->version);
		free(item->file_name);
		free(item->path);
	}
	vec_clear(&files->items);
	if (files->scratch) {
		struct error ignored = ERROR_INIT; // what stays is swept when the workspace is opened another day
		dir_remove_tree(files->scratch, &ignored);
	}
	json_decref(files->left_out);
	free(files->version);
	free(files->reason);
	free(files->scratch);
	*files = (struct bundle_files){0};
}

char *bundles_unit_path(const char *workspace, const char *digest)
{
	return xasprintf("%s/registry/units/%s.json", workspace, digest);
}

static char *record_folder(const char *workspace)
{
	return xasprintf("%s/registry/bundles", workspace);
}

// ---- what it is made of ----------------------------------------------------------------------------------------------

static void make_key(struct update *update)
{
	struct digest_hasher *hasher = digest_new();
	size_t index;
	json_t *unit;
	char tools[DIGEST_HEX_SIZE];
	digest_add_string(hasher, "bundle/1");
	bundle_tools_digest(update->work, tools);
	digest_add_string(hasher, tools);
	json_array_foreach (update->units, index, unit) {
		digest_add_string(hasher, json_string_value(unit));
	}
	digest_final_hex(hasher, update->key);
	digest_free(hasher);
}

static json_t *read_units(const struct update *update, struct error *err)
{
	cleanup_json json_t *units = json_array();
	size_t index;
	json_t *digest;
	json_array_foreach (update->units, index, digest) {
		const char *name = json_string_value(digest);
		cleanup_free char *path = bundles_unit_path(update->workspace, name);
		cleanup_text struct text text = TEXT_INIT;
		char found[DIGEST_HEX_SIZE];
		if (file_read(path, UNIT_LIMIT, &text, err))
			return NULL;
		digest_hex_of(text.ptr, text.len, found);
		json_t *unit = json_parse(text_slice(&text), path, err);
		if (!unit)
			return NULL;
		json_array_append_new(units, unit);
		if (strcmp(found, name)) {
			error_set(err, ERROR_WORKSPACE, "%s: its bytes are not those of its name", path);
			return NULL;
		}
	}
	return json_incref(units);
}

// One library has one version of each Go module of others, the highest. A unit that was proved with another stays Python.
static json_t *leave_out(json_t *units)
{
	cleanup_json json_t *highest = json_array();
	json_t *reasons = json_array(), *unit, *row, *other;
	size_t index, i, j;
	json_array_foreach (units, index, unit) {
		mirror_join(highest, json_object_get(unit, "go_modules"), false, false);
	}
	for (index = json_array_size(units); index-- > 0;) {
		unit = json_array_get(units, index);
		const char *uses = NULL, *has = NULL, *module = NULL;
		json_array_foreach (json_object_get(unit, "go_modules"), i, row) {
			json_array_foreach (highest, j, other) {
				if (strcmp(json_string_or(row, "module", ""), json_string_or(other, "module", "")) !=
					    0 ||
				    !json_is_string(json_object_get(row, "h1")) ||
				    json_equal(json_object_get(row, "version"), json_object_get(other, "version")))
					continue;
				module = json_string_or(row, "module", "");
				uses = json_string_or(row, "version", "");
				has = json_string_or(other, "version", "");
			}
		}
		if (!module)
			continue;
		json_array_insert_new(
			reasons, 0,
			json_sprintf("a unit of %s uses the Go module %s %s, others use %s: its functions stay "
				     "Python until it is converted again",
				     json_string_or(unit, "release", ""), module, uses, has));
		json_array_remove(units, index);
	}
	return reasons;
}

// ---- files that are there --------------------------------------------------------------------------------------------

static void add_file(struct update *update, const char *folder, const char *version, const char *name)
{
	char *path = xasprintf("%s/%s", folder, name);
	if (!file_exists(path)) {
		free(path);
		return;
	}
	vec_push(&update->out->items,
		 (struct bundle_file){.version = xstrdup(version), .file_name = xstrdup(name), .path = path});
}

// True when all of a record's files are there.
static bool add_record(struct update *update, json_t *record)
{
	cleanup_free char *folder = xasprintf("%s/files", update->simple);
	json_t *files = json_object_get(record, "files"), *name;
	size_t before = update->out->items.count, index;
	json_array_foreach (files, index, name) {
		add_file(update, folder, json_string_or(record, "version", ""), json_string_value(name));
	}
	return update->out->items.count - before == json_array_size(files);
}

static int64_t number_of(json_t *record)
{
	return strtoll(json_string_or(record, "version", "0"), NULL, 10);
}

static int compare_records(const void *left, const void *right)
{
	int64_t a = number_of(*(json_t *const *)left), b = number_of(*(json_t *const *)right);
	return (a > b) - (a < b);
}

int bundles_records(const char *workspace, json_t **out, struct error *err)
{
	cleanup_free char *folder = record_folder(workspace);
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	cleanup_json json_t *records = json_array();
	VEC(json_t *) sorted = VEC_INIT;
	if (dir_exists(folder) && dir_list(folder, &names, err))
		return -1;
	vec_each (&names, name) {
		cleanup_free char *path = xasprintf("%s/%s", folder, *name);
		if (**name == '.' || !slice_ends(slice_of(*name), ".json"))
			continue;
		json_t *record = json_read_file(path, RECORD_LIMIT, err);
		if (record)
			json_array_append_new(records, record);
		if (!record || json_check_schema(record, schema, path, err)) {
			vec_clear(&sorted);
			return -1;
		}
		vec_push(&sorted, record);
	}
	vec_sort(&sorted, compare_records);
	*out = json_array();
	vec_each (&sorted, record)
		json_array_append(*out, *record);
	vec_clear(&sorted);
	return 0;
}

// The highest version; its record if that has the key, else NULL.
static int read_records(struct update *update, int64_t *highest, json_t **own, bool *whole, struct error *err)
{
	cleanup_json json_t *records = NULL;
	json_t *record;
	size_t index;
	*highest = 0;
	if (bundles_records(update->workspace, &records, err))
		return -1;
	json_array_foreach (records, index, record) {
		bool there = add_record(update, record);
		*highest = number_of(record);
		if (index + 1 == json_array_size(records) && !strcmp(json_string_or(record, "key", ""), update->key)) {
			*own = json_incref(record);
			*whole = there;
		}
	}
	return 0;
}

// ---- building --------------------------------------------------------------------------------------------------------

static json_t *record_of(const struct update *update, const char *version, const struct bundle *bundle)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:O, s:i, s:[s, s], s:I, s:I, s:O}", "schema", schema, "version",
			 version, "key", update->key, "digest", bundle->digest, "units", update->units, "functions",
			 bundle->functions, "files", bundle->native_wheel, bundle->empty_wheel, "library_bytes",
			 (json_int_t)bundle->library_bytes, "shim_bytes", (json_int_t)bundle->shim_bytes, "left_out",
			 update->out->left_out);
}

static int keep_record(const struct update *update, const char *version, const struct bundle *bundle, struct error *err)
{
	cleanup_free char *folder = record_folder(update->workspace), *path = xasprintf("%s/%s.json", folder, version);
	cleanup_json json_t *record = record_of(update, version, bundle);
	cleanup_text struct text text = TEXT_INIT;
	json_write_pretty(record, &text);
	return registry_make_folder(folder, err) || file_write_once(path, text.ptr, text.len, err) < 0 ? -1 : 0;
}

static int build(struct update *update, const char *version, bool is_new, struct error *err)
{
	struct bundle_files *out = update->out;
	struct bundle bundle = {0};
	struct error why = ERROR_INIT;
	cleanup_json json_t *units = read_units(update, err);
	if (units)
		out->left_out = leave_out(units);
	if (!units || work_temporary(update->work, "bundle", &out->scratch, err))
		return -1;
	if (bundle_build(update->work, units, version, out->scratch, &bundle, &why)) {
		if (why.code == ERROR_INTERRUPTED || why.code == ERROR_WORKSPACE)
			return error_set(err, why.code, "%s", why.text);
		out->reason = xasprintf("%s: functions stay Python until it can be built", why.text);
		return 0;
	}
	int status = is_new ? keep_record(update, version, &bundle, err) : 0;
	if (!status) {
		add_file(update, out->scratch, version, bundle.native_wheel);
		add_file(update, out->scratch, version, bundle.empty_wheel);
		out->version = xstrdup(version);
		out->functions = bundle.functions;
	}
	bundle_clear(&bundle);
	return status;
}

static int update_all(struct update *update, struct error *err)
{
	int64_t highest = 0;
	bool whole = false;
	cleanup_json json_t *own = NULL;
	if (read_records(update, &highest, &own, &whole, err))
		return -1;
	if (!json_array_size(update->units))
		return 0;
	if (own && whole) {
		update->out->version = xstrdup(json_string_or(own, "version", ""));
		update->out->functions = (int)json_integer_or(own, "functions", 0);
		update->out->left_out = json_incref(json_object_get(own, "left_out"));
		return 0;
	}
	cleanup_free char *next = xasprintf("%lld", (long long)highest + 1);
	return build(update, own ? json_string_or(own, "version", "") : next, !own, err);
}

int bundles_update(struct work *work, const char *workspace, const char *simple, json_t *units,
		   struct bundle_files *out, struct error *err)
{
	cleanup_json json_t *sorted = json_sorted_keys(units);
	struct update update = {.work = work, .workspace = workspace, .simple = simple, .units = sorted, .out = out};
	*out = (struct bundle_files){0};
	make_key(&update);
	if (!update_all(&update, err))
		return 0;
	bundle_files_clear(out);
	return -1;
}
