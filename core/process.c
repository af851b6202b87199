// Child processes: run to the end under limits, with output collected (process_run). Starting them is in spawn.c.
//
// A child leads a process group of its own. The group is killed whole when a limit is reached, when we are
// interrupted, and when the leader has ended: nothing that process_run started in the group outlives it. The
// leader stays a zombie until then, so that its number cannot belong to somebody else when we kill by it. A
// daemon that left the group is not ours to find (the sandbox's pid namespace is for that), but it cannot hold us:
// after the leader's end we wait for the end of its output for GRACE only.
#include "core/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/spawn.h"

enum {
	DEFAULT_OUTPUT_LIMIT = 16 << 20,
	CHUNK = 64 * 1024,
	TICK = 100,             // milliseconds between looks at *interrupted
	TICK_WITHOUT_PIDFD = 5, // an old kernel: we look for the child's end by ourselves
	GRACE = 500,            // milliseconds for output after the child's end
	SHOWN_ERROR = 2000,     // bytes of standard error in an error's text
};

void process_result_clear(struct process_result *result)
{
	text_clear(&result->output);
	text_clear(&result->error_output);
	*result = (struct process_result){0};
}

// One of the child's streams: our end of the pipe (-1 once it ended) and what came through.
struct stream {
	int fd;
	struct text *text;
};

struct running {
	const struct process_options *options;
	struct process_result *result;
	struct stream streams[2];
	size_t limit;
	int64_t started, ended; // monotonic milliseconds; ended is -1 while the child runs
	pid_t pid;
	int pidfd; // -1 when the kernel has none
	bool killed;
};

static int64_t now(void)
{
	return system_clock.monotonic(system_clock.context);
}

static void kill_group(struct running *running)
{
	kill(-running->pid, SIGKILL);
	running->killed = true;
}

static void close_stream(struct stream *stream)
{
	if (stream->fd >= 0)
		close(stream->fd);
	stream->fd = -1;
}

static bool streams_open(const struct running *running)
{
	return running->streams[0].fd >= 0 || running->streams[1].fd >= 0;
}

// Takes what is there. More than the limit: keeps the limit and kills.
static int read_stream(struct running *running, struct stream *stream, struct error *err)
{
	struct text *text = stream->text;
	size_t wanted = running->limit - text->len + 1;
	if (wanted > CHUNK)
		wanted = CHUNK;
	text_reserve(text, wanted);
	ssize_t got = read(stream->fd, text->ptr + text->len, wanted);
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (got < 0)
		return error_errno(err, ERROR_TOOL, "%s: reading its output", running->options->argv[0]);
	if (!got) {
		close_stream(stream);
		return 0;
	}
	text->len += (size_t)got;
	if (text->len > running->limit) {
		text->len = running->limit;
		running->result->output_cut = true;
		kill_group(running);
		close_stream(stream);
	}
	text->ptr[text->len] = '\0';
	return 0;
}

// Notices the child's end without reaping it.
static int look_for_end(struct running *running, struct error *err)
{
	siginfo_t info = {.si_pid = 0};
	if (running->ended >= 0)
		return 0;
	if (waitid(P_PID, (id_t)running->pid, &info, WEXITED | WNOHANG | WNOWAIT))
		return errno == EINTR ? 0
				      : error_errno(err, ERROR_TOOL, "%s: waiting for it", running->options->argv[0]);
	if (info.si_pid)
		running->ended = now();
	return 0;
}

// How long poll may sleep: to the next deadline, and never longer than a tick when somebody may interrupt us.
static int poll_time(const struct running *running, int64_t at)
{
	int64_t wait = running->options->interrupted ? TICK : -1;
	if (running->ended < 0 && running->pidfd < 0)
		wait = TICK_WITHOUT_PIDFD;
	int64_t deadline = running->ended >= 0 ? running->ended + GRACE
			   : running->options->timeout && !running->killed
				   ? running->started + running->options->timeout
				   : -1;
	if (deadline >= 0) {
		int64_t left = deadline > at ? deadline - at : 0;
		wait = wait < 0 || left < wait ? left : wait;
	}
	return wait > INT32_MAX ? INT32_MAX : (int)wait;
}

static bool is_interrupted(const struct running *running)
{
	return running->options->interrupted && *running->options->interrupted;
}

// Until the child has ended and its output too, or the grace after its end is over.
static int collect(struct running *running, struct error *err)
{
	while (running->ended < 0 || streams_open(running)) {
		int64_t at = now();
		if (running->ended >= 0 && at >= running->ended + GRACE)
			break;
		if (is_interrupted(running))
			return error_set(err, ERROR_INTERRUPTED, "%s: interrupted", running->options->argv[0]);
		if (running->options->timeout && !running->killed && running->ended < 0 &&
		    at - running->started >= running->options->timeout) {
			running->result->timed_out = true;
			kill_group(running);
		}
		struct pollfd waited[3] = {
			{.fd = running->streams[0].fd, .events = POLLIN},
			{.fd = running->streams[1].fd, .events = POLLIN},
			{.fd = running->ended < 0 ? running->pidfd : -1, .events = POLLIN},
		};
		int ready = poll(waited, 3, poll_time(running, at));
		if (ready < 0 && errno != EINTR)
			return error_errno(err, ERROR_TOOL, "%s: poll", running->options->argv[0]);
		for (int i = 0; ready > 0 && i < 2; i++)
			if (waited[i].revents && read_stream(running, &running->streams[i], err))
				return -1;
		if (look_for_end(running, err))
			return -1;
	}
	return 0;
}

static void reap(struct running *running)
{
	struct process_result *result = running->result;
	struct rusage usage;
	int status;
	while (wait4(running->pid, &status, 0, &usage) < 0)
		if (errno != EINTR)
			return; // somebody set SIGCHLD to be ignored: the kernel has reaped it
	result->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	result->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	result->cpu_time = (int64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
			   (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

// A file in memory: unlike a pipe it can be filled at once, and a child that reads only half of it does no harm.
static int input_of(const struct process_options *options, int *fd, struct error *err)
{
	if (!options->input.len)
		return 0;
	cleanup_fd int memory = memfd_create("input", MFD_CLOEXEC);
	if (memory < 0 || file_write_all(memory, options->input.ptr, options->input.len) ||
	    lseek(memory, 0, SEEK_SET) < 0)
		return error_errno(err, ERROR_TOOL, "%s: preparing its input", options->argv[0]);
	*fd = memory;
	memory = -1;
	return 0;
}

static int open_pipe(const struct process_options *options, int *ours, int *theirs, struct error *err)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC))
		return error_errno(err, ERROR_TOOL, "%s: pipe", options->argv[0]);
	*ours = ends[0];
	*theirs = ends[1];
	if (fcntl(*ours, F_SETFL, O_NONBLOCK))
		return error_errno(err, ERROR_TOOL, "%s: pipe", options->argv[0]);
	return 0;
}

static int start(struct running *running, struct error *err)
{
	const struct process_options *options = running->options;
	cleanup_fd int in = -1, out = -1, error_out = -1;
	if (input_of(options, &in, err) || open_pipe(options, &running->streams[0].fd, &out, err))
		return -1;
	if (!options->merge_error && open_pipe(options, &running->streams[1].fd, &error_out, err))
		return -1;
	running->started = now();
	return spawn_child(options, in, out, options->merge_error ? out : error_out, true, &running->pid, err);
}

int process_run(const struct process_options *options, struct process_result *result, struct error *err)
{
	*result = (struct process_result){.exit_status = -1};
	struct running running = {
		.options = options,
		.result = result,
		.streams = {{-1, &result->output}, {-1, &result->error_output}},
		.limit = options->output_limit ? options->output_limit : DEFAULT_OUTPUT_LIMIT,
		.ended = -1,
		.pid = -1,
		.pidfd = -1,
	};
	int status = start(&running, err);
	if (!status) {
		running.pidfd = (int)syscall(SYS_pidfd_open, running.pid, 0);
		status = collect(&running, err);
		kill_group(&running);
		reap(&running);
		result->wall_time = now() - running.started;
		cleanup_fd_impl(&running.pidfd);
	}
	close_stream(&running.streams[0]);
	close_stream(&running.streams[1]);
	if (status)
		process_result_clear(result);
	return status;
}

// The last lines of what it said, for people.
static struct slice end_of(struct slice said)
{
	said = slice_trim(said);
	if (said.len <= SHOWN_ERROR)
		return said;
	said = slice_from(said, said.len - SHOWN_ERROR);
	const char *line = memchr(said.ptr, '\n', said.len);
	return line ? slice_from(said, (size_t)(line - said.ptr) + 1) : said;
}

int process_run_ok(const struct process_options *options, struct process_result *result, struct error *err)
{
	if (process_run(options, result, err))
		return -1;
	if (!result->exit_status && !result->timed_out && !result->output_cut)
		return 0;
	cleanup_text struct text how = TEXT_INIT;
	if (result->timed_out) {
		text_add(&how, "was stopped after ");
		clock_format_duration(options->timeout, &how);
	} else if (result->output_cut) {
		text_addf(&how, "was stopped: it wrote more than %zu bytes",
			  options->output_limit ? options->output_limit : (size_t)DEFAULT_OUTPUT_LIMIT);
	} else if (result->signal) {
		text_addf(&how, "was ended by signal %d (%s)", result->signal, strsignal(result->signal));
	} else {
		text_addf(&how, "ended with exit status %d", result->exit_status);
	}
	struct slice said = end_of(text_slice(&result->error_output));
	if (!said.len)
		said = end_of(text_slice(&result->output));
	return error_set(err, ERROR_TOOL, "%s %s%s%.*s", options->argv[0], text_str(&how), said.len ? ":\n" : "",
			 (int)said.len, said.ptr);
}

int process_start(const struct process_options *options, int in, int out, int error_out, pid_t *pid, struct error *err)
{
	return spawn_child(options, in, out, error_out, false, pid, err);
}
