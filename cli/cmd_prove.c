// gophersnake prove: packs are made from folders of Go: each function is proved
// against a release and pack.json says what stands. Everything happens in this
// process: no Redis, no agents.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agents/local_wheel.h"
#include "agents/pack.h"
#include "agents/pack_prove.h"
#include "agents/record.h"
#include "cli/common.h"
#include "core/file.h"
#include "resolver/name.h"

enum { MOST_NOTES = 12 };

struct proving {
	struct cli *cli;
	const char *folder; // of all packs
	json_t *packs;      // of the answer
	size_t lost;
};

// ---- the release -----------------------------------------------------------------------------------------------------

// "sqlparse==0.5.3": as it was proved before, else the newest.
static int requirement_of(const char *folder, const char *name, char **out, struct error *err)
{
	cleanup_free char *path = xasprintf("%s/pack.json", folder);
	cleanup_text struct text data = TEXT_INIT;
	*out = NULL;
	if (!file_exists(path)) {
		*out = xstrdup(name);
		return 0;
	}
	if (file_read(path, PACK_LIMIT, &data, err))
		return -1;
	cleanup_json json_t *pack = pack_parse(text_slice(&data), path, err);
	if (pack)
		*out = xasprintf("%s==%s", name, json_string_or(pack, "version", ""));
	return pack ? 0 : -1;
}

// With what inputs.json says that the release imports and does not declare ("needs").
static int lock_of(struct proving *proving, const char *folder, const char *requirement, struct lock *lock,
		   struct error *err)
{
	struct resolve_statistics statistics = {0};
	cleanup_json json_t *proposals = dir_exists(folder) ? record_read_proposals(folder, err) : json_object();
	VEC(const char *) wanted = VEC_INIT;
	size_t index;
	json_t *need;
	if (!proposals)
		return -1;
	vec_push(&wanted, requirement);
	json_array_foreach (json_object_get(proposals, "needs"), index, need) {
		if (json_is_string(need))
			vec_push(&wanted, json_string_value(need));
	}
	int status = cli_option(proving->cli, "source")
			     ? cli_lock_requirements(proving->cli, wanted.items, wanted.count, lock, &statistics, err)
			     : cli_lock_of(proving->cli, wanted.items, wanted.count, lock, &statistics, err);
	vec_clear(&wanted);
	return status;
}

static int make_lock(struct proving *proving, struct work *work, const char *folder, const char *name,
		     struct lock *lock, struct error *err)
{
	const char *source = cli_option(proving->cli, "source");
	if (!source) {
		cleanup_free char *requirement = NULL;
		return requirement_of(folder, name, &requirement, err) ||
				       lock_of(proving, folder, requirement, lock, err)
			       ? -1
			       : 0;
	}
	cleanup_local_wheel struct local_wheel local;
	return local_wheel_make(work, source, &local, err) || lock_of(proving, folder, local.requirement, lock, err)
		       ? -1
		       : 0;
}

static int make_plan(struct proving *proving, struct work *work, const char *folder, const char *name,
		     struct plan *plan, struct error *err)
{
	struct lock lock;
	lock_init(&lock);
	int status =
		make_lock(proving, work, folder, name, &lock, err) || plan_make(&lock, &proving->cli->config, plan, err)
			? -1
			: 0;
	lock_clear(&lock);
	return status;
}

// ---- what is said ----------------------------------------------------------------------------------------------------

static void add_percent(json_t *row, struct text *out)
{
	json_t *lines = json_object_get(json_object_get(row, "coverage"), "lines");
	json_int_t reached = json_integer_value(json_array_get(lines, 0)),
		   of = json_integer_value(json_array_get(lines, 1));
	if (of > 0)
		text_addf(out, "%7lld%%", (long long)(reached * 100 / of));
	else
		text_addf(out, "%8s", "-");
}

static void add_table(json_t *pack, json_t *report, struct text *out)
{
	json_t *functions = json_object_get(pack, "functions"), *bridged = json_object_get(pack, "bridged"), *row;
	size_t index;
	int width = 8;
	const json_t *const both[] = {functions, bridged};
	for (size_t i = 0; i < ARRAY_LENGTH(both); i++)
		json_array_foreach (both[i], index, row) {
			int length = (int)strlen(json_string_or(row, "python", ""));
			width = length > width ? length : width;
		}
	text_addf(out, "%s %s: %zu proved, %zu bridged\n", json_string_or(pack, "name", ""),
		  json_string_or(pack, "version", ""), json_array_size(functions), json_array_size(bridged));
	if (json_array_size(functions) + json_array_size(bridged))
		text_addf(out, "  %-*s  %-7s %8s %8s %8s %8s %8s\n", width, "function", "state", "visible", "held-out",
			  "guarded", "fuzz", "coverage");
	json_array_foreach (functions, index, row) {
		json_t *calls = json_object_get(row, "calls");
		text_addf(out, "  %-*s  %-7s %8lld %8lld %8lld %8lld ", width, json_string_or(row, "python", ""),
			  "native", (long long)json_integer_or(calls, "visible", 0),
			  (long long)json_integer_or(calls, "held_out", 0),
			  (long long)json_integer_or(calls, "guarded", 0),
			  (long long)json_integer_or(calls, "fuzz", 0));
		add_percent(row, out);
		text_add_char(out, '\n');
	}
	json_array_foreach (bridged, index, row) {
		text_addf(out, "  %-*s  %-7s %s\n", width, json_string_or(row, "python", ""), "bridged",
			  json_string_or(row, "reason", ""));
	}
	json_array_foreach (json_object_get(report, "remarks"), index, row) {
		text_addf(out, "  remark: %s\n", json_string_value(row));
	}
	json_array_foreach (json_object_get(report, "notes"), index, row) {
		if (index < MOST_NOTES)
			text_addf(out, "  recording: %s\n", json_string_value(row));
	}
	json_array_foreach (json_object_get(report, "lost"), index, row) {
		text_addf(out, "  LOST: %s was proved before\n", json_string_value(row));
	}
}

// calls.json of the units that were proved now; one that no unit has any more is removed.
static int keep_calls(const char *folder, json_t *pack, json_t *calls, struct error *err)
{
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	const char *unit;
	json_t *text;
	json_object_foreach (calls, unit, text) {
		cleanup_free char *path = xasprintf("%s/%s/calls.json", folder, unit);
		if (file_write_atomic(path, json_string_value(text), json_string_length(text), err))
			return -1;
	}
	if (dir_list(folder, &names, err))
		return -1;
	vec_each (&names, name) {
		cleanup_free char *path = xasprintf("%s/%s/calls.json", folder, *name);
		if (!json_object_get(json_object_get(pack, "tests"), *name) && unlink(path) && errno != ENOENT &&
		    errno != ENOTDIR)
			return error_set(err, ERROR_WORKSPACE, "%s: %s", path, strerror(errno));
	}
	return 0;
}

static int keep(struct proving *proving, const char *folder, json_t *pack, json_t *calls, json_t *report,
		struct error *err)
{
	cleanup_free char *path = xasprintf("%s/pack.json", folder);
	cleanup_text struct text text = TEXT_INIT;
	json_write_pretty(pack, &text);
	if (keep_calls(folder, pack, calls, err) || file_write_atomic(path, text_str(&text), text.len, err))
		return -1;
	proving->lost += json_array_size(json_object_get(report, "lost"));
	if (!proving->cli->json) {
		cleanup_text struct text table = TEXT_INIT;
		add_table(pack, report, &table);
		fputs(text_str(&table), stdout);
		fflush(stdout);
		return 0;
	}
	json_object_del(pack, "schema");
	json_object_update(pack, report);
	json_array_append(proving->packs, pack);
	return 0;
}

// ---- a distribution --------------------------------------------------------------------------------------------------

static int prove_one(struct proving *proving, const char *name, struct error *err)
{
	struct cli *cli = proving->cli;
	cleanup_free char *folder = xasprintf("%s/%s", proving->folder, name);
	const char *calls = cli_option(cli, "fuzz");
	uint64_t fuzz = 0;
	struct plan plan;
	struct work work = {0};
	plan_init(&plan);
	if (calls && (parse_u64(slice_of(calls), &fuzz) || !fuzz || fuzz > 1000000))
		return error_set(err, ERROR_USAGE, "--fuzz: expected a number from 1 to 1000000, not \"%.50s\"", calls);
	if (!dir_exists(folder))
		return error_set(err, ERROR_USAGE, "%s: there is no folder of %s", proving->folder, name);
	cleanup_file FILE *quiet = NULL;
	int status = work_open(&work, &cli->config, cli->interrupted, err);
	if (!status && cli->verbosity <= 0 && (quiet = fopen("/dev/null", "we")))
		work.log = quiet;
	if (!status)
		status = make_plan(proving, &work, folder, name, &plan, err);
	int package = status ? -1 : lock_find(&plan.lock, name);
	if (!status && package < 0)
		status = error_set(err, ERROR_USAGE, "%s is no release of %s",
				   cli_option(cli, "source") ? cli_option(cli, "source") : "the lock", name);
	if (!status) {
		work.plan = &plan;
		work.fuzz_calls = (int)fuzz;
		struct pack_prove_task task = {.package = package,
					       .folder = folder,
					       .unit = cli_option(cli, "unit"),
					       .translator = cli_option(cli, "translator")};
		cleanup_json json_t *pack = NULL, *kept = NULL, *report = NULL;
		status = pack_prove(&work, &task, &pack, &kept, &report, err) ||
					 keep(proving, folder, pack, kept, report, err)
				 ? -1
				 : 0;
	}
	work_close(&work);
	plan_clear(&plan);
	return status;
}

static int list_distributions(const char *folder, file_names *out, struct error *err)
{
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	if (dir_list(folder, &names, err))
		return -1;
	vec_each (&names, name) {
		cleanup_free char *path = xasprintf("%s/%s", folder, *name);
		if (dir_exists(path) && name_is_normalised(slice_of(*name)))
			vec_push(out, xstrdup(*name));
	}
	return 0;
}

int cmd_prove(struct cli *cli, struct error *err)
{
	struct proving proving = {.cli = cli, .folder = cli->arguments.items[0], .packs = json_array()};
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	// The chain is the bridge: what packs there are already must not count.
	int status = config_set(&cli->config, "translators", "bridge", "prove", err);
	for (size_t i = 1; i < cli->arguments.count; i++)
		vec_push(&names, xstrdup(cli->arguments.items[i]));
	if (!status && !names.count)
		status = list_distributions(proving.folder, &names, err);
	if (!status && cli_option(cli, "unit") && names.count != 1)
		status = error_set(err, ERROR_USAGE,
				   "--unit needs one distribution: gophersnake prove DIR NAME --unit UNIT");
	if (!status && cli_option(cli, "source") && (names.count != 1 || cli_option(cli, "lock")))
		status = error_set(
			err, ERROR_USAGE,
			"--source needs one distribution and no --lock: gophersnake prove DIR NAME --source %s",
			cli_option(cli, "source"));
	for (size_t i = 0; i < names.count && !status; i++)
		status = prove_one(&proving, names.items[i], err);
	if (!status && cli->json) {
		cleanup_json json_t *json =
			json_pack("{s:s, s:O}", "schema", "gophersnake.prove/1", "packs", proving.packs);
		cli_print_json(json);
	}
	if (!status && proving.lost)
		cli->exit_status = 1;
	json_decref(proving.packs);
	return status;
}
