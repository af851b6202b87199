// The order of a build: source, [build-system], what it needs, what it needs
// beside that, the wheel. Both hooks are memos of the source and the
// environment that they ran in.
#include "agents/build_source.h"

#include <ctype.h>
#include <string.h>

#include "agents/build_internal.h"
#include "agents/wheel/check.h"
#include "core/archive.h"
#include "core/file.h"
#include "resolver/name.h"
#include "resolver/pyproject.h"
#include "resolver/resolve.h"

enum { DEPTH_MOST = 3 };
static const char legacy[] = "setuptools.build_meta:__legacy__", legacy_requirement[] = "setuptools>=40.8.0";

struct building {
	struct work *work;
	const struct build_source *source;
	int depth;
	struct arena arena;
	char *scratch;
	char *tree;                   // the sources, outside
	const char *copy;             // what their copy in the sandbox is called
	char digest[DIGEST_HEX_SIZE]; // of the archive, "" of a folder
	const char *backend;
	json_t *path; // of the backend
	VEC(const char *) requires;
	struct lock lock; // what they come to
	char environment[DIGEST_HEX_SIZE];
	int environments; // made so far; the newest is <scratch>/environment-<number>
	bool current;     // the newest is that of lock
};

static void building_clear(struct building *building)
{
	json_decref(building->path);
	vec_clear(&building->requires);
	lock_clear(&building->lock);
	arena_clear(&building->arena);
	free(building->tree);
	free(building->scratch);
}

// ---- the source ------------------------------------------------------------------------------------------------------

static int unpack(struct building *building, struct error *err)
{
	const struct build_source *source = building->source;
	cleanup_free char *folder = xasprintf("%s/source", building->scratch);
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	if (source->sha256)
		snprintf(building->digest, sizeof building->digest, "%s", source->sha256);
	else if (digest_hex_of_file(source->path, building->digest, err))
		return -1;
	if (archive_unpack(source->path, folder, NULL, err) || dir_list(folder, &names, err))
		return -1;
	building->tree = names.count ? xasprintf("%s/%s", folder, names.items[0]) : NULL;
	if (names.count != 1 || !dir_exists(building->tree))
		return error_set(err, ERROR_INPUT, "it is no source distribution: all of it should be in one folder");
	building->copy = arena_strdup(&building->arena, names.items[0]);
	return 0;
}

static bool is_wrapper(const char *requirement)
{
	cleanup_text struct text name = TEXT_INIT;
	size_t length = 0;
	while (isalnum((unsigned char)requirement[length]) ||
	       (requirement[length] && strchr("-_.", requirement[length])))
		length++;
	name_normalise_to((struct slice){requirement, length}, &name);
	return !strcmp(text_str(&name), "gophersnake-build");
}

// gophersnake_build (runtime/build) would only call us again: what it wraps makes the wheel.
static int take_wrapped(struct building *building, const struct pyproject *project, struct error *err)
{
	if (!*project->wrapped_backend)
		return error_set(err, ERROR_INPUT,
				 "pyproject.toml: [tool.gophersnake] has no build-backend, the one that %s wraps",
				 project->build_backend);
	building->backend = project->wrapped_backend;
	vec_each (&project->build_requires, requirement)
		if (!is_wrapper(*requirement))
			vec_push(&building->requires, *requirement);
	vec_each (&project->wrapped_path, folder)
		json_array_append_new(building->path, json_string(*folder));
	return 0;
}

// As pip: without [build-system], or without a backend in it, setuptools as it was before PEP 517.
static void take_build_system(struct building *building, const struct pyproject *project)
{
	building->backend = *project->build_backend ? project->build_backend : legacy;
	if (!*project->build_backend)
		vec_push(&building->requires, legacy_requirement);
	vec_each (&project->build_requires, requirement)
		vec_push(&building->requires, *requirement);
	vec_each (&project->backend_path, folder)
		json_array_append_new(building->path, json_string(*folder));
}

static int read_build_system(struct building *building, struct error *err)
{
	cleanup_free char *path = xasprintf("%s/pyproject.toml", building->tree);
	cleanup_free char *setup = xasprintf("%s/setup.py", building->tree);
	cleanup_text struct text text = TEXT_INIT;
	struct pyproject project = {.build_backend = "", .wrapped_backend = ""};
	bool there = file_exists(path);
	if (!there && !file_exists(setup))
		return error_set(err, ERROR_INPUT,
				 "it has neither pyproject.toml nor setup.py: nothing says how to build it");
	if (there && (file_read(path, PYPROJECT_MAX_BYTES, &text, err) ||
		      pyproject_parse(&building->arena, text_slice(&text), &project, err)))
		return -1;
	if (project.has_build_system && !project.build_requires.count && !*project.build_backend) {
		pyproject_clear(&project);
		return error_set(err, ERROR_INPUT, "pyproject.toml: [build-system] has no requires (PEP 518)");
	}
	int status = 0;
	if (!strcmp(project.build_backend, "gophersnake_build"))
		status = take_wrapped(building, &project, err);
	else
		take_build_system(building, &project);
	pyproject_clear(&project);
	return status;
}

static int open_source(struct building *building, struct error *err)
{
	const struct build_source *source = building->source;
	building->path = json_array();
	if (dir_exists(source->path)) {
		building->tree = xstrdup(source->path);
		building->copy = "source";
	} else if (unpack(building, err)) {
		return -1;
	}
	return read_build_system(building, err);
}

// ---- the hooks -------------------------------------------------------------------------------------------------------

static int resolve_requires(struct building *building, struct error *err)
{
	struct lock lock;
	lock_init(&lock);
	if (building->requires.count &&
	    work_resolve(building->work, building->requires.items, building->requires.count, &lock, err)) {
		if (err->code == ERROR_USAGE) // of a requirement that the source states
			err->code = ERROR_INPUT;
		return error_context(err, "what its build needs");
	}
	lock_clear(&building->lock);
	building->lock = lock;
	building->current = false;
	build_environment_digest(&lock, building->environment);
	return 0;
}

static int enter(struct building *building, char **folder, struct error *err)
{
	*folder = xasprintf("%s/environment-%d", building->scratch, building->environments + !building->current);
	if (building->current)
		return 0;
	if (build_environment_make(building->work, &building->lock, building->depth, *folder, err))
		return -1;
	building->environments++;
	building->current = true;
	return 0;
}

static int run_hook(struct building *building, const char *hook, json_t **head, struct text *data, struct error *err)
{
	cleanup_free char *folder = NULL;
	cleanup_json json_t *input = json_pack("{s:s, s:O, s:s, s:s}", "backend", building->backend, "path",
					       building->path, "hook", hook, "folder", building->copy);
	if (!input)
		return error_set(err, ERROR_INPUT, "its folder has a name that is not UTF-8");
	if (enter(building, &folder, err))
		return -1;
	const struct build_task task = {folder, building->tree, input};
	return build_environment_run(building->work, building->scratch, &task, head, data, err);
}

static void memo_key(const struct building *building, const char *hook, char key[DIGEST_HEX_SIZE])
{
	const struct build_source *source = building->source;
	struct digest_hasher *hasher = digest_new();
	digest_add_string(hasher, "build/1");
	build_environment_program(hasher);
	digest_add_string(hasher, hook);
	digest_add_string(hasher, building->digest);
	digest_add_string(hasher, source->file);
	digest_add_string(hasher, source->name ? source->name : "");
	digest_add_string(hasher, source->version ? source->version : "");
	digest_add_string(hasher, building->environment);
	digest_add_string(hasher, building->work->toolchain->python_version);
	digest_add_string(hasher, sandbox_tier_name(sandbox_tier(building->work->sandbox)));
	digest_final_hex(hasher, key);
	digest_free(hasher);
}

static json_t *find_memo(const struct building *building, const char *key)
{
	struct error ignored = ERROR_INIT; // whatever is wrong with it, the hook runs again and says so
	char digest[DIGEST_HEX_SIZE];
	struct store *store = building->work->store;
	json_t *found = *building->digest && store_memo_get(store, key, digest, &ignored) == 1
				? store_get_json(store, digest, "build", &ignored)
				: NULL;
	const char *wheel = json_string_or(found, "wheel", NULL);
	if (wheel && !store_has(store, wheel)) {
		json_decref(found);
		return NULL;
	}
	return found;
}

static int put_memo(const struct building *building, const char *key, const json_t *json, struct error *err)
{
	char digest[DIGEST_HEX_SIZE];
	struct store *store = building->work->store;
	if (!*building->digest)
		return 0;
	return store_put_json(store, json, digest, err) || store_memo_put(store, key, digest, err) ? -1 : 0;
}

// get_requires_for_build_wheel: what else it needs is added, and all of it resolved again.
static int ask_requires(struct building *building, struct error *err)
{
	char key[DIGEST_HEX_SIZE];
	memo_key(building, "requires", key);
	json_t *answer = find_memo(building, key), *list, *item;
	if (!answer) {
		cleanup_text struct text nothing = TEXT_INIT;
		if (run_hook(building, "requires", &answer, &nothing, err))
			return -1;
		if (json_get_array(answer, "requires", "its build", &list, err) ||
		    put_memo(building, key, answer, err)) {
			json_decref(answer);
			return -1;
		}
	}
	size_t index, before = building->requires.count;
	json_array_foreach (json_object_get(answer, "requires"), index, item) {
		const char *text = json_string_value(item);
		if (text)
			vec_push(&building->requires, arena_strdup(&building->arena, text));
	}
	json_decref(answer);
	return building->requires.count > before ? resolve_requires(building, err) : 0;
}

// ---- the wheel -------------------------------------------------------------------------------------------------------

static int keep(struct building *building, const char *file, const struct text *data, json_t **out, struct error *err)
{
	const struct build_source *source = building->source;
	struct work *work = building->work;
	cleanup_text struct text wheel = TEXT_INIT;
	struct environment environment = {0};
	struct wheel_checked checked;
	char digest[DIGEST_HEX_SIZE];
	if (environment_of_python(work->toolchain->python, &environment, err))
		return -1;
	const struct wheel_expected expected = {file, source->name, source->version, environment.tags.items,
						environment.tags.count};
	int status = wheel_check(&expected, text_slice(data), &building->arena, &checked, &wheel, err);
	environment_clear(&environment);
	if (status || store_put(work->store, text_slice(&wheel), digest, err))
		return -1;
	*out = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:{s:s, s:s}, s:s, s:o, s:s, s:s}", "schema",
			 "gophersnake.build/1", "name",
			 name_normalise(&building->arena, slice_of(checked.metadata.name)), "version",
			 checked.metadata.version, "file", file, "tag", checked.tag, "wheel", digest, "source", "file",
			 source->file, "sha256", building->digest, "backend", building->backend, "requirements",
			 build_environment_list(&building->lock), "python", work->toolchain->python_version, "tier",
			 sandbox_tier_name(sandbox_tier(work->sandbox)));
	return *out ? 0 : error_set(err, ERROR_INPUT, "%s: its METADATA is not UTF-8", file);
}

static int make_wheel(struct building *building, json_t **out, struct error *err)
{
	char key[DIGEST_HEX_SIZE];
	const char *file;
	memo_key(building, "wheel", key);
	*out = find_memo(building, key);
	if (*out)
		return 0;
	cleanup_json json_t *answer = NULL, *made = NULL;
	cleanup_text struct text data = TEXT_INIT;
	if (run_hook(building, "wheel", &answer, &data, err) ||
	    json_get_string(answer, "wheel", "its build", &file, err) || keep(building, file, &data, &made, err) ||
	    put_memo(building, key, made, err))
		return -1;
	*out = json_incref(made);
	return 0;
}

static int build_at(struct work *work, const struct build_source *source, int depth, json_t **out, struct error *err)
{
	struct building building = {.work = work, .source = source, .depth = depth, .arena = ARENA_INIT};
	json_t *made = NULL;
	lock_init(&building.lock);
	int status = work_temporary(work, "build", &building.scratch, err);
	if (!status)
		status = open_source(&building, err) || resolve_requires(&building, err) ||
					 ask_requires(&building, err) || make_wheel(&building, &made, err)
				 ? -1
				 : 0;
	struct error ignored = ERROR_INIT;
	if (building.scratch && dir_remove_tree(building.scratch, status ? &ignored : err) && !status)
		status = -1;
	building_clear(&building);
	if (status) {
		json_decref(made);
		return error_context(err, "building %s", source->file);
	}
	*out = made;
	return 0;
}

int build_source(struct work *work, const struct build_source *source, json_t **out, struct error *err)
{
	return build_at(work, source, 0, out, err);
}

// ---- releases --------------------------------------------------------------------------------------------------------

int build_release_below(struct work *work, const struct lock_package *package, int depth, char **path, json_t **built,
			struct error *err)
{
	const struct lock_file *file = &package->files.items[0];
	cleanup_free char *fetched = NULL;
	*built = NULL;
	if (!file->wheel && depth > DEPTH_MOST)
		return error_set(err, ERROR_FAILED, "it has no wheel, and builds nest at most %d deep", DEPTH_MOST);
	if (work_fetch(work, file, &fetched, err))
		return -1;
	if (file->wheel) {
		*path = steal(&fetched);
		return 0;
	}
	const struct build_source source = {.path = fetched,
					    .file = file->name,
					    .sha256 = *file->sha256 ? file->sha256 : NULL,
					    .name = package->name,
					    .version = package->version};
	if (build_at(work, &source, depth, built, err))
		return -1;
	*path = store_path(work->store, json_string_or(*built, "wheel", ""));
	return 0;
}

int build_release(struct work *work, const struct lock_package *package, char **path, json_t **built, struct error *err)
{
	return build_release_below(work, package, 0, path, built, err);
}
