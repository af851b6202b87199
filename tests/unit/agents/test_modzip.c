// Module trees: Go's rules, h1 hashes (known values of golang.org/x/mod), zips that libarchive reads back, go.mod and go.sum.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <unistd.h>

#include "agents/go/gomod.h"
#include "agents/go/modzip.h"
#include "core/archive.h"
#include "core/file.h"

static void add(struct module_tree *tree, const char *path, const char *data)
{
	struct text text = TEXT_INIT;
	text_add(&text, data);
	module_tree_add(tree, path, &text);
}

static void refuse(const char *const *paths, const char *expected)
{
	cleanup_module_tree struct module_tree tree = {VEC_INIT};
	struct error err = ERROR_INIT;
	for (; *paths; paths++)
		add(&tree, *paths, "x");
	assert_int_equal(module_tree_finish(&tree, &err), -1);
	assert_int_equal(err.code, ERROR_FAILED);
	if (!strstr(err.text, expected))
		fail_msg("\"%s\" does not say \"%s\"", err.text, expected);
}

static void test_rules(void **state)
{
	(void)state;
	refuse((const char *const[]){"a/b.go", "A/c.go", NULL}, "case only");
	refuse((const char *const[]){"LICENSE", "license/x.go", NULL}, "case only");
	refuse((const char *const[]){"a", "a/b", NULL}, "twice");
	refuse((const char *const[]){"a", "a", NULL}, "twice");
	refuse((const char *const[]){"a/go.mod", NULL}, "go.mod below");
	refuse((const char *const[]){"vendor/x/y.go", NULL}, "vendor");
	refuse((const char *const[]){"a/../b", NULL}, "dots");
	refuse((const char *const[]){"/a", NULL}, "empty");
	refuse((const char *const[]){"a//b", NULL}, "empty");
	refuse((const char *const[]){"a/con.txt", NULL}, "Windows");
	refuse((const char *const[]){"a/b.", NULL}, "dot");
	refuse((const char *const[]){"a\nb", NULL}, "character");
	refuse((const char *const[]){"a:b", NULL}, "character");
	cleanup_module_tree struct module_tree tree = {VEC_INIT};
	struct error err = ERROR_INIT;
	add(&tree, "vendor", "a file may be called so");
	add(&tree, "LICENSES/a b.txt", "x");
	add(&tree, "go.mod", "module x\n");
	assert_int_equal(module_tree_finish(&tree, &err), 0);
	assert_true(module_tree_has_folded(&tree, "licenses"));
	assert_false(module_tree_has_folded(&tree, "licens"));
}

// The values are what `go mod download -json` printed for the same files.
static void test_hashes(void **state)
{
	(void)state;
	cleanup_module_tree struct module_tree tree = {VEC_INIT};
	struct error err = ERROR_INIT;
	add(&tree, "go.mod", "module example.com/m\n\ngo 1.23\n");
	add(&tree, "m.go", "package m\n");
	assert_int_equal(module_tree_finish(&tree, &err), 0);
	cleanup_text struct text h1 = TEXT_INIT, mod = TEXT_INIT;
	module_tree_h1(&tree, "example.com/m@v0.1.0-0.rel.0", &h1);
	gomod_h1(text_slice(&module_tree_find(&tree, "go.mod")->data), &mod);
	assert_string_equal(text_str(&h1), "h1:rGlpu7K8rdnpBdXOACdh02L1rB3NDPcBB/Bs2gV98+Q=");
	assert_string_equal(text_str(&mod), "h1:qIGsKsV6uAnPJykYU7VG2arknZ4iAEfV5TPSM3O0L38=");
}

static void test_zip(void **state)
{
	(void)state;
	cleanup_module_tree struct module_tree tree = {VEC_INIT};
	struct error err = ERROR_INIT;
	cleanup_free char *folder = NULL;
	assert_int_equal(dir_temporary("/tmp", "modzip", &folder, &err), 0);
	cleanup_text struct text large = TEXT_INIT;
	for (int i = 0; i < 100000; i++)
		text_addf(&large, "%d ", i);
	cleanup_free char *kept = xstrdup(text_str(&large));
	add(&tree, "z/empty", "");
	add(&tree, "a.go", "package a\n");
	module_tree_add(&tree, "z/large.txt", &large);
	assert_int_equal(module_tree_finish(&tree, &err), 0);
	cleanup_free char *path = NULL;
	int fd;
	int64_t size, again_size;
	char sha256[DIGEST_HEX_SIZE], again[DIGEST_HEX_SIZE], of_file[DIGEST_HEX_SIZE];
	assert_int_equal(file_temporary(folder, &path, &fd, &err), 0);
	assert_int_equal(modzip_write(&tree, "m@v1.0.0", fd, path, &size, sha256, &err), 0);
	close(fd);
	assert_int_equal(modzip_write(&tree, "m@v1.0.0", -1, "", &again_size, again, &err), 0);
	assert_int_equal(digest_hex_of_file(path, of_file, &err), 0);
	assert_string_equal(sha256, again);
	assert_string_equal(sha256, of_file);
	assert_int_equal(size, again_size);
	cleanup_text struct text read = TEXT_INIT;
	assert_int_equal(archive_read_member_of_file(path, "m@v1.0.0/z/large.txt", 1 << 20, &read, &err), 1);
	assert_string_equal(text_str(&read), kept);
	assert_int_equal(archive_read_member_of_file(path, "m@v1.0.0/z/empty", 1 << 20, &read, &err), 1);
	cleanup_free char *unpacked = xasprintf("%s/out", folder);
	assert_int_equal(dir_make(unpacked, 0755, &err), 0);
	assert_int_equal(module_tree_unpack(&tree, unpacked, &err), 0);
	cleanup_free char *file = xasprintf("%s/z/large.txt", unpacked);
	assert_int_equal(file_read(file, 1 << 20, &read, &err), 0);
	assert_string_equal(text_str(&read), kept);
	assert_int_equal(dir_remove_tree(folder, &err), 0);
}

// More entries than the plain end of a zip can count.
static void test_zip64(void **state)
{
	(void)state;
	cleanup_module_tree struct module_tree tree = {VEC_INIT};
	struct error err = ERROR_INIT;
	cleanup_free char *folder = NULL;
	assert_int_equal(dir_temporary("/tmp", "modzip", &folder, &err), 0);
	for (int i = 0; i < 66000; i++) {
		char name[32];
		snprintf(name, sizeof name, "f%d", i);
		add(&tree, name, "");
	}
	assert_int_equal(module_tree_finish(&tree, &err), 0);
	cleanup_free char *path = NULL;
	int fd;
	int64_t size;
	char sha256[DIGEST_HEX_SIZE];
	assert_int_equal(file_temporary(folder, &path, &fd, &err), 0);
	assert_int_equal(modzip_write(&tree, "m@v1.0.0", fd, path, &size, sha256, &err), 0);
	close(fd);
	cleanup_free char *command = xasprintf(
		"python3 -c 'import zipfile, sys; z = zipfile.ZipFile(sys.argv[1]); assert len(z.namelist()) == "
		"66000 and z.testzip() is None' %s",
		path);
	assert_int_equal(system(command), 0);
	assert_int_equal(dir_remove_tree(folder, &err), 0);
}

static void test_disk_full(void **state)
{
	(void)state;
	cleanup_module_tree struct module_tree tree = {VEC_INIT};
	struct error err = ERROR_INIT;
	add(&tree, "a", "x");
	assert_int_equal(module_tree_finish(&tree, &err), 0);
	cleanup_file FILE *full = fopen("/dev/full", "we");
	int64_t size;
	char sha256[DIGEST_HEX_SIZE];
	assert_int_equal(modzip_write(&tree, "m@v1", fileno(full), "/dev/full", &size, sha256, &err), -1);
	assert_int_equal(err.code, ERROR_WORKSPACE);
	assert_non_null(strstr(err.text, "full"));
}

static void test_gomod(void **state)
{
	(void)state;
	struct gomod_require requires[] = {
		{.module = "h/b", .version = "v0.2.0", .indirect = true, .zip_h1 = "h1:b", .mod_h1 = "h1:bm"},
		{.module = "h/c", .version = "v0.3.0", .zip_h1 = "h1:c", .mod_h1 = "h1:cm"},
		{.module = "h/a", .version = "v0.1.0", .zip_h1 = "h1:a", .mod_h1 = "h1:am"},
	};
	cleanup_text struct text mod = TEXT_INIT, sum = TEXT_INIT, alone = TEXT_INIT;
	gomod_write("h/m", requires, ARRAY_LENGTH(requires), &mod);
	gosum_write(requires, ARRAY_LENGTH(requires), &sum);
	gomod_write("h/m", NULL, 0, &alone);
	assert_string_equal(
		text_str(&mod),
		"module h/m\n\ngo 1.23\n\nrequire (\n\th/a v0.1.0\n\th/c v0.3.0\n)\n\nrequire (\n\th/b v0.2.0 "
		"// indirect\n)\n");
	assert_string_equal(text_str(&sum),
			    "h/a v0.1.0 h1:a\nh/a v0.1.0/go.mod h1:am\nh/b v0.2.0 h1:b\nh/b v0.2.0/go.mod h1:bm\n"
			    "h/c v0.3.0 h1:c\nh/c v0.3.0/go.mod h1:cm\n");
	assert_string_equal(text_str(&alone), "module h/m\n\ngo 1.23\n");
	struct slice path;
	struct error err = ERROR_INIT;
	assert_int_equal(gomod_module(SLICE("// x\nmodule \"a/b\" // c\n"), "go.mod", &path, &err), 0);
	assert_true(slice_is(path, "a/b"));
	assert_int_equal(gomod_module(SLICE("go 1.23\nmodules x\n"), "go.mod", &path, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules), cmocka_unit_test(test_hashes),    cmocka_unit_test(test_zip),
		cmocka_unit_test(test_zip64), cmocka_unit_test(test_disk_full), cmocka_unit_test(test_gomod),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
