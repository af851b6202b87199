// Packs: what is read and what is refused, with its place; digests of Go; the folders before the built-in ones.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "agents/pack.h"
#include "agents/plan.h"
#include "core/file.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ROW                                                                                                      \
	"{\"python\": \"a.f\", \"unit\": \"a\", \"go\": \"F\", \"key\": \"" HEX "\", \"code\": \"" HEX           \
	"\", \"translator\": \"hand\", \"modules\": [\"a\"], \"evidence\": [], \"guards\": {\"x\": {\"kinds\": " \
	"[\"str\"]}}, "                                                                                          \
	"\"parameters\": [[\"x\", \"required\"]], \"calls\": {\"visible\": 3}}"
#define PACK(rows, bridged)                                                                                \
	"{\"schema\": \"gophersnake.pack/1\", \"name\": \"a\", \"version\": \"1\", \"python\": \"3.11\", " \
	"\"functions\": [" rows "], \"bridged\": [" bridged "]}"

static void refused(const char *text, const char *where)
{
	struct error err = ERROR_INIT;
	assert_null(pack_parse(slice_of(text), "p/pack.json", &err));
	assert_int_equal(err.code, ERROR_INPUT);
	if (!strstr(err.text, where) || strncmp(err.text, "p/pack.json", 11) != 0)
		fail_msg("wanted \"%s\" in: %s", where, err.text);
}

// The row with one piece of it replaced.
static char *changed(const char *from, const char *to)
{
	const char *row = PACK(ROW, ""), *at = strstr(row, from);
	assert_non_null(at);
	return xasprintf("%.*s%s%s", (int)(at - row), row, to, at + strlen(from));
}

static void test_parse(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	json_t *pack = pack_parse(SLICE(PACK(ROW, "{\"python\": \"a.g\", \"unit\": \"a\", \"reason\": \"differs\"}")),
				  "p/pack.json", &err);
	assert_non_null(pack);
	json_decref(pack);
	refused("", "pack.json");
	refused("{}", "schema");
	refused("{\"schema\": \"gophersnake.pack/2\"}", "gophersnake.pack/1");
	refused(PACK(ROW ", " ROW, ""), "functions[1]: a.f is there twice");
	refused(PACK(ROW, "{\"python\": \"a.f\", \"unit\": \"a\", \"reason\": \"r\"}"),
		"bridged[0]: a.f is there twice");
	refused(PACK("7", ""), "functions[0]: expected an object");
	refused(PACK("", "{\"python\": \"a.f\"}"), "bridged[0]: key \"unit\"");
	static const char *const cases[][3] = {
		{"\"unit\": \"a\"", "\"unit\": \"../a\"", "functions[0]: key \"unit\""},
		{"\"unit\": \"a\"", "\"unit\": \"a..b\"", "functions[0]: key \"unit\""},
		{"\"unit\": \"a\"", "\"unit\": \"\"", "functions[0]: key \"unit\""},
		{"\"go\": \"F\"", "\"go\": 7", "functions[0]: key \"go\""},
		{"\"key\": \"01", "\"key\": \"0X", "functions[0]: key \"key\""},
		{"\"key\": \"01", "\"key\": \"1", "functions[0]: key \"key\""},
		{"\"modules\": [\"a\"]", "\"modules\": [1]", "key \"modules\": expected an array of strings"},
		{"\"kinds\": [\"str\"]", "\"kinds\": \"str\"", "functions[0]: guard \"x\""},
		{"{\"kinds\": [\"str\"]}", "[]", "guard \"x\": expected an object"},
		{"[\"x\", \"required\"]", "[\"x\"]", "key \"parameters\""},
		{"\"visible\": 3", "\"visible\": -3", "calls: key \"visible\""},
		{"\"evidence\": []", "\"evidence\": [], \"coverage\": 1", "key \"coverage\""},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		cleanup_free char *text = changed(cases[i][0], cases[i][1]);
		refused(text, cases[i][2]);
	}
}

static void test_units(void **state)
{
	(void)state;
	static const char *const good[] = {"a", "django.utils.text", "_a", "\xc3\xa9"};
	static const char *const bad[] = {"", ".", "..", ".a", "a.", "a/b", "a..b", "a\\b", "a b", "a\n"};
	for (size_t i = 0; i < ARRAY_LENGTH(good); i++)
		assert_true(pack_is_unit(good[i]));
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
		assert_false(pack_is_unit(bad[i]));
}

static void code_digest(const char *const files[][2], size_t count, const char *version, char digest[DIGEST_HEX_SIZE])
{
	struct plan plan;
	plan_init(&plan);
	vec_push(&plan.go_modules, (struct plan_go_module){"example.org/quotes", version, NULL});
	cleanup_json json_t *code = json_object();
	for (size_t i = 0; i < count; i++)
		json_object_set_new(code, files[i][0], json_string(files[i][1]));
	pack_code_digest(&plan, code, digest);
	plan_clear(&plan);
}

static void test_code(void **state)
{
	(void)state;
	static const char *const one[][2] = {{"a.go", "x"}, {"b.go", "y"}};
	static const char *const other[][2] = {{"b.go", "y"}, {"a.go", "x"}};
	static const char *const third[][2] = {{"a.go", "x"}, {"b.go", "z"}};
	static const char *const imports[][2] = {{"a.go", "package a\nimport \"example.org/quotes/x\"\n"}};
	char digests[5][DIGEST_HEX_SIZE];
	code_digest(one, 2, "v1.0.0", digests[0]);
	code_digest(other, 2, "v2.0.0", digests[1]);
	code_digest(third, 2, "v1.0.0", digests[2]);
	code_digest(imports, 1, "v1.0.0", digests[3]);
	code_digest(imports, 1, "v2.0.0", digests[4]);
	assert_string_equal(digests[0], digests[1]); // it imports none
	assert_string_not_equal(digests[0], digests[2]);
	assert_string_not_equal(digests[3], digests[4]);
}

static void write(const char *folder, const char *name, const char *text)
{
	struct error err = ERROR_INIT;
	cleanup_free char *path = xasprintf("%s/%s", folder, name);
	assert_int_equal(file_write_plain(path, text, strlen(text), &err), 0);
}

static void find_digest(const struct config *config, int wanted, char digest[DIGEST_HEX_SIZE], struct error *err)
{
	struct packs *packs = NULL;
	const struct pack *pack;
	assert_int_equal(packs_open(config, &packs, err), 0);
	assert_int_equal(packs_find(packs, "a", &pack, err), wanted);
	if (wanted == 1) {
		const struct pack *again;
		memcpy(digest, pack->digest, DIGEST_HEX_SIZE);
		assert_int_equal(packs_find(packs, "a", &again, err), 1);
		assert_ptr_equal(again, pack);
	}
	packs_free(packs);
}

static void test_folders(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	char *folder = NULL, first[DIGEST_HEX_SIZE], second[DIGEST_HEX_SIZE];
	assert_int_equal(dir_temporary("/tmp", "pack-test", &folder, &err), 0);
	char *items[] = {folder};
	struct config config = {.packs = {items, 1}};
	find_digest(&config, 0, first, &err);
	write(folder, "a/pack.json", PACK(ROW, ""));
	write(folder, "a/a/f.go", "package a\n");
	find_digest(&config, 1, first, &err);
	write(folder, "a/b/f.go", "package b\n"); // of no row
	write(folder, "a/a/inputs.json", "{}");
	write(folder, "a/a/.hidden.go", "x");
	find_digest(&config, 1, second, &err);
	assert_string_equal(first, second);
	write(folder, "a/a/f.go", "package a // changed\n");
	find_digest(&config, 1, second, &err);
	assert_string_not_equal(first, second);
	write(folder, "a/a/f.go", "package a \xff\n");
	find_digest(&config, -1, second, &err);
	assert_non_null(strstr(err.text, "a/a/f.go: it is not UTF-8 text"));
	write(folder, "a/a/f.go", "package a\n");
	write(folder, "a/pack.json",
	      "{\"schema\": \"gophersnake.pack/1\", \"name\": \"b\", \"version\": \"1\", \"python\": "
	      "\"3.11\", \"functions\": [], \"bridged\": []}");
	find_digest(&config, -1, second, &err);
	assert_non_null(strstr(err.text, "it is the pack of b"));
	assert_int_equal(dir_remove_tree(folder, &err), 0);
	struct packs *packs = NULL;
	assert_int_equal(packs_open(&config, &packs, &err), -1);
	assert_int_equal(err.code, ERROR_CONFIG);
	free(folder);
}

// Expectations that somebody changed are no expectations.
static void test_calls(void **state)
{
	(void)state;
	static const char calls[] = "{\"schema\": \"gophersnake.calls/1\", \"calls\": [{\"f\": \"a:f\", \"args\": "
				    "[[\"x\", 1]], \"result\": 2}]}";
	struct error err = ERROR_INIT;
	char *folder = NULL, digest[DIGEST_HEX_SIZE];
	assert_int_equal(dir_temporary("/tmp", "pack-test", &folder, &err), 0);
	char *items[] = {folder};
	struct config config = {.packs = {items, 1}};
	digest_hex_of(calls, strlen(calls), digest);
	cleanup_free char *rest = xasprintf("\"bridged\": [], \"tests\": {\"a\": \"%s\"}", digest);
	cleanup_free char *text = changed("\"bridged\": []", rest);
	write(folder, "a/pack.json", text);
	write(folder, "a/a/f.go", "package a\n");
	find_digest(&config, -1, digest, &err); // it is not there
	write(folder, "a/a/calls.json", calls);
	struct packs *packs = NULL;
	const struct pack *pack;
	assert_int_equal(packs_open(&config, &packs, &err), 0);
	assert_int_equal(packs_find(packs, "a", &pack, &err), 1);
	assert_int_equal(json_array_size(json_object_get(pack->calls, "a")), 1);
	packs_free(packs);
	cleanup_free char *wrong = xstrdup(calls);
	*strstr(wrong, "2}]") = '3';
	write(folder, "a/a/calls.json", wrong);
	find_digest(&config, -1, digest, &err);
	assert_non_null(strstr(err.text, "a/a/calls.json: it was changed after it was written"));
	cleanup_free char *no_digest = changed("\"bridged\": []", "\"bridged\": [], \"tests\": {\"a\": \"1\"}");
	refused(no_digest, "key \"tests\"");
	cleanup_free char *outside = changed("\"bridged\": []", "\"bridged\": [], \"tests\": {\"../a\": \"" HEX "\"}");
	refused(outside, "key \"tests\"");
	assert_int_equal(dir_remove_tree(folder, &err), 0);
	free(folder);
}

// Each pack that comes with gophersnake is read by its own program.
static void test_built_in(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct config config = {0};
	struct packs *packs = NULL;
	const struct pack *pack;
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	size_t found = 0;
	assert_int_equal(packs_open(&config, &packs, &err), 0);
	assert_int_equal(dir_list("translations", &names, &err), 0);
	vec_each (&names, name) {
		cleanup_free char *path = xasprintf("translations/%s/pack.json", *name);
		if (!file_exists(path))
			continue;
		if (packs_find(packs, *name, &pack, &err) != 1)
			fail_msg("%s: %s", *name, err.text);
		found++;
	}
	assert_true(found > 0);
	packs_free(packs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_parse), cmocka_unit_test(test_units),
					   cmocka_unit_test(test_code),  cmocka_unit_test(test_folders),
					   cmocka_unit_test(test_calls), cmocka_unit_test(test_built_in)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
