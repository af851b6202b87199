// The HTTP server of a workspace's registry, for go, pip, uv and people.
// libmicrohttpd parses requests and moves bytes; routes.h says what is where.
//
// It only reads, needs no Redis and no lock, and works while a convert goes on: files of the registry never change, and the lists
// that name them are replaced whole, after them.
#ifndef AGENTS_SERVE_SERVER_H
#define AGENTS_SERVE_SERVER_H

#include "core/error.h"
#include "core/log.h"

struct server;
struct server_options {
	const char *workspace;
	// "127.0.0.1:8080", "[::1]:8080", "localhost:8080", ":8080" (every IPv4 address), "[::]:8080" (every address); port 0: any
	// free one.
	const char *listen;
	struct log *log; // a line for each request, at level notice
};
// Listens and answers, in threads of its own, until server_stop. ERROR_USAGE: that is no address; ERROR_NETWORK: it is in use or
// not ours; ERROR_WORKSPACE: there is no registry.
int server_start(const struct server_options *options, struct server **out, struct error *err);
const char *server_address(const struct server *server); // "http://127.0.0.1:8080", the port that it got
// Takes no new connections, lets what is under way come to its end (at most 10 seconds), and frees it. NULL is fine.
void server_stop(struct server *server);
#endif
