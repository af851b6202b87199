// What the line must survive: Python's lexer (Reference, 2.1 "Line structure")
// and PEP 263. The source was parsed before, so it does not end inside a string or a bracket.
#include "agents/wheel/line.h"

#include <ctype.h>
#include <strings.h>

// Where the bundle is loaded it has the code for it, and the text is not compiled once more.
void wheel_line(const char *unit, const char *names, struct text *out)
{
	text_addf(
		out,
		"exec(getattr(__import__(\"sys\").modules.get(\"gophersnake_bundle\"), \"line\", \"try:\\n from"
		" gophersnake_bundle import attach\\nexcept ImportError:\\n if "
		"__import__('os').environ.get('GOPHERSNAKE')"
		" == 'strict': raise\\nelse: attach(module, unit, names)\"), {\"module\": globals(), \"unit\": \"%s\","
		" \"names\": \"%s\"})  # added by gophersnake",
		unit, names);
}

// ---- encodings -------------------------------------------------------------------------------------------------------

static bool is_blank(struct slice line)
{
	for (size_t i = 0; i < line.len; i++)
		if (!strchr(" \t\f\r", line.ptr[i]))
			return line.ptr[i] == '#';
	return true;
}

static struct slice cookie_of_line(struct slice line)
{
	struct slice none = {NULL, 0};
	if (!is_blank(line) || !memchr(line.ptr ? line.ptr : "", '#', line.len))
		return none;
	const char *at = memmem(line.ptr, line.len, "coding", 6);
	while (at) {
		struct slice rest = slice_from(line, (size_t)(at - line.ptr) + 6);
		if (rest.len && (*rest.ptr == ':' || *rest.ptr == '=')) {
			rest = slice_from(rest, 1);
			while (rest.len && (*rest.ptr == ' ' || *rest.ptr == '\t'))
				rest = slice_from(rest, 1);
			size_t length = 0;
			while (length < rest.len &&
			       (isalnum((unsigned char)rest.ptr[length]) || strchr("-_.", rest.ptr[length])))
				length++;
			if (length)
				return (struct slice){rest.ptr, length};
		}
		at = memmem(rest.ptr ? rest.ptr : "", rest.len, "coding", 6);
	}
	return none;
}

static bool cut_line(struct slice *rest, struct slice *line)
{
	if (!rest->len)
		return false;
	size_t length = 0;
	while (length < rest->len && rest->ptr[length] != '\n' && rest->ptr[length] != '\r')
		length++;
	*line = (struct slice){rest->ptr, length};
	if (length + 1 < rest->len && rest->ptr[length] == '\r' && rest->ptr[length + 1] == '\n')
		length++;
	*rest = slice_from(*rest, length < rest->len ? length + 1 : length);
	return true;
}

// Encodings in which ASCII bytes between characters are ASCII, and no state is left from the text before.
static bool is_plain_encoding(struct slice name)
{
	static const char *const starts[] = {"utf-8",   "utf8",  "ascii",      "us-ascii", "latin", "iso-8859",
					     "iso8859", "l1",    "cp12",       "koi8",     "cp437", "cp850",
					     "cp852",   "cp866", "windows-12", "mac-"};
	char folded[32];
	if (name.len >= sizeof folded)
		return false;
	for (size_t i = 0; i < name.len; i++)
		folded[i] = (char)(name.ptr[i] == '_' ? '-' : tolower((unsigned char)name.ptr[i]));
	folded[name.len] = '\0';
	for (size_t i = 0; i < ARRAY_LENGTH(starts); i++)
		if (!strncmp(folded, starts[i], strlen(starts[i])))
			return true;
	return false;
}

static bool has_plain_encoding(struct slice source)
{
	struct slice rest = source, line;
	if (slice_starts(rest, "\xef\xbb\xbf"))
		return true;
	for (int i = 0; i < 2 && cut_line(&rest, &line); i++) {
		struct slice cookie = cookie_of_line(line);
		if (cookie.len)
			return is_plain_encoding(cookie);
		if (!is_blank(line))
			return true;
	}
	return true;
}

// ---- names that the line uses ----------------------------------------------------------------------------------------

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool word_before(struct slice before, const char *word)
{
	size_t length = strlen(word);
	return slice_ends(before, word) && (before.len == length || !is_word(before.ptr[before.len - length - 1]));
}

// Is this word, at its place, being bound? Errs on the side of yes.
static bool is_bound(struct slice source, size_t at, size_t length)
{
	static const char *const binders[] = {"def", "class", "import", "as", "for", "global", "del"};
	size_t begin = at, end = at + length;
	while (begin > 0 && (source.ptr[begin - 1] == ' ' || source.ptr[begin - 1] == '\t'))
		begin--;
	while (end < source.len && (source.ptr[end] == ' ' || source.ptr[end] == '\t'))
		end++;
	struct slice before = {source.ptr, begin};
	for (size_t i = 0; i < ARRAY_LENGTH(binders); i++)
		if (word_before(before, binders[i]))
			return true;
	bool first = !begin || strchr("\r\n;,(", source.ptr[begin - 1]);
	char next = end < source.len ? source.ptr[end] : '\0', then = end + 1 < source.len ? source.ptr[end + 1] : '\0';
	return first && ((next == '=' && then != '=') || (next == ':' && source.ptr[begin ? begin - 1 : 0] != '('));
}

static bool binds(struct slice source, const char *word)
{
	size_t length = strlen(word);
	struct slice rest = source;
	const char *at;
	while (rest.len && (at = memmem(rest.ptr, rest.len, word, length))) {
		size_t place = (size_t)(at - source.ptr);
		bool whole = (!place || (!is_word(at[-1]) && at[-1] != '.')) &&
			     (place + length == source.len || !is_word(at[length]));
		if (whole && is_bound(source, place, length))
			return true;
		rest = slice_from(source, place + length);
	}
	return false;
}

const char *wheel_line_refusal(struct slice source)
{
	struct slice body = source;
	if (source.len && memchr(source.ptr, '\0', source.len))
		return "its source has a NUL character";
	if (!has_plain_encoding(source))
		return "its source is in an encoding to which no line can be added safely";
	while (body.len && (body.ptr[body.len - 1] == '\n' || body.ptr[body.len - 1] == '\r'))
		body.len--;
	if (slice_ends(body, "\\"))
		return "its source ends in a backslash";
	static const char *const used[] = {"exec", "globals", "getattr", "__import__"};
	for (size_t i = 0; i < ARRAY_LENGTH(used); i++)
		if (binds(source, used[i]))
			return "it has a name of its own that is exec, globals, getattr or __import__";
	return NULL;
}

// ---- the source ------------------------------------------------------------------------------------------------------

// How the last line of the source that has an end ends.
static const char *end_of_line(struct slice source)
{
	for (size_t i = source.len; i-- > 0;) {
		if (source.ptr[i] == '\n')
			return i > 0 && source.ptr[i - 1] == '\r' ? "\r\n" : "\n";
		if (source.ptr[i] == '\r')
			return "\r";
	}
	return "\n";
}

void wheel_line_append(struct slice source, const char *line, struct text *out)
{
	const char *end = end_of_line(source);
	text_add_slice(out, source);
	if (source.len && !strchr("\r\n", source.ptr[source.len - 1]))
		text_add(out, end);
	text_add(out, line);
	text_add(out, end);
}
