// gophersnake build-wheel: one package of the author's own machine, converted against
// the workspace's registry in this process, and its wheels and Go module put into
// a folder. No Redis, no agents; what is published already is taken from there.
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agents/dist.h"
#include "agents/inline.h"
#include "agents/local_wheel.h"
#include "cli/common.h"
#include "cli/summary.h"
#include "core/clock.h"
#include "core/file.h"

static const char default_output[] = "dist", packs_folder[] = "translations";

struct building {
	struct cli *cli;
	const char *source, *output;
	struct local_wheel local;
	struct plan plan;
	struct work work;
	struct wheel_index python;
	struct dist dist;
	char *run; // NULL: all was up to date
	int lock, package;
	int64_t began;
};

static int64_t now(void)
{
	return system_clock.monotonic(system_clock.context);
}

// The author's own packs come before those of the settings: translations/ of the source folder, which for a wheel or a source
// distribution is the current folder when that is a package's.
static int use_own_packs(struct building *building, struct error *err)
{
	struct config *config = &building->cli->config;
	cleanup_free char *source = local_source_folder(dir_exists(building->source) ? building->source : ".");
	cleanup_free char *folder = source ? xasprintf("%s/%s", source, packs_folder) : NULL;
	if (!folder || !dir_exists(folder))
		return 0;
	cleanup_text struct text list = TEXT_INIT;
	text_add(&list, folder);
	for (unsigned i = 0; i < config->packs.count; i++)
		text_addf(&list, ",%s", config->packs.items[i]);
	return config_set(config, "packs", text_str(&list), folder, err);
}

static int make_plan(struct building *building, struct error *err)
{
	struct cli *cli = building->cli;
	struct resolve_statistics statistics = {0};
	struct lock lock;
	lock_init(&lock);
	const char *requirement = building->local.requirement;
	int status = cli_lock_requirements(cli, &requirement, 1, &lock, &statistics, err) ||
				     plan_make(&lock, &cli->config, &building->plan, err)
			     ? -1
			     : 0;
	lock_clear(&lock);
	building->work.plan = &building->plan;
	building->package = status ? -1 : lock_find(&building->plan.lock, building->local.name);
	return status;
}

static int build(struct building *building, struct error *err)
{
	struct cli *cli = building->cli;
	struct work *work = &building->work;
	cleanup_file FILE *quiet = NULL;
	if (file_exists(building->output) && !dir_exists(building->output))
		return error_set(err, ERROR_WORKSPACE, "%s is no folder: give another --output", building->output);
	if (use_own_packs(building, err) || cli_workspace(cli, &building->lock, err) ||
	    work_open(work, &cli->config, cli->interrupted, err))
		return -1;
	if (cli->verbosity <= 0 && (quiet = fopen("/dev/null", "we")))
		work->log = quiet;
	int status = local_wheel_make(work, building->source, &building->local, err) || make_plan(building, err) ||
				     cli_judge_licences(cli, work, err) ||
				     inline_convert(work, cli->log, &building->run, err) ||
				     wheel_index_update(work, &building->python, err) ||
				     dist_write(work, building->package, building->local.path, &building->python,
						building->output, &building->dist, err)
			     ? -1
			     : 0;
	work->log = stderr;
	return status;
}

// ---- what is said ----------------------------------------------------------------------------------------------------

static const struct lock_package *release_of(const struct building *building)
{
	return &building->plan.lock.packages.items[building->package];
}

// Of the index's reasons, those about this package.
static bool concerns(const struct building *building, const char *reason)
{
	size_t length = strlen(building->local.name);
	return !strncmp(reason, building->local.name, length) && reason[length] == ' ';
}

static void add_file(const char *name, int width, const char *what, struct text *out)
{
	text_addf(out, "  %-*s  %s\n", width, name, what);
}

static void add_files(const struct building *building, struct text *out)
{
	const struct dist *dist = &building->dist;
	cleanup_free char *go = xasprintf("go/%s %s", dist->module, dist->go_version);
	int width = (int)(strlen(go) > strlen(dist->wheel) ? strlen(go) : strlen(dist->wheel));
	vec_each (&dist->bundles, name)
		width = (int)strlen(*name) > width ? (int)strlen(*name) : width;
	text_addf(out, "\n%s:\n", building->output);
	if (strcmp(dist->wheel, dist->original)) {
		cleanup_free char *what =
			xasprintf("%zu function%s in Go", dist->functions.count, dist->functions.count == 1 ? "" : "s");
		add_file(dist->wheel, width, what, out);
	}
	add_file(dist->original, width, "the original", out);
	vec_each (&dist->bundles, name)
		add_file(*name, width,
			 strstr(*name, "-none-any") ? "instead of it on other platforms: empty" : "the Go of it", out);
	add_file(go, width, "the Go module, in a proxy with all that it needs", out);
}

static void add_usage(const struct building *building, struct text *out)
{
	const struct dist *dist = &building->dist;
	char absolute[PATH_MAX];
	const char *folder = realpath(building->output, absolute) ? absolute : building->output;
	cleanup_free char *proxy = xasprintf("%s/go", folder);
	bool alone = building->plan.lock.packages.count == 1;
	summary_go_usage(proxy, building->plan.host, json_object_get(dist->entry, "go_modules"), out);
	text_addf(out, "  go get %s@%s\n", dist->module, dist->go_version);
	text_addf(out, "\nFrom Python, with pip or uv:\n\n  pip install%s --find-links %s %s\n",
		  alone ? " --no-index" : "", folder, building->local.name);
}

// Functions that are Go for Go programs alone.
static void add_python_only(const struct building *building, struct text *out)
{
	json_t *row;
	size_t index;
	json_array_foreach (json_object_get(building->dist.entry, "python_only"), index, row) {
		text_addf(out, "%s  %s of %s: %s\n", index ? "" : "\nGo in Go programs only:\n",
			  json_string_or(row, "go", ""), json_string_or(row, "unit", ""),
			  json_string_or(row, "reason", ""));
	}
}

static void print_text(const struct building *building, const struct release_states *states)
{
	const struct lock_package *release = release_of(building);
	const struct dist *dist = &building->dist;
	cleanup_text struct text text = TEXT_INIT;
	text_addf(&text, "%s %s: ", release->name, release->version);
	if (dist->functions.count)
		text_addf(&text, "%zu function%s run%s in Go, in Python programs too", dist->functions.count,
			  dist->functions.count == 1 ? "" : "s", dist->functions.count == 1 ? "s" : "");
	else
		text_add(&text, "no function runs in Go in Python programs");
	text_add(&text, " (");
	clock_format_duration(now() - building->began, &text);
	text_add(&text, ")\n\n");
	summary_table(states, &text);
	summary_remarks(states, NULL, &text);
	vec_each (&building->python.reasons, reason)
		if (concerns(building, *reason))
			text_addf(&text, "  %s\n", *reason);
	add_python_only(building, &text);
	add_files(building, &text);
	add_usage(building, &text);
	fputs(text_str(&text), stdout);
}

static json_t *strings_json(const file_names *names)
{
	json_t *array = json_array();
	vec_each (names, name)
		json_array_append_new(array, json_string(*name));
	return array;
}

static void print_json(const struct building *building, const struct release_states *states)
{
	const struct lock_package *release = release_of(building);
	const struct dist *dist = &building->dist;
	json_t *reasons = json_array(), *releases = json_array();
	vec_each (&building->python.reasons, reason)
		if (concerns(building, *reason))
			json_array_append_new(reasons, json_string(*reason));
	for (size_t i = 0; i < states->count; i++)
		json_array_append_new(releases,
				      json_pack("{s:s, s:s, s:s?}", "name", states->items[i].name, "version",
						states->items[i].version, "go_version", states->items[i].go_version));
	cleanup_json json_t *json =
		json_pack("{s:s, s:s, s:s, s:s?, s:s, s:s, s:s, s:o, s:{s:s, s:s, s:s}, s:o, s:O?, s:o, s:o, s:I}",
			  "schema", "gophersnake.build-wheel/1", "name", release->name, "version", release->version,
			  "run", building->run, "output", building->output, "wheel", dist->wheel, "original",
			  dist->original, "bundle", strings_json(&dist->bundles), "go", "module", dist->module,
			  "go_version", dist->go_version, "proxy", "go", "functions", strings_json(&dist->functions),
			  "python_only", json_object_get(dist->entry, "python_only"), "reasons", reasons, "releases",
			  releases, "milliseconds", (json_int_t)(now() - building->began));
	cli_print_json(json);
}

static int print_summary(const struct building *building, struct error *err)
{
	struct release_states states;
	if (release_states_read(building->cli, &building->plan, building->run, &states, err))
		return -1;
	for (size_t i = 0; i < states.count && !building->run; i++)
		states.items[i].state = "up-to-date";
	if (building->cli->json)
		print_json(building, &states);
	else
		print_text(building, &states);
	release_states_clear(&states);
	return 0;
}

int cmd_build_wheel(struct cli *cli, struct error *err)
{
	const char *output = cli_option(cli, "output");
	struct building building = {.cli = cli,
				    .source = cli->arguments.items[0],
				    .output = output ? output : default_output,
				    .lock = -1,
				    .began = now()};
	plan_init(&building.plan);
	int status = build(&building, err) || print_summary(&building, err) ? -1 : 0;
	free(building.run);
	dist_clear(&building.dist);
	wheel_index_clear(&building.python);
	local_wheel_clear(&building.local);
	work_close(&building.work);
	plan_clear(&building.plan);
	if (building.lock >= 0)
		close(building.lock);
	return status;
}
