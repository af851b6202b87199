// Callees first: the order in which a unit's functions are best translated.
// Found by words: a name before "(" in a function's lines. What is called
// through a variable is not seen, and a wrong guess costs nothing.
#include <ctype.h>
#include <string.h>

#include "agents/translate.h"
#include "core/file.h"

enum { SOURCE_LIMIT = 64 * 1024 * 1024 };

struct walk {
	const struct translation *translation;
	const char *folder; // of the job, with python/
	json_t *by_name;    // last part of the name → numbers
	bool *seen;
	VEC(size_t) order;
	struct error *err;
};

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static const char *module_file(const struct translation *translation, const struct translate_function *function)
{
	const char *file = NULL;
	size_t best = 0;
	vec_each (&translation->modules, module) {
		size_t length = strlen(module->name);
		if (length >= best && !strncmp(function->python, module->name, length) &&
		    function->python[length] == '.') {
			file = module->file;
			best = length;
		}
	}
	return file;
}

static int visit(struct walk *walk, size_t number);

static int visit_named(struct walk *walk, struct slice name)
{
	cleanup_free char *text = slice_dup(name);
	size_t index;
	json_t *number;
	json_array_foreach (json_object_get(walk->by_name, text), index, number) {
		if (visit(walk, (size_t)json_integer_value(number)))
			return -1;
	}
	return 0;
}

static int visit_line(struct walk *walk, struct slice line)
{
	for (size_t i = 0; i < line.len; i++) {
		size_t start = i;
		while (i < line.len && is_word(line.ptr[i]))
			i++;
		if (i > start && i < line.len && line.ptr[i] == '(' &&
		    visit_named(walk, (struct slice){line.ptr + start, i - start}))
			return -1;
	}
	return 0;
}

static int visit(struct walk *walk, size_t number)
{
	const struct translate_function *function = &walk->translation->functions.items[number];
	const char *file = module_file(walk->translation, function);
	if (walk->seen[number])
		return 0;
	walk->seen[number] = true;
	cleanup_free char *path = xasprintf("%s/python/%s", walk->folder, file ? file : "");
	cleanup_text struct text source = TEXT_INIT;
	if (file && file_read(path, SOURCE_LIMIT, &source, walk->err))
		return -1;
	struct slice rest = text_slice(&source), line;
	for (int64_t at = 1; at <= function->end_line && slice_cut(&rest, '\n', &line); at++)
		if (at >= function->line && visit_line(walk, line))
			return -1;
	vec_push(&walk->order, number);
	return 0;
}

int translation_order(const struct translation *translation, const char *folder, size_t **order, struct error *err)
{
	cleanup_json json_t *by_name = json_object();
	cleanup_free bool *seen = xcalloc(translation->functions.count + 1, sizeof *seen);
	struct walk walk = {.translation = translation, .folder = folder, .by_name = by_name, .seen = seen, .err = err};
	for (size_t i = 0; i < translation->functions.count; i++) {
		const char *name = strrchr(translation->functions.items[i].python, '.') + 1;
		json_t *list = json_object_get(by_name, name);
		if (!list)
			json_object_set_new(by_name, name, list = json_array());
		json_array_append_new(list, json_integer((json_int_t)i));
	}
	int status = 0;
	for (size_t i = 0; !status && i < translation->functions.count; i++)
		status = visit(&walk, i);
	if (status)
		vec_clear(&walk.order);
	*order = walk.order.items;
	return status;
}
