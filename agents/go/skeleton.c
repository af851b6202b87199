// The bridged Go of one group of releases, from inventories to a folder: reads
// the program, makes units, writes sources and units, and hands back what was
// written. The texts are made in write_*.c.
#include "agents/go/skeleton.h"

#include <string.h>

#include "agents/go/writer.h"

// Names in a unit of several modules start with the module's, without underscores, so that the first one parts them.
static void make_prefixes(struct writer *writer)
{
	writer->prefix = arena_array(&writer->arena, writer->program.modules.count, sizeof *writer->prefix);
	for (size_t i = 0; i < writer->program.modules.count; i++)
		writer->prefix[i] = "";
	for (size_t i = 0; i < writer->units.count; i++) {
		const struct unit *unit = &writer->units.items[i];
		struct name_set *taken = name_set_new();
		for (size_t j = 0; unit->module_count > 1 && j < unit->module_count; j++) {
			const char *name = writer->program.modules.items[unit->modules[j]].inventory->name;
			const char *dot = strrchr(name, '.');
			cleanup_free char *exported = name_exported(dot ? dot + 1 : name);
			size_t length = 0;
			for (const char *at = exported; *at; at++)
				if (*at != '_')
					exported[length++] = *at;
			exported[length] = '\0';
			const char *prefix = exported;
			for (unsigned int number = 2; strcmp(name_set_claim(taken, prefix), prefix); number++)
				prefix = arena_printf(&writer->arena, "%sN%u", exported, number);
			writer->prefix[unit->modules[j]] = arena_strdup(&writer->arena, prefix);
		}
		name_set_free(taken);
	}
}

static void make_base_table(struct writer *writer)
{
	writer->bases = arena_array(&writer->arena, writer->program.modules.count, sizeof *writer->bases);
	for (size_t i = 0; i < writer->program.modules.count; i++)
		if (writer->program.modules.items[i].own)
			writer->bases[i] =
				arena_array(&writer->arena, writer->program.modules.items[i].inventory->class_count,
					    sizeof **writer->bases);
}

static int compare_texts(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static void finish(struct writer *writer)
{
	struct skeleton_result *out = writer->out;
	out->units = units_to_json(&writer->program, &writer->units);
	out->names = json_pack("{s:s, s:O}", "schema", "gophersnake.names/1", "modules", writer->names);
	vec_sort(&writer->packages, compare_texts);
	vec_each (&writer->packages, path)
		json_array_append_new(out->packages, json_string(*path));
	out->units_count = (int64_t)writer->units.count;
	out->largest_unit = (int64_t)writer->units.largest;
	vec_each (&writer->program.modules, module) {
		out->modules += module->own;
		out->unreadable += module->own && module->inventory->error;
	}
}

int writer_open(struct writer *out, const struct emit_input *input, const char *folder, struct skeleton_result *result,
		struct error *err)
{
	*out = (struct writer){.folder = folder, .arena = ARENA_INIT, .out = result, .names = json_object()};
	if (program_make(input, &out->program, err) || units_make(&out->program, &out->units, err)) {
		writer_close(out);
		return -1;
	}
	make_prefixes(out);
	make_base_table(out);
	return 0;
}

void writer_close(struct writer *writer)
{
	json_decref(writer->names);
	vec_each (&writer->packages, path)
		free(*path);
	vec_clear(&writer->packages);
	units_clear(&writer->units);
	program_clear(&writer->program);
	arena_clear(&writer->arena);
	*writer = (struct writer){.arena = ARENA_INIT};
}

int skeleton_write(const struct emit_input *input, const char *folder, struct skeleton_result *out, struct error *err)
{
	*out = (struct skeleton_result){.packages = json_array(), .wheels = json_object()};
	struct writer writer;
	int status = writer_open(&writer, input, folder, out, err);
	if (!status) {
		status = write_sources(&writer, err) || write_units(&writer, err) ? -1 : 0;
		if (!status)
			finish(&writer);
		writer_close(&writer);
	}
	if (!status && input->own_count > 1)
		status = write_members(input, folder, out->packages, err);
	if (status)
		skeleton_result_clear(out);
	return status;
}

void skeleton_result_clear(struct skeleton_result *result)
{
	json_decref(result->units);
	json_decref(result->names);
	json_decref(result->packages);
	json_decref(result->wheels);
	*result = (struct skeleton_result){0};
}
