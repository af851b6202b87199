// Tables and totals of a run, and how to use the result.
#include "cli/summary.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "agents/registry.h"
#include "cli/spending.h"
#include "core/clock.h"
#include "scheduler/journal.h"

// Functions and methods together; what a bridge is made of.
struct counts {
	int64_t units, functions, methods, classes, native;
};

static int64_t count_of(json_t *counts, const char *key, const char *part)
{
	json_t *value = json_object_get(counts, key);
	if (part)
		value = json_object_get(value, part);
	return json_is_integer(value) ? json_integer_value(value) : 0;
}

static struct counts counts_of(json_t *entry)
{
	json_t *counts = json_object_get(entry, "counts");
	int64_t functions = count_of(counts, "functions", "native"), methods = count_of(counts, "methods", "native");
	return (struct counts){.units = count_of(counts, "units", NULL),
			       .functions = functions + count_of(counts, "functions", "bridged"),
			       .methods = methods + count_of(counts, "methods", "bridged"),
			       .classes = count_of(counts, "classes", NULL),
			       .native = functions + methods};
}

static bool failed(const struct release_state *release)
{
	return !strcmp(release->state, "failed") || !strcmp(release->state, "blocked") ||
	       !strcmp(release->state, "cancelled");
}

static bool finished_well(const struct release_state *release)
{
	return !strcmp(release->state, "published") || !strcmp(release->state, "up-to-date");
}

static int column(const struct release_states *states, int least, int (*width)(const struct release_state *))
{
	for (size_t i = 0; i < states->count; i++)
		least = width(&states->items[i]) > least ? width(&states->items[i]) : least;
	return least;
}

static int release_width(const struct release_state *release)
{
	return (int)(strlen(release->name) + 1 + strlen(release->version));
}

static int version_width(const struct release_state *release)
{
	return release->go_version ? (int)strlen(release->go_version) : 1;
}

void summary_table(const struct release_states *states, struct text *out)
{
	int wide = column(states, 7, release_width), version = column(states, 10, version_width);
	text_addf(out, "%4s  %-*s  %-11s  %-*s  %5s  %9s  %7s  %7s  %6s\n", "#", wide, "release", "state", version,
		  "Go version", "units", "functions", "methods", "classes", "native");
	for (size_t i = 0; i < states->count; i++) {
		const struct release_state *release = &states->items[i];
		cleanup_free char *name = xasprintf("%s %s", release->name, release->version);
		text_addf(out, "%4zu  %-*s  %-11s", i + 1, wide, name, release->state);
		if (release->go_version)
			text_addf(out, "  %-*s", version, release->go_version);
		if (release->entry) {
			struct counts counts = counts_of(release->entry);
			text_addf(out, "  %5lld  %9lld  %7lld  %7lld  %6lld", (long long)counts.units,
				  (long long)counts.functions, (long long)counts.methods, (long long)counts.classes,
				  (long long)counts.native);
		} else if (!strcmp(release->state, "translating")) {
			text_addf(out, "  waits for %lld jobs", (long long)release->units_left);
		}
		text_add_char(out, '\n');
	}
}

void summary_spending(const struct release_states *states, struct text *out)
{
	struct spending spending = {0};
	for (size_t i = 0; i < states->count; i++)
		spending_add(states->items[i].entry, &spending);
	spending_text(&spending, out);
}

// The rest of a reason of several lines (compiler output) stands below it, indented.
static void add_reason(const char *reason, bool whole, struct text *out)
{
	struct slice rest = slice_of(reason), line;
	for (bool first = true; slice_cut(&rest, '\n', &line) && (first || whole); first = false)
		if (line.len)
			text_addf(out, "%s%.*s\n", first ? "" : "      ", (int)line.len, line.ptr);
}

void summary_reasons(const struct release_states *states, struct text *out)
{
	bool any = false;
	for (size_t i = 0; i < states->count; i++) {
		const struct release_state *release = &states->items[i];
		if (!release->reason && !failed(release))
			continue;
		text_addf(out, "%s  %s %s (%s): ", any ? "" : "\nReasons:\n", release->name, release->version,
			  release->state);
		// a block only points at the failure, whose text stands there
		add_reason(release->reason ? release->reason : "see its log", strcmp(release->state, "blocked") != 0,
			   out);
		any = true;
	}
}

static void add_undeclared(json_t *undeclared, bool *any, struct text *out)
{
	size_t i;
	json_t *row;
	json_array_foreach (undeclared, i, row) {
		if (!strcmp(json_string_or(row, "when", ""), "late"))
			continue; // optional by its nature; `why` lists it
		text_addf(out, "%s  %s imports %s (of %s) and does not declare it: bound at run time, no Go import\n",
			  *any ? "" : "\nRemarks:\n", json_string_or(row, "release", ""),
			  json_string_or(row, "imports", ""), json_string_or(row, "from", ""));
		*any = true;
	}
}

void summary_remarks(const struct release_states *states, json_t *undeclared, struct text *out)
{
	bool any = false;
	for (size_t i = 0; i < states->count; i++) {
		json_t *remarks = json_object_get(states->items[i].entry, "remarks"), *remark;
		size_t number;
		json_array_foreach (remarks, number, remark) {
			text_addf(out, "%s  %s %s: %s\n", any ? "" : "\nRemarks:\n", states->items[i].name,
				  states->items[i].version, json_is_string(remark) ? json_string_value(remark) : "");
			any = true;
		}
	}
	add_undeclared(undeclared, &any, out);
}

// The modules of others are in the proxy as they are: no sum needs to be asked for.
void summary_go_usage(const char *proxy, const char *host, json_t *go_modules, struct text *out)
{
	cleanup_json json_t *modules = json_object();
	json_t *row;
	size_t index;
	json_array_foreach (go_modules, index, row) {
		json_object_set_new(modules, json_string_or(row, "module", ""), json_true());
	}
	cleanup_json json_t *sorted = json_sorted_keys(modules);
	text_add(out, "\nTo use it from Go, in a module of your own (go mod init x), paste:\n\n");
	text_addf(out, "  export GOPROXY=file://%s,$(go env GOPROXY)\n", proxy);
	text_addf(out, "  export GONOSUMDB=%s", host);
	json_array_foreach (sorted, index, row) {
		text_addf(out, ",%s", json_string_value(row));
	}
	text_add(out, " GOFLAGS=-mod=mod\n");
}

static void add_usage(struct cli *cli, const struct plan *plan, const struct release_states *states, struct text *out)
{
	char absolute[PATH_MAX];
	const char *workspace = realpath(cli->config.workspace, absolute) ? absolute : cli->config.workspace;
	cleanup_free char *go = registry_go_folder(workspace);
	cleanup_json json_t *go_modules = json_array();
	for (size_t i = 0; i < states->count; i++)
		json_array_extend(go_modules, json_object_get(states->items[i].entry, "go_modules"));
	text_addf(out, "\nRegistry: %s/registry\n", workspace);
	summary_go_usage(go, plan->host, go_modules, out);
	text_add(out, "  go get");
	for (size_t i = 0; i < plan->lock.packages.count; i++) {
		const struct lock_package *package = &plan->lock.packages.items[i];
		for (size_t j = 0; package->target && j < states->count; j++)
			if (!strcmp(states->items[j].name, package->name) && states->items[j].go_version)
				text_addf(out, " %s@latest",
					  json_string_or(states->items[j].entry, "module", package->name));
	}
	text_add_char(out, '\n');
}

static char *index_folder(struct cli *cli)
{
	char absolute[PATH_MAX];
	return wheel_index_folder(realpath(cli->config.workspace, absolute) ? absolute : cli->config.workspace);
}

static void add_python(struct cli *cli, const struct plan *plan, const struct release_states *states,
		       const struct wheel_index *python, struct text *out)
{
	cleanup_free char *folder = index_folder(cli);
	text_addf(
		out,
		"\nFrom Python, with pip or uv (%d of the functions run in Go):\n\n  pip install --index-url file://%s",
		python->functions, folder);
	for (size_t i = 0; i < plan->lock.packages.count; i++) {
		const struct lock_package *package = &plan->lock.packages.items[i];
		for (size_t j = 0; package->target && j < states->count; j++)
			if (!strcmp(states->items[j].name, package->name) && states->items[j].go_version)
				text_addf(out, " %s", package->name);
	}
	text_add_char(out, '\n');
	for (size_t i = 0; i < python->reasons.count; i++) {
		text_addf(out, "%s  ", i ? "" : "\nWhat pip gets less of:\n");
		add_reason(python->reasons.items[i], true, out);
	}
}

static json_t *python_json(struct cli *cli, const struct wheel_index *python)
{
	cleanup_free char *folder = index_folder(cli);
	json_t *reasons = json_array();
	vec_each (&python->reasons, reason)
		json_array_append_new(reasons, json_string(*reason));
	return json_pack("{s:s, s:i, s:i, s:o, s:i, s:o}", "index", folder, "releases", python->releases,
			 "native_wheels", python->native_wheels, "bundle",
			 python->bundle ? json_string(python->bundle) : json_null(), "functions", python->functions,
			 "reasons", reasons);
}

static const char *first_target(const struct plan *plan)
{
	vec_each (&plan->lock.packages, package)
		if (package->target)
			return package->name;
	return "nothing";
}

static void add_text(struct cli *cli, const struct plan *plan, const char *run, const struct wheel_index *python,
		     int64_t milliseconds, const struct release_states *states, json_t *undeclared, struct text *out)
{
	struct counts total = {0};
	size_t well = 0;
	for (size_t i = 0; i < states->count; i++) {
		struct counts counts = counts_of(states->items[i].entry);
		well += finished_well(&states->items[i]);
		total.units += counts.units;
		total.functions += counts.functions;
		total.methods += counts.methods;
		total.classes += counts.classes;
		total.native += counts.native;
	}
	if (!run)
		text_addf(out, "%s: nothing to do, %zu of %zu releases are up to date", first_target(plan),
			  states->count, states->count);
	else
		text_addf(out, "%s: %zu of %zu releases are Go modules", first_target(plan), well, states->count);
	text_add(out, " (");
	clock_format_duration(milliseconds, out);
	text_add(out, ")\n\n");
	summary_table(states, out);
	text_addf(out,
		  "\n%lld functions and %lld methods of %lld classes in %lld units: %lld native, %lld bridged to "
		  "CPython.\n",
		  (long long)total.functions, (long long)total.methods, (long long)total.classes,
		  (long long)total.units, (long long)total.native,
		  (long long)(total.functions + total.methods - total.native));
	summary_spending(states, out);
	summary_reasons(states, out);
	summary_remarks(states, undeclared, out);
	if (!well)
		return;
	add_usage(cli, plan, states, out);
	add_python(cli, plan, states, python, out);
}

static json_t *release_json(const struct release_state *release)
{
	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:I, s:o}", "name", release->name, "version", release->version,
			 "state", release->state, "reason",
			 release->reason ? json_string(release->reason) : json_null(), "go_version",
			 release->go_version ? json_string(release->go_version) : json_null(), "ledger",
			 release->entry ? json_incref(release->entry) : json_null(), "jobs_left",
			 (json_int_t)release->units_left, "models", spending_json(release->entry));
}

json_t *summary_to_json(struct cli *cli, const struct plan *plan, const char *run, const struct release_states *states)
{
	json_t *releases = json_array(), *jobs = json_null();
	for (size_t i = 0; i < states->count; i++)
		json_array_append_new(releases, release_json(&states->items[i]));
	const struct queue_status *queue = &states->queue;
	if (states->live)
		jobs = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "waiting",
				 (json_int_t)queue->waiting, "ready", (json_int_t)queue->ready, "leased",
				 (json_int_t)queue->leased, "delayed", (json_int_t)queue->delayed, "done",
				 (json_int_t)queue->done, "failed", (json_int_t)queue->failed, "dead",
				 (json_int_t)queue->dead, "blocked", (json_int_t)queue->blocked, "cancelled",
				 (json_int_t)queue->cancelled, "total", (json_int_t)queue->total);
	return json_pack("{s:s, s:o, s:s, s:s, s:s, s:b, s:b, s:b, s:o, s:o}", "schema", "gophersnake.status/1", "run",
			 run ? json_string(run) : json_null(), "plan", plan->digest, "host", plan->host, "workspace",
			 cli->config.workspace, "live", states->live, "paused", states->live && queue->paused,
			 "finished", !states->live || queue->finished, "jobs", jobs, "releases", releases);
}

static int add_own(void *context, json_t *line)
{
	*(int64_t *)context += json_integer_or(line, "own_ms", 0);
	return 0;
}

// Processor time of this program in all its processes: this command, the agents and their stages, without the tools that
// they start (go, CPython, Redis).
static int own_milliseconds(struct cli *cli, const char *run, int64_t *out, struct error *err)
{
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	*out = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
	       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
	if (!run)
		return 0;
	cleanup_free char *folder = run_folder(&cli->config, run);
	cleanup_free char *path = xasprintf("%s/journal.jsonl", folder);
	return journal_read(path, add_own, out, NULL, err);
}

int summary_print(struct cli *cli, const struct plan *plan, const char *run, const struct wheel_index *python,
		  int64_t milliseconds, struct error *err)
{
	struct release_states states;
	cleanup_json json_t *undeclared = NULL;
	if (cli_undeclared(cli, plan, &undeclared, err) || release_states_read(cli, plan, run, &states, err))
		return -1;
	for (size_t i = 0; i < states.count; i++) {
		if (!run)
			states.items[i].state = "up-to-date";
		if (!finished_well(&states.items[i]))
			cli->exit_status = 1;
	}
	if (cli->json) {
		cleanup_json json_t *json = summary_to_json(cli, plan, run, &states);
		int64_t own = 0;
		if (own_milliseconds(cli, run, &own, err)) {
			release_states_clear(&states);
			return -1;
		}
		json_object_set(json, "undeclared", undeclared);
		json_object_set_new(json, "python", python_json(cli, python));
		json_object_set_new(json, "milliseconds", json_integer(milliseconds));
		json_object_set_new(json, "own_milliseconds", json_integer(own));
		cli_print_json(json);
	} else {
		cleanup_text struct text text = TEXT_INIT;
		add_text(cli, plan, run, python, milliseconds, &states, undeclared, &text);
		fputs(text_str(&text), stdout);
	}
	release_states_clear(&states);
	return 0;
}
