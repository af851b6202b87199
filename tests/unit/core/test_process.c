// Child processes: what they inherit (nothing), how they are stopped, that nobody can hang us.
#include "fixture.h"

#include <pthread.h>

#include "core/clock.h"
#include "core/process.h"

#define SHELL(script) ((const char *const[]){"/bin/sh", "-c", script, NULL})
static const char *const usual[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", NULL};

static int64_t now(void)
{
	return system_clock.monotonic(system_clock.context);
}

static struct process_result run(const struct process_options *options)
{
	struct error err = ERROR_INIT;
	struct process_result result = {0};
	assert_ok(process_run(options, &result, &err), err);
	return result;
}

// Gone, or a zombie that its new parent has not reaped yet.
static bool is_dead(pid_t pid)
{
	struct error err = ERROR_INIT;
	cleanup_free char *path = xasprintf("/proc/%ld/stat", (long)pid);
	cleanup_text struct text text = TEXT_INIT;
	if (file_read(path, 4096, &text, &err))
		return true;
	const char *after = strrchr(text.ptr, ')');
	return after && (after[2] == 'Z' || after[2] == 'X');
}

static void assert_dies(pid_t pid)
{
	int64_t until = now() + 60000;
	while (!is_dead(pid) && now() < until)
		usleep(2000);
	if (!is_dead(pid))
		fail_msg("process %ld is still there", (long)pid);
}

static pid_t pid_in(const struct text *text)
{
	int64_t pid;
	assert_int_equal(parse_i64(slice_trim(text_slice(text)), &pid), 0);
	assert_true(pid > 1);
	return (pid_t)pid;
}

static void test_streams(void **state)
{
	(void)state;
	struct process_result result = run(&(struct process_options){
		.argv = SHELL("cat; echo out; echo err >&2; exit 7"), .environment = usual, .input = SLICE("in\n")});
	assert_string_equal(text_str(&result.output), "in\nout\n");
	assert_string_equal(text_str(&result.error_output), "err\n");
	assert_int_equal(result.exit_status, 7);
	assert_int_equal(result.signal, 0);
	assert_false(result.timed_out || result.output_cut);
	process_result_clear(&result);

	result = run(&(struct process_options){.argv = SHELL("echo 1; echo 2 >&2; echo 3; readlink /proc/self/fd/0"),
					       .environment = usual,
					       .merge_error = true});
	assert_string_equal(text_str(&result.output), "1\n2\n3\n/dev/null\n");
	assert_int_equal(result.error_output.len, 0);
	process_result_clear(&result);

	// Much in, much out, at the same time.
	size_t size = 8 << 20;
	cleanup_free char *data = xmalloc(size);
	for (size_t i = 0; i < size; i++)
		data[i] = (char)(i * 7);
	result = run(&(struct process_options){
		.argv = SHELL("tee /dev/stderr"), .environment = usual, .input = {data, size}});
	assert_int_equal(result.output.len, size);
	assert_memory_equal(result.output.ptr, data, size);
	assert_int_equal(result.error_output.len, size);
	process_result_clear(&result);
	// A child that does not want its input.
	result =
		run(&(struct process_options){.argv = SHELL("exec true"), .environment = usual, .input = {data, size}});
	assert_int_equal(result.exit_status, 0);
	process_result_clear(&result);
}

static void test_nothing_is_inherited(void **state)
{
	setenv("SECRET_KEY", "hunter2", 1);
	cleanup_free char *secret = below(state, "secret");
	int leaked = open(secret, O_RDWR | O_CREAT, 0600), copies[30]; // without O_CLOEXEC, on purpose
	assert_true(leaked >= 0);
	for (size_t i = 0; i < ARRAY_LENGTH(copies); i++)
		copies[i] = dup(leaked);
	assert_int_equal(fcntl(leaked, F_DUPFD, 900), 900);
	struct process_result result = run(&(struct process_options){.argv = (const char *const[]){"env", NULL}});
	assert_string_equal(text_str(&result.output), "");
	process_result_clear(&result);
	result = run(&(struct process_options){.argv = (const char *const[]){"ls", "/proc/self/fd", NULL}});
	assert_string_equal(text_str(&result.output), "0\n1\n2\n3\n"); // 3 is what ls opened
	process_result_clear(&result);
	close(900);
	close(leaked);
	for (size_t i = 0; i < ARRAY_LENGTH(copies); i++)
		close(copies[i]);

	// Signals: neither our mask nor what we ignore.
	sigset_t blocked, before;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &blocked, &before);
	signal(SIGPIPE, SIG_IGN);
	result = run(&(struct process_options){
		.argv = (const char *const[]){"grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status", NULL},
		.environment = usual});
	// 32 and 33 are glibc's own, which it lets nobody change; make starts us with them ignored.
	const char *ignored = strstr(text_str(&result.output), "SigIgn:\t");
	assert_non_null(ignored);
	assert_int_equal(strtoull(ignored + strlen("SigIgn:\t"), NULL, 16) & ~0x180000000ull, 0);
	assert_non_null(strstr(text_str(&result.output), "SigBlk:\t0000000000000000\n"));
	process_result_clear(&result);
	sigset_t after;
	pthread_sigmask(SIG_SETMASK, &before, &after);
	assert_true(sigismember(&after, SIGTERM) && !sigismember(&after, SIGINT)); // ours is as it was
	signal(SIGPIPE, SIG_DFL);
}

static void test_folder_and_group(void **state)
{
	struct process_result result = run(&(struct process_options){
		.argv = SHELL("pwd; ps -o pgid= -p $$; echo $$"), .environment = usual, .directory = *state});
	struct slice rest = text_slice(&result.output), line, group, pid;
	assert_true(slice_cut(&rest, '\n', &line) && slice_cut(&rest, '\n', &group) && slice_cut(&rest, '\n', &pid));
	assert_true(slice_is(line, *state));
	assert_true(slice_equal(slice_trim(group), pid));
	process_result_clear(&result);
}

static void test_cannot_start(void **state)
{
	struct error err = ERROR_INIT;
	struct process_result result = {0};
	cleanup_free char *plain = below(state, "plain"), *absent = below(state, "absent");
	assert_ok(file_write_atomic(plain, "no program", 10, &err), err);
	const struct {
		struct process_options options;
		const char *part;
	} cases[] = {
		{{.argv = (const char *const[]){"no-such-program-9", NULL}}, "no program no-such-program-9 on PATH"},
		{{.argv = (const char *const[]){absent, NULL}}, "absent: No such file"},
		{{.argv = (const char *const[]){plain, NULL}}, "plain: Permission denied"},
		{{.argv = (const char *const[]){*state, NULL}}, "Permission denied"},
		{{.argv = SHELL("true"), .directory = absent}, "/bin/sh in the folder"},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		err = (struct error)ERROR_INIT;
		assert_int_equal(process_run(&cases[i].options, &result, &err), -1);
		assert_int_equal(err.code, ERROR_TOOL);
		assert_contains(err.text, cases[i].part);
		assert_null(result.output.ptr);
	}
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); // no zombies, no children
	assert_int_equal(errno, ECHILD);
}

static void test_signal_and_status(void **state)
{
	(void)state;
	struct process_result result = run(&(struct process_options){.argv = SHELL("echo before; kill -SEGV $$")});
	assert_int_equal(result.signal, SIGSEGV);
	assert_int_equal(result.exit_status, -1);
	assert_string_equal(text_str(&result.output), "before\n");
	process_result_clear(&result);
	assert_null(result.output.ptr);

	struct error err = ERROR_INIT;
	assert_ok(process_run_ok(&(struct process_options){.argv = SHELL("echo fine")}, &result, &err), err);
	assert_string_equal(text_str(&result.output), "fine\n");
	process_result_clear(&result);
	static const struct {
		const char *script, *part, *other;
	} cases[] = {
		{"echo useless; echo why >&2; exit 3", "/bin/sh ended with exit status 3:\nwhy", NULL},
		{"echo only out; exit 1", "only out", NULL},
		{"exit 1", "/bin/sh ended with exit status 1", NULL},
		{"kill -KILL $$", "signal 9 (Killed)", NULL},
		{"i=0; while [ $i -lt 2000 ]; do echo line $i >&2; i=$((i+1)); done; exit 1", "line 1999", "line 0\n"},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct process_options options = {.argv = SHELL(cases[i].script), .environment = usual};
		assert_int_equal(process_run_ok(&options, &result, &err), -1);
		assert_int_equal(err.code, ERROR_TOOL);
		assert_contains(err.text, cases[i].part);
		if (cases[i].other)
			assert_null(strstr(err.text, cases[i].other));
		process_result_clear(&result);
	}
	assert_int_equal(
		process_run_ok(
			&(struct process_options){.argv = SHELL("sleep 60"), .environment = usual, .timeout = 100},
			&result, &err),
		-1);
	assert_contains(err.text, "was stopped after 100 ms");
	process_result_clear(&result);
}

static void test_output_limit(void **state)
{
	(void)state;
	int64_t start = now();
	struct process_result result =
		run(&(struct process_options){.argv = SHELL("yes"), .environment = usual, .output_limit = 100000});
	assert_true(result.output_cut);
	assert_int_equal(result.output.len, 100000);
	assert_int_equal(result.output.ptr[100000], '\0');
	assert_int_equal(result.signal, SIGKILL);
	process_result_clear(&result);
	result = run(&(struct process_options){.argv = SHELL("yes >&2"), .environment = usual, .output_limit = 5});
	assert_true(result.output_cut);
	assert_string_equal(text_str(&result.error_output), "y\ny\ny");
	process_result_clear(&result);
	// The default is a limit too.
	result = run(&(struct process_options){.argv = SHELL("yes"), .environment = usual});
	assert_true(result.output_cut);
	assert_int_equal(result.output.len, 16 << 20);
	process_result_clear(&result);
	// Exactly the limit is within it.
	result = run(&(struct process_options){
		.argv = SHELL("printf 12345; printf 12345 >&2"), .environment = usual, .output_limit = 5});
	assert_false(result.output_cut);
	assert_int_equal(result.exit_status, 0);
	assert_string_equal(text_str(&result.output), "12345");
	process_result_clear(&result);
	result =
		run(&(struct process_options){.argv = SHELL("printf 123456"), .environment = usual, .output_limit = 5});
	assert_true(result.output_cut);
	assert_string_equal(text_str(&result.output), "12345");
	process_result_clear(&result);
	assert_true(now() - start < 60000);
}

static void test_timeout(void **state)
{
	(void)state;
	// The whole group: the shell ignores what can be ignored, its child sleeps.
	int64_t start = now();
	struct process_result result =
		run(&(struct process_options){.argv = SHELL("trap '' TERM INT HUP; sleep 60 & echo $!; wait; sleep 60"),
					      .environment = usual,
					      .timeout = 2000}); // time for its echo, on a slow machine too
	assert_true(result.timed_out);
	assert_int_equal(result.signal, SIGKILL);
	assert_in_range(now() - start, 1990, 30000);
	assert_in_range(result.wall_time, 1990, 30000);
	assert_dies(pid_in(&result.output));
	process_result_clear(&result);
	// Also when it is stopped, and when it closed its streams.
	result = run(&(struct process_options){.argv = SHELL("kill -STOP $$"), .environment = usual, .timeout = 200});
	assert_true(result.timed_out);
	process_result_clear(&result);
	result = run(&(struct process_options){
		.argv = SHELL("exec >&- 2>&- <&-; sleep 60"), .environment = usual, .timeout = 200});
	assert_true(result.timed_out);
	process_result_clear(&result);
	// In time is in time.
	result = run(&(struct process_options){.argv = SHELL("sleep 0.05"), .environment = usual, .timeout = 20000});
	assert_false(result.timed_out);
	assert_int_equal(result.exit_status, 0);
	process_result_clear(&result);
}

static void test_daemons(void **state)
{
	(void)state;
	// A daemon in a session of its own holds the pipe: we stop waiting for it, and keep what was written.
	int64_t start = now();
	struct process_result result = run(&(struct process_options){
		.argv = SHELL("setsid sleep 30 & echo $!"), .environment = usual, .timeout = 20000});
	assert_true(now() - start < 15000);
	assert_false(result.timed_out);
	assert_int_equal(result.exit_status, 0);
	pid_t daemon = pid_in(&result.output);
	process_result_clear(&result);
	kill(daemon, SIGKILL); // it left the group; outside a sandbox this is the test's to clean up
	assert_dies(daemon);

	// One that chatters for ever does not prolong the grace.
	start = now();
	result = run(&(struct process_options){
		.argv = SHELL("setsid sh -c 'while echo x; do sleep 0.01; done' & echo $! >&2"),
		.environment = usual,
		.timeout = 20000});
	assert_true(now() - start < 15000);
	daemon = pid_in(&result.error_output);
	process_result_clear(&result);
	kill(daemon, SIGKILL);

	// Without a session of its own it is killed, whether or not it holds our pipe.
	start = now();
	result = run(&(struct process_options){.argv = SHELL("sleep 30 & echo $!"), .environment = usual});
	assert_true(now() - start < 15000);
	assert_dies(pid_in(&result.output));
	process_result_clear(&result);

	// Without the pipe there is nothing to wait for. (A loaded machine may be slow; one quick try proves it.)
	int64_t took = INT64_MAX;
	for (int i = 0; i < 10 && took >= 400; i++) {
		start = now();
		result = run(&(struct process_options){.argv = SHELL("sleep 30 >/dev/null 2>&1 & echo $!"),
						       .environment = usual});
		took = now() - start;
		assert_dies(pid_in(&result.output));
		process_result_clear(&result);
	}
	assert_true(took < 400);

	// What still comes within the grace is kept. (The same: one try of ten proves it.)
	bool kept = false;
	for (int i = 0; i < 10 && !kept; i++) {
		result = run(&(struct process_options){.argv = SHELL("(sleep 0.1; echo late) & echo early"),
						       .environment = usual});
		kept = !strcmp(text_str(&result.output), "early\nlate\n");
		process_result_clear(&result);
	}
	assert_true(kept);
}

static volatile int interrupted;

static void interrupt(int signal_number)
{
	(void)signal_number;
	interrupted = 1;
}

// A process that interrupts us as soon as the file is there.
static pid_t interrupt_at(const char *marker)
{
	pid_t parent = getpid(), pid = fork();
	if (pid)
		return pid;
	int64_t until = now() + 60000;
	while (!file_exists(marker) && now() < until)
		usleep(2000);
	_exit(kill(parent, SIGALRM) ? 1 : 0);
}

static void test_interrupted(void **state)
{
	cleanup_free char *marker = below(state, "pid"),
			  *script =
				  xasprintf("sleep 60 & echo $! > %s.new; mv %s.new %s; wait", marker, marker, marker);
	struct error err = ERROR_INIT;
	struct process_result result = {0};
	interrupted = 0;
	signal(SIGALRM, interrupt);
	pid_t interrupter = interrupt_at(marker);
	int64_t start = now();
	const struct process_options options = {
		.argv = SHELL(script), .environment = usual, .interrupted = &interrupted};
	assert_int_equal(process_run(&options, &result, &err), -1);
	assert_int_equal(err.code, ERROR_INTERRUPTED);
	assert_true(now() - start < 30000);
	assert_int_equal(wait_for(interrupter), 0);
	assert_null(result.output.ptr);
	cleanup_text struct text text = TEXT_INIT;
	assert_ok(file_read(marker, 100, &text, &err), err);
	assert_dies(pid_in(&text));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	// Already interrupted: does not begin to wait.
	start = now();
	assert_int_equal(process_run(&options, &result, &err), -1);
	assert_true(now() - start < 30000);
	interrupted = 0;
	signal(SIGALRM, SIG_DFL);
}

static void test_limits(void **state)
{
	// Measured: a loop of a second of CPU time, stopped by the limit.
	struct process_result result = run(&(struct process_options){
		.argv = SHELL("while :; do :; done"), .environment = usual, .limit_cpu = 1, .timeout = 60000});
	assert_int_equal(result.signal, SIGXCPU);
	assert_in_range(result.cpu_time, 400, 3000); // the kernel measures by ticks
	process_result_clear(&result);
	// A child that catches SIGXCPU is killed a second later.
	result = run(&(struct process_options){.argv = SHELL("trap '' XCPU; while :; do :; done"),
					       .environment = usual,
					       .limit_cpu = 1,
					       .timeout = 60000});
	assert_int_equal(result.signal, SIGKILL);
	assert_false(result.timed_out);
	process_result_clear(&result);
	result = run(&(struct process_options){.argv = SHELL("head -c 100000 /dev/zero > big; echo $?; stat -c %s big"),
					       .environment = usual,
					       .directory = *state,
					       .limit_file_size = 4096});
	struct slice rest = text_slice(&result.output), status;
	assert_true(slice_cut(&rest, '\n', &status) && !slice_is(status, "0"));
	assert_true(slice_is(slice_trim(rest), "4096"));
	process_result_clear(&result);
	result = run(&(struct process_options){.argv = SHELL("ulimit -v; ulimit -f; ulimit -t"),
					       .environment = usual,
					       .limit_memory = 512 << 20,
					       .limit_cpu = 9});
	assert_true(slice_starts(text_slice(&result.output), "524288\n"));
	assert_true(slice_ends(text_slice(&result.output), "\n9\n"));
	process_result_clear(&result);
	result = run(&(struct process_options){.argv = SHELL("true"), .environment = usual, .limit_memory = 1 << 20});
	assert_true(result.exit_status != 0); // no room for the loader even
	process_result_clear(&result);
}

static void test_cpu_time_of_grandchildren(void **state)
{
	(void)state;
	struct process_result result = run(&(struct process_options){
		.argv = SHELL("(i=0; while [ $i -lt 150000 ]; do i=$((i+1)); done); sleep 0.2"), .environment = usual});
	assert_in_range(result.cpu_time, 20, 20000);
	assert_true(result.wall_time >= 200);
	process_result_clear(&result);
}

static void test_start(void **state)
{
	struct error err = ERROR_INIT;
	cleanup_free char *path = below(state, "out"), *input = below(state, "in");
	assert_ok(file_write_atomic(input, "given\n", 6, &err), err);
	cleanup_fd int in = open(input, O_RDONLY), out = open(path, O_RDWR | O_CREAT | O_APPEND, 0600);
	pid_t pid = -1;
	const struct process_options options = {.argv = SHELL("cat; echo err >&2; ls /proc/self/fd"),
						.environment = usual};
	assert_ok(process_start(&options, in, out, out, &pid, &err), err);
	assert_int_equal(getpgid(pid), pid);
	assert_int_equal(wait_for(pid), 0);
	assert_file_is(path, "given\nerr\n0\n1\n2\n3\n", 18);
	assert_int_equal(ftruncate(out, 0), 0);
	assert_ok(process_start(&(struct process_options){.argv = SHELL("readlink /proc/self/fd/0; echo x >&2"),
							  .environment = usual},
				-1, out, -1, &pid, &err),
		  err);
	assert_int_equal(wait_for(pid), 0);
	assert_file_is(path, "/dev/null\n", 10);
	assert_int_equal(
		process_start(&(struct process_options){.argv = (const char *const[]){"no-such-program-9", NULL}}, -1,
			      -1, -1, &pid, &err),
		-1);
}

// Streams of ours that are closed, or that have the numbers that the child's shall get.
static void test_crossed_descriptors(void **state)
{
	(void)state;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	if (!pid) {
		int report = fcntl(ends[1], F_DUPFD, 50);
		close(0);
		close(1);
		close(2);
		struct error err = ERROR_INIT;
		struct process_result result = {0};
		const struct process_options options = {
			.argv = SHELL("cat; echo err >&2"), .environment = usual, .input = SLICE("in\n")};
		if (process_run(&options, &result, &err) || strcmp(text_str(&result.output), "in\n") != 0 ||
		    strcmp(text_str(&result.error_output), "err\n") != 0)
			dprintf(report, "%s|%s|%s", err.text, text_str(&result.output), text_str(&result.error_output));
		// The same with descriptors of the caller's: the copies that are made must not land on 0 to 2.
		pid_t started;
		int out = fcntl(ends[1], F_DUPFD, 60), error_out = open("/dev/null", O_WRONLY);
		error_out = fcntl(error_out, F_DUPFD, 70);
		close(0);
		const struct process_options quiet = {.argv = SHELL("echo right; echo wrong >&2"),
						      .environment = usual};
		if (process_start(&quiet, -1, out, error_out, &started, &err) || wait_for(started))
			dprintf(report, "%s", err.text);
		_exit(0);
	}
	close(ends[1]);
	char said[512];
	ssize_t got = read(ends[0], said, sizeof said - 1);
	assert_int_equal(wait_for(pid), 0);
	close(ends[0]);
	assert_true(got >= 0);
	said[got] = '\0';
	assert_string_equal(said, "right\n");
}

// kill -9 of ours must not leave tools behind that go on writing.
static void test_dies_with_us(void **state)
{
	struct error err = ERROR_INIT;
	cleanup_free char *marker = below(state, "pid"),
			  *script = xasprintf("echo $$ > %s.new; mv %s.new %s; exec sleep 60", marker, marker, marker);
	pid_t pid = fork();
	if (!pid) {
		struct process_result result;
		process_run(&(struct process_options){.argv = SHELL(script), .environment = usual}, &result, NULL);
		_exit(0);
	}
	int64_t until = now() + 60000;
	while (!file_exists(marker) && now() < until)
		usleep(2000);
	kill(pid, SIGKILL);
	assert_int_equal(wait_for(pid), -1);
	cleanup_text struct text text = TEXT_INIT;
	assert_ok(file_read(marker, 100, &text, &err), err);
	assert_dies(pid_in(&text));
}

static void *run_many(void *context)
{
	int *failures = context;
	for (int i = 0; i < 25; i++) {
		struct error err = ERROR_INIT;
		struct process_result result = {0};
		cleanup_free char *word = xasprintf("%p %d", context, i);
		const struct process_options options = {
			.argv = SHELL("cat; cat >&2 </dev/null"), .environment = usual, .input = slice_of(word)};
		if (process_run(&options, &result, &err) || strcmp(text_str(&result.output), word) != 0 ||
		    result.exit_status)
			++*failures;
		process_result_clear(&result);
	}
	return NULL;
}

// A child of one thread must not hold the pipes of another's.
static void test_threads(void **state)
{
	(void)state;
	enum { THREADS = 4 };
	int failures[THREADS] = {0};
	pthread_t threads[THREADS];
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, run_many, &failures[i]), 0);
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(failures[i], 0);
	}
}

static int count_descriptors(void)
{
	struct error err = ERROR_INIT;
	file_names names = VEC_INIT;
	assert_ok(dir_list("/proc/self/fd", &names, &err), err);
	int count = (int)names.count;
	file_names_clear(&names);
	return count;
}

static void test_no_descriptor_stays(void **state)
{
	int before = count_descriptors();
	for (int i = 0; i < 5; i++) {
		struct process_result result = run(&(struct process_options){
			.argv = SHELL("echo; echo >&2"), .environment = usual, .input = SLICE("x")});
		process_result_clear(&result);
	}
	test_cannot_start(state);
	assert_int_equal(count_descriptors(), before);
}

static void test_find(void **state)
{
	struct error err = ERROR_INIT;
	cleanup_free char *first = below(state, "first"), *second = below(state, "second");
	cleanup_free char *folder = below(state, "first/tool"), *plain = below(state, "first/plain"),
			  *tool = below(state, "second/tool");
	assert_ok(dir_make(folder, 0755, &err), err); // a folder of that name is no program
	assert_ok(dir_make(second, 0755, &err), err);
	assert_ok(file_write_atomic(plain, "#!/bin/sh\n", 10, &err), err);
	assert_ok(file_write_atomic(tool, "#!/bin/sh\necho found\n", 21, &err), err);
	assert_int_equal(chmod(tool, 0755), 0);
	cleanup_free char *before = xstrdup(getenv("PATH")), *path = xasprintf("%s:%s:/nowhere", first, second);
	setenv("PATH", path, 1);
	cleanup_free char *found = process_find("tool"), *absent = process_find("absent"),
			  *unusable = process_find("plain");
	assert_string_equal(found, tool);
	assert_null(absent);
	assert_null(unusable);
	struct process_result result = run(&(struct process_options){.argv = (const char *const[]){"tool", NULL}});
	assert_string_equal(text_str(&result.output), "found\n");
	process_result_clear(&result);
	setenv("PATH", "/nowhere", 1);
	setenv("GOPHERSNAKE_PATH", path, 1);
	cleanup_free char *own = process_find("tool");
	assert_string_equal(own, tool);
	unsetenv("GOPHERSNAKE_PATH");
	unsetenv("PATH");
	cleanup_free char *fallback = process_find("sh");
	assert_non_null(fallback);
	setenv("PATH", before, 1);
	cleanup_free char *direct = process_find("/bin/sh"), *direct_absent = process_find("/bin/absent-9");
	assert_string_equal(direct, "/bin/sh");
	assert_null(direct_absent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_streams),
		folder_test(test_nothing_is_inherited),
		folder_test(test_folder_and_group),
		folder_test(test_cannot_start),
		cmocka_unit_test(test_signal_and_status),
		cmocka_unit_test(test_output_limit),
		cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_daemons),
		folder_test(test_interrupted),
		folder_test(test_limits),
		cmocka_unit_test(test_cpu_time_of_grandchildren),
		folder_test(test_start),
		cmocka_unit_test(test_crossed_descriptors),
		folder_test(test_dies_with_us),
		cmocka_unit_test(test_threads),
		folder_test(test_no_descriptor_stays),
		folder_test(test_find),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
