// Plans: groups, order, cycles, the JSON form; names of jobs, both ways.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "agents/job.h"
#include "core/asset.h"

struct row {
	const char *name, *needs[4];
	int64_t size;
};

// b and c need each other; d needs all; e stands alone.
static const struct row rows[] = {
	{"a", {NULL}, 1000000},  {"b", {"a", "c"}, 2000000}, {"c", {"b"}, -1},
	{"d", {"a", "b"}, 1000}, {"e", {NULL}, 1000},
};

static void make_plan(struct plan *plan, const char *host)
{
	struct lock lock;
	struct error err = ERROR_INIT;
	lock_init(&lock);
	const char *const *none = arena_array(&lock.arena, 1, sizeof *none);
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct lock_package package = {.name = rows[i].name,
					       .version = "1.0",
					       .extras = none,
					       .requires_python = "",
					       .metadata_source = "wheel",
					       .target = rows[i].name[0] == 'd'};
		vec_push(&package.files,
			 (struct lock_file){.name = arena_printf(&lock.arena, "%s-1.0-py3-none-any.whl", rows[i].name),
					    .url = "https://index.invalid/x",
					    .sha256 = "",
					    .size = rows[i].size,
					    .upload_time = "",
					    .wheel = true,
					    .tag = "py3-none-any"});
		vec_push(&lock.packages, package);
	}
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
		for (size_t j = 0; j < ARRAY_LENGTH(rows[i].needs) && rows[i].needs[j]; j++)
			vec_push(&lock.packages.items[i].requires,
				 (struct lock_require){.name = rows[i].needs[j],
						       .specifier = "",
						       .marker = "",
						       .extras = none,
						       .target = lock_find(&lock, rows[i].needs[j]),
						       .for_extra = ""});
	lock.python = "3.11";
	lock.platform = "manylinux_2_17_x86_64";
	cleanup_free char *copy = xstrdup(host);
	struct config config = {.host = copy};
	if (plan_make(&lock, &config, plan, &err))
		fail_msg("%s", err.text);
	lock_clear(&lock);
}

static const struct plan_group *group_of(const struct plan *plan, const char *name)
{
	int number = plan_find_group(plan, name);
	assert_true(number >= 0);
	return &plan->groups.items[number];
}

static void test_groups(void **state)
{
	(void)state;
	struct plan plan;
	make_plan(&plan, "go.internal");
	assert_int_equal(plan.groups.count, 4);
	assert_string_equal(plan.generator, generator_digest);
	const struct plan_group *cycle = group_of(&plan, "cycle-b@1.0"), *top = group_of(&plan, "d@1.0");
	assert_string_equal(cycle->module, "py-cycle-b");
	assert_int_equal(cycle->member_count, 2);
	assert_string_equal(plan.lock.packages.items[cycle->members[1]].name, "c");
	assert_int_equal(cycle->need_count, 1); // of itself it is not said
	assert_int_equal(top->need_count, 2);
	assert_int_equal(top->below_count, 2);
	assert_string_equal(top->module, "py-d");
	assert_int_equal(top->level, 2);
	assert_int_equal(plan_group_of(&plan, lock_find(&plan.lock, "c")), plan_find_group(&plan, "cycle-b@1.0"));
	assert_int_equal(plan_find_group(&plan, "b@1.0"), -1);
	// Leaf first, and what much waits for goes first.
	for (size_t i = 0; i < plan.groups.count; i++)
		for (int j = 0; j < plan.groups.items[i].need_count; j++)
			assert_true(plan.groups.items[i].needs[j] < (int)i);
	assert_true(group_of(&plan, "a@1.0")->rank > cycle->rank);
	assert_true(cycle->rank > top->rank);
	plan_clear(&plan);
}

static void test_json(void **state)
{
	(void)state;
	struct plan plan, again, other;
	struct error err = ERROR_INIT;
	make_plan(&plan, "go.internal");
	make_plan(&other, "example.org");
	assert_int_equal(strlen(plan.digest), 64);
	assert_string_not_equal(plan.digest, other.digest); // the host decides bytes
	cleanup_json json_t *json = plan_to_json(&plan);
	assert_int_equal(plan_from_json(json, "plan.json", &again, &err), 0);
	assert_string_equal(plan.digest, again.digest);
	cleanup_json json_t *second = plan_to_json(&again);
	assert_true(json_equal(json, second));
	cleanup_free char *run = plan_run_name(&plan), *wanted = xasprintf("d-%.8s", plan.digest);
	assert_string_equal(run, wanted);
	plan_clear(&again);
	json_object_del(json_object_get(json, "settings"), "host");
	assert_int_equal(plan_from_json(json, "plan.json", &again, &err), -1);
	assert_int_equal(err.code, ERROR_INPUT);
	assert_non_null(strstr(err.text, "plan.json"));
	json_object_set_new(json, "schema", json_string("gophersnake.plan/2"));
	assert_int_equal(plan_from_json(json, "plan.json", &again, &err), -1);
	plan_clear(&other);
	plan_clear(&plan);
}

static void check_job(const struct plan *plan, char *id, enum job_kind kind, const char *wanted, const char *unit)
{
	struct job job;
	struct error err = ERROR_INIT;
	assert_string_equal(id, wanted);
	assert_int_equal(job_parse(plan, id, &job, &err), 0);
	assert_int_equal(job.kind, kind);
	assert_true(job.group >= 0);
	assert_int_equal(job.package >= 0, kind == JOB_SCAN);
	if (unit)
		assert_string_equal(job.unit, unit);
	else
		assert_null(job.unit);
	job_clear(&job);
	free(id);
}

static void test_jobs(void **state)
{
	(void)state;
	struct plan plan;
	struct error err = ERROR_INIT;
	struct job job;
	make_plan(&plan, "go.internal");
	int cycle = plan_find_group(&plan, "cycle-b@1.0");
	check_job(&plan, job_scan_id(&plan, 2), JOB_SCAN, "scan:c@1.0", NULL);
	check_job(&plan, job_group_id(&plan, JOB_EMIT, cycle), JOB_EMIT, "emit:cycle-b@1.0", NULL);
	check_job(&plan, job_group_id(&plan, JOB_PUBLISH, 0), JOB_PUBLISH, "publish:a@1.0", NULL);
	check_job(&plan, job_unit_id(&plan, cycle, "b.x.y"), JOB_TRANSLATE, "translate:cycle-b@1.0:b.x.y", "b.x.y");
	static const char *const wrong[] = {
		"",           "scan",         "scan:",           "scan:z@1.0",  "scan:a@2.0", "build:a@1.0",
		"emit:b@1.0", "emit:a@1.0:u", "translate:a@1.0", "scan:a@1.0:u"};
	for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
		if (!job_parse(&plan, wrong[i], &job, &err))
			fail_msg("\"%s\" is a job", wrong[i]);
		assert_int_equal(err.code, ERROR_INPUT);
	}
	plan_clear(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_groups), cmocka_unit_test(test_json),
					   cmocka_unit_test(test_jobs)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
