// From the last derived fact back to the requirements: each derived fact is a sentence, "because A and B, C", causes
// before what follows from them and the shorter cause first. Facts that are used again later get a number.
// At the end: what the index has beyond what could be taken (hints).
#include "resolver/solver_state.h"

enum { MAX_RANGES = 4, MAX_SENTENCES = 24, MAX_HINTS = 4, MAX_EXAMPLES = 3 };

struct step {
	int id;
	int number; // 0 = none
};

struct proof {
	const struct solver *solver;
	VEC(struct step) steps; // derived facts, causes first
	int *position;          // fact → step, -1
	size_t *weight;         // fact → number of facts below it
	int numbers;
};

static const struct incompatibility *fact_of(const struct solver *solver, int id)
{
	return &solver->incompatibilities.items[id];
}

static const struct node *node_of(const struct solver *solver, int id)
{
	return &solver->nodes.items[id];
}

static void add_name(const struct node *node, struct text *out)
{
	text_add(out, node->project->name);
	if (*node->extra)
		text_addf(out, "[%s]", node->extra);
}

// Does the version matter to a reader? Pre-releases and yanked releases that are not taken do not break a range.
static bool version_counts(const struct node *node, size_t i, const uint64_t *set)
{
	const struct solver_version *version = &node->project->versions[i];
	return bitset_has(set, i) || (!version->yanked && !version_is_prerelease(&version->version));
}

// "django >=4.2,<=5.0 or 6.0"; "every version of django".
static void add_set(const struct node *node, const uint64_t *set, struct text *out)
{
	VEC(size_t) seen = VEC_INIT;
	for (size_t i = 0; i < node->versions; i++)
		if (version_counts(node, i, set))
			vec_push(&seen, i);
	cleanup_text struct text ranges = TEXT_INIT;
	int count = 0;
	bool all = true;
	for (size_t i = 0; i < seen.count; i++) {
		if (!bitset_has(set, seen.items[i])) {
			all = false;
			continue;
		}
		size_t end = i;
		while (end + 1 < seen.count && bitset_has(set, seen.items[end + 1]))
			end++;
		const char *from = node->project->versions[seen.items[i]].text;
		const char *to = node->project->versions[seen.items[end]].text;
		if (++count <= MAX_RANGES) {
			text_add(&ranges, count > 1 ? " or " : " ");
			if (i == end)
				text_add(&ranges, from);
			else if (!i)
				text_addf(&ranges, "<=%s", to);
			else if (end + 1 == seen.count)
				text_addf(&ranges, ">=%s", from);
			else
				text_addf(&ranges, ">=%s,<=%s", from, to);
		} else if (count == MAX_RANGES + 1) {
			text_add(&ranges, " or …");
		}
		i = end;
	}
	if (all && seen.count > 1)
		text_add(out, "every version of ");
	add_name(node, out);
	if (!all || seen.count == 1)
		text_add_slice(out, text_slice(&ranges));
	vec_clear(&seen);
}

static void add_owner(const struct solver *solver, const struct incompatibility *fact, struct text *out)
{
	add_set(node_of(solver, fact->terms[0].node), fact->terms[0].set, out);
}

static void add_requirement(const struct incompatibility *fact, struct text *out)
{
	text_add(out, fact->requirement->name);
	const char *separator = "[";
	for (const char *const *extra = fact->requirement->normal_extras; *extra; extra++) {
		text_addf(out, "%s%s", separator, *extra);
		separator = ",";
	}
	if (*fact->requirement->normal_extras)
		text_add_char(out, ']');
	specifier_format(&fact->requirement->specifier, out);
}

// A fact that comes from outside, as a clause without "because".
static void add_external(const struct solver *solver, const struct incompatibility *fact, struct text *out)
{
	switch (fact->cause) {
	case CAUSE_DEPENDENCY:
		if (fact->terms[0].node)
			add_owner(solver, fact, out);
		text_add(out, fact->terms[0].node ? " needs " : "you asked for ");
		add_requirement(fact, out);
		if (fact->count > 1)
			return;
		const struct node *target = node_of(solver, fact->target);
		if (target->project->unknown)
			text_addf(out, " (the index has no %s)", target->project->name);
		else if (!target->versions)
			text_addf(out, " (no version of %s can be used here)", target->project->name);
		else if (fact->target == fact->terms[0].node)
			text_add(out, " (which it is not itself)");
		else
			text_add(out, " (no usable version matches)");
		return;
	case CAUSE_UNUSABLE:
		add_owner(solver, fact, out);
		text_addf(out, " cannot be used (%s)", fact->reason);
		return;
	case CAUSE_PROXY:
		add_name(node_of(solver, fact->terms[1].node), out);
		text_add(out, " is taken in the version of ");
		add_name(node_of(solver, fact->terms[0].node), out);
		return;
	case CAUSE_ROOT:
	case CAUSE_DERIVED: break;
	}
}

// What a derived fact says: its terms cannot all hold.
static void add_conclusion(const struct solver *solver, const struct incompatibility *fact, struct text *out)
{
	VEC(const struct term *) takes = VEC_INIT;
	VEC(const struct term *) leaves = VEC_INIT;
	for (size_t i = 0; i < fact->count; i++) {
		const struct term *term = &fact->terms[i];
		if (!term->node)
			continue;
		if (bitset_has(term->set, node_of(solver, term->node)->versions))
			vec_push(&leaves, term);
		else
			vec_push(&takes, term);
	}
	if (!takes.count && !leaves.count)
		text_add(out, "what you asked for cannot be satisfied");
	for (size_t i = 0; i < takes.count; i++) {
		text_add(out, !i ? "" : i + 1 < takes.count ? ", " : " and ");
		add_set(node_of(solver, takes.items[i]->node), takes.items[i]->set, out);
	}
	if (takes.count && !leaves.count)
		text_add(out, takes.count > 1 ? " cannot be used together" : " cannot be used");
	if (leaves.count && takes.count)
		text_add(out, takes.count > 1 ? " need " : " needs ");
	for (size_t i = 0; i < leaves.count; i++) {
		const struct node *node = node_of(solver, leaves.items[i]->node);
		uint64_t *needed = xcalloc(node->words, sizeof *needed);
		for (size_t v = 0; v < node->versions; v++)
			if (!bitset_has(leaves.items[i]->set, v))
				bitset_add(needed, v);
		text_add(out, i ? " or " : "");
		add_set(node, needed, out);
		free(needed);
	}
	if (leaves.count && !takes.count)
		text_add(out, leaves.count > 1 ? " are needed" : " is needed");
	vec_clear(&takes);
	vec_clear(&leaves);
}

// ---- order -----------------------------------------------------------------------------------------------------------

// Depth first with a stack of our own, the lighter cause first, so that derived facts come out causes first.
static void order_steps(struct proof *proof, int last)
{
	const struct solver *solver = proof->solver;
	size_t facts = solver->incompatibilities.count;
	proof->position = xcalloc(facts, sizeof *proof->position);
	proof->weight = xcalloc(facts, sizeof *proof->weight);
	for (size_t i = 0; i < facts; i++) { // causes have smaller ids
		const struct incompatibility *fact = fact_of(solver, (int)i);
		proof->position[i] = -1;
		proof->weight[i] = 1;
		if (fact->cause == CAUSE_DERIVED) {
			size_t sum = proof->weight[fact->left] + proof->weight[fact->right];
			proof->weight[i] = sum < SIZE_MAX / 4 ? sum : SIZE_MAX / 4;
		}
	}
	VEC(int) stack = VEC_INIT;
	vec_push(&stack, last);
	while (stack.count) {
		int id = *vec_last(&stack);
		const struct incompatibility *fact = fact_of(solver, id);
		if (fact->cause != CAUSE_DERIVED || proof->position[id] >= 0) {
			stack.count--;
			continue;
		}
		int first = proof->weight[fact->left] <= proof->weight[fact->right] ? fact->left : fact->right;
		int second = first == fact->left ? fact->right : fact->left;
		const int causes[2] = {second, first};
		bool open = false;
		for (int i = 0; i < 2; i++)
			if (fact_of(solver, causes[i])->cause == CAUSE_DERIVED && proof->position[causes[i]] < 0) {
				vec_push(&stack, causes[i]);
				open = true;
			}
		if (open)
			continue;
		stack.count--;
		proof->position[id] = (int)proof->steps.count;
		vec_push(&proof->steps, (struct step){id, 0});
	}
	vec_clear(&stack);
}

static void number_steps(struct proof *proof)
{
	for (size_t i = 0; i < proof->steps.count; i++) {
		const struct incompatibility *fact = fact_of(proof->solver, proof->steps.items[i].id);
		const int causes[2] = {fact->left, fact->right};
		for (int c = 0; c < 2; c++) {
			int at = proof->position[causes[c]];
			if (at >= 0 && at + 1 != (int)i)
				proof->steps.items[at].number = 1;
		}
	}
	vec_each (&proof->steps, step)
		if (step->number)
			step->number = ++proof->numbers;
}

static void add_cause(struct proof *proof, int cause, struct text *out)
{
	const struct incompatibility *fact = fact_of(proof->solver, cause);
	if (fact->cause != CAUSE_DERIVED) {
		add_external(proof->solver, fact, out);
		return;
	}
	add_conclusion(proof->solver, fact, out);
	text_addf(out, " (%d)", proof->steps.items[proof->position[cause]].number);
}

static void add_step(struct proof *proof, size_t at, struct text *out)
{
	const struct step *step = &proof->steps.items[at];
	const struct incompatibility *fact = fact_of(proof->solver, step->id);
	bool follows_left = at && proof->steps.items[at - 1].id == fact->left;
	bool follows_right = at && proof->steps.items[at - 1].id == fact->right;
	if (step->number)
		text_addf(out, "(%d) ", step->number);
	if (follows_left || follows_right) {
		text_add(out, "And because ");
		add_cause(proof, follows_left ? fact->right : fact->left, out);
	} else {
		int light = proof->weight[fact->left] <= proof->weight[fact->right] ? fact->left : fact->right;
		text_add(out, "Because ");
		add_cause(proof, light, out);
		text_add(out, " and ");
		add_cause(proof, light == fact->left ? fact->right : fact->left, out);
	}
	text_add(out, ", ");
	add_conclusion(proof->solver, fact, out);
	text_add(out, ".\n");
}

// ---- hints -----------------------------------------------------------------------------------------------------------

// Versions that would match but are not candidates: for another Python, for other platforms, yanked.
static bool add_hint(const struct solver *solver, const struct incompatibility *fact, struct text *out)
{
	const struct solver_project *project = node_of(solver, fact->target)->project;
	const struct specifier_set *specifier = &fact->requirement->specifier;
	const struct welcome *welcome = solver_welcome(solver, project->name, false);
	size_t more = 0, shown = 0;
	cleanup_text struct text examples = TEXT_INIT;
	for (size_t i = project->excluded_count; i-- > 0;) {
		const struct solver_excluded *excluded = &project->excluded[i];
		if (!specifier_contains(specifier, &excluded->version, SPECIFIER_PRE_YES))
			continue;
		if (shown++ < MAX_EXAMPLES)
			text_addf(&examples, "%s%s (%s)", shown > 1 ? ", " : "", excluded->text, excluded->reason);
		else
			more++;
	}
	for (size_t i = project->count; i-- > 0 && (!welcome || !welcome->yanked.count);) {
		const struct solver_version *version = &project->versions[i];
		if (!version->yanked || !specifier_contains(specifier, &version->version, SPECIFIER_PRE_YES))
			continue;
		if (shown++ < MAX_EXAMPLES)
			text_addf(&examples, "%s%s (yanked%s%s; only ==%s takes it)", shown > 1 ? ", " : "",
				  version->text, *version->yanked ? ": " : "", version->yanked, version->text);
		else
			more++;
	}
	if (!shown)
		return false;
	text_addf(out, "Hint: the index has %s %s", project->name, text_str(&examples));
	if (more)
		text_addf(out, " and %zu more", more);
	text_add(out, ", which cannot be taken here.\n");
	return true;
}

// The facts from outside that the proof stands on, each once, in the order in which the steps use them.
static void add_hints(struct proof *proof, int last, struct text *out, bool *unknown)
{
	const struct solver *solver = proof->solver;
	VEC(int) outside = VEC_INIT;
	if (fact_of(solver, last)->cause != CAUSE_DERIVED)
		vec_push(&outside, last);
	vec_each (&proof->steps, step) {
		const int causes[2] = {fact_of(solver, step->id)->left, fact_of(solver, step->id)->right};
		for (int i = 0; i < 2; i++)
			if (fact_of(solver, causes[i])->cause != CAUSE_DERIVED)
				vec_push(&outside, causes[i]);
	}
	int hints = 0;
	for (size_t i = 0; i < outside.count; i++) {
		const struct incompatibility *fact = fact_of(solver, outside.items[i]);
		if (fact->cause != CAUSE_DEPENDENCY)
			continue;
		*unknown |= node_of(solver, fact->target)->project->unknown;
		bool again = false;
		for (size_t j = 0; j < i && !again; j++)
			again = fact_of(solver, outside.items[j])->cause == CAUSE_DEPENDENCY &&
				node_of(solver, fact_of(solver, outside.items[j])->target)->base ==
					node_of(solver, fact->target)->base;
		if (!again && hints < MAX_HINTS && add_hint(solver, fact, out))
			hints++;
	}
	vec_clear(&outside);
}

int solver_explain(const struct solver *solver, int id, struct error *err)
{
	struct proof proof = {.solver = solver};
	order_steps(&proof, id);
	number_steps(&proof);
	cleanup_text struct text out = TEXT_INIT, hints = TEXT_INIT;
	bool unknown = false;
	add_hints(&proof, id, &hints, &unknown);
	if (!proof.steps.count) {
		text_add(&out, "Because ");
		add_external(solver, fact_of(solver, id), &out);
		text_add(&out, ", what you asked for cannot be satisfied.\n");
	}
	for (size_t i = 0; i < proof.steps.count; i++) {
		size_t left = proof.steps.count - i;
		if (proof.steps.count > MAX_SENTENCES && i == MAX_SENTENCES / 2)
			text_addf(&out, "… %zu further steps …\n", proof.steps.count - MAX_SENTENCES);
		if (i < MAX_SENTENCES / 2 || left <= MAX_SENTENCES / 2)
			add_step(&proof, i, &out);
	}
	text_add_slice(&out, text_slice(&hints));
	vec_clear(&proof.steps);
	free(proof.position);
	free(proof.weight);
	return error_set(err, unknown ? ERROR_INDEX : ERROR_NO_SOLUTION, "%.*s", (int)out.len - 1, text_str(&out));
}
