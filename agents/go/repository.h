// One bare git repository per published Go module: a commit without parents
// and a tag for each version, so that a commit depends on what it holds and not on what else was published before. Branch
// "main" points at the newest version for people who clone.
//
// The caller holds the lock of the module (agents/registry.h) as long as a repository is open: a lock file of git's
// that is in the way then belongs to no living process of ours, and is removed when it does not go away by itself.
#ifndef AGENTS_GO_REPOSITORY_H
#define AGENTS_GO_REPOSITORY_H

#include <stdint.h>

#include "agents/go/modzip.h"
#include "core/error.h"

enum { COMMIT_ID_SIZE = 41 };

struct repository; // libgit2's, with synced writes and without the user's git configuration
// Makes it when absent (under a temporary name, then renamed). A repository that belongs to another user is refused.
int repository_open(const char *path, struct repository **out, struct error *err);
void repository_free(struct repository *repository);

struct repository_commit {
	const struct module_tree *tree; // finished
	const char *message;            // with a final newline
	const char *name, *email;       // of author and committer
	int64_t time;                   // seconds since 1970, UTC
};
// Writes what is not there yet, as one pack; the same input gives the same id. Nothing points at the commit yet.
int repository_write(struct repository *repository, const struct repository_commit *commit, char id[COMMIT_ID_SIZE],
		     struct error *err);
// 0 = the tag is there now, 1 = it was there for this commit already, -1 = it is there for another one (ERROR_POLICY).
int repository_tag(struct repository *repository, const char *tag, const char *id, struct error *err);
int repository_set_main(struct repository *repository, const char *id, struct error *err);
// The commit of a tag: 1 = found, 0 = there is no such tag, -1 = error.
int repository_tagged(struct repository *repository, const char *tag, char id[COMMIT_ID_SIZE], struct error *err);
#endif
