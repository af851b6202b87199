// Child processes with an explicit environment, bounded output and time.
// Every descriptor that is not handed over is closed in the child.
#ifndef CORE_PROCESS_H
#define CORE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/error.h"
#include "core/text.h"

struct process_options {
	const char *const *argv;        // NULL-terminated; argv[0] is looked up in path when it has no slash
	const char *const *environment; // NULL-terminated "NAME=value"; NULL means empty, never inherited
	const char *directory;          // working folder, NULL for ours
	struct slice input;             // standard input; empty means /dev/null
	size_t output_limit; // bytes kept of standard output, and of standard error; 0 = 16 MiB; more kills the child
	int64_t timeout;     // milliseconds; 0 = no limit
	bool merge_error;    // standard error goes where standard output goes
	const volatile int *interrupted; // when it becomes non-zero the child is killed; may be NULL
	// Limits set in the child before exec; 0 leaves them.
	uint64_t limit_memory;    // RLIMIT_AS, bytes
	uint64_t limit_cpu;       // RLIMIT_CPU, seconds
	uint64_t limit_file_size; // RLIMIT_FSIZE, bytes
};

struct process_result {
	struct text output;
	struct text error_output;
	int exit_status; // of exit(); -1 when a signal ended it
	int signal;      // 0 or the signal
	bool timed_out;
	bool output_cut;   // the limit was reached and the child was killed
	int64_t wall_time; // milliseconds
	int64_t cpu_time;  // milliseconds, user and system of the whole child tree that was waited for
};
void process_result_clear(struct process_result *result);

// Runs to the end. Returns 0 when the program was started and ended, however it ended; -1 (ERROR_TOOL) when
// it could not be started, ERROR_INTERRUPTED when *interrupted stopped it. The child runs in a process group of its
// own, which is killed whole.
int process_run(const struct process_options *options, struct process_result *result, struct error *err);
// The same, and anything but exit status 0 is an error (ERROR_TOOL) with the end of its standard error in the text.
int process_run_ok(const struct process_options *options, struct process_result *result, struct error *err);
// Starts without waiting; standard streams are given as descriptors (-1: /dev/null). Group of its own.
int process_start(const struct process_options *options, int in, int out, int error_out, pid_t *pid, struct error *err);
// Looks a program up in PATH (or GOPHERSNAKE's). NULL when there is none.
char *process_find(const char *name);
#endif
