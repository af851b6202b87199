// Undeclared imports: top-level names by release, and who gives them.
#include "agents/imports.h"

#include <string.h>

static char *top_of(const char *module)
{
	return xstrndup(module, strcspn(module, "."));
}

static void add_import(json_t *found, const char *module, json_t *row)
{
	const char *when = json_string_or(row, "when", "");
	cleanup_free char *name = top_of(json_string_or(row, "module", ""));
	if (!*name || !strcmp(when, "type_checking"))
		return;
	json_t *known = json_object_get(found, name);
	if (known && (strcmp(json_string_or(known, "when", ""), "late") != 0 || !strcmp(when, "late")))
		return;
	json_object_set_new(found, name,
			    json_pack("{s:s, s:s, s:I, s:s}", "name", name, "module", module, "line",
				      (json_int_t)json_integer_or(row, "line", 0), "when", when));
}

json_t *imports_of_inventory(json_t *inventory)
{
	cleanup_json json_t *own = json_object(), *found = json_object();
	json_t *modules = json_object_get(inventory, "modules"), *module, *row;
	size_t i, j;
	json_array_foreach (modules, i, module) {
		const char *name = json_string_or(module, "name", "");
		cleanup_free char *top = top_of(name);
		if (*top)
			json_object_set_new(own, top, json_true());
		json_t *imports = json_object_get(module, "imports");
		json_array_foreach (imports, j, row) {
			add_import(found, name, row);
		}
	}
	json_t *provides = json_array(), *imports = json_array(), *value;
	const char *key;
	json_object_foreach (own, key, value) {
		json_array_append_new(provides, json_string(key));
		json_object_del(found, key);
	}
	json_object_foreach (found, key, value) {
		json_array_append(imports, value);
	}
	return json_pack("{s:o, s:o}", "provides", provides, "imports", imports);
}

// ---- over a plan -----------------------------------------------------------------------------------------------------

static bool declares(const struct plan *plan, int package, int provider)
{
	const struct plan_group *group = &plan->groups.items[plan_group_of(plan, package)];
	int other = plan_group_of(plan, provider);
	if (group == &plan->groups.items[other])
		return true;
	for (int i = 0; i < group->below_count; i++)
		if (group->below[i] == other)
			return true;
	return false;
}

// top-level name → number of the release that gives it; of several that share it (a namespace) the first.
static json_t *providers_of(json_t *const *scans, size_t count)
{
	json_t *providers = json_object(), *name;
	size_t index;
	for (size_t i = 0; i < count; i++) {
		json_t *provides = json_object_get(json_object_get(scans[i], "imports"), "provides");
		json_array_foreach (provides, index, name) {
			if (json_is_string(name) && !json_object_get(providers, json_string_value(name)))
				json_object_set_new(providers, json_string_value(name), json_integer((json_int_t)i));
		}
	}
	return providers;
}

static void add_undeclared(const struct plan *plan, json_t *scan, int package, json_t *providers, json_t *out)
{
	json_t *imports = json_object_get(json_object_get(scan, "imports"), "imports"), *row;
	size_t index;
	json_array_foreach (imports, index, row) {
		const char *name = json_string_or(row, "name", "");
		json_t *provider = json_object_get(providers, name);
		if (!provider || declares(plan, package, (int)json_integer_value(provider)))
			continue;
		const struct lock_package *from = &plan->lock.packages.items[json_integer_value(provider)];
		json_array_append_new(out, json_pack("{s:s, s:s, s:s, s:s, s:I, s:s}", "release",
						     plan->lock.packages.items[package].name, "imports", name, "from",
						     from->name, "module", json_string_or(row, "module", ""), "line",
						     (json_int_t)json_integer_or(row, "line", 0), "when",
						     json_string_or(row, "when", "")));
	}
}

int imports_undeclared(struct work *work, json_t **out, struct error *err)
{
	const struct plan *plan = work->plan;
	size_t count = plan->lock.packages.count;
	cleanup_free json_t **scans = xcalloc(count + 1, sizeof(json_t *));
	for (size_t i = 0; i < count; i++) {
		struct error not_scanned = ERROR_INIT; // it failed, or waits: nothing is known of it
		scans[i] = scan_result(work, (int)i, &not_scanned);
		if (!scans[i] && not_scanned.code != ERROR_WORKSPACE) {
			*err = not_scanned;
			for (size_t j = 0; j < i; j++)
				json_decref(scans[j]);
			return -1;
		}
	}
	cleanup_json json_t *providers = providers_of(scans, count);
	*out = json_array();
	for (size_t i = 0; i < count; i++)
		add_undeclared(plan, scans[i], (int)i, providers, *out);
	for (size_t i = 0; i < count; i++)
		json_decref(scans[i]);
	return 0;
}
