// From the neutral tree, the translations, the wheels and the licence files of
// a group to the trees of its Go modules, in memory.
#include <string.h>

#include "agents/ledger.h"
#include "agents/publish.h"
#include "agents/publish_paths.h"
#include "agents/go/rewrite.h"
#include "core/file.h"

static const char calls_of_test[] = "/testdata/native_calls.json"; // agents/translators/tests.c
enum { WHEEL_LIMIT = 512 * 1024 * 1024 };

// ---- inputs ----------------------------------------------------------------------------------------------------------

static bool only_bridge(const struct plan *plan)
{
	vec_each (&plan->translators, name)
		if (strcmp(*name, "bridge"))
			return false;
	return true;
}

static int read_translations(struct stage *stage, struct digest_hasher *hasher, struct error *err)
{
	json_t *units, *unit;
	size_t index;
	if (json_get_array(stage->emit, "units", "emit result", &units, err))
		return -1;
	if (only_bridge(stage->view->plan))
		return 0;
	json_array_foreach (units, index, unit) {
		const char *id;
		json_t *translation = NULL;
		if (json_get_string(unit, "id", "unit", &id, err))
			return -1;
		int found = translate_result(stage->work, stage->group, id, &translation, err);
		if (found < 0)
			return error_context(err, "unit %s", id);
		if (!found) {
			int idle = translate_idle(stage->work, stage->group, id, err);
			if (idle < 0)
				return error_context(err, "unit %s", id);
			if (!idle)
				vec_push(&stage->remarks,
					 xasprintf("unit %s: its translation failed, so all of it is bridged "
						   "(`gophersnake log translate:%s:%s` says why)",
						   id, stage->view->plan->groups.items[stage->group].name, id));
			continue;
		}
		vec_push(&stage->translations, translation);
		cleanup_text struct text text = TEXT_INIT;
		json_write_compact(translation, &text);
		digest_add_string(hasher, id);
		digest_add_string(hasher, text_str(&text));
	}
	return 0;
}

static int read_scans(struct stage *stage, struct error *err)
{
	const struct plan_group *group = &stage->view->plan->groups.items[stage->group];
	stage->scans = arena_array(&stage->arena, (size_t)group->member_count, sizeof(json_t *));
	for (int i = 0; i < group->member_count; i++) {
		stage->scans[i] = scan_result(stage->work, group->members[i], err);
		if (!stage->scans[i])
			return -1;
	}
	return 0;
}

static int read_inputs(struct stage *stage, struct error *err)
{
	struct digest_hasher *hasher = digest_new();
	cleanup_text struct text text = TEXT_INIT;
	stage->emit = emit_result(stage->work, stage->group, err);
	int status = -1;
	if (stage->emit) {
		json_write_compact(stage->emit, &text);
		digest_add_string(hasher, "gophersnake.inputs/1");
		digest_add_string(hasher, stage->view->groups[stage->group].request);
		digest_add_string(hasher, text_str(&text));
		status = read_translations(stage, hasher, err);
	}
	digest_final_hex(hasher, stage->inputs);
	digest_free(hasher);
	return status;
}

int stage_open(struct work *work, const struct publish_view *view, int group, struct stage *out, struct error *err)
{
	const struct publish_group *of = &view->groups[group];
	*out = (struct stage){
		.work = work, .view = view, .group = group, .arena = ARENA_INIT, .go_modules = json_array()};
	out->module_count = of->module_count;
	out->modules = arena_array(&out->arena, of->module_count, sizeof *out->modules);
	for (size_t i = 0; i < of->module_count; i++)
		out->modules[i].module = &of->modules[i];
	if (read_scans(out, err) || read_inputs(out, err) || stage_go_modules(out, err)) {
		stage_clear(out);
		return -1;
	}
	return 0;
}

void stage_clear(struct stage *stage)
{
	for (size_t i = 0; i < stage->module_count; i++) {
		module_tree_clear(&stage->modules[i].tree);
		vec_clear(&stage->modules[i].packages);
		vec_clear(&stage->modules[i].requires);
		free(stage->modules[i].version);
	}
	for (int i = 0; stage->scans && i < stage->view->plan->groups.items[stage->group].member_count; i++)
		json_decref(stage->scans[i]);
	vec_each (&stage->translations, translation)
		json_decref(*translation);
	vec_clear(&stage->translations);
	vec_each (&stage->remarks, remark)
		free(*remark);
	vec_clear(&stage->remarks);
	json_decref(stage->emit);
	json_decref(stage->units);
	json_decref(stage->go_modules);
	json_decref(stage->python_only);
	arena_clear(&stage->arena);
	*stage = (struct stage){.arena = ARENA_INIT};
}

// ---- files of the neutral tree ---------------------------------------------------------------------------------------

// path → digest, from the tree and what the translations add or replace.
static int list_files(struct stage *stage, const char *digest, json_t *out, struct error *err)
{
	json_t *files, *file;
	size_t index;
	cleanup_json json_t *tree = store_get_json(stage->work->store, digest, "neutral tree", err);
	if (!tree || json_check_schema(tree, "gophersnake.tree/1", "neutral tree", err) ||
	    json_get_array(tree, "files", "neutral tree", &files, err))
		return -1;
	json_array_foreach (files, index, file) {
		const char *path, *sha256;
		if (json_get_string(file, "path", "neutral tree", &path, err) ||
		    json_get_string(file, "sha256", "neutral tree", &sha256, err))
			return -1;
		json_object_set_new(out, path, json_string(sha256));
	}
	return 0;
}

static int apply_translations(struct stage *stage, json_t *files, struct error *err)
{
	static const char *const keys[] = {"files", "edited"};
	const char *path;
	json_t *digest, *changed;
	vec_each (&stage->translations, translation) {
		for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
			if (json_get_object(*translation, keys[i], "translation", &changed, err))
				return -1;
			json_object_foreach (changed, path, digest) {
				json_t *before = json_object_get(files, path);
				bool there = before != NULL;
				if (there && i == 0 && json_equal(before, digest))
					continue; // tables that two units use
				if (!json_is_string(digest) || there != (i == 1))
					return error_set(err, ERROR_INPUT,
							 "translation: %s: %s a file of the neutral tree", path,
							 there ? "adds" : "edits what is not");
				json_object_set(files, path, digest);
			}
		}
	}
	return 0;
}

static int add_file(struct stage *stage, struct staged_module *module, struct publish_paths *paths, const char *path,
		    const char *digest, struct error *err)
{
	cleanup_text struct text data = TEXT_INIT, rewritten = TEXT_INIT;
	// A package's testdata moves with it.
	const char *slash = slice_ends(slice_of(path), calls_of_test) ? path + strlen(path) - strlen(calls_of_test)
								      : strrchr(path, '/');
	cleanup_free char *folder = slash ? xstrndup(path, (size_t)(slash - path)) : xstrdup("");
	cleanup_free char *published_folder = publish_paths_folder(paths, folder);
	cleanup_free char *published =
		*published_folder ? xasprintf("%s/%s", published_folder, slash ? slash + 1 : path) : xstrdup(path);
	if (store_get(stage->work->store, digest, &data, err))
		return -1;
	if (!slice_ends(slice_of(path), ".go")) {
		module_tree_add(&module->tree, published, &data);
		return 0;
	}
	if (rewrite_go(text_slice(&data), path, publish_paths_map, paths, &rewritten, err))
		return -1;
	module_tree_add(&module->tree, published, &rewritten);
	return 0;
}

// A façade's files stand below "dist.<member>/facade/" (agents/go/write_members.c).
static int add_files(struct stage *stage, struct staged_module *module, struct publish_paths *paths, json_t *files,
		     struct error *err)
{
	const char *name = stage->view->plan->lock.packages.items[module->module->package].name, *path;
	bool facade = !strcmp(module->module->kind, "facade");
	cleanup_free char *own = xasprintf("dist.%s/facade/", name);
	json_t *digest;
	json_object_foreach (files, path, digest) {
		const char *slash = strchr(path, '/');
		bool of_facade = slash && !strncmp(path, "dist.", 5) && !strncmp(slash, "/facade/", strlen("/facade/"));
		if (facade ? strncmp(path, own, strlen(own)) != 0 : of_facade)
			continue;
		if (add_file(stage, module, paths, facade ? path + strlen(own) : path, json_string_value(digest), err))
			return -1;
	}
	return 0;
}

static int add_wheels(struct stage *stage, struct staged_module *module, struct publish_paths *paths, struct error *err)
{
	json_t *wheels, *digest;
	const char *path;
	if (json_get_object(stage->emit, "wheels", "emit result", &wheels, err))
		return -1;
	json_object_foreach (wheels, path, digest) {
		cleanup_free char *file = store_path(stage->work->store, json_string_value(digest));
		cleanup_text struct text data = TEXT_INIT;
		char found[DIGEST_HEX_SIZE];
		if (file_read(file, WHEEL_LIMIT, &data, err))
			return -1;
		digest_hex_of(data.ptr, data.len, found);
		if (strcmp(found, json_string_value(digest)))
			return error_set(err, ERROR_WORKSPACE, "store: %s is damaged: remove it and start again", file);
		const char *slash = strrchr(path, '/');
		cleanup_free char *folder = xstrndup(path, slash ? (size_t)(slash - path) : 0);
		cleanup_free char *published = publish_paths_folder(paths, folder);
		cleanup_free char *name = xasprintf("%s/%s", published, slash ? slash + 1 : path);
		module_tree_add(&module->tree, name, &data);
	}
	return 0;
}

// ---- licence files ---------------------------------------------------------------------------------------------------

static int add_licences(struct stage *stage, struct staged_module *module, int member, const char *below,
			struct error *err)
{
	json_t *licence, *files, *file;
	size_t index;
	if (json_get_object(stage->scans[member], "licence", "scan result", &licence, err) ||
	    json_get_array(licence, "files", "licence", &files, err))
		return -1;
	json_array_foreach (files, index, file) {
		const char *path, *digest;
		cleanup_text struct text data = TEXT_INIT;
		if (json_get_string(file, "path", "licence file", &path, err) ||
		    json_get_string(file, "digest", "licence file", &digest, err) ||
		    store_get(stage->work->store, digest, &data, err))
			return -1;
		// A Python package may be called "license": the file gives way.
		char *name = xasprintf("%s%s", below, path);
		while (module_tree_has_folded(&module->tree, name)) {
			char *longer = xasprintf("%s.txt", name);
			free(name);
			name = longer;
		}
		module_tree_add(&module->tree, name, &data);
		free(name);
	}
	return 0;
}

static int add_all_licences(struct stage *stage, struct staged_module *module, struct error *err)
{
	const struct plan *plan = stage->view->plan;
	const struct plan_group *group = &plan->groups.items[stage->group];
	bool cycle = !strcmp(module->module->kind, "cycle");
	for (int i = 0; i < group->member_count; i++) {
		cleanup_free char *below =
			cycle ? xasprintf("dist.%s/", plan->lock.packages.items[group->members[i]].name) : xstrdup("");
		if ((cycle || group->members[i] == module->module->package) &&
		    add_licences(stage, module, i, below, err))
			return -1;
	}
	return 0;
}

// ---- what a module requires ------------------------------------------------------------------------------------------

static int add_require(struct stage *stage, struct staged_module *module, json_t *entry, bool direct, struct error *err)
{
	const char *path, *version, *mod_h1, *zip_h1;
	json_t *zip;
	if (json_get_string(entry, "module", "ledger entry", &path, err) ||
	    json_get_string(entry, "go_version", "ledger entry", &version, err) ||
	    json_get_string(entry, "gomod_h1", "ledger entry", &mod_h1, err) ||
	    json_get_object(entry, "zip", "ledger entry", &zip, err) ||
	    json_get_string(zip, "h1", "ledger entry", &zip_h1, err))
		return -1;
	struct gomod_require require = {
		.module = arena_strdup(&stage->arena, path),
		.version = arena_strdup(&stage->arena, version),
		.indirect = !direct,
		.zip_h1 = arena_strdup(&stage->arena, zip_h1),
		.mod_h1 = arena_strdup(&stage->arena, mod_h1),
	};
	vec_push(&module->requires, require);
	return 0;
}

static int add_requires(struct stage *stage, struct staged_module *module, const struct publish_paths *paths,
			struct error *err)
{
	const struct plan_group *group = &stage->view->plan->groups.items[stage->group];
	vec_push(&module->requires, stage->runtime);
	vec_last(&module->requires)->indirect = !publish_paths_used(paths, -1);
	for (int i = 0; i < group->below_count; i++) {
		const struct publish_group *below = &stage->view->groups[group->below[i]];
		if (add_require(stage, module, below->modules[0].entry, publish_paths_used(paths, group->below[i]),
				err))
			return -1;
	}
	stage_require_go_modules(stage, module);
	return 0;
}

// A façade requires the cycle's own module, which was staged before it.
static void require_cycle(struct stage *stage, struct staged_module *module)
{
	const struct staged_module *cycle = &stage->modules[0];
	cleanup_free char *prefix = xasprintf("%s@%s", cycle->module->path, cycle->version);
	cleanup_text struct text zip_h1 = TEXT_INIT, mod_h1 = TEXT_INIT;
	module_tree_h1(&cycle->tree, prefix, &zip_h1);
	gomod_h1(text_slice(&module_tree_find(&cycle->tree, "go.mod")->data), &mod_h1);
	vec_push(&module->requires, (struct gomod_require){
					    .module = cycle->module->path,
					    .version = cycle->version,
					    .zip_h1 = arena_strdup(&stage->arena, text_str(&zip_h1)),
					    .mod_h1 = arena_strdup(&stage->arena, text_str(&mod_h1)),
				    });
}

// ---- the whole -------------------------------------------------------------------------------------------------------

struct import_check {
	const char *unknown;
	struct arena *arena;
};

static void check_import(void *context, const struct go_import_spec *import)
{
	struct import_check *check = context;
	if (!check->unknown && (slice_is(import->path, "py") || slice_starts(import->path, "py/")))
		check->unknown = arena_slice(check->arena, import->path);
}

static int list_packages(struct stage *stage, struct staged_module *module, struct error *err)
{
	const char *last = "";
	vec_each (&module->tree.files, file) {
		struct slice path = slice_of(file->path);
		if (!slice_ends(path, ".go") || slice_ends(path, "_test.go"))
			continue;
		struct import_check check = {NULL, &stage->arena};
		if (rewrite_list(text_slice(&file->data), file->path, check_import, &check, err))
			return -1;
		if (check.unknown)
			return error_set(err, ERROR_FAILED, "%s imports %s, which no release that it needs provides",
					 file->path, check.unknown);
		const char *slash = strrchr(file->path, '/');
		const char *package = arena_printf(&stage->arena, "%s%s%.*s", module->module->path, slash ? "/" : "",
						   slash ? (int)(slash - file->path) : 0, file->path);
		if (strcmp(package, last)) // a tree is sorted: files of a folder may still be apart ("a.go", "a/b.go")
			vec_push(&module->packages, package);
		last = package;
	}
	return 0;
}

static int compare_texts(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void unique_packages(struct staged_module *module)
{
	size_t count = 0;
	vec_sort(&module->packages, compare_texts);
	for (size_t i = 0; i < module->packages.count; i++)
		if (!count || strcmp(module->packages.items[count - 1], module->packages.items[i]))
			module->packages.items[count++] = module->packages.items[i];
	module->packages.count = count;
}

static int finish_module(struct stage *stage, struct staged_module *module, struct error *err)
{
	cleanup_text struct text gomod = TEXT_INIT, readme = TEXT_INIT;
	gomod_write(module->module->path, module->requires.items, module->requires.count, &gomod);
	module_tree_add(&module->tree, "go.mod", &gomod);
	if (add_all_licences(stage, module, err))
		return -1;
	stage_readme(stage, module, &readme);
	module_tree_add(&module->tree,
			module_tree_has_folded(&module->tree, "README.md") ? "README.gophersnake.md" : "README.md",
			&readme);
	if (module_tree_finish(&module->tree, err) || list_packages(stage, module, err))
		return -1;
	unique_packages(module);
	return 0;
}

static int compose(struct stage *stage, struct staged_module *module, struct publish_paths *paths, struct error *err)
{
	bool facade = !strcmp(module->module->kind, "facade");
	cleanup_json json_t *files = json_object();
	const char *digest;
	publish_paths_forget(paths);
	if (json_get_string(stage->emit, "tree", "emit result", &digest, err))
		return -1;
	if (list_files(stage, digest, files, err) || (!facade && apply_translations(stage, files, err)) ||
	    add_files(stage, module, paths, files, err) || (!facade && add_wheels(stage, module, paths, err)) ||
	    add_requires(stage, module, paths, err))
		return -1;
	if (facade)
		require_cycle(stage, module);
	return finish_module(stage, module, err);
}

static void add_tables(const struct stage *stage, struct publish_paths *paths)
{
	const char *path;
	json_t *digest;
	vec_each (&stage->translations, translation)
		json_object_foreach (json_object_get(*translation, "files"), path, digest) {
			const char *slash = strrchr(path, '/');
			cleanup_free char *folder = xstrndup(path, slash ? (size_t)(slash - path) : 0);
			if (!strncmp(path, "dist.tables/", strlen("dist.tables/")))
				publish_paths_add_tables(paths, folder);
		}
}

int stage_trees(struct stage *stage, struct error *err)
{
	struct publish_paths *paths = NULL;
	if (publish_paths_make(stage->work, stage->view, stage->group, stage->emit, &paths, err))
		return -1;
	add_tables(stage, paths);
	int status = 0;
	for (size_t i = 0; !status && i < stage->module_count; i++)
		status = compose(stage, &stage->modules[i], paths, err);
	publish_paths_free(paths);
	return status;
}
