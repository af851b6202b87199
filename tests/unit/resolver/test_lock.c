// Locks: strict reading, and the outputs.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "resolver/lock_output.h"

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char text[] =
	"{\"schema\":\"gophersnake.lock/1\",\"python\":\"3.11\",\"platform\":\"manylinux_2_36_x86_64\","
	"\"requirements\":[\"app[x]>=1\",\"lib @ "
	"https://h/lib-2.tar.gz\"],\"environment\":{\"os_name\":\"posix\"},\"packages\":["
	"{\"name\":\"app\",\"version\":\"1.0\",\"requires_python\":\">=3\",\"metadata_source\":\"range\",\"yanked\":"
	"\"oh \\\"no\\\"\","
	"\"target\":true,\"extras\":[\"x\"],\"requires\":["
	"{\"name\":\"app\",\"specifier\":\"\",\"marker\":\"\",\"url\":null,\"for_extra\":\"x\",\"version\":\"1.0\","
	"\"extras\":[]},"
	"{\"name\":\"lib\",\"specifier\":\">1\",\"marker\":\"os_name == "
	"\\\"posix\\\"\",\"url\":null,\"for_extra\":\"\",\"version\":\"2\",\"extras\":[]}],"
	"\"files\":[{\"name\":\"app-1.0-py3-none-any.whl\",\"url\":\"https://h/"
	"app-1.0-py3-none-any.whl\",\"sha256\":\"" HASH "\","
	"\"upload_time\":\"2020-01-01T00:00:00Z\",\"kind\":\"wheel\",\"tag\":\"py3-none-any\",\"size\":7}],"
	"\"skipped\":[{\"version\":\"2.0\",\"reason\":\"needs Python >=3.99\"}]},"
	"{\"name\":\"lib\",\"version\":\"2\",\"requires_python\":\"\",\"metadata_source\":\"sdist\",\"yanked\":null,"
	"\"target\":true,"
	"\"extras\":[],\"requires\":[],\"files\":[{\"name\":\"lib-2.tar.gz\",\"url\":\"https://h/"
	"lib-2.tar.gz\",\"sha256\":\"" HASH
	"\",\"upload_time\":\"\",\"kind\":\"sdist\",\"tag\":\"\",\"size\":null}],\"skipped\":[]}]}";

static int read_text(const char *json_text, struct lock *out, struct error *err)
{
	cleanup_json json_t *json = json_parse(slice_of(json_text), "lock", err);
	return json ? lock_from_json(json, "lock", out, err) : -1;
}

static void test_round(void **state)
{
	(void)state;
	struct lock lock;
	struct error err = ERROR_INIT;
	if (read_text(text, &lock, &err))
		fail_msg("%s", err.text);
	cleanup_json json_t *json = lock_to_json(&lock);
	cleanup_json json_t *original = json_parse(slice_of(text), "lock", &err);
	assert_true(json_equal(json, original));
	assert_int_equal(lock_find(&lock, "lib"), 1);
	assert_int_equal(lock_find(&lock, "nothing"), -1);
	lock_clear(&lock);
}

// One change to a sound lock, and what is said of it.
static void test_strict(void **state)
{
	(void)state;
	static const struct {
		const char *from, *to, *says;
	} table[] = {
		{"lock/1", "lock/2", "schema"},
		{"\"python\":\"3.11\",", "", "key \"python\" is missing"},
		{"\"python\":", "\"extra\":1,\"python\":", "unknown key \"extra\""},
		{"\"3.11\"", "3.11", "python"},
		{"\"name\":\"lib\",\"specifier\"", "\"name\":\"gone\",\"specifier\"",
		 "requires gone, which is not in the lock"},
		{"\"version\":\"2\",\"extras\"", "\"version\":\"3\",\"extras\"", "but the lock has 2"},
		{"\"name\":\"app\",\"version\"", "\"name\":\"zap\",\"version\"", "sorted by name"},
		{"\"kind\":\"wheel\"", "\"kind\":\"egg\"", "kind"},
		{HASH, "0123", "sha256"},
		{"\"name\":\"app-1.0-py3-none-any.whl\"", "\"name\":\"../app.whl\"", "name"},
		{"\"extras\":[\"x\"]", "\"extras\":[1]", "expected strings"},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		struct lock lock;
		struct error err = ERROR_INIT;
		const char *at = strstr(text, table[i].from);
		assert_non_null(at);
		cleanup_free char *changed =
			xasprintf("%.*s%s%s", (int)(at - text), text, table[i].to, at + strlen(table[i].from));
		if (!read_text(changed, &lock, &err) || !strstr(err.text, table[i].says))
			fail_msg("%s → %s: %s", table[i].from, table[i].to, err.text);
	}
}

static void test_outputs(void **state)
{
	(void)state;
	struct lock lock;
	struct error err = ERROR_INIT;
	assert_int_equal(read_text(text, &lock, &err), 0);
	cleanup_text struct text people = TEXT_INIT, pylock = TEXT_INIT, pins = TEXT_INIT, none = TEXT_INIT;
	assert_int_equal(lock_output(&lock, "text", &people, &err), 0);
	assert_string_equal(text_str(&people),
			    "app[x] 1.0  yanked: oh \"no\"\n  lib 2  (>1)  from its source distribution\n"
			    "lib 2  from its source distribution\n"
			    "2 releases for Python 3.11 on manylinux_2_36_x86_64\n"
			    "passed over: app 2.0: needs Python >=3.99\n");
	assert_int_equal(lock_output(&lock, "pylock", &pylock, &err), 0);
	assert_non_null(strstr(text_str(&pylock), "lock-version = \"1.0\"\n"));
	assert_non_null(strstr(text_str(&pylock), "upload-time = 2020-01-01T00:00:00Z, url = \"https://h/app-1.0"));
	assert_non_null(strstr(text_str(&pylock), "sdist = {name = \"lib-2.tar.gz\""));
	assert_int_equal(lock_output(&lock, "requirements", &pins, &err), 0);
	assert_string_equal(text_str(&pins), "app==1.0 \\\n    --hash=sha256:" HASH
					     "\nlib @ https://h/lib-2.tar.gz \\\n    --hash=sha256:" HASH "\n");
	assert_int_equal(lock_output(&lock, "yaml", &none, &err), -1);
	assert_int_equal(err.code, ERROR_USAGE);
	lock.packages.items[1].files.items[0].sha256 = "";
	assert_int_equal(lock_output(&lock, "requirements", &none, &err), -1);
	assert_int_equal(err.code, ERROR_INDEX);
	lock_clear(&lock);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_round), cmocka_unit_test(test_strict),
					   cmocka_unit_test(test_outputs)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
