// Recording of releases made here, in the real sandbox: what is recorded, suites that hang, crash, fork, print, climb out; the
// split, and that nothing but agents/held_out.h leads to the held-out calls.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "agents/held_out.h"
#include "agents/record.h"
#include "agents/translate.h"
#include "agents/translators/llm.h"
#include "tests/unit/agents/work_fixture.h"

static const struct python_file module[] = {
	{"p.py", "import os, random, time\n"
		 "total = 0\n"
		 "_memo = {}\n"
		 "class K:\n"
		 "    def m(self, x):\n        return x\n"
		 "    @staticmethod\n    def twice(text: str) -> str:\n        return text + text\n"
		 "def f(a: int, b: int = 2, *more: int, flag: bool = False) -> int:\n"
		 "    '''>>> f(70)\n    72\n    '''\n"
		 "    if a > 100:\n        raise ValueError('too large: %d' % a)\n"
		 "    if flag:\n        a = -a\n"
		 "    for x in more:\n        a += x\n"
		 "    return a + b\n"
		 "def add(rows: list, row: str):\n    rows.append(row)\n    return rows\n"
		 "def show(text: str):\n    print(text)\n"
		 "def reads(path: str):\n    with open('/etc/ld.so.cache', 'rb') as file:\n        return len(path)\n"
		 "def counts(n: int):\n    global total\n    total += n\n    return total\n"
		 "def chance(n: int):\n    return random.random() + n\n"
		 "def hashed(text: str):\n    return hash(text)\n"
		 "def memo(n: int):\n    if n not in _memo:\n        _memo[n] = n * n\n    return _memo[n]\n"
		 "def makes(n: int):\n    return K()\n"
		 "def gives(n: int):\n    yield n\n"
		 "def never(unknown):\n    return unknown\n"
		 "def setting(x):\n    return x + os.environ.get('P_SET', 'no')\n"}};

// The order of the tests is that of their names; f's argument tells which test called.
static const char tests[] =
	"import ctypes, os, signal, socket, sys, time, unittest\n"
	"import p\n"
	"class T(unittest.TestCase):\n"
	"    def test_a_calls(self):\n"
	"        for i in range(40): p.f(i, 1)\n"
	"        self.assertEqual(p.f(1, 2, 3, flag=True), 4)\n"
	"        self.assertRaises(ValueError, p.f, 1000)\n"
	"        p.add(['x'], 'y'); p.show('shown'); p.K().m(1); p.makes(1); list(p.gives(1))\n"
	"        for i in range(20):\n"
	"            p.reads('x' * i); p.counts(i); p.chance(i); p.memo(i % 10); p.hashed(str(i)); p.K.twice(str(i))\n"
	"    def test_b_hangs(self):\n        while True: pass\n"
	"    def test_c_hangs_for_good(self):\n"
	"        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))\n"
	"        while True: pass\n"
	"    def test_d_forks(self):\n"
	"        for i in range(5):\n"
	"            if not os.fork():\n"
	"                os.setsid()\n"
	"                p.f(50)\n"
	"                time.sleep(1000)\n"
	"        p.f(51)\n"
	"    def test_e_network(self):\n"
	"        with self.assertRaises(OSError):\n            socket.create_connection(('192.0.2.1', 80), 1)\n"
	"        p.f(52)\n"
	"    def test_f_outside(self):\n"
	"        for path in ('/usr/x', '/release/x', '/records/x', '/suite/x', '/gophersnake/x'):\n"
	"            with self.assertRaises(OSError):\n                open(path, 'w')\n"
	"        open('beside', 'w').close()\n"
	"        p.f(53)\n"
	"    def test_g_crashes(self):\n        p.f(54); ctypes.string_at(0)\n"
	"    def test_h_prints(self):\n"
	"        p.f(55)\n"
	"        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])\n" // however slow the machine
	"        try:\n"
	"            for i in range(1024): os.write(2, b'x' * (1 << 20))\n"
	"        except OSError:\n            pass\n" // its reader is gone a moment before it is killed
	"        time.sleep(100)\n"
	"    def test_i_prints_nowhere(self):\n"
	"        p.f(56)\n"
	"        for i in range(1024): os.write(1, b'x' * (1 << 20))\n"
	"    def test_j_leaves(self):\n        p.f(57); os._exit(3)\n"
	"    def test_k_tracer(self):\n        sys.settrace(None)\n"
	"    def test_l_fails(self):\n        p.f(58); self.fail()\n"
	"    def test_z_last(self):\n        p.f(59)\n";

static void add_sdist(struct work_fixture *fixture, const char *text)
{
	struct error err = ERROR_INIT;
	char sha256[DIGEST_HEX_SIZE];
	cleanup_free char *root = xasprintf("%s/sdist", fixture->folder);
	const struct python_file files[] = {{"p-1.0/tests/test_p.py", text}, {"p-1.0/PKG-INFO", "Name: p\n"}};
	fixture_write(root, files, ARRAY_LENGTH(files));
	cleanup_free char *archive = xasprintf("%s/p-1.0.tar.gz", fixture->folder);
	cleanup_free char *command = xasprintf("tar -C %s -czf %s p-1.0", root, archive);
	assert_int_equal(system(command), 0);
	assert_int_equal(digest_hex_of_file(archive, sha256, &err), 0);
	struct lock *lock = &fixture->plan.lock;
	struct lock_file file = {.name = "p-1.0.tar.gz",
				 .url = arena_printf(&lock->arena, "file://%s", archive),
				 .sha256 = arena_strdup(&lock->arena, sha256),
				 .size = 1000,
				 .upload_time = "",
				 .tag = ""};
	vec_push(&lock->packages.items[0].files, file);
}

static void open_fixture(struct work_fixture *fixture, const char *text)
{
	struct error err = ERROR_INIT;
	const struct release_fixture release = {"p", "1.0", module, ARRAY_LENGTH(module), {NULL}, NULL};
	fixture_open(fixture, NULL, &release, 1, NULL, NULL);
	// An index that has nothing: no pytest, so the suite runs under unittest.
	cleanup_free char *index = xasprintf("%s/simple", fixture->folder);
	assert_int_equal(dir_make(index, 0755, &err), 0);
	fixture->config.index = xasprintf("file://%s", index);
	fixture->config.job_timeout = 36000;
	if (text)
		add_sdist(fixture, text);
}

static void close_fixture(struct work_fixture *fixture)
{
	free(fixture->config.index);
	fixture->config.index = NULL;
	fixture_close(fixture);
}

static json_t *record(struct work_fixture *fixture)
{
	struct error err = ERROR_INIT;
	char digest[DIGEST_HEX_SIZE];
	if (record_run(&fixture->work, 0, digest, &err)) {
		cleanup_free char *log = fixture_log(fixture);
		fail_msg("%s\n%s", err.text, log);
	}
	json_t *result = record_result(&fixture->work, 0, &err);
	assert_non_null(result);
	return result;
}

static json_t *function(json_t *result, const char *name)
{
	json_t *row;
	size_t index;
	json_array_foreach (json_object_get(result, "functions"), index, row)
		if (!strcmp(json_string_or(row, "name", ""), name))
			return row;
	fail_msg("no function %s", name);
	return NULL;
}

static void assert_reason(json_t *result, const char *name, const char *part)
{
	json_t *row = function(result, name);
	if (json_bool_or(row, "candidate", true) || !strstr(json_string_or(row, "reason", ""), part))
		fail_msg("%s: %s instead of %s", name, json_string_or(row, "reason", "candidate"), part);
}

static bool has_outcome(json_t *result, const char *outcome)
{
	json_t *row;
	size_t index;
	json_array_foreach (json_object_get(result, "runs"), index, row)
		if (!strcmp(json_string_or(row, "outcome", ""), outcome))
			return true;
	return false;
}

static bool has_text(json_t *json, const char *part)
{
	cleanup_text struct text text = TEXT_INIT;
	json_write_compact(json, &text);
	return strstr(text_str(&text), part) != NULL;
}

// cmocka cuts long messages.
static void fail_with(json_t *result, const char *what)
{
	cleanup_text struct text text = TEXT_INIT;
	json_write_compact(json_object_get(result, "runs"), &text);
	json_write_compact(json_object_get(result, "notes"), &text);
	json_write_compact(function(result, "p:f"), &text);
	fail_msg("missing: %s in %s", what, text_str(&text));
}

// Is there a call of f with this first argument among visible and held-out calls?
static bool has_call(struct work_fixture *fixture, const char *args)
{
	struct error err = ERROR_INIT;
	cleanup_json json_t *visible = record_visible(&fixture->work, 0, &err);
	cleanup_json json_t *held_out = held_out_calls(&fixture->work, 0, &err);
	assert_non_null(visible);
	assert_non_null(held_out);
	return has_text(visible, args) || has_text(held_out, args);
}

static void test_hostile_suite(void **state)
{
	(void)state;
	struct work_fixture fixture;
	open_fixture(&fixture, tests);
	cleanup_json json_t *result = record(&fixture);
	static const char *const outcomes[] = {"stopped: it took too long", "crashed", "stopped: it printed too much",
					       "left before its end", "ended"};
	for (size_t i = 0; i < ARRAY_LENGTH(outcomes); i++)
		if (!has_outcome(result, outcomes[i]))
			fail_with(result, outcomes[i]);
	assert_true(has_text(json_object_get(result, "late"), "test_b_hangs"));
	assert_string_equal(json_string_or(result, "tier", ""), sandbox_tier_name(sandbox_tier(fixture.work.sandbox)));
	for (int i = 51; i <= 59; i++) {
		cleanup_free char *args = xasprintf("\"args\":[[\"a\",%d]]", i);
		if (!has_call(&fixture, args))
			fail_with(result, args);
	}
	assert_true(has_call(&fixture, "\"args\":[[\"a\",70]]")); // the doctest
	assert_true(has_text(function(result, "p:f"), "\"candidate\":true"));
	assert_true(has_text(function(result, "p:f"), "\"branches\":[6,6]"));
	assert_true(has_text(function(result, "p:K.twice"), "\"candidate\":true"));
	assert_true(has_text(function(result, "p:memo"), "\"candidate\":true"));
	assert_true(has_text(function(result, "p:memo"), "\"memo\":[\"p._memo\"]"));
	assert_true(has_call(&fixture, "\"output\":[\"shown\\n\",\"\"]"));
	assert_true(has_call(&fixture, "\"after\":[[\"rows\",[\"list\",[\"x\",\"y\"]]],[\"row\",\"y\"]]"));
	assert_true(has_call(&fixture, "\"exception\":[\"exception\",\"builtins:ValueError\",[\"too large: 1000\"],"
				       "\"too large: 1000\"]"));
	assert_reason(result, "p:K.m", "method");
	assert_reason(result, "p:gives", "generator");
	assert_reason(result, "p:reads", "reads a file");
	assert_reason(result, "p:counts", "writes the global total");
	assert_reason(result, "p:chance", "differ between two processes");
	assert_reason(result, "p:hashed", "differ between two processes");
	assert_reason(result, "p:makes", "the result is a handle of p:K");
	assert_reason(result, "p:never", "no recorded call");
	close_fixture(&fixture);
}

static void add_folder(const char *folder, struct text *out)
{
	struct error err = ERROR_INIT;
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	assert_int_equal(dir_list(folder, &names, &err), 0);
	vec_each (&names, name) {
		cleanup_free char *path = xasprintf("%s/%s", folder, *name);
		cleanup_text struct text text = TEXT_INIT;
		if (dir_exists(path)) {
			add_folder(path, out);
			continue;
		}
		assert_int_equal(file_read(path, 64 << 20, &text, &err), 0);
		for (size_t i = 0; i < text.len; i++)
			text_add_char(out, text.ptr[i] ? text.ptr[i] : '?'); // for strstr
	}
}

// What translators get: a job folder, and what a model is told.
static void add_jobs(struct work_fixture *fixture, struct text *out)
{
	struct error err = ERROR_INIT;
	struct translation translation;
	struct llm_prompt prompt;
	cleanup_free char *folder = xasprintf("%s/job", fixture->folder);
	fixture_emit(fixture);
	if (translation_open(&fixture->work, 0, "p", &translation, &err) || dir_make(folder, 0755, &err) ||
	    job_folder_write(&translation, folder, &err) || llm_prompt_open(&translation, 400000, &prompt, &err))
		fail_msg("%s", err.text);
	size_t before = out->len;
	add_folder(folder, out);
	assert_non_null(strstr(text_str(out) + before, "\"schema\": \"gophersnake.calls/1\""));
	assert_non_null(strstr(text_str(out) + before, "\"canary-"));
	text_add_slice(out, text_slice(&prompt.guide));
	text_add_slice(out, text_slice(&prompt.context));
	before = out->len;
	VEC(struct translate_function *) functions = VEC_INIT;
	vec_each (&translation.functions, function)
		vec_push(&functions, function);
	llm_prompt_request(&translation, &prompt, functions.items, functions.count, 1, out);
	assert_non_null(strstr(text_str(out) + before, "twice(text=\"canary-"));
	vec_clear(&functions);
	llm_prompt_clear(&translation, &prompt);
	translation_clear(&translation);
}

static void test_split(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct work_fixture fixture;
	open_fixture(&fixture, "import unittest, p\n"
			       "class T(unittest.TestCase):\n"
			       "    def test(self):\n"
			       "        for i in range(200): p.K.twice('canary-%d-' % i)\n");
	cleanup_json json_t *result = record(&fixture);
	cleanup_json json_t *visible = record_visible(&fixture.work, 0, &err);
	cleanup_json json_t *held_out = held_out_calls(&fixture.work, 0, &err);
	assert_non_null(visible);
	assert_non_null(held_out);
	json_t *calls = json_object_get(held_out, "calls"), *call;
	size_t index, count = json_array_size(calls), all = count + json_array_size(json_object_get(visible, "calls"));
	assert_true(count * 100 > all * 15 && count * 100 < all * 45);
	cleanup_text struct text seen = TEXT_INIT;
	json_write_compact(visible, &seen);
	json_write_compact(result, &seen);
	add_jobs(&fixture, &seen);
	int canaries = 0;
	json_array_foreach (calls, index, call) {
		assert_null(strstr(text_str(&seen), json_string_or(call, "id", "?")));
		json_t *argument = json_array_get(json_array_get(json_object_get(call, "args"), 0), 1);
		const char *text = json_string_value(argument);
		if (!text || strncmp(text, "canary-", 7) != 0)
			continue;
		assert_null(strstr(text_str(&seen), text));
		canaries++;
	}
	assert_true(canaries > 1);
	// The digest of the held-out object stands nowhere.
	char digest[DIGEST_HEX_SIZE], again[DIGEST_HEX_SIZE];
	assert_int_equal(store_put_json(fixture.work.store, held_out, digest, &err), 0);
	assert_null(strstr(text_str(&seen), digest));
	// The same inputs are not run again.
	assert_int_equal(record_run(&fixture.work, 0, again, &err), 0);
	cleanup_free char *log = fixture_log(&fixture);
	char *first = strstr(log, "recording: ");
	assert_non_null(first);
	assert_null(strstr(first + 1, "recording: "));
	close_fixture(&fixture);
}

static void test_no_tests(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct work_fixture fixture;
	open_fixture(&fixture, NULL);
	assert_null(record_visible(&fixture.work, 0, &err));
	assert_int_equal(err.code, ERROR_WORKSPACE);
	cleanup_json json_t *result = record(&fixture);
	assert_true(has_text(json_object_get(result, "notes"), "it has no tests"));
	// Generated from annotations; nothing is known of what has none.
	assert_true(has_text(function(result, "p:f"), "\"candidate\":true"));
	assert_reason(result, "p:never", "no recorded call");
	close_fixture(&fixture);
}

static int count_calls(json_t *document, const char *function, const char *source)
{
	json_t *call;
	size_t index;
	int count = 0;
	json_array_foreach (json_object_get(document, "calls"), index, call) {
		count += !strcmp(json_string_or(call, "f", ""), function) &&
			 (!source || !strcmp(json_string_or(call, "source", ""), source));
	}
	return count;
}

static void test_proposed(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct work_fixture fixture;
	char plain[DIGEST_HEX_SIZE], with[DIGEST_HEX_SIZE], digest[DIGEST_HEX_SIZE];
	open_fixture(&fixture, NULL);
	cleanup_json json_t *without = record(&fixture);
	assert_int_equal(record_known(&fixture.work, 0, plain, &err), 1);
	static const struct python_file files[] = {
		{"one/inputs.json",
		 "{\"p:never\": [\"('abc',)\", \"(5,)\", \"((), {'unknown': [b'x', None]})\", \"(open('/x'),)\", "
		 "7, \"5\", \"((1, 2), {'a': 3})\"], \"prelude\": \"import os; os.environ['P_SET'] = 'yes'\"}"},
		{"two/inputs.json",
		 "{\"p:never\": [\"('abc',)\", \"({'k': (1, 2.5)},)\", \"('ü b',)\"], \"p:gone\": [], "
		 "\"p:setting\": [\"('a',)\", \"('b',)\"]}"},
		{"inputs.json", "{\"needs\": [\"absent\"]}"}};
	cleanup_free char *folder = xasprintf("%s/proposals", fixture.folder);
	fixture_write(folder, files, ARRAY_LENGTH(files));
	cleanup_json json_t *proposals = record_read_proposals(folder, &err);
	assert_non_null(proposals);
	assert_int_equal(json_array_size(json_object_get(proposals, "p:never")), 9);
	assert_int_equal(record_propose(&fixture.work, 0, proposals, &err), 0);
	assert_int_equal(record_known(&fixture.work, 0, with, &err), 0);
	assert_int_equal(record_run_with(&fixture.work, 0, proposals, digest, &err), 0);
	cleanup_json json_t *result = record_result(&fixture.work, 0, &err);
	cleanup_json json_t *visible = record_visible(&fixture.work, 0, &err);
	cleanup_json json_t *held_out = held_out_calls(&fixture.work, 0, &err);
	assert_true(result && visible && held_out);
	assert_true(has_text(function(result, "p:never"), "\"candidate\":true"));
	assert_int_equal(count_calls(visible, "p:never", "proposed"), 5);
	assert_int_equal(count_calls(held_out, "p:never", "proposed"), 0);
	assert_true(count_calls(held_out, "p:never", NULL) >= 10);
	json_t *notes = json_object_get(result, "notes");
	assert_true(has_text(notes, "proposed input 3 of p:never: it is no literal"));
	assert_true(has_text(notes, "proposed input 4 of p:never: it is no string"));
	assert_true(has_text(notes, "proposed input 5 of p:never: it is no tuple"));
	assert_true(has_text(notes, "p:gone: the release has no such function"));
	assert_true(has_text(notes, "proposed inputs need absent, which the plan does not have"));
	assert_reason(result, "p:setting", "differ between two processes"); // it depends on the prelude
	assert_int_equal(record_known(&fixture.work, 0, with, &err), 1);
	assert_string_not_equal(plain, with);
	assert_int_equal(record_propose(&fixture.work, 0, NULL, &err), 0);
	assert_int_equal(record_known(&fixture.work, 0, with, &err), 1);
	assert_string_equal(plain, with);
	cleanup_json json_t *list = json_array();
	assert_int_equal(record_propose(&fixture.work, 0, list, &err), -1);
	assert_int_equal(err.code, ERROR_INPUT);
	close_fixture(&fixture);
}

// Whoever writes translations never sees the door.
static void test_translators_do_not_reach_held_out_calls(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	assert_int_equal(dir_walk_files("agents/translators", &names, &err), 0);
	vec_push(&names, xstrdup("../translate.c"));
	vec_push(&names, xstrdup("../emit.c"));
	assert_true(names.count > 3);
	vec_each (&names, name) {
		cleanup_free char *path = xasprintf("agents/translators/%s", *name);
		cleanup_text struct text text = TEXT_INIT;
		assert_int_equal(file_read(path, 16 << 20, &text, &err), 0);
		if (strstr(text_str(&text), "held_out") || strstr(text_str(&text), "record_internal"))
			fail_msg("%s reaches held-out calls", path);
	}
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(test_translators_do_not_reach_held_out_calls),
		cmocka_unit_test(test_no_tests),
		cmocka_unit_test(test_proposed),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_hostile_suite),
	};
	return cmocka_run_group_tests(all, NULL, NULL);
}
