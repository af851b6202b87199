// The agent's loop: claim → stage (in a child process) → hand in (hand_in.c).
//
// The child does the work and reports one JSON line through a pipe; the parent
// only waits, extends the lease every third of it, kills the child when the
// lease is lost or a signal came, and talks to Redis. A stage that crashes
// takes nobody with it.
#include "agents/agent_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agents/run.h"
#include "core/clock.h"
#include "core/file.h"

enum { WAIT = 1000, REPORT_LIMIT = 1024 * 1024 };

static int64_t now(void)
{
	return system_clock.monotonic(system_clock.context);
}

// Processor time of this process alone: what go, CPython and other children take is theirs.
static int64_t own_milliseconds(void)
{
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
	       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

// Leaves a line about the agent's own processor time; that of the stages is in their lines.
static void sign_off(struct agent *agent)
{
	if (!agent->journal)
		return;
	cleanup_text struct text stamp = TEXT_INIT;
	clock_format_utc(system_clock.wall(system_clock.context), &stamp);
	cleanup_json json_t *line = json_pack("{s:s, s:s, s:s, s:I}", "time", text_str(&stamp), "event", "agent",
					      "agent", agent->name, "own_ms", (json_int_t)own_milliseconds());
	struct error ignored = ERROR_INIT;
	if (journal_append(agent->journal, line, &ignored))
		log_warning(agent->options->log, "%s: %s", agent->name, ignored.text);
}

static void forget_run(struct agent *agent)
{
	journal_free(agent->journal);
	agent->journal = NULL;
	if (agent->run)
		plan_clear(&agent->plan);
	free(agent->run);
	agent->run = NULL;
	agent->work.plan = NULL;
	agent->work.run = NULL;
}

static int load_run(struct agent *agent, const char *run, struct error *err)
{
	if (agent->run && !strcmp(agent->run, run))
		return 0;
	forget_run(agent);
	if (run_read_plan(agent->options->config, run, &agent->plan, err))
		return error_context(err, "run %s", run);
	agent->run = xstrdup(run);
	agent->work.plan = &agent->plan;
	agent->work.run = agent->run;
	cleanup_free char *folder = run_folder(agent->options->config, run);
	cleanup_free char *path = xasprintf("%s/journal.jsonl", folder);
	return journal_open(path, &agent->journal, err);
}

// ---- the child -------------------------------------------------------------------------------------------------------

static _Noreturn void child_main(struct agent *agent, const struct job *job, const char *id, uint64_t fence,
				 pid_t parent, int out)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1); // it was gone before we asked
	struct error err = ERROR_INIT;
	char digest[DIGEST_HEX_SIZE] = "";
	cleanup_text struct text outcome = TEXT_INIT, line = TEXT_INIT;
	cleanup_free char *path = run_log_path(agent->options->config, agent->run, id);
	FILE *log = fopen(path, "ae");
	agent->work.log = log ? log : stderr;
	agent->work.fence = fence;
	agent->work.job = id;
	agent->work.redis = agent->options->redis;
	work_note(&agent->work, "%s: started by %s", id, agent->name);
	int64_t started = now();
	int status = stage_do(&agent->work, job, digest, &outcome, &err);
	if (status)
		work_note(&agent->work, "%s: %s: %s", id, error_code_name(err.code), err.text);
	else
		work_note(&agent->work, "%s: done in %lld ms", id, (long long)(now() - started));
	cleanup_json json_t *report =
		json_pack("{s:i, s:s, s:s, s:s, s:I}", "code", status ? (int)err.code : 0, "error", err.text, "digest",
			  digest, "outcome", text_str(&outcome), "own_ms", (json_int_t)own_milliseconds());
	if (!report) // text that is not UTF-8
		report = json_pack("{s:i, s:s, s:s, s:s}", "code", (int)ERROR_FAILED, "error",
				   "the stage reported text that is not UTF-8: see the job's log", "digest", "",
				   "outcome", "");
	json_write_compact(report, &line);
	for (size_t at = 0; at < line.len;) {
		ssize_t written = write(out, line.ptr + at, line.len - at);
		if (written < 0 && errno != EINTR)
			_exit(1);
		at += written > 0 ? (size_t)written : 0;
	}
	if (log)
		fclose(log);
	_exit(0);
}

// ---- the parent ------------------------------------------------------------------------------------------------------

static void read_report(const struct text *report, int wait_status, struct stage_end *end)
{
	struct error err = ERROR_INIT;
	cleanup_json json_t *json = report->len ? json_parse(text_slice(report), "report", &err) : NULL;
	if (json) {
		end->code = (int)json_integer_or(json, "code", ERROR_FAILED);
		end->error = xstrdup(json_string_or(json, "error", ""));
		end->digest = xstrdup(json_string_or(json, "digest", ""));
		end->outcome = xstrdup(json_string_or(json, "outcome", ""));
		end->own_milliseconds = json_integer_or(json, "own_ms", 0);
		return;
	}
	// Memory ran out, somebody killed it, or it is a fault of ours: the package's own code runs in the sandbox.
	end->no_verdict = true;
	end->code = ERROR_FAILED;
	end->error = WIFSIGNALED(wait_status)
			     ? xasprintf("the stage was ended by signal %d (%s)", WTERMSIG(wait_status),
					 strsignal(WTERMSIG(wait_status)))
			     : xasprintf("the stage ended without a report (exit status %d)", WEXITSTATUS(wait_status));
}

// Reads the child's report until it ends; beats; kills it when the lease is lost or a signal came.
static int watch_child(struct agent *agent, const char *id, uint64_t fence, pid_t child, int in, struct stage_end *end,
		       struct error *err)
{
	cleanup_text struct text report = TEXT_INIT;
	int64_t lease = agent->options->config->lease, beaten = now();
	bool open = true;
	while (open) {
		struct pollfd poll_in = {.fd = in, .events = POLLIN};
		poll(&poll_in, 1, 100);
		char buffer[4096];
		if (poll_in.revents) {
			ssize_t count = read(in, buffer, sizeof buffer);
			open = count > 0 || (count < 0 && errno == EINTR);
			if (count > 0 && report.len < REPORT_LIMIT)
				text_add_bytes(&report, buffer, (size_t)count);
		}
		if (*agent->options->interrupted && !end->interrupted) {
			end->interrupted = true;
			kill(child, SIGKILL);
		}
		if (open && now() - beaten > lease / 3) {
			beaten = now();
			struct error beat_error = ERROR_INIT;
			// Redis may come back before the lease ends: the word to the queue decides.
			if (queue_beat(agent->queue, agent->run, id, fence, lease, &end->lost, &beat_error))
				log_warning(agent->options->log, "%s: %s", id, beat_error.text);
			if (end->lost)
				kill(child, SIGKILL);
		}
	}
	int status = 0;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return error_errno(err, ERROR_TOOL, "%s: waiting for its process", id);
	read_report(&report, status, end);
	return 0;
}

// Units that only the bridge translates are no work: they are settled here, without a process.
static bool is_immediate(struct agent *agent, const struct job *job)
{
	struct error ignored = ERROR_INIT; // the stage will say it
	return job->kind == JOB_TRANSLATE && translate_idle(&agent->work, job->group, job->unit, &ignored) == 1;
}

static int do_immediately(struct agent *agent, const struct job *job, const char *id, uint64_t fence, struct error *err)
{
	char digest[DIGEST_HEX_SIZE] = "";
	cleanup_text struct text outcome = TEXT_INIT;
	struct error trouble = ERROR_INIT;
	bool failed = translate_run(&agent->work, job->group, job->unit, digest, &outcome, &trouble);
	struct stage_end end = {.code = failed ? (int)trouble.code : 0,
				.error = xstrdup(trouble.text),
				.digest = xstrdup(digest),
				.outcome = xstrdup(text_str(&outcome))};
	int status = hand_in(agent, job, id, fence, &end, false, err);
	stage_end_clear(&end);
	return status;
}

static void not_begun(struct stage_end *end, const char *what)
{
	struct error err = ERROR_INIT;
	error_errno(&err, ERROR_FAILED, "the stage could not be started: %s", what);
	*end = (struct stage_end){.no_verdict = true, .code = ERROR_FAILED, .error = xstrdup(err.text)};
}

// The stage in a process of its own. A machine that has no process left to give is no verdict about the package.
static int run_stage(struct agent *agent, const struct job *job, const char *id, uint64_t fence, struct stage_end *end,
		     struct error *err)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC)) {
		not_begun(end, "pipe");
		return 0;
	}
	int64_t started = now();
	fflush(NULL);
	pid_t self = getpid(), child = fork();
	if (child == 0) {
		close(ends[0]);
		child_main(agent, job, id, fence, self, ends[1]);
	}
	if (child < 0)
		not_begun(end, "fork");
	close(ends[1]);
	int status = child < 0 ? 0 : watch_child(agent, id, fence, child, ends[0], end, err);
	close(ends[0]);
	end->milliseconds = now() - started;
	return status;
}

static int do_in_process(struct agent *agent, const struct job *job, const char *id, uint64_t fence, struct error *err)
{
	struct stage_end end = {0};
	int status = run_stage(agent, job, id, fence, &end, err);
	if (!status && end.interrupted)
		status = queue_release(agent->queue, agent->run, id, fence, err);
	else if (!status && end.lost)
		log_warning(agent->options->log, "%s: stopped: the lease was lost", id);
	else if (!status)
		status = hand_in(agent, job, id, fence, &end, true, err);
	stage_end_clear(&end);
	return status;
}

static int do_job(struct agent *agent, const struct queue_claim *claim, struct error *err)
{
	struct job job;
	enum queue_answer answer;
	if (job_parse(&agent->plan, claim->job, &job, err))
		return queue_fail(agent->queue, agent->run, claim->job, claim->fence, false, "infrastructure",
				  err->text, &answer, err);
	int status = is_immediate(agent, &job) ? do_immediately(agent, &job, claim->job, claim->fence, err)
					       : do_in_process(agent, &job, claim->job, claim->fence, err);
	job_clear(&job);
	return status;
}

static int reap_now_and_then(struct agent *agent, const char *run, struct error *err)
{
	if (now() - agent->reaped < 500)
		return 0;
	agent->reaped = now();
	int moved;
	return queue_reap(agent->queue, run, &moved, err);
}

// One claim in one run: 1 = did something, 0 = nothing to do now, 2 = the run is over.
static int serve_run(struct agent *agent, const char *run, int64_t wait, struct error *err)
{
	if (reap_now_and_then(agent, run, err))
		return -1;
	struct queue_claim claim = {0};
	if (queue_claim(agent->queue, run, agent->name, agent->options->config->lease, wait, &claim, err))
		return -1;
	int status = claim.finished || claim.cancelled ? 2 : 0;
	if (claim.job) {
		status = load_run(agent, run, err) || do_job(agent, &claim, err) ? -1 : 1;
	}
	queue_claim_clear(&claim);
	return status;
}

static int serve_all(struct agent *agent, struct error *err)
{
	char **runs = NULL;
	size_t count = 0;
	if (queue_runs(agent->queue, &runs, &count, err))
		return -1;
	int any = 0;
	for (size_t i = 0; i < count; i++) {
		int did = any < 0 ? 0 : serve_run(agent, runs[i], 0, err);
		any = did < 0 ? -1 : (any | (did == 1));
		free(runs[i]);
	}
	free(runs);
	if (!any)
		system_clock.sleep(system_clock.context, 300);
	return any < 0 ? -1 : 0;
}

// A broken connection is no reason to end: Redis restarts, and leases decide who goes on.
static int survive(struct agent *agent, int *failures, struct error *err)
{
	if (err->code != ERROR_REDIS || ++*failures > 20)
		return -1;
	log_warning(agent->options->log, "%s: %s (try %d of 20)", agent->name, err->text, *failures);
	system_clock.sleep(system_clock.context, 100 + 100 * *failures + getpid() % 100);
	queue_free(agent->queue);
	agent->queue = NULL;
	struct error again = ERROR_INIT;
	if (queue_open(agent->options->redis, &agent->queue, &again))
		agent->queue = NULL;
	return 0;
}

int agent_main(const struct agent_options *options, struct error *err)
{
	struct agent agent = {.options = options};
	char host[64] = "host";
	gethostname(host, sizeof host - 1);
	snprintf(agent.name, sizeof agent.name, "%s", options->name ? options->name : "");
	if (!options->name)
		snprintf(agent.name, sizeof agent.name, "%s/%d", host, (int)getpid());
	int status = work_open(&agent.work, options->config, options->interrupted, err) ||
				     queue_open(options->redis, &agent.queue, err)
			     ? -1
			     : 0;
	int failures = 0;
	while (!status && !*options->interrupted) {
		int did = -1;
		if (!agent.queue)
			error_set(err, ERROR_REDIS, "no connection to Redis");
		else
			did = options->run ? serve_run(&agent, options->run, WAIT, err) : serve_all(&agent, err);
		if (did == 2)
			break;
		if (did < 0)
			status = survive(&agent, &failures, err);
		else
			failures = 0;
	}
	sign_off(&agent);
	forget_run(&agent);
	queue_free(agent.queue);
	work_close(&agent.work);
	return status;
}
