// URLs: joining, what is refused, credentials, files.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "resolver/url.h"

static void test_join(void **state)
{
	(void)state;
	static const struct {
		const char *base, *reference, *expected; // NULL: refused
	} table[] = {
		{"https://h/simple/a/", "a-1.whl", "https://h/simple/a/a-1.whl"},
		{"https://h/simple/a", "a-1.whl", "https://h/simple/a-1.whl"},
		{"https://h/simple/a/", "../../f/a-1.whl#x=1", "https://h/f/a-1.whl"},
		{"https://h/simple/a/", "../../../../../f", "https://h/f"},
		{"https://h/simple/a/", "/f/./b//c", "https://h/f/b//c"},
		{"https://h/simple/a/", "//other/x", "https://other/x"},
		{"https://h/simple/a/", "HTTP://other/x?q=1#f", "http://other/x?q=1"},
		{"https://h/s?q", "?z", "https://h/s?z"},
		{"https://h/s?q", "", "https://h/s?q"},
		{"https://h", "a", "https://h/a"},
		{"https://h/a/", "  b c.whl\n", "https://h/a/b%20c.whl"},
		{"https://h/a/", "b\"<>\xc3\xa9", "https://h/a/b%22%3C%3E%C3%A9"},
		{"https://h/a/", "b%20c", "https://h/a/b%20c"},
		{"file:///srv/simple/a/", "../../p/a.whl", "file:///srv/p/a.whl"},
		{"file:///srv/simple/a/", "https://h/a.whl", "https://h/a.whl"},
		{"https://h/a/", "file:///etc/passwd", NULL},
		{"https://h/a/", "ftp://h/x", NULL},
		{"https://h/a/", "javascript:alert(1)", NULL},
		{"https://h/a/", "b\x01", NULL},
		{"https://h/a/", "https:///x", NULL},
		{"relative", "x", NULL},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		cleanup_free char *got = url_join(table[i].base, slice_of(table[i].reference), NULL);
		if (!table[i].expected != !got || (got && strcmp(got, table[i].expected) != 0))
			fail_msg("%s + %s = %s", table[i].base, table[i].reference, got ? got : "NULL");
	}
	cleanup_free char *fragment = NULL;
	cleanup_free char *url = url_join("https://h/", SLICE("a#sha256=1&b#c"), &fragment);
	assert_string_equal(url, "https://h/a");
	assert_string_equal(fragment, "sha256=1&b#c");
}

static void test_credentials(void **state)
{
	(void)state;
	cleanup_free char *a = url_without_credentials("https://u:p@x@h:8/b@c");
	assert_string_equal(a, "https://h:8/b@c");
	cleanup_free char *b = url_with_credentials_of("https://h/x", "https://u:p@h/simple");
	assert_string_equal(b, "https://u:p@h/x");
	static const char *const foreign[] = {"https://other/x", "http://h/x", "https://h:8/x", "https://v@h/x"};
	for (size_t i = 0; i < ARRAY_LENGTH(foreign); i++) {
		cleanup_free char *same = url_with_credentials_of(foreign[i], "https://u:p@h/simple");
		assert_string_equal(same, foreign[i]);
	}
	cleanup_free char *origin = url_origin("HTTPS://u@Example.ORG:80/x");
	assert_string_equal(origin, "https://example.org:80");
}

static void test_files(void **state)
{
	(void)state;
	cleanup_free char *path = url_file_path("file:///a%20b/c%2Bd");
	assert_string_equal(path, "/a b/c+d");
	cleanup_free char *local = url_file_path("file://localhost/a");
	assert_string_equal(local, "/a");
	assert_null(url_file_path("file://elsewhere/a"));
	assert_null(url_file_path("https://h/a"));
	assert_null(url_file_path("file:///a%00b"));
	cleanup_free char *name = url_file_name("https://h/x/a%2Bb-1.whl?q=/z");
	assert_string_equal(name, "a+b-1.whl");
	cleanup_free char *none = url_file_name("https://h/x/");
	assert_string_equal(none, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_join), cmocka_unit_test(test_credentials),
					   cmocka_unit_test(test_files)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
