// Records and claims as small JSON files. A claim is what makes a version
// number safe against a kill between its first file and its record: whoever
// comes next with other inputs sees that the number is taken.
#include "agents/ledger.h"

#include <string.h>

#include "agents/go/version.h"
#include "agents/registry.h"

enum { ENTRY_LIMIT = 256 * 1024 * 1024 };
static const char entry_schema[] = "gophersnake.ledger/1", claim_schema[] = "gophersnake.claim/1";

char *ledger_path(const char *workspace, const char *name, const char *go_version, const char *suffix)
{
	return xasprintf("%s/registry/ledger/%s/%s.%s", workspace, name, go_version, suffix);
}

static char *ledger_folder(const char *workspace, const char *name)
{
	return xasprintf("%s/registry/ledger%s%s", workspace, *name ? "/" : "", name);
}

static int compare_versions(const void *left, const void *right)
{
	return go_version_compare(*(char *const *)left, *(char *const *)right);
}

static int list_with_suffix(const char *workspace, const char *name, const char *suffix, file_names *out,
			    struct error *err)
{
	cleanup_free char *folder = ledger_folder(workspace, name);
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	if (!dir_exists(folder))
		return 0;
	if (dir_list(folder, &names, err))
		return -1;
	vec_each (&names, file)
		if (slice_ends(slice_of(*file), suffix) && **file != '.')
			vec_push(out, xstrndup(*file, strlen(*file) - strlen(suffix)));
	vec_sort(out, compare_versions);
	return 0;
}

int ledger_versions(const char *workspace, const char *name, file_names *out, struct error *err)
{
	return list_with_suffix(workspace, name, ".json", out, err);
}

int ledger_names(const char *workspace, file_names *out, struct error *err)
{
	cleanup_free char *folder = ledger_folder(workspace, "");
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	if (!dir_exists(folder))
		return 0;
	if (dir_list(folder, &names, err))
		return -1;
	vec_each (&names, name) {
		cleanup_with(file_names_clear) file_names versions = VEC_INIT;
		cleanup_free char *path = ledger_folder(workspace, *name);
		if (**name == '.' || !dir_exists(path))
			continue;
		if (ledger_versions(workspace, *name, &versions, err))
			return -1;
		if (versions.count)
			vec_push(out, xstrdup(*name));
	}
	return 0;
}

// 1 = read, 0 = absent, -1.
static int read_record(const char *path, const char *schema, json_t **out, struct error *err)
{
	*out = NULL;
	if (!file_exists(path))
		return 0;
	json_t *json = json_read_file(path, ENTRY_LIMIT, err);
	if (!json || json_check_schema(json, schema, path, err)) {
		json_decref(json);
		return -1;
	}
	*out = json;
	return 1;
}

int ledger_read(const char *workspace, const char *name, const char *go_version, json_t **out, struct error *err)
{
	cleanup_free char *path = ledger_path(workspace, name, go_version, "json");
	return read_record(path, entry_schema, out, err);
}

// The highest version with that stem (NULL: any) whose entry has this value under a key (NULL: any).
static int find_highest(const char *workspace, const char *name, const char *stem, const char *key, const char *value,
			json_t **out, struct error *err)
{
	cleanup_with(file_names_clear) file_names versions = VEC_INIT;
	*out = NULL;
	if (ledger_versions(workspace, name, &versions, err))
		return -1;
	for (size_t i = versions.count; i-- > 0;) {
		cleanup_json json_t *entry = NULL;
		if (stem && go_version_rev(versions.items[i], stem) < 0)
			continue;
		int found = ledger_read(workspace, name, versions.items[i], &entry, err);
		if (found < 0)
			return -1;
		if (!found || (value && strcmp(json_string_or(entry, key, ""), value)))
			continue;
		*out = json_incref(entry);
		return 1;
	}
	return 0;
}

int ledger_latest(const char *workspace, const char *name, const char *version, json_t **out, struct error *err)
{
	return find_highest(workspace, name, NULL, "version", version, out, err);
}

int ledger_find(const char *workspace, const char *name, const char *stem, const char *request, json_t **out,
		struct error *err)
{
	return find_highest(workspace, name, stem, "request", request, out, err);
}

int ledger_put(const char *workspace, json_t *entry, struct error *err)
{
	const char *name, *go_version, *inputs;
	if (json_get_string(entry, "name", "ledger entry", &name, err) ||
	    json_get_string(entry, "go_version", "ledger entry", &go_version, err) ||
	    json_get_string(entry, "inputs", "ledger entry", &inputs, err))
		return -1;
	cleanup_free char *path = ledger_path(workspace, name, go_version, "json");
	cleanup_free char *folder = ledger_folder(workspace, name);
	cleanup_json json_t *there = NULL;
	int found = read_record(path, entry_schema, &there, err);
	if (found < 0)
		return -1;
	if (found && !strcmp(json_string_or(there, "inputs", ""), inputs))
		return 1;
	cleanup_text struct text text = TEXT_INIT;
	json_write_pretty(entry, &text);
	if (registry_make_folder(folder, err))
		return -1;
	return file_write_once(path, text.ptr, text.len, err) < 0 ? -1 : 0;
}

// ---- revs ------------------------------------------------------------------------------------------------------------

struct choice {
	const char *stem, *kind, *inputs;
	int64_t next;       // first rev that is free
	const char *chosen; // version that has the inputs already
};

static int look_at(const char *path, const char *schema, const char *version, struct choice *choice, struct error *err)
{
	cleanup_json json_t *record = NULL;
	int64_t rev = go_version_rev(version, choice->stem);
	if (rev < 0)
		return 0; // another release's
	int found = read_record(path, schema, &record, err);
	if (found <= 0)
		return found;
	const char *kind = json_string_or(record, "kind", "");
	if (!strcmp(kind, "cycle") != !strcmp(choice->kind, "cycle"))
		return error_set(err, ERROR_POLICY,
				 "%s is the record of a %s, and a %s would get the same Go module path: convert one of "
				 "the two in "
				 "a workspace with another host",
				 path, kind, choice->kind);
	if (!strcmp(json_string_or(record, "inputs", ""), choice->inputs))
		choice->chosen = version;
	if (rev >= choice->next)
		choice->next = rev + 1;
	return 0;
}

int ledger_choose(const char *workspace, const char *name, const char *stem, const char *kind, const char *inputs,
		  char **go_version, struct error *err)
{
	static const struct {
		const char *suffix, *schema;
	} records[] = {{"claim", claim_schema}, {"json", entry_schema}};
	struct choice choice = {.stem = stem, .kind = kind, .inputs = inputs};
	*go_version = NULL;
	for (size_t i = 0; i < ARRAY_LENGTH(records); i++) {
		cleanup_with(file_names_clear) file_names versions = VEC_INIT;
		cleanup_free char *suffix = xasprintf(".%s", records[i].suffix);
		if (list_with_suffix(workspace, name, suffix, &versions, err))
			return -1;
		choice.chosen = NULL;
		vec_each (&versions, version) {
			cleanup_free char *path = ledger_path(workspace, name, *version, records[i].suffix);
			if (look_at(path, records[i].schema, *version, &choice, err))
				return -1;
		}
		if (choice.chosen) {
			free(*go_version);
			*go_version = xstrdup(choice.chosen);
		}
	}
	if (!*go_version)
		*go_version = xasprintf("%s.%lld", stem, (long long)choice.next);
	return 0;
}

int ledger_claim(const char *workspace, const char *name, const char *go_version, const char *kind, const char *inputs,
		 struct error *err)
{
	cleanup_free char *path = ledger_path(workspace, name, go_version, "claim");
	cleanup_free char *folder = ledger_folder(workspace, name);
	cleanup_json json_t *claim =
		json_pack("{s:s, s:s, s:s}", "schema", claim_schema, "kind", kind, "inputs", inputs);
	cleanup_text struct text text = TEXT_INIT;
	json_write_compact(claim, &text);
	if (registry_make_folder(folder, err) || dir_sweep(folder, err))
		return -1;
	if (file_write_once(path, text.ptr, text.len, err) >= 0)
		return 0;
	if (err && err->code == ERROR_POLICY)
		return error_set(err, ERROR_WORKSPACE,
				 "%s %s: another process took this version for other inputs: try again", name,
				 go_version);
	return -1;
}

json_t *ledger_wheel(json_t *entry)
{
	json_t *built = json_object_get(entry, "built");
	return json_is_object(built) ? built : json_object_get(entry, "archive");
}
