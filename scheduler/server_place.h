// Where the private Redis of a workspace lives: its folder, its lock, its
// socket. Who holds the lock is, or is just starting, the server: the lock is
// a file that redis-server has open as its standard input, so it falls with the process,
// however that ends, and no second server can ever work on the same data.
#ifndef SCHEDULER_SERVER_PLACE_H
#define SCHEDULER_SERVER_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"

struct server_place {
	char *folder;      // <workspace>/redis, real path
	char *lock;        // server.lock in it
	char *url_file;    // "url": where the newest server listens; the runtime folder may differ from one command's
			   // environment to another's, so this and not a computed path is what is asked
	char *config;      // redis.conf
	char *log;         // redis.log
	int64_t log_begin; // size of the log before the launch: what comes after is about it
};

// 1 = found, 0 = no server was ever started here (make false), -1 = error. make: the folder is made.
int server_place_find(const char *workspace, bool make, struct server_place *out, struct error *err);
void server_place_clear(struct server_place *place);

// 1 = taken (close *fd to let go), 0 = a server or somebody who starts one holds it, -1 = error.
int server_place_lock(const struct server_place *place, int *fd, struct error *err);
// NULL when no server was ever started here.
char *server_place_url(const struct server_place *place);
// The socket for a new server: in the runtime folder of this environment, which is made and must be ours alone.
int server_place_socket(const struct server_place *place, char **path, struct error *err);

// Starts redis-server with the lock as its standard input, in a session of its own. Does not wait until it answers.
int server_launch(struct server_place *place, int lock, struct error *err);
// Why a server that was launched let go of the lock, read from its log. 0 = somebody asked it to stop, -1 = it failed, in
// words for people.
int server_explain_end(const struct server_place *place, struct error *err);

#endif
