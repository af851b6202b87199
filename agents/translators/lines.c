// How many lines of Go a translator was accepted with: of native functions themselves, from "func" to the closing
// brace as gofmt writes it; helpers that travel with them are not counted.
#include <string.h>

#include "agents/translate.h"
#include "core/file.h"

enum { FILE_LIMIT = 64 << 20 };

// Is the line the first one of a native function: "func nativeX(", "func (r *T) nativeX("?
static bool begins(struct slice line, const char *receiver, size_t receiver_length, const char *name)
{
	if (!slice_starts(line, "func "))
		return false;
	line = slice_from(line, strlen("func "));
	if (receiver_length) {
		struct slice part, word = {NULL, 0};
		if (!slice_starts(line, "(") || !slice_cut(&line, ')', &part))
			return false;
		while (slice_cut(&part, ' ', &word))
			continue;
		if (word.len && (*word.ptr == '*' || *word.ptr == '('))
			word = slice_from(word, 1);
		if (word.len != receiver_length || memcmp(word.ptr, receiver, receiver_length) ||
		    !slice_starts(line, " "))
			return false;
		line = slice_from(line, 1);
	}
	size_t length = strlen(name);
	return slice_starts(line, "native") && line.len > length + 6 && !memcmp(line.ptr + 6, name, length) &&
	       line.ptr[length + 6] == '(';
}

int64_t translation_lines_of(struct slice go, const char *function)
{
	const char *dot = strchr(function, '.'), *name = dot ? dot + 1 : function;
	size_t receiver = dot ? (size_t)(dot - function) : 0;
	struct slice line;
	int64_t count = 0;
	while (slice_cut(&go, '\n', &line)) {
		if (!count && !begins(line, function, receiver, name))
			continue;
		count++;
		bool closed = count == 1 ? line.ptr[line.len - 1] == '}' : slice_is(line, "}");
		if (closed)
			break;
	}
	return count;
}

int translation_add_lines(const struct translation *translation, json_t *rows, struct error *err)
{
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	if (dir_list(translation->code, &names, err))
		return -1;
	vec_each (&names, name) {
		cleanup_free char *path = xasprintf("%s/%s", translation->code, *name);
		cleanup_text struct text go = TEXT_INIT;
		if (!slice_ends(slice_of(*name), "_native_py.go"))
			continue;
		if (file_read(path, FILE_LIMIT, &go, err))
			return -1;
		size_t index;
		json_t *row;
		json_array_foreach (rows, index, row) {
			int64_t lines = json_object_get(row, "attempts") &&
							!strcmp(json_string_or(row, "translator", ""), "llm")
						? translation_lines_of(text_slice(&go), json_string_or(row, "go", ""))
						: 0;
			if (lines)
				json_object_set_new(row, "lines", json_integer(lines));
		}
	}
	return 0;
}
