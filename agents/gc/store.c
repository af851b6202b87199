// Marks from ledger entries, current runs and memos, through everything that names objects; what has no mark goes.
//
// A name is any run of exactly 64 hexadecimal digits in a JSON document of the store: no format needs to be known here, and a name too
// many only keeps something.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "agents/gc/internal.h"
#include "agents/ledger.h"
#include "agents/run.h"
#include "agents/wheel/retired.h"
#include "core/store.h"

enum { DOCUMENT_LIMIT = 1 << 30, DAY = 24 * 60 * 60 };

struct marking {
	struct collection *collection;
	struct store *store;
	store_items objects, memos;
	bool *live;         // of objects
	VEC(size_t) unread; // objects that are live and whose names were not followed yet
};

static void marking_clear(struct marking *marking)
{
	store_items_clear(&marking->objects);
	store_items_clear(&marking->memos);
	free(marking->live);
	vec_clear(&marking->unread);
	store_free(marking->store);
}

// ---- marks -----------------------------------------------------------------------------------------------------------

static int compare_digests(const void *key, const void *entry)
{
	return strncmp(key, ((const struct store_item *)entry)->digest, DIGEST_HEX_SIZE - 1);
}

// digest: 64 characters at least.
static const struct store_item *find_object(const struct marking *marking, const char *digest)
{
	return marking->objects.count ? bsearch(digest, marking->objects.items, marking->objects.count,
						sizeof *marking->objects.items, compare_digests)
				      : NULL;
}

static void mark(struct marking *marking, const char *digest)
{
	const struct store_item *object = find_object(marking, digest);
	size_t number = object ? (size_t)(object - marking->objects.items) : 0;
	if (!object || marking->live[number])
		return;
	marking->live[number] = true;
	vec_push(&marking->unread, number);
}

static void mark_names(struct marking *marking, struct slice text)
{
	size_t run = 0;
	for (size_t i = 0; i <= text.len; i++) {
		char c = i < text.len ? text.ptr[i] : '\0';
		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) {
			run++;
			continue;
		}
		if (run == DIGEST_HEX_SIZE - 1)
			mark(marking, text.ptr + i - run);
		run = 0;
	}
}

static int mark_file(struct marking *marking, const char *path, struct error *err)
{
	cleanup_text struct text text = TEXT_INIT;
	if (!file_exists(path))
		return 0;
	if (file_read(path, DOCUMENT_LIMIT, &text, err))
		return -1;
	mark_names(marking, text_slice(&text));
	return 0;
}

// The text of an object that is JSON; empty for others.
static int read_document(const struct store_item *object, struct text *out, struct error *err)
{
	FILE *file = fopen(object->path, "re");
	if (!file)
		return file_error(err, "read", object->path);
	int first = fgetc(file);
	fclose(file);
	return first == '{' || first == '[' ? file_read(object->path, DOCUMENT_LIMIT, out, err) : 0;
}

static int follow(struct marking *marking, struct error *err)
{
	while (marking->unread.count) {
		size_t number = marking->unread.items[--marking->unread.count];
		cleanup_text struct text text = TEXT_INIT;
		if (read_document(&marking->objects.items[number], &text, err))
			return -1;
		mark_names(marking, text_slice(&text));
	}
	return 0;
}

// ---- where marks begin -----------------------------------------------------------------------------------------------

static int mark_ledger(struct marking *marking, const char *name, struct error *err)
{
	const struct collection *collection = marking->collection;
	cleanup_with(file_names_clear) file_names versions = VEC_INIT;
	if (ledger_versions(collection->workspace, name, &versions, err))
		return -1;
	vec_each (&versions, version) {
		cleanup_json json_t *entry = NULL;
		cleanup_free char *path = ledger_path(collection->workspace, name, *version, "json");
		if (ledger_read(collection->workspace, name, *version, &entry, err) < 0 ||
		    (!retired_release(collection->retired, entry) && mark_file(marking, path, err)))
			return -1;
	}
	return 0;
}

static bool is_recent(const struct marking *marking, int64_t seconds)
{
	const struct gc_options *options = marking->collection->options;
	return options->now - seconds <= options->unused_days * DAY;
}

static int mark_run(struct marking *marking, const char *run, bool newest, struct error *err)
{
	static const char *const files[] = {"started", "plan.json", "journal.jsonl"};
	cleanup_free char *folder = run_folder(marking->collection->options->config, run);
	bool current = newest;
	for (size_t i = 0; i < ARRAY_LENGTH(files); i++) {
		cleanup_free char *path = xasprintf("%s/%s", folder, files[i]);
		struct stat status;
		current |= !stat(path, &status) && is_recent(marking, status.st_mtime);
	}
	for (size_t i = 0; i < ARRAY_LENGTH(files) && current; i++) {
		cleanup_free char *path = xasprintf("%s/%s", folder, files[i]);
		if (mark_file(marking, path, err))
			return -1;
	}
	return 0;
}

static int mark_roots(struct marking *marking, struct error *err)
{
	const struct collection *collection = marking->collection;
	cleanup_free char *runs = xasprintf("%s/runs", collection->workspace);
	cleanup_free char *newest = run_newest(collection->options->config);
	cleanup_with(file_names_clear) file_names names = VEC_INIT, run_names = VEC_INIT;
	if (ledger_names(collection->workspace, &names, err) || (dir_exists(runs) && dir_list(runs, &run_names, err)))
		return -1;
	vec_each (&names, name)
		if (mark_ledger(marking, *name, err))
			return -1;
	vec_each (&run_names, run)
		if (mark_run(marking, *run, newest && !strcmp(newest, *run), err))
			return -1;
	return follow(marking, err);
}

// ---- memos -----------------------------------------------------------------------------------------------------------

// Stages write documents with a schema of ours, and can write them again. What has none may have cost money (a model's answer, the
// id of a batch): it stays.
static int can_be_made_again(const struct marking *marking, const struct store_item *memo, bool *out, struct error *err)
{
	cleanup_text struct text text = TEXT_INIT;
	*out = false;
	if (read_document(find_object(marking, memo->target), &text, err))
		return -1;
	*out = memmem(text_str(&text), text.len, "\"schema\":\"gophersnake.", 22) != NULL;
	return 0;
}

// NULL: it stays.
static int reason_against(const struct marking *marking, const struct store_item *memo, const char **out,
			  struct error *err)
{
	const struct store_item *object = find_object(marking, memo->target);
	bool again;
	*out = NULL;
	if (!object) {
		*out = "what they name is not there";
		return 0;
	}
	if (marking->live[object - marking->objects.items] || is_recent(marking, memo->used))
		return 0;
	if (can_be_made_again(marking, memo, &again, err))
		return -1;
	*out = again ? "not used lately, and no current run has them" : NULL;
	return 0;
}

// Rows of memos that go; those that stay are marked only when all are judged: what they name does not speak for others.
static int judge_memos(struct marking *marking, struct error *err)
{
	VEC(const struct store_item *) kept = VEC_INIT;
	file_names paths[2] = {VEC_INIT, VEC_INIT}; // by reason
	int64_t bytes[2] = {0};
	const char *reasons[2] = {NULL, NULL};
	int status = 0;
	vec_each (&marking->memos, memo) {
		const char *reason = NULL;
		status = status || reason_against(marking, memo, &reason, err) ? -1 : 0;
		int kind = find_object(marking, memo->target) != NULL;
		if (!reason) {
			vec_push(&kept, memo);
			continue;
		}
		reasons[kind] = reason;
		bytes[kind] += memo->size;
		vec_push(&paths[kind], xstrdup(memo->path));
	}
	for (size_t i = 0; i < ARRAY_LENGTH(paths); i++) {
		cleanup_free char *name = xasprintf("%zu in store/memos", paths[i].count);
		if (paths[i].count && !status)
			gc_add_set(marking->collection, "memos", name, reasons[i], &paths[i], bytes[i]);
		file_names_clear(&paths[i]);
	}
	vec_each (&kept, memo)
		mark(marking, (*memo)->target);
	vec_clear(&kept);
	return status ? -1 : follow(marking, err);
}

static void list_objects(struct marking *marking)
{
	cleanup_with(file_names_clear) file_names paths = VEC_INIT;
	int64_t bytes = 0;
	for (size_t i = 0; i < marking->objects.count; i++) {
		if (marking->live[i])
			continue;
		vec_push(&paths, xstrdup(marking->objects.items[i].path));
		bytes += marking->objects.items[i].size;
	}
	cleanup_free char *name = xasprintf("%zu in store/objects", paths.count);
	if (paths.count)
		gc_add_set(marking->collection, "objects", name, "no conversion in use, current run or memo needs them",
			   &paths, bytes);
}

int gc_list_store(struct collection *collection, struct error *err)
{
	cleanup_with(marking_clear) struct marking marking = {.collection = collection};
	cleanup_free char *path = xasprintf("%s/store", collection->workspace);
	if (!dir_exists(path))
		return 0;
	if (store_open(path, &marking.store, err) || store_list(marking.store, "objects", &marking.objects, err) ||
	    store_list(marking.store, "memos", &marking.memos, err))
		return -1;
	marking.live = xcalloc(marking.objects.count + 1, sizeof *marking.live);
	if (mark_roots(&marking, err) || judge_memos(&marking, err))
		return -1;
	list_objects(&marking);
	return 0;
}
