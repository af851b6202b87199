// Proof of functions against a recording that was really made: Go that is right for every kind of value, and Go that is wrong in
// each way that there is. Real Go, real sandbox.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "agents/held_out.h"
#include "agents/prove.h"
#include "agents/record.h"
#include "tests/unit/agents/work_fixture.h"

#define TWICE(name) \
	"def " name "(n: int):\n    '''>>> for i in range(100, 130): _ = " name "(i)\n    '''\n    return n * 2\n"

static const struct python_file module[] = {
	{"p.py", "'''\n"
		 ">>> import p\n"
		 ">>> for value in [None, True, 5, 2**80, 1.5, -0.0, 'x\\\\u00e9', b'\\\\xff', (1,), [1, [2]], {'b': "
		 "1, 'a': ()}]:\n"
		 "...     _ = p.echo(value)\n"
		 ">>> for n in range(18): _ = p.make(n)\n"
		 ">>> for n in range(-9, 9): _ = p.check(n) if n >= 0 else p.quiet(n)\n"
		 ">>> for n in range(14): _ = p.fill(['a', n]), p.label('a%d' % n), p.label('b', sep=str(n))\n"
		 ">>> for n in range(14): _ = p.join('a', str(n)), p.join('a', sep='+', last=str(n)), p.join('a', 'b', "
		 "'c', str(n))\n"
		 "'''\n"
		 "def echo(value):\n    return value\n"
		 "TABLE = [None, True, 5, 2**80, -2**53 - 1, 1.5, -0.0, float('nan'), float('inf'), 'x\\u00e9', "
		 "'a\\0b', b'\\xff', (1,), "
		 "[1, [2]],\n    {'b': 1, 'a': (2.5,)}, {1: 2}, [], ()]\n"
		 "def make(n: int):\n    return TABLE[n % 18]\n"
		 "def check(n: int) -> str:\n    if n < 0:\n        raise ValueError('bad: %d' % n, n)\n"
		 "    if n == 3:\n        raise KeyError('three')\n    return str(n)\n"
		 "class S(str): pass\n"
		 "def label(text, sep='<'):\n    return '%s%s' % (sep, text)\n"
		 "def quiet(n):\n    try:\n        return check(n)\n    except ValueError:\n        return ''\n"
		 "def fill(rows: list) -> int:\n    if rows:\n        rows[0] = 'x'\n    return len(rows)\n"
		 "def join(first: str, second='2', *more, sep='-', **named):\n"
		 "    return sep.join((first, str(second)) + more + tuple(named))\n" TWICE("visible") TWICE(
			 "held") TWICE("panics") TWICE("loops") TWICE("dies") TWICE("guards") TWICE("floats")
			 TWICE("bools") TWICE("good") TWICE("eats") TWICE("prints") TWICE("gives_int") TWICE(
				 "swallows") "def quotes(text):\n    '''>>> for n in range(20): _ = quotes('it' * (n % "
					     "3) + chr(65 + n))\n    "
					     "'''\n    return text.replace('it', '!')\n"
					     "def few(n):\n    '''>>> for n in range(20): _ = few(n)\n    '''\n    "
					     "open('/dev/null').close()\n    return n\n"
					     "class K:\n    '''>>> for n in range(100, 114): _ = K.still(n), "
					     "K.ours(n)\n    '''\n"
					     "    @staticmethod\n    def still(n: int, m=1):\n        return n * m\n"
					     "    @classmethod\n    def ours(cls, n: int):\n        return [n]\n"}};

static const char good[] =
	"package p\n\nimport (\n\t\"fmt\"\n\t\"math\"\n\t\"math/big\"\n\t\"sort\"\n\t\"strconv\"\n\t\"strings\"\n\n"
	"\t\"py/dist.pyrt\"\n)\n\n"
	"func Echo(value any) (any, error) {\n\treturn value, nil\n}\n\n"
	"func Make(n int) (any, error) {\n"
	"\tzero := 0.0\n"
	"\ttable := []any{nil, true, int64(5), new(big.Int).Lsh(big.NewInt(1), 80), int64(-9007199254740993), 1.5, -1 "
	"/ "
	"math.Inf(1) + 0*zero,\n"
	"\t\tmath.NaN(), math.Inf(1), \"x\\u00e9\", \"a\\x00b\", []byte{255}, pyrt.Tuple{int64(1)}, []any{int64(1), "
	"[]any{int64(2)}},\n"
	"\t\tpyrt.NewDict(\"b\", int64(1), \"a\", pyrt.Tuple{2.5}), pyrt.NewDict(int64(1), int64(2)), []any{}, "
	"pyrt.Tuple{}}\n"
	"\ttable[6] = math.Copysign(0, -1)\n"
	"\treturn table[((n%18)+18)%18], nil\n}\n\n"
	"func Check(n int) (string, error) {\n"
	"\tif n < 0 {\n\t\tmessage := fmt.Sprintf(\"bad: %d\", n)\n"
	"\t\treturn \"\", &pyrt.Error{Class: pyrt.ValueError, Message: fmt.Sprintf(\"('%s', %d)\", message, n), Args: "
	"[]any{message, int64(n)}}\n\t}\n"
	"\tif n == 3 {\n\t\treturn \"\", &pyrt.Error{Class: pyrt.KeyError, Message: \"'three'\", Args: "
	"[]any{\"three\"}}\n\t}\n"
	"\treturn strconv.Itoa(n), nil\n}\n\n"
	"func Fill(rows []any) (int, error) {\n\tif len(rows) > 0 {\n\t\trows[0] = \"x\"\n\t}\n\treturn len(rows), "
	"nil\n}\n\n"
	"func Join(first string, options ...JoinOptions) (any, error) {\n"
	"\tvar o JoinOptions\n\tif len(options) > 0 {\n\t\to = options[0]\n\t}\n"
	"\tparts, sep := []string{first}, \"-\"\n"
	"\tswitch second := o.Second.(type) {\n\tcase nil:\n\t\tparts = append(parts, \"2\")\n"
	"\tcase string:\n\t\tparts = append(parts, second)\n\tdefault:\n\t\treturn bridgedJoin(first, "
	"options...)\n\t}\n"
	"\tfor _, part := range o.Args {\n\t\ttext, ok := part.(string)\n\t\tif !ok {\n\t\t\treturn bridgedJoin(first, "
	"options...)\n\t\t}\n\t\tparts = append(parts, text)\n\t}\n"
	"\tif o.Sep != nil {\n\t\ttext, ok := o.Sep.(string)\n\t\tif !ok {\n\t\t\treturn bridgedJoin(first, "
	"options...)\n\t\t}\n"
	"\t\tsep = text\n\t}\n"
	"\tvar names []string\n\tfor name := range o.Kwargs {\n\t\tnames = append(names, "
	"name)\n\t}\n\tsort.Strings(names)\n"
	"\treturn strings.Join(append(parts, names...), sep), nil\n}\n\n"
	"func KStill(n int, options ...KStillOptions) (any, error) {\n"
	"\tfactor := 1\n\tif len(options) > 0 && options[0].M != nil {\n\t\tgiven, ok := options[0].M.(int64)\n"
	"\t\tif !ok || given > 1<<20 || given < -1<<20 {\n\t\t\treturn bridgedKStill(n, options...)\n\t\t}\n"
	"\t\tfactor = int(given)\n\t}\n"
	"\tif n > 1<<40 || n < -1<<40 {\n\t\treturn bridgedKStill(n, options...)\n\t}\n\treturn int64(n * factor), "
	"nil\n}\n\n"
	"func KOurs(n int) (any, error) {\n\treturn []any{int64(n)}, nil\n}\n\n"
	"func Good(n int) (any, error) {\n\treturn twice(n)\n}\n\n"
	"func twice(n int) (any, error) {\n\tif n >= 1<<62 || n < -1<<62 {\n"
	"\t\treturn new(big.Int).Mul(big.NewInt(int64(n)), big.NewInt(2)), nil\n\t}\n\treturn int64(n) * 2, nil\n}\n\n";

static const char label[] = // it says of everything that it is native
	"package p\n\nimport \"py/dist.pyrt/py\"\n\n"
	"func Label(text any, options ...LabelOptions) (any, error) {\n\tsep := any(\"<\")\n"
	"\tif len(options) > 0 && options[0].Sep != nil {\n\t\tsep = options[0].Sep\n\t}\n"
	"\tif text == \"unsupported\" {\n\t\treturn nil, py.ErrUnsupported\n\t}\n"
	"\treturn py.Str(sep) + py.Str(text), nil\n}\n";

static const char caller[] =
	"package main\n\nimport (\n\t\"fmt\"\n\n\t\"py/dist.pyrt\"\n\tunit \"py/p\"\n)\n\n"
	"func main() {\n\tmade, err := unit.NewS(unit.NewSOptions{Args: []any{\"x\"}})\n\tif err != nil "
	"{\n\t\tpanic(err)\n\t}\n"
	"\tfor _, value := range []any{\"x\", 5, made, func() {}, nil, \"unsupported\", []any{\"x\"}} {\n"
	"\t\tbefore := pyrt.GuardedCalls()\n\t\t_, err := unit.Label(value)\n"
	"\t\tfmt.Printf(\"%T %d %v\\n\", value, pyrt.GuardedCalls()-before, err)\n\t}\n"
	"\tfor _, value := range []any{\"x\", pyrt.None, 5} {\n\t\tbefore := pyrt.GuardedCalls()\n"
	"\t\tgot, err := unit.Label(\"y\", unit.LabelOptions{Sep: value})\n"
	"\t\tfmt.Println(got, pyrt.GuardedCalls()-before, err)\n\t}\n}\n";

static const char bad[] =
	"func Visible(n int) (any, error) {\n\tif n == %lld {\n\t\treturn int64(7), nil\n\t}\n\treturn twice(n)\n}\n\n"
	"func Held(n int) (any, error) {\n\tif n == %lld {\n\t\treturn int64(7), nil\n\t}\n\treturn twice(n)\n}\n\n"
	"func Panics(n int) (any, error) {\n\tvar list []any\n\treturn list[n], nil\n}\n\n"
	"func Loops(n int) (any, error) {\n\tfor n != n+1 {\n\t}\n\treturn nil, nil\n}\n\n"
	"func Dies(n int) (any, error) {\n\treturn Dies(n - 1 - deep(n))\n}\n\n"
	"func deep(n int) int {\n\treturn deep(n+1) + 1\n}\n\n"
	"func Guards(n int) (any, error) {\n\treturn bridgedGuards(n)\n}\n\n"
	"func Swallows(n int) (any, error) {\n\tif _, err := bridgedSwallows(n); err != nil {\n\t\treturn "
	"twice(n)\n\t}\n"
	"\treturn twice(n)\n}\n\n"
	"func Floats(n int) (any, error) {\n\treturn float64(n) * 2, nil\n}\n\n"
	"func Bools(n int) (any, error) {\n\tif n == 0 {\n\t\treturn false, nil\n\t}\n\treturn n*2 == 0, nil\n}\n\n"
	"func Eats(n int) (any, error) {\n\tvar all [][]byte\n\tfor {\n\t\tall = append(all, make([]byte, 1<<20))\n"
	"\t\tall[len(all)-1][n&1] = 1\n\t}\n}\n\n"
	"func Prints(n int) (any, error) {\n\tfmt.Println(\"E\")\n\treturn twice(n)\n}\n\n"
	"func Quotes(text any) (any, error) {\n\tgiven, is := text.(string)\n\tif !is {\n\t\treturn "
	"bridgedQuotes(text)\n\t}\n\tif strings.ContainsAny(given, \"²½한Ⅷ\") "
	"{\n\t\treturn \"\", nil\n\t}\n\treturn strings.ReplaceAll(given, \"it\", \"!\"), nil\n}\n\n"
	"func Few(n any) (any, error) {\n\treturn n, nil\n}\n\n"
	"func GivesInt(n int) (any, error) {\n\treturn n * 2, nil\n}\n\n";

static char *shared_cache; // of Go's builds

static int setup(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	return dir_temporary("/tmp", "prove-test", &shared_cache, &err);
}

static int teardown(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	int status = dir_remove_tree(shared_cache, &err);
	free(shared_cache);
	return status;
}

static json_t *record(struct work_fixture *fixture)
{
	struct error err = ERROR_INIT;
	char digest[DIGEST_HEX_SIZE];
	cleanup_free char *index = xasprintf("%s/simple", fixture->folder);
	assert_int_equal(dir_make(index, 0755, &err), 0);
	fixture->config.index = xasprintf("file://%s", index);
	int status = record_run(&fixture->work, 0, digest, &err);
	free(fixture->config.index);
	fixture->config.index = NULL;
	if (status)
		fail_msg("%s", err.text);
	return record_result(&fixture->work, 0, &err);
}

// The n of a function's last call between 100 and 130: those of the doctest, so that all of them are ints.
static long long number_of(json_t *calls, const char *f)
{
	size_t index;
	json_t *call;
	long long found = -1;
	json_array_foreach (json_object_get(calls, "calls"), index, call) {
		json_t *value = json_array_get(json_array_get(json_object_get(call, "args"), 0), 1);
		if (!strcmp(json_string_or(call, "f", ""), f) && json_integer_value(value) >= 100 &&
		    json_integer_value(value) < 130)
			found = json_integer_value(value);
	}
	if (found < 0)
		fail_msg("no call of %s", f);
	return found;
}

static void check(struct translation *translation, const char *go, const char *reason)
{
	struct translate_function *function = translation_function(translation, go);
	assert_non_null(function);
	const char *got = function->reason ? function->reason : "";
	if (reason && (function->translator || !strstr(got, reason)))
		fail_msg("%s: %s instead of %s", go, function->translator ? "native" : got, reason);
	if (!reason && (!function->translator || !function->visible || !function->held_out))
		fail_msg("%s: %d visible, %d held out, %s", go, function->visible, function->held_out, got);
}

static void accept_go(struct work_fixture *fixture, struct translation *translation, const char *text)
{
	struct error err = ERROR_INIT;
	if (translation_open(&fixture->work, 0, "p", translation, &err))
		fail_msg("%s", err.text);
	cleanup_free char *out = xasprintf("%s/out", translation->folder);
	cleanup_free char *path = xasprintf("%s/p.go", out);
	assert_int_equal(dir_make(out, 0755, &err), 0);
	assert_int_equal(file_write_plain(path, text, strlen(text), &err), 0);
	if (translation_accept(translation, "test", out, &err))
		fail_msg("%s", err.text);
}

static void test_proof(void **state)
{
	(void)state;
	struct work_fixture fixture;
	struct translation translation;
	struct error err = ERROR_INIT;
	char digest[DIGEST_HEX_SIZE];
	const struct release_fixture release = {"p", "1.0", module, ARRAY_LENGTH(module), {NULL}, NULL};
	fixture_open(&fixture, shared_cache, &release, 1, NULL, NULL);
	fixture_emit(&fixture);
	fixture.work.fuzz_calls = 800;
	fixture.work.no_race = true;

	// Without a recording there is no proof, and the evidence says no more than what was seen.
	assert_int_equal(prove_recordings(&fixture.work, 0, digest, &err), 0);
	accept_go(&fixture, &translation, good);
	assert_string_equal(translation_function(&translation, "Echo")->translator, "test");
	assert_int_equal(translation_function(&translation, "Echo")->visible, 0);
	translation_clear(&translation);

	cleanup_json json_t *recording = record(&fixture);
	assert_non_null(recording);
	assert_int_equal(prove_recordings(&fixture.work, 0, digest, &err), 1);
	cleanup_json json_t *visible = record_visible(&fixture.work, 0, &err);
	cleanup_json json_t *held_out = held_out_calls(&fixture.work, 0, &err);
	long long seen = number_of(visible, "p:visible"), unseen = number_of(held_out, "p:held");
	cleanup_text struct text text = TEXT_INIT;
	text_add(&text, good);
	text_addf(&text, bad, seen, unseen);
	accept_go(&fixture, &translation, text_str(&text));
	static const char *const right[] = {"Echo", "Make", "Check", "Fill", "Join", "Good", "KStill", "KOurs"};
	for (size_t i = 0; i < ARRAY_LENGTH(right); i++)
		check(&translation, right[i], NULL);
	cleanup_free char *first =
		xasprintf("differs from CPython on a recorded call: visible(n=%lld): the Go gives 7; CPython "
			  "gives %lld",
			  seen, 2 * seen);
	check(&translation, "Visible", first);
	check(&translation, "Held", "differs on held-out calls");
	assert_null(strstr(translation_function(&translation, "Held")->reason, "gives"));
	cleanup_free char *log = fixture_log(&fixture);
	assert_null(strstr(log, "held(")); // the job's log is for people, but an agent may read it
	check(&translation, "Panics", "index out of range");
	check(&translation, "Loops", "does not come to an end within 5 s");
	check(&translation, "Dies", "ends the process");
	check(&translation, "Guards", "goes to the bridged function in ");
	check(&translation, "Swallows", "goes to the bridged function in ");
	check(&translation, "Floats", "the Go gives float ");
	check(&translation, "Bools", "the Go gives False");
	check(&translation, "Eats", "memory"); // by its own watch or by the limit of the process, whichever is first
	check(&translation, "Prints", "standard output");
	check(&translation, "Quotes", "differs from CPython on a changed call: quotes(text=\"");
	check(&translation, "Few", "not a candidate: effects outside of its arguments: reads a file");
	check(&translation, "GivesInt", "a value of the Go type int");
	translation_clear(&translation);
	fixture_close(&fixture);
}

static void put(json_t *replace, const char *scratch, const char *below, const char *file)
{
	cleanup_free char *key = xasprintf("%s/%s", scratch, below);
	json_object_set_new(replace, key, json_string(file));
}

// Runs a program with the unit's package as it is now, CPython and all.
static void run_caller(struct translation *translation, struct text *out)
{
	struct error err = ERROR_INIT;
	json_t *replace = json_object();
	cleanup_json json_t *overlay = json_pack("{s:o}", "Replace", replace);
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	assert_int_equal(dir_list(translation->code, &names, &err), 0);
	vec_each (&names, name) {
		cleanup_free char *file = xasprintf("%s/%s", translation->code, *name);
		cleanup_free char *below = xasprintf("p/%s", *name);
		put(replace, translation->scratch, below, file);
	}
	cleanup_free char *program = xasprintf("%s/caller.go", translation->folder);
	cleanup_free char *path = xasprintf("%s/caller.json", translation->folder);
	put(replace, translation->scratch, "dist.caller/main.go", program);
	cleanup_text struct text text = TEXT_INIT;
	json_write_pretty(overlay, &text);
	assert_int_equal(file_write_plain(program, caller, strlen(caller), &err), 0);
	assert_int_equal(file_write_plain(path, text_str(&text), text.len, &err), 0);
	cleanup_free char *command = xasprintf("cd %s && GOFLAGS= GOPROXY=off GOPHERSNAKE_CACHE_DIR=%s/cache go run "
					       "-overlay=%s ./dist.caller 2>&1",
					       translation->scratch, translation->folder, path);
	FILE *pipe = popen(command, "r");
	assert_non_null(pipe);
	for (int c = fgetc(pipe); c != EOF; c = fgetc(pipe))
		text_add_char(out, (char)c);
	if (pclose(pipe))
		fail_msg("%s", text_str(out));
}

// A function that is proved with str only: everything else goes to the original, and is counted.
static void test_guards(void **state)
{
	(void)state;
	struct work_fixture fixture;
	struct translation translation;
	const struct release_fixture release = {"p", "1.0", module, ARRAY_LENGTH(module), {NULL}, NULL};
	fixture_open(&fixture, shared_cache, &release, 1, NULL, NULL);
	fixture_emit(&fixture);
	cleanup_json json_t *recording = record(&fixture);
	assert_non_null(recording);
	accept_go(&fixture, &translation, label);
	check(&translation, "Label", NULL);
	cleanup_json json_t *rows = translation_rows(&translation);
	size_t index;
	json_t *row;
	cleanup_text struct text guards = TEXT_INIT, said = TEXT_INIT;
	json_array_foreach (rows, index, row) {
		if (!strcmp(json_string_or(row, "go", ""), "Label")) {
			json_write_compact(json_object_get(row, "guards"), &guards);
			json_write_compact(json_object_get(row, "parameters"), &guards);
		} else {
			assert_null(json_object_get(row, "guards")); // it is bridged
		}
	}
	assert_non_null(strstr(text_str(&guards), "\"text\":{\"items\":[],\"kinds\":[\"str\""));
	static const char *const others[] = {"None", "int", "list"}; // it may have been tried with bytes
	for (size_t i = 0; i < ARRAY_LENGTH(others); i++)
		assert_null(strstr(text_str(&guards), others[i]));
	assert_non_null(strstr(text_str(&guards), "}[[\"text\",\"required\"],[\"sep\",\"optional\"]]"));
	run_caller(&translation, &said);
	assert_string_equal(text_str(&said),
			    "string 0 <nil>\nint 1 <nil>\n*p.S 1 <nil>\nfunc() 1 <nil>\n<nil> 1 <nil>\n"
			    "string 1 <nil>\n[]interface {} 1 <nil>\n"
			    "xy 0 <nil>\nNoney 1 <nil>\n5y 1 <nil>\n");
	translation_clear(&translation);
	fixture_close(&fixture);
}

// The stage itself, with a program as its translator: a recording that came later is a reason to translate again, and the
// result says what was proved.
static json_t *translate(struct work_fixture *fixture, char digest[DIGEST_HEX_SIZE])
{
	struct error err = ERROR_INIT;
	cleanup_text struct text outcome = TEXT_INIT;
	json_t *result = NULL, *row;
	size_t index;
	if (translate_run(&fixture->work, 0, "p", digest, &outcome, &err) ||
	    translate_result(&fixture->work, 0, "p", &result, &err) < 0)
		fail_msg("%s", err.text);
	assert_non_null(result);
	json_array_foreach (json_object_get(result, "functions"), index, row) {
		if (!strcmp(json_string_or(row, "go", ""), "Echo")) {
			json_t *found = json_incref(row);
			json_decref(result);
			return found;
		}
	}
	fail_msg("no Echo");
	return NULL;
}

static void test_stage(void **state)
{
	(void)state;
	struct work_fixture fixture;
	struct error err = ERROR_INIT;
	char before[DIGEST_HEX_SIZE], after[DIGEST_HEX_SIZE], again[DIGEST_HEX_SIZE];
	cleanup_free char *folder = NULL;
	assert_int_equal(dir_temporary("/tmp", "prove-test", &folder, &err), 0);
	cleanup_free char *path = xasprintf("%s/p.go", folder);
	assert_int_equal(file_write_plain(path, good, strlen(good), &err), 0);
	cleanup_free char *script = xasprintf("cp %s \"$0/out/\"", path);
	const char *const chain[] = {"command", NULL}, *const command[] = {"/bin/sh", "-c", script, NULL};
	const struct release_fixture release = {"p", "1.0", module, ARRAY_LENGTH(module), {NULL}, NULL};
	fixture_open(&fixture, shared_cache, &release, 1, chain, command);
	fixture_emit(&fixture);
	fixture.work.fuzz_calls = 50;
	fixture.work.no_race = true;
	fixture.work.measure = true;
	cleanup_json json_t *compiled = translate(&fixture, before);
	assert_int_equal(json_array_size(json_object_get(compiled, "evidence")), 1);
	assert_null(json_object_get(compiled, "calls"));
	cleanup_json json_t *recording = record(&fixture);
	assert_non_null(recording);
	cleanup_json json_t *proved = translate(&fixture, after);
	assert_string_not_equal(before, after);
	assert_int_equal(json_array_size(json_object_get(proved, "evidence")), 4);
	assert_true(json_integer_or(json_object_get(proved, "calls"), "visible", 0) > 10);
	assert_true(json_integer_or(json_object_get(proved, "calls"), "held_out", 0) > 5);
	assert_true(json_integer_or(json_object_get(proved, "calls"), "fuzz", 0) > 25);
	assert_true(json_integer_or(json_object_get(proved, "speed"), "go_ns", 0) > 0);
	assert_true(json_integer_or(json_object_get(proved, "speed"), "cpython_ns", 0) > 0);
	cleanup_json json_t *same = translate(&fixture, again);
	assert_string_equal(after, again);
	assert_true(json_equal(proved, same));
	fixture_close(&fixture);
	assert_int_equal(dir_remove_tree(folder, &err), 0);
}

// Calls from several goroutines at once: a cache without a lock, goroutines that stay, memory that stays; and a cache with a lock.
static const char shared[] =
	"package p\n\nimport (\n\t\"sync\"\n\n\t\"py/dist.pyrt/py\"\n)\n\n"
	"var (\n\tmemo = map[int]int{}\n\tlocked = map[int]int{}\n\tlock sync.Mutex\n\tkept [][]byte\n\tnever = "
	"make(chan int)\n)\n\n"
	"func Visible(n int) (any, error) {\n\tmemo[n] = n\n\treturn py.Add(int64(n), int64(n))\n}\n\n"
	"func Held(n int) (any, error) {\n\tgo func() { <-never }()\n\treturn py.Add(int64(n), int64(n))\n}\n\n"
	"func Eats(n int) (any, error) {\n\tlock.Lock()\n\tdefer lock.Unlock()\n\tkept = append(kept, make([]byte, "
	"4096))\n\treturn "
	"py.Add(int64(n), int64(n))\n}\n\n"
	"func Good(n int) (any, error) {\n\tlock.Lock()\n\tdefer lock.Unlock()\n\tlocked[n] = n\n\treturn "
	"py.Add(int64(locked[n]), int64(n))\n}\n";

static void test_race(void **state)
{
	(void)state;
	struct work_fixture fixture;
	struct translation translation;
	const struct release_fixture release = {"p", "1.0", module, ARRAY_LENGTH(module), {NULL}, NULL};
	fixture_open(&fixture, shared_cache, &release, 1, NULL, NULL);
	fixture_emit(&fixture);
	fixture.work.fuzz_calls = 10;
	cleanup_json json_t *recording = record(&fixture);
	assert_non_null(recording);
	accept_go(&fixture, &translation, shared);
	check(&translation, "Visible", "calls from several goroutines at once have a data race in nativeVisible");
	check(&translation, "Held", "it leaves goroutines running: ");
	check(&translation, "Eats", "it keeps memory: about ");
	check(&translation, "Good", NULL);
	assert_true(translation_function(&translation, "Good")->raced);
	translation_clear(&translation);
	fixture_close(&fixture);
}

// ---- comparison ------------------------------------------------------------------------------------------------------

static void compare(const char *call, const char *outcome, const char *difference)
{
	struct error err = ERROR_INIT;
	cleanup_json json_t *wanted = json_parse(slice_of(call), "call", &err);
	cleanup_json json_t *got = json_parse(slice_of(outcome), "outcome", &err);
	assert_non_null(wanted);
	assert_non_null(got);
	cleanup_free char *text = prove_compare(wanted, got);
	if (!difference && text)
		fail_msg("%s / %s: %s", call, outcome, text);
	if (difference && (!text || !strstr(text, difference)))
		fail_msg("%s / %s: %s", call, outcome, text ? text : "equal");
}

static void test_comparison(void **state)
{
	(void)state;
	static const char *const same[] = {"null",
					   "true",
					   "1",
					   "\"1\"",
					   "[\"int\",\"-1f\"]",
					   "[\"float\",\"3ff0000000000000\"]",
					   "[\"float\",\"8000000000000000\"]",
					   "[\"float\",\"0000000000000000\"]",
					   "[\"bytes\",\"MQ==\"]",
					   "[\"list\",[1]]",
					   "[\"tuple\",[1]]",
					   "[\"set\",[1]]",
					   "[\"list\",[]]",
					   "[\"frozenset\",[1]]",
					   "[\"date\",\"2020-01-02\"]",
					   "[\"datetime\",\"2020-01-02T00:00:00\",0,null]",
					   "[\"datetime\",\"2020-01-02T00:00:00\",1,null]",
					   "[\"datetime\",\"2020-01-02T00:00:00\",0,[0,0,\"UTC\"]]",
					   "[\"datetime\",\"2020-01-02T00:00:00\",0,[0,0,\"Z\"]]",
					   "[\"time\",\"00:00:00\",0,null]",
					   "[\"timedelta\",[0,1,0]]",
					   "[\"Decimal\",\"1\"]",
					   "[\"Decimal\",\"1.0\"]",
					   "[\"dict\",[[1,2],[3,4]]]",
					   "[\"dict\",[[3,4],[1,2]]]",
					   "[\"list\",[\"ref\",0]]"}; // the list of "ref" and 0
	for (size_t i = 0; i < ARRAY_LENGTH(same); i++)
		for (size_t j = 0; j < ARRAY_LENGTH(same); j++) {
			cleanup_free char *call = xasprintf("{\"f\":\"m:f\",\"args\":[],\"result\":%s}", same[i]);
			cleanup_free char *outcome = xasprintf("{\"result\":%s}", same[j]);
			compare(call, outcome, i == j ? NULL : "gives");
		}
	compare("{\"f\":\"m:f\",\"args\":[],\"result\":[\"float\",\"7ff8000000000000\"]}",
		"{\"result\":[\"float\",\"fff8000000000001\"]}", NULL);
	compare("{\"f\":\"m:f\",\"args\":[],\"result\":[\"set\",[1,\"x\",2]]}", "{\"result\":[\"set\",[2,1,\"x\"]]}",
		NULL);
	compare("{\"f\":\"m:f\",\"args\":[],\"result\":[\"set\",[1,2]]}", "{\"result\":[\"set\",[2,2]]}",
		"the Go gives {2, 2}; CPython gives {1, 2}");
	compare("{\"f\":\"m:f\",\"args\":[],\"result\":[\"frozenset\",[[\"date\",\"2020-01-02\"],1]]}",
		"{\"result\":[\"frozenset\",[1,[\"date\",\"2020-01-02\"]]]}", NULL);
	compare("{\"f\":\"m:f\",\"args\":[],\"result\":[\"frozenset\",[[\"Decimal\",\"1.0\"]]]}",
		"{\"result\":[\"datetime\",\"2020-01-02T03:04:05\",1,[3600,0,\"x\"]]}",
		"the Go gives datetime(2020-01-02T03:04:05, fold=1, tzinfo=[3600,0,\"x\"]); CPython gives "
		"frozenset({Decimal('1.0')})");
	// The same list twice, and the argument itself as the result.
	compare("{\"f\":\"m:f\",\"args\":[[\"a\",[\"list\",[1]]]],\"result\":[\"tuple\",[[\"ref\",0],[\"list\",[2]],["
		"\"ref\",1]]]}",
		"{\"result\":[\"tuple\",[[\"list\",[1]],[\"list\",[2]],[\"list\",[2]]]]}", NULL);
	compare("{\"f\":\"m:f\",\"args\":[[\"a\",[\"list\",[1]]]],\"result\":[\"ref\",0]}",
		"{\"result\":[\"list\",[2]]}", "the Go gives [2]; CPython gives [1]");
	// Changed arguments.
	compare("{\"f\":\"m:f\",\"args\":[[\"a\",[\"list\",[1]]]],\"after\":[[\"a\",[\"list\",[2]]]],\"result\":null}",
		"{\"result\":null,\"after\":[[\"a\",[\"list\",[2]]]]}", NULL);
	compare("{\"f\":\"m:f\",\"args\":[[\"a\",[\"list\",[1]]]],\"after\":[[\"a\",[\"list\",[2]]]],\"result\":null}",
		"{\"result\":null}", "after the call the arguments are a=[1]; with CPython a=[2]");
	compare("{\"f\":\"m:f\",\"args\":[[\"a\",[\"list\",[1]]]],\"result\":null}",
		"{\"result\":null,\"after\":[[\"a\",[\"list\",[2]]]]}", "after the call");
	// Exceptions: class, arguments, message.
	static const char raised[] =
		"{\"f\":\"m:f\",\"args\":[],\"exception\":[\"exception\",\"builtins:KeyError\",[\"x\"],\"'x'\"]}";
	compare(raised, "{\"exception\":[\"exception\",\"builtins:KeyError\",[\"x\"],\"'x'\"]}", NULL);
	compare(raised, "{\"exception\":[\"exception\",\"builtins:IndexError\",[\"x\"],\"'x'\"]}",
		"raises IndexError(\"x\") with the message ");
	compare(raised, "{\"exception\":[\"exception\",\"builtins:KeyError\",[1],\"'x'\"]}", "CPython raises KeyError");
	compare(raised, "{\"exception\":[\"exception\",\"builtins:KeyError\",[\"x\"],\"x\"]}", "message");
	compare(raised, "{\"result\":null}", "the Go gives None; CPython raises KeyError");
	compare("{\"f\":\"m:f\",\"args\":[],\"result\":1}", "{\"panic\":\"it panics: x\"}",
		"it panics: x; CPython gives 1");
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(test_comparison), cmocka_unit_test(test_proof), cmocka_unit_test(test_guards),
		cmocka_unit_test(test_stage),      cmocka_unit_test(test_race),
	};
	return cmocka_run_group_tests(all, setup, teardown);
}
