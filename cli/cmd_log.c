// gophersnake log: the log of a job; without a job, which ones there are.
#include <stdio.h>

#include "cli/common.h"
#include "core/file.h"

enum { LOG_LIMIT = 256 * 1024 * 1024 };

static int list_logs(struct cli *cli, const char *run, struct text *out, struct error *err)
{
	cleanup_free char *folder = run_folder(&cli->config, run);
	cleanup_free char *logs = xasprintf("%s/logs", folder);
	file_names names = VEC_INIT;
	if (dir_list(logs, &names, err))
		return -1;
	vec_each (&names, name) {
		struct slice job = slice_of(*name);
		if (slice_ends(job, ".log"))
			text_addf(out, "%.*s\n", (int)(job.len - strlen(".log")), job.ptr);
	}
	file_names_clear(&names);
	return 0;
}

int cmd_log(struct cli *cli, struct error *err)
{
	cleanup_free char *run = NULL;
	cleanup_text struct text text = TEXT_INIT;
	if (cli_find_run(cli, cli_option(cli, "run"), &run, err))
		return -1;
	if (!cli->arguments.count) {
		if (list_logs(cli, run, &text, err))
			return -1;
	} else {
		const char *job = cli->arguments.items[0];
		cleanup_free char *path = run_log_path(&cli->config, run, job);
		if (!file_exists(path))
			return error_set(err, ERROR_USAGE,
					 "run %s has no log of \"%s\": jobs are named like publish:django@5.2; "
					 "`gophersnake log` lists "
					 "those that have one",
					 run, job);
		if (file_read(path, LOG_LIMIT, &text, err))
			return -1;
	}
	fwrite(text_str(&text), 1, text.len, stdout);
	return 0;
}
