// The two wheels of a bundle. The bytes depend on what is in them alone.
#include <string.h>

#include "agents/bundle/internal.h"
#include "core/asset.h"
#include "core/version.h"

static const char python_sources[] = "runtime/bundle/python/", licence_files[] = "runtime/bundle/licenses/";

static void add(struct wheel_tree *tree, const char *path, struct slice data)
{
	cleanup_text struct text text = TEXT_INIT;
	text_add_slice(&text, data);
	wheel_tree_add(tree, path, &text);
}

// {path below licenses/: text}: those of gophersnake, of what is linked in, and of the releases that the units derive from.
static json_t *all_licences(json_t *units, json_t *go_modules)
{
	json_t *all = json_object(), *unit, *row, *text;
	const char *file;
	size_t index;
	for (size_t i = 0; i < asset_count; i++) {
		struct asset asset = asset_at(i);
		const char *name = slice_starts(slice_of(asset.path), licence_files)
					   ? asset.path + strlen(licence_files)
				   : !strcmp(asset.path, "LICENSE") || !strcmp(asset.path, "NOTICE") ? asset.path
												     : NULL;
		if (name)
			json_object_set_new(all, name, json_stringn(asset.data.ptr, asset.data.len));
	}
	json_array_foreach (units, index, unit) {
		json_object_update(all, json_object_get(unit, "licences"));
	}
	json_array_foreach (go_modules, index, row) {
		json_object_foreach (json_object_get(row, "texts"), file, text) {
			cleanup_free char *path = xasprintf("%s@%s/%s", json_string_or(row, "module", ""),
							    json_string_or(row, "version", ""), file);
			json_object_set(all, path, text);
		}
	}
	return all;
}

static void add_info(struct wheel_tree *tree, const char *info, const char *version, const char *tag, bool pure,
		     json_t *units, json_t *go_modules)
{
	cleanup_text struct text metadata = TEXT_INIT, wheel = TEXT_INIT;
	cleanup_free char *metadata_path = xasprintf("%s/METADATA", info), *wheel_path = xasprintf("%s/WHEEL", info);
	cleanup_json json_t *licences = all_licences(units, go_modules), *names = json_sorted_keys(licences);
	size_t index;
	json_t *name;
	text_addf(&metadata,
		  "Metadata-Version: 2.4\nName: gophersnake-bundle\nVersion: %s\n"
		  "Summary: The native functions of packages that gophersnake converted\nRequires-Python: >=3.8\n",
		  version);
	json_array_foreach (names, index, name) {
		text_addf(&metadata, "License-File: %s\n", json_string_value(name));
	}
	text_addf(&wheel, "Wheel-Version: 1.0\nGenerator: gophersnake %s\nRoot-Is-Purelib: %s\nTag: %s\n",
		  GOPHERSNAKE_VERSION, pure ? "true" : "false", tag);
	wheel_tree_add(tree, metadata_path, &metadata);
	wheel_tree_add(tree, wheel_path, &wheel);
	json_array_foreach (names, index, name) {
		cleanup_free char *path = xasprintf("%s/licenses/%s", info, json_string_value(name));
		json_t *text = json_object_get(licences, json_string_value(name));
		add(tree, path, (struct slice){json_string_value(text), json_string_length(text)});
	}
}

int bundle_python(struct wheel_tree *tree, struct error *err)
{
	for (size_t i = 0; i < asset_count; i++) {
		struct asset asset = asset_at(i);
		if (slice_starts(slice_of(asset.path), python_sources))
			add(tree, asset.path + strlen(python_sources), asset.data);
	}
	return tree->files.count ? 0
				 : error_set(err, ERROR_FAILED,
					     "this build of gophersnake carries no %s: build it again", python_sources);
}

int bundle_wheel(const char *version, const char *tag, json_t *units, json_t *go_modules, struct slice shim,
		 struct slice library, struct text *out, struct error *err)
{
	cleanup_wheel_tree struct wheel_tree tree = {VEC_INIT};
	cleanup_free char *info = xasprintf("gophersnake_bundle-%s.dist-info", version);
	if (bundle_python(&tree, err))
		return -1;
	if (library.len) {
		add(&tree, "gophersnake_bundle/_go.so", library);
		add(&tree, "gophersnake_bundle/_gophersnake_bundle.abi3.so", shim);
	}
	add_info(&tree, info, version, tag, !library.len, units, go_modules);
	wheel_tree_record(&tree, info);
	wheel_tree_write(&tree, out);
	return 0;
}
