// PEP 440 versions. The scanner follows the pattern of the packaging library: every group is greedy and none
// needs backtracking, so one pass from left to right is enough.
#include "resolver/version.h"

#include <inttypes.h>

struct cursor {
	const char *at, *end;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool is_local(char c)
{
	return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z');
}

static bool is_separator(const char *at, const char *end)
{
	return at < end && (*at == '.' || *at == '_' || *at == '-');
}

static int number_read(struct cursor *c, uint64_t *out, struct error *err)
{
	uint64_t value = 0;
	while (c->at < c->end && is_digit(*c->at)) {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*c->at - '0'), &value))
			return error_set(err, ERROR_INPUT, "version has a number of 2^64 or more");
		c->at++;
	}
	*out = value;
	return 0;
}

static bool word_read(struct cursor *c, const char *word)
{
	size_t length = strlen(word);
	if ((size_t)(c->end - c->at) < length)
		return false;
	for (size_t i = 0; i < length; i++)
		if (lower(c->at[i]) != word[i])
			return false;
	c->at += length;
	return true;
}

// [._-]? WORD [._-]? [0-9]*; sets which of the words, or -1 (nothing read).
static int suffix_read(struct cursor *c, const char *const *words, int *which, uint64_t *number, struct error *err)
{
	struct cursor try = *c;
	if (is_separator(try.at, try.end))
		try.at++;
	*which = -1;
	for (int i = 0; words[i] && *which < 0; i++)
		if (word_read(&try, words[i]))
			*which = i;
	if (*which < 0)
		return 0;
	if (is_separator(try.at, try.end))
		try.at++;
	if (number_read(&try, number, err))
		return -1;
	*c = try;
	return 0;
}

static int release_read(struct arena *arena, struct cursor *c, struct version *out, struct error *err)
{
	uint64_t parts[VERSION_MAX_PARTS];
	uint32_t count = 0;
	for (;;) {
		if (count == VERSION_MAX_PARTS)
			return error_set(err, ERROR_INPUT, "version has more than %d release parts", VERSION_MAX_PARTS);
		if (number_read(c, &parts[count++], err))
			return -1;
		if (c->end - c->at < 2 || c->at[0] != '.' || !is_digit(c->at[1]))
			break;
		c->at++;
	}
	uint64_t *release = arena_array(arena, count, sizeof *release);
	memcpy(release, parts, count * sizeof *release);
	out->release = release;
	out->release_count = out->significant = count;
	while (out->significant && !release[out->significant - 1])
		out->significant--;
	return 0;
}

static int local_read(struct arena *arena, struct cursor *c, struct version *out, struct error *err)
{
	if (c->end - c->at < 2 || *c->at != '+' || !is_local(c->at[1]))
		return 0;
	struct version_local parts[VERSION_MAX_PARTS];
	uint32_t count = 0;
	do {
		c->at++;
		if (count == VERSION_MAX_PARTS)
			return error_set(err, ERROR_INPUT, "version has more than %d local parts", VERSION_MAX_PARTS);
		const char *start = c->at;
		bool digits = true;
		for (; c->at < c->end && is_local(*c->at); c->at++)
			digits = digits && is_digit(*c->at);
		struct version_local *part = &parts[count++];
		*part = (struct version_local){NULL, 0};
		if (digits) {
			struct cursor again = {start, c->at};
			if (number_read(&again, &part->number, err))
				return -1;
			continue;
		}
		char *text = arena_slice(arena, (struct slice){start, (size_t)(c->at - start)});
		for (char *t = text; *t; t++)
			*t = lower(*t);
		part->text = text;
	} while (c->end - c->at >= 2 && is_separator(c->at, c->end) && is_local(c->at[1]));
	struct version_local *local = arena_array(arena, count, sizeof *local);
	memcpy(local, parts, count * sizeof *local);
	out->local = local;
	out->local_count = count;
	return 0;
}

static int post_read(struct cursor *c, struct version *out, struct error *err)
{
	static const char *const words[] = {"post", "rev", "r", NULL};
	if (c->end - c->at >= 2 && *c->at == '-' && is_digit(c->at[1])) {
		c->at++;
		out->has_post = true;
		return number_read(c, &out->post, err);
	}
	int which;
	if (suffix_read(c, words, &which, &out->post, err))
		return -1;
	out->has_post = which >= 0;
	return 0;
}

int version_scan(struct arena *arena, struct slice text, struct version *out, size_t *length, struct error *err)
{
	static const char *const pre_words[] = {"alpha", "beta", "preview", "pre", "a", "b", "c", "rc", NULL};
	static const enum version_pre pre_kinds[] = {VERSION_PRE_ALPHA, VERSION_PRE_BETA,  VERSION_PRE_RC,
						     VERSION_PRE_RC,    VERSION_PRE_ALPHA, VERSION_PRE_BETA,
						     VERSION_PRE_RC,    VERSION_PRE_RC};
	static const char *const dev_words[] = {"dev", NULL};
	*length = 0;
	if (!text.len)
		return 0;
	struct cursor c = {text.ptr, text.ptr + text.len};
	struct version version = {.pre = VERSION_PRE_NONE};
	if (c.at < c.end && lower(*c.at) == 'v')
		c.at++;
	if (c.at == c.end || !is_digit(*c.at))
		return 0;
	const char *mark = c.at;
	while (mark < c.end && is_digit(*mark))
		mark++;
	if (c.end - mark >= 2 && *mark == '!' && is_digit(mark[1])) {
		if (number_read(&c, &version.epoch, err))
			return -1;
		c.at++;
	}
	if (release_read(arena, &c, &version, err))
		return -1;
	int which;
	if (suffix_read(&c, pre_words, &which, &version.pre_number, err))
		return -1;
	if (which >= 0)
		version.pre = pre_kinds[which];
	if (post_read(&c, &version, err) || suffix_read(&c, dev_words, &which, &version.dev, err))
		return -1;
	version.has_dev = which >= 0;
	if (local_read(arena, &c, &version, err))
		return -1;
	*length = (size_t)(c.at - text.ptr);
	*out = version;
	return 0;
}

// Bytes of the white space character that begins (or ends) the text, 0 when there is none.
static size_t space_length(struct slice text, bool at_end)
{
	static const char *const wide[] = {
		"\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81",
		"\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86",
		"\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8",
		"\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
	};
	if (!text.len)
		return 0;
	char c = text.ptr[at_end ? text.len - 1 : 0];
	if ((unsigned char)c < 0x80)
		return version_is_space(c);
	for (size_t i = 0; i < ARRAY_LENGTH(wide); i++)
		if (at_end ? slice_ends(text, wide[i]) : slice_starts(text, wide[i]))
			return strlen(wide[i]);
	return 0;
}

struct slice version_strip(struct slice text)
{
	size_t length;
	while ((length = space_length(text, false)))
		text = (struct slice){text.ptr + length, text.len - length};
	while ((length = space_length(text, true)))
		text.len -= length;
	return text;
}

int version_parse(struct arena *arena, struct slice text, struct version *out, struct error *err)
{
	text = version_strip(text);
	int shown = text.len > 80 ? 80 : (int)text.len;
	if (text.len > VERSION_MAX_BYTES)
		return error_set(err, ERROR_INPUT, "invalid version \"%.*s…\": longer than %d bytes", shown, text.ptr,
				 VERSION_MAX_BYTES);
	struct version version = {.pre = VERSION_PRE_NONE};
	size_t length;
	if (version_scan(arena, text, &version, &length, err))
		return error_context(err, "invalid version \"%.*s\"", shown, text.len ? text.ptr : "");
	if (!length || length != text.len)
		return error_set(err, ERROR_INPUT, "invalid version \"%.*s\"", shown, text.len ? text.ptr : "");
	*out = version;
	return 0;
}

static int compare_number(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

// dev-only releases sort before a, finals after rc.
static int pre_rank(const struct version *v)
{
	return v->pre == VERSION_PRE_NONE && !v->has_post && v->has_dev ? -1 : (int)v->pre;
}

int version_compare_public(const struct version *a, const struct version *b)
{
	if (a->epoch != b->epoch)
		return compare_number(a->epoch, b->epoch);
	uint32_t shared = a->significant < b->significant ? a->significant : b->significant;
	for (uint32_t i = 0; i < shared; i++)
		if (a->release[i] != b->release[i])
			return compare_number(a->release[i], b->release[i]);
	if (a->significant != b->significant)
		return a->significant < b->significant ? -1 : 1;
	int rank_a = pre_rank(a), rank_b = pre_rank(b);
	if (rank_a != rank_b)
		return rank_a < rank_b ? -1 : 1;
	if (a->pre_number != b->pre_number)
		return compare_number(a->pre_number, b->pre_number);
	if (a->has_post != b->has_post)
		return a->has_post ? 1 : -1;
	if (a->post != b->post)
		return compare_number(a->post, b->post);
	if (a->has_dev != b->has_dev)
		return a->has_dev ? -1 : 1;
	return compare_number(a->dev, b->dev);
}

int version_compare(const struct version *a, const struct version *b)
{
	int order = version_compare_public(a, b);
	if (order || (!a->local_count && !b->local_count))
		return order;
	for (uint32_t i = 0; i < a->local_count && i < b->local_count; i++) {
		const struct version_local *x = &a->local[i], *y = &b->local[i];
		if (!x->text != !y->text)
			return x->text ? -1 : 1; // words sort before numbers
		order = x->text ? strcmp(x->text, y->text) : compare_number(x->number, y->number);
		if (order)
			return order < 0 ? -1 : 1;
	}
	return compare_number(a->local_count, b->local_count);
}

void version_format(const struct version *version, struct text *out)
{
	static const char *const pre_names[] = {"a", "b", "rc"};
	if (version->epoch)
		text_addf(out, "%" PRIu64 "!", version->epoch);
	for (uint32_t i = 0; i < version->release_count; i++)
		text_addf(out, "%s%" PRIu64, i ? "." : "", version->release[i]);
	if (version->pre != VERSION_PRE_NONE)
		text_addf(out, "%s%" PRIu64, pre_names[version->pre], version->pre_number);
	if (version->has_post)
		text_addf(out, ".post%" PRIu64, version->post);
	if (version->has_dev)
		text_addf(out, ".dev%" PRIu64, version->dev);
	for (uint32_t i = 0; i < version->local_count; i++) {
		text_add_char(out, i ? '.' : '+');
		if (version->local[i].text)
			text_add(out, version->local[i].text);
		else
			text_addf(out, "%" PRIu64, version->local[i].number);
	}
}

char *version_string(struct arena *arena, const struct version *version)
{
	cleanup_text struct text text = TEXT_INIT;
	version_format(version, &text);
	return arena_strdup(arena, text_str(&text));
}
