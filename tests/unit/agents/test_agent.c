// The agent's loop against what a machine does to it: a stage that is killed, a Redis that is away when a result is handed
// in, a journal that cannot be written, jobs that cannot be added. The agent is a process of its own, Redis is real, the
// stages too. Nothing here waits for a time: a stage stands still at its log, a FIFO, until the test has done its harm.
#include "tests/unit/scheduler/redis_fixture.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "agents/agent.h"
#include "agents/job.h"
#include "agents/run.h"
#include "scheduler/journal.h"
#include "tests/unit/agents/work_fixture.h"

enum { PATIENCE = 120000, STEP = 5 }; // milliseconds: until a test gives up; between two looks

static const struct python_file low[] = {{"low.py", "def f(a: int) -> int: return a\n"}};
static const struct python_file up[] = {{"up.py", "import low\nX = 1\n"}};
static const struct release_fixture tree[] = {
	{"low", "1.0", low, ARRAY_LENGTH(low), {NULL}, NULL},
	{"up", "2.0", up, ARRAY_LENGTH(up), {"low"}, NULL},
};
static const char run[] = "r", scan[] = "scan:low@1.0";

struct agent_fixture {
	struct work_fixture work;
	struct redis_fixture redis;
	struct queue *queue;
	char *log, *journal; // of scan; of the run
	pid_t agent;
};

static int setup(void **state)
{
	static const char *const translators[] = {"bridge", NULL};
	struct agent_fixture *fixture = xcalloc(1, sizeof *fixture);
	struct error err = ERROR_INIT;
	fixture_open(&fixture->work, NULL, tree, ARRAY_LENGTH(tree), translators, NULL);
	fixture->work.config.lease = PATIENCE;
	fixture_start(&fixture->redis, NULL);
	assert_ok(queue_open(fixture->redis.url, &fixture->queue, &err));
	cleanup_free char *folder = run_folder(&fixture->work.config, run), *plan = xasprintf("%s/plan.json", folder);
	cleanup_free char *logs = xasprintf("%s/logs", folder);
	cleanup_json json_t *json = plan_to_json(&fixture->work.plan);
	cleanup_text struct text text = TEXT_INIT;
	json_write_pretty(json, &text);
	assert_ok(dir_make(logs, 0755, &err));
	assert_ok(file_write_atomic(plan, text.ptr, text.len, &err));
	fixture->log = run_log_path(&fixture->work.config, run, scan);
	fixture->journal = xasprintf("%s/journal.jsonl", folder);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct agent_fixture *fixture = *state;
	if (fixture->agent) { // the test failed
		kill(fixture->agent, SIGKILL);
		waitpid(fixture->agent, NULL, 0);
	}
	queue_free(fixture->queue);
	fixture_stop(&fixture->redis);
	fixture_close(&fixture->work);
	free(fixture->log);
	free(fixture->journal);
	free(fixture);
	return 0;
}

static void load(struct agent_fixture *fixture, const struct queue_job *jobs, size_t count)
{
	struct error err = ERROR_INIT;
	assert_ok(queue_load(fixture->queue, run, "digest", "bridge", jobs, count, &err));
	assert_ok(queue_seal(fixture->queue, run, &err));
}

static void start_agent(struct agent_fixture *fixture)
{
	fflush(NULL);
	fixture->agent = fork();
	assert_true(fixture->agent >= 0);
	if (fixture->agent)
		return;
	static int never = 0;
	struct error err = ERROR_INIT;
	struct log *log = log_new(LOG_INFO, 2);
	struct agent_options options = {.config = &fixture->work.config,
					.redis = fixture->redis.url,
					.run = run,
					.log = log,
					.interrupted = &never};
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGXFSZ, SIG_IGN); // see limit_files
	if (agent_main(&options, &err)) {
		log_error(log, "%s", err.text);
		_exit(1);
	}
	_exit(0);
}

static void expect_good_end(struct agent_fixture *fixture)
{
	int status;
	assert_int_equal(waitpid(fixture->agent, &status, 0), fixture->agent);
	fixture->agent = 0;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

// Until the condition holds.
#define wait_for(condition)                                                             \
	do {                                                                            \
		int64_t _end = fixture_now() + PATIENCE;                                \
		while (!(condition)) {                                                  \
			if (fixture_now() > _end)                                       \
				fail_msg("%s: not within %d ms", #condition, PATIENCE); \
			usleep(STEP * 1000);                                            \
		}                                                                       \
	} while (0)

static struct queue_job_state look(struct agent_fixture *fixture, const char *job)
{
	struct error err = ERROR_INIT;
	struct queue_job_state state;
	assert_ok(queue_job(fixture->queue, run, job, &state, &err));
	assert_non_null(state.state);
	return state;
}

static bool is(struct agent_fixture *fixture, const char *job, const char *wanted)
{
	struct queue_job_state state = look(fixture, job);
	bool equal = !strcmp(state.state, wanted);
	queue_job_state_clear(&state);
	return equal;
}

struct counted {
	const char *event, *category;
	int count;
};

static int count_line(void *context, json_t *line)
{
	struct counted *counted = context;
	counted->count += !strcmp(json_string_or(line, "event", ""), counted->event) &&
			  !strcmp(json_string_or(line, "category", ""), counted->category);
	return 0;
}

static int journal_lines(struct agent_fixture *fixture, const char *event, const char *category)
{
	struct error err = ERROR_INIT;
	struct counted counted = {event, category, 0};
	assert_ok(journal_read(fixture->journal, count_line, &counted, NULL, &err));
	return counted.count;
}

// A run of one scan, whose process stands still before it has done anything.
static pid_t begin_scan(struct agent_fixture *fixture)
{
	const struct queue_job job = {.id = scan, .kind = "scan"};
	assert_int_equal(mkfifo(fixture->log, 0600), 0);
	load(fixture, &job, 1);
	start_agent(fixture);
	wait_for(is(fixture, scan, "leased"));
	cleanup_free char *path = xasprintf("/proc/%d/task/%d/children", fixture->agent, fixture->agent);
	cleanup_text struct text children = TEXT_INIT;
	struct error err = ERROR_INIT;
	wait_for(!file_read(path, 4096, &children, &err) && children.len);
	return (pid_t)strtol(children.ptr, NULL, 10);
}

// Lets it go on, and takes away the FIFO, so that a second try writes a file.
static int let_go(struct agent_fixture *fixture)
{
	int reader = open(fixture->log, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(reader >= 0);
	assert_int_equal(unlink(fixture->log), 0);
	return reader;
}

// The kernel, short of memory, does the same. It is no verdict about the package.
static void test_stage_killed(void **state)
{
	struct agent_fixture *fixture = *state;
	pid_t stage = begin_scan(fixture);
	assert_int_equal(unlink(fixture->log), 0);
	assert_int_equal(kill(stage, SIGKILL), 0);
	expect_good_end(fixture);
	struct queue_job_state job = look(fixture, scan);
	assert_string_equal(job.state, "done");
	assert_int_equal(job.attempts, 1);
	assert_int_equal(job.crashes, 0);
	assert_string_equal(job.category, "infrastructure");
	assert_non_null(strstr(job.reason, "signal 9"));
	queue_job_state_clear(&job);
	assert_int_equal(journal_lines(fixture, "failed", "infrastructure"), 1);
	assert_int_equal(journal_lines(fixture, "done", ""), 1);
}

static void test_redis_away_at_the_end(void **state)
{
	struct agent_fixture *fixture = *state;
	begin_scan(fixture);
	struct queue_job_state before = look(fixture, scan);
	fixture_kill(&fixture->redis);
	cleanup_fd int reader = let_go(fixture);
	wait_for(journal_lines(fixture, "done", "") == 1); // then it is handed in
	fixture_launch(&fixture->redis);
	expect_good_end(fixture);
	struct error err = ERROR_INIT;
	queue_free(fixture->queue);
	assert_ok(queue_open(fixture->redis.url, &fixture->queue, &err));
	struct queue_job_state job = look(fixture, scan);
	assert_string_equal(job.state, "done");
	assert_int_equal(job.attempts, 0);
	assert_int_equal(job.crashes, 0);
	assert_true(job.fence == before.fence);
	queue_job_state_clear(&before);
	queue_job_state_clear(&job);
	assert_int_equal(journal_lines(fixture, "done", ""), 1);
}

// Of this process alone: its stage is there already.
static void limit_files(pid_t process, rlim_t bytes)
{
	struct rlimit limit = {.rlim_cur = bytes, .rlim_max = RLIM_INFINITY};
	assert_int_equal(prlimit(process, RLIMIT_FSIZE, &limit, NULL), 0);
}

// A result that is not in the journal is not reported, the job is done again; the agent lives on.
static void test_journal_refuses(void **state)
{
	struct agent_fixture *fixture = *state;
	begin_scan(fixture);
	limit_files(fixture->agent, 0);
	cleanup_fd int reader = let_go(fixture);
	wait_for(!is(fixture, scan, "leased"));
	limit_files(fixture->agent, RLIM_INFINITY);
	expect_good_end(fixture);
	struct queue_job_state job = look(fixture, scan);
	assert_string_equal(job.state, "done");
	assert_true(job.attempts >= 1);
	assert_int_equal(job.crashes, 0);
	assert_non_null(strstr(job.reason, "journal.jsonl"));
	queue_job_state_clear(&job);
	assert_int_equal(journal_lines(fixture, "done", ""), 1);
}

// The units of "up" need the publishing of "low", which waits here for that of "up": they cannot come in.
static void test_units_do_not_fit(void **state)
{
	struct agent_fixture *fixture = *state;
	const struct queue_job jobs[] = {
		{.id = "emit:up@2.0", .kind = "emit"},
		{"publish:up@2.0", "publish", 0, (const char *const[]){"emit:up@2.0"}, 1},
		{"publish:low@1.0", "publish", 0, (const char *const[]){"publish:up@2.0"}, 1},
	};
	fixture_emit(&fixture->work);
	load(fixture, jobs, ARRAY_LENGTH(jobs));
	start_agent(fixture);
	expect_good_end(fixture);
	struct queue_job_state job = look(fixture, "emit:up@2.0");
	assert_string_equal(job.state, "failed");
	assert_non_null(strstr(job.reason, "would wait for itself"));
	queue_job_state_clear(&job);
	assert_true(is(fixture, "publish:low@1.0", "blocked"));
	assert_int_equal(journal_lines(fixture, "done", ""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_stage_killed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_redis_away_at_the_end, setup, teardown),
		cmocka_unit_test_setup_teardown(test_journal_refuses, setup, teardown),
		cmocka_unit_test_setup_teardown(test_units_do_not_fit, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
