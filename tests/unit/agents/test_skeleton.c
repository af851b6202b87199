// From Python files to Go files: units, names, signatures, what is imported; gofmt agrees with every file.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "agents/go/skeleton.h"
#include "tests/unit/agents/python_fixture.h"

static const struct python_file lower[] = {
	{"low/__init__.py", "from .core import Thing, make as build\n"},
	{"low/core.py",
	 "class Thing:\n    '''A thing.\n\n    +build ignore\n    '''\n    kind = 1\n"
	 "    def __init__(self, size, *, colour, shape=None):\n        self.size = size\n"
	 "    def read_byte(self): pass\n    def ReadByte(self): pass\n"
	 "    def grow(self, by: int, *args, fast=False, **kw) -> str: pass\n    def __len__(self): pass\n"
	 "    @classmethod\n    def of(cls, type: str): pass\n"
	 "    @property\n    def area(self) -> int: pass\n"
	 "def make(a: int) -> int: pass\n"
	 "def make_(s: str) -> str: pass\n"
	 "@unknown\ndef odd(a: int) -> int: pass\n"
	 "def opt(a: 'int', b=1, /) -> 'Optional[str]': pass\n"
	 "def many(a, b=1, *args, c=2): pass\n"
	 "LIMIT = 3\n_hidden = 4\n"},
	{"low/internal/__init__.py", ""},
	{"low/_os.py", "import low.core\n"},
};
static const struct python_file upper[] = {
	{"up/__init__.py", "from up import a\n"},
	{"up/a.py", "from low import Thing\nfrom up.b import B\nclass A(Thing):\n    def __init__(self): self.size = "
		    "2; self.own = 3\n"},
	{"up/b.py", "import up.a\nimport other\nclass B: pass\nclass C(B): pass\ndef func(x=None): import up.late\n"},
	{"up/late.py", "import up.b\nclass D(up.b.C): pass\n"},
};
static const struct python_file undeclared[] = {{"other.py", "x = 1\n"}};

struct emitted {
	char *folder;
	struct inventory inventories[3];
	struct skeleton_result results[2];
};

static int emit(void **state)
{
	struct emitted *emitted = xcalloc(1, sizeof *emitted);
	struct error err = ERROR_INIT;
	assert_int_equal(dir_temporary("/tmp", "skeleton", &emitted->folder, &err), 0);
	fixture_inventory(upper, ARRAY_LENGTH(upper), &emitted->inventories[0]);
	fixture_inventory(lower, ARRAY_LENGTH(lower), &emitted->inventories[1]);
	fixture_inventory(undeclared, ARRAY_LENGTH(undeclared), &emitted->inventories[2]);
	static const int needs[] = {1};
	const struct emit_release releases[] = {
		{"up", "2.0", ">=3.8", "", "aa", &emitted->inventories[0], needs, 1},
		{"low", "1.0", "", "", "bb", &emitted->inventories[1], NULL, 0},
		{"other", "1.0", "", "", "cc", &emitted->inventories[2], NULL, 0},
	};
	struct emit_input up = {releases, 3, 1}, low = {releases + 1, 1, 1};
	assert_int_equal(skeleton_write(&low, emitted->folder, &emitted->results[1], &err), 0);
	assert_int_equal(skeleton_write(&up, emitted->folder, &emitted->results[0], &err), 0);
	*state = emitted;
	return 0;
}

static int clean(void **state)
{
	struct emitted *emitted = *state;
	struct error err = ERROR_INIT;
	for (size_t i = 0; i < 2; i++)
		skeleton_result_clear(&emitted->results[i]);
	for (size_t i = 0; i < 3; i++)
		inventory_clear(&emitted->inventories[i]);
	assert_int_equal(dir_remove_tree(emitted->folder, &err), 0);
	free(emitted->folder);
	free(emitted);
	return 0;
}

static void check_text(const struct emitted *emitted, const char *path, const char *const *wanted, size_t count)
{
	struct error err = ERROR_INIT;
	cleanup_free char *full = xasprintf("%s/%s", emitted->folder, path);
	cleanup_text struct text text = TEXT_INIT;
	if (file_read(full, 1 << 20, &text, &err))
		fail_msg("%s", err.text);
	for (size_t i = 0; i < count; i++)
		if (!strstr(text_str(&text), wanted[i]))
			fail_msg("%s has no \"%s\":\n%s", path, wanted[i], text_str(&text));
}
#define CHECK_TEXT(path, ...)                                            \
	do {                                                             \
		static const char *const wanted[] = {__VA_ARGS__};       \
		check_text(emitted, path, wanted, ARRAY_LENGTH(wanted)); \
	} while (0)

static void test_signatures(void **state)
{
	const struct emitted *emitted = *state;
	CHECK_TEXT("low/core/core_py.go", "package core\n", "type Thing struct {\n\tpyrt.Instance\n}",
		   "func NewThing(size any, colour any, options ...NewThingOptions) (*Thing, error) {",
		   "ThingClass.New(self, []any{size}, []pyrt.Keyword{{Name: \"colour\", Value: pyrt.Given(colour)}, "
		   "{Name: "
		   "\"shape\", Value: o.Shape}}, nil, nil)",
		   "func (self *Thing) ReadByte_2() (any, error) {", "func (self *Thing) ReadByte_3() (any, error) {",
		   "func (self *Thing) Grow(by int, options ...ThingGrowOptions) (string, error) {",
		   "[]any{by}, []pyrt.Keyword{{Name: \"fast\", Value: o.Fast}}, o.Args, o.Kwargs)",
		   "return pyrt.As[string](\"low.core.Thing.grow\", result, err)",
		   "func (self *Thing) Len() (any, error) {", "func ThingOf(type_ string) (any, error) {",
		   "Name: \"Thing.of\"", "func (self *Thing) Area() (int, error) {",
		   "func (self *Thing) SetSize(value any) error {", "func (self *Thing) Kind() (any, error) {",
		   "return fnMake.CallIntInt(a)",
		   "func Make_2(s string) (string, error) {\n\treturn fnMake_2.CallStrStr(s)",
		   "func Odd(a any) (any, error) {", "func Opt(a int, options ...OptOptions) (*string, error) {",
		   "Value: o.B, PositionalOnly: true}",
		   "{Name: \"b\", Value: o.B, BeforeArgs: true}, {Name: \"c\", Value: o.C}}, o.Args, nil)",
		   "func LIMIT() (any, error) {", "func SetLIMIT(value any) error {", "//\t| +build ignore\n",
		   "{Module: \"low.core\", Name: \"Thing\", New: func() bound { return new(Thing) }},");
}

static void test_reexports(void **state)
{
	const struct emitted *emitted = *state;
	CHECK_TEXT("low/low_py.go", "pkgCore \"py/low/core\"\n", "type Thing = pkgCore.Thing\n",
		   "var ThingClass = pyrt.Class{Module: \"low.core\", Name: \"Thing\"}",
		   "type NewThingOptions = pkgCore.NewThingOptions\n",
		   "\treturn pkgCore.NewThing(size, colour, options...)\n",
		   "func Build(a int) (int, error) {\n\treturn pkgCore.Make(a)\n");
}

static void test_units(void **state)
{
	const struct emitted *emitted = *state;
	assert_int_equal(emitted->results[1].units_count, 4);
	assert_int_equal(emitted->results[0].modules, 4);
	assert_int_equal(emitted->results[0].units_count, 3); // up.a and up.b import each other
	assert_int_equal(emitted->results[0].largest_unit, 2);
	CHECK_TEXT("dist.up/scc0/up.a_py.go", "package scc0\n", "_ \"py/dist.up/pysrc\"\n",
		   "type A_A struct {\n\tpkgCore.Thing\n}", "func (self *A_A) SetOwn(value any) error {",
		   "func (self *A_A) Size() (any, error) {");
	CHECK_TEXT("dist.up/scc0/up.b_py.go", "type B_C struct {\n\tB_B\n}");
	CHECK_TEXT("up/b/b_py.go", "type C = pkgScc0.B_C\n",
		   "func Func(options ...FuncOptions) (any, error) {\n\treturn pkgScc0.B_Func(options...)\n");
	CHECK_TEXT("up/late/late_py.go", "type D struct {\n\tpkgB.C\n}", "pkgB \"py/up/b\"\n");
	CHECK_TEXT("low/X_os/X_os_py.go", "package x_os\n", "_ \"py/low/core\"\n");
	CHECK_TEXT("low/internal_/internal__py.go", "package internal_\n");
	json_t *units = json_object_get(emitted->results[0].units, "units");
	assert_string_equal(json_string_value(json_object_get(json_array_get(units, 0), "id")), "up.a");
	assert_int_equal(json_array_size(json_object_get(json_array_get(units, 0), "imports")), 1);
	json_t *late = json_object_get(emitted->results[0].units, "late");
	assert_int_equal(json_array_size(late), 1);
	assert_string_equal(json_string_value(json_object_get(json_array_get(late, 0), "imports")), "up.late");
	json_t *unknown = json_object_get(emitted->results[0].units, "undeclared");
	assert_int_equal(json_array_size(unknown), 1);
	assert_string_equal(json_string_value(json_object_get(json_array_get(unknown, 0), "release")), "other");
}

static void test_manifest(void **state)
{
	const struct emitted *emitted = *state;
	json_t *modules = json_object_get(emitted->results[0].names, "modules");
	json_t *a = json_object_get(modules, "up.a");
	assert_int_equal(json_object_size(modules), 4);
	assert_string_equal(json_string_value(json_object_get(a, "path")), "py/up/a");
	json_t *names = json_object_get(a, "names");
	assert_string_equal(json_string_value(json_object_get(names, "A")), "A");
	assert_string_equal(json_string_value(json_object_get(names, "A.__init__")), "NewA");
	assert_string_equal(json_string_value(json_object_get(names, "A.own")), "A.Own");
	json_t *packages = emitted->results[0].packages;
	assert_string_equal(json_string_value(json_array_get(packages, 0)), "py/dist.up/pysrc");
	assert_int_equal(json_array_size(packages), 6);
}

static void test_sources(void **state)
{
	const struct emitted *emitted = *state;
	assert_string_equal(json_string_value(json_object_get(emitted->results[0].wheels, "up")),
			    "dist.up/pysrc/release.whl");
	CHECK_TEXT("dist.up/pysrc/pysrc_py.go", "//go:embed release.whl\n", "_ \"py/dist.low/pysrc\"\n",
		   "Name: \"up\", Version: \"2.0\", RequiresPython: \">=3.8\", Tag: \"\", SHA256: \"aa\"");
}

static void test_gofmt(void **state)
{
	const struct emitted *emitted = *state;
	cleanup_free char *command = xasprintf("PATH=$PATH:/usr/local/go/bin gofmt -l %s", emitted->folder);
	cleanup_free char *output = fixture_output(command);
	assert_string_equal(output, "");
}

static void test_cycle(void **state)
{
	const struct emitted *emitted = *state;
	static const int first_needs[] = {1}, second_needs[] = {0};
	const struct emit_release releases[] = {
		{"up", "2.0", "", "", "aa", &emitted->inventories[0], first_needs, 1},
		{"low", "1.0", "", "", "bb", &emitted->inventories[1], second_needs, 1},
	};
	struct emit_input input = {releases, 2, 2};
	struct skeleton_result result;
	struct error err = ERROR_INIT;
	cleanup_free char *folder = xasprintf("%s/cycle", emitted->folder);
	assert_int_equal(skeleton_write(&input, folder, &result, &err), 0);
	assert_string_equal(json_string_value(json_object_get(result.wheels, "low")), "dist.up/pysrc/release-low.whl");
	CHECK_TEXT("cycle/dist.up/pysrc/pysrc_py.go", "//go:embed release-low.whl\nvar archive1 []byte\n");
	CHECK_TEXT("cycle/dist.low/pysrc/pysrc_py.go", "_ \"py/dist.up/pysrc\"\n");
	skeleton_result_clear(&result);
	input.own_count = 3;
	assert_int_equal(skeleton_write(&input, folder, &result, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signatures), cmocka_unit_test(test_reexports), cmocka_unit_test(test_units),
		cmocka_unit_test(test_manifest),   cmocka_unit_test(test_sources),   cmocka_unit_test(test_gofmt),
		cmocka_unit_test(test_cycle),
	};
	return cmocka_run_group_tests(tests, emit, clean);
}
