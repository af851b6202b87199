// Wheels that are what they say, in any order of files, and those that are not. What CPython's zipfile and hashlib make of a wheel
// is in test_build_source.c.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "agents/wheel/check.h"
#include "agents/wheel/tree.h"

static const char metadata[] = "Metadata-Version: 2.1\nName: P.x\nVersion: 1.0\nRequires-Dist: q\n";
static const char *const tags[] = {"cp311-cp311-linux_x86_64", "py3-none-any"};

struct member {
	const char *path, *data;
};

static void add(struct wheel_tree *tree, const char *path, const char *data)
{
	struct text text = TEXT_INIT;
	text_add(&text, data);
	wheel_tree_add(tree, path, &text);
}

// A right wheel but for what is given: a member with data NULL is left out. RECORD is that of the files before after.
static void make(const struct member *changed, const struct member *after, bool backwards, struct text *out)
{
	static const struct member members[] = {{"p_x/__init__.py", "x = 1\n"},
						{"p_x/a,\"b\".txt", "odd"},
						{"P.x-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n"},
						{"P.x-1.0.dist-info/METADATA", metadata}};
	cleanup_wheel_tree struct wheel_tree tree = {.files = VEC_INIT};
	for (size_t i = 0; i < ARRAY_LENGTH(members); i++)
		add(&tree, members[i].path, members[i].data);
	if (changed)
		wheel_tree_remove(&tree, changed->path);
	if (changed && changed->data)
		add(&tree, changed->path, changed->data);
	wheel_tree_record(&tree, "P.x-1.0.dist-info");
	if (after)
		wheel_tree_remove(&tree, after->path);
	if (after && after->data)
		add(&tree, after->path, after->data);
	for (size_t i = 0; backwards && i < tree.files.count / 2; i++) {
		struct wheel_file swapped = tree.files.items[i], *other = &tree.files.items[tree.files.count - 1 - i];
		tree.files.items[i] = *other;
		*other = swapped;
	}
	wheel_tree_write(&tree, out);
}

static int check(const char *file, const char *name, const char *version, const struct text *wheel, struct arena *arena,
		 struct wheel_checked *checked, struct text *out, struct error *err)
{
	const struct wheel_expected expected = {file, name, version, tags, ARRAY_LENGTH(tags)};
	return wheel_check(&expected, text_slice(wheel), arena, checked, out, err);
}

static void test_right(void **state)
{
	(void)state;
	cleanup_arena struct arena arena = ARENA_INIT;
	cleanup_text struct text wheel = TEXT_INIT, other = TEXT_INIT, out = TEXT_INIT, same = TEXT_INIT;
	struct wheel_checked checked;
	struct error err = ERROR_INIT;
	make(NULL, NULL, false, &wheel);
	make(NULL, NULL, true, &other);
	if (check("p_x-1.0-py3-none-any.whl", "p-x", "1.0", &wheel, &arena, &checked, &out, &err) ||
	    check("P.x-1.0.0-cp311-cp311-linux_x86_64.whl", NULL, NULL, &other, &arena, &checked, &same, &err))
		fail_msg("%s", err.text);
	assert_string_equal(checked.tag, tags[0]);
	assert_string_equal(checked.metadata.requires_dist.items[0], "q");
	assert_true(wheel.len && slice_compare(text_slice(&wheel), text_slice(&other)) != 0);
	assert_true(slice_equal(text_slice(&out), text_slice(&same)));
	// What came out is right too, and stays as it is.
	text_reset(&wheel);
	if (check("p_x-1.0-py3-none-any.whl", NULL, NULL, &out, &arena, &checked, &wheel, &err))
		fail_msg("%s", err.text);
	assert_true(slice_equal(text_slice(&out), text_slice(&wheel)));
}

static void test_wrong(void **state)
{
	(void)state;
	static const struct {
		const char *file;
		struct member changed, after;
		const char *says;
	} table[] = {
		{"q-1.0-py3-none-any.whl", {0}, {0}, "METADATA is of P.x 1.0"},
		{"p_x-1.1-py3-none-any.whl", {0}, {0}, "METADATA is of P.x 1.0"},
		{"p_x-1.0-py2-none-any.whl", {0}, {0}, "not for this Python"},
		{"p_x-1.0-cp311-cp311-win_amd64.whl", {0}, {0}, "not for this Python"},
		{"p_x.whl", {0}, {0}, "p_x.whl"},
		{NULL, {"P.x-1.0.dist-info/METADATA", "Name: q\nVersion: 1.0\n"}, {0}, "METADATA is of q 1.0"},
		{NULL, {"P.x-1.0.dist-info/METADATA", "Name: P.x\nVersion: 2\n"}, {0}, "METADATA is of P.x 2"},
		{NULL, {"P.x-1.0.dist-info/METADATA", "Name: P.x\n"}, {0}, "Version"},
		{NULL, {"P.x-1.0.dist-info/METADATA", NULL}, {0}, "no METADATA"},
		{NULL, {"P.x-1.0.dist-info/WHEEL", NULL}, {0}, "no WHEEL"},
		{NULL, {"y-1.dist-info/METADATA", metadata}, {0}, "two folders"},
		{NULL, {0}, {"P.x-1.0.dist-info/RECORD", NULL}, "no RECORD"},
		{NULL, {0}, {"P.x-1.0.dist-info/RECORD", ""}, "not in its RECORD"},
		{NULL, {0}, {"p_x/__init__.py", "x = 2\n"}, "another hash"},
		{NULL, {0}, {"p_x/__init__.py", NULL}, "names p_x/__init__.py"},
		{NULL, {0}, {"p_x/more.py", ""}, "p_x/more.py is not in its RECORD"},
		{NULL, {0}, {"../x", ""}, "climbs"},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		cleanup_arena struct arena arena = ARENA_INIT;
		cleanup_text struct text wheel = TEXT_INIT, out = TEXT_INIT;
		struct wheel_checked checked;
		struct error err = ERROR_INIT;
		make(table[i].changed.path ? &table[i].changed : NULL, table[i].after.path ? &table[i].after : NULL,
		     false, &wheel);
		if (!check(table[i].file ? table[i].file : "p_x-1.0-py3-none-any.whl", NULL, NULL, &wheel, &arena,
			   &checked, &out, &err) ||
		    out.len || err.code != ERROR_INPUT || !strstr(err.text, table[i].says))
			fail_msg("%zu: expected \"%s\", got \"%s\"", i, table[i].says, err.text);
	}
}

static void test_another_release(void **state)
{
	(void)state;
	cleanup_arena struct arena arena = ARENA_INIT;
	cleanup_text struct text wheel = TEXT_INIT, out = TEXT_INIT;
	struct wheel_checked checked;
	struct error err = ERROR_INIT;
	make(NULL, NULL, false, &wheel);
	assert_int_equal(check("p_x-1.0-py3-none-any.whl", "p-y", "1.0", &wheel, &arena, &checked, &out, &err), -1);
	assert_non_null(strstr(err.text, "which is not of p-y"));
	assert_int_equal(check("p_x-1.0-py3-none-any.whl", "p-x", "1.1", &wheel, &arena, &checked, &out, &err), -1);
	assert_non_null(strstr(err.text, "which is not version 1.1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_right), cmocka_unit_test(test_wrong),
					   cmocka_unit_test(test_another_release)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
