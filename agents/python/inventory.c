// Reads "gophersnake.inventory/1" (agents/python/inventory.py writes it) into
// arena structs. Strict: a missing key, a wrong type or an unknown word is an
// error that names the module. The document comes out of a sandbox that read
// hostile files, so names that must be identifiers are checked to be such.
#include "agents/python/inventory.h"

#include <string.h>

struct reading {
	struct arena *arena;
	const char *what; // "inventory: module x.y"
};

static const char *copy_optional(const struct reading *reading, json_t *object, const char *key)
{
	return arena_strdup(reading->arena, json_string_or(object, key, NULL));
}

static int read_string(const struct reading *reading, json_t *object, const char *key, const char **out,
		       struct error *err)
{
	const char *text = NULL;
	if (json_get_string(object, key, reading->what, &text, err))
		return -1;
	*out = arena_strdup(reading->arena, text);
	return 0;
}

// Words of letters, digits and underscores with single dots between them. A module's word may start with a digit.
static bool is_name(const char *name)
{
	for (const char *at = name; *at; at++) {
		unsigned char c = (unsigned char)*at;
		bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
			    c >= 0x80;
		if (!word && !(c == '.' && at > name && at[1] && at[1] != '.'))
			return false;
	}
	return *name != '\0';
}

static int read_name(const struct reading *reading, json_t *object, const char *key, const char **out,
		     struct error *err)
{
	if (read_string(reading, object, key, out, err))
		return -1;
	if (!is_name(*out))
		return error_set(err, ERROR_INPUT, "%s: key \"%s\": \"%.80s\" is not a Python name", reading->what, key,
				 *out);
	return 0;
}

static int read_names(const struct reading *reading, json_t *object, const char *key, struct inventory_names *out,
		      struct error *err)
{
	json_t *array = NULL, *item;
	size_t index;
	if (json_get_array(object, key, reading->what, &array, err))
		return -1;
	out->count = json_array_size(array);
	out->items = arena_array(reading->arena, out->count, sizeof *out->items);
	json_array_foreach (array, index, item) {
		if (!json_is_string(item))
			return error_set(err, ERROR_INPUT, "%s: key \"%s\": expected strings", reading->what, key);
		out->items[index] = arena_strdup(reading->arena, json_string_value(item));
	}
	return 0;
}

static int read_word(const struct reading *reading, json_t *object, const char *key, const char *const *words,
		     size_t count, int *out, struct error *err)
{
	const char *text = NULL;
	if (json_get_string(object, key, reading->what, &text, err))
		return -1;
	for (size_t i = 0; i < count; i++)
		if (!strcmp(words[i], text)) {
			*out = (int)i;
			return 0;
		}
	return error_set(err, ERROR_INPUT, "%s: key \"%s\": unknown word \"%.40s\"", reading->what, key, text);
}

static int read_parameters(const struct reading *reading, json_t *object, struct inventory_function *out,
			   struct error *err)
{
	static const char *const kinds[] = {"posonly", "pos", "var", "kwonly", "kwvar"};
	json_t *array = NULL, *item;
	size_t index;
	if (json_get_array(object, "params", reading->what, &array, err))
		return -1;
	out->parameter_count = json_array_size(array);
	out->parameters = arena_array(reading->arena, out->parameter_count, sizeof *out->parameters);
	json_array_foreach (array, index, item) {
		struct inventory_parameter *parameter = &out->parameters[index];
		int kind = 0;
		if (read_name(reading, item, "name", &parameter->name, err) ||
		    read_word(reading, item, "kind", kinds, ARRAY_LENGTH(kinds), &kind, err))
			return -1;
		parameter->kind = (enum parameter_kind)kind;
		parameter->default_text = copy_optional(reading, item, "default");
		parameter->annotation = copy_optional(reading, item, "annotation");
	}
	return 0;
}

static int read_functions(const struct reading *reading, json_t *object, const char *key,
			  struct inventory_function **out, size_t *count, struct error *err)
{
	json_t *array = NULL, *item;
	size_t index;
	if (json_get_array(object, key, reading->what, &array, err))
		return -1;
	*count = json_array_size(array);
	*out = arena_array(reading->arena, *count, sizeof **out);
	json_array_foreach (array, index, item) {
		struct inventory_function *function = &(*out)[index];
		if (read_name(reading, item, "name", &function->name, err) ||
		    read_name(reading, item, "qualname", &function->qualname, err) ||
		    json_get_integer(item, "line", reading->what, &function->line, err) ||
		    json_get_integer(item, "end_line", reading->what, &function->end_line, err) ||
		    json_get_bool(item, "async", reading->what, &function->async, err) ||
		    json_get_bool(item, "generator", reading->what, &function->generator, err) ||
		    json_get_bool(item, "conditional", reading->what, &function->conditional, err) ||
		    read_names(reading, item, "decorators", &function->decorators, err) ||
		    read_parameters(reading, item, function, err))
			return -1;
		function->doc = copy_optional(reading, item, "doc");
		function->returns = copy_optional(reading, item, "returns");
	}
	return 0;
}

static int read_properties(const struct reading *reading, json_t *object, struct inventory_class *out,
			   struct error *err)
{
	json_t *array = NULL, *item;
	size_t index;
	if (json_get_array(object, "properties", reading->what, &array, err))
		return -1;
	out->property_count = json_array_size(array);
	out->properties = arena_array(reading->arena, out->property_count, sizeof *out->properties);
	json_array_foreach (array, index, item) {
		struct inventory_property *property = &out->properties[index];
		if (read_name(reading, item, "name", &property->name, err) ||
		    json_get_bool(item, "setter", reading->what, &property->setter, err) ||
		    json_get_integer(item, "line", reading->what, &property->line, err))
			return -1;
		property->doc = copy_optional(reading, item, "doc");
		property->returns = copy_optional(reading, item, "returns");
	}
	return 0;
}

static int read_classes(const struct reading *reading, json_t *object, struct inventory_module *module,
			struct error *err)
{
	json_t *array = NULL, *item;
	size_t index;
	if (json_get_array(object, "classes", reading->what, &array, err))
		return -1;
	module->class_count = json_array_size(array);
	module->classes = arena_array(reading->arena, module->class_count, sizeof *module->classes);
	json_array_foreach (array, index, item) {
		struct inventory_class *class = &module->classes[index];
		if (read_name(reading, item, "name", &class->name, err) ||
		    read_name(reading, item, "qualname", &class->qualname, err) ||
		    json_get_integer(item, "line", reading->what, &class->line, err) ||
		    json_get_integer(item, "end_line", reading->what, &class->end_line, err) ||
		    json_get_bool(item, "is_enum", reading->what, &class->is_enum, err) ||
		    json_get_bool(item, "is_dataclass", reading->what, &class->is_dataclass, err) ||
		    json_get_bool(item, "is_namedtuple", reading->what, &class->is_namedtuple, err) ||
		    json_get_bool(item, "conditional", reading->what, &class->conditional, err) ||
		    read_names(reading, item, "bases", &class->bases, err) ||
		    read_names(reading, item, "decorators", &class->decorators, err) ||
		    read_names(reading, item, "attributes", &class->attributes, err) ||
		    read_names(reading, item, "slots", &class->slots, err) ||
		    read_names(reading, item, "self_attributes", &class->instance_attributes, err) ||
		    read_functions(reading, item, "methods", &class->methods, &class->method_count, err) ||
		    read_properties(reading, item, class, err))
			return -1;
		class->doc = copy_optional(reading, item, "doc");
	}
	return 0;
}

static int read_imports(const struct reading *reading, json_t *object, struct inventory_module *module,
			struct error *err)
{
	static const char *const times[] = {"import", "conditional", "late", "type_checking"};
	json_t *array = NULL, *item, *names = NULL, *name;
	size_t index, at;
	if (json_get_array(object, "imports", reading->what, &array, err))
		return -1;
	module->import_count = json_array_size(array);
	module->imports = arena_array(reading->arena, module->import_count, sizeof *module->imports);
	json_array_foreach (array, index, item) {
		struct inventory_import *row = &module->imports[index];
		int when = 0;
		if (read_string(reading, item, "module", &row->module, err) ||
		    json_get_bool(item, "from", reading->what, &row->from, err) ||
		    json_get_bool(item, "star", reading->what, &row->star, err) ||
		    json_get_integer(item, "line", reading->what, &row->line, err) ||
		    read_word(reading, item, "when", times, ARRAY_LENGTH(times), &when, err) ||
		    json_get_array(item, "names", reading->what, &names, err))
			return -1;
		row->when = (enum import_time)when;
		row->count = json_array_size(names);
		row->names = arena_array(reading->arena, row->count, sizeof *row->names);
		row->aliases = arena_array(reading->arena, row->count, sizeof *row->aliases);
		json_array_foreach (names, at, name) {
			if (read_name(reading, name, "name", &row->names[at], err))
				return -1;
			row->aliases[at] = copy_optional(reading, name, "as");
		}
	}
	return 0;
}

static int read_variables(const struct reading *reading, json_t *object, struct inventory_module *module,
			  struct error *err)
{
	json_t *array = NULL, *item;
	size_t index;
	if (json_get_array(object, "variables", reading->what, &array, err))
		return -1;
	module->variable_count = json_array_size(array);
	module->variables = arena_array(reading->arena, module->variable_count, sizeof *module->variables);
	json_array_foreach (array, index, item) {
		struct inventory_variable *variable = &module->variables[index];
		if (read_name(reading, item, "name", &variable->name, err) ||
		    json_get_integer(item, "line", reading->what, &variable->line, err))
			return -1;
		variable->annotation = copy_optional(reading, item, "annotation");
		variable->value = copy_optional(reading, item, "value");
	}
	return 0;
}

static int read_module(struct inventory *out, json_t *object, const char *what, struct inventory_module *module,
		       struct error *err)
{
	struct reading reading = {&out->arena, what};
	if (read_name(&reading, object, "name", &module->name, err))
		return -1;
	reading.what = arena_printf(&out->arena, "%s: module %s", what, module->name);
	if (read_string(&reading, object, "file", &module->file, err) ||
	    read_string(&reading, object, "sha256", &module->sha256, err) ||
	    json_get_bool(object, "is_package", reading.what, &module->is_package, err) ||
	    json_get_integer(object, "lines", reading.what, &module->lines, err))
		return -1;
	module->error = copy_optional(&reading, object, "error");
	if (module->error)
		return 0;
	module->doc = copy_optional(&reading, object, "doc");
	json_t *all = json_object_get(object, "all");
	module->has_all = all && !json_is_null(all);
	if (module->has_all && read_names(&reading, object, "all", &module->all, err))
		return -1;
	return read_imports(&reading, object, module, err) ||
			       read_functions(&reading, object, "functions", &module->functions,
					      &module->function_count, err) ||
			       read_classes(&reading, object, module, err) ||
			       read_variables(&reading, object, module, err)
		       ? -1
		       : 0;
}

int inventory_read(json_t *json, const char *what, struct inventory *out, struct error *err)
{
	*out = (struct inventory){.arena = ARENA_INIT};
	struct reading reading = {&out->arena, what};
	json_t *modules = NULL, *item;
	size_t index;
	if (json_check_schema(json, "gophersnake.inventory/1", what, err) ||
	    read_string(&reading, json, "python", &out->python, err) ||
	    read_names(&reading, json, "extensions", &out->extensions, err) ||
	    json_get_integer(json, "data_files", what, &out->data_files, err) ||
	    json_get_array(json, "modules", what, &modules, err))
		goto failed;
	out->module_count = json_array_size(modules);
	out->modules = arena_array(&out->arena, out->module_count, sizeof *out->modules);
	json_array_foreach (modules, index, item) {
		if (read_module(out, item, what, &out->modules[index], err))
			goto failed;
		if (index && strcmp(out->modules[index - 1].name, out->modules[index].name) >= 0) {
			error_set(err, ERROR_INPUT, "%s: modules are not sorted by name at %s", what,
				  out->modules[index].name);
			goto failed;
		}
	}
	return 0;
failed:
	inventory_clear(out);
	return -1;
}

void inventory_clear(struct inventory *inventory)
{
	arena_clear(&inventory->arena);
	*inventory = (struct inventory){.arena = ARENA_INIT};
}

const struct inventory_module *inventory_find(const struct inventory *inventory, const char *module)
{
	size_t low = 0, high = inventory->module_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(inventory->modules[middle].name, module);
		if (!order)
			return &inventory->modules[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}
