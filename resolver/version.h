// PEP 440 versions: parse, total order, normalised form.
//
// A version is plain data; release and local parts live in the arena it was parsed into.
// Bounded: at most 1,000 bytes, 64 parts a release or local, numbers below 2^64; what exceeds is an error.
#ifndef RESOLVER_VERSION_H
#define RESOLVER_VERSION_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/error.h"
#include "core/text.h"

enum { VERSION_MAX_PARTS = 64, VERSION_MAX_BYTES = 1000 };

enum version_pre { // in the order of PEP 440
	VERSION_PRE_ALPHA,
	VERSION_PRE_BETA,
	VERSION_PRE_RC,
	VERSION_PRE_NONE,
};

struct version_local {
	const char *text; // lower case, NUL-terminated; NULL when numeric
	uint64_t number;
};

struct version {
	uint64_t epoch;
	const uint64_t *release;           // in the arena
	uint32_t release_count;            // ≥ 1, as written
	uint32_t significant;              // release_count without trailing zeros (may be 0)
	const struct version_local *local; // NULL when none
	uint32_t local_count;
	enum version_pre pre;
	bool has_post, has_dev;
	uint64_t pre_number, post, dev;
};

// White space around it is ignored, as packaging does. ERROR_INPUT names the text (shortened).
int version_parse(struct arena *arena, struct slice text, struct version *out, struct error *err);
// Reads the longest version at the start of text (no white space); *length gets its bytes, 0 when there is none.
// Fails only when a version is there and exceeds the bounds.
int version_scan(struct arena *arena, struct slice text, struct version *out, size_t *length, struct error *err);
// White space as Python's \s and str.strip() see it in ASCII.
static inline bool version_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
}
// Without white space at both ends, Unicode's too (str.strip()).
struct slice version_strip(struct slice text);
int version_compare(const struct version *a, const struct version *b);        // <0, 0, >0
int version_compare_public(const struct version *a, const struct version *b); // the same without local labels
void version_format(const struct version *version, struct text *out);         // "1!2.0rc1.post2.dev3+local.1"
char *version_string(struct arena *arena, const struct version *version);
static inline bool version_is_prerelease(const struct version *version)
{
	return version->pre != VERSION_PRE_NONE || version->has_dev;
}

#endif
