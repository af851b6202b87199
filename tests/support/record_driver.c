// Records releases of a lock without Redis and agents: for tests and for measuring.
//
//     record_driver WORKSPACE LOCK.json RELEASE[=FOLDER]…
//
// FOLDER: a pack's, whose */inputs.json are proposed.
//
// Settings come from GOPHERSNAKE_* and gophersnake.yaml as always. Prints a line a function that was called or is a candidate,
// then one with the figures of the release.
#include <stdio.h>

#include "agents/record.h"
#include "core/clock.h"

static void show_function(json_t *row)
{
	json_t *lines = json_object_get(json_object_get(row, "coverage"), "lines");
	json_t *branches = json_object_get(json_object_get(row, "coverage"), "branches");
	printf("%-52s seen %7lld kept %4lld visible %4lld held out %4lld lines %3lld/%-3lld branches %3lld/%-3lld %s\n",
	       json_string_or(row, "name", ""), (long long)json_integer_or(row, "seen", 0),
	       (long long)json_integer_or(row, "kept", 0), (long long)json_integer_or(row, "visible", 0),
	       (long long)json_integer_or(row, "held_out", 0), json_integer_value(json_array_get(lines, 0)),
	       json_integer_value(json_array_get(lines, 1)), json_integer_value(json_array_get(branches, 0)),
	       json_integer_value(json_array_get(branches, 1)),
	       json_bool_or(row, "candidate", false) ? "CANDIDATE" : json_string_or(row, "reason", ""));
}

static int show(struct work *work, int package, int64_t elapsed, struct error *err)
{
	cleanup_json json_t *result = record_result(work, package, err);
	json_t *row;
	size_t index, candidates = 0, methods = 0;
	int64_t seen = 0, kept = 0, visible = 0, held_out = 0;
	if (!result)
		return -1;
	json_t *functions = json_object_get(result, "functions");
	json_array_foreach (functions, index, row) {
		bool method = !strcmp(json_string_or(row, "kind", ""), "method");
		candidates += json_bool_or(row, "candidate", false);
		methods += method;
		seen += json_integer_or(row, "seen", 0);
		kept += json_integer_or(row, "kept", 0);
		visible += json_integer_or(row, "visible", 0);
		held_out += json_integer_or(row, "held_out", 0);
		if (!method)
			show_function(row);
	}
	cleanup_text struct text runs = TEXT_INIT;
	static const char *const keys[] = {"runs", "suites", "late", "notes", "requirements"};
	for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
		text_reset(&runs);
		json_write_compact(json_object_get(result, keys[i]), &runs);
		printf("# %s %s\n", keys[i], text_str(&runs));
	}
	printf("# %s %s: %zu functions (%zu methods), %lld calls seen, %lld kept, %lld visible, %lld held out, %zu "
	       "candidates, %lld ms\n",
	       json_string_or(result, "name", ""), json_string_or(result, "version", ""), json_array_size(functions),
	       methods, (long long)seen, (long long)kept, (long long)visible, (long long)held_out, candidates,
	       (long long)elapsed);
	return 0;
}

static int record(struct config *config, const char *lock_path, char **releases, int count, struct error *err)
{
	struct lock lock;
	struct plan plan;
	lock_init(&lock);
	cleanup_json json_t *json = json_read_file(lock_path, 64 << 20, err);
	if (!json || lock_from_json(json, lock_path, &lock, err) || plan_make(&lock, config, &plan, err))
		return -1;
	struct work work;
	int status = work_open(&work, config, NULL, err);
	work.plan = &plan;
	for (int i = 0; !status && i < count; i++) {
		char digest[DIGEST_HEX_SIZE];
		char *folder = strchr(releases[i], '=');
		if (folder)
			*folder++ = '\0';
		int package = lock_find(&plan.lock, releases[i]);
		int64_t started = system_clock.monotonic(system_clock.context);
		cleanup_json json_t *proposals = folder ? record_read_proposals(folder, err) : NULL;
		if (folder && !proposals)
			status = -1;
		else
			status = package < 0 ? error_set(err, ERROR_USAGE, "%s is not in the lock", releases[i])
					     : record_run_with(&work, package, proposals, digest, err);
		if (!status)
			status = show(&work, package, system_clock.monotonic(system_clock.context) - started, err);
	}
	work_close(&work);
	plan_clear(&plan);
	return status;
}

int main(int argc, char **argv)
{
	struct config config;
	struct error err = ERROR_INIT;
	if (argc < 4)
		return 2;
	int status = config_load(NULL, &config, &err);
	if (!status) {
		status = config_set(&config, "workspace", argv[1], "argument", &err) ||
			 record(&config, argv[2], argv + 3, argc - 3, &err);
		config_clear(&config);
	}
	if (status)
		fprintf(stderr, "%s: %s\n", error_code_name(err.code), err.text);
	return status ? error_exit_status(err.code) : 0;
}
