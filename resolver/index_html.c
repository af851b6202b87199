// A tokenizer for start tags (the WHATWG rules as far as links need them). An index page is a list of anchors, so
// nesting does not matter, and without a tree there is nothing that hostile nesting could make deep or slow.
#include "resolver/index_html.h"

#include <strings.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool name_is(struct slice name, const char *text)
{
	return name.len == strlen(text) && !strncasecmp(name.ptr, text, name.len);
}

bool html_tag_is(const struct html_tag *tag, const char *name)
{
	return name_is(tag->name, name);
}

const char *html_attribute(const struct html_tag *tag, const char *name)
{
	for (size_t i = 0; i < tag->count; i++)
		if (name_is(tag->attributes[i].name, name))
			return tag->attributes[i].value;
	return NULL;
}

// ---- entities --------------------------------------------------------------------------------------------------------

static void add_utf8(uint32_t code, struct text *out)
{
	if (code < 0x80) {
		text_add_char(out, (char)code);
		return;
	}
	int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
	static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
	text_add_char(out, (char)(lead[more] | code >> (6 * more)));
	while (more-- > 0)
		text_add_char(out, (char)(0x80 | (code >> (6 * more) & 0x3f)));
}

// "#38;" or "#x26;" after the ampersand; bytes read, 0 when it is none.
static size_t read_number(struct slice text, uint32_t *code)
{
	bool hex = text.len > 1 && (text.ptr[1] == 'x' || text.ptr[1] == 'X');
	size_t at = hex ? 2 : 1, begin = at;
	*code = 0;
	for (; at < text.len && at < begin + 8; at++) {
		char c = text.ptr[at];
		uint32_t digit = c >= '0' && c <= '9'          ? (uint32_t)(c - '0')
				 : hex && c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
				 : hex && c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
							       : 99;
		if (digit == 99)
			break;
		*code = *code * (hex ? 16 : 10) + digit;
	}
	if (at == begin || !*code || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000))
		return 0;
	return at + (at < text.len && text.ptr[at] == ';');
}

static size_t read_entity(struct slice text, uint32_t *code) // text begins after the ampersand
{
	static const struct {
		const char *name;
		uint32_t code;
	} known[] = {{"amp;", '&'}, {"lt;", '<'}, {"gt;", '>'}, {"quot;", '"'}, {"apos;", '\''}};
	if (text.len && text.ptr[0] == '#')
		return read_number(text, code);
	for (size_t i = 0; i < ARRAY_LENGTH(known); i++)
		if (slice_starts(text, known[i].name)) {
			*code = known[i].code;
			return strlen(known[i].name);
		}
	return 0;
}

static char *decode(struct arena *arena, struct slice text)
{
	if (!text.len || !memchr(text.ptr, '&', text.len))
		return arena_slice(arena, text);
	cleanup_text struct text out = TEXT_INIT;
	while (text.len) {
		uint32_t code;
		size_t length = text.ptr[0] == '&' ? read_entity(slice_from(text, 1), &code) : 0;
		if (length)
			add_utf8(code, &out);
		else
			text_add_char(&out, text.ptr[0]);
		text = slice_from(text, length + 1);
	}
	return arena_slice(arena, text_slice(&out));
}

// ---- tags ------------------------------------------------------------------------------------------------------------

static size_t span_until(struct slice text, const char *ends) // white space ends it too
{
	size_t at = 0;
	while (at < text.len && !is_space(text.ptr[at]) && (!text.ptr[at] || !strchr(ends, text.ptr[at])))
		at++;
	return at;
}

static struct slice skip_space(struct slice text)
{
	size_t at = 0;
	while (at < text.len && is_space(text.ptr[at]))
		at++;
	return slice_from(text, at);
}

// What follows "="; false when the page ends in it.
static bool read_value(struct slice *rest, struct slice *value)
{
	*rest = skip_space(*rest);
	char quote = rest->len ? rest->ptr[0] : 0;
	if (quote != '"' && quote != '\'') {
		size_t length = span_until(*rest, ">");
		*value = (struct slice){rest->ptr, length};
		*rest = slice_from(*rest, length);
		return rest->len > 0;
	}
	*rest = slice_from(*rest, 1);
	const char *end = rest->len ? memchr(rest->ptr, quote, rest->len) : NULL;
	if (!end)
		return false;
	*value = (struct slice){rest->ptr, (size_t)(end - rest->ptr)};
	*rest = slice_from(*rest, value->len + 1);
	return true;
}

// Attributes up to and with ">"; false when the page ends before.
static bool read_attributes(struct slice *rest, struct arena *arena, struct html_tag *out)
{
	for (;;) {
		*rest = skip_space(*rest);
		if (!rest->len)
			return false;
		if (rest->ptr[0] == '>') {
			*rest = slice_from(*rest, 1);
			return true;
		}
		if (rest->ptr[0] == '/') {
			*rest = slice_from(*rest, 1);
			continue;
		}
		size_t length = 1 + span_until(slice_from(*rest, 1), "/>="); // a leading "=" belongs to the name
		struct slice name = {rest->ptr, length}, value = {"", 0}, after = skip_space(slice_from(*rest, length));
		*rest = slice_from(*rest, length);
		if (after.len && after.ptr[0] == '=') {
			*rest = slice_from(after, 1);
			if (!read_value(rest, &value))
				return false;
		}
		if (out->count < HTML_MAX_ATTRIBUTES) {
			out->attributes[out->count].name = name;
			out->attributes[out->count++].value = decode(arena, value);
		}
	}
}

// Moves past the first place where the mark stands; false when there is none.
static bool skip_past(struct slice *rest, const char *mark)
{
	const char *found = rest->len ? memmem(rest->ptr, rest->len, mark, strlen(mark)) : NULL;
	if (!found)
		return false;
	*rest = slice_from(*rest, (size_t)(found - rest->ptr) + strlen(mark));
	return true;
}

// The text of such an element is no markup: goes to its end tag, or to the end of the page.
static void skip_raw_text(struct slice *rest, struct slice name)
{
	struct slice text = *rest;
	while (skip_past(&text, "</"))
		if (text.len >= name.len && !strncasecmp(text.ptr, name.ptr, name.len)) {
			*rest = slice_from(text, name.len);
			return;
		}
	*rest = slice_from(*rest, rest->len);
}

bool html_next(struct html_reader *reader, struct arena *arena, struct html_tag *out)
{
	static const char *const raw[] = {"script", "style", "title", "textarea"};
	struct slice *rest = &reader->rest;
	while (skip_past(rest, "<")) {
		char c = rest->len ? rest->ptr[0] : 0;
		if (!is_letter(c)) {
			if (slice_starts(*rest, "!--"))
				reader->cut = !skip_past(rest, "-->");
			else if (c == '!' || c == '?' || c == '/')
				reader->cut = !skip_past(rest, ">");
			if (reader->cut)
				return false;
			continue;
		}
		size_t length = span_until(*rest, "/>");
		out->name = (struct slice){rest->ptr, length};
		out->count = 0;
		*rest = slice_from(*rest, length);
		if (!read_attributes(rest, arena, out)) {
			reader->cut = true;
			return false;
		}
		for (size_t i = 0; i < ARRAY_LENGTH(raw); i++)
			if (html_tag_is(out, raw[i]))
				skip_raw_text(rest, out->name);
		return true;
	}
	return false;
}
