// The queue's functions, one after the other, against a real Redis.
#include "redis_fixture.h"

#include <sys/resource.h>

#include "scheduler/queue.h"

enum { LONG = 3600000 };

static struct redis_fixture server;

static int start(void **state)
{
	static const char *const extra[] = {"--appendfsync", "everysec", NULL};
	(void)state;
	fixture_start(&server, extra);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	fixture_stop(&server);
	return 0;
}

static int open_queue(void **state)
{
	struct queue *queue;
	struct error err = ERROR_INIT;
	fixture_do(&server, "FLUSHALL");
	assert_ok(queue_open(server.url, &queue, &err));
	*state = queue;
	return 0;
}

static int close_queue(void **state)
{
	queue_free(*state);
	return 0;
}

#define NEEDS(...)                                   \
	.needs = (const char *const[]){__VA_ARGS__}, \
	.need_count = sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)

static char *claim_any(struct queue *queue, const char *run, int64_t lease, uint64_t *fence)
{
	struct error err = ERROR_INIT;
	struct queue_claim claim;
	assert_ok(queue_claim(queue, run, "a1", lease, 0, &claim, &err));
	*fence = claim.fence;
	return claim.job;
}

static uint64_t claim_one(struct queue *queue, const char *run, const char *wanted)
{
	uint64_t fence;
	char *job = claim_any(queue, run, LONG, &fence);
	if (!job)
		fail_msg("nothing to claim, expected %s", wanted);
	assert_string_equal(job, wanted);
	free(job);
	return fence;
}

static void assert_nothing(struct queue *queue, const char *run)
{
	uint64_t fence;
	char *job = claim_any(queue, run, LONG, &fence);
	if (job)
		fail_msg("claimed %s, expected nothing", job);
}

static void finish_one(struct queue *queue, const char *run, const char *job, uint64_t fence)
{
	struct error err = ERROR_INIT;
	enum queue_answer answer;
	assert_ok(queue_finish(queue, run, job, fence, "", "", &answer, &err));
	assert_int_equal(answer, QUEUE_ACCEPTED);
}

static void fail_one(struct queue *queue, const char *run, const char *job, const char *reason)
{
	struct error err = ERROR_INIT;
	enum queue_answer answer;
	uint64_t fence = claim_one(queue, run, job);
	assert_ok(queue_fail(queue, run, job, fence, false, "package", reason, &answer, &err));
	assert_int_equal(answer, QUEUE_ACCEPTED);
}

static void assert_check(struct queue *queue, const char *run)
{
	struct error err = ERROR_INIT;
	assert_ok(queue_check(queue, run, &err));
}

static void assert_state(struct queue *queue, const char *run, const char *job, const char *wanted)
{
	struct error err = ERROR_INIT;
	struct queue_job_state state;
	assert_ok(queue_job(queue, run, job, &state, &err));
	if (!state.state || strcmp(state.state, wanted))
		fail_msg("%s is %s, expected %s", job, state.state ? state.state : "unknown", wanted);
	queue_job_state_clear(&state);
}

static struct queue_status read_status(struct queue *queue, const char *run)
{
	struct error err = ERROR_INIT;
	struct queue_status status;
	assert_ok(queue_status(queue, run, &status, &err));
	return status;
}

static void load(struct queue *queue, const char *run, const char *policy, const struct queue_job *jobs, size_t count)
{
	struct error err = ERROR_INIT;
	assert_ok(queue_load(queue, run, "digest", policy, jobs, count, &err));
	assert_ok(queue_seal(queue, run, &err));
	assert_check(queue, run);
}

// scan:a → emit:a → publish:a → publish:b, and scan:b → emit:b → publish:b
static const struct queue_job pair[] = {
	{"publish:b", "publish", 1, NEEDS("emit:b", "publish:a")},
	{"emit:b", "emit", 2, NEEDS("scan:b", "scan:a")},
	{"scan:b", "scan", 3, NULL, 0},
	{"scan:a", "scan", 5, NULL, 0},
	{"emit:a", "emit", 4, NEEDS("scan:a")},
	{"publish:a", "publish", 3.5, NEEDS("emit:a")},
};

static void test_whole_run(void **state)
{
	struct queue *queue = *state;
	struct error err = ERROR_INIT;
	struct queue_status status = read_status(queue, "r");
	assert_false(status.exists);
	assert_ok(queue_load(queue, "r", "digest", "bridge", pair, 6, &err));
	assert_nothing(queue, "r"); // not sealed
	assert_ok(queue_seal(queue, "r", &err));
	assert_ok(queue_seal(queue, "r", &err));
	status = read_status(queue, "r");
	assert_true(status.exists && status.sealed && !status.finished && !status.paused && !status.is_cancelled);
	assert_string_equal(status.plan_digest, "digest");
	assert_int_equal(status.total, 6);
	assert_int_equal(status.waiting, 4);
	assert_int_equal(status.ready, 2);

	// Highest rank first; what becomes ready in between goes before what is ready and ranks lower.
	static const char *const order[] = {"scan:a", "emit:a", "publish:a", "scan:b", "emit:b", "publish:b"};
	uint64_t last = 0;
	for (size_t i = 0; i < ARRAY_LENGTH(order); i++) {
		uint64_t fence = claim_one(queue, "r", order[i]);
		assert_true(fence > last);
		last = fence;
		assert_check(queue, "r");
		assert_state(queue, "r", order[i], "leased");
		enum queue_answer answer;
		cleanup_free char *digest = xasprintf("%064zu", i);
		assert_ok(queue_finish(queue, "r", order[i], fence, digest, "{\"units\":3}", &answer, &err));
		assert_int_equal(answer, QUEUE_ACCEPTED);
		assert_check(queue, "r");
	}
	struct queue_claim claim;
	assert_ok(queue_claim(queue, "r", "a1", LONG, 0, &claim, &err));
	assert_true(claim.finished && !claim.job && !claim.cancelled);
	status = read_status(queue, "r");
	assert_true(status.finished);
	assert_int_equal(status.done, 6);
	assert_int_equal(status.events, 1 + 12);

	struct queue_job_state job;
	assert_ok(queue_job(queue, "r", "publish:a", &job, &err));
	assert_string_equal(job.id, "publish:a");
	assert_string_equal(job.kind, "publish");
	assert_string_equal(job.state, "done");
	assert_string_equal(job.holder, "a1");
	assert_string_equal(job.outcome, "{\"units\":3}");
	assert_string_equal(job.reason, "");
	assert_true(job.rank == 3.5);
	assert_true(job.started > 1700000000000 && job.ended >= job.started);
	assert_int_equal(job.remaining, 0);
	queue_job_state_clear(&job);
	assert_ok(queue_job(queue, "r", "publish:z", &job, &err));
	assert_null(job.state);

	const char *const wanted[] = {"scan:b", "nothing", "publish:b"};
	char *digests[3];
	assert_ok(queue_digests(queue, "r", wanted, 3, digests, &err));
	assert_string_equal(digests[0], "0000000000000000000000000000000000000000000000000000000000000003");
	assert_string_equal(digests[1], "");
	assert_string_equal(digests[2], "0000000000000000000000000000000000000000000000000000000000000005");
	for (int i = 0; i < 3; i++)
		free(digests[i]);
}

static void test_no_jobs(void **state)
{
	load(*state, "empty", "bridge", NULL, 0);
	assert_true(read_status(*state, "empty").finished);
}

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

static void test_fences(void **state)
{
	struct queue *queue = *state;
	struct error err = ERROR_INIT;
	enum queue_answer answer;
	bool lost;
	load(queue, "r", "bridge", pair, 6);
	uint64_t first = claim_one(queue, "r", "scan:a");
	assert_ok(queue_beat(queue, "r", "scan:a", first, LONG, &lost, &err));
	assert_false(lost);
	assert_ok(queue_beat(queue, "r", "scan:a", first, 0, &lost, &err)); // runs out now
	int moved;
	assert_ok(queue_reap(queue, "r", &moved, &err));
	assert_int_equal(moved, 1);
	// Ready again: the old holder has nothing any more.
	assert_ok(queue_finish(queue, "r", "scan:a", first, "", "", &answer, &err));
	assert_int_equal(answer, QUEUE_STALE);
	assert_ok(queue_beat(queue, "r", "scan:a", first, LONG, &lost, &err));
	assert_true(lost);
	struct queue_claim claim;
	assert_ok(queue_claim(queue, "r", "a2", LONG, 0, &claim, &err));
	assert_string_equal(claim.job, "scan:a");
	assert_int_equal(claim.attempts, 1);
	assert_true(claim.fence > first);
	uint64_t second = claim.fence;
	queue_claim_clear(&claim);
	assert_ok(queue_fail(queue, "r", "scan:a", first, false, "package", "late", &answer, &err));
	assert_int_equal(answer, QUEUE_STALE);
	assert_ok(queue_release(queue, "r", "scan:a", first, &err)); // nothing to give back
	assert_state(queue, "r", "scan:a", "leased");
	assert_ok(queue_finish(queue, "r", "scan:a", second + 1, "", "", &answer, &err));
	assert_int_equal(answer, QUEUE_STALE);
	assert_ok(queue_finish(queue, "r", "scan:a", second, "d1", "", &answer, &err));
	assert_int_equal(answer, QUEUE_ACCEPTED);
	assert_ok(queue_finish(queue, "r", "scan:a", second, "d1", "", &answer, &err));
	assert_int_equal(answer, QUEUE_REPEATED);
	assert_ok(queue_finish(queue, "r", "scan:a", second, "other", "", &answer, &err)); // the first result stays
	assert_int_equal(answer, QUEUE_REPEATED);
	assert_ok(queue_fail(queue, "r", "scan:a", second, false, "package", "no", &answer, &err));
	assert_int_equal(answer, QUEUE_STALE);
	assert_ok(queue_finish(queue, "r", "scan:a", first, "", "", &answer, &err));
	assert_int_equal(answer, QUEUE_STALE);
	char *digest;
	assert_ok(queue_digests(queue, "r", (const char *const[]){"scan:a"}, 1, &digest, &err));
	assert_string_equal(digest, "d1");
	free(digest);
	assert_fails(queue_finish(queue, "r", "scan:none", second, "", "", &answer, &err), ERROR_REDIS,
		     "no job scan:none");
	assert_check(queue, "r");
	// Released: untouched, the next claim has it, no try was counted.
	uint64_t third = claim_one(queue, "r", "emit:a");
	assert_ok(queue_release(queue, "r", "emit:a", third, &err));
	assert_ok(queue_release(queue, "r", "emit:a", third, &err));
	assert_ok(queue_finish(queue, "r", "emit:a", third, "", "", &answer, &err));
	assert_int_equal(answer, QUEUE_STALE);
	assert_check(queue, "r");
	assert_ok(queue_claim(queue, "r", "a2", LONG, 0, &claim, &err));
	assert_string_equal(claim.job, "emit:a");
	assert_int_equal(claim.attempts, 0);
	queue_claim_clear(&claim);
}

static void test_lease_time(void **state)
{
	struct queue *queue = *state;
	struct error err = ERROR_INIT;
	int moved;
	uint64_t fence;
	load(queue, "r", "bridge", pair, 6);
	char *job = claim_any(queue, "r", 60, &fence);
	assert_string_equal(job, "scan:a");
	free(job);
	assert_ok(queue_reap(queue, "r", &moved, &err));
	assert_int_equal(moved, 0);
	usleep(40000);
	bool lost;
	assert_ok(queue_beat(queue, "r", "scan:a", fence, 60, &lost, &err));
	usleep(40000); // 80 ms after the claim, 40 after the beat
	assert_ok(queue_reap(queue, "r", &moved, &err));
	assert_int_equal(moved, 0);
	usleep(40000);
	assert_ok(queue_reap(queue, "r", &moved, &err));
	assert_int_equal(moved, 1);
	assert_state(queue, "r", "scan:a", "ready");
}

static void test_tries(void **state)
{
	struct queue *queue = *state;
	struct error err = ERROR_INIT;
	enum queue_answer answer;
	int moved;
	load(queue, "r", "bridge", pair, 6);
	for (int i = 0; i < 4; i++) {
		uint64_t fence = claim_one(queue, "r", "scan:a");
		assert_ok(queue_fail(queue, "r", "scan:a", fence, true, "infrastructure", "index down", &answer, &err));
		assert_int_equal(answer, QUEUE_ACCEPTED);
		assert_ok(queue_fail(queue, "r", "scan:a", fence, true, "infrastructure", "index down", &answer, &err));
		assert_int_equal(answer, QUEUE_REPEATED);
		assert_ok(queue_finish(queue, "r", "scan:a", fence, "", "", &answer, &err));
		assert_int_equal(answer, QUEUE_STALE);
		assert_check(queue, "r");
		if (i == 3)
			break;
		assert_state(queue, "r", "scan:a", "delayed");
		// 1 s, 4 s, 16 s and up to a quarter more
		cleanup_free char *due = fixture_command(&server, "ZSCORE {r:r}:delay 0000000004");
		cleanup_free char *time = fixture_command(&server, "TIME");
		double left = strtod(due, NULL) - strtod(time, NULL) * 1000 - strtod(strchr(time, ' '), NULL) / 1000;
		assert_true(left > (1000 << 2 * i) - 200 && left < (1000 << 2 * i) * 1.26);
		cleanup_free char *now = fixture_command(&server, "ZADD {r:r}:delay 0 0000000004");
		assert_ok(queue_reap(queue, "r", &moved, &err));
		assert_int_equal(moved, 1);
	}
	struct queue_job_state job;
	assert_ok(queue_job(queue, "r", "scan:a", &job, &err));
	assert_string_equal(job.state, "failed");
	assert_string_equal(job.category, "infrastructure");
	assert_string_equal(job.reason, "index down");
	assert_int_equal(job.attempts, 4);
	assert_int_equal(job.crashes, 0);
	queue_job_state_clear(&job);
	assert_int_equal(read_status(queue, "r").failed, 1);
	assert_int_equal(read_status(queue, "r").blocked, 4);
}

static void test_crashes(void **state)
{
	struct queue *queue = *state;
	struct error err = ERROR_INIT;
	load(queue, "r", "bridge", pair, 6);
	for (int i = 0; i < 3; i++) {
		uint64_t fence;
		int moved;
		char *job = claim_any(queue, "r", 0, &fence);
		assert_string_equal(job, "scan:a");
		free(job);
		assert_ok(queue_reap(queue, "r", &moved, &err));
		assert_int_equal(moved, 1);
		assert_check(queue, "r");
	}
	struct queue_job_state job;
	assert_ok(queue_job(queue, "r", "scan:a", &job, &err));
	assert_string_equal(job.state, "dead");
	assert_string_equal(job.reason, "its agent a1 stopped answering (crash 3 of 3)");
	assert_int_equal(job.attempts, 0);
	assert_int_equal(job.crashes, 3);
	queue_job_state_clear(&job);
	assert_ok(queue_job(queue, "r", "publish:b", &job, &err));
	assert_string_equal(job.state, "blocked");
	assert_string_equal(job.reason,
			    "blocked by scan:a (dead), through emit:b: its agent a1 stopped answering (crash 3 of 3)");
	queue_job_state_clear(&job);
	finish_one(queue, "r", "scan:b", claim_one(queue, "r", "scan:b"));
	struct queue_claim claim;
	assert_ok(queue_claim(queue, "r", "a1", LONG, 0, &claim, &err));
	assert_true(claim.finished);
	// And again, with fresh tries.
	assert_ok(queue_retry(queue, "r", "scan:a", &err));
	assert_check(queue, "r");
	assert_int_equal(read_status(queue, "r").blocked, 0);
	assert_int_equal(read_status(queue, "r").waiting, 4);
	static const char *const order[] = {"scan:a", "emit:a", "publish:a", "emit:b", "publish:b"};
	for (size_t i = 0; i < ARRAY_LENGTH(order); i++)
		finish_one(queue, "r", order[i], claim_one(queue, "r", order[i]));
	assert_true(read_status(queue, "r").finished);
	assert_check(queue, "r");
}

// emit → two units → publish → another's publish
static const struct queue_job units[] = {
	{"emit:a", "emit", 9, NULL, 0},
	{"translate:a:u1", "translate", 8, NEEDS("emit:a")},
	{"translate:a:u2", "translate", 7, NEEDS("emit:a", "translate:a:u1")},
	{"publish:a", "publish", 6, NEEDS("emit:a", "translate:a:u1", "translate:a:u2")},
	{"publish:b", "publish", 5, NEEDS("publish:a")},
};

static void test_policy_bridge(void **state)
{
	struct queue *queue = *state;
	struct error err = ERROR_INIT;
	load(queue, "r", "bridge", units, 5);
	finish_one(queue, "r", "emit:a", claim_one(queue, "r", "emit:a"));
	fail_one(queue, "r", "translate:a:u1", "does not compile");
	assert_check(queue, "r");
	assert_int_equal(read_status(queue, "r").blocked, 0);
	uint64_t fence = claim_one(queue, "r", "translate:a:u2"); // goes on without u1
	// A retry of u1 holds nobody back.
	assert_ok(queue_retry(queue, "r", "translate:a:u1", &err));
	assert_check(queue, "r");
	finish_one(queue, "r", "translate:a:u2", fence);
	finish_one(queue, "r", "translate:a:u1", claim_one(queue, "r", "translate:a:u1"));
	assert_check(queue, "r");
	// A publish that fails stops what needs it, under this policy too.
	fail_one(queue, "r", "publish:a", "vet: …");
	assert_check(queue, "r");
	struct queue_job_state job;
	assert_ok(queue_job(queue, "r", "publish:b", &job, &err));
	assert_string_equal(job.state, "blocked");
	assert_string_equal(job.reason, "blocked by publish:a (failed): vet: …");
	queue_job_state_clear(&job);
	assert_true(read_status(queue, "r").finished);
	assert_ok(queue_retry(queue, "r", "publish:b", &err)); // what blocks it is retried
	assert_state(queue, "r", "publish:a", "ready");
	assert_state(queue, "r", "publish:b", "waiting");
	assert_check(queue, "r");
	assert_fails(queue_retry(queue, "r", "emit:a", &err), ERROR_REDIS, "emit:a is done");
	assert_fails(queue_retry(queue, "r", "emit:z", &err), ERROR_REDIS, "no job emit:z");
	assert_ok(queue_retry(queue, "r", "publish:b", &err)); // waits: nothing to do
}

static void test_policy_block(void **state)
{
	struct queue *queue = *state;
	struct error err = ERROR_INIT;
	load(queue, "r", "block", units, 5);
	finish_one(queue, "r", "emit:a", claim_one(queue, "r", "emit:a"));
	fail_one(queue, "r", "translate:a:u1", "does not compile");
	assert_check(queue, "r");
	assert_int_equal(read_status(queue, "r").blocked, 3);
	assert_ok(queue_retry(queue, "r", "publish:b", &err));
	assert_check(queue, "r");
	assert_int_equal(read_status(queue, "r").blocked, 0);
	fail_one(queue, "r", "translate:a:u1", "again");
	assert_int_equal(read_status(queue, "r").blocked, 3);
	assert_true(read_status(queue, "r").finished);
}

static void test_two_failures(void **state)
{
	struct queue *queue = *state;
	struct error err = ERROR_INIT;
	const struct queue_job jobs[] = {{"scan:a", "scan", 9, NULL, 0},
					 {"scan:b", "scan", 8, NULL, 0},
					 {"emit:x", "emit", 7, NEEDS("scan:a", "scan:b")},
					 {"publish:x", "publish", 6, NEEDS("emit:x", "scan:b")}};
	load(queue, "r", "bridge", jobs, 4);
	fail_one(queue, "r", "scan:a", "one");
	fail_one(queue, "r", "scan:b", "two");
	assert_check(queue, "r");
	assert_ok(queue_retry(queue, "r", "scan:a", &err));
	assert_check(queue, "r");
	struct queue_job_state job;
	assert_ok(queue_job(queue, "r", "emit:x", &job, &err)); // the reason that is left
	assert_string_equal(job.state, "blocked");
	assert_string_equal(job.reason, "blocked by scan:b (failed): two");
	queue_job_state_clear(&job);
	fail_one(queue, "r", "scan:a", "three");
	assert_ok(queue_retry(queue, "r", "publish:x", &err)); // both
	assert_check(queue, "r");
	assert_int_equal(read_status(queue, "r").blocked, 0);
	static const char *const order[] = {"scan:a", "scan:b", "emit:x", "publish:x"};
	for (size_t i = 0; i < 4; i++)
		finish_one(queue, "r", order[i], claim_one(queue, "r", order[i]));
	assert_check(queue, "r");
}

static void test_pause_cancel(void **state)
{
	struct queue *queue = *state;
	struct error err = ERROR_INIT;
	struct queue_claim claim;
	enum queue_answer answer;
	bool lost;
	load(queue, "r", "bridge", pair, 6);
	assert_ok(queue_pause(queue, "r", true, &err));
	assert_ok(queue_pause(queue, "r", true, &err));
	assert_ok(queue_claim(queue, "r", "a1", LONG, 0, &claim, &err));
	assert_true(claim.paused && !claim.job && !claim.finished);
	assert_true(read_status(queue, "r").paused);
	assert_ok(queue_pause(queue, "r", false, &err));
	finish_one(queue, "r", "scan:a", claim_one(queue, "r", "scan:a"));
	uint64_t fence = claim_one(queue, "r", "emit:a");
	fail_one(queue, "r", "scan:b", "broken");
	assert_check(queue, "r");
	assert_ok(queue_cancel(queue, "r", &err));
	assert_ok(queue_cancel(queue, "r", &err));
	assert_check(queue, "r");
	struct queue_status status = read_status(queue, "r");
	assert_true(status.is_cancelled && status.finished);
	assert_int_equal(status.done, 1);
	assert_int_equal(status.failed, 1);
	assert_int_equal(status.blocked, 2); // emit:b and publish:b; they keep their reason
	assert_int_equal(status.cancelled, 2);
	assert_ok(queue_beat(queue, "r", "emit:a", fence, LONG, &lost, &err));
	assert_true(lost);
	assert_ok(queue_finish(queue, "r", "emit:a", fence, "", "", &answer, &err));
	assert_int_equal(answer, QUEUE_STALE);
	assert_ok(queue_claim(queue, "r", "a1", LONG, 0, &claim, &err));
	assert_true(claim.cancelled && !claim.job);
	assert_fails(queue_retry(queue, "r", "scan:b", &err), ERROR_REDIS, "cancelled");
	assert_fails(queue_pause(queue, "nowhere", true, &err), ERROR_REDIS, "no such run");
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

static pid_t later(int64_t milliseconds, void (*does)(struct queue *))
{
	pid_t pid = fork();
	if (pid == 0) {
		struct queue *queue;
		struct error err = ERROR_INIT;
		usleep((useconds_t)milliseconds * 1000);
		if (!queue_open(server.url, &queue, &err))
			does(queue);
		_exit(0);
	}
	return pid;
}

static uint64_t held_fence;

static void finish_scan(struct queue *queue)
{
	enum queue_answer answer;
	struct error err = ERROR_INIT;
	queue_finish(queue, "r", "scan:a", held_fence, "", "", &answer, &err);
}

static void resume_run(struct queue *queue)
{
	struct error err = ERROR_INIT;
	queue_pause(queue, "r", false, &err);
}

static void cancel_run(struct queue *queue)
{
	struct error err = ERROR_INIT;
	queue_cancel(queue, "r", &err);
}

static void test_waiting(void **state)
{
	struct queue *queue = *state;
	struct error err = ERROR_INIT;
	struct queue_claim claim;
	const struct queue_job jobs[] = {{"scan:a", "scan", 9, NULL, 0}, {"emit:a", "emit", 8, NEEDS("scan:a")}};
	load(queue, "r", "bridge", jobs, 2);
	held_fence = claim_one(queue, "r", "scan:a");
	// Nothing comes: it blocks as long as it should, and costs nothing.
	struct rusage before, after;
	int64_t begin = fixture_now();
	getrusage(RUSAGE_SELF, &before);
	assert_ok(queue_claim(queue, "r", "a2", LONG, 1500, &claim, &err));
	getrusage(RUSAGE_SELF, &after);
	assert_null(claim.job);
	assert_true(fixture_now() - begin >= 1490 && fixture_now() - begin < 2500);
	assert_true((after.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1000000 + after.ru_utime.tv_usec -
			    before.ru_utime.tv_usec <
		    20000);
	// Work comes.
	pid_t child = later(300, finish_scan);
	begin = fixture_now();
	assert_ok(queue_claim(queue, "r", "a2", LONG, 10000, &claim, &err));
	assert_string_equal(claim.job, "emit:a");
	assert_true(fixture_now() - begin >= 290 && fixture_now() - begin < 900);
	waitpid(child, NULL, 0);
	// A lease runs out: the job of the one who died is there in that moment.
	uint64_t fence = claim.fence;
	bool lost;
	queue_claim_clear(&claim);
	assert_ok(queue_beat(queue, "r", "emit:a", fence, 300, &lost, &err));
	begin = fixture_now();
	assert_ok(queue_claim(queue, "r", "a2", LONG, 10000, &claim, &err));
	assert_string_equal(claim.job, "emit:a");
	assert_true(fixture_now() - begin >= 290 && fixture_now() - begin < 600);
	assert_ok(queue_release(queue, "r", "emit:a", claim.fence, &err));
	queue_claim_clear(&claim);
	// Paused, then resumed.
	assert_ok(queue_pause(queue, "r", true, &err));
	child = later(200, resume_run);
	begin = fixture_now();
	assert_ok(queue_claim(queue, "r", "a2", LONG, 10000, &claim, &err));
	assert_string_equal(claim.job, "emit:a");
	assert_true(fixture_now() - begin < 900);
	queue_claim_clear(&claim);
	waitpid(child, NULL, 0);
	child = later(200, cancel_run);
	begin = fixture_now();
	assert_ok(queue_claim(queue, "r", "a2", LONG, 10000, &claim, &err));
	assert_true(claim.cancelled);
	assert_true(fixture_now() - begin < 900);
	waitpid(child, NULL, 0);
}

static void test_listing(void **state)
{
	struct queue *queue = *state;
	struct error err = ERROR_INIT;
	struct queue_job jobs[1000];
	struct queue_job_state *listed;
	size_t count;
	for (int i = 0; i < 1000; i++)
		jobs[i] = (struct queue_job){xasprintf("scan:%03d", i), "scan", (i * 37) % 1000 / 2, NULL, 0};
	load(queue, "r", "bridge", jobs, 1000);
	uint64_t fence;
	for (int i = 0; i < 20; i++)
		free(claim_any(queue, "r", LONG, &fence));
	static const struct {
		const char *state;
		size_t limit, wanted;
		double first, last;
	} rows[] = {{NULL, 10, 10, 499, 495},     {NULL, 5000, 1000, 499, 0}, {"ready", 10, 10, 489, 485},
		    {"ready", 5000, 980, 489, 0}, {"leased", 5, 5, 499, 497}, {"leased", 5000, 20, 499, 490},
		    {"done", 5, 0, 0, 0},         {"waiting", 0, 0, 0, 0},    {"failed", 10, 0, 0, 0}};
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		assert_ok(queue_jobs(queue, "r", rows[i].state, rows[i].limit, &listed, &count, &err));
		assert_int_equal(count, rows[i].wanted);
		for (size_t j = 1; j < count; j++)
			assert_true(
				listed[j - 1].rank > listed[j].rank ||
				(listed[j - 1].rank == listed[j].rank && strcmp(listed[j - 1].id, listed[j].id) < 0));
		if (count) {
			assert_true(listed[0].rank == rows[i].first && listed[count - 1].rank == rows[i].last);
			if (rows[i].state)
				assert_string_equal(listed[0].state, rows[i].state);
		}
		queue_jobs_free(listed, count);
	}
	assert_fails(queue_jobs(queue, "r", "sleeping", 1, &listed, &count, &err), ERROR_USAGE,
		     "no job can be in the state");
	for (int i = 0; i < 1000; i++)
		free((char *)(uintptr_t)jobs[i].id);
}

// What check is for: it must see every kind of damage.
static void test_check(void **state)
{
	struct queue *queue = *state;
	struct error err = ERROR_INIT;
	static const struct {
		const char *damage, *words;
	} rows[] = {
		{"HSET {r:r}:j:emit:a n 2", "emit:a says 2 open needs, its edges say 1"},
		{"HSET {r:r}:j:emit:a n 0", "emit:a is in state w and has 0 open needs"},
		{"HSET {r:r}:j:emit:a s r", "emit:a is in state r and has 1 open needs"},
		{"HSET {r:r}:j:scan:b s w n 1", "scan:b is in the index \"ready\", but in state w"},
		{"ZREM {r:r}:ready 0000000005", "scan:b is in state r, but not in its index"},
		{"ZADD {r:r}:ready 7 0000000005", "scan:b has rank 3 and stands at 7"},
		{"ZADD {r:r}:ready 7 0000000099", "has \"0000000099\", which is no job"},
		{"ZADD {r:r}:delay 7 0000000005", "scan:b is in the index \"delay\", but in state r"},
		{"ZREM {r:r}:lease 0000000004", "scan:a is in state l, but not in its index"},
		{"HDEL {r:r}:j:scan:a f", "scan:a is in state l without a fence"},
		{"HSET {r:r}:j:scan:a z d", "scan:a is in state l, and its fence ended with 'd'"},
		{"HSET {r:r}:j:scan:a c 9", "scan:a is in state l after 0 attempts and 9 crashes"},
		{"HINCRBY {r:r}:meta w 1", "the count \"waiting\" is 5, but 4 jobs are"},
		{"HINCRBY {r:r}:meta total -1", "the count \"total\" is 5, but 6 jobs are"},
		{"ZADD {r:r}:b:4 5 5", "scan:a is in state l and has 1 bad needs"},
		{"SADD {r:r}:miss 5", "1 jobs are missing, but 0 are unknown"},
		{"RPUSH {r:r}:prop q7", "a wave is \"q7\""},
		{"RPUSH {r:r}:prop d4", "a wave says that scan:a is settled"},
		{"HSET {r:r}:meta cursor 3", "a cursor without a wave"},
		{"XDEL {r:r}:ev 0-2", "1 events from 1 to 1, and 2 were made"},
		{"XADD {r:r}:ev 0-9 e x", "events from 1 to 9"},
		{"HSET {r:r}:j:emit:a d 99", "emit:a is needed by 99, which is no job"},
		{"HSET {r:r}:j:scan:a # 2", "number 4 is \"scan:a\", whose record says 2"},
		{"DEL {r:r}:j:scan:a", "number 4 is \"scan:a\", whose record says 0"},
		{"LSET {r:r}:t:0 3 scan:q", "number 4 is \"scan:q\""},
		{"HSET {r:r}:j:scan:a s Q", "unknown state 'Q'"},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		fixture_do(&server, "FLUSHALL");
		load(queue, "r", "bridge", pair, 6);
		claim_one(queue, "r", "scan:a");
		assert_check(queue, "r");
		fixture_do(&server, rows[i].damage);
		err = (struct error)ERROR_INIT;
		if (queue_check(queue, "r", &err) == 0)
			fail_msg("not seen: %s", rows[i].damage);
		if (!strstr(err.text, rows[i].words))
			fail_msg("%s: \"%s\", expected \"%s\"", rows[i].damage, err.text, rows[i].words);
	}
	assert_fails(queue_check(queue, "none", &err), ERROR_REDIS, "no such run");
}

static void test_foreign(void **state)
{
	struct queue *queue = *state;
	struct error err = ERROR_INIT;
	char **runs;
	size_t count;
	fixture_do(&server, "SET user:1 x");
	fixture_do(&server, "HSET {r:mine}:meta a 1");
	fixture_do(&server, "RPUSH {r:theirs}:ready a b");
	fixture_do(&server, "SET {r:text}:meta x");
	assert_fails(queue_load(queue, "mine", "digest", "bridge", pair, 6, &err), ERROR_REDIS,
		     "the key \"{r:mine}:meta\"");
	assert_fails(queue_load(queue, "theirs", "digest", "bridge", pair, 6, &err), ERROR_REDIS,
		     "the key \"{r:theirs}:ready\"");
	assert_fails(queue_load(queue, "text", "digest", "bridge", pair, 6, &err), ERROR_REDIS, "somebody else's data");
	cleanup_free char *same = fixture_command(&server, "LRANGE {r:theirs}:ready 0 -1");
	assert_string_equal(same, "a b");
	cleanup_free char *hash = fixture_command(&server, "HGETALL {r:mine}:meta");
	assert_string_equal(hash, "a 1");
	fixture_do(&server, "DEL {r:mine}:meta {r:theirs}:ready {r:text}:meta");
	load(queue, "r", "bridge", pair, 6);
	assert_ok(queue_runs(queue, &runs, &count, &err)); // the refused ones do not exist
	assert_int_equal(count, 1);
	assert_string_equal(runs[0], "r");
	free(runs[0]);
	free(runs);
	fixture_do(&server, "DEL gophersnake:runs");
	fixture_do(&server, "SET gophersnake:runs theirs");
	assert_fails(queue_runs(queue, &runs, &count, &err), ERROR_REDIS, "somebody else's data");
	assert_fails(queue_load(queue, "new", "digest", "bridge", pair, 6, &err), ERROR_REDIS, "somebody else's data");
	cleanup_free char *kept = fixture_command(&server, "GET gophersnake:runs");
	assert_string_equal(kept, "theirs");
	cleanup_free char *user = fixture_command(&server, "GET user:1");
	assert_string_equal(user, "x");
	fixture_do(&server, "HSET {r:r}:meta protocol 9");
	struct queue_status status;
	assert_fails(queue_status(queue, "r", &status, &err), ERROR_REDIS, "made with queue protocol 9");
}

static void test_library(void **state)
{
	struct queue *queue = *state, *other;
	struct error err = ERROR_INIT;
	load(queue, "r", "bridge", pair, 6);
	fixture_do(&server, "FUNCTION FLUSH");
	claim_one(queue, "r", "scan:a"); // loads it again
	cleanup_free char *same = fixture_command(&server, "FCALL gophersnake_version 0");
	// An older one is replaced, a newer revision of the same protocol stays, a newer protocol is refused.
	static const char *const form =
		"#!lua name=gophersnake\nredis.register_function{function_name='gophersnake_version', "
		"callback=function() return {%d, %d, 'x'} end, flags={'no-writes'}}";
	cleanup_free char *older = xasprintf(form, 0, 7), *newer = xasprintf(form, 1, 1000),
			  *newest = xasprintf(form, 2, 1);
	free(fixture_command(&server, "FUNCTION LOAD REPLACE %s", older));
	assert_ok(queue_open(server.url, &other, &err));
	claim_one(other, "r", "scan:b");
	queue_free(other);
	free(fixture_command(&server, "FUNCTION LOAD REPLACE %s", newer));
	assert_ok(queue_open(server.url, &other, &err));
	queue_free(other);
	cleanup_free char *version = fixture_command(&server, "FUNCTION LIST LIBRARYNAME gophersnake");
	free(fixture_command(&server, "FUNCTION LOAD REPLACE %s", newest));
	assert_fails(queue_open(server.url, &other, &err), ERROR_REDIS,
		     "newer gophersnake (queue protocol 2, this program speaks 1)");
	free(fixture_command(&server, "FUNCTION LOAD REPLACE %s",
			     "#!lua name=gophersnake\nredis.register_function('theirs', function() return 1 end)"));
	assert_fails(queue_open(server.url, &other, &err), ERROR_REDIS, "function library that is not ours");
	cleanup_free char *theirs = fixture_command(&server, "FCALL theirs 0");
	assert_string_equal(theirs, "1");
	fixture_do(&server, "FUNCTION FLUSH");
}

static void test_limits(void **state)
{
	struct queue *queue = *state;
	struct error err = ERROR_INIT;
	enum queue_answer answer;
	struct queue_job_state job;
	load(queue, "r", "bridge", pair, 6);
	char *huge = xmalloc(100001);
	memset(huge, 'x', 100000);
	huge[100000] = 0;
	uint64_t fence = claim_one(queue, "r", "scan:a");
	assert_fails(queue_finish(queue, "r", "scan:a", fence, "", huge, &answer, &err), ERROR_INPUT,
		     "put more into the store");
	assert_fails(queue_finish(queue, "r", "scan:a", fence, huge, "", &answer, &err), ERROR_INPUT,
		     "digest of at most 64");
	assert_ok(queue_fail(queue, "r", "scan:a", fence, false, "package", huge, &answer, &err));
	assert_ok(queue_job(queue, "r", "scan:a", &job, &err));
	assert_int_equal(strlen(job.reason), 4096);
	assert_string_equal(job.reason + 4093, "…");
	queue_job_state_clear(&job);
	struct queue_claim claim;
	assert_fails(queue_claim(queue, "r", "", LONG, 0, &claim, &err), ERROR_INPUT, "agent's name");
	assert_fails(queue_claim(queue, "r", "a", -1, 0, &claim, &err), ERROR_INPUT, "lease of 0 ms or more");
	free(huge);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_whole_run, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_no_jobs, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_load_again, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_bad_jobs, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_many_needs, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_names, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_ranks, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_fences, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_lease_time, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_tries, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_crashes, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_policy_bridge, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_policy_block, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_two_failures, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_pause_cancel, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_extend, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_extend_failed_need, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_extend_passed, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_extend_large, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_stuck, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_fan_out, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_waiting, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_listing, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_check, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_foreign, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_library, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_limits, open_queue, close_queue),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
