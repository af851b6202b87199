// What dead processes left. Nobody works in the workspace now, so a job's folder in tmp belongs to nobody; scratch modules and
// module caches, which jobs share, save the next run's time and stay for a day.
#include <string.h>
#include <sys/stat.h>

#include "agents/gc/internal.h"

enum { SHARED_AGE = 24 * 60 * 60 };

static bool is_shared(const char *name)
{
	return !strncmp(name, "scratch-", 8) || !strncmp(name, "gomodcache-", 11);
}

static int list_tmp(struct collection *collection, struct error *err)
{
	cleanup_free char *folder = xasprintf("%s/tmp", collection->workspace);
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	if (dir_exists(folder) && dir_list(folder, &names, err))
		return -1;
	vec_each (&names, name) {
		cleanup_free char *path = xasprintf("%s/%s", folder, *name), *shown = xasprintf("tmp/%s", *name);
		struct stat status;
		bool shared = is_shared(*name);
		if (lstat(path, &status) || (shared && collection->options->now - status.st_mtime <= SHARED_AGE))
			continue;
		gc_add_path(collection, "scratch", shown, shared ? "not used for a day" : "its process has ended",
			    path);
	}
	return 0;
}

// ".tmp-…" (core/file.h) below a folder.
static int list_leftovers(struct collection *collection, const char *below, struct error *err)
{
	cleanup_free char *folder = xasprintf("%s/%s", collection->workspace, below);
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	file_names found = VEC_INIT;
	int64_t bytes = 0;
	if (dir_exists(folder) && dir_walk_files(folder, &names, err))
		return -1;
	vec_each (&names, name) {
		const char *slash = strrchr(*name, '/');
		cleanup_free char *path = xasprintf("%s/%s", folder, *name);
		if (strncmp(slash ? slash + 1 : *name, ".tmp-", 5))
			continue;
		bytes += gc_size_of(path);
		vec_push(&found, steal(&path));
	}
	if (found.count)
		gc_add_set(collection, "leftovers", below, "written by processes that were killed", &found, bytes);
	return 0;
}

int gc_list_scratch(struct collection *collection, struct error *err)
{
	return list_tmp(collection, err) || list_leftovers(collection, "store/tmp", err) ||
			       list_leftovers(collection, "registry", err)
		       ? -1
		       : 0;
}
