// The inside of the solver, shared by solver.c (the search), incompatibility.c (the facts) and explain.c (the proof).
#ifndef RESOLVER_SOLVER_STATE_H
#define RESOLVER_SOLVER_STATE_H

#include <uthash.h>

#include "resolver/bitset.h"
#include "resolver/solver.h"

enum cause_kind {
	CAUSE_ROOT,       // what was asked for must be decided
	CAUSE_DEPENDENCY, // terms[0] needs requirement
	CAUSE_UNUSABLE,   // terms[0] cannot be taken: reason
	CAUSE_PROXY,      // an extra stands at its project's version
	CAUSE_DERIVED,    // follows from left and right
};

struct term { // "the package's version (or its absence) is in set"
	int node;
	uint64_t *set;
};

struct incompatibility { // not all terms can hold at once
	struct term *terms;
	size_t count;
	enum cause_kind cause;
	int left, right;                       // of CAUSE_DERIVED, ids
	const struct requirement *requirement; // of CAUSE_DEPENDENCY
	int target;                            // of CAUSE_DEPENDENCY, the node
	const char *reason;                    // of CAUSE_UNUSABLE
};

struct assignment {
	int node;
	int level;       // number of decisions up to and with it
	int cause;       // incompatibility, -1 for a decision
	uint64_t *own;   // what this one says
	uint64_t *after; // all that is known of the package after it
};

struct node {
	const struct solver_project *project; // NULL for the root
	const char *extra;                    // "" for the project itself
	int base;                             // of a proxy, its project; else itself
	size_t versions, bits, words;         // bits = versions + 1
	uint64_t *known;                      // what the trail says now
	int decided;                          // version, -1 when open
	VEC(int) trail;                       // indices of its assignments
	VEC(int) incompatibilities;
	VEC(int) owned;       // CAUSE_DEPENDENCY that begin with it
	uint64_t *expanded;   // versions whose dependencies are known to the solver
	uint64_t *pinned;     // of a proxy: base versions whose CAUSE_PROXY exists
	int conflicts;        // in which it took part
	int rejected, blamed; // how often a version of it could not be decided at once; how often because of it
	int tried, ahead;
	bool queued;
};

struct node_key {
	char *key; // "name" or "name[extra]"
	int node;
	UT_hash_handle hh;
};

// What outlives a restart: which pre-releases and yanked releases some requirement asked for by name.
struct welcome {
	char *name;
	bool prereleases;
	VEC(char *) yanked; // versions' texts
	UT_hash_handle hh;
};

struct solver {
	struct arena arena;
	const struct solver_provider *provider;
	VEC(struct node) nodes; // nodes[0] is the root
	VEC(struct incompatibility) incompatibilities;
	VEC(struct assignment) assignments;
	VEC(int) queue;
	struct node_key *keys;
	struct welcome **welcomes; // owned by solver_solve
	bool any_prerelease;       // the second pass
	bool restart;              // a welcome came too late
	int level;
	int decisions, conflicts;
};

// incompatibility.c
int solver_node(struct solver *solver, const char *name, const char *extra, int *out, struct error *err);
int solver_add(struct solver *solver, struct incompatibility incompatibility);
// The set of versions that the requirement allows; never with "absent".
uint64_t *solver_allowed(struct solver *solver, int node, const struct requirement *requirement);
// Facts about one version: its dependencies or why it cannot be taken. items/count override the provider (root).
int solver_expand(struct solver *solver, int node, size_t version, const struct solver_dependencies *given,
		  struct error *err);
void solver_pin_proxy(struct solver *solver, int proxy, size_t version);
struct welcome *solver_welcome(const struct solver *solver, const char *name, bool create);

// explain.c: the proof that ends in incompatibility id, in plain sentences; sets err and returns -1.
int solver_explain(const struct solver *solver, int id, struct error *err);

#endif
