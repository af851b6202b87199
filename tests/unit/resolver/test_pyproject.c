// The [project] table: every kind of TOML that may stand in or around it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "resolver/pyproject.h"

static void test_table(void **state)
{
	(void)state;
	cleanup_arena struct arena arena = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct pyproject p;
	static const char toml[] =
		"# [project]\n"
		"[build-system]\r\nrequires = [\"setuptools >= 61\", 'wheel',] # x\n"
		"build-backend = \"b.c:d\"\nbackend-path = ['.', 'in/tree']\nx = {requires = ['no']}\n"
		"when = 1979-05-27T07:32:00Z\nn = 1_000.5e+3\nt = true\n"
		"[project] # here\n"
		"name = \"caf\\u00e9\"\n'version' = '''1.0'''\n"
		"dependencies = [\n  \"a[x]>=1; python_version < '3'\", # one\n  'b', \"\"\"c\\\n   >=2\"\"\",\n]\n"
		"readme = {file = \"R.md\", dependencies = [\"no\"]}\n"
		"urls.\"Home page\" = \"https://h/#x\"\n"
		"requires-python = '>=3.8'\n"
		"dynamic = [\"scripts\"]\n"
		"[project.optional-dependencies]\n\"My.Extra\" = [\"d\"]\nother = []\n"
		"[[project.x]]\ndependencies = ['no']\n"
		"[tool.project]\ndependencies = [[[\"no\"]], {a = {b = [1, 2]}}]\n"
		"[tool]\nproject.dependencies = ['no']\n"
		"gophersnake.build-backend = 'w'\ngophersnake.backend-path = ['.']\n";
	if (pyproject_parse(&arena, slice_of(toml), &p, &err))
		fail_msg("%s", err.text);
	assert_true(p.has_project);
	assert_string_equal(p.name, "caf\xc3\xa9");
	assert_string_equal(p.version, "1.0");
	assert_string_equal(p.requires_python, ">=3.8");
	assert_string_equal(p.wrapped_backend, "w");
	assert_int_equal(p.wrapped_path.count, 1);
	static const char *const requirements[][2] = {
		{"", "a[x]>=1; python_version < '3'"}, {"", "b"}, {"", "c>=2"}, {"My.Extra", "d"}};
	assert_int_equal(p.requirements.count, ARRAY_LENGTH(requirements));
	for (size_t i = 0; i < ARRAY_LENGTH(requirements); i++) {
		assert_string_equal(p.requirements.items[i].extra, requirements[i][0]);
		assert_string_equal(p.requirements.items[i].text, requirements[i][1]);
	}
	assert_true(pyproject_states(&p, "dependencies"));
	assert_false(pyproject_states(&p, "scripts"));
	assert_true(p.has_build_system);
	assert_string_equal(p.build_backend, "b.c:d");
	assert_int_equal(p.build_requires.count, 2);
	assert_string_equal(p.build_requires.items[0], "setuptools >= 61");
	assert_string_equal(p.build_requires.items[1], "wheel");
	assert_int_equal(p.backend_path.count, 2);
	assert_string_equal(p.backend_path.items[1], "in/tree");
	pyproject_clear(&p);
	assert_int_equal(pyproject_parse(&arena, SLICE("project.name = 'a'\nproject.dependencies = ['b']"), &p, &err),
			 0);
	assert_int_equal(p.requirements.count, 1);
	assert_false(p.has_build_system);
	assert_string_equal(p.build_backend, "");
	pyproject_clear(&p);
	assert_int_equal(pyproject_parse(&arena, SLICE("[tool.poetry]\nname = 'a'\n"), &p, &err), 0);
	assert_false(pyproject_states(&p, "dependencies"));
	pyproject_clear(&p);
}

static void test_refused(void **state)
{
	(void)state;
	cleanup_arena struct arena arena = ARENA_INIT;
	static const struct {
		const char *toml;
		const char *says;
	} table[] = {
		{"[project\nname = 'a'\n", "line 1"},
		{"\nname\n", "line 2: expected \"=\""},
		{"a = \n", "a value"},
		{"a = 'b\n", "the end of a string"},
		{"a = \"\\q\"\n", "an escape"},
		{"a = \"\\ud800\"\n", "a character"},
		{"a = ['b' 'c']\n", "\",\" or \"]\""},
		{"a = {b = 1 c = 2}\n", "\",\" or \"}\""},
		{"a = 'b' c\n", "the end of the line"},
		{"= 1\n", "a key"},
		{"a = '''b\n\n", "line 3"},
		{"\xff = 1\n", "not UTF-8"},
		{"[[a]\n", "after a table's name"},
		{"a.b. = 1\n", "a key"},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		struct pyproject p;
		struct error err = ERROR_INIT;
		int status = pyproject_parse(&arena, slice_of(table[i].toml), &p, &err);
		if (!status || err.code != ERROR_INPUT || !strstr(err.text, table[i].says))
			fail_msg("%s: %d %s", table[i].toml, status, err.text);
	}
	cleanup_text struct text deep = TEXT_INIT;
	text_add(&deep, "a = ");
	for (int i = 0; i < 100000; i++)
		text_add(&deep, "[");
	struct pyproject p;
	struct error err = ERROR_INIT;
	assert_int_equal(pyproject_parse(&arena, text_slice(&deep), &p, &err), -1);
	assert_non_null(strstr(err.text, "nested"));
	cleanup_free char *large = xcalloc(PYPROJECT_MAX_BYTES + 1, 1);
	assert_int_equal(pyproject_parse(&arena, (struct slice){large, PYPROJECT_MAX_BYTES + 1}, &p, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_table), cmocka_unit_test(test_refused)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
