// The two wheels of a bundle. The bytes depend on what is in them alone.
#include <string.h>

#include "agents/bundle/internal.h"
#include "agents/wheel/tree.h"
#include "core/asset.h"
#include "core/version.h"

static const char python_sources[] = "runtime/bundle/python/";

static void add(struct wheel_tree *tree, const char *path, struct slice data)
{
	cleanup_text struct text text = TEXT_INIT;
	text_add_slice(&text, data);
	wheel_tree_add(tree, path, &text);
}

static void add_info(struct wheel_tree *tree, const char *info, const char *version, const char *tag, bool pure)
{
	cleanup_text struct text metadata = TEXT_INIT, wheel = TEXT_INIT;
	cleanup_free char *metadata_path = xasprintf("%s/METADATA", info), *wheel_path = xasprintf("%s/WHEEL", info),
			  *licence = xasprintf("%s/LICENSE", info);
	text_addf(&metadata,
		  "Metadata-Version: 2.1\nName: gophersnake-bundle\nVersion: %s\n"
		  "Summary: The native functions of packages that gophersnake converted\nRequires-Python: >=3.8\n",
		  version);
	text_addf(&wheel, "Wheel-Version: 1.0\nGenerator: gophersnake %s\nRoot-Is-Purelib: %s\nTag: %s\n",
		  GOPHERSNAKE_VERSION, pure ? "true" : "false", tag);
	wheel_tree_add(tree, metadata_path, &metadata);
	wheel_tree_add(tree, wheel_path, &wheel);
	add(tree, licence, asset_find("LICENSE"));
}

static void add_licences(struct wheel_tree *tree, const char *info, json_t *go_modules)
{
	size_t index;
	json_t *row, *text;
	const char *name;
	json_array_foreach (go_modules, index, row) {
		json_object_foreach (json_object_get(row, "texts"), name, text) {
			cleanup_free char *path =
				xasprintf("%s/licenses/%s@%s/%s", info, json_string_or(row, "module", ""),
					  json_string_or(row, "version", ""), name);
			add(tree, path, (struct slice){json_string_value(text), json_string_length(text)});
		}
	}
}

int bundle_wheel(const char *version, const char *tag, struct slice shim, struct slice library, json_t *go_modules,
		 struct text *out, struct error *err)
{
	cleanup_wheel_tree struct wheel_tree tree = {VEC_INIT};
	cleanup_free char *info = xasprintf("gophersnake_bundle-%s.dist-info", version);
	for (size_t i = 0; i < asset_count; i++) {
		struct asset asset = asset_at(i);
		if (slice_starts(slice_of(asset.path), python_sources))
			add(&tree, asset.path + strlen(python_sources), asset.data);
	}
	if (!tree.files.count)
		return error_set(err, ERROR_FAILED, "this build of gophersnake carries no %s: build it again",
				 python_sources);
	if (library.len) {
		add(&tree, "gophersnake_bundle/_go.so", library);
		add(&tree, "gophersnake_bundle/_gophersnake_bundle.abi3.so", shim);
	}
	add_info(&tree, info, version, tag, !library.len);
	add_licences(&tree, info, go_modules);
	wheel_tree_record(&tree, info);
	wheel_tree_write(&tree, out);
	return 0;
}
