// What stages share: the workspace's paths, its store, and the machine's tools.
#include "agents/work.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "agents/pack.h"
#include "core/asset.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/http.h"
#include "resolver/resolve.h"

enum { UNUSED = 24 * 60 * 60 };

// What killed jobs left behind, and scratch modules that nobody used for a day. Failing to remove it harms nobody.
static void sweep(const char *tmp)
{
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	struct error ignored = ERROR_INIT;
	if (dir_list(tmp, &names, &ignored))
		return;
	time_t now = time(NULL);
	vec_each (&names, name) {
		cleanup_free char *path = xasprintf("%s/%s", tmp, *name);
		struct stat status;
		if (!lstat(path, &status) && now - status.st_mtime > UNUSED)
			dir_remove_tree(path, &ignored);
	}
}

int work_claim(const char *workspace, bool alone, const volatile int *interrupted, FILE **out, struct error *err)
{
	cleanup_free char *path = xasprintf("%s/in-use", workspace);
	FILE *file = fopen(path, "ae");
	if (!file)
		return file_error(err, "open", path);
	while (flock(fileno(file), alone ? LOCK_EX | LOCK_NB : LOCK_SH)) {
		if (errno == EINTR && !(interrupted && *interrupted))
			continue;
		if (errno == EINTR)
			error_set(err, ERROR_INTERRUPTED, "interrupted");
		else if (errno == EWOULDBLOCK)
			error_set(err, ERROR_WORKSPACE,
				  "%s: an agent or a proof works here: wait for it, or end it, and give the same "
				  "command again",
				  workspace);
		else
			file_error(err, "lock", path);
		fclose(file);
		return -1;
	}
	*out = file;
	return 0;
}

int work_open(struct work *work, const struct config *config, const volatile int *interrupted, struct error *err)
{
	*work = (struct work){.config = config, .interrupted = interrupted, .log = stderr};
	cleanup_free char *store = work_path(work, "store");
	cleanup_free char *tmp = work_path(work, "tmp");
	if (dir_make(config->workspace, 0755, err) ||
	    work_claim(config->workspace, false, interrupted, &work->claim, err) || dir_make(tmp, 0755, err) ||
	    store_open(store, &work->store, err))
		goto fail;
	sweep(tmp);
	work->toolchain = xcalloc(1, sizeof *work->toolchain);
	if (toolchain_find(config, work->toolchain, err) || sandbox_open(config->sandbox, &work->sandbox, err))
		goto fail;
	return 0;
fail:
	work_close(work);
	return -1;
}

void work_close(struct work *work)
{
	packs_free(work->packs);
	store_free(work->store);
	sandbox_free(work->sandbox);
	json_decref(work->proposals);
	if (work->toolchain)
		toolchain_clear(work->toolchain);
	free(work->toolchain);
	if (work->claim)
		fclose(work->claim);
	*work = (struct work){.log = stderr};
}

char *work_path(const struct work *work, const char *below)
{
	char absolute[PATH_MAX];
	const char *workspace = work->config->workspace;
	if (realpath(workspace, absolute))
		workspace = absolute;
	return xasprintf("%s/%s", workspace, below);
}

int work_temporary(const struct work *work, const char *prefix, char **out, struct error *err)
{
	cleanup_free char *parent = work_path(work, "tmp");
	return dir_temporary(parent, prefix, out, err);
}

int work_check_generator(const struct work *work, struct error *err)
{
	if (!strcmp(work->plan->generator, generator_digest))
		return 0;
	return error_set(err, ERROR_TOOL,
			 "the plan was made by another version of gophersnake (generator %.12s, this one is %.12s): "
			 "run all agents "
			 "with one version, or start `gophersnake convert` again",
			 work->plan->generator, generator_digest);
}

int work_fetch(const struct work *work, const struct lock_file *file, char **path, struct error *err)
{
	struct http_options options = {.interrupted = work->interrupted, .allow_file = true};
	struct http *http = NULL;
	if (http_open(&options, &http, err))
		return -1;
	int status = fetch_file(http, file, work->config->cache_dir, path, err);
	http_free(http);
	return status;
}

int work_resolve(const struct work *work, const char *const *requirements, size_t count, struct lock *out,
		 struct error *err)
{
	const struct config *config = work->config;
	struct environment environment = {0};
	cleanup_free char *index = config->index ? xstrdup(config->index) : NULL;
	int status = environment_of_python(work->toolchain->python, &environment, err);
	if (!status && !index)
		status = index_url_of_pip(config->python ? config->python : "python3", config->cache_dir, &index, err);
	if (!status) {
		struct resolve_options options = {.index_url = index,
						  .cache_dir = config->cache_dir,
						  .environment = &environment,
						  .freshness = config->index_freshness,
						  .interrupted = work->interrupted};
		status = resolve(requirements, count, &options, out, NULL, err);
	}
	environment_clear(&environment);
	return status;
}

void work_note(struct work *work, const char *format, ...)
{
	cleanup_text struct text stamp = TEXT_INIT;
	clock_format_utc(system_clock.wall(system_clock.context), &stamp);
	fprintf(work->log, "%s  ", text_str(&stamp));
	va_list args;
	va_start(args, format);
	vfprintf(work->log, format, args);
	va_end(args);
	fputc('\n', work->log);
	fflush(work->log);
}
