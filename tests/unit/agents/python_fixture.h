// A small tree of Python files in a temporary folder, and its inventory as the real inventory.py gives it.
// Tests run in the root of the source tree.
#ifndef TESTS_UNIT_AGENTS_PYTHON_FIXTURE_H
#define TESTS_UNIT_AGENTS_PYTHON_FIXTURE_H

#include <stdio.h>
#include <string.h>

#include "agents/python/inventory.h"
#include "core/file.h"

struct python_file {
	const char *path, *text;
};

static inline void fixture_write(const char *root, const struct python_file *files, size_t count)
{
	struct error err = ERROR_INIT;
	for (size_t i = 0; i < count; i++) {
		cleanup_free char *path = xasprintf("%s/%s", root, files[i].path);
		char *slash = strrchr(path, '/');
		*slash = '\0';
		assert_int_equal(dir_make(path, 0755, &err), 0);
		*slash = '/';
		assert_int_equal(file_write_atomic(path, files[i].text, strlen(files[i].text), &err), 0);
	}
}

static inline char *fixture_output(const char *command)
{
	struct text out = TEXT_INIT;
	FILE *pipe = popen(command, "re");
	assert_non_null(pipe);
	char buffer[4096];
	for (size_t got; (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;)
		text_add_bytes(&out, buffer, got);
	assert_int_equal(pclose(pipe), 0);
	return text_steal(&out);
}

static inline void fixture_inventory(const struct python_file *files, size_t count, struct inventory *out)
{
	struct error err = ERROR_INIT;
	cleanup_free char *root = NULL;
	assert_int_equal(dir_temporary("/tmp", "inventory", &root, &err), 0);
	fixture_write(root, files, count);
	cleanup_free char *command = xasprintf("python3 -I -S agents/python/inventory.py %s", root);
	cleanup_free char *output = fixture_output(command);
	cleanup_json json_t *json = json_parse(slice_of(output), "inventory", &err);
	assert_non_null(json);
	if (inventory_read(json, "inventory", out, &err))
		fail_msg("%s", err.text);
	assert_int_equal(dir_remove_tree(root, &err), 0);
}
#endif
