// gophersnake why module.function: what became of one function, from the ledger
// alone; no run is needed. Of one that nobody proposed anything for, the name
// manifest in the store says that it is there.
#include <stdio.h>

#include "agents/ledger.h"
#include "cli/spending.h"
#include "cli/summary.h"
#include "core/store.h"

struct search {
	struct cli *cli;
	const char *name; // "django.utils.text.slugify"
	struct store *store;
};

// Why it stays Python inside Python; NULL.
static json_t *python_only(json_t *entry, const char *name)
{
	size_t index;
	json_t *row;
	json_array_foreach (json_object_get(entry, "python_only"), index, row) {
		if (!strcmp(json_string_or(row, "name", ""), name))
			return json_object_get(row, "reason");
	}
	return NULL;
}

static json_t *row_of(json_t *entry, const char *name)
{
	size_t index;
	json_t *row;
	json_array_foreach (json_object_get(entry, "functions"), index, row) {
		if (strcmp(json_string_or(row, "name", ""), name) != 0)
			continue;
		row = json_deep_copy(row);
		if (python_only(entry, name))
			json_object_set(row, "python_only", python_only(entry, name));
		return row;
	}
	return NULL;
}

// A bridged one without a story: its Go name is in the manifest.
static json_t *untold(const struct search *search, json_t *entry)
{
	struct error ignored = ERROR_INIT; // the store may be gone: then nothing is known
	const char *names = json_string_or(entry, "names", "");
	cleanup_json json_t *manifest = *names ? store_get_json(search->store, names, "name manifest", &ignored) : NULL;
	const char *module;
	json_t *of;
	json_object_foreach (json_object_get(manifest, "modules"), module, of) {
		size_t length = strlen(module);
		if (strncmp(search->name, module, length) != 0 || search->name[length] != '.')
			continue;
		const char *go = json_string_or(json_object_get(of, "names"), search->name + length + 1, NULL);
		if (go)
			return json_pack("{s:s, s:s, s:s, s:s}", "name", search->name, "go", go, "state", "bridged",
					 "reason", "no translator proposed Go for it");
	}
	return NULL;
}

static int look(const struct search *search, json_t **out, struct error *err)
{
	file_names names = VEC_INIT;
	const char *workspace = search->cli->config.workspace;
	int status = ledger_names(workspace, &names, err);
	for (size_t i = 0; i < names.count && !status && !*out; i++) {
		cleanup_json json_t *entry = NULL;
		status = ledger_latest(workspace, names.items[i], NULL, &entry, err) < 0 ? -1 : 0;
		json_t *row = entry ? row_of(entry, search->name) : NULL;
		row = !row && entry ? untold(search, entry) : row;
		if (!row)
			continue;
		static const char *const keys[] = {"module", "go_version", "version"};
		json_object_set_new(row, "schema", json_string("gophersnake.why.function/1"));
		json_object_set(row, "release", json_object_get(entry, "name"));
		for (size_t j = 0; j < ARRAY_LENGTH(keys); j++)
			json_object_set(row, keys[j], json_object_get(entry, keys[j]));
		*out = row;
	}
	file_names_clear(&names);
	return status;
}

// ---- for people ------------------------------------------------------------------------------------------------------

static void add_words(json_t *words, struct text *out)
{
	size_t index;
	json_t *word;
	json_array_foreach (words, index, word) {
		text_addf(out, "%s%s", index ? ", " : "", json_string_value(word));
	}
}

static void add_guards(json_t *guards, struct text *out)
{
	const char *name;
	json_t *guard;
	json_object_foreach (guards, name, guard) {
		text_addf(out, "  takes %s: ", name);
		add_words(json_object_get(guard, "kinds"), out);
		if (json_array_size(json_object_get(guard, "items"))) {
			text_add(out, " with ");
			add_words(json_object_get(guard, "items"), out);
		}
		text_add_char(out, '\n');
	}
	if (json_object_size(guards))
		text_add(out, "  with anything else the original is called\n");
}

static void add_pair(json_t *coverage, const char *key, struct text *out)
{
	json_t *pair = json_object_get(coverage, key);
	text_addf(out, "%lld of %lld %s", json_integer_value(json_array_get(pair, 0)),
		  json_integer_value(json_array_get(pair, 1)), key);
}

static void add_speed(json_t *speed, struct text *out)
{
	cleanup_text struct text text = TEXT_INIT;
	json_write_compact(speed, &text);
	text_addf(out, "  speed: %s\n", text_str(&text));
}

static void add_inside_python(json_t *row, struct text *out)
{
	const char *reason = json_string_or(row, "python_only", NULL);
	json_t *border = json_object_get(row, "border");
	if (reason)
		text_addf(out, "  inside Python it stays Python: %s\n", reason);
	else if (border)
		text_addf(out,
			  "  inside Python it is Go: a call takes %lld ns through the border, CPython's %lld ns (%lld "
			  "recorded calls)\n",
			  (long long)json_integer_or(border, "bundle_ns", 0),
			  (long long)json_integer_or(border, "cpython_ns", 0),
			  (long long)json_integer_or(border, "calls", 0));
}

static void add_text(json_t *row, struct text *out)
{
	const char *translator = json_string_or(row, "translator", ""), *reason = json_string_or(row, "reason", "");
	json_t *calls = json_object_get(row, "calls"), *coverage = json_object_get(row, "coverage");
	text_addf(out, "%s: %s%s%s%s\n", json_string_or(row, "name", ""), json_string_or(row, "state", ""),
		  *translator ? " (translator " : "", translator, *translator ? ")" : "");
	text_addf(out, "  %s of %s %s, %s of %s %s\n", json_string_or(row, "go", ""), json_string_or(row, "module", ""),
		  json_string_or(row, "go_version", ""), json_string_or(row, "name", ""),
		  json_string_or(row, "release", ""), json_string_or(row, "version", ""));
	if (*reason)
		text_addf(out, "  %s\n", reason);
	if (json_array_size(json_object_get(row, "evidence"))) {
		text_add(out, "  evidence: ");
		add_words(json_object_get(row, "evidence"), out);
		text_add_char(out, '\n');
	}
	if (calls)
		text_addf(out,
			  "  calls with CPython's outcome: %lld visible, %lld held out, %lld fuzzed; %lld went to the "
			  "original\n",
			  (long long)json_integer_or(calls, "visible", 0),
			  (long long)json_integer_or(calls, "held_out", 0),
			  (long long)json_integer_or(calls, "fuzz", 0),
			  (long long)json_integer_or(calls, "guarded", 0));
	if (coverage) {
		text_add(out, "  its recorded calls reach ");
		add_pair(coverage, "lines", out);
		text_add(out, ", ");
		add_pair(coverage, "branches", out);
		text_add_char(out, '\n');
	}
	add_guards(json_object_get(row, "guards"), out);
	if (json_object_get(row, "speed"))
		add_speed(json_object_get(row, "speed"), out);
	add_inside_python(row, out);
	spending_function(row, out);
}

int why_function(struct cli *cli, const char *name, struct error *err)
{
	struct search search = {.cli = cli, .name = name};
	cleanup_free char *path = xasprintf("%s/store", cli->config.workspace);
	cleanup_json json_t *row = NULL;
	if (!dir_exists(path))
		return 0;
	int status = store_open(path, &search.store, err) || look(&search, &row, err) ? -1 : 0;
	store_free(search.store);
	if (status || !row)
		return status;
	if (cli->json) {
		cli_print_json(row);
		return 1;
	}
	cleanup_text struct text text = TEXT_INIT;
	add_text(row, &text);
	fputs(text_str(&text), stdout);
	return 1;
}
