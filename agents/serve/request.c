// Nothing here allocates by what a client says: paths are bounded, the rest is read in place.
#include "agents/serve/request.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { PATH_LIMIT = 4096, Q_ONE = 1000 };

// ---- the path --------------------------------------------------------------------------------------------------------

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// "http://host/path" → "/path"
static struct slice without_authority(struct slice target)
{
	if (target.len < 7 || strncasecmp(target.ptr, "http://", 7))
		return target;
	target = slice_from(target, 7);
	const char *slash = target.len ? memchr(target.ptr, '/', target.len) : NULL;
	return slash ? slice_from(target, (size_t)(slash - target.ptr)) : SLICE("/");
}

static int decode(struct slice from, struct text *out)
{
	for (size_t i = 0; i < from.len; i++) {
		int c = (unsigned char)from.ptr[i];
		if (c == '%') {
			int high = i + 2 < from.len ? hex_digit(from.ptr[i + 1]) : -1;
			int low = high < 0 ? -1 : hex_digit(from.ptr[i + 2]);
			if (low < 0)
				return 400;
			c = high * 16 + low;
			i += 2;
		}
		if (c < 0x20 || c == 0x7F)
			return 400;
		text_add_char(out, (char)c);
	}
	return 0;
}

int request_path(struct slice target, struct text *out)
{
	size_t start = out->len;
	target = without_authority(target);
	const char *query = target.len ? memchr(target.ptr, '?', target.len) : NULL;
	if (query)
		target.len = (size_t)(query - target.ptr);
	if (!target.len || *target.ptr != '/' || target.len > PATH_LIMIT || decode(slice_from(target, 1), out))
		return 400;
	struct slice rest = slice_from(text_slice(out), start), name;
	while (rest.len && slice_cut(&rest, '/', &name)) {
		if (!name.len)
			return 400;
		if (*name.ptr == '.')
			return 404;
	}
	return 0;
}

// ---- lists -----------------------------------------------------------------------------------------------------------

// The next item before the separator; those in quotes don't count.
static bool next_item(struct slice *rest, char separator, struct slice *item)
{
	bool quoted = false;
	if (!rest->len)
		return false;
	*item = *rest;
	for (size_t i = 0; i < rest->len; i++) {
		if (rest->ptr[i] == '"') {
			quoted = !quoted;
		} else if (rest->ptr[i] == separator && !quoted) {
			item->len = i;
			*rest = slice_from(*rest, i + 1);
			*item = slice_trim(*item);
			return true;
		}
	}
	*rest = (struct slice){NULL, 0};
	*item = slice_trim(*item);
	return true;
}

// "0.25" → 250; -1: it is none.
static int read_quality(struct slice text)
{
	int value = 0, unit = Q_ONE;
	if (!text.len || text.len > 5 || (text.ptr[0] != '0' && text.ptr[0] != '1') ||
	    (text.len > 1 && text.ptr[1] != '.'))
		return -1;
	for (size_t i = 0; i < text.len; i++) {
		if (i == 1)
			continue;
		if (!isdigit((unsigned char)text.ptr[i]))
			return -1;
		value += (text.ptr[i] - '0') * unit;
		unit /= 10;
	}
	return value <= Q_ONE ? value : -1;
}

struct media_range {
	struct slice type;
	int quality;
};

static bool read_media_range(struct slice item, struct media_range *out)
{
	struct slice parameter;
	if (!next_item(&item, ';', &out->type) || !out->type.len)
		return false;
	out->quality = Q_ONE;
	while (next_item(&item, ';', &parameter))
		if (parameter.len > 1 && tolower((unsigned char)parameter.ptr[0]) == 'q' && parameter.ptr[1] == '=')
			out->quality = read_quality(slice_from(parameter, 2));
	return out->quality >= 0;
}

// How exactly a range names a type: 3 = by its name, 2 = "text/*", 1 = "*/*", 0 = not at all.
static int exactness(struct slice range, const char *type)
{
	size_t main = strcspn(type, "/") + 1;
	if (range.len == strlen(type) && !strncasecmp(range.ptr, type, range.len))
		return 3;
	if (range.len == main + 1 && range.ptr[main] == '*' && !strncasecmp(range.ptr, type, main))
		return 2;
	return slice_is(range, "*/*");
}

// The quality that the most exact range gives.
static int quality_of(const char *header, const char *type)
{
	struct slice rest = slice_of(header), item;
	int best = 0, quality = 0;
	while (next_item(&rest, ',', &item)) {
		struct media_range range;
		int exact = read_media_range(item, &range) ? exactness(range.type, type) : 0;
		if (exact > best) {
			best = exact;
			quality = range.quality;
		}
	}
	return quality;
}

int request_accept(const char *header, const char *const *offers, size_t count)
{
	int best = -1, best_quality = 0;
	if (!header || !slice_trim(slice_of(header)).len)
		return count ? 0 : -1;
	for (size_t i = 0; i < count; i++) {
		int quality = quality_of(header, offers[i]);
		if (quality > best_quality) {
			best = (int)i;
			best_quality = quality;
		}
	}
	return best;
}

// ---- ranges and conditions -------------------------------------------------------------------------------------------

enum request_range request_range(const char *header, uint64_t size, uint64_t *first, uint64_t *length)
{
	struct slice rest = slice_of(header), from;
	uint64_t start = 0, last = 0;
	if (!header || rest.len < 6 || strncasecmp(rest.ptr, "bytes=", 6))
		return RANGE_WHOLE;
	rest = slice_trim(slice_from(rest, 6));
	if (!slice_cut(&rest, '-', &from) || !rest.ptr)
		return RANGE_WHOLE;
	from = slice_trim(from);
	rest = slice_trim(rest);
	if ((from.len && parse_u64(from, &start)) || (rest.len && parse_u64(rest, &last)) || (!from.len && !rest.len))
		return RANGE_WHOLE; // "0-1,5-6" too: rest is no number
	if (!from.len) {
		if (!last || !size)
			return RANGE_UNSATISFIABLE;
		*length = last < size ? last : size;
		*first = size - *length;
		return RANGE_PART;
	}
	if (rest.len && last < start)
		return RANGE_WHOLE;
	if (start >= size)
		return RANGE_UNSATISFIABLE;
	if (!rest.len || last >= size)
		last = size - 1;
	*first = start;
	*length = last - start + 1;
	return RANGE_PART;
}

bool request_has_etag(const char *list, const char *etag, bool weak)
{
	struct slice rest = slice_of(list), item;
	if (slice_is(slice_trim(rest), "*"))
		return true;
	while (next_item(&rest, ',', &item)) {
		if (weak && slice_starts(item, "W/"))
			item = slice_from(item, 2);
		if (slice_is(item, etag))
			return true;
	}
	return false;
}
