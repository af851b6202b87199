// The private Redis of a workspace: started when no Redis is configured. Unix
// socket in a short runtime folder ($XDG_RUNTIME_DIR or /tmp, mode 0700), AOF
// with appendfsync always in <workspace>/redis, no TCP port. It lives as long as somebody
// uses it and is shared by all commands of the workspace.
#ifndef SCHEDULER_SERVER_H
#define SCHEDULER_SERVER_H

#include <stdbool.h>

#include "core/error.h"

// Gives the URL of the running private Redis of this workspace, starting it when start is true (any number of processes
// may do so at once). NULL url when it does not run and start is false. It answered when this returns; it may still be
// stopped by the end of another command before the caller connects: then ask again.
// ERROR_REDIS: no redis-server, damaged data (the text says what may be deleted), no answer. ERROR_WORKSPACE: disk full.
int redis_server_get(const char *workspace, bool start, char **url, struct error *err);
// Shuts it down (everything is on disk) and waits until it is gone. Does nothing when it does not run or when anybody but
// this call is connected to it: close your own connections first.
int redis_server_stop(const char *workspace, struct error *err);
#endif
