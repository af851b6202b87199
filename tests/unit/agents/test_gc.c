// gc in a workspace of made-up entries, units, bundles and objects: what goes, what stays, and that nobody may work in it meanwhile.
// What needs the index made again is in tests/e2e/pip.bats.
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "agents/gc/gc.h"
#include "agents/work.h"
#include "core/store.h"

enum { DAY = 24 * 60 * 60 };
static const int64_t today = 1800000000;

struct fixture {
	char *folder;
	struct config config;
	struct store *store;
	struct gc gc;
};

static void put(const struct fixture *fixture, const char *path, const char *text)
{
	struct error err = ERROR_INIT;
	cleanup_free char *whole = xasprintf("%s/%s", fixture->folder, path);
	if (file_write_plain(whole, text, strlen(text), &err))
		fail_msg("%s", err.text);
}

static bool is_there(const struct fixture *fixture, const char *path)
{
	struct stat status;
	cleanup_free char *whole = xasprintf("%s/%s", fixture->folder, path);
	return !lstat(whole, &status);
}

static void set_age(const char *path, int64_t days)
{
	const struct timespec times[2] = {{.tv_sec = today - days * DAY}, {.tv_sec = today - days * DAY}};
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void set_up(struct fixture *fixture)
{
	struct error err = ERROR_INIT;
	char folder[] = "/tmp/gophersnake-gc-XXXXXX";
	*fixture = (struct fixture){0};
	assert_non_null(mkdtemp(folder));
	fixture->folder = xstrdup(folder);
	fixture->config.workspace = fixture->folder;
	cleanup_free char *store = xasprintf("%s/store", folder);
	assert_int_equal(store_open(store, &fixture->store, &err), 0);
}

static void tear_down(struct fixture *fixture)
{
	struct error err = ERROR_INIT;
	gc_clear(&fixture->gc);
	store_free(fixture->store);
	assert_int_equal(dir_remove_tree(fixture->folder, &err), 0);
	free(fixture->folder);
}

static void collect(struct fixture *fixture, bool dry_run, int keep_bundles)
{
	struct error err = ERROR_INIT;
	const struct gc_options options = {.config = &fixture->config,
					   .dry_run = dry_run,
					   .keep_bundles = keep_bundles,
					   .unused_days = 30,
					   .now = today};
	gc_clear(&fixture->gc);
	if (gc_run(&options, &fixture->gc, &err))
		fail_msg("%s", err.text);
}

static const struct gc_row *row_of(const struct fixture *fixture, const char *what, const char *name)
{
	for (size_t i = 0; i < fixture->gc.rows.count; i++) {
		const struct gc_row *row = &fixture->gc.rows.items[i];
		if (!strcmp(row->what, what) && strstr(row->name, name))
			return row;
	}
	return NULL;
}

// ---- the store -------------------------------------------------------------------------------------------------------

static void put_object(const struct fixture *fixture, const char *text, char digest[DIGEST_HEX_SIZE])
{
	struct error err = ERROR_INIT;
	assert_int_equal(store_put(fixture->store, slice_of(text), digest, &err), 0);
}

// A memo that was last used so many days ago; key: a digit.
static void put_memo(const struct fixture *fixture, char key, const char *digest, int64_t days)
{
	struct error err = ERROR_INIT;
	char digits[DIGEST_HEX_SIZE] = "";
	memset(digits, key, DIGEST_HEX_SIZE - 1);
	assert_int_equal(store_memo_put(fixture->store, digits, digest, &err), 0);
	cleanup_free char *path = xasprintf("%s/store/memos/%.2s/%s", fixture->folder, digits, digits + 2);
	set_age(path, days);
}

static bool has_memo(const struct fixture *fixture, char key)
{
	cleanup_free char *path = xasprintf("store/memos/%c%c", key, key);
	cleanup_free char *rest = xasprintf("%s/%*s", path, DIGEST_HEX_SIZE - 3, "");
	memset(rest + strlen(path) + 1, key, DIGEST_HEX_SIZE - 3);
	return is_there(fixture, rest);
}

static void test_store(void **state)
{
	(void)state;
	struct fixture fixture;
	struct error err = ERROR_INIT;
	char wheel[65], scan[65], recent[65], old[65], below[65], answer[65], lone[65], outdated[65], read[65];
	set_up(&fixture);
	put_object(&fixture, "PK wheel", wheel);
	cleanup_free char *scan_text = xasprintf("{\"schema\":\"gophersnake.scan/1\",\"wheel\":\"%s\"}", wheel);
	put_object(&fixture, scan_text, scan);
	put_object(&fixture, "{\"schema\":\"gophersnake.emit/1\",\"n\":1}", recent);
	put_object(&fixture, "below the old one", below);
	cleanup_free char *old_text = xasprintf("{\"below\":\"%s\",\"schema\":\"gophersnake.emit/1\"}", below);
	put_object(&fixture, old_text, old);
	put_object(&fixture, "func Format() {} // paid for", answer);
	put_object(&fixture, "nobody names this", lone);
	put_object(&fixture, "{\"schema\":\"gophersnake.emit/1\",\"n\":2}", outdated);
	put_object(&fixture, "{\"schema\":\"gophersnake.emit/1\",\"n\":3}", read);
	put_memo(&fixture, '1', scan, 400); // of the newest run
	put_memo(&fixture, '2', recent, 29);
	put_memo(&fixture, '3', old, 31);
	put_memo(&fixture, '4', answer, 400);
	put_memo(&fixture, '5', outdated, 31); // of a run that is not the newest and nothing happened in
	put_memo(&fixture, '6', wheel, 31);    // what a current document names is of a current run
	put_memo(&fixture, '7', lone, 0);
	cleanup_free char *lone_path = store_path(fixture.store, lone);
	assert_int_equal(dir_remove_tree(lone_path, &err), 0);
	put_object(&fixture, "nobody names this either", lone);
	cleanup_free char *journal = xasprintf("{\"event\":\"done\",\"digest\":\"%s\"}\n", scan);
	cleanup_free char *older = xasprintf("{\"event\":\"done\",\"digest\":\"%s\"}\n", outdated);
	put(&fixture, "runs/b-1/journal.jsonl", journal);
	put(&fixture, "runs/b-1/started", "x");
	put(&fixture, "runs/a-1/journal.jsonl", older);
	put(&fixture, "runs/a-1/started", "x");
	static const char *const files[] = {"b-1/journal.jsonl", "b-1/started", "a-1/journal.jsonl", "a-1/started"};
	for (size_t i = 0; i < ARRAY_LENGTH(files); i++) {
		cleanup_free char *path = xasprintf("%s/runs/%s", fixture.folder, files[i]);
		set_age(path, i < 2 ? 90 : 91);
	}
	collect(&fixture, true, 3);
	assert_non_null(row_of(&fixture, "memos", "2 in store/memos"));
	assert_non_null(row_of(&fixture, "memos", "1 in store/memos")); // 7: its object is gone
	assert_non_null(row_of(&fixture, "objects", "5 in store/objects"));
	assert_true(has_memo(&fixture, '3'));
	collect(&fixture, false, 3);
	static const char kept[] = "1246", gone[] = "357";
	for (const char *key = kept; *key; key++)
		if (!has_memo(&fixture, *key))
			fail_msg("memo %c is gone", *key);
	for (const char *key = gone; *key; key++)
		if (has_memo(&fixture, *key))
			fail_msg("memo %c is there", *key);
	assert_true(store_has(fixture.store, wheel) && store_has(fixture.store, scan) &&
		    store_has(fixture.store, recent) && store_has(fixture.store, answer));
	assert_false(store_has(fixture.store, old) || store_has(fixture.store, below) ||
		     store_has(fixture.store, outdated) || store_has(fixture.store, lone) ||
		     store_has(fixture.store, read));
	collect(&fixture, false, 3);
	assert_int_equal(fixture.gc.rows.count, 0);
	tear_down(&fixture);
}

static void test_memo_use_is_marked(void **state)
{
	(void)state;
	struct fixture fixture;
	struct error err = ERROR_INIT;
	char digest[65], found[65], key[65] = "";
	struct stat status;
	set_up(&fixture);
	put_object(&fixture, "x", digest);
	put_memo(&fixture, 'a', digest, 400);
	memset(key, 'a', 64);
	assert_int_equal(store_memo_get(fixture.store, key, found, &err), 1);
	cleanup_free char *path = xasprintf("%s/store/memos/aa/%s", fixture.folder, key + 2);
	assert_int_equal(stat(path, &status), 0);
	assert_true(time(NULL) - status.st_mtime < DAY);
	tear_down(&fixture);
}

// ---- the registry ----------------------------------------------------------------------------------------------------

// Units are named by a digit. units: "12".
static char *unit_name(char digit)
{
	char name[DIGEST_HEX_SIZE] = "";
	memset(name, digit, DIGEST_HEX_SIZE - 1);
	return xstrdup(name);
}

static void put_entry(const struct fixture *fixture, int rev, const char *python, const char *file, const char *units)
{
	cleanup_json json_t *native = json_array();
	for (const char *unit = units; *unit; unit++) {
		cleanup_free char *name = unit_name(*unit), *path = xasprintf("registry/units/%s.json", name);
		json_array_append_new(native, json_pack("{s:s, s:[]}", "digest", name, "modules"));
		put(fixture, path, "{}");
	}
	cleanup_free char *version = xasprintf("v0.1.0-0.rel.%d", rev);
	cleanup_free char *path = xasprintf("registry/ledger/a/%s.json", version);
	cleanup_json json_t *entry =
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:{s:s}, s:O}", "schema", "gophersnake.ledger/1", "kind",
			  "release", "name", "a", "version", "1.0", "go_version", version, "rev", rev, "python", python,
			  "archive", "file", file, "native_units", native);
	cleanup_text struct text text = TEXT_INIT;
	json_write_pretty(entry, &text);
	put(fixture, path, text.ptr);
}

static void put_bundle(const struct fixture *fixture, int version, const char *units)
{
	cleanup_json json_t *names = json_array();
	for (const char *unit = units; *unit; unit++) {
		cleanup_free char *name = unit_name(*unit);
		json_array_append_new(names, json_string(name));
	}
	cleanup_free char *number = xasprintf("%d", version), *file = xasprintf("b-%d.whl", version);
	cleanup_free char *record_path = xasprintf("registry/bundles/%d.json", version);
	cleanup_free char *path = xasprintf("registry/simple/files/%s", file),
			  *metadata = xasprintf("%s.metadata", path);
	cleanup_json json_t *record = json_pack("{s:s, s:s, s:s, s:[s], s:O}", "schema", "gophersnake.bundle/1",
						"version", number, "key", number, "files", file, "units", names);
	cleanup_text struct text text = TEXT_INIT;
	json_write_pretty(record, &text);
	put(fixture, record_path, text.ptr);
	put(fixture, path, "wheel");
	put(fixture, metadata, "meta");
}

static void test_superseded(void **state)
{
	(void)state;
	struct fixture fixture;
	set_up(&fixture);
	put_entry(&fixture, 0, "3.11", "a-1.0-py3-none-any.whl", "12");            // superseded by 3
	put_entry(&fixture, 1, "3.12", "a-1.0-py3-none-any.whl", "4");             // another CPython's
	put_entry(&fixture, 2, "3.11", "a-1.0-cp311-cp311-linux_x86_64.whl", "5"); // another wheel's
	put_entry(&fixture, 3, "3.11", "a-1.0-py3-none-any.whl", "23");
	put_entry(&fixture, 4, "3.11", "a-1.0-py3-none-any.whl", ""); // without functions in Go it takes nobody's place
	put_bundle(&fixture, 9, "1");
	put_bundle(&fixture, 10, "1"); // numbers, not texts
	put_bundle(&fixture, 11, "1245");
	collect(&fixture, true, 2);
	const struct gc_row *release = row_of(&fixture, "release", "a 1.0+go.0");
	assert_non_null(release);
	assert_non_null(strstr(release->reason, "superseded by 1.0+go.3"));
	assert_non_null(row_of(&fixture, "version", "gophersnake-bundle 9"));
	const struct gc_row *bundle = row_of(&fixture, "bundle", "gophersnake-bundle 9");
	assert_non_null(bundle);
	assert_int_equal(bundle->bytes, strlen("wheel") + strlen("meta"));
	const struct gc_row *unit = row_of(&fixture, "unit", "units/111111111111");
	assert_non_null(unit); // the next bundle, which a dry run expects, has it no more
	assert_int_equal(fixture.gc.rows.count, 4);
	assert_int_equal(fixture.gc.bytes, bundle->bytes + unit->bytes);
	assert_false(is_there(&fixture, "registry/retired.json"));
	assert_true(is_there(&fixture, "registry/simple/files/b-9.whl"));
	tear_down(&fixture);
}

static void test_units_without_entry(void **state)
{
	(void)state;
	struct fixture fixture;
	set_up(&fixture);
	put_entry(&fixture, 0, "3.11", "a-1.0-py3-none-any.whl", "1");
	put_bundle(&fixture, 1, "12");
	static const char *const others[] = {"2", "3"};
	for (size_t i = 0; i < ARRAY_LENGTH(others); i++) {
		cleanup_free char *name = unit_name(*others[i]), *path = xasprintf("registry/units/%s.json", name);
		put(&fixture, path, "{}");
	}
	collect(&fixture, false, 3);
	assert_int_equal(fixture.gc.rows.count, 1); // 2 is in the newest bundle
	assert_non_null(row_of(&fixture, "unit", "units/333333333333"));
	cleanup_free char *gone = unit_name('3'), *path = xasprintf("registry/units/%s.json", gone);
	assert_false(is_there(&fixture, path));
	tear_down(&fixture);
}

// ---- scratch, and who else is there ----------------------------------------------------------------------------------

static void test_scratch(void **state)
{
	(void)state;
	struct fixture fixture;
	set_up(&fixture);
	put(&fixture, "tmp/scan-a1b2c3/deep/file", "12345");
	put(&fixture, "tmp/scratch-1/file", "x");
	put(&fixture, "tmp/scratch-2/file", "x");
	put(&fixture, "registry/units/.tmp-1", "123");
	put(&fixture, "store/tmp/.tmp-2", "1");
	cleanup_free char *young = xasprintf("%s/tmp/scratch-1", fixture.folder);
	cleanup_free char *old = xasprintf("%s/tmp/scratch-2", fixture.folder);
	set_age(young, 0);
	set_age(old, 2);
	collect(&fixture, false, 3);
	assert_int_equal(fixture.gc.rows.count, 4);
	assert_int_equal(fixture.gc.bytes, 5 + 1 + 3 + 1);
	assert_true(is_there(&fixture, "tmp/scratch-1/file"));
	assert_false(is_there(&fixture, "tmp/scratch-2") || is_there(&fixture, "tmp/scan-a1b2c3") ||
		     is_there(&fixture, "registry/units/.tmp-1") || is_there(&fixture, "store/tmp/.tmp-2"));
	tear_down(&fixture);
}

static void test_refuses_company(void **state)
{
	(void)state;
	struct fixture fixture;
	struct error err = ERROR_INIT;
	FILE *claim = NULL, *second = NULL;
	set_up(&fixture);
	put(&fixture, "tmp/scan-a1b2c3/file", "x");
	assert_int_equal(work_claim(fixture.folder, false, NULL, &claim, &err), 0);
	assert_int_equal(work_claim(fixture.folder, false, NULL, &second, &err), 0); // those that work share it
	fclose(second);
	const struct gc_options options = {.config = &fixture.config, .keep_bundles = 3, .now = today};
	assert_int_equal(gc_run(&options, &fixture.gc, &err), -1);
	assert_int_equal(err.code, ERROR_WORKSPACE);
	assert_non_null(strstr(err.text, "works here"));
	assert_true(is_there(&fixture, "tmp/scan-a1b2c3/file"));
	fclose(claim);
	collect(&fixture, false, 3);
	assert_false(is_there(&fixture, "tmp/scan-a1b2c3"));
	tear_down(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store),      cmocka_unit_test(test_memo_use_is_marked),
		cmocka_unit_test(test_superseded), cmocka_unit_test(test_units_without_entry),
		cmocka_unit_test(test_scratch),    cmocka_unit_test(test_refuses_company),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
