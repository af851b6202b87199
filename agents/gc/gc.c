// The order of it all.
#include "agents/gc/gc.h"

#include <stdio.h>
#include <sys/stat.h>

#include "agents/gc/internal.h"
#include "agents/wheel/index.h"
#include "agents/wheel/retired.h"

void gc_clear(struct gc *gc)
{
	vec_each (&gc->rows, row) {
		free(row->name);
		free(row->reason);
		file_names_clear(&row->paths);
	}
	vec_each (&gc->remarks, remark)
		free(*remark);
	vec_clear(&gc->rows);
	vec_clear(&gc->remarks);
	*gc = (struct gc){0};
}

void gc_add_set(struct collection *collection, const char *what, const char *name, const char *reason,
		file_names *paths, int64_t bytes)
{
	struct gc_row row = {
		.what = what, .name = xstrdup(name), .reason = xstrdup(reason), .bytes = bytes, .paths = *paths};
	*paths = (file_names)VEC_INIT;
	collection->out->bytes += bytes;
	vec_push(&collection->out->rows, row);
}

void gc_add_path(struct collection *collection, const char *what, const char *name, const char *reason,
		 const char *path)
{
	file_names paths = VEC_INIT;
	vec_push(&paths, xstrdup(path));
	gc_add_set(collection, what, name, reason, &paths, gc_size_of(path));
}

void gc_add(struct collection *collection, const char *what, const char *name, const char *reason)
{
	file_names none = VEC_INIT;
	gc_add_set(collection, what, name, reason, &none, 0);
}

int64_t gc_size_of(const char *path)
{
	struct stat status;
	struct error ignored = ERROR_INIT; // a link or a pipe below: what can be counted is
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	if (lstat(path, &status))
		return 0;
	if (!S_ISDIR(status.st_mode))
		return status.st_size;
	int64_t bytes = 0;
	dir_walk_files(path, &names, &ignored);
	vec_each (&names, name) {
		cleanup_free char *file = xasprintf("%s/%s", path, *name);
		bytes += lstat(file, &status) ? 0 : status.st_size;
	}
	return bytes;
}

// ---- steps -----------------------------------------------------------------------------------------------------------

static bool has_retired(const struct collection *collection)
{
	return json_object_size(json_object_get(collection->retired, "releases")) ||
	       json_object_size(json_object_get(collection->retired, "bundles"));
}

// Pages without what is retired, and the next bundle.
static int update_index(struct collection *collection, struct error *err)
{
	struct work work = {0};
	struct wheel_index index = {0};
	if (work_open(&work, collection->options->config, collection->options->interrupted, err))
		return -1;
	int status = wheel_index_update(&work, &index, err);
	vec_each (&index.reasons, reason)
		vec_push(&collection->out->remarks, xstrdup(*reason));
	wheel_index_clear(&index);
	work_close(&work);
	return status;
}

static int list_files(struct collection *collection, struct error *err)
{
	return gc_list_store(collection, err) || gc_list_python(collection, err) || gc_list_scratch(collection, err)
		       ? -1
		       : 0;
}

static int drop_files(const struct collection *collection, struct error *err)
{
	vec_each (&collection->out->rows, row)
		vec_each (&row->paths, path) {
			if (collection->options->interrupted && *collection->options->interrupted)
				return error_set(err, ERROR_INTERRUPTED,
						 "interrupted; nothing is broken: the same command does the rest");
			if (dir_remove_tree(*path, err))
				return -1;
		}
	return 0;
}

// Alone in the workspace, but for the time in which the index is made: that is a stage's work.
static int collect(struct collection *collection, FILE **claim, struct error *err)
{
	const struct gc_options *options = collection->options;
	if (gc_retire(collection, err))
		return -1;
	if (options->dry_run)
		return list_files(collection, err);
	if (collection->added && retired_write(collection->workspace, collection->retired, err))
		return -1;
	if (has_retired(collection)) {
		fclose(*claim);
		*claim = NULL;
		if (update_index(collection, err) ||
		    work_claim(collection->workspace, true, options->interrupted, claim, err))
			return -1;
	}
	return list_files(collection, err) || drop_files(collection, err) ? -1 : 0;
}

int gc_run(const struct gc_options *options, struct gc *out, struct error *err)
{
	const char *workspace = options->config->workspace;
	struct collection collection = {.options = options, .workspace = workspace, .out = out};
	FILE *claim = NULL;
	*out = (struct gc){0};
	cleanup_json json_t *retired = retired_read(workspace, err);
	collection.retired = retired;
	int status = !retired || work_claim(workspace, true, options->interrupted, &claim, err) ? -1 : 0;
	if (!status)
		status = collect(&collection, &claim, err);
	if (claim)
		fclose(claim);
	if (status)
		gc_clear(out);
	return status;
}
