// gophersnake why: why a release is part of a run, why this version, how it
// stands and why so. All of it comes from records: the plan's lock, the queue or
// the journal, and the ledger.
#include <stdio.h>

#include "cli/summary.h"
#include "resolver/name.h"

enum { MOST_CHAINS = 5, MOST_LISTED = 8 };

// ---- chains from the targets: breadth first, so that the shortest come first -----------------------------------------

struct chain_step {
	int package, from; // from: number of the step before, -1
	const struct lock_require *edge;
};

static json_t *requirement_text(const struct lock_require *edge)
{
	cleanup_text struct text text = TEXT_INIT;
	text_add(&text, edge->name);
	for (size_t i = 0; edge->extras && edge->extras[i]; i++)
		text_addf(&text, "%s%s", i ? "," : "[", edge->extras[i]);
	if (edge->extras && edge->extras[0])
		text_add_char(&text, ']');
	text_addf(&text, "%s%s%s", edge->specifier, edge->marker && *edge->marker ? "; " : "",
		  edge->marker ? edge->marker : "");
	return json_string(text_str(&text));
}

static json_t *chain_json(const struct lock *lock, const struct chain_step *steps, int last)
{
	json_t *chain = json_array();
	for (int at = last; at >= 0; at = steps[at].from) {
		const struct lock_package *package = &lock->packages.items[steps[at].package];
		json_t *row = json_pack("{s:s, s:s, s:o}", "name", package->name, "version", package->version,
					"required_as", steps[at].edge ? requirement_text(steps[at].edge) : json_null());
		json_array_insert_new(chain, 0, row);
	}
	return chain;
}

static json_t *chains_to(const struct lock *lock, int wanted)
{
	VEC(struct chain_step) steps = VEC_INIT;
	cleanup_free bool *seen = xcalloc(lock->packages.count, sizeof *seen);
	json_t *chains = json_array();
	for (size_t i = 0; i < lock->packages.count; i++)
		if (lock->packages.items[i].target) {
			vec_push(&steps, (struct chain_step){(int)i, -1, NULL});
			seen[i] = true;
		}
	for (size_t at = 0; at < steps.count && json_array_size(chains) < MOST_CHAINS; at++) {
		int package = steps.items[at].package;
		if (package == wanted) {
			json_array_append_new(chains, chain_json(lock, steps.items, (int)at));
			continue;
		}
		vec_each (&lock->packages.items[package].requires, edge)
			// the wanted one may be reached several times: each is a reason
			if (!seen[edge->target] || edge->target == wanted) {
				seen[edge->target] = true;
				vec_push(&steps, (struct chain_step){edge->target, (int)at, edge});
			}
	}
	vec_clear(&steps);
	return chains;
}

// ---- the answer ------------------------------------------------------------------------------------------------------

static json_t *needs_json(const struct lock *lock, const struct lock_package *package)
{
	json_t *needs = json_array();
	vec_each (&package->requires, edge) {
		const struct lock_package *target = &lock->packages.items[edge->target];
		json_array_append_new(needs, json_pack("{s:s, s:s, s:o}", "name", target->name, "version",
						       target->version, "required_as", requirement_text(edge)));
	}
	return needs;
}

static json_t *skips_json(const struct lock_package *package)
{
	json_t *skips = json_array();
	vec_each (&package->skipped, skip)
		json_array_append_new(skips, json_pack("{s:s, s:s}", "version", skip->version, "reason", skip->reason));
	return skips;
}

static void add_chain(json_t *chain, struct text *out)
{
	size_t i;
	json_t *step;
	text_add(out, "  ");
	json_array_foreach (chain, i, step) {
		if (i)
			text_addf(out, " → (%s) ", json_string_or(step, "required_as", ""));
		text_addf(out, "%s %s", json_string_or(step, "name", ""), json_string_or(step, "version", ""));
	}
	text_add_char(out, '\n');
}

static void add_list(const char *title, json_t *items, const char *(*show)(json_t *item, struct text *scratch),
		     struct text *out)
{
	size_t i, count = json_array_size(items);
	json_t *item;
	if (count)
		text_addf(out, "%s\n", title);
	json_array_foreach (items, i, item) {
		if (i == MOST_LISTED) {
			text_addf(out, "  … and %zu more (--json lists all)\n", count - MOST_LISTED);
			break;
		}
		cleanup_text struct text scratch = TEXT_INIT;
		text_addf(out, "  %s\n", show(item, &scratch));
	}
}

static const char *show_skip(json_t *skip, struct text *scratch)
{
	const char *version = json_string_or(skip, "version", "");
	text_addf(scratch, "%s%s%s", version, *version ? ": " : "", json_string_or(skip, "reason", ""));
	return text_str(scratch);
}

static const char *show_need(json_t *need, struct text *scratch)
{
	text_addf(scratch, "%s %s (%s)", json_string_or(need, "name", ""), json_string_or(need, "version", ""),
		  json_string_or(need, "required_as", ""));
	return text_str(scratch);
}

static const char *show_undeclared(json_t *row, struct text *scratch)
{
	text_addf(scratch, "%s of %s, %s:%lld%s", json_string_or(row, "imports", ""), json_string_or(row, "from", ""),
		  json_string_or(row, "module", ""), (long long)json_integer_or(row, "line", 0),
		  !strcmp(json_string_or(row, "when", ""), "late") ? ", inside a function" : "");
	return text_str(scratch);
}

static const char *show_string(json_t *item, struct text *scratch)
{
	if (json_is_string(item))
		return json_string_value(item);
	json_write_compact(item, scratch);
	return text_str(scratch);
}

static const char *show_function(json_t *function, struct text *scratch)
{
	const char *reason = json_string_or(function, "reason", "");
	const char *translator = json_string_or(function, "translator", "");
	json_t *calls = json_object_get(function, "calls");
	text_addf(scratch, "%s: %s%s%s%s%s%s", json_string_or(function, "name", ""),
		  json_string_or(function, "state", ""), *reason ? ": " : "", reason, *translator ? " (" : "",
		  translator, *translator ? ")" : "");
	if (calls)
		text_addf(scratch, ", %lld calls as CPython",
			  (long long)(json_integer_or(calls, "visible", 0) + json_integer_or(calls, "held_out", 0) +
				      json_integer_or(calls, "fuzz", 0)));
	return text_str(scratch);
}

static const char *show_go_module(json_t *row, struct text *scratch)
{
	json_t *licence = json_object_get(row, "licence");
	text_addf(scratch, "%s %s", json_string_or(row, "module", ""), json_string_or(row, "version", ""));
	if (licence)
		text_addf(scratch, " (licence: %s)", json_string_or(licence, "text", "unknown"));
	else
		text_add(scratch, " (its go.mod only)");
	return text_str(scratch);
}

static void add_entry(json_t *entry, struct text *out)
{
	text_addf(out, "\nGo module: %s %s (%s)\n", json_string_or(entry, "module", ""),
		  json_string_or(entry, "go_version", ""), json_string_or(entry, "grade", ""));
	text_addf(out, "licence: %s; platform: %s; sandbox: %s\n", cli_licence(entry),
		  json_string_or(entry, "platform", ""), json_string_or(entry, "sandbox", ""));
	json_t *built = json_object_get(entry, "built"), *archive = json_object_get(entry, "archive");
	if (json_is_object(built)) {
		text_addf(out, "built from %s in the sandbox (%s): %s, by %s with CPython %s\n",
			  json_string_or(archive, "file", ""), json_string_or(built, "tier", ""),
			  json_string_or(built, "file", ""), json_string_or(built, "backend", ""),
			  json_string_or(built, "python", ""));
		add_list("its build needed:", json_object_get(built, "requirements"), show_string, out);
	}
	add_list("Go modules of others:", json_object_get(entry, "go_modules"), show_go_module, out);
	add_list("functions with a story of their own:", json_object_get(entry, "functions"), show_function, out);
	add_list("remarks:", json_object_get(entry, "remarks"), show_string, out);
}

static const char *metadata_words(const char *source)
{
	static const char *const words[][2] = {{"core-metadata", "beside the file in the index"},
					       {"range", "read from the end of the wheel"},
					       {"wheel", "read from the whole wheel"},
					       {"sdist", "the source distribution's PKG-INFO"},
					       {"sdist-pyproject", "the source distribution's pyproject.toml"},
					       {"sdist-recorded", "what the source distribution's build recorded"},
					       {"sdist-built", "what a build of its source distribution says"}};
	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		if (!strcmp(source, words[i][0]))
			return words[i][1];
	return source;
}

static void add_text(json_t *answer, struct text *out)
{
	size_t i;
	json_t *chain, *chains = json_object_get(answer, "chains");
	text_addf(out, "%s %s: %s\n", json_string_or(answer, "name", ""), json_string_or(answer, "version", ""),
		  json_string_or(answer, "state", ""));
	const char *reason = json_string_or(answer, "reason", NULL);
	if (reason)
		text_addf(out, "  %s\n", reason);
	text_add(out, json_boolean_value(json_object_get(answer, "target")) ? "\nIt is a target of the run.\n"
									    : "\nIt is here because:\n");
	json_array_foreach (chains, i, chain)
		if (json_array_size(chain) > 1)
			add_chain(chain, out);
	text_addf(out, "\nThe file that is converted: %s (its metadata: %s)\n", json_string_or(answer, "file", "none"),
		  metadata_words(json_string_or(answer, "metadata_source", "")));
	add_list("passed over:", json_object_get(answer, "skipped"), show_skip, out);
	add_list("It needs:", json_object_get(answer, "needs"), show_need, out);
	add_list("It imports what it does not declare (bound at run time, no Go import):",
		 json_object_get(answer, "undeclared"), show_undeclared, out);
	json_t *entry = json_object_get(answer, "ledger");
	if (json_is_object(entry))
		add_entry(entry, out);
}

static json_t *undeclared_of(json_t *all, const char *name)
{
	json_t *mine = json_array(), *row;
	size_t i;
	json_array_foreach (all, i, row) {
		if (!strcmp(json_string_or(row, "release", ""), name))
			json_array_append(mine, row);
	}
	return mine;
}

static json_t *answer_json(const struct plan *plan, int number, const struct release_state *state, json_t *undeclared)
{
	const struct lock_package *package = &plan->lock.packages.items[number];
	return json_pack(
		"{s:s, s:s, s:s, s:s, s:o, s:b, s:o, s:s, s:s, s:o, s:o, s:o, s:o}", "schema", "gophersnake.why/1",
		"name", package->name, "version", package->version, "state", state->state, "reason",
		state->reason ? json_string(state->reason) : json_null(), "target", package->target, "chains",
		chains_to(&plan->lock, number), "file", package->files.count ? package->files.items[0].name : "",
		"metadata_source", package->metadata_source, "skipped", skips_json(package), "needs",
		needs_json(&plan->lock, package), "ledger", state->entry ? json_incref(state->entry) : json_null(),
		"undeclared", undeclared_of(undeclared, package->name));
}

static int answer(struct cli *cli, const struct plan *plan, const char *run, struct error *err)
{
	struct slice rest = slice_of(cli->arguments.items[0]), head;
	slice_cut(&rest, '@', &head);
	cleanup_free char *given = slice_dup(head);
	cleanup_text struct text normal = TEXT_INIT;
	name_normalise_to(slice_of(given), &normal);
	const char *name = text_str(&normal);
	int number = lock_find(&plan->lock, name);
	if (number < 0)
		return error_set(err, ERROR_USAGE,
				 "run %s has no release of \"%s\": `gophersnake status` lists those that it has", run,
				 given);
	struct release_states states;
	cleanup_json json_t *undeclared = NULL;
	if (cli_undeclared(cli, plan, &undeclared, err) || release_states_read(cli, plan, run, &states, err))
		return -1;
	for (size_t i = 0; i < states.count; i++) {
		if (strcmp(states.items[i].name, name))
			continue;
		cleanup_json json_t *json = answer_json(plan, number, &states.items[i], undeclared);
		cleanup_text struct text text = TEXT_INIT;
		if (cli->json)
			json_write_pretty(json, &text);
		else
			add_text(json, &text);
		fputs(text_str(&text), stdout);
	}
	release_states_clear(&states);
	return 0;
}

int cmd_why(struct cli *cli, struct error *err)
{
	cleanup_free char *run = NULL;
	struct plan plan;
	const char *name = cli->arguments.items[0];
	int function = strchr(name, '.') ? why_function(cli, name, err) : 0;
	if (function)
		return function < 0 ? -1 : 0;
	plan_init(&plan);
	int status = cli_find_run(cli, cli_option(cli, "run"), &run, err) ||
				     run_read_plan(&cli->config, run, &plan, err) || answer(cli, &plan, run, err)
			     ? -1
			     : 0;
	plan_clear(&plan);
	return status;
}
