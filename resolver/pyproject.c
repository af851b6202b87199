// A reader of TOML that keeps nothing: it goes through the statements, knows the path of keys it is at, and hands each
// string to leaf_string(). Numbers, dates and booleans are passed over.
#include "resolver/pyproject.h"

#include "resolver/utf8.h"

enum { MAX_PATH = 16 };

struct toml {
	struct arena *arena;
	struct slice rest;
	size_t line;
	const char *path[MAX_PATH]; // table, keys, keys of inline tables
	size_t depth;               // may exceed MAX_PATH: then it is nothing we want
	int nesting;
	struct pyproject *out;
	struct error *err;
};

static int fail(struct toml *t, const char *expected)
{
	return error_set(t->err, ERROR_INPUT, "pyproject.toml, line %zu: expected %s", t->line, expected);
}

static char peek(const struct toml *t)
{
	return t->rest.len ? t->rest.ptr[0] : 0;
}

static void advance(struct toml *t, size_t count)
{
	for (size_t i = 0; i < count && i < t->rest.len; i++)
		t->line += t->rest.ptr[i] == '\n';
	t->rest = slice_from(t->rest, count);
}

static void skip_blanks(struct toml *t)
{
	while (peek(t) == ' ' || peek(t) == '\t')
		advance(t, 1);
}

static void skip_comment(struct toml *t)
{
	while (t->rest.len && peek(t) != '\n')
		advance(t, 1);
}

static void skip_lines(struct toml *t) // blanks, newlines and comments
{
	for (;;) {
		skip_blanks(t);
		if (peek(t) == '#')
			skip_comment(t);
		else if (peek(t) == '\n' || peek(t) == '\r')
			advance(t, 1);
		else
			return;
	}
}

static int end_line(struct toml *t)
{
	skip_blanks(t);
	if (peek(t) == '#')
		skip_comment(t);
	if (peek(t) == '\r')
		advance(t, 1);
	if (t->rest.len && peek(t) != '\n')
		return fail(t, "the end of the line");
	advance(t, 1);
	return 0;
}

// ---- strings ---------------------------------------------------------------------------------------------------------

static int add_code_point(struct toml *t, int digits, struct text *out)
{
	uint32_t code = 0;
	for (int i = 0; i < digits; i++) {
		char c = peek(t);
		uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
				 : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
				 : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
							: 99;
		if (digit == 99)
			return fail(t, "hexadecimal digits");
		code = code * 16 + digit;
		advance(t, 1);
	}
	if (!code || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return fail(t, "a character");
	if (code < 0x80) {
		text_add_char(out, (char)code);
		return 0;
	}
	int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
	static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
	text_add_char(out, (char)(lead[more] | code >> (6 * more)));
	while (more-- > 0)
		text_add_char(out, (char)(0x80 | (code >> (6 * more) & 0x3f)));
	return 0;
}

// After the backslash.
static int read_escape(struct toml *t, bool multiline, struct text *out)
{
	static const char from[] = "btnfre\"\\", to[] = "\b\t\n\f\r\033\"\\";
	char c = peek(t);
	const char *known = c ? strchr(from, c) : NULL;
	if (known) {
		text_add_char(out, to[known - from]);
		advance(t, 1);
		return 0;
	}
	if (c == 'u' || c == 'U') {
		advance(t, 1);
		return add_code_point(t, c == 'u' ? 4 : 8, out);
	}
	if (!multiline || !c || !strchr(" \t\r\n", c))
		return fail(t, "an escape");
	while (t->rest.len && strchr(" \t\r\n", peek(t)) && peek(t))
		advance(t, 1);
	return 0;
}

static int read_string(struct toml *t, const char **out)
{
	char quote = peek(t);
	const char triple[] = {quote, quote, quote, 0};
	bool multiline = slice_starts(t->rest, triple);
	cleanup_text struct text text = TEXT_INIT;
	advance(t, multiline ? 3 : 1);
	if (multiline && slice_starts(t->rest, "\r\n"))
		advance(t, 2);
	else if (multiline && peek(t) == '\n')
		advance(t, 1);
	for (;;) {
		char c = peek(t);
		if (!t->rest.len || !c || (!multiline && c == '\n'))
			return fail(t, "the end of a string");
		if (multiline && slice_starts(t->rest, triple)) {
			size_t quotes = 3; // up to two of them belong to the string
			while (quotes < 5 && quotes < t->rest.len && t->rest.ptr[quotes] == quote)
				quotes++;
			text_add_bytes(&text, "\"\"''" + (quote == '"' ? 0 : 2), quotes - 3);
			advance(t, quotes);
			break;
		}
		if (!multiline && c == quote) {
			advance(t, 1);
			break;
		}
		advance(t, 1);
		if (c == '\\' && quote == '"') {
			if (read_escape(t, multiline, &text))
				return -1;
		} else {
			text_add_char(&text, c);
		}
	}
	*out = arena_slice(t->arena, text_slice(&text));
	return 0;
}

// ---- keys and values -------------------------------------------------------------------------------------------------

static void push(struct toml *t, const char *key)
{
	if (t->depth < MAX_PATH)
		t->path[t->depth] = key;
	t->depth++;
}

static bool is_bare(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static int read_key(struct toml *t) // dotted; pushed part by part
{
	for (;;) {
		const char *key = NULL;
		skip_blanks(t);
		if (peek(t) == '"' || peek(t) == '\'') {
			if (read_string(t, &key))
				return -1;
		} else {
			size_t length = 0;
			while (length < t->rest.len && is_bare(t->rest.ptr[length]))
				length++;
			if (!length)
				return fail(t, "a key");
			key = arena_slice(t->arena, (struct slice){t->rest.ptr, length});
			advance(t, length);
		}
		push(t, key);
		skip_blanks(t);
		if (peek(t) != '.')
			return 0;
		advance(t, 1);
	}
}

static bool path_is(const struct toml *t, size_t depth, const char *a, const char *b)
{
	return t->depth == depth && !strcmp(t->path[0], a) && !strcmp(t->path[1], b);
}

static void leaf_string(struct toml *t, const char *value)
{
	struct pyproject *out = t->out;
	if (path_is(t, 2, "project", "name"))
		out->name = value;
	else if (path_is(t, 2, "project", "version"))
		out->version = value;
	else if (path_is(t, 2, "project", "requires-python"))
		out->requires_python = value;
	else if (path_is(t, 2, "project", "dynamic"))
		vec_push(&out->dynamic, value);
	else if (path_is(t, 2, "project", "dependencies"))
		vec_push(&out->requirements, (struct pyproject_requirement){"", value});
	else if (path_is(t, 3, "project", "optional-dependencies"))
		vec_push(&out->requirements, (struct pyproject_requirement){t->path[2], value});
	else if (path_is(t, 2, "build-system", "requires"))
		vec_push(&out->build_requires, value);
	else if (path_is(t, 2, "build-system", "build-backend"))
		out->build_backend = value;
	else if (path_is(t, 2, "build-system", "backend-path"))
		vec_push(&out->backend_path, value);
	else if (path_is(t, 3, "tool", "gophersnake") && !strcmp(t->path[2], "build-backend"))
		out->wrapped_backend = value;
	else if (path_is(t, 3, "tool", "gophersnake") && !strcmp(t->path[2], "backend-path"))
		vec_push(&out->wrapped_path, value);
}

// A table of the document is entered, or given a key.
static void mark_table(struct toml *t)
{
	t->out->has_project |= !strcmp(t->path[0], "project");
	t->out->has_build_system |= !strcmp(t->path[0], "build-system");
}

static int read_value(struct toml *t);

static int read_array(struct toml *t)
{
	advance(t, 1);
	for (;;) {
		skip_lines(t);
		if (peek(t) == ']')
			break;
		if (read_value(t))
			return -1;
		skip_lines(t);
		if (peek(t) == ',')
			advance(t, 1);
		else if (peek(t) != ']')
			return fail(t, "\",\" or \"]\"");
	}
	advance(t, 1);
	return 0;
}

static int read_pair(struct toml *t)
{
	size_t depth = t->depth;
	if (read_key(t))
		return -1;
	if (peek(t) != '=')
		return fail(t, "\"=\"");
	advance(t, 1);
	skip_blanks(t);
	mark_table(t);
	if (read_value(t))
		return -1;
	t->depth = depth;
	return 0;
}

static int read_inline_table(struct toml *t)
{
	advance(t, 1);
	for (;;) {
		skip_lines(t); // TOML 1.1 allows newlines; they do no harm
		if (peek(t) == '}')
			break;
		if (read_pair(t))
			return -1;
		skip_lines(t);
		if (peek(t) == ',')
			advance(t, 1);
		else if (peek(t) != '}')
			return fail(t, "\",\" or \"}\"");
	}
	advance(t, 1);
	return 0;
}

static int read_value(struct toml *t) // recursion is bounded by PYPROJECT_MAX_DEPTH
{
	char c = peek(t);
	if (c == '"' || c == '\'') {
		const char *value;
		if (read_string(t, &value))
			return -1;
		leaf_string(t, value);
		return 0;
	}
	if (c == '[' || c == '{') {
		if (++t->nesting > PYPROJECT_MAX_DEPTH)
			return fail(t, "fewer nested values");
		int status = c == '[' ? read_array(t) : read_inline_table(t);
		t->nesting--;
		return status;
	}
	size_t length = 0;
	while (length < t->rest.len && t->rest.ptr[length] && !strchr(",]}#=\r\n", t->rest.ptr[length]))
		length++;
	if (!length)
		return fail(t, "a value");
	advance(t, length);
	return 0;
}

static int read_header(struct toml *t)
{
	bool list = slice_starts(t->rest, "[[");
	t->depth = 0;
	advance(t, list ? 2 : 1);
	if (read_key(t))
		return -1;
	if (!slice_starts(t->rest, list ? "]]" : "]"))
		return fail(t, "\"]\" after a table's name");
	advance(t, list ? 2 : 1);
	if (list)
		t->path[0] = ""; // an array of tables is none that we want
	mark_table(t);
	return end_line(t);
}

int pyproject_parse(struct arena *arena, struct slice data, struct pyproject *out, struct error *err)
{
	*out = (struct pyproject){
		.name = "", .version = "", .requires_python = "", .build_backend = "", .wrapped_backend = ""};
	struct toml t = {.arena = arena, .rest = data, .line = 1, .out = out, .err = err};
	int status = 0;
	if (data.len > PYPROJECT_MAX_BYTES)
		status = error_set(err, ERROR_INPUT, "pyproject.toml: larger than %d bytes", PYPROJECT_MAX_BYTES);
	else if (!utf8_is_valid(data))
		status = error_set(err, ERROR_INPUT, "pyproject.toml: not UTF-8");
	size_t table = 0;
	while (!status) {
		skip_lines(&t);
		if (!t.rest.len)
			break;
		if (peek(&t) == '[') {
			status = read_header(&t);
			table = t.depth;
		} else {
			t.depth = table;
			status = read_pair(&t) || end_line(&t) ? -1 : 0;
		}
	}
	if (status)
		pyproject_clear(out);
	return status;
}

void pyproject_clear(struct pyproject *pyproject)
{
	vec_clear(&pyproject->dynamic);
	vec_clear(&pyproject->requirements);
	vec_clear(&pyproject->build_requires);
	vec_clear(&pyproject->backend_path);
	vec_clear(&pyproject->wrapped_path);
}

bool pyproject_states(const struct pyproject *pyproject, const char *field)
{
	for (size_t i = 0; i < pyproject->dynamic.count; i++)
		if (!strcmp(pyproject->dynamic.items[i], field))
			return false;
	return pyproject->has_project && *pyproject->name;
}
