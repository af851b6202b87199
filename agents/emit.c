// Stage `emit G`: from the inventories of a group's releases, and of all
// below them, to the group's neutral Go: units, skeleton, name manifest.
//
// "gophersnake.emit/1", kept under the digest of what decides it:
//
//     group       "django@5.2.19"
//     releases    [{"name", "version"}], the first one's dist folder carries the sources
//     tree        digest of the neutral code (store tree, paths below "py/"), without the wheels
//     wheels      {"dist.django/pysrc/release.whl": digest of the wheel}: to be put beside it
//     names       digest of the name manifest ("gophersnake.names/1")
//     packages    [neutral import path]
//     units       [{"id", "package", "modules", "needs", "imports"}], leaf first
//     late        imports that are bound at run time, undeclared: those of releases that are not required
//     native      [{"release", "tag", "extensions": [module]}]: releases that are for this platform only
//     counts      modules, units, largest_unit, functions, classes, methods, variables, unreadable
//
// The wheels are no part of the tree, so that they are in the store once.
#include <string.h>

#include "agents/go/skeleton.h"
#include "agents/work.h"
#include "core/arena.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/vec.h"

// What one emit reads: the group's members, then all releases below, each part by name.
struct inputs {
	struct arena arena;
	const struct plan *plan;
	VEC(int) packages; // of the lock
	size_t own;
	json_t **scans;
	struct emit_release *releases;
	struct inventory *inventories; // read only when there is something to do
};

static void inputs_clear(struct inputs *inputs)
{
	for (size_t i = 0; i < inputs->packages.count; i++) {
		if (inputs->scans)
			json_decref(inputs->scans[i]);
		if (inputs->inventories)
			inventory_clear(&inputs->inventories[i]);
	}
	vec_clear(&inputs->packages);
	arena_clear(&inputs->arena);
}

static int compare_numbers(const void *left, const void *right)
{
	const int *a = left, *b = right;
	return *a < *b ? -1 : *a > *b;
}

static void list_packages(struct inputs *inputs, int group)
{
	const struct plan_group *of = &inputs->plan->groups.items[group];
	for (int i = 0; i < of->member_count; i++)
		vec_push(&inputs->packages, of->members[i]);
	inputs->own = inputs->packages.count;
	for (int i = 0; i < of->below_count; i++) {
		const struct plan_group *below = &inputs->plan->groups.items[of->below[i]];
		for (int j = 0; j < below->member_count; j++)
			vec_push(&inputs->packages, below->members[j]);
	}
	// Packages of a lock are sorted by name, so numbers are in the order of names.
	qsort(inputs->packages.items, inputs->own, sizeof(int), compare_numbers);
	qsort(inputs->packages.items + inputs->own, inputs->packages.count - inputs->own, sizeof(int), compare_numbers);
}

// The lock's edges of a release as numbers in inputs, ascending, each once, without itself.
static void list_needs(struct inputs *inputs, size_t number, struct emit_release *release)
{
	const struct lock_package *package = &inputs->plan->lock.packages.items[inputs->packages.items[number]];
	int *needs = arena_array(&inputs->arena, inputs->packages.count, sizeof *needs);
	for (size_t i = 0; i < inputs->packages.count; i++) {
		bool needed = false;
		vec_each (&package->requires, edge)
			needed |= edge->target == inputs->packages.items[i];
		if (needed && i != number)
			needs[release->need_count++] = (int)i;
	}
	release->needs = needs;
}

static bool is_pure(const char *tag)
{
	return !*tag || slice_ends(slice_of(tag), "-none-any");
}

static int read_scans(struct work *work, int group, struct inputs *inputs, struct error *err)
{
	*inputs = (struct inputs){.arena = ARENA_INIT, .plan = work->plan};
	list_packages(inputs, group);
	size_t count = inputs->packages.count;
	inputs->scans = arena_array(&inputs->arena, count, sizeof(json_t *));
	inputs->releases = arena_array(&inputs->arena, count, sizeof *inputs->releases);
	for (size_t i = 0; i < count; i++) {
		const struct lock_package *package = &work->plan->lock.packages.items[inputs->packages.items[i]];
		struct emit_release *release = &inputs->releases[i];
		const char *wheel, *inventory, *tag;
		json_t *scan = inputs->scans[i] = scan_result(work, inputs->packages.items[i], err);
		if (!scan || json_get_string(scan, "wheel", "scan result", &wheel, err) ||
		    json_get_string(scan, "inventory", "scan result", &inventory, err) ||
		    json_get_string(scan, "tag", "scan result", &tag, err))
			return -1;
		*release = (struct emit_release){.name = package->name,
						 .version = package->version,
						 .requires_python = json_string_or(scan, "requires_python", ""),
						 .tag = is_pure(tag) ? "" : tag,
						 .sha256 = wheel};
		list_needs(inputs, i, release);
	}
	return 0;
}

// Of releases below, only what the skeleton takes from them counts: their names, modules and edges.
static void make_key(const struct inputs *inputs, char key[DIGEST_HEX_SIZE], char tree_key[DIGEST_HEX_SIZE])
{
	struct digest_hasher *hasher = digest_new();
	digest_add_string(hasher, "emit/1");
	digest_add_string(hasher, inputs->plan->generator);
	for (size_t i = 0; i < inputs->packages.count; i++) {
		const struct emit_release *release = &inputs->releases[i];
		digest_add_string(hasher, i < inputs->own ? "own" : "below");
		digest_add_string(hasher, release->name);
		digest_add_string(hasher, json_string_or(inputs->scans[i], "inventory", ""));
		for (size_t j = 0; j < release->need_count; j++)
			digest_add_string(hasher, inputs->releases[release->needs[j]].name);
		if (i >= inputs->own)
			continue;
		digest_add_string(hasher, release->version);
		digest_add_string(hasher, release->requires_python);
		digest_add_string(hasher, release->tag);
		digest_add_string(hasher, release->sha256);
	}
	digest_final_hex(hasher, key);
	digest_free(hasher);
	cleanup_free char *tree = xasprintf("%s tree", key);
	digest_hex_of(tree, strlen(tree), tree_key);
}

static int read_inventories(struct work *work, struct inputs *inputs, struct error *err)
{
	inputs->inventories = arena_array(&inputs->arena, inputs->packages.count, sizeof *inputs->inventories);
	for (size_t i = 0; i < inputs->packages.count; i++) {
		const char *name = inputs->releases[i].name;
		cleanup_json json_t *json = store_get_json(
			work->store, json_string_or(inputs->scans[i], "inventory", ""), "inventory", err);
		if (!json || inventory_read(json, "inventory", &inputs->inventories[i], err))
			return error_context(err, "%s", name);
		inputs->releases[i].inventory = &inputs->inventories[i];
	}
	return 0;
}

// ---- the result ------------------------------------------------------------------------------------------------------

static json_t *native_releases(const struct inputs *inputs)
{
	json_t *native = json_array();
	for (size_t i = 0; i < inputs->own; i++) {
		const struct emit_release *release = &inputs->releases[i];
		const struct inventory_names *extensions = &release->inventory->extensions;
		if (!*release->tag && !extensions->count)
			continue;
		json_t *modules = json_array();
		for (size_t j = 0; j < extensions->count; j++)
			json_array_append_new(modules, json_string(extensions->items[j]));
		json_array_append_new(native, json_pack("{s:s, s:s, s:o}", "release", release->name, "tag",
							release->tag, "extensions", modules));
	}
	return native;
}

static json_t *wheel_digests(const struct inputs *inputs, const struct skeleton_result *skeleton)
{
	json_t *wheels = json_object();
	for (size_t i = 0; i < inputs->own; i++) {
		const char *path = json_string_or(skeleton->wheels, inputs->releases[i].name, "");
		json_object_set_new(wheels, path, json_string(inputs->releases[i].sha256));
	}
	return wheels;
}

static json_t *result_json(const struct inputs *inputs, int group, const struct skeleton_result *skeleton,
			   const char *tree, const char *names)
{
	json_t *releases = json_array();
	for (size_t i = 0; i < inputs->own; i++)
		json_array_append_new(releases, json_pack("{s:s, s:s}", "name", inputs->releases[i].name, "version",
							  inputs->releases[i].version));
	json_t *counts =
		json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "modules", (json_int_t)skeleton->modules, "units",
			  (json_int_t)skeleton->units_count, "largest_unit", (json_int_t)skeleton->largest_unit,
			  "functions", (json_int_t)skeleton->functions, "classes", (json_int_t)skeleton->classes,
			  "methods", (json_int_t)skeleton->methods, "variables", (json_int_t)skeleton->variables,
			  "unreadable", (json_int_t)skeleton->unreadable);
	return json_pack("{s:s, s:s, s:o, s:s, s:o, s:s, s:O, s:O, s:O, s:O, s:o, s:o}", "schema", "gophersnake.emit/1",
			 "group", inputs->plan->groups.items[group].name, "releases", releases, "tree", tree, "wheels",
			 wheel_digests(inputs, skeleton), "names", names, "packages", skeleton->packages, "units",
			 json_object_get(skeleton->units, "units"), "late", json_object_get(skeleton->units, "late"),
			 "undeclared", json_object_get(skeleton->units, "undeclared"), "native",
			 native_releases(inputs), "counts", counts);
}

static int64_t now(void)
{
	return system_clock.monotonic(system_clock.context);
}

static int write_and_store(struct work *work, int group, struct inputs *inputs, const char *folder,
			   char tree[DIGEST_HEX_SIZE], char digest[DIGEST_HEX_SIZE], struct error *err)
{
	int64_t started = now();
	if (read_inventories(work, inputs, err))
		return -1;
	int64_t read = now();
	struct emit_input input = {inputs->releases, inputs->packages.count, inputs->own};
	struct skeleton_result skeleton;
	if (skeleton_write(&input, folder, &skeleton, err))
		return -1;
	int64_t written = now();
	char names[DIGEST_HEX_SIZE];
	cleanup_json json_t *result = NULL;
	int status = store_put_tree(work->store, folder, tree, err) ||
		     store_put_json(work->store, skeleton.names, names, err);
	if (!status) {
		result = result_json(inputs, group, &skeleton, tree, names);
		status = store_put_json(work->store, result, digest, err);
	}
	work_note(work, "emit: %lld modules, %lld units: inventories %lld ms, Go %lld ms, store %lld ms",
		  (long long)skeleton.modules, (long long)skeleton.units_count, (long long)(read - started),
		  (long long)(written - read), (long long)(now() - written));
	skeleton_result_clear(&skeleton);
	return status ? -1 : 0;
}

static int emit(struct work *work, int group, struct inputs *inputs, char digest[DIGEST_HEX_SIZE], struct error *err)
{
	char key[DIGEST_HEX_SIZE], tree_key[DIGEST_HEX_SIZE], tree[DIGEST_HEX_SIZE];
	make_key(inputs, key, tree_key);
	// The tree has a memo of its own: a memo is found only when what it names is there with the right bytes.
	int found = store_memo_get(work->store, key, digest, err);
	if (found == 1)
		found = store_memo_get(work->store, tree_key, tree, err);
	if (found)
		return found < 0 ? -1 : 0;
	cleanup_free char *scratch = NULL;
	if (work_temporary(work, "emit", &scratch, err))
		return -1;
	cleanup_free char *folder = xasprintf("%s/py", scratch);
	int status = write_and_store(work, group, inputs, folder, tree, digest, err);
	if (!status)
		status = store_memo_put(work->store, tree_key, tree, err) ||
					 store_memo_put(work->store, key, digest, err)
				 ? -1
				 : 0;
	struct error removal = ERROR_INIT;
	if (dir_remove_tree(scratch, &removal) && !status) {
		*err = removal;
		return -1;
	}
	return status;
}

int emit_run(struct work *work, int group, char digest[DIGEST_HEX_SIZE], struct error *err)
{
	struct inputs inputs;
	int status = work_check_generator(work, err) || read_scans(work, group, &inputs, err) ||
				     emit(work, group, &inputs, digest, err)
			     ? -1
			     : 0;
	inputs_clear(&inputs);
	return status ? error_context(err, "%s: emit", work->plan->groups.items[group].name) : 0;
}

json_t *emit_result(struct work *work, int group, struct error *err)
{
	const char *name = work->plan->groups.items[group].name;
	struct inputs inputs;
	char key[DIGEST_HEX_SIZE], tree_key[DIGEST_HEX_SIZE], digest[DIGEST_HEX_SIZE];
	int found = read_scans(work, group, &inputs, err) ? -1 : 0;
	if (!found) {
		make_key(&inputs, key, tree_key);
		found = store_memo_get(work->store, key, digest, err);
		if (!found)
			error_set(err, ERROR_WORKSPACE,
				  "the result of its emit is gone from the store: run `gophersnake retry`");
	}
	inputs_clear(&inputs);
	json_t *result = found == 1 ? store_get_json(work->store, digest, "emit result", err) : NULL;
	if (!result)
		error_context(err, "%s", name);
	return result;
}
