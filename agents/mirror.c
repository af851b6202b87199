// The list, imports, and what builds are given. Fetching: mirror_fetch.c.
#include "agents/mirror.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "agents/go/rewrite.h"
#include "agents/go/version.h"
#include "agents/pack.h"
#include "agents/registry.h"
#include "core/file.h"

enum { GO_LIMIT = 64 << 20 };

// ---- the list --------------------------------------------------------------------------------------------------------

static bool is_path(struct slice path)
{
	struct slice rest = path, element;
	bool first = true;
	while (slice_cut(&rest, '/', &element)) {
		if (!element.len || *element.ptr == '.' || (first && !memchr(element.ptr, '.', element.len)))
			return false;
		for (size_t i = 0; i < element.len; i++) {
			char c = element.ptr[i];
			if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
			    !strchr("-._~", c))
				return false;
		}
		first = false;
	}
	return path.len && path.ptr[path.len - 1] != '/';
}

// A whole version, so that it names the same bytes for ever: v1.2.3, with a pre-release or +incompatible behind.
static bool is_version(struct slice version)
{
	struct slice rest = version, part;
	size_t length = 0;
	if (!rest.len || *rest.ptr != 'v')
		return false;
	rest = slice_from(rest, 1);
	while (length < rest.len && !strchr("-+", rest.ptr[length]))
		length++;
	for (size_t i = length; i < rest.len; i++)
		if (!strchr("-+.", rest.ptr[i]) && !(rest.ptr[i] >= '0' && rest.ptr[i] <= '9') &&
		    !(rest.ptr[i] >= 'a' && rest.ptr[i] <= 'z') && !(rest.ptr[i] >= 'A' && rest.ptr[i] <= 'Z'))
			return false;
	rest.len = length;
	int parts = 0;
	for (uint64_t number; slice_cut(&rest, '.', &part); parts++)
		if (parse_u64(part, &number))
			return false;
	return parts == 3;
}

int mirror_parse(struct slice item, const char *host, struct arena *arena, struct plan_go_module *out,
		 struct error *err)
{
	struct slice rest = slice_trim(item), path, version;
	if (!slice_cut(&rest, '@', &path) || !rest.ptr || !is_path(path))
		return error_set(
			err, ERROR_CONFIG,
			"go_modules: expected a module path with its version, such as golang.org/x/text@v0.22.0, "
			"not \"%.*s\"",
			(int)item.len, item.ptr);
	slice_cut(&rest, ' ', &version);
	rest = slice_trim(rest.ptr ? rest : (struct slice){"", 0});
	if (!is_version(version))
		return error_set(err, ERROR_CONFIG,
				 "go_modules: %.*s: expected a whole version, such as v1.2.3, not \"%.*s\"",
				 (int)path.len, path.ptr, (int)version.len, version.ptr);
	if (rest.len && (!slice_starts(rest, "h1:") || memchr(rest.ptr, ' ', rest.len)))
		return error_set(err, ERROR_CONFIG,
				 "go_modules: %.*s: expected a sum as in go.sum (h1:…), not \"%.*s\"", (int)path.len,
				 path.ptr, (int)rest.len, rest.ptr);
	if (rewrite_path_below(path, slice_of(host)))
		return error_set(err, ERROR_CONFIG, "go_modules: %.*s: paths below %s are those of converted modules",
				 (int)path.len, path.ptr, host);
	*out = (struct plan_go_module){arena_slice(arena, path), arena_slice(arena, version),
				       rest.len ? arena_slice(arena, rest) : NULL};
	return 0;
}

const struct plan_go_module *mirror_module_of(const struct plan *plan, struct slice import)
{
	const struct plan_go_module *best = NULL;
	vec_each (&plan->go_modules, module)
		if (rewrite_path_below(import, slice_of(module->path)) &&
		    (!best || strlen(module->path) > strlen(best->path)))
			best = module;
	return best;
}

void mirror_list(const struct plan *plan, const char *between, struct text *out)
{
	for (size_t i = 0; i < plan->go_modules.count; i++)
		text_addf(out, "%s%s@%s", i ? between : "", plan->go_modules.items[i].path,
			  plan->go_modules.items[i].version);
}

// ---- imports ---------------------------------------------------------------------------------------------------------

struct collecting {
	const struct plan *plan;
	json_t *out;
};

static void collect(void *context, const struct go_import_spec *import)
{
	struct collecting *collecting = context;
	if (!is_path(import->path) || !mirror_module_of(collecting->plan, import->path))
		return;
	cleanup_free char *path = slice_dup(import->path);
	json_object_set_new(collecting->out, path, json_true());
}

void mirror_imports(const struct plan *plan, struct slice go, json_t *out)
{
	struct collecting collecting = {plan, out};
	struct error ignored = ERROR_INIT; // the policy says what is wrong with the file
	rewrite_list(go, "", collect, &collecting, &ignored);
}

int mirror_imports_of_folder(const struct plan *plan, const char *folder, json_t *out, struct error *err)
{
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	if (!plan->go_modules.count)
		return 0;
	if (dir_list(folder, &names, err))
		return -1;
	vec_each (&names, name) {
		cleanup_free char *path = xasprintf("%s/%s", folder, *name);
		cleanup_text struct text text = TEXT_INIT;
		if (!slice_ends(slice_of(*name), ".go") || !file_exists(path))
			continue;
		if (file_read(path, GO_LIMIT, &text, err))
			return -1;
		mirror_imports(plan, text_slice(&text), out);
	}
	return 0;
}

static void imports_of_pack(const struct plan *plan, const struct pack *pack, json_t *out)
{
	const char *unit, *name;
	json_t *files, *text;
	json_object_foreach (pack->code, unit, files) {
		json_object_foreach (files, name, text) {
			mirror_imports(plan, (struct slice){json_string_value(text), json_string_length(text)}, out);
		}
	}
}

int mirror_imports_of_packs(struct work *work, const bool *done, json_t *out, struct error *err)
{
	const struct plan *plan = work->plan;
	for (size_t i = 0; i < plan->lock.packages.count; i++) {
		const char *name = plan->lock.packages.items[i].name;
		const struct pack *pack;
		if ((done && done[plan_group_of(plan, (int)i)]) || !plan_pack(plan, name) || !plan->go_modules.count)
			continue;
		if (!work->packs && packs_open(work->config, &work->packs, err))
			return -1;
		int found = packs_find(work->packs, name, &pack, err);
		if (found < 0)
			return -1;
		if (found)
			imports_of_pack(plan, pack, out);
	}
	return 0;
}

// ---- rows ------------------------------------------------------------------------------------------------------------

static json_t *row_of(json_t *rows, const char *module, size_t *at)
{
	size_t index;
	json_t *row;
	json_array_foreach (rows, index, row) {
		if (!strcmp(json_string_or(row, "module", ""), module)) {
			*at = index;
			return row;
		}
	}
	return NULL;
}

void mirror_join(json_t *rows, json_t *modules, bool indirect, bool texts)
{
	size_t index, at = 0;
	json_t *module;
	json_array_foreach (modules, index, module) {
		json_t *before = row_of(rows, json_string_or(module, "module", ""), &at);
		bool is_direct = !indirect && !json_bool_or(module, "indirect", false);
		bool was_direct = before && !json_bool_or(before, "indirect", true);
		int order = before ? go_version_compare(json_string_or(module, "version", ""),
							json_string_or(before, "version", ""))
				   : 1;
		if (order > 0 || (!order && !json_is_string(json_object_get(before, "h1")))) {
			json_t *row = json_copy(module);
			if (!texts)
				json_object_del(row, "texts");
			if (before)
				json_array_set_new(rows, at, row);
			else
				json_array_append_new(rows, row);
			before = row;
		}
		json_object_set_new(before, "indirect", json_boolean(!is_direct && !was_direct));
	}
}

struct gomod_require mirror_require(json_t *row)
{
	return (struct gomod_require){.module = json_string_or(row, "module", ""),
				      .version = json_string_or(row, "version", ""),
				      .indirect = json_bool_or(row, "indirect", true),
				      .sum_only = !json_is_string(json_object_get(row, "h1")),
				      .zip_h1 = json_string_or(row, "h1", NULL),
				      .mod_h1 = json_string_or(row, "gomod_h1", "")};
}

// ---- builds ----------------------------------------------------------------------------------------------------------

int mirror_cache(const struct work *work, char **out, struct error *err)
{
	struct statx status;
	cleanup_free char *workspace = work_path(work, "");
	workspace[strlen(workspace) - 1] = '\0';
	cleanup_free char *proxy = registry_go_folder(workspace);
	if (registry_make_folder(proxy, err))
		return -1;
	if (statx(AT_FDCWD, proxy, 0, STATX_INO | STATX_BTIME, &status))
		return file_error(err, "read", proxy);
	cleanup_free char *below = xasprintf("tmp/gomodcache-%llx-%llx", (unsigned long long)status.stx_ino,
					     (unsigned long long)status.stx_btime.tv_sec);
	cleanup_free char *path = work_path(work, below);
	if (dir_make(path, 0755, err))
		return -1;
	*out = steal(&path);
	return 0;
}

static int write_requirements(json_t *rows, const char *folder, struct error *err)
{
	cleanup_text struct text gomod = TEXT_INIT, gosum = TEXT_INIT;
	cleanup_free char *mod = xasprintf("%s/go.mod", folder), *sum = xasprintf("%s/go.sum", folder);
	VEC(struct gomod_require) requires = VEC_INIT;
	size_t index;
	json_t *row;
	json_array_foreach (rows, index, row) {
		vec_push(&requires, mirror_require(row));
	}
	gomod_write("py", requires.items, requires.count, &gomod);
	gosum_write(requires.items, requires.count, &gosum);
	vec_clear(&requires);
	return file_write_plain(mod, gomod.ptr, gomod.len, err) || file_write_plain(sum, gosum.ptr, gosum.len, err) ? -1
														    : 0;
}

int mirror_use_make(const struct work *work, json_t *rows, const char *folder, struct mirror_use *out,
		    struct error *err)
{
	struct mirror_use use = {0};
	*out = use;
	if (!json_array_size(rows))
		return 0;
	if (write_requirements(rows, folder, err) || mirror_cache(work, &use.cache, err))
		return -1;
	use.requirements = xstrdup(folder);
	use.proxy = work_path(work, "registry/go");
	*out = use;
	return 0;
}

void mirror_use_in(const struct mirror_use *use, struct go_task *task)
{
	task->requirements = use->requirements;
	task->proxy = use->proxy;
	task->module_cache = use->cache;
}

void mirror_use_clear(struct mirror_use *use)
{
	free(use->requirements);
	free(use->proxy);
	free(use->cache);
	*use = (struct mirror_use){0};
}
