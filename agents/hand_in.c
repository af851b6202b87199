// What becomes of a stage's end: the jobs that it brings, a line in the
// journal, the word to the queue. In this order, so that a kill between two
// of them loses nothing: each may be done again.
#include "agents/agent_internal.h"
#include "agents/run.h"
#include "core/clock.h"

enum { PAUSE = 200 }; // milliseconds between two tries while Redis is away

struct handing {
	struct agent *agent;
	const struct job *job;
	const char *id;
	uint64_t fence;
	struct stage_end *end;
	enum queue_answer answer;
	bool lost;     // another has the lease, or the run was cancelled
	bool answered; // Redis is there: it answers a beat
};

static bool worth_retrying(const struct stage_end *end)
{
	return end->no_verdict || end->code == ERROR_NETWORK || end->code == ERROR_INDEX || end->code == ERROR_REDIS ||
	       end->code == ERROR_WORKSPACE || end->code == ERROR_INTERRUPTED;
}

static void become_failure(struct stage_end *end, const struct error *err)
{
	free(end->error);
	end->error = xstrdup(err->text);
	end->code = (int)err->code;
}

static int write_journal(const struct handing *handing, struct error *err)
{
	cleanup_json json_t *line = stage_end_line(handing->end, handing->id, handing->agent->name, handing->fence);
	return journal_append(handing->agent->journal, line, err);
}

// ---- words to the queue ----------------------------------------------------------------------------------------------

static int extend(struct handing *handing, struct error *err)
{
	struct agent *agent = handing->agent;
	if (!run_extend_units(&agent->work, agent->queue, agent->run, handing->job->group, handing->id, handing->fence,
			      err))
		return 0;
	if (err->code != ERROR_REDIS)
		return -1;
	struct error ignored = ERROR_INIT; // the first error is the one to tell
	handing->answered = !queue_beat(agent->queue, agent->run, handing->id, handing->fence,
					agent->options->config->lease, &handing->lost, &ignored);
	return handing->lost ? 0 : -1;
}

static int finish(struct handing *handing, struct error *err)
{
	return queue_finish(handing->agent->queue, handing->agent->run, handing->id, handing->fence,
			    handing->end->digest ? handing->end->digest : "",
			    handing->end->outcome ? handing->end->outcome : "", &handing->answer, err);
}

static int fail(struct handing *handing, struct error *err)
{
	return queue_fail(handing->agent->queue, handing->agent->run, handing->id, handing->fence,
			  worth_retrying(handing->end), stage_end_category(handing->end), handing->end->error,
			  &handing->answer, err);
}

// The queue connects again by itself. A word that arrived before its answer was lost is known by its fence.
static int insist(struct handing *handing, int (*tell)(struct handing *, struct error *), struct error *err)
{
	const struct agent_options *options = handing->agent->options;
	int64_t until = system_clock.monotonic(system_clock.context) + options->config->lease;
	for (bool first = true;; first = false) {
		*err = (struct error)ERROR_INIT;
		if (!tell(handing, err))
			return 0;
		if (err->code != ERROR_REDIS || *options->interrupted ||
		    system_clock.monotonic(system_clock.context) >= until)
			return -1;
		if (first)
			log_warning(options->log, "%s: %s; telling it again while the lease lasts", handing->id,
				    err->text);
		system_clock.sleep(system_clock.context, PAUSE);
	}
}

// ---- both ends -------------------------------------------------------------------------------------------------------

static void say(const struct handing *handing)
{
	struct log *log = handing->agent->options->log;
	if (handing->lost || handing->answer == QUEUE_STALE)
		log_warning(log, "%s: ended, but the lease was lost meanwhile: another agent has it", handing->id);
	else if (handing->end->code)
		log_info(log, "%s: %s", handing->id, handing->end->error);
	else
		log_info(log, "%s: done in %lld ms", handing->id, (long long)handing->end->milliseconds);
}

// 0 = told or lost, 1 = it is a failure now, -1
static int hand_in_done(struct handing *handing, bool in_journal, struct error *err)
{
	if (handing->job->kind == JOB_EMIT && insist(handing, extend, err)) {
		if (err->code == ERROR_REDIS && !handing->answered)
			return -1;
		return 1;
	}
	if (handing->lost)
		return 0;
	if (in_journal && write_journal(handing, err))
		return 1;
	if (!insist(handing, finish, err))
		return 0;
	return err->code == ERROR_REDIS ? -1 : 1;
}

static int hand_in_failed(struct handing *handing, bool in_journal, struct error *err)
{
	struct error trouble = ERROR_INIT;
	if (in_journal && write_journal(handing, &trouble)) // a failure is no result: it is not lost, only done again
		log_warning(handing->agent->options->log, "%s: %s", handing->id, trouble.text);
	return insist(handing, fail, err);
}

int hand_in(struct agent *agent, const struct job *job, const char *id, uint64_t fence, struct stage_end *end,
	    bool in_journal, struct error *err)
{
	struct handing handing = {.agent = agent, .job = job, .id = id, .fence = fence, .end = end};
	int status = end->code ? 1 : hand_in_done(&handing, in_journal, err);
	if (status == 1) {
		if (!end->code)
			become_failure(end, err);
		status = hand_in_failed(&handing, true, err);
	}
	if (!status)
		say(&handing);
	return status;
}
