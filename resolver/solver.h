// PubGrub: requirements + what a provider says about projects → one version of each, or a derivation of why not.
//
// A package of the solver is a project, or a project with one extra: a proxy that is held at the project's version.
// Version sets are exact bit sets over the versions that the provider lists, so no range arithmetic is needed.
//
// Pre-releases: a requirement allows them when a requirement on that project mentions one, or when no final release
// matches it. When that gives no solution, a second pass prefers final releases but may take any. Yanked releases only
// where "==" or "===" names them.
#ifndef RESOLVER_SOLVER_H
#define RESOLVER_SOLVER_H

#include "core/vec.h"
#include "resolver/requirement.h"

struct solver_version {
	struct version version;
	const char *text;   // as it is shown and locked
	const char *yanked; // NULL, or the reason ("" when none is given)
};

struct solver_excluded { // known, but never a candidate here
	struct version version;
	const char *text;
	const char *reason; // "needs Python >=3.12", "no file fits this platform"
};

struct solver_project {
	const char *name;
	const struct solver_version *versions; // ascending, no two equal
	size_t count;
	const struct solver_excluded *excluded; // ascending
	size_t excluded_count;
	bool unknown; // the index has no such project
};

struct solver_dependencies { // in the provider's memory, valid as long as it
	const struct requirement *const *items;
	size_t count;
	const char *unusable; // when set: the version cannot be taken, and why
};

struct solver_provider {
	// Waits for the project. A project that the index does not have is an answer (unknown), not an error.
	int (*project)(void *context, const char *name, const struct solver_project **out, struct error *err);
	// The requirements that hold here for the version (extra ""), or that its extra adds to those.
	int (*dependencies)(void *context, const struct solver_project *project, size_t version, const char *extra,
			    struct solver_dependencies *out, struct error *err);
	// Hints for fetching ahead; may be NULL. The requirement will be looked at next; these versions probably too.
	void (*expect)(void *context, const struct requirement *requirement);
	void (*expect_versions)(void *context, const struct solver_project *project, const size_t *versions,
				size_t count);
	void *context;
	const volatile int *interrupted; // may be NULL
};

struct solution_item {
	const struct solver_project *project;
	size_t version;
	const char *const *extras; // sorted, NULL-terminated
};

struct solution {
	struct arena arena;
	VEC(struct solution_item) items; // sorted by name
	int decisions, conflicts;
};
void solution_clear(struct solution *solution);

// ERROR_NO_SOLUTION (ERROR_INDEX when the index lacks a project that is needed) carries the derivation.
int solver_solve(const struct solver_provider *provider, const struct requirement *const *requirements, size_t count,
		 struct solution *out, struct error *err);

// What the vtable's dependencies() decides by: does the requirement belong to the base (extra "") or is it one that
// the extra adds?
int solver_requirement_applies(const struct requirement *requirement, const struct marker_environment *environment,
			       const char *extra, bool *out, struct error *err);

#endif
