// gophersnake retry, pause, resume, cancel: change a run.
#include <stdio.h>

#include "cli/common.h"

static int open_run(struct cli *cli, const char *named, char **run, struct queue **queue, struct error *err)
{
	if (cli_find_run(cli, named, run, err) || cli_queue(cli, false, queue, err))
		return -1;
	if (!*queue)
		return error_set(err, ERROR_REDIS,
				 "run %s is not going on: no Redis runs for this workspace; `gophersnake convert` "
				 "takes it up again",
				 *run);
	struct queue_status status;
	if (queue_status(*queue, *run, &status, err))
		return -1;
	return status.exists ? 0
			     : error_set(err, ERROR_REDIS,
					 "Redis does not know run %s: `gophersnake convert` loads it again", *run);
}

typedef int control(struct queue *queue, const char *run, struct error *err);

static int change(struct cli *cli, control *action, const char *done, struct error *err)
{
	cleanup_free char *run = NULL;
	struct queue *queue = NULL;
	const char *named = cli->arguments.count ? cli->arguments.items[0] : NULL;
	int status = open_run(cli, named, &run, &queue, err) || action(queue, run, err) ? -1 : 0;
	queue_free(queue);
	if (!status)
		printf("%s: %s\n", run, done);
	return status;
}

static int pause_run(struct queue *queue, const char *run, struct error *err)
{
	return queue_pause(queue, run, true, err);
}

static int resume_run(struct queue *queue, const char *run, struct error *err)
{
	return queue_pause(queue, run, false, err);
}

int cmd_pause(struct cli *cli, struct error *err)
{
	return change(cli, pause_run, "paused: no more jobs are handed out", err);
}

int cmd_resume(struct cli *cli, struct error *err)
{
	return change(cli, resume_run, "goes on", err);
}

int cmd_cancel(struct cli *cli, struct error *err)
{
	return change(cli, queue_cancel, "cancelled; what is published stays", err);
}

static int retry_state(struct queue *queue, const char *run, const char *state, int *count, struct error *err)
{
	struct queue_job_state *jobs = NULL;
	size_t found = 0;
	if (queue_jobs(queue, run, state, 100000, &jobs, &found, err))
		return -1;
	int status = 0;
	for (size_t i = 0; i < found && !status; i++) {
		status = queue_retry(queue, run, jobs[i].id, err);
		*count += !status;
	}
	queue_jobs_free(jobs, found);
	return status;
}

int cmd_retry(struct cli *cli, struct error *err)
{
	cleanup_free char *run = NULL;
	struct queue *queue = NULL;
	int count = 0;
	int status = open_run(cli, cli_option(cli, "run"), &run, &queue, err);
	for (size_t i = 0; i < cli->arguments.count && !status; i++) {
		status = queue_retry(queue, run, cli->arguments.items[i], err);
		count += !status;
	}
	if (!status && !cli->arguments.count)
		status = retry_state(queue, run, "failed", &count, err) || retry_state(queue, run, "dead", &count, err)
				 ? -1
				 : 0;
	queue_free(queue);
	if (!status)
		printf("%s: %d job%s will be tried again\n", run, count, count == 1 ? "" : "s");
	return status;
}
