// Kills publishing before each of its system calls that touch the disk (strace injects the SIGKILL), publishes again, and
// compares every byte of the workspace with that of an undisturbed run.
//
// The process to be killed is this program itself: test_publish_kill --publish WORKSPACE. The same is done on disks that
// are too small, in a mount namespace of its own.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agents/publish.h"
#include "core/file.h"
#include "core/process.h"

static const char *program; // argv[0]: cmocka hands nothing to tests

static void put(struct module_tree *tree, const char *path, const char *data)
{
	struct text text = TEXT_INIT;
	text_add(&text, data);
	module_tree_add(tree, path, &text);
}

static int publish_version(const char *workspace, const char *version, const char *inputs, bool listed,
			   struct error *err)
{
	cleanup_module_tree struct module_tree tree = {VEC_INIT};
	put(&tree, "go.mod", "module go.internal/py-x\n\ngo 1.23\n");
	put(&tree, "x/x.go", inputs);
	put(&tree, "pysrc/release.whl", "PK");
	if (module_tree_finish(&tree, err))
		return -1;
	cleanup_json json_t *entry = json_pack("{s:s, s:s, s:s, s:s, s:s}", "schema", "gophersnake.ledger/1", "kind",
					       "release", "name", "x", "go_version", version, "inputs", inputs);
	struct publication publication = {
		.workspace = workspace,
		.name = "x",
		.element = "py-x",
		.kind = "release",
		.version = {.module = "go.internal/py-x",
			    .version = version,
			    .time = "2020-01-01T00:00:00Z",
			    .listed = listed},
		.tree = &tree,
		.inputs = inputs,
		.message = "x\n",
		.email = "g@example.org",
		.seconds = 1,
		.entry = entry,
	};
	cleanup_fd int lock = -1;
	return registry_lock(workspace, "py-x", &lock, err) || publication_run(&publication, err) ? -1 : 0;
}

static int publish_all(const char *workspace)
{
	struct error err = ERROR_INIT;
	if (!publish_version(workspace, "v0.1.0-0.pre-a.1.rel.0", "aaa", false, &err) &&
	    !publish_version(workspace, "v0.1.0-0.rel.0", "bbb", true, &err))
		return 0;
	fprintf(stderr, "%s\n", err.text);
	return 1;
}

static int run(const char *const *argv, struct process_result *result)
{
	const char *environment[] = {"PATH=/usr/bin:/bin", "ASAN_OPTIONS=detect_leaks=0", NULL};
	struct process_options options = {.argv = argv, .environment = environment, .timeout = 60000};
	struct error err = ERROR_INIT;
	int status = process_run(&options, result, &err);
	if (status)
		fail_msg("%s", err.text);
	return status;
}

static void publish_again(const char *workspace)
{
	const char *argv[] = {program, "--publish", workspace, NULL};
	struct process_result result = {0};
	run(argv, &result);
	if (result.exit_status)
		fail_msg("publishing again: %s", text_str(&result.error_output));
	process_result_clear(&result);
}

// Every file with its digest, but for lock files, which name the process.
static char *describe(const char *workspace)
{
	file_names names = VEC_INIT;
	struct error err = ERROR_INIT;
	struct text out = TEXT_INIT;
	if (dir_walk_files(workspace, &names, &err))
		fail_msg("%s", err.text);
	vec_each (&names, name) {
		cleanup_free char *path = xasprintf("%s/%s", workspace, *name);
		char digest[DIGEST_HEX_SIZE] = "";
		if (slice_ends(slice_of(*name), ".lock"))
			continue;
		assert_int_equal(digest_hex_of_file(path, digest, &err), 0);
		text_addf(&out, "%s %s\n", *name, digest);
	}
	file_names_clear(&names);
	return text_steal(&out);
}

// 1 = killed, 0 = it came to its end before.
static int publish_killed(const char *workspace, const char *call, int number)
{
	cleanup_free char *inject = xasprintf("inject=%s:signal=KILL:when=%d", call, number);
	cleanup_free char *trace = xasprintf("trace=%s", call);
	const char *argv[] = {"strace", "-f",   "-qq",   "-o",        "/dev/null", "-e", trace,
			      "-e",     inject, program, "--publish", workspace,   NULL};
	struct process_result result = {0};
	run(argv, &result);
	int killed = result.signal == SIGKILL || result.exit_status == 128 + SIGKILL;
	if (!killed && result.exit_status)
		fail_msg("%s %d: %s", call, number, text_str(&result.error_output));
	process_result_clear(&result);
	return killed;
}

static bool can_trace(void)
{
	const char *argv[] = {"strace", "-o", "/dev/null", "true", NULL};
	const char *environment[] = {"PATH=/usr/bin:/bin", NULL};
	struct process_options options = {.argv = argv, .environment = environment, .timeout = 10000};
	struct process_result result = {0};
	struct error err = ERROR_INIT;
	bool can = !process_run(&options, &result, &err) && result.exit_status == 0;
	process_result_clear(&result);
	return can;
}

static void test_kill_everywhere(void **state)
{
	(void)state;
	// What changes the disk; opening is in it because it creates.
	static const char *const calls[] = {"write",     "openat",   "open",      "fsync",  "fdatasync", "link",
					    "linkat",    "rename",   "renameat2", "unlink", "mkdir",     "flock",
					    "ftruncate", "pwrite64", "rmdir",     "chmod"};
	struct error err = ERROR_INIT;
	cleanup_free char *folder = NULL, *wanted = NULL;
	if (!can_trace()) {
		print_message("strace cannot trace here\n");
		skip();
	}
	assert_int_equal(dir_temporary("/tmp", "kill", &folder, &err), 0);
	cleanup_free char *reference = xasprintf("%s/reference", folder);
	assert_int_equal(dir_make(reference, 0755, &err), 0);
	publish_again(reference);
	wanted = describe(reference);
	publish_again(reference); // nothing twice
	cleanup_free char *twice = describe(reference);
	assert_string_equal(wanted, twice);
	int kills = 0;
	for (size_t i = 0; i < ARRAY_LENGTH(calls); i++) {
		// Most openings only read; every third will do.
		for (int number = 1;; number += strcmp(calls[i], "openat") ? 1 : 3) {
			cleanup_free char *workspace = xasprintf("%s/%s-%d", folder, calls[i], number);
			assert_int_equal(dir_make(workspace, 0755, &err), 0);
			if (!publish_killed(workspace, calls[i], number))
				break;
			kills++;
			publish_again(workspace);
			cleanup_free char *got = describe(workspace);
			if (strcmp(got, wanted))
				fail_msg("killed before %s number %d: the workspace differs:\n%s\nwanted:\n%s",
					 calls[i], number, got, wanted);
			assert_int_equal(dir_remove_tree(workspace, &err), 0);
		}
	}
	print_message("%d kills\n", kills);
	assert_true(kills >= 100);
	assert_int_equal(dir_remove_tree(folder, &err), 0);
}

// ---- a disk that is full ----------------------------------------------------------------------------------------------

// Publishes on a disk of so many KiB, makes the disk large, publishes again, and prints the state after both.
static const char full_disk[] =
	"mount -t tmpfs -o size=$3k tmpfs $2 && $1 --publish $2 2>$4; first=$?; "
	"mount -o remount,size=64m $2 && $1 --publish $2 && $1 --describe $2 && exit $((40 + first))";

static void test_full_disk(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	cleanup_free char *folder = NULL;
	assert_int_equal(dir_temporary("/tmp", "full", &folder, &err), 0);
	cleanup_free char *reference = xasprintf("%s/reference", folder), *disk = xasprintf("%s/disk", folder);
	cleanup_free char *messages = xasprintf("%s/messages", folder);
	assert_int_equal(dir_make(reference, 0755, &err), 0);
	assert_int_equal(dir_make(disk, 0755, &err), 0);
	publish_again(reference);
	cleanup_free char *wanted = describe(reference);
	int full = 0;
	bool fits = false;
	for (int size = 8; !fits && size < 1024; size += 8) {
		char kib[16];
		snprintf(kib, sizeof kib, "%d", size);
		const char *argv[] = {"unshare", "-m", "sh", "-c", full_disk, "sh", program, disk, kib, messages, NULL};
		struct process_result result = {0};
		run(argv, &result);
		if (result.exit_status == 1 && !full) { // no mounts here
			process_result_clear(&result);
			assert_int_equal(dir_remove_tree(folder, &err), 0);
			print_message("no mount namespaces here\n");
			skip();
		}
		if (result.exit_status != 40 && result.exit_status != 41)
			fail_msg("%d KiB: %d %s", size, result.exit_status, text_str(&result.error_output));
		fits = result.exit_status == 40;
		cleanup_text struct text said = TEXT_INIT;
		assert_int_equal(file_read(messages, 1 << 20, &said, &err), 0);
		if (!fits && !strstr(text_str(&said), "full") && !strstr(text_str(&said), "No space left"))
			fail_msg("%d KiB: %s", size, text_str(&said));
		assert_string_equal(text_str(&result.output), wanted);
		full += !fits;
		process_result_clear(&result);
	}
	print_message("%d disks were too small\n", full);
	assert_true(fits && full > 5);
	assert_int_equal(dir_remove_tree(folder, &err), 0);
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "--describe")) {
		cleanup_free char *text = describe(argv[2]);
		fputs(text, stdout);
		return 0;
	}
	if (argc == 3 && !strcmp(argv[1], "--publish"))
		return publish_all(argv[2]);
	program = argv[0];
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_full_disk), cmocka_unit_test(test_kill_everywhere)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
