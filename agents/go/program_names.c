// The package-level Go names of what a module defines. They depend on that
// module's inventory alone, so every release that refers to a module computes
// the same ones: definitions claim their names first, in source order, then
// the helpers (options, constructors, setters) in the same order.
#include <string.h>

#include "agents/go/program.h"

struct naming_row {
	int64_t line;
	enum definition_kind kind;
	size_t index;
};

static int compare_rows(const void *left, const void *right)
{
	const struct naming_row *a = left, *b = right;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

static const char *claim(struct name_set *set, const char *prefix, const char *name, const char *suffix)
{
	cleanup_free char *wanted = xasprintf("%s%s%s", prefix, name, suffix);
	return name_set_claim(set, wanted);
}

static void claim_main(struct name_set *set, const struct inventory_module *module, struct module_names *names,
		       const struct naming_row *row)
{
	if (row->kind == DEFINITION_FUNCTION) {
		cleanup_free char *name = name_exported(module->functions[row->index].name);
		names->function[row->index] = name_set_claim(set, name);
	} else if (row->kind == DEFINITION_CLASS) {
		cleanup_free char *name = name_exported(module->classes[row->index].qualname);
		names->classes[row->index].type = name_set_claim(set, name);
	} else {
		cleanup_free char *name = name_exported(module->variables[row->index].name);
		names->getter[row->index] = name_set_claim(set, name);
	}
}

static void claim_class_helpers(struct name_set *set, const struct inventory_class *class, struct class_names *names)
{
	names->class_variable = claim(set, names->type, "", "Class");
	names->constructor = claim(set, "New", names->type, "");
	names->constructor_options = claim(set, names->constructor, "", "Options");
	for (size_t i = 0; i < class->method_count; i++) {
		const struct inventory_function *method = &class->methods[i];
		cleanup_free char *plain = name_plain_dunder(method->name);
		cleanup_free char *name = plain ? steal(&plain) : name_exported(method->name);
		if (function_decorated(method, "staticmethod") || function_decorated(method, "classmethod"))
			names->method_function[i] = claim(set, names->type, name, "");
		names->method_options[i] = claim(set, names->type, name, "Options");
	}
}

const struct module_names *program_names(struct program *program, int number)
{
	struct program_module *module = &program->modules.items[number];
	if (module->names)
		return module->names;
	const struct inventory_module *inventory = module->inventory;
	struct arena *arena = &program->arena;
	struct module_names *names = arena_alloc(arena, sizeof *names);
	names->function = arena_array(arena, inventory->function_count, sizeof *names->function);
	names->function_options = arena_array(arena, inventory->function_count, sizeof *names->function_options);
	names->classes = arena_array(arena, inventory->class_count, sizeof *names->classes);
	names->getter = arena_array(arena, inventory->variable_count, sizeof *names->getter);
	names->setter = arena_array(arena, inventory->variable_count, sizeof *names->setter);
	VEC(struct naming_row) rows = VEC_INIT;
	for (size_t i = 0; i < inventory->function_count; i++)
		vec_push(&rows, (struct naming_row){inventory->functions[i].line, DEFINITION_FUNCTION, i});
	for (size_t i = 0; i < inventory->class_count; i++) {
		const struct inventory_class *class = &inventory->classes[i];
		names->classes[i].method_options = arena_array(arena, class->method_count, sizeof(const char *));
		names->classes[i].method_function = arena_array(arena, class->method_count, sizeof(const char *));
		vec_push(&rows, (struct naming_row){class->line, DEFINITION_CLASS, i});
	}
	for (size_t i = 0; i < inventory->variable_count; i++)
		vec_push(&rows, (struct naming_row){inventory->variables[i].line, DEFINITION_VARIABLE, i});
	vec_sort(&rows, compare_rows);
	module->name_set = name_set_new();
	vec_each (&rows, row)
		claim_main(module->name_set, inventory, names, row);
	vec_each (&rows, row) {
		if (row->kind == DEFINITION_FUNCTION)
			names->function_options[row->index] =
				claim(module->name_set, names->function[row->index], "", "Options");
		else if (row->kind == DEFINITION_CLASS)
			claim_class_helpers(module->name_set, &inventory->classes[row->index],
					    &names->classes[row->index]);
		else
			names->setter[row->index] = claim(module->name_set, "Set", names->getter[row->index], "");
	}
	vec_clear(&rows);
	return module->names = names;
}
