// Python parameters to Go parameters and option fields, and the texts that
// declare, forward and call them. Everything written here is in gofmt's form.
#include "agents/go/signature.h"

#include <string.h>

static bool decorators_keep_signature(const struct inventory_function *function)
{
	static const char *const known[] = {"staticmethod",
					    "classmethod",
					    "abstractmethod",
					    "abc.abstractmethod",
					    "lru_cache",
					    "functools.lru_cache",
					    "cache",
					    "functools.cache",
					    "final",
					    "typing.final",
					    "override",
					    "typing.override",
					    "typing_extensions.override",
					    "property",
					    "cached_property",
					    "functools.cached_property"};
	for (size_t i = 0; i < function->decorators.count; i++) {
		bool found = false;
		for (size_t j = 0; j < ARRAY_LENGTH(known); j++)
			found |= !strcmp(known[j], function->decorators.items[i]);
		if (!found)
			return false;
	}
	return true;
}

struct type_row {
	const char *python, *go;
};

// "List[int]" → "List" and whether it has arguments.
static struct slice type_head(struct slice annotation, struct slice *arguments)
{
	*arguments = (struct slice){NULL, 0};
	const char *open = memchr(annotation.ptr, '[', annotation.len);
	if (!open || !slice_ends(annotation, "]"))
		return annotation;
	size_t length = (size_t)(open - annotation.ptr);
	*arguments = (struct slice){open + 1, annotation.len - length - 2};
	return slice_trim((struct slice){annotation.ptr, length});
}

static struct slice unquote(struct slice text)
{
	text = slice_trim(text);
	if (text.len >= 2 && (text.ptr[0] == '"' || text.ptr[0] == '\'') && text.ptr[text.len - 1] == text.ptr[0])
		text = slice_trim((struct slice){text.ptr + 1, text.len - 2});
	return text;
}

static const char *plain_type(struct program *program, int module, struct slice annotation)
{
	static const struct type_row rows[] = {
		{"bool", "bool"},         {"int", "int"},        {"float", "float64"},
		{"str", "string"},        {"bytes", "[]byte"},   {"list", "[]any"},
		{"typing.List", "[]any"}, {"dict", "pyrt.Dict"}, {"typing.Dict", "pyrt.Dict"},
		{"List", "[]any"},        {"Dict", "pyrt.Dict"}, {"None", ""}};
	struct slice arguments, head = type_head(annotation, &arguments);
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		if (!slice_is(head, rows[i].python))
			continue;
		// int = something else in this module; List and Dict must come from typing
		bool typing = rows[i].python[0] == 'L' || rows[i].python[0] == 'D';
		if (!strchr(rows[i].python, '.') && !typing && program_binds(program, module, rows[i].python))
			return "any";
		return rows[i].go;
	}
	return "any";
}

// Splits "T | None", "None | T", "Optional[T]" and "Union[T, None]" into T; optional says whether it was one.
static struct slice strip_optional(struct slice annotation, bool *optional)
{
	struct slice arguments, head = type_head(annotation, &arguments);
	char separator = '|';
	*optional = false;
	if (arguments.ptr && (slice_is(head, "Optional") || slice_is(head, "typing.Optional"))) {
		*optional = true;
		return unquote(arguments);
	}
	if (arguments.ptr && (slice_is(head, "Union") || slice_is(head, "typing.Union"))) {
		annotation = arguments;
		separator = ',';
	} else if (arguments.ptr) {
		return annotation;
	}
	struct slice rest = annotation, part, kept = {NULL, 0};
	int others = 0;
	if (!memchr(annotation.ptr, separator, annotation.len))
		return annotation;
	while (slice_cut(&rest, separator, &part)) {
		part = slice_trim(part);
		if (slice_is(part, "None"))
			*optional = true;
		else if (others++ == 0)
			kept = part;
	}
	return *optional && others == 1 ? unquote(kept) : SLICE("object");
}

const char *annotation_result(struct program *program, int module, const char *annotation)
{
	static const struct type_row pointers[] = {
		{"int", "*int"}, {"float64", "*float64"}, {"bool", "*bool"}, {"string", "*string"}};
	struct slice text = unquote(slice_of(annotation));
	bool optional = false;
	if (!text.len)
		return "any";
	text = strip_optional(text, &optional);
	const char *type = plain_type(program, module, text);
	if (!optional)
		return type;
	for (size_t i = 0; i < ARRAY_LENGTH(pointers); i++)
		if (!strcmp(pointers[i].python, type))
			return pointers[i].go;
	return "any";
}

static const char *parameter_type(struct program *program, int module, const char *annotation)
{
	const char *type = annotation_result(program, module, annotation);
	return type[0] == '*' || !type[0] ? "any" : type; // an optional value is any: nil is None
}

static const char *claim_field(struct name_set *set, const char *python, struct arena *arena)
{
	cleanup_free char *wanted = name_exported(python);
	return arena_strdup(arena, name_set_claim(set, wanted));
}

void signature_any(struct signature *out)
{
	*out = (struct signature){.varargs_field = "Args",
				  .varargs_name = "args",
				  .kwargs_field = "Kwargs",
				  .kwargs_name = "kwargs",
				  .result = "any"};
}

void signature_make(struct program *program, int module, const struct inventory_function *function, bool skip_first,
		    struct arena *arena, struct signature *out)
{
	*out = (struct signature){.result = "any"};
	out->parameters = arena_array(arena, function->parameter_count, sizeof *out->parameters);
	cleanup_name_set struct name_set *names = name_set_new();
	cleanup_name_set struct name_set *fields = name_set_new();
	bool typed = decorators_keep_signature(function);
	for (size_t i = 0; i < function->parameter_count; i++) { // these fields keep their names
		if (function->parameters[i].kind == PARAMETER_VARIABLE) {
			out->varargs_name = function->parameters[i].name;
			out->varargs_field = arena_strdup(arena, name_set_claim(fields, "Args"));
		} else if (function->parameters[i].kind == PARAMETER_KEYWORDS) {
			out->kwargs_name = function->parameters[i].name;
			out->kwargs_field = arena_strdup(arena, name_set_claim(fields, "Kwargs"));
		}
	}
	for (size_t i = 0; i < function->parameter_count; i++) {
		const struct inventory_parameter *python = &function->parameters[i];
		bool positional = python->kind == PARAMETER_POSITIONAL || python->kind == PARAMETER_POSITIONAL_ONLY;
		if ((i == 0 && skip_first && positional) || python->kind == PARAMETER_VARIABLE ||
		    python->kind == PARAMETER_KEYWORDS)
			continue;
		struct signature_parameter *parameter = &out->parameters[out->count++];
		parameter->python = python;
		if (python->default_text) {
			parameter->field = claim_field(fields, python->name, arena);
			out->optional++;
			continue;
		}
		cleanup_free char *wanted = name_parameter(python->name);
		parameter->name = arena_strdup(arena, name_set_claim(names, wanted));
		parameter->type =
			typed && python->annotation ? parameter_type(program, module, python->annotation) : "any";
		out->required++;
	}
	if (typed && function->returns && !function->async && !function->generator)
		out->result = annotation_result(program, module, function->returns);
}

// ---- texts -----------------------------------------------------------------------------------------------------------

static const char *short_default(const char *text)
{
	if (strlen(text) > 60 || strstr(text, "\xef\xbb\xbf"))
		return "…";
	for (const char *at = text; *at; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			return "…";
	return text;
}

struct field_row {
	const char *name, *type, *prefix, *comment;
};

void signature_write_options(const struct signature *signature, const char *type, const char *of, struct text *out)
{
	VEC(struct field_row) rows = VEC_INIT;
	for (size_t i = 0; i < signature->count; i++)
		if (signature->parameters[i].field)
			vec_push(&rows,
				 (struct field_row){signature->parameters[i].field, "any", "default ",
						    short_default(signature->parameters[i].python->default_text)});
	if (signature->varargs_field)
		vec_push(&rows, (struct field_row){signature->varargs_field, "[]any", "*", signature->varargs_name});
	if (signature->kwargs_field)
		vec_push(&rows,
			 (struct field_row){signature->kwargs_field, "pyrt.Kwargs", "**", signature->kwargs_name});
	size_t names = 0, types = 0;
	vec_each (&rows, row) {
		names = strlen(row->name) > names ? strlen(row->name) : names;
		types = strlen(row->type) > types ? strlen(row->type) : types;
	}
	text_addf(out, "// %s are the optional parameters of %s.\ntype %s struct {\n", type, of, type);
	vec_each (&rows, row) {
		struct slice comment = slice_trim(slice_of(row->comment));
		text_addf(out, "\t%-*s %-*s // %s%.*s\n", (int)names, row->name, (int)types, row->type, row->prefix,
			  (int)comment.len, comment.ptr);
	}
	text_add(out, "}\n\n");
	vec_clear(&rows);
}

void signature_write_parameters(const struct signature *signature, const char *options, struct text *out)
{
	const char *separator = "";
	for (size_t i = 0; i < signature->count; i++) {
		const struct signature_parameter *parameter = &signature->parameters[i];
		if (!parameter->name)
			continue;
		text_addf(out, "%s%s %s", separator, parameter->name, parameter->type);
		separator = ", ";
	}
	if (signature_has_options(signature))
		text_addf(out, "%soptions ...%s", separator, options);
}

void signature_write_arguments(const struct signature *signature, struct text *out)
{
	const char *separator = "";
	for (size_t i = 0; i < signature->count; i++) {
		if (!signature->parameters[i].name)
			continue;
		text_addf(out, "%s%s", separator, signature->parameters[i].name);
		separator = ", ";
	}
	if (signature_has_options(signature))
		text_addf(out, "%soptions...", separator);
}

void signature_write_open_options(const struct signature *signature, const char *options, struct text *out)
{
	if (signature_has_options(signature))
		text_addf(out, "\tvar o %s\n\tif len(options) > 0 {\n\t\to = options[0]\n\t}\n", options);
}

void signature_write_call(const struct signature *signature, struct text *out)
{
	size_t positional = 0, keywords = 0;
	for (size_t i = 0; i < signature->count; i++) {
		const struct signature_parameter *parameter = &signature->parameters[i];
		if (!parameter->name || parameter->python->kind == PARAMETER_KEYWORD)
			continue;
		text_addf(out, "%s%s", positional++ ? ", " : "[]any{", parameter->name);
	}
	text_add(out, positional ? "}, " : "nil, ");
	for (size_t i = 0; i < signature->count; i++) {
		const struct signature_parameter *parameter = &signature->parameters[i];
		bool keyword = parameter->python->kind == PARAMETER_KEYWORD;
		if (parameter->name && !keyword)
			continue;
		text_add(out, keywords++ ? ", {Name: " : "[]pyrt.Keyword{{Name: ");
		go_quote(parameter->python->name, out);
		if (parameter->field)
			text_addf(out, ", Value: o.%s", parameter->field);
		else
			text_addf(out, ", Value: pyrt.Given(%s)", parameter->name);
		if (parameter->python->kind == PARAMETER_POSITIONAL_ONLY)
			text_add(out, ", PositionalOnly: true");
		else if (!keyword && signature->varargs_field) // variable arguments would take its place
			text_add(out, ", BeforeArgs: true");
		text_add_char(out, '}');
	}
	text_add(out, keywords ? "}, " : "nil, ");
	if (signature->varargs_field)
		text_addf(out, "o.%s", signature->varargs_field);
	else
		text_add(out, "nil");
	if (signature->kwargs_field)
		text_addf(out, ", o.%s", signature->kwargs_field);
	else
		text_add(out, ", nil");
}

void signature_write_result(const char *result, struct text *out)
{
	if (*result)
		text_addf(out, "(%s, error)", result);
	else
		text_add(out, "error");
}

void signature_write_return(const char *result, const char *what, const char *call, struct text *out)
{
	if (!strcmp(result, "any")) {
		text_addf(out, "\treturn %s\n", call);
		return;
	}
	text_addf(out, "\tresult, err := %s\n", call);
	if (*result)
		text_addf(out, "\treturn pyrt.As[%s](", result);
	else
		text_add(out, "\treturn pyrt.AsNone(");
	go_quote(what, out);
	text_add(out, ", result, err)\n");
}

void go_quote(const char *value, struct text *out)
{
	text_add_char(out, '"');
	for (const unsigned char *at = (const unsigned char *)value; *at; at++) {
		if (*at == '"' || *at == '\\')
			text_addf(out, "\\%c", *at);
		else if (*at < 0x20 || *at == 0x7f)
			text_addf(out, "\\x%02x", *at);
		else
			text_add_char(out, (char)*at);
	}
	text_add_char(out, '"');
}

static bool is_byte_order_mark(const char *at)
{
	return !memcmp(at, "\xef\xbb\xbf", 3);
}

static void comment_line(struct slice line, struct text *out)
{
	while (line.len && (line.ptr[line.len - 1] == ' ' || (unsigned char)line.ptr[line.len - 1] < 0x20))
		line.len--;
	if (!line.len) {
		text_add(out, "//\n");
		return;
	}
	struct slice start = slice_trim(line);
	text_add(out, "//\t");
	if (slice_starts(start, "+build"))
		text_add(out, "| "); // else a build constraint
	for (size_t i = 0; i < line.len; i++) {
		unsigned char c = (unsigned char)line.ptr[i];
		if (c < 0x20 && c != '\t') {
			text_add_char(out, ' ');
		} else if (c == 0xef && i + 3 <= line.len && is_byte_order_mark(line.ptr + i)) {
			i += 2; // Go refuses it inside a file
		} else {
			text_add_char(out, (char)c);
		}
	}
	text_add_char(out, '\n');
}

void go_comment(const char *first, const char *doc, struct text *out)
{
	text_addf(out, "// %s\n", first);
	struct slice rest = slice_trim(slice_of(doc)), line;
	if (!rest.len)
		return;
	text_add(out, "//\n");
	while (slice_cut(&rest, '\n', &line))
		comment_line(line, out);
}
