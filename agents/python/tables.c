// Evaluates a module's tables in the sandbox and writes the Go package of them.
#include "agents/python/tables.h"

#include <string.h>

#include "agents/go/names.h"
#include "core/asset.h"
#include "core/file.h"
#include "core/vec.h"

enum { TIMEOUT = 60000, OUTPUT_LIMIT = 64 << 20, SAID = 300 };
static const char program[] = "agents/python/tables.py";

char *tables_path(const char *module)
{
	cleanup_text struct text path = TEXT_INIT;
	struct slice rest = slice_of(module), element;
	text_add(&path, "py/dist.tables");
	while (slice_cut(&rest, '.', &element)) {
		cleanup_free char *name = slice_dup(element), *folder = name_directory(name);
		text_addf(&path, "/%s", folder);
	}
	return xstrdup(text_str(&path));
}

static char *clause_of(const char *module)
{
	const char *dot = strrchr(module, '.');
	cleanup_free char *folder = name_directory(dot ? dot + 1 : module);
	return name_package(folder);
}

// The wheels of the release's group and of all below it: what the module may import.
static int find_wheels(struct work *work, int package, json_t *out, struct error *err)
{
	const struct plan *plan = work->plan;
	int number = plan_group_of(plan, package);
	const struct plan_group *group = &plan->groups.items[number];
	for (int i = 0; i <= group->below_count; i++) {
		const struct plan_group *of = &plan->groups.items[i ? group->below[i - 1] : number];
		for (int j = 0; j < of->member_count; j++) {
			cleanup_json json_t *scan = scan_result(work, of->members[j], err);
			if (!scan)
				return -1;
			json_array_append(out, json_object_get(scan, "wheel"));
		}
	}
	return 0;
}

static void make_key(struct work *work, const char *module, json_t *names, json_t *wheels, char key[DIGEST_HEX_SIZE])
{
	struct digest_hasher *hasher = digest_new();
	cleanup_text struct text text = TEXT_INIT;
	struct slice source = asset_find(program);
	digest_add_string(hasher, "tables/1");
	digest_add(hasher, source.ptr, source.len);
	digest_add_string(hasher, work->plan->generator);
	digest_add_string(hasher, work->toolchain->python_version);
	digest_add_string(hasher, module);
	json_write_compact(wheels, &text);
	if (names)
		json_write_compact(names, &text);
	digest_add_string(hasher, text_str(&text));
	digest_final_hex(hasher, key);
	digest_free(hasher);
}

// ---- the sandbox -----------------------------------------------------------------------------------------------------

static int run(struct work *work, const char *module, json_t *wheels, const char *script, struct process_result *result,
	       struct error *err)
{
	VEC(struct sandbox_mount) mounts = VEC_INIT;
	VEC(const char *) arguments = VEC_INIT;
	VEC(char *) owned = VEC_INIT;
	static const char *const fixed[] = {"-I", "-S", "/tables/tables.py"};
	size_t index;
	json_t *wheel;
	for (size_t i = 0; i < ARRAY_LENGTH(fixed); i++)
		vec_push(&arguments, fixed[i]);
	vec_push(&arguments, module);
	vec_push(&mounts, (struct sandbox_mount){script, "/tables/tables.py", false});
	json_array_foreach (wheels, index, wheel) {
		vec_push(&owned, store_path(work->store, json_string_value(wheel)));
		const char *outside = *vec_last(&owned);
		vec_push(&owned, xasprintf("/wheels/%zu.whl", index));
		vec_push(&mounts, (struct sandbox_mount){outside, *vec_last(&owned), false});
		vec_push(&arguments, sandbox_tier(work->sandbox) == SANDBOX_NONE ? outside : *vec_last(&owned));
	}
	if (sandbox_tier(work->sandbox) == SANDBOX_NONE)
		arguments.items[2] = script;
	vec_push(&arguments, NULL);
	int status = toolchain_python(work->toolchain, work->sandbox, arguments.items, mounts.items, mounts.count,
				      SLICE(""), TIMEOUT, (uint64_t)work->config->job_memory, OUTPUT_LIMIT,
				      work->interrupted, result, err);
	vec_each (&owned, string)
		free(*string);
	vec_clear(&owned);
	vec_clear(&arguments);
	vec_clear(&mounts);
	return status;
}

// 0 = *out is the document, 1 = *reason, -1.
static int evaluate(struct work *work, const char *module, json_t *wheels, json_t **out, char **reason,
		    struct error *err)
{
	cleanup_free char *folder = NULL;
	struct slice source = asset_find(program);
	if (!source.len)
		return error_set(err, ERROR_FAILED, "this build of gophersnake carries no %s: build it again", program);
	if (work_temporary(work, "tables", &folder, err))
		return -1;
	cleanup_free char *script = xasprintf("%s/tables.py", folder);
	struct process_result result = {0};
	int status =
		file_write_plain(script, source.ptr, source.len, err) || run(work, module, wheels, script, &result, err)
			? -1
			: 0;
	if (!status && (result.exit_status || result.signal || result.timed_out || result.output_cut)) {
		struct slice said = slice_trim(text_slice(&result.error_output));
		size_t skip = said.len > SAID ? said.len - SAID : 0;
		*reason = xasprintf("evaluating %s %s: %.*s", module, result.timed_out ? "took too long" : "failed",
				    (int)(said.len - skip), said.len ? said.ptr + skip : "");
		status = 1;
	}
	struct error parsing = ERROR_INIT;
	if (!status && !(*out = json_parse(text_slice(&result.output), "tables", &parsing))) {
		*reason = xasprintf("evaluating %s gave no document: %s", module, parsing.text);
		status = 1;
	}
	process_result_clear(&result);
	struct error ignored = ERROR_INIT;
	dir_remove_tree(folder, &ignored);
	return status;
}

// ---- the Go ----------------------------------------------------------------------------------------------------------

// JSON within a raw string: the program writes ASCII, so that only the backquote needs care.
static void write_text(const char *json, struct text *out)
{
	text_add(out, "`");
	for (const char *at = json; *at; at++)
		if (*at == '`')
			text_add(out, "\\u0060");
		else
			text_add_bytes(out, at, 1);
	text_add(out, "`");
}

static int write_go(const struct lock_package *release, const char *module, const char *clause, json_t *document,
		    json_t *names, struct text *out, struct error *err)
{
	json_t *variables, *value;
	const char *name;
	if (json_get_object(document, "variables", "tables", &variables, err))
		return -1;
	text_addf(out,
		  "// Code generated by gophersnake from %s %s; DO NOT EDIT.\n\n"
		  "// Package %s is the data of Python's module %s.\npackage %s\n\n",
		  release->name, release->version, clause, module, clause);
	const char *files = json_string_or(document, "files", NULL);
	if (json_object_size(variables) || files)
		text_add(out, "import \"py/dist.pyrt/py/table\"\n");
	struct name_set *set = name_set_new();
	if (files) {
		name_set_reserve(set, "Files");
		text_add(out, "\nvar tableFiles = table.Lazy(");
		write_text(files, out);
		text_addf(out,
			  ")\n\n// Files is the data files of the package %s: a dict of name and bytes. It is shared: "
			  "never change "
			  "it.\nfunc Files() any { return tableFiles() }\n",
			  module);
	}
	json_object_foreach (variables, name, value) { // sorted, as the program wrote them
		cleanup_free char *exported = name_exported(name);
		const char *go = name_set_claim(set, json_string_or(names, name, exported));
		text_addf(out, "\nvar table%s = table.Lazy(", go);
		write_text(json_string_value(value) ? json_string_value(value) : "null", out);
		text_addf(out,
			  ")\n\n// %s is %s.%s. It is shared: never change it.\nfunc %s() any { return table%s() }\n",
			  go, module, name, go, go);
	}
	name_set_free(set);
	return 0;
}

int tables_make(struct work *work, int package, const char *module, json_t *names, char digest[DIGEST_HEX_SIZE],
		char **clause, char **reason, struct error *err)
{
	char key[DIGEST_HEX_SIZE];
	cleanup_json json_t *wheels = json_array(), *document = NULL;
	cleanup_text struct text source = TEXT_INIT;
	cleanup_free char *name = clause_of(module);
	if (find_wheels(work, package, wheels, err))
		return -1;
	make_key(work, module, names, wheels, key);
	int status = store_memo_get(work->store, key, digest, err);
	if (status == 0) {
		status = evaluate(work, module, wheels, &document, reason, err);
		if (status)
			return status;
		if (write_go(&work->plan->lock.packages.items[package], module, name, document, names, &source, err) ||
		    store_put(work->store, text_slice(&source), digest, err) ||
		    store_memo_put(work->store, key, digest, err))
			return -1;
	} else if (status < 0) {
		return -1;
	}
	*clause = steal(&name);
	return 0;
}
