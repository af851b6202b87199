// Index pages: JSON, HTML, what is put aside, what is no page, and the compact form.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "resolver/index.h"
#include "resolver/index_html.h"

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
static const char *const url = "https://h/simple/a/";

static struct index_page parsed(const char *body, const char *type)
{
	struct index_page page;
	struct error err = ERROR_INIT;
	if (index_page_parse(slice_of(body), type, url, &page, &err))
		fail_msg("%s", err.text);
	return page;
}

static void assert_no_page(const char *body, const char *type, enum error_code code, const char *says)
{
	struct index_page page;
	struct error err = ERROR_INIT;
	assert_int_equal(index_page_parse(slice_of(body), type, url, &page, &err), -1);
	if (err.code != code || !strstr(err.text, says))
		fail_msg("expected %s …%s…, got %s: %s", error_code_name(code), says, error_code_name(err.code),
			 err.text);
}

static void test_json(void **state)
{
	(void)state;
	struct index_page page = parsed(
		"{\"meta\":{\"api-version\":\"1.4\"},\"name\":\"a\",\"new\":[{}],\"files\":["
		"{\"filename\":\"a-1.whl\",\"url\":\"../../f/a-1.whl#sha256=" HASH
		"\",\"hashes\":{\"md5\":\"1\"},\"size\":7,"
		"\"upload-time\":\"2020-01-01T00:00:00.1Z\",\"requires-python\":\">=3\",\"yanked\":\"bad\\nly\","
		"\"core-metadata\":{\"sha256\":\"" HASH "\"}},"
		"{\"filename\":\"a-2.whl\",\"url\":\"https://u:p@h/a-2.whl\",\"hashes\":{\"sha256\":\"0123456789ABCDEF"
		"0123456789abcdef0123456789abcdef0123456789abcdef\"},\"size\":\"7\",\"yanked\":true,\"data-dist-info-"
		"metadata\":true},"
		"{\"filename\":\"a-3.whl\",\"url\":\"a-3.whl\",\"hashes\":{},\"yanked\":false,\"core-metadata\":false,"
		"\"dist-info-metadata\":{\"sha256\":\"" HASH "\"}},"
		"{\"filename\":\"a-4.whl\",\"hashes\":{}},"
		"{\"filename\":\"a-5.whl\",\"url\":\"file:///etc/passwd\",\"hashes\":{}},"
		"{\"filename\":\"../a-6.whl\",\"url\":\"a-6.whl\",\"hashes\":{}},"
		"{\"filename\":\"a-7.whl\",\"url\":\"a-7.whl\",\"hashes\":{\"sha256\":\"short\"}},"
		"7, null]}",
		"application/vnd.pypi.simple.v1+json");
	assert_int_equal(page.files.count, 3);
	const struct index_file *one = &page.files.items[0], *two = &page.files.items[1], *three = &page.files.items[2];
	assert_string_equal(one->url, "https://h/f/a-1.whl");
	assert_string_equal(one->sha256, HASH);
	assert_int_equal(one->size, 7);
	assert_string_equal(one->upload_time, "2020-01-01T00:00:00.1Z");
	assert_string_equal(one->requires_python, ">=3");
	assert_string_equal(one->yanked, "bad ly");
	assert_true(one->core_metadata);
	assert_string_equal(one->metadata_sha256, HASH);
	assert_string_equal(two->url, "https://h/a-2.whl");
	assert_string_equal(two->sha256, HASH);
	assert_int_equal(two->size, -1);
	assert_string_equal(two->yanked, "");
	assert_true(two->core_metadata);
	assert_string_equal(two->metadata_sha256, "");
	assert_null(three->yanked);
	assert_true(three->core_metadata);
	assert_string_equal(three->sha256, "");
	assert_int_equal(page.ignored.count, 6);
	assert_string_equal(page.ignored.items[1], "a-5.whl: its URL cannot be used");
	assert_string_equal(page.ignored.items[3], "a-7.whl: the index gives a hash for it that is none");
	index_page_clear(&page);
}

static void test_html(void **state)
{
	(void)state;
	struct index_page page =
		parsed("<!DOCTYPE html>\n<html><head><meta name=\"pypi:repository-version\" content=\"1.0\"><title><a "
		       "href='no-1.whl'></title>"
		       "<script>var x = '<a href=\"no-2.whl\">';</script></head><body><!-- <a href='no-3.whl'> "
		       "--><h1>Links</h1>"
		       "<a href=\"a-1.whl#sha256=" HASH
		       "\" data-requires-python=\"&gt;=3.8,&lt;4&#44;!=3.9.&#x2a;\">a-1.whl</a><br/>"
		       "<A data-x HREF=a-2.tar.gz data-yanked='say &quot;no&quot;' data-dist-info-metadata=sha256=" HASH
		       ">x</A>"
		       "<a data-yanked href='a-3.zip' data-core-metadata=\"true\">\n<a href='a-4.whl' "
		       "data-core-metadata=false>"
		       "<a name=top><a href='../'>up</a><a href='javascript:x()'>x</a><a href='a-5.whl.asc'>s</a>"
		       "<a href='file:///a-6.whl'>f</a>< a href='no-4.whl'></body></html>",
		       "text/html; charset=utf-8");
	assert_int_equal(page.files.count, 4);
	const struct index_file *one = &page.files.items[0], *two = &page.files.items[1];
	assert_string_equal(one->name, "a-1.whl");
	assert_string_equal(one->url, "https://h/simple/a/a-1.whl");
	assert_string_equal(one->sha256, HASH);
	assert_string_equal(one->requires_python, ">=3.8,<4,!=3.9.*");
	assert_null(one->yanked);
	assert_string_equal(two->name, "a-2.tar.gz");
	assert_string_equal(two->yanked, "say \"no\"");
	assert_true(two->core_metadata);
	assert_string_equal(two->metadata_sha256, HASH);
	assert_string_equal(page.files.items[2].yanked, "");
	assert_true(page.files.items[2].core_metadata);
	assert_false(page.files.items[3].core_metadata);
	index_page_clear(&page);
	page = parsed("<html><base href='https://files/x/'><a href='a-1.whl'>", NULL);
	assert_string_equal(page.files.items[0].url, "https://files/x/a-1.whl");
	index_page_clear(&page);
	page = parsed("<!DOCTYPE html><html><body><h1>Links for a</h1></body></html>", "text/html"); // has no files
	assert_int_equal(page.files.count, 0);
	index_page_clear(&page);
}

static void test_no_page(void **state)
{
	(void)state;
	assert_no_page("{\"files\":{}}", "application/json", ERROR_INDEX, "no list of files");
	assert_no_page("[]", "application/json", ERROR_INDEX, "no list of files");
	assert_no_page("{\"files\":[", "application/json", ERROR_INDEX, url);
	assert_no_page("{\"files\":[],\"meta\":{\"api-version\":\"2.0\"}}", "application/json", ERROR_INDEX, "2.0");
	assert_no_page("hello", "text/html", ERROR_INDEX, "no index page");
	assert_no_page("hello", "image/png", ERROR_INDEX, "neither JSON nor HTML but image/png");
	assert_no_page("", NULL, ERROR_INDEX, "no index page");
	assert_no_page("<html><form action=x><input type=password></form>", "text/html", ERROR_INDEX, "login");
	assert_no_page("<html><a href='/'>home</a> Welcome", "text/html", ERROR_INDEX, "web page");
	assert_no_page("<html><a href='a-1.whl'></a><a href=\"a-2.whl", "text/html", ERROR_NETWORK, "cut off");
	assert_no_page("<html><!-- <a href='a-1.whl'>", "text/html", ERROR_NETWORK, "cut off");
	assert_no_page("<html><meta name=pypi:repository-version content=2.0><a href=a-1.whl>", "text/html",
		       ERROR_INDEX, "2.0");
}

static void test_compact(void **state)
{
	(void)state;
	struct index_page page =
		parsed("{\"files\":["
		       "{\"filename\":\"a-1.whl\",\"url\":\"a-1.whl\",\"hashes\":{\"sha256\":\"" HASH "\"},\"size\":9,"
		       "\"yanked\":\"tab\\there\",\"core-metadata\":true},"
		       "{\"filename\":\"a-2.whl\",\"url\":\"a-2.whl\",\"hashes\":{},\"requires-python\":\">=3\"},"
		       "{\"filename\":\"a-3.whl\",\"hashes\":{}}]}",
		       "application/json");
	cleanup_text struct text text = TEXT_INIT, again = TEXT_INIT;
	index_page_write(&page, &text);
	struct index_page copy;
	assert_int_equal(index_page_read(text_slice(&text), &copy), 0);
	assert_int_equal(copy.files.count, 2);
	assert_int_equal(copy.ignored.count, 1);
	assert_string_equal(copy.files.items[0].yanked, "tab here");
	assert_true(copy.files.items[0].core_metadata);
	assert_null(copy.files.items[1].yanked);
	index_page_write(&copy, &again);
	assert_string_equal(text_str(&text), text_str(&again));
	index_page_clear(&copy);
	for (size_t length = 0; length < text.len - 1; length++) // each torn file is recognised
		assert_int_equal(index_page_read((struct slice){text.ptr, length}, &copy), -1);
	index_page_clear(&page);
}

// What costs more than it should with a parser that builds trees.
static void test_hostile_html(void **state)
{
	(void)state;
	static const char *const parts[] = {"<div>",    "<a>", "<b>",      "<table><a>", "<!--",
					    "<script>", "</",  "<a href=", "&#",         "<a b=\"'>"};
	for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
		cleanup_text struct text text = TEXT_INIT;
		text_add(&text, "<html><a href='a-1.whl'></a>");
		for (int j = 0; j < 190000; j++)
			text_add(&text, parts[i]);
		struct index_page page;
		struct error err = ERROR_INIT;
		if (!index_page_parse(text_slice(&text), "text/html", url, &page, &err)) {
			assert_int_equal(page.files.count, 1);
			index_page_clear(&page);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_json), cmocka_unit_test(test_html),
					   cmocka_unit_test(test_no_page), cmocka_unit_test(test_compact),
					   cmocka_unit_test(test_hostile_html)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
