// The queue in lockstep with a model of it. The model knows no indexes, waves
// or counters: what a job is follows from what happened to it and to what it
// needs, computed anew each time. Random sequences of calls (claims, stale
// and repeated finishes, failures, leases that run out, releases, retries,
// extensions, cancels) must give the answers that the model gives, and
// queue_check must hold after every one.
//
//     GOPHERSNAKE_TEST_SEED=7            the first seed (default 1)
//     GOPHERSNAKE_TEST_SEQUENCES=100000  how many (default 1000)
//     GOPHERSNAKE_TEST_SECONDS=60        instead: as many as fit, the first seed from the clock; make fuzz
//
// Without these each run does the same. Seeds that once found something come first.
//
// Time: a lease of 0 ms has run out at the next call, the backoff is set to 0,
// and a long lease is longer than any clock is set forward: nothing sleeps and
// nothing hangs on how fast the machine is. Half of the sequences run with
// waves of one to three dependents a call; there states are compared when no
// wave is pending.
#include "redis_fixture.h"

#include <limits.h>

#include "scheduler/queue.h"

enum { JOBS = 40, NEEDS = 8, FENCES = 4, SEQUENCES = 1000 };
static const int64_t LONG = 100LL * 365 * 24 * 3600 * 1000; // milliseconds

static const unsigned found[] = {1795510107}; // a retry of a blocked job that had been passed over

enum base { IDLE, LEASED, DELAYED, DONE, FAILED, DEAD, CANCELLED };

struct model_job {
	char id[32];
	const char *kind;
	double rank;
	int needs[JOBS], need_count;
	enum base base;
	bool passed, expired; // expired: leased, and the lease has run out
	char ended;
	int attempts, crashes;
	uint64_t fence, old[FENCES]; // newest; earlier ones
};

struct model {
	struct queue *queue;
	char run[32];
	unsigned seed;
	uint64_t random;
	struct model_job jobs[JOBS];
	int count;
	bool bridge, sliced, paused, cancelled;
	struct text trace;
	struct queue_claim last;
};

static struct redis_fixture server;

static void give_up(struct model *model, const char *what)
{
	printf("seed %u (%s, %s): %s\n%s", model->seed, model->bridge ? "bridge" : "block",
	       model->sliced ? "sliced" : "whole", what, text_str(&model->trace));
	fail_msg("GOPHERSNAKE_TEST_SEED=%u GOPHERSNAKE_TEST_SEQUENCES=1 repeats it: %s", model->seed, what);
}
#define expect(condition, ...)                                             \
	do {                                                               \
		if (!(condition)) {                                        \
			cleanup_free char *_what = xasprintf(__VA_ARGS__); \
			give_up(model, _what);                             \
		}                                                          \
	} while (0)
#define note(...) (text_addf(&model->trace, "  " __VA_ARGS__), text_add(&model->trace, "\n"))

static int pick(struct model *model, int below)
{
	model->random = model->random * 6364136223846793005u + 1442695040888963407u;
	return (int)((model->random >> 33) % (unsigned)below);
}

static bool chance(struct model *model, int percent)
{
	return pick(model, 100) < percent;
}

// ---- what the model says ---------------------------------------------------------------------------------------------

static bool settled(const struct model_job *job)
{
	return job->base == DONE || job->passed;
}

static bool bad(const struct model *model, int number)
{
	const struct model_job *job = &model->jobs[number];
	if (job->passed)
		return false;
	if (job->base == FAILED || job->base == DEAD)
		return true;
	for (int i = 0; job->base == IDLE && i < job->need_count; i++)
		if (bad(model, job->needs[i]))
			return true;
	return false;
}

static const char *state_of(const struct model *model, int number)
{
	static const char *const words[] = {"", "leased", "delayed", "done", "failed", "dead", "cancelled"};
	const struct model_job *job = &model->jobs[number];
	if (job->base != IDLE)
		return words[job->base];
	bool open = false;
	for (int i = 0; i < job->need_count; i++) {
		if (bad(model, job->needs[i]))
			return "blocked";
		open = open || !settled(&model->jobs[job->needs[i]]);
	}
	return open ? "waiting" : "ready";
}

static bool is(const struct model *model, int number, const char *state)
{
	return !strcmp(state_of(model, number), state);
}

static bool over(const struct model *model)
{
	for (int i = 0; i < model->count; i++)
		if (is(model, i, "waiting") || is(model, i, "ready") || is(model, i, "leased") ||
		    is(model, i, "delayed"))
			return false;
	return true;
}

// Whether from waits for to, over any number of jobs. Nobody waits for a job that is settled.
static bool reaches(const struct model *model, int from, int to)
{
	if (from == to)
		return true;
	for (int i = 0; i < model->jobs[from].need_count; i++) {
		int need = model->jobs[from].needs[i];
		if (!settled(&model->jobs[need]) && reaches(model, need, to))
			return true;
	}
	return false;
}

static void end_badly(struct model *model, struct model_job *job, enum base base)
{
	job->base = base;
	job->passed = job->passed || (model->bridge && !strcmp(job->kind, "translate"));
}

static int pass_time(struct model *model)
{
	int moved = 0;
	for (int i = 0; i < model->count; i++) {
		struct model_job *job = &model->jobs[i];
		if (job->base == DELAYED) {
			job->base = IDLE;
			moved++;
		} else if (job->base == LEASED && job->expired) {
			job->base = IDLE;
			job->ended = 'c';
			if (++job->crashes == 3)
				end_badly(model, job, DEAD);
			moved++;
		}
	}
	return moved;
}

// ---- comparing -------------------------------------------------------------------------------------------------------

static bool waves_pending(struct model *model)
{
	if (!model->sliced)
		return false;
	cleanup_free char *reply = fixture_command(&server, "EXISTS {r:%s}:prop", model->run);
	return *reply != '0';
}

static int find(const struct model *model, const char *id)
{
	for (int i = 0; i < model->count; i++)
		if (!strcmp(model->jobs[i].id, id))
			return i;
	return -1;
}

static void compare_jobs(struct model *model)
{
	struct error err = ERROR_INIT;
	struct queue_job_state *jobs;
	size_t count;
	expect(!queue_jobs(model->queue, model->run, NULL, 1000, &jobs, &count, &err), "jobs: %s", err.text);
	expect(count == (size_t)model->count, "%zu jobs, expected %d", count, model->count);
	for (size_t i = 0; i < count; i++) {
		int number = find(model, jobs[i].id);
		expect(number >= 0, "there is a job %s", jobs[i].id);
		const struct model_job *job = &model->jobs[number];
		expect(is(model, number, jobs[i].state), "%s is %s, expected %s", jobs[i].id, jobs[i].state,
		       state_of(model, number));
		expect(jobs[i].attempts == job->attempts && jobs[i].crashes == job->crashes,
		       "%s has %d attempts and %d crashes, expected %d and %d", jobs[i].id, jobs[i].attempts,
		       jobs[i].crashes, job->attempts, job->crashes);
		expect(jobs[i].fence == job->fence, "%s has another fence", jobs[i].id);
		expect(strcmp(jobs[i].state, "done") || jobs[i].digest[0], "%s is done without its digest", jobs[i].id);
	}
	queue_jobs_free(jobs, count);
}

static void compare_counts(struct model *model)
{
	struct error err = ERROR_INIT;
	struct queue_status status;
	expect(!queue_status(model->queue, model->run, &status, &err), "status: %s", err.text);
	const struct {
		const char *state;
		int64_t count;
	} rows[] = {{"waiting", status.waiting}, {"ready", status.ready},     {"leased", status.leased},
		    {"delayed", status.delayed}, {"done", status.done},       {"failed", status.failed},
		    {"dead", status.dead},       {"blocked", status.blocked}, {"cancelled", status.cancelled}};
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		int count = 0;
		for (int j = 0; j < model->count; j++)
			count += is(model, j, rows[i].state);
		expect(rows[i].count == count, "%lld jobs are %s, expected %d", (long long)rows[i].count, rows[i].state,
		       count);
	}
	expect(status.finished == over(model), "finished is %d", status.finished);
	expect(status.is_cancelled == model->cancelled && status.paused == model->paused, "cancelled %d, paused %d",
	       status.is_cancelled, status.paused);
}

// check sees that states, indexes and counts agree, so that counts tell nearly everything; the rest now and then.
static void compare(struct model *model, bool wholly)
{
	struct error err = ERROR_INIT;
	expect(!queue_check(model->queue, model->run, &err), "check: %s", err.text);
	if (waves_pending(model))
		return;
	compare_counts(model);
	if (wholly)
		compare_jobs(model);
}

static void drain(struct model *model)
{
	struct error err = ERROR_INIT;
	int moved;
	while (waves_pending(model)) {
		pass_time(model);
		expect(!queue_reap(model->queue, model->run, &moved, &err), "reap: %s", err.text);
	}
}

// ---- calls -----------------------------------------------------------------------------------------------------------

static void do_claim(struct model *model)
{
	struct error err = ERROR_INIT;
	struct queue_claim claim;
	int64_t lease = chance(model, 20) ? 0 : LONG;
	note("claim %lld", (long long)lease);
	bool pending = waves_pending(model);
	pending = pass_time(model) && model->sliced ? true : pending; // a third crash begins a wave
	expect(!queue_claim(model->queue, model->run, chance(model, 50) ? "agent-1" : "agent-2", lease, 0, &claim,
			    &err),
	       "claim: %s", err.text);
	expect(claim.cancelled == model->cancelled && claim.paused == model->paused,
	       "claim says cancelled %d, paused %d", claim.cancelled, claim.paused);
	bool open = !model->cancelled && !model->paused;
	double best = -1;
	for (int i = 0; open && i < model->count; i++)
		if (is(model, i, "ready") && model->jobs[i].rank > best)
			best = model->jobs[i].rank;
	if (!claim.job) {
		expect(best < 0, "nothing was claimed, but there is a job of rank %g", best);
		expect(waves_pending(model) || claim.finished == over(model), "the claim says finished %d",
		       claim.finished);
		return;
	}
	int number = find(model, claim.job);
	expect(open && number >= 0, "%s was claimed", claim.job);
	struct model_job *job = &model->jobs[number];
	note("  → %s", claim.job);
	expect(is(model, number, "ready"), "%s was claimed, but is %s", claim.job, state_of(model, number));
	expect(pending || job->rank >= best, "%s was claimed, but there is a job of rank %g", claim.job, best);
	expect(claim.fence > job->fence, "%s has no newer fence", claim.job);
	expect(claim.attempts == job->attempts + job->crashes, "%s was claimed after %d tries", claim.job,
	       claim.attempts);
	memmove(job->old + 1, job->old, sizeof job->old - sizeof *job->old);
	job->old[0] = job->fence;
	job->fence = claim.fence;
	job->base = LEASED;
	job->expired = lease == 0;
	job->ended = 0;
	queue_claim_clear(&claim);
}

// Mostly a job that is leased, mostly with its fence.
static int choose_job(struct model *model, uint64_t *fence)
{
	int number = pick(model, model->count);
	for (int i = 0; i < model->count && chance(model, 90); i++)
		if (model->jobs[(number + i) % model->count].base == LEASED) {
			number = (number + i) % model->count;
			break;
		}
	const struct model_job *job = &model->jobs[number];
	*fence = chance(model, 80) ? job->fence : chance(model, 80) ? job->old[pick(model, FENCES)] : job->fence + 1;
	return number;
}

static enum queue_answer expected(const struct model *model, const struct model_job *job, uint64_t fence, char how)
{
	if (fence != job->fence || (!fence && !job->ended))
		return QUEUE_STALE;
	if (job->ended == how)
		return QUEUE_REPEATED;
	return job->base == LEASED && !model->cancelled ? QUEUE_ACCEPTED : QUEUE_STALE;
}

static void do_finish(struct model *model)
{
	struct error err = ERROR_INIT;
	enum queue_answer answer;
	uint64_t fence;
	int number = choose_job(model, &fence);
	struct model_job *job = &model->jobs[number];
	enum queue_answer wanted = expected(model, job, fence, 'd');
	note("finish %s%s", job->id, fence == job->fence ? "" : " with another fence");
	cleanup_free char *digest = xasprintf("%llu", (unsigned long long)fence);
	expect(!queue_finish(model->queue, model->run, job->id, fence, digest, chance(model, 50) ? "{}" : "", &answer,
			     &err),
	       "finish: %s", err.text);
	expect(answer == wanted, "finish answers %d, expected %d", answer, wanted);
	if (wanted == QUEUE_ACCEPTED) {
		job->base = DONE;
		job->ended = 'd';
	}
}

static void do_fail(struct model *model)
{
	struct error err = ERROR_INIT;
	enum queue_answer answer;
	uint64_t fence;
	int number = choose_job(model, &fence);
	struct model_job *job = &model->jobs[number];
	enum queue_answer wanted = expected(model, job, fence, 'f');
	bool retry = chance(model, 60);
	note("fail %s%s%s", job->id, retry ? " for now" : "", fence == job->fence ? "" : " with another fence");
	expect(!queue_fail(model->queue, model->run, job->id, fence, retry, "package", "reason", &answer, &err),
	       "fail: %s", err.text);
	expect(answer == wanted, "fail answers %d, expected %d", answer, wanted);
	if (wanted != QUEUE_ACCEPTED)
		return;
	job->ended = 'f';
	if (retry && job->attempts < 3)
		job->base = DELAYED;
	else
		end_badly(model, job, FAILED);
	job->attempts++;
}

static void do_release(struct model *model)
{
	struct error err = ERROR_INIT;
	uint64_t fence;
	int number = choose_job(model, &fence);
	struct model_job *job = &model->jobs[number];
	note("release %s%s", job->id, fence == job->fence ? "" : " with another fence");
	bool held = expected(model, job, fence, 'r') == QUEUE_ACCEPTED;
	expect(!queue_release(model->queue, model->run, job->id, fence, &err), "release: %s", err.text);
	if (held) {
		job->base = IDLE;
		job->ended = 'r';
	}
}

static void do_beat(struct model *model)
{
	struct error err = ERROR_INIT;
	bool lost;
	uint64_t fence;
	int number = choose_job(model, &fence);
	struct model_job *job = &model->jobs[number];
	int64_t lease = chance(model, 40) ? 0 : LONG;
	bool held = job->base == LEASED && fence == job->fence && !model->cancelled;
	note("beat %s %lld%s", job->id, (long long)lease, fence == job->fence ? "" : " with another fence");
	expect(!queue_beat(model->queue, model->run, job->id, fence, lease, &lost, &err), "beat: %s", err.text);
	expect(lost == !held, "beat says lost %d", lost);
	if (held)
		job->expired = lease == 0;
}

static void do_reap(struct model *model)
{
	struct error err = ERROR_INIT;
	int moved, wanted = pass_time(model);
	note("reap");
	expect(!queue_reap(model->queue, model->run, &moved, &err), "reap: %s", err.text);
	expect(moved == wanted, "reap moved %d, expected %d", moved, wanted);
}

static void retry_one(struct model_job *job)
{
	job->base = IDLE;
	job->attempts = job->crashes = 0;
	job->ended = 't';
}

// The failures that the job waits for, over any number of jobs. Nobody waits for one that was passed over.
static void retry_needs(struct model *model, int number)
{
	const struct model_job *job = &model->jobs[number];
	for (int i = 0; job->base == IDLE && i < job->need_count; i++) {
		struct model_job *need = &model->jobs[job->needs[i]];
		if (!bad(model, job->needs[i]))
			continue;
		if (need->base == FAILED || need->base == DEAD)
			retry_one(need);
		else
			retry_needs(model, job->needs[i]);
	}
}

static void do_retry(struct model *model)
{
	struct error err = ERROR_INIT;
	int number = pick(model, model->count);
	for (int i = 0; i < model->count && chance(model, 90); i++)
		if (is(model, (number + i) % model->count, "failed") ||
		    is(model, (number + i) % model->count, "dead") ||
		    is(model, (number + i) % model->count, "blocked")) {
			number = (number + i) % model->count;
			break;
		}
	struct model_job *job = &model->jobs[number];
	if (is(model, number, "blocked"))
		drain(model); // the queue must know that it is
	note("retry %s", job->id);
	bool refused = model->cancelled || job->base == DONE;
	expect((queue_retry(model->queue, model->run, job->id, &err) != 0) == refused, "retry: %s", err.text);
	if (refused)
		return;
	// Also of a job that was passed over: it is tried again for its own sake.
	if (job->base == FAILED || job->base == DEAD)
		retry_one(job);
	else
		retry_needs(model, number);
}

static void do_pause(struct model *model)
{
	struct error err = ERROR_INIT;
	model->paused = !model->paused;
	note("pause %d", model->paused);
	expect(!queue_pause(model->queue, model->run, model->paused, &err), "pause: %s", err.text);
}

static void do_cancel(struct model *model)
{
	struct error err = ERROR_INIT;
	bool ends[JOBS];
	drain(model);
	note("cancel");
	expect(!queue_cancel(model->queue, model->run, &err), "cancel: %s", err.text);
	model->cancelled = true;
	for (int i = 0; i < model->count; i++)
		ends[i] = is(model, i, "waiting") || is(model, i, "ready") || is(model, i, "leased") ||
			  is(model, i, "delayed");
	for (int i = 0; i < model->count; i++)
		if (ends[i])
			model->jobs[i].base = CANCELLED;
}

// Up to three new jobs that need older ones and each other, before up to two older ones; sometimes impossible.
static void do_extend(struct model *model)
{
	static const char *const kinds[] = {"translate", "translate", "emit", "publish"};
	struct error err = ERROR_INIT;
	uint64_t fence;
	int holder = choose_job(model, &fence), first = model->count, count = 1 + pick(model, 3), before[2],
	    before_count = pick(model, 3);
	if (first + count > JOBS || before_count > first)
		return;
	struct model kept = *model;
	struct queue_job jobs[3];
	const char *needs[3][NEEDS], *before_ids[2];
	bool again = chance(model, 30), possible = true;
	for (int i = 0; i < before_count; i++) {
		before[i] = (pick(model, first) + i * 7) % first;
		before_ids[i] = model->jobs[before[i]].id;
		possible = possible && (i == 0 || before[i] != before[0]) &&
			   (is(model, before[i], "waiting") || is(model, before[i], "ready") ||
			    is(model, before[i], "blocked"));
	}
	if (before_count == 2 && before[0] == before[1])
		before_count = 1;
	for (int i = 0; i < count; i++) {
		struct model_job *job = &model->jobs[model->count++];
		*job = (struct model_job){.kind = kinds[pick(model, 4)], .rank = pick(model, 6)};
		snprintf(job->id, sizeof job->id, "%s:x%d", job->kind, first + i);
		for (int j = pick(model, 4); j > 0; j--) {
			int need = pick(model, first + i);
			bool known = false;
			for (int k = 0; k < job->need_count; k++)
				known = known || job->needs[k] == need;
			if (!known)
				job->needs[job->need_count++] = need;
		}
		for (int j = 0; j < job->need_count; j++)
			needs[i][j] = model->jobs[job->needs[j]].id;
		jobs[count - 1 - i] = (struct queue_job){job->id, job->kind, job->rank, needs[i],
							 (size_t)job->need_count}; // needs come last
	}
	possible = true;
	for (int i = 0; i < before_count; i++) {
		possible = possible && (is(&kept, before[i], "waiting") || is(&kept, before[i], "ready") ||
					is(&kept, before[i], "blocked"));
		possible = possible && !reaches(model, holder, before[i]);
		for (int j = 0; j < count; j++)
			for (int k = 0; k < model->jobs[first + j].need_count; k++) {
				int need = model->jobs[first + j].needs[k];
				possible = possible && (need >= first || settled(&model->jobs[need]) ||
							!reaches(model, need, before[i]));
			}
	}
	const struct model_job *held = &kept.jobs[holder];
	possible = possible && held->base == LEASED && held->fence == fence && !model->cancelled;
	note("extend %s%s: %d jobs before %d (%s …)", held->id, fence == held->fence ? "" : " with another fence",
	     count, before_count, before_count ? before_ids[0] : "");
	for (int turn = 0; turn <= again; turn++) {
		int status = queue_extend(model->queue, model->run, held->id, fence, jobs, (size_t)count, before_ids,
					  (size_t)before_count, &err);
		expect((status == 0) == possible, "extend gives %d, expected %s: %s", status,
		       possible ? "success" : "an error", err.text);
	}
	if (!possible) {
		model->count = first;
		return;
	}
	for (int i = 0; i < before_count; i++) {
		struct model_job *job = &model->jobs[before[i]];
		for (int j = 0; j < count; j++)
			job->needs[job->need_count++] = first + j;
		bool known = false;
		for (int k = 0; k < job->need_count; k++)
			known = known || job->needs[k] == holder;
		if (!known)
			job->needs[job->need_count++] = holder;
	}
}

// ---- sequences -------------------------------------------------------------------------------------------------------

static void make_jobs(struct model *model, struct queue_job *jobs, const char *needs[JOBS][NEEDS])
{
	static const char *const kinds[] = {"scan", "emit", "translate", "translate", "publish"};
	model->count = 2 + pick(model, 12);
	for (int i = 0; i < model->count; i++) {
		struct model_job *job = &model->jobs[i];
		*job = (struct model_job){.kind = kinds[pick(model, 5)], .rank = pick(model, 8) / 2.0};
		snprintf(job->id, sizeof job->id, "%s:%d", job->kind, i);
		for (int need = 0; need < i && job->need_count < NEEDS; need++)
			if (chance(model, 25))
				job->needs[job->need_count++] = need;
		for (int j = 0; j < job->need_count; j++)
			needs[i][j] = model->jobs[job->needs[j]].id;
		jobs[i] = (struct queue_job){job->id, job->kind, job->rank, needs[i], (size_t)job->need_count};
	}
}

// In chunks, in any order, some twice.
static void load_jobs(struct model *model)
{
	struct error err = ERROR_INIT;
	struct queue_job jobs[JOBS];
	const char *needs[JOBS][NEEDS];
	const char *policy = model->bridge ? "bridge" : "block";
	make_jobs(model, jobs, needs);
	for (int i = model->count - 1; i > 0; i--) {
		int other = pick(model, i + 1);
		struct queue_job job = jobs[i];
		jobs[i] = jobs[other];
		jobs[other] = job;
	}
	for (int i = 0; i < pick(model, 4); i++) {
		int first = pick(model, model->count), count = 1 + pick(model, model->count - first);
		expect(!queue_load(model->queue, model->run, "digest", policy, jobs + first, (size_t)count, &err),
		       "load: %s", err.text);
		expect(!queue_check(model->queue, model->run, &err), "check: %s", err.text);
	}
	expect(!queue_load(model->queue, model->run, "digest", policy, jobs, (size_t)model->count, &err), "load: %s",
	       err.text);
	expect(!queue_seal(model->queue, model->run, &err), "seal: %s", err.text);
	free(fixture_command(&server, "HSET {r:%s}:meta backoff 0", model->run));
	if (model->sliced)
		free(fixture_command(&server, "HSET {r:%s}:meta slice %d", model->run, 1 + pick(model, 3)));
	compare(model, true);
}

static void run_sequence(struct queue *queue, unsigned seed, int *steps, int *ends)
{
	static const struct {
		int weight;
		void (*call)(struct model *);
	} calls[] = {{30, do_claim},  {22, do_finish}, {16, do_fail}, {6, do_beat},  {6, do_reap},
		     {4, do_release}, {6, do_retry},   {2, do_pause}, {8, do_extend}};
	struct model model_of = {.queue = queue,
				 .seed = seed,
				 .random = seed * 2654435761u + 12345,
				 .trace = TEXT_INIT},
		     *model = &model_of;
	snprintf(model->run, sizeof model->run, "model-%u", seed);
	model->bridge = chance(model, 50);
	model->sliced = chance(model, 50);
	load_jobs(model);
	for (int length = 10 + pick(model, 40); length > 0; length--) {
		int choice = pick(model, 100);
		size_t i = 0;
		for (; choice >= calls[i].weight; i++)
			choice -= calls[i].weight;
		if (chance(model, 1))
			do_cancel(model);
		else
			calls[i].call(model);
		compare(model, length % 5 == 0);
		++*steps;
		*ends += over(model);
	}
	drain(model);
	compare(model, true);
	text_clear(&model->trace);
}

static unsigned from_environment(const char *name, unsigned otherwise)
{
	const char *text = getenv(name);
	return text && *text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

static void test_lockstep(void **state)
{
	unsigned seconds = from_environment("GOPHERSNAKE_TEST_SECONDS", 0);
	unsigned seed = from_environment("GOPHERSNAKE_TEST_SEED", seconds ? (unsigned)time(NULL) : 1);
	unsigned count = from_environment("GOPHERSNAKE_TEST_SEQUENCES", seconds ? UINT_MAX : SEQUENCES);
	struct error err = ERROR_INIT;
	struct queue *queue;
	int steps = 0, ends = 0;
	(void)state;
	int64_t begin = fixture_now();
	assert_ok(queue_open(server.url, &queue, &err));
	for (size_t i = 0; i < ARRAY_LENGTH(found); i++)
		run_sequence(queue, found[i], &steps, &ends);
	unsigned i = 0;
	for (; i < count && !(seconds && fixture_now() - begin > seconds * 1000LL); i++) {
		if (i % 100 == 0)
			fixture_do(&server, "FLUSHALL");
		run_sequence(queue, seed + i, &steps, &ends);
	}
	printf("# %u sequences from seed %u on, %d calls (%d on runs that were over), %lld ms\n", i, seed, steps, ends,
	       (long long)(fixture_now() - begin));
	queue_free(queue);
}

static int start(void **state)
{
	static const char *const extra[] = {"--appendfsync", "no", NULL};
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

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_lockstep)};
	return cmocka_run_group_tests(tests, start, stop);
}
