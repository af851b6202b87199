// What is in a store, for who decides what may go.
#include "core/store.h"

#include <sys/stat.h>

#include "core/file.h"
#include "core/store_internal.h"

void store_items_clear(store_items *entries)
{
	vec_each (entries, entry)
		free(entry->path);
	vec_clear(entries);
}

static int read_target(struct store_item *entry, struct error *err)
{
	cleanup_text struct text text = TEXT_INIT;
	if (file_read(entry->path, 1024, &text, err))
		return -1;
	if (text.len == DIGEST_HEX_SIZE && text.ptr[text.len - 1] == '\n')
		snprintf(entry->target, sizeof entry->target, "%.64s", text.ptr);
	return 0;
}

static int add_shard(struct store *store, const char *kind, const char *shard, store_items *out, struct error *err)
{
	cleanup_free char *folder = xasprintf("%s/%s/%s", store->root, kind, shard);
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	if (dir_list(folder, &names, err))
		return -1;
	vec_each (&names, name) {
		struct store_item entry = {.path = xasprintf("%s/%s", folder, *name)};
		struct stat status;
		if (strlen(shard) + strlen(*name) != DIGEST_HEX_SIZE - 1 || lstat(entry.path, &status) ||
		    !S_ISREG(status.st_mode)) {
			free(entry.path);
			continue;
		}
		snprintf(entry.digest, sizeof entry.digest, "%s%s", shard, *name);
		entry.size = status.st_size;
		entry.used = status.st_mtim.tv_sec;
		vec_push(out, entry);
		if (!strcmp(kind, "memos") && read_target(vec_last(out), err))
			return -1;
	}
	return 0;
}

int store_list(struct store *store, const char *kind, store_items *out, struct error *err)
{
	cleanup_free char *folder = xasprintf("%s/%s", store->root, kind);
	cleanup_with(file_names_clear) file_names shards = VEC_INIT;
	if (dir_list(folder, &shards, err))
		return -1;
	vec_each (&shards, shard)
		if (strlen(*shard) == 2 && add_shard(store, kind, *shard, out, err))
			return -1;
	return 0;
}
