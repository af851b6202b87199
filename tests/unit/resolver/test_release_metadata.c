// Metadata to requirements and its compact form. Source distributions are read in test_resolve.c, from real archives.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "resolver/release_metadata.h"

static void parse(struct arena *arena, const char *text, struct release_metadata *out)
{
	struct version version;
	struct error err = ERROR_INIT;
	assert_int_equal(version_parse(arena, SLICE("1.0"), &version, &err), 0);
	if (release_metadata_parse(arena, slice_of(text), "foo-bar", &version, "range", out, &err))
		fail_msg("%s", err.text);
}

static void test_parse(void **state)
{
	(void)state;
	cleanup_arena struct arena arena = ARENA_INIT;
	struct release_metadata m;
	parse(&arena,
	      "Metadata-Version: 2.1\nName: Foo.Bar\nVersion: 1.0.0\nRequires-Python: >=3\nRequires-Dist: a>1\n"
	      "Requires-Dist: b; extra == 'x'\n\n",
	      &m);
	assert_null(m.unusable);
	assert_string_equal(m.requires_python, ">=3");
	assert_string_equal(m.source, "range");
	assert_int_equal(m.requirements.count, 2);
	assert_string_equal(m.requirements.items[1]->name, "b");
	cleanup_text struct text text = TEXT_INIT, again = TEXT_INIT;
	release_metadata_write(&m, &text);
	struct release_metadata copy;
	assert_int_equal(release_metadata_read(&arena, text_slice(&text), &copy), 0);
	release_metadata_write(&copy, &again);
	assert_string_equal(text_str(&text), text_str(&again));
	assert_int_equal(copy.requirements.count, 2);
	release_metadata_clear(&copy);
	for (size_t length = 0; length < text.len - 1; length++) // each torn file is recognised
		assert_int_equal(release_metadata_read(&arena, (struct slice){text.ptr, length}, &copy), -1);
	release_metadata_clear(&m);
}

static void test_unusable(void **state)
{
	(void)state;
	static const struct {
		const char *text, *reason;
	} table[] = {
		{"Name: other\nVersion: 1.0\n", "its metadata is of other 1.0"},
		{"Name: foo_bar\nVersion: 1.1\n", "its metadata is of foo_bar 1.1"},
		{"Name: foo_bar\nVersion: one\n", "its metadata is of foo_bar one"},
		{"Name: foo_bar\nVersion: 1\nRequires-Dist: a (>\n", "its requirement \"a (>\" is malformed"},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		cleanup_arena struct arena arena = ARENA_INIT;
		struct release_metadata m, copy;
		parse(&arena, table[i].text, &m);
		assert_string_equal(m.unusable, table[i].reason);
		cleanup_text struct text text = TEXT_INIT;
		release_metadata_write(&m, &text);
		assert_int_equal(release_metadata_read(&arena, text_slice(&text), &copy), 0);
		assert_string_equal(copy.unusable, table[i].reason);
		release_metadata_clear(&m);
		release_metadata_clear(&copy);
	}
	cleanup_arena struct arena arena = ARENA_INIT;
	struct release_metadata m;
	struct version version;
	struct error err = ERROR_INIT;
	assert_int_equal(version_parse(&arena, SLICE("1.0"), &version, &err), 0);
	assert_int_equal(release_metadata_parse(&arena, SLICE("<html>"), "a", &version, "range", &m, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_parse), cmocka_unit_test(test_unusable)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
