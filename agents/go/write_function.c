// Bridged functions and module variables.
#include <string.h>

#include "agents/go/writer.h"

void write_function(struct go_file *file, size_t index)
{
	struct program *program = &file->writer->program;
	const struct inventory_module *module = program->modules.items[file->module].inventory;
	const struct inventory_function *function = &module->functions[index];
	const struct module_names *names = program_names(program, file->module);
	const char *name = file_local(file, names->function[index]);
	const char *options = file_local(file, names->function_options[index]);
	cleanup_arena struct arena arena = ARENA_INIT;
	struct signature signature;
	signature_make(program, file->module, function, false, &arena, &signature);
	struct text *out = &file->body;
	file_import_pyrt(file);
	file_manifest(file, function->name, name);
	text_addf(out, "var fn%s = pyrt.Func{Module: ", name);
	go_quote(module->name, out);
	text_add(out, ", Name: ");
	go_quote(function->name, out);
	text_add(out, "}\n\n");
	if (signature_has_options(&signature))
		signature_write_options(&signature, options, name, out);
	const char *what = arena_printf(&arena, "%s.%s", module->name, function->name);
	go_comment(arena_printf(&arena, "%s calls %s.", name, what), function->doc, out);
	text_addf(out, "func %s(", name);
	signature_write_parameters(&signature, options, out);
	text_add(out, ") ");
	signature_write_result(signature.result, out);
	text_add(out, " {\n");
	const struct signature_parameter *first = signature.parameters;
	bool one = signature.count == 1 && signature.required == 1 && !signature_has_options(&signature) &&
		   first->python->kind != PARAMETER_KEYWORD;
	if (one && !strcmp(first->type, "int") && !strcmp(signature.result, "int")) {
		text_addf(out, "\treturn fn%s.CallIntInt(%s)\n", name, first->name);
	} else if (one && !strcmp(first->type, "string") && !strcmp(signature.result, "string")) {
		text_addf(out, "\treturn fn%s.CallStrStr(%s)\n", name, first->name);
	} else {
		cleanup_text struct text call = TEXT_INIT;
		text_addf(&call, "fn%s.Call(", name);
		signature_write_call(&signature, &call);
		text_add_char(&call, ')');
		signature_write_open_options(&signature, options, out);
		signature_write_return(signature.result, what, text_str(&call), out);
	}
	text_add(out, "}\n\n");
	file->writer->out->functions++;
}

void write_variable(struct go_file *file, const char *python, const char *getter, const char *setter)
{
	const struct inventory_module *module = file->writer->program.modules.items[file->module].inventory;
	struct text *out = &file->body;
	file_import_pyrt(file);
	file_manifest(file, python, getter);
	text_addf(out, "var var%s = pyrt.Var{Module: ", getter);
	go_quote(module->name, out);
	text_add(out, ", Name: ");
	go_quote(python, out);
	text_addf(out, "}\n\n// %s gives %s.%s.\nfunc %s() (any, error) {\n\treturn var%s.Get()\n}\n\n", getter,
		  module->name, python, getter, getter);
	text_addf(out, "// %s assigns %s.%s.\nfunc %s(value any) error {\n\treturn var%s.Set(value)\n}\n\n", setter,
		  module->name, python, setter, getter);
	file->writer->out->variables++;
}
