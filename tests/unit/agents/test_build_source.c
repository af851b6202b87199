// Sources become wheels in the real sandbox: in-tree backends that do right and every kind of wrong, build requirements from an index
// of files, a release without a wheel through scan and emit.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "agents/build_source.h"
#include "agents/record.h"
#include "tests/unit/agents/work_fixture.h"

// What every backend here begins with: make(folder) writes a right wheel of p 1.0, but for what is changed.
static const char backend[] =
	"import base64, hashlib, os, socket, sys, time, zipfile\n"
	"def make(folder, name='p', version='1.0', tag='py3-none-any', record=None, more={}):\n"
	"    info = '%s-%s.dist-info/' % (name, version)\n"
	"    files = {'p.py': 'x = 1\\n', info + 'WHEEL': 'Wheel-Version: 1.0\\n',\n"
	"             info + 'METADATA': 'Metadata-Version: 2.1\\nName: %s\\nVersion: %s\\n' % (name, version)}\n"
	"    files.update(more)\n"
	"    rows = ''\n"
	"    for path, text in files.items():\n"
	"        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip('=')\n"
	"        rows += '\"%s\",sha256=%s,%d\\r\\n' % (path, digest, len(text))\n"
	"    files[info + 'RECORD'] = rows + info + 'RECORD,,\\n' if record is None else record\n"
	"    file = '%s-%s-%s.whl' % (name, version, tag)\n"
	"    with zipfile.ZipFile(os.path.join(folder, file), 'w', zipfile.ZIP_DEFLATED) as z:\n"
	"        for path in sorted(files, key=lambda p: hash(p) ^ int(time.time())):\n" // no order of ours
	"            z.writestr(zipfile.ZipInfo(path, time.localtime()[:6]), files[path])\n"
	"    return file\n";

static const char project[] = "[build-system]\nrequires = []\nbuild-backend = 'b'\nbackend-path = ['.']\n";

// A source distribution <name>-1.0.tar.gz; NULL texts are left out. The caller's.
static char *make_sdist(const struct work_fixture *fixture, const char *name, const char *toml, const char *body)
{
	cleanup_free char *top = xasprintf("%s-1.0", name), *root = xasprintf("%s/sdist-%s", fixture->folder, name);
	cleanup_free char *toml_path = xasprintf("%s/pyproject.toml", top), *b = xasprintf("%s/b.py", top);
	cleanup_free char *info = xasprintf("%s/PKG-INFO", top), *code = xasprintf("%s%s", backend, body ? body : "");
	cleanup_free char *metadata = xasprintf("Metadata-Version: 2.2\nName: %s\nVersion: 1.0\n", name);
	struct error err = ERROR_INIT;
	assert_int_equal(dir_remove_tree(root, &err), 0);
	fixture_write(root, &(struct python_file){info, metadata}, 1);
	if (toml)
		fixture_write(root, &(struct python_file){toml_path, toml}, 1);
	if (body)
		fixture_write(root, &(struct python_file){b, code}, 1);
	char *archive = xasprintf("%s/%s-1.0.tar.gz", fixture->folder, name);
	cleanup_free char *command =
		xasprintf("tar -C %s --mtime=@1700000000 -cf - %s | gzip -n1 > %s", root, top, archive);
	assert_int_equal(system(command), 0);
	return archive;
}

static int build(struct work_fixture *fixture, const char *path, json_t **out, struct error *err)
{
	const struct build_source source = {.path = path, .file = "p-1.0.tar.gz", .name = "p", .version = "1.0"};
	*err = (struct error)ERROR_INIT;
	*out = NULL;
	return build_source(&fixture->work, &source, out, err);
}

static void open_fixture(struct work_fixture *fixture)
{
	struct error err = ERROR_INIT;
	static const struct python_file file = {"p.py", "x = 1\n"};
	const struct release_fixture release = {"p", "1.0", &file, 1, {NULL}, NULL};
	fixture_open(fixture, NULL, &release, 1, NULL, NULL);
	cleanup_free char *index = xasprintf("%s/simple", fixture->folder);
	assert_int_equal(dir_make(index, 0755, &err), 0);
	fixture->config.index = xasprintf("file://%s", index);
}

static void close_fixture(struct work_fixture *fixture)
{
	free(fixture->config.index);
	fixture_close(fixture);
}

// The only file of a project of the index.
static void add_to_index(const struct work_fixture *fixture, const char *name, const char *file)
{
	struct error err = ERROR_INIT;
	char sha256[DIGEST_HEX_SIZE];
	assert_int_equal(digest_hex_of_file(file, sha256, &err), 0);
	cleanup_free char *page = xasprintf("simple/%s/index.html", name);
	cleanup_free char *text =
		xasprintf("<!DOCTYPE html><html><body><a href=\"file://%s#sha256=%s\">%s</a></body></html>", file,
			  sha256, strrchr(file, '/') + 1);
	fixture_write(fixture->folder, &(struct python_file){page, text}, 1);
}

static void must(const struct error *err, int status)
{
	if (status)
		fail_msg("%s", err->text);
}

// It writes where it must not, asks the network and leaves processes behind; and makes a right wheel.
static const char good[] =
	"def build_wheel(folder, settings=None, metadata=None):\n"
	"    for place in ('/usr/x', '/env/x', '/source/x', '/gophersnake/x', '/x'):\n"
	"        try:\n            open(place, 'w')\n"
	"        except OSError:\n            continue\n"
	"        raise AssertionError(place)\n"
	"    try:\n        socket.create_connection(('192.0.2.1', 80), 1)\n"
	"    except OSError:\n        pass\n"
	"    else:\n        raise AssertionError('network')\n"
	"    for i in range(20):\n"
	"        if not os.fork():\n            os.setsid(); time.sleep(1000)\n"
	"    assert os.getcwd().endswith('/p-1.0'), os.getcwd()\n"
	"    assert (os.environ['SOURCE_DATE_EPOCH'], os.environ['PYTHONHASHSEED']) == ('315532800', '0')\n"
	"    assert sys.prefix != sys.base_prefix and not [p for p in sys.path if p.startswith(sys.base_prefix) and "
	"'site-packages' in p]\n"
	"    open('built', 'w').close(); print('noise'); os.write(1, b'noise')\n"
	"    return make(folder)\n";

static void test_good(void **state)
{
	(void)state;
	struct work_fixture fixture, other;
	struct error err = ERROR_INIT;
	json_t *first, *again, *elsewhere;
	open_fixture(&fixture);
	cleanup_free char *archive = make_sdist(&fixture, "p", project, good);
	must(&err, build(&fixture, archive, &first, &err));
	assert_string_equal(json_string_or(first, "schema", ""), "gophersnake.build/1");
	assert_string_equal(json_string_or(first, "file", ""), "p-1.0-py3-none-any.whl");
	assert_string_equal(json_string_or(first, "tag", ""), "py3-none-any");
	assert_string_equal(json_string_or(first, "backend", ""), "b");
	assert_int_equal(json_array_size(json_object_get(first, "requirements")), 0);
	cleanup_free char *log = fixture_log(&fixture);
	must(&err, build(&fixture, archive, &again, &err)); // from the store
	cleanup_free char *same = fixture_log(&fixture);
	assert_string_equal(log, same);
	assert_true(json_equal(first, again));
	fixture_open(&other, NULL, &(struct release_fixture){"p", "1.0", NULL, 0, {NULL}, NULL}, 1, NULL, NULL);
	must(&err, build(&other, archive, &elsewhere, &err)); // made anew: the same bytes
	assert_true(json_equal(first, elsewhere));
	json_decref(first);
	json_decref(again);
	json_decref(elsewhere);
	fixture_close(&other);
	close_fixture(&fixture);
}

static const struct {
	const char *toml, *body, *says;
	int64_t timeout;
} bad[] = {
	// Both hooks have this time: the text is the same, whichever takes longer.
	{project, "def build_wheel(f, c, m):\n    while True: pass\n", "stopped after 1 s", 1000},
	{project,
	 "def build_wheel(f, c, m):\n    for i in range(1024): os.write(2, b'x' * (1 << 20))\n    time.sleep(100)\n",
	 "printed more than 256 MiB", 0},
	{project, "def build_wheel(f, c, m):\n    socket.create_connection(('192.0.2.1', 80), 1)\n",
	 "ended with OSError", 0},
	{project, "def build_wheel(f, c, m):\n    x = 'x' * (1 << 33)\n", "ended with MemoryError", 0},
	{project, "def build_wheel(f, c, m):\n    return 'p-1.0-py3-none-any.whl'\n", "made no wheel", 0},
	{project, "def build_wheel(f, c, m):\n    make(f, tag='py2-none-any')\n    return make(f)\n", "several wheels",
	 0},
	{project, "def build_wheel(f, c, m):\n    make(f)\n    return '../x'\n", "says that it made", 0},
	{project, "def build_wheel(f, c, m):\n    os.symlink('/etc/passwd', f + '/x.whl')\n    return 'x.whl'\n",
	 "no file of", 0},
	{project, "def build_wheel(f, c, m):\n    return make(f, name='q')\n", "not of p", 0},
	{project, "def build_wheel(f, c, m):\n    os._exit(3)\n", "left before its end (exit status 3", 0},
	{project,
	 "def build_wheel(f, c, m):\n    for i in range(3, 30):\n        try: os.write(i, b'{}\\nx')\n        except "
	 "OSError: pass\n    return make(f)\n",
	 "wrote into the answer", 0},
	{project, "def get_requires_for_build_wheel(c):\n    sys.exit('no')\n", "ended with SystemExit: no", 0},
	{project, "def get_requires_for_build_wheel(c):\n    return ['nothing-there>=1']\n", "what its build needs", 0},
	{project, "def get_requires_for_build_wheel(c):\n    return [1]\n", "not all texts", 0},
	{project, "x = 1\n", "no build_wheel", 0},
	{"[build-system\n", "", "pyproject.toml, line 1", 0},
	{"[build-system]\n", "", "no requires", 0},
	{"[build-system]\nrequires = []\nbuild-backend = 'not.here'\n", "", "not.here cannot be loaded", 0},
	{"[build-system]\nrequires = ['nothing-there']\nbuild-backend = 'b'\n", "", "nothing-there", 0},
	{"[build-system]\nrequires = ['a (>']\nbuild-backend = 'b'\n", "", "what its build needs", 0},
	{"[build-system]\nrequires = []\nbuild-backend = 'b'\nbackend-path = ['../../..']\n", "", "leads out", 0},
	{NULL, NULL, "neither pyproject.toml nor setup.py", 0},
};

static void test_bad(void **state)
{
	(void)state;
	struct work_fixture fixture;
	struct error err = ERROR_INIT;
	json_t *out;
	open_fixture(&fixture);
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
		cleanup_free char *archive = make_sdist(&fixture, "p", bad[i].toml, bad[i].body);
		fixture.config.job_timeout = bad[i].timeout ? bad[i].timeout : 300000;
		if (!build(&fixture, archive, &out, &err) || out || !strstr(err.text, bad[i].says) ||
		    !strstr(err.text, "p-1.0.tar.gz"))
			fail_msg("%zu: expected \"%s\", got \"%s\"", i, bad[i].says, err.text);
		if (err.code != ERROR_FAILED && err.code != ERROR_INPUT && err.code != ERROR_INDEX)
			fail_msg("%zu: code %s", i, error_code_name(err.code));
	}
	cleanup_with(file_names_clear) file_names left = VEC_INIT;
	cleanup_free char *tmp = work_path(&fixture.work, "tmp");
	assert_int_equal(dir_list(tmp, &left, &err), 0);
	assert_int_equal(left.count, 0);
	close_fixture(&fixture);
}

// tool has a wheel; needy has none and needs tool; loop needs itself.
static void test_requirements(void **state)
{
	(void)state;
	struct work_fixture fixture;
	struct error err = ERROR_INIT;
	json_t *out;
	open_fixture(&fixture);
	static const struct python_file tool[] = {
		{"tool.py", "def name():\n    return 'p'\ndef main():\n    print(name())\n"},
		{"tool-2.0.dist-info/entry_points.txt", "[console_scripts]\ntool-entry = tool:main\n"},
		{"tool-2.0.data/scripts/tool-script", "#!python\nimport tool\nprint(tool.name())\n"}};
	cleanup_free char *wheel = fixture_wheel(
		fixture.folder, &(struct release_fixture){"tool", "2.0", tool, ARRAY_LENGTH(tool), {NULL}, NULL});
	cleanup_free char *needy = make_sdist(
		&fixture, "needy", "[build-system]\nrequires = ['tool']\nbuild-backend = 'b'\nbackend-path = ['.']\n",
		"import tool, subprocess\ndef build_wheel(f, c, m):\n"
		"    for program in 'tool-entry', 'tool-script':\n"
		"        assert subprocess.check_output([program]) == b'p\\n', program\n"
		"    return make(f, 'needy', more={'needy.py': 'def name(): return %r' % tool.name()})\n");
	cleanup_free char *loop =
		make_sdist(&fixture, "loop",
			   "[build-system]\nrequires = ['loop']\nbuild-backend = 'b'\nbackend-path = ['.']\n", "");
	add_to_index(&fixture, "tool", wheel);
	add_to_index(&fixture, "needy", needy);
	add_to_index(&fixture, "loop", loop);
	// What the backend starts is in the environment too.
	cleanup_free char *archive = make_sdist(
		&fixture, "p", project,
		"def get_requires_for_build_wheel(c):\n    return ['needy', 'tool; python_version < \"3\"']\n"
		"def build_wheel(f, c, m):\n    import needy, subprocess\n"
		"    subprocess.check_call([sys.executable, '-c', 'import needy'])\n"
		"    return make(f, needy.name())\n");
	must(&err, build(&fixture, archive, &out, &err));
	json_t *requirements = json_object_get(out, "requirements");
	assert_int_equal(json_array_size(requirements), 1);
	assert_string_equal(json_string_value(json_array_get(requirements, 0)), "needy 1.0");
	json_decref(out);
	cleanup_free char *looping =
		make_sdist(&fixture, "p", "[build-system]\nrequires = ['loop']\nbuild-backend = 'b'\n", "");
	assert_int_equal(build(&fixture, looping, &out, &err), -1);
	if (!strstr(err.text, "loop 1.0, which its build needs: it has no wheel, and builds nest at most 3 deep"))
		fail_msg("%s", err.text);
	close_fixture(&fixture);
}

static void test_folder(void **state)
{
	(void)state;
	struct work_fixture fixture;
	struct error err = ERROR_INIT;
	json_t *out = NULL;
	open_fixture(&fixture);
	cleanup_free char *archive =
		make_sdist(&fixture, "p", project,
			   "def build_wheel(f, c, m):\n"
			   "    assert not os.path.exists('venv') and not os.path.exists('.gophersnake')\n"
			   "    return make(f)\n");
	cleanup_free char *folder = xasprintf("%s/sdist-p/p-1.0", fixture.folder);
	const struct python_file more[] = {{"venv/pyvenv.cfg", ""}, {".gophersnake/lock", ""}};
	fixture_write(folder, more, ARRAY_LENGTH(more));
	const struct build_source source = {.path = folder, .file = "./p"};
	must(&err, build_source(&fixture.work, &source, &out, &err));
	assert_string_equal(json_string_or(out, "name", ""), "p");
	assert_string_equal(json_string_or(json_object_get(out, "source"), "sha256", "?"), "");
	json_decref(out);
	close_fixture(&fixture);
}

static struct lock_file sdist_file(struct work_fixture *fixture, const char *archive)
{
	struct error err = ERROR_INIT;
	char sha256[DIGEST_HEX_SIZE];
	struct arena *arena = &fixture->plan.lock.arena;
	assert_int_equal(digest_hex_of_file(archive, sha256, &err), 0);
	return (struct lock_file){.name = "p-1.0.tar.gz",
				  .url = arena_printf(arena, "file://%s", archive),
				  .sha256 = arena_strdup(arena, sha256),
				  .size = 1000,
				  .upload_time = "",
				  .tag = ""};
}

// The release has its source distribution only, from here on.
static void only_sdist(struct work_fixture *fixture, const char *archive)
{
	fixture->plan.lock.packages.items[0].files.items[0] = sdist_file(fixture, archive);
}

static void test_scan(void **state)
{
	(void)state;
	struct work_fixture fixture;
	struct error err = ERROR_INIT;
	char digest[DIGEST_HEX_SIZE];
	open_fixture(&fixture);
	cleanup_free char *archive =
		make_sdist(&fixture, "p", project, "def build_wheel(f, c, m):\n    return make(f)\n");
	only_sdist(&fixture, archive);
	fixture_emit(&fixture);
	cleanup_json json_t *scan = scan_result(&fixture.work, 0, &err);
	assert_string_equal(json_string_or(scan, "file", ""), "p-1.0.tar.gz");
	assert_string_equal(json_string_or(scan, "tag", ""), "py3-none-any");
	json_t *built = json_object_get(scan, "built");
	assert_string_equal(json_string_or(built, "wheel", "?"), json_string_or(scan, "wheel", ""));
	// What the build says of requirements and the lock does not have.
	cleanup_free char *more = make_sdist(&fixture, "p", project,
					     "def build_wheel(f, c, m):\n    return make(f, "
					     "more={'p-1.0.dist-info/METADATA': 'Name: p\\nVersion: 1.0\\n"
					     "Requires-Dist: q>2\\n'})\n");
	only_sdist(&fixture, more);
	assert_int_equal(scan_run(&fixture.work, 0, digest, &err), -1);
	if (!strstr(err.text, "its build needs \"q>2\"") || err.code != ERROR_FAILED)
		fail_msg("%s", err.text);
	err = (struct error)ERROR_INIT;
	assert_int_equal(scan_run(&fixture.work, 0, digest, &err),
			 -1); // the scan is in the store now; a run may have another lock
	assert_non_null(strstr(err.text, "its build needs \"q>2\""));
	close_fixture(&fixture);
}

// pytest has no wheel in this index: it is built for the tests of p.
static void test_built_for_tests(void **state)
{
	(void)state;
	struct work_fixture fixture;
	struct error err = ERROR_INIT;
	char digest[DIGEST_HEX_SIZE];
	open_fixture(&fixture);
	cleanup_free char *pytest =
		make_sdist(&fixture, "pytest", project, "def build_wheel(f, c, m):\n    return make(f, 'pytest')\n");
	add_to_index(&fixture, "pytest", pytest);
	const struct python_file test = {"p-1.0/tests/test_p.py", "import p\n"};
	cleanup_free char *root = xasprintf("%s/tests-of-p", fixture.folder);
	cleanup_free char *archive = xasprintf("%s/p-1.0.tar.gz", fixture.folder);
	cleanup_free char *command = xasprintf("tar -C %s -czf %s p-1.0", root, archive);
	fixture_write(root, &test, 1);
	assert_int_equal(system(command), 0);
	vec_push(&fixture.plan.lock.packages.items[0].files, sdist_file(&fixture, archive));
	must(&err, record_run(&fixture.work, 0, digest, &err));
	cleanup_json json_t *recording = record_result(&fixture.work, 0, &err);
	json_t *requirements = json_object_get(recording, "requirements");
	assert_int_equal(json_array_size(requirements), 1);
	assert_string_equal(json_string_value(json_array_get(requirements, 0)), "pytest 1.0");
	close_fixture(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_good),         cmocka_unit_test(test_bad),
					   cmocka_unit_test(test_requirements), cmocka_unit_test(test_folder),
					   cmocka_unit_test(test_scan),         cmocka_unit_test(test_built_for_tests)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
