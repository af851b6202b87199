// Helpers of the queue's tests: one server for all tests of a program, a fresh
// connection and an empty server for each.
#ifndef TESTS_QUEUE_FIXTURE_H
#define TESTS_QUEUE_FIXTURE_H

#include "redis_fixture.h"

#include "scheduler/queue.h"

enum { LONG = 3600000 };

static struct redis_fixture server;

static inline int start(void **state)
{
	static const char *const extra[] = {"--appendfsync", "everysec", NULL};
	(void)state;
	fixture_start(&server, extra);
	return 0;
}

static inline int stop(void **state)
{
	(void)state;
	fixture_stop(&server);
	return 0;
}

static inline int open_queue(void **state)
{
	struct queue *queue;
	struct error err = ERROR_INIT;
	fixture_do(&server, "FLUSHALL");
	assert_ok(queue_open(server.url, &queue, &err));
	*state = queue;
	return 0;
}

static inline int close_queue(void **state)
{
	queue_free(*state);
	return 0;
}

#define NEEDS(...)                                   \
	.needs = (const char *const[]){__VA_ARGS__}, \
	.need_count = sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)

static inline char *claim_any(struct queue *queue, const char *run, int64_t lease, uint64_t *fence)
{
	struct error err = ERROR_INIT;
	struct queue_claim claim;
	assert_ok(queue_claim(queue, run, "a1", lease, 0, &claim, &err));
	*fence = claim.fence;
	return claim.job;
}

static inline uint64_t claim_one(struct queue *queue, const char *run, const char *wanted)
{
	uint64_t fence;
	char *job = claim_any(queue, run, LONG, &fence);
	if (!job)
		fail_msg("nothing to claim, expected %s", wanted);
	assert_string_equal(job, wanted);
	free(job);
	return fence;
}

static inline void assert_nothing(struct queue *queue, const char *run)
{
	uint64_t fence;
	char *job = claim_any(queue, run, LONG, &fence);
	if (job)
		fail_msg("claimed %s, expected nothing", job);
}

static inline void finish_one(struct queue *queue, const char *run, const char *job, uint64_t fence)
{
	struct error err = ERROR_INIT;
	enum queue_answer answer;
	assert_ok(queue_finish(queue, run, job, fence, "", "", &answer, &err));
	assert_int_equal(answer, QUEUE_ACCEPTED);
}

static inline void fail_one(struct queue *queue, const char *run, const char *job, const char *reason)
{
	struct error err = ERROR_INIT;
	enum queue_answer answer;
	uint64_t fence = claim_one(queue, run, job);
	assert_ok(queue_fail(queue, run, job, fence, false, "package", reason, &answer, &err));
	assert_int_equal(answer, QUEUE_ACCEPTED);
}

static inline void assert_check(struct queue *queue, const char *run)
{
	struct error err = ERROR_INIT;
	assert_ok(queue_check(queue, run, &err));
}

static inline void assert_state(struct queue *queue, const char *run, const char *job, const char *wanted)
{
	struct error err = ERROR_INIT;
	struct queue_job_state state;
	assert_ok(queue_job(queue, run, job, &state, &err));
	if (!state.state || strcmp(state.state, wanted))
		fail_msg("%s is %s, expected %s", job, state.state ? state.state : "unknown", wanted);
	queue_job_state_clear(&state);
}

static inline struct queue_status read_status(struct queue *queue, const char *run)
{
	struct error err = ERROR_INIT;
	struct queue_status status;
	assert_ok(queue_status(queue, run, &status, &err));
	return status;
}

static inline void load(struct queue *queue, const char *run, const char *policy, const struct queue_job *jobs,
			size_t count)
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

#endif
