// The Python of one emit: the modules of the releases to write and of all
// below them, what each module's names mean, and where each module lives in
// the neutral import space. Built once, read by units and skeleton.
//
// A module is seen from a release: its own first, then those of its group,
// then those of the releases it needs; anything else is undeclared.
#ifndef AGENTS_GO_PROGRAM_H
#define AGENTS_GO_PROGRAM_H

#include "agents/go/names.h"
#include "agents/go/skeleton.h"
#include "core/vec.h"

enum definition_kind { DEFINITION_NONE, DEFINITION_MODULE, DEFINITION_FUNCTION, DEFINITION_CLASS, DEFINITION_VARIABLE };

struct definition {
	enum definition_kind kind;
	int module;       // number in program.modules; of DEFINITION_MODULE -1 for a namespace
	size_t index;     // into the module's functions, classes or variables
	const char *name; // of DEFINITION_MODULE: the dotted name
};

// Package-level Go names of what one module defines, in the module's own package.
struct class_names {
	const char *type, *class_variable, *constructor, *constructor_options;
	const char **method_options;  // [method]
	const char **method_function; // [method] of static and class methods, else NULL
};
struct module_names {
	const char **function, **function_options; // [function]
	struct class_names *classes;               // [class]
	const char **getter, **setter;             // [variable]
};

struct program_module {
	int release;
	bool own; // of a release that is written now
	const struct inventory_module *inventory;
	const char *path;           // "py/sqlparse/sql"
	const char *package;        // "sql"
	int unit;                   // of own ones, set by units_make
	int next_same;              // another release's module of the same name, -1
	struct module_names *names; // made when asked for
	struct name_set *name_set;
	struct module_scope *scope; // made when asked for
};

struct program {
	struct arena arena;
	const struct emit_input *input;
	VEC(struct program_module) modules; // by release, then by name
	struct program_index *index;
};

int program_make(const struct emit_input *input, struct program *out, struct error *err);
void program_clear(struct program *program);

// The module of that name as the release sees it, -1. *undeclared (may be NULL) gets the number of one that exists in a
// release which it does not need.
int program_find(const struct program *program, int release, const char *name, int *undeclared);

// What a (dotted) name means at the top of a module when its imports have run: follows imports, star imports and re-exports.
struct definition program_lookup(struct program *program, int module, const char *name);
struct definition program_resolve(struct program *program, int module, const char *dotted);
// The first base of a class that is known; DEFINITION_NONE when there is none.
struct definition program_base(struct program *program, int module, size_t class_index);
// True when the module itself binds the name (a definition or an import): then it is not the builtin.
bool program_binds(struct program *program, int module, const char *name);

const struct module_names *program_names(struct program *program, int module);

// The modules that an import row runs: for each, the callback gets the name as written ("a.b") and its number or -1.
typedef void import_target(void *context, const char *name, int module, int undeclared);
void program_import_targets(const struct program *program, int module, const struct inventory_import *row,
			    import_target *target, void *context);
static inline const struct inventory_class *program_class(const struct program *program, struct definition definition)
{
	return &program->modules.items[definition.module].inventory->classes[definition.index];
}
bool function_decorated(const struct inventory_function *function, const char *decorator);
#endif
