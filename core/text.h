// The one string builder (struct text) and the one slice (struct slice).
//
// A text owns its bytes and is always NUL-terminated once something was
// appended; text.ptr of an empty one may be NULL: use text_str() to get "".
// A slice borrows: it never outlives what it points into and has no NUL.
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/memory.h"

struct slice {
	const char *ptr; // may be NULL when len is 0
	size_t len;      // bytes
};

#define SLICE(literal) ((struct slice){"" literal, sizeof(literal) - 1})
static inline struct slice slice_of(const char *text)
{
	return (struct slice){text, text ? strlen(text) : 0};
}
bool slice_equal(struct slice a, struct slice b);
bool slice_is(struct slice a, const char *text);
int slice_compare(struct slice a, struct slice b); // bytewise, shorter first
bool slice_starts(struct slice a, const char *prefix);
bool slice_ends(struct slice a, const char *suffix);
struct slice slice_trim(struct slice a);            // ASCII white space at both ends
struct slice slice_from(struct slice a, size_t at); // a[at:]
bool slice_cut(struct slice *rest, char separator,
	       struct slice *head); // splits off up to separator; false when rest is exhausted (ptr NULL)
char *slice_dup(struct slice a);

struct text {
	char *ptr;
	size_t len; // bytes, without the NUL
	size_t cap;
};

#define TEXT_INIT          \
	{                  \
		NULL, 0, 0 \
	}
void text_clear(struct text *text); // frees; usable again
void text_reset(struct text *text); // keeps the memory
void text_reserve(struct text *text, size_t more);
void text_add(struct text *text, const char *string);
void text_add_bytes(struct text *text, const void *data, size_t length);
void text_add_slice(struct text *text, struct slice slice);
void text_add_char(struct text *text, char c);
void text_addf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *text_str(const struct text *text); // never NULL
struct slice text_slice(const struct text *text);
char *text_steal(struct text *text); // heap string, never NULL; text becomes empty
#define cleanup_text __attribute__((cleanup(text_clear)))

// Numbers, exactly: the whole string must be the number. Return 0 or -1.
int parse_u64(struct slice text, uint64_t *out);
int parse_i64(struct slice text, int64_t *out);

#endif
