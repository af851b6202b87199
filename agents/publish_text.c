// What is said about a published module: its README.md, and its record in the
// ledger. Both depend on the inputs alone; only the record also names the
// sandbox's tier, and remarks of this configuration.
#include <string.h>

#include "agents/licence.h"
#include "agents/publish.h"
#include "core/version.h"

static const struct lock_package *package_of(const struct stage *stage, const struct staged_module *module)
{
	return &stage->view->plan->lock.packages.items[module->module->package];
}

static const struct plan_group *group_of(const struct stage *stage)
{
	return &stage->view->plan->groups.items[stage->group];
}

static bool is_cycle(const struct staged_module *module)
{
	return !strcmp(module->module->kind, "cycle");
}

static bool is_facade(const struct staged_module *module)
{
	return !strcmp(module->module->kind, "facade");
}

// ---- evidence --------------------------------------------------------------------------------------------------------

static int64_t emit_count(const struct stage *stage, const char *key)
{
	return json_integer_or(json_object_get(stage->emit, "counts"), key, 0);
}

static json_t *split(int64_t all, int64_t native)
{
	return json_pack("{s:I, s:I}", "bridged", (json_int_t)(all - native), "native", (json_int_t)native);
}

struct evidence {
	json_t *functions, *translators;
	int64_t native_functions, native_methods;
};

static void add_function(struct evidence *evidence, json_t *row)
{
	bool native = !strcmp(json_string_or(row, "state", ""), "native");
	const char *translator = json_string_or(row, "translator", "");
	if (native && !strcmp(json_string_or(row, "kind", ""), "method"))
		evidence->native_methods++;
	else if (native)
		evidence->native_functions++;
	if (native || *json_string_or(row, "reason", ""))
		json_array_append(evidence->functions, row);
	if (native && *translator)
		json_object_set_new(evidence->translators, translator,
				    json_integer(json_integer_or(evidence->translators, translator, 0) + 1));
}

json_t *stage_evidence(const struct stage *stage)
{
	struct evidence evidence = {.functions = json_array(), .translators = json_object()};
	size_t index;
	json_t *row;
	for (size_t i = 0; i < stage->translations.count; i++) {
		json_t *rows = json_object_get(stage->translations.items[i], "functions");
		json_array_foreach (rows, index, row) {
			add_function(&evidence, row);
		}
	}
	int64_t functions = emit_count(stage, "functions"), methods = emit_count(stage, "methods");
	int64_t native = evidence.native_functions + evidence.native_methods;
	const char *grade = !native ? "bridged" : native == functions + methods ? "native" : "partly native";
	json_t *counts = json_pack(
		"{s:I, s:I, s:I, s:o, s:o, s:I, s:I, s:I}", "modules", (json_int_t)emit_count(stage, "modules"),
		"units", (json_int_t)emit_count(stage, "units"), "largest_unit",
		(json_int_t)emit_count(stage, "largest_unit"), "functions", split(functions, evidence.native_functions),
		"methods", split(methods, evidence.native_methods), "classes", (json_int_t)emit_count(stage, "classes"),
		"variables", (json_int_t)emit_count(stage, "variables"), "unreadable",
		(json_int_t)emit_count(stage, "unreadable"));
	return json_pack("{s:s, s:o, s:o, s:o}", "grade", grade, "counts", counts, "functions", evidence.functions,
			 "translators", evidence.translators);
}

// ---- README ----------------------------------------------------------------------------------------------------------

static void add_members(const struct stage *stage, struct text *out)
{
	const struct plan_group *group = group_of(stage);
	for (int i = 0; i < group->member_count; i++) {
		const struct lock_package *member = &stage->view->plan->lock.packages.items[group->members[i]];
		text_addf(out, "- %s %s: `%s`\n", member->name, member->version, stage->modules[i + 1].module->path);
	}
}

static void add_what(const struct stage *stage, const struct staged_module *module, struct text *out)
{
	const struct lock_package *package = package_of(stage, module);
	text_addf(out, "# %s\n\n", module->module->path);
	if (is_cycle(module)) {
		text_add(
			out,
			"The packages of Python releases that need each other, which Go modules cannot do one by one.\n"
			"Import them by the members' own paths:\n\n");
		add_members(stage, out);
		text_add(out, "\n");
	} else {
		text_addf(out, "The Python release %s %s as a Go module", package->name, package->version);
		if (is_facade(module))
			text_addf(out, ". It is one of several that need each other; its code stands in\n`%s`",
				  stage->modules[0].module->path);
		text_add(out, ".\n\n");
	}
	text_addf(out, "Made by gophersnake from %s.\n\n",
		  is_cycle(module)       ? "the wheels that are inside"
		  : package->files.count ? package->files.items[0].name
					 : "its wheel");
}

static void add_state(const struct stage *stage, struct text *out)
{
	cleanup_json json_t *evidence = stage_evidence(stage);
	json_t *counts = json_object_get(evidence, "counts"), *functions = json_object_get(counts, "functions");
	json_t *methods = json_object_get(counts, "methods");
	text_addf(out, "## What is inside\n\n- %lld Python modules in %lld units\n",
		  (long long)json_integer_or(counts, "modules", 0), (long long)json_integer_or(counts, "units", 0));
	text_addf(out, "- %lld functions call CPython, %lld are Go\n",
		  (long long)json_integer_or(functions, "bridged", 0),
		  (long long)json_integer_or(functions, "native", 0));
	text_addf(out, "- %lld classes with %lld methods that call CPython, %lld that are Go\n",
		  (long long)json_integer_or(counts, "classes", 0), (long long)json_integer_or(methods, "bridged", 0),
		  (long long)json_integer_or(methods, "native", 0));
	text_addf(out, "- %lld variables, through accessors\n\n", (long long)json_integer_or(counts, "variables", 0));
}

static void add_native_row(json_t *row, struct text *out)
{
	json_t *calls = json_object_get(row, "calls");
	json_t *lines = json_object_get(json_object_get(row, "coverage"), "lines");
	text_addf(out, "| `%s` | `%s` | %s | %lld | %lld | %lld | ", json_string_or(row, "name", ""),
		  json_string_or(row, "go", ""), json_string_or(row, "translator", ""),
		  (long long)json_integer_or(calls, "visible", 0), (long long)json_integer_or(calls, "held_out", 0),
		  (long long)json_integer_or(calls, "fuzz", 0));
	if (lines)
		text_addf(out, "%lld of %lld |\n", json_integer_value(json_array_get(lines, 0)),
			  json_integer_value(json_array_get(lines, 1)));
	else
		text_add(out, "not measured |\n");
}

// What is Go, and on which evidence.
static void add_native(const struct stage *stage, struct text *out)
{
	cleanup_json json_t *evidence = stage_evidence(stage);
	json_t *row;
	size_t index;
	bool any = false;
	json_array_foreach (json_object_get(evidence, "functions"), index, row) {
		if (strcmp(json_string_or(row, "state", ""), "native") != 0)
			continue;
		if (!any)
			text_add(out, "## What is Go\n\nAll compile and vet. The numbers are calls that gave what "
				      "CPython gives: "
				      "recorded ones, recorded ones that\nno translator saw, and changed ones. Lines "
				      "are those of the "
				      "Python that the recorded calls reach. For arguments of\nother kinds the "
				      "original is called.\n\n"
				      "| function | Go | translator | recorded | held out | changed | lines |\n"
				      "|---|---|---|---:|---:|---:|---:|\n");
		any = true;
		add_native_row(row, out);
	}
	if (any)
		text_add_char(out, '\n');
}

static void add_licence(const struct stage *stage, int member, struct text *out)
{
	json_t *licence = json_object_get(stage->scans[member], "licence"), *files = json_object_get(licence, "files"),
	       *file;
	const struct lock_package *of = &stage->view->plan->lock.packages.items[group_of(stage)->members[member]];
	size_t index;
	text_addf(out, "- %s %s: %s", of->name, of->version, json_string_or(licence, "text", "unknown"));
	json_array_foreach (files, index, file) {
		text_addf(out, "%s%s", index ? ", " : " (", json_string_or(file, "path", ""));
	}
	text_add(out, json_array_size(files) ? ")\n" : "; the release brings no licence file\n");
}

// The shortest import path of a Python module of the group, NULL when it has none.
static const char *example_path(const struct stage *stage, const struct staged_module *module)
{
	const char *best = NULL, *own = package_of(stage, module)->name;
	json_t *packages = json_object_get(stage->emit, "packages"), *item;
	size_t index;
	cleanup_free char *facade = xasprintf("py/dist.%s/facade/", own);
	json_array_foreach (packages, index, item) {
		const char *path = json_string_value(item);
		if (is_facade(module)) // its packages are listed below its own folder
			path = strncmp(path, facade, strlen(facade)) ? NULL : path + strlen(facade);
		else
			path = strncmp(path, "py/dist.", 8) ? path + strlen("py/") : NULL;
		if (path && strcmp(path, "pysrc") && (!best || strlen(path) < strlen(best)))
			best = path;
	}
	return best;
}

static void add_use(const struct stage *stage, const struct staged_module *module, struct text *out)
{
	const struct plan *plan = stage->view->plan;
	const char *example = example_path(stage, module);
	text_add(out, "## Use\n\n");
	if (example)
		text_addf(out, "```go\nimport \"%s/%s\"\n```\n\n", module->module->path, example);
	text_addf(out,
		  "Packages have the paths of the Python modules below `%s`. A program needs cgo and, when it runs,\n"
		  "CPython %s with its shared library (`GOPHERSNAKE_PYTHON`, else `python3` on PATH). Importing costs "
		  "nothing; the\n"
		  "first call starts the interpreter.\n\n",
		  module->module->path, plan->lock.python);
}

void stage_readme(const struct stage *stage, const struct staged_module *module, struct text *out)
{
	const struct plan_group *group = group_of(stage);
	add_what(stage, module, out);
	add_use(stage, module, out);
	if (!is_facade(module)) {
		add_state(stage, out);
		add_native(stage, out);
	}
	text_add(out, "## Licence\n\n");
	for (int i = 0; i < group->member_count; i++)
		if (is_cycle(module) || group->members[i] == module->module->package)
			add_licence(stage, i, out);
	text_addf(out, "\nThe runtime `%s` is under the Apache License 2.0.\n", stage->runtime.module);
	stage_describe_go_modules(stage, out);
}

// ---- the record ------------------------------------------------------------------------------------------------------

static json_t *requires_json(const struct staged_module *module)
{
	json_t *requires = json_array();
	vec_each (&module->requires, require)
		if (!require->sum_only)
			json_array_append_new(requires,
					      json_pack("{s:s, s:s, s:b}", "module", require->module, "version",
							require->version, "indirect", require->indirect));
	return requires;
}

// What the scan of this member says.
static json_t *scan_of(const struct stage *stage, int package)
{
	const struct plan_group *group = group_of(stage);
	int member = 0;
	while (member < group->member_count - 1 && group->members[member] != package)
		member++;
	return stage->scans[member];
}

// Of a wheel that was built here: {"file", "sha256", …} and how; else null.
static json_t *built_json(const struct stage *stage, const struct staged_module *module)
{
	json_t *built = is_cycle(module) ? NULL : json_object_get(scan_of(stage, module->module->package), "built");
	static const char *const copied[] = {"file", "tag", "backend", "requirements", "python", "tier"};
	if (!built)
		return json_null();
	json_t *out = json_pack("{s:O}", "sha256", json_object_get(built, "wheel"));
	for (size_t i = 0; i < ARRAY_LENGTH(copied); i++)
		json_object_set(out, copied[i], json_object_get(built, copied[i]));
	return out;
}

// With paths for the files, in place of digests of a store that may be gone.
static json_t *licence_json(const struct stage *stage, int package)
{
	json_t *licence = json_deep_copy(json_object_get(scan_of(stage, package), "licence")), *files = json_array(),
	       *file;
	size_t index;
	json_array_foreach (json_object_get(licence, "files"), index, file) {
		json_array_append(files, json_object_get(file, "path"));
	}
	json_object_set_new(licence, "files", files);
	return licence;
}

static json_t *members_json(const struct stage *stage)
{
	const struct plan_group *group = group_of(stage);
	json_t *members = json_array();
	for (int i = 0; i < group->member_count; i++) {
		const struct lock_package *member = &stage->view->plan->lock.packages.items[group->members[i]];
		json_array_append_new(members, json_sprintf("%s@%s", member->name, member->version));
	}
	return members;
}

// Of this member, or of all of a cycle.
static void add_platform(const struct stage *stage, const struct staged_module *module, json_t *entry)
{
	const char *platform = "any", *name = package_of(stage, module)->name;
	json_t *extensions = json_array(), *release;
	size_t index;
	json_array_foreach (json_object_get(stage->emit, "native"), index, release) {
		if (!is_cycle(module) && strcmp(json_string_or(release, "release", ""), name))
			continue;
		if (*json_string_or(release, "tag", ""))
			platform = json_string_or(release, "tag", "any");
		json_array_extend(extensions, json_object_get(release, "extensions"));
	}
	json_object_set_new(entry, "platform", json_string(platform));
	json_object_set_new(entry, "native_extensions", extensions);
}

static void add_hashes(const struct staged_module *module, json_t *entry)
{
	cleanup_free char *prefix = xasprintf("%s@%s", module->module->path, module->version);
	cleanup_text struct text zip_h1 = TEXT_INIT, mod_h1 = TEXT_INIT;
	char sha256[DIGEST_HEX_SIZE];
	int64_t size = 0;
	module_tree_h1(&module->tree, prefix, &zip_h1);
	gomod_h1(text_slice(&module_tree_find(&module->tree, "go.mod")->data), &mod_h1);
	modzip_write(&module->tree, prefix, -1, "", &size, sha256, NULL); // writes nothing, cannot fail
	json_object_set_new(
		entry, "zip",
		json_pack("{s:s, s:s, s:I}", "h1", text_str(&zip_h1), "sha256", sha256, "bytes", (json_int_t)size));
	json_object_set_new(entry, "gomod_h1", json_string(text_str(&mod_h1)));
}

json_t *stage_entry(const struct stage *stage, const struct staged_module *module)
{
	const struct lock_package *package = package_of(stage, module);
	const struct lock_file *file = package->files.count ? &package->files.items[0] : NULL;
	const struct publish_module *of = module->module;
	json_t *entry =
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:s}", "schema",
			  "gophersnake.ledger/1", "kind", of->kind, "name", of->name, "version", package->version,
			  "module", of->path, "go_version", module->version, "tag", module->version, "request",
			  stage->view->groups[stage->group].request, "inputs", stage->inputs, "group",
			  group_of(stage)->name, "listed", of->listed, "upload_time", of->time, "python",
			  stage->view->plan->lock.python, "requires_python", package->requires_python);
	json_object_set_new(entry, "rev", json_integer(strtoll(strrchr(module->version, '.') + 1, NULL, 10)));
	json_object_set_new(entry, "members", members_json(stage));
	json_object_set_new(entry, "yanked", package->why_yanked ? json_string(package->why_yanked) : json_null());
	json_object_set_new(entry, "native_units", stage_native_units(stage, module));
	json_object_set(entry, "python_only", stage->python_only);
	json_object_set(entry, "go_modules", stage->go_modules);
	json_object_set_new(
		entry, "archive",
		json_pack("{s:s, s:s}", "file", file ? file->name : "", "sha256", file ? file->sha256 : ""));
	json_object_set_new(entry, "built", built_json(stage, module));
	json_object_set_new(entry, "requires", requires_json(module));
	json_object_set_new(entry, "packages", json_integer((json_int_t)module->packages.count));
	json_object_set_new(entry, "licence", licence_json(stage, of->package));
	json_object_set_new(entry, "sandbox", json_string(sandbox_tier_name(sandbox_tier(stage->work->sandbox))));
	json_object_set_new(entry, "cycle",
			    is_facade(module) ? json_pack("{s:s, s:s}", "module", stage->modules[0].module->path,
							  "go_version", stage->modules[0].version)
					      : json_null());
	cleanup_json json_t *evidence = stage_evidence(stage);
	json_object_update(entry, evidence);
	static const char *const copied[] = {"late", "undeclared", "names"};
	for (size_t i = 0; i < ARRAY_LENGTH(copied); i++)
		json_object_set(entry, copied[i], json_object_get(stage->emit, copied[i]));
	json_t *remarks = json_array();
	vec_each (&stage->remarks, remark)
		json_array_append_new(remarks, json_string(*remark));
	if (is_facade(module))
		json_array_append_new(
			remarks, json_sprintf("one of a cycle of releases: counts and grade are those of all of %s",
					      stage->modules[0].module->path));
	json_object_set_new(entry, "remarks", remarks);
	add_platform(stage, module, entry);
	add_hashes(module, entry);
	return entry;
}
