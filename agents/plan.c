// Plans: from a lock to groups in leaf-first order, and their JSON form.
//
// Only the lock and the settings are stored; groups, order and ranks are
// computed from them each time, by the same code, so a plan file cannot
// contradict itself. What is already in the registry is decided when a run
// starts (agents/run.c), not here: a plan does not depend on the registry.
#include "agents/plan.h"

#include "agents/mirror.h"
#include "agents/pack.h"
#include "agents/translate.h"
#include "core/asset.h"
#include "core/version.h"

void plan_init(struct plan *plan)
{
	*plan = (struct plan){.arena = ARENA_INIT};
	lock_init(&plan->lock);
}

void plan_clear(struct plan *plan)
{
	graph_free(plan->graph);
	lock_clear(&plan->lock);
	vec_clear(&plan->groups);
	vec_clear(&plan->translators);
	vec_clear(&plan->translator_command);
	vec_clear(&plan->packs);
	vec_clear(&plan->go_modules);
	arena_clear(&plan->arena);
	*plan = (struct plan){.arena = ARENA_INIT};
}

// Seconds that one release is expected to take: a constant for the tools that start, and the archive's size.
// Measured on Django's tree: 8.3 MB took about 35 s, 50 kB about 2 s, most of it `go`.
static double estimate_seconds(const struct lock_package *package)
{
	int64_t size = package->files.count ? package->files.items[0].size : -1;
	return 2.0 + (size > 0 ? (double)size / 1e6 * 4.0 : 1.0);
}

static void add_graph(struct plan *plan)
{
	plan->graph = graph_new();
	vec_each (&plan->lock.packages, package)
		graph_add_node(plan->graph, package->name, estimate_seconds(package));
	for (size_t i = 0; i < plan->lock.packages.count; i++)
		vec_each (&plan->lock.packages.items[i].requires, edge)
			graph_add_edge(plan->graph, (int)i, edge->target);
}

static void mark_below(const struct plan *plan, int group, bool *seen)
{
	const struct plan_group *of = &plan->groups.items[group];
	for (int i = 0; i < of->need_count; i++) {
		const struct plan_group *need = &plan->groups.items[of->needs[i]];
		seen[of->needs[i]] = true;
		// Groups are leaf first, so what a need needs is known already.
		for (int j = 0; j < need->below_count; j++)
			seen[need->below[j]] = true;
	}
}

static void fill_group(struct plan *plan, const struct condensation *parts, int number, struct plan_group *group)
{
	group->member_count = parts->first[number + 1] - parts->first[number];
	group->members = arena_array(&plan->arena, (size_t)group->member_count, sizeof *group->members);
	for (int i = 0; i < group->member_count; i++) {
		group->members[i] = parts->members[parts->first[number] + i];
		group->estimate += graph_weight(plan->graph, group->members[i]);
	}
	const struct lock_package *first = &plan->lock.packages.items[group->members[0]];
	const char *cycle = group->member_count > 1 ? "cycle-" : "";
	group->name = arena_printf(&plan->arena, "%s%s@%s", cycle, first->name, first->version);
	group->module = arena_printf(&plan->arena, "py-%s%s", cycle, first->name);
	group->level = parts->level[number];
	group->rank = parts->rank[number];
	int count = parts->needs_first[number + 1] - parts->needs_first[number];
	group->needs = arena_array(&plan->arena, (size_t)count, sizeof *group->needs);
	group->need_count = count;
	for (int i = 0; i < count; i++)
		group->needs[i] = parts->needs[parts->needs_first[number] + i];
}

static int add_groups(struct plan *plan, struct error *err)
{
	struct condensation parts;
	if (graph_condense(plan->graph, &parts, err))
		return -1;
	cleanup_free bool *seen = xcalloc((size_t)parts.count, sizeof *seen);
	for (int number = 0; number < parts.count; number++) {
		struct plan_group group = {0};
		fill_group(plan, &parts, number, &group);
		vec_push(&plan->groups, group);
		memset(seen, 0, (size_t)parts.count * sizeof *seen);
		mark_below(plan, number, seen);
		struct plan_group *stored = vec_last(&plan->groups);
		stored->below = arena_array(&plan->arena, (size_t)number, sizeof *stored->below);
		for (int i = 0; i < number; i++)
			if (seen[i])
				stored->below[stored->below_count++] = i;
	}
	condensation_clear(&parts);
	return 0;
}

static int complete(struct plan *plan, struct error *err)
{
	add_graph(plan);
	if (add_groups(plan, err))
		return -1;
	cleanup_json json_t *json = plan_to_json(plan);
	cleanup_text struct text bytes = TEXT_INIT;
	json_write_compact(json, &bytes);
	digest_hex_of(bytes.ptr, bytes.len, plan->digest);
	return 0;
}

static const char *policy_word(enum licence_policy policy)
{
	return policy == LICENCE_REFUSE ? "refuse" : policy == LICENCE_WARN ? "warn" : "allow";
}

static bool uses(const struct config *config, const char *name)
{
	for (unsigned i = 0; i < config->translators.count; i++)
		if (!strcmp(config->translators.items[i], name))
			return true;
	return false;
}

static int check_translators(const struct config *config, struct error *err)
{
	for (unsigned i = 0; i < config->translators.count; i++)
		if (!translator_find(config->translators.items[i]))
			return error_set(
				err, ERROR_CONFIG,
				"translators: \"%s\" is not part of this version: it has \"bridge\", \"recorded\", "
				"\"command\" and \"llm\"",
				config->translators.items[i]);
		else if (!strcmp(config->translators.items[i], "command") && !config->translator_command.count)
			return error_set(
				err, ERROR_CONFIG,
				"translators names \"command\", but translator_command is not set: give the program in "
				"the configuration file or in GOPHERSNAKE_TRANSLATOR_COMMAND");
	return 0;
}

static int add_packs(struct plan *plan, const struct config *config, struct error *err)
{
	struct packs *packs = NULL;
	if (!uses(config, "recorded"))
		return 0;
	if (packs_open(config, &packs, err))
		return -1;
	int found = 0;
	for (size_t i = 0; i < plan->lock.packages.count && found >= 0; i++) {
		const struct pack *pack;
		found = packs_find(packs, plan->lock.packages.items[i].name, &pack, err);
		if (found == 1)
			vec_push(&plan->packs, (struct plan_pack){arena_strdup(&plan->arena, pack->name),
								  arena_strdup(&plan->arena, pack->digest)});
	}
	packs_free(packs);
	return found < 0 ? -1 : 0;
}

static int compare_modules(const void *left, const void *right)
{
	const struct plan_go_module *a = left, *b = right;
	return strcmp(a->path, b->path);
}

static int add_go_module(struct plan *plan, const char *item, struct error *err)
{
	struct plan_go_module module;
	if (mirror_parse(slice_of(item), plan->host, &plan->arena, &module, err))
		return -1;
	vec_each (&plan->go_modules, other)
		if (!strcmp(other->path, module.path))
			return error_set(err, ERROR_CONFIG, "go_modules: %s is listed twice, as %s and as %s",
					 module.path, other->version, module.version);
	vec_push(&plan->go_modules, module);
	return 0;
}

int plan_make(struct lock *lock, const struct config *config, struct plan *out, struct error *err)
{
	plan_init(out);
	lock_clear(&out->lock);
	out->lock = *lock;
	lock_init(lock);
	out->host = arena_strdup(&out->arena, config->host);
	out->generator = generator_digest;
	out->failure = config->failure == FAILURE_BLOCK ? "block" : "bridge";
	for (unsigned i = 0; i < config->translators.count; i++)
		vec_push(&out->translators, arena_strdup(&out->arena, config->translators.items[i]));
	for (unsigned i = 0; i < config->translator_command.count; i++)
		vec_push(&out->translator_command, arena_strdup(&out->arena, config->translator_command.items[i]));
	if (uses(config, "llm")) {
		cleanup_free char *llm = llm_settings_text(config);
		out->llm = arena_strdup(&out->arena, llm);
	}
	cleanup_text struct text rules = TEXT_INIT;
	text_addf(&rules, "unknown=%s listed=%s", policy_word(config->licence_unknown),
		  policy_word(config->licence_listed));
	for (unsigned i = 0; i < config->licence_refused.count; i++)
		text_addf(&rules, " [%s]", config->licence_refused.items[i]);
	out->licence_rules = arena_strdup(&out->arena, text_str(&rules));
	int status = 0;
	for (unsigned i = 0; i < config->go_modules.count && !status; i++)
		status = add_go_module(out, config->go_modules.items[i], err);
	vec_sort(&out->go_modules, compare_modules);
	if (status || check_translators(config, err) || add_packs(out, config, err) ||
	    (out->llm && llm_settings_check(config, err)) || complete(out, err)) {
		plan_clear(out);
		return -1;
	}
	return 0;
}

static json_t *strings_json(const char *const *items, size_t count)
{
	json_t *array = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, json_string(items[i]));
	return array;
}

static json_t *group_json(const struct plan *plan, const struct plan_group *group)
{
	json_t *members = json_array(), *needs = json_array();
	for (int i = 0; i < group->member_count; i++) {
		const struct lock_package *package = &plan->lock.packages.items[group->members[i]];
		json_array_append_new(members, json_sprintf("%s@%s", package->name, package->version));
	}
	for (int i = 0; i < group->need_count; i++)
		json_array_append_new(needs, json_string(plan->groups.items[group->needs[i]].name));
	return json_pack("{s:s, s:s, s:o, s:o, s:i, s:f, s:f}", "name", group->name, "module", group->module, "members",
			 members, "needs", needs, "level", group->level, "rank", group->rank, "estimate_seconds",
			 group->estimate);
}

json_t *plan_to_json(const struct plan *plan)
{
	json_t *order = json_array();
	int64_t bytes = 0;
	double work = 0;
	vec_each (&plan->groups, group) {
		json_array_append_new(order, group_json(plan, group));
		work += group->estimate;
	}
	vec_each (&plan->lock.packages, package)
		if (package->files.count && package->files.items[0].size > 0)
			bytes += package->files.items[0].size;
	double longest = 0;
	vec_each (&plan->groups, group)
		longest = group->rank > longest ? group->rank : longest;
	json_t *json = json_pack("{s:s, s:o, s:o, s:{s:s, s:s, s:s, s:s, s:s, s:o, s:o}, s:{s:I, s:I, s:f, s:f}}",
				 "schema", "gophersnake.plan/1", "lock", lock_to_json(&plan->lock), "order", order,
				 "settings", "host", plan->host, "generator", plan->generator, "pyrt", PYRT_VERSION,
				 "failure", plan->failure, "licence", plan->licence_rules, "translators",
				 strings_json(plan->translators.items, plan->translators.count), "translator_command",
				 strings_json(plan->translator_command.items, plan->translator_command.count),
				 "forecast", "releases", (json_int_t)plan->lock.packages.count, "archive_bytes",
				 (json_int_t)bytes, "work_seconds", work, "longest_chain_seconds", longest);
	json_t *packs = json_object();
	vec_each (&plan->packs, pack)
		json_object_set_new(packs, pack->name, json_string(pack->digest));
	if (plan->packs.count)
		json_object_set(json_object_get(json, "settings"), "packs", packs);
	json_decref(packs);
	json_t *modules = json_array();
	vec_each (&plan->go_modules, module)
		json_array_append_new(modules, json_sprintf("%s@%s%s%s", module->path, module->version,
							    module->sum ? " " : "", module->sum ? module->sum : ""));
	json_object_set_new(json_object_get(json, "settings"), "go_modules", modules);
	if (plan->llm)
		json_object_set_new(json_object_get(json, "settings"), "llm", json_string(plan->llm));
	return json;
}

int plan_from_json(json_t *json, const char *what, struct plan *out, struct error *err)
{
	json_t *lock = NULL, *settings = NULL;
	plan_init(out);
	if (json_check_schema(json, "gophersnake.plan/1", what, err) ||
	    json_get_object(json, "lock", what, &lock, err) || json_get_object(json, "settings", what, &settings, err))
		return -1;
	const char *host, *generator, *failure, *licence;
	json_t *translators, *command;
	if (json_get_string(settings, "host", what, &host, err) ||
	    json_get_string(settings, "generator", what, &generator, err) ||
	    json_get_string(settings, "failure", what, &failure, err) ||
	    json_get_string(settings, "licence", what, &licence, err) ||
	    json_get_array(settings, "translators", what, &translators, err) ||
	    json_get_array(settings, "translator_command", what, &command, err))
		return -1;
	lock_clear(&out->lock);
	lock_init(&out->lock);
	if (lock_from_json(lock, what, &out->lock, err))
		goto fail;
	out->host = arena_strdup(&out->arena, host);
	out->generator = arena_strdup(&out->arena, generator);
	out->failure = arena_strdup(&out->arena, failure);
	out->licence_rules = arena_strdup(&out->arena, licence);
	out->llm = arena_strdup(&out->arena, json_string_or(settings, "llm", NULL));
	size_t i;
	json_t *item;
	json_array_foreach (translators, i, item)
		vec_push(&out->translators,
			 arena_strdup(&out->arena, json_is_string(item) ? json_string_value(item) : ""));
	json_array_foreach (command, i, item)
		vec_push(&out->translator_command,
			 arena_strdup(&out->arena, json_is_string(item) ? json_string_value(item) : ""));
	const char *name;
	json_object_foreach (json_object_get(settings, "packs"), name, item) {
		const char *digest = json_is_string(item) ? json_string_value(item) : "";
		vec_push(&out->packs,
			 (struct plan_pack){arena_strdup(&out->arena, name), arena_strdup(&out->arena, digest)});
	}
	json_array_foreach (json_object_get(settings, "go_modules"), i, item) {
		if (add_go_module(out, json_is_string(item) ? json_string_value(item) : "", err))
			goto fail;
	}
	if (complete(out, err))
		goto fail;
	return 0;
fail:
	plan_clear(out);
	return -1;
}

int plan_group_of(const struct plan *plan, int package)
{
	for (size_t i = 0; i < plan->groups.count; i++)
		for (int j = 0; j < plan->groups.items[i].member_count; j++)
			if (plan->groups.items[i].members[j] == package)
				return (int)i;
	return -1;
}

int plan_find_group(const struct plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->groups.count; i++)
		if (!strcmp(plan->groups.items[i].name, name))
			return (int)i;
	return -1;
}

const char *plan_pack(const struct plan *plan, const char *name)
{
	vec_each (&plan->packs, pack)
		if (!strcmp(pack->name, name))
			return pack->digest;
	return NULL;
}

char *plan_run_name(const struct plan *plan)
{
	const char *first = "empty";
	vec_each (&plan->lock.packages, package)
		if (package->target) {
			first = package->name;
			break;
		}
	return xasprintf("%s-%.8s", first, plan->digest);
}
