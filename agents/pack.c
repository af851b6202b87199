// Reads packs, from folders and from the binary itself, strictly: what is in
// them decides what is published as proved.
#include "agents/pack.h"

#include <string.h>

#include "agents/kept_calls.h"
#include "core/asset.h"
#include "core/file.h"
#include "core/vec.h"

struct packs {
	const struct config *config;
	VEC(struct pack *) known; // json NULL: there is none by that name
};

static const char built_in[] = "translations/";

// ---- pack.json -------------------------------------------------------------------------------------------------------

bool pack_is_unit(const char *unit)
{
	size_t length = strlen(unit);
	if (!length || length > 250 || unit[0] == '.' || unit[length - 1] == '.' || strstr(unit, ".."))
		return false;
	for (const unsigned char *c = (const unsigned char *)unit; *c; c++)
		if (*c < 0x21 || *c == 0x7f || strchr("/\\:*?\"<>|", *c))
			return false;
	return true;
}

static bool is_digest(const char *text)
{
	return strlen(text) == DIGEST_HEX_SIZE - 1 && strspn(text, "0123456789abcdef") == DIGEST_HEX_SIZE - 1;
}

static int check_strings(json_t *row, const char *key, const char *what, struct error *err)
{
	json_t *array, *item;
	size_t index;
	if (json_get_array(row, key, what, &array, err))
		return -1;
	json_array_foreach (array, index, item) {
		if (!json_is_string(item))
			return error_set(err, ERROR_INPUT, "%s: key \"%s\": expected an array of strings", what, key);
	}
	return 0;
}

// {"val": {"kinds": ["str", "None"], "items": ["str"]}}
static int check_guards(json_t *row, const char *what, struct error *err)
{
	json_t *guards, *guard;
	const char *name;
	if (json_get_object(row, "guards", what, &guards, err))
		return -1;
	json_object_foreach (guards, name, guard) {
		cleanup_free char *place = xasprintf("%s: guard \"%s\"", what, name);
		if (!json_is_object(guard))
			return error_set(err, ERROR_INPUT, "%s: expected an object", place);
		if (check_strings(guard, "kinds", place, err) ||
		    (json_object_get(guard, "items") && check_strings(guard, "items", place, err)))
			return -1;
	}
	return 0;
}

// [["val", "required"]]
static int check_parameters(json_t *row, const char *what, struct error *err)
{
	json_t *parameters, *pair;
	size_t index;
	if (json_get_array(row, "parameters", what, &parameters, err))
		return -1;
	json_array_foreach (parameters, index, pair) {
		if (json_array_size(pair) != 2 || !json_is_string(json_array_get(pair, 0)) ||
		    !json_is_string(json_array_get(pair, 1)))
			return error_set(err, ERROR_INPUT, "%s: key \"parameters\": expected [name, kind] pairs", what);
	}
	return 0;
}

static int check_calls(json_t *row, const char *what, struct error *err)
{
	json_t *calls, *number;
	const char *name;
	if (json_get_object(row, "calls", what, &calls, err))
		return -1;
	json_object_foreach (calls, name, number) {
		if (!json_is_integer(number) || json_integer_value(number) < 0)
			return error_set(err, ERROR_INPUT, "%s: calls: key \"%s\": expected a number of calls", what,
					 name);
	}
	return 0;
}

static int check_function(json_t *row, const char *what, struct error *err)
{
	static const char *const texts[] = {"python", "unit", "go", "key", "code", "translator"};
	static const char *const objects[] = {"coverage", "speed", "border"}; // may be absent
	const char *values[ARRAY_LENGTH(texts)];
	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
		if (json_get_string(row, texts[i], what, &values[i], err))
			return -1;
		if (!*values[i])
			return error_set(err, ERROR_INPUT, "%s: key \"%s\": it is empty", what, texts[i]);
	}
	if (!pack_is_unit(values[1]))
		return error_set(err, ERROR_INPUT, "%s: key \"unit\": \"%.100s\" is no unit's name", what, values[1]);
	for (size_t i = 3; i < 5; i++)
		if (!is_digest(values[i]))
			return error_set(err, ERROR_INPUT, "%s: key \"%s\": expected a SHA-256 in lower-case hex", what,
					 texts[i]);
	for (size_t i = 0; i < ARRAY_LENGTH(objects); i++) {
		json_t *object = json_object_get(row, objects[i]);
		if (object && !json_is_object(object))
			return error_set(err, ERROR_INPUT, "%s: key \"%s\": expected an object", what, objects[i]);
	}
	return check_strings(row, "modules", what, err) || check_strings(row, "evidence", what, err) ||
			       check_guards(row, what, err) || check_parameters(row, what, err) ||
			       check_calls(row, what, err)
		       ? -1
		       : 0;
}

static int check_bridged(json_t *row, const char *what, struct error *err)
{
	static const char *const texts[] = {"python", "unit", "reason"};
	const char *value;
	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
		if (json_get_string(row, texts[i], what, &value, err))
			return -1;
	if (!pack_is_unit(json_string_or(row, "unit", "")))
		return error_set(err, ERROR_INPUT, "%s: key \"unit\": it is no unit's name", what);
	return 0;
}

static int check_rows(json_t *pack, const char *key, int (*check)(json_t *, const char *, struct error *), json_t *seen,
		      const char *what, struct error *err)
{
	json_t *rows, *row;
	size_t index;
	if (json_get_array(pack, key, what, &rows, err))
		return -1;
	json_array_foreach (rows, index, row) {
		cleanup_free char *place = xasprintf("%s: %s[%zu]", what, key, index);
		if (!json_is_object(row))
			return error_set(err, ERROR_INPUT, "%s: expected an object", place);
		if (check(row, place, err))
			return -1;
		const char *name = json_string_or(row, "python", "");
		if (json_object_get(seen, name))
			return error_set(err, ERROR_INPUT, "%s: %.200s is there twice", place, name);
		json_object_set_new(seen, name, json_true());
	}
	return 0;
}

// {"sqlparse.utils": digest of its calls.json}; may be absent.
static int check_tests(json_t *pack, const char *what, struct error *err)
{
	json_t *tests = json_object_get(pack, "tests"), *digest;
	const char *unit;
	if (tests && !json_is_object(tests))
		return error_set(err, ERROR_INPUT, "%s: key \"tests\": expected an object", what);
	json_object_foreach (tests, unit, digest) {
		if (!pack_is_unit(unit) || !json_is_string(digest) || !is_digest(json_string_value(digest)))
			return error_set(err, ERROR_INPUT,
					 "%s: key \"tests\": expected units with SHA-256 in lower-case hex", what);
	}
	return 0;
}

json_t *pack_parse(struct slice data, const char *what, struct error *err)
{
	cleanup_json json_t *seen = json_object();
	const char *text;
	if (data.len > PACK_LIMIT) {
		error_set(err, ERROR_INPUT, "%s: larger than %d MiB", what, PACK_LIMIT >> 20);
		return NULL;
	}
	cleanup_json json_t *pack = json_parse(data, what, err);
	if (!pack || json_check_schema(pack, "gophersnake.pack/1", what, err) ||
	    json_get_string(pack, "name", what, &text, err) || json_get_string(pack, "version", what, &text, err) ||
	    json_get_string(pack, "python", what, &text, err) ||
	    check_rows(pack, "functions", check_function, seen, what, err) ||
	    check_rows(pack, "bridged", check_bridged, seen, what, err) || check_tests(pack, what, err))
		return NULL;
	return steal(&pack);
}

// ---- Go --------------------------------------------------------------------------------------------------------------

static bool is_go(const char *name)
{
	return slice_ends(slice_of(name), ".go") && !strchr(name, '/') && *name != '.';
}

static int add_code(json_t *files, const char *name, struct slice data, const char *place, struct error *err)
{
	if (data.len > PACK_FILE_LIMIT)
		return error_set(err, ERROR_INPUT, "%s: larger than %d MiB", place, PACK_FILE_LIMIT >> 20);
	if (json_object_size(files) == PACK_FILES)
		return error_set(err, ERROR_INPUT, "%s: more than %d files", place, PACK_FILES);
	json_t *text =
		data.len && memchr(data.ptr, 0, data.len) ? NULL : json_stringn(data.ptr ? data.ptr : "", data.len);
	if (!text)
		return error_set(err, ERROR_INPUT, "%s: it is not UTF-8 text", place);
	json_object_set_new(files, name, text);
	return 0;
}

int pack_read_code(const char *folder, json_t **out, struct error *err)
{
	cleanup_json json_t *files = json_object();
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	if (dir_exists(folder) && dir_list(folder, &names, err))
		return -1;
	vec_each (&names, name) {
		cleanup_free char *path = xasprintf("%s/%s", folder, *name);
		cleanup_text struct text data = TEXT_INIT;
		if (!is_go(*name))
			continue;
		if (file_read(path, PACK_FILE_LIMIT, &data, err) ||
		    add_code(files, *name, text_slice(&data), path, err))
			return -1;
	}
	*out = steal(&files);
	return 0;
}

static int built_in_code(const char *folder, json_t **out, struct error *err)
{
	cleanup_json json_t *files = json_object();
	size_t length = strlen(folder);
	for (size_t i = 0; i < asset_count; i++) {
		struct asset asset = asset_at(i);
		if (strncmp(asset.path, folder, length) != 0 || asset.path[length] != '/' ||
		    !is_go(asset.path + length + 1))
			continue;
		if (add_code(files, asset.path + length + 1, asset.data, asset.path, err))
			return -1;
	}
	*out = steal(&files);
	return 0;
}

static void add_files(struct digest_hasher *hasher, json_t *files)
{
	const char *name;
	json_t *text;
	VEC(const char *) names = VEC_INIT;
	json_object_foreach (files, name, text) {
		vec_push(&names, name);
	}
	for (size_t i = 1; i < names.count; i++) // few
		for (size_t j = i; j > 0 && strcmp(names.items[j], names.items[j - 1]) < 0; j--) {
			const char *other = names.items[j];
			names.items[j] = names.items[j - 1];
			names.items[j - 1] = other;
		}
	vec_each (&names, each) {
		digest_add_string(hasher, *each);
		digest_add_string(hasher, json_string_value(json_object_get(files, *each)));
	}
	vec_clear(&names);
}

void pack_code_digest(const struct plan *plan, json_t *files, char digest[DIGEST_HEX_SIZE])
{
	struct digest_hasher *hasher = digest_new();
	digest_add_string(hasher, "code/1");
	add_files(hasher, files);
	pack_add_go_modules(hasher, plan, files);
	digest_final_hex(hasher, digest);
	digest_free(hasher);
}

// ---- a pack ----------------------------------------------------------------------------------------------------------

static void pack_free(struct pack *pack)
{
	if (!pack)
		return;
	json_decref(pack->json);
	json_decref(pack->code);
	json_decref(pack->calls);
	free(pack->name);
	free(pack->place);
	free(pack);
}
DEFINE_CLEANUP(pack)

static int read_units(struct pack *pack, bool of_folder, struct error *err)
{
	static const char *const keys[] = {"functions", "bridged"};
	json_t *row;
	size_t index;
	for (size_t i = 0; i < ARRAY_LENGTH(keys); i++)
		json_array_foreach (json_object_get(pack->json, keys[i]), index, row) {
			const char *unit = json_string_or(row, "unit", "");
			cleanup_free char *folder = xasprintf("%s/%s", pack->place, unit);
			json_t *files = NULL;
			if (json_object_get(pack->code, unit))
				continue;
			if (of_folder ? pack_read_code(folder, &files, err) : built_in_code(folder, &files, err))
				return -1;
			json_object_set_new(pack->code, unit, files);
		}
	return 0;
}

// Expectations come from CPython and nowhere else: the bytes must be those that the proof wrote.
static int read_calls(struct pack *pack, bool of_folder, struct error *err)
{
	const char *unit;
	json_t *digest;
	json_object_foreach (json_object_get(pack->json, "tests"), unit, digest) {
		cleanup_free char *path = xasprintf("%s/%s/calls.json", pack->place, unit);
		cleanup_text struct text text = TEXT_INIT;
		char found[DIGEST_HEX_SIZE];
		if (of_folder && file_read(path, PACK_FILE_LIMIT, &text, err))
			return -1;
		struct slice data = of_folder ? text_slice(&text) : asset_find(path);
		digest_hex_of(data.ptr ? data.ptr : "", data.len, found);
		if (strcmp(found, json_string_value(digest)) != 0)
			return error_set(
				err, ERROR_INPUT,
				"%s: it was changed after it was written (`gophersnake prove` writes it again)", path);
		json_t *calls = kept_calls_parse(data, path, err);
		if (!calls)
			return -1;
		json_object_set_new(pack->calls, unit, calls);
	}
	return 0;
}

static void digest_pack(struct pack *pack)
{
	struct digest_hasher *hasher = digest_new();
	cleanup_text struct text text = TEXT_INIT;
	const char *unit;
	json_t *files;
	json_write_compact(pack->json, &text);
	digest_add_string(hasher, "pack/1");
	digest_add_string(hasher, text_str(&text));
	json_object_foreach (pack->code, unit, files) { // in the order of the rows
		digest_add_string(hasher, unit);
		add_files(hasher, files);
	}
	digest_final_hex(hasher, pack->digest);
	digest_free(hasher);
}

static int fill(struct pack *pack, struct slice data, const char *path, bool of_folder, struct error *err)
{
	pack->json = pack_parse(data, path, err);
	if (!pack->json)
		return -1;
	if (strcmp(json_string_or(pack->json, "name", ""), pack->name) != 0)
		return error_set(err, ERROR_INPUT, "%s: key \"name\": it is the pack of %.100s, not of %s", path,
				 json_string_or(pack->json, "name", ""), pack->name);
	if (read_units(pack, of_folder, err) || read_calls(pack, of_folder, err))
		return -1;
	digest_pack(pack);
	return 0;
}

static int load(const struct packs *packs, struct pack *pack, struct error *err)
{
	for (unsigned i = 0; i < packs->config->packs.count; i++) {
		cleanup_free char *folder = xasprintf("%s/%s", packs->config->packs.items[i], pack->name);
		cleanup_free char *path = xasprintf("%s/pack.json", folder);
		cleanup_text struct text data = TEXT_INIT;
		if (!file_exists(path))
			continue;
		pack->place = steal(&folder);
		return file_read(path, PACK_LIMIT, &data, err) || fill(pack, text_slice(&data), path, true, err) ? -1
														 : 0;
	}
	cleanup_free char *path = xasprintf("%s%s/pack.json", built_in, pack->name);
	struct slice data = asset_find(path);
	pack->place = xasprintf("%s%s", built_in, pack->name);
	return data.ptr ? fill(pack, data, path, false, err) : 0;
}

// ---- all packs -------------------------------------------------------------------------------------------------------

int packs_open(const struct config *config, struct packs **out, struct error *err)
{
	for (unsigned i = 0; i < config->packs.count; i++)
		if (!dir_exists(config->packs.items[i]))
			return error_set(err, ERROR_CONFIG, "packs: %s: there is no such folder",
					 config->packs.items[i]);
	*out = xcalloc(1, sizeof **out);
	(*out)->config = config;
	return 0;
}

void packs_free(struct packs *packs)
{
	if (!packs)
		return;
	vec_each (&packs->known, pack)
		pack_free(*pack);
	vec_clear(&packs->known);
	free(packs);
}

int packs_find(struct packs *packs, const char *name, const struct pack **out, struct error *err)
{
	*out = NULL;
	vec_each (&packs->known, known)
		if (!strcmp((*known)->name, name)) {
			*out = (*known)->json ? *known : NULL;
			return *out != NULL;
		}
	cleanup_with(pack_cleanup_impl) struct pack *pack = xcalloc(1, sizeof *pack);
	pack->name = xstrdup(name);
	pack->code = json_object();
	pack->calls = json_object();
	if (load(packs, pack, err))
		return -1;
	vec_push(&packs->known, steal(&pack));
	*out = (*vec_last(&packs->known))->json ? *vec_last(&packs->known) : NULL;
	return *out != NULL;
}

void packs_forget(struct packs *packs, const char *name)
{
	size_t kept = 0;
	vec_each (&packs->known, pack) {
		if (!strcmp((*pack)->name, name))
			pack_free(*pack);
		else
			packs->known.items[kept++] = *pack;
	}
	packs->known.count = kept;
}
