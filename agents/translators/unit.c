// Opens a unit for translation: which Python it is, which functions it has,
// how they are called in Go, and what its Go may import.
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include "agents/scratch.h"
#include "agents/translate.h"
#include "agents/translators/tool.h"
#include "core/file.h"

void translation_clear(struct translation *translation)
{
	struct error ignored = ERROR_INIT;
	if (translation->folder)
		dir_remove_tree(translation->folder, &ignored);
	json_decref(translation->emit);
	json_decref(translation->names);
	json_decref(translation->neutral);
	json_decref(translation->imports);
	json_decref(translation->standard);
	json_decref(translation->guards);
	json_decref(translation->kept);
	json_decref(translation->remarks);
	json_decref(translation->tables);
	json_decref(translation->packages);
	mirror_use_clear(&translation->mirror);
	vec_each (&translation->inventories, inventory)
		json_decref(*inventory);
	vec_clear(&translation->inventories);
	vec_clear(&translation->modules);
	vec_clear(&translation->functions);
	free(translation->scratch);
	free(translation->folder);
	free(translation->code);
	free(translation->tool);
	arena_clear(&translation->arena);
	*translation = (struct translation){.arena = ARENA_INIT};
}

struct translate_function *translation_function(struct translation *translation, const char *go)
{
	vec_each (&translation->functions, function)
		if (!strcmp(function->go, go))
			return function;
	return NULL;
}

size_t translation_native(const struct translation *translation)
{
	size_t count = 0;
	vec_each (&translation->functions, function)
		count += function->translator != NULL;
	return count;
}

// Programs may say anything; a result is JSON.
static const char *clean_text(struct arena *arena, const char *text)
{
	cleanup_json json_t *checked = json_string(text);
	char *copy = arena_strdup(arena, text);
	for (char *c = copy; !checked && *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	return copy;
}

void translation_remark(struct translation *translation, const char *format, ...)
{
	va_list args;
	char text[2048];
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	json_array_append_new(translation->remarks, json_string(clean_text(&translation->arena, text)));
	work_note(translation->work, "%s", text);
}

void translation_reason(struct translation *translation, struct translate_function *function, const char *translator,
			const char *text)
{
	if (function->translator)
		return;
	const char *clean = clean_text(&translation->arena, text);
	function->reason =
		function->reason ? arena_printf(&translation->arena, "%s; %s: %s", function->reason, translator, clean)
				 : arena_printf(&translation->arena, "%s: %s", translator, clean);
}

// ---- the unit's modules ----------------------------------------------------------------------------------------------

static json_t *find_unit(json_t *emit, const char *id)
{
	size_t index;
	json_t *unit;
	json_array_foreach (json_object_get(emit, "units"), index, unit) {
		if (!strcmp(json_string_or(unit, "id", ""), id))
			return unit;
	}
	return NULL;
}

static json_t *find_module(json_t *inventory, const char *name)
{
	size_t index;
	json_t *module;
	json_array_foreach (json_object_get(inventory, "modules"), index, module) {
		if (!strcmp(json_string_or(module, "name", ""), name))
			return module;
	}
	return NULL;
}

static int read_inventories(struct translation *translation, struct error *err)
{
	struct work *work = translation->work;
	const struct plan_group *group = &work->plan->groups.items[translation->group];
	for (int i = 0; i < group->member_count; i++) {
		cleanup_json json_t *scan = scan_result(work, group->members[i], err);
		json_t *inventory =
			scan ? store_get_json(work->store, json_string_or(scan, "inventory", ""), "inventory", err)
			     : NULL;
		if (!inventory)
			return -1;
		vec_push(&translation->inventories, inventory);
	}
	return 0;
}

static int add_modules(struct translation *translation, json_t *unit, struct error *err)
{
	const struct plan_group *group = &translation->work->plan->groups.items[translation->group];
	size_t index;
	json_t *name;
	json_array_foreach (json_object_get(unit, "modules"), index, name) {
		struct translate_module module = {.package = -1};
		for (int i = 0; i < group->member_count && !module.inventory; i++) {
			module.inventory = find_module(translation->inventories.items[i], json_string_value(name));
			module.package = group->members[i];
		}
		if (!module.inventory)
			return error_set(err, ERROR_FAILED, "module %s is in no inventory", json_string_value(name));
		module.name = json_string_value(name);
		module.file = json_string_or(module.inventory, "file", "");
		vec_push(&translation->modules, module);
	}
	return 0;
}

// ---- its functions ---------------------------------------------------------------------------------------------------

// "Token.Flatten" in the package of a unit of several modules: "Sql_Token.Flatten".
// Constructors stay bridged: what they make is a handle on a Python object.
static void add_function(struct translation *translation, const struct translate_module *module, const char *key,
			 bool is_method, json_t *function)
{
	json_t *manifest = json_object_get(translation->names, module->name);
	const char *go = json_string_or(json_object_get(manifest, "names"), key, NULL);
	const char *prefix = json_string_or(manifest, "prefix", "");
	if (!go || slice_ends(slice_of(key), ".__init__"))
		return; // or it is defined where nobody can call it, or without a name of its own
	go = *prefix ? arena_printf(&translation->arena, "%s_%s", prefix, go) : go;
	if (translation_function(translation, go))
		return; // defined twice: the manifest has one name for both
	vec_push(&translation->functions,
		 (struct translate_function){.python = arena_printf(&translation->arena, "%s.%s", module->name, key),
					     .go = go,
					     .is_method = is_method,
					     .line = json_integer_or(function, "line", 0),
					     .end_line = json_integer_or(function, "end_line", 0)});
}

static void add_functions(struct translation *translation, const struct translate_module *module)
{
	size_t i, j;
	json_t *function, *class;
	json_array_foreach (json_object_get(module->inventory, "functions"), i, function) {
		add_function(translation, module, json_string_or(function, "name", ""), false, function);
	}
	json_array_foreach (json_object_get(module->inventory, "classes"), i, class) {
		json_array_foreach (json_object_get(class, "methods"), j, function) {
			cleanup_free char *key = xasprintf("%s.%s", json_string_or(class, "qualname", ""),
							   json_string_or(function, "name", ""));
			add_function(translation, module, key, true, function);
		}
	}
}

// The bridged Go has the last word on which functions there are and how they look.
static int add_signatures(struct translation *translation, struct error *err)
{
	cleanup_json json_t *request = json_pack("{s:s, s:s}", "command", "functions", "bridged", "/bridged");
	struct sandbox_mount mount = {translation->code, "/bridged", false};
	cleanup_json json_t *answer = tool_run(translation->work, translation->tool, request, &mount, 1, err);
	if (!answer)
		return -1;
	translation->standard = json_incref(json_object_get(answer, "standard"));
	size_t index, kept = 0;
	json_t *row;
	json_array_foreach (json_object_get(answer, "functions"), index, row) {
		struct translate_function *function =
			translation_function(translation, json_string_or(row, "name", ""));
		if (!function)
			continue;
		function->signature = arena_strdup(&translation->arena, json_string_or(row, "signature", ""));
		function->file = arena_strdup(&translation->arena, json_string_or(row, "file", ""));
	}
	vec_each (&translation->functions, function)
		if (function->signature)
			translation->functions.items[kept++] = *function;
	translation->functions.count = kept;
	return 0;
}

// ---- what it may import ----------------------------------------------------------------------------------------------

static void allow(struct translation *translation, json_t *names, const char *module)
{
	json_t *row = json_object_get(names, module);
	if (row)
		json_object_set_new(translation->neutral, json_string_or(row, "path", ""),
				    json_string(json_string_or(row, "package", "")));
}

static void note_import(struct translation *translation, json_t *names, const char *module)
{
	json_t *row = json_object_get(names, module);
	if (row)
		json_array_append_new(translation->imports, json_string(json_string_or(row, "path", "")));
}

// Units of the group that this one needs, directly or not: what Go may import without closing a cycle.
static void allow_own(struct translation *translation, json_t *unit)
{
	VEC(const char *) queue = VEC_INIT;
	vec_push(&queue, translation->unit);
	for (size_t at = 0; at < queue.count; at++) {
		json_t *row = at ? find_unit(translation->emit, queue.items[at]) : unit, *item;
		size_t i;
		json_array_foreach (json_object_get(row, "modules"), i, item) {
			if (at)
				allow(translation, translation->names, json_string_value(item));
		}
		json_array_foreach (json_object_get(row, "needs"), i, item) {
			bool known = false;
			vec_each (&queue, seen)
				known |= !strcmp(*seen, json_string_value(item));
			if (!known)
				vec_push(&queue, json_string_value(item));
		}
	}
	vec_clear(&queue);
	size_t i, j;
	json_t *need, *module;
	json_array_foreach (json_object_get(unit, "needs"), i, need) {
		json_array_foreach (json_object_get(find_unit(translation->emit, json_string_value(need)), "modules"),
				    j, module) {
			note_import(translation, translation->names, json_string_value(module));
		}
	}
}

static int allow_group(struct translation *translation, int group, json_t *unit, struct error *err)
{
	struct work *work = translation->work;
	cleanup_json json_t *emit = emit_result(work, group, err);
	cleanup_json json_t *manifest =
		emit ? store_get_json(work->store, json_string_or(emit, "names", ""), "name manifest", err) : NULL;
	if (!manifest)
		return -1;
	json_t *names = json_object_get(manifest, "modules"), *row;
	const char *module;
	size_t i;
	json_object_foreach (names, module, row) {
		allow(translation, names, module);
	}
	json_array_foreach (json_object_get(unit, "imports"), i, row) {
		int package = lock_find(&work->plan->lock, json_string_or(row, "release", ""));
		if (package >= 0 && plan_group_of(work->plan, package) == group)
			note_import(translation, names, json_string_or(row, "module", ""));
	}
	return 0;
}

// Along the lock's edges of the releases that the unit's modules belong to.
static int allow_below(struct translation *translation, json_t *unit, struct error *err)
{
	const struct plan *plan = translation->work->plan;
	cleanup_free bool *wanted = xcalloc(plan->groups.count, sizeof *wanted);
	vec_each (&translation->modules, module)
		vec_each (&plan->lock.packages.items[module->package].requires, edge)
			wanted[plan_group_of(plan, edge->target)] = true;
	for (size_t i = 0; i < plan->groups.count; i++)
		if (wanted[i] && (int)i != translation->group && allow_group(translation, (int)i, unit, err))
			return -1;
	return 0;
}

// ---- opening ---------------------------------------------------------------------------------------------------------

static int copy_folder(const char *from, const char *to, struct error *err)
{
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	if (dir_make(to, 0755, err) || dir_list(from, &names, err))
		return -1;
	vec_each (&names, name) {
		cleanup_free char *source = xasprintf("%s/%s", from, *name);
		cleanup_free char *target = xasprintf("%s/%s", to, *name);
		cleanup_text struct text data = TEXT_INIT;
		if (dir_exists(source))
			continue; // another package
		if (file_read(source, 64 << 20, &data, err) || file_write_plain(target, data.ptr, data.len, err))
			return -1;
	}
	return 0;
}

static int open_unit(struct translation *translation, struct error *err)
{
	struct work *work = translation->work;
	translation->emit = emit_result(work, translation->group, err);
	json_t *unit = find_unit(translation->emit, translation->unit);
	if (!translation->emit)
		return -1;
	if (!unit)
		return error_set(err, ERROR_INPUT, "there is no such unit");
	cleanup_json json_t *manifest =
		store_get_json(work->store, json_string_or(translation->emit, "names", ""), "name manifest", err);
	if (!manifest || read_inventories(translation, err))
		return -1;
	translation->names = json_incref(json_object_get(manifest, "modules"));
	if (add_modules(translation, unit, err))
		return -1;
	vec_each (&translation->modules, module)
		add_functions(translation, module);
	translation->path = json_string_or(unit, "package", "");
	json_t *first = json_object_get(translation->names, translation->modules.items[0].name);
	bool alone = translation->modules.count == 1;
	translation->package = alone ? json_string_or(first, "package", "") : strrchr(translation->path, '/') + 1;
	allow_own(translation, unit);
	return allow_below(translation, unit, err);
}

static int open_code(struct translation *translation, struct error *err)
{
	struct work *work = translation->work;
	if (scratch_open(work, translation->group, &translation->scratch, err) ||
	    tool_open(work, &translation->tool, err) || work_temporary(work, "translate", &translation->folder, err))
		return -1;
	cleanup_free char *bridged = xasprintf("%s/%s", translation->scratch, translation->path + strlen("py/"));
	translation->code = xasprintf("%s/code", translation->folder);
	return copy_folder(bridged, translation->code, err) || add_signatures(translation, err) ? -1 : 0;
}

int translation_open(struct work *work, int group, const char *unit, struct translation *out, struct error *err)
{
	*out = (struct translation){.work = work,
				    .group = group,
				    .unit = unit,
				    .arena = ARENA_INIT,
				    .neutral = json_object(),
				    .imports = json_array(),
				    .guards = json_object(),
				    .kept = json_object(),
				    .remarks = json_array(),
				    .tables = json_object(),
				    .packages = json_object()};
	if (open_unit(out, err) || (out->functions.count && open_code(out, err))) {
		translation_clear(out);
		return -1;
	}
	return 0;
}
