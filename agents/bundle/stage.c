// The Go module and the C of a bundle, in a folder:
//
//     src/go.mod, main.go, registry.go   package main, c-shared
//     src/border/, src/dist.pyrt/        the wire; pyrt, which is built without its bridge
//     src/u/<digest>/, src/t/<digest>/   units, tables
//     src/shim/                          the C: its sources and the table of functions
#include <string.h>

#include "agents/bundle/internal.h"
#include "agents/translators/tool.h"
#include "core/asset.h"
#include "core/file.h"

static const char go_sources[] = "runtime/bundle/go/", shim_sources[] = "runtime/bundle/shim/",
		  runtime_sources[] = "runtime/pyrt/";

void bundle_tools_digest(struct work *work, char digest[DIGEST_HEX_SIZE])
{
	struct digest_hasher *hasher = digest_new();
	char tool[DIGEST_HEX_SIZE];
	tool_digest(tool);
	digest_add_string(hasher, "bundle/1");
	digest_add_string(hasher, tool);
	digest_add_string(hasher, work->toolchain->go_version);
	for (size_t i = 0; i < asset_count; i++) {
		struct asset asset = asset_at(i);
		if (strncmp(asset.path, runtime_sources, strlen(runtime_sources)) != 0 &&
		    strncmp(asset.path, "runtime/bundle/", strlen("runtime/bundle/")) != 0 &&
		    strcmp(asset.path, "NOTICE") != 0 && strcmp(asset.path, "LICENSE") != 0)
			continue;
		digest_add_string(hasher, asset.path);
		digest_add(hasher, asset.data.ptr, asset.data.len);
	}
	digest_final_hex(hasher, digest);
	digest_free(hasher);
}

static int put_assets(const char *from, const char *to, struct error *err)
{
	int count = 0;
	for (size_t i = 0; i < asset_count; i++) {
		struct asset asset = asset_at(i);
		if (strncmp(asset.path, from, strlen(from)) != 0 || slice_ends(slice_of(asset.path), "/go.mod"))
			continue;
		cleanup_free char *path = xasprintf("%s/%s", to, asset.path + strlen(from));
		if (file_write_plain(path, asset.data.ptr, asset.data.len, err))
			return -1;
		count++;
	}
	return count ? 0
		     : error_set(err, ERROR_FAILED, "this build of gophersnake carries no %s: build it again", from);
}

static int put_files(const char *folder, json_t *files, struct error *err)
{
	const char *name;
	json_t *text;
	json_object_foreach (files, name, text) {
		cleanup_free char *path = xasprintf("%s/%s", folder, name);
		if (strstr(name, "..") || name[0] == '/')
			return error_set(err, ERROR_INPUT, "a file named %s", name);
		if (file_write_plain(path, json_string_value(text), json_string_length(text), err))
			return -1;
	}
	return 0;
}

// Writes the tables of a unit; → {import path: path in the bundle}.
static json_t *put_tables(json_t *unit, const char *folder, struct error *err)
{
	cleanup_json json_t *paths = json_object();
	const char *import;
	json_t *table;
	json_object_foreach (json_object_get(unit, "tables"), import, table) {
		cleanup_text struct text text = TEXT_INIT;
		char digest[DIGEST_HEX_SIZE];
		json_write_compact(table, &text);
		digest_hex_of(text.ptr, text.len, digest);
		cleanup_free char *path = xasprintf("%s/t/%s", folder, digest), *inside = xasprintf("py/t/%s", digest);
		if (put_files(path, json_object_get(table, "files"), err))
			return NULL;
		json_object_set_new(paths, import, json_string(inside));
	}
	return steal(&paths);
}

static json_t *request_of(json_t *units, json_t *ids, const char *version, const char *content, const char *folder,
			  struct error *err)
{
	cleanup_json json_t *rows = json_array();
	size_t index;
	json_t *unit;
	json_array_foreach (units, index, unit) {
		json_t *tables = put_tables(unit, folder, err);
		if (!tables)
			return NULL;
		json_array_append_new(
			rows, json_pack("{s:O, s:O, s:O, s:O, s:o, s:O}", "digest", json_array_get(ids, index),
					"release", json_object_get(unit, "release"), "bridged",
					json_object_get(unit, "bridged"), "native", json_object_get(unit, "native"),
					"tables", tables, "functions", json_object_get(unit, "functions")));
	}
	return json_pack("{s:s, s:{s:s, s:s, s:O}}", "command", "bundle", "bundle", "version", version, "content",
			 content, "units", rows);
}

json_t *bundle_stage(struct work *work, json_t *units, json_t *ids, const char *version, const char *content,
		     const char *folder, struct error *err)
{
	static const char gomod[] = "module py\n\ngo 1.23\n";
	cleanup_free char *source = xasprintf("%s/src", folder), *pyrt = xasprintf("%s/dist.pyrt", source);
	cleanup_free char *shim = xasprintf("%s/shim", source), *mod = xasprintf("%s/go.mod", source);
	cleanup_free char *tool = NULL;
	if (put_assets(go_sources, source, err) || put_assets(runtime_sources, pyrt, err) ||
	    put_assets(shim_sources, shim, err) || file_write_plain(mod, gomod, strlen(gomod), err) ||
	    tool_open(work, &tool, err))
		return NULL;
	cleanup_json json_t *request = request_of(units, ids, version, content, source, err);
	cleanup_json json_t *answer = request ? tool_run(work, tool, request, NULL, 0, err) : NULL;
	json_t *bundle = answer ? json_object_get(answer, "bundle") : NULL;
	if (!bundle || put_files(source, json_object_get(bundle, "files"), err)) {
		if (answer && !bundle)
			error_set(err, ERROR_TOOL, "the Go tool gives no bundle");
		return NULL;
	}
	return json_incref(bundle);
}
