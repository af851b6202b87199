// The Go signature of a Python function, method or constructor: required
// parameters are positional, optional ones fields of an options struct, and
// types come from annotations where Go has the type and no decorator that we
// don't know can have changed the signature.
#ifndef AGENTS_GO_SIGNATURE_H
#define AGENTS_GO_SIGNATURE_H

#include "agents/go/program.h"

struct signature_parameter {
	const struct inventory_parameter *python;
	const char *name;  // Go parameter, NULL when optional
	const char *type;  // of a required one
	const char *field; // of the options struct, NULL when required
};

struct signature {
	struct signature_parameter *parameters; // in source order, without self, *args and **kwargs
	size_t count, required, optional;
	const char *varargs_field, *varargs_name; // NULL = no *args
	const char *kwargs_field, *kwargs_name;
	const char *result; // Go type; "any" unless annotated; "" for "-> None"
};

// Texts live in the arena.
void signature_make(struct program *program, int module, const struct inventory_function *function, bool skip_first,
		    struct arena *arena, struct signature *out);
void signature_any(struct signature *out); // *args and **kwargs only
static inline bool signature_has_options(const struct signature *signature)
{
	return signature->optional || signature->varargs_field || signature->kwargs_field;
}
// The Go type of an annotation as a result; "any" when it has none, "" for None.
const char *annotation_result(struct program *program, int module, const char *annotation);

void signature_write_options(const struct signature *signature, const char *type, const char *of, struct text *out);
void signature_write_parameters(const struct signature *signature, const char *options,
				struct text *out); // "sql any, options ...FormatOptions"
void signature_write_arguments(const struct signature *signature, struct text *out); // "sql, options...": to forward
void signature_write_open_options(const struct signature *signature, const char *options,
				  struct text *out); // "var o …"
void signature_write_call(const struct signature *signature,
			  struct text *out);                       // "[]any{sql}, []pyrt.Keyword{…}, nil, o.Kwargs"
void signature_write_result(const char *result, struct text *out); // "(any, error)" or "error"
// The tail of a body: returns what the call expression gives, as the result type.
void signature_write_return(const char *result, const char *what, const char *call, struct text *out);

// Shared small things of generated text.
void go_quote(const char *value, struct text *out);
// "// first", then the docstring as a block that gofmt leaves alone. doc may be NULL.
void go_comment(const char *first, const char *doc, struct text *out);
#endif
