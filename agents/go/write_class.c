// Bridged classes: a struct that embeds its first known base, its class value,
// constructor, methods, static and class methods as functions, and accessors
// for properties and attributes.
#include <string.h>

#include "agents/go/writer.h"

enum { BASE_STEPS = 64 };

struct class_writer {
	struct go_file *file;
	const struct inventory_module *module;
	const struct inventory_class *class;
	size_t index;
	const struct class_names *names;
	const char *type; // local
	struct name_set *methods;
	struct arena arena;
};

// ---- bases and constructors ------------------------------------------------------------------------------------------

static struct definition importable_base(struct writer *writer, int module, size_t class_index)
{
	struct definition none = {DEFINITION_NONE, -1, 0, NULL};
	struct definition base = program_base(&writer->program, module, class_index);
	int unit = writer->program.modules.items[module].unit;
	if (base.kind != DEFINITION_CLASS || !units_may_import(&writer->program, &writer->units, unit, base.module))
		return none;
	// Names that are bound twice can make a class look like its own ancestor; Go would refuse that.
	struct definition at = base;
	for (int step = 0; at.kind == DEFINITION_CLASS; step++) {
		if ((at.module == module && at.index == class_index) || step == BASE_STEPS)
			return none;
		at = program_base(&writer->program, at.module, at.index);
	}
	return base;
}

struct definition writer_base(struct writer *writer, int module, size_t class_index)
{
	struct base_row *row = &writer->bases[module][class_index];
	if (!row->known) {
		row->base = importable_base(writer, module, class_index);
		row->known = true;
	}
	return row->base;
}

static const struct inventory_function *find_method(const struct inventory_class *class, const char *name)
{
	for (size_t i = 0; i < class->method_count; i++)
		if (!strcmp(class->methods[i].name, name))
			return &class->methods[i];
	return NULL;
}

void writer_constructor(struct writer *writer, int module, size_t class_index, struct arena *arena,
			struct signature *out)
{
	struct definition at = {DEFINITION_CLASS, module, class_index, NULL};
	for (int step = 0; at.kind == DEFINITION_CLASS && step < BASE_STEPS; step++) {
		const struct inventory_class *class = program_class(&writer->program, at);
		const struct inventory_function *method = find_method(class, "__init__");
		if (!method)
			method = find_method(class, "__new__");
		if (method) {
			signature_make(&writer->program, at.module, method, true, arena, out);
			out->result = "any";
			return;
		}
		if (class->is_dataclass || class->is_namedtuple || class->is_enum)
			break;
		bool plain = class->bases.count == 0 ||
			     (class->bases.count == 1 && !strcmp(class->bases.items[0], "object"));
		if (plain) {
			*out = (struct signature){.result = "any"};
			return;
		}
		at = program_base(&writer->program, at.module, at.index);
	}
	signature_any(out);
}

const char *python_name_in_class(const char *class_name, const char *name, struct arena *arena)
{
	if (strncmp(name, "__", 2) || name_is_dunder(name))
		return name;
	while (*class_name == '_')
		class_name++;
	return *class_name ? arena_printf(arena, "_%s%s", class_name, name) : name;
}

static void write_constructor(struct class_writer *writer)
{
	struct go_file *file = writer->file;
	struct text *out = &file->body;
	struct signature signature;
	writer_constructor(file->writer, file->module, writer->index, &writer->arena, &signature);
	const char *constructor = file_local(file, writer->names->constructor);
	const char *options = file_local(file, writer->names->constructor_options);
	const char *class_variable = file_local(file, writer->names->class_variable);
	if (signature_has_options(&signature))
		signature_write_options(&signature, options, constructor, out);
	const struct inventory_function *init = find_method(writer->class, "__init__");
	go_comment(arena_printf(&writer->arena, "%s makes a %s.%s.", constructor, writer->module->name,
				writer->class->qualname),
		   init ? init->doc : NULL, out);
	text_addf(out, "func %s(", constructor);
	signature_write_parameters(&signature, options, out);
	text_addf(out, ") (*%s, error) {\n", writer->type);
	signature_write_open_options(&signature, options, out);
	text_addf(out, "\tself := new(%s)\n\tif err := %s.New(self, ", writer->type, class_variable);
	signature_write_call(&signature, out);
	text_add(out, "); err != nil {\n\t\treturn nil, err\n\t}\n\treturn self, nil\n}\n\n");
	file_manifest(file, arena_printf(&writer->arena, "%s.__init__", writer->class->qualname), constructor);
}

// ---- methods ---------------------------------------------------------------------------------------------------------

static void write_body(struct class_writer *writer, const struct signature *signature, const char *options,
		       const char *call, const char *what)
{
	struct text *out = &writer->file->body;
	signature_write_open_options(signature, options, out);
	signature_write_return(signature->result, what, call, out);
	text_add(out, "}\n\n");
}

static void write_static(struct class_writer *writer, size_t index)
{
	struct go_file *file = writer->file;
	struct text *out = &file->body;
	const struct inventory_function *method = &writer->class->methods[index];
	const char *name = file_local(file, writer->names->method_function[index]);
	const char *options = file_local(file, writer->names->method_options[index]);
	struct signature signature;
	signature_make(&file->writer->program, file->module, method, function_decorated(method, "classmethod"),
		       &writer->arena, &signature);
	const char *dotted = arena_printf(&writer->arena, "%s.%s", writer->class->qualname,
					  python_name_in_class(writer->class->name, method->name, &writer->arena));
	text_addf(out, "var fn%s = pyrt.Func{Module: ", name);
	go_quote(writer->module->name, out);
	text_add(out, ", Name: ");
	go_quote(dotted, out);
	text_add(out, "}\n\n");
	if (signature_has_options(&signature))
		signature_write_options(&signature, options, name, out);
	const char *what = arena_printf(&writer->arena, "%s.%s", writer->module->name, dotted);
	go_comment(arena_printf(&writer->arena, "%s calls %s.", name, what), method->doc, out);
	text_addf(out, "func %s(", name);
	signature_write_parameters(&signature, options, out);
	text_add(out, ") ");
	signature_write_result(signature.result, out);
	text_add(out, " {\n");
	cleanup_text struct text call = TEXT_INIT;
	text_addf(&call, "fn%s.Call(", name);
	signature_write_call(&signature, &call);
	text_add_char(&call, ')');
	write_body(writer, &signature, options, text_str(&call), what);
	file_manifest(file, arena_printf(&writer->arena, "%s.%s", writer->class->qualname, method->name), name);
	file->writer->out->methods++;
}

static void write_method(struct class_writer *writer, size_t index)
{
	struct go_file *file = writer->file;
	struct text *out = &file->body;
	const struct inventory_function *method = &writer->class->methods[index];
	cleanup_free char *plain = name_plain_dunder(method->name);
	bool is_free = plain && !name_set_has(writer->methods, plain);
	cleanup_free char *wanted = is_free ? steal(&plain) : name_exported(method->name);
	const char *name = name_set_claim(writer->methods, wanted);
	const char *options = file_local(file, writer->names->method_options[index]);
	cleanup_free char *wanted_variable = xasprintf("method%s_%s", writer->type, name);
	const char *variable = name_set_claim(file->hidden, wanted_variable);
	struct signature signature;
	signature_make(&file->writer->program, file->module, method, true, &writer->arena, &signature);
	const char *python = python_name_in_class(writer->class->name, method->name, &writer->arena);
	text_addf(out, "var %s = pyrt.Method{Module: ", variable);
	go_quote(writer->module->name, out);
	text_add(out, ", Class: ");
	go_quote(writer->class->qualname, out);
	text_add(out, ", Name: ");
	go_quote(python, out);
	text_add(out, "}\n\n");
	if (signature_has_options(&signature))
		signature_write_options(&signature, options, arena_printf(&writer->arena, "%s.%s", writer->type, name),
					out);
	const char *what =
		arena_printf(&writer->arena, "%s.%s.%s", writer->module->name, writer->class->qualname, method->name);
	go_comment(arena_printf(&writer->arena, "%s calls %s.", name, what), method->doc, out);
	text_addf(out, "func (self *%s) %s(", writer->type, name);
	signature_write_parameters(&signature, options, out);
	text_add(out, ") ");
	signature_write_result(signature.result, out);
	text_add(out, " {\n");
	cleanup_text struct text call = TEXT_INIT;
	text_addf(&call, "%s.Call(self, ", variable);
	signature_write_call(&signature, &call);
	text_add_char(&call, ')');
	write_body(writer, &signature, options, text_str(&call), what);
	file_manifest(file, arena_printf(&writer->arena, "%s.%s", writer->class->qualname, method->name),
		      arena_printf(&writer->arena, "%s.%s", writer->type, name));
	file->writer->out->methods++;
}

// ---- accessors -------------------------------------------------------------------------------------------------------

static bool names_have(const struct inventory_names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (!strcmp(names->items[i], name))
			return true;
	return false;
}

// 0 = the class does not have it, 1 = it has a getter, 2 = a setter too, 3 = it is something else there.
static int accessor_of(const struct inventory_class *class, const char *name)
{
	for (size_t i = 0; i < class->property_count; i++)
		if (!strcmp(class->properties[i].name, name))
			return class->properties[i].setter ? 2 : 1;
	if (find_method(class, name))
		return 3;
	if (names_have(&class->instance_attributes, name) || names_have(&class->slots, name))
		return 2;
	return names_have(&class->attributes, name);
}

// An embedded base of this group that has the accessor serves for this class too: attributes are found by name.
static bool inherits_accessor(const struct class_writer *writer, const char *name, bool setter)
{
	struct writer *shared = writer->file->writer;
	struct definition at = writer_base(shared, writer->file->module, writer->index);
	for (int step = 0; at.kind == DEFINITION_CLASS && step < BASE_STEPS; step++) {
		if (!shared->program.modules.items[at.module].own)
			return false;
		int has = accessor_of(program_class(&shared->program, at), name);
		if (has == 3)
			return false;
		if (has)
			return !setter || has == 2;
		at = writer_base(shared, at.module, at.index);
	}
	return false;
}

static void write_accessor(struct class_writer *writer, const char *python, bool setter, const char *returns,
			   const char *doc)
{
	struct go_file *file = writer->file;
	struct text *out = &file->body;
	bool private = !strncmp(python, "__", 2);
	if (private || (!returns && !doc && inherits_accessor(writer, python, setter)))
		return;
	cleanup_free char *wanted = name_exported(python);
	const char *getter = name_set_claim(writer->methods, wanted);
	const char *what =
		arena_printf(&writer->arena, "%s.%s.%s", writer->module->name, writer->class->qualname, python);
	const char *result = annotation_result(&file->writer->program, file->module, returns);
	if (!*result)
		result = "any";
	cleanup_text struct text call = TEXT_INIT;
	text_add(&call, "pyrt.Get(self, ");
	go_quote(python, &call);
	text_add_char(&call, ')');
	go_comment(arena_printf(&writer->arena, "%s gives %s.", getter, what), doc, out);
	text_addf(out, "func (self *%s) %s() (%s, error) {\n", writer->type, getter, result);
	signature_write_return(result, what, text_str(&call), out);
	text_add(out, "}\n\n");
	file_manifest(file, arena_printf(&writer->arena, "%s.%s", writer->class->qualname, python),
		      arena_printf(&writer->arena, "%s.%s", writer->type, getter));
	if (!setter)
		return;
	cleanup_free char *wanted_setter = xasprintf("Set%s", getter);
	const char *name = name_set_claim(writer->methods, wanted_setter);
	text_addf(out, "// %s assigns %s.\nfunc (self *%s) %s(value any) error {\n\treturn pyrt.Set(self, ", name, what,
		  writer->type, name);
	go_quote(python, out);
	text_add(out, ", value)\n}\n\n");
}

static void write_accessors(struct class_writer *writer)
{
	const struct inventory_class *class = writer->class;
	for (size_t i = 0; i < class->property_count; i++)
		write_accessor(writer, class->properties[i].name, class->properties[i].setter,
			       class->properties[i].returns, class->properties[i].doc);
	for (size_t i = 0; i < class->slots.count; i++)
		write_accessor(writer, class->slots.items[i], true, NULL, NULL);
	for (size_t i = 0; i < class->instance_attributes.count; i++)
		if (!names_have(&class->slots, class->instance_attributes.items[i]))
			write_accessor(writer, class->instance_attributes.items[i], true, NULL, NULL);
	for (size_t i = 0; i < class->attributes.count; i++)
		if (accessor_of(class, class->attributes.items[i]) == 1)
			write_accessor(writer, class->attributes.items[i], false, NULL, NULL);
}

// ---- the class -------------------------------------------------------------------------------------------------------

static bool has_no_go_method(const char *name)
{
	static const char *const skipped[] = {"__init__", "__new__",           "__str__",
					      "__del__",  "__init_subclass__", "__class_getitem__"};
	for (size_t i = 0; i < ARRAY_LENGTH(skipped); i++)
		if (!strcmp(skipped[i], name))
			return true;
	return false;
}

static void write_methods(struct class_writer *writer)
{
	for (size_t i = 0; i < writer->class->method_count; i++) {
		const struct inventory_function *method = &writer->class->methods[i];
		if (writer->names->method_function[i])
			write_static(writer, i);
		else if (!name_is_dunder(method->name))
			write_method(writer, i);
	}
	write_accessors(writer);
	// Dunder methods take plain names that are still free.
	for (size_t i = 0; i < writer->class->method_count; i++) {
		const char *name = writer->class->methods[i].name;
		if (!writer->names->method_function[i] && name_is_dunder(name) && !has_no_go_method(name))
			write_method(writer, i);
	}
}

static const char *write_struct(struct class_writer *writer)
{
	struct go_file *file = writer->file;
	struct text *out = &file->body;
	struct definition base = writer_base(file->writer, file->module, writer->index);
	const char *embedded = "pyrt.Instance";
	if (base.kind == DEFINITION_CLASS)
		embedded = file_reference(file, base.module,
					  program_names(&file->writer->program, base.module)->classes[base.index].type);
	go_comment(arena_printf(&writer->arena, "%s is a %s.%s.", writer->type, writer->module->name,
				writer->class->qualname),
		   writer->class->doc, out);
	text_addf(out, "type %s struct {\n\t%s\n}\n\n", writer->type, embedded);
	const char *dot = strrchr(embedded, '.');
	return dot ? dot + 1 : embedded;
}

void write_class(struct go_file *file, size_t index)
{
	struct program *program = &file->writer->program;
	const struct inventory_module *module = program->modules.items[file->module].inventory;
	const struct class_names *names = &program_names(program, file->module)->classes[index];
	struct class_writer writer = {.file = file,
				      .module = module,
				      .class = &module->classes[index],
				      .index = index,
				      .names = names,
				      .type = file_local(file, names->type),
				      .methods = name_set_new(),
				      .arena = ARENA_INIT};
	const char *class_variable = file_local(file, names->class_variable);
	file_import_pyrt(file);
	name_set_reserve_methods(writer.methods);
	name_set_reserve(writer.methods, write_struct(&writer));
	file_manifest(file, writer.class->qualname, writer.type);
	text_addf(&file->body, "// %s is the class %s.%s.\nvar %s = pyrt.Class{Module: ", class_variable, module->name,
		  writer.class->qualname, class_variable);
	go_quote(module->name, &file->body);
	text_add(&file->body, ", Name: ");
	go_quote(writer.class->qualname, &file->body);
	text_add(&file->body, "}\n\n");
	write_constructor(&writer);
	write_methods(&writer);
	text_add(&file->types, "\t{Module: ");
	go_quote(module->name, &file->types);
	text_add(&file->types, ", Name: ");
	go_quote(writer.class->qualname, &file->types);
	text_addf(&file->types, ", New: func() bound { return new(%s) }},\n", writer.type);
	file->writer->out->classes++;
	name_set_free(writer.methods);
	arena_clear(&writer.arena);
}
