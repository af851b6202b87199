// PEP 508 requirements, with the grammar (and the leniencies) of the packaging library: parenthesised specifiers, a
// comma at the end of a specifier set, empty extras.
#include "resolver/requirement.h"

#include "core/vec.h"
#include "resolver/name.h"

enum { REQUIREMENT_MAX_BYTES = 65536 };

struct parser {
	struct arena *arena;
	struct slice text;
	size_t at;
	struct error *err;
};

static struct slice rest(const struct parser *p)
{
	return slice_from(p->text, p->at);
}

static int fail(const struct parser *p, const char *expected)
{
	struct slice left = rest(p);
	return error_set(p->err, ERROR_INPUT, "invalid requirement \"%.*s\": expected %s at byte %zu, found \"%.*s\"",
			 p->text.len > 100 ? 100 : (int)p->text.len, p->text.len ? p->text.ptr : "", expected, p->at,
			 left.len > 40 ? 40 : (int)left.len, left.len ? left.ptr : "");
}

static void skip_space(struct parser *p)
{
	while (p->at < p->text.len && (p->text.ptr[p->at] == ' ' || p->text.ptr[p->at] == '\t'))
		p->at++;
}

static bool peek(const struct parser *p, char c)
{
	return p->at < p->text.len && p->text.ptr[p->at] == c;
}

static bool read_symbol(struct parser *p, char c)
{
	if (!peek(p, c))
		return false;
	p->at++;
	return true;
}

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_word(char c)
{
	return is_alnum(c) || c == '_' || (unsigned char)c >= 0x80;
}

// \b[a-zA-Z0-9][a-zA-Z0-9._-]*\b; empty when there is none.
static struct slice identifier_peek(const struct parser *p)
{
	struct slice text = rest(p);
	if (!text.len || !is_alnum(text.ptr[0]) || (p->at && is_word(p->text.ptr[p->at - 1])))
		return (struct slice){text.ptr, 0};
	size_t end = 1;
	while (end < text.len && (is_alnum(text.ptr[end]) || strchr("._-", text.ptr[end]) != NULL) && text.ptr[end])
		end++;
	for (; end; end--)
		if (is_word(text.ptr[end - 1]) != (end < text.len && is_word(text.ptr[end])))
			break;
	return (struct slice){text.ptr, end};
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

typedef VEC(const char *) string_list;

static const char *const *sorted_unique(struct arena *arena, string_list *list)
{
	vec_sort(list, compare_strings);
	const char **out = arena_array(arena, list->count + 1, sizeof *out);
	size_t count = 0;
	vec_each (list, item)
		if (!count || strcmp(out[count - 1], *item) != 0)
			out[count++] = *item;
	return out;
}

static int extras_read(struct parser *p, struct requirement *out)
{
	string_list raw = VEC_INIT, normal = VEC_INIT;
	int result = 0;
	if (read_symbol(p, '[')) {
		skip_space(p);
		struct slice name = identifier_peek(p);
		while (name.len && !result) {
			p->at += name.len;
			vec_push(&raw, arena_slice(p->arena, name));
			vec_push(&normal, name_normalise(p->arena, name));
			skip_space(p);
			name.len = 0;
			if (read_symbol(p, ',')) {
				skip_space(p);
				name = identifier_peek(p);
				if (!name.len)
					result = fail(p, "an extra name after the comma");
			}
		}
		skip_space(p);
		if (!result && !read_symbol(p, ']'))
			result = fail(p, "a comma or \"]\" after extras");
	}
	if (!result) {
		out->extras = sorted_unique(p->arena, &raw);
		out->normal_extras = sorted_unique(p->arena, &normal);
	}
	vec_clear(&raw);
	vec_clear(&normal);
	return result;
}

static bool local_label_follows(const struct parser *p)
{
	struct slice text = rest(p);
	return text.len >= 2 && text.ptr[0] == '+' &&
	       ((text.ptr[1] >= 'a' && text.ptr[1] <= 'z') || (text.ptr[1] >= '0' && text.ptr[1] <= '9'));
}

static int specifier_read(struct parser *p, struct requirement *out)
{
	bool parenthesised = read_symbol(p, '(');
	cleanup_text struct text clauses = TEXT_INIT;
	skip_space(p);
	for (;;) {
		size_t length;
		if (specifier_scan(p->arena, rest(p), &length, p->err))
			return error_context(p->err, "requirement, byte %zu", p->at);
		if (!length)
			break;
		text_add_bytes(&clauses, p->text.ptr + p->at, length);
		p->at += length;
		if (slice_starts(rest(p), ".*"))
			return fail(p, "no \".*\" (only == and != with a plain release take it)");
		if (local_label_follows(p))
			return fail(p, "no local version label (only == and != take it)");
		skip_space(p);
		if (!read_symbol(p, ','))
			break;
		text_add_char(&clauses, ',');
		skip_space(p);
	}
	skip_space(p);
	if (parenthesised && !read_symbol(p, ')'))
		return fail(p, "a closing parenthesis after the version specifier");
	return specifier_parse(p->arena, text_slice(&clauses), &out->specifier, p->err);
}

static int details_read(struct parser *p, struct requirement *out)
{
	if (read_symbol(p, '@')) {
		skip_space(p);
		size_t start = p->at;
		while (p->at < p->text.len && !peek(p, ' ') && !peek(p, '\t'))
			p->at++;
		if (p->at == start)
			return fail(p, "a URL after \"@\"");
		out->url = arena_slice(p->arena, (struct slice){p->text.ptr + start, p->at - start});
	} else if (specifier_read(p, out)) {
		return -1;
	}
	skip_space(p);
	if (p->at == p->text.len)
		return 0;
	if (!read_symbol(p, ';'))
		return fail(p, out->url ? "\";\" (after the URL and white space) or the end"
					: "a comma, \";\" or the end");
	size_t before = p->at;
	if (marker_parse(p->arena, rest(p), &out->marker, p->err))
		return error_context(p->err, "requirement, marker from byte %zu", before);
	return 0;
}

int requirement_parse(struct arena *arena, struct slice text, struct requirement *out, struct error *err)
{
	if (text.len > REQUIREMENT_MAX_BYTES)
		return error_set(err, ERROR_INPUT, "invalid requirement: %zu bytes, longer than %d", text.len,
				 REQUIREMENT_MAX_BYTES);
	if (text.len && memchr(text.ptr, '\0', text.len))
		return error_set(err, ERROR_INPUT, "invalid requirement: it contains a NUL byte");
	struct parser p = {arena, text, 0, err};
	struct requirement found = {.url = NULL};
	skip_space(&p);
	struct slice name = identifier_peek(&p);
	if (!name.len)
		return fail(&p, "a package name");
	p.at += name.len;
	found.raw_name = arena_slice(arena, name);
	found.name = name_normalise(arena, name);
	skip_space(&p);
	if (extras_read(&p, &found))
		return -1;
	skip_space(&p);
	if (details_read(&p, &found))
		return -1;
	*out = found;
	return 0;
}

void requirement_format(const struct requirement *requirement, struct text *out)
{
	text_add(out, requirement->raw_name);
	for (const char *const *extra = requirement->extras; *extra; extra++)
		text_addf(out, "%s%s%s", extra == requirement->extras ? "[" : ",", *extra, extra[1] ? "" : "]");
	specifier_format(&requirement->specifier, out);
	if (requirement->url)
		text_addf(out, " @ %s%s", requirement->url, requirement->marker.count ? " " : "");
	if (requirement->marker.count) {
		text_add(out, "; ");
		marker_format(&requirement->marker, out);
	}
}

char *requirement_string(struct arena *arena, const struct requirement *requirement)
{
	cleanup_text struct text text = TEXT_INIT;
	requirement_format(requirement, &text);
	return arena_strdup(arena, text_str(&text));
}
