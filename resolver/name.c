// Names: validity and normalisation. Nothing here allocates but name_normalise().
#include "resolver/name.h"

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_separator(char c)
{
	return c == '-' || c == '_' || c == '.';
}

bool name_is_valid(struct slice name)
{
	if (!name.len || !is_alnum(name.ptr[0]) || !is_alnum(name.ptr[name.len - 1]))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!is_alnum(name.ptr[i]) && !is_separator(name.ptr[i]))
			return false;
	return true;
}

bool name_is_normalised(struct slice name)
{
	if (!name_is_valid(name))
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		if (c == '_' || c == '.' || (c >= 'A' && c <= 'Z') || (c == '-' && name.ptr[i + 1] == '-'))
			return false;
	}
	return true;
}

// Writes at most name.len bytes and returns how many.
static size_t normalise(struct slice name, char *out)
{
	size_t length = 0;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		if (!is_separator(c))
			out[length++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
		else if (!length || out[length - 1] != '-')
			out[length++] = '-';
	}
	return length;
}

char *name_normalise(struct arena *arena, struct slice name)
{
	char *out = arena_alloc(arena, name.len + 1);
	out[normalise(name, out)] = '\0';
	return out;
}

void name_normalise_to(struct slice name, struct text *out)
{
	text_reserve(out, name.len + 1);
	out->len += normalise(name, out->ptr + out->len);
	out->ptr[out->len] = '\0';
}
