// What agents and people do to a run, one function after the other, against a
// real Redis.
#include "queue_fixture.h"

#include <sys/resource.h>

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

// Wall milliseconds of the server at which the only lease runs out.
static int64_t lease_end(void)
{
	cleanup_free char *reply = fixture_command(&server, "ZRANGE {r:r}:lease 0 0 WITHSCORES");
	const char *score = strchr(reply, ' ');
	assert_non_null(score);
	return strtoll(score, NULL, 10);
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
	struct queue_job_state state_of_it;
	assert_ok(queue_job(queue, "r", "scan:a", &state_of_it, &err));
	assert_int_equal(lease_end() - state_of_it.started, 60);
	queue_job_state_clear(&state_of_it);
	// A beat counts from now, and is in time as long as nobody has noticed.
	bool lost;
	usleep(61000);
	assert_ok(queue_beat(queue, "r", "scan:a", fence, LONG, &lost, &err));
	assert_false(lost);
	assert_ok(queue_reap(queue, "r", &moved, &err));
	assert_int_equal(moved, 0);
	assert_ok(queue_beat(queue, "r", "scan:a", fence, 60, &lost, &err));
	assert_false(lost);
	usleep(61000);
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

static void release_emit(struct queue *queue)
{
	struct error err = ERROR_INIT;
	queue_release(queue, "r", "emit:a", held_fence, &err);
}

// Waits for emit:a, which comes so many milliseconds after begin, and gives its fence; how long it took.
static int64_t wait_for_emit(struct queue *queue, int64_t begin, int64_t milliseconds, uint64_t *fence)
{
	struct error err = ERROR_INIT;
	struct queue_claim claim;
	assert_ok(queue_claim(queue, "r", "a2", LONG, 60000, &claim, &err));
	int64_t took = fixture_now() - begin;
	assert_non_null(claim.job);
	assert_string_equal(claim.job, "emit:a");
	assert_true(took >= milliseconds - 10);
	*fence = claim.fence;
	queue_claim_clear(&claim);
	return took;
}

// A waiting claim is woken: it does not find work at its next look, a second after the last. A loaded machine may be slow; one
// quick try of ten proves it.
static void test_waiting(void **state)
{
	enum { QUICK = 900, TRIES = 10 };
	struct queue *queue = *state;
	struct error err = ERROR_INIT;
	struct queue_claim claim;
	bool lost;
	uint64_t fence;
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
	assert_true(fixture_now() - begin >= 1490);
	assert_true((after.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1000000 + after.ru_utime.tv_usec -
			    before.ru_utime.tv_usec <
		    100000);
	// Work comes: what it waited for is done, or somebody gives it back.
	begin = fixture_now();
	pid_t child = later(300, finish_scan);
	int64_t took = wait_for_emit(queue, begin, 300, &fence);
	waitpid(child, NULL, 0);
	for (int i = 0; i < TRIES && took >= QUICK; i++) {
		held_fence = fence;
		begin = fixture_now();
		child = later(300, release_emit);
		took = wait_for_emit(queue, begin, 300, &fence);
		waitpid(child, NULL, 0);
	}
	assert_true(took < QUICK);
	// A lease runs out: the job of the one who died is there in that moment.
	took = QUICK;
	for (int i = 0; i < TRIES && took >= 600; i++) {
		free(fixture_command(&server, "HDEL {r:r}:j:emit:a c")); // three crashes would be too many
		begin = fixture_now();
		assert_ok(queue_beat(queue, "r", "emit:a", fence, 300, &lost, &err));
		took = wait_for_emit(queue, begin, 300, &fence);
	}
	assert_true(took < 600);
	// Paused, then resumed.
	took = QUICK;
	for (int i = 0; i < TRIES && took >= QUICK; i++) {
		assert_ok(queue_pause(queue, "r", true, &err));
		assert_ok(queue_release(queue, "r", "emit:a", fence, &err));
		begin = fixture_now();
		child = later(200, resume_run);
		took = wait_for_emit(queue, begin, 200, &fence);
		waitpid(child, NULL, 0);
	}
	assert_true(took < QUICK);
	child = later(200, cancel_run);
	assert_ok(queue_claim(queue, "r", "a2", LONG, 60000, &claim, &err));
	assert_true(claim.cancelled);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_whole_run, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_no_jobs, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_fences, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_lease_time, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_tries, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_crashes, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_policy_bridge, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_policy_block, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_two_failures, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_pause_cancel, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_waiting, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_listing, open_queue, close_queue),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
