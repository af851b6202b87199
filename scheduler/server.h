// The private Redis of a workspace: started when no Redis is configured. Unix
// socket in a short runtime folder ($XDG_RUNTIME_DIR or /tmp, mode 0700), AOF
// with appendfsync always in <workspace>/redis, no TCP port. It lives as long as somebody
// uses it and is shared by all commands of the workspace.
#ifndef SCHEDULER_SERVER_H
#define SCHEDULER_SERVER_H

#include <stdbool.h>

#include "core/error.h"

// Gives the URL of the running private Redis of this workspace, starting it when start is true. NULL url when it does
// not run and start is false.
int redis_server_get(const char *workspace, bool start, char **url, struct error *err);
// Asks it to shut down (saving) when it runs.
int redis_server_stop(const char *workspace, struct error *err);
#endif
