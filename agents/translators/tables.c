// The tables that a unit's Go imports (agents/python/tables.h): found by its
// import paths, made when they are not there, and put into the scratch module.
#include <string.h>

#include "agents/python/tables.h"
#include "agents/translate.h"
#include "core/file.h"

static const char start[] = "\"py/dist.tables/";
enum { GO_LIMIT = 64 << 20 };

// The module of the group's releases whose tables have that path. -1: none.
static int find_module(struct translation *translation, const char *path, const char **module)
{
	const struct plan_group *group = &translation->work->plan->groups.items[translation->group];
	for (int i = 0; i < group->member_count; i++) {
		size_t index;
		json_t *row;
		json_array_foreach (json_object_get(translation->inventories.items[i], "modules"), index, row) {
			const char *name = json_string_or(row, "name", "");
			cleanup_free char *wanted = tables_path(name);
			if (!strcmp(wanted, path)) {
				*module = name;
				return group->members[i];
			}
		}
	}
	return -1;
}

// Other jobs of the workspace use the scratch module too; to them the same tables are the same bytes.
static int put(struct translation *translation, const char *path, const char *digest, struct error *err)
{
	cleanup_free char *folder = xasprintf("%s/%s", translation->scratch, path + strlen("py/"));
	cleanup_free char *file = xasprintf("%s/tables_py.go", folder);
	cleanup_text struct text text = TEXT_INIT;
	char found[DIGEST_HEX_SIZE];
	if (file_exists(file) && !digest_hex_of_file(file, found, err) && !strcmp(found, digest))
		return 0;
	return store_get(translation->work->store, digest, &text, err) || dir_make(folder, 0755, err) ||
			       file_write_atomic(file, text_str(&text), text.len, err)
		       ? -1
		       : 0;
}

static int add(struct translation *translation, const char *path, struct error *err)
{
	const char *module = NULL;
	char digest[DIGEST_HEX_SIZE];
	cleanup_free char *clause = NULL, *reason = NULL;
	if (json_object_get(translation->tables, path))
		return 0;
	int package = find_module(translation, path, &module);
	if (package < 0)
		return 0; // the policy refuses the import
	json_t *names = json_object_get(json_object_get(translation->names, module), "names");
	int status = tables_make(translation->work, package, module, names, digest, &clause, &reason, err);
	if (status < 0)
		return -1;
	if (status) {
		translation_remark(translation, "tables of %s: %s", module, reason);
		return 0;
	}
	json_object_set_new(translation->tables, path, json_pack("{s:s, s:s}", "package", clause, "digest", digest));
	return put(translation, path, digest, err);
}

// The import paths of tables in Go's text, an object used as a set.
static void find_imports(struct slice text, json_t *out)
{
	const char *at;
	while (text.len && (at = memmem(text.ptr, text.len, start, strlen(start)))) {
		text = slice_from(text, (size_t)(at - text.ptr) + 1);
		struct slice rest = text, path;
		if (slice_cut(&rest, '"', &path) && path.len < 500) {
			cleanup_free char *name = slice_dup(path);
			json_object_set_new(out, name, json_true());
		}
	}
}

static int read_imports(const char *folder, json_t *out, struct error *err)
{
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	if (dir_list(folder, &names, err))
		return -1;
	vec_each (&names, name) {
		cleanup_free char *path = xasprintf("%s/%s", folder, *name);
		cleanup_text struct text text = TEXT_INIT;
		if (!slice_ends(slice_of(*name), ".go") || !file_exists(path))
			continue;
		if (file_read(path, GO_LIMIT, &text, err))
			return -1;
		find_imports(text_slice(&text), out);
	}
	return 0;
}

int translation_tables(struct translation *translation, const char *folder, struct error *err)
{
	cleanup_json json_t *imports = json_object();
	const char *path;
	json_t *ignored;
	if (read_imports(folder, imports, err))
		return -1;
	json_object_foreach (imports, path, ignored) {
		if (add(translation, path, err))
			return -1;
	}
	return 0;
}

int translation_tables_files(struct translation *translation, const char *folder, json_t *files, struct error *err)
{
	cleanup_json json_t *imports = json_object();
	const char *path;
	json_t *ignored;
	if (read_imports(folder, imports, err))
		return -1;
	json_object_foreach (imports, path, ignored) {
		json_t *table = json_object_get(translation->tables, path);
		cleanup_free char *key = xasprintf("%s/tables_py.go", path + strlen("py/"));
		if (!table)
			return error_set(err, ERROR_FAILED, "no tables for %s", path);
		json_object_set(files, key, json_object_get(table, "digest"));
	}
	return 0;
}
