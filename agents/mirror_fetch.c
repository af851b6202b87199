// Fetches what packages of Go modules from outside need: `go mod download`
// and `go mod tidy` in a folder of their own, outside of the sandbox, with the
// user's proxies. They fetch, verify and parse; nothing of it is run. What go
// has seen then goes into the registry.
#include "agents/mirror_internal.h"

#include <string.h>

#include "agents/registry.h"
#include "core/asset.h"
#include "core/file.h"

enum { SAID = 1500 };
static const char main_module[] = "check.invalid/modules";

// ---- go --------------------------------------------------------------------------------------------------------------

// What it says decides the kind: a sum that differs, a server that has none of it, or nobody who answers.
static int refuse(struct fetching *fetching, const char *what, struct slice said, struct error *err)
{
	static const char *const absent[] = {"404 Not Found", "410 Gone",     "unknown revision",
					     "not found",     "no such file", "invalid version"};
	enum error_code code = ERROR_NETWORK;
	cleanup_text struct text list = TEXT_INIT, words = TEXT_INIT;
	said = slice_trim(said);
	text_add_slice(&words, (struct slice){said.ptr, said.len > SAID ? SAID : said.len});
	for (size_t i = 0; i < ARRAY_LENGTH(absent); i++)
		if (strstr(text_str(&words), absent[i]))
			code = ERROR_INDEX;
	if (strstr(text_str(&words), "requires go >=") || strstr(text_str(&words), "errors parsing go.mod"))
		code = ERROR_CONFIG;
	if (strstr(text_str(&words), "checksum mismatch") || strstr(text_str(&words), "SECURITY ERROR"))
		code = ERROR_POLICY;
	mirror_list(fetching->work->plan, ", ", &list);
	return error_set(err, code, "%s of the Go modules that translations use (go_modules: %s): %s", what,
			 text_str(&list), words.len ? text_str(&words) : "go said nothing");
}

int mirror_go(struct fetching *fetching, const char *const *arguments, struct text *output, struct error *err)
{
	struct work *work = fetching->work;
	struct go_fetch task = {.arguments = arguments,
				.folder = fetching->folder,
				.module_cache = fetching->cache,
				.proxy = fetching->proxy,
				.timeout = work->config->job_timeout,
				.interrupted = work->interrupted};
	struct process_result result = {0};
	cleanup_free char *what = xasprintf("go %s %s", arguments[0], arguments[1]);
	if (toolchain_go_fetch(work->toolchain, &task, &result, err))
		return -1;
	work_note(work, "+ %lld ms %s, outside of the sandbox", (long long)result.wall_time, what);
	int status = 0;
	if (result.timed_out)
		status = error_set(err, ERROR_NETWORK, "%s took longer than %lld ms (job_timeout)", what,
				   (long long)task.timeout);
	else if (result.exit_status != 0 && (!output || !result.output.len))
		status = refuse(fetching, what, text_slice(&result.error_output), err);
	if (!status && output)
		text_add_slice(output, text_slice(&result.output));
	process_result_clear(&result);
	return status;
}

// Objects one after the other, each ends with a line "}".
static int download(struct fetching *fetching, struct error *err)
{
	static const char *const arguments[] = {"mod", "download", "-json", NULL};
	static const char end[] = "\n}\n";
	cleanup_text struct text text = TEXT_INIT;
	if (mirror_go(fetching, arguments, &text, err))
		return -1;
	json_array_clear(fetching->downloads);
	struct slice rest = text_slice(&text);
	for (const char *at; rest.len && (at = memmem(rest.ptr, rest.len, end, strlen(end)));) {
		struct slice object = {rest.ptr, (size_t)(at - rest.ptr) + 2};
		json_t *row = json_parse(object, "go mod download -json", err);
		if (!row)
			return -1;
		json_array_append_new(fetching->downloads, row);
		if (json_object_get(row, "Error"))
			return refuse(fetching, "go mod download", slice_of(json_string_or(row, "Error", "")), err);
		rest = slice_from(rest, object.len + 1);
	}
	return 0;
}

static json_t *download_of(const struct fetching *fetching, const char *module)
{
	size_t index;
	json_t *row;
	json_array_foreach (fetching->downloads, index, row) {
		if (!strcmp(json_string_or(row, "Path", ""), module))
			return row;
	}
	return NULL;
}

// ---- the folder ------------------------------------------------------------------------------------------------------

static int put(const struct fetching *fetching, const char *name, const struct text *text, struct error *err)
{
	cleanup_free char *path = xasprintf("%s/%s", fetching->folder, name);
	return file_write_plain(path, text_str(text), text->len, err);
}

bool mirror_is_wanted(const struct fetching *fetching, const struct plan_go_module *module)
{
	const char *path;
	json_t *ignored;
	json_object_foreach (fetching->wanted, path, ignored) {
		if (mirror_module_of(fetching->work->plan, slice_of(path)) == module)
			return true;
	}
	return false;
}

// go.sum: the sums that come with gophersnake, those of the setting, and what the registry claims.
static void add_sums(const struct fetching *fetching, const struct plan_go_module *module, struct text *sums)
{
	cleanup_free char *claim = registry_path(fetching->workspace, module->path, module->version, "ziphash");
	cleanup_text struct text claimed = TEXT_INIT;
	struct error ignored = ERROR_INIT;
	if (module->sum)
		text_addf(sums, "%s %s %s\n", module->path, module->version, module->sum);
	if (file_exists(claim) && !file_read(claim, MIRROR_FILE_LIMIT, &claimed, &ignored))
		text_addf(sums, "%s %s %s\n", module->path, module->version, text_str(&claimed));
}

static int write_main(struct fetching *fetching, struct error *err)
{
	cleanup_text struct text gomod = TEXT_INIT, gosum = TEXT_INIT;
	VEC(struct gomod_require) requires = VEC_INIT;
	text_add_slice(&gosum, asset_find("configs/go_modules.sum"));
	vec_each (&fetching->work->plan->go_modules, module) {
		if (!mirror_is_wanted(fetching, module))
			continue;
		vec_push(&requires, (struct gomod_require){.module = module->path, .version = module->version});
		add_sums(fetching, module, &gosum);
	}
	gomod_write(main_module, requires.items, requires.count, &gomod);
	vec_clear(&requires);
	return put(fetching, "go.mod", &gomod, err) || put(fetching, "go.sum", &gosum, err) ? -1 : 0;
}

// Go is content with one of several sums for a version; the setting's own is the one that counts.
static int check_sums(struct fetching *fetching, struct error *err)
{
	vec_each (&fetching->work->plan->go_modules, module) {
		const char *sum = json_string_or(download_of(fetching, module->path), "Sum", NULL);
		if (module->sum && sum && mirror_is_wanted(fetching, module) && strcmp(module->sum, sum) != 0)
			return error_set(err, ERROR_POLICY,
					 "go_modules: %s@%s: checksum mismatch: its sum is %s, and the setting says %s",
					 module->path, module->version, sum, module->sum);
	}
	return 0;
}

static bool has_go(const char *folder)
{
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	struct error ignored = ERROR_INIT;
	if (!dir_exists(folder) || dir_list(folder, &names, &ignored))
		return false;
	vec_each (&names, name)
		if (slice_ends(slice_of(*name), ".go") && !slice_ends(slice_of(*name), "_test.go"))
			return true;
	return false;
}

static bool is_internal(const char *path)
{
	return strstr(path, "/internal/") || slice_ends(slice_of(path), "/internal");
}

// Which of the packages there are, for others than their module: with its last element as name until go has told another.
static void find_packages(struct fetching *fetching, struct text *imports)
{
	const char *path;
	json_t *ignored;
	text_add(imports, "package modules\n\n");
	json_object_foreach (fetching->wanted, path, ignored) {
		const struct plan_go_module *module = mirror_module_of(fetching->work->plan, slice_of(path));
		json_t *row = download_of(fetching, module->path);
		cleanup_free char *folder =
			xasprintf("%s%s", json_string_or(row, "Dir", "/nonexistent"), path + strlen(module->path));
		const char *slash = strrchr(path, '/');
		bool there = !is_internal(path) && has_go(folder);
		json_object_set_new(fetching->packages, path,
				    there ? json_string(slash ? slash + 1 : path) : json_null());
		if (there)
			text_addf(imports, "import _ \"%s\"\n", path);
	}
}

static int name_packages(struct fetching *fetching, struct error *err)
{
	VEC(const char *) arguments = VEC_INIT;
	cleanup_text struct text text = TEXT_INIT;
	static const char *const head[] = {"list", "-e", "-f", "{{.ImportPath}} {{.Name}}"};
	const char *path;
	json_t *name;
	for (size_t i = 0; i < ARRAY_LENGTH(head); i++)
		vec_push(&arguments, head[i]);
	json_object_foreach (fetching->packages, path, name) {
		if (json_is_string(name))
			vec_push(&arguments, path);
	}
	vec_push(&arguments, NULL);
	int status = mirror_go(fetching, arguments.items, &text, err);
	vec_clear(&arguments);
	struct slice rest = text_slice(&text), line, import;
	while (!status && slice_cut(&rest, '\n', &line)) {
		if (!slice_cut(&line, ' ', &import) || !line.len)
			continue;
		cleanup_free char *key = slice_dup(import), *clause = slice_dup(line);
		if (json_object_get(fetching->packages, key))
			json_object_set_new(fetching->packages, key,
					    strcmp(clause, "main") ? json_string(clause) : json_null());
	}
	return status;
}

// `go mod tidy` raises the go line when a module wants more.
static int check_go_line(struct fetching *fetching, struct error *err)
{
	cleanup_free char *path = xasprintf("%s/go.mod", fetching->folder);
	cleanup_text struct text text = TEXT_INIT, list = TEXT_INIT;
	if (file_read(path, MIRROR_FILE_LIMIT, &text, err))
		return -1;
	struct slice rest = text_slice(&text), line;
	mirror_list(fetching->work->plan, ", ", &list);
	while (slice_cut(&rest, '\n', &line))
		if (slice_starts(line, "go ") && !slice_is(line, "go " GOMOD_GO))
			return error_set(
				err, ERROR_CONFIG,
				"go_modules (%s): together they need %.*s, and converted modules are written in "
				"go %s: list older versions",
				text_str(&list), (int)line.len, line.ptr, GOMOD_GO);
	return 0;
}

// ---- the whole -------------------------------------------------------------------------------------------------------

static int fetch(struct fetching *fetching, struct error *err)
{
	static const char *const tidy[] = {"mod", "tidy", NULL};
	cleanup_text struct text imports = TEXT_INIT;
	if (dir_make(fetching->folder, 0755, err) || write_main(fetching, err) || download(fetching, err) ||
	    check_sums(fetching, err))
		return -1;
	find_packages(fetching, &imports);
	return put(fetching, "modules.go", &imports, err) || mirror_go(fetching, tidy, NULL, err) ||
			       check_go_line(fetching, err) || name_packages(fetching, err) ||
			       download(fetching, err) || mirror_keep(fetching, err)
		       ? -1
		       : 0;
}

static json_t *make(struct work *work, json_t *packages, struct error *err)
{
	cleanup_free char *temporary = NULL;
	if (work_temporary(work, "modules", &temporary, err))
		return NULL;
	struct fetching fetching = {.work = work,
				    .wanted = packages,
				    .workspace = work_path(work, ""),
				    .folder = xasprintf("%s/main", temporary),
				    .cache = xasprintf("%s/cache", temporary),
				    .proxy = work_path(work, "registry/go"),
				    .downloads = json_array(),
				    .packages = json_object(),
				    .modules = json_array()};
	fetching.workspace[strlen(fetching.workspace) - 1] = '\0';
	json_t *record = NULL;
	if (!fetch(&fetching, err))
		record = json_pack("{s:O, s:O}", "packages", fetching.packages, "modules", fetching.modules);
	struct error ignored = ERROR_INIT; // what stays is swept when the workspace is opened another day
	dir_remove_tree(temporary, &ignored);
	json_decref(fetching.downloads);
	json_decref(fetching.packages);
	json_decref(fetching.modules);
	free(fetching.workspace);
	free(fetching.folder);
	free(fetching.cache);
	free(fetching.proxy);
	return record;
}

static bool is_there(const struct work *work, json_t *record)
{
	cleanup_free char *workspace = work_path(work, "");
	size_t index;
	json_t *row;
	workspace[strlen(workspace) - 1] = '\0';
	json_array_foreach (json_object_get(record, "modules"), index, row) {
		struct registry_foreign foreign = {.module = json_string_or(row, "module", ""),
						   .version = json_string_or(row, "version", ""),
						   .h1 = json_string_or(row, "h1", NULL)};
		if (!registry_has_foreign(workspace, &foreign))
			return false;
	}
	return true;
}

// The listed modules as they are required, and the packages. Other items of the list change nothing.
static void make_key(struct work *work, json_t *packages, char key[DIGEST_HEX_SIZE])
{
	struct digest_hasher *hasher = digest_new();
	cleanup_json json_t *names = json_sorted_keys(packages);
	struct slice sums = asset_find("configs/go_modules.sum");
	size_t index;
	json_t *name;
	digest_add_string(hasher, "go modules/1");
	digest_add(hasher, sums.ptr, sums.len);
	json_array_foreach (names, index, name) {
		const struct plan_go_module *module = mirror_module_of(work->plan, slice_of(json_string_value(name)));
		digest_add_string(hasher, json_string_value(name));
		digest_add_string(hasher, module->path);
		digest_add_string(hasher, module->version);
		digest_add_string(hasher, module->sum ? module->sum : "");
	}
	digest_final_hex(hasher, key);
	digest_free(hasher);
}

int mirror_record(struct work *work, json_t *packages, json_t **record, struct error *err)
{
	char key[DIGEST_HEX_SIZE], digest[DIGEST_HEX_SIZE];
	make_key(work, packages, key);
	int found = store_memo_get(work->store, key, digest, err);
	*record = found > 0 ? store_get_json(work->store, digest, "Go modules", err) : NULL;
	if (found < 0 || (found && !*record))
		return -1;
	if (found && is_there(work, *record))
		return 0;
	json_decref(*record);
	*record = make(work, packages, err);
	if (*record && !store_put_json(work->store, *record, digest, err) &&
	    !store_memo_put(work->store, key, digest, err))
		return 0;
	json_decref(*record);
	*record = NULL;
	return -1;
}
