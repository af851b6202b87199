// Repositories: what git itself says about them, tags that never move, stale locks, foreign owners.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <unistd.h>

#include "agents/go/repository.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/process.h"

struct fixture {
	char *folder, *path;
	struct module_tree tree;
	struct repository *repository;
};

static void add(struct module_tree *tree, const char *path, const char *data)
{
	struct text text = TEXT_INIT;
	text_add(&text, data);
	module_tree_add(tree, path, &text);
}

static int open_fixture(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);
	struct error err = ERROR_INIT;
	assert_int_equal(dir_temporary("/tmp", "repository", &fixture->folder, &err), 0);
	fixture->path = xasprintf("%s/repos/py-x.git", fixture->folder);
	add(&fixture->tree, "go.mod", "module x\n");
	add(&fixture->tree, "a/b/c.go", "package c\n");
	add(&fixture->tree, "a/b.go", "package a\n");
	add(&fixture->tree, "a-b/d.go", "package d\n");
	add(&fixture->tree, "a.go", "package x\n");
	add(&fixture->tree, "copy/c.go", "package c\n");
	add(&fixture->tree, "pysrc/release.whl", "PK not really");
	add(&fixture->tree, "empty", "");
	assert_int_equal(module_tree_finish(&fixture->tree, &err), 0);
	if (repository_open(fixture->path, &fixture->repository, &err))
		fail_msg("%s", err.text);
	*state = fixture;
	return 0;
}

static int close_fixture(void **state)
{
	struct fixture *fixture = *state;
	struct error err = ERROR_INIT;
	repository_free(fixture->repository);
	module_tree_clear(&fixture->tree);
	dir_remove_tree(fixture->folder, &err);
	free(fixture->folder);
	free(fixture->path);
	free(fixture);
	return 0;
}

static char *git(struct fixture *fixture, const char *arguments)
{
	cleanup_free char *command = xasprintf("git --git-dir=%s %s", fixture->path, arguments);
	const char *argv[] = {"sh", "-c", command, NULL};
	const char *environment[] = {"PATH=/usr/bin:/bin:/usr/local/bin", "HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1",
				     NULL};
	struct process_options options = {.argv = argv, .environment = environment, .timeout = 20000};
	struct process_result result = {0};
	struct error err = ERROR_INIT;
	if (process_run_ok(&options, &result, &err))
		fail_msg("git %s: %s", arguments, err.text);
	char *output = text_steal(&result.output);
	process_result_clear(&result);
	return output;
}

static void commit(struct fixture *fixture, const char *message, char id[COMMIT_ID_SIZE])
{
	struct error err = ERROR_INIT;
	struct repository_commit commit = {.tree = &fixture->tree,
					   .message = message,
					   .name = "gophersnake",
					   .email = "g@example.org",
					   .time = 1700000000};
	if (repository_write(fixture->repository, &commit, id, &err))
		fail_msg("%s", err.text);
}

static void test_commit(void **state)
{
	struct fixture *fixture = *state;
	struct error err = ERROR_INIT;
	char id[COMMIT_ID_SIZE], again[COMMIT_ID_SIZE];
	commit(fixture, "first\n", id);
	commit(fixture, "first\n", again);
	assert_string_equal(id, again);
	assert_int_equal(repository_tag(fixture->repository, "v0.1.0-0.rel.0", id, &err), 0);
	assert_int_equal(repository_tag(fixture->repository, "v0.1.0-0.rel.0", id, &err), 1);
	assert_int_equal(repository_set_main(fixture->repository, id, &err), 0);
	cleanup_free char *verify = xasprintf("verify-pack %s/objects/pack/pack-*.idx", fixture->path);
	cleanup_free char *verified = git(fixture, verify);
	assert_string_equal(verified, "");
	cleanup_free char *fsck = git(fixture, "fsck --strict --full 2>&1");
	assert_null(strstr(fsck, "error"));
	assert_null(strstr(fsck, "warning"));
	cleanup_free char *files = git(fixture, "ls-tree -r --name-only v0.1.0-0.rel.0");
	assert_string_equal(files, "a-b/d.go\na.go\na/b.go\na/b/c.go\ncopy/c.go\nempty\ngo.mod\npysrc/release.whl\n");
	cleanup_free char *content = git(fixture, "show v0.1.0-0.rel.0:a/b/c.go");
	assert_string_equal(content, "package c\n");
	cleanup_free char *log = git(fixture, "log --format='%an %ae %at %ct %P|%s' main");
	assert_string_equal(log, "gophersnake g@example.org 1700000000 1700000000 |first\n");
	// One pack, nothing loose.
	cleanup_free char *count = git(fixture, "count-objects -v");
	assert_non_null(strstr(count, "count: 0\n"));
	assert_non_null(strstr(count, "packs: 1\n"));
}

static void test_tags_never_move(void **state)
{
	struct fixture *fixture = *state;
	struct error err = ERROR_INIT;
	char first[COMMIT_ID_SIZE], second[COMMIT_ID_SIZE], found[COMMIT_ID_SIZE];
	commit(fixture, "first\n", first);
	commit(fixture, "second\n", second);
	assert_int_equal(repository_tagged(fixture->repository, "v1", found, &err), 0);
	assert_int_equal(repository_tag(fixture->repository, "v1", first, &err), 0);
	assert_int_equal(repository_tag(fixture->repository, "v1", second, &err), -1);
	assert_int_equal(err.code, ERROR_POLICY);
	assert_int_equal(repository_tagged(fixture->repository, "v1", found, &err), 1);
	assert_string_equal(found, first);
	assert_int_equal(repository_set_main(fixture->repository, first, &err), 0);
	assert_int_equal(repository_set_main(fixture->repository, second, &err), 0);
	cleanup_free char *head = git(fixture, "rev-parse HEAD");
	assert_int_equal(strncmp(head, second, COMMIT_ID_SIZE - 1), 0);
	// Only the new commit is added to the files that are there.
	cleanup_free char *count = git(fixture, "count-objects -v");
	assert_non_null(strstr(count, "packs: 2\n"));
}

static void test_stale_locks(void **state)
{
	struct fixture *fixture = *state;
	struct error err = ERROR_INIT;
	char id[COMMIT_ID_SIZE];
	commit(fixture, "first\n", id);
	cleanup_free char *tag = xasprintf("%s/refs/tags/v1.lock", fixture->path);
	cleanup_free char *head = xasprintf("%s/refs/heads/main.lock", fixture->path);
	cleanup_free char *pack = xasprintf("%s/objects/pack/.tmp-abcdef", fixture->path);
	assert_int_equal(file_write_atomic(tag, "", 0, &err), 0);
	assert_int_equal(file_write_atomic(head, "", 0, &err), 0);
	assert_int_equal(file_write_atomic(pack, "x", 1, &err), 0);
	if (repository_tag(fixture->repository, "v1", id, &err))
		fail_msg("%s", err.text);
	assert_int_equal(repository_set_main(fixture->repository, id, &err), 0);
	assert_false(file_exists(tag));
	assert_false(file_exists(head));
	repository_free(fixture->repository);
	fixture->repository = NULL;
	assert_int_equal(repository_open(fixture->path, &fixture->repository, &err), 0);
	assert_false(file_exists(pack));
}

static void test_owner(void **state)
{
	struct fixture *fixture = *state;
	struct error err = ERROR_INIT;
	if (geteuid() != 0)
		skip();
	repository_free(fixture->repository);
	fixture->repository = NULL;
	assert_int_equal(chown(fixture->path, 12345, 12345), 0);
	assert_int_equal(repository_open(fixture->path, &fixture->repository, &err), -1);
	assert_int_equal(err.code, ERROR_WORKSPACE);
	assert_non_null(strstr(err.text, "another user"));
}

static void test_damaged(void **state)
{
	struct fixture *fixture = *state;
	struct error err = ERROR_INIT;
	repository_free(fixture->repository);
	fixture->repository = NULL;
	cleanup_free char *head = xasprintf("%s/HEAD", fixture->path);
	assert_int_equal(unlink(head), 0);
	assert_int_equal(repository_open(fixture->path, &fixture->repository, &err), -1);
	assert_int_equal(err.code, ERROR_WORKSPACE);
	assert_non_null(strstr(err.text, fixture->path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_commit, open_fixture, close_fixture),
		cmocka_unit_test_setup_teardown(test_tags_never_move, open_fixture, close_fixture),
		cmocka_unit_test_setup_teardown(test_stale_locks, open_fixture, close_fixture),
		cmocka_unit_test_setup_teardown(test_owner, open_fixture, close_fixture),
		cmocka_unit_test_setup_teardown(test_damaged, open_fixture, close_fixture),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
