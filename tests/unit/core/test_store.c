// The store: nothing wrong is ever handed out, writers don't hurt each other, damage heals, trees stay inside.
#include "fixture.h"

#include <pthread.h>

#include "core/store.h"

static struct store *open_store(void **state)
{
	struct error err = ERROR_INIT;
	struct store *store = NULL;
	cleanup_free char *path = below(state, "deep/store");
	assert_ok(store_open(path, &store, &err), err);
	return store;
}

static char *object_path(void **state, const char *digest)
{
	return xasprintf("%s/deep/store/objects/%.2s/%s", (const char *)*state, digest, digest + 2);
}

static void key_of(const char *text, char key[DIGEST_HEX_SIZE])
{
	digest_hex_of(text, strlen(text), key);
}

static void overwrite(const char *path, const char *data, size_t length)
{
	cleanup_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(file_write_all(fd, data, length), 0);
}

static void assert_no_temporaries(void **state)
{
	cleanup_free char *folder = below(state, "deep/store/tmp");
	assert_names(folder, 0);
}

static void test_objects(void **state)
{
	struct error err = ERROR_INIT;
	struct store *store = open_store(state);
	char digest[DIGEST_HEX_SIZE], again[DIGEST_HEX_SIZE], expected[DIGEST_HEX_SIZE];
	cleanup_text struct text text = TEXT_INIT;
	assert_ok(store_put(store, SLICE("bytes"), digest, &err), err);
	key_of("bytes", expected);
	assert_string_equal(digest, expected);
	cleanup_free char *path = object_path(state, digest), *told = store_path(store, digest);
	assert_string_equal(path, told);
	struct stat first, second;
	assert_int_equal(stat(path, &first), 0);
	assert_ok(store_put(store, SLICE("bytes"), again, &err), err);
	assert_int_equal(stat(path, &second), 0);
	assert_int_equal(first.st_ino, second.st_ino); // nothing was written again
	assert_string_equal(again, digest);
	assert_ok(store_get(store, digest, &text, &err), err);
	assert_string_equal(text.ptr, "bytes");
	assert_true(store_has(store, digest));
	assert_ok(store_put(store, (struct slice){NULL, 0}, digest, &err), err);
	assert_ok(store_get(store, digest, &text, &err), err);
	assert_int_equal(text.len, 0);

	key_of("absent", digest);
	assert_false(store_has(store, digest));
	assert_int_equal(store_get(store, digest, &text, &err), -1);
	assert_contains(err.text, digest);
	// What is no digest is never made a path.
	static const char *const odd[] = {"", "../../../etc/passwd", "ABCDEF", "abcd"};
	for (size_t i = 0; i < ARRAY_LENGTH(odd); i++) {
		assert_false(store_has(store, odd[i]));
		assert_int_equal(store_get(store, odd[i], &text, &err), -1);
		assert_int_equal(err.code, ERROR_INPUT);
		assert_int_equal(store_memo_get(store, odd[i], digest, &err), -1);
		assert_int_equal(store_memo_put(store, odd[i], expected, &err), -1);
		assert_int_equal(store_memo_put(store, expected, odd[i], &err), -1);
	}
	assert_no_temporaries(state);
	store_free(store);
	store_free(NULL);
}

static void test_files_and_json(void **state)
{
	struct error err = ERROR_INIT;
	struct store *store = open_store(state);
	char digest[DIGEST_HEX_SIZE], expected[DIGEST_HEX_SIZE];
	cleanup_free char *path = below(state, "large");
	size_t size = (10 << 20) + 7;
	cleanup_free char *data = xmalloc(size);
	for (size_t i = 0; i < size; i++)
		data[i] = (char)(i >> 3);
	overwrite(path, data, size);
	assert_ok(store_put_file(store, path, digest, &err), err);
	assert_ok(store_put_file(store, path, digest, &err), err);
	digest_hex_of(data, size, expected);
	assert_string_equal(digest, expected);
	cleanup_free char *object = object_path(state, digest);
	assert_file_is(object, data, size);
	cleanup_free char *absent = below(state, "absent");
	assert_int_equal(store_put_file(store, absent, digest, &err), -1);
	assert_contains(err.text, absent);
	assert_int_equal(store_put_file(store, *state, digest, &err), -1); // a folder
	assert_string_equal(digest, expected);

	cleanup_json json_t *json = json_pack("{s:i, s:[s]}", "b", 1, "a", "x");
	assert_ok(store_put_json(store, json, digest, &err), err);
	key_of("{\"a\":[\"x\"],\"b\":1}", expected);
	assert_string_equal(digest, expected);
	cleanup_json json_t *back = store_get_json(store, digest, "thing", &err);
	assert_true(json_equal(json, back));
	assert_ok(store_put(store, SLICE("{"), digest, &err), err);
	assert_null(store_get_json(store, digest, "the thing", &err));
	assert_contains(err.text, "the thing: line 1");
	assert_no_temporaries(state);
	store_free(store);
}

// Every way in which a disk may lie: cut, empty, another byte, longer, of another object.
static void test_damaged(void **state)
{
	struct error err = ERROR_INIT;
	struct store *store = open_store(state);
	static const char whole[] = "the bytes of an object";
	static const char *const damages[] = {"the bytes of an obj", "", "the bytes of an objecT",
					      "the bytes of an object\n", "another object"};
	char digest[DIGEST_HEX_SIZE], key[DIGEST_HEX_SIZE], found[DIGEST_HEX_SIZE] = "untouched";
	key_of("key", key);
	assert_ok(store_put(store, SLICE(""), digest, &err), err);
	assert_ok(store_put(store, slice_of(whole), digest, &err), err);
	assert_ok(store_memo_put(store, key, digest, &err), err);
	cleanup_free char *path = object_path(state, digest), *copy = below(state, "copy");
	overwrite(copy, whole, strlen(whole));
	for (size_t i = 0; i < ARRAY_LENGTH(damages) * 2; i++) {
		const char *damage = damages[i / 2];
		cleanup_text struct text text = TEXT_INIT;
		overwrite(path, damage, strlen(damage));
		assert_false(store_has(store, digest));
		assert_int_equal(store_get(store, digest, &text, &err), -1);
		assert_int_equal(err.code, ERROR_WORKSPACE);
		assert_contains(err.text, "is damaged");
		assert_contains(err.text, path);
		assert_null(text.ptr);
		assert_int_equal(store_memo_get(store, key, found, &err), 0);
		assert_string_equal(found, "untouched");
		// Putting the right bytes again heals, by both ways.
		char again[DIGEST_HEX_SIZE];
		if (i % 2)
			assert_ok(store_put_file(store, copy, again, &err), err);
		else
			assert_ok(store_put(store, slice_of(whole), again, &err), err);
		assert_ok(store_get(store, digest, &text, &err), err);
		assert_string_equal(text.ptr, whole);
		char memo[DIGEST_HEX_SIZE];
		assert_int_equal(store_memo_get(store, key, memo, &err), 1);
		assert_string_equal(memo, digest);
	}
	assert_int_equal(unlink(path), 0);
	assert_int_equal(store_memo_get(store, key, found, &err), 0);
	store_free(store);
}

static void test_memos(void **state)
{
	struct error err = ERROR_INIT;
	struct store *store = open_store(state);
	char one[DIGEST_HEX_SIZE], two[DIGEST_HEX_SIZE], key[DIGEST_HEX_SIZE], found[DIGEST_HEX_SIZE];
	key_of("key", key);
	assert_int_equal(store_memo_get(store, key, found, &err), 0);
	assert_ok(store_put(store, SLICE("1"), one, &err), err);
	assert_ok(store_put(store, SLICE("2"), two, &err), err);
	assert_ok(store_memo_put(store, key, one, &err), err);
	assert_int_equal(store_memo_get(store, key, found, &err), 1);
	assert_string_equal(found, one);
	assert_ok(store_memo_put(store, key, two, &err), err);
	assert_int_equal(store_memo_get(store, key, found, &err), 1);
	assert_string_equal(found, two);
	cleanup_free char *path = xasprintf("%s/deep/store/memos/%.2s/%s", (const char *)*state, key, key + 2);
	cleanup_free char *line = xasprintf("%s\n", two);
	assert_file_is(path, line, strlen(line));
	// Torn memos are absent ones.
	for (size_t length = 0; length < strlen(line); length++) {
		overwrite(path, line, length);
		assert_int_equal(store_memo_get(store, key, found, &err), 0);
	}
	memset(line, 0, strlen(line));
	overwrite(path, line, DIGEST_HEX_SIZE);
	assert_int_equal(store_memo_get(store, key, found, &err), 0);
	assert_ok(store_memo_put(store, key, one, &err), err);
	assert_int_equal(store_memo_get(store, key, found, &err), 1);
	store_free(store);
}

// ---- trees ---------------------------------------------------------------------------------------------------------

static void make_tree(void **state, const char *name)
{
	static const struct {
		const char *path, *data;
		mode_t mode;
	} files[] = {
		{"go.mod", "module py\n", 0644}, {"a/x.go", "package a\n", 0600}, {"a/b/c/run.sh", "#!/bin/sh\n", 0775},
		{"a/empty", "", 0444},           {"z.txt", "same", 0644},         {"a-b/z.txt", "same", 0644},
	};
	struct error err = ERROR_INIT;
	for (size_t i = 0; i < ARRAY_LENGTH(files); i++) {
		cleanup_free char *path = xasprintf("%s/%s/%s", (const char *)*state, name, files[i].path);
		cleanup_free char *folder = xstrdup(path);
		*strrchr(folder, '/') = '\0';
		assert_ok(dir_make(folder, 0755, &err), err);
		overwrite(path, files[i].data, strlen(files[i].data));
		assert_int_equal(chmod(path, files[i].mode), 0);
	}
}

static void test_tree(void **state)
{
	struct error err = ERROR_INIT;
	struct store *store = open_store(state);
	char digest[DIGEST_HEX_SIZE], again[DIGEST_HEX_SIZE], third[DIGEST_HEX_SIZE];
	make_tree(state, "one");
	cleanup_free char *one = below(state, "one"), *two = below(state, "x/two");
	assert_ok(store_put_tree(store, one, digest, &err), err);
	assert_ok(store_get_tree(store, digest, two, &err), err);
	assert_ok(store_put_tree(store, two, again, &err), err);
	assert_string_equal(again, digest);
	file_names names = VEC_INIT;
	assert_ok(dir_walk_files(two, &names, &err), err);
	assert_int_equal(names.count, 6);
	file_names_clear(&names);
	cleanup_free char *script = below(state, "x/two/a/b/c/run.sh"), *plain = below(state, "x/two/a/x.go");
	struct stat info;
	assert_int_equal(stat(script, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0755);
	assert_int_equal(stat(plain, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0644);
	assert_file_is(plain, "package a\n", 10);

	// The document is what docs/formats.md says.
	cleanup_json json_t *tree = store_get_json(store, digest, "tree", &err);
	assert_ok(json_check_schema(tree, "gophersnake.tree/1", "tree", &err), err);
	json_t *files = json_object_get(tree, "files"), *first = json_array_get(files, 0);
	assert_string_equal(json_string_or(first, "path", ""), "a-b/z.txt");
	assert_string_equal(json_string_or(first, "mode", ""), "0644");
	assert_int_equal(json_integer_or(first, "size", 0), 4);

	// Any change is another tree; what exists is never overwritten.
	assert_int_equal(chmod(plain, 0755), 0);
	assert_ok(store_put_tree(store, two, third, &err), err);
	assert_string_not_equal(third, digest);
	assert_int_equal(store_get_tree(store, digest, two, &err), -1);
	assert_contains(err.text, "File exists");
	// A folder with a link in it is no tree.
	cleanup_free char *link = below(state, "one/a/link");
	assert_int_equal(symlink("x.go", link), 0);
	assert_int_equal(store_put_tree(store, one, third, &err), -1);
	assert_contains(err.text, "a/link is a symbolic link");
	assert_no_temporaries(state);
	store_free(store);
}

static void test_tree_damaged(void **state)
{
	struct error err = ERROR_INIT;
	struct store *store = open_store(state);
	char digest[DIGEST_HEX_SIZE], key[DIGEST_HEX_SIZE], member[DIGEST_HEX_SIZE], found[DIGEST_HEX_SIZE];
	make_tree(state, "one");
	cleanup_free char *one = below(state, "one"), *two = below(state, "two");
	assert_ok(store_put_tree(store, one, digest, &err), err);
	key_of("key", key);
	key_of("package a\n", member);
	assert_ok(store_memo_put(store, key, digest, &err), err);
	assert_int_equal(store_memo_get(store, key, found, &err), 1);
	cleanup_free char *path = object_path(state, member);
	overwrite(path, "package b\n", 10);
	assert_int_equal(store_memo_get(store, key, found, &err), 0); // one damaged file is a damaged tree
	assert_int_equal(store_get_tree(store, digest, two, &err), -1);
	assert_contains(err.text, "is damaged");
	cleanup_free char *written = below(state, "two/a/x.go");
	assert_false(file_exists(written)); // wrong bytes are not left where a tool finds them
	assert_int_equal(unlink(path), 0);
	assert_int_equal(store_memo_get(store, key, found, &err), 0);
	assert_ok(store_put_tree(store, one, digest, &err), err);
	assert_int_equal(store_memo_get(store, key, found, &err), 1);
	store_free(store);
}

static void test_tree_hostile(void **state)
{
	struct error err = ERROR_INIT;
	struct store *store = open_store(state);
	char bytes[DIGEST_HEX_SIZE], digest[DIGEST_HEX_SIZE];
	assert_ok(store_put(store, SLICE("evil"), bytes, &err), err);
	cleanup_free char *target = below(state, "target"), *outside = below(state, "outside");
	assert_ok(dir_make(outside, 0755, &err), err);
	static const char *const paths[] = {"../outside/x", "/etc/x", "a/../../outside/x", "./x",   "a//x", "a/", "",
					    "..",           ".",      "outside-link/x",    "file/x"};
	for (size_t i = 0; i < ARRAY_LENGTH(paths); i++) {
		assert_ok(dir_remove_tree(target, &err), err);
		assert_ok(dir_make(target, 0755, &err), err);
		cleanup_free char *link = below(state, "target/outside-link"), *file = below(state, "target/file");
		assert_int_equal(symlink(outside, link), 0);
		overwrite(file, "", 0);
		cleanup_json json_t *tree =
			json_pack("{s:s, s:[{s:s, s:s, s:s, s:i}]}", "schema", "gophersnake.tree/1", "files", "mode",
				  "0644", "path", paths[i], "sha256", bytes, "size", 4);
		assert_ok(store_put_json(store, tree, digest, &err), err);
		if (!store_get_tree(store, digest, target, &err))
			fail_msg("accepted: %s", paths[i]);
		assert_names(outside, 0);
		assert_names(target, 2);
	}
	// A link as the file's own name, and entries that are no entries.
	cleanup_free char *link = below(state, "target/x"), *aim = below(state, "outside/aim");
	assert_int_equal(symlink(aim, link), 0);
	static const struct {
		const char *mode, *path, *digest;
	} entries[] = {
		{"0644", "x", NULL},
		{"4755", "y", NULL},
		{"0644", "y", "../objects"},
		{"0644", "y", "abc"},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(entries); i++) {
		cleanup_json json_t *tree =
			json_pack("{s:s, s:[{s:s, s:s, s:s, s:i}]}", "schema", "gophersnake.tree/1", "files", "mode",
				  entries[i].mode, "path", entries[i].path, "sha256",
				  entries[i].digest ? entries[i].digest : bytes, "size", 4);
		assert_ok(store_put_json(store, tree, digest, &err), err);
		assert_int_equal(store_get_tree(store, digest, target, &err), -1);
		assert_names(outside, 0);
		assert_names(target, 3);
	}
	// Any JSON is not a tree, and as a memo's result it is only JSON.
	char key[DIGEST_HEX_SIZE], found[DIGEST_HEX_SIZE];
	key_of("key", key);
	assert_ok(store_put(store, SLICE("{\"files\":[1,2]}"), digest, &err), err);
	assert_int_equal(store_get_tree(store, digest, target, &err), -1);
	assert_contains(err.text, "schema");
	assert_ok(store_memo_put(store, key, digest, &err), err);
	assert_int_equal(store_memo_get(store, key, found, &err), 1);
	store_free(store);
}

// ---- faults --------------------------------------------------------------------------------------------------------

static void content_of(int number, struct text *out)
{
	text_reset(out);
	for (int i = 0; i < 300 + number * 7; i++)
		text_addf(out, "%d ", number);
}

// Processes put the same and different objects at once; then all are there, whole.
static void test_concurrent_processes(void **state)
{
	enum { PROCESSES = 4, OBJECTS = 60 };
	struct error err = ERROR_INIT;
	pid_t pids[PROCESSES];
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (pids[i])
			continue;
		struct store *store = NULL;
		cleanup_free char *path = below(state, "deep/store");
		int status = store_open(path, &store, &err);
		struct text text = TEXT_INIT;
		for (int object = 0; object < OBJECTS && !status; object++) {
			char digest[DIGEST_HEX_SIZE], key[DIGEST_HEX_SIZE], found[DIGEST_HEX_SIZE];
			content_of(object % 2 ? object : object * PROCESSES + i + 1000, &text);
			key_of("key", key);
			status = store_put(store, text_slice(&text), digest, &err) || !store_has(store, digest) ||
				 store_memo_put(store, key, digest, &err) ||
				 store_memo_get(store, key, found, &err) != 1;
		}
		if (status)
			fprintf(stderr, "%s\n", err.text);
		_exit(status ? 1 : 0);
	}
	for (int i = 0; i < PROCESSES; i++)
		assert_int_equal(wait_for(pids[i]), 0);
	struct store *store = open_store(state);
	cleanup_text struct text text = TEXT_INIT, stored = TEXT_INIT;
	for (int object = 0; object < OBJECTS * PROCESSES; object++) {
		char digest[DIGEST_HEX_SIZE];
		if (object < OBJECTS && object % 2)
			content_of(object, &text);
		else if (object / PROCESSES % 2 == 0)
			content_of(object + 1000, &text);
		else
			continue;
		digest_hex_of(text.ptr, text.len, digest);
		assert_ok(store_get(store, digest, &stored, &err), err);
		assert_true(slice_equal(text_slice(&text), text_slice(&stored)));
	}
	assert_no_temporaries(state);
	store_free(store);
}

struct thread_work {
	struct store *store;
	int failures;
};

static void *put_all(void *context)
{
	struct thread_work *work = context;
	cleanup_text struct text text = TEXT_INIT;
	for (int object = 0; object < 40; object++) {
		char digest[DIGEST_HEX_SIZE];
		struct error err = ERROR_INIT;
		content_of(object, &text);
		if (store_put(work->store, text_slice(&text), digest, &err) || !store_has(work->store, digest))
			work->failures++;
	}
	return NULL;
}

static void test_concurrent_threads(void **state)
{
	enum { THREADS = 4 };
	struct store *store = open_store(state);
	struct thread_work work[THREADS];
	pthread_t threads[THREADS];
	for (int i = 0; i < THREADS; i++) {
		work[i] = (struct thread_work){.store = store};
		assert_int_equal(pthread_create(&threads[i], NULL, put_all, &work[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(work[i].failures, 0);
	}
	store_free(store);
}

// Each name in objects/ is the hash of its file, whenever the writer dies.
static void test_killed_writer(void **state)
{
	enum { ROUNDS = 50 };
	struct error err = ERROR_INIT;
	store_free(open_store(state));
	cleanup_free char *path = below(state, "deep/store"), *objects = below(state, "deep/store/objects");
	cleanup_free char *temporaries = below(state, "deep/store/tmp");
	for (int round = 0; round < ROUNDS; round++) {
		pid_t pid = fork();
		if (!pid) {
			struct store *store = NULL;
			struct text text = TEXT_INIT;
			char digest[DIGEST_HEX_SIZE];
			if (store_open(path, &store, NULL))
				_exit(1);
			for (int object = 0;; object++) {
				content_of(object + round * 100, &text);
				if (store_put(store, text_slice(&text), digest, NULL))
					_exit(1);
			}
		}
		usleep((useconds_t)(20000 + round * 997));
		kill(pid, SIGKILL);
		assert_int_equal(wait_for(pid), -1);
	}
	file_names names = VEC_INIT;
	assert_ok(dir_walk_files(objects, &names, &err), err);
	assert_true(names.count >= 5); // they did get somewhere
	vec_each (&names, name) {
		cleanup_free char *full = xasprintf("%s/%s", objects, *name),
				  *joined = xasprintf("%.2s%s", *name, *name + 3);
		char digest[DIGEST_HEX_SIZE];
		assert_ok(digest_hex_of_file(full, digest, &err), err);
		assert_string_equal(digest, joined);
	}
	file_names_clear(&names);
	// What the dead left is swept once it is old enough, and not before (somebody may be writing).
	cleanup_free char *old = below(state, "deep/store/tmp/.tmp-old"),
			  *fresh = below(state, "deep/store/tmp/.tmp-fresh");
	overwrite(old, "x", 1);
	overwrite(fresh, "x", 1);
	struct timespec times[2] = {{.tv_sec = time(NULL) - 2 * 86400}, {.tv_sec = time(NULL) - 2 * 86400}};
	assert_int_equal(utimensat(AT_FDCWD, old, times, 0), 0);
	store_free(open_store(state));
	assert_false(file_exists(old));
	assert_true(file_exists(fresh));
}

// The name cannot be made: an error that says where, and nothing is left behind.
static void test_no_name(void **state)
{
	struct error err = ERROR_INIT;
	struct store *store = open_store(state);
	char digest[DIGEST_HEX_SIZE], unchanged[DIGEST_HEX_SIZE] = "untouched";
	make_tree(state, "one");
	cleanup_free char *one = below(state, "one"), *source = below(state, "one/a/x.go");
	key_of("package a\n", digest);
	cleanup_free char *shard = xasprintf("%s/deep/store/objects/%.2s", (const char *)*state, digest);
	overwrite(shard, "a file in the folder's place", 10);
	assert_int_equal(store_put(store, SLICE("package a\n"), unchanged, &err), -1);
	assert_contains(err.text, shard);
	assert_int_equal(store_put_file(store, source, unchanged, &err), -1);
	assert_int_equal(store_put_tree(store, one, unchanged, &err), -1);
	assert_contains(err.text, shard);
	assert_string_equal(unchanged, "untouched");
	assert_no_temporaries(state);
	store_free(store);
}

static void test_file_limit(void **state)
{
	struct error err = ERROR_INIT;
	struct store *store = open_store(state);
	char digest[DIGEST_HEX_SIZE] = "untouched";
	cleanup_free char *source = below(state, "source");
	size_t size = 100000;
	cleanup_free char *data = xcalloc(size, 1);
	overwrite(source, data, size);
	rlim_t before = limit_file_size(50000);
	int put = store_put(store, (struct slice){data, size}, digest, &err);
	int put_file = store_put_file(store, source, digest, &err);
	limit_file_size(before);
	assert_int_equal(put, -1);
	assert_int_equal(put_file, -1);
	assert_string_equal(digest, "untouched");
	assert_int_equal(err.code, ERROR_WORKSPACE);
	assert_no_temporaries(state);
	store_free(store);
}

static void test_disk_full(void **state)
{
	need_mounts();
	struct error err = ERROR_INIT;
	struct store *store = NULL;
	char digest[DIGEST_HEX_SIZE], small[DIGEST_HEX_SIZE];
	cleanup_free char *source = below(state, "source");
	size_t size = 100000;
	cleanup_free char *data = xcalloc(size, 1);
	overwrite(source, data, size);
	cleanup_free char *disk = below(state, "disk"), *path = below(state, "disk/store");
	mount_small(disk, "size=64k");
	assert_ok(store_open(path, &store, &err), err);
	assert_ok(store_put(store, SLICE("small"), small, &err), err);
	assert_int_equal(store_put(store, (struct slice){data, size}, digest, &err), -1);
	assert_contains(err.text, "the disk is full");
	assert_contains(err.text, path);
	assert_int_equal(store_put_file(store, source, digest, &err), -1);
	assert_contains(err.text, "the disk is full");
	assert_true(store_has(store, small));
	assert_ok(store_memo_put(store, small, small, &err), err); // nothing of the failed ones takes room
	cleanup_free char *temporaries = below(state, "disk/store/tmp");
	assert_names(temporaries, 0);
	store_free(store);
	assert_int_equal(umount2(disk, MNT_DETACH), 0);
}

int main(void)
{
	umask(022);
	const struct CMUnitTest tests[] = {
		folder_test(test_objects),
		folder_test(test_files_and_json),
		folder_test(test_damaged),
		folder_test(test_memos),
		folder_test(test_tree),
		folder_test(test_tree_damaged),
		folder_test(test_tree_hostile),
		folder_test(test_concurrent_processes),
		folder_test(test_concurrent_threads),
		folder_test(test_killed_writer),
		folder_test(test_no_name),
		folder_test(test_file_limit),
		folder_test(test_disk_full),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
