// Which modules the groups of a plan become, the digests of all their inputs
// that are known before the work, and what the ledger has for them. One pass
// over the groups, leaf first.
#include <string.h>

#include "agents/go/version.h"
#include "agents/ledger.h"
#include "agents/mirror.h"
#include "agents/publish.h"
#include "core/asset.h"
#include "core/clock.h"
#include "core/version.h"

static const char unknown_time[] = "1980-01-01T00:00:00Z"; // as in the zips

static const struct lock_package *package_of(const struct publish_view *view, int number)
{
	return &view->plan->lock.packages.items[number];
}

// ---- modules ---------------------------------------------------------------------------------------------------------

static void set_time(struct publish_view *view, struct publish_module *module, const struct plan_group *group)
{
	int64_t latest = -1;
	for (int i = 0; i < group->member_count; i++) {
		int64_t time;
		bool counts = strcmp(module->kind, "facade") || group->members[i] == module->package;
		const struct lock_package *package = package_of(view, group->members[i]);
		if (counts && package->files.count &&
		    !clock_parse_utc(slice_of(package->files.items[0].upload_time), &time) && time > latest)
			latest = time;
	}
	if (latest < 0)
		clock_parse_utc(slice_of(unknown_time), &latest);
	cleanup_text struct text text = TEXT_INIT;
	module->seconds = latest / 1000;
	clock_format_utc(module->seconds * 1000, &text);
	module->time = arena_strdup(&view->arena, text_str(&text));
}

static int make_module(struct publish_view *view, const struct plan_group *group, const char *kind, int number,
		       struct publish_module *out, struct error *err)
{
	const struct lock_package *package = package_of(view, number);
	struct version version;
	if (version_parse(&view->arena, slice_of(package->version), &version, err))
		return error_context(err, "%s", package->name);
	*out = (struct publish_module){.kind = kind, .package = number};
	out->element = strcmp(kind, "facade") ? group->module : arena_printf(&view->arena, "py-%s", package->name);
	out->name = out->element + strlen("py-");
	cleanup_free char *path = go_module_path(view->plan->host, out->element, version.epoch);
	cleanup_text struct text stem = TEXT_INIT;
	go_version_stem(&version, &stem);
	out->path = arena_strdup(&view->arena, path);
	out->stem = arena_strdup(&view->arena, text_str(&stem));
	out->listed = !version_is_prerelease(&version) && !package->why_yanked;
	set_time(view, out, group);
	return 0;
}

static int make_modules(struct publish_view *view, int number, struct error *err)
{
	const struct plan_group *group = &view->plan->groups.items[number];
	struct publish_group *out = &view->groups[number];
	bool cycle = group->member_count > 1;
	out->module_count = cycle ? (size_t)group->member_count + 1 : 1;
	out->modules = arena_array(&view->arena, out->module_count, sizeof *out->modules);
	if (make_module(view, group, cycle ? "cycle" : "release", group->members[0], &out->modules[0], err))
		return -1;
	for (int i = 0; cycle && i < group->member_count; i++)
		if (make_module(view, group, "facade", group->members[i], &out->modules[i + 1], err))
			return -1;
	return 0;
}

// ---- the request -----------------------------------------------------------------------------------------------------

static json_t *member_json(const struct publish_view *view, int number)
{
	const struct lock_package *package = package_of(view, number);
	bool *needed = xcalloc(view->plan->lock.packages.count, sizeof *needed);
	json_t *needs = json_array();
	vec_each (&package->requires, edge)
		needed[edge->target] = true;
	for (size_t i = 0; i < view->plan->lock.packages.count; i++)
		if (needed[i])
			json_array_append_new(needs, json_string(package_of(view, (int)i)->name));
	free(needed);
	bool has_file = package->files.count > 0;
	const struct lock_file *file = has_file ? &package->files.items[0] : NULL;
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "name", package->name, "version", package->version,
			 "archive", has_file ? file->sha256 : "", "tag", has_file ? file->tag : "", "requires_python",
			 package->requires_python, "upload_time", has_file ? file->upload_time : "", "needs", needs);
}

static json_t *strings_json(const char *const *items, size_t count)
{
	json_t *array = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, json_string(items[i]));
	return array;
}

// Of the group's releases: {name: digest}.
static json_t *packs_json(const struct publish_view *view, const struct plan_group *group)
{
	json_t *packs = json_object();
	for (int i = 0; i < group->member_count; i++) {
		const char *name = package_of(view, group->members[i])->name, *digest = plan_pack(view->plan, name);
		if (digest)
			json_object_set_new(packs, name, json_string(digest));
	}
	return packs;
}

// Translator recorded does nothing where there is no pack: then it makes no other request than a chain without it.
static json_t *translators_json(const struct plan *plan, bool recorded)
{
	json_t *array = json_array();
	vec_each (&plan->translators, name)
		if (recorded || strcmp(*name, "recorded") != 0)
			json_array_append_new(array, json_string(*name));
	return array;
}

// False when something below is not in the registry.
static bool below_json(const struct publish_view *view, const struct plan_group *group, json_t *out)
{
	for (int i = 0; i < group->below_count; i++) {
		const struct publish_group *below = &view->groups[group->below[i]];
		if (!below->complete)
			return false;
		json_array_append_new(out, json_pack("{s:s, s:s}", "module", below->modules[0].path, "version",
						     json_string_or(below->modules[0].entry, "go_version", "")));
	}
	return true;
}

static void make_request(const struct publish_view *view, int number)
{
	const struct plan *plan = view->plan;
	const struct plan_group *group = &plan->groups.items[number];
	struct publish_group *out = &view->groups[number];
	json_t *below = json_array(), *members = json_array();
	out->known = below_json(view, group, below);
	for (int i = 0; i < group->member_count; i++)
		json_array_append_new(members, member_json(view, group->members[i]));
	cleanup_json json_t *packs = packs_json(view, group);
	cleanup_json json_t *request =
		json_pack("{s:s, s:s, s:s, s:s, s:{s:s, s:s}, s:o, s:o, s:o, s:o}", "schema", "gophersnake.request/1",
			  "generator", plan->generator, "host", plan->host, "python", plan->lock.python, "pyrt",
			  "version", PYRT_VERSION, "digest", view->pyrt_digest, "members", members, "below", below,
			  "translators", translators_json(plan, json_object_size(packs) > 0), "translator_command",
			  strings_json(plan->translator_command.items, plan->translator_command.count));
	if (json_object_size(packs))
		json_object_set(request, "packs", packs);
	if (plan->llm)
		json_object_set_new(request, "llm", json_string(plan->llm));
	if (plan->llm || plan->translator_command.count || json_object_size(packs)) {
		cleanup_text struct text modules = TEXT_INIT;
		mirror_list(plan, ", ", &modules);
		json_object_set_new(request, "go_modules", json_string(text_str(&modules)));
	}
	if (!out->known)
		return;
	cleanup_text struct text text = TEXT_INIT;
	json_write_compact(request, &text);
	digest_hex_of(text.ptr, text.len, out->request);
}

static int look_up(const struct publish_view *view, int number, struct error *err)
{
	struct publish_group *group = &view->groups[number];
	group->complete = group->known;
	for (size_t i = 0; group->known && i < group->module_count; i++) {
		struct publish_module *module = &group->modules[i];
		int found =
			ledger_find(view->workspace, module->name, module->stem, group->request, &module->entry, err);
		if (found < 0)
			return -1;
		if (!found) {
			group->complete = false;
			continue;
		}
		struct registry_version version = {
			.module = json_string_or(module->entry, "module", ""),
			.version = json_string_or(module->entry, "go_version", ""),
			.listed = json_bool_or(module->entry, "listed", true),
		};
		group->complete &= registry_is_complete(view->workspace, &version);
	}
	return 0;
}

// ---- the view --------------------------------------------------------------------------------------------------------

static void digest_runtime(char out[DIGEST_HEX_SIZE])
{
	struct digest_hasher *hasher = digest_new();
	for (size_t i = 0; i < asset_count; i++) {
		struct asset asset = asset_at(i);
		if (strncmp(asset.path, "runtime/pyrt/", 13) && strcmp(asset.path, "LICENSE"))
			continue;
		char hex[DIGEST_HEX_SIZE];
		digest_hex_of(asset.data.ptr, asset.data.len, hex);
		digest_add_string(hasher, asset.path);
		digest_add_string(hasher, hex);
	}
	digest_final_hex(hasher, out);
	digest_free(hasher);
}

int publish_view_make(const struct work *work, int group, struct publish_view *out, struct error *err)
{
	const struct plan *plan = work->plan;
	*out = (struct publish_view){.arena = ARENA_INIT, .plan = plan, .workspace = work_path(work, "")};
	out->workspace[strlen(out->workspace) - 1] = '\0';
	out->groups = arena_array(&out->arena, plan->groups.count, sizeof *out->groups);
	digest_runtime(out->pyrt_digest);
	for (size_t i = 0; i < plan->groups.count; i++)
		out->groups[i].wanted = group < 0 || group == (int)i;
	for (int i = 0; group >= 0 && i < plan->groups.items[group].below_count; i++)
		out->groups[plan->groups.items[group].below[i]].wanted = true;
	int status = go_host_check(plan->host, err);
	for (size_t i = 0; !status && i < plan->groups.count; i++) {
		if (!out->groups[i].wanted)
			continue;
		status = make_modules(out, (int)i, err);
		if (!status) {
			make_request(out, (int)i);
			status = look_up(out, (int)i, err);
		}
	}
	if (status)
		publish_view_clear(out);
	return status;
}

void publish_view_clear(struct publish_view *view)
{
	for (size_t i = 0; view->groups && i < view->plan->groups.count; i++)
		for (size_t j = 0; j < view->groups[i].module_count; j++)
			json_decref(view->groups[i].modules[j].entry);
	free(view->workspace);
	arena_clear(&view->arena);
	*view = (struct publish_view){.arena = ARENA_INIT};
}

int publish_request(struct work *work, int group, char digest[DIGEST_HEX_SIZE], struct error *err)
{
	cleanup_publish_view struct publish_view view;
	if (publish_view_make(work, group, &view, err))
		return -1;
	memcpy(digest, view.groups[group].request, DIGEST_HEX_SIZE);
	return view.groups[group].known;
}

// The members' entries: the release's, or those of the façades.
static json_t *member_entries(const struct publish_group *group)
{
	json_t *entries = json_array();
	for (size_t i = group->module_count > 1; i < group->module_count; i++)
		json_array_append(entries, group->modules[i].entry);
	return entries;
}

int publish_up_to_date(struct work *work, int group, json_t **entries, struct error *err)
{
	cleanup_publish_view struct publish_view view;
	*entries = NULL;
	if (publish_view_make(work, group, &view, err))
		return -1;
	if (!view.groups[group].complete)
		return 0;
	*entries = member_entries(&view.groups[group]);
	return 1;
}

int publish_survey(struct work *work, bool *complete, json_t *entries, struct error *err)
{
	cleanup_publish_view struct publish_view view;
	if (publish_view_make(work, -1, &view, err))
		return -1;
	for (size_t i = 0; i < work->plan->groups.count; i++) {
		if (complete)
			complete[i] = view.groups[i].complete;
		if (!entries || !view.groups[i].complete)
			continue;
		cleanup_json json_t *members = member_entries(&view.groups[i]);
		json_array_extend(entries, members);
	}
	return 0;
}
