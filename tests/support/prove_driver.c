// Records a release of a lock and translates one of its units without Redis and agents: for tests and for measuring.
//
//     prove_driver WORKSPACE LOCK.json RELEASE UNIT
//
// Settings (the chain of translators above all) come from GOPHERSNAKE_* and gophersnake.yaml as always. Prints a line a function
// that somebody proposed something for; the job's log goes to standard error.
#include <stdio.h>

#include "agents/record.h"
#include "core/clock.h"

static void show(json_t *result)
{
	size_t index;
	json_t *row;
	json_array_foreach (json_object_get(result, "functions"), index, row) {
		json_t *evidence = json_object_get(row, "evidence"), *calls = json_object_get(row, "calls");
		cleanup_text struct text text = TEXT_INIT;
		if (evidence)
			json_write_compact(evidence, &text);
		if (calls)
			json_write_compact(calls, &text);
		if (evidence || json_object_get(row, "reason"))
			printf("%s %s %s %s\n", json_string_or(row, "name", ""), json_string_or(row, "state", ""),
			       text_str(&text), json_string_or(row, "reason", ""));
	}
}

static int run(struct work *work, const char *release, const char *unit, struct error *err)
{
	const struct plan *plan = work->plan;
	char digest[DIGEST_HEX_SIZE];
	int package = lock_find(&plan->lock, release);
	if (package < 0)
		return error_set(err, ERROR_USAGE, "%s is not in the lock", release);
	int number = plan_group_of(plan, package);
	const struct plan_group *group = &plan->groups.items[number];
	for (int i = 0; i <= group->below_count; i++) {
		int at = i < group->below_count ? group->below[i] : number;
		const struct plan_group *of = &plan->groups.items[at];
		for (int j = 0; j < of->member_count; j++)
			if (scan_run(work, of->members[j], digest, err))
				return -1;
		if (emit_run(work, at, digest, err))
			return -1;
	}
	int64_t started = system_clock.monotonic(system_clock.context);
	if (record_run(work, package, digest, err))
		return -1;
	int64_t recorded = system_clock.monotonic(system_clock.context);
	cleanup_text struct text outcome = TEXT_INIT;
	if (translate_run(work, number, unit, digest, &outcome, err))
		return -1;
	int64_t translated = system_clock.monotonic(system_clock.context);
	json_t *result = NULL;
	if (translate_result(work, number, unit, &result, err) < 0)
		return -1;
	show(result);
	json_decref(result);
	printf("# %s %s: %s, recorded in %lld ms, translated and proved in %lld ms\n", release, unit,
	       text_str(&outcome), (long long)(recorded - started), (long long)(translated - recorded));
	return 0;
}

static int prove(struct config *config, char **argv, struct error *err)
{
	struct lock lock;
	struct plan plan;
	lock_init(&lock);
	cleanup_json json_t *json = json_read_file(argv[2], 64 << 20, err);
	if (!json || lock_from_json(json, argv[2], &lock, err) || plan_make(&lock, config, &plan, err))
		return -1;
	struct work work;
	int status = work_open(&work, config, NULL, err);
	work.plan = &plan;
	if (!status)
		status = run(&work, argv[3], argv[4], err);
	work_close(&work);
	plan_clear(&plan);
	return status;
}

int main(int argc, char **argv)
{
	struct config config;
	struct error err = ERROR_INIT;
	if (argc != 5)
		return 2;
	int status = config_load(NULL, &config, &err);
	if (!status) {
		status = config_set(&config, "workspace", argv[1], "argument", &err) || prove(&config, argv, &err);
		config_clear(&config);
	}
	if (status)
		fprintf(stderr, "%s: %s\n", error_code_name(err.code), err.text);
	return status ? error_exit_status(err.code) : 0;
}
