// The cache: whole files or none, heads of pages, Cache-Control, what hosts can do, names.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <unistd.h>

#include "core/file.h"
#include "resolver/cache.h"

static char *folder;

#define KEY "ab00000000000000000000000000000000000000000000000000000000000000"

static void test_files(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	cleanup_text struct text text = TEXT_INIT;
	assert_int_equal(cache_read(folder, "pages", KEY, 100, &text), 0);
	assert_int_equal(cache_write(folder, "pages", KEY, SLICE("one"), &err), 0);
	assert_int_equal(cache_write(folder, "pages", KEY, SLICE("two\0x"), &err), 0);
	assert_int_equal(cache_read(folder, "pages", KEY, 100, &text), 1);
	assert_int_equal(text.len, 5);
	assert_memory_equal(text.ptr, "two\0x", 5);
	assert_int_equal(cache_read(folder, "pages", KEY, 4, &text), 0); // larger than expected
	cleanup_free char *path = NULL;
	assert_int_equal(cache_path(folder, "pages", KEY, &path, &err), 0);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(cache_read(folder, "pages", KEY, 100, &text), 0);
	file_names names = VEC_INIT; // nothing else lies around
	assert_int_equal(dir_walk_files(folder, &names, &err), 0);
	assert_int_equal(names.count, 1);
	file_names_clear(&names);
}

static void test_heads(void **state)
{
	(void)state;
	char etag[] = "\"a b\"", modified[] = "bad\tone", name[] = "django";
	struct cache_page_head head = {
		.etag = etag, .last_modified = modified, .name = name, .fetched = 12, .max_age = -1};
	struct cache_page_head read;
	cleanup_text struct text text = TEXT_INIT;
	cache_page_head_write(&head, &text);
	text_add(&text, "rest\n");
	struct slice data = text_slice(&text);
	assert_int_equal(cache_page_head_read(&data, &read), 0);
	assert_string_equal(read.etag, "\"a b\"");
	assert_string_equal(read.last_modified, "");
	assert_string_equal(read.name, "django");
	assert_int_equal(read.fetched, 12);
	assert_int_equal(read.max_age, -1);
	assert_true(slice_is(data, "rest\n"));
	cache_page_head_clear(&read);
	static const char *const bad[] = {"", "x", "gophersnake.cache/1\t1\t2", "gophersnake.cache/1\tx\t2\t\t\t\n"};
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
		data = slice_of(bad[i]);
		assert_int_equal(cache_page_head_read(&data, &read), -1);
	}
}

static void test_cache_control(void **state)
{
	(void)state;
	static const struct {
		const char *header;
		int64_t age, expected;
	} table[] = {{NULL, -1, -1},
		     {"", -1, -1},
		     {"max-age=600", -1, 600},
		     {"public, MAX-AGE=600 ", 100, 500},
		     {"max-age=600", 700, 0},
		     {"max-age=0", -1, 0},
		     {"max-age=600, no-cache", -1, 0},
		     {"No-Store", -1, 0},
		     {"max-age=x", -1, -1},
		     {"max-age=-5", -1, -1},
		     {"s-maxage=5", -1, -1}};
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++)
		assert_int_equal(cache_max_age(table[i].header, table[i].age), table[i].expected);
}

static void test_hosts(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct cache_host host = {HOST_NO}, read;
	int64_t now = INT64_C(1700000000000), day = INT64_C(86400000);
	cache_host_read(folder, "https://h", now, &read);
	assert_int_equal(read.ranges, HOST_UNKNOWN);
	assert_int_equal(cache_host_write(folder, "https://h", now, &host, &err), 0);
	cache_host_read(folder, "https://h", now + day, &read);
	assert_int_equal(read.ranges, HOST_NO);
	cache_host_read(folder, "https://h", now + 8 * day, &read);
	assert_int_equal(read.ranges, HOST_UNKNOWN);
	cache_host_read(folder, "https://h", now - 1, &read); // a clock that went back
	assert_int_equal(read.ranges, HOST_UNKNOWN);
	cache_host_read(folder, "https://h:8", now, &read);
	assert_int_equal(read.ranges, HOST_UNKNOWN);
}

static void collect(void *context, const char *name)
{
	text_addf(context, "%s ", name);
}

static void test_names(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	static const char *const names[] = {"django", "flask", ""};
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		char key[DIGEST_HEX_SIZE];
		cleanup_text struct text text = TEXT_INIT;
		struct cache_page_head head = {.name = (char *)names[i], .fetched = 1};
		digest_hex_of(names[i], strlen(names[i]), key);
		cache_page_head_write(&head, &text);
		assert_int_equal(cache_write(folder, "pages", key, text_slice(&text), &err), 0);
	}
	assert_int_equal(cache_write(folder, "pages", KEY, SLICE("garbage"), &err), 0);
	cleanup_text struct text got = TEXT_INIT;
	cache_page_names(folder, collect, &got);
	assert_int_equal(got.len, strlen("django flask "));
	assert_non_null(strstr(text_str(&got), "django "));
}

static int setup(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	return dir_temporary("/tmp", "gophersnake-test-", &folder, &err);
}

static int teardown(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	int status = dir_remove_tree(folder, &err);
	free(folder);
	return status;
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_files), cmocka_unit_test(test_heads),
					   cmocka_unit_test(test_cache_control), cmocka_unit_test(test_hosts),
					   cmocka_unit_test(test_names)};
	return cmocka_run_group_tests(tests, setup, teardown);
}
