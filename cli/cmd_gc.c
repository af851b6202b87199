// gophersnake gc: drops what nothing live needs, and says what and why.
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "agents/gc/gc.h"
#include "cli/cli.h"
#include "core/file.h"

enum { KEEP_BUNDLES = 3, MOST_BUNDLES = 1000, UNUSED_DAYS = 30, MOST_DAYS = 36500 };

static int number_option(const struct cli *cli, const char *name, int64_t least, int64_t most, int64_t *out,
			 struct error *err)
{
	const char *value = cli_option(cli, name);
	if (value && (parse_i64(slice_of(value), out) || *out < least || *out > most))
		return error_set(err, ERROR_USAGE, "--%s: expected a whole number from %lld to %lld, not \"%.100s\"",
				 name, (long long)least, (long long)most, value);
	return 0;
}

static char *size_text(int64_t bytes)
{
	static const char *const units[] = {"kB", "MB", "GB", "TB"};
	double value = (double)bytes / 1000;
	size_t unit = 0;
	if (bytes < 1000)
		return xasprintf("%lld B", (long long)bytes);
	for (; value >= 999.95 && unit + 1 < ARRAY_LENGTH(units); unit++)
		value /= 1000;
	return xasprintf("%.1f %s", value, units[unit]);
}

static void print_table(const struct gc *gc, bool dry_run)
{
	int width = 4;
	vec_each (&gc->rows, row)
		width = (int)strlen(row->name) > width ? (int)strlen(row->name) : width;
	if (gc->rows.count)
		printf("%-9s  %-*s  %9s  reason\n", "what", width, "name", "size");
	vec_each (&gc->rows, row) {
		cleanup_free char *size = row->paths.count ? size_text(row->bytes) : xstrdup("");
		printf("%-9s  %-*s  %9s  %s\n", row->what, width, row->name, size, row->reason);
	}
	cleanup_free char *size = size_text(gc->bytes);
	if (!gc->rows.count)
		printf("everything is needed\n");
	else
		printf("%s %s\n", size, dry_run ? "would get free" : "are free");
}

static void print_json(const struct gc *gc, bool dry_run)
{
	json_t *rows = json_array(), *remarks = json_array();
	vec_each (&gc->rows, row)
		json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:I, s:I}", "what", row->what, "name", row->name,
						      "reason", row->reason, "bytes", (json_int_t)row->bytes, "files",
						      (json_int_t)row->paths.count));
	vec_each (&gc->remarks, remark)
		json_array_append_new(remarks, json_string(*remark));
	cleanup_json json_t *json =
		json_pack("{s:s, s:b, s:I, s:o, s:o}", "schema", "gophersnake.gc/1", "dry_run", dry_run, "bytes",
			  (json_int_t)gc->bytes, "rows", rows, "remarks", remarks);
	cli_print_json(json);
}

int cmd_gc(struct cli *cli, struct error *err)
{
	int64_t bundles = KEEP_BUNDLES, days = UNUSED_DAYS;
	cleanup_free char *path = xasprintf("%s/lock", cli->config.workspace);
	cleanup_fd int lock = -1;
	struct gc gc = {0};
	if (number_option(cli, "keep-bundles", 1, MOST_BUNDLES, &bundles, err) ||
	    number_option(cli, "unused", 0, MOST_DAYS, &days, err))
		return -1;
	if (!dir_exists(cli->config.workspace))
		return error_set(err, ERROR_WORKSPACE, "%s: there is no workspace: name it with --workspace",
				 cli->config.workspace);
	struct gc_options options = {.config = &cli->config,
				     .interrupted = cli->interrupted,
				     .dry_run = cli_option(cli, "dry-run") != NULL,
				     .keep_bundles = (int)bundles,
				     .unused_days = days,
				     .now = time(NULL)};
	if (file_lock(path, "gc", &lock, err) || gc_run(&options, &gc, err))
		return -1;
	if (cli->json)
		print_json(&gc, options.dry_run);
	else
		print_table(&gc, options.dry_run);
	vec_each (&gc.remarks, remark)
		log_notice(cli->log, "%s", *remark);
	gc_clear(&gc);
	return 0;
}
