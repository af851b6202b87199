// The steps that make a version public, in an order in which a kill after any
// of them leaves a registry that readers see as before, and that the same
// steps complete: what a reader finds first (.info, list) is written last.
#include <string.h>

#include "agents/go/repository.h"
#include "agents/go/version.h"
#include "agents/ledger.h"
#include "agents/publish.h"

// Branch main points at the highest version.
static int move_main(const struct publication *publication, struct repository *repository, const char *id,
		     struct error *err)
{
	cleanup_with(file_names_clear) file_names versions = VEC_INIT;
	if (publication->name && ledger_versions(publication->workspace, publication->name, &versions, err))
		return -1;
	vec_each (&versions, version)
		if (go_version_compare(*version, publication->version.version) > 0)
			return 0;
	return repository_set_main(repository, id, err);
}

static int write_files(const struct publication *publication, struct error *err)
{
	const struct module_file *gomod = module_tree_find(publication->tree, "go.mod");
	if (!gomod)
		return error_set(err, ERROR_FAILED, "%s: no go.mod", publication->version.module);
	return registry_put_zip(publication->workspace, &publication->version, publication->tree, err) ||
			       registry_put_mod(publication->workspace, &publication->version, text_slice(&gomod->data),
						err)
		       ? -1
		       : 0;
}

static int write_commit(const struct publication *publication, struct repository *repository, char id[COMMIT_ID_SIZE],
			struct error *err)
{
	struct repository_commit commit = {
		.tree = publication->tree,
		.message = publication->message,
		.name = "gophersnake",
		.email = publication->email,
		.time = publication->seconds,
	};
	if (repository_write(repository, &commit, id, err))
		return -1;
	return repository_tag(repository, publication->version.version, id, err) < 0 ? -1 : 0;
}

static int run_steps(struct publication *publication, struct repository *repository, struct error *err)
{
	char id[COMMIT_ID_SIZE];
	if (publication->name && ledger_claim(publication->workspace, publication->name, publication->version.version,
					      publication->kind, publication->inputs, err))
		return -1;
	if (write_files(publication, err) || write_commit(publication, repository, id, err))
		return -1;
	if (publication->entry) {
		json_object_set_new(publication->entry, "commit", json_string(id));
		if (ledger_put(publication->workspace, publication->entry, err) < 0)
			return -1;
	}
	return move_main(publication, repository, id, err) ||
			       registry_put_info(publication->workspace, &publication->version, err) ||
			       registry_put_list(publication->workspace, &publication->version, err)
		       ? -1
		       : 0;
}

int publication_run(struct publication *publication, struct error *err)
{
	cleanup_free char *path = registry_repository(publication->workspace, publication->element);
	struct repository *repository = NULL;
	if (repository_open(path, &repository, err))
		return -1;
	int status = run_steps(publication, repository, err);
	repository_free(repository);
	return status;
}
