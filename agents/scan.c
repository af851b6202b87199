// Stage `scan R`: fetch the release's best file, verify its hash, unpack it
// under the archive policy, let CPython's own ast read it in the sandbox, and
// keep the wheel and the inventory. Nothing of a wheel is executed; a release
// that has only a source distribution is built first, in the sandbox.
#include <string.h>

#include "agents/build_source.h"
#include "agents/imports.h"
#include "agents/licence.h"
#include "agents/work.h"
#include "core/archive.h"
#include "core/asset.h"
#include "core/file.h"
#include "resolver/metadata.h"
#include "resolver/requirement.h"

enum { INVENTORY_LIMIT = 512 * 1024 * 1024 };

// Of what reads the Python, not of the whole generator: another way of writing Go needs no other scan.
static void memo_key(const struct work *work, const struct lock_package *package, char key[DIGEST_HEX_SIZE])
{
	struct digest_hasher *hasher = digest_new();
	struct slice program = asset_find("agents/python/inventory.py");
	digest_add_string(hasher, "scan/3");
	digest_add(hasher, program.ptr, program.len);
	digest_add_string(hasher, package->name);
	digest_add_string(hasher, package->version);
	digest_add_string(hasher, package->files.items[0].sha256);
	digest_add_string(hasher, work->plan->lock.python);
	digest_final_hex(hasher, key);
	digest_free(hasher);
}

static int check_python(const struct work *work, struct error *err)
{
	if (strcmp(work->toolchain->python_minor, work->plan->lock.python))
		return error_set(
			err, ERROR_TOOL,
			"this machine's CPython is %s (%s), the run is locked for %s: set GOPHERSNAKE_PYTHON to a "
			"CPython %s",
			work->toolchain->python_minor, work->toolchain->python, work->plan->lock.python,
			work->plan->lock.python);
	return 0;
}

// ---- what a build says that it needs ---------------------------------------------------------------------------------

static const char *lookup(const void *context, const char *variable)
{
	const struct lock *lock = context;
	for (size_t i = 0; i + 1 < lock->environment.count; i += 2)
		if (!strcmp(lock->environment.items[i], variable))
			return lock->environment.items[i + 1];
	return NULL;
}

static int check_requirement(const struct lock *lock, const struct lock_package *package, const char *text,
			     struct arena *arena, struct error *err)
{
	const struct marker_environment environment = {lookup, lock};
	struct requirement requirement;
	struct version version;
	bool applies;
	if (requirement_parse(arena, slice_of(text), &requirement, err) ||
	    marker_evaluate_extras(&requirement.marker, &environment, package->extras, &applies, NULL, err))
		return error_context(err, "its built metadata");
	int target = applies ? lock_find(lock, requirement.name) : -1;
	const char *has = target < 0 ? NULL : lock->packages.items[target].version;
	if (!applies ||
	    (has && (requirement.url || (!version_parse(arena, slice_of(has), &version, NULL) &&
					 specifier_contains(&requirement.specifier, &version, SPECIFIER_PRE_YES)))))
		return 0;
	return error_set(err, ERROR_FAILED,
			 "its build needs \"%s\", which its source distribution does not state, and the run has %s%s: "
			 "name it beside the release (gophersnake convert %s \"%s\")",
			 text, has ? has : "none", has ? " of it" : "", package->name, text);
}

// The lock was made of what the source distribution states; a build may say otherwise, and what pip will read is the build's.
// Asked of each run, since each has a lock of its own.
static int check_built(struct work *work, const struct lock_package *package, const char *digest, struct error *err)
{
	cleanup_arena struct arena arena = ARENA_INIT;
	cleanup_text struct text text = TEXT_INIT;
	struct metadata metadata;
	cleanup_json json_t *result = store_get_json(work->store, digest, "scan result", err);
	if (!result || !json_object_get(result, "built"))
		return result ? 0 : -1;
	cleanup_free char *wheel = store_path(work->store, json_string_or(result, "wheel", ""));
	if (archive_read_member_of_file(wheel, "*/METADATA", METADATA_MAX_BYTES, &text, err) < 0 ||
	    metadata_parse(&arena, text_slice(&text), &metadata, err))
		return -1;
	for (size_t i = 0; i < metadata.requires_dist.count; i++)
		if (check_requirement(&work->plan->lock, package, metadata.requires_dist.items[i], &arena, err))
			return -1;
	return 0;
}

// ---- reading ---------------------------------------------------------------------------------------------------------

// Runs inventory.py over the unpacked release; the result is JSON on its standard output.
static int read_python(struct work *work, const char *folder, const char *script, char digest[DIGEST_HEX_SIZE],
		       json_t **imports, struct error *err)
{
	const char *arguments[] = {"-I", "-S", "/inventory.py", "/release", NULL};
	struct sandbox_mount mounts[] = {{script, "/inventory.py", false}, {folder, "/release", false}};
	struct process_result result = {0};
	int status =
		toolchain_python(work->toolchain, work->sandbox, arguments, mounts, ARRAY_LENGTH(mounts),
				 (struct slice){NULL, 0}, work->config->job_timeout, (uint64_t)work->config->job_memory,
				 INVENTORY_LIMIT, work->interrupted, &result, err);
	if (!status && (result.exit_status != 0 || result.timed_out || result.output_cut)) {
		size_t length = result.error_output.len;
		const char *end = text_str(&result.error_output) + (length > 600 ? length - 600 : 0);
		status = error_set(err, ERROR_FAILED, "reading the Python failed (%s): %s",
				   result.timed_out    ? "timed out"
				   : result.output_cut ? "more than 512 MiB of output"
						       : "see the end of its output",
				   end);
	}
	if (!status) {
		work_note(work, "inventory: %zu bytes in %lld ms", result.output.len, (long long)result.wall_time);
		cleanup_json json_t *json = json_parse(text_slice(&result.output), "inventory", err);
		status = json && !json_check_schema(json, "gophersnake.inventory/1", "inventory", err)
				 ? store_put_json(work->store, json, digest, err)
				 : -1;
		if (!status)
			*imports = imports_of_inventory(json);
	}
	process_result_clear(&result);
	return status;
}

// built: NULL, or "gophersnake.build/1" of the wheel.
static int scan_wheel(struct work *work, const struct lock_package *package, const char *wheel, json_t *built,
		      const char *scratch, json_t **out, struct error *err)
{
	const struct lock_file *file = &package->files.items[0];
	cleanup_free char *folder = xasprintf("%s/release", scratch);
	cleanup_free char *script = xasprintf("%s/inventory.py", scratch);
	struct slice program = asset_find("agents/python/inventory.py");
	char wheel_digest[DIGEST_HEX_SIZE], inventory[DIGEST_HEX_SIZE];
	json_t *licence = NULL;
	cleanup_json json_t *imports = NULL;
	if (archive_unpack(wheel, folder, NULL, err) || file_write_atomic(script, program.ptr, program.len, err) ||
	    read_python(work, folder, script, inventory, &imports, err) ||
	    store_put_file(work->store, wheel, wheel_digest, err) ||
	    licence_of_release(folder, work->store, &licence, err))
		return -1;
	*out = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:O}", "schema", "gophersnake.scan/1",
			 "name", package->name, "version", package->version, "file", file->name, "archive",
			 file->sha256, "wheel", wheel_digest, "inventory", inventory, "tag",
			 built ? json_string_or(built, "tag", "") : file->tag, "requires_python",
			 package->requires_python, "upload_time", file->upload_time, "licence", licence, "imports",
			 imports);
	if (built)
		json_object_set(*out, "built", built);
	return 0;
}

// Are the objects that a result names all there, undamaged?
static bool is_whole(struct work *work, const char *digest)
{
	struct error ignored = ERROR_INIT; // whatever is wrong with it, the scan is made again and says so
	cleanup_json json_t *result = store_get_json(work->store, digest, "scan result", &ignored);
	json_t *files = json_object_get(json_object_get(result, "licence"), "files"), *file;
	bool whole = result && store_has(work->store, json_string_or(result, "wheel", "")) &&
		     store_has(work->store, json_string_or(result, "inventory", ""));
	size_t index;
	json_array_foreach (files, index, file) {
		whole = whole && store_has(work->store, json_string_or(file, "digest", ""));
	}
	return whole;
}

int scan_run(struct work *work, int number, char digest[DIGEST_HEX_SIZE], struct error *err)
{
	const struct lock_package *package = &work->plan->lock.packages.items[number];
	char key[DIGEST_HEX_SIZE];
	memo_key(work, package, key);
	int found = store_memo_get(work->store, key, digest, err);
	if (found < 0)
		return -1;
	if (found && is_whole(work, digest))
		return check_built(work, package, digest, err)
			       ? error_context(err, "%s %s", package->name, package->version)
			       : 0;
	if (check_python(work, err))
		return -1;
	cleanup_free char *scratch = NULL, *path = NULL;
	cleanup_json json_t *built = NULL;
	if (build_release(work, package, &path, &built, err) || work_temporary(work, "scan", &scratch, err))
		return error_context(err, "%s %s", package->name, package->version);
	cleanup_json json_t *result = NULL;
	int status = scan_wheel(work, package, path, built, scratch, &result, err);
	if (!status)
		status = store_put_json(work->store, result, digest, err) ||
					 store_memo_put(work->store, key, digest, err)
				 ? -1
				 : 0;
	struct error ignored = ERROR_INIT;
	if (dir_remove_tree(scratch, status ? &ignored : err) && !status)
		status = -1;
	if (!status)
		status = check_built(work, package, digest, err);
	return status ? error_context(err, "%s %s", package->name, package->version) : 0;
}

json_t *scan_result(struct work *work, int number, struct error *err)
{
	const struct lock_package *package = &work->plan->lock.packages.items[number];
	char key[DIGEST_HEX_SIZE], digest[DIGEST_HEX_SIZE];
	memo_key(work, package, key);
	int found = store_memo_get(work->store, key, digest, err);
	if (found == 0)
		error_set(err, ERROR_WORKSPACE,
			  "%s %s: the result of its scan is gone from the store: run `gophersnake retry`",
			  package->name, package->version);
	return found == 1 ? store_get_json(work->store, digest, "scan result", err) : NULL;
}
