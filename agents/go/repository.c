// Repositories through libgit2: opening, references by compare-and-swap, and
// lock files that a killed process left. Objects are made in repository_pack.c.
#include "agents/go/repository.h"

#include <git2.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agents/go/repository_pack.h"
#include "core/clock.h"
#include "core/file.h"

enum { LOCK_PATIENCE = 2000, LOCK_STEP = 50, SWAP_TRIES = 5 };

struct repository {
	git_repository *git;
	char *path;
	bool initialised;
};

static int fail(const struct repository *repository, const char *action, int code, struct error *err)
{
	const git_error *last = git_error_last();
	const char *text = last && last->message ? last->message : "no reason given";
	// Without a configuration that could list exceptions, libgit2 1.5 says only that the list is not there.
	if (code == GIT_EOWNER || strstr(text, "safe.directory"))
		return error_set(
			err, ERROR_WORKSPACE,
			"git repository %s belongs to another user: run as that user, or give the folder to this one",
			repository->path);
	return error_set(err, ERROR_WORKSPACE, "git repository %s: %s: %s", repository->path, action, text);
}

void repository_free(struct repository *repository)
{
	if (!repository)
		return;
	git_repository_free(repository->git);
	if (repository->initialised)
		git_libgit2_shutdown();
	free(repository->path);
	free(repository);
}

// ---- opening ---------------------------------------------------------------------------------------------------------

// Packs that were being written when a process was killed. Under the module's lock nobody of ours is writing.
static int remove_leftovers(const char *path, struct error *err)
{
	cleanup_free char *folder = xasprintf("%s/objects/pack", path);
	return dir_sweep(folder, err);
}

// Folders ".new-<name>-…" of killed processes; the lock of this module covers that name.
static int remove_halves(const char *parent, const char *prefix, struct error *err)
{
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	if (dir_list(parent, &names, err))
		return -1;
	vec_each (&names, name) {
		cleanup_free char *path = xasprintf("%s/%s", parent, *name);
		if (!strncmp(*name, prefix, strlen(prefix)) && dir_remove_tree(path, err))
			return -1;
	}
	return 0;
}

static int make(struct repository *repository, struct error *err)
{
	const char *slash = strrchr(repository->path, '/');
	cleanup_free char *prefix = xasprintf(".new-%s", slash ? slash + 1 : repository->path);
	cleanup_free char *parent =
		slash ? xstrndup(repository->path, (size_t)(slash - repository->path)) : xstrdup(".");
	cleanup_free char *temporary = NULL;
	if (dir_make(parent, 0755, err) || remove_halves(parent, prefix, err) ||
	    dir_temporary(parent, prefix, &temporary, err))
		return -1;
	git_repository_init_options options;
	git_repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
	options.flags = GIT_REPOSITORY_INIT_BARE;
	options.initial_head = "main";
	git_repository *git = NULL;
	int code = git_repository_init_ext(&git, temporary, &options);
	git_repository_free(git);
	if (code) {
		fail(repository, "making it", code, err);
		dir_remove_tree(temporary, NULL);
		return -1;
	}
	if (chmod(temporary, 0755) || rename(temporary, repository->path)) {
		file_error(err, "make", repository->path);
		dir_remove_tree(temporary, NULL);
		return -1;
	}
	return dir_sync(parent, err);
}

static int set_options(struct repository *repository, struct error *err)
{
	int code = git_libgit2_init();
	if (code < 0)
		return fail(repository, "starting libgit2", code, err);
	repository->initialised = true;
	static const int levels[] = {GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL};
	code = git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
	if (!code)
		code = git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 1);
	for (size_t i = 0; !code && i < ARRAY_LENGTH(levels); i++)
		code = git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, levels[i], "");
	return code ? fail(repository, "setting libgit2's options", code, err) : 0;
}

int repository_open(const char *path, struct repository **out, struct error *err)
{
	struct repository *repository = xcalloc(1, sizeof *repository);
	repository->path = xstrdup(path);
	int status = set_options(repository, err);
	if (!status && !dir_exists(path))
		status = make(repository, err);
	if (!status)
		status = remove_leftovers(path, err);
	if (!status) {
		// Not open_bare, which checks no owner.
		int code = git_repository_open_ext(&repository->git, path, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL);
		status = code ? fail(repository, "opening it", code, err) : 0;
	}
	if (status) {
		repository_free(repository);
		return -1;
	}
	*out = repository;
	return 0;
}

// ---- objects ---------------------------------------------------------------------------------------------------------

int repository_write(struct repository *repository, const struct repository_commit *commit, char id[COMMIT_ID_SIZE],
		     struct error *err)
{
	cleanup_with(git_objects_clear) git_objects objects = VEC_INIT;
	cleanup_free char *folder = xasprintf("%s/objects/pack", repository->path);
	git_odb *odb = NULL;
	int code = git_objects_make(commit, &objects), status = 0;
	if (!code)
		code = git_repository_odb(&odb, repository->git);
	// A pack appears with all its objects at once, so a commit that is there is whole.
	if (!code && !git_odb_exists(odb, &vec_last(&objects)->id)) {
		status = git_objects_write(&objects, odb, folder, err);
		code = status ? 0 : git_odb_refresh(odb);
	}
	git_odb_free(odb);
	if (status)
		return error_context(err, "git repository %s", repository->path);
	if (code)
		return fail(repository, "writing a commit", code, err);
	git_oid_tostr(id, COMMIT_ID_SIZE, &vec_last(&objects)->id);
	return 0;
}

// ---- references ------------------------------------------------------------------------------------------------------

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

// git holds such a file for milliseconds. One that stays the same for two seconds has no living owner.
static int clear_stale_lock(const struct repository *repository, const char *file, struct error *err)
{
	cleanup_free char *path = xasprintf("%s/%s.lock", repository->path, file);
	struct stat first, now;
	if (stat(path, &first))
		return 0;
	for (int waited = 0; waited < LOCK_PATIENCE; waited += LOCK_STEP) {
		system_clock.sleep(system_clock.context, LOCK_STEP);
		if (stat(path, &now) || !same_file(&first, &now))
			return 0;
	}
	return unlink(path) && access(path, F_OK) == 0 ? file_error(err, "remove the stale lock", path) : 0;
}

static int clear_stale_locks(const struct repository *repository, const char *reference, struct error *err)
{
	const char *const files[] = {reference, "packed-refs", "HEAD"};
	for (size_t i = 0; i < ARRAY_LENGTH(files); i++)
		if (clear_stale_lock(repository, files[i], err))
			return -1;
	return 0;
}

// Makes the reference; with force moves it away from what it is now, compared and swapped.
static int set_reference(const struct repository *repository, const char *name, const git_oid *id, bool force)
{
	git_reference *reference = NULL;
	git_oid current;
	int code = force ? git_reference_name_to_id(&current, repository->git, name) : GIT_ENOTFOUND;
	if (code && code != GIT_ENOTFOUND)
		return code;
	if (code)
		code = git_reference_create(&reference, repository->git, name, id, 0, NULL);
	else if (!git_oid_equal(&current, id))
		code = git_reference_create_matching(&reference, repository->git, name, id, 1, &current, NULL);
	git_reference_free(reference);
	return code;
}

static int swap_reference(const struct repository *repository, const char *name, const git_oid *id, bool force,
			  int *code, struct error *err)
{
	for (int tries = 0; tries < SWAP_TRIES; tries++) {
		*code = set_reference(repository, name, id, force);
		if (*code == GIT_ELOCKED) {
			if (clear_stale_locks(repository, name, err))
				return -1;
		} else if (!force || (*code != GIT_EMODIFIED && *code != GIT_EEXISTS)) {
			return 0;
		}
	}
	return 0;
}

int repository_tagged(struct repository *repository, const char *tag, char id[COMMIT_ID_SIZE], struct error *err)
{
	cleanup_free char *name = xasprintf("refs/tags/%s", tag);
	git_oid found;
	int code = git_reference_name_to_id(&found, repository->git, name);
	if (code == GIT_ENOTFOUND)
		return 0;
	if (code)
		return fail(repository, name, code, err);
	git_oid_tostr(id, COMMIT_ID_SIZE, &found);
	return 1;
}

int repository_tag(struct repository *repository, const char *tag, const char *id, struct error *err)
{
	cleanup_free char *name = xasprintf("refs/tags/%s", tag);
	char there[COMMIT_ID_SIZE];
	git_oid wanted;
	int code = git_oid_fromstr(&wanted, id);
	if (code)
		return fail(repository, name, code, err);
	int found = repository_tagged(repository, tag, there, err);
	if (!found) {
		if (swap_reference(repository, name, &wanted, false, &code, err))
			return -1;
		if (!code)
			return 0;
		if (code != GIT_EEXISTS)
			return fail(repository, name, code, err);
		found = repository_tagged(repository, tag, there, err);
	}
	if (found < 0)
		return -1;
	if (found && !strcmp(there, id))
		return 1;
	return error_set(
		err, ERROR_POLICY,
		"git repository %s: tag %s is there already for commit %.12s, not %.12s, and what is published never "
		"changes",
		repository->path, tag, found ? there : "(none)", id);
}

int repository_set_main(struct repository *repository, const char *id, struct error *err)
{
	git_oid wanted;
	int code = git_oid_fromstr(&wanted, id);
	if (!code && swap_reference(repository, "refs/heads/main", &wanted, true, &code, err))
		return -1;
	return code ? fail(repository, "refs/heads/main", code, err) : 0;
}
