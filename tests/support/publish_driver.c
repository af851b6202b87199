// All stages of a plan one after the other, without Redis and agents: for tests and for measuring.
//
//     publish_driver WORKSPACE LOCK.json [--only GROUP] [--again]
//
// Settings come from GOPHERSNAKE_* and gophersnake.yaml as always. Prints a line a stage with its milliseconds; with --again
// it only says which groups are up to date.
#include <stdio.h>

#include "agents/work.h"
#include "core/clock.h"
#include "core/file.h"

static int64_t now(void)
{
	return system_clock.monotonic(system_clock.context);
}

static int stages(struct work *work, int group, struct error *err)
{
	const struct plan_group *of = &work->plan->groups.items[group];
	char digest[DIGEST_HEX_SIZE];
	int64_t started = now();
	for (int i = 0; i < of->member_count; i++)
		if (scan_run(work, of->members[i], digest, err))
			return -1;
	int64_t scanned = now();
	if (emit_run(work, group, digest, err))
		return -1;
	int64_t emitted = now();
	cleanup_text struct text outcome = TEXT_INIT;
	if (publish_run(work, group, digest, &outcome, err))
		return -1;
	printf("%-32s scan %6lld ms  emit %6lld ms  publish %6lld ms  %s\n", of->name, (long long)(scanned - started),
	       (long long)(emitted - scanned), (long long)(now() - emitted), text_str(&outcome));
	return 0;
}

static int survey(struct work *work, struct error *err)
{
	int64_t started = now();
	cleanup_free bool *complete = xcalloc(work->plan->groups.count, sizeof *complete);
	if (publish_survey(work, complete, NULL, err))
		return -1;
	size_t count = 0;
	for (size_t i = 0; i < work->plan->groups.count; i++)
		count += complete[i];
	printf("%zu of %zu groups are up to date (%lld ms)\n", count, work->plan->groups.count,
	       (long long)(now() - started));
	return 0;
}

static int run(struct config *config, const char *lock_path, const char *only, bool again, struct error *err)
{
	struct lock lock;
	struct plan plan;
	lock_init(&lock);
	cleanup_json json_t *json = json_read_file(lock_path, 64 << 20, err);
	if (!json || lock_from_json(json, lock_path, &lock, err) || plan_make(&lock, config, &plan, err))
		return -1;
	struct work work = {.config = config, .plan = &plan, .log = stderr};
	int status = again ? survey(&work, err) : work_open(&work, config, NULL, err);
	work.plan = &plan;
	for (size_t i = 0; !again && !status && i < plan.groups.count; i++)
		if (!only || !strcmp(only, plan.groups.items[i].name))
			status = stages(&work, (int)i, err);
	if (!again)
		work_close(&work);
	plan_clear(&plan);
	return status;
}

int main(int argc, char **argv)
{
	struct config config;
	struct error err = ERROR_INIT;
	const char *only = argc > 4 && !strcmp(argv[3], "--only") ? argv[4] : NULL;
	if (argc < 3)
		return 2;
	int status = config_load(NULL, &config, &err);
	if (!status) {
		status = config_set(&config, "workspace", argv[1], "argument", &err) ||
			 run(&config, argv[2], only, argc > 3 && !strcmp(argv[3], "--again"), &err);
		config_clear(&config);
	}
	if (status)
		fprintf(stderr, "%s: %s\n", error_code_name(err.code), err.text);
	return status ? error_exit_status(err.code) : 0;
}
