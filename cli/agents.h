// The agent processes that `convert` starts here: as many as the settings say,
// started again when one crashes, ended with the command.
#ifndef CLI_AGENTS_H
#define CLI_AGENTS_H

#include "cli/cli.h"

struct agents;
// Starts the agents for one run. They end by themselves when the run is over.
int agents_start(struct cli *cli, const char *run, const char *redis, struct agents **out, struct error *err);
// Collects those that ended. One that crashed is started again, a few times; when none is left although the run goes on,
// the error says where their output is. *running: how many there are.
int agents_watch(struct agents *agents, int *running, struct error *err);
// Tells them to hand their jobs back, waits for them, kills those that do not end within the time (milliseconds).
void agents_stop(struct agents *agents, int64_t patience);
void agents_free(struct agents *agents); // kills what still runs

#endif
