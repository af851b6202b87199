// From a set of units to the two wheels. The compilers run in the sandbox, at
// fixed paths, so the bytes don't depend on where the workspace is.
#include "agents/bundle/bundle.h"

#include <string.h>

#include "agents/bundle/internal.h"
#include "agents/mirror.h"
#include "core/arena.h"
#include "core/file.h"
#include "core/vec.h"

static const char go_map[] = "{ global: gophersnake_content; gophersnake_call; local: *; };\n";
static const char shim_map[] = "{ global: PyInit__gophersnake_bundle; local: *; };\n";
static const char manifest_name[] = "bundle.json";

void bundle_clear(struct bundle *bundle)
{
	free(bundle->native_wheel);
	free(bundle->empty_wheel);
	*bundle = (struct bundle){0};
}

// ---- units in order --------------------------------------------------------------------------------------------------

struct row {
	char digest[DIGEST_HEX_SIZE];
	json_t *unit;
};

static int compare_rows(const void *left, const void *right)
{
	return strcmp(((const struct row *)left)->digest, ((const struct row *)right)->digest);
}

// Sorted by digest, each once: new references in *sorted and *ids.
static int sort_units(json_t *units, json_t **sorted, json_t **ids, struct error *err)
{
	VEC(struct row) rows = VEC_INIT;
	size_t index;
	json_t *unit;
	json_array_foreach (units, index, unit) {
		struct row row = {.unit = unit};
		cleanup_text struct text text = TEXT_INIT;
		if (json_check_schema(unit, BUNDLE_UNIT_SCHEMA, "a unit of the bundle", err)) {
			vec_clear(&rows);
			return -1;
		}
		json_write_compact(unit, &text);
		digest_hex_of(text.ptr, text.len, row.digest);
		vec_push(&rows, row);
	}
	vec_sort(&rows, compare_rows);
	*sorted = json_array();
	*ids = json_array();
	for (size_t i = 0; i < rows.count; i++) {
		if (i && !strcmp(rows.items[i].digest, rows.items[i - 1].digest))
			continue;
		json_array_append(*sorted, rows.items[i].unit);
		json_array_append_new(*ids, json_string(rows.items[i].digest));
	}
	vec_clear(&rows);
	return 0;
}

static void make_key(struct work *work, json_t *ids, const char *version, char key[DIGEST_HEX_SIZE])
{
	struct digest_hasher *hasher = digest_new();
	char tools[DIGEST_HEX_SIZE];
	size_t index;
	json_t *id;
	bundle_tools_digest(work, tools);
	digest_add_string(hasher, tools);
	digest_add_string(hasher, version);
	json_array_foreach (ids, index, id) {
		digest_add_string(hasher, json_string_value(id));
	}
	digest_final_hex(hasher, key);
	digest_free(hasher);
}

// ---- compilers -------------------------------------------------------------------------------------------------------

static int build_go(struct work *work, const char *module, const struct mirror_use *mirror, struct error *err)
{
	// No build id of either kind, nobody's path, no symbols but the two: the same bytes everywhere.
	const char *const arguments[] = {
		"build",
		"-tags",
		"gophersnake_bundle",
		"-buildmode=c-shared",
		"-ldflags=-s -w -buildid= -extldflags \"-Wl,--version-script=/src/go.map -Wl,--build-id=none\"",
		"-o",
		"/src/_go.so",
		".",
		NULL};
	struct go_task task = {.arguments = arguments,
			       .module = module,
			       .module_writable = true,
			       .timeout = BUNDLE_BUILD_TIMEOUT,
			       .interrupted = work->interrupted};
	struct process_result result = {0};
	mirror_use_in(mirror, &task);
	int status = toolchain_go(work->toolchain, work->sandbox, &task, &result, err);
	if (!status && result.exit_status != 0)
		status = error_set(err, ERROR_TOOL, "go build: %s", text_str(&result.error_output));
	process_result_clear(&result);
	return status;
}

static int build_shim(struct work *work, const char *module, size_t library_bytes, struct error *err)
{
	static const char *const environment[] = {"PATH=/usr/bin:/bin", "HOME=/tmp", "TMPDIR=/tmp", "LANG=C.UTF-8",
						  NULL};
	static const char *const flags[] = {"-std=gnu17",
					    "-O2",
					    "-Werror=implicit-function-declaration",
					    "-fPIC",
					    "-shared",
					    "-fvisibility=hidden",
					    "-fstack-protector-strong",
					    "-fno-ident",
					    "-s",
					    "-Wl,--version-script=/src/shim.map",
					    "-Wl,--build-id=none",
					    "-Wl,-z,relro,-z,now",
					    "-Wl,-z,noexecstack",
					    "-o",
					    "/src/shim.so"};
	cleanup_arena struct arena arena = ARENA_INIT;
	cleanup_free char *folder = xasprintf("%s/shim", module);
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	VEC(const char *) argv = VEC_INIT;
	if (dir_list(folder, &names, err))
		return -1;
	vec_push(&argv, "/usr/bin/gcc");
	for (size_t i = 0; i < ARRAY_LENGTH(flags); i++)
		vec_push(&argv, flags[i]);
	vec_push(&argv, arena_printf(&arena, "-DBUNDLE_LIBRARY_SIZE=%zuU", library_bytes));
	vec_each (&names, name)
		if (slice_ends(slice_of(*name), ".c"))
			vec_push(&argv, arena_printf(&arena, "/src/shim/%s", *name));
	vec_push(&argv, NULL);
	struct sandbox_mount mount = {module, "/src", true};
	struct sandbox_task task = {.argv = argv.items,
				    .environment = environment,
				    .directory = "/src",
				    .mounts = &mount,
				    .mount_count = 1,
				    .timeout = BUNDLE_BUILD_TIMEOUT,
				    .interrupted = work->interrupted};
	struct process_result result = {0};
	int status = sandbox_run_ok(work->sandbox, &task, &result, err);
	process_result_clear(&result);
	vec_clear(&argv);
	return status ? error_context(err, "the bundle's C") : 0;
}

static int put(const char *folder, const char *name, const void *data, size_t length, struct error *err)
{
	cleanup_free char *path = xasprintf("%s/%s", folder, name);
	return file_write_plain(path, data, length, err);
}

// ---- wheels ----------------------------------------------------------------------------------------------------------

// Of all units; they agree on versions (agents/wheel/bundles.c).
static json_t *go_modules_of(json_t *units)
{
	json_t *rows = json_array(), *unit;
	size_t index;
	json_array_foreach (units, index, unit) {
		mirror_join(rows, json_object_get(unit, "go_modules"), false, true);
	}
	return rows;
}

static int write_wheels(const char *module, const char *out, const char *version, json_t *units, struct bundle *bundle,
			struct error *err)
{
	cleanup_free char *library_path = xasprintf("%s/_go.so", module), *shim_path = xasprintf("%s/shim.so", module);
	cleanup_text struct text library = TEXT_INIT, shim = TEXT_INIT, native = TEXT_INIT, empty = TEXT_INIT;
	int of_library, of_shim;
	const char *machine;
	if (file_read(library_path, BUNDLE_FILE_LIMIT, &library, err) ||
	    file_read(shim_path, BUNDLE_FILE_LIMIT, &shim, err) ||
	    bundle_manylinux(text_slice(&library), "_go.so", &of_library, &machine, err) ||
	    bundle_manylinux(text_slice(&shim), "_gophersnake_bundle.abi3.so", &of_shim, &machine, err))
		return -1;
	cleanup_free char *tag =
		xasprintf("cp38-abi3-manylinux_2_%d_%s", of_library > of_shim ? of_library : of_shim, machine);
	cleanup_json json_t *go_modules = go_modules_of(units);
	if (bundle_wheel(version, tag, units, go_modules, text_slice(&shim), text_slice(&library), &native, err) ||
	    bundle_wheel(version, "py3-none-any", units, go_modules, (struct slice){0}, (struct slice){0}, &empty, err))
		return -1;
	bundle->native_wheel = xasprintf("gophersnake_bundle-%s-%s.whl", version, tag);
	bundle->empty_wheel = xasprintf("gophersnake_bundle-%s-py3-none-any.whl", version);
	bundle->library_bytes = (int64_t)library.len;
	bundle->shim_bytes = (int64_t)shim.len;
	return put(out, bundle->native_wheel, native.ptr, native.len, err) ||
			       put(out, bundle->empty_wheel, empty.ptr, empty.len, err)
		       ? -1
		       : 0;
}

static int write_manifest(const char *out, const struct bundle *bundle, struct error *err)
{
	cleanup_json json_t *manifest = json_pack(
		"{s:s, s:s, s:s, s:i, s:I, s:I}", "schema", "gophersnake.bundle/1", "native", bundle->native_wheel,
		"empty", bundle->empty_wheel, "functions", bundle->functions, "library_bytes",
		(json_int_t)bundle->library_bytes, "shim_bytes", (json_int_t)bundle->shim_bytes);
	cleanup_text struct text text = TEXT_INIT;
	json_write_pretty(manifest, &text);
	return put(out, manifest_name, text.ptr, text.len, err);
}

static int build_library(struct work *work, const char *module, json_t *go_modules, const char *scratch,
			 struct error *err)
{
	cleanup_free char *requirements = xasprintf("%s/requirements", scratch);
	struct mirror_use mirror;
	if (mirror_use_make(work, go_modules, requirements, &mirror, err))
		return -1;
	int status = build_go(work, module, &mirror, err);
	mirror_use_clear(&mirror);
	return status;
}

// The module of the bundle in a folder, with _go.so and shim.so. → how many functions, -1.
static int compile(struct work *work, json_t *units, json_t *ids, const char *version, const char *content,
		   const char *scratch, struct error *err)
{
	cleanup_free char *module = xasprintf("%s/src", scratch), *library = xasprintf("%s/_go.so", module);
	cleanup_json json_t *go_modules = go_modules_of(units);
	cleanup_json json_t *answer = bundle_stage(work, units, ids, version, content, scratch, err);
	if (!answer)
		return -1;
	json_t *refused = json_array_get(json_object_get(answer, "refused"), 0);
	if (refused)
		return error_set(err, ERROR_FAILED, "unit %s: %s: %s", json_string_or(refused, "unit", ""),
				 json_string_or(refused, "go", ""), json_string_or(refused, "reason", ""));
	if (put(module, "go.map", go_map, strlen(go_map), err) ||
	    put(module, "shim.map", shim_map, strlen(shim_map), err) ||
	    build_library(work, module, go_modules, scratch, err))
		return -1;
	cleanup_text struct text built = TEXT_INIT;
	if (file_read(library, BUNDLE_FILE_LIMIT, &built, err) || build_shim(work, module, built.len, err))
		return -1;
	return (int)json_integer_or(answer, "count", 0);
}

static int make(struct work *work, json_t *units, json_t *ids, const char *version, const char *key,
		const char *scratch, char digest[DIGEST_HEX_SIZE], struct error *err)
{
	char content[17];
	struct bundle bundle = {0};
	cleanup_free char *module = xasprintf("%s/src", scratch), *out = xasprintf("%s/out", scratch);
	memcpy(content, key, 16);
	content[16] = '\0';
	bundle.functions = compile(work, units, ids, version, content, scratch, err);
	if (bundle.functions < 0)
		return -1;
	int status = dir_make(out, 0755, err) || write_wheels(module, out, version, units, &bundle, err) ||
		     write_manifest(out, &bundle, err) || store_put_tree(work->store, out, digest, err) ||
		     store_memo_put(work->store, key, digest, err);
	bundle_clear(&bundle);
	return status ? -1 : 0;
}

static int read_manifest(const char *folder, const char *key, struct bundle *out, struct error *err)
{
	cleanup_free char *path = xasprintf("%s/%s", folder, manifest_name);
	cleanup_json json_t *manifest = json_read_file(path, 1024 * 1024, err);
	const char *native, *empty;
	if (!manifest || json_get_string(manifest, "native", path, &native, err) ||
	    json_get_string(manifest, "empty", path, &empty, err))
		return -1;
	*out = (struct bundle){.native_wheel = xstrdup(native),
			       .empty_wheel = xstrdup(empty),
			       .functions = (int)json_integer_or(manifest, "functions", 0),
			       .library_bytes = json_integer_or(manifest, "library_bytes", 0),
			       .shim_bytes = json_integer_or(manifest, "shim_bytes", 0)};
	memcpy(out->digest, key, DIGEST_HEX_SIZE);
	return 0;
}

static int build(struct work *work, json_t *units, json_t *ids, const char *version, const char *folder,
		 struct bundle *out, struct error *err)
{
	char key[DIGEST_HEX_SIZE], digest[DIGEST_HEX_SIZE];
	make_key(work, ids, version, key);
	int found = store_memo_get(work->store, key, digest, err);
	if (found < 0)
		return -1;
	if (!found) {
		cleanup_free char *scratch = NULL;
		int status = work_temporary(work, "bundle", &scratch, err) ||
			     make(work, units, ids, version, key, scratch, digest, err);
		struct error ignored = ERROR_INIT;
		if (scratch)
			dir_remove_tree(scratch, &ignored);
		if (status)
			return -1;
	}
	return store_get_tree(work->store, digest, folder, err) || read_manifest(folder, key, out, err) ? -1 : 0;
}

int bundle_build(struct work *work, json_t *units, const char *version, const char *folder, struct bundle *out,
		 struct error *err)
{
	cleanup_json json_t *sorted = NULL, *ids = NULL;
	*out = (struct bundle){0};
	return sort_units(units, &sorted, &ids, err) || build(work, sorted, ids, version, folder, out, err)
		       ? error_context(err, "gophersnake-bundle %s", version)
		       : 0;
}

// ---- without wheels --------------------------------------------------------------------------------------------------

static int install(struct work *work, json_t *units, json_t *ids, const char *folder, const char *scratch,
		   struct error *err)
{
	static const char *const libraries[][2] = {{"_go.so", "_go.so"}, {"shim.so", "_gophersnake_bundle.abi3.so"}};
	cleanup_free char *package = xasprintf("%s/gophersnake_bundle", folder);
	cleanup_wheel_tree struct wheel_tree tree = {VEC_INIT};
	if (compile(work, units, ids, "0", "0000000000000000", scratch, err) < 0 || bundle_python(&tree, err) ||
	    dir_make(package, 0755, err))
		return -1;
	vec_each (&tree.files, file)
		if (put(folder, file->path, file->data.ptr, file->data.len, err))
			return -1;
	for (size_t i = 0; i < ARRAY_LENGTH(libraries); i++) {
		cleanup_free char *from = xasprintf("%s/src/%s", scratch, libraries[i][0]);
		cleanup_text struct text library = TEXT_INIT;
		if (file_read(from, BUNDLE_FILE_LIMIT, &library, err) ||
		    put(package, libraries[i][1], library.ptr, library.len, err))
			return -1;
	}
	return 0;
}

int bundle_install(struct work *work, json_t *units, const char *folder, struct error *err)
{
	cleanup_json json_t *sorted = NULL, *ids = NULL;
	cleanup_free char *scratch = NULL;
	int status = sort_units(units, &sorted, &ids, err) || work_temporary(work, "bundle", &scratch, err) ||
		     install(work, sorted, ids, folder, scratch, err);
	struct error ignored = ERROR_INIT;
	if (scratch)
		dir_remove_tree(scratch, &ignored);
	return status ? error_context(err, "gophersnake-bundle") : 0;
}
