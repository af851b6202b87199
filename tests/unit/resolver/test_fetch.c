// Files of a lock into the cache: verified, kept, repaired, from folders too, and each way in which it can fail.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/digest.h"
#include "resolver/resolve.h"
#include "tests/support/index_server.h"

static struct index_server server;
static struct http *http;
#define NAME "app-1.0-py3-none-any.whl"

static int fetch(const char *url, const char *sha256, char **path, struct error *err)
{
	const struct lock_file file = {.name = NAME, .url = url, .sha256 = sha256, .size = -1};
	*path = NULL;
	*err = (struct error)ERROR_INIT;
	return fetch_file(http, &file, server.folder, path, err);
}

static size_t left_over(void) // files besides archives/
{
	file_names names = VEC_INIT;
	struct error err = ERROR_INIT;
	size_t count = 0;
	assert_int_equal(dir_walk_files(server.folder, &names, &err), 0);
	vec_each (&names, name)
		count += !slice_starts(slice_of(*name), "archives/") || strlen(*name) != strlen("archives/ab/") + 64;
	file_names_clear(&names);
	return count;
}

static void test_http(void **state)
{
	(void)state;
	struct error err;
	cleanup_free char *url = index_server_url(&server, "json", "files/" NAME);
	cleanup_free char *first = NULL;
	cleanup_free char *second = NULL;
	cleanup_free char *third = NULL;
	assert_int_equal(fetch(url, "", &first, &err), 0); // finds the hash out
	char hash[DIGEST_HEX_SIZE];
	assert_int_equal(digest_hex_of_file(first, hash, &err), 0);
	assert_string_equal(strrchr(first, '/') + 1, hash);
	free(index_server_log(&server));
	assert_int_equal(fetch(url, hash, &second, &err), 0);
	assert_string_equal(first, second);
	cleanup_free char *quiet = index_server_log(&server);
	assert_null(strstr(quiet, NAME)); // it was there
	assert_int_equal(truncate(first, 10), 0);
	assert_int_equal(fetch(url, hash, &third, &err), 0); // damaged: fetched again
	char repaired[DIGEST_HEX_SIZE];
	assert_int_equal(digest_hex_of_file(third, repaired, &err), 0);
	assert_string_equal(repaired, hash);
	assert_int_equal(left_over(), 0);
}

static void test_local(void **state)
{
	(void)state;
	struct error err;
	cleanup_free char *url = index_server_url(&server, "json", "files/" NAME);
	cleanup_free char *first = NULL;
	cleanup_free char *second = NULL;
	cleanup_free char *third = NULL;
	assert_int_equal(fetch(url, "", &first, &err), 0);
	cleanup_free char *hash = xstrdup(strrchr(first, '/') + 1);
	cleanup_free char *copy = xasprintf("%s.copy", server.folder);
	cleanup_free char *copy_url = xasprintf("file://%s", copy);
	assert_int_equal(rename(first, copy), 0);
	assert_int_equal(fetch(copy_url, hash, &second, &err), 0);
	assert_string_equal(first, second);
	assert_int_equal(fetch(copy_url, "", &third, &err), 0);
	assert_string_equal(first, third);
	unlink(second);
	cleanup_free char *wrong = xasprintf("%064d", 0);
	cleanup_free char *none = NULL;
	assert_int_equal(fetch(copy_url, wrong, &none, &err), -1);
	assert_int_equal(err.code, ERROR_POLICY);
	assert_non_null(strstr(err.text, "do not use it"));
	unlink(copy);
	assert_int_equal(fetch(copy_url, hash, &none, &err), -1);
	assert_int_equal(err.code, ERROR_INDEX);
	assert_int_equal(left_over(), 0);
}

static void test_failures(void **state)
{
	(void)state;
	cleanup_free char *wrong = xasprintf("%064d", 0);
	const struct {
		const char *words, *sha256;
		enum error_code code;
		const char *says;
	} table[] = {{"json", wrong, ERROR_POLICY, "was expected"},
		     {"json,cut", wrong, ERROR_NETWORK, "cut off"},
		     {"json,cut", "", ERROR_NETWORK, "cut off"},
		     {"json,files=404", wrong, ERROR_INDEX, "answers 404"},
		     {"json,files=404", "", ERROR_INDEX, "answers 404"},
		     {"json,auth", wrong, ERROR_INDEX, "netrc"}};
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		struct error err;
		char *path;
		cleanup_free char *url = index_server_url(&server, table[i].words, "files/" NAME);
		assert_int_equal(fetch(url, table[i].sha256, &path, &err), -1);
		if (err.code != table[i].code || !strstr(err.text, table[i].says) || !strstr(err.text, NAME))
			fail_msg("%s: %s: %s", table[i].words, error_code_name(err.code), err.text);
		assert_null(path);
	}
	assert_int_equal(left_over(), 0);
}

static int setup(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct http_options options = {.retries = -1};
	server = index_server_start();
	return http_open(&options, &http, &err);
}

static int teardown(void **state)
{
	(void)state;
	http_free(http);
	index_server_stop(&server);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_http), cmocka_unit_test(test_local),
					   cmocka_unit_test(test_failures)};
	return cmocka_run_group_tests(tests, setup, teardown);
}
