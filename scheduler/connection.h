// One connection to a Redis: its URL, signing in, commands, and errors that
// say what to do. Knows nothing of runs and jobs; queue.c and server.c build
// on it.
//
// A connection that broke stays broken (connection_alive is false) until
// connection_reopen. Commands are never repeated here: only the caller knows
// whether that is safe. Not for several threads.
#ifndef SCHEDULER_CONNECTION_H
#define SCHEDULER_CONNECTION_H

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/text.h"

enum {
	CONNECTION_TIMEOUT = 60000,      // milliseconds without an answer until Redis counts as gone
	CONNECTION_LOADING_WAIT = 60000, // milliseconds that opening waits while Redis loads its data
};

// A command under construction, already in the protocol's form: arguments may hold any bytes.
struct command {
	struct text body;
	size_t count; // arguments
};
#define COMMAND_INIT         \
	{                    \
		TEXT_INIT, 0 \
	}
void command_add(struct command *command, const char *argument);
void command_add_bytes(struct command *command, const void *data, size_t length);
void command_add_number(struct command *command, int64_t number);
void command_add_double(struct command *command, double number); // shortest form that reads back exactly
void command_reset(struct command *command);                     // keeps the memory
void command_clear(struct command *command);
#define cleanup_command __attribute__((cleanup(command_clear)))

static inline void cleanup_reply_impl(redisReply **reply)
{
	if (*reply)
		freeReplyObject(*reply);
}
#define cleanup_reply __attribute__((cleanup(cleanup_reply_impl)))

struct connection;
// url: redis://[[user]:password@]host[:port][/db] (percent-encoded, [::1] for IPv6) or unix:/path. Connects, signs in,
// chooses the database, and waits while Redis is still loading its data. timeout: milliseconds, 0 = CONNECTION_TIMEOUT.
int connection_open(const char *url, int64_t timeout, struct connection **out, struct error *err);
int connection_reopen(struct connection *connection, struct error *err);
void connection_free(struct connection *connection);
bool connection_alive(const struct connection *connection);
const char *connection_name(const struct connection *connection); // the URL without its password, for messages

// One after the other, or several sends and then as many receives. A reply may be of type REDIS_REPLY_ERROR: give it to
// connection_explain. -1 when the connection broke; it is unknown then whether Redis executed the command.
int connection_send(struct connection *connection, const struct command *command, struct error *err);
int connection_receive(struct connection *connection, redisReply **out, struct error *err);
// Send and receive, and an error reply is an error.
int connection_call(struct connection *connection, const struct command *command, redisReply **out, struct error *err);
// ERROR_REDIS with the name of this Redis, what it answered and the way out. Always -1.
int connection_explain(const struct connection *connection, const char *answer, struct error *err);
// The reply was not of the form that was asked for. Always -1.
int connection_confused(const struct connection *connection, const char *what, struct error *err);
bool reply_is_error(const redisReply *reply, const char *code); // an error reply that begins with this word

#endif
