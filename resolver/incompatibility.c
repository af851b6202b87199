// The facts of the solver: packages as nodes, dependencies of a version as incompatibilities, and which versions a
// requirement allows. Versions of one package with the same dependency share one incompatibility, which keeps proofs
// short and lets propagation rule them out together.
#include "resolver/solver_state.h"

static struct node *node_of(struct solver *solver, int id)
{
	return &solver->nodes.items[id];
}

struct welcome *solver_welcome(const struct solver *solver, const char *name, bool create)
{
	struct welcome *found;
	HASH_FIND_STR(*solver->welcomes, name, found);
	if (!found && create) {
		found = xcalloc(1, sizeof *found);
		found->name = xstrdup(name);
		HASH_ADD_KEYPTR(hh, *solver->welcomes, found->name, strlen(found->name), found);
	}
	return found;
}

int solver_node(struct solver *solver, const char *name, const char *extra, int *out, struct error *err)
{
	cleanup_free char *key = *extra ? xasprintf("%s[%s]", name, extra) : xstrdup(name);
	struct node_key *found;
	HASH_FIND_STR(solver->keys, key, found);
	if (found) {
		*out = found->node;
		return 0;
	}
	int base = -1;
	if (*extra && solver_node(solver, name, "", &base, err)) // one level: the base has no extra
		return -1;
	const struct solver_project *project = NULL;
	if (solver->provider->project(solver->provider->context, name, &project, err))
		return -1;
	struct node node = {.project = project, .versions = project->count, .bits = project->count + 1, .decided = -1};
	node.words = bitset_words(node.bits);
	node.extra = arena_strdup(&solver->arena, extra);
	node.base = base < 0 ? (int)solver->nodes.count : base;
	node.known = bitset_new(&solver->arena, node.words);
	bitset_fill(node.known, node.bits);
	node.expanded = bitset_new(&solver->arena, node.words);
	node.pinned = bitset_new(&solver->arena, node.words);
	struct node_key *added = xcalloc(1, sizeof *added);
	added->key = steal(&key);
	added->node = *out = (int)solver->nodes.count;
	HASH_ADD_KEYPTR(hh, solver->keys, added->key, strlen(added->key), added);
	vec_push(&solver->nodes, node);
	return 0;
}

int solver_add(struct solver *solver, struct incompatibility incompatibility)
{
	int id = (int)solver->incompatibilities.count;
	struct term *terms = arena_array(&solver->arena, incompatibility.count + 1, sizeof *terms);
	for (size_t i = 0; i < incompatibility.count; i++) {
		terms[i] = incompatibility.terms[i];
		vec_push(&node_of(solver, terms[i].node)->incompatibilities, id);
	}
	incompatibility.terms = terms;
	vec_push(&solver->incompatibilities, incompatibility);
	return id;
}

// ---- what a requirement allows ---------------------------------------------------------------------------------------

static bool pins_exactly(const struct requirement *requirement)
{
	for (size_t i = 0; i < requirement->specifier.count; i++) {
		const struct specifier_clause *clause = &requirement->specifier.clauses[i];
		if (clause->comparison == SPECIFIER_ARBITRARY ||
		    (clause->comparison == SPECIFIER_EQUAL && !clause->wildcard))
			return true;
	}
	return false;
}

static bool yanked_is_welcome(const struct welcome *welcome, const char *text)
{
	for (size_t i = 0; welcome && i < welcome->yanked.count; i++)
		if (!strcmp(welcome->yanked.items[i], text))
			return true;
	return false;
}

// Remembers what the requirement names; when sets of that project were made before, they are stale: restart.
static void welcome_named(struct solver *solver, const struct node *node, const struct requirement *requirement,
			  const uint64_t *matching)
{
	const char *name = node->project->name;
	if (specifier_mentions_prerelease(&requirement->specifier) &&
	    !solver_welcome(solver, name, true)->prereleases) {
		solver_welcome(solver, name, true)->prereleases = true;
		solver->restart = true;
	}
	if (!pins_exactly(requirement))
		return;
	for (size_t i = 0; i < node->versions; i++) {
		const struct solver_version *version = &node->project->versions[i];
		if (!version->yanked || !bitset_has(matching, i) ||
		    yanked_is_welcome(solver_welcome(solver, name, true), version->text))
			continue;
		vec_push(&solver_welcome(solver, name, true)->yanked, xstrdup(version->text));
		solver->restart = true;
	}
}

uint64_t *solver_allowed(struct solver *solver, int id, const struct requirement *requirement)
{
	struct node *node = node_of(solver, id);
	uint64_t *set = bitset_new(&solver->arena, node->words);
	cleanup_free bool *allowed = xcalloc(node->versions + 1, sizeof *allowed);
	cleanup_free const struct version **versions = xcalloc(node->versions + 1, sizeof *versions);
	for (size_t i = 0; i < node->versions; i++)
		versions[i] = &node->project->versions[i].version;
	specifier_allowed(&requirement->specifier, versions, node->versions, allowed);
	for (size_t i = 0; i < node->versions; i++)
		if (allowed[i])
			bitset_add(set, i);
	bool fresh = !node->incompatibilities.count, restart = solver->restart;
	welcome_named(solver, node, requirement, set);
	if (fresh)
		solver->restart = restart; // nothing was decided by it yet
	const struct welcome *welcome = solver_welcome(solver, node->project->name, false);
	bool any_final = false;
	for (size_t i = 0; i < node->versions; i++) {
		if (node->project->versions[i].yanked && !yanked_is_welcome(welcome, node->project->versions[i].text))
			bitset_remove(set, i);
		any_final |= bitset_has(set, i) && !version_is_prerelease(versions[i]);
	}
	if (any_final && !solver->any_prerelease && !(welcome && welcome->prereleases))
		for (size_t i = 0; i < node->versions; i++)
			if (version_is_prerelease(versions[i]))
				bitset_remove(set, i);
	return set;
}

// ---- dependencies ----------------------------------------------------------------------------------------------------

// Adds the version to an incompatibility of the same owner that says the same of the same target.
static bool join_dependency(struct solver *solver, int owner, size_t version, int target, const uint64_t *not_allowed,
			    const struct requirement *requirement)
{
	struct node *node = node_of(solver, owner);
	size_t words = node_of(solver, target)->words;
	vec_each (&node->owned, id) {
		struct incompatibility *known = &solver->incompatibilities.items[*id];
		if (known->target != target || known->terms[0].node != owner)
			continue;
		bool same = known->count == 2 ? bitset_is_equal(known->terms[1].set, not_allowed, words)
					      : bitset_count(not_allowed, words) == node_of(solver, target)->bits;
		if (!same)
			continue;
		// The sentence must stay true: the same set from another text is another fact.
		cleanup_text struct text a = TEXT_INIT, b = TEXT_INIT;
		specifier_format(&known->requirement->specifier, &a);
		specifier_format(&requirement->specifier, &b);
		if (strcmp(text_str(&a), text_str(&b)) != 0)
			continue;
		bitset_add(known->terms[0].set, version);
		return true;
	}
	return false;
}

static void add_dependency(struct solver *solver, int owner, size_t version, int target,
			   const struct requirement *requirement)
{
	uint64_t *allowed = solver_allowed(solver, target, requirement);
	uint64_t *not_allowed = bitset_complement(&solver->arena, allowed, node_of(solver, target)->bits);
	struct node *node = node_of(solver, owner);
	if (target == owner && bitset_has(allowed, version))
		return; // it needs itself and is itself
	if (target != owner && join_dependency(solver, owner, version, target, not_allowed, requirement))
		return;
	uint64_t *own = bitset_new(&solver->arena, node->words);
	bitset_add(own, version);
	struct term terms[2] = {{owner, own}, {target, not_allowed}};
	bool impossible = bitset_is_empty(allowed, node_of(solver, target)->words) || target == owner;
	int id = solver_add(solver, (struct incompatibility){.terms = terms,
							     .count = impossible ? 1 : 2,
							     .cause = CAUSE_DEPENDENCY,
							     .requirement = requirement,
							     .target = target});
	vec_push(&node_of(solver, owner)->owned, id);
}

int solver_expand(struct solver *solver, int owner, size_t version, const struct solver_dependencies *given,
		  struct error *err)
{
	if (bitset_has(node_of(solver, owner)->expanded, version))
		return 0;
	const struct solver_provider *provider = solver->provider;
	struct solver_dependencies found = {NULL, 0, NULL};
	if (given)
		found = *given;
	else if (provider->dependencies(provider->context, node_of(solver, owner)->project, version,
					node_of(solver, owner)->extra, &found, err))
		return -1;
	bitset_add(node_of(solver, owner)->expanded, version);
	if (found.unusable) {
		uint64_t *own = bitset_new(&solver->arena, node_of(solver, owner)->words);
		bitset_add(own, version);
		struct term term = {owner, own};
		solver_add(solver,
			   (struct incompatibility){
				   .terms = &term, .count = 1, .cause = CAUSE_UNUSABLE, .reason = found.unusable});
		return 0;
	}
	for (size_t i = 0; provider->expect && i < found.count; i++)
		provider->expect(provider->context, found.items[i]);
	for (size_t i = 0; i < found.count; i++) {
		const struct requirement *requirement = found.items[i];
		int target = -1;
		if (solver_node(solver, requirement->name, "", &target, err))
			return -1;
		add_dependency(solver, owner, version, target, requirement);
		for (const char *const *extra = requirement->normal_extras; *extra; extra++) {
			if (solver_node(solver, requirement->name, *extra, &target, err))
				return -1;
			add_dependency(solver, owner, version, target, requirement);
		}
	}
	return 0;
}

void solver_pin_proxy(struct solver *solver, int proxy, size_t version)
{
	struct node *node = node_of(solver, proxy);
	if (bitset_has(node->pinned, version))
		return;
	bitset_add(node->pinned, version);
	uint64_t *base = bitset_new(&solver->arena, node->words), *other = bitset_new(&solver->arena, node->words);
	bitset_add(base, version);
	bitset_fill(other, node->versions); // all but absent …
	bitset_remove(other, version);      // … and but this
	if (bitset_is_empty(other, node->words))
		return;
	struct term terms[2] = {{node->base, base}, {proxy, other}};
	solver_add(solver, (struct incompatibility){.terms = terms, .count = 2, .cause = CAUSE_PROXY});
}
