// What `convert` shows while it works: on a terminal one line that is written
// again and again (counts, rate, time left, who is at work), elsewhere a plain
// line for each release that is done or has failed.
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "cli/common.h"

struct progress;
struct progress *progress_new(struct cli *cli, const struct plan *plan, const char *run);
void progress_free(struct progress *progress); // leaves the line clean
// Reads the run once and shows what is new. queue may be NULL: Redis is away right now.
int progress_show(struct progress *progress, struct queue *queue, const struct queue_status *status, struct error *err);

#endif
