// Wheels: the last line of a module, METADATA, RECORD and names of the rewritten wheel, and the pages of the index. CPython reads
// what is made here: zipfile, csv and its own compiler judge.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "agents/wheel/index.h"
#include "agents/wheel/line.h"
#include "agents/wheel/pays.h"
#include "agents/wheel/rewrite.h"
#include "agents/wheel/simple.h"
#include "core/file.h"
#include "tests/unit/agents/python_fixture.h"

static const char digest[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

// ---- the line --------------------------------------------------------------------------------------------------------

static void check_append(const char *source, const char *before, const char *after)
{
	cleanup_text struct text out = TEXT_INIT, wanted = TEXT_INIT;
	wheel_line_append(slice_of(source), "LINE", &out);
	text_addf(&wanted, "%s%sLINE%s", source, before, after);
	assert_string_equal(text_str(&out), text_str(&wanted));
}

static void test_line_follows_any_end(void **state)
{
	(void)state;
	check_append("x = 1\n", "", "\n");
	check_append("x = 1", "\n", "\n");
	check_append("x = 1\r\n", "", "\r\n");
	check_append("a\r\nx = 1", "\r\n", "\r\n");
	check_append("a\rx = 1\r", "", "\r");
	check_append("x = 1  # no end", "\n", "\n");
	check_append("def f():\n    pass\n    ", "\n", "\n");
	check_append("", "", "\n");
}

static void check_refused(const char *source, bool refused)
{
	const char *reason = wheel_line_refusal(slice_of(source));
	if (refused != (reason != NULL))
		fail_msg("%s: %s", source, reason ? reason : "taken");
}

static void test_line_refuses_what_it_would_break(void **state)
{
	(void)state;
	static const char *const taken[] = {
		"",
		"x = 1\n",
		"# -*- coding: utf-8 -*-\n",
		"#!/usr/bin/python\n# vim: set fileencoding=latin-1 :\n",
		"# coding: iso8859_15\n",
		"\xef\xbb\xbfx = 1\n",
		"x = 1\n# coding: utf-7\n", // not in the first two lines that count
		"x = exec('1')\nf(globals())\n",
		"self.exec = 1\nmy_globals = 2\nif exec == 1: pass\n",
		"from __future__ import annotations\n__all__ = ['x']\n",
		"# ends in a comment \\ not in a backslash",
	};
	static const char *const refused[] = {
		"# coding: utf-7\n",
		"# coding=utf_16\n",
		"\n# -*- coding: iso2022_jp -*-\n",
		"# coding: shift_jis\n",
		"x = 1 \\\n",
		"x = 1\\",
		"def exec(x): pass\n",
		"exec = 1\n",
		"import globals\n",
		"from x import y as exec\n",
		"class globals: pass\n",
		"if x:\n    globals = f\n",
		"def f(): global exec\n",
		"def getattr(x, y): return y\n",
		"__import__ = f\n",
	};
	for (size_t i = 0; i < ARRAY_LENGTH(taken); i++)
		check_refused(taken[i], false);
	for (size_t i = 0; i < ARRAY_LENGTH(refused); i++)
		check_refused(refused[i], true);
	assert_non_null(wheel_line_refusal((struct slice){"x\0y", 3}));
}

// ---- running Python --------------------------------------------------------------------------------------------------

struct room {
	char *folder;
};

static int set_up(void **state)
{
	struct room *room = xcalloc(1, sizeof *room);
	struct error err = ERROR_INIT;
	assert_int_equal(dir_temporary("/tmp", "wheel-test", &room->folder, &err), 0);
	*state = room;
	return 0;
}

static int tear_down(void **state)
{
	struct room *room = *state;
	struct error err = ERROR_INIT;
	assert_int_equal(dir_remove_tree(room->folder, &err), 0);
	free(room->folder);
	free(room);
	return 0;
}

static void write_at(const struct room *room, const char *name, struct slice data)
{
	struct error err = ERROR_INIT;
	cleanup_free char *path = xasprintf("%s/%s", room->folder, name);
	if (file_write_plain(path, data.ptr, data.len, &err))
		fail_msg("%s", err.text);
}

static void read_at(const struct room *room, const char *name, struct text *out)
{
	struct error err = ERROR_INIT;
	cleanup_free char *path = xasprintf("%s/%s", room->folder, name);
	if (file_read(path, 1 << 26, out, &err))
		fail_msg("%s", err.text);
}

static void python(const struct room *room, const char *program)
{
	write_at(room, "program.py", slice_of(program));
	cleanup_free char *command = xasprintf("cd %s && python3 -I -S program.py", room->folder);
	if (system(command))
		fail_msg("the program failed");
}

// ---- rewriting -------------------------------------------------------------------------------------------------------

static const char make_original[] =
	"import zipfile\n"
	"files = [\n"
	"    ('pkg/__init__.py', b'from .a import f\\n__all__ = [\"f\"]\\n', 0o644),\n"
	"    ('pkg/a.py', b'from __future__ import annotations\\r\\ndef f(x): return x\\r\\ng = f', 0o644),\n"
	"    ('pkg/b.py', b'# coding: utf-7\\n', 0o644),\n"
	"    ('pkg/odd, \"name\".txt', b'', 0o644),\n"
	"    ('My_Pkg-1.0.0-cu1.data/scripts/run', b'#!python\\n', 0o755),\n"
	"    ('My_Pkg-1.0.0-cu1.dist-info/METADATA', b'Metadata-Version: 2.1\\nname: My_Pkg\\nversion: 1.0.0-cu1\\n'\n"
	"     b'Requires-Python: >=3.8,<4\\nDescription: Version: 3\\n  Version: 4\\n\\nVersion: 9\\n', 0o644),\n"
	"    ('My_Pkg-1.0.0-cu1.dist-info/WHEEL', b'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: "
	"py3-none-any\\n', 0o644),\n"
	"    ('My_Pkg-1.0.0-cu1.dist-info/entry_points.txt', b'[console_scripts]\\nx = pkg:f\\n', 0o644),\n"
	"    ('My_Pkg-1.0.0-cu1.dist-info/RECORD', b'pkg/a.py,sha256=wrong,1\\n', 0o644),\n"
	"    ('My_Pkg-1.0.0-cu1.dist-info/RECORD.jws', b'{}', 0o644),\n"
	"]\n"
	"with zipfile.ZipFile('original.whl', 'w', zipfile.ZIP_DEFLATED) as z:\n"
	"    for path, data, mode in files:\n"
	"        info = zipfile.ZipInfo(path.replace('1.0.0-cu1', '1.0.0+cu1'))\n"
	"        info.external_attr = (0o100000 | mode) << 16\n"
	"        z.writestr(info, data.replace(b'1.0.0-cu1', b'1.0.0+cu1'))\n";

static const char judge[] =
	"import base64, csv, hashlib, io, re, sys, types, zipfile\n"
	"old, new = zipfile.ZipFile('original.whl'), zipfile.ZipFile('new.whl')\n"
	"assert new.testzip() is None\n"
	"names, stem = new.namelist(), 'My_Pkg-1.0.0+cu1.go.7'\n"
	"assert names[-1] == stem + '.dist-info/RECORD', names\n"
	"moved = lambda n: n.replace('My_Pkg-1.0.0+cu1', stem)\n"
	"assert sorted(names) == sorted(moved(n) for n in old.namelist() if not n.endswith('.jws')), names\n"
	"line = None\n"
	"for n in old.namelist():\n"
	"    if n.endswith(('.jws', 'RECORD')): continue\n"
	"    a, b = old.read(n), new.read(moved(n))\n"
	"    assert old.getinfo(n).external_attr == new.getinfo(moved(n)).external_attr, n\n"
	"    assert new.getinfo(moved(n)).date_time == (1980, 1, 1, 0, 0, 0)\n"
	"    if n == 'pkg/a.py':\n"
	"        assert b.startswith(a + b'\\r\\n') and b.endswith(b'\\r\\n') and b.count(b'\\n') == a.count(b'\\n') + "
	"2\n"
	"        line = b[len(a):].decode().strip()\n"
	"    elif n.endswith('METADATA'):\n"
	"        want = a.replace(b'version: 1.0.0+cu1', b'Version: 1.0.0+cu1.go.7').replace(\n"
	"            b'  Version: 4\\n', b'  Version: 4\\nRequires-Dist: gophersnake-bundle\\n')\n"
	"        assert b == want, b\n"
	"        assert open('metadata', 'rb').read() == b\n"
	"    else:\n"
	"        assert a == b, n\n"
	"rows = list(csv.reader(io.StringIO(new.read(names[-1]).decode())))\n"
	"assert [r[0] for r in rows] == names and rows[-1] == [names[-1], '', ''], rows\n"
	"for path, digest, size in rows[:-1]:\n"
	"    data = new.read(path)\n"
	"    assert digest == 'sha256=' + "
	"base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip('='), path\n"
	"    assert int(size) == len(data)\n"
	// The line: nothing happens without the bundle, nothing is bound; with one it is asked; strict makes it an error.
	"source = new.read('pkg/a.py')\n"
	"def run():\n"
	"    m = types.ModuleType('pkg.a'); before = set(vars(m)) | {'__builtins__', 'annotations', 'f', 'g'}\n"
	"    exec(compile(source, 'a.py', 'exec'), vars(m)); assert set(vars(m)) == before, vars(m).keys(); return m\n"
	"run()\n"
	"import os\n"
	"os.environ['GOPHERSNAKE'] = 'strict'\n"
	"try: run()\n"
	"except ImportError as e: assert e.name == 'gophersnake_bundle'\n"
	"else: assert False\n"
	"asked = []\n"
	"sys.modules['gophersnake_bundle'] = b = types.ModuleType('gophersnake_bundle')\n"
	"b.attach = lambda *a: asked.append(a)\n"
	"m = run()\n"
	"assert asked == [(vars(m), '0123456789abcdef' * 4, 'f C.g')], asked\n"
	// A bundle's own code for the line is taken instead of its text.
	"b.line = compile('from gophersnake_bundle import attach as a; a(module, unit)', 'line', 'exec')\n"
	"m = run()\n"
	"assert asked[1:] == [(vars(m), '0123456789abcdef' * 4)], asked\n";

static void test_rewritten_wheel(void **state)
{
	const struct room *room = *state;
	struct error err = ERROR_INIT;
	cleanup_text struct text original = TEXT_INIT;
	python(room, make_original);
	read_at(room, "original.whl", &original);
	const struct wheel_edit edits[] = {
		{"pkg/a.py", digest, "f C.g"}, {"pkg/b.py", digest, "h"}, {"pkg/missing.py", digest, "h"}};
	cleanup_wheel_result struct wheel_result result = {0}, again = {0};
	if (wheel_rewrite(text_slice(&original), "My_Pkg-1.0.0+cu1-2-py3-none-any.whl", 7, edits, 3, &result, &err))
		fail_msg("%s", err.text);
	assert_string_equal(result.file_name, "My_Pkg-1.0.0+cu1.go.7-2-py3-none-any.whl");
	assert_int_equal(result.edited, 1);
	assert_int_equal(result.reasons.count, 2);
	assert_non_null(strstr(result.reasons.items[0], "pkg/b.py stays Python: its source is in an encoding"));
	assert_non_null(strstr(result.reasons.items[1], "no such file"));
	write_at(room, "new.whl", text_slice(&result.data));
	write_at(room, "metadata", text_slice(&result.metadata));
	python(room, judge);
	assert_int_equal(
		wheel_rewrite(text_slice(&original), "My_Pkg-1.0.0+cu1-2-py3-none-any.whl", 7, edits, 3, &again, &err),
		0);
	assert_true(slice_equal(text_slice(&result.data), text_slice(&again.data)));
}

static void test_nothing_to_rewrite(void **state)
{
	const struct room *room = *state;
	struct error err = ERROR_INIT;
	cleanup_text struct text original = TEXT_INIT;
	python(room, make_original);
	read_at(room, "original.whl", &original);
	const struct wheel_edit edit = {"pkg/b.py", digest, "h"};
	cleanup_wheel_result struct wheel_result result = {0};
	assert_int_equal(
		wheel_rewrite(text_slice(&original), "My_Pkg-1.0.0+cu1-py3-none-any.whl", 0, &edit, 1, &result, &err),
		0);
	assert_int_equal(result.edited, 0);
	assert_null(result.file_name);
}

static void test_refuses_what_is_no_wheel(void **state)
{
	const struct room *room = *state;
	cleanup_wheel_result struct wheel_result result = {0};
	static const char *const programs[] = {
		"import zipfile\nwith zipfile.ZipFile('x.whl', 'w') as z: z.writestr('a.py', '')\n",
		"import zipfile\nwith zipfile.ZipFile('x.whl', 'w') as z: z.writestr('a.py', ''); "
		"z.writestr('a-1.dist-info/WHEEL', '')\n",
		"import zipfile\nwith zipfile.ZipFile('x.whl', 'w') as z: z.writestr('a.py', ''); "
		"z.writestr('a-1.dist-info/METADATA', 'Name: a\\nVersion: x y\\n')\n",
		"import zipfile\nwith zipfile.ZipFile('x.whl', 'w') as z:\n    z.writestr('a.py', '')\n    for n in "
		"'ab': z.writestr(n + '-1.dist-info/METADATA', 'Name: a\\nVersion: 1\\n')\n",
		"import zipfile\nwith zipfile.ZipFile('x.whl', 'w') as z: z.writestr('a.py', ''); "
		"z.writestr('../b.py', '')\n",
		"open('x.whl', 'w').write('no zip')\n",
	};
	for (size_t i = 0; i < ARRAY_LENGTH(programs); i++) {
		struct error err = ERROR_INIT;
		cleanup_text struct text wheel = TEXT_INIT;
		const struct wheel_edit edit = {"a.py", digest, "f"};
		python(room, programs[i]);
		read_at(room, "x.whl", &wheel);
		assert_int_equal(wheel_rewrite(text_slice(&wheel), "a-1-py3-none-any.whl", 0, &edit, 1, &result, &err),
				 -1);
		assert_int_equal(err.code, ERROR_INPUT);
	}
}

static void test_versions(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{"1.0", "1.0+go.3"},         {"1.0+cu118", "1.0+cu118.go.3"}, {"1!2.0RC1", "1!2.0rc1+go.3"},
		{"1.0-1", "1.0.post1+go.3"}, {"2024.01", "2024.1+go.3"},
	};
	struct error err = ERROR_INIT;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		cleanup_free char *found = wheel_version(rows[i][0], 3, &err);
		assert_string_equal(found, rows[i][1]);
	}
	assert_null(wheel_version("x y", 3, &err));
	assert_null(wheel_file_name("a-1.whl", 3, &err));
	assert_null(wheel_file_name("a-1.tar.gz", 3, &err));
	cleanup_free char *name = wheel_file_name("torch-2.0+cu118-cp311-cp311-linux_x86_64.whl", 0, &err);
	assert_string_equal(name, "torch-2.0+cu118.go.0-cp311-cp311-linux_x86_64.whl");
}

// ---- what pays -------------------------------------------------------------------------------------------------------

// Of a typical call, of all 20. said: in the reason; NULL: it pays.
static void check_pays(int cpython, int bundle, int all_cpython, int all_bundle, const char *said)
{
	cleanup_json json_t *border =
		json_pack("{s:i, s:i, s:i, s:i, s:i}", "cpython_ns", cpython, "bundle_ns", bundle, "cpython_all_ns",
			  all_cpython, "bundle_all_ns", all_bundle, "calls", 20);
	cleanup_free char *reason = wheel_python_is_faster(border);
	if (!said != !reason || (said && !strstr(reason, said)))
		fail_msg("%d %d %d %d: %s", cpython, bundle, all_cpython, all_bundle, reason ? reason : "pays");
}

static void test_only_where_it_pays(void **state)
{
	(void)state;
	check_pays(100000, 1000, 2000000, 20000, NULL);
	check_pays(2000, 1000, 40000, 20000, NULL);
	check_pays(1999, 1000, 40000, 20000,
		   "a call takes 1999 ns, through the border to Go 1000 ns (20 recorded calls)");
	check_pays(2000, 1000, 39999, 20000, "20 recorded calls take 39999 ns, through the border to Go 20000 ns");
	check_pays(50, 300, 1000, 6000, "50 ns");
	check_pays(0, 0, 0, 0, "0 ns");
	cleanup_free char *unknown = wheel_python_is_faster(NULL);
	assert_string_equal(unknown, "it was not timed inside CPython");
	cleanup_json json_t *failed = json_pack("{s:s}", "reason", "its module cannot be imported");
	cleanup_free char *why = wheel_python_is_faster(failed);
	assert_string_equal(why, "it was not timed inside CPython: its module cannot be imported");
	cleanup_json json_t *slow = json_pack("{s:b, s:b}", "a.b.f", 1, "a.b.C.g", 1);
	cleanup_free char *kept = wheel_names_without("f C.g C.h k", "a.b", slow);
	assert_string_equal(kept, "C.h k");
	cleanup_free char *all = wheel_names_without("f C.g", "a", slow);
	assert_string_equal(all, "f C.g");
	cleanup_free char *none = wheel_names_without("f C.g", "a.b", slow);
	assert_string_equal(none, "");
}

// ---- pages -----------------------------------------------------------------------------------------------------------

static json_t *add(const struct room *room, const char *name, const char *yanked)
{
	struct error err = ERROR_INIT;
	json_t *file = NULL;
	struct simple_upload upload = {.file_name = name,
				       .data = SLICE("wheel"),
				       .metadata = SLICE("Name: a\nVersion: 1\nRequires-Python: >=3.8,<4\n"),
				       .yanked = yanked,
				       .time = "2026-01-01T00:00:00Z"};
	if (simple_add(room->folder, &upload, &file, &err))
		fail_msg("%s", err.text);
	return file;
}

static const char judge_pages[] =
	"import hashlib, html.parser, json, os, urllib.parse\n"
	"links = []\n"
	"class Reader(html.parser.HTMLParser):\n"
	"    def handle_starttag(self, tag, attributes):\n"
	"        if tag == 'a': links.append(dict(attributes))\n"
	"Reader().feed(open('a/index.html').read())\n"
	"page = json.load(open('a/index.json'))\n"
	"assert page['meta'] == {'api-version': '1.1'} and page['name'] == 'a' and page['versions'] == ['1', "
	"'1+go.0']\n"
	"assert [f['filename'] for f in page['files']] == ['a-1+go.0-py3-none-any.whl', 'a-1-py3-none-any.whl'], page\n"
	"for link, file in zip(links, page['files']):\n"
	"    url, digest = link['href'].split('#sha256=')\n"
	"    assert url == file['url'] and '+' not in url\n"
	"    path = os.path.normpath(os.path.join('a', urllib.parse.unquote(url)))\n"
	"    data, metadata = open(path, 'rb').read(), open(path + '.metadata', 'rb').read()\n"
	"    assert digest == file['hashes']['sha256'] == hashlib.sha256(data).hexdigest() and file['size'] == "
	"len(data)\n"
	"    want = hashlib.sha256(metadata).hexdigest()\n"
	"    assert link['data-core-metadata'] == link['data-dist-info-metadata'] == 'sha256=' + want\n"
	"    assert file['core-metadata'] == file['dist-info-metadata'] == {'sha256': want}\n"
	"    assert link['data-requires-python'] == file['requires-python'] == '>=3.8,<4'\n"
	"    assert file['upload-time'] == '2026-01-01T00:00:00Z'\n"
	"assert len(links) == 2\n"
	"assert links[1]['data-yanked'] == page['files'][1]['yanked'] == 'bad \"<&'\n"
	"assert 'data-yanked' not in links[0] and page['files'][0]['yanked'] is False\n"
	"assert json.load(open('index.json'))['projects'] == [{'name': 'a'}] and 'href=\"a/\"' in "
	"open('index.html').read()\n";

static void test_pages(void **state)
{
	const struct room *room = *state;
	struct error err = ERROR_INIT;
	cleanup_json json_t *files = json_pack("[o, o]", add(room, "a-1-py3-none-any.whl", "bad \"<&"),
					       add(room, "a-1+go.0-py3-none-any.whl", NULL));
	cleanup_json json_t *versions = json_pack("[s, s]", "1", "1+go.0"), *projects = json_pack("[s]", "a");
	assert_int_equal(simple_write_project(room->folder, "a", files, versions, &err), 0);
	assert_int_equal(simple_write_root(room->folder, projects, &err), 0);
	python(room, judge_pages);
	// The same name with other bytes is refused; the same bytes are fine.
	struct simple_upload other = {.file_name = "a-1-py3-none-any.whl",
				      .data = SLICE("other"),
				      .metadata = SLICE("Name: a\nVersion: 1\nRequires-Python: >=3.8,<4\n"),
				      .time = ""};
	json_t *file = NULL;
	assert_int_equal(simple_add(room->folder, &other, &file, &err), -1);
	assert_int_equal(err.code, ERROR_POLICY);
	json_decref(add(room, "a-1-py3-none-any.whl", NULL));
	// What a page describes is believed as far as the files are there.
	cleanup_json json_t *known = simple_known(room->folder, "a");
	assert_int_equal(json_object_size(known), 2);
	write_at(room, "files/a-1-py3-none-any.whl", SLICE("cut"));
	cleanup_json json_t *fewer = simple_known(room->folder, "a");
	assert_int_equal(json_object_size(fewer), 1);
	write_at(room, "a/index.json", SLICE("{broken"));
	cleanup_json json_t *none = simple_known(room->folder, "a");
	assert_int_equal(json_object_size(none), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line_follows_any_end),
		cmocka_unit_test(test_line_refuses_what_it_would_break),
		cmocka_unit_test_setup_teardown(test_rewritten_wheel, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nothing_to_rewrite, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refuses_what_is_no_wheel, set_up, tear_down),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_only_where_it_pays),
		cmocka_unit_test_setup_teardown(test_pages, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
