// The address to listen at.
#ifndef AGENTS_SERVE_LISTEN_H
#define AGENTS_SERVE_LISTEN_H

#include "core/error.h"

// address: as in server.h. *fd: a listening socket, not blocking; *url: "http://[::1]:8080", heap.
int listen_at(const char *address, int *fd, char **url, struct error *err);
#endif
