// Modules of all releases, their index by name, their neutral import paths and
// the resolution of names through imports. Resolution is a bounded worklist:
// what is read comes from outside and may import itself in circles.
#include "agents/go/program.h"

#include <string.h>
#include <uthash.h>

enum { LOOKUP_STEPS = 256, BASE_STEPS = 64 };

struct program_row {
	UT_hash_handle hh;
	int first; // module number
};

struct path_row {
	UT_hash_handle hh;
	const char *actual;
};

struct program_index {
	struct program_row *rows;
};

// Where a name of a module comes from.
struct scope_row {
	UT_hash_handle hh;
	struct definition local; // kind NONE: an import
	const struct inventory_import *import;
	size_t import_index;
};

struct module_scope {
	struct scope_row *rows;
};

static bool runs_on_import(const struct inventory_import *row)
{
	return row->when == IMPORT_NOW || row->when == IMPORT_CONDITIONAL;
}

bool function_decorated(const struct inventory_function *function, const char *decorator)
{
	for (size_t i = 0; i < function->decorators.count; i++)
		if (!strcmp(function->decorators.items[i], decorator))
			return true;
	return false;
}

// ---- modules and paths -----------------------------------------------------------------------------------------------

// Two folders that differ in case only cannot share a module zip: the later one gets "-2".
static const char *unique_path(struct program *program, struct path_row **paths, const char *parent, char *element)
{
	for (unsigned int number = 1;; number++) {
		const char *path = number == 1 ? arena_printf(&program->arena, "%s/%s", parent, element)
					       : arena_printf(&program->arena, "%s/%s-%u", parent, element, number);
		char *folded = arena_strdup(&program->arena, path);
		for (char *at = folded; *at; at++)
			if (*at >= 'A' && *at <= 'Z')
				*at = (char)(*at - 'A' + 'a');
		struct path_row *row = NULL;
		HASH_FIND_STR(*paths, folded, row);
		if (row && strcmp(row->actual, path))
			continue;
		if (!row) {
			row = arena_alloc(&program->arena, sizeof *row);
			row->actual = path;
			HASH_ADD_KEYPTR(hh, *paths, folded, strlen(folded), row);
		}
		return row->actual;
	}
}

static void place_module(struct program *program, struct path_row **paths, struct program_module *module)
{
	struct slice rest = slice_of(module->inventory->name), part;
	const char *path = "py";
	cleanup_free char *last = NULL;
	while (slice_cut(&rest, '.', &part)) {
		free(last);
		last = slice_dup(part);
		cleanup_free char *element = name_directory(last);
		path = unique_path(program, paths, path, element);
	}
	module->path = path;
	cleanup_free char *package = name_package(last ? last : "");
	module->package = arena_strdup(&program->arena, package);
}

static void add_module(struct program *program, int number)
{
	struct program_module *module = &program->modules.items[number];
	struct program_row *row = NULL;
	HASH_FIND_STR(program->index->rows, module->inventory->name, row);
	if (!row) {
		row = arena_alloc(&program->arena, sizeof *row);
		row->first = number;
		HASH_ADD_KEYPTR(hh, program->index->rows, module->inventory->name, strlen(module->inventory->name),
				row);
		return;
	}
	int last = row->first;
	while (program->modules.items[last].next_same >= 0)
		last = program->modules.items[last].next_same;
	program->modules.items[last].next_same = number;
}

int program_make(const struct emit_input *input, struct program *out, struct error *err)
{
	if (input->own_count == 0 || input->own_count > input->release_count)
		return error_set(err, ERROR_INPUT, "emit: %zu releases to write of %zu given", input->own_count,
				 input->release_count);
	*out = (struct program){.arena = ARENA_INIT, .input = input};
	out->index = xcalloc(1, sizeof *out->index);
	struct path_row *paths = NULL;
	for (size_t release = 0; release < input->release_count; release++) {
		const struct inventory *inventory = input->releases[release].inventory;
		if (release >= input->own_count)
			HASH_CLEAR(hh, paths); // paths of a release don't depend on what else is there
		for (size_t i = 0; i < inventory->module_count; i++) {
			struct program_module module = {.release = (int)release,
							.own = release < input->own_count,
							.inventory = &inventory->modules[i],
							.unit = -1,
							.next_same = -1};
			place_module(out, &paths, &module);
			vec_push(&out->modules, module);
			add_module(out, (int)out->modules.count - 1);
		}
	}
	HASH_CLEAR(hh, paths);
	return 0;
}

void program_clear(struct program *program)
{
	vec_each (&program->modules, module) {
		name_set_free(module->name_set);
		if (module->scope)
			HASH_CLEAR(hh, module->scope->rows);
	}
	vec_clear(&program->modules);
	if (program->index)
		HASH_CLEAR(hh, program->index->rows);
	free(program->index);
	arena_clear(&program->arena);
	*program = (struct program){.arena = ARENA_INIT};
}

static bool needs(const struct program *program, int release, int other)
{
	const struct emit_release *from = &program->input->releases[release];
	for (size_t i = 0; i < from->need_count; i++)
		if (from->needs[i] == other)
			return true;
	return false;
}

int program_find(const struct program *program, int release, const char *name, int *undeclared)
{
	struct program_row *row = NULL;
	if (undeclared)
		*undeclared = -1;
	HASH_FIND_STR(program->index->rows, name, row);
	int needed = -1;
	for (int at = row ? row->first : -1; at >= 0; at = program->modules.items[at].next_same) {
		const struct program_module *module = &program->modules.items[at];
		if (module->release == release)
			return at;
		if (needs(program, release, module->release)) {
			if (needed < 0)
				needed = at;
		} else if (undeclared && *undeclared < 0) {
			*undeclared = at;
		}
	}
	return needed;
}

void program_import_targets(const struct program *program, int module, const struct inventory_import *row,
			    import_target *target, void *context)
{
	int release = program->modules.items[module].release, undeclared = -1;
	if (!*row->module)
		return;
	bool itself = !row->from || row->star;
	for (size_t i = 0; row->from && i < row->count; i++) {
		cleanup_free char *name = xasprintf("%s.%s", row->module, row->names[i]);
		int found = program_find(program, release, name, &undeclared);
		if (found >= 0 || undeclared >= 0)
			target(context, name, found, undeclared);
		else
			itself = true;
	}
	if (itself) {
		int found = program_find(program, release, row->module, &undeclared);
		target(context, row->module, found, undeclared);
	}
}

// ---- names of a module -----------------------------------------------------------------------------------------------

static void bind(struct program *program, struct module_scope *scope, const char *name, struct scope_row value)
{
	struct scope_row *row = NULL;
	HASH_FIND_STR(scope->rows, name, row);
	if (row) {
		row->local = value.local;
		row->import = value.import;
		row->import_index = value.import_index;
		return;
	}
	row = arena_alloc(&program->arena, sizeof *row);
	*row = value;
	HASH_ADD_KEYPTR(hh, scope->rows, name, strlen(name), row);
}

static struct module_scope *module_scope(struct program *program, int number)
{
	struct program_module *module = &program->modules.items[number];
	if (module->scope)
		return module->scope;
	const struct inventory_module *inventory = module->inventory;
	struct module_scope *scope = arena_alloc(&program->arena, sizeof *scope);
	for (size_t i = 0; i < inventory->import_count; i++) {
		const struct inventory_import *row = &inventory->imports[i];
		for (size_t j = 0; runs_on_import(row) && j < row->count; j++) {
			const char *name = row->aliases[j] ? row->aliases[j] : row->names[j];
			if (!row->from && !row->aliases[j]) {
				struct slice rest = slice_of(name), first;
				slice_cut(&rest, '.', &first);
				name = arena_slice(&program->arena, first);
			}
			bind(program, scope, name, (struct scope_row){.import = row, .import_index = j});
		}
	}
	for (size_t i = 0; i < inventory->variable_count; i++) {
		struct scope_row *row = NULL;
		HASH_FIND_STR(scope->rows, inventory->variables[i].name, row);
		if (!row) // `x = None` beside `import x` in a try: the import is what one means
			bind(program, scope, inventory->variables[i].name,
			     (struct scope_row){.local = {DEFINITION_VARIABLE, number, i, NULL}});
	}
	for (size_t i = 0; i < inventory->function_count; i++)
		bind(program, scope, inventory->functions[i].name,
		     (struct scope_row){.local = {DEFINITION_FUNCTION, number, i, NULL}});
	for (size_t i = 0; i < inventory->class_count; i++)
		bind(program, scope, inventory->classes[i].qualname,
		     (struct scope_row){.local = {DEFINITION_CLASS, number, i, NULL}});
	return module->scope = scope;
}

bool program_binds(struct program *program, int module, const char *name)
{
	struct scope_row *row = NULL;
	HASH_FIND_STR(module_scope(program, module)->rows, name, row);
	return row != NULL;
}

struct lookup_step {
	int module;
	const char *name;
};

static struct definition module_definition(struct program *program, int release, const char *name)
{
	return (struct definition){DEFINITION_MODULE, program_find(program, release, name, NULL), 0,
				   arena_strdup(&program->arena, name)};
}

// One step: the answer, or where to look next (pushed on the stack).
static bool lookup_step(struct program *program, struct lookup_step step, struct lookup_step *stack, size_t *depth,
			struct definition *out)
{
	const struct program_module *module = &program->modules.items[step.module];
	int release = module->release;
	struct scope_row *row = NULL;
	HASH_FIND_STR(module_scope(program, step.module)->rows, step.name, row);
	if (row && row->local.kind != DEFINITION_NONE) {
		*out = row->local;
		return true;
	}
	if (row && !row->import->from) {
		*out = module_definition(program, release,
					 row->import->aliases[row->import_index] ? row->import->module : step.name);
		return true;
	}
	if (row) {
		const char *name = row->import->names[row->import_index];
		cleanup_free char *submodule = xasprintf("%s.%s", row->import->module, name);
		if (program_find(program, release, submodule, NULL) >= 0) {
			*out = module_definition(program, release, submodule);
			return true;
		}
		int next = program_find(program, release, row->import->module, NULL);
		if (next >= 0 && *depth < LOOKUP_STEPS)
			stack[(*depth)++] = (struct lookup_step){next, name};
		return false;
	}
	if (step.name[0] == '_')
		return false;
	for (size_t i = 0; i < module->inventory->import_count; i++) { // the last star import wins: it is pushed last
		const struct inventory_import *import = &module->inventory->imports[i];
		int next = import->star && runs_on_import(import) ? program_find(program, release, import->module, NULL)
								  : -1;
		if (next >= 0 && *depth < LOOKUP_STEPS)
			stack[(*depth)++] = (struct lookup_step){next, step.name};
	}
	return false;
}

struct definition program_lookup(struct program *program, int module, const char *name)
{
	struct lookup_step stack[LOOKUP_STEPS] = {{module, name}};
	size_t depth = 1;
	struct definition found = {DEFINITION_NONE, -1, 0, NULL};
	for (int steps = 0; depth && steps < LOOKUP_STEPS; steps++)
		if (lookup_step(program, stack[--depth], stack, &depth, &found))
			return found;
	return (struct definition){DEFINITION_NONE, -1, 0, NULL};
}

struct definition program_resolve(struct program *program, int module, const char *dotted)
{
	struct definition none = {DEFINITION_NONE, -1, 0, NULL}, found = none;
	int release = program->modules.items[module].release;
	struct slice rest = slice_of(dotted), part;
	for (bool first = true; slice_cut(&rest, '.', &part); first = false) {
		const char *name = arena_slice(&program->arena, part);
		if (first) {
			found = program_lookup(program, module, name);
		} else if (found.kind == DEFINITION_CLASS) {
			const char *nested =
				arena_printf(&program->arena, "%s.%s", program_class(program, found)->qualname, name);
			found = program_lookup(program, found.module, nested);
		} else if (found.kind == DEFINITION_MODULE) {
			struct definition inside =
				found.module >= 0 ? program_lookup(program, found.module, name) : none;
			const char *submodule = arena_printf(&program->arena, "%s.%s", found.name, name);
			found = inside.kind == DEFINITION_NONE ? module_definition(program, release, submodule)
							       : inside;
		} else {
			return none;
		}
		if (found.kind == DEFINITION_NONE)
			return none;
	}
	return found;
}

struct definition program_base(struct program *program, int module, size_t class_index)
{
	const struct inventory_class *class = &program->modules.items[module].inventory->classes[class_index];
	const char *dot = strrchr(class->qualname, '.');
	for (size_t i = 0; i < class->bases.count; i++) {
		const char *name = class->bases.items[i];
		if (!*name)
			continue;
		struct definition found = {DEFINITION_NONE, -1, 0, NULL};
		if (dot && !strchr(name, '.')) { // a nested class sees its siblings
			cleanup_free char *sibling =
				xasprintf("%.*s.%s", (int)(dot - class->qualname), class->qualname, name);
			found = program_lookup(program, module, sibling);
		}
		if (found.kind == DEFINITION_NONE)
			found = program_resolve(program, module, name);
		if (found.kind == DEFINITION_CLASS && (found.module != module || found.index != class_index))
			return found;
	}
	return (struct definition){DEFINITION_NONE, -1, 0, NULL};
}
