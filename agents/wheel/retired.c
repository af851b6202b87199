#include "agents/wheel/retired.h"

#include "core/file.h"

enum { LIMIT = 64 * 1024 * 1024 };
static const char schema[] = "gophersnake.retired/1", releases[] = "releases", bundles[] = "bundles";

static char *path_of(const char *workspace)
{
	return xasprintf("%s/registry/retired.json", workspace);
}

json_t *retired_read(const char *workspace, struct error *err)
{
	cleanup_free char *path = path_of(workspace);
	json_t *part;
	if (!file_exists(path))
		return json_pack("{s:s, s:{}, s:{}}", "schema", schema, releases, bundles);
	cleanup_json json_t *retired = json_read_file(path, LIMIT, err);
	if (!retired || json_check_schema(retired, schema, path, err) ||
	    json_get_object(retired, releases, path, &part, err) || json_get_object(retired, bundles, path, &part, err))
		return NULL;
	return json_incref(retired);
}

int retired_write(const char *workspace, json_t *retired, struct error *err)
{
	cleanup_free char *path = path_of(workspace);
	cleanup_text struct text text = TEXT_INIT;
	json_write_pretty(retired, &text);
	return file_write_atomic(path, text.ptr, text.len, err);
}

static char *key_of(json_t *entry)
{
	return xasprintf("%s/%s", json_string_or(entry, "name", ""), json_string_or(entry, "go_version", ""));
}

const char *retired_release(json_t *retired, json_t *entry)
{
	cleanup_free char *key = key_of(entry);
	return json_string_or(json_object_get(retired, releases), key, NULL);
}

const char *retired_bundle(json_t *retired, const char *version)
{
	return json_string_or(json_object_get(retired, bundles), version, NULL);
}

void retired_add_release(json_t *retired, json_t *entry, const char *reason)
{
	cleanup_free char *key = key_of(entry);
	json_object_set_new(json_object_get(retired, releases), key, json_string(reason));
}

void retired_add_bundle(json_t *retired, const char *version, const char *reason)
{
	json_object_set_new(json_object_get(retired, bundles), version, json_string(reason));
}
