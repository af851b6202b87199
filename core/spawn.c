// Starting a child. Between fork and exec only async-signal-safe calls are made (we may have threads): everything
// that allocates or searches happens before the fork. A failure after it comes back through a pipe that exec closes,
// so "no such folder" or "no such program" is an error here and not a strange exit status later.
#include "core/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// Where descriptors wait before they get their final numbers 0 to 3.
enum { ABOVE = 10, REPORT = 3 };

enum step { STEP_STREAMS, STEP_FOLDER, STEP_LIMITS, STEP_EXEC };

struct failure {
	enum step step;
	int reason; // errno
};

struct child {
	const struct process_options *options;
	const char *program;
	char *const *environment;
	int streams[3];
	int report;
	int open_limit; // highest descriptor there may be, for kernels without close_range
	pid_t parent;
	bool with_us;
};

char *process_find(const char *name)
{
	if (strchr(name, '/'))
		return access(name, X_OK) ? NULL : xstrdup(name);
	const char *path = getenv("GOPHERSNAKE_PATH");
	if (!path || !*path)
		path = getenv("PATH");
	struct slice rest = slice_of(path && *path ? path : "/usr/local/bin:/usr/bin:/bin"), folder;
	while (slice_cut(&rest, ':', &folder)) {
		cleanup_free char *full =
			folder.len ? xasprintf("%.*s/%s", (int)folder.len, folder.ptr, name) : xasprintf("./%s", name);
		struct stat info;
		if (!stat(full, &info) && S_ISREG(info.st_mode) && !access(full, X_OK))
			return steal(&full);
	}
	return NULL;
}

static int set_limit(int which, uint64_t value, uint64_t more)
{
	struct rlimit limit;
	if (!value)
		return 0;
	if (getrlimit((__rlimit_resource_t)which, &limit))
		return -1;
	// A hard limit that is lower already binds more than we want to.
	rlim_t hard = limit.rlim_max == RLIM_INFINITY || value + more < limit.rlim_max ? value + more : limit.rlim_max;
	limit = (struct rlimit){.rlim_cur = value < hard ? value : hard, .rlim_max = hard};
	return setrlimit((__rlimit_resource_t)which, &limit);
}

static _Noreturn void give_up(enum step step)
{
	struct failure failure = {.step = step, .reason = errno};
	(void)!write(REPORT, &failure, sizeof failure);
	_exit(127);
}

static void take_descriptors(struct child *child)
{
	bool placed = dup3(child->report, REPORT, O_CLOEXEC) == REPORT;
	for (int i = 0; i < 3; i++)
		placed = placed && dup2(child->streams[i], i) == i;
	if (!placed)
		give_up(STEP_STREAMS);
	if (close_range(REPORT + 1, ~0U, 0))
		for (int fd = REPORT + 1; fd < child->open_limit; fd++)
			close(fd);
}

static _Noreturn void run_child(struct child *child)
{
	const struct process_options *options = child->options;
	setpgid(0, 0);
	// Handlers of ours must not run here, and what we ignore (SIGPIPE) is no business of the child's.
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (child->with_us) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != child->parent)
			_exit(127); // we died before the request took effect
	}
	take_descriptors(child);
	if (options->directory && chdir(options->directory))
		give_up(STEP_FOLDER);
	// The hard limit of CPU time is a second later: SIGXCPU may be caught, SIGKILL not.
	if (set_limit(RLIMIT_CPU, options->limit_cpu, 1) || set_limit(RLIMIT_FSIZE, options->limit_file_size, 0) ||
	    set_limit(RLIMIT_AS, options->limit_memory, 0))
		give_up(STEP_LIMITS);
	execve(child->program, (char *const *)options->argv, child->environment);
	give_up(STEP_EXEC);
}

static int explain(const struct child *child, const struct failure *failure, struct error *err)
{
	const char *name = child->options->argv[0];
	errno = failure->reason;
	switch (failure->step) {
	case STEP_STREAMS: return error_errno(err, ERROR_TOOL, "cannot start %s: setting up its streams", name);
	case STEP_FOLDER:
		return error_errno(err, ERROR_TOOL, "cannot start %s in the folder %s", name,
				   child->options->directory);
	case STEP_LIMITS: return error_errno(err, ERROR_TOOL, "cannot start %s: setting its limits", name);
	case STEP_EXEC: break;
	}
	return error_errno(err, ERROR_TOOL, "cannot start %s", child->program);
}

// Copies of the given streams above the numbers that they will get; -1 becomes /dev/null.
static int lift(const char *name, int given, int flags, int *lifted, struct error *err)
{
	cleanup_fd int null = given < 0 ? open("/dev/null", flags | O_CLOEXEC) : -1;
	*lifted = fcntl(given < 0 ? null : given, F_DUPFD_CLOEXEC, ABOVE);
	return *lifted < 0 ? error_errno(err, ERROR_TOOL, "cannot start %s: its streams", name) : 0;
}

static int fork_child(struct child *child, pid_t *pid, struct error *err)
{
	cleanup_fd int reader = -1, writer = -1;
	int ends[2];
	if (pipe2(ends, O_CLOEXEC))
		return error_errno(err, ERROR_TOOL, "cannot start %s: pipe", child->program);
	reader = ends[0];
	cleanup_fd int low = ends[1];
	writer = fcntl(low, F_DUPFD_CLOEXEC, ABOVE);
	if (writer < 0)
		return error_errno(err, ERROR_TOOL, "cannot start %s: pipe", child->program);
	child->report = writer;
	child->parent = getpid();

	// No handler of ours may run in the child before it has reset them.
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	pid_t started = fork();
	if (!started)
		run_child(child);
	int reason = errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = reason;
	if (started < 0)
		return error_errno(err, ERROR_TOOL, "cannot start %s: fork", child->program);
	setpgid(started, started); // both sides do it, so that neither can be too late

	cleanup_fd_impl(&low);
	cleanup_fd_impl(&writer);
	low = writer = -1;
	struct failure failure;
	ssize_t got;
	while ((got = read(reader, &failure, sizeof failure)) < 0 && errno == EINTR)
		;
	if (!got) {
		*pid = started;
		return 0;
	}
	while (waitpid(started, NULL, 0) < 0 && errno == EINTR)
		;
	if (got != sizeof failure)
		return error_set(err, ERROR_TOOL, "cannot start %s: it died before it began", child->program);
	return explain(child, &failure, err);
}

int spawn_child(const struct process_options *options, int in, int out, int error_out, bool with_us, pid_t *pid,
		struct error *err)
{
	const char *name = options->argv[0];
	cleanup_free char *program = strchr(name, '/') ? xstrdup(name) : process_find(name);
	if (!program)
		return error_set(err, ERROR_TOOL,
				 "there is no program %s on PATH; install it or add its folder to PATH", name);
	static char *const nothing[] = {NULL};
	struct child child = {
		.options = options,
		.program = program,
		.environment = options->environment ? (char *const *)options->environment : nothing,
		.streams = {-1, -1, -1},
		.open_limit = (int)sysconf(_SC_OPEN_MAX),
		.with_us = with_us,
	};
	int status =
		lift(name, in, O_RDONLY, &child.streams[0], err) || lift(name, out, O_WRONLY, &child.streams[1], err) ||
				lift(name, error_out, O_WRONLY, &child.streams[2], err) || fork_child(&child, pid, err)
			? -1
			: 0;
	for (int i = 0; i < 3; i++)
		cleanup_fd_impl(&child.streams[i]);
	return status;
}
