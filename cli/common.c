// What several commands share: resolving with the settings, plans, runs, queues.
#include "cli/common.h"

#include <stdio.h>

#include "agents/imports.h"
#include "agents/ledger.h"
#include "agents/licence.h"
#include "cli/build_metadata.h"
#include "core/file.h"
#include "scheduler/server.h"

enum { LOCK_LIMIT = 64 * 1024 * 1024 };

static int read_lock_file(const char *path, struct lock *out, struct error *err)
{
	cleanup_json json_t *json = json_read_file(path, LOCK_LIMIT, err);
	return json ? lock_from_json(json, path, out, err) : -1;
}

static void show_progress(void *context, const char *package, int pages, int metadata)
{
	struct cli *cli = context;
	log_debug(cli->log, "resolve: %s (%d pages, %d metadata)", package, pages, metadata);
}

int cli_lock_requirements(struct cli *cli, const char *const *requirements, size_t count, struct lock *out,
			  struct resolve_statistics *statistics, struct error *err)
{
	struct environment environment = {0};
	const char *python = cli->config.python ? cli->config.python : "python3";
	cleanup_free char *index = cli->config.index ? xstrdup(cli->config.index) : NULL;
	int status = environment_of_python(python, &environment, err);
	if (!status && !index)
		status = index_url_of_pip(python, cli->config.cache_dir, &index, err);
	if (!status) {
		struct resolve_options options = {.index_url = index,
						  .cache_dir = cli->config.cache_dir,
						  .environment = &environment,
						  .freshness = cli->config.index_freshness,
						  .refresh = cli_option(cli, "refresh") != NULL,
						  .offline = cli_option(cli, "offline") != NULL,
						  .interrupted = cli->interrupted,
						  .progress = show_progress,
						  .progress_context = cli};
		struct metadata_builder builder = {.cli = cli};
		if (!options.offline) {
			options.build_metadata = metadata_builder_build;
			options.build_context = &builder;
		}
		status = resolve(requirements, count, &options, out, statistics, err);
		metadata_builder_close(&builder);
	}
	environment_clear(&environment);
	return status;
}

int cli_lock(struct cli *cli, struct lock *out, struct resolve_statistics *statistics, struct error *err)
{
	const char *file = cli_option(cli, "lock");
	if (file && cli->arguments.count)
		return error_set(err, ERROR_USAGE, "give either requirements or --lock %s", file);
	if (file)
		return read_lock_file(file, out, err);
	if (cli->arguments.count)
		return cli_lock_requirements(cli, cli->arguments.items, cli->arguments.count, out, statistics, err);
	if (!cli->config.requirements.count)
		return error_set(err, ERROR_USAGE,
				 "nothing to resolve: give requirements, such as: gophersnake %s django",
				 cli->command->name);
	return cli_lock_requirements(cli, (const char *const *)cli->config.requirements.items,
				     cli->config.requirements.count, out, statistics, err);
}

int cli_lock_of(struct cli *cli, const char *const *requirements, size_t count, struct lock *out,
		struct resolve_statistics *statistics, struct error *err)
{
	const char *file = cli_option(cli, "lock");
	return file ? read_lock_file(file, out, err)
		    : cli_lock_requirements(cli, requirements, count, out, statistics, err);
}

int cli_plan(struct cli *cli, struct plan *out, struct resolve_statistics *statistics, struct error *err)
{
	struct lock lock;
	lock_init(&lock);
	int status = cli_lock(cli, &lock, statistics, err) || plan_make(&lock, &cli->config, out, err) ? -1 : 0;
	lock_clear(&lock);
	return status;
}

// One registry, one host: import paths of what is published already cannot change.
static int check_host(struct cli *cli, struct error *err)
{
	const struct config *config = &cli->config;
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	cleanup_json json_t *entry = NULL;
	if (ledger_names(config->workspace, &names, err) ||
	    (names.count && ledger_latest(config->workspace, names.items[0], NULL, &entry, err) < 0))
		return -1;
	struct slice rest = slice_of(json_string_or(entry, "module", "")), host;
	slice_cut(&rest, '/', &host);
	if (!entry || slice_is(host, config->host))
		return 0;
	return error_set(
		err, ERROR_POLICY,
		"the registry of %s has modules of the host %.*s, and you ask for %s: give another --workspace, or "
		"--host %.*s",
		config->workspace, (int)host.len, host.ptr, config->host, (int)host.len, host.ptr);
}

int cli_workspace(struct cli *cli, int *lock, struct error *err)
{
	const char *workspace = cli->config.workspace;
	cleanup_free char *path = xasprintf("%s/lock", workspace);
	return dir_make(workspace, 0755, err) || file_lock(path, cli->command->name, lock, err) || check_host(cli, err)
		       ? -1
		       : 0;
}

int cli_judge_licences(struct cli *cli, struct work *work, struct error *err)
{
	cleanup_json json_t *entries = json_array();
	json_t *entry;
	size_t i;
	if (publish_survey(work, NULL, entries, err))
		return -1;
	json_array_foreach (entries, i, entry) {
		cleanup_free char *reason = NULL;
		if (licence_judge(json_object_get(entry, "licence"), &cli->config, &reason) == LICENCE_REFUSED)
			return error_set(err, ERROR_POLICY, "%s %s, which the registry has already: %s",
					 json_string_or(entry, "name", ""), json_string_or(entry, "version", ""),
					 reason);
	}
	return 0;
}

int cli_redis_url(struct cli *cli, bool start, char **out, struct error *err)
{
	*out = NULL;
	if (cli->config.redis) {
		*out = xstrdup(cli->config.redis);
		return 0;
	}
	return redis_server_get(cli->config.workspace, start, out, err);
}

int cli_queue(struct cli *cli, bool start, struct queue **out, struct error *err)
{
	cleanup_free char *url = NULL;
	*out = NULL;
	if (cli_redis_url(cli, start, &url, err))
		return -1;
	if (!url)
		return start ? error_set(err, ERROR_REDIS, "no Redis runs for this workspace") : 0;
	struct error first = ERROR_INIT;
	if (!queue_open(url, out, &first))
		return 0;
	// Another command's end may have stopped the private server between the two.
	free(steal(&url));
	if (cli->config.redis || cli_redis_url(cli, start, &url, err) || !url) {
		*err = first;
		return -1;
	}
	return queue_open(url, out, err);
}

int cli_find_run(struct cli *cli, const char *named, char **out, struct error *err)
{
	if (named) {
		cleanup_free char *folder = run_folder(&cli->config, named);
		if (!dir_exists(folder))
			return error_set(err, ERROR_WORKSPACE, "%s: no run \"%s\" here (see the folder runs/)",
					 cli->config.workspace, named);
		*out = xstrdup(named);
		return 0;
	}
	*out = run_newest(&cli->config);
	if (!*out)
		return error_set(err, ERROR_WORKSPACE,
				 "%s: nothing has been run here yet: start with gophersnake convert REQ",
				 cli->config.workspace);
	return 0;
}

int cli_undeclared(struct cli *cli, const struct plan *plan, json_t **out, struct error *err)
{
	struct work work = {.config = &cli->config, .plan = plan, .log = stderr, .interrupted = cli->interrupted};
	cleanup_free char *path = work_path(&work, "store");
	if (store_open(path, &work.store, err))
		return -1;
	int status = imports_undeclared(&work, out, err);
	store_free(work.store);
	return status;
}

const char *cli_licence(json_t *entry)
{
	json_t *licence = json_object_get(entry, "licence");
	const char *expression = json_string_or(licence, "expression", "");
	return *expression ? expression : json_string_or(licence, "text", "unknown");
}

int cli_output(struct cli *cli, const struct text *text, struct error *err)
{
	const char *file = cli_option(cli, "output");
	if (file)
		return file_write_atomic(file, text_str(text), text->len, err);
	fwrite(text_str(text), 1, text->len, stdout);
	return 0;
}
