// pyrt, the Go module that every bridged module needs: its files travel inside
// this program (core/asset.h) and go into each registry once per version.
#include <string.h>

#include "agents/go/rewrite.h"
#include "agents/publish.h"
#include "core/asset.h"
#include "core/file.h"
#include "core/version.h"

static const char folder[] = "runtime/pyrt/";
static const char time_text[] = "1980-01-01T00:00:00Z"; // as in the zips: its version says all

char *publish_runtime_path(const char *host)
{
	return xasprintf("%s/pyrt", host);
}

struct runtime_paths {
	struct slice from;
	const char *to;
};

static bool map_runtime(void *context, struct slice path, struct text *out)
{
	const struct runtime_paths *paths = context;
	if (!rewrite_path_below(path, paths->from))
		return false;
	text_add(out, paths->to);
	text_add_slice(out, slice_from(path, paths->from.len));
	return true;
}

static int add_asset(const struct asset *asset, struct runtime_paths *paths, struct module_tree *out, struct error *err)
{
	const char *name = asset->path + strlen(folder);
	cleanup_text struct text text = TEXT_INIT;
	if (!strcmp(name, "go.mod")) {
		size_t line = (size_t)(paths->from.ptr - asset->data.ptr);
		text_add_bytes(&text, asset->data.ptr, line);
		text_add(&text, paths->to);
		text_add_slice(&text, slice_from(asset->data, line + paths->from.len));
	} else if (slice_ends(slice_of(name), ".go")) {
		if (rewrite_go(asset->data, asset->path, map_runtime, paths, &text, err))
			return -1;
	} else {
		text_add_slice(&text, asset->data);
	}
	module_tree_add(out, name, &text);
	return 0;
}

int publish_runtime_tree(const char *host, struct module_tree *out, struct error *err)
{
	struct slice gomod = asset_find("runtime/pyrt/go.mod"), licence = asset_find("LICENSE");
	cleanup_free char *path = publish_runtime_path(host);
	struct runtime_paths paths = {.to = path};
	if (!gomod.ptr || !licence.ptr)
		return error_set(err, ERROR_FAILED,
				 "this build of gophersnake carries no runtime/pyrt: build it again");
	if (gomod_module(gomod, "runtime/pyrt/go.mod", &paths.from, err))
		return -1;
	for (size_t i = 0; i < asset_count; i++) {
		struct asset asset = asset_at(i);
		if (!strncmp(asset.path, folder, strlen(folder)) && add_asset(&asset, &paths, out, err))
			return -1;
	}
	cleanup_text struct text text = TEXT_INIT;
	text_add_slice(&text, licence);
	module_tree_add(out, "LICENSE", &text);
	return module_tree_finish(out, err);
}

// 1 = the registry has exactly these bytes, 0 = it has none, -1 = others, or an error.
static int compare_runtime(const struct publish_view *view, const struct registry_version *version,
			   const struct module_tree *tree, struct error *err)
{
	cleanup_free char *zip = registry_path(view->workspace, version->module, version->version, "zip");
	cleanup_free char *prefix = xasprintf("%s@%s", version->module, version->version);
	char wanted[DIGEST_HEX_SIZE], found[DIGEST_HEX_SIZE];
	int64_t size;
	if (!file_exists(zip))
		return 0;
	if (modzip_write(tree, prefix, -1, "pyrt", &size, wanted, err) || digest_hex_of_file(zip, found, err))
		return -1;
	if (strcmp(wanted, found))
		return error_set(err, ERROR_POLICY,
				 "this workspace's registry has %s %s from another build of gophersnake (%s), and what "
				 "is published "
				 "never changes: go on with that build, convert in a fresh workspace (--workspace), or "
				 "build with "
				 "another PYRT_VERSION (core/version.h)",
				 version->module, version->version, zip);
	return registry_is_complete(view->workspace, version);
}

int publish_runtime(const struct publish_view *view, struct gomod_require *out, struct arena *arena, struct error *err)
{
	cleanup_module_tree struct module_tree tree = {VEC_INIT};
	cleanup_free char *path = publish_runtime_path(view->plan->host);
	cleanup_free char *email = xasprintf("gophersnake@%s", view->plan->host);
	struct registry_version version = {.module = path, .version = PYRT_VERSION, .time = time_text, .listed = true};
	if (publish_runtime_tree(view->plan->host, &tree, err))
		return -1;
	int there = compare_runtime(view, &version, &tree, err);
	if (there < 0)
		return -1;
	if (!there) {
		cleanup_fd int lock = -1;
		cleanup_free char *message = xasprintf("pyrt %s\n\nThe runtime of converted packages.\n", PYRT_VERSION);
		struct publication publication = {
			.workspace = view->workspace,
			.element = "pyrt",
			.kind = "runtime",
			.version = version,
			.tree = &tree,
			.inputs = view->pyrt_digest,
			.message = message,
			.email = email,
			.seconds = 315532800, // 1980-01-01
		};
		if (registry_lock(view->workspace, "pyrt", &lock, err) || publication_run(&publication, err))
			return error_context(err, "pyrt %s", PYRT_VERSION);
	}
	cleanup_free char *prefix = xasprintf("%s@%s", path, PYRT_VERSION);
	cleanup_text struct text zip_h1 = TEXT_INIT, mod_h1 = TEXT_INIT;
	module_tree_h1(&tree, prefix, &zip_h1);
	gomod_h1(text_slice(&module_tree_find(&tree, "go.mod")->data), &mod_h1);
	*out = (struct gomod_require){
		.module = arena_strdup(arena, path),
		.version = PYRT_VERSION,
		.zip_h1 = arena_strdup(arena, text_str(&zip_h1)),
		.mod_h1 = arena_strdup(arena, text_str(&mod_h1)),
	};
	return 0;
}
