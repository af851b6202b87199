// Writes the proxy layout. Files that never change go through file_link_once
// and file_write_once; the list and @latest are replaced whole, under the
// module's lock, and derived from what is there, so a step that was cut off is just done again.
#include "agents/registry.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agents/go/version.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/json.h"

enum { LOCK_PATIENCE = 15000, LOCK_STEP = 50, LIST_LIMIT = 64 * 1024 * 1024, FOREIGN_LIMIT = 512 * 1024 * 1024 };

// ---- paths -----------------------------------------------------------------------------------------------------------

char *registry_go_folder(const char *workspace)
{
	return xasprintf("%s/registry/go", workspace);
}

static char *module_folder(const char *workspace, const char *module)
{
	cleanup_text struct text escaped = TEXT_INIT;
	go_escape(module, &escaped);
	return xasprintf("%s/registry/go/%s", workspace, text_str(&escaped));
}

char *registry_path(const char *workspace, const char *module, const char *version, const char *suffix)
{
	cleanup_free char *folder = module_folder(workspace, module);
	cleanup_text struct text escaped = TEXT_INIT;
	go_escape(version, &escaped);
	return xasprintf("%s/@v/%s.%s", folder, text_str(&escaped), suffix);
}

char *registry_list_path(const char *workspace, const char *module)
{
	cleanup_free char *folder = module_folder(workspace, module);
	return xasprintf("%s/@v/list", folder);
}

char *registry_repository(const char *workspace, const char *element)
{
	return xasprintf("%s/repos/%s.git", workspace, element);
}

static char *parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash && slash > path ? xstrndup(path, (size_t)(slash - path)) : xstrdup(slash ? "/" : ".");
}

// dir_make makes the names; each parent of a new one is synced, deepest last.
int registry_make_folder(const char *path, struct error *err)
{
	if (dir_exists(path))
		return 0;
	VEC(char *) parents = VEC_INIT;
	char *parent = parent_of(path);
	for (;;) {
		vec_push(&parents, parent);
		if (dir_exists(parent))
			break;
		parent = parent_of(parent);
	}
	int status = dir_make(path, 0755, err);
	for (size_t i = parents.count; i-- > 0;) {
		if (!status)
			status = dir_sync(parents.items[i], err);
		free(parents.items[i]);
	}
	vec_clear(&parents);
	return status;
}

int registry_lock(const char *workspace, const char *element, int *fd, struct error *err)
{
	cleanup_free char *path = xasprintf("%s/repos/%s.lock", workspace, element);
	cleanup_free char *folder = parent_of(path);
	if (registry_make_folder(folder, err))
		return -1;
	int64_t start = system_clock.monotonic(system_clock.context);
	for (;;) {
		if (!file_lock(path, "publishing", fd, err))
			return 0;
		if (system_clock.monotonic(system_clock.context) - start > LOCK_PATIENCE)
			return -1;
		system_clock.sleep(system_clock.context, LOCK_STEP);
	}
}

// ---- files that never change -----------------------------------------------------------------------------------------

static int make_parent(const char *path, struct error *err)
{
	cleanup_free char *folder = parent_of(path);
	return registry_make_folder(folder, err);
}

static int write_zip(const char *path, const char *prefix, const struct module_tree *tree, struct error *err)
{
	cleanup_free char *folder = parent_of(path);
	cleanup_free char *temporary = NULL;
	cleanup_fd int fd = -1;
	char sha256[DIGEST_HEX_SIZE];
	int64_t size;
	if (file_temporary(folder, &temporary, &fd, err))
		return -1;
	int status = modzip_write(tree, prefix, fd, temporary, &size, sha256, err);
	if (!status && fsync(fd))
		status = file_error(err, "write", temporary);
	if (!status && file_link_once(temporary, path, err) >= 0)
		return 0;
	unlink(temporary);
	return -1;
}

int registry_put_zip(const char *workspace, const struct registry_version *version, const struct module_tree *tree,
		     struct error *err)
{
	cleanup_free char *path = registry_path(workspace, version->module, version->version, "zip");
	cleanup_free char *prefix = xasprintf("%s@%s", version->module, version->version);
	cleanup_free char *folder = parent_of(path), *module = module_folder(workspace, version->module);
	if (make_parent(path, err) || dir_sweep(folder, err) || dir_sweep(module, err))
		return -1;
	return write_zip(path, prefix, tree, err);
}

int registry_put_mod(const char *workspace, const struct registry_version *version, struct slice gomod,
		     struct error *err)
{
	cleanup_free char *path = registry_path(workspace, version->module, version->version, "mod");
	return make_parent(path, err) || file_write_once(path, gomod.ptr, gomod.len, err) < 0 ? -1 : 0;
}

static void info_text(const struct registry_version *version, struct text *out)
{
	cleanup_json json_t *json = json_pack("{s:s, s:s}", "Version", version->version, "Time", version->time);
	json_write_compact(json, out);
}

int registry_put_info(const char *workspace, const struct registry_version *version, struct error *err)
{
	cleanup_free char *path = registry_path(workspace, version->module, version->version, "info");
	cleanup_text struct text text = TEXT_INIT;
	info_text(version, &text);
	return make_parent(path, err) || file_write_once(path, text.ptr, text.len, err) < 0 ? -1 : 0;
}

// ---- modules of others -----------------------------------------------------------------------------------------------

static int put_claim(const char *workspace, const struct registry_foreign *foreign, struct error *err)
{
	cleanup_free char *path = registry_path(workspace, foreign->module, foreign->version, "ziphash");
	return make_parent(path, err) || file_write_once(path, foreign->h1, strlen(foreign->h1), err) < 0 ? -1 : 0;
}

// The claim says what is in it: one that is there stays, whoever compressed it.
static int put_copy(const char *workspace, const struct registry_foreign *foreign, const char *suffix, const char *from,
		    struct error *err)
{
	cleanup_free char *path = registry_path(workspace, foreign->module, foreign->version, suffix);
	cleanup_text struct text data = TEXT_INIT;
	if (file_exists(path))
		return 0;
	return make_parent(path, err) || file_read(from, FOREIGN_LIMIT, &data, err) ||
			       file_write_once(path, data.ptr, data.len, err) < 0
		       ? -1
		       : 0;
}

int registry_put_foreign(const char *workspace, const struct registry_foreign *foreign, struct error *err)
{
	cleanup_fd int lock = -1;
	if (registry_lock(workspace, "go-modules", &lock, err))
		return -1;
	int status = foreign->zip &&
		     (put_claim(workspace, foreign, err) || put_copy(workspace, foreign, "zip", foreign->zip, err));
	if (!status)
		status = (foreign->mod && put_copy(workspace, foreign, "mod", foreign->mod, err)) ||
			 (foreign->info && put_copy(workspace, foreign, "info", foreign->info, err));
	return status ? error_context(err, "%s@%s in the registry", foreign->module, foreign->version) : 0;
}

bool registry_has_foreign(const char *workspace, const struct registry_foreign *foreign)
{
	static const char *const suffixes[] = {"mod", "zip", "info", "ziphash"};
	for (size_t i = 0; i < (foreign->h1 ? ARRAY_LENGTH(suffixes) : 1); i++) {
		cleanup_free char *path = registry_path(workspace, foreign->module, foreign->version, suffixes[i]);
		if (!file_exists(path))
			return false;
	}
	return true;
}

// ---- what @latest reads ----------------------------------------------------------------------------------------------

typedef VEC(char *) version_list;

static int compare_versions(const void *left, const void *right)
{
	return go_version_compare(*(char *const *)left, *(char *const *)right);
}

static int read_list(const char *path, version_list *out, struct error *err)
{
	cleanup_text struct text text = TEXT_INIT;
	if (!file_exists(path))
		return 0;
	if (file_read(path, LIST_LIMIT, &text, err))
		return -1;
	struct slice rest = text_slice(&text), line;
	while (slice_cut(&rest, '\n', &line))
		if (slice_trim(line).len)
			vec_push(out, slice_dup(slice_trim(line)));
	return 0;
}

static void clear_list(version_list *list)
{
	vec_each (list, version)
		free(*version);
	vec_clear(list);
}

static bool has_version(const version_list *list, const char *version)
{
	vec_each (list, item)
		if (!strcmp(*item, version))
			return true;
	return false;
}

static int write_list(const char *path, version_list *list, struct error *err)
{
	cleanup_text struct text text = TEXT_INIT;
	vec_sort(list, compare_versions);
	vec_each (list, version)
		text_addf(&text, "%s\n", *version);
	return file_write_atomic(path, text_str(&text), text.len, err);
}

static char *latest_path(const char *workspace, const char *module)
{
	cleanup_free char *folder = module_folder(workspace, module);
	return xasprintf("%s/@latest", folder);
}

// The version that @latest names, NULL when there is no such file or it is not ours.
static char *read_latest(const char *path)
{
	struct error ignored = ERROR_INIT;
	cleanup_json json_t *json = file_exists(path) ? json_read_file(path, LIST_LIMIT, &ignored) : NULL;
	const char *version = json ? json_string_or(json, "Version", NULL) : NULL;
	return version ? xstrdup(version) : NULL;
}

static int put_latest(const char *workspace, const struct registry_version *version, struct error *err)
{
	cleanup_free char *path = latest_path(workspace, version->module);
	cleanup_free char *current = read_latest(path);
	if (current && go_version_compare(current, version->version) >= 0)
		return 0;
	cleanup_text struct text text = TEXT_INIT;
	info_text(version, &text);
	return file_write_atomic(path, text.ptr, text.len, err);
}

int registry_put_list(const char *workspace, const struct registry_version *version, struct error *err)
{
	cleanup_free char *path = registry_list_path(workspace, version->module);
	cleanup_with(clear_list) version_list list = VEC_INIT;
	if (make_parent(path, err) || read_list(path, &list, err))
		return -1;
	bool there = has_version(&list, version->version);
	if (version->listed && !there)
		vec_push(&list, xstrdup(version->version));
	// An empty list must be there too: go asks for it before @latest.
	if (((version->listed && !there) || !file_exists(path)) && write_list(path, &list, err))
		return -1;
	return list.count ? 0 : put_latest(workspace, version, err);
}

bool registry_is_complete(const char *workspace, const struct registry_version *version)
{
	static const char *const suffixes[] = {"mod", "zip", "info"};
	for (size_t i = 0; i < ARRAY_LENGTH(suffixes); i++) {
		cleanup_free char *path = registry_path(workspace, version->module, version->version, suffixes[i]);
		if (!file_exists(path))
			return false;
	}
	cleanup_free char *path = registry_list_path(workspace, version->module);
	cleanup_free char *latest = latest_path(workspace, version->module);
	cleanup_with(clear_list) version_list list = VEC_INIT;
	struct error ignored = ERROR_INIT;
	if (!file_exists(path) || read_list(path, &list, &ignored))
		return false;
	return version->listed ? has_version(&list, version->version) : list.count || file_exists(latest);
}
