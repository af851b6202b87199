// The Python side: conversions that have a successor, units, bundles.
#include <string.h>

#include "agents/gc/internal.h"
#include "agents/ledger.h"
#include "agents/wheel/bundles.h"
#include "agents/wheel/index.h"
#include "agents/wheel/retired.h"
#include "agents/wheel/rewrite.h"

// ---- superseded conversions ------------------------------------------------------------------------------------------

static int read_entries(const struct collection *collection, const char *name, json_t *out, struct error *err)
{
	cleanup_with(file_names_clear) file_names versions = VEC_INIT;
	if (ledger_versions(collection->workspace, name, &versions, err))
		return -1;
	vec_each (&versions, version) {
		json_t *entry = NULL;
		if (ledger_read(collection->workspace, name, *version, &entry, err) < 0)
			return -1;
		if (entry)
			json_array_append_new(out, entry);
	}
	return 0;
}

// All entries with native units, by name, then by Go version.
static json_t *native_entries(const struct collection *collection, struct error *err)
{
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	cleanup_json json_t *all = json_array();
	json_t *found = json_array(), *entry;
	size_t index;
	int status = ledger_names(collection->workspace, &names, err);
	vec_each (&names, name)
		status = status || read_entries(collection, *name, all, err) ? -1 : 0;
	json_array_foreach (all, index, entry) {
		if (json_array_size(json_object_get(entry, "native_units")))
			json_array_append(found, entry);
	}
	if (!status)
		return found;
	json_decref(found);
	return NULL;
}

static bool is_same(json_t *a, json_t *b, const char *key)
{
	return !strcmp(json_string_or(a, key, ""), json_string_or(b, key, ""));
}

// The entry with the highest rev that may stand for this one; itself when there is none.
static json_t *successor_of(json_t *entries, json_t *entry)
{
	json_t *best = entry, *other;
	size_t index;
	json_array_foreach (entries, index, other) {
		if (is_same(other, entry, "name") && is_same(other, entry, "version") &&
		    is_same(other, entry, "python") && is_same(ledger_wheel(other), ledger_wheel(entry), "file") &&
		    json_integer_or(other, "rev", 0) > json_integer_or(best, "rev", 0))
			best = other;
	}
	return best;
}

static char *version_of(json_t *entry)
{
	struct error ignored = ERROR_INIT; // the index was made with it
	char *version = wheel_version(json_string_or(entry, "version", ""), json_integer_or(entry, "rev", 0), &ignored);
	return version ? version : xstrdup(json_string_or(entry, "go_version", ""));
}

static void retire_conversion(struct collection *collection, json_t *entry, json_t *successor)
{
	cleanup_free char *version = version_of(entry), *next = version_of(successor);
	cleanup_free char *name = xasprintf("%s %s", json_string_or(entry, "name", ""), version);
	cleanup_free char *reason = xasprintf("superseded by %s", next);
	cleanup_free char *words = xasprintf("%s: its wheel is yanked, its units leave the next bundle", reason);
	retired_add_release(collection->retired, entry, reason);
	collection->added++;
	gc_add(collection, "release", name, words);
}

// ---- old bundles -----------------------------------------------------------------------------------------------------

// The files of a version that are there.
static file_names bundle_files(const struct collection *collection, json_t *record)
{
	cleanup_free char *simple = wheel_index_folder(collection->workspace);
	file_names found = VEC_INIT;
	json_t *name;
	size_t index;
	json_array_foreach (json_object_get(record, "files"), index, name) {
		const char *file = json_string_value(name);
		cleanup_free char *path = xasprintf("%s/files/%s", simple, file ? file : "");
		cleanup_free char *metadata = xasprintf("%s.metadata", path);
		if (!file || strchr(file, '/'))
			continue;
		if (file_exists(path))
			vec_push(&found, steal(&path));
		if (file_exists(metadata))
			vec_push(&found, steal(&metadata));
	}
	return found;
}

static void retire_bundle(struct collection *collection, const char *version)
{
	cleanup_free char *name = xasprintf("gophersnake-bundle %s", version);
	cleanup_free char *reason = xasprintf("older than the %d newest", collection->options->keep_bundles);
	cleanup_free char *words = xasprintf("%s: it leaves the index", reason);
	retired_add_bundle(collection->retired, version, reason);
	collection->added++;
	gc_add(collection, "version", name, words);
}

int gc_retire(struct collection *collection, struct error *err)
{
	cleanup_json json_t *entries = native_entries(collection, err), *records = NULL;
	json_t *entry;
	size_t index;
	int kept = 0;
	if (!entries || bundles_records(collection->workspace, &records, err))
		return -1;
	json_array_foreach (entries, index, entry) {
		json_t *successor = successor_of(entries, entry);
		if (successor != entry && !retired_release(collection->retired, entry))
			retire_conversion(collection, entry, successor);
	}
	for (size_t i = json_array_size(records); i-- > 0;) {
		json_t *record = json_array_get(records, i);
		cleanup_with(file_names_clear) file_names files = bundle_files(collection, record);
		const char *version = json_string_or(record, "version", "");
		if (files.count && kept++ >= collection->options->keep_bundles &&
		    !retired_bundle(collection->retired, version))
			retire_bundle(collection, version);
	}
	return 0;
}

// ---- files -----------------------------------------------------------------------------------------------------------

static bool is_retired(const struct collection *collection, json_t *entry)
{
	return retired_release(collection->retired, entry) != NULL;
}

// Units of the conversions in use, and of the newest bundle. A dry run expects that the next bundle can be made.
static json_t *needed_units(const struct collection *collection, json_t *records, struct error *err)
{
	cleanup_json json_t *entries = native_entries(collection, err);
	json_t *entry, *unit, *needed = json_object();
	size_t i, j;
	json_array_foreach (entries, i, entry) {
		json_array_foreach (json_object_get(entry, "native_units"), j, unit) {
			if (!is_retired(collection, entry))
				json_object_set_new(needed, json_string_or(unit, "digest", ""), json_true());
		}
	}
	json_t *newest = json_array_get(records, json_array_size(records) - 1);
	bool next = collection->options->dry_run && json_object_size(needed);
	json_array_foreach (json_object_get(newest, "units"), j, unit) {
		if (!next && json_is_string(unit))
			json_object_set_new(needed, json_string_value(unit), json_true());
	}
	if (entries)
		return needed;
	json_decref(needed);
	return NULL;
}

static int list_units(struct collection *collection, json_t *records, struct error *err)
{
	cleanup_free char *folder = xasprintf("%s/registry/units", collection->workspace);
	cleanup_json json_t *needed = needed_units(collection, records, err);
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	if (!needed || (dir_exists(folder) && dir_list(folder, &names, err)))
		return -1;
	vec_each (&names, name) {
		if (**name == '.' || !slice_ends(slice_of(*name), ".json"))
			continue;
		cleanup_free char *digest = xstrndup(*name, strlen(*name) - strlen(".json"));
		cleanup_free char *path = bundles_unit_path(collection->workspace, digest);
		cleanup_free char *shown = xasprintf("units/%.12s", digest);
		if (!json_object_get(needed, digest))
			gc_add_path(collection, "unit", shown, "no conversion in use has it, nor the newest bundle",
				    path);
	}
	return 0;
}

int gc_list_python(struct collection *collection, struct error *err)
{
	cleanup_json json_t *records = NULL;
	json_t *record;
	size_t index;
	if (bundles_records(collection->workspace, &records, err) || list_units(collection, records, err))
		return -1;
	json_array_foreach (records, index, record) {
		const char *version = json_string_or(record, "version", "");
		const char *reason = retired_bundle(collection->retired, version);
		cleanup_with(file_names_clear) file_names files = bundle_files(collection, record);
		if (!reason || !files.count)
			continue;
		cleanup_free char *name = xasprintf("gophersnake-bundle %s", version);
		int64_t bytes = 0;
		vec_each (&files, path)
			bytes += gc_size_of(*path);
		gc_add_set(collection, "bundle", name, reason, &files, bytes);
	}
	return 0;
}
