// Core metadata. Header names are case-insensitive; a line that begins with white space continues the one before;
// the first empty line ends the headers, and so does a line that is no header: that is how Python's email parser (and
// so pip) reads the free text that old tools left unfolded.
#include "resolver/metadata.h"

#include <strings.h>

#include "resolver/utf8.h"
#include "resolver/version.h"

enum { LIST_REQUIRES, LIST_EXTRAS, LIST_DYNAMIC, LIST_LICENSE_FILES, LIST_CLASSIFIERS, LIST_COUNT };

typedef VEC(const char *) string_list;

static struct slice line_read(struct slice *rest)
{
	const char *newline = memchr(rest->ptr, '\n', rest->len);
	size_t length = newline ? (size_t)(newline - rest->ptr) : rest->len;
	struct slice line = {rest->ptr, length};
	*rest = slice_from(*rest, newline ? length + 1 : length);
	if (line.len && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}

static bool field_is(struct slice name, const char *field)
{
	return name.len == strlen(field) && strncasecmp(name.ptr, field, name.len) == 0;
}

static int value_check(struct slice name, const struct text *value, struct error *err)
{
	if (strlen(text_str(value)) == value->len && utf8_is_valid((struct slice){text_str(value), value->len}))
		return 0;
	return error_set(err, ERROR_INPUT, "metadata: field %.*s is not UTF-8 text", name.len > 60 ? 60 : (int)name.len,
			 name.ptr);
}

// Other fields are ignored, whatever they contain.
static int field_store(struct arena *arena, struct slice name, const struct text *text, struct metadata *out,
		       string_list *lists, struct error *err)
{
	const char *value = text_str(text);
	const struct {
		const char *name;
		const char **to;
	} fields[] = {
		{"Metadata-Version", &out->metadata_version},
		{"Name", &out->name},
		{"Version", &out->version},
		{"Requires-Python", &out->requires_python},
		{"License", &out->license},
		{"License-Expression", &out->license_expression},
		{"Summary", &out->summary},
	};
	static const char *const list_names[LIST_COUNT] = {"Requires-Dist", "Provides-Extra", "Dynamic", "License-File",
							   "Classifier"};
	for (size_t i = 0; i < ARRAY_LENGTH(fields); i++)
		if (field_is(name, fields[i].name) && !**fields[i].to) {
			if (value_check(name, text, err))
				return -1;
			*fields[i].to = arena_strdup(arena, value);
			return 0;
		}
	for (int i = 0; i < LIST_COUNT; i++)
		if (field_is(name, list_names[i])) {
			if (value_check(name, text, err))
				return -1;
			vec_push(&lists[i], arena_strdup(arena, value));
		}
	return 0;
}

static int headers_read(struct arena *arena, struct slice data, struct metadata *out, string_list *lists,
			struct error *err)
{
	while (data.len) {
		struct slice line = line_read(&data);
		const char *colon = line.len ? memchr(line.ptr, ':', line.len) : NULL;
		if (!colon || colon == line.ptr || line.ptr[0] == ' ' || line.ptr[0] == '\t')
			return 0;
		struct slice name = {line.ptr, (size_t)(colon - line.ptr)};
		cleanup_text struct text value = TEXT_INIT;
		text_add_slice(&value, slice_trim(slice_from(line, name.len + 1)));
		while (data.len && (data.ptr[0] == ' ' || data.ptr[0] == '\t')) { // folded
			text_add_char(&value, field_is(name, "License") ? '\n' : ' ');
			text_add_slice(&value, slice_trim(line_read(&data)));
		}
		if (field_store(arena, name, &value, out, lists, err))
			return -1;
	}
	return 0;
}

int metadata_parse(struct arena *arena, struct slice data, struct metadata *out, struct error *err)
{
	if (data.len > METADATA_MAX_BYTES)
		return error_set(err, ERROR_INPUT, "metadata of %zu bytes: larger than %d", data.len,
				 METADATA_MAX_BYTES);
	if (slice_starts(data, "\xef\xbb\xbf"))
		data = slice_from(data, 3);
	struct metadata found = {"", "", "", "", "", "", "", {NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}};
	string_list lists[LIST_COUNT] = {VEC_INIT};
	int result = headers_read(arena, data, &found, lists, err);
	struct metadata_list *to[LIST_COUNT] = {&found.requires_dist, &found.provides_extra, &found.dynamic,
						&found.license_file, &found.classifier};
	for (int i = 0; i < LIST_COUNT; i++) {
		const char **items = arena_array(arena, lists[i].count + 1, sizeof *items);
		if (lists[i].count)
			memcpy(items, lists[i].items, lists[i].count * sizeof *items);
		*to[i] = (struct metadata_list){items, lists[i].count};
		vec_clear(&lists[i]);
	}
	if (result)
		return -1;
	if (!*found.name || !*found.version)
		return error_set(err, ERROR_INPUT, "metadata without %s", *found.name ? "Version" : "Name");
	*out = found;
	return 0;
}

bool metadata_is_static(const struct metadata *metadata, const char *field)
{
	cleanup_arena struct arena arena = ARENA_INIT;
	struct error ignored = ERROR_INIT; // a strange Metadata-Version is an untrustworthy one
	struct version version, first;
	if (version_parse(&arena, slice_of(metadata->metadata_version), &version, &ignored) ||
	    version_parse(&arena, SLICE("2.2"), &first, &ignored) || version_compare(&version, &first) < 0)
		return false;
	for (size_t i = 0; i < metadata->dynamic.count; i++)
		if (!strcasecmp(metadata->dynamic.items[i], field))
			return false;
	return true;
}
