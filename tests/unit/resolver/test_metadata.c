// Core metadata: fields, folding, the body's end, bounds and what may be trusted.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "resolver/metadata.h"

static void test_fields(void **state)
{
	(void)state;
	cleanup_arena struct arena arena = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct metadata m;
	assert_int_equal(
		metadata_parse(&arena,
			       SLICE("Metadata-Version: 2.2\r\nname: Foo\r\nVersion: 1.0\r\nRequires-Dist: a>=1\r\n"
				     "requires-dist: b;\r\n  extra == 'x'\r\nProvides-Extra: x\r\nDynamic: License\r\n"
				     "Summary: caf\xc3\xa9\r\nClassifier: A :: B\r\nLicense-File: LICENSE\r\n\r\n"
				     "Requires-Dist: body\r\n"),
			       &m, &err),
		0);
	assert_string_equal(m.name, "Foo");
	assert_string_equal(m.version, "1.0");
	assert_int_equal(m.requires_dist.count, 2);
	assert_string_equal(m.requires_dist.items[1], "b; extra == 'x'");
	assert_string_equal(m.provides_extra.items[0], "x");
	assert_string_equal(m.summary, "caf\xc3\xa9");
	assert_string_equal(m.license, "");
	assert_int_equal(m.classifier.count + m.license_file.count, 2);
	assert_true(metadata_is_static(&m, "Requires-Dist"));
	assert_false(metadata_is_static(&m, "license"));
	m.metadata_version = "2.1";
	assert_false(metadata_is_static(&m, "Requires-Dist"));
}

static void test_refused(void **state)
{
	(void)state;
	cleanup_arena struct arena arena = ARENA_INIT;
	struct metadata m;
	static const char *const table[] = {"",           "Name: a\n", "Version: 1\n",
					    "no colon\n", " x: y\n",   "Name: a\xff\nVersion: 1\n"};
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		struct error err = ERROR_INIT;
		assert_int_equal(metadata_parse(&arena, slice_of(table[i]), &m, &err), -1);
		assert_int_equal(err.code, ERROR_INPUT);
	}
	struct error err = ERROR_INIT;
	cleanup_free char *large = xcalloc(METADATA_MAX_BYTES + 1, 1);
	assert_int_equal(metadata_parse(&arena, (struct slice){large, METADATA_MAX_BYTES + 1}, &m, &err), -1);
	assert_non_null(strstr(err.text, "larger"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_fields), cmocka_unit_test(test_refused)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
