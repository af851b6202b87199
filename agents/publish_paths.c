// The table of neutral import paths that a group's Go may name: its own, then
// those of the releases that it needs (which Python finds first), then all
// others below. A path that two releases bring means the first of them, as in
// agents/go/program.c.
#include "agents/publish_paths.h"

#include <string.h>
#include <uthash.h>

#include "agents/go/rewrite.h"

struct path_row {
	UT_hash_handle hh;
	const char *neutral, *published;
	int group;
};

struct publish_paths {
	struct arena arena;
	const struct publish_view *view;
	int group;
	struct path_row *rows;
	char *runtime;
	bool *used; // [group + 1], 0 is pyrt
};

void publish_paths_free(struct publish_paths *paths)
{
	if (!paths)
		return;
	HASH_CLEAR(hh, paths->rows);
	free(paths->runtime);
	arena_clear(&paths->arena);
	free(paths);
}

static struct path_row *find(const struct publish_paths *paths, const char *neutral, size_t length)
{
	struct path_row *row = NULL;
	HASH_FIND(hh, paths->rows, neutral, length, row);
	return row;
}

static bool lists(json_t *packages, const char *path)
{
	size_t index;
	json_t *item;
	json_array_foreach (packages, index, item) {
		if (!strcmp(json_string_value(item), path))
			return true;
	}
	return false;
}

// "dist.x/pysrc" → "pysrc", unless that is a Python module's, or the module is a cycle's. Else the same folder.
static char *folder_of(const struct publish_view *view, int group, json_t *packages, const char *folder)
{
	const char *slash = strncmp(folder, "dist.", 5) ? NULL : strchr(folder, '/');
	if (!slash || view->groups[group].module_count > 1)
		return xstrdup(folder);
	cleanup_free char *python = xasprintf("py%s", slash);
	return xstrdup(lists(packages, python) ? folder : slash + 1);
}

static int add_group(struct publish_paths *paths, int group, json_t *emit, struct error *err)
{
	const char *module = paths->view->groups[group].modules[0].path;
	json_t *packages, *item;
	size_t index;
	if (json_get_array(emit, "packages", "emit result", &packages, err))
		return -1;
	json_array_foreach (packages, index, item) {
		const char *neutral = json_string_value(item);
		if (!neutral || strncmp(neutral, "py/", 3))
			return error_set(err, ERROR_INPUT, "emit result: a package that is no neutral import path");
		if (find(paths, neutral, strlen(neutral)))
			continue;
		cleanup_free char *folder = folder_of(paths->view, group, packages, neutral + strlen("py/"));
		struct path_row *row = arena_alloc(&paths->arena, sizeof *row);
		row->neutral = arena_strdup(&paths->arena, neutral);
		row->published = arena_printf(&paths->arena, "%s/%s", module, folder);
		row->group = group;
		HASH_ADD_KEYPTR(hh, paths->rows, row->neutral, strlen(row->neutral), row);
	}
	return 0;
}

void publish_paths_add_tables(struct publish_paths *paths, const char *folder)
{
	cleanup_free char *neutral = xasprintf("py/%s", folder);
	if (find(paths, neutral, strlen(neutral)))
		return;
	struct path_row *row = arena_alloc(&paths->arena, sizeof *row);
	row->neutral = arena_strdup(&paths->arena, neutral);
	row->published = arena_printf(&paths->arena, "%s/internal/%s",
				      paths->view->groups[paths->group].modules[0].path, folder);
	row->group = paths->group;
	HASH_ADD_KEYPTR(hh, paths->rows, row->neutral, strlen(row->neutral), row);
}

static int add_below(struct work *work, struct publish_paths *paths, int group, struct error *err)
{
	cleanup_json json_t *emit = emit_result(work, group, err);
	return emit ? add_group(paths, group, emit, err) : -1;
}

static bool needs(const struct plan_group *group, int other)
{
	for (int i = 0; i < group->need_count; i++)
		if (group->needs[i] == other)
			return true;
	return false;
}

// The order of releases is that of the lock, by name; groups are visited by their first member's.
static int compare_first(const void *left, const void *right, void *context)
{
	const struct plan *plan = context;
	int a = plan->groups.items[*(const int *)left].members[0],
	    b = plan->groups.items[*(const int *)right].members[0];
	return (a > b) - (a < b);
}

int publish_paths_make(struct work *work, const struct publish_view *view, int group, json_t *emit,
		       struct publish_paths **out, struct error *err)
{
	const struct plan_group *of = &view->plan->groups.items[group];
	struct publish_paths *paths = xcalloc(1, sizeof *paths);
	*paths = (struct publish_paths){.arena = ARENA_INIT, .view = view, .group = group};
	paths->runtime = publish_runtime_path(view->plan->host);
	paths->used = arena_array(&paths->arena, view->plan->groups.count + 1, sizeof *paths->used);
	int *below = arena_array(&paths->arena, (size_t)of->below_count, sizeof *below);
	if (of->below_count)
		memcpy(below, of->below, (size_t)of->below_count * sizeof *below);
	qsort_r(below, (size_t)of->below_count, sizeof *below, compare_first, (void *)(uintptr_t)view->plan);
	int status = add_group(paths, group, emit, err);
	for (int pass = 0; pass < 2; pass++)
		for (int i = 0; !status && i < of->below_count; i++)
			if (needs(of, below[i]) == (pass == 0))
				status = add_below(work, paths, below[i], err);
	if (status) {
		publish_paths_free(paths);
		return -1;
	}
	*out = paths;
	return 0;
}

bool publish_paths_map(void *context, struct slice path, struct text *out)
{
	struct publish_paths *paths = context;
	struct slice runtime = SLICE("py/dist.pyrt");
	if (!slice_starts(path, "py/"))
		return false;
	if (rewrite_path_below(path, runtime)) {
		text_add(out, paths->runtime);
		text_add_slice(out, slice_from(path, runtime.len));
		paths->used[0] = true;
		return true;
	}
	const struct path_row *row = find(paths, path.ptr, path.len);
	if (!row)
		return false;
	text_add(out, row->published);
	paths->used[row->group + 1] = true;
	return true;
}

char *publish_paths_folder(const struct publish_paths *paths, const char *folder)
{
	cleanup_free char *neutral = xasprintf("py/%s", folder);
	const struct path_row *row = find(paths, neutral, strlen(neutral));
	size_t module = strlen(paths->view->groups[paths->group].modules[0].path);
	return xstrdup(row && row->group == paths->group ? row->published + module + 1 : folder);
}

bool publish_paths_used(const struct publish_paths *paths, int group)
{
	return paths->used[group + 1];
}

void publish_paths_forget(struct publish_paths *paths)
{
	memset(paths->used, 0, (paths->view->plan->groups.count + 1) * sizeof *paths->used);
}
