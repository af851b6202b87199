// PEP 440 specifier sets: ">=1.0,!=1.3.*". Semantics, order and canonical form are those of the packaging library.
//
// A set lives in its arena. Bounded: 64 KiB of text, 1,024 clauses.
#ifndef RESOLVER_SPECIFIER_H
#define RESOLVER_SPECIFIER_H

#include <stdbool.h>
#include <stddef.h>

#include "resolver/version.h"

enum specifier_operator {
	SPECIFIER_COMPATIBLE, // ~=
	SPECIFIER_EQUAL,      // ==
	SPECIFIER_NOT_EQUAL,  // !=
	SPECIFIER_LESS_EQUAL,
	SPECIFIER_GREATER_EQUAL,
	SPECIFIER_LESS,
	SPECIFIER_GREATER,
	SPECIFIER_ARBITRARY, // ===
};

struct specifier_clause {
	enum specifier_operator comparison;
	bool wildcard;          // ==1.0.* and !=1.0.*
	const char *text;       // what follows the comparison, as written (with ".*")
	struct version version; // without ".*"; not for SPECIFIER_ARBITRARY
};

struct specifier_set {
	const struct specifier_clause *clauses; // sorted by canonical form, without duplicates
	size_t count;                           // 0: any version
};

enum specifier_prereleases { // packaging's prereleases=None, False, True
	SPECIFIER_PRE_DEFAULT,
	SPECIFIER_PRE_NO,
	SPECIFIER_PRE_YES,
};

int specifier_parse(struct arena *arena, struct slice text, struct specifier_set *out, struct error *err);
// One clause: no commas but inside "===".
int specifier_clause_parse(struct arena *arena, struct slice text, struct specifier_clause *out, struct error *err);
// Bytes of the longest clause at the start of text, 0 when there is none (a requirement's tokeniser).
int specifier_scan(struct arena *arena, struct slice text, size_t *length, struct error *err);
// "!=1.3.*,>=1.0"; "" for any.
void specifier_format(const struct specifier_set *set, struct text *out);
char *specifier_string(struct arena *arena, const struct specifier_set *set);
bool specifier_contains(const struct specifier_set *set, const struct version *version,
			enum specifier_prereleases prereleases);
bool specifier_clause_contains(const struct specifier_clause *clause, const struct version *version);
// As packaging does for a string: version is NULL when raw is not a version (only "===" and the empty set match then);
// "===" compares raw.
bool specifier_contains_text(const struct specifier_set *set, const struct version *version, struct slice raw,
			     enum specifier_prereleases prereleases);
bool specifier_clause_contains_text(const struct specifier_clause *clause, const struct version *version,
				    struct slice raw);
// allowed[i] = specifier_contains(set, versions[i], SPECIFIER_PRE_YES), for count versions in any order.
void specifier_allowed(const struct specifier_set *set, const struct version *const *versions, size_t count,
		       bool *allowed);
// Does a clause name a pre-release (">=2.0a1")? Then pre-releases are welcome without asking.
bool specifier_mentions_prerelease(const struct specifier_set *set);
// The one version that "==V" (no wildcard) pins, or NULL.
const struct version *specifier_pin(const struct specifier_set *set);

#endif
