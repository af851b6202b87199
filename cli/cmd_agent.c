// gophersnake agent: joins the runs of a Redis and works.
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "agents/agent.h"
#include "cli/common.h"

int cmd_agent(struct cli *cli, struct error *err)
{
	pid_t parent = getppid();
	if (cli_option(cli, "tied")) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != parent || parent == 1) // it was gone before we asked
			return 0;
	}
	cleanup_free char *url = NULL;
	if (cli_redis_url(cli, false, &url, err))
		return -1;
	if (!url)
		return error_set(err, ERROR_REDIS,
				 "no Redis: give --redis URL, or a --workspace in which a conversion is going on");
	struct agent_options options = {.config = &cli->config,
					.redis = url,
					.run = cli_option(cli, "run"),
					.name = cli_option(cli, "name"),
					.log = cli->log,
					.interrupted = cli->interrupted};
	int status = agent_main(&options, err);
	if (!status && *cli->interrupted)
		cli->exit_status = 130;
	return status;
}
