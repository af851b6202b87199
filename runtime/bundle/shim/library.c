// The Go library. Opening it starts the Go runtime, so it is opened at the
// first native call, in processes that make one, and never closed.
//
// - A child of a process in which Go runs has the memory of its threads but not the threads: Go is dead there, and Python
//   does all the work. A fork before the first call is harmless.
// - Signals stay Python's. Go's own threads block them (a handler that Python installs later without an alternate stack
//   must not run on a small stack of Go's), and SIGPIPE keeps the action that it had.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "shim.h"

static const char library_name[] = "_go.so";
struct library library = {.state = LIBRARY_IDLE};
static volatile bool starting;

static void in_forked_child(void)
{
	if (library.state == LIBRARY_RUNNING || starting)
		library.state = LIBRARY_FORKED;
}

static void problem(const char *what, const char *why)
{
	snprintf(library.problem, sizeof library.problem, "%.300s: %.200s", what, why);
	library.state = LIBRARY_BROKEN;
}

// A file that was cut would end in SIGBUS, not in an error of dlopen.
static bool is_whole(void)
{
	struct stat status;
	char why[128];
	if (stat(library.path, &status)) {
		problem(library.path, strerror(errno));
		return false;
	}
	if ((uint64_t)status.st_size == bundle_library_size)
		return true;
	snprintf(why, sizeof why, "%lld bytes, expected %llu: install gophersnake-bundle again", (long long)status.st_size,
		 (unsigned long long)bundle_library_size);
	problem(library.path, why);
	return false;
}

void library_prepare(void)
{
	Dl_info info;
	const char *slash = dladdr((void *)&library_prepare, &info) ? strrchr(info.dli_fname, '/') : NULL;
	if (!slash || (size_t)(slash - info.dli_fname) + sizeof library_name + 1 > sizeof library.path) {
		problem("gophersnake_bundle", "cannot tell the folder that it is in");
		return;
	}
	size_t folder = (size_t)(slash - info.dli_fname) + 1;
	memcpy(library.path, info.dli_fname, folder);
	memcpy(library.path + folder, library_name, sizeof library_name);
	if (pthread_atfork(NULL, NULL, in_forked_child))
		problem("gophersnake_bundle", "pthread_atfork failed");
	else
		is_whole();
}

static void open_library(void)
{
	void *handle = dlopen(library.path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (!handle) {
		const char *why = dlerror();
		problem("gophersnake_bundle", why ? why : "dlopen failed");
		return;
	}
	uint64_t (*content)(void) = (uint64_t(*)(void))dlsym(handle, "gophersnake_content");
	library.call = (go_call)dlsym(handle, "gophersnake_call");
	if (!content || !library.call || content() != bundle_content) // this waits until Go runs
		problem(library.path, "belongs to another bundle: install gophersnake-bundle again");
}

// What stays Go's: faults within Go are panics there, and it preempts itself with SIGURG.
static bool is_for_go(int signal)
{
	return signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGURG;
}

bool library_start(void)
{
	sigset_t blocked, before;
	struct sigaction pipe_action;
	if (library.state != LIBRARY_IDLE || starting) // another thread is at it only without a GIL
		return library.state == LIBRARY_RUNNING;
	if (!is_whole())
		return false;
	sigfillset(&blocked);
	for (int signal = 1; signal < NSIG; signal++)
		if (is_for_go(signal) || signal == SIGILL || signal == SIGTRAP || signal == SIGABRT || signal == SIGPROF)
			sigdelset(&blocked, signal);
	sigaction(SIGPIPE, NULL, &pipe_action);
	starting = true;
	pthread_sigmask(SIG_SETMASK, &blocked, &before);
	open_library();
	sigaction(SIGPIPE, &pipe_action, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (library.state == LIBRARY_IDLE)
		library.state = LIBRARY_RUNNING;
	starting = false;
	return library.state == LIBRARY_RUNNING;
}
