// Composes the scratch module from the store. Wheels are links to the store's
// objects where the file system has links: nobody writes into a scratch module.
#include "agents/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/asset.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/vec.h"

enum { WHEEL_LIMIT = 1024 * 1024 * 1024 };
static const char runtime[] = "runtime/pyrt/";
static const char prefix[] = "scratch-";

typedef VEC(json_t *) emits;

static void emits_clear(emits *list)
{
	vec_each (list, emit)
		json_decref(*emit);
	vec_clear(list);
}

static int read_emits(struct work *work, int group, emits *out, struct error *err)
{
	const struct plan_group *of = &work->plan->groups.items[group];
	for (int i = 0; i <= of->below_count; i++) {
		json_t *emit = emit_result(work, i < of->below_count ? of->below[i] : group, err);
		if (!emit)
			return -1;
		vec_push(out, emit);
	}
	return 0;
}

static char *name_of(const emits *list)
{
	struct digest_hasher *hasher = digest_new();
	char digest[DIGEST_HEX_SIZE];
	vec_each (list, emit) {
		const char *path;
		json_t *wheel;
		digest_add_string(hasher, json_string_or(*emit, "tree", ""));
		json_object_foreach (json_object_get(*emit, "wheels"), path,
				     wheel) { // in the order of the canonical JSON
			digest_add_string(hasher, path);
			digest_add_string(hasher, json_string_value(wheel));
		}
	}
	for (size_t i = 0; i < asset_count; i++) {
		struct asset asset = asset_at(i);
		if (strncmp(asset.path, runtime, strlen(runtime)) != 0)
			continue;
		digest_add_string(hasher, asset.path);
		digest_add(hasher, asset.data.ptr, asset.data.len);
	}
	digest_final_hex(hasher, digest);
	digest_free(hasher);
	return xasprintf("%s%.32s", prefix, digest);
}

static int put_wheel(struct work *work, const char *root, const char *path, const char *digest, struct error *err)
{
	cleanup_free char *object = store_path(work->store, digest);
	cleanup_free char *full = xasprintf("%s/%s", root, path);
	if (!store_has(work->store, digest))
		return error_set(err, ERROR_WORKSPACE,
				 "%s: the wheel %s is gone from the store: run `gophersnake retry`", path, digest);
	if (!link(object, full))
		return 0;
	cleanup_text struct text data = TEXT_INIT; // a file system without links
	return file_read(object, WHEEL_LIMIT, &data, err) || file_write_plain(full, data.ptr, data.len, err) ? -1 : 0;
}

static int put_emit(struct work *work, json_t *emit, const char *root, struct error *err)
{
	if (store_get_tree(work->store, json_string_or(emit, "tree", ""), root, err))
		return -1;
	const char *path;
	json_t *wheel;
	json_object_foreach (json_object_get(emit, "wheels"), path, wheel) {
		if (put_wheel(work, root, path, json_string_value(wheel), err))
			return -1;
	}
	return 0;
}

static int put_runtime(const char *root, struct error *err)
{
	int files = 0;
	for (size_t i = 0; i < asset_count; i++) {
		struct asset asset = asset_at(i);
		if (strncmp(asset.path, runtime, strlen(runtime)) != 0 || slice_ends(slice_of(asset.path), "go.mod"))
			continue;
		cleanup_free char *path = xasprintf("%s/dist.pyrt/%s", root, asset.path + strlen(runtime));
		if (file_write_plain(path, asset.data.ptr, asset.data.len, err))
			return -1;
		files++;
	}
	return files ? 0
		     : error_set(err, ERROR_FAILED,
				 "this build of gophersnake carries no runtime/pyrt: build it again");
}

static int compose(struct work *work, const emits *list, const char *root, struct error *err)
{
	vec_each (list, emit)
		if (put_emit(work, *emit, root, err))
			return -1;
	static const char gomod[] = "module py\n\ngo 1.23\n";
	cleanup_free char *path = xasprintf("%s/go.mod", root);
	return put_runtime(root, err) || file_write_plain(path, gomod, strlen(gomod), err) ? -1 : 0;
}

int scratch_open(struct work *work, int group, char **folder, struct error *err)
{
	cleanup_with(emits_clear) emits list = VEC_INIT;
	if (read_emits(work, group, &list, err))
		return -1;
	cleanup_free char *tmp = work_path(work, "tmp");
	cleanup_free char *name = name_of(&list);
	cleanup_free char *path = xasprintf("%s/%s", tmp, name);
	if (dir_exists(path)) {
		utimensat(AT_FDCWD, path, NULL, 0); // in use
		*folder = steal(&path);
		return 0;
	}
	cleanup_free char *fresh = NULL;
	int64_t started = system_clock.monotonic(system_clock.context);
	if (work_temporary(work, "new-scratch", &fresh, err))
		return -1;
	int status = compose(work, &list, fresh, err);
	if (!status && chmod(fresh, 0755))
		status = error_errno(err, ERROR_WORKSPACE, "%s", fresh);
	bool taken = false;
	if (!status && rename(fresh, path)) {
		taken = errno == EEXIST || errno == ENOTEMPTY; // another job made it meanwhile
		status = taken ? 0 : error_errno(err, ERROR_WORKSPACE, "%s", path);
	}
	if (status || taken) {
		struct error ignored = ERROR_INIT;
		dir_remove_tree(fresh, &ignored);
	}
	if (status)
		return error_context(err, "scratch module");
	work_note(work, "scratch module of %zu groups: %lld ms", list.count,
		  (long long)(system_clock.monotonic(system_clock.context) - started));
	*folder = steal(&path);
	return 0;
}
