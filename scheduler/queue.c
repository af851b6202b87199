// The queue's connection and what agents and people do to a run: claim, beat,
// finish, fail, release, reap, pause, cancel, retry. Loading is in queue_load.c,
// reading in queue_status.c and queue_check.c, the state machine in queue.lua.
#include "core/clock.h"
#include "scheduler/queue_graph.h"
#include "scheduler/queue_internal.h"

enum {
	BLOCK = 1000,          // milliseconds that a claim blocks at most before it looks by itself
	REASON_BYTES = 4096,   // of a failure, cut when longer
	OUTCOME_BYTES = 65536, // of a result's short text, refused when longer
	AGENT_BYTES = 256,
	RETRIES = 100000, // failures that one retry of a blocked job takes up again
};

// ---- connection ------------------------------------------------------------------------------------------------------

int queue_open(const char *url, struct queue **out, struct error *err)
{
	struct queue *queue = xcalloc(1, sizeof *queue);
	if (connection_open(url, 0, &queue->connection, err) || queue_load_code(queue, err)) {
		queue_free(queue);
		return -1;
	}
	*out = queue;
	return 0;
}

void queue_free(struct queue *queue)
{
	if (!queue)
		return;
	connection_free(queue->connection);
	command_clear(&queue->command);
	free(queue);
}

int queue_ready(struct queue *queue, struct error *err)
{
	if (connection_alive(queue->connection))
		return 0;
	return connection_reopen(queue->connection, err) || queue_load_code(queue, err) ? -1 : 0;
}

int queue_check_name(const char *what, const char *name, struct error *err)
{
	size_t length = strlen(name);
	if (!length || length > QUEUE_NAME_BYTES)
		return error_set(err, ERROR_INPUT, "the name of a %s has 1 to %d bytes, \"%.60s\" has %zu", what,
				 QUEUE_NAME_BYTES, name, length);
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f)
			return error_set(err, ERROR_INPUT,
					 "the name of a %s has a control character (byte 0x%02x at %zu)", what,
					 (unsigned char)name[i], i);
	return 0;
}

void queue_key(const char *run, const char *suffix, struct text *out)
{
	text_add(out, "{r:");
	for (const char *c = run; *c; c++)
		if (*c == '{' || *c == '}' || *c == '%')
			text_addf(out, "%%%02X", (unsigned char)*c);
		else
			text_add_char(out, *c);
	text_add(out, "}:");
	text_add(out, suffix);
}

void queue_begin(struct queue *queue, const char *function, const char *run)
{
	cleanup_text struct text key = TEXT_INIT;
	queue_key(run, "meta", &key);
	command_reset(&queue->command);
	command_add(&queue->command, "FCALL");
	command_add(&queue->command, function);
	command_add(&queue->command, "1");
	command_add(&queue->command, key.ptr);
}

int queue_explain(struct queue *queue, const char *run, const char *answer, struct error *err)
{
	const char *name = connection_name(queue->connection), *rest = strchr(answer, ' ');
	rest = rest ? rest + 1 : "";
	if (!strncmp(answer, "REFUSED ", 8))
		return error_set(err, ERROR_REDIS, "run %s: %s", run, rest);
	if (!strncmp(answer, "NORUN ", 6))
		return error_set(
			err, ERROR_REDIS,
			"run %s: Redis at %s has no such run (was its data lost?): start it again with convert", run,
			name);
	if (!strncmp(answer, "PROTOCOL ", 9))
		return error_set(
			err, ERROR_REDIS,
			"run %s: it was made with queue protocol %s and this program speaks %d: finish it with the "
			"version that made it, or start another run",
			run, rest, QUEUE_PROTOCOL);
	if (!strncmp(answer, "FOREIGN ", 8))
		return error_set(
			err, ERROR_REDIS,
			"run %s: the key \"%s\" in Redis at %s holds data that is not gophersnake's: use another "
			"database (/1 at the end of the URL)",
			run, rest, name);
	if (!strncmp(answer, "PLAN ", 5))
		return error_set(
			err, ERROR_REDIS,
			"run %s: Redis at %s has a run of this name for another plan (%s): choose another name, or "
			"cancel that run",
			run, name, rest);
	connection_explain(queue->connection, answer, err);
	return error_context(err, "run %s", run);
}

int queue_send(struct queue *queue, struct error *err)
{
	return connection_send(queue->connection, &queue->command, err);
}

int queue_receive(struct queue *queue, const char *run, redisReply **out, struct error *err)
{
	cleanup_reply redisReply *reply = NULL;
	if (connection_receive(queue->connection, &reply, err))
		return -1;
	if (reply->type == REDIS_REPLY_ERROR)
		return queue_explain(queue, run, reply->str, err);
	*out = steal(&reply);
	return 0;
}

int queue_exchange(struct queue *queue, redisReply **out, struct error *err)
{
	cleanup_reply redisReply *reply = NULL;
	if (queue_send(queue, err) || connection_receive(queue->connection, &reply, err))
		return -1;
	if (reply->type == REDIS_REPLY_ERROR && strstr(reply->str, "Function not found")) {
		// FUNCTION FLUSH, or a Redis that lost its data: nothing was executed, so it may be sent again.
		struct command command = queue->command;
		queue->command = (struct command)COMMAND_INIT;
		int failed = queue_load_code(queue, err);
		command_clear(&queue->command);
		queue->command = command;
		freeReplyObject(reply);
		reply = NULL;
		if (failed || queue_send(queue, err) || connection_receive(queue->connection, &reply, err))
			return -1;
	}
	*out = steal(&reply);
	return 0;
}

int queue_call(struct queue *queue, const char *run, redisReply **out, struct error *err)
{
	cleanup_reply redisReply *reply = NULL;
	if (queue_exchange(queue, &reply, err))
		return -1;
	if (reply->type == REDIS_REPLY_ERROR)
		return queue_explain(queue, run, reply->str, err);
	*out = steal(&reply);
	return 0;
}

int reply_number(const struct queue *queue, const redisReply *reply, size_t i, int64_t *out, struct error *err)
{
	const redisReply *item = reply->type == REDIS_REPLY_ARRAY && i < reply->elements ? reply->element[i] : NULL;
	if (item && item->type == REDIS_REPLY_INTEGER) {
		*out = item->integer;
		return 0;
	}
	if (item && item->type == REDIS_REPLY_STRING && !parse_i64((struct slice){item->str, item->len}, out))
		return 0;
	return connection_confused(queue->connection, "a function", err);
}

const char *reply_text(const redisReply *reply, size_t i)
{
	const redisReply *item = reply->type == REDIS_REPLY_ARRAY && i < reply->elements ? reply->element[i] : NULL;
	return item && (item->type == REDIS_REPLY_STRING || item->type == REDIS_REPLY_STATUS) ? item->str : "";
}

// Connects if need be, checks the names, and begins the command. job may be NULL.
static int begin(struct queue *queue, const char *function, const char *run, const char *job, struct error *err)
{
	if (queue_check_name("run", run, err) || (job && queue_check_name("job", job, err)) || queue_ready(queue, err))
		return -1;
	queue_begin(queue, function, run);
	if (job)
		command_add(&queue->command, job);
	return 0;
}

static void add_fence(struct queue *queue, uint64_t fence)
{
	char digits[24];
	snprintf(digits, sizeof digits, "%llu", (unsigned long long)fence);
	command_add(&queue->command, digits);
}

// ---- agents ----------------------------------------------------------------------------------------------------------

void queue_claim_clear(struct queue_claim *claim)
{
	free(claim->job);
	*claim = (struct queue_claim){0};
}

struct claim_answer {
	int64_t due; // milliseconds until a lease or delay runs out, -1: none
	bool pending, stuck;
};

static int claim_once(struct queue *queue, const char *run, const char *agent, int64_t lease, struct queue_claim *out,
		      struct claim_answer *answer, struct error *err)
{
	cleanup_reply redisReply *reply = NULL;
	if (begin(queue, "gophersnake_claim", run, NULL, err))
		return -1;
	command_add(&queue->command, agent);
	command_add_number(&queue->command, lease);
	if (queue_call(queue, run, &reply, err))
		return -1;
	int64_t numbers[9];
	for (size_t i = 1; i < ARRAY_LENGTH(numbers); i++)
		if (reply_number(queue, reply, i, &numbers[i], err))
			return -1;
	const char *job = reply_text(reply, 0);
	*out = (struct queue_claim){.job = *job ? xstrdup(job) : NULL,
				    .fence = (uint64_t)numbers[1],
				    .lease = lease,
				    .attempts = (int)numbers[2],
				    .finished = numbers[3] != 0,
				    .paused = numbers[4] != 0,
				    .cancelled = numbers[5] != 0};
	*answer = (struct claim_answer){.due = numbers[6], .pending = numbers[7] != 0, .stuck = numbers[8] != 0};
	return 0;
}

// Blocks until somebody leaves a token, at most so many milliseconds.
static int wait_for_work(struct queue *queue, const char *run, int64_t milliseconds, struct error *err)
{
	cleanup_text struct text key = TEXT_INIT;
	cleanup_reply redisReply *reply = NULL;
	queue_key(run, "wake", &key);
	command_reset(&queue->command);
	command_add(&queue->command, "BLPOP");
	command_add(&queue->command, key.ptr);
	command_add_double(&queue->command, (double)milliseconds / 1000);
	return queue_call(queue, run, &reply, err);
}

int queue_claim(struct queue *queue, const char *run, const char *agent, int64_t lease, int64_t wait,
		struct queue_claim *out, struct error *err)
{
	if (!*agent || strlen(agent) > AGENT_BYTES || lease < 0)
		return error_set(err, ERROR_INPUT,
				 "a claim needs an agent's name of 1 to %d bytes and a lease of 0 ms or more",
				 AGENT_BYTES);
	int64_t end = system_clock.monotonic(system_clock.context) + wait;
	for (;;) {
		struct queue_claim claim = {0};
		struct claim_answer answer;
		if (claim_once(queue, run, agent, lease, &claim, &answer, err))
			return -1;
		if (answer.stuck)
			return queue_explain_stuck(queue, run, err);
		int64_t left = end - system_clock.monotonic(system_clock.context);
		if (claim.job || claim.finished || claim.cancelled ||
		    (left <= 0 && (claim.paused || !answer.pending))) {
			*out = claim;
			return 0;
		}
		if (answer.pending) // every call brings the waves forward
			continue;
		left = left > BLOCK ? BLOCK : left;
		if (answer.due >= 0 && answer.due < left)
			left = answer.due;
		if (wait_for_work(queue, run, left > 0 ? left : 1, err))
			return -1;
	}
}

int queue_beat(struct queue *queue, const char *run, const char *job, uint64_t fence, int64_t lease, bool *lost,
	       struct error *err)
{
	cleanup_reply redisReply *reply = NULL;
	int64_t answer;
	if (lease < 0)
		return error_set(err, ERROR_INPUT, "a lease has 0 ms or more");
	if (begin(queue, "gophersnake_beat", run, NULL, err))
		return -1;
	command_add_number(&queue->command, lease);
	command_add(&queue->command, job);
	add_fence(queue, fence);
	if (queue_call(queue, run, &reply, err) || reply_number(queue, reply, 0, &answer, err))
		return -1;
	*lost = answer != 0;
	return 0;
}

static int call_for_answer(struct queue *queue, const char *run, enum queue_answer *out, struct error *err)
{
	static const char *const words[] = {
		[QUEUE_ACCEPTED] = "ACCEPTED", [QUEUE_REPEATED] = "REPEATED", [QUEUE_STALE] = "STALE"};
	cleanup_reply redisReply *reply = NULL;
	if (queue_call(queue, run, &reply, err))
		return -1;
	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		if (!strcmp(reply_text(reply, 0), words[i])) {
			*out = (enum queue_answer)i;
			return 0;
		}
	return connection_confused(queue->connection, "a function", err);
}

int queue_finish(struct queue *queue, const char *run, const char *job, uint64_t fence, const char *digest,
		 const char *outcome, enum queue_answer *answer, struct error *err)
{
	if (strlen(digest) > 64 || strlen(outcome) > OUTCOME_BYTES)
		return error_set(err, ERROR_INPUT,
				 "%s: a result has a digest of at most 64 bytes and a text of at most %d; put more "
				 "into the store",
				 job, OUTCOME_BYTES);
	if (begin(queue, "gophersnake_finish", run, job, err))
		return -1;
	add_fence(queue, fence);
	command_add(&queue->command, digest);
	command_add(&queue->command, outcome);
	return call_for_answer(queue, run, answer, err);
}

int queue_fail(struct queue *queue, const char *run, const char *job, uint64_t fence, bool retry, const char *category,
	       const char *reason, enum queue_answer *answer, struct error *err)
{
	static const char mark[] = "…";
	cleanup_text struct text shown = TEXT_INIT;
	size_t length = strlen(reason);
	if (length > REASON_BYTES) {
		length = REASON_BYTES - strlen(mark);
		while (length && ((unsigned char)reason[length] & 0xC0) == 0x80)
			length--;
		text_add_bytes(&shown, reason, length);
		text_add(&shown, mark);
	}
	if (begin(queue, "gophersnake_fail", run, job, err))
		return -1;
	add_fence(queue, fence);
	command_add(&queue->command, retry ? "1" : "0");
	command_add(&queue->command, category);
	command_add(&queue->command, shown.len ? shown.ptr : reason);
	return call_for_answer(queue, run, answer, err);
}

int queue_release(struct queue *queue, const char *run, const char *job, uint64_t fence, struct error *err)
{
	enum queue_answer answer; // stale: another has it already, nothing to give back
	if (begin(queue, "gophersnake_release", run, job, err))
		return -1;
	add_fence(queue, fence);
	return call_for_answer(queue, run, &answer, err);
}

int queue_reap(struct queue *queue, const char *run, int *moved, struct error *err)
{
	cleanup_reply redisReply *reply = NULL;
	int64_t count;
	if (begin(queue, "gophersnake_reap", run, NULL, err) || queue_call(queue, run, &reply, err) ||
	    reply_number(queue, reply, 0, &count, err))
		return -1;
	*moved = (int)count;
	return 0;
}

// ---- people ----------------------------------------------------------------------------------------------------------

int queue_pause(struct queue *queue, const char *run, bool paused, struct error *err)
{
	cleanup_reply redisReply *reply = NULL;
	if (begin(queue, "gophersnake_pause", run, NULL, err))
		return -1;
	command_add(&queue->command, paused ? "1" : "0");
	return queue_call(queue, run, &reply, err);
}

int queue_cancel(struct queue *queue, const char *run, struct error *err)
{
	for (int64_t more = 1; more;) {
		cleanup_reply redisReply *reply = NULL;
		if (begin(queue, "gophersnake_cancel", run, NULL, err) || queue_call(queue, run, &reply, err) ||
		    reply_number(queue, reply, 0, &more, err))
			return -1;
	}
	return 0;
}

int queue_retry(struct queue *queue, const char *run, const char *job, struct error *err)
{
	for (int turn = 0; turn < RETRIES; turn++) {
		cleanup_reply redisReply *reply = NULL;
		if (begin(queue, "gophersnake_retry", run, job, err) || queue_call(queue, run, &reply, err))
			return -1;
		if (!strcmp(reply_text(reply, 0), "OK"))
			return 0;
		if (strcmp(reply_text(reply, 0), "AGAIN"))
			return connection_confused(queue->connection, "retry", err);
	}
	return error_set(err, ERROR_REDIS,
			 "run %s: %s is still blocked after %d failures that block it were retried: try again", run,
			 job, RETRIES);
}
