// Archives from outside: what tests/support/archives.py writes, good and hostile. Each hostile one must fail with its
// own reason, leave no folder behind, and touch nothing beside it.
#include "fixture.h"

#include <locale.h>

#include "core/archive.h"
#include "core/process.h"
#include "core/vec.h"

static char *made; // the folder with the archives, for the whole group

static char *archive_path(const char *name)
{
	return xasprintf("%s/%s", made, name);
}

static int unpack(void **state, const char *name, const struct archive_limits *limits, struct error *err)
{
	cleanup_free char *from = archive_path(name), *to = below(state, "out");
	*err = (struct error)ERROR_INIT;
	return archive_unpack(from, to, limits, err);
}

static void clean(void **state)
{
	struct error err = ERROR_INIT;
	cleanup_free char *to = below(state, "out");
	assert_ok(dir_remove_tree(to, &err), err);
}

static mode_t mode_of(void **state, const char *name)
{
	struct stat status;
	cleanup_free char *path = below(state, name);
	assert_int_equal(lstat(path, &status), 0);
	return status.st_mode;
}

// ---- the table -------------------------------------------------------------------------------------------------------

static void test_manifest(void **state)
{
	struct error err = ERROR_INIT;
	cleanup_text struct text manifest = TEXT_INIT;
	cleanup_free char *path = archive_path("manifest");
	assert_ok(file_read(path, 1 << 20, &manifest, &err), err);
	struct slice rest = text_slice(&manifest), line, name, verdict;
	int rows = 0, wrong = 0;
	while (slice_cut(&rest, '\n', &line)) {
		slice_cut(&line, '\t', &name);
		if (!line.ptr)
			continue;
		slice_cut(&line, '\t', &verdict);
		cleanup_free char *archive = slice_dup(name), *reason = slice_dup(line);
		int status = unpack(state, archive, NULL, &err);
		bool good = slice_is(verdict, "ok") ? status == 0
						    : status == -1 && err.code == ERROR_INPUT &&
							      strstr(err.text, reason) && strstr(err.text, archive);
		if (!good) {
			print_error("%s (%.*s %s): %d, code %d: %s\n", archive, (int)verdict.len, verdict.ptr, reason,
				    status, err.code, err.text);
			wrong++;
		}
		for (const char *c = err.text; *c; c++) // nothing that a terminal would obey
			assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
		if (status)
			assert_names(*state, 0); // no folder, and nothing beside it
		clean(state);
		assert_names(*state, 0);
		rows++;
	}
	assert_int_equal(wrong, 0);
	assert_true(rows > 100);
	assert_false(file_exists("/tmp/gophersnake-evil"));
}

// ---- good ones -------------------------------------------------------------------------------------------------------

static void test_content(void **state)
{
	static const char *const names[] = {"good.tar.gz", "good.whl",     "good.tar",       "good.tar.bz2",
					    "good.tar.xz", "good-gnu.tar", "good-stored.zip"};
	static const char zeros[100000];
	umask(077); // modes don't depend on it
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		struct error err;
		struct stat status;
		file_names files = VEC_INIT;
		assert_ok(unpack(state, names[i], NULL, &err), err);
		cleanup_free char *root = below(state, "out"), *module = below(state, "out/pkg/__init__.py");
		cleanup_free char *data = below(state, "out/pkg/sub/deep/data.bin"),
				  *other = below(state, "out/pkg/größe/日本語.txt");
		assert_file_is(module, "answer = 42\n", 12);
		assert_file_is(data, zeros, sizeof zeros);
		assert_file_is(other, "ä", 2);
		assert_ok(dir_walk_files(root, &files, &err), err);
		assert_int_equal(files.count, 6);
		file_names_clear(&files);
		assert_int_equal(mode_of(state, "out/pkg/__init__.py"), S_IFREG | 0644);
		assert_int_equal(mode_of(state, "out/pkg/run"),
				 S_IFREG | 0755); // was setuid, setgid and writable to all
		assert_int_equal(mode_of(state, "out/pkg"), S_IFDIR | 0755);
		assert_int_equal(mode_of(state, "out/pkg/sub/deep"), S_IFDIR | 0755);
		assert_int_equal(stat(module, &status), 0);
		assert_in_range(status.st_mtim.tv_sec, 1700000000 - 86400, 1700000000 + 86400); // zip has local time
		clean(state);
	}
	umask(022);
}

static void test_links(void **state)
{
	struct error err;
	struct stat status;
	char target[100] = "";
	assert_ok(unpack(state, "good-links.tar.gz", NULL, &err), err);
	cleanup_free char *up = below(state, "out/a/up"), *hard = below(state, "out/hard"),
			  *root = below(state, "out/a/b/root");
	assert_file_is(up, "linked", 6);
	assert_file_is(hard, "linked", 6);
	assert_file_is(root, "c", 1);
	assert_true(readlink(up, target, sizeof target - 1) > 0);
	assert_string_equal(target, "b/file");
	assert_int_equal(lstat(hard, &status), 0);
	assert_true(S_ISREG(status.st_mode));
	clean(state);
}

// The user's locale changes nothing and is not changed.
static void test_locale(void **state)
{
	struct error err;
	assert_string_equal(setlocale(LC_ALL, NULL), "C");
	assert_true(uselocale((locale_t)0) == LC_GLOBAL_LOCALE);
	assert_ok(unpack(state, "good.whl", NULL, &err), err);
	assert_true(uselocale((locale_t)0) == LC_GLOBAL_LOCALE);
	clean(state);
	assert_int_equal(unpack(state, "climb.whl", NULL, &err), -1);
	assert_true(uselocale((locale_t)0) == LC_GLOBAL_LOCALE);
}

// ---- limits, places and the disk -------------------------------------------------------------------------------------

static void test_limits(void **state)
{
	static const struct {
		struct archive_limits limits;
		const char *text;
	} rows[] = {
		{{.entries = 3}, "more than 3 members"},
		{{.bytes = 50000}, "more than 50000 bytes"},
		{{.entry_bytes = 99999}, "larger than 99999 bytes"},
		{{.path_bytes = 12}, "longer than 12 bytes"},
	};
	static const char *const names[] = {"good.tar.gz", "good.whl"};
	struct error err;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
		for (size_t k = 0; k < ARRAY_LENGTH(names); k++) {
			assert_int_equal(unpack(state, names[k], &rows[i].limits, &err), -1);
			assert_int_equal(err.code, ERROR_INPUT);
			assert_contains(err.text, rows[i].text);
			assert_names(*state, 0);
		}
	// Exactly the limit is allowed.
	assert_ok(unpack(state, "good.tar.gz", &(struct archive_limits){.entries = 8, .entry_bytes = 100000}, &err),
		  err);
	clean(state);
	assert_ok(unpack(state, "bomb.whl", &(struct archive_limits){.ratio = 2000}, &err), err);
	clean(state);
}

static void test_places(void **state)
{
	struct error err = ERROR_INIT;
	cleanup_free char *out = below(state, "out"), *keep = below(state, "out/keep"),
			  *orphan = below(state, "no/out");
	cleanup_free char *good = archive_path("good.whl"), *link = below(state, "link");
	// A folder that is there is not touched, nor removed after the failure; a link to one neither.
	assert_ok(dir_make(out, 0755, &err), err);
	assert_ok(file_write_atomic(keep, "k", 1, &err), err);
	assert_int_equal(archive_unpack(good, out, NULL, &err), -1);
	assert_int_equal(err.code, ERROR_WORKSPACE);
	assert_file_is(keep, "k", 1);
	assert_int_equal(symlink("out", link), 0);
	assert_int_equal(archive_unpack(good, link, NULL, &err), -1);
	assert_names(out, 1);
	assert_int_equal(archive_unpack(good, orphan, NULL, &err), -1);
	assert_int_equal(err.code, ERROR_WORKSPACE);
	assert_int_equal(archive_unpack("/nonexistent.whl", orphan, NULL, &err), -1);
	assert_int_equal(err.code, ERROR_INPUT);
}

static void test_full_disk(void **state)
{
	struct error err;
	rlim_t before = limit_file_size(50000);
	int status = unpack(state, "good.whl", NULL, &err);
	limit_file_size(before);
	assert_int_equal(status, -1);
	assert_int_equal(err.code, ERROR_WORKSPACE);
	assert_contains(err.text, "data.bin");
	assert_names(*state, 0);
	pid_t pid = fork();
	if (pid == 0) { // a real one, in a mount namespace of its own
		cleanup_free char *small = below(state, "small"), *out = below(state, "small/out");
		cleanup_free char *good = archive_path("good.tar.gz");
		if (geteuid() || unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		    mkdir(small, 0755) || mount("tmpfs", small, "tmpfs", 0, "size=64k"))
			_exit(77);
		bool right = archive_unpack(good, out, NULL, &err) == -1 && err.code == ERROR_WORKSPACE &&
			     strstr(err.text, "No space left") && !dir_exists(out);
		if (!right)
			fprintf(stderr, "%d %s\n", (int)err.code, err.text);
		_exit(right ? 0 : 1);
	}
	status = wait_for(pid);
	if (status == 77)
		skip();
	assert_int_equal(status, 0);
}

// ---- one member ------------------------------------------------------------------------------------------------------

static int member(const char *archive, const char *name, size_t limit, struct text *out, struct error *err)
{
	cleanup_free char *path = archive_path(archive);
	cleanup_text struct text data = TEXT_INIT, from_memory = TEXT_INIT;
	struct error memory_error = ERROR_INIT, read_error = ERROR_INIT;
	*err = (struct error)ERROR_INIT;
	text_reset(out);
	int found = archive_read_member_of_file(path, name, limit, out, err);
	// From memory it must be the same.
	assert_ok(file_read(path, 1 << 30, &data, &read_error), read_error);
	assert_int_equal(archive_read_member(text_slice(&data), name, limit, &from_memory, &memory_error), found);
	assert_int_equal(memory_error.code, err->code);
	assert_string_equal(text_str(&from_memory), text_str(out));
	return found;
}

static void test_member(void **state)
{
	(void)state;
	static const char *const names[] = {"good.tar.gz", "good.whl", "good.tar.xz", "good-stored.zip"};
	cleanup_text struct text out = TEXT_INIT;
	struct error err;
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		assert_int_equal(member(names[i], "pkg/__init__.py", 100, &out, &err), 1);
		assert_string_equal(out.ptr, "answer = 42\n");
		assert_int_equal(member(names[i], "*/METADATA", 100, &out, &err), 1);
		assert_string_equal(out.ptr, "Name: pkg\n");
		assert_int_equal(member(names[i], "pkg/größe/日本語.txt", 100, &out, &err), 1);
		assert_int_equal(member(names[i], "pkg/empty", 0, &out, &err), 1);
		assert_int_equal(out.len, 0);
		assert_int_equal(member(names[i], "pkg/sub", 100, &out, &err), 0); // a folder
		assert_int_equal(member(names[i], "pkg/__init__", 100, &out, &err), 0);
		assert_int_equal(member(names[i], "*/TADATA", 100, &out, &err), 0); // parts, not ends of words
		assert_int_equal(member(names[i], "*/pkg", 100, &out, &err), 0);
		assert_int_equal(err.code, ERROR_NONE);
		assert_int_equal(member(names[i], "pkg/__init__.py", 11, &out, &err), -1);
		assert_int_equal(err.code, ERROR_INPUT);
		assert_contains(err.text, "larger than 11 bytes");
		assert_int_equal(out.len, 0);
	}
	assert_int_equal(member("twice.whl", "a/b", 100, &out, &err), -1); // which one?
	assert_int_equal(member("bomb.whl", "a.py", 100, &out, &err), 1);  // the rest of a zip is not unpacked
	assert_int_equal(member("bomb.whl", "zeros", 1000, &out, &err), -1);
	assert_int_equal(member("bomb.tar.gz", "zzz", 1000, &out, &err), -1); // the rest of a tar is, within bounds
	assert_contains(err.text, "times its size");
	assert_int_equal(member("link-absolute.whl", "a", 1000, &out, &err), 0); // a link is no file
	assert_int_equal(member("hard-absolute.tar", "a", 1000, &out, &err), 0);
	static const char *const damaged[] = {"cut1.tar.gz", "cut-end.whl",    "bad-content.whl", "empty.whl",
					      "garbage.whl", "garbage.tar.gz", "cut.tar.xz",      "encrypted.whl"};
	for (size_t i = 0; i < ARRAY_LENGTH(damaged); i++) {
		assert_int_equal(member(damaged[i], "a", 1 << 20, &out, &err), -1);
		assert_int_equal(err.code, ERROR_INPUT);
	}
	assert_int_equal(archive_read_member((struct slice){NULL, 0}, "a", 10, &out, NULL), -1);
}

// The nearest to the root, wherever it stands in the archive.
static void test_member_depth(void **state)
{
	(void)state;
	static const char *const names[] = {"depth.tar.gz", "depth.whl"};
	cleanup_text struct text out = TEXT_INIT;
	struct error err;
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		assert_int_equal(member(names[i], "*/PKG-INFO", 100, &out, &err), 1);
		assert_string_equal(out.ptr, "right");
		assert_int_equal(member(names[i], "*/p.egg-info/PKG-INFO", 100, &out, &err), 1);
		assert_string_equal(out.ptr, "wrong");
		assert_int_equal(member(names[i], "PKG-INFO", 100, &out, &err), 1);
		assert_string_equal(out.ptr, "root");
	}
}

static int make_archives(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct process_result result = {0};
	cleanup_free char *path = xasprintf("PATH=%s", getenv("PATH"));
	if (dir_temporary("/tmp", "archives", &made, &err))
		return -1;
	const char *const argv[] = {"python3", "tests/support/archives.py", made, NULL}, *const environment[] = {path,
														 NULL};
	int status = process_run_ok(&(struct process_options){.argv = argv, .environment = environment}, &result, &err);
	if (status)
		print_error("%s\n", err.text);
	process_result_clear(&result);
	return status;
}

static int remove_archives(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	int status = dir_remove_tree(made, &err);
	free(made);
	return status;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		folder_test(test_manifest),  folder_test(test_content),     folder_test(test_links),
		folder_test(test_locale),    folder_test(test_limits),      folder_test(test_places),
		folder_test(test_full_disk), cmocka_unit_test(test_member), cmocka_unit_test(test_member_depth),
	};
	return cmocka_run_group_tests(tests, make_archives, remove_archives);
}
