// Units of the bundle from translations, the wheels of a set of units, and what an ELF file needs.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "agents/bundle/internal.h"
#include "agents/mirror.h"
#include "agents/wheel/bundles.h"
#include "core/archive.h"
#include "tests/unit/agents/go_proxy_fixture.h"
#include "tests/unit/agents/work_fixture.h"

static const struct python_file files[] = {
	{"m/__init__.py", ""},
	{"m/text.py", "def quiet(x):\n    return x\ndef loud(x, mark='!'):\n    return x + mark\ndef other(x): return "
		      "x\nclass C: pass\n"},
	{"m-1.0.dist-info/LICENSE", "Copyright \xa9 M\n"}, // Latin-1
};
static const struct release_fixture release = {"m", "1.0", files, ARRAY_LENGTH(files), {NULL}, NULL};
static const char good[] =
	"package text\n\nfunc nativeQuiet(x any) (any, error) { return x, nil }\n\n"
	"func nativeLoud(x any, options ...LoudOptions) (any, error) { return bridgedLoud(x, options...) }\n";
static const char wrong[] = "package text\n\nfunc nativeQuiet(x any) (any, error) { return y, nil }\n\n"
			    "func nativeLoud(x any, options ...LoudOptions) (any, error) { return x, nil }\n";
static struct work_fixture fixture;
static json_t *emit;

static int setup(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	fixture_open(&fixture, NULL, &release, 1, NULL, NULL);
	fixture_emit(&fixture);
	emit = emit_result(&fixture.work, 0, &err);
	return emit ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	json_decref(emit);
	fixture_close(&fixture);
	return 0;
}

// A translation whose native file is this Go.
static json_t *translation_of(const char *go)
{
	struct error err = ERROR_INIT;
	char digest[DIGEST_HEX_SIZE];
	if (store_put(fixture.work.store, slice_of(go), digest, &err))
		fail_msg("%s", err.text);
	const char *rows =
		"[{\"name\":\"m.text.quiet\",\"kind\":\"function\",\"go\":\"Quiet\",\"state\":\"native\","
		"\"guards\":{\"x\":{\"kinds\":[\"str\"],\"items\":[]}},\"parameters\":[[\"x\",\"required\"]]},"
		"{\"name\":\"m.text.loud\",\"kind\":\"function\",\"go\":\"Loud\",\"state\":\"native\","
		"\"guards\":{},\"parameters\":[[\"x\",\"required\"],[\"mark\",\"optional\"]]},"
		"{\"name\":\"m.text.other\",\"kind\":\"function\",\"go\":\"Other\",\"state\":\"native\","
		"\"guards\":null,\"parameters\":[[\"x\",\"required\"]]},"
		"{\"name\":\"m.text.C\",\"kind\":\"function\",\"go\":\"C\",\"state\":\"bridged\"}]";
	json_t *functions = json_parse(slice_of(rows), "rows", &err);
	assert_non_null(functions);
	return json_pack("{s:s, s:s, s:{s:s, s:s}, s:o}", "unit", "m.text", "package", "py/m/text", "files",
			 "m/text/t_native_py.go", digest, "m/text/t_guard_py.go", digest, "functions", functions);
}

static json_t *make(const char *go, char digest[DIGEST_HEX_SIZE], json_t **refused)
{
	struct error err = ERROR_INIT;
	cleanup_json json_t *translation = translation_of(go), *of = bundle_release(&fixture.work, 0, &err);
	json_t *unit = NULL;
	if (!of || bundle_unit_make(&fixture.work, emit, translation, of, &unit, digest, refused, &err))
		fail_msg("%s", err.text);
	return unit;
}

static void test_unit(void **state)
{
	(void)state;
	char digest[DIGEST_HEX_SIZE], again[DIGEST_HEX_SIZE];
	cleanup_json json_t *refused = NULL, *more = NULL;
	cleanup_json json_t *unit = make(good, digest, &refused), *second = make(good, again, &more);
	assert_non_null(unit);
	assert_string_equal(digest, again);
	assert_int_equal(json_array_size(json_object_get(unit, "functions")), 2);
	assert_int_equal(json_object_size(json_object_get(unit, "native")), 1);
	assert_int_equal(json_array_size(refused), 1);
	assert_string_equal(json_string_or(json_array_get(refused, 0), "reason", ""),
			    "it is not proved by recorded calls");
	cleanup_json json_t *names = bundle_unit_names(unit);
	assert_string_equal(json_string_or(names, "m.text", ""), "quiet loud");
}

static void test_unit_that_does_not_compile(void **state)
{
	(void)state;
	char digest[DIGEST_HEX_SIZE];
	cleanup_json json_t *refused = NULL;
	cleanup_json json_t *unit = make(wrong, digest, &refused);
	assert_null(unit);
	assert_string_equal(digest, "");
	assert_int_equal(json_array_size(refused), 2);
	assert_non_null(strstr(json_string_or(json_array_get(refused, 1), "reason", ""), "undefined: y"));
}

static void build(json_t *units, const char *folder, struct bundle *bundle)
{
	struct error err = ERROR_INIT;
	if (dir_make(folder, 0755, &err) || bundle_build(&fixture.work, units, "3", folder, bundle, &err))
		fail_msg("%s", err.text);
}

static void test_build(void **state)
{
	(void)state;
	char digest[DIGEST_HEX_SIZE], first[DIGEST_HEX_SIZE], second[DIGEST_HEX_SIZE];
	struct error err = ERROR_INIT;
	struct bundle one, two;
	cleanup_json json_t *refused = NULL;
	cleanup_json json_t *unit = make(good, digest, &refused);
	cleanup_json json_t *units = json_pack("[O, O]", unit, unit); // twice the same: once in the bundle
	cleanup_free char *a = xasprintf("%s/a", fixture.folder), *b = xasprintf("%s/b", fixture.folder);
	build(units, a, &one);
	build(units, b, &two);
	assert_int_equal(one.functions, 2);
	assert_string_equal(one.digest, two.digest);
	assert_string_equal(one.empty_wheel, "gophersnake_bundle-3-py3-none-any.whl");
	assert_memory_equal(one.native_wheel, "gophersnake_bundle-3-cp38-abi3-manylinux_2_", 41);
	cleanup_free char *wheel = xasprintf("%s/%s", a, one.native_wheel),
			  *same = xasprintf("%s/%s", b, two.native_wheel);
	assert_int_equal(digest_hex_of_file(wheel, first, &err), 0);
	assert_int_equal(digest_hex_of_file(same, second, &err), 0);
	assert_string_equal(first, second);
	static const char *const licences[][2] = {{"LICENSE", "Apache License"},
						  {"NOTICE", "gophersnake"},
						  {"go/LICENSE", "The Go Authors"},
						  {"python/LICENSE", "Python Software Foundation"},
						  {"m/1.0/LICENSE", "Copyright \u00a9 M\n"}};
	cleanup_text struct text metadata = TEXT_INIT;
	assert_int_equal(archive_read_member_of_file(wheel, "*/METADATA", 1 << 20, &metadata, &err), 1);
	for (size_t i = 0; i < ARRAY_LENGTH(licences); i++) {
		cleanup_free char *path = xasprintf("*/licenses/%s", licences[i][0]);
		cleanup_free char *header = xasprintf("\nLicense-File: %s\n", licences[i][0]);
		cleanup_text struct text text = TEXT_INIT;
		assert_non_null(strstr(text_str(&metadata), header));
		assert_int_equal(archive_read_member_of_file(wheel, path, 1 << 20, &text, &err), 1);
		if (!strstr(text_str(&text), licences[i][1]))
			fail_msg("%s: %s", path, text_str(&text));
	}
	bundle_clear(&one);
	bundle_clear(&two);
}

static void keep_unit(json_t *unit, json_t *units)
{
	struct error err = ERROR_INIT;
	cleanup_text struct text text = TEXT_INIT;
	char digest[DIGEST_HEX_SIZE];
	json_write_compact(unit, &text);
	digest_hex_of(text.ptr, text.len, digest);
	cleanup_free char *path = bundles_unit_path(fixture.config.workspace, digest);
	if (file_write_plain(path, text.ptr, text.len, &err))
		fail_msg("%s", err.text);
	json_object_set_new(units, digest, json_true());
}

// A unit whose Go imports a Go module of others, and one that was proved with another version of it.
static void test_go_modules(void **state)
{
	(void)state;
	static const char imports[] =
		"package text\n\nimport \"example.org/quotes\"\n\n"
		"func nativeQuiet(x any) (any, error) { return quotes.Quote(x.(string)), nil }\n\n"
		"func nativeLoud(x any, options ...LoudOptions) (any, error) { return x, nil }\n";
	struct error err = ERROR_INIT;
	struct bundle_files files_of;
	char digest[DIGEST_HEX_SIZE];
	cleanup_free char *proxy = xasprintf("%s/proxy", fixture.folder),
			  *simple = xasprintf("%s/simple", fixture.folder);
	cleanup_json json_t *packages = json_pack("{s:b}", "example.org/quotes", 1), *record = NULL, *unit = NULL,
			    *refused = NULL, *units = json_object();
	fixture_go_proxy(proxy);
	vec_push(&fixture.plan.go_modules, ((struct plan_go_module){"example.org/quotes", "v1.0.0", NULL}));
	if (mirror_record(&fixture.work, packages, &record, &err))
		fail_msg("%s", err.text);
	cleanup_json json_t *translation = translation_of(imports);
	json_object_set(translation, "go_modules", record);
	cleanup_json json_t *of = bundle_release(&fixture.work, 0, &err);
	if (!of || bundle_unit_make(&fixture.work, emit, translation, of, &unit, digest, &refused, &err))
		fail_msg("%s", err.text);
	assert_non_null(unit);
	assert_int_equal(json_array_size(json_object_get(unit, "functions")), 2);
	keep_unit(unit, units);
	cleanup_json json_t *older = json_deep_copy(unit);
	json_object_set_new(older, "release", json_string("m 0.9"));
	json_object_set_new(json_array_get(json_object_get(older, "go_modules"), 1), "version", json_string("v0.9.0"));
	keep_unit(older, units);
	if (bundles_update(&fixture.work, fixture.config.workspace, simple, units, &files_of, &err))
		fail_msg("%s", err.text);
	if (files_of.reason)
		fail_msg("%s", files_of.reason);
	assert_int_equal(files_of.functions, 2);
	assert_int_equal(json_array_size(files_of.left_out), 1);
	assert_string_equal(
		json_string_value(json_array_get(files_of.left_out, 0)),
		"a unit of m 0.9 uses the Go module example.org/quotes v0.9.0, others use v1.0.0: its functions "
		"stay Python until it is converted again");
	cleanup_text struct text wheel = TEXT_INIT;
	assert_int_equal(file_read(files_of.items.items[0].path, 1 << 28, &wheel, &err), 0);
	static const char licence[] = ".dist-info/licenses/example.org/quotes@v1.0.0/LICENSE";
	assert_non_null(memmem(wheel.ptr, wheel.len, licence, strlen(licence)));
	bundle_files_clear(&files_of);
	vec_clear(&fixture.plan.go_modules);
}

static void test_build_refuses(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct bundle bundle;
	cleanup_json json_t *units = json_pack("[{s:s}]", "schema", "gophersnake.bundle-unit/9");
	assert_int_equal(bundle_build(&fixture.work, units, "3", fixture.folder, &bundle, &err), -1);
	assert_int_equal(err.code, ERROR_INPUT);
}

static void test_manylinux(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	cleanup_text struct text self = TEXT_INIT;
	const char *machine;
	int glibc;
	assert_int_equal(file_read("/proc/self/exe", 256 << 20, &self, &err), 0);
	// This program needs libraries that not every Linux has.
	assert_int_equal(bundle_manylinux(text_slice(&self), "self", &glibc, &machine, &err), -1);
	assert_non_null(strstr(err.text, "which not every Linux has"));
	// Cut anywhere, changed anywhere in its head: an error or an answer, nothing read beyond the end.
	for (size_t length = 0; length < 4096; length += 3) {
		cleanup_free char *copy = xcalloc(length + 1, 1);
		memcpy(copy, self.ptr, length);
		assert_int_equal(bundle_manylinux((struct slice){copy, length}, "cut", &glibc, &machine, &err), -1);
	}
	for (size_t at = 0; at < 1024; at++) {
		char was = self.ptr[at];
		self.ptr[at] = (char)(was ^ (at % 2 ? 0xff : 0x40));
		bundle_manylinux(text_slice(&self), "changed", &glibc, &machine, &err);
		self.ptr[at] = was;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unit),      cmocka_unit_test(test_unit_that_does_not_compile),
		cmocka_unit_test(test_build),     cmocka_unit_test(test_build_refuses),
		cmocka_unit_test(test_manylinux), cmocka_unit_test(test_go_modules),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
