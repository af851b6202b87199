// gophersnake list: what the registry has.
#include <stdio.h>

#include "agents/ledger.h"
#include "cli/common.h"
#include "cli/spending.h"
#include "core/file.h"

enum { COLUMNS = 5 };

// The cells of one row; heap strings.
static void row_of(json_t *entry, char *cells[COLUMNS])
{
	json_t *counts = json_object_get(entry, "counts");
	json_t *functions = json_object_get(counts, "functions"), *methods = json_object_get(counts, "methods");
	int64_t native = json_integer_or(functions, "native", 0) + json_integer_or(methods, "native", 0);
	int64_t all = native + json_integer_or(functions, "bridged", 0) + json_integer_or(methods, "bridged", 0);
	cells[0] = xasprintf("%s %s", json_string_or(entry, "name", ""), json_string_or(entry, "version", ""));
	cells[1] = xstrdup(json_string_or(entry, "module", ""));
	cells[2] = xstrdup(json_string_or(entry, "go_version", ""));
	cells[3] = xasprintf("%lld of %lld", (long long)native, (long long)all);
	cells[4] = xstrdup(cli_licence(entry));
}

static void add_table(json_t *entries, struct text *out)
{
	static const char *const titles[COLUMNS] = {"release", "Go module", "version", "native", "licence"};
	size_t rows = json_array_size(entries) + 1;
	cleanup_free char **cells = xcalloc(rows * COLUMNS, sizeof(char *));
	int width[COLUMNS] = {0};
	for (size_t i = 0; i < COLUMNS; i++)
		cells[i] = xstrdup(titles[i]);
	for (size_t row = 1; row < rows; row++)
		row_of(json_array_get(entries, row - 1), cells + row * COLUMNS);
	for (size_t i = 0; i < rows * COLUMNS; i++) {
		int length = (int)strlen(cells[i]);
		width[i % COLUMNS] = length > width[i % COLUMNS] ? length : width[i % COLUMNS];
	}
	for (size_t i = 0; i < rows * COLUMNS; i++) {
		bool last = i % COLUMNS == COLUMNS - 1;
		text_addf(out, "%-*s%s", last ? 0 : width[i % COLUMNS], cells[i], last ? "\n" : "  ");
		free(cells[i]);
	}
}

static int add_releases(struct cli *cli, const char *name, json_t *entries, struct error *err)
{
	file_names versions = VEC_INIT;
	int status = ledger_versions(cli->config.workspace, name, &versions, err);
	for (size_t i = 0; i < versions.count && !status; i++) {
		json_t *entry = NULL;
		status = ledger_read(cli->config.workspace, name, versions.items[i], &entry, err) < 0 ? -1 : 0;
		if (entry) {
			json_object_set_new(entry, "models", spending_json(entry));
			json_array_append_new(entries, entry);
		}
	}
	file_names_clear(&versions);
	return status;
}

int cmd_list(struct cli *cli, struct error *err)
{
	cleanup_json json_t *entries = json_array();
	file_names names = VEC_INIT;
	int status = ledger_names(cli->config.workspace, &names, err);
	for (size_t i = 0; i < names.count && !status; i++)
		status = add_releases(cli, names.items[i], entries, err);
	file_names_clear(&names);
	if (status)
		return -1;
	if (cli->json) {
		cleanup_json json_t *json =
			json_pack("{s:s, s:O}", "schema", "gophersnake.list/1", "releases", entries);
		cli_print_json(json);
		return 0;
	}
	cleanup_text struct text text = TEXT_INIT;
	add_table(entries, &text);
	if (json_array_size(entries))
		fputs(text_str(&text), stdout);
	else
		printf("%s: the registry is empty: start with gophersnake convert REQ\n", cli->config.workspace);
	return 0;
}
