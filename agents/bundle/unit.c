// A unit of the bundle, from a translation: its proved functions, and what
// they need. What the Go tool or the compiler refuses is left out here, so
// that one unit never stops a bundle.
#include <string.h>

#include "agents/bundle/internal.h"
#include "agents/mirror.h"
#include "agents/translators/tool.h"
#include "core/file.h"
#include "core/vec.h"

enum { SOURCE_LIMIT = 64 * 1024 * 1024 };

static int add_text(struct work *work, json_t *files, const char *name, const char *digest, struct error *err)
{
	cleanup_free char *path = store_path(work->store, digest);
	cleanup_text struct text text = TEXT_INIT;
	if (file_read(path, SOURCE_LIMIT, &text, err))
		return error_context(err, "%s", name);
	json_t *value = json_stringn(text_str(&text), text.len);
	if (!value)
		return error_set(err, ERROR_FAILED, "%s is no UTF-8", name);
	json_object_set_new(files, name, value);
	return 0;
}

// The name of a file in a folder itself, NULL for others.
static const char *name_in(const char *path, const char *folder)
{
	size_t length = strlen(folder);
	if (strncmp(path, folder, length) != 0 || path[length] != '/' || strchr(path + length + 1, '/'))
		return NULL;
	return path + length + 1;
}

static int add_bridged(struct work *work, json_t *emit, const char *folder, json_t *files, struct error *err)
{
	cleanup_json json_t *tree = store_get_json(work->store, json_string_or(emit, "tree", ""), "emitted code", err);
	size_t index;
	json_t *file;
	if (!tree)
		return -1;
	json_array_foreach (json_object_get(tree, "files"), index, file) {
		const char *name = name_in(json_string_or(file, "path", ""), folder);
		if (name && slice_ends(slice_of(name), ".go") &&
		    add_text(work, files, name, json_string_or(file, "sha256", ""), err))
			return -1;
	}
	return 0;
}

static int add_table(struct work *work, json_t *tables, const char *path, const char *digest, struct error *err)
{
	const char *slash = strrchr(path, '/');
	cleanup_free char *import = xasprintf("py/%.*s", (int)(slash - path), path);
	json_t *table = json_object_get(tables, import);
	if (!table) {
		table = json_pack("{s:{}}", "files");
		json_object_set_new(tables, import, table);
	}
	return add_text(work, json_object_get(table, "files"), slash + 1, digest, err);
}

static int add_native(struct work *work, json_t *translation, const char *folder, json_t *unit, struct error *err)
{
	const char *path;
	json_t *digest;
	json_object_foreach (json_object_get(translation, "files"), path, digest) {
		const char *name = name_in(path, folder);
		if (name && slice_ends(slice_of(name), "_native_py.go")) {
			if (add_text(work, json_object_get(unit, "native"), name, json_string_value(digest), err))
				return -1;
		} else if (slice_starts(slice_of(path), "dist.tables/") && strrchr(path, '/') &&
			   add_table(work, json_object_get(unit, "tables"), path, json_string_value(digest), err)) {
			return -1;
		}
	}
	return 0;
}

// The longest module of the unit that the dotted name lies in.
static const char *module_of(json_t *emit, const char *unit, const char *name)
{
	size_t index, number;
	json_t *row, *module;
	const char *found = NULL;
	json_array_foreach (json_object_get(emit, "units"), index, row) {
		if (strcmp(json_string_or(row, "id", ""), unit) != 0)
			continue;
		json_array_foreach (json_object_get(row, "modules"), number, module) {
			const char *text = json_string_value(module);
			size_t length = text ? strlen(text) : 0;
			if (length && !strncmp(name, text, length) && name[length] == '.' &&
			    (!found || length > strlen(found)))
				found = text;
		}
	}
	return found;
}

static void refuse(json_t *refused, const char *go, const char *reason)
{
	json_array_append_new(refused, json_pack("{s:s, s:s}", "go", go, "reason", reason));
}

static void add_functions(json_t *emit, json_t *translation, json_t *functions, json_t *refused)
{
	size_t index;
	json_t *row;
	json_array_foreach (json_object_get(translation, "functions"), index, row) {
		const char *go = json_string_or(row, "go", ""), *name = json_string_or(row, "name", "");
		if (strcmp(json_string_or(row, "state", ""), "native") != 0)
			continue;
		const char *module = module_of(emit, json_string_or(translation, "unit", ""), name);
		if (!json_is_object(json_object_get(row, "guards")) ||
		    !json_is_array(json_object_get(row, "parameters"))) {
			refuse(refused, go, "it is not proved by recorded calls");
		} else if (!module) {
			refuse(refused, go, "its module is not known");
		} else {
			json_t *absorbed = json_object_get(row, "absorbed");
			json_array_append_new(
				functions,
				json_pack("{s:s, s:s, s:s, s:O, s:O, s:o}", "go", go, "module", module, "name",
					  name + strlen(module) + 1, "parameters", json_object_get(row, "parameters"),
					  "guards", json_object_get(row, "guards"), "absorbed",
					  json_is_array(absorbed) ? json_incref(absorbed) : json_array()));
		}
	}
}

// ---- what can be called ----------------------------------------------------------------------------------------------

static void drop(json_t *functions, const char *go)
{
	for (size_t i = json_array_size(functions); i-- > 0;)
		if (!*go || !strcmp(json_string_or(json_array_get(functions, i), "go", ""), go))
			json_array_remove(functions, i);
}

// The compiler's word on all of the unit. 0: it compiles; 1: *reason (heap).
static int compile(struct work *work, json_t *unit, const char *folder, char **reason, struct error *err)
{
	// -export compiles without linking.
	const char *const arguments[] = {"list", "-export", "-f", "{{.ImportPath}}", "-tags", "gophersnake_bundle",
					 ".",    NULL};
	cleanup_free char *module = xasprintf("%s/src", folder), *requirements = xasprintf("%s/requirements", folder);
	struct go_task task = {.arguments = arguments,
			       .module = module,
			       .timeout = BUNDLE_BUILD_TIMEOUT,
			       .interrupted = work->interrupted};
	struct mirror_use mirror;
	struct process_result result = {0};
	if (mirror_use_make(work, json_object_get(unit, "go_modules"), requirements, &mirror, err))
		return -1;
	mirror_use_in(&mirror, &task);
	int status = toolchain_go(work->toolchain, work->sandbox, &task, &result, err);
	mirror_use_clear(&mirror);
	if (!status && result.exit_status != 0) {
		status = 1;
		*reason = xasprintf("it does not compile in a bundle: %.600s", text_str(&result.error_output));
	}
	process_result_clear(&result);
	return status;
}

static int settle(struct work *work, json_t *unit, const char *folder, json_t *refused, struct error *err)
{
	char id[DIGEST_HEX_SIZE];
	json_t *functions = json_object_get(unit, "functions"), *row;
	cleanup_text struct text text = TEXT_INIT;
	json_write_compact(unit, &text);
	digest_hex_of(text.ptr, text.len, id);
	cleanup_json json_t *units = json_pack("[O]", unit), *ids = json_pack("[s]", id);
	cleanup_json json_t *answer = bundle_stage(work, units, ids, "0", "0", folder, err);
	size_t index;
	if (!answer)
		return -1;
	json_array_foreach (json_object_get(answer, "refused"), index, row) {
		const char *go = json_string_or(row, "go", "");
		refuse(refused, go, json_string_or(row, "reason", ""));
		drop(functions, go);
	}
	cleanup_free char *reason = NULL;
	int status = json_array_size(functions) ? compile(work, unit, folder, &reason, err) : 0;
	if (status > 0) {
		refuse(refused, "", reason);
		drop(functions, "");
	}
	return status < 0 ? -1 : 0;
}

static int make(struct work *work, json_t *emit, json_t *translation, json_t *release, json_t **out, json_t **refused,
		struct error *err)
{
	const char *package = json_string_or(translation, "package", "");
	const char *folder = !strncmp(package, "py/", 3) ? package + 3 : package;
	cleanup_json json_t *unit = json_pack("{s:s, s:{}, s:{}, s:{}, s:[]}", "schema", BUNDLE_UNIT_SCHEMA, "bridged",
					      "native", "tables", "functions");
	json_object_update(unit, release);
	json_t *record = json_object_get(translation, "go_modules");
	if (record)
		json_object_set(unit, "go_modules", json_object_get(record, "modules"));
	cleanup_json json_t *reasons = json_array();
	json_t *functions = json_object_get(unit, "functions");
	add_functions(emit, translation, functions, reasons);
	if (json_array_size(functions)) {
		cleanup_free char *scratch = NULL;
		int status = add_bridged(work, emit, folder, json_object_get(unit, "bridged"), err) ||
			     add_native(work, translation, folder, unit, err) ||
			     work_temporary(work, "bundle", &scratch, err) || settle(work, unit, scratch, reasons, err);
		struct error ignored = ERROR_INIT;
		if (scratch)
			dir_remove_tree(scratch, &ignored);
		if (status)
			return error_context(err, "bundle: unit %s of %s", json_string_or(translation, "unit", ""),
					     json_string_or(release, "release", ""));
	}
	*out = json_array_size(functions) ? steal(&unit) : NULL;
	*refused = steal(&reasons);
	return 0;
}

// All that decides what a unit becomes. The number: raise it when this file or stage.c writes others.
static void make_key(struct work *work, json_t *emit, json_t *translation, json_t *release, char key[DIGEST_HEX_SIZE])
{
	char tool[DIGEST_HEX_SIZE];
	json_t *const documents[] = {emit, translation, release};
	tool_digest(tool);
	const char *const words[] = {"bundle unit/2", work->plan->generator, tool, work->toolchain->go_version};
	struct digest_hasher *hasher = digest_new();
	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		digest_add_string(hasher, words[i]);
	for (size_t i = 0; i < ARRAY_LENGTH(documents); i++) {
		cleanup_text struct text text = TEXT_INIT;
		json_write_compact(documents[i], &text);
		digest_add_string(hasher, text_str(&text));
	}
	digest_final_hex(hasher, key);
	digest_free(hasher);
}

int bundle_unit_make(struct work *work, json_t *emit, json_t *translation, json_t *release, json_t **out,
		     char digest[DIGEST_HEX_SIZE], json_t **refused, struct error *err)
{
	char key[DIGEST_HEX_SIZE], kept[DIGEST_HEX_SIZE];
	*out = NULL;
	*refused = NULL;
	digest[0] = '\0';
	make_key(work, emit, translation, release, key);
	int found = store_memo_get(work->store, key, kept, err);
	cleanup_json json_t *memo = found > 0 ? store_get_json(work->store, kept, "bundle unit", err) : NULL;
	if (found < 0 || (found && !memo))
		return -1;
	if (!found) {
		cleanup_json json_t *unit = NULL, *reasons = NULL;
		if (make(work, emit, translation, release, &unit, &reasons, err))
			return -1;
		memo = json_pack("{s:O?, s:O}", "unit", unit, "refused", reasons);
		if (store_put_json(work->store, memo, kept, err) || store_memo_put(work->store, key, kept, err))
			return -1;
	}
	json_t *unit = json_object_get(memo, "unit");
	*refused = json_incref(json_object_get(memo, "refused"));
	if (json_is_object(unit)) {
		cleanup_text struct text text = TEXT_INIT;
		json_write_compact(unit, &text);
		digest_hex_of(text.ptr, text.len, digest);
		*out = json_incref(unit);
	}
	return 0;
}

bool bundle_has_native(json_t *translation)
{
	size_t index;
	json_t *row;
	json_array_foreach (json_object_get(translation, "functions"), index, row) {
		if (!strcmp(json_string_or(row, "state", ""), "native"))
			return true;
	}
	return false;
}

// A licence file in whatever encoding: what is no UTF-8 is read as Latin-1.
static json_t *licence_text(const struct text *data)
{
	json_t *text = json_stringn(data->len ? data->ptr : "", data->len);
	if (text)
		return text;
	cleanup_text struct text decoded = TEXT_INIT;
	for (size_t i = 0; i < data->len; i++) {
		unsigned char byte = (unsigned char)data->ptr[i];
		if (byte < 0x80)
			text_add_char(&decoded, (char)byte);
		else
			text_addf(&decoded, "%c%c", 0xc0 | byte >> 6, 0x80 | (byte & 0x3f));
	}
	return json_stringn(decoded.ptr, decoded.len);
}

static int add_licences(struct work *work, int package, json_t *licences, struct error *err)
{
	const struct lock_package *of = &work->plan->lock.packages.items[package];
	cleanup_json json_t *scan = scan_result(work, package, err);
	json_t *licence, *files, *file;
	size_t index;
	if (!scan || json_get_object(scan, "licence", "scan result", &licence, err) ||
	    json_get_array(licence, "files", "licence", &files, err))
		return -1;
	json_array_foreach (files, index, file) {
		const char *path, *digest;
		cleanup_text struct text data = TEXT_INIT;
		if (json_get_string(file, "path", "licence file", &path, err) ||
		    json_get_string(file, "digest", "licence file", &digest, err) ||
		    store_get(work->store, digest, &data, err))
			return -1;
		cleanup_free char *name = xasprintf("%s/%s/%s", of->name, of->version, path);
		json_object_set_new(licences, name, licence_text(&data));
	}
	return 0;
}

json_t *bundle_release(struct work *work, int group, struct error *err)
{
	const struct plan_group *of = &work->plan->groups.items[group];
	const struct lock_package *first = &work->plan->lock.packages.items[of->members[0]];
	cleanup_json json_t *licences = json_object();
	for (int i = 0; i < of->member_count; i++)
		if (add_licences(work, of->members[i], licences, err))
			return NULL;
	cleanup_free char *release = xasprintf("%s %s", first->name, first->version);
	return json_pack("{s:s, s:O}", "release", release, "licences", licences);
}

json_t *bundle_unit_names(json_t *unit)
{
	json_t *names = json_object(), *row;
	size_t index;
	json_array_foreach (json_object_get(unit, "functions"), index, row) {
		const char *module = json_string_or(row, "module", ""), *name = json_string_or(row, "name", "");
		const char *before = json_string_or(names, module, NULL);
		cleanup_free char *text = before ? xasprintf("%s %s", before, name) : xstrdup(name);
		json_object_set_new(names, module, json_string(text));
	}
	return names;
}
