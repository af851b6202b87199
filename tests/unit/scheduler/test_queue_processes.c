// The queue under several processes and under death: many agents on one run,
// agents that are killed, and a Redis that is killed in the middle of calls
// (AOF always): every job is done once, in an order that respects the needs,
// and nothing that was acknowledged is lost.
//
//     GOPHERSNAKE_TEST_KILLS=200  how often Redis is killed (default 12)
#include "redis_fixture.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "scheduler/queue.h"

enum { JOBS = 5000, AGENTS = 6, LONG = 3600000 };

struct shared {
	atomic_int begun[JOBS]; // finishes that were sent
	atomic_int done[JOBS];  // finishes that were accepted
	atomic_int early;       // jobs that were claimed before a finish of all of their needs was sent
	atomic_int claims[AGENTS];
	atomic_int stale, total;
	atomic_int arrived; // agents that have a connection
	int wanted;         // they all begin when so many have
	atomic_int held;    // number + 1 of a job that is kept under way, 0: none
};

static char ids[JOBS][32];
static int needs_of[JOBS][4], need_counts[JOBS];

static struct shared *share(void)
{
	struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(shared != MAP_FAILED);
	return shared;
}

// Each job needs up to four of the 200 before it.
static void load_jobs(struct queue *queue, const char *policy, int count)
{
	struct error err = ERROR_INIT;
	struct queue_job *jobs = xcalloc((size_t)count, sizeof *jobs);
	const char *(*needs)[4] = xcalloc((size_t)count, sizeof *needs);
	srand(1);
	for (int i = 0; i < count; i++) {
		snprintf(ids[i], sizeof ids[i], "translate:p@1.0:u%d", i);
		need_counts[i] = 0;
		for (int j = 0; i && j < rand() % 5; j++) {
			int need = i - 1 - rand() % (i < 200 ? i : 200);
			needs[i][need_counts[i]] = ids[need];
			needs_of[i][need_counts[i]++] = need;
		}
		jobs[i] = (struct queue_job){ids[i], "translate", count - i, needs[i], (size_t)need_counts[i]};
	}
	assert_ok(queue_load(queue, "r", "digest", policy, jobs, (size_t)count, &err));
	assert_ok(queue_seal(queue, "r", &err));
	assert_ok(queue_check(queue, "r", &err));
	free(needs);
	free(jobs);
}

static int number_of(const char *id)
{
	return atoi(strrchr(id, 'u') + 1);
}

// An agent's loop. Returns when the run is over; a lost Redis is waited for.
static void serve(const char *url, struct shared *shared, int agent, int64_t lease, int work)
{
	struct error err = ERROR_INIT;
	struct queue *queue = NULL;
	cleanup_free char *name = xasprintf("host/%d", agent);
	while (queue_open(url, &queue, &err))
		usleep(20000);
	for (shared->arrived++; shared->arrived < shared->wanted;)
		usleep(1000);
	for (;;) {
		struct queue_claim claim;
		if (queue_claim(queue, "r", name, lease, 1000, &claim, &err)) {
			usleep(20000);
			continue;
		}
		if (claim.finished)
			break;
		if (!claim.job)
			continue;
		int number = number_of(claim.job);
		enum queue_answer answer;
		for (int i = 0; i < need_counts[number]; i++)
			shared->early += !shared->begun[needs_of[number][i]];
		if (work)
			usleep((useconds_t)work);
		while (shared->held == number + 1) { // while Redis is away it cannot be said, and need not be
			bool lost;
			queue_beat(queue, "r", claim.job, claim.fence, lease, &lost, &err);
			usleep(20000);
		}
		shared->begun[number]++;
		cleanup_free char *digest = xasprintf("%d", number);
		int status;
		while ((status = queue_finish(queue, "r", claim.job, claim.fence, digest, "", &answer, &err)))
			usleep(20000); // until it is known
		if (answer == QUEUE_STALE)
			shared->stale++;
		else
			shared->done[number]++;
		shared->claims[agent]++;
		shared->total += answer != QUEUE_STALE;
		queue_claim_clear(&claim);
	}
	queue_free(queue);
	_exit(0);
}

// work: microseconds that a job takes
static pid_t start_agent(const char *url, struct shared *shared, int agent, int64_t lease, int work)
{
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(url, shared, agent, lease, work);
	}
	return pid;
}

static void test_many_agents(void **state)
{
	static const char *const extra[] = {"--appendfsync", "everysec", NULL};
	struct redis_fixture server;
	struct error err = ERROR_INIT;
	struct queue *queue;
	struct queue_status status;
	struct shared *shared = share();
	pid_t pids[AGENTS];
	(void)state;
	fixture_start(&server, extra);
	assert_ok(queue_open(server.url, &queue, &err));
	load_jobs(queue, "bridge", JOBS);
	int64_t begin = fixture_now();
	shared->wanted = AGENTS;
	for (int i = 0; i < AGENTS; i++)
		pids[i] = start_agent(server.url, shared, i, LONG, 0);
	for (int i = 0; i < AGENTS; i++) {
		int ended;
		waitpid(pids[i], &ended, 0);
		assert_int_equal(ended, 0);
	}
	printf("%d agents, %d jobs with needs: %lld ms\n", AGENTS, JOBS, (long long)(fixture_now() - begin));
	for (int i = 0; i < JOBS; i++)
		assert_int_equal(shared->done[i], 1);
	for (int i = 0; i < AGENTS; i++)
		assert_true(shared->claims[i] > 0);
	assert_int_equal(shared->early, 0);
	assert_int_equal(shared->stale, 0);
	assert_ok(queue_status(queue, "r", &status, &err));
	assert_true(status.finished && status.done == JOBS);
	assert_int_equal(status.events, 1 + 2 * JOBS);
	assert_ok(queue_check(queue, "r", &err));
	queue_free(queue);
	fixture_stop(&server);
	munmap(shared, sizeof *shared);
}

// Agents die all the time. A killed one may have finished its job or not, but nobody finishes it twice.
static void test_killed_agents(void **state)
{
	enum { COUNT = 1500 };
	static const char *const extra[] = {"--appendfsync", "everysec", NULL};
	struct redis_fixture server;
	struct error err = ERROR_INIT;
	struct queue *queue;
	struct queue_status status = {0};
	struct shared *shared = share();
	pid_t pids[AGENTS];
	int kills = 0;
	(void)state;
	fixture_start(&server, extra);
	assert_ok(queue_open(server.url, &queue, &err));
	load_jobs(queue, "block", COUNT);
	shared->wanted = AGENTS;
	for (int i = 0; i < AGENTS; i++)
		pids[i] = start_agent(server.url, shared, i, 150, 3000);
	while (!status.finished) {
		int victim = rand() % AGENTS;
		usleep(15000);
		if (kills < 500) { // a machine on which they hardly begin comes to an end too
			kill(pids[victim], SIGKILL);
			waitpid(pids[victim], NULL, 0);
			kills++;
			pids[victim] = start_agent(server.url, shared, victim, 150, 3000);
		}
		assert_ok(queue_status(queue, "r", &status, &err));
	}
	for (int i = 0; i < AGENTS; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	printf("%d agents killed, %lld jobs done, %lld dead\n", kills, (long long)status.done, (long long)status.dead);
	for (int i = 0; i < COUNT; i++)
		assert_true(shared->done[i] <= 1);
	assert_int_equal(shared->early, 0);
	assert_int_equal(status.done + status.dead + status.blocked, COUNT);
	assert_ok(queue_check(queue, "r", &err));
	queue_free(queue);
	fixture_stop(&server);
	munmap(shared, sizeof *shared);
}

// Redis is killed at random moments, also within calls, and started again on its append-only file.
static void test_killed_redis(void **state)
{
	enum { COUNT = 3000 };
	static const char *const extra[] = {"--appendfsync", "always", NULL};
	struct redis_fixture server;
	struct error err = ERROR_INIT;
	struct queue *queue;
	struct queue_status status = {0};
	struct shared *shared = share();
	pid_t pids[3];
	const char *wanted = getenv("GOPHERSNAKE_TEST_KILLS");
	int kills = 0, most = wanted ? atoi(wanted) : 12;
	(void)state;
	fixture_start(&server, extra);
	assert_ok(queue_open(server.url, &queue, &err));
	load_jobs(queue, "bridge", COUNT);
	shared->held = COUNT; // the last job: it is not over before all kills
	for (int i = 0; i < 3; i++)
		pids[i] = start_agent(server.url, shared, i, 5000, most * 60);
	while (!status.finished) {
		if (kills < most && !status.finished) {
			usleep((useconds_t)(rand() % 80000));
			// What is acknowledged now, must be there afterwards.
			static bool acknowledged[COUNT];
			fixture_kill(&server);
			for (int i = 0; i < COUNT; i++)
				acknowledged[i] = shared->done[i] > 0;
			fixture_launch(&server);
			kills++;
			const char *jobs[COUNT];
			char *digests[COUNT];
			for (int i = 0; i < COUNT; i++)
				jobs[i] = ids[i];
			while (queue_digests(queue, "r", jobs, COUNT, digests,
					     &err)) // the first call finds the connection broken
				usleep(10000);
			for (int i = 0; i < COUNT; i++) {
				if (acknowledged[i] && atoi(digests[i]) != i)
					fail_msg("%s was acknowledged and is lost after kill %d", ids[i], kills);
				free(digests[i]);
			}
			assert_ok(queue_pause(queue, "r", true, &err)); // a picture of it needs quiet
			assert_ok(queue_check(queue, "r", &err));
			assert_ok(queue_pause(queue, "r", false, &err));
		} else {
			shared->held = 0;
			usleep(20000);
		}
		assert_ok(queue_status(queue, "r", &status, &err));
	}
	for (int i = 0; i < 3; i++)
		waitpid(pids[i], NULL, 0);
	printf("Redis killed %d times, %d finishes acknowledged, %d stale\n", kills, (int)shared->total,
	       (int)shared->stale);
	assert_int_equal(kills, most);
	for (int i = 0; i < COUNT; i++)
		assert_int_equal(shared->done[i], 1);
	assert_int_equal(shared->early, 0);
	assert_int_equal(status.done, COUNT);
	assert_ok(queue_check(queue, "r", &err));
	queue_free(queue);
	fixture_stop(&server);
	munmap(shared, sizeof *shared);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_agents),
		cmocka_unit_test(test_killed_agents),
		cmocka_unit_test(test_killed_redis),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
