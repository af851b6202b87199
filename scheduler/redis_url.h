// URLs of a Redis: redis://[[user]:password@]host[:port][/db] and unix:/path.
// Everything that is not understood is an error; nothing is guessed.
#ifndef SCHEDULER_REDIS_URL_H
#define SCHEDULER_REDIS_URL_H

#include "core/error.h"

struct redis_url {
	char *path;            // unix: absolute; else NULL
	char *host;            // without the brackets of an IPv6 address
	int port;              // default 6379
	char *user, *password; // decoded; NULL when not given
	int database;          // default 0
	char *name;            // the URL without its password
};

int redis_url_parse(const char *url, struct redis_url *out, struct error *err); // ERROR_REDIS; out is cleared on error
void redis_url_clear(struct redis_url *url);

#endif
