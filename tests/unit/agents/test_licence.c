// Licences of unpacked wheels: fields, files, verdicts.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "agents/licence.h"
#include "tests/unit/agents/python_fixture.h"

struct place {
	char *folder;
	struct store *store;
	int wheels;
};

static int setup(void **state)
{
	struct place *place = xcalloc(1, sizeof *place);
	struct error err = ERROR_INIT;
	assert_int_equal(dir_temporary("/tmp", "licence-test", &place->folder, &err), 0);
	cleanup_free char *store = xasprintf("%s/store", place->folder);
	assert_int_equal(store_open(store, &place->store, &err), 0);
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;
	struct error err = ERROR_INIT;
	store_free(place->store);
	assert_int_equal(dir_remove_tree(place->folder, &err), 0);
	free(place->folder);
	free(place);
	return 0;
}

static json_t *read_wheel(struct place *place, const char *fields, const struct python_file *files, size_t count)
{
	struct error err = ERROR_INIT;
	cleanup_free char *folder = xasprintf("%s/wheel-%d", place->folder, place->wheels++);
	cleanup_free char *text =
		xasprintf("Metadata-Version: 2.4\nName: x\nVersion: 1\n%s\nBody\nLicense: not this\n", fields);
	const struct python_file metadata = {"x-1.dist-info/METADATA", text};
	fixture_write(folder, &metadata, 1);
	fixture_write(folder, files, count);
	json_t *licence = NULL;
	if (licence_of_release(folder, place->store, &licence, &err))
		fail_msg("%s", err.text);
	return licence;
}

static void check_fields(struct place *place, const char *fields, const char *source, const char *expression,
			 const char *text)
{
	cleanup_json json_t *licence = read_wheel(place, fields, NULL, 0);
	assert_string_equal(json_string_or(licence, "source", ""), source);
	assert_string_equal(json_string_or(licence, "expression", ""), expression);
	assert_string_equal(json_string_or(licence, "text", ""), text);
}

static void test_fields(void **state)
{
	struct place *place = *state;
	check_fields(
		place,
		"License-Expression: BSD-3-Clause\nLicense: else\nClassifier: License :: OSI Approved :: MIT License\n",
		"License-Expression", "BSD-3-Clause", "BSD-3-Clause");
	check_fields(place,
		     "License: BSD\nClassifier: License :: OSI Approved :: BSD License\nClassifier: Topic :: Text\n",
		     "classifiers", "", "BSD License");
	check_fields(place, "Classifier: License :: A :: B\nClassifier: License :: C\n", "classifiers", "", "B, C");
	check_fields(place, "License:  BSD-3-Clause \n", "License", "BSD-3-Clause", "BSD-3-Clause");
	check_fields(place, "License: UNKNOWN\n", "none", "", "unknown");
	check_fields(place, "", "none", "", "unknown");
	check_fields(place,
		     "License: Permission is hereby granted, free of charge, to any person obtaining a copy of this\n",
		     "none", "", "unknown");
	check_fields(place, "License: Two\n        lines\n", "none", "", "unknown");
}

static void check_files(json_t *licence, const char *const *paths, size_t count)
{
	json_t *files = json_object_get(licence, "files");
	assert_int_equal(json_array_size(files), count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(json_string_or(json_array_get(files, i), "path", ""), paths[i]);
}

static void test_files(void **state)
{
	struct place *place = *state;
	static const struct python_file modern[] = {
		{"x-1.dist-info/licenses/LICENSE", "one"},    {"x-1.dist-info/licenses/src/vendor/a:b", "two"},
		{"x-1.dist-info/licenses/License", "three"},  {"x-1.dist-info/RECORD", "no"},
		{"x-1.dist-info/licenses/README.md", "four"}, {"LICENSE", "not in dist-info"},
		{"x-1.dist-info/licenses/AUTHORS", "five"},
	};
	cleanup_json json_t *licence = read_wheel(place, "", modern, ARRAY_LENGTH(modern));
	static const char *const wanted[] = {"AUTHORS", "LICENSE", "License-2", "README.md-2",
					     "licenses/src/vendor_/a_b"};
	check_files(licence, wanted, ARRAY_LENGTH(wanted));
	struct error err = ERROR_INIT;
	cleanup_text struct text text = TEXT_INIT;
	const char *digest = json_string_or(json_array_get(json_object_get(licence, "files"), 2), "digest", "");
	assert_int_equal(store_get(place->store, digest, &text, &err), 0);
	assert_string_equal(text_str(&text), "three");
	static const struct python_file old[] = {
		{"x-1.dist-info/LICENCE.rst", "one"},  {"x-1.dist-info/COPYING", "two"},
		{"x-1.dist-info/top_level.txt", "no"}, {"x-1.dist-info/legal.txt", "three"},
		{"x-1.dist-info/WHEEL", "no"},
	};
	cleanup_json json_t *second = read_wheel(place, "License-File: legal.txt\n", old, ARRAY_LENGTH(old));
	static const char *const found[] = {"COPYING", "LICENCE.rst", "legal.txt"};
	check_files(second, found, ARRAY_LENGTH(found));
}

static void test_errors(void **state)
{
	struct place *place = *state;
	struct error err = ERROR_INIT;
	json_t *licence = NULL;
	cleanup_free char *empty = xasprintf("%s/empty", place->folder);
	assert_int_equal(dir_make(empty, 0755, &err), 0);
	assert_int_equal(licence_of_release(empty, place->store, &licence, &err), -1);
	assert_int_equal(err.code, ERROR_INPUT);
	assert_non_null(strstr(err.text, ".dist-info"));
	static const struct python_file broken = {"y.dist-info/METADATA", "no headers"};
	fixture_write(empty, &broken, 1);
	assert_int_equal(licence_of_release(empty, place->store, &licence, &err), -1);
	assert_null(licence);
}

static void check_verdict(const char *expression, const char *classifier, const char *listed,
			  enum licence_policy policy, enum licence_verdict wanted, const char *why)
{
	char *items[] = {xstrdup(listed)};
	struct config config = {
		.licence_unknown = LICENCE_WARN, .licence_listed = policy, .licence_refused = {items, *listed ? 1 : 0}};
	json_t *classifiers = json_array();
	if (*classifier)
		json_array_append_new(classifiers, json_string(classifier));
	const char *source = *expression ? "License-Expression" : *classifier ? "classifiers" : "none";
	cleanup_json json_t *licence =
		json_pack("{s:s, s:s, s:o}", "expression", expression, "source", source, "classifiers", classifiers);
	cleanup_free char *reason = NULL;
	enum licence_verdict verdict = licence_judge(licence, &config, &reason);
	if (verdict != wanted)
		fail_msg("%s%s with %s: %d", expression, classifier, listed, verdict);
	if (wanted == LICENCE_FINE)
		assert_null(reason);
	else if (!strstr(reason, why))
		fail_msg("%s", reason);
	free(items[0]);
}

static void test_verdicts(void **state)
{
	(void)state;
	const enum licence_policy refuse = LICENCE_REFUSE;
	check_verdict("", "", "", refuse, LICENCE_REMARK, "`licence_unknown: warn`");
	check_verdict("MIT", "", "", refuse, LICENCE_FINE, NULL);
	check_verdict("GPL-3.0-only", "", "gpl-3.0-only", refuse, LICENCE_REFUSED, "\"gpl-3.0-only\" is listed");
	check_verdict("GPL-3.0-only", "", "GPL-3.0", refuse, LICENCE_FINE, NULL);
	check_verdict("MIT OR GPL-3.0-only", "", "GPL-3.0-only", refuse, LICENCE_FINE, NULL);
	check_verdict("MIT AND GPL-3.0-only", "", "GPL-3.0-only", refuse, LICENCE_REFUSED, "listed");
	check_verdict("MIT OR (BSD-3-Clause AND GPL-3.0-only)", "", "GPL-3.0-only", refuse, LICENCE_FINE, NULL);
	check_verdict("(MIT OR BSD-3-Clause) AND GPL-3.0-only", "", "GPL-3.0-only", refuse, LICENCE_REFUSED, "listed");
	check_verdict("GPL-2.0-only WITH Classpath-exception-2.0", "", "GPL-2.0-only", refuse, LICENCE_REFUSED,
		      "listed");
	check_verdict("GPL-2.0-only WITH Classpath-exception-2.0", "", "GPL-2.0-only WITH Classpath-exception-2.0",
		      refuse, LICENCE_REFUSED, "listed");
	check_verdict("GPL (see OR", "", "GPL", LICENCE_WARN, LICENCE_REMARK, "`licence_listed: warn`");
	check_verdict("((((((((((((((((((((((((((((((((((((((((GPL))))", "", "GPL", refuse, LICENCE_REFUSED, "listed");
	check_verdict("", "License :: OSI Approved :: MIT License", "MIT License", refuse, LICENCE_REFUSED,
		      "OSI Approved");
	check_verdict("", "License :: OSI Approved :: MIT License", "License :: OSI Approved :: MIT License",
		      LICENCE_ALLOW, LICENCE_FINE, NULL);
	check_verdict("", "License :: OSI Approved :: MIT License", "MIT", refuse, LICENCE_FINE, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_verdicts),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
