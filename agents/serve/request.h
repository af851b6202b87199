// What a request asks for, read from bytes that anybody may have sent: path,
// Accept, Range, conditions. Pure functions (tests/fuzz/fuzz_request.c).
#ifndef AGENTS_SERVE_REQUEST_H
#define AGENTS_SERVE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/text.h"

// A request target (RFC 9112, 3.2: "/a%20b/c?query", or with http://host before it) → "a b/c", appended to out. A slash at the
// end stays, the query goes. 0, or the status of the refusal: 400 = malformed (escapes, control characters, an empty name in
// the middle, more than 4,096 bytes); 404 = a hidden name, "." and ".." too.
int request_path(struct slice target, struct text *out);

// Which offer the client likes best (RFC 9110, 12.5.1); of those that it likes the same, the first. header: NULL or empty takes
// all. What is malformed in it counts as absent. -1 = none of them.
int request_accept(const char *header, const char *const *offers, size_t count);

enum request_range {
	RANGE_WHOLE,        // none, several, another unit, malformed: the whole file is the answer
	RANGE_PART,         // *first and *length are set; length > 0
	RANGE_UNSATISFIABLE // 416
};
// "bytes=0-99", "bytes=100-", "bytes=-100" of a file of that size (RFC 9110, 14.1.2). header may be NULL.
enum request_range request_range(const char *header, uint64_t size, uint64_t *first, uint64_t *length);

// Does a list of entity tags (If-None-Match; one in If-Range) have this one, or is it "*"? etag: with its quotes. weak: W/"x" is
// the same as "x" (RFC 9110, 8.8.3.2).
bool request_has_etag(const char *list, const char *etag, bool weak);
#endif
