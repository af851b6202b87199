// What a proof of a function holds for: the bytes of the modules that decide
// what it does. Another release with the same ones may use it.
#include <string.h>

#include "agents/mirror.h"
#include "agents/pack.h"
#include "agents/translate.h"

typedef VEC(const char *) module_list;

static json_t *find_module(const struct translation *translation, const char *name)
{
	size_t index;
	json_t *module;
	vec_each (&translation->inventories, inventory)
		json_array_foreach (json_object_get(*inventory, "modules"), index, module) {
			if (!strcmp(json_string_or(module, "name", ""), name))
				return module;
		}
	return NULL;
}

static const struct translate_module *module_of(const struct translation *translation,
						const struct translate_function *function)
{
	const struct translate_module *best = NULL;
	vec_each (&translation->modules, module) {
		size_t length = strlen(module->name);
		if (!strncmp(function->python, module->name, length) && function->python[length] == '.' &&
		    (!best || length > strlen(best->name)))
			best = module;
	}
	return best;
}

char *pack_recorded_name(const struct translation *translation, const struct translate_function *function)
{
	const struct translate_module *module = module_of(translation, function);
	size_t length = module ? strlen(module->name) : 0;
	return module ? xasprintf("%s:%s", module->name, function->python + length + 1) : xstrdup(function->python);
}

static bool is_in(json_t *names, const char *name)
{
	size_t index;
	json_t *item;
	json_array_foreach (names, index, item) {
		if (!strcmp(json_string_value(item), name))
			return true;
	}
	return false;
}

static void add(const struct translation *translation, json_t *modules, const char *name)
{
	if (!is_in(modules, name) && find_module(translation, name))
		json_array_append_new(modules, json_string(name));
}

// ---- what ran below --------------------------------------------------------------------------------------------------

static json_t *row_of(json_t *recording, const char *name)
{
	size_t index;
	json_t *row;
	json_array_foreach (json_object_get(recording, "functions"), index, row) {
		if (!strcmp(json_string_or(row, "name", ""), name))
			return row;
	}
	return NULL;
}

static void add_callees(const struct translation *translation, json_t *modules, const char *name, json_t *recording)
{
	cleanup_json json_t *functions = json_array();
	json_array_append_new(functions, json_string(name));
	for (size_t at = 0; at < json_array_size(functions); at++) {
		const char *function = json_string_value(json_array_get(functions, at)), *colon = strchr(function, ':');
		cleanup_free char *module = xstrndup(function, colon ? (size_t)(colon - function) : 0);
		size_t index;
		json_t *callee;
		add(translation, modules, module);
		json_array_foreach (json_object_get(row_of(recording, function), "calls"), index, callee) {
			if (json_is_string(callee) && !is_in(functions, json_string_value(callee)))
				json_array_append(functions, callee);
		}
	}
}

// ---- what they import that is no function and no class ---------------------------------------------------------------

static bool defines(json_t *module, const char *key, const char *name)
{
	size_t index;
	json_t *row;
	json_array_foreach (json_object_get(module, key), index, row) {
		const char *own = json_string_or(row, !strcmp(key, "classes") ? "qualname" : "name", "");
		if (!strcmp(own, name))
			return true;
	}
	return false;
}

static void add_import(const struct translation *translation, json_t *modules, json_t *import)
{
	const char *from = json_string_or(import, "module", "");
	json_t *module = find_module(translation, from), *name;
	size_t index;
	if (!strcmp(json_string_or(import, "when", ""), "type_checking"))
		return;
	if (!json_bool_or(import, "from", false) || json_bool_or(import, "star", false))
		add(translation, modules, from);
	json_array_foreach (json_object_get(import, "names"), index, name) {
		const char *what = json_string_or(name, "name", "");
		cleanup_free char *below = xasprintf("%s.%s", from, what);
		add(translation, modules, below);
		if (module && !find_module(translation, below) && !defines(module, "functions", what) &&
		    !defines(module, "classes", what))
			add(translation, modules, from);
	}
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static json_t *sorted(json_t *names)
{
	module_list list = VEC_INIT;
	size_t index;
	json_t *name, *out = json_array();
	json_array_foreach (names, index, name) {
		vec_push(&list, json_string_value(name));
	}
	vec_sort(&list, compare_names);
	vec_each (&list, each)
		json_array_append_new(out, json_string(*each));
	vec_clear(&list);
	return out;
}

json_t *pack_modules(const struct translation *translation, const struct translate_function *function,
		     json_t *recording)
{
	cleanup_json json_t *modules = json_array();
	cleanup_free char *name = pack_recorded_name(translation, function);
	size_t index;
	json_t *import;
	add_callees(translation, modules, name, recording);
	for (size_t at = 0; at < json_array_size(modules); at++) {
		json_t *module = find_module(translation, json_string_value(json_array_get(modules, at)));
		json_array_foreach (json_object_get(module, "imports"), index, import) {
			add_import(translation, modules, import);
		}
	}
	return sorted(modules);
}

void pack_key(const struct translation *translation, const struct translate_function *function, json_t *modules,
	      char key[DIGEST_HEX_SIZE])
{
	struct digest_hasher *hasher = digest_new();
	size_t index;
	json_t *name;
	bool whole = json_array_size(modules) > 0;
	digest_add_string(hasher, "pack/1");
	digest_add_string(hasher, translation->work->plan->lock.python);
	digest_add_string(hasher, function->python);
	digest_add_string(hasher, function->signature);
	json_array_foreach (modules, index, name) {
		const char *module = json_is_string(name) ? json_string_value(name) : "";
		const char *sha256 = json_string_or(find_module(translation, module), "sha256", "");
		whole &= *sha256 != '\0';
		digest_add_string(hasher, module);
		digest_add_string(hasher, sha256);
	}
	digest_final_hex(hasher, key);
	digest_free(hasher);
	if (!whole)
		key[0] = '\0';
}

void pack_add_go_modules(struct digest_hasher *hasher, const struct plan *plan, json_t *files)
{
	cleanup_json json_t *imports = json_object();
	const char *name, *path;
	json_t *text, *ignored;
	json_object_foreach (files, name, text) {
		mirror_imports(plan, (struct slice){json_string_value(text), json_string_length(text)}, imports);
	}
	vec_each (&plan->go_modules, module) {
		bool used = false;
		json_object_foreach (imports, path, ignored) {
			used |= mirror_module_of(plan, slice_of(path)) == module;
		}
		if (used) {
			digest_add_string(hasher, module->path);
			digest_add_string(hasher, module->version);
		}
	}
}
