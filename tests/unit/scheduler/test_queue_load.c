// How jobs come into a run: load, seal, extend, names, ranks, circles, waves.
#include "queue_fixture.h"

static void test_load_again(void **state)
{
	struct queue *queue = *state;
	struct error err = ERROR_INIT;
	assert_ok(queue_load(queue, "r", "digest", "bridge", pair, 3, &err)); // needs name what is not there yet
	assert_check(queue, "r");
	assert_int_equal(read_status(queue, "r").total, 3);
	assert_fails(queue_seal(queue, "r", &err), ERROR_INPUT, "which was never loaded (and 1 more)");
	assert_ok(queue_load(queue, "r", "digest", "bridge", pair, 6, &err));
	assert_ok(queue_load(queue, "r", "digest", "bridge", pair, 6, &err));
	assert_fails(queue_load(queue, "r", "other", "bridge", pair, 6, &err), ERROR_REDIS,
		     "for another plan (digest digest");
	assert_fails(queue_load(queue, "r", "digest", "block", pair, 6, &err), ERROR_REDIS, "another plan");
	assert_fails(queue_load(queue, "r", "digest", "perhaps", pair, 6, &err), ERROR_INPUT, "unknown failure policy");
	assert_ok(queue_seal(queue, "r", &err));
	assert_check(queue, "r");
	finish_one(queue, "r", "scan:a", claim_one(queue, "r", "scan:a"));
	assert_ok(queue_load(queue, "r", "digest", "bridge", pair, 6, &err)); // changes nothing
	assert_check(queue, "r");
	assert_int_equal(read_status(queue, "r").done, 1);
	assert_int_equal(read_status(queue, "r").waiting, 3);
	const struct queue_job more = {"scan:c", "scan", 1, NULL, 0};
	assert_fails(queue_load(queue, "r", "digest", "bridge", &more, 1, &err), ERROR_REDIS,
		     "sealed, and job scan:c is new");
	assert_fails(queue_seal(queue, "nowhere", &err), ERROR_REDIS, "no such run");
}

static void test_bad_jobs(void **state)
{
	struct queue *queue = *state;
	struct error err = ERROR_INIT;
	const struct queue_job circle[] = {{"emit:a", "emit", 1, NEEDS("emit:b")},
					   {"emit:b", "emit", 1, NEEDS("emit:c", "scan:x")},
					   {"emit:c", "emit", 1, NEEDS("emit:a")},
					   {"scan:x", "scan", 1, NULL, 0},
					   {"publish:d", "publish", 1, NEEDS("emit:c")}};
	assert_ok(queue_load(queue, "circle", "digest", "bridge", circle, 5, &err));
	assert_fails(queue_seal(queue, "circle", &err), ERROR_INPUT, "in a circle: emit:");
	assert_non_null(strstr(err.text, "emit:a → emit:b"));
	assert_null(strstr(err.text, "publish:d"));
	assert_false(read_status(queue, "circle").sealed);
	const struct queue_job itself = {"emit:a", "emit", 1, NEEDS("emit:a")};
	assert_ok(queue_load(queue, "self", "digest", "bridge", &itself, 1, &err));
	assert_fails(queue_seal(queue, "self", &err), ERROR_INPUT, "in a circle: emit:a → emit:a");
	const struct queue_job twice[] = {
		{"scan:a", "scan", 1, NULL, 0}, {"scan:b", "scan", 1, NULL, 0}, {"scan:a", "scan", 2, NULL, 0}};
	assert_fails(queue_load(queue, "t", "digest", "bridge", twice, 3, &err), ERROR_INPUT,
		     "job scan:a is given twice");
	const struct queue_job kind = {"scan:a", "bake", 1, NULL, 0};
	assert_fails(queue_load(queue, "t", "digest", "bridge", &kind, 1, &err), ERROR_INPUT, "unknown kind \"bake\"");
	const struct queue_job rank = {"scan:a", "scan", 0.0 / 0.0, NULL, 0};
	assert_fails(queue_load(queue, "t", "digest", "bridge", &rank, 1, &err), ERROR_INPUT, "no finite number");
	const struct queue_job line = {"scan:a\nb", "scan", 1, NULL, 0};
	assert_fails(queue_load(queue, "t", "digest", "bridge", &line, 1, &err), ERROR_INPUT, "control character");
	assert_fails(queue_load(queue, "", "digest", "bridge", pair, 6, &err), ERROR_INPUT, "name of a run");
	assert_false(read_status(queue, "t").exists);
	const struct queue_job doubled = {"emit:a", "emit", 1, NEEDS("scan:a", "scan:a", "scan:a")},
			       scan = {"scan:a", "scan", 1, NULL, 0};
	assert_ok(queue_load(queue, "t", "digest", "bridge", &doubled, 1, &err));
	load(queue, "t", "bridge", &scan, 1);
	finish_one(queue, "t", "scan:a", claim_one(queue, "t", "scan:a"));
	finish_one(queue, "t", "emit:a", claim_one(queue, "t", "emit:a"));
}

static void test_many_needs(void **state)
{
	enum { SCANS = 2500 };
	struct queue *queue = *state;
	struct error err = ERROR_INIT;
	struct queue_job jobs[SCANS + 1];
	const char *ids[SCANS];
	for (int i = 0; i < SCANS; i++) {
		ids[i] = xasprintf("scan:%05d", i);
		jobs[i + 1] = (struct queue_job){ids[i], "scan", i % 7, NULL, 0};
	}
	jobs[0] = (struct queue_job){"emit:all", "emit", 0, ids, SCANS};
	assert_ok(queue_load(queue, "r", "digest", "bridge", jobs, 1, &err)); // in parts
	assert_check(queue, "r");
	assert_ok(queue_load(queue, "r", "digest", "bridge", jobs, SCANS, &err));
	assert_ok(queue_load(queue, "r", "digest", "bridge", jobs, 1, &err));
	assert_fails(queue_seal(queue, "r", &err), ERROR_INPUT, "job emit:all needs scan:02499");
	load(queue, "r", "bridge", jobs, SCANS + 1);
	struct queue_job_state job;
	assert_ok(queue_job(queue, "r", "emit:all", &job, &err));
	assert_int_equal(job.remaining, SCANS);
	queue_job_state_clear(&job);
	for (int i = 0; i < SCANS; i++) {
		uint64_t fence;
		char *id = claim_any(queue, "r", LONG, &fence);
		assert_non_null(id);
		finish_one(queue, "r", id, fence);
		free(id);
	}
	finish_one(queue, "r", "emit:all", claim_one(queue, "r", "emit:all"));
	assert_true(read_status(queue, "r").finished);
	assert_check(queue, "r");
	for (int i = 0; i < SCANS; i++)
		free((char *)(uintptr_t)ids[i]);
}

static void test_names(void **state)
{
	struct queue *queue = *state;
	struct error err = ERROR_INIT;
	const struct queue_job odd[] = {{"scan:a@1!2.0+local.1: {x} \"y\" 'z' \\ $* é%00", "scan", 1, NULL, 0},
					{"scan:}:meta", "scan", 0.5, NULL, 0}};
	static const char *const runs[] = {"a", "a}:j:scan:", "{a}", "%7Ba%7D", "django-5.2!+.@:x y é", "*"};
	for (size_t i = 0; i < ARRAY_LENGTH(runs); i++)
		load(queue, runs[i], "bridge", odd, 2);
	for (size_t i = 0; i < ARRAY_LENGTH(runs); i++) {
		finish_one(queue, runs[i], odd[0].id, claim_one(queue, runs[i], odd[0].id));
		finish_one(queue, runs[i], odd[1].id, claim_one(queue, runs[i], odd[1].id));
		assert_check(queue, runs[i]);
		assert_true(read_status(queue, runs[i]).finished);
	}
	char **listed;
	size_t count;
	assert_ok(queue_runs(queue, &listed, &count, &err));
	assert_int_equal(count, ARRAY_LENGTH(runs));
	for (size_t i = 1; i < count; i++)
		assert_true(strcmp(listed[i - 1], listed[i]) < 0);
	for (size_t i = 0; i < count; i++)
		free(listed[i]);
	free(listed);
}

static void test_ranks(void **state)
{
	struct queue *queue = *state;
	static const double ranks[] = {
		1e15, 123456789012345678.0,  0.1, 1e-7, -0.0, -3, 1e300, 4503599627370497.5, 0.30000000000000004,
		2,    1.7976931348623157e308};
	static const char *const order[] = {"scan:10", "scan:6", "scan:1", "scan:7", "scan:0", "scan:9",
					    "scan:8",  "scan:2", "scan:3", "scan:4", "scan:5"};
	struct queue_job jobs[ARRAY_LENGTH(ranks)];
	char ids[ARRAY_LENGTH(ranks)][16];
	for (size_t i = 0; i < ARRAY_LENGTH(ranks); i++) {
		snprintf(ids[i], sizeof ids[i], "scan:%zu", i);
		jobs[i] = (struct queue_job){ids[i], "scan", ranks[i], NULL, 0};
	}
	load(queue, "r", "bridge", jobs, ARRAY_LENGTH(jobs));
	for (size_t i = 0; i < ARRAY_LENGTH(order); i++) {
		struct error err = ERROR_INIT;
		struct queue_job_state job;
		finish_one(queue, "r", order[i], claim_one(queue, "r", order[i]));
		assert_ok(queue_job(queue, "r", order[i], &job, &err));
		assert_true(job.rank == ranks[atoi(order[i] + 5)]);
		queue_job_state_clear(&job);
	}
}

static void test_extend(void **state)
{
	struct queue *queue = *state;
	struct error err = ERROR_INIT;
	const struct queue_job base[] = {{"emit:a", "emit", 9, NULL, 0},
					 {"publish:a", "publish", 6, NEEDS("emit:a")},
					 {"publish:z", "publish", 6, NEEDS("publish:a")},
					 {"scan:done", "scan", 10, NULL, 0},
					 {"scan:bad", "scan", 9.5, NULL, 0}};
	// The second comes before the first that it needs.
	const struct queue_job new[] = {
		{"translate:a:u2", "translate", 6, NEEDS("translate:a:u1", "scan:done", "emit:a")},
		{"translate:a:u1", "translate", 6, NEEDS("scan:done")}};
	const char *const before[] = {"publish:a"};
	load(queue, "r", "bridge", base, 5);
	finish_one(queue, "r", "scan:done", claim_one(queue, "r", "scan:done"));
	fail_one(queue, "r", "scan:bad", "bad");
	uint64_t fence = claim_one(queue, "r", "emit:a");
	assert_fails(queue_extend(queue, "r", "emit:a", fence + 1, new, 2, before, 1, &err), ERROR_REDIS,
		     "lease of emit:a is lost");
	assert_fails(queue_extend(queue, "r", "publish:a", fence, new, 2, before, 1, &err), ERROR_REDIS,
		     "lease of publish:a is lost");
	assert_fails(queue_extend(queue, "r", "emit:q", fence, new, 2, before, 1, &err), ERROR_REDIS, "no job emit:q");
	const struct queue_job unknown = {"translate:a:u1", "translate", 6, NEEDS("scan:never")};
	assert_fails(queue_extend(queue, "r", "emit:a", fence, &unknown, 1, before, 1, &err), ERROR_INPUT,
		     "job translate:a:u1 needs scan:never, which the run does not have");
	const struct queue_job circle[] = {{"translate:1", "translate", 6, NEEDS("translate:2")},
					   {"translate:2", "translate", 6, NEEDS("translate:1")}};
	assert_fails(queue_extend(queue, "r", "emit:a", fence, circle, 2, before, 1, &err), ERROR_INPUT,
		     "circle: translate:");
	const struct queue_job over = {"translate:1", "translate", 6, NEEDS("publish:z")};
	assert_fails(queue_extend(queue, "r", "emit:a", fence, &over, 1, before, 1, &err), ERROR_INPUT,
		     "publish:a would wait for itself");
	const struct queue_job direct = {"translate:1", "translate", 6, NEEDS("publish:a")};
	assert_fails(queue_extend(queue, "r", "emit:a", fence, &direct, 1, before, 1, &err), ERROR_INPUT,
		     "publish:a would wait for itself");
	assert_fails(queue_extend(queue, "r", "emit:a", fence, new, 2, (const char *const[]){"scan:done"}, 1, &err),
		     ERROR_REDIS, "scan:done cannot wait for further jobs: it is done");
	assert_fails(queue_extend(queue, "r", "emit:a", fence, new, 2, (const char *const[]){"scan:bad"}, 1, &err),
		     ERROR_REDIS, "it has failed");
	assert_fails(queue_extend(queue, "r", "emit:a", fence, new, 2, (const char *const[]){"emit:a"}, 1, &err),
		     ERROR_INPUT, "emit:a would wait for itself");
	assert_fails(queue_extend(queue, "r", "emit:a", fence, &new[1], 1, (const char *const[]){"emit:a"}, 1, &err),
		     ERROR_REDIS, "it is being done");
	assert_fails(queue_extend(queue, "r", "emit:a", fence, new, 2, (const char *const[]){"emit:none"}, 1, &err),
		     ERROR_REDIS, "it does not exist");
	assert_check(queue, "r");
	assert_int_equal(read_status(queue, "r").total, 5); // nothing of that left a trace

	assert_ok(queue_extend(queue, "r", "emit:a", fence, new, 2, before, 1, &err));
	assert_check(queue, "r");
	assert_ok(queue_extend(queue, "r", "emit:a", fence, new, 2, before, 1, &err));
	assert_check(queue, "r");
	assert_int_equal(read_status(queue, "r").total, 7);
	finish_one(queue, "r", "translate:a:u1", claim_one(queue, "r", "translate:a:u1"));
	assert_nothing(queue, "r"); // u2 needs emit:a
	finish_one(queue, "r", "emit:a", fence);
	assert_ok(queue_extend(queue, "r", "emit:a", fence, new, 2, before, 1, &err)); // a repeat that comes late
	const struct queue_job late = {"translate:a:u3", "translate", 6, NULL, 0};
	assert_fails(queue_extend(queue, "r", "emit:a", fence, &late, 1, before, 1, &err), ERROR_REDIS,
		     "emit:a is done, and job translate:a:u3 is new");
	finish_one(queue, "r", "translate:a:u2", claim_one(queue, "r", "translate:a:u2"));
	uint64_t publish = claim_one(queue, "r", "publish:a");
	assert_check(queue, "r");
	finish_one(queue, "r", "publish:a", publish);
	finish_one(queue, "r", "publish:z", claim_one(queue, "r", "publish:z"));
	assert_check(queue, "r");
}

static void test_extend_failed_need(void **state)
{
	struct queue *queue = *state;
	struct error err = ERROR_INIT;
	const struct queue_job base[] = {{"scan:bad", "scan", 10, NULL, 0},
					 {"emit:a", "emit", 9, NULL, 0},
					 {"publish:free", "publish", 8, NULL, 0}};
	const struct queue_job new = {"translate:a:u1", "translate", 6, NEEDS("scan:bad")};
	load(queue, "r", "bridge", base, 3);
	fail_one(queue, "r", "scan:bad", "bad");
	uint64_t fence = claim_one(queue, "r", "emit:a");
	// publish:free is ready, and has to wait again.
	assert_ok(queue_extend(queue, "r", "emit:a", fence, &new, 1, (const char *const[]){"publish:free"}, 1, &err));
	assert_check(queue, "r");
	assert_state(queue, "r", "translate:a:u1", "blocked");
	assert_state(queue, "r", "publish:free", "blocked");
	assert_nothing(queue, "r");
	finish_one(queue, "r", "emit:a", fence);
	assert_true(read_status(queue, "r").finished);
	assert_ok(queue_retry(queue, "r", "scan:bad", &err));
	assert_check(queue, "r");
	static const char *const order[] = {"scan:bad", "translate:a:u1", "publish:free"};
	for (size_t i = 0; i < 3; i++)
		finish_one(queue, "r", order[i], claim_one(queue, "r", order[i]));
	assert_check(queue, "r");
	assert_true(read_status(queue, "r").finished);
}

// A translation that was passed over, and extends at its second try: nobody may wait for its end, which is told to nobody.
static void test_extend_passed(void **state)
{
	struct queue *queue = *state;
	struct error err = ERROR_INIT;
	const struct queue_job base[] = {{"translate:a", "translate", 10, NULL, 0},
					 {"publish:a", "publish", 1, NEEDS("translate:a", "scan:a")},
					 {"scan:a", "scan", 2, NULL, 0}};
	const struct queue_job new = {"translate:b", "translate", 9, NULL, 0};
	load(queue, "r", "bridge", base, 3);
	fail_one(queue, "r", "translate:a", "no");
	assert_ok(queue_retry(queue, "r", "translate:a", &err));
	uint64_t fence = claim_one(queue, "r", "translate:a");
	assert_ok(queue_extend(queue, "r", "translate:a", fence, &new, 1, (const char *const[]){"publish:a"}, 1, &err));
	assert_check(queue, "r");
	finish_one(queue, "r", "translate:a", fence);
	static const char *const order[] = {"translate:b", "scan:a", "publish:a"};
	for (size_t i = 0; i < 3; i++)
		finish_one(queue, "r", order[i], claim_one(queue, "r", order[i]));
	assert_check(queue, "r");
	assert_true(read_status(queue, "r").finished);
}

static void test_extend_large(void **state)
{
	enum { UNITS = 1100 };
	struct queue *queue = *state;
	struct error err = ERROR_INIT;
	const struct queue_job base[] = {{"emit:a", "emit", 9, NULL, 0}, {"publish:a", "publish", 6, NULL, 0}};
	struct queue_job new[UNITS];
	char *ids[UNITS];
	load(queue, "r", "bridge", base, 2);
	uint64_t fence = claim_one(queue, "r", "emit:a");
	for (int i = 0; i < UNITS; i++)
		ids[i] = xasprintf("translate:a:u%d", i);
	for (int i = 0; i < UNITS; i++) // the last ones first
		new[UNITS - 1 - i] = (struct queue_job){ids[i], "translate", 7,
							(const char *const *)(uintptr_t)&ids[i ? i - 1 : 0], i ? 1 : 0};
	assert_ok(queue_extend(queue, "r", "emit:a", fence, new, UNITS, (const char *const[]){"publish:a"}, 1, &err));
	assert_check(queue, "r");
	assert_int_equal(read_status(queue, "r").total, UNITS + 2);
	finish_one(queue, "r", "emit:a", fence);
	for (int i = 0; i < UNITS; i++)
		finish_one(queue, "r", ids[i], claim_one(queue, "r", ids[i]));
	finish_one(queue, "r", "publish:a", claim_one(queue, "r", "publish:a"));
	assert_check(queue, "r");
	for (int i = 0; i < UNITS; i++)
		free(ids[i]);
}

// Someone who goes around queue_extend's look for circles: the run must say that it cannot go on.
static void test_stuck(void **state)
{
	struct queue *queue = *state;
	struct error err = ERROR_INIT;
	const struct queue_job base[] = {{"emit:a", "emit", 9, NULL, 0},
					 {"publish:a", "publish", 6, NEEDS("emit:a")},
					 {"publish:z", "publish", 6, NEEDS("publish:a")}};
	load(queue, "r", "bridge", base, 3);
	uint64_t fence = claim_one(queue, "r", "emit:a");
	cleanup_free char *reply = fixture_command(
		&server,
		"FCALL gophersnake_extend 1 {r:r}:meta emit:a %llu 1 publish:a translate:1 t 6 0 1 1 publish:z",
		(unsigned long long)fence);
	finish_one(queue, "r", "emit:a", fence);
	struct queue_claim claim;
	assert_fails(queue_claim(queue, "r", "a1", LONG, 0, &claim, &err), ERROR_REDIS,
		     "stuck: jobs wait for each other: ");
	assert_non_null(strstr(err.text, "publish:a → translate:1 → publish:z → publish:a"));
	assert_fails(queue_check(queue, "r", &err), ERROR_REDIS, "circle");
}

static void test_fan_out(void **state)
{
	enum { MANY = 5000 };
	struct queue *queue = *state;
	struct error err = ERROR_INIT;
	struct queue_job *jobs = xcalloc(MANY + 1, sizeof *jobs);
	const char *const need[] = {"scan:root"};
	jobs[0] = (struct queue_job){"scan:root", "scan", 9, NULL, 0};
	for (int i = 0; i < MANY; i++)
		jobs[i + 1] = (struct queue_job){xasprintf("emit:%d", i), "emit", i, need, 1};
	load(queue, "r", "bridge", jobs, MANY + 1);
	fail_one(queue, "r", "scan:root", "no");
	assert_check(queue, "r"); // while the wave is on its way
	struct queue_status status = read_status(queue, "r");
	assert_true(status.blocked > 0 && status.blocked <= 1000 && !status.finished);
	assert_ok(queue_retry(queue, "r", "scan:root", &err)); // the new wave comes behind the old one
	uint64_t fence = claim_one(queue, "r", "scan:root");
	assert_check(queue, "r");
	finish_one(queue, "r", "scan:root", fence);
	assert_check(queue, "r");
	int moved;
	for (int i = 0; i < 60 && read_status(queue, "r").ready < MANY; i++) {
		assert_ok(queue_reap(queue, "r", &moved, &err));
		assert_check(queue, "r");
	}
	status = read_status(queue, "r");
	assert_int_equal(status.ready, MANY);
	assert_int_equal(status.blocked + status.waiting, 0);
	finish_one(queue, "r", "emit:4999", claim_one(queue, "r", "emit:4999"));
	assert_ok(queue_cancel(queue, "r", &err));
	assert_int_equal(read_status(queue, "r").cancelled, MANY - 1);
	assert_check(queue, "r");
	for (int i = 0; i < MANY; i++)
		free((char *)(uintptr_t)jobs[i + 1].id);
	free(jobs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_load_again, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_bad_jobs, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_many_needs, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_names, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_ranks, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_extend, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_extend_failed_need, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_extend_passed, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_extend_large, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_stuck, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_fan_out, open_queue, close_queue),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
