// The connection itself. Commands are written with send(MSG_NOSIGNAL), since
// hiredis 0.14 writes without and a lost Redis would end the process by
// SIGPIPE; replies are read by hiredis. What Redis's error words mean for
// people stands in one table at the end.
#include "scheduler/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "core/clock.h"
#include "scheduler/redis_url.h"

struct connection {
	struct redis_url url;
	redisContext *context; // NULL before the first success
	bool broken;
	int64_t timeout;
};

// ---- commands --------------------------------------------------------------------------------------------------------

void command_add_bytes(struct command *command, const void *data, size_t length)
{
	text_addf(&command->body, "$%zu\r\n", length);
	text_add_bytes(&command->body, data, length);
	text_add_bytes(&command->body, "\r\n", 2);
	command->count++;
}

void command_add(struct command *command, const char *argument)
{
	command_add_bytes(command, argument, strlen(argument));
}

void command_add_number(struct command *command, int64_t number)
{
	char digits[24];
	int length = snprintf(digits, sizeof digits, "%lld", (long long)number);
	command_add_bytes(command, digits, (size_t)length);
}

void command_add_double(struct command *command, double number)
{
	char digits[32];
	int length = 0;
	for (int precision = 6; precision <= 17; precision++) {
		length = snprintf(digits, sizeof digits, "%.*g", precision, number);
		if (strtod(digits, NULL) == number)
			break;
	}
	command_add_bytes(command, digits, (size_t)length);
}

void command_reset(struct command *command)
{
	text_reset(&command->body);
	command->count = 0;
}

void command_clear(struct command *command)
{
	text_clear(&command->body);
	command->count = 0;
}

// ---- opening ---------------------------------------------------------------------------------------------------------

static struct timeval interval(int64_t milliseconds)
{
	return (struct timeval){.tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000};
}

static int break_off(struct connection *connection, struct error *err, const char *doing)
{
	const redisContext *context = connection->context;
	connection->broken = true;
	const char *name = connection_name(connection);
	if (!context)
		return error_set(err, ERROR_REDIS, "Redis at %s: no connection", name);
	if (context->err == REDIS_ERR_IO && (errno == EAGAIN || errno == EWOULDBLOCK || errno == ETIMEDOUT))
		return error_set(err, ERROR_REDIS,
				 "Redis at %s: no answer within %lld ms while %s: is it stopped or overloaded?", name,
				 (long long)connection->timeout, doing);
	if (context->err == REDIS_ERR_EOF)
		return error_set(err, ERROR_REDIS,
				 "Redis at %s closed the connection while %s: it was stopped or restarted", name,
				 doing);
	return error_set(err, ERROR_REDIS, "Redis at %s: %s while %s", name, context->errstr, doing);
}

static int connect_socket(struct connection *connection, struct error *err)
{
	const struct redis_url *url = &connection->url;
	if (connection->context)
		redisFree(connection->context);
	connection->broken = true;
	struct timeval timeout = interval(connection->timeout);
	connection->context = url->path ? redisConnectUnixWithTimeout(url->path, timeout)
					: redisConnectWithTimeout(url->host, url->port, timeout);
	redisContext *context = connection->context;
	if (!context)
		return error_set(err, ERROR_REDIS, "Redis at %s: no memory for a connection", url->name);
	if (context->err)
		return error_set(err, ERROR_REDIS,
				 "cannot connect to Redis at %s: %s: start it, or name another with --redis", url->name,
				 context->errstr);
	fcntl(context->fd, F_SETFD, FD_CLOEXEC);
	redisSetTimeout(context, timeout);
	if (!url->path)
		redisEnableKeepAlive(context);
	connection->broken = false;
	return 0;
}

static int sign_in(struct connection *connection, struct error *err)
{
	const struct redis_url *url = &connection->url;
	if (!url->password)
		return 0;
	cleanup_command struct command command = COMMAND_INIT;
	cleanup_reply redisReply *reply = NULL;
	command_add(&command, "AUTH");
	if (url->user)
		command_add(&command, url->user);
	command_add(&command, url->password);
	return connection_call(connection, &command, &reply, err);
}

static int choose_database(struct connection *connection, struct error *err)
{
	if (!connection->url.database)
		return 0;
	cleanup_command struct command command = COMMAND_INIT;
	cleanup_reply redisReply *reply = NULL;
	command_add(&command, "SELECT");
	command_add_number(&command, connection->url.database);
	if (!connection_call(connection, &command, &reply, err))
		return 0;
	return error_context(err, "database %d", connection->url.database);
}

// A Redis that loads its data answers everything with LOADING; that is worth some patience.
static int wait_until_loaded(struct connection *connection, struct error *err)
{
	cleanup_command struct command command = COMMAND_INIT;
	command_add(&command, "PING");
	int64_t start = system_clock.monotonic(system_clock.context);
	for (int64_t pause = 5;; pause = pause < 200 ? pause * 2 : 200) {
		cleanup_reply redisReply *reply = NULL;
		if (connection_send(connection, &command, err) || connection_receive(connection, &reply, err))
			return -1;
		if (reply->type != REDIS_REPLY_ERROR)
			return 0;
		if (!reply_is_error(reply, "LOADING"))
			return connection_explain(connection, reply->str, err);
		if (system_clock.monotonic(system_clock.context) - start > CONNECTION_LOADING_WAIT)
			return connection_explain(connection, reply->str, err);
		system_clock.sleep(system_clock.context, pause);
	}
}

int connection_reopen(struct connection *connection, struct error *err)
{
	if (connect_socket(connection, err) || sign_in(connection, err) || choose_database(connection, err) ||
	    wait_until_loaded(connection, err)) {
		connection->broken = true;
		return -1;
	}
	return 0;
}

int connection_open(const char *url, int64_t timeout, struct connection **out, struct error *err)
{
	struct connection *connection = xcalloc(1, sizeof *connection);
	connection->timeout = timeout > 0 ? timeout : CONNECTION_TIMEOUT;
	if (redis_url_parse(url, &connection->url, err) || connection_reopen(connection, err)) {
		connection_free(connection);
		return -1;
	}
	*out = connection;
	return 0;
}

void connection_free(struct connection *connection)
{
	if (!connection)
		return;
	if (connection->context)
		redisFree(connection->context);
	redis_url_clear(&connection->url);
	free(connection);
}

bool connection_alive(const struct connection *connection)
{
	return connection->context && !connection->broken;
}

const char *connection_name(const struct connection *connection)
{
	return connection->url.name;
}

// ---- calls -----------------------------------------------------------------------------------------------------------

static int send_all(struct connection *connection, const char *data, size_t length, struct error *err)
{
	while (length) {
		ssize_t sent = send(connection->context->fd, data, length, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0) {
			connection->broken = true;
			return error_errno(err, ERROR_REDIS, "Redis at %s: the connection broke",
					   connection_name(connection));
		}
		data += sent;
		length -= (size_t)sent;
	}
	return 0;
}

int connection_send(struct connection *connection, const struct command *command, struct error *err)
{
	if (!connection_alive(connection))
		return error_set(err, ERROR_REDIS, "Redis at %s: the connection is lost", connection_name(connection));
	char head[24];
	int length = snprintf(head, sizeof head, "*%zu\r\n", command->count);
	// One packet for small commands: the head goes in front in one buffer.
	if (command->body.len <= 4096) {
		char whole[4096 + sizeof head];
		memcpy(whole, head, (size_t)length);
		memcpy(whole + length, text_str(&command->body), command->body.len);
		return send_all(connection, whole, (size_t)length + command->body.len, err);
	}
	if (send_all(connection, head, (size_t)length, err))
		return -1;
	return send_all(connection, command->body.ptr, command->body.len, err);
}

int connection_receive(struct connection *connection, redisReply **out, struct error *err)
{
	*out = NULL;
	if (!connection_alive(connection))
		return error_set(err, ERROR_REDIS, "Redis at %s: the connection is lost", connection_name(connection));
	void *reply = NULL;
	errno = 0;
	if (redisGetReply(connection->context, &reply) != REDIS_OK || !reply)
		return break_off(connection, err, "waiting for an answer");
	*out = reply;
	return 0;
}

int connection_call(struct connection *connection, const struct command *command, redisReply **out, struct error *err)
{
	cleanup_reply redisReply *reply = NULL;
	if (connection_send(connection, command, err) || connection_receive(connection, &reply, err))
		return -1;
	if (reply->type == REDIS_REPLY_ERROR)
		return connection_explain(connection, reply->str, err);
	*out = steal(&reply);
	return 0;
}

bool reply_is_error(const redisReply *reply, const char *code)
{
	size_t length = strlen(code);
	return reply->type == REDIS_REPLY_ERROR && !strncmp(reply->str, code, length) &&
	       (reply->str[length] == ' ' || reply->str[length] == 0);
}

int connection_confused(const struct connection *connection, const char *what, struct error *err)
{
	return error_set(
		err, ERROR_REDIS,
		"Redis at %s: an answer of an unknown form to %s: is its function library \"gophersnake\" ours?",
		connection_name(connection), what);
}

// ---- what the words mean ---------------------------------------------------------------------------------------------

static const struct {
	const char *word, *advice;
} advices[] = {
	{"WRONGPASS", "wrong user or password: the URL is redis://user:password@host:port/db, or "
		      "redis://:password@host for the default user"},
	{"NOAUTH", "it wants a password: put it into the URL, redis://:password@host:port"},
	{"ERR AUTH", "it has no password set, but the URL has one"},
	{"ERR Client sent AUTH", "it has no password set, but the URL has one"},
	{"NOPERM", "this user may not do that: grant its ACL the commands and the keys {r:* and gophersnake:*"},
	{"ERR The user executing the script can't",
	 "this user may not do all that the functions do: see the ACL line at the top of scheduler/queue.lua"},
	{"ERR DB index", "there is no such database: see `databases` in its configuration"},
	{"ERR invalid DB index", "there is no such database: see `databases` in its configuration"},
	{"ERR SELECT", "a Redis Cluster has database 0 only"},
	{"READONLY", "it is a read-only replica: give the URL of its master"},
	{"OOM",
	 "its memory is full (maxmemory with noeviction), nothing was changed: raise maxmemory or remove other data"},
	{"MISCONF",
	 "it cannot write its data to disk and refuses changes, nothing was changed: look for a full disk in its log"},
	{"LOADING", "it is still loading its data from disk: try again later"},
	{"MASTERDOWN", "it is a replica that lost its master: give the URL of the master"},
	{"NOREPLICAS", "too few of its replicas are reachable (min-replicas-to-write)"},
	{"BUSY", "somebody's script runs in it for too long: SCRIPT KILL or FUNCTION KILL ends that"},
	{"DENIED", "it runs in protected mode: give it a password, or connect from its own host"},
	{"MOVED", "it is one node of a Redis Cluster and the run lives on another: give that node's URL"},
	{"CLUSTERDOWN", "its cluster is down"},
	{"ERR max number of clients", "it has too many clients: raise maxclients"},
	{"WRONGTYPE", "a key that gophersnake uses ({r:…, gophersnake:runs) holds somebody else's data: use another "
		      "database (/1 at the end of the URL)"},
};

int connection_explain(const struct connection *connection, const char *answer, struct error *err)
{
	const char *advice = NULL;
	for (size_t i = 0; i < ARRAY_LENGTH(advices) && !advice; i++)
		if (!strncmp(answer, advices[i].word, strlen(advices[i].word)))
			advice = advices[i].advice;
	// Errors inside of functions carry their code after "ERR" or with a script position; that is for developers.
	cleanup_free char *shown = xstrdup(answer);
	char *position = strstr(shown, " script: gophersnake");
	if (position && advice)
		*position = 0;
	if (!advice)
		return error_set(err, ERROR_REDIS, "Redis at %s answers: %s", connection_name(connection), shown);
	return error_set(err, ERROR_REDIS, "Redis at %s: %s (it answers: %s)", connection_name(connection), advice,
			 shown);
}
