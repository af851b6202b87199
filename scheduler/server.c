// The private Redis: found, started, stopped. What decides is the lock (see
// server_place.h): free means that no server runs and whoever took it may start
// one; held means wait for its socket to answer.
//
// There is no daemon that counts users. Who ends a run asks for a stop, and that does nothing while others are
// connected. Between the count and the stop somebody may connect and be cut off; he loses
// nothing (appendfsync always) and starts the server again with redis_server_get.
#include "scheduler/server.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/file.h"
#include "scheduler/connection.h"
#include "scheduler/server_place.h"

// Milliseconds.
enum { START_PATIENCE = 20000, STOP_PATIENCE = 20000, PROBE_TIMEOUT = 5000, ORPHAN_TIMEOUT = 2000 };

static int64_t now(void)
{
	return system_clock.monotonic(system_clock.context);
}

// 5, 10, … 100 ms
static void pause_longer(int64_t *pause)
{
	*pause = *pause ? *pause * 2 : 5;
	if (*pause > 100)
		*pause = 100;
	system_clock.sleep(system_clock.context, *pause);
}

// Waits for the end of the connection, which is that of the server.
static int shut_down(struct connection *connection, const char *how, struct error *err)
{
	cleanup_command struct command command = COMMAND_INIT;
	cleanup_reply redisReply *reply = NULL;
	struct error closed = ERROR_INIT;
	command_add(&command, "SHUTDOWN");
	if (how)
		command_add(&command, how);
	if (connection_send(connection, &command, err))
		return -1;
	if (connection_receive(connection, &reply, &closed))
		return 0; // no answer but the end: that is how it says yes
	return connection_explain(connection, reply->type == REDIS_REPLY_ERROR ? reply->str : "SHUTDOWN went on", err);
}

// A server at our socket although the lock is free works in a folder that was removed under it. Nobody can reach
// its data any more, and its end would take the new server's socket away.
static int end_orphan(const struct server_place *place, struct error *err)
{
	cleanup_free char *socket = NULL;
	struct connection *connection = NULL;
	struct error nobody = ERROR_INIT;
	if (server_place_socket(place, &socket, err))
		return -1;
	cleanup_free char *url = xasprintf("unix:%s", socket);
	if (access(socket, F_OK) || connection_open(url, ORPHAN_TIMEOUT, &connection, &nobody))
		return 0; // a name that a killed server left; the new one removes it
	int status = shut_down(connection, "NOSAVE", err);
	connection_free(connection);
	return status ? error_context(err, "a Redis whose folder was removed still runs") : 0;
}

static int launch(struct server_place *place, int lock, struct error *err)
{
	return end_orphan(place, err) || server_launch(place, lock, err) ? -1 : 0;
}

static bool answers(const char *url, struct error *why)
{
	struct connection *connection = NULL;
	if (!url || connection_open(url, PROBE_TIMEOUT, &connection, why))
		return false;
	connection_free(connection);
	return true;
}

static int fail_silent(const struct server_place *place, const struct error *why, struct error *err)
{
	cleanup_free char *pid_file = xasprintf("%s/redis.pid", place->folder);
	cleanup_text struct text pid = TEXT_INIT;
	if (file_read(pid_file, 64, &pid, NULL))
		text_add(&pid, "unknown");
	struct slice number = slice_trim(text_slice(&pid));
	return error_set(
		err, ERROR_REDIS,
		"the private Redis of this workspace runs (process %.*s, perhaps on another host) but does not "
		"answer: %s. End that process, then run the same command again; its log is %s",
		(int)number.len, number.ptr, why->code ? why->text : "it has not said where it listens", place->log);
}

static int get(struct server_place *place, bool start, char **url, struct error *err)
{
	int64_t deadline = now() + START_PATIENCE, pause = 0;
	bool launched = false;
	struct error why = ERROR_INIT;
	for (;;) {
		cleanup_fd int lock = -1;
		int taken = server_place_lock(place, &lock, err);
		if (taken < 0 || (taken && !start))
			return taken < 0 ? -1 : 0;
		if (taken && launched && server_explain_end(place, err))
			return -1;
		if (taken && now() > deadline)
			return error_set(err, ERROR_REDIS,
					 "the private Redis is stopped again and again by other commands");
		if (taken) {
			if (launch(place, lock, err))
				return -1;
			launched = true;
			continue;
		}
		cleanup_free char *there = server_place_url(place);
		if (answers(there, &why)) {
			*url = steal(&there);
			return 0;
		}
		if (now() > deadline)
			return fail_silent(place, &why, err);
		pause_longer(&pause);
	}
}

int redis_server_get(const char *workspace, bool start, char **url, struct error *err)
{
	struct server_place place;
	*url = NULL;
	int found = server_place_find(workspace, start, &place, err);
	if (found <= 0)
		return found;
	int status = get(&place, start, url, err);
	server_place_clear(&place);
	return status;
}

// ---- stop ------------------------------------------------------------------------------------------------------------

// Lines of CLIENT LIST begin with "id=<number> ".
static int count_others(struct connection *connection, int *others, struct error *err)
{
	cleanup_command struct command id = COMMAND_INIT, list = COMMAND_INIT;
	cleanup_reply redisReply *own = NULL, *all = NULL;
	command_add(&id, "CLIENT");
	command_add(&id, "ID");
	command_add(&list, "CLIENT");
	command_add(&list, "LIST");
	if (connection_call(connection, &id, &own, err) || connection_call(connection, &list, &all, err))
		return -1;
	if (own->type != REDIS_REPLY_INTEGER || all->type != REDIS_REPLY_STRING)
		return connection_confused(connection, "CLIENT", err);
	cleanup_free char *ours = xasprintf("id=%lld ", own->integer);
	struct slice rest = {all->str, all->len}, line;
	*others = 0;
	while (slice_cut(&rest, '\n', &line))
		*others += slice_starts(line, "id=") && !slice_starts(line, ours);
	return 0;
}

// 1 = it was stopped or others use it, 0 = it went away while we talked, -1 = it refuses.
static int stop_at(const char *url, struct error *err)
{
	struct connection *connection = NULL;
	struct error lost = ERROR_INIT;
	int others = 0;
	if (connection_open(url, PROBE_TIMEOUT, &connection, &lost))
		return 0;
	int status = count_others(connection, &others, err);
	if (!status && !others)
		status = shut_down(connection, NULL, err);
	bool alive = connection_alive(connection);
	connection_free(connection);
	if (status)
		return alive ? -1 : 0;
	return 1;
}

// Somebody else may be starting or stopping it at the same time. Done when nobody holds the lock, or when a server
// answers after ours has closed: that one was started since, by somebody who wants it.
static int stop(const struct server_place *place, struct error *err)
{
	int64_t deadline = now() + STOP_PATIENCE, pause = 0;
	for (bool done = false;;) {
		cleanup_fd int lock = -1;
		int taken = server_place_lock(place, &lock, err);
		if (taken)
			return taken < 0 ? -1 : 0;
		cleanup_free char *url = server_place_url(place);
		struct error why = ERROR_INIT;
		if (done && answers(url, &why))
			return 0;
		int outcome = !done && url ? stop_at(url, err) : 0;
		if (outcome < 0)
			return error_context(err, "the private Redis cannot be stopped");
		done = done || outcome;
		if (now() > deadline)
			return fail_silent(place, &why, err);
		if (!outcome)
			pause_longer(&pause);
	}
}

int redis_server_stop(const char *workspace, struct error *err)
{
	struct server_place place;
	int found = server_place_find(workspace, false, &place, err);
	if (found <= 0)
		return found;
	int status = stop(&place, err);
	server_place_clear(&place);
	return status;
}
