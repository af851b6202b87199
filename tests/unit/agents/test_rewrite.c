// The import rewriter on small files; tests/differential/rewrite holds it against go/ast over the standard library.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "agents/go/rewrite.h"

static bool map(void *context, struct slice path, struct text *out)
{
	(void)context;
	if (slice_is(path, "py/dist.pyrt"))
		text_add(out, "go.internal/pyrt");
	else if (rewrite_path_below(path, SLICE("py/a")))
		text_addf(out, "go.internal/py-zz/%.*s", (int)path.len - 3, path.ptr + 3);
	else if (rewrite_path_below(path, SLICE("py/b")))
		text_addf(out, "go.internal/py-b/%.*s", (int)path.len - 3, path.ptr + 3);
	else
		return false;
	return true;
}

static void check(const char *source, const char *wanted)
{
	cleanup_text struct text out = TEXT_INIT;
	struct error err = ERROR_INIT;
	assert_int_equal(rewrite_go(slice_of(source), "x.go", map, NULL, &out, &err), 0);
	assert_string_equal(text_str(&out), wanted);
}

static void refused(const char *source, const char *where)
{
	cleanup_text struct text out = TEXT_INIT;
	struct error err = ERROR_INIT;
	assert_int_equal(rewrite_go(slice_of(source), "x.go", map, NULL, &out, &err), -1);
	assert_int_equal(err.code, ERROR_INPUT);
	assert_non_null(strstr(err.text, where));
	assert_int_equal(out.len, 0);
}

static void test_paths(void **state)
{
	(void)state;
	check("package p\n\nimport \"py/a\"\n", "package p\n\nimport \"go.internal/py-zz/a\"\n");
	check("package p\nimport x `py/a/c`; import _ \"py/b\"\nvar y = \"py/a\"\n",
	      "package p\nimport x `go.internal/py-zz/a/c`; import _ \"go.internal/py-b/b\"\nvar y = \"py/a\"\n");
	check("package p\nimport . \"py/ab\"\n", "package p\nimport . \"py/ab\"\n");
	check("package p\nimport \"py/\\x61\"\n", "package p\nimport \"go.internal/py-zz/a\"\n");
	check("\xef\xbb\xbf// c\n/* \"py/a\" */ package p /* x */; import \"py/a\"",
	      "\xef\xbb\xbf// c\n/* \"py/a\" */ package p /* x */; import \"go.internal/py-zz/a\"");
	check("package p\r\nimport (\r\n\t\"py/a\"\r\n)\r\n",
	      "package p\r\nimport (\r\n\t\"go.internal/py-zz/a\"\r\n)\r\n");
	check("package p // import \"py/a\"\n", "package p // import \"go.internal/py-zz/a\"\n");
	check("package importer\nfunc x() {}\n", "package importer\nfunc x() {}\n");
	check("package p\n\nimport ()\n", "package p\n\nimport ()\n");
}

static void test_order(void **state)
{
	(void)state;
	check("package p\n\nimport (\n\t_ \"embed\" // one\n\t\"py/a\"    // two\n\tq \"py/b\"\n\n\tpyrt "
	      "\"py/dist.pyrt\"\n)\n",
	      "package p\n\nimport (\n\t_ \"embed\" // one\n\tq \"go.internal/py-b/b\"\n\t\"go.internal/py-zz/a\" // "
	      "two\n\n\tpyrt "
	      "\"go.internal/pyrt\"\n)\n");
	check("package p\n\nimport (\n\t\"a\"      // one\n\t\"py/a/é\" // two\n\t\"q\"      // three\n)\n",
	      "package p\n\nimport (\n\t\"a\"                     // one\n\t\"go.internal/py-zz/a/é\" // two\n\t\"q\"  "
	      "                   "
	      "// three\n)\n");
	// Comments on a line of their own end a run; what is not aligned by gofmt keeps its spaces.
	check("package p\n\nimport (\n\t\"py/a\"   // a\n\t// doc of b\n\t\"py/b\" // b\n)\n",
	      "package p\n\nimport (\n\t\"go.internal/py-zz/a\"   // a\n\t// doc of b\n\t\"go.internal/py-b/b\" // "
	      "b\n)\n");
	// Two on a line: no layout of gofmt's, the order stays.
	check("package p\nimport (\n\t\"py/a\"; \"py/b\"\n)\n",
	      "package p\nimport (\n\t\"go.internal/py-zz/a\"; \"go.internal/py-b/b\"\n)\n");
	check("package p\nimport (\n\t/* left */ \"py/a\"\n\t\"py/b\" /* right */\n)\n",
	      "package p\nimport (\n\t\"go.internal/py-b/b\" /* right */\n\t/* left */ \"go.internal/py-zz/a\"\n)\n");
	check("package p\nimport (\n\t/* left\n\t*/ \"py/a\"\n\t\"py/b\"\n)\n",
	      "package p\nimport (\n\t/* left\n\t*/ \"go.internal/py-zz/a\"\n\t\"go.internal/py-b/b\"\n)\n");
}

static void test_cgo(void **state)
{
	(void)state;
	check("package p\n\n// #include <x.h>\nimport \"C\"\nimport \"py/a\"\n",
	      "package p\n\n// #include <x.h>\nimport \"C\"\nimport \"go.internal/py-zz/a\"\n");
	check("package p\n\nimport (\n\t// #include <x.h>\n\t\"C\"\n\t\"py/a\"\n\t\"py/b\"\n)\n",
	      "package p\n\nimport (\n\t// #include "
	      "<x.h>\n\t\"C\"\n\t\"go.internal/py-b/b\"\n\t\"go.internal/py-zz/a\"\n)\n");
}

static void test_directives(void **state)
{
	(void)state;
	check("package p\n\nimport _ \"unsafe\"\n\n//go:linkname f py/a.f\nfunc f()\n\n//go:linkname g "
	      "py/dist%2epyrt.(*T).g\nfunc g()\n",
	      "package p\n\nimport _ \"unsafe\"\n\n//go:linkname f go.internal/py-zz/a.f\nfunc f()\n\n//go:linkname g "
	      "go.internal/pyrt.(*T).g\nfunc g()\n");
	check("package p\n\nvar s = `\n//go:linkname f py/a.f\n` // \"\n/*\n//go:linkname f py/a.f\n*/\nvar t = "
	      "'`'\n\t//go:linkname h py/b/x.h y\n",
	      "package p\n\nvar s = `\n//go:linkname f py/a.f\n` // \"\n/*\n//go:linkname f py/a.f\n*/\nvar t = "
	      "'`'\n\t//go:linkname h "
	      "go.internal/py-b/b/x.h y\n");
	check("//go:generate go run py/a/tool -out=py/b/... \"py/a@v1\" xpy/a py/ab\n\npackage p\n",
	      "//go:generate go run go.internal/py-zz/a/tool -out=go.internal/py-b/b/... \"go.internal/py-zz/a@v1\" "
	      "xpy/a py/ab\n\npackage p\n");
	check("package p\n//go:linkname\n//go:linkname a\n//go:linkname a b\n//go:generate",
	      "package p\n//go:linkname\n//go:linkname a\n//go:linkname a b\n//go:generate");
}

static void test_bad(void **state)
{
	(void)state;
	refused("", "x.go:1");
	refused("func p() {}", "package clause");
	refused("package p\n\nimport \"py/a", "x.go:3");
	refused("package p\nimport (\n\t\"a\"\n", "x.go:4");
	refused("package p\nimport (\n\t\"a\" \"b\"\n)\n", "x.go:3");
	refused("package p\nimport \"a\\q\"\n", "import path");
	refused("package p\n/* never", "end of a comment");
	refused("package p import \"x\"", "new line");
	refused("package p\nimport x\n\"y\"\n", "import path");
}

static void collect(void *context, const struct go_import_spec *import)
{
	text_addf(context, "%.*s=%.*s%s ", (int)import->name.len, import->name.ptr, (int)import->path.len,
		  import->path.ptr, import->is_c ? "!" : "");
}

static void test_list(void **state)
{
	(void)state;
	cleanup_text struct text out = TEXT_INIT;
	struct error err = ERROR_INIT;
	const char *source = "package p\nimport \"C\"\nimport (\n\t_ \"x/y\"\n\t. `z`\n\tq \"a\\u0062\"\n)\n";
	assert_int_equal(rewrite_list(slice_of(source), "x.go", collect, &out, &err), 0);
	assert_string_equal(text_str(&out), "=C! _=x/y .=z q=ab ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),      cmocka_unit_test(test_order), cmocka_unit_test(test_cgo),
		cmocka_unit_test(test_directives), cmocka_unit_test(test_bad),   cmocka_unit_test(test_list),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
