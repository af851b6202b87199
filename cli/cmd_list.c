// gophersnake list: what the registry has.
#include <stdio.h>

#include "agents/ledger.h"
#include "cli/cli.h"
#include "core/file.h"

static void add_row(json_t *entry, struct text *out)
{
	json_t *counts = json_object_get(entry, "counts");
	json_t *functions = json_object_get(counts, "functions"), *methods = json_object_get(counts, "methods");
	int64_t native = json_integer_or(functions, "native", 0) + json_integer_or(methods, "native", 0);
	int64_t all = native + json_integer_or(functions, "bridged", 0) + json_integer_or(methods, "bridged", 0);
	cleanup_free char *release =
		xasprintf("%s %s", json_string_or(entry, "name", ""), json_string_or(entry, "version", ""));
	cleanup_free char *share = xasprintf("%lld of %lld", (long long)native, (long long)all);
	const char *licence = json_string_or(json_object_get(entry, "licence"), "expression", "");
	text_addf(out, "%-32s  %-36s  %-26s  %-16s  %s\n", release, json_string_or(entry, "module", ""),
		  json_string_or(entry, "go_version", ""), share, *licence ? licence : "unknown");
}

static int add_releases(struct cli *cli, const char *name, json_t *entries, struct error *err)
{
	file_names versions = VEC_INIT;
	int status = ledger_versions(cli->config.workspace, name, &versions, err);
	for (size_t i = 0; i < versions.count && !status; i++) {
		json_t *entry = NULL;
		status = ledger_read(cli->config.workspace, name, versions.items[i], &entry, err) < 0 ? -1 : 0;
		if (entry)
			json_array_append_new(entries, entry);
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
	size_t i;
	json_t *entry;
	text_addf(&text, "%-32s  %-36s  %-26s  %-16s  %s\n", "release", "Go module", "version", "native", "licence");
	json_array_foreach (entries, i, entry)
		add_row(entry, &text);
	if (json_array_size(entries))
		fputs(text_str(&text), stdout);
	else
		printf("%s: the registry is empty: start with gophersnake convert REQ\n", cli->config.workspace);
	return 0;
}
