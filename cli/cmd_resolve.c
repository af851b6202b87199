// gophersnake resolve: requirements → lock, in four formats.
#include <stdio.h>

#include "cli/common.h"
#include "resolver/lock_output.h"

int cmd_resolve(struct cli *cli, struct error *err)
{
	const char *format = cli_option(cli, "format");
	if (!format)
		format = cli->json ? "json" : "text";
	struct lock lock;
	struct resolve_statistics statistics = {0};
	lock_init(&lock);
	int status = cli_lock(cli, &lock, &statistics, err);
	cleanup_text struct text text = TEXT_INIT;
	if (!status && !strcmp(format, "json")) {
		cleanup_json json_t *json = lock_to_json(&lock);
		json_write_pretty(json, &text);
	} else if (!status) {
		status = lock_output(&lock, format, &text, err);
	}
	if (!status)
		status = cli_output(cli, &text, err);
	if (!status)
		log_info(cli->log,
			 "%zu releases; %d index pages, %d metadata, %llu requests; network %lld ms, our own time %lld "
			 "ms",
			 lock.packages.count, statistics.pages, statistics.metadata,
			 (unsigned long long)statistics.http.requests, (long long)statistics.network_time,
			 (long long)statistics.own_time);
	lock_clear(&lock);
	return status;
}
