// Files and folders: what a reader may see at any moment, who wins, what a full disk and a killed writer leave.
#include "fixture.h"

#include <sys/file.h>
#include <time.h>

static void test_read(void **state)
{
	struct error err = ERROR_INIT;
	cleanup_text struct text text = TEXT_INIT;
	cleanup_free char *path = below(state, "a");
	assert_ok(file_write_atomic(path, "12345", 5, &err), err);
	assert_ok(file_read(path, 5, &text, &err), err);
	assert_string_equal(text.ptr, "12345");
	// One byte too long: refused, what was read before stays, the text has path and limit.
	assert_int_equal(file_read(path, 4, &text, &err), -1);
	assert_int_equal(err.code, ERROR_WORKSPACE);
	assert_contains(err.text, path);
	assert_contains(err.text, "4");
	assert_string_equal(text.ptr, "12345");
	assert_ok(file_write_atomic(path, "", 0, &err), err);
	assert_ok(file_read(path, 0, &text, &err), err);
	assert_int_equal(text.len, 0);
	assert_non_null(text.ptr);
	// Files that do not know their size, and pipes.
	assert_ok(file_read("/proc/self/status", 1 << 20, &text, &err), err);
	assert_contains(text.ptr, "Name:");
	assert_int_equal(file_read("/proc/self/status", 10, &text, &err), -1);
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "through a pipe", 14), 14);
	close(ends[1]);
	cleanup_free char *pipe_path = xasprintf("/proc/self/fd/%d", ends[0]);
	assert_ok(file_read(pipe_path, 100, &text, &err), err);
	assert_string_equal(text.ptr, "through a pipe");
	close(ends[0]);
	cleanup_free char *absent = below(state, "absent");
	assert_int_equal(file_read(absent, 10, &text, &err), -1);
	assert_contains(err.text, "absent: No such file");
	assert_int_equal(file_read(*state, 10, &text, &err), -1);
	assert_contains(err.text, "directory");
}

static void test_write_atomic(void **state)
{
	struct error err = ERROR_INIT;
	cleanup_free char *path = below(state, "a"), *nowhere = below(state, "no/a");
	assert_ok(file_write_atomic(path, "old", 3, &err), err);
	assert_int_equal(chmod(path, 0640), 0);
	assert_ok(file_write_atomic(path, "new!", 4, &err), err);
	assert_file_is(path, "new!", 4);
	struct stat info;
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0640);
	assert_int_equal(file_write_atomic(nowhere, "x", 1, &err), -1);
	assert_contains(err.text, "no/.tmp-");

	char big[8192];
	memset(big, 'b', sizeof big);
	rlim_t before = limit_file_size(4096);
	int status = file_write_atomic(path, big, sizeof big, &err);
	int once = file_write_once(path, big, sizeof big, &err);
	limit_file_size(before);
	assert_int_equal(status, -1);
	assert_int_equal(once, -1);
	assert_int_equal(err.code, ERROR_WORKSPACE);
	assert_contains(err.text, path);
	assert_file_is(path, "new!", 4);
	assert_names(*state, 1); // nothing half-written stays
}

static void test_write_plain(void **state)
{
	struct error err = ERROR_INIT;
	cleanup_free char *path = below(state, "plain/x/y"), *inside = below(state, "plain/x/y/z");
	assert_ok(file_write_plain(path, "longer", 6, &err), err); // folders are made
	assert_ok(file_write_plain(path, "new", 3, &err), err);
	assert_file_is(path, "new", 3);
	assert_ok(file_write_plain(path, NULL, 0, &err), err);
	assert_file_is(path, "", 0);
	assert_int_equal(file_write_plain(inside, "x", 1, &err), -1); // below a file
	assert_int_equal(err.code, ERROR_WORKSPACE);
	assert_contains(err.text, "plain/x/y/z");
}

static void test_write_once(void **state)
{
	struct error err = ERROR_INIT;
	cleanup_free char *path = below(state, "v1.zip");
	assert_int_equal(file_write_once(path, "bytes", 5, &err), 0);
	struct stat first, second;
	assert_int_equal(stat(path, &first), 0);
	assert_int_equal(file_write_once(path, "bytes", 5, &err), 1);
	assert_int_equal(stat(path, &second), 0);
	assert_int_equal(first.st_ino, second.st_ino);
	static const char *const others[] = {"byteS", "byte", "bytes!", ""};
	for (size_t i = 0; i < ARRAY_LENGTH(others); i++) {
		err = (struct error)ERROR_INIT;
		assert_int_equal(file_write_once(path, others[i], strlen(others[i]), &err), -1);
		assert_int_equal(err.code, ERROR_POLICY);
		assert_contains(err.text, path);
	}
	assert_file_is(path, "bytes", 5);
	assert_names(*state, 1);
	assert_int_equal(first.st_mode & 0777, 0644); // readable for other users (umask is set in main)
}

static void test_link_once(void **state)
{
	struct error err = ERROR_INIT;
	cleanup_free char *path = below(state, "name"), *temporary = below(state, "temporary");
	assert_ok(file_write_atomic(temporary, "1", 1, &err), err);
	assert_int_equal(file_link_once(temporary, path, &err), 0);
	assert_false(file_exists(temporary));
	assert_ok(file_write_atomic(temporary, "1", 1, &err), err);
	assert_int_equal(file_link_once(temporary, path, &err), 1);
	assert_false(file_exists(temporary));
	assert_ok(file_write_atomic(temporary, "2", 1, &err), err);
	assert_int_equal(file_link_once(temporary, path, &err), -1);
	assert_int_equal(err.code, ERROR_POLICY);
	assert_true(file_exists(temporary)); // the caller's, to look at
	assert_file_is(path, "1", 1);
	// A link in place of the published name is not followed.
	cleanup_free char *link = below(state, "link");
	assert_int_equal(symlink("temporary", link), 0);
	assert_int_equal(file_link_once(temporary, link, &err), -1);
}

// Writers race for one name: one wins, the others see the same bytes or are refused; readers see all or nothing.
static void race(void **state, bool same)
{
	enum { WRITERS = 6, ROUNDS = 30, SIZE = 200000 };
	for (int round = 0; round < ROUNDS; round++) {
		cleanup_free char *name = xasprintf("%d-%d", same, round), *path = below(state, name);
		pid_t pids[WRITERS];
		int ready[2];
		assert_int_equal(pipe(ready), 0);
		for (int writer = 0; writer < WRITERS; writer++) {
			pids[writer] = fork();
			if (pids[writer])
				continue;
			char *data = xmalloc(SIZE);
			memset(data, same ? 's' : 'a' + writer, SIZE);
			char byte;
			close(ready[1]);
			(void)!read(ready[0], &byte, 1); // until the parent closes its end
			struct error err = ERROR_INIT;
			int status = file_write_once(path, data, SIZE, &err);
			_exit(status >= 0 ? status : err.code == ERROR_POLICY ? 2 : 3);
		}
		close(ready[0]);
		close(ready[1]);
		for (struct stat info; !stat(path, &info) ? (assert_int_equal(info.st_size, SIZE), false) : true;)
			;
		int count[4] = {0}, winner = -1;
		for (int writer = 0; writer < WRITERS; writer++) {
			int status = wait_for(pids[writer]);
			assert_in_range(status, 0, 3);
			count[status]++;
			if (!status)
				winner = writer;
		}
		assert_int_equal(count[0], 1);
		assert_int_equal(count[same ? 1 : 2], WRITERS - 1);
		char *expected = xmalloc(SIZE);
		memset(expected, same ? 's' : 'a' + winner, SIZE);
		assert_file_is(path, expected, SIZE);
		free(expected);
	}
	assert_names(*state, ROUNDS);
}

static void test_race_same(void **state)
{
	race(state, true);
}

static void test_race_different(void **state)
{
	race(state, false);
}

static void test_killed_writer(void **state)
{
	enum { ROUNDS = 60, SIZE = 300000 };
	struct error err = ERROR_INIT;
	cleanup_free char *path = below(state, "a");
	cleanup_free char *data = xmalloc(SIZE);
	memset(data, 'a', SIZE);
	assert_ok(file_write_atomic(path, data, SIZE, &err), err);
	for (int round = 0; round < ROUNDS; round++) {
		pid_t pid = fork();
		if (!pid)
			for (char fill = 'a';; fill = fill == 'z' ? 'a' : (char)(fill + 1)) {
				memset(data, fill, SIZE);
				file_write_atomic(path, data, SIZE, NULL);
			}
		usleep((useconds_t)(500 + round * 137));
		kill(pid, SIGKILL);
		assert_int_equal(wait_for(pid), -1);
		cleanup_text struct text text = TEXT_INIT;
		assert_ok(file_read(path, SIZE, &text, &err), err);
		assert_int_equal(text.len, SIZE);
		for (size_t i = 1; i < SIZE; i++)
			if (text.ptr[i] != text.ptr[0])
				fail_msg("round %d: byte %zu is of another write", round, i);
	}
}

static void test_disk_full(void **state)
{
	need_mounts();
	struct error err = ERROR_INIT;
	cleanup_free char *small = below(state, "small");
	mount_small(small, "size=64k,nr_inodes=64");
	cleanup_free char *path = xasprintf("%s/a", small), *log = xasprintf("%s/log", small);
	assert_ok(file_write_atomic(path, "kept", 4, &err), err);
	assert_ok(file_append_durable(log, "line\n", 5, &err), err);
	size_t size = 200000;
	cleanup_free char *big = xcalloc(size, 1);
	assert_int_equal(file_write_atomic(path, big, size, &err), -1);
	assert_int_equal(err.code, ERROR_WORKSPACE);
	assert_contains(err.text, "the disk is full");
	assert_contains(err.text, path);
	assert_contains(err.text, "bytes are free there");
	cleanup_free char *other = xasprintf("%s/b", small);
	assert_int_equal(file_write_once(other, big, size, &err), -1);
	assert_contains(err.text, "the disk is full");
	assert_int_equal(file_append_durable(log, big, size, &err), -1);
	assert_contains(err.text, "the disk is full");
	assert_file_is(path, "kept", 4);
	assert_file_is(log, "line\n", 5);
	assert_names(small, 2);
	assert_in_range(disk_free_bytes(small), 40000, 64 << 10);
	// With room again the same calls work.
	assert_int_equal(file_write_once(other, big, 20000, &err), 0);
	assert_ok(file_append_durable(log, "two\n", 4, &err), err);
	assert_file_is(log, "line\ntwo\n", 9);
	// No inodes left: folders too say that it is the disk.
	cleanup_free char *folders = xasprintf("%s/d", small);
	int status = 0;
	for (int i = 0; i < 100 && !status; i++) {
		cleanup_free char *folder = xasprintf("%s/%d", folders, i);
		status = dir_make(folder, 0755, &err);
	}
	assert_int_equal(status, -1);
	assert_contains(err.text, "the disk is full");
	assert_int_equal(umount2(small, MNT_DETACH), 0);
}

static void test_append(void **state)
{
	enum { WRITERS = 4, LINES = 200 };
	struct error err = ERROR_INIT;
	cleanup_free char *path = below(state, "log");
	pid_t pids[WRITERS];
	for (int writer = 0; writer < WRITERS; writer++) {
		pids[writer] = fork();
		if (pids[writer])
			continue;
		int status = 0;
		for (int line = 0; line < LINES && !status; line++) {
			cleanup_free char *text = xasprintf("%d %0*d\n", writer, 100 + line, line);
			status = file_append_durable(path, text, strlen(text), NULL);
		}
		_exit(status ? 1 : 0);
	}
	for (int writer = 0; writer < WRITERS; writer++)
		assert_int_equal(wait_for(pids[writer]), 0);
	cleanup_text struct text text = TEXT_INIT;
	assert_ok(file_read(path, 1 << 30, &text, &err), err);
	struct slice rest = text_slice(&text), line;
	int next[WRITERS] = {0}, lines = 0;
	while (slice_cut(&rest, '\n', &line) && line.len) {
		uint64_t number;
		int writer = line.ptr[0] - '0';
		assert_in_range(writer, 0, WRITERS - 1);
		assert_int_equal(parse_u64(slice_from(line, 2), &number), 0);
		assert_int_equal(number, next[writer]);
		assert_int_equal(line.len, 2 + 100 + number);
		next[writer]++, lines++;
	}
	assert_int_equal(lines, WRITERS * LINES);

	// A record that fails half-way is taken back.
	size_t length = text.len;
	char record[5000];
	memset(record, 'r', sizeof record);
	rlim_t before = limit_file_size(length + 1000);
	int status = file_append_durable(path, record, sizeof record, &err);
	limit_file_size(before);
	assert_int_equal(status, -1);
	assert_file_is(path, text.ptr, length);

	// Taking back is safe because nobody appends meanwhile: an append waits for the lock of another.
	cleanup_fd int held = open(path, O_RDWR);
	assert_int_equal(flock(held, LOCK_EX), 0);
	pid_t pid = fork();
	if (!pid)
		_exit(file_append_durable(path, "waited\n", 7, NULL) ? 1 : 0);
	usleep(100000);
	assert_file_is(path, text.ptr, length);
	assert_int_equal(flock(held, LOCK_UN), 0);
	assert_int_equal(wait_for(pid), 0);
	text_add(&text, "waited\n");
	assert_file_is(path, text.ptr, text.len);
}

static void test_folders(void **state)
{
	struct error err = ERROR_INIT;
	cleanup_free char *deep = below(state, "a//b/c/"), *file = below(state, "a/file"),
			  *under = below(state, "a/file/x");
	assert_ok(dir_make(deep, 0755, &err), err);
	assert_ok(dir_make(deep, 0755, &err), err);
	assert_true(dir_exists(deep));
	assert_ok(file_write_atomic(file, "", 0, &err), err);
	assert_int_equal(dir_make(file, 0755, &err), -1);
	assert_contains(err.text, "Not a directory");
	assert_int_equal(dir_make(under, 0755, &err), -1);
	assert_false(dir_exists(file));
	assert_true(file_exists(file));
	assert_false(file_exists(deep));
	cleanup_free char *one = NULL, *two = NULL;
	assert_ok(dir_temporary(*state, "job", &one, &err), err);
	assert_ok(dir_temporary(*state, "job", &two, &err), err);
	assert_string_not_equal(one, two);
	struct stat info;
	assert_int_equal(stat(one, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0700);
	file_names names = VEC_INIT;
	cleanup_free char *a = below(state, "a");
	assert_ok(dir_list(a, &names, &err), err);
	assert_int_equal(names.count, 2);
	assert_string_equal(names.items[0], "b");
	assert_string_equal(names.items[1], "file");
	assert_int_equal(dir_list(file, &names, &err), -1);
	assert_int_equal(names.count, 2); // outputs change on success only
	file_names_clear(&names);
	cleanup_free char *absent = below(state, "absent");
	assert_int_equal(dir_sync(absent, &err), -1);
	assert_contains(err.text, "absent");
	assert_int_equal(disk_free_bytes(absent), -1);
	assert_true(disk_free_bytes(*state) > 0);
}

static void test_walk(void **state)
{
	struct error err = ERROR_INIT;
	static const char *const paths[] = {"b/a", "b.c", "a/z/deep", "a/y", "b/é", ".hidden"};
	for (size_t i = 0; i < ARRAY_LENGTH(paths); i++) {
		cleanup_free char *path = below(state, paths[i]), *folder = xstrdup(path);
		*strrchr(folder, '/') = '\0';
		assert_ok(dir_make(folder, 0755, &err), err);
		assert_ok(file_write_atomic(path, "x", 1, &err), err);
	}
	file_names names = VEC_INIT;
	assert_ok(dir_walk_files(*state, &names, &err), err);
	static const char *const sorted[] = {".hidden", "a/y", "a/z/deep", "b.c", "b/a", "b/é"};
	assert_int_equal(names.count, ARRAY_LENGTH(sorted));
	for (size_t i = 0; i < names.count; i++)
		assert_string_equal(names.items[i], sorted[i]);
	cleanup_free char *link = below(state, "b/link");
	assert_int_equal(symlink("/etc", link), 0);
	assert_int_equal(dir_walk_files(*state, &names, &err), -1);
	assert_contains(err.text, "b/link is a symbolic link");
	assert_int_equal(unlink(link), 0);
	assert_int_equal(mkfifo(link, 0600), 0);
	assert_int_equal(dir_walk_files(*state, &names, &err), -1);
	assert_contains(err.text, "b/link is a device, pipe or socket");
	file_names_clear(&names);
}

// Folders in folders, far beyond what a path or the table of open files could hold.
static void make_deep(const char *root, int levels)
{
	assert_int_equal(mkdir(root, 0755), 0);
	int fd = open(root, O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < levels; i++) {
		assert_int_equal(mkdirat(fd, "deeper", 0755), 0);
		int file = openat(fd, "file", O_CREAT | O_WRONLY, 0644);
		assert_true(file >= 0);
		close(file);
		int below_fd = openat(fd, "deeper", O_RDONLY | O_DIRECTORY);
		assert_true(below_fd >= 0);
		close(fd);
		fd = below_fd;
	}
	close(fd);
}

static void test_remove_tree(void **state)
{
	struct error err = ERROR_INIT;
	cleanup_free char *outside = below(state, "outside"), *kept = below(state, "outside/kept");
	cleanup_free char *tree = below(state, "tree"), *inner = below(state, "tree/a/b"),
			  *absent = below(state, "absent");
	assert_ok(dir_make(outside, 0755, &err), err);
	assert_ok(file_write_atomic(kept, "k", 1, &err), err);
	assert_ok(dir_make(inner, 0755, &err), err);
	static const char *const links[] = {"tree/link", "tree/a/link", "tree/a/b/link"};
	for (size_t i = 0; i < ARRAY_LENGTH(links); i++) {
		cleanup_free char *link = below(state, links[i]);
		assert_int_equal(symlink(outside, link), 0);
	}
	cleanup_free char *top = below(state, "top-link");
	assert_int_equal(symlink(outside, top), 0);
	assert_ok(dir_remove_tree(tree, &err), err);
	assert_ok(dir_remove_tree(top, &err), err);
	assert_ok(dir_remove_tree(absent, &err), err);
	assert_false(dir_exists(tree));
	assert_true(file_exists(kept));
	assert_names(*state, 1);

	struct rlimit few, files;
	getrlimit(RLIMIT_NOFILE, &files);
	few = (struct rlimit){.rlim_cur = 300, .rlim_max = files.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	make_deep(tree, 2500);
	file_names names = VEC_INIT;
	assert_int_equal(dir_walk_files(tree, &names, &err), -1);
	assert_contains(err.text, "folders in each other");
	assert_ok(dir_remove_tree(tree, &err), err);
	assert_false(dir_exists(tree));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
	assert_ok(dir_remove_tree(kept, &err), err); // a file is a small tree
	assert_false(file_exists(kept));
}

// As an ordinary user: folders without permissions, as Go's module cache and hostile archives have them.
static void test_remove_read_only(void **state)
{
	cleanup_free char *tree = below(state, "tree");
	assert_int_equal(chmod(*state, 0777), 0);
	pid_t pid = fork();
	if (!pid) {
		if (geteuid() == 0 && (setgid(65534) || setuid(65534)))
			_exit(2);
		struct error err = ERROR_INIT;
		cleanup_free char *closed = xasprintf("%s/closed", tree), *inner = xasprintf("%s/in", closed);
		cleanup_free char *file = xasprintf("%s/file", inner);
		if (dir_make(inner, 0755, &err) || file_write_atomic(file, "x", 1, &err) || chmod(file, 0444) ||
		    chmod(inner, 0555) || chmod(closed, 0) || chmod(tree, 0555))
			_exit(3);
		_exit(dir_remove_tree(tree, &err) || dir_exists(tree) ? 4 : 0);
	}
	assert_int_equal(wait_for(pid), 0);
}

static void test_lock(void **state)
{
	struct error err = ERROR_INIT;
	cleanup_free char *path = below(state, "lock");
	int fd = -1, second = -7;
	assert_ok(file_lock(path, "convert", &fd, &err), err);
	assert_int_equal(file_lock(path, "gc", &second, &err), -1);
	assert_int_equal(second, -7);
	assert_int_equal(err.code, ERROR_WORKSPACE);
	cleanup_free char *holder = xasprintf("%s is locked by process %ld (convert)", path, (long)getpid());
	assert_contains(err.text, holder);
	close(fd);
	assert_ok(file_lock(path, "gc", &fd, &err), err);
	close(fd);

	// Another process holds it, and dies without a word.
	int ready[2];
	assert_int_equal(pipe(ready), 0);
	pid_t pid = fork();
	if (!pid) {
		if (file_lock(path, "a longer purpose", &fd, NULL))
			_exit(1);
		(void)!write(ready[1], "x", 1);
		for (;;)
			pause();
	}
	char byte;
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(file_lock(path, "gc", &second, &err), -1);
	holder = (free(holder), xasprintf("by process %ld (a longer purpose)", (long)pid));
	assert_contains(err.text, holder);
	kill(pid, SIGKILL);
	assert_int_equal(wait_for(pid), -1);
	assert_ok(file_lock(path, "gc", &second, &err), err);
	close(second);
	close(ready[0]);
	close(ready[1]);

	// The holder has not written its name yet, or somebody wrote nonsense.
	cleanup_fd int raw = open(path, O_RDWR);
	assert_int_equal(flock(raw, LOCK_EX), 0);
	assert_int_equal(ftruncate(raw, 0), 0);
	assert_int_equal(file_lock(path, "gc", &second, &err), -1);
	assert_contains(err.text, "locked by another process");
}

// A lock file that is removed while others wait for it: never two holders of the name.
static void test_lock_contention(void **state)
{
	enum { PROCESSES = 6, ROUNDS = 1000 };
	cleanup_free char *path = below(state, "lock"), *counter = below(state, "counter");
	struct error err = ERROR_INIT;
	assert_ok(file_write_atomic(counter, "0", 1, &err), err);
	pid_t pids[PROCESSES];
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (pids[i])
			continue;
		for (int round = 0; round < ROUNDS;) {
			int fd;
			if (file_lock(path, "count", &fd, &err)) {
				if (!strstr(err.text, "is locked by"))
					_exit(1);
				sched_yield();
				continue;
			}
			cleanup_text struct text text = TEXT_INIT;
			uint64_t value;
			int file = open(counter, O_RDWR);
			if (file_read(counter, 100, &text, NULL) || parse_u64(text_slice(&text), &value))
				_exit(2);
			cleanup_free char *next = xasprintf("%" PRIu64, value + 1);
			if (pwrite(file, next, strlen(next), 0) < 0)
				_exit(3);
			close(file);
			unlink(path);
			close(fd);
			round++;
		}
		_exit(0);
	}
	for (int i = 0; i < PROCESSES; i++)
		assert_int_equal(wait_for(pids[i]), 0);
	cleanup_text struct text text = TEXT_INIT;
	assert_ok(file_read(counter, 100, &text, &err), err);
	cleanup_free char *expected = xasprintf("%d", PROCESSES * ROUNDS);
	assert_string_equal(text.ptr, expected);
}

int main(void)
{
	umask(022);
	const struct CMUnitTest tests[] = {
		folder_test(test_read),
		folder_test(test_write_atomic),
		folder_test(test_write_plain),
		folder_test(test_write_once),
		folder_test(test_link_once),
		folder_test(test_race_same),
		folder_test(test_race_different),
		folder_test(test_killed_writer),
		folder_test(test_append),
		folder_test(test_folders),
		folder_test(test_walk),
		folder_test(test_remove_tree),
		folder_test(test_remove_read_only),
		folder_test(test_lock),
		folder_test(test_lock_contention),
		folder_test(test_disk_full),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
