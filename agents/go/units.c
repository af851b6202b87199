// Import rows become a graph of modules, graphs/ condenses it, the components
// become units. Imports that are no edges (late ones, and those of releases
// that the lock does not name) are listed, since they are bound at run time.
#include "agents/go/units.h"

#include <string.h>

#include "graphs/graph.h"

struct collecting {
	struct program *program;
	struct graph *graph;
	struct units *units;
	const int *node_module; // [graph node]
	int *module_node;       // [module], -1
	int module;
	const struct inventory_import *row;
};

static void add_edge(void *context, const char *name, int target, int undeclared)
{
	struct collecting *collecting = context;
	bool now = collecting->row->when == IMPORT_NOW || collecting->row->when == IMPORT_CONDITIONAL;
	if (target == collecting->module)
		return;
	if (target >= 0 && now) {
		if (collecting->module_node[target] >= 0)
			graph_add_edge(collecting->graph, collecting->module_node[collecting->module],
				       collecting->module_node[target]);
		return;
	}
	if (target < 0 && undeclared < 0)
		return; // the standard library, or nothing of ours
	struct late_import late = {.module = collecting->module,
				   .name = arena_strdup(&collecting->units->arena, name),
				   .target = target >= 0 ? target : undeclared,
				   .undeclared = target < 0,
				   .line = collecting->row->line};
	vec_push(&collecting->units->late, late);
}

static struct graph *module_graph(struct program *program, struct units *units, int *node_module, int *module_node)
{
	struct graph *graph = graph_new();
	for (size_t i = 0; i < program->modules.count; i++) {
		struct program_module *module = &program->modules.items[i];
		module_node[i] = -1;
		if (!module->own)
			continue;
		// Two members of a cycle may bring one module name: the release tells them apart.
		cleanup_free char *name = xasprintf("%s\t%d", module->inventory->name, module->release);
		module_node[i] = graph_add_node(graph, name, (double)module->inventory->lines);
		node_module[module_node[i]] = (int)i;
	}
	struct collecting collecting = {program, graph, units, node_module, module_node, 0, NULL};
	for (size_t i = 0; i < program->modules.count; i++) {
		const struct inventory_module *inventory = program->modules.items[i].inventory;
		collecting.module = (int)i;
		for (size_t row = 0; program->modules.items[i].own && row < inventory->import_count; row++) {
			collecting.row = &inventory->imports[row];
			if (collecting.row->when != IMPORT_TYPE_CHECKING)
				program_import_targets(program, (int)i, collecting.row, add_edge, &collecting);
		}
	}
	return graph;
}

struct lower_imports {
	const struct program *program;
	VEC(int) modules;
	bool *seen; // [module]
};

static void add_lower(void *context, const char *name, int target, int undeclared)
{
	struct lower_imports *imports = context;
	(void)name, (void)undeclared;
	if (target < 0 || imports->program->modules.items[target].own || imports->seen[target])
		return;
	imports->seen[target] = true;
	vec_push(&imports->modules, target);
}

static int compare_numbers(const void *left, const void *right)
{
	int a = *(const int *)left, b = *(const int *)right;
	return a < b ? -1 : a > b;
}

static void collect_lower(struct program *program, struct units *units, struct unit *unit)
{
	struct lower_imports imports = {program, VEC_INIT, xcalloc(program->modules.count + 1, sizeof(bool))};
	for (size_t i = 0; i < unit->module_count; i++) {
		const struct inventory_module *module = program->modules.items[unit->modules[i]].inventory;
		for (size_t row = 0; row < module->import_count; row++)
			if (module->imports[row].when == IMPORT_NOW || module->imports[row].when == IMPORT_CONDITIONAL)
				program_import_targets(program, unit->modules[i], &module->imports[row], add_lower,
						       &imports);
	}
	vec_sort(&imports.modules, compare_numbers);
	unit->import_count = imports.modules.count;
	unit->imports = arena_array(&units->arena, unit->import_count, sizeof(int));
	for (size_t i = 0; i < unit->import_count; i++)
		unit->imports[i] = imports.modules.items[i];
	vec_clear(&imports.modules);
	free(imports.seen);
}

static void name_unit(struct program *program, struct units *units, struct unit *unit, int *several)
{
	const struct program_module *first = &program->modules.items[unit->modules[0]];
	unit->id = first->inventory->name;
	if (unit->module_count == 1) {
		unit->path = first->path;
		unit->package = first->package;
		return;
	}
	int number = (*several)++;
	unit->path = arena_printf(&units->arena, "py/dist.%s/scc%d", program->input->releases[0].name, number);
	unit->package = arena_printf(&units->arena, "scc%d", number);
}

static void fill_units(struct program *program, const struct condensation *condensation, const int *node_module,
		       struct units *out)
{
	int several = 0;
	out->count = (size_t)condensation->count;
	out->items = arena_array(&out->arena, out->count, sizeof *out->items);
	out->words = (out->count + 63) / 64;
	out->reach = arena_array(&out->arena, out->count * out->words, sizeof(uint64_t));
	for (size_t i = 0; i < out->count; i++) {
		struct unit *unit = &out->items[i];
		int first = condensation->first[i], needs = condensation->needs_first[i];
		unit->module_count = (size_t)(condensation->first[i + 1] - first);
		unit->modules = arena_array(&out->arena, unit->module_count, sizeof(int));
		for (size_t j = 0; j < unit->module_count; j++) {
			unit->modules[j] = node_module[condensation->members[first + (int)j]];
			program->modules.items[unit->modules[j]].unit = (int)i;
		}
		unit->need_count = (size_t)(condensation->needs_first[i + 1] - needs);
		unit->needs = arena_array(&out->arena, unit->need_count, sizeof(int));
		uint64_t *reach = out->reach + i * out->words;
		reach[i / 64] |= UINT64_C(1) << (i % 64);
		for (size_t j = 0; j < unit->need_count; j++) {
			unit->needs[j] = condensation->needs[needs + (int)j];
			for (size_t word = 0; word < out->words; word++)
				reach[word] |= out->reach[(size_t)unit->needs[j] * out->words + word];
		}
		if (unit->need_count > 1)
			qsort(unit->needs, unit->need_count, sizeof(int), compare_numbers);
		if (unit->module_count > out->largest)
			out->largest = unit->module_count;
		name_unit(program, out, unit, &several);
		collect_lower(program, out, unit);
	}
}

int units_make(struct program *program, struct units *out, struct error *err)
{
	*out = (struct units){.arena = ARENA_INIT};
	cleanup_free int *node_module = xcalloc(program->modules.count + 1, sizeof(int));
	cleanup_free int *module_node = xcalloc(program->modules.count + 1, sizeof(int));
	struct graph *graph = module_graph(program, out, node_module, module_node);
	struct condensation condensation;
	int status = graph_condense(graph, &condensation, err);
	if (!status) {
		fill_units(program, &condensation, node_module, out);
		condensation_clear(&condensation);
	} else {
		units_clear(out);
	}
	graph_free(graph);
	return status;
}

void units_clear(struct units *units)
{
	vec_clear(&units->late);
	arena_clear(&units->arena);
	*units = (struct units){.arena = ARENA_INIT};
}

bool units_reach(const struct units *units, int from, int to)
{
	return units->reach[(size_t)from * units->words + (size_t)to / 64] >> (to % 64) & 1;
}

bool units_may_import(const struct program *program, const struct units *units, int unit, int module)
{
	const struct program_module *target = &program->modules.items[module];
	if (target->own)
		return units_reach(units, unit, target->unit);
	for (size_t i = 0; i < units->items[unit].module_count; i++) {
		const struct program_module *from = &program->modules.items[units->items[unit].modules[i]];
		const struct emit_release *release = &program->input->releases[from->release];
		for (size_t j = 0; j < release->need_count; j++)
			if (release->needs[j] == target->release)
				return true;
	}
	return false;
}

static json_t *unit_to_json(const struct program *program, const struct units *units, const struct unit *unit)
{
	json_t *modules = json_array(), *needs = json_array(), *imports = json_array();
	for (size_t i = 0; i < unit->module_count; i++)
		json_array_append_new(modules, json_string(program->modules.items[unit->modules[i]].inventory->name));
	for (size_t i = 0; i < unit->need_count; i++)
		json_array_append_new(needs, json_string(units->items[unit->needs[i]].id));
	for (size_t i = 0; i < unit->import_count; i++) {
		const struct program_module *module = &program->modules.items[unit->imports[i]];
		json_array_append_new(imports,
				      json_pack("{s:s, s:s}", "release", program->input->releases[module->release].name,
						"module", module->inventory->name));
	}
	return json_pack("{s:s, s:s, s:o, s:o, s:o}", "id", unit->id, "package", unit->path, "modules", modules,
			 "needs", needs, "imports", imports);
}

json_t *units_to_json(const struct program *program, const struct units *units)
{
	json_t *items = json_array(), *late = json_array(), *undeclared = json_array();
	for (size_t i = 0; i < units->count; i++)
		json_array_append_new(items, unit_to_json(program, units, &units->items[i]));
	vec_each (&units->late, row) {
		const struct program_module *module = &program->modules.items[row->module];
		json_array_append_new(
			row->undeclared ? undeclared : late,
			json_pack("{s:s, s:s, s:s, s:I}", "module", module->inventory->name, "imports", row->name,
				  "release", program->input->releases[program->modules.items[row->target].release].name,
				  "line", (json_int_t)row->line));
	}
	return json_pack("{s:s, s:o, s:o, s:o}", "schema", "gophersnake.units/1", "units", items, "late", late,
			 "undeclared", undeclared);
}
