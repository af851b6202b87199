// What pip would check when it installs, and RECORD, which pip does not check.
#include "agents/wheel/check.h"

#include <string.h>

#include "agents/wheel/tree.h"
#include "resolver/name.h"
#include "resolver/tag.h"

struct check {
	const struct wheel_expected *expected;
	struct arena *arena;
	struct wheel_tree *tree; // sorted by path
	const char *dist_info;
};

static int compare_paths(const void *left, const void *right)
{
	return strcmp(((const struct wheel_file *)left)->path, ((const struct wheel_file *)right)->path);
}

static struct wheel_file *find(const struct check *check, const char *path)
{
	const struct wheel_file key = {.path = (char *)path};
	return check->tree->files.count
		       ? bsearch(&key, check->tree->files.items, check->tree->files.count, sizeof key, compare_paths)
		       : NULL;
}

static struct wheel_file *find_info(const struct check *check, const char *name)
{
	return find(check, arena_printf(check->arena, "%s/%s", check->dist_info, name));
}

// ---- RECORD ----------------------------------------------------------------------------------------------------------

// A cell of a line of CSV, unquoted, and the comma after it.
static struct slice next_cell(struct slice *line, struct text *out)
{
	text_reset(out);
	size_t at = 0;
	bool quoted = line->len && line->ptr[0] == '"';
	for (at = quoted; at < line->len; at++) {
		char c = line->ptr[at];
		if (quoted && c == '"' && (at + 1 == line->len || line->ptr[at + 1] != '"'))
			quoted = false;
		else if (!quoted && c == ',')
			break;
		else
			text_add_char(out, line->ptr[quoted && c == '"' ? ++at : at]);
	}
	*line = slice_from(*line, at < line->len ? at + 1 : at);
	return text_slice(out);
}

static bool has_no_hash(const struct check *check, const char *path)
{
	static const char *const names[] = {"RECORD", "RECORD.jws", "RECORD.p7s"};
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
		if (!strcmp(path, arena_printf(check->arena, "%s/%s", check->dist_info, names[i])))
			return true;
	return false;
}

static int check_row(const struct check *check, struct slice line, bool *listed, struct error *err)
{
	cleanup_text struct text cell = TEXT_INIT, hash = TEXT_INIT;
	next_cell(&line, &cell);
	const char *path = arena_strdup(check->arena, text_str(&cell)), *name = check->expected->file_name;
	const struct wheel_file *file = find(check, path);
	if (!file)
		return error_set(err, ERROR_INPUT, "%s: its RECORD names %.200s, which is not in it", name, path);
	listed[file - check->tree->files.items] = true;
	if (has_no_hash(check, path))
		return 0;
	wheel_file_hash(file, &hash);
	if (!slice_is(next_cell(&line, &cell), text_str(&hash)))
		return error_set(err, ERROR_INPUT, "%s: %.200s has another hash than in its RECORD", name, path);
	return 0;
}

static int check_record(const struct check *check, struct error *err)
{
	const char *name = check->expected->file_name;
	const struct wheel_file *record = find_info(check, "RECORD");
	if (!record)
		return error_set(err, ERROR_INPUT, "%s: it has no RECORD", name);
	cleanup_free bool *listed = xcalloc(check->tree->files.count, sizeof *listed);
	struct slice rest = text_slice(&record->data), line;
	while (slice_cut(&rest, '\n', &line)) {
		line = slice_trim(line);
		if (line.len && check_row(check, line, listed, err))
			return -1;
	}
	for (size_t i = 0; i < check->tree->files.count; i++) {
		const char *path = check->tree->files.items[i].path;
		if (!listed[i] && !has_no_hash(check, path))
			return error_set(err, ERROR_INPUT, "%s: %.200s is not in its RECORD", name, path);
	}
	return 0;
}

// ---- identity --------------------------------------------------------------------------------------------------------

static int check_tag(const struct check *check, const struct wheel_name *wheel, struct wheel_checked *out,
		     struct error *err)
{
	const struct wheel_expected *expected = check->expected;
	const char *best = NULL;
	if (wheel_rank(wheel, expected->tags, expected->tag_count, &best) < 0)
		return error_set(err, ERROR_INPUT, "%s: it is not for this Python and platform", expected->file_name);
	out->tag = arena_strdup(check->arena, best);
	return 0;
}

static int check_identity(const struct check *check, struct wheel_checked *out, struct error *err)
{
	const struct wheel_expected *expected = check->expected;
	const struct wheel_file *file = find_info(check, "METADATA");
	struct wheel_name wheel;
	struct version stated, wanted;
	if (wheel_name_parse(check->arena, slice_of(expected->file_name), &wheel, err))
		return -1;
	if (!file || !find_info(check, "WHEEL"))
		return error_set(err, ERROR_INPUT, "%s: it has no %s", expected->file_name,
				 file ? "WHEEL" : "METADATA");
	if (metadata_parse(check->arena, text_slice(&file->data), &out->metadata, err) ||
	    version_parse(check->arena, slice_of(out->metadata.version), &stated, err))
		return error_context(err, "%s", expected->file_name);
	const char *name = name_normalise(check->arena, slice_of(out->metadata.name));
	const char *folder = name_normalise(check->arena, slice_of(check->dist_info));
	if (strcmp(name, wheel.name) || version_compare(&stated, &wheel.version) ||
	    strncmp(folder, name, strlen(name)) != 0)
		return error_set(err, ERROR_INPUT, "%s: its METADATA is of %.100s %.100s", expected->file_name,
				 out->metadata.name, out->metadata.version);
	if (expected->name && strcmp(name, expected->name) != 0)
		return error_set(err, ERROR_INPUT, "its build made %s, which is not of %s", expected->file_name,
				 expected->name);
	if (expected->version && (version_parse(check->arena, slice_of(expected->version), &wanted, err) ||
				  version_compare(&stated, &wanted)))
		return error_set(err, ERROR_INPUT, "its build made %s, which is not version %s", expected->file_name,
				 expected->version);
	return check_tag(check, &wheel, out, err);
}

int wheel_check(const struct wheel_expected *expected, struct slice wheel, struct arena *arena,
		struct wheel_checked *checked, struct text *out, struct error *err)
{
	cleanup_wheel_tree struct wheel_tree tree = {.files = VEC_INIT};
	if (wheel_tree_read(&tree, wheel, expected->file_name, err))
		return -1;
	cleanup_free char *dist_info = wheel_tree_dist_info(&tree, expected->file_name, err);
	if (!dist_info)
		return -1;
	vec_sort(&tree.files, compare_paths);
	const struct check check = {expected, arena, &tree, dist_info};
	if (check_identity(&check, checked, err) || check_record(&check, err))
		return -1;
	wheel_tree_remove(&tree, arena_printf(arena, "%s/RECORD", dist_info));
	wheel_tree_record(&tree, dist_info);
	wheel_tree_write(&tree, out);
	return 0;
}
