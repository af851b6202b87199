#include "agents/dist.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

#include "agents/ledger.h"
#include "agents/publish.h"
#include "agents/wheel/bundles.h"
#include "agents/wheel/rewrite.h"
#include "core/version.h"

enum { FILE_LIMIT = 1024 * 1024 * 1024 };
static const char aside_name[] = ".gophersnake-build";

struct dist_file {
	char *name;       // below the folder
	char *from;       // path; NULL: data
	struct text data; // of what is written new
};
struct dist_files {
	VEC(struct dist_file) items; // in the order in which they get their names
};

void dist_clear(struct dist *dist)
{
	free(dist->wheel);
	free(dist->original);
	file_names_clear(&dist->bundles);
	free(dist->module);
	free(dist->go_version);
	json_decref(dist->entry);
	file_names_clear(&dist->functions);
	*dist = (struct dist){0};
}

static void dist_files_clear(struct dist_files *files)
{
	vec_each (&files->items, file) {
		free(file->name);
		free(file->from);
		text_clear(&file->data);
	}
	vec_clear(&files->items);
}

static void add_file(struct dist_files *files, char *name, char *from)
{
	vec_push(&files->items, (struct dist_file){.name = name, .from = from, .data = TEXT_INIT});
}

// ---- the Go side -----------------------------------------------------------------------------------------------------

// As registry_put_list writes them, for this version alone: what there is to choose from does not depend on what was built before.
static void add_list(struct dist_files *files, const char *folder, const char *prefix, const char *info,
		     const char *version, bool listed)
{
	struct dist_file list = {.name = xasprintf("%s/list", folder + strlen(prefix)), .data = TEXT_INIT};
	if (listed)
		text_addf(&list.data, "%s\n", version);
	vec_push(&files->items, list);
	if (!listed)
		add_file(files,
			 xasprintf("%.*s/@latest", (int)(strlen(folder) - strlen(prefix) - strlen("/@v")),
				   folder + strlen(prefix)),
			 xstrdup(info));
}

static void add_version(struct dist_files *files, const char *workspace, const char *module, const char *version,
			bool with_zip)
{
	static const char *const suffixes[] = {"zip", "mod", "info"};
	cleanup_free char *prefix = xasprintf("%s/registry/", workspace);
	for (size_t i = !with_zip; i < ARRAY_LENGTH(suffixes); i++) {
		char *path = registry_path(workspace, module, version, suffixes[i]);
		add_file(files, xstrdup(path + strlen(prefix)), path);
	}
}

static void add_module(struct dist_files *files, const char *workspace, const char *module, const char *version,
		       bool listed)
{
	cleanup_free char *prefix = xasprintf("%s/registry/", workspace);
	add_version(files, workspace, module, version, true);
	cleanup_free char *info = registry_path(workspace, module, version, "info");
	cleanup_free char *folder = xstrndup(info, (size_t)(strrchr(info, '/') - info));
	add_list(files, folder, prefix, info, version, listed);
}

static void add_modules(struct dist_files *files, const struct publish_view *view, const struct publish_group *group)
{
	for (size_t i = 0; i < group->module_count; i++) {
		json_t *entry = group->modules[i].entry;
		add_module(files, view->workspace, json_string_or(entry, "module", ""),
			   json_string_or(entry, "go_version", ""), json_bool_or(entry, "listed", true));
	}
}

// Go modules of others, as far as the registry has them (agents/mirror.h).
static void add_foreign(struct dist_files *files, const char *workspace, json_t *go_modules)
{
	static const char *const suffixes[] = {"ziphash", "zip", "mod", "info"};
	cleanup_free char *prefix = xasprintf("%s/registry/", workspace);
	size_t index;
	json_t *row;
	json_array_foreach (go_modules, index, row) {
		for (size_t i = 0; i < ARRAY_LENGTH(suffixes); i++) {
			cleanup_free char *path = registry_path(workspace, json_string_or(row, "module", ""),
								json_string_or(row, "version", ""), suffixes[i]);
			if (file_exists(path))
				add_file(files, xstrdup(path + strlen(prefix)), xstrdup(path));
		}
	}
}

// Modules of others (agents/mirror.h), which the entry lists for all below it too; of those without h1 only go.mod is needed.
static void add_mirrored(struct dist_files *files, const struct publish_view *view, json_t *entry)
{
	json_t *row;
	size_t i;
	json_array_foreach (json_object_get(entry, "go_modules"), i, row) {
		add_version(files, view->workspace, json_string_or(row, "module", ""),
			    json_string_or(row, "version", ""), json_is_string(json_object_get(row, "h1")));
	}
}

// The runtime and what is below first: a version can be chosen when all that it needs is there.
static void add_go(struct dist_files *files, const struct publish_view *view, int number)
{
	const struct plan_group *group = &view->plan->groups.items[number];
	cleanup_free char *runtime = publish_runtime_path(view->plan->host);
	add_module(files, view->workspace, runtime, PYRT_VERSION, true);
	add_mirrored(files, view, view->groups[number].modules[0].entry);
	add_foreign(files, view->workspace, json_object_get(view->groups[number].modules[0].entry, "go_modules"));
	for (int i = 0; i < group->below_count; i++)
		add_modules(files, view, &view->groups[group->below[i]]);
	add_modules(files, view, &view->groups[number]);
}

// ---- the Python side -------------------------------------------------------------------------------------------------

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static void list_functions(struct dist *dist)
{
	json_t *unit, *module;
	size_t i, j;
	json_array_foreach (json_object_get(dist->entry, "native_units"), i, unit) {
		json_array_foreach (json_object_get(unit, "modules"), j, module) {
			struct slice rest = slice_of(json_string_or(module, "functions", "")), function;
			const char *name = json_string_or(module, "name", "");
			while (slice_cut(&rest, ' ', &function))
				if (function.len)
					vec_push(&dist->functions,
						 xasprintf("%s.%.*s", name, (int)function.len, function.ptr));
		}
	}
	vec_sort(&dist->functions, compare_names);
}

static bool has_units(json_t *record, json_t *entry)
{
	json_t *have = json_object_get(record, "units"), *unit, *digest;
	size_t i, j;
	json_array_foreach (json_object_get(entry, "native_units"), i, unit) {
		bool found = false;
		json_array_foreach (have, j, digest) {
			found |= !strcmp(json_string_value(digest), json_string_or(unit, "digest", ""));
		}
		if (!found)
			return false;
	}
	return true;
}

// The newest that has all of the release: as a rule the newest of all.
static json_t *find_bundle(json_t *records, json_t *entry, const char *simple)
{
	for (size_t i = json_array_size(records); i-- > 0;) {
		json_t *record = json_array_get(records, i), *name;
		bool whole = has_units(record, entry);
		size_t index;
		json_array_foreach (json_object_get(record, "files"), index, name) {
			cleanup_free char *path = xasprintf("%s/files/%s", simple, json_string_value(name));
			whole = whole && file_exists(path);
		}
		if (whole)
			return record;
	}
	return NULL;
}

static int add_bundles(struct dist_files *files, const char *workspace, const struct wheel_index *index,
		       struct dist *dist, struct error *err)
{
	cleanup_free char *simple = wheel_index_folder(workspace);
	cleanup_json json_t *records = NULL;
	if (bundles_records(workspace, &records, err))
		return -1;
	json_t *record = find_bundle(records, dist->entry, simple), *name;
	if (!record && !index->bundle && index->reasons.count)
		return error_set(err, ERROR_FAILED, "%s", index->reasons.items[index->reasons.count - 1]);
	if (!record)
		return error_set(err, ERROR_FAILED,
				 "no bundle of the registry has the functions of %s any more (`gophersnake gc` retired "
				 "them): build it with another source, or in another --workspace",
				 dist->go_version);
	size_t i;
	json_array_foreach (json_object_get(record, "files"), i, name) {
		vec_push(&dist->bundles, xstrdup(json_string_value(name)));
		add_file(files, xstrdup(json_string_value(name)),
			 xasprintf("%s/files/%s", simple, json_string_value(name)));
	}
	return 0;
}

// The wheel to install is the last of all to get its name.
static int add_wheels(struct dist_files *files, const char *workspace, const char *original,
		      const struct wheel_index *index, struct dist *dist, struct error *err)
{
	const char *file = json_string_or(ledger_wheel(dist->entry), "file", "");
	cleanup_free char *simple = wheel_index_folder(workspace);
	cleanup_free char *native = wheel_file_name(file, json_integer_or(dist->entry, "rev", 0), err);
	if (!native)
		return -1;
	cleanup_free char *path = xasprintf("%s/files/%s", simple, native);
	bool is_native = dist->functions.count && file_exists(path);
	dist->original = xstrdup(file);
	dist->wheel = xstrdup(is_native ? native : file);
	add_file(files, xstrdup(file), xstrdup(original));
	if (!is_native)
		file_names_clear(&dist->functions);
	if (is_native && add_bundles(files, workspace, index, dist, err))
		return -1;
	if (is_native)
		add_file(files, xstrdup(native), xstrdup(path));
	return 0;
}

// ---- into the folder -------------------------------------------------------------------------------------------------

static char *parent_of(const char *path)
{
	return xstrndup(path, (size_t)(strrchr(path, '/') - path));
}

static int prepare_file(const struct dist_file *file, const char *aside, struct error *err)
{
	cleanup_free char *path = xasprintf("%s/%s", aside, file->name);
	cleanup_free char *parent = parent_of(path);
	cleanup_text struct text copy = TEXT_INIT;
	if (dir_make(parent, 0755, err) || (file->from && file_read(file->from, FILE_LIMIT, &copy, err)))
		return -1;
	const struct text *data = file->from ? &copy : &file->data;
	return file_write_atomic(path, text_str(data), data->len, err);
}

static int rename_file(const struct dist_file *file, const char *aside, const char *folder, struct error *err)
{
	cleanup_free char *from = xasprintf("%s/%s", aside, file->name), *path = xasprintf("%s/%s", folder, file->name);
	cleanup_free char *parent = parent_of(path);
	if (dir_make(parent, 0755, err))
		return -1;
	return rename(from, path) ? file_error(err, "replace", path) : 0;
}

static int lock_folder(const char *folder, int *fd, struct error *err)
{
	*fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd < 0)
		return file_error(err, "open", folder);
	if (!flock(*fd, LOCK_EX | LOCK_NB))
		return 0;
	return errno == EWOULDBLOCK ? error_set(err, ERROR_WORKSPACE,
						"%s: another build writes there: wait for it, or "
						"give another --output",
						folder)
				    : file_error(err, "lock", folder);
}

static int write_files(const struct dist_files *files, const char *folder, struct error *err)
{
	cleanup_free char *aside = xasprintf("%s/%s", folder, aside_name);
	cleanup_fd int lock = -1;
	if (dir_make(folder, 0755, err) || lock_folder(folder, &lock, err) || dir_remove_tree(aside, err))
		return -1;
	int status = 0;
	vec_each (&files->items, file)
		if (!status)
			status = prepare_file(file, aside, err);
	vec_each (&files->items, file)
		if (!status)
			status = rename_file(file, aside, folder, err);
	struct error ignored = ERROR_INIT;
	if (dir_remove_tree(aside, status ? &ignored : err))
		status = -1;
	return status;
}

// ---- the whole -------------------------------------------------------------------------------------------------------

static int find_entry(const struct publish_view *view, int group, int package, struct dist *dist, struct error *err)
{
	const struct publish_group *of = &view->groups[group];
	for (size_t i = of->module_count > 1; of->complete && i < of->module_count; i++)
		if (of->modules[i].package == package)
			dist->entry = json_incref(of->modules[i].entry);
	if (!dist->entry)
		return error_set(err, ERROR_FAILED, "%s is not published", view->plan->groups.items[group].name);
	dist->module = xstrdup(json_string_or(dist->entry, "module", ""));
	dist->go_version = xstrdup(json_string_or(dist->entry, "go_version", ""));
	return 0;
}

int dist_write(struct work *work, int package, const char *original, const struct wheel_index *index,
	       const char *folder, struct dist *out, struct error *err)
{
	int group = plan_group_of(work->plan, package);
	cleanup_publish_view struct publish_view view;
	struct dist_files files = {VEC_INIT};
	*out = (struct dist){0};
	if (publish_view_make(work, group, &view, err))
		return -1;
	int status = find_entry(&view, group, package, out, err);
	if (!status) {
		list_functions(out);
		add_go(&files, &view, group);
		status = add_wheels(&files, view.workspace, original, index, out, err) ||
					 write_files(&files, folder, err)
				 ? -1
				 : 0;
	}
	dist_files_clear(&files);
	if (status)
		dist_clear(out);
	return status;
}
