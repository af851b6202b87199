// Names for what another package defines: the façade of a module that shares
// its unit's package, and the re-exports of a module. Go aliases types but no
// variables, so functions forward, class values are written again (they are
// comparable), and variables are read through this module.
#include <string.h>

#include "agents/go/writer.h"

enum { STAR_STEPS = 256 };

static void forward_options(struct go_file *file, int module, const char *theirs, const char *ours)
{
	text_addf(&file->body, "// %s are optional parameters.\ntype %s = %s\n\n", ours, ours,
		  file_reference(file, module, theirs));
}

static void forward_call(struct go_file *file, const struct signature *signature, const char *first, const char *doc,
			 const char *name, const char *options, const char *result, const char *target)
{
	struct text *out = &file->body;
	go_comment(first, doc, out);
	text_addf(out, "func %s(", name);
	signature_write_parameters(signature, options, out);
	text_addf(out, ") %s {\n\treturn %s(", result, target);
	signature_write_arguments(signature, out);
	text_add(out, ")\n}\n\n");
	for (size_t i = 0; i < signature->count; i++)
		if (signature->parameters[i].type && !strncmp(signature->parameters[i].type, "pyrt.", 5))
			file_import_pyrt(file);
	if (strstr(result, "pyrt."))
		file_import_pyrt(file);
}

void forward_function(struct go_file *file, struct definition of, const char *name, const char *options)
{
	struct program *program = &file->writer->program;
	const struct inventory_function *function = &program->modules.items[of.module].inventory->functions[of.index];
	const struct module_names *theirs = program_names(program, of.module);
	cleanup_arena struct arena arena = ARENA_INIT;
	struct signature signature;
	signature_make(program, of.module, function, false, &arena, &signature);
	if (signature_has_options(&signature))
		forward_options(file, of.module, theirs->function_options[of.index], options);
	cleanup_text struct text result = TEXT_INIT;
	signature_write_result(signature.result, &result);
	const char *first = arena_printf(&arena, "%s calls %s.%s.", name,
					 program->modules.items[of.module].inventory->name, function->qualname);
	forward_call(file, &signature, first, function->doc, name, options, text_str(&result),
		     file_reference(file, of.module, theirs->function[of.index]));
}

static void forward_static(struct go_file *file, struct definition of, size_t method_index, const char *name,
			   const char *options)
{
	struct program *program = &file->writer->program;
	const struct inventory_function *method = &program_class(program, of)->methods[method_index];
	const struct class_names *theirs = &program_names(program, of.module)->classes[of.index];
	cleanup_arena struct arena arena = ARENA_INIT;
	struct signature signature;
	signature_make(program, of.module, method, function_decorated(method, "classmethod"), &arena, &signature);
	if (signature_has_options(&signature))
		forward_options(file, of.module, theirs->method_options[method_index], options);
	cleanup_text struct text result = TEXT_INIT;
	signature_write_result(signature.result, &result);
	const char *first = arena_printf(&arena, "%s calls %s.%s.", name,
					 program->modules.items[of.module].inventory->name, method->qualname);
	forward_call(file, &signature, first, method->doc, name, options, text_str(&result),
		     file_reference(file, of.module, theirs->method_function[method_index]));
}

static bool method_has_go_options(struct program *program, struct definition of, size_t method_index,
				  struct arena *arena)
{
	const struct inventory_function *method = &program_class(program, of)->methods[method_index];
	static const char *const skipped[] = {"__init__", "__new__",           "__str__",
					      "__del__",  "__init_subclass__", "__class_getitem__"};
	for (size_t i = 0; i < ARRAY_LENGTH(skipped); i++)
		if (!strcmp(skipped[i], method->name))
			return false;
	struct signature signature;
	signature_make(program, of.module, method, true, arena, &signature);
	return signature_has_options(&signature);
}

void forward_class(struct go_file *file, struct definition of, const struct class_names *names)
{
	struct program *program = &file->writer->program;
	const struct inventory_class *class = program_class(program, of);
	const struct inventory_module *module = program->modules.items[of.module].inventory;
	const struct class_names *theirs = &program_names(program, of.module)->classes[of.index];
	cleanup_arena struct arena arena = ARENA_INIT;
	struct text *out = &file->body;
	file_import_pyrt(file);
	go_comment(arena_printf(&arena, "%s is a %s.%s.", names->type, module->name, class->qualname), class->doc, out);
	text_addf(out, "type %s = %s\n\n", names->type, file_reference(file, of.module, theirs->type));
	text_addf(out, "// %s is the class %s.%s.\nvar %s = pyrt.Class{Module: ", names->class_variable, module->name,
		  class->qualname, names->class_variable);
	go_quote(module->name, out);
	text_add(out, ", Name: ");
	go_quote(class->qualname, out);
	text_add(out, "}\n\n");
	struct signature signature;
	writer_constructor(file->writer, of.module, of.index, &arena, &signature);
	if (signature_has_options(&signature))
		forward_options(file, of.module, theirs->constructor_options, names->constructor_options);
	const char *first =
		arena_printf(&arena, "%s makes a %s.%s.", names->constructor, module->name, class->qualname);
	forward_call(file, &signature, first, NULL, names->constructor, names->constructor_options,
		     arena_printf(&arena, "(*%s, error)", names->type),
		     file_reference(file, of.module, theirs->constructor));
	for (size_t i = 0; i < class->method_count; i++) {
		if (theirs->method_function[i])
			forward_static(file, of, i, names->method_function[i], names->method_options[i]);
		else if (method_has_go_options(program, of, i, &arena))
			forward_options(file, of.module, theirs->method_options[i], names->method_options[i]);
	}
}

void write_forwards(struct go_file *file)
{
	struct program *program = &file->writer->program;
	const struct inventory_module *module = program->modules.items[file->module].inventory;
	const struct module_names *names = program_names(program, file->module);
	for (size_t i = 0; i < module->function_count; i++) {
		struct definition of = {DEFINITION_FUNCTION, file->module, i, NULL};
		forward_function(file, of, names->function[i], names->function_options[i]);
		file_manifest(file, module->functions[i].name, names->function[i]);
	}
	for (size_t i = 0; i < module->class_count; i++) {
		struct definition of = {DEFINITION_CLASS, file->module, i, NULL};
		forward_class(file, of, &names->classes[i]);
	}
}

// ---- re-exports ------------------------------------------------------------------------------------------------------

static const char *claim(struct name_set *set, const char *prefix, const char *name, const char *suffix)
{
	cleanup_free char *wanted = xasprintf("%s%s%s", prefix, name, suffix);
	return name_set_claim(set, wanted);
}

static void claim_class(struct name_set *set, const struct inventory_class *class, const char *type,
			struct arena *arena, struct class_names *out)
{
	out->type = type;
	out->class_variable = claim(set, type, "", "Class");
	out->constructor = claim(set, "New", type, "");
	out->constructor_options = claim(set, out->constructor, "", "Options");
	out->method_function = arena_array(arena, class->method_count, sizeof(const char *));
	out->method_options = arena_array(arena, class->method_count, sizeof(const char *));
	for (size_t i = 0; i < class->method_count; i++) {
		const struct inventory_function *method = &class->methods[i];
		cleanup_free char *plain = name_plain_dunder(method->name);
		cleanup_free char *name = plain ? steal(&plain) : name_exported(method->name);
		if (function_decorated(method, "staticmethod") || function_decorated(method, "classmethod"))
			out->method_function[i] = claim(set, type, name, "");
		out->method_options[i] = claim(set, type, name, "Options");
	}
}

static void write_reexport(struct go_file *file, const char *python, struct arena *arena)
{
	struct writer *writer = file->writer;
	struct program *program = &writer->program;
	struct name_set *set = program->modules.items[file->module].name_set;
	struct definition of = program_lookup(program, file->module, python);
	if (of.kind == DEFINITION_MODULE || (of.kind != DEFINITION_NONE && of.module == file->module))
		return; // a package of its own, or written already
	bool may_import =
		of.kind != DEFINITION_NONE && units_may_import(program, &writer->units, file->unit, of.module);
	cleanup_free char *wanted = name_exported(python);
	const char *name = name_set_claim(set, wanted);
	if (may_import && of.kind == DEFINITION_FUNCTION) {
		const char *options = claim(set, name, "", "Options");
		forward_function(file, of, name, options);
	} else if (may_import && of.kind == DEFINITION_CLASS) {
		struct class_names names = {0};
		claim_class(set, program_class(program, of), name, arena, &names);
		forward_class(file, of, &names);
	} else {
		write_variable(file, python, name, claim(set, "Set", name, ""));
		return;
	}
	file_manifest(file, python, name);
}

typedef VEC(const char *) text_list;

static bool same_top(const char *a, const char *b)
{
	size_t length = strcspn(a, ".");
	return strcspn(b, ".") == length && !strncmp(a, b, length);
}

// The names that `from module import *` binds; follows star imports with a worklist.
static void star_names(struct program *program, int module, text_list *out)
{
	int work[STAR_STEPS] = {module};
	size_t done = 0, count = 1;
	for (; done < count; done++) {
		const struct inventory_module *inventory = program->modules.items[work[done]].inventory;
		for (size_t i = 0; inventory->has_all && i < inventory->all.count; i++)
			vec_push(out, inventory->all.items[i]);
		for (size_t i = 0; !inventory->has_all && i < inventory->function_count; i++)
			vec_push(out, inventory->functions[i].name);
		for (size_t i = 0; !inventory->has_all && i < inventory->class_count; i++)
			if (!strchr(inventory->classes[i].qualname, '.'))
				vec_push(out, inventory->classes[i].name);
		for (size_t i = 0; !inventory->has_all && i < inventory->variable_count; i++)
			vec_push(out, inventory->variables[i].name);
		for (size_t i = 0; !inventory->has_all && i < inventory->import_count; i++) {
			const struct inventory_import *row = &inventory->imports[i];
			int next = row->star ? program_find(program, program->modules.items[work[done]].release,
							    row->module, NULL)
					     : -1;
			bool seen = next < 0 || count == STAR_STEPS;
			for (size_t j = 0; !seen && j < count; j++)
				seen = work[j] == next;
			if (!seen)
				work[count++] = next;
		}
	}
}

static void package_names(struct program *program, int number, text_list *out)
{
	const struct program_module *module = &program->modules.items[number];
	for (size_t i = 0; i < module->inventory->import_count; i++) {
		const struct inventory_import *row = &module->inventory->imports[i];
		if (!row->from || (row->when != IMPORT_NOW && row->when != IMPORT_CONDITIONAL) ||
		    !same_top(row->module, module->inventory->name))
			continue;
		for (size_t j = 0; j < row->count; j++)
			vec_push(out, row->aliases[j] ? row->aliases[j] : row->names[j]);
		int star = row->star ? program_find(program, module->release, row->module, NULL) : -1;
		if (star >= 0)
			star_names(program, star, out);
	}
}

static int compare_texts(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool is_identifier(const char *name)
{
	return *name && !strpbrk(name, ". \t\n\"\\/") && !(*name >= '0' && *name <= '9');
}

void write_reexports(struct go_file *file)
{
	struct program *program = &file->writer->program;
	const struct inventory_module *module = program->modules.items[file->module].inventory;
	program_names(program, file->module);
	text_list names = VEC_INIT;
	if (module->has_all)
		for (size_t i = 0; i < module->all.count; i++)
			vec_push(&names, module->all.items[i]);
	else if (module->is_package)
		package_names(program, file->module, &names);
	vec_sort(&names, compare_texts);
	cleanup_arena struct arena arena = ARENA_INIT;
	for (size_t i = 0; i < names.count; i++) {
		const char *name = names.items[i];
		bool again = i && !strcmp(names.items[i - 1], name);
		bool private = name[0] == '_' && !module->has_all;
		if (!again && !private && is_identifier(name))
			write_reexport(file, name, &arena);
	}
	vec_clear(&names);
}
