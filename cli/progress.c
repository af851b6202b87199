// Progress of a run: releases that ended are said once each; the live line is
// for terminals only and goes to standard error like all of this.
#include "cli/progress.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "agents/job.h"
#include "core/clock.h"

enum { AT_WORK = 4 };

struct progress {
	struct cli *cli;
	const struct plan *plan;
	const char *run;
	bool terminal, quiet, shown;
	bool *told;      // [group]
	int groups_done; // told ones
	int64_t started; // monotonic
	double done_work;
};

static int64_t now(void)
{
	return system_clock.monotonic(system_clock.context);
}

struct progress *progress_new(struct cli *cli, const struct plan *plan, const char *run)
{
	struct progress *progress = xcalloc(1, sizeof *progress);
	*progress = (struct progress){.cli = cli,
				      .plan = plan,
				      .run = run,
				      .terminal = isatty(STDERR_FILENO) && !cli->json,
				      .quiet = cli->verbosity < 0,
				      .told = xcalloc(plan->groups.count + 1, sizeof(bool)),
				      .started = now()};
	return progress;
}

static void clear_line(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}

void progress_free(struct progress *progress)
{
	if (!progress)
		return;
	clear_line(progress);
	free(progress->told);
	free(progress);
}

static void tell(struct progress *progress, int group, const struct queue_job_state *job)
{
	const struct plan_group *of = &progress->plan->groups.items[group];
	bool well = !strcmp(job->state, "done");
	progress->told[group] = true;
	progress->groups_done++;
	progress->done_work += of->estimate;
	if (progress->quiet)
		return;
	clear_line(progress);
	cleanup_text struct text line = TEXT_INIT, took = TEXT_INIT;
	clock_format_duration(now() - progress->started, &took);
	text_addf(&line, "%11s  %3d/%zu  %-9s  %s", text_str(&took), progress->groups_done,
		  progress->plan->groups.count, well ? "published" : job->state, of->name);
	if (!well && job->reason && *job->reason) {
		struct slice rest = slice_of(job->reason), first;
		slice_cut(&rest, '\n', &first);
		text_addf(&line, ": %.*s", (int)first.len, first.ptr);
	}
	fprintf(stderr, "%s\n", text_str(&line));
}

static int tell_ended(struct progress *progress, struct queue *queue, struct error *err)
{
	for (size_t i = 0; i < progress->plan->groups.count; i++) {
		if (progress->told[i])
			continue;
		cleanup_free char *id = job_group_id(progress->plan, JOB_PUBLISH, (int)i);
		struct queue_job_state job = {0};
		if (queue_job(queue, progress->run, id, &job, err))
			return -1;
		const char *const ended[] = {"done", "failed", "dead", "blocked", "cancelled"};
		if (!job.state) { // published before this run
			progress->told[i] = true;
			progress->groups_done++;
		}
		for (size_t j = 0; job.state && j < ARRAY_LENGTH(ended); j++)
			if (!strcmp(job.state, ended[j]))
				tell(progress, (int)i, &job);
		queue_job_state_clear(&job);
	}
	return 0;
}

static void add_time_left(const struct progress *progress, struct text *line)
{
	double left = 0;
	for (size_t i = 0; i < progress->plan->groups.count; i++)
		if (!progress->told[i])
			left += progress->plan->groups.items[i].estimate;
	double passed = (double)(now() - progress->started);
	if (progress->done_work <= 0 || left <= 0)
		return;
	text_add(line, " · about ");
	clock_format_duration((int64_t)(passed / progress->done_work * left), line);
	text_add(line, " left");
}

static int show_line(struct progress *progress, struct queue *queue, const struct queue_status *status,
		     struct error *err)
{
	cleanup_text struct text line = TEXT_INIT;
	double seconds = (double)(now() - progress->started) / 1e3;
	text_addf(&line, "%lld/%lld jobs", (long long)status->done, (long long)status->total);
	if (seconds > 1)
		text_addf(&line, " · %.1f/s", (double)status->done / seconds);
	text_add(&line, " · ");
	clock_format_duration(now() - progress->started, &line);
	add_time_left(progress, &line);
	struct queue_job_state *jobs = NULL;
	size_t count = 0;
	if (queue_jobs(queue, progress->run, "leased", AT_WORK, &jobs, &count, err))
		return -1;
	for (size_t i = 0; i < count; i++)
		text_addf(&line, "%s%s", i ? ", " : " · ", jobs[i].id);
	queue_jobs_free(jobs, count);
	struct winsize size = {0};
	size_t width = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || size.ws_col < 20 ? 80 : size.ws_col;
	// Cut at the width: the middle dots take two bytes and one column each.
	size_t column = 0, at = 0;
	while (at < line.len && column < width - 1)
		column += ((unsigned char)line.ptr[at++] & 0xC0) != 0x80;
	while (at < line.len && ((unsigned char)line.ptr[at] & 0xC0) == 0x80)
		at++;
	fprintf(stderr, "\r\033[K%.*s", (int)at, line.ptr);
	fflush(stderr);
	progress->shown = true;
	return 0;
}

int progress_show(struct progress *progress, struct queue *queue, const struct queue_status *status, struct error *err)
{
	if (!queue)
		return 0;
	if (tell_ended(progress, queue, err))
		return -1;
	return progress->terminal && !progress->quiet ? show_line(progress, queue, status, err) : 0;
}
