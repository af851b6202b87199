// Calls of scheduler/money.lua.
#include "scheduler/money.h"

#include "core/digest.h"
#include "scheduler/queue_internal.h"

static int begin(struct queue *queue, const char *function, const char *run, struct error *err)
{
	cleanup_text struct text key = TEXT_INIT;
	if ((run && queue_check_name("run", run, err)) || queue_ready(queue, err))
		return -1;
	if (run)
		queue_key(run, "money", &key);
	else
		text_add(&key, "{gophersnake}:money:day");
	command_reset(&queue->command);
	command_add(&queue->command, "FCALL");
	command_add(&queue->command, function);
	command_add(&queue->command, "1");
	command_add(&queue->command, key.ptr);
	command_add(&queue->command, run ? "0" : "1");
	return 0;
}

static int finish(struct queue *queue, const char *run, const enum money_state *states, size_t count, struct money *out,
		  struct error *err)
{
	cleanup_reply redisReply *reply = NULL;
	int64_t numbers[5];
	if (queue_call(queue, run ? run : "of the day", &reply, err))
		return -1;
	for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
		if (reply_number(queue, reply, i, &numbers[i], err))
			return -1;
	if (numbers[0] < 0 || (size_t)numbers[0] >= count)
		return connection_confused(queue->connection, "a function", err);
	*out = (struct money){states[numbers[0]], numbers[1], numbers[2], numbers[3], numbers[4]};
	return 0;
}

static const enum money_state asking[] = {MONEY_GRANTED, MONEY_LATER, MONEY_NEVER, MONEY_UNKNOWN};
static const enum money_state settling[] = {MONEY_GRANTED, MONEY_BEFORE, MONEY_LOST};

int money_begin(struct queue *queue, const char *run, int64_t spent, struct money *out, struct error *err)
{
	if (begin(queue, "gophersnake_money_begin", run, err))
		return -1;
	command_add_number(&queue->command, spent);
	return finish(queue, run, asking, ARRAY_LENGTH(asking), out, err);
}

int money_reserve(struct queue *queue, const char *run, const char *id, int64_t amount, int64_t limit, int64_t time,
		  struct money *out, struct error *err)
{
	if (amount < 0 || limit < 0 || time < 0)
		return error_set(err, ERROR_INPUT, "a reservation, its limit and its time are 0 or more");
	if (begin(queue, "gophersnake_money_reserve", run, err))
		return -1;
	command_add(&queue->command, id);
	command_add_number(&queue->command, amount);
	command_add_number(&queue->command, limit);
	command_add_number(&queue->command, time);
	return finish(queue, run, asking, ARRAY_LENGTH(asking), out, err);
}

int money_settle(struct queue *queue, const char *run, const char *id, int64_t amount, struct money *out,
		 struct error *err)
{
	if (amount < 0)
		return error_set(err, ERROR_INPUT, "a charge is 0 or more");
	if (begin(queue, "gophersnake_money_settle", run, err))
		return -1;
	command_add(&queue->command, id);
	command_add_number(&queue->command, amount);
	return finish(queue, run, settling, ARRAY_LENGTH(settling), out, err);
}

int money_read(struct queue *queue, const char *run, struct money *out, struct error *err)
{
	return begin(queue, "gophersnake_money_read", run, err) ||
			       finish(queue, run, asking, ARRAY_LENGTH(asking), out, err)
		       ? -1
		       : 0;
}

int money_pause_server(struct queue *queue, const char *server, int64_t milliseconds, int64_t *left, struct error *err)
{
	cleanup_reply redisReply *reply = NULL;
	char digest[DIGEST_HEX_SIZE];
	if (queue_ready(queue, err))
		return -1;
	digest_hex_of(server, strlen(server), digest);
	cleanup_free char *key = xasprintf("{gophersnake}:pause:%.16s", digest);
	command_reset(&queue->command);
	command_add(&queue->command, "FCALL");
	command_add(&queue->command, "gophersnake_pause_server");
	command_add(&queue->command, "1");
	command_add(&queue->command, key);
	command_add_number(&queue->command, milliseconds);
	return queue_call(queue, "of a model's server", &reply, err) || reply_number(queue, reply, 0, left, err) ? -1
														 : 0;
}
