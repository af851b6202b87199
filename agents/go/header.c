// Lexes a Go file as far as its last import: comments, automatic semicolons,
// both kinds of strings (Go specification, "Lexical elements", "Import
// declarations"). The rest of the file is never looked at, except by
// go_cursor_is_comment, which is asked only where a directive may stand.
#include "agents/go/header.h"

#include <string.h>

struct lexer {
	const char *what;
	const char *text;
	size_t size, at;
	size_t line, line_start; // of at
	bool newline;            // the last skip went over a line's end
	size_t comment;          // first comment of the last skip on the line that it began on, SIZE_MAX
	bool comment_spans;      // a comment of the last skip began on that line and ended on another
	size_t spanned_to;       // line on which the last comment of several lines ended, SIZE_MAX
};

static int fail(const struct lexer *lexer, struct error *err, const char *expected)
{
	return error_set(err, ERROR_INPUT, "%s:%zu: not Go: expected %s", lexer->what, lexer->line + 1, expected);
}

static bool is_letter(char c)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static bool is_name(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9');
}

static bool peek(const struct lexer *lexer, char c)
{
	return lexer->at < lexer->size && lexer->text[lexer->at] == c;
}

static void count_lines(struct lexer *lexer, size_t from, size_t to)
{
	while (from < to) {
		const char *found = memchr(lexer->text + from, '\n', to - from);
		if (!found)
			return;
		from = (size_t)(found - lexer->text) + 1;
		lexer->line++;
		lexer->line_start = from;
		lexer->newline = true;
	}
}

static int skip_comment(struct lexer *lexer, bool first_line, struct error *err)
{
	const char *start = lexer->text + lexer->at;
	size_t left = lexer->size - lexer->at;
	if (first_line && lexer->comment == SIZE_MAX)
		lexer->comment = lexer->at;
	if (start[1] == '/') {
		const char *end = memchr(start, '\n', left);
		lexer->at = end ? (size_t)(end - lexer->text) : lexer->size;
		return 0;
	}
	const char *end = left > 3 ? memmem(start + 2, left - 2, "*/", 2) : NULL;
	if (!end)
		return fail(lexer, err, "the end of a comment");
	size_t after = (size_t)(end - lexer->text) + 2, line = lexer->line;
	count_lines(lexer, lexer->at, after);
	if (lexer->line != line) {
		lexer->comment_spans |= first_line;
		lexer->spanned_to = lexer->line;
	}
	lexer->at = after;
	return 0;
}

// White space and comments.
static int skip(struct lexer *lexer, struct error *err)
{
	size_t line = lexer->line;
	lexer->newline = false;
	lexer->comment = SIZE_MAX;
	lexer->comment_spans = false;
	while (lexer->at < lexer->size) {
		char c = lexer->text[lexer->at];
		if (c == '\n') {
			count_lines(lexer, lexer->at, lexer->at + 1);
			lexer->at++;
		} else if (c == ' ' || c == '\t' || c == '\r') {
			lexer->at++;
		} else if (c == '/' && lexer->at + 1 < lexer->size &&
			   (lexer->text[lexer->at + 1] == '/' || lexer->text[lexer->at + 1] == '*')) {
			if (skip_comment(lexer, lexer->line == line, err))
				return -1;
		} else {
			break;
		}
	}
	return 0;
}

static bool take_word(struct lexer *lexer, const char *word)
{
	size_t length = strlen(word), end = lexer->at + length;
	if (end > lexer->size || memcmp(lexer->text + lexer->at, word, length) ||
	    (end < lexer->size && is_name(lexer->text[end])))
		return false;
	lexer->at = end;
	return true;
}

static bool take_name(struct lexer *lexer)
{
	if (lexer->at >= lexer->size || !is_letter(lexer->text[lexer->at]))
		return false;
	while (lexer->at < lexer->size && is_name(lexer->text[lexer->at]))
		lexer->at++;
	return true;
}

// ---- strings ---------------------------------------------------------------------------------------------------------

static void add_utf8(struct text *out, uint32_t rune)
{
	if (rune < 0x80) {
		text_add_char(out, (char)rune);
	} else if (rune < 0x800) {
		text_add_char(out, (char)(0xc0 | rune >> 6));
		text_add_char(out, (char)(0x80 | (rune & 0x3f)));
	} else if (rune < 0x10000) {
		text_add_char(out, (char)(0xe0 | rune >> 12));
		text_add_char(out, (char)(0x80 | (rune >> 6 & 0x3f)));
		text_add_char(out, (char)(0x80 | (rune & 0x3f)));
	} else {
		text_add_char(out, (char)(0xf0 | (rune >> 18 & 7)));
		text_add_char(out, (char)(0x80 | (rune >> 12 & 0x3f)));
		text_add_char(out, (char)(0x80 | (rune >> 6 & 0x3f)));
		text_add_char(out, (char)(0x80 | (rune & 0x3f)));
	}
}

static int digit_of(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : 99;
}

// text[at] is the byte after a backslash. Returns the bytes read, 0 when it is no escape.
static size_t unescape(struct slice text, size_t at, struct text *out)
{
	static const char simple[] = "abfnrtv\\\"", value[] = "\a\b\f\n\r\t\v\\\"";
	char c = text.ptr[at];
	const char *found = memchr(simple, c, sizeof simple - 1);
	if (found) {
		text_add_char(out, value[found - simple]);
		return 1;
	}
	bool octal = c >= '0' && c <= '7';
	size_t digits = octal ? 3 : c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0, first = at + !octal;
	uint32_t number = 0;
	if (!digits || first + digits > text.len)
		return 0;
	for (size_t i = first; i < first + digits; i++) {
		int digit = digit_of(text.ptr[i]), base = octal ? 8 : 16;
		if (digit >= base)
			return 0;
		number = number * (uint32_t)base + (uint32_t)digit;
	}
	if (c == 'u' || c == 'U')
		add_utf8(out, number);
	else
		text_add_char(out, (char)number);
	return digits + !octal;
}

static bool unquote(struct arena *arena, struct slice inner, struct slice *out)
{
	*out = inner;
	if (!inner.len || !memchr(inner.ptr, '\\', inner.len))
		return true;
	cleanup_text struct text text = TEXT_INIT;
	for (size_t i = 0; i < inner.len; i++) {
		if (inner.ptr[i] != '\\') {
			text_add_char(&text, inner.ptr[i]);
			continue;
		}
		size_t taken = i + 1 < inner.len ? unescape(inner, i + 1, &text) : 0;
		if (!taken)
			return false;
		i += taken;
	}
	*out = (struct slice){arena_slice(arena, text_slice(&text)), text.len};
	return true;
}

static bool take_string(struct lexer *lexer, struct go_header *header, struct slice *value)
{
	char quote = lexer->at < lexer->size ? lexer->text[lexer->at] : '\0';
	if (quote != '"' && quote != '`')
		return false;
	size_t start = ++lexer->at;
	for (; lexer->at < lexer->size && lexer->text[lexer->at] != quote; lexer->at++) {
		char c = lexer->text[lexer->at];
		if (c == '\n') // a raw string may go on, an import path may not
			return false;
		if (c == '\\' && quote == '"')
			lexer->at++;
	}
	if (lexer->at >= lexer->size)
		return false;
	struct slice inner = {lexer->text + start, lexer->at++ - start};
	*value = inner;
	return quote == '`' || unquote(&header->arena, inner, value);
}

// ---- declarations ----------------------------------------------------------------------------------------------------

// At the end of a statement: a semicolon, a new line, the end of the file, or (in a group) its closing parenthesis.
static int end_statement(struct lexer *lexer, bool group, const struct go_spec *spec, bool *semicolon,
			 struct error *err)
{
	*semicolon = false;
	if (skip(lexer, err))
		return -1;
	if (peek(lexer, ';')) {
		*semicolon = true;
		lexer->at++;
		return skip(lexer, err);
	}
	if (lexer->newline || lexer->at >= lexer->size || (group && peek(lexer, ')')))
		return 0;
	return fail(lexer, err, spec ? "a new line after an import" : "a new line after the package clause");
}

static void finish_spec(struct lexer *lexer, struct go_spec *spec, bool semicolon, size_t line)
{
	const char *text = lexer->text;
	const char *newline = memchr(text + spec->literal_end, '\n', lexer->size - spec->literal_end);
	spec->end = newline ? (size_t)(newline - text) : lexer->size;
	while (text[spec->end - 1] == ' ' || text[spec->end - 1] == '\t' || text[spec->end - 1] == '\r')
		spec->end--;
	spec->comment = lexer->comment < spec->end ? lexer->comment : spec->end;
	spec->regular = spec->regular && !semicolon && !lexer->comment_spans &&
			(lexer->line > line || lexer->at >= lexer->size);
}

static int read_spec(struct lexer *lexer, struct go_header *header, size_t begin, bool regular, int group,
		     struct error *err)
{
	struct go_spec spec = {
		.group = group, .begin = begin, .start = lexer->at, .line = lexer->line, .name = SLICE("")};
	spec.regular = regular;
	if (peek(lexer, '.')) {
		lexer->at++;
		spec.name = SLICE(".");
	} else if (take_name(lexer)) {
		spec.name = (struct slice){lexer->text + spec.start, lexer->at - spec.start};
	}
	if (spec.name.len) {
		if (skip(lexer, err))
			return -1;
		if (lexer->newline)
			return fail(lexer, err, "an import path");
	}
	spec.literal = lexer->at;
	if (!take_string(lexer, header, &spec.path))
		return fail(lexer, err, "an import path");
	spec.literal_end = lexer->at;
	size_t line = lexer->line;
	bool semicolon;
	if (end_statement(lexer, group >= 0, &spec, &semicolon, err))
		return -1;
	finish_spec(lexer, &spec, semicolon, line);
	vec_push(&header->specs, spec);
	return 0;
}

// The first byte of the line that is not blank.
static size_t line_begin(const struct lexer *lexer)
{
	size_t at = lexer->line_start;
	while (at < lexer->at && (lexer->text[at] == ' ' || lexer->text[at] == '\t'))
		at++;
	return at;
}

static int read_group(struct lexer *lexer, struct go_header *header, int group, struct error *err)
{
	size_t previous_end = lexer->at;
	if (skip(lexer, err))
		return -1;
	while (!peek(lexer, ')')) {
		if (lexer->at >= lexer->size)
			return fail(lexer, err, "\")\"");
		bool alone = previous_end <= lexer->line_start && lexer->spanned_to != lexer->line;
		if (read_spec(lexer, header, line_begin(lexer), alone, group, err))
			return -1;
		previous_end = vec_last(&header->specs)->literal_end;
	}
	lexer->at++;
	bool semicolon;
	return end_statement(lexer, false, NULL, &semicolon, err);
}

static void read_import_comment(struct lexer lexer, struct go_header *header)
{
	while (peek(&lexer, ' ') || peek(&lexer, '\t') || peek(&lexer, ';'))
		lexer.at++;
	if (lexer.size - lexer.at < 2 || lexer.text[lexer.at] != '/' ||
	    (lexer.text[lexer.at + 1] != '/' && lexer.text[lexer.at + 1] != '*'))
		return;
	lexer.at += 2;
	while (peek(&lexer, ' ') || peek(&lexer, '\t'))
		lexer.at++;
	if (!take_word(&lexer, "import"))
		return;
	while (peek(&lexer, ' ') || peek(&lexer, '\t'))
		lexer.at++;
	size_t start = lexer.at + 1;
	struct slice path;
	if (take_string(&lexer, header, &path) && path.ptr == lexer.text + start)
		header->import_comment = path;
}

static int read_header(struct lexer *lexer, struct go_header *header, struct error *err)
{
	if (lexer->size >= 3 && !memcmp(lexer->text, "\xef\xbb\xbf", 3))
		lexer->at = 3;
	if (skip(lexer, err))
		return -1;
	if (!take_word(lexer, "package") || skip(lexer, err) || !take_name(lexer))
		return fail(lexer, err, "a package clause");
	read_import_comment(*lexer, header);
	bool semicolon;
	if (end_statement(lexer, false, NULL, &semicolon, err))
		return -1;
	int groups = 0;
	for (;;) {
		size_t begin = lexer->at;
		bool alone = line_begin(lexer) == begin;
		if (!take_word(lexer, "import"))
			break;
		if (skip(lexer, err))
			return -1;
		if (peek(lexer, '(')) {
			lexer->at++;
			if (read_group(lexer, header, groups++, err))
				return -1;
		} else if (read_spec(lexer, header, begin, alone, -1, err)) {
			return -1;
		}
	}
	header->end = lexer->at;
	return 0;
}

int go_header_read(struct slice source, const char *what, struct go_header *out, struct error *err)
{
	struct lexer lexer = {.what = what, .text = source.ptr, .size = source.len, .spanned_to = SIZE_MAX};
	*out = (struct go_header){.arena = ARENA_INIT};
	if (read_header(&lexer, out, err)) {
		go_header_clear(out);
		return -1;
	}
	return 0;
}

void go_header_clear(struct go_header *header)
{
	vec_clear(&header->specs);
	arena_clear(&header->arena);
	*header = (struct go_header){.arena = ARENA_INIT};
}

// ---- the rest of the file --------------------------------------------------------------------------------------------

static size_t skip_quoted(struct slice source, size_t at)
{
	char quote = source.ptr[at++];
	for (; at < source.len && source.ptr[at] != quote; at++) {
		if (quote == '`')
			continue;
		if (source.ptr[at] == '\n') // not Go; go on after the line
			return at;
		if (source.ptr[at] == '\\')
			at++;
	}
	return at < source.len ? at + 1 : source.len;
}

bool go_cursor_is_comment(struct go_cursor *cursor, size_t offset)
{
	struct slice source = cursor->source;
	while (cursor->at < offset) {
		size_t at = cursor->at;
		char c = source.ptr[at];
		const char *end;
		if (c == '"' || c == '`' || c == '\'') {
			cursor->at = skip_quoted(source, at);
		} else if (c == '/' && at + 1 < source.len && source.ptr[at + 1] == '/') {
			end = memchr(source.ptr + at, '\n', source.len - at);
			cursor->at = end ? (size_t)(end - source.ptr) : source.len;
		} else if (c == '/' && at + 1 < source.len && source.ptr[at + 1] == '*') {
			end = source.len - at > 3 ? memmem(source.ptr + at + 2, source.len - at - 2, "*/", 2) : NULL;
			cursor->at = end ? (size_t)(end - source.ptr) + 2 : source.len;
		} else {
			cursor->at++;
		}
	}
	return cursor->at == offset && offset < source.len && source.ptr[offset] == '/';
}
