// Puts what go has fetched into the registry, with its licences noted.
#include "agents/mirror_internal.h"

#include <string.h>

#include "agents/go/version.h"
#include "agents/registry.h"
#include "core/file.h"

enum { LICENCE_LIMIT = 1 << 20 };

// ---- licences --------------------------------------------------------------------------------------------------------

static bool is_licence_file(const char *name)
{
	static const char *const starts[] = {"LICENSE", "LICENCE", "COPYING", "NOTICE", "PATENTS", "UNLICENSE"};
	for (size_t i = 0; i < ARRAY_LENGTH(starts); i++)
		if (!strncasecmp(name, starts[i], strlen(starts[i])) && !slice_ends(slice_of(name), ".go"))
			return true;
	return false;
}

// By sentences that only that licence has; "" when none is there.
static const char *recognise(const char *text)
{
	static const struct {
		const char *sentence, *other, *expression;
	} rows[] = {
		{"Apache License", "Version 2.0", "Apache-2.0"},
		{"Mozilla Public License", "2.0", "MPL-2.0"},
		{"Redistribution and use in source and binary forms", "Neither the name", "BSD-3-Clause"},
		{"Redistribution and use in source and binary forms", "", "BSD-2-Clause"},
		{"Permission is hereby granted, free of charge", "without restriction", "MIT"},
		{"Permission to use, copy, modify, and", "distribute this software for any", "ISC"},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
		if (strstr(text, rows[i].sentence) && strstr(text, rows[i].other))
			return rows[i].expression;
	return "";
}

static int add_licence(json_t *row, const char *folder, struct error *err)
{
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	cleanup_json json_t *files = json_array(), *texts = json_object();
	const char *expression = "";
	if (dir_list(folder, &names, err))
		return -1;
	vec_each (&names, name) {
		cleanup_free char *path = xasprintf("%s/%s", folder, *name);
		cleanup_text struct text text = TEXT_INIT;
		if (!is_licence_file(*name) || !file_exists(path) || dir_exists(path))
			continue;
		if (file_read(path, LICENCE_LIMIT, &text, err))
			return -1;
		json_t *value = json_stringn(text_str(&text), text.len);
		if (!value)
			continue; // no UTF-8: it stands in the module itself
		json_array_append_new(files, json_string(*name));
		json_object_set_new(texts, *name, value);
		expression = *expression ? expression : recognise(text_str(&text));
	}
	bool any = json_array_size(files) > 0;
	json_object_set_new(row, "licence",
			    json_pack("{s:s, s:s, s:[], s:s, s:O}", "expression", expression, "source",
				      any ? "text" : "none", "classifiers", "text",
				      *expression ? expression
				      : any       ? "not recognised"
						  : "unknown",
				      "files", files));
	json_object_set(row, "texts", texts);
	return 0;
}

// ---- into the registry -----------------------------------------------------------------------------------------------

static int keep_modules(struct fetching *fetching, struct error *err)
{
	size_t index;
	json_t *download;
	json_array_foreach (fetching->downloads, index, download) {
		const char *path = json_string_or(download, "Path", ""),
			   *version = json_string_or(download, "Version", "");
		const struct plan_go_module *listed = mirror_module_of(fetching->work->plan, slice_of(path));
		struct registry_foreign foreign = {.module = path,
						   .version = version,
						   .h1 = json_string_or(download, "Sum", ""),
						   .zip = json_string_or(download, "Zip", ""),
						   .mod = json_string_or(download, "GoMod", ""),
						   .info = json_string_or(download, "Info", "")};
		bool direct = listed && !strcmp(listed->path, path) && mirror_is_wanted(fetching, listed);
		json_t *row =
			json_pack("{s:s, s:s, s:b, s:s, s:s}", "module", path, "version", version, "indirect", !direct,
				  "h1", foreign.h1, "gomod_h1", json_string_or(download, "GoModSum", ""));
		json_array_append_new(fetching->modules, row);
		if (registry_put_foreign(fetching->workspace, &foreign, err) ||
		    add_licence(row, json_string_or(download, "Dir", ""), err))
			return -1;
	}
	return 0;
}

// "github.com/!azure/x/@v/v1.0.0.mod" of the module cache: upper-case letters are escaped.
static char *unescape(struct slice text)
{
	struct text out = TEXT_INIT;
	for (size_t i = 0; i < text.len; i++) {
		bool upper = text.ptr[i] == '!' && i + 1 < text.len;
		i += upper;
		text_add_char(&out, upper ? (char)(text.ptr[i] - 'a' + 'A') : text.ptr[i]);
	}
	return text_steal(&out);
}

// A row: of the build, or of the graph.
static bool has_row(const struct fetching *fetching, const char *module, const char *version)
{
	size_t index;
	json_t *row;
	json_array_foreach (fetching->modules, index, row) {
		if (!strcmp(json_string_or(row, "module", ""), module) &&
		    !strcmp(json_string_or(row, "version", ""), version))
			return true;
	}
	return false;
}

// One file that go looked at beside those: a go.mod, which gets a row, or an .info.
static int keep_file(struct fetching *fetching, const char *below, const char *relative, struct error *err)
{
	static const char at[] = "/@v/";
	const char *mark = strstr(relative, at);
	bool is_mod = slice_ends(slice_of(relative), ".mod");
	if (!mark || (!is_mod && !slice_ends(slice_of(relative), ".info")))
		return 0;
	struct slice name = slice_of(mark + strlen(at));
	name.len -= is_mod ? strlen(".mod") : strlen(".info");
	cleanup_free char *module = unescape((struct slice){relative, (size_t)(mark - relative)}),
			  *version = unescape(name);
	cleanup_free char *path = xasprintf("%s/%s", below, relative);
	struct registry_foreign foreign = {
		.module = module, .version = version, .mod = is_mod ? path : NULL, .info = is_mod ? NULL : path};
	cleanup_text struct text data = TEXT_INIT, h1 = TEXT_INIT;
	if (has_row(fetching, module, version))
		return 0;
	if (file_read(path, MIRROR_FILE_LIMIT, &data, err) || registry_put_foreign(fetching->workspace, &foreign, err))
		return -1;
	if (!is_mod)
		return 0;
	gomod_h1(text_slice(&data), &h1);
	json_array_append_new(fetching->modules, json_pack("{s:s, s:s, s:b, s:n, s:s}", "module", module, "version",
							   version, "indirect", 1, "h1", "gomod_h1", text_str(&h1)));
	return 0;
}

// In this order, a module's .info is seen before its .mod gives it a row.
static int keep_graph(struct fetching *fetching, struct error *err)
{
	static const char *const list[] = {"list", "-m", "all", NULL};
	cleanup_free char *below = xasprintf("%s/cache/download", fetching->cache);
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	if (mirror_go(fetching, list, NULL, err) || dir_walk_files(below, &names, err))
		return -1;
	vec_each (&names, name)
		if (keep_file(fetching, below, *name, err))
			return -1;
	return 0;
}

static int compare_rows(const void *left, const void *right)
{
	json_t *const *a = left, *const *b = right;
	int order = strcmp(json_string_or(*a, "module", ""), json_string_or(*b, "module", ""));
	return order ? order : go_version_compare(json_string_or(*a, "version", ""), json_string_or(*b, "version", ""));
}

static void sort_modules(struct fetching *fetching)
{
	VEC(json_t *) rows = VEC_INIT;
	size_t index;
	json_t *row, *sorted = json_array();
	json_array_foreach (fetching->modules, index, row) {
		vec_push(&rows, row);
	}
	vec_sort(&rows, compare_rows);
	vec_each (&rows, each)
		json_array_append(sorted, *each);
	vec_clear(&rows);
	json_decref(fetching->modules);
	fetching->modules = sorted;
}

int mirror_keep(struct fetching *fetching, struct error *err)
{
	if (keep_modules(fetching, err) || keep_graph(fetching, err))
		return -1;
	sort_modules(fetching);
	return 0;
}
