// The git objects of one commit, and their pack. Internal to agents/go/repository.c.
#ifndef AGENTS_GO_REPOSITORY_PACK_H
#define AGENTS_GO_REPOSITORY_PACK_H

#include <git2.h>

#include "agents/go/repository.h"

struct git_object_row {
	git_object_t type;
	git_oid id;
	struct slice data; // of blobs borrowed from the tree
	char *owned;       // the same bytes of trees and commits, else NULL
	bool packed;       // compressed already: stored as it is
};
typedef VEC(struct git_object_row) git_objects;

void git_objects_clear(git_objects *objects);
// Blobs, trees and the commit, the commit last. 0 or libgit2's code.
int git_objects_make(const struct repository_commit *commit, git_objects *out);
// Writes those that the repository has not as one pack with its index, deflated and without deltas, into
// <repository>/objects/pack. Synced; the objects are all there afterwards, or none is.
int git_objects_write(const git_objects *objects, git_odb *odb, const char *folder, struct error *err);
#endif
