// Escapes, each with a control that does escape without the sandbox; limits; tiers. Real bubblewrap, real kernel.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "agents/sandbox.h"
#include "agents/sandbox_group.h"
#include "agents/sandbox_plain.h"
#include "core/file.h"

static const char *const environment[] = {"PATH=/usr/bin:/bin", "LANG=C.UTF-8", NULL};

struct place {
	char *folder;                 // of this test program
	struct sandbox *sandboxes[2]; // userns, and root when we are root
	size_t count;
};

static int setup(void **state)
{
	struct error err = ERROR_INIT;
	struct place *place = xcalloc(1, sizeof *place);
	assert_int_equal(dir_temporary("/tmp", "sandbox-test", &place->folder, &err), 0);
	if (sandbox_open_tier(SANDBOX_USERNS, &place->sandboxes[place->count++], &err))
		fail_msg("%s", err.text);
	if (geteuid() == 0 && sandbox_open_tier(SANDBOX_ROOT, &place->sandboxes[place->count++], &err))
		fail_msg("%s", err.text);
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;
	struct error err = ERROR_INIT;
	for (size_t i = 0; i < place->count; i++)
		sandbox_free(place->sandboxes[i]);
	assert_int_equal(dir_remove_tree(place->folder, &err), 0);
	free(place->folder);
	free(place);
	return 0;
}

// Runs a Python program: sandbox NULL is the control, without one.
static void run_python(const struct sandbox *sandbox, struct sandbox_task task, const char *program,
		       const char *argument, struct process_result *result)
{
	struct error err = ERROR_INIT;
	const char *argv[] = {"/usr/bin/python3", "-I", "-S", "-c", program, argument, NULL};
	task.argv = argv;
	task.environment = environment;
	task.timeout = task.timeout ? task.timeout : 120000;
	struct process_options plain = {.argv = argv,
					.environment = environment,
					.timeout = task.timeout,
					.output_limit = task.output_limit,
					.directory = "/tmp"};
	if (sandbox ? sandbox_run(sandbox, &task, result, &err) : process_run(&plain, result, &err))
		fail_msg("%s", err.text);
}

// The program prints "escaped" when it got out. It must in the control, and must not in any tier.
static void check_escape(const struct place *place, struct sandbox_task task, const char *program, const char *argument)
{
	struct process_result result;
	run_python(NULL, task, program, argument, &result);
	if (!strstr(text_str(&result.output), "escaped"))
		fail_msg("the control did not escape: %s%s", text_str(&result.output), text_str(&result.error_output));
	process_result_clear(&result);
	for (size_t i = 0; i < place->count; i++) {
		run_python(place->sandboxes[i], task, program, argument, &result);
		if (strstr(text_str(&result.output), "escaped") || !strstr(text_str(&result.output), "held"))
			fail_msg("tier %s: %s%s", sandbox_tier_name(sandbox_tier(place->sandboxes[i])),
				 text_str(&result.output), text_str(&result.error_output));
		process_result_clear(&result);
	}
}
#define TRY(code)                  \
	"import os, socket, sys\n" \
	"try:\n    " code "\n"     \
	"    print('escaped')\n"   \
	"except (OSError, MemoryError) as e: print('held', e)\n"

static void test_network(void **state)
{
	const struct place *place = *state;
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	cleanup_fd int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(server, 8), 0);
	assert_int_equal(getsockname(server, (struct sockaddr *)&address, &size), 0);
	cleanup_free char *port = xasprintf("%d", ntohs(address.sin_port));
	check_escape(place, (struct sandbox_task){0},
		     TRY("socket.create_connection(('127.0.0.1', int(sys.argv[1])), 3)"), port);
	cleanup_free char *name = xasprintf("gophersnake-test-%d", (int)getpid());
	cleanup_free char *program =
		xasprintf(TRY("s = socket.socket(socket.AF_UNIX); s.connect('\\0' + sys.argv[1])"));
	struct sockaddr_un {
		sa_family_t family;
		char path[108];
	} local = {.family = AF_UNIX};
	memcpy(local.path + 1, name, strlen(name));
	cleanup_fd int abstract = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(abstract, (struct sockaddr *)&local, (socklen_t)(sizeof(sa_family_t) + 1 + strlen(name))),
			 0);
	assert_int_equal(listen(abstract, 8), 0);
	check_escape(place, (struct sandbox_task){0}, program, name);
}

static void test_files(void **state)
{
	const struct place *place = *state;
	struct error err = ERROR_INIT;
	cleanup_free char *outside = xasprintf("%s/outside", place->folder);
	check_escape(place, (struct sandbox_task){0}, TRY("open(sys.argv[1], 'w').write('x')"), outside);
	check_escape(place, (struct sandbox_task){0}, TRY("open('/etc/passwd').read()"), "");
	// Read-only mounts stay so, also through links that lie in them.
	cleanup_free char *shown = xasprintf("%s/shown", place->folder);
	cleanup_free char *file = xasprintf("%s/file", shown);
	cleanup_free char *link = xasprintf("%s/link", shown);
	assert_int_equal(dir_make(shown, 0777, &err), 0);
	assert_int_equal(file_write_atomic(file, "x", 1, &err), 0);
	assert_int_equal(symlink(outside, link), 0);
	struct sandbox_mount mount = {shown, NULL, false};
	struct sandbox_task task = {.mounts = &mount, .mount_count = 1};
	check_escape(place, task, TRY("assert open(sys.argv[1]).read() == 'x'; open(sys.argv[1], 'a')"), file);
	check_escape(place, task, TRY("open(sys.argv[1]).read()"), link);
	// A writable one is writable, and only it.
	mount = (struct sandbox_mount){shown, "/work", true};
	for (size_t i = 0; i < place->count; i++) {
		struct process_result result;
		run_python(place->sandboxes[i], task,
			   "open('/work/file', 'w').write('new'); import os; print(sorted(os.listdir('/')))", "",
			   &result);
		assert_string_equal(text_str(&result.error_output), "");
		assert_non_null(strstr(text_str(&result.output), "'tmp', 'usr', 'work']"));
		assert_null(strstr(text_str(&result.output), "root"));
		process_result_clear(&result);
		cleanup_text struct text text = TEXT_INIT;
		assert_int_equal(file_read(file, 100, &text, &err), 0);
		assert_string_equal(text_str(&text), "new");
	}
}

static void test_other_processes(void **state)
{
	const struct place *place = *state;
	cleanup_free char *path = xasprintf("/proc/%d/environ", (int)getpid());
	check_escape(place, (struct sandbox_task){0}, TRY("assert b'PATH=' in open(sys.argv[1], 'rb').read()"), path);
	cleanup_free char *number = xasprintf("%d", (int)getpid());
	check_escape(place, (struct sandbox_task){0}, TRY("os.kill(int(sys.argv[1]), 0)"), number);
	setenv("GOPHERSNAKE_CANARY", "secret", 1);
	for (size_t i = 0; i < place->count; i++) {
		struct process_result result;
		run_python(place->sandboxes[i], (struct sandbox_task){0},
			   "import os, glob\nprint(dict(os.environ))\n"
			   "for f in glob.glob('/proc/[0-9]*/environ'):\n"
			   "    try: print(f, open(f, 'rb').read())\n    except OSError as e: print(f, e)\n",
			   "", &result);
		assert_null(strstr(text_str(&result.output), "CANARY"));
		assert_non_null(strstr(text_str(&result.output), "'LANG': 'C.UTF-8'"));
		assert_null(strstr(text_str(&result.output), "HOME"));
		process_result_clear(&result);
	}
	unsetenv("GOPHERSNAKE_CANARY");
}

// What the real root could still do without capabilities.
static void test_kernel_settings(void **state)
{
	if (geteuid() != 0)
		skip();
	check_escape(*state, (struct sandbox_task){0}, TRY("os.open('/proc/sys/kernel/core_pattern', os.O_WRONLY)"),
		     "");
	check_escape(*state, (struct sandbox_task){0}, TRY("os.chmod('/dev/null', 0o666)"), "");
	check_escape(*state, (struct sandbox_task){0}, TRY("os.utime('/dev/null')"), "");
	check_escape(*state, (struct sandbox_task){0}, TRY("socket.sethostname(socket.gethostname())"), "");
}

static void test_namespaces(void **state)
{
	const struct place *place = *state;
	struct process_result result;
	const char *program = "import subprocess; print(subprocess.run(['unshare', '-U', 'true']).returncode)";
	run_python(NULL, (struct sandbox_task){0}, program, "", &result);
	assert_string_equal(text_str(&result.output), "0\n");
	process_result_clear(&result);
	run_python(place->sandboxes[0], (struct sandbox_task){0}, program, "", &result);
	assert_string_equal(text_str(&result.output), "1\n");
	process_result_clear(&result);
}

static void test_fork_bomb(void **state)
{
	const struct place *place = *state;
	const char *program = "import os, time\nn = 0\ntry:\n    while n < 300:\n        if os.fork() == 0: "
			      "time.sleep(5); os._exit(0)\n"
			      "        n += 1\nexcept OSError: pass\nprint(n)";
	struct process_result result;
	run_python(NULL, (struct sandbox_task){0}, program, "", &result);
	assert_string_equal(text_str(&result.output), "300\n");
	process_result_clear(&result);
	for (size_t i = 0; i < place->count; i++) {
		if (!strcmp(sandbox_process_bound(place->sandboxes[i]), "none"))
			skip();
		run_python(place->sandboxes[i], (struct sandbox_task){.processes = 64}, program, "", &result);
		int made = atoi(text_str(&result.output));
		if (made <= 10 || made >= 64)
			fail_msg("%d processes with a limit of 64", made);
		process_result_clear(&result);
	}
}

static void test_output(void **state)
{
	const struct place *place = *state;
	const char *program = "import sys\nfor i in range(int(sys.argv[1])): sys.stdout.buffer.write(b'x' * 1000000)";
	struct process_result result;
	run_python(NULL, (struct sandbox_task){.output_limit = 4000000}, program, "3", &result);
	assert_false(result.output_cut);
	assert_int_equal(result.output.len, 3000000);
	process_result_clear(&result);
	for (size_t i = 0; i < place->count; i++) {
		run_python(place->sandboxes[i], (struct sandbox_task){.output_limit = 4000000}, program, "1000",
			   &result);
		assert_true(result.output_cut);
		assert_true(result.output.len <= 4000000);
		process_result_clear(&result);
	}
}

static void test_disk(void **state)
{
	struct sandbox_task task = {.tmp_bytes = 1 << 20};
	const char *program = "import os, sys\ntry:\n"
			      "    f = open(sys.argv[1] + '/gophersnake-sandbox-test', 'wb')\n"
			      "    for i in range(32): f.write(b'x' * 1000000)\n"
			      "    f.close(); print('escaped')\nexcept OSError as e: print('held', e)\n"
			      "os.unlink(sys.argv[1] + '/gophersnake-sandbox-test')\n";
	check_escape(*state, task, program, "/tmp");
	check_escape(*state, task, program, "/dev/shm");
}

static void test_memory(void **state)
{
	check_escape(*state, (struct sandbox_task){.memory = 256 << 20}, TRY("x = b'x' * (512 << 20)"), "");
}

static void wait_for_file(const char *path)
{
	for (int i = 0; i < 6000 && !file_exists(path); i++)
		nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
}

// A daemon leaves its process group; only the process namespace's end reaches it.
static void test_daemon(void **state)
{
	const struct place *place = *state;
	const char *program = "import os, time, sys\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
			      "        for i in (0, 1, 2): os.close(i)\n        time.sleep(0.5)\n"
			      "        open(sys.argv[1], 'w').write('escaped')\n    os._exit(0)\n";
	for (size_t i = 0; i <= place->count; i++) {
		cleanup_free char *path = xasprintf("%s/daemon-%zu", place->folder, i);
		struct sandbox_mount mount = {place->folder, NULL, true};
		struct sandbox_task task = {.mounts = &mount, .mount_count = 1};
		struct process_result result;
		run_python(i ? place->sandboxes[i - 1] : NULL, task, program, path, &result);
		assert_string_equal(text_str(&result.error_output), "");
		process_result_clear(&result);
		if (i == 0)
			wait_for_file(path);
		else
			nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
		assert_int_equal(file_exists(path), i == 0);
	}
}

static void test_timeout(void **state)
{
	const struct place *place = *state;
	for (size_t i = 0; i < place->count; i++) {
		struct process_result result;
		run_python(place->sandboxes[i], (struct sandbox_task){.timeout = 300}, "while True: pass", "", &result);
		assert_true(result.timed_out);
		assert_true(result.wall_time < 30000);
		process_result_clear(&result);
	}
	struct error err = ERROR_INIT;
	struct process_result result;
	const char *const argv[] = {"/bin/true", NULL};
	struct sandbox_task endless = {.argv = argv};
	assert_int_equal(sandbox_run(place->sandboxes[0], &endless, &result, &err), -1);
	assert_non_null(strstr(err.text, "no time limit"));
}

// An agent that is killed takes its sandbox with it.
static void test_killed_parent(void **state)
{
	const struct place *place = *state;
	for (size_t i = 0; i < place->count; i++) {
		cleanup_free char *path = xasprintf("%s/orphan-%zu", place->folder, i);
		cleanup_free char *started = xasprintf("%s.started", path), *go = xasprintf("%s.go", path);
		struct error err = ERROR_INIT;
		pid_t child = fork();
		if (child == 0) {
			struct sandbox_mount mount = {place->folder, NULL, true};
			struct sandbox_task task = {.mounts = &mount, .mount_count = 1};
			struct process_result result;
			run_python(place->sandboxes[i], task,
				   "import os, sys, time\nopen(sys.argv[1] + '.started', 'w')\n"
				   "while not os.path.exists(sys.argv[1] + '.go'): time.sleep(0.01)\n"
				   "open(sys.argv[1], 'w')\n",
				   path, &result);
			_exit(0);
		}
		wait_for_file(started);
		assert_true(file_exists(started));
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		nanosleep(&(struct timespec){.tv_sec = 2}, NULL); // signals go from one to the next
		assert_int_equal(file_write_plain(go, "", 0, &err), 0);
		nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
		assert_false(file_exists(path));
	}
}

static void test_results(void **state)
{
	const struct place *place = *state;
	struct process_result result;
	struct error err = ERROR_INIT;
	for (size_t i = 0; i < place->count; i++) {
		struct sandbox_task task = {.input = SLICE("hello"), .directory = "/usr"};
		run_python(place->sandboxes[i], task,
			   "import sys, os; print(sys.stdin.read(), os.getcwd()); sys.exit(7)", "", &result);
		assert_int_equal(result.exit_status, 7);
		assert_string_equal(text_str(&result.output), "hello /usr\n");
		process_result_clear(&result);
		const char *const argv[] = {"/bin/sh", "-c", "echo trouble >&2; exit 3", NULL};
		task = (struct sandbox_task){.argv = argv, .environment = environment, .timeout = 60000};
		assert_int_equal(sandbox_run_ok(place->sandboxes[i], &task, &result, &err), -1);
		assert_int_equal(err.code, ERROR_TOOL);
		assert_non_null(strstr(err.text, "exit status 3: trouble"));
		struct sandbox_mount missing = {"/nonexistent/folder", NULL, false};
		task.mounts = &missing;
		task.mount_count = 1;
		assert_int_equal(sandbox_run(place->sandboxes[i], &task, &result, &err), -1);
		assert_non_null(strstr(err.text, "/nonexistent/folder"));
	}
	volatile int interrupted = 1;
	const char *const argv[] = {"/bin/sleep", "10", NULL};
	struct sandbox_task task = {.argv = argv, .timeout = 20000, .interrupted = &interrupted};
	assert_int_equal(sandbox_run(place->sandboxes[0], &task, &result, &err), -1);
	assert_int_equal(err.code, ERROR_INTERRUPTED);
}

static void test_refusal(void **state)
{
	const struct place *place = *state;
	struct error err = ERROR_INIT;
	struct sandbox *sandbox = NULL;
	setenv("GOPHERSNAKE_PATH", place->folder, 1); // no bwrap there
	assert_int_equal(sandbox_open(SANDBOX_USERNS, &sandbox, &err), -1);
	assert_int_equal(err.code, ERROR_POLICY);
	assert_non_null(strstr(err.text, "apt-get install bubblewrap"));
	assert_non_null(strstr(err.text, "`sandbox: none`"));
	assert_int_equal(sandbox_open(SANDBOX_NONE, &sandbox, &err), 0);
	assert_int_equal(sandbox_tier(sandbox), SANDBOX_NONE);
	assert_string_equal(sandbox_process_bound(sandbox), "none");
	unsetenv("GOPHERSNAKE_PATH");
	sandbox_free(sandbox);
	// A bubblewrap that cannot make user namespaces, and one that lies about what it did.
	cleanup_free char *tools = xasprintf("%s/tools", place->folder);
	cleanup_free char *fake = xasprintf("%s/bwrap", tools);
	cleanup_free char *path = xasprintf("%s:/usr/bin:/bin", tools);
	static const char refuses[] = "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2; exit 1\n";
	static const char lies[] = "#!/bin/sh\nwhile [ \"$1\" != -- ]; do shift; done; shift; exec \"$@\"\n";
	assert_int_equal(dir_make(tools, 0755, &err), 0);
	assert_int_equal(file_write_atomic(fake, refuses, strlen(refuses), &err), 0);
	assert_int_equal(chmod(fake, 0755), 0);
	setenv("GOPHERSNAKE_PATH", path, 1);
	assert_int_equal(sandbox_open(SANDBOX_USERNS, &sandbox, &err), -1);
	assert_int_equal(err.code, ERROR_POLICY);
	assert_non_null(strstr(err.text, "max_user_namespaces"));
	assert_int_equal(file_write_atomic(fake, lies, strlen(lies), &err), 0);
	assert_int_equal(chmod(fake, 0755), 0);
	assert_int_equal(sandbox_open(SANDBOX_USERNS, &sandbox, &err), -1);
	assert_int_equal(err.code, ERROR_POLICY);
	unsetenv("GOPHERSNAKE_PATH");
}

static void test_plain(void **state)
{
	const struct place *place = *state;
	struct sandbox_mount mounts[] = {
		{"/a/b", "/src", true}, {"/c", "/src/x", false}, {place->folder, "/shown", true}};
	static const char *const rows[][2] = {
		{"/src", "/a/b"},
		{"/src/y", "/a/b/y"},
		{"/src/x/y", "/c/y"},
		{"/srcs", "/srcs"},
		{"a/src", "a/src"},
		{"file:///src", "file:///a/b"},
		{"X=/src:/src/x", "X=/a/b:/c"},
		{"-I=/src", "-I=/a/b"},
		{"", ""},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		cleanup_free char *out = sandbox_plain_rewrite(rows[i][0], mounts, ARRAY_LENGTH(mounts));
		assert_string_equal(out, rows[i][1]);
	}
	struct sandbox *sandbox = NULL;
	struct error err = ERROR_INIT;
	struct process_result result;
	assert_int_equal(sandbox_open_tier(SANDBOX_NONE, &sandbox, &err), 0);
	struct sandbox_task task = {.mounts = mounts + 2, .mount_count = 1, .directory = "/shown"};
	run_python(sandbox, task, "import os, sys; open(sys.argv[1], 'w'); print(os.getcwd(), dict(os.environ))",
		   "/shown/plain", &result);
	assert_string_equal(text_str(&result.error_output), "");
	assert_non_null(strstr(text_str(&result.output), place->folder));
	assert_null(strstr(text_str(&result.output), "HOME"));
	process_result_clear(&result);
	sandbox_free(sandbox);
}

static void test_groups(void **state)
{
	const struct place *place = *state;
	bool unified;
	struct error err = ERROR_INIT;
	struct slice first = SLICE("40 30 0:30 / /g/memory rw - cgroup cgroup rw,memory\n"
				   "41 30 0:31 / /g/pids rw,relatime shared:9 - cgroup cgroup rw,pids\n"
				   "42 30 0:32 / /g/unified rw - cgroup2 cgroup2 rw,nsdelegate\n");
	char *parent = sandbox_group_parent(first, SLICE("8:pids:/\n4:memory:/service/x\n0::/\n"), &unified);
	assert_string_equal(parent, "/g/pids");
	assert_false(unified);
	free(parent);
	parent = sandbox_group_parent(first, SLICE("8:pids:/user.slice/session-1.scope\n"), &unified);
	assert_string_equal(parent, "/g/pids/user.slice");
	free(parent);
	// Unified: beside our own group, where the parent gives its children the pids controller.
	cleanup_free char *slice = xasprintf("%s/v2/user.slice", place->folder);
	cleanup_free char *control = xasprintf("%s/cgroup.subtree_control", slice);
	cleanup_free char *second = xasprintf("42 30 0:32 / %s/v2 rw - cgroup2 cgroup2 rw\n", place->folder);
	assert_int_equal(dir_make(slice, 0755, &err), 0);
	struct slice own = SLICE("0::/user.slice/session-1.scope\n");
	parent = sandbox_group_parent(slice_of(second), own, &unified);
	assert_string_equal(parent, "");
	free(parent);
	assert_int_equal(file_write_atomic(control, "cpu memory pids\n", 16, &err), 0);
	parent = sandbox_group_parent(slice_of(second), own, &unified);
	assert_string_equal(parent, slice);
	assert_true(unified);
	free(parent);
	parent = sandbox_group_parent(SLICE(""), own, &unified);
	assert_string_equal(parent, "");
	free(parent);
}

static void test_groups_are_removed(void **state)
{
	const struct place *place = *state;
	bool unified;
	cleanup_free char *parent = sandbox_group_find(&unified);
	if (strcmp(sandbox_process_bound(place->sandboxes[0]), "cgroup"))
		skip();
	// What a killed process left is swept when the next sandbox is opened.
	pid_t child = fork();
	if (child == 0)
		_exit(0);
	waitpid(child, NULL, 0);
	cleanup_free char *left = xasprintf("%s/gophersnake-%d-1", parent, (int)child);
	assert_int_equal(mkdir(left, 0755), 0);
	struct process_result result;
	run_python(place->sandboxes[0], (struct sandbox_task){0}, "pass", "", &result);
	process_result_clear(&result);
	sandbox_group_sweep(parent);
	cleanup_free char *mine = xasprintf("gophersnake-%d-", (int)getpid());
	file_names names = VEC_INIT;
	struct error err = ERROR_INIT;
	assert_int_equal(dir_list(parent, &names, &err), 0);
	vec_each (&names, name)
		assert_false(!strncmp(*name, mine, strlen(mine)));
	file_names_clear(&names);
	assert_false(dir_exists(left));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_network),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_other_processes),
		cmocka_unit_test(test_kernel_settings),
		cmocka_unit_test(test_namespaces),
		cmocka_unit_test(test_fork_bomb),
		cmocka_unit_test(test_output),
		cmocka_unit_test(test_disk),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_daemon),
		cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_killed_parent),
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_refusal),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_groups_are_removed),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
