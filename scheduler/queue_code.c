// The function library in Redis: put together from the Lua files, and loaded
// only when the server has none or an older one. A newer protocol is refused;
// a newer revision of the same protocol is left in place.
#include "core/asset.h"
#include "core/digest.h"
#include "scheduler/queue_internal.h"

// Raise it with every change of the Lua files that keeps the protocol. (A forgotten one is no harm on one host: other
// code of the same revision is replaced.)
enum { QUEUE_REVISION = 2 };

static const char *const parts[] = {"scheduler/queue.lua", "scheduler/queue_load.lua", "scheduler/queue_read.lua",
				    "scheduler/money.lua"};

static int build_code(struct text *out, char digest[DIGEST_HEX_SIZE], struct error *err)
{
	cleanup_text struct text body = TEXT_INIT;
	for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
		struct slice part = asset_find(parts[i]);
		if (!part.ptr)
			return error_set(err, ERROR_TOOL, "this program was built without %s: build it again",
					 parts[i]);
		text_add_slice(&body, part);
	}
	digest_hex_of(body.ptr, body.len, digest);
	text_addf(out, "#!lua name=gophersnake\nlocal PROTOCOL, REVISION, DIGEST = %d, %d, '%s'\n", QUEUE_PROTOCOL,
		  QUEUE_REVISION, digest);
	text_add_slice(out, text_slice(&body));
	return 0;
}

static int too_old(struct queue *queue, struct error *err)
{
	cleanup_reply redisReply *reply = NULL;
	const char *name = connection_name(queue->connection);
	command_reset(&queue->command);
	command_add(&queue->command, "INFO");
	command_add(&queue->command, "server");
	if (connection_call(queue->connection, &queue->command, &reply, err))
		return -1;
	struct slice rest = slice_of(reply->type == REDIS_REPLY_STRING ? reply->str : ""), line;
	while (slice_cut(&rest, '\n', &line))
		if (slice_starts(line, "redis_version:")) {
			line = slice_trim(slice_from(line, strlen("redis_version:")));
			return error_set(err, ERROR_REDIS,
					 "Redis at %s is version %.*s and has no functions: 7.0 or later is needed",
					 name, (int)line.len, line.ptr);
		}
	return error_set(err, ERROR_REDIS,
			 "Redis at %s has no functions (FCALL) and does not say its version: 7.0 or later is needed",
			 name);
}

static int load_code(struct queue *queue, const struct text *code, bool replace, struct error *err)
{
	cleanup_reply redisReply *reply = NULL;
	command_reset(&queue->command);
	command_add(&queue->command, "FUNCTION");
	command_add(&queue->command, "LOAD");
	if (replace)
		command_add(&queue->command, "REPLACE");
	command_add_bytes(&queue->command, code->ptr, code->len);
	if (connection_send(queue->connection, &queue->command, err) ||
	    connection_receive(queue->connection, &reply, err))
		return -1;
	if (reply->type != REDIS_REPLY_ERROR)
		return 0;
	if (strstr(reply->str, "already exists"))
		return error_set(
			err, ERROR_REDIS,
			"Redis at %s has a function library that is not ours under our names (%s): use another "
			"Redis, or FUNCTION DELETE it",
			connection_name(queue->connection), reply->str);
	return connection_explain(queue->connection, reply->str, err);
}

int queue_load_code(struct queue *queue, struct error *err)
{
	cleanup_text struct text code = TEXT_INIT;
	char digest[DIGEST_HEX_SIZE];
	if (build_code(&code, digest, err))
		return -1;
	cleanup_reply redisReply *reply = NULL;
	command_reset(&queue->command);
	command_add(&queue->command, "FCALL_RO");
	command_add(&queue->command, "gophersnake_version");
	command_add(&queue->command, "0");
	if (connection_send(queue->connection, &queue->command, err) ||
	    connection_receive(queue->connection, &reply, err))
		return -1;
	if (reply->type == REDIS_REPLY_ERROR && strstr(reply->str, "unknown command"))
		return too_old(queue, err);
	if (reply->type == REDIS_REPLY_ERROR && strstr(reply->str, "Function not found")) {
		struct error first = ERROR_INIT;
		if (!load_code(queue, &code, false, &first))
			return 0;
		// Another process may have loaded it in this moment.
		cleanup_reply redisReply *again = NULL;
		command_reset(&queue->command);
		command_add(&queue->command, "FCALL_RO");
		command_add(&queue->command, "gophersnake_version");
		command_add(&queue->command, "0");
		if (connection_alive(queue->connection) &&
		    !connection_call(queue->connection, &queue->command, &again, err))
			return queue_load_code(queue, err);
		*err = first;
		return -1;
	}
	if (reply->type == REDIS_REPLY_ERROR)
		return connection_explain(queue->connection, reply->str, err);
	int64_t protocol, revision;
	if (reply_number(queue, reply, 0, &protocol, err) || reply_number(queue, reply, 1, &revision, err))
		return -1;
	if (protocol > QUEUE_PROTOCOL)
		return error_set(
			err, ERROR_REDIS,
			"Redis at %s is used by a newer gophersnake (queue protocol %lld, this program speaks %d): "
			"update this program, or give it a Redis of its own",
			connection_name(queue->connection), (long long)protocol, QUEUE_PROTOCOL);
	bool same =
		protocol == QUEUE_PROTOCOL &&
		(revision > QUEUE_REVISION || (revision == QUEUE_REVISION && !strcmp(reply_text(reply, 2), digest)));
	return same ? 0 : load_code(queue, &code, true, err);
}
