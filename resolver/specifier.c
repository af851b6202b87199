// Specifier sets with the semantics of packaging 26: each clause is a range over the total order of versions,
// with the local, post- and pre-release families of its version cut out where PEP 440 says so.
#include "resolver/specifier.h"

#include <strings.h>

#include "core/vec.h"

enum { SPECIFIER_MAX_BYTES = 65536, SPECIFIER_MAX_CLAUSES = 1024 };

static const struct {
	const char *text;
	enum specifier_operator comparison;
} operators[] = {
	{"===", SPECIFIER_ARBITRARY}, {"~=", SPECIFIER_COMPATIBLE}, {"==", SPECIFIER_EQUAL},
	{"!=", SPECIFIER_NOT_EQUAL},  {"<=", SPECIFIER_LESS_EQUAL}, {">=", SPECIFIER_GREATER_EQUAL},
	{"<", SPECIFIER_LESS},        {">", SPECIFIER_GREATER},
};

static const char *operator_text(enum specifier_operator comparison)
{
	for (size_t i = 0; i < ARRAY_LENGTH(operators); i++)
		if (operators[i].comparison == comparison)
			return operators[i].text;
	return "";
}

static bool operator_read(struct slice *text, enum specifier_operator *out)
{
	for (size_t i = 0; i < ARRAY_LENGTH(operators); i++) {
		size_t length = strlen(operators[i].text);
		if (text->len < length || memcmp(text->ptr, operators[i].text, length) != 0)
			continue;
		*text = (struct slice){text->ptr + length, text->len - length};
		*out = operators[i].comparison;
		return true;
	}
	return false;
}

// The longest clause at the start of text; *length 0 when there is none. out->text is set by the caller.
static int clause_scan(struct arena *arena, struct slice text, struct specifier_clause *out, size_t *length,
		       struct error *err)
{
	struct slice rest = text;
	*length = 0;
	*out = (struct specifier_clause){.version = {.pre = VERSION_PRE_NONE}};
	if (!operator_read(&rest, &out->comparison))
		return 0;
	while (rest.len && version_is_space(rest.ptr[0]))
		rest = (struct slice){rest.ptr + 1, rest.len - 1};
	size_t used = 0;
	if (out->comparison == SPECIFIER_ARBITRARY) {
		while (used < rest.len && !version_is_space(rest.ptr[used]) && rest.ptr[used] != ';' &&
		       rest.ptr[used] != ')')
			used++;
		*length = (size_t)(rest.ptr + used - text.ptr);
		return 0;
	}
	bool equality = out->comparison == SPECIFIER_EQUAL || out->comparison == SPECIFIER_NOT_EQUAL;
	struct version *version = &out->version;
	if (version_scan(arena, rest, version, &used, err))
		return -1;
	if (!used || (out->comparison == SPECIFIER_COMPATIBLE && version->release_count < 2))
		return 0;
	if (version->local && !equality) { // the clause ends before the label
		while (rest.ptr[--used] != '+')
			;
		version->local = NULL;
		version->local_count = 0;
	}
	bool bare = !version->local && version->pre == VERSION_PRE_NONE && !version->has_post && !version->has_dev;
	if (equality && bare && rest.len - used >= 2 && rest.ptr[used] == '.' && rest.ptr[used + 1] == '*') {
		out->wildcard = true;
		used += 2;
	}
	*length = (size_t)(rest.ptr + used - text.ptr);
	return 0;
}

int specifier_scan(struct arena *arena, struct slice text, size_t *length, struct error *err)
{
	struct specifier_clause clause;
	return clause_scan(arena, text, &clause, length, err);
}

int specifier_clause_parse(struct arena *arena, struct slice text, struct specifier_clause *out, struct error *err)
{
	text = version_strip(text);
	struct specifier_clause clause;
	size_t length;
	int shown = text.len > 80 ? 80 : (int)text.len;
	if (clause_scan(arena, text, &clause, &length, err))
		return error_context(err, "invalid specifier \"%.*s\"", shown, text.ptr);
	if (!length || length != text.len || (clause.comparison != SPECIFIER_ARBITRARY && length > VERSION_MAX_BYTES))
		return error_set(err, ERROR_INPUT, "invalid specifier \"%.*s\"", shown, text.len ? text.ptr : "");
	struct slice rest = text;
	if (!operator_read(&rest, &clause.comparison))
		return error_set(err, ERROR_INPUT, "invalid specifier \"%.*s\": no operator", shown, text.ptr);
	clause.text = arena_slice(arena, version_strip(rest));
	*out = clause;
	return 0;
}

struct sortable {
	struct specifier_clause clause;
	size_t position; // for a stable sort
};

static int compare_clauses(const void *a, const void *b)
{
	const struct sortable *x = a, *y = b;
	// by operator text followed by version text, as one string
	const char *left[] = {operator_text(x->clause.comparison), x->clause.text};
	const char *right[] = {operator_text(y->clause.comparison), y->clause.text};
	const char *p = left[0], *q = right[0];
	int i = 0, j = 0;
	for (;;) {
		if (!*p && i == 0)
			p = left[++i];
		if (!*q && j == 0)
			q = right[++j];
		if (*p != *q || !*p)
			break;
		p++, q++;
	}
	if (*p != *q)
		return (unsigned char)*p < (unsigned char)*q ? -1 : 1;
	return (x->position > y->position) - (x->position < y->position);
}

static bool clause_equal(const struct specifier_clause *a, const struct specifier_clause *b)
{
	if (a->comparison != b->comparison || a->wildcard != b->wildcard)
		return false;
	if (a->comparison == SPECIFIER_ARBITRARY || a->wildcard)
		return strcmp(a->text, b->text) == 0;
	return version_compare(&a->version, &b->version) == 0 &&
	       (a->comparison != SPECIFIER_COMPATIBLE || a->version.release_count == b->version.release_count);
}

int specifier_parse(struct arena *arena, struct slice text, struct specifier_set *out, struct error *err)
{
	if (text.len > SPECIFIER_MAX_BYTES)
		return error_set(err, ERROR_INPUT, "specifier set of %zu bytes: longer than %d", text.len,
				 SPECIFIER_MAX_BYTES);
	if (text.len && memchr(text.ptr, '\0', text.len))
		return error_set(err, ERROR_INPUT, "invalid specifier: it contains a NUL byte");
	VEC(struct sortable) found = VEC_INIT;
	int result = 0;
	for (size_t at = 0; at < text.len && !result;) {
		size_t end = at;
		while (end < text.len && text.ptr[end] != ',')
			end++;
		struct slice piece = version_strip((struct slice){text.ptr + at, end - at});
		at = end + 1;
		if (!piece.len)
			continue;
		struct sortable item = {.position = found.count};
		if (found.count == SPECIFIER_MAX_CLAUSES)
			result = error_set(err, ERROR_INPUT, "specifier set with more than %d clauses",
					   SPECIFIER_MAX_CLAUSES);
		else if (!(result = specifier_clause_parse(arena, piece, &item.clause, err)))
			vec_push(&found, item);
	}
	if (!result) {
		vec_sort(&found, compare_clauses);
		struct specifier_clause *clauses = arena_array(arena, found.count + 1, sizeof *clauses);
		size_t count = 0;
		vec_each (&found, item) {
			bool seen = false;
			for (size_t i = 0; i < count && !seen; i++)
				seen = clause_equal(&clauses[i], &item->clause);
			if (!seen)
				clauses[count++] = item->clause;
		}
		*out = (struct specifier_set){clauses, count};
	}
	vec_clear(&found);
	return result;
}

void specifier_format(const struct specifier_set *set, struct text *out)
{
	for (size_t i = 0; i < set->count; i++)
		text_addf(out, "%s%s%s", i ? "," : "", operator_text(set->clauses[i].comparison), set->clauses[i].text);
}

char *specifier_string(struct arena *arena, const struct specifier_set *set)
{
	cleanup_text struct text text = TEXT_INIT;
	specifier_format(set, &text);
	return arena_strdup(arena, text_str(&text));
}

// Do the epoch and the first count release parts agree (missing parts are zeros)?
static bool prefix_matches(const struct version *prefix, uint32_t count, const struct version *version)
{
	if (prefix->epoch != version->epoch)
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (prefix->release[i] != (i < version->release_count ? version->release[i] : 0))
			return false;
	return true;
}

// The same epoch, release and pre-release segment.
static bool same_family(const struct version *a, const struct version *b)
{
	return a->epoch == b->epoch && a->significant == b->significant &&
	       !memcmp(a->release, b->release, a->significant * sizeof *a->release) && a->pre == b->pre &&
	       a->pre_number == b->pre_number;
}

static bool contains_greater(const struct version *bound, const struct version *version)
{
	if (version_compare_public(version, bound) <= 0)
		return false;
	if (bound->has_dev) // above V.devN is at or above V.dev(N+1), which the public order says already
		return true;
	if (bound->has_post) // V.postN+local is not above V.postN; V.post(N+1).dev0 is
		return true;
	return !same_family(bound, version);
}

static bool contains_less(const struct version *bound, const struct version *version)
{
	if (version_is_prerelease(bound))
		return version_compare(version, bound) < 0;
	struct version first = *bound; // the first pre-release of the bound
	first.has_dev = true;
	first.dev = 0;
	first.local = NULL;
	first.local_count = 0;
	return version_compare(version, &first) < 0;
}

static bool equal(const struct version *bound, const struct version *version)
{
	return bound->local ? version_compare(version, bound) == 0 : version_compare_public(version, bound) == 0;
}

bool specifier_clause_contains_text(const struct specifier_clause *clause, const struct version *version,
				    struct slice raw)
{
	const struct version *bound = &clause->version;
	if (clause->comparison == SPECIFIER_ARBITRARY) {
		struct slice wanted = slice_of(clause->text);
		return wanted.len == raw.len && (!raw.len || strncasecmp(wanted.ptr, raw.ptr, raw.len) == 0);
	}
	if (!version)
		return false;
	switch (clause->comparison) {
	case SPECIFIER_COMPATIBLE:
		return version_compare(version, bound) >= 0 && prefix_matches(bound, bound->release_count - 1, version);
	case SPECIFIER_EQUAL:
		return clause->wildcard ? prefix_matches(bound, bound->release_count, version) : equal(bound, version);
	case SPECIFIER_NOT_EQUAL:
		return !(clause->wildcard ? prefix_matches(bound, bound->release_count, version)
					  : equal(bound, version));
	case SPECIFIER_LESS_EQUAL: return version_compare_public(version, bound) <= 0;
	case SPECIFIER_GREATER_EQUAL: return version_compare(version, bound) >= 0;
	case SPECIFIER_LESS: return contains_less(bound, version);
	case SPECIFIER_GREATER: return contains_greater(bound, version);
	case SPECIFIER_ARBITRARY: break;
	}
	return false;
}

bool specifier_clause_contains(const struct specifier_clause *clause, const struct version *version)
{
	if (clause->comparison != SPECIFIER_ARBITRARY)
		return specifier_clause_contains_text(clause, version, (struct slice){"", 0});
	cleanup_text struct text text = TEXT_INIT;
	version_format(version, &text);
	return specifier_clause_contains_text(clause, version, text_slice(&text));
}

bool specifier_contains(const struct specifier_set *set, const struct version *version,
			enum specifier_prereleases prereleases)
{
	if (prereleases == SPECIFIER_PRE_NO && version_is_prerelease(version))
		return false;
	for (size_t i = 0; i < set->count; i++)
		if (!specifier_clause_contains(&set->clauses[i], version))
			return false;
	return true;
}

bool specifier_contains_text(const struct specifier_set *set, const struct version *version, struct slice raw,
			     enum specifier_prereleases prereleases)
{
	if (prereleases == SPECIFIER_PRE_NO && version && version_is_prerelease(version))
		return false;
	for (size_t i = 0; i < set->count; i++)
		if (!specifier_clause_contains_text(&set->clauses[i], version, raw))
			return false;
	return true;
}

void specifier_allowed(const struct specifier_set *set, const struct version *const *versions, size_t count,
		       bool *allowed)
{
	for (size_t i = 0; i < count; i++)
		allowed[i] = specifier_contains(set, versions[i], SPECIFIER_PRE_YES);
}

bool specifier_mentions_prerelease(const struct specifier_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct specifier_clause *clause = &set->clauses[i];
		if (clause->comparison != SPECIFIER_NOT_EQUAL && clause->comparison != SPECIFIER_ARBITRARY &&
		    version_is_prerelease(&clause->version))
			return true;
	}
	return false;
}

const struct version *specifier_pin(const struct specifier_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->clauses[i].comparison == SPECIFIER_EQUAL && !set->clauses[i].wildcard)
			return &set->clauses[i].version;
	return NULL;
}
