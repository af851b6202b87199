// inventory.py and its reader together: what they say of Python files, and what the reader refuses.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/agents/python_fixture.h"

static const struct python_file files[] = {
	{"p/__init__.py",
	 "\"\"\"The package.\"\"\"\nfrom .a import f as g\nfrom . import b\n__all__ = ['g']\n__all__ += ['h']\n"},
	{"p/a.py", "import os.path as path, sys\n"
		   "from typing import TYPE_CHECKING\n"
		   "if TYPE_CHECKING:\n    from .never import x\n"
		   "try:\n    import fast\nexcept ImportError:\n    fast = None\n"
		   "def f(a, /, b: int = 1, *c, d, e=[\n  2], **g) -> 'str':\n    '''Doc\n\n      more'''\n"
		   "    from . import b as late\n    yield 1\n"
		   "async def co(): pass\n"},
	{"p/b.py", "from ..p.a import *\nfrom ....far import z\n"
		   "class Base: pass\n"
		   "@deco(1)\nclass K(Base, m.Other[int], metaclass=M):\n"
		   "    '''K.'''\n    __slots__ = ('s', 't')\n    limit = 3\n    alias: int\n"
		   "    class Meta(Base):\n        x = 1\n"
		   "    def __init__(self, n):\n        self.n = n\n        self.limit, (self.deep, _) = 1, (2, 3)\n"
		   "    @property\n    def p(self) -> int: return 1\n"
		   "    @p.setter\n    def p(self, v): pass\n"
		   "    @classmethod\n    def make(cls): cls.nope = 1\n"
		   "    @staticmethod\n    def still(x): x.no = 1\n"},
	{"p/broken.py", "def f(:\n"},
	{"p/data.txt", "x"},
	{"p/fast.cpython-311-x86_64-linux-gnu.so", "x"},
	{"p/migrations/0001_initial.py", "x = 1\n"},
	{"p/not-a-module.py", "x = 1\n"},
	{"p-1.0.dist-info/METADATA", "Name: p\n"},
	{"p-1.0.data/purelib/q.py", "y: int = 2\n"},
	{"p-1.0.data/scripts/tool.py", "z = 1\n"},
};

static void test_modules(void **state)
{
	(void)state;
	struct inventory inventory;
	fixture_inventory(files, ARRAY_LENGTH(files), &inventory);
	static const char *const names[] = {"p", "p.a", "p.b", "p.broken", "p.migrations.0001_initial", "q"};
	assert_int_equal(inventory.module_count, ARRAY_LENGTH(names));
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
		assert_string_equal(inventory.modules[i].name, names[i]);
	assert_true(inventory.modules[0].is_package);
	assert_string_equal(inventory.modules[0].doc, "The package.");
	assert_int_equal(inventory.modules[0].all.count, 2);
	assert_string_equal(inventory.modules[0].all.items[1], "h");
	assert_non_null(strstr(inventory.modules[3].error, "SyntaxError"));
	assert_string_equal(inventory_find(&inventory, "q")->file, "p-1.0.data/purelib/q.py");
	assert_null(inventory_find(&inventory, "tool"));
	assert_int_equal(inventory.extensions.count, 1);
	assert_string_equal(inventory.extensions.items[0], "p.fast");
	assert_int_equal(inventory.data_files, 2); // data.txt and not-a-module.py
	inventory_clear(&inventory);
}

static void test_imports(void **state)
{
	(void)state;
	struct inventory inventory;
	fixture_inventory(files, ARRAY_LENGTH(files), &inventory);
	const struct inventory_module *a = inventory_find(&inventory, "p.a"), *b = inventory_find(&inventory, "p.b");
	assert_string_equal(inventory.modules[0].imports[0].module, "p.a");
	assert_string_equal(inventory.modules[0].imports[0].aliases[0], "g");
	assert_string_equal(inventory.modules[0].imports[1].module, "p");
	assert_string_equal(a->imports[0].module, "os.path");
	assert_string_equal(a->imports[0].aliases[0], "path");
	assert_false(a->imports[0].from);
	const struct {
		const char *module;
		enum import_time when;
	} rows[] = {{"os.path", IMPORT_NOW},           {"sys", IMPORT_NOW},          {"typing", IMPORT_NOW},
		    {"p.never", IMPORT_TYPE_CHECKING}, {"fast", IMPORT_CONDITIONAL}, {"p", IMPORT_LATE}};
	assert_int_equal(a->import_count, ARRAY_LENGTH(rows));
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		assert_string_equal(a->imports[i].module, rows[i].module);
		assert_int_equal(a->imports[i].when, rows[i].when);
	}
	assert_true(b->imports[0].star);
	assert_string_equal(b->imports[1].module, ""); // climbs out
	inventory_clear(&inventory);
}

static void test_functions(void **state)
{
	(void)state;
	struct inventory inventory;
	fixture_inventory(files, ARRAY_LENGTH(files), &inventory);
	const struct inventory_module *a = inventory_find(&inventory, "p.a");
	assert_int_equal(a->function_count, 2);
	const struct inventory_function *f = &a->functions[0];
	assert_string_equal(f->doc, "Doc\n\nmore");
	assert_true(f->generator);
	assert_false(f->async);
	assert_true(a->functions[1].async);
	assert_string_equal(f->returns, "'str'");
	static const enum parameter_kind kinds[] = {PARAMETER_POSITIONAL_ONLY, PARAMETER_POSITIONAL,
						    PARAMETER_VARIABLE,        PARAMETER_KEYWORD,
						    PARAMETER_KEYWORD,         PARAMETER_KEYWORDS};
	assert_int_equal(f->parameter_count, ARRAY_LENGTH(kinds));
	for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++)
		assert_int_equal(f->parameters[i].kind, kinds[i]);
	assert_null(f->parameters[0].default_text);
	assert_string_equal(f->parameters[1].default_text, "1");
	assert_string_equal(f->parameters[1].annotation, "int");
	assert_null(f->parameters[3].default_text);
	assert_string_equal(f->parameters[4].default_text, "[\n  2]");
	inventory_clear(&inventory);
}

static void test_classes(void **state)
{
	(void)state;
	struct inventory inventory;
	fixture_inventory(files, ARRAY_LENGTH(files), &inventory);
	const struct inventory_module *b = inventory_find(&inventory, "p.b");
	assert_int_equal(b->class_count, 3);
	const struct inventory_class *k = &b->classes[1];
	assert_string_equal(k->qualname, "K");
	assert_string_equal(b->classes[2].qualname, "K.Meta");
	assert_string_equal(k->bases.items[1], "m.Other");
	assert_string_equal(k->decorators.items[0], "deco");
	assert_int_equal(k->slots.count, 2);
	assert_int_equal(k->method_count, 3);
	assert_int_equal(k->property_count, 1);
	assert_true(k->properties[0].setter);
	assert_string_equal(k->properties[0].returns, "int");
	assert_int_equal(k->instance_attributes.count, 3); // n, limit, deep; neither nope nor no
	assert_string_equal(k->instance_attributes.items[2], "deep");
	inventory_clear(&inventory);
}

static void refuse(const char *document, const char *because)
{
	struct error err = ERROR_INIT;
	struct inventory inventory;
	cleanup_json json_t *json = json_parse(slice_of(document), "inventory", &err);
	assert_non_null(json);
	assert_int_equal(inventory_read(json, "inventory", &inventory, &err), -1);
	if (!strstr(err.text, because))
		fail_msg("\"%s\" does not say \"%s\"", err.text, because);
}

static void test_refused(void **state)
{
	(void)state;
#define HEAD \
	"{\"schema\":\"gophersnake.inventory/1\",\"python\":\"3.11\",\"extensions\":[],\"data_files\":0,\"modules\":["
#define MODULE(name) \
	"{\"name\":\"" name "\",\"file\":\"f\",\"sha256\":\"\",\"is_package\":false,\"lines\":1,\"error\":\"e\"}"
	refuse("{\"schema\":\"gophersnake.inventory/2\"}", "schema");
	refuse(HEAD "{}]}", "name");
	refuse(HEAD MODULE("a/../b") "]}", "not a Python name");
	refuse(HEAD MODULE("a..b") "]}", "not a Python name");
	refuse(HEAD MODULE(".a") "]}", "not a Python name");
	refuse(HEAD MODULE("b") "," MODULE("a") "]}", "not sorted");
	refuse(HEAD "{\"name\":\"a\",\"file\":\"f\",\"sha256\":\"\",\"is_package\":false,\"lines\":1}]}", "imports");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modules), cmocka_unit_test(test_imports), cmocka_unit_test(test_functions),
		cmocka_unit_test(test_classes), cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
