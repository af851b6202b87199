// Strings: the builder grows by doubling; slices never allocate.
#include "core/text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

bool slice_equal(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool slice_is(struct slice a, const char *text)
{
	return slice_equal(a, slice_of(text));
}

int slice_compare(struct slice a, struct slice b)
{
	size_t shorter = a.len < b.len ? a.len : b.len;
	int order = shorter ? memcmp(a.ptr, b.ptr, shorter) : 0;
	return order ? order : (a.len > b.len) - (a.len < b.len);
}

bool slice_starts(struct slice a, const char *prefix)
{
	size_t length = strlen(prefix);
	return a.len >= length && memcmp(a.ptr, prefix, length) == 0;
}

bool slice_ends(struct slice a, const char *suffix)
{
	size_t length = strlen(suffix);
	return a.len >= length && memcmp(a.ptr + a.len - length, suffix, length) == 0;
}

struct slice slice_trim(struct slice a)
{
	while (a.len && isspace((unsigned char)a.ptr[0]))
		a.ptr++, a.len--;
	while (a.len && isspace((unsigned char)a.ptr[a.len - 1]))
		a.len--;
	return a;
}

struct slice slice_from(struct slice a, size_t at)
{
	if (at > a.len)
		at = a.len;
	return (struct slice){a.ptr ? a.ptr + at : NULL, a.len - at}; // NULL + 0 is undefined
}

bool slice_cut(struct slice *rest, char separator, struct slice *head)
{
	if (!rest->ptr)
		return false;
	const char *found = rest->len ? memchr(rest->ptr, separator, rest->len) : NULL;
	if (!found) {
		*head = *rest;
		*rest = (struct slice){NULL, 0};
		return true;
	}
	size_t length = (size_t)(found - rest->ptr);
	*head = (struct slice){rest->ptr, length};
	*rest = (struct slice){found + 1, rest->len - length - 1};
	return true;
}

char *slice_dup(struct slice a)
{
	return xmemdup(a.ptr, a.len);
}

void text_clear(struct text *text)
{
	free(text->ptr);
	*text = (struct text)TEXT_INIT;
}

void text_reset(struct text *text)
{
	text->len = 0;
	if (text->ptr)
		text->ptr[0] = '\0';
}

void text_reserve(struct text *text, size_t more)
{
	if (text->cap - text->len > more)
		return;
	size_t wanted = text->len + more + 1;
	size_t grown = text->cap ? text->cap * 2 : 64;
	text->cap = grown > wanted ? grown : wanted;
	text->ptr = xreallocarray(text->ptr, text->cap, 1);
	text->ptr[text->len] = '\0';
}

void text_add_bytes(struct text *text, const void *data, size_t length)
{
	text_reserve(text, length);
	if (length)
		memcpy(text->ptr + text->len, data, length);
	text->len += length;
	text->ptr[text->len] = '\0';
}

void text_add(struct text *text, const char *string)
{
	text_add_bytes(text, string, strlen(string));
}

void text_add_slice(struct text *text, struct slice slice)
{
	text_add_bytes(text, slice.ptr, slice.len);
}

void text_add_char(struct text *text, char c)
{
	text_add_bytes(text, &c, 1);
}

void text_addf(struct text *text, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int wanted = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (wanted > 0) {
		text_reserve(text, (size_t)wanted);
		vsnprintf(text->ptr + text->len, (size_t)wanted + 1, format, again);
		text->len += (size_t)wanted;
	}
	va_end(again);
}

const char *text_str(const struct text *text)
{
	return text->ptr ? text->ptr : "";
}

struct slice text_slice(const struct text *text)
{
	return (struct slice){text_str(text), text->len};
}

char *text_steal(struct text *text)
{
	char *string = text->ptr ? text->ptr : xstrdup("");
	*text = (struct text)TEXT_INIT;
	return string;
}

int parse_u64(struct slice text, uint64_t *out)
{
	uint64_t value = 0;
	if (!text.len)
		return -1;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return -1;
		if (__builtin_mul_overflow(value, 10u, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(text.ptr[i] - '0'), &value))
			return -1;
	}
	*out = value;
	return 0;
}

int parse_i64(struct slice text, int64_t *out)
{
	bool negative = text.len && text.ptr[0] == '-';
	uint64_t value;
	if (parse_u64(slice_from(text, negative), &value))
		return -1;
	if (value > (uint64_t)INT64_MAX + negative)
		return -1;
	*out = negative ? (int64_t)(0 - value) : (int64_t)value;
	return 0;
}
