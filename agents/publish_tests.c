// The tests for pytest that stand in the registry: the calls of the Go tests of
// all units of a release in one file, and the program that makes them.
//
//     registry/tests/<name>-<version>/test_native.py, calls.json
#include <string.h>

#include "agents/kept_calls.h"
#include "agents/publish.h"
#include "core/asset.h"
#include "core/file.h"

static const char program[] = "agents/python/test_native.py";

// Adds the calls of a unit to releases: {"sqlparse": {"version", "calls"}}.
static int add_calls(const struct stage *stage, const char *digest, json_t *releases, struct error *err)
{
	const char *name, *version;
	json_t *calls;
	cleanup_json json_t *document = store_get_json(stage->work->store, digest, "calls of a unit", err);
	if (!document || json_check_schema(document, "gophersnake.calls/1", "calls of a unit", err) ||
	    json_get_string(document, "name", "calls of a unit", &name, err) ||
	    json_get_string(document, "version", "calls of a unit", &version, err) ||
	    json_get_array(document, "calls", "calls of a unit", &calls, err))
		return -1;
	json_t *release = json_object_get(releases, name);
	if (!release) {
		release = json_pack("{s:s, s:[]}", "version", version, "calls");
		json_object_set_new(releases, name, release);
	}
	json_array_extend(json_object_get(release, "calls"), calls);
	return 0;
}

static void fill_in(struct slice source, const char *name, const char *version, struct text *out)
{
	static const char *const marks[] = {"{name}", "{version}"};
	const char *const texts[] = {name, version};
	bool header = true; // marks stand in the docstring only
	for (size_t i = 0; i < source.len;) {
		struct slice rest = slice_from(source, i);
		size_t mark = 0;
		header = header && !(i && slice_starts(rest, "\"\"\"\n"));
		while (mark < ARRAY_LENGTH(marks) && !(header && slice_starts(rest, marks[mark])))
			mark++;
		if (mark < ARRAY_LENGTH(marks))
			text_add(out, texts[mark]);
		else
			text_add_char(out, *rest.ptr);
		i += mark < ARRAY_LENGTH(marks) ? strlen(marks[mark]) : 1;
	}
}

static int write_release(const struct stage *stage, const char *name, json_t *release, struct error *err)
{
	const char *version = json_string_or(release, "version", "");
	cleanup_free char *folder = xasprintf("%s/registry/tests/%s-%s", stage->view->workspace, name, version);
	cleanup_free char *calls_path = xasprintf("%s/calls.json", folder);
	cleanup_free char *test_path = xasprintf("%s/test_native.py", folder);
	cleanup_text struct text calls = TEXT_INIT, test = TEXT_INIT;
	struct slice source = asset_find(program);
	if (!source.ptr)
		return error_set(err, ERROR_FAILED, "this build of gophersnake carries no %s: build it again", program);
	kept_calls_write(name, version, json_object_get(release, "calls"), SIZE_MAX, &calls);
	fill_in(source, name, version, &test);
	return registry_make_folder(folder, err) || file_write_atomic(calls_path, calls.ptr, calls.len, err) ||
			       file_write_atomic(test_path, test.ptr, test.len, err)
		       ? -1
		       : 0;
}

int stage_tests(const struct stage *stage, struct error *err)
{
	cleanup_json json_t *releases = json_object();
	const char *path, *name;
	json_t *digest, *release;
	vec_each (&stage->translations, translation) {
		json_object_foreach (json_object_get(*translation, "files"), path, digest) {
			if (slice_ends(slice_of(path), "/testdata/native_calls.json") &&
			    add_calls(stage, json_string_value(digest), releases, err))
				return -1;
		}
	}
	json_object_foreach (releases, name, release) {
		if (write_release(stage, name, release, err))
			return -1;
	}
	return 0;
}
