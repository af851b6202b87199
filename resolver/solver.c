// The search: unit propagation, conflict resolution with backjumping, and decisions (PubGrub).
//
// Every term is a set over "version or absent", so satisfied, contradicted and inconclusive are subset tests, and
// resolution of two incompatibilities unites their sets of the package they are resolved on.
// Order of decisions: what has one candidate left, whose versions were often rejected at once, what often conflicts, then
// what was first needed, and last what often rejects others: decided too early, it makes them be tried in every version.
// A package that moves so starts the search over with all it has learned.
#include "resolver/solver_state.h"

enum { ROOT_LEVEL = 1, CONFLICTS_TO_MOVE = 5, CONFLICTS_LIMIT = 200000, TRIES_BEFORE_AHEAD = 2 };

enum relation { SATISFIED, CONTRADICTED, OPEN };

static struct node *node_of(struct solver *solver, int id)
{
	return &solver->nodes.items[id];
}

static struct incompatibility *fact_of(struct solver *solver, int id)
{
	return &solver->incompatibilities.items[id];
}

static void node_enqueue(struct solver *solver, int id)
{
	if (node_of(solver, id)->queued)
		return;
	node_of(solver, id)->queued = true;
	vec_push(&solver->queue, id);
}

static void queue_empty(struct solver *solver)
{
	vec_each (&solver->queue, id)
		node_of(solver, *id)->queued = false;
	solver->queue.count = 0;
}

// own is what the new assignment says; known shrinks to the intersection.
static void assign(struct solver *solver, int id, const uint64_t *own, int cause)
{
	struct node *node = node_of(solver, id);
	struct assignment assignment = {.node = id, .level = solver->level, .cause = cause};
	assignment.own = bitset_copy(&solver->arena, own, node->words);
	assignment.after = bitset_copy(&solver->arena, node->known, node->words);
	for (size_t i = 0; i < node->words; i++)
		assignment.after[i] &= own[i];
	node->known = assignment.after;
	vec_push(&node->trail, (int)solver->assignments.count);
	vec_push(&solver->assignments, assignment);
	node_enqueue(solver, id);
}

static void derive(struct solver *solver, const struct term *term, int cause)
{
	assign(solver, term->node, bitset_complement(&solver->arena, term->set, node_of(solver, term->node)->bits),
	       cause);
}

static void decide(struct solver *solver, int id, size_t version)
{
	struct node *node = node_of(solver, id);
	uint64_t *own = bitset_new(&solver->arena, node->words);
	bitset_add(own, version);
	solver->level++;
	solver->decisions++;
	node->decided = (int)version;
	assign(solver, id, own, -1);
}

static void backtrack(struct solver *solver, int level)
{
	queue_empty(solver);
	while (solver->assignments.count && vec_last(&solver->assignments)->level > level) {
		struct assignment *last = vec_last(&solver->assignments);
		struct node *node = node_of(solver, last->node);
		node->trail.count--;
		if (node->trail.count) {
			node->known = solver->assignments.items[*vec_last(&node->trail)].after;
		} else {
			node->known = bitset_new(&solver->arena, node->words);
			bitset_fill(node->known, node->bits);
		}
		if (last->cause < 0)
			node->decided = -1;
		solver->assignments.count--;
	}
	solver->level = level;
}

static enum relation term_relation(struct solver *solver, const struct term *term)
{
	const struct node *node = node_of(solver, term->node);
	if (bitset_is_subset(node->known, term->set, node->words))
		return SATISFIED;
	return bitset_is_disjoint(node->known, term->set, node->words) ? CONTRADICTED : OPEN;
}

// SATISFIED: all terms hold (a conflict). OPEN with *unit set: all but that one hold.
static enum relation fact_relation(struct solver *solver, const struct incompatibility *fact, const struct term **unit)
{
	*unit = NULL;
	for (size_t i = 0; i < fact->count; i++) {
		switch (term_relation(solver, &fact->terms[i])) {
		case SATISFIED: break;
		case CONTRADICTED: *unit = NULL; return CONTRADICTED;
		case OPEN:
			if (*unit) {
				*unit = NULL;
				return OPEN;
			}
			*unit = &fact->terms[i];
		}
	}
	return *unit ? OPEN : SATISFIED;
}

// ---- conflict resolution ---------------------------------------------------------------------------------------------

// The first assignment after which the term holds; with own given, after which it holds together with own.
static int satisfier_of(struct solver *solver, const struct term *term, const uint64_t *own)
{
	const struct node *node = node_of(solver, term->node);
	for (size_t i = 0; i < node->trail.count; i++) {
		const struct assignment *assignment = &solver->assignments.items[node->trail.items[i]];
		bool holds = true;
		for (size_t w = 0; w < node->words && holds; w++)
			holds = !(assignment->after[w] & (own ? own[w] : UINT64_MAX) & ~term->set[w]);
		if (holds)
			return node->trail.items[i];
	}
	return -1;
}

// Resolves two facts on the package of their common pivot: its sets are united, other common sets intersected.
static int resolve_facts(struct solver *solver, int conflict, int cause, int pivot)
{
	VEC(struct term) terms = VEC_INIT;
	const int sources[2] = {conflict, cause};
	for (int s = 0; s < 2; s++) {
		const struct incompatibility *fact = fact_of(solver, sources[s]);
		for (size_t i = 0; i < fact->count; i++) {
			struct node *node = node_of(solver, fact->terms[i].node);
			struct term *found = NULL;
			vec_each (&terms, known)
				if (known->node == fact->terms[i].node)
					found = known;
			if (!found) {
				vec_push(&terms,
					 (struct term){fact->terms[i].node,
						       bitset_copy(&solver->arena, fact->terms[i].set, node->words)});
				continue;
			}
			for (size_t w = 0; w < node->words; w++)
				if (found->node == pivot)
					found->set[w] |= fact->terms[i].set[w];
				else
					found->set[w] &= fact->terms[i].set[w];
		}
	}
	size_t kept = 0;
	for (size_t i = 0; i < terms.count; i++) { // a term that always holds says nothing
		struct node *node = node_of(solver, terms.items[i].node);
		if (bitset_count(terms.items[i].set, node->words) < node->bits)
			terms.items[kept++] = terms.items[i];
	}
	struct incompatibility derived = {
		.terms = terms.items, .count = kept, .cause = CAUSE_DERIVED, .left = conflict, .right = cause};
	struct term *copy = arena_array(&solver->arena, kept + 1, sizeof *copy);
	for (size_t i = 0; i < kept; i++)
		copy[i] = terms.items[i];
	derived.terms = copy;
	vec_clear(&terms);
	vec_push(&solver->incompatibilities, derived); // not yet watched: only the learned one will be
	return (int)solver->incompatibilities.count - 1;
}

static void fact_watch(struct solver *solver, int id)
{
	const struct incompatibility *fact = fact_of(solver, id);
	for (size_t i = 0; i < fact->count; i++)
		vec_push(&node_of(solver, fact->terms[i].node)->incompatibilities, id);
}

static bool fact_is_failure(struct solver *solver, int id)
{
	const struct incompatibility *fact = fact_of(solver, id);
	return !fact->count || (fact->count == 1 && !fact->terms[0].node);
}

// Finds why the conflict happened, jumps back to where it was settled, and gives the fact that is unit there.
// -1: the requirements cannot be met; *learned is the end of the proof.
static int resolve_conflict(struct solver *solver, int conflict, int *learned)
{
	solver->conflicts++;
	int current = conflict;
	while (!fact_is_failure(solver, current)) {
		const struct incompatibility *fact = fact_of(solver, current);
		int satisfier = -1, previous_level = ROOT_LEVEL;
		const struct term *pivot = &fact->terms[0];
		for (size_t i = 0; i < fact->count; i++) {
			int found = satisfier_of(solver, &fact->terms[i], NULL);
			if (found > satisfier) {
				if (satisfier >= 0 && solver->assignments.items[satisfier].level > previous_level)
					previous_level = solver->assignments.items[satisfier].level;
				satisfier = found;
				pivot = &fact->terms[i];
			} else if (found >= 0 && solver->assignments.items[found].level > previous_level) {
				previous_level = solver->assignments.items[found].level;
			}
		}
		const struct assignment *last = &solver->assignments.items[satisfier];
		const struct node *node = node_of(solver, pivot->node);
		if (!bitset_is_subset(last->own, pivot->set,
				      node->words)) { // it needed an earlier one of the same package
			int found = satisfier_of(solver, pivot, last->own);
			if (found >= 0 && found < satisfier && solver->assignments.items[found].level > previous_level)
				previous_level = solver->assignments.items[found].level;
		}
		if (last->cause < 0 || previous_level < last->level) {
			backtrack(solver, previous_level);
			if (current != conflict)
				fact_watch(solver, current);
			*learned = current;
			return 0;
		}
		current = resolve_facts(solver, current, last->cause, pivot->node);
	}
	*learned = current;
	return -1;
}

// ---- propagation -----------------------------------------------------------------------------------------------------

static bool count_conflict(struct solver *solver, int id)
{
	bool moved = false;
	const struct incompatibility *fact = fact_of(solver, id);
	for (size_t i = 0; i < fact->count; i++)
		moved |= fact->terms[i].node && ++node_of(solver, fact->terms[i].node)->conflicts == CONFLICTS_TO_MOVE;
	return moved;
}

// 0 = quiet, 1 = no solution (*failure), -1 = error.
static int propagate(struct solver *solver, int *failure, struct error *err)
{
	while (solver->queue.count) {
		int id = solver->queue.items[--solver->queue.count];
		node_of(solver, id)->queued = false;
		int conflict = -1;
		for (size_t i = node_of(solver, id)->incompatibilities.count; i-- > 0 && conflict < 0;) {
			int fact = node_of(solver, id)->incompatibilities.items[i];
			const struct term *unit;
			enum relation relation = fact_relation(solver, fact_of(solver, fact), &unit);
			if (relation == SATISFIED)
				conflict = fact;
			else if (unit)
				derive(solver, unit, fact);
		}
		if (conflict < 0)
			continue;
		bool moved = count_conflict(solver, conflict);
		int learned;
		if (resolve_conflict(solver, conflict, &learned)) {
			*failure = learned;
			return 1;
		}
		if (solver->conflicts > CONFLICTS_LIMIT)
			return error_set(err, ERROR_NO_SOLUTION, "gave up after %d conflicts: narrow the requirements",
					 solver->conflicts);
		if (moved)
			backtrack(solver, ROOT_LEVEL);
		const struct term *unit;
		if (fact_relation(solver, fact_of(solver, learned), &unit) == OPEN && unit)
			derive(solver, unit, learned);
		for (size_t i = 0; moved && i < solver->nodes.count; i++)
			node_enqueue(solver, (int)i);
	}
	return 0;
}

// ---- decisions -------------------------------------------------------------------------------------------------------

static int eagerness(const struct node *node)
{
	return node->rejected >= CONFLICTS_TO_MOVE    ? 2
	       : node->conflicts >= CONFLICTS_TO_MOVE ? 1
	       : node->blamed >= CONFLICTS_TO_MOVE    ? -1
						      : 0;
}

static bool is_better(const struct node *a, size_t a_candidates, const struct node *b, size_t b_candidates)
{
	if ((a_candidates == 1) != (b_candidates == 1))
		return a_candidates == 1;
	return eagerness(a) > eagerness(b);
}

// -1 when everything that is needed is decided.
static int choose_node(struct solver *solver)
{
	int best = -1;
	size_t best_candidates = 0;
	for (int i = 0; i < (int)solver->nodes.count; i++) {
		const struct node *node = node_of(solver, i);
		if (node->decided >= 0 || bitset_has(node->known, node->versions) ||
		    (node->base != i && node_of(solver, node->base)->decided < 0))
			continue;
		size_t candidates = bitset_count(node->known, node->words);
		if (best < 0 || is_better(node, candidates, node_of(solver, best), best_candidates)) {
			best = i;
			best_candidates = candidates;
		}
	}
	return best;
}

static size_t choose_version(struct solver *solver, const struct node *node)
{
	if (!node->project)
		return 0;
	const struct welcome *welcome = solver_welcome(solver, node->project->name, false);
	bool equal = welcome && welcome->prereleases;
	size_t best = 0;
	int best_rank = -1;
	for (size_t i = node->versions; i-- > 0;) {
		if (!bitset_has(node->known, i))
			continue;
		const struct solver_version *version = &node->project->versions[i];
		int rank = (version->yanked ? 0 : 2) + (equal || !version_is_prerelease(&version->version));
		if (rank > best_rank) {
			best = i;
			best_rank = rank;
		}
	}
	return best;
}

// A package whose newest versions were refused will probably go on so: have the next ones fetched together.
static void look_ahead(struct solver *solver, int id, size_t version)
{
	struct node *node = node_of(solver, id);
	const struct solver_provider *provider = solver->provider;
	if (bitset_has(node->expanded, version) || ++node->tried < TRIES_BEFORE_AHEAD << node->ahead ||
	    !provider->expect_versions || !node->project)
		return;
	size_t versions[64], count = 0, most = (size_t)8 << (node->ahead < 3 ? node->ahead : 3);
	node->ahead++;
	for (size_t i = version; i-- > 0 && count < most;)
		if (bitset_has(node->known, i))
			versions[count++] = i;
	if (count)
		provider->expect_versions(provider->context, node->project, versions, count);
}

// The fact that the version would contradict at once; -1 when there is none.
static int conflict_of(struct solver *solver, int id, size_t version)
{
	const struct node *node = node_of(solver, id);
	for (size_t i = 0; i < node->incompatibilities.count; i++) {
		const struct incompatibility *fact = fact_of(solver, node->incompatibilities.items[i]);
		bool all = true;
		for (size_t t = 0; t < fact->count && all; t++)
			all = fact->terms[t].node == id ? bitset_has(fact->terms[t].set, version)
							: term_relation(solver, &fact->terms[t]) == SATISFIED;
		if (all)
			return node->incompatibilities.items[i];
	}
	return -1;
}

// Counts the rejected version against its package and against those that reject it.
static bool count_rejection(struct solver *solver, int id, int fact_id)
{
	const struct incompatibility *fact = fact_of(solver, fact_id);
	if (fact->count < 2) // nobody else has to do with it
		return false;
	bool moved = ++node_of(solver, id)->rejected == CONFLICTS_TO_MOVE;
	for (size_t i = 0; i < fact->count; i++)
		if (fact->terms[i].node && fact->terms[i].node != id)
			moved |= ++node_of(solver, fact->terms[i].node)->blamed == CONFLICTS_TO_MOVE;
	return moved;
}

// Decides the version unless one of its facts is a conflict already; then propagation rules it out.
static void decide_unless_conflict(struct solver *solver, int id, size_t version)
{
	int conflict = conflict_of(solver, id, version);
	if (conflict < 0) {
		decide(solver, id, version);
		return;
	}
	node_enqueue(solver, id);
	if (count_rejection(solver, id, conflict)) {
		backtrack(solver, ROOT_LEVEL);
		for (size_t i = 0; i < solver->nodes.count; i++)
			node_enqueue(solver, (int)i);
	}
}

// 0 = solved, 1 = no solution (*failure), -1 = error. A restart is left to the caller (solver->restart).
static int search(struct solver *solver, int *failure, struct error *err)
{
	for (;;) {
		int status = propagate(solver, failure, err);
		if (status)
			return status;
		if (solver->provider->interrupted && *solver->provider->interrupted)
			return error_set(err, ERROR_INTERRUPTED, "interrupted while resolving");
		int id = choose_node(solver);
		if (id < 0)
			return 0;
		if (node_of(solver, id)->base != id) {
			size_t pinned = (size_t)node_of(solver, node_of(solver, id)->base)->decided;
			const struct node *proxy = node_of(solver, id);
			solver_pin_proxy(solver, id, pinned);
			if (bitset_count(proxy->known, proxy->words) != 1 || !bitset_has(proxy->known, pinned)) {
				node_enqueue(solver, id);
				continue;
			}
		}
		size_t version = choose_version(solver, node_of(solver, id));
		look_ahead(solver, id, version);
		if (solver_expand(solver, id, version, NULL, err))
			return -1;
		if (solver->restart)
			return 0;
		decide_unless_conflict(solver, id, version);
	}
}

// ---- passes ----------------------------------------------------------------------------------------------------------

static int solver_begin(struct solver *solver, const struct requirement *const *requirements, size_t count,
			struct error *err)
{
	struct node root = {.extra = "", .versions = 1, .bits = 2, .words = 1, .decided = -1};
	root.known = bitset_new(&solver->arena, 1);
	bitset_fill(root.known, root.bits);
	root.expanded = bitset_new(&solver->arena, 1);
	vec_push(&solver->nodes, root);
	decide(solver, 0, 0);
	struct solver_dependencies given = {requirements, count, NULL};
	return solver_expand(solver, 0, 0, &given, err);
}

static void solver_end(struct solver *solver)
{
	struct node_key *key, *next;
	HASH_ITER (hh, solver->keys, key, next) {
		HASH_DEL(solver->keys, key);
		free(key->key);
		free(key);
	}
	vec_each (&solver->nodes, node) {
		vec_clear(&node->trail);
		vec_clear(&node->incompatibilities);
		vec_clear(&node->owned);
	}
	vec_clear(&solver->nodes);
	vec_clear(&solver->incompatibilities);
	vec_clear(&solver->assignments);
	vec_clear(&solver->queue);
	arena_clear(&solver->arena);
}

static int compare_items(const void *a, const void *b)
{
	return strcmp(((const struct solution_item *)a)->project->name,
		      ((const struct solution_item *)b)->project->name);
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char **extras_of(struct solver *solver, int base, struct arena *arena)
{
	const char **extras = arena_array(arena, solver->nodes.count + 1, sizeof *extras);
	size_t count = 0;
	for (int i = base + 1; i < (int)solver->nodes.count; i++)
		if (node_of(solver, i)->base == base && node_of(solver, i)->decided >= 0)
			extras[count++] = arena_strdup(arena, node_of(solver, i)->extra);
	qsort(extras, count, sizeof *extras, compare_strings);
	return extras;
}

static void solution_take(struct solver *solver, struct solution *out)
{
	for (int i = 1; i < (int)solver->nodes.count; i++) {
		const struct node *node = node_of(solver, i);
		if (node->decided < 0 || node->base != i)
			continue;
		struct solution_item item = {node->project, (size_t)node->decided, extras_of(solver, i, &out->arena)};
		vec_push(&out->items, item);
	}
	vec_sort(&out->items, compare_items);
}

static bool saw_prereleases(struct solver *solver)
{
	vec_each (&solver->nodes, node)
		for (size_t i = 0; node->project && i < node->versions; i++)
			if (version_is_prerelease(&node->project->versions[i].version))
				return true;
	return false;
}

// One pass, restarted while requirements name further pre-releases or yanked releases.
// 0 = solved, 1 = no solution (err has the proof when explain), -1 = error; *prereleases: there were some to try.
static int solver_pass(const struct solver_provider *provider, const struct requirement *const *requirements,
		       size_t count, bool any_prerelease, struct welcome **welcomes, struct solution *out,
		       bool *prereleases, struct error *err)
{
	for (;;) {
		struct solver solver = {.provider = provider, .welcomes = welcomes, .any_prerelease = any_prerelease};
		int failure = -1;
		int status = solver_begin(&solver, requirements, count, err);
		if (!status && !solver.restart)
			status = search(&solver, &failure, err);
		bool restart = !status && solver.restart;
		*prereleases = saw_prereleases(&solver);
		if (!status && !restart)
			solution_take(&solver, out);
		if (status == 1 && (any_prerelease || !*prereleases))
			solver_explain(&solver, failure, err);
		out->decisions += solver.decisions;
		out->conflicts += solver.conflicts;
		solver_end(&solver);
		if (!restart)
			return status;
	}
}

static void welcomes_free(struct welcome *welcomes)
{
	struct welcome *welcome, *next;
	HASH_ITER (hh, welcomes, welcome, next) {
		HASH_DEL(welcomes, welcome);
		vec_each (&welcome->yanked, text)
			free(*text);
		vec_clear(&welcome->yanked);
		free(welcome->name);
		free(welcome);
	}
}

int solver_solve(const struct solver_provider *provider, const struct requirement *const *requirements, size_t count,
		 struct solution *out, struct error *err)
{
	struct welcome *welcomes = NULL;
	struct solution found = {ARENA_INIT, VEC_INIT, 0, 0};
	bool prereleases = false;
	int status = solver_pass(provider, requirements, count, false, &welcomes, &found, &prereleases, err);
	if (status == 1 && prereleases)
		status = solver_pass(provider, requirements, count, true, &welcomes, &found, &prereleases, err);
	welcomes_free(welcomes);
	if (status) {
		solution_clear(&found);
		return -1;
	}
	*out = found;
	return 0;
}

void solution_clear(struct solution *solution)
{
	vec_clear(&solution->items);
	arena_clear(&solution->arena);
}

int solver_requirement_applies(const struct requirement *requirement, const struct marker_environment *environment,
			       const char *extra, bool *out, struct error *err)
{
	bool base = false;
	if (marker_evaluate(&requirement->marker, environment, "", &base, err))
		return -1;
	*out = base;
	if (!*extra)
		return 0;
	if (base) {
		*out = false; // the base has it already
		return 0;
	}
	return marker_evaluate(&requirement->marker, environment, extra, out, err);
}
