// The job folder that a program gets: what to translate, with all that it may
// need to know, and the place for its answer (docs/formats.md, "Job folder").
#include <string.h>

#include "agents/translate.h"
#include "agents/translators/tool.h"
#include "core/archive.h"
#include "core/file.h"

enum { SOURCE_LIMIT = 64 * 1024 * 1024 };

static int put(const char *folder, const char *path, struct slice data, struct error *err)
{
	cleanup_free char *full = xasprintf("%s/%s", folder, path);
	return file_write_plain(full, data.ptr, data.len, err);
}

static int put_json(const char *folder, const char *path, json_t *json, struct error *err)
{
	cleanup_text struct text text = TEXT_INIT;
	json_write_pretty(json, &text);
	return put(folder, path, text_slice(&text), err);
}

static int put_python(struct translation *translation, const char *folder, struct error *err)
{
	vec_each (&translation->modules, module) {
		cleanup_json json_t *scan = scan_result(translation->work, module->package, err);
		if (!scan)
			return -1;
		cleanup_free char *wheel = store_path(translation->work->store, json_string_or(scan, "wheel", ""));
		cleanup_text struct text source = TEXT_INIT;
		int found = archive_read_member_of_file(wheel, module->file, SOURCE_LIMIT, &source, err);
		if (found == 0)
			error_set(err, ERROR_FAILED, "%s is not in the wheel", module->file);
		cleanup_free char *path = xasprintf("python/%s", module->file);
		if (found != 1 || put(folder, path, text_slice(&source), err))
			return -1;
	}
	return 0;
}

// The inventory with the unit's modules only.
static int put_inventory(struct translation *translation, const char *folder, struct error *err)
{
	cleanup_json json_t *inventory = json_copy(translation->inventories.items[0]);
	json_t *modules = json_array();
	vec_each (&translation->modules, module)
		json_array_append(modules, module->inventory);
	json_object_set_new(inventory, "modules", modules);
	json_object_del(inventory, "extensions");
	json_object_del(inventory, "data_files");
	return put_json(folder, "inventory.json", inventory, err);
}

static char *api_file(const char *path)
{
	return xasprintf("api/%s.txt", path + strlen("py/"));
}

const char *const translation_runtime[4] = {"py/dist.pyrt", "py/dist.pyrt/py", "py/dist.pyrt/py/re",
					    "py/dist.pyrt/py/unicodedata"};

// What it imports, and pyrt, as `go doc -all` prints it. *out: {"py/sqlparse/sql": "api/sqlparse/sql.txt"}
static int put_api(struct translation *translation, const char *folder, json_t *out, struct error *err)
{
	json_t *packages = json_deep_copy(translation->imports);
	for (size_t i = 0; i < ARRAY_LENGTH(translation_runtime); i++)
		json_array_append_new(packages, json_string(translation_runtime[i]));
	cleanup_json json_t *request =
		json_pack("{s:s, s:s, s:o}", "command", "api", "root", "/py", "packages", packages);
	struct sandbox_mount mount = {translation->scratch, "/py", false};
	cleanup_json json_t *answer = tool_run(translation->work, translation->tool, request, &mount, 1, err);
	if (!answer)
		return -1;
	const char *path;
	json_t *text;
	json_object_foreach (json_object_get(answer, "api"), path, text) {
		cleanup_free char *file = api_file(path);
		struct slice data = {json_string_value(text), json_string_length(text)};
		if (put(folder, file, data, err))
			return -1;
		json_object_set_new(out, path, json_string(file));
	}
	return 0;
}

static int put_calls(struct translation *translation, const char *folder, struct error *err)
{
	json_t *calls = translation_calls(translation, err);
	if (!calls)
		return -1;
	cleanup_json json_t *document = json_pack("{s:s, s:s, s:o}", "schema", "gophersnake.calls/1", "unit",
						  translation->unit, "calls", calls);
	return json_array_size(calls) ? put_json(folder, "calls.json", document, err) : 0;
}

static int put_bridged(struct translation *translation, const char *folder, struct error *err)
{
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	if (dir_list(translation->code, &names, err))
		return -1;
	vec_each (&names, name) {
		cleanup_free char *source = xasprintf("%s/%s", translation->code, *name);
		cleanup_free char *path = xasprintf("bridged/%s", *name);
		cleanup_text struct text data = TEXT_INIT;
		if (file_read(source, SOURCE_LIMIT, &data, err) || put(folder, path, text_slice(&data), err))
			return -1;
	}
	return 0;
}

// ---- job.json --------------------------------------------------------------------------------------------------------

static json_t *modules_json(const struct translation *translation)
{
	const struct lock *lock = &translation->work->plan->lock;
	json_t *modules = json_array();
	vec_each (&translation->modules, module) {
		const struct lock_package *package = &lock->packages.items[module->package];
		json_array_append_new(modules, json_pack("{s:s, s:s, s:s, s:o}", "name", module->name, "release",
							 package->name, "version", package->version, "file",
							 json_sprintf("python/%s", module->file)));
	}
	return modules;
}

static json_t *functions_json(const struct translation *translation, const size_t *order)
{
	json_t *functions = json_array();
	for (size_t i = 0; i < translation->functions.count; i++) {
		const struct translate_function *function = &translation->functions.items[order[i]];
		if (!function->translator) // what an earlier translator did stays
			json_array_append_new(
				functions,
				json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I}", "python", function->python, "kind",
					  function->is_method ? "method" : "function", "go", function->go, "signature",
					  function->signature, "file", function->file, "line",
					  (json_int_t)function->line, "end_line", (json_int_t)function->end_line));
	}
	return functions;
}

static json_t *imports_json(const struct translation *translation, json_t *api)
{
	json_t *neutral = json_array(), *package;
	const char *path;
	json_object_foreach (translation->neutral, path, package) {
		json_t *file = json_object_get(api, path);
		json_array_append_new(neutral, json_pack("{s:s, s:O, s:o}", "path", path, "package", package, "api",
							 file ? json_incref(file) : json_null()));
	}
	json_t *runtime = json_array();
	for (size_t i = 0; i < ARRAY_LENGTH(translation_runtime); i++)
		json_array_append_new(runtime, json_pack("{s:s, s:O?}", "path", translation_runtime[i], "api",
							 json_object_get(api, translation_runtime[i])));
	json_t *modules = json_array();
	vec_each (&translation->work->plan->go_modules, module)
		json_array_append_new(modules,
				      json_pack("{s:s, s:s}", "module", module->path, "version", module->version));
	return json_pack("{s:O, s:o, s:s, s:o, s:o}", "standard", translation->standard, "neutral", neutral, "pyrt",
			 "py/dist.pyrt", "runtime", runtime, "modules", modules);
}

int job_folder_write(struct translation *translation, const char *folder, struct error *err)
{
	cleanup_free char *out = xasprintf("%s/out", folder);
	cleanup_json json_t *api = json_object();
	cleanup_free size_t *order = NULL;
	if (dir_make(out, 0755, err) || put_python(translation, folder, err) ||
	    put_inventory(translation, folder, err) || put_api(translation, folder, api, err) ||
	    put_bridged(translation, folder, err) || put_calls(translation, folder, err) ||
	    translation_order(translation, folder, &order, err))
		return error_context(err, "job folder");
	cleanup_json json_t *job =
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "schema", "gophersnake.job/1", "unit",
			  translation->unit, "package", translation->package, "path", translation->path, "python",
			  translation->work->plan->lock.python, "modules", modules_json(translation), "functions",
			  functions_json(translation, order), "imports", imports_json(translation, api));
	return put_json(folder, "job.json", job, err) ? error_context(err, "job folder") : 0;
}
