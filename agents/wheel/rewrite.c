// PEP 427 (wheels), PEP 440 (local versions), PEP 376 (RECORD), core metadata.
#include "agents/wheel/rewrite.h"

#include <strings.h>

#include "agents/wheel/line.h"
#include "core/arena.h"
#include "resolver/metadata.h"
#include "resolver/version.h"

static const char requirement[] = "Requires-Dist: gophersnake-bundle";

void wheel_result_clear(struct wheel_result *result)
{
	free(result->file_name);
	text_clear(&result->data);
	text_clear(&result->metadata);
	vec_each (&result->reasons, reason)
		free(*reason);
	vec_clear(&result->reasons);
	*result = (struct wheel_result){0};
}

// ---- names -----------------------------------------------------------------------------------------------------------

char *wheel_version(const char *version, int64_t rev, struct error *err)
{
	cleanup_arena struct arena arena = ARENA_INIT;
	struct version parsed;
	if (version_parse(&arena, slice_of(version), &parsed, err))
		return NULL;
	cleanup_text struct text text = TEXT_INIT;
	version_format(&parsed, &text);
	text_addf(&text, "%cgo.%lld", parsed.local_count ? '.' : '+', (long long)rev);
	return text_steal(&text);
}

char *wheel_file_name(const char *original, int64_t rev, struct error *err)
{
	struct slice rest = slice_of(original), name, version;
	bool named = slice_ends(rest, ".whl") && slice_cut(&rest, '-', &name) && slice_cut(&rest, '-', &version) &&
		     rest.ptr && memchr(rest.ptr, '-', rest.len);
	if (!named) {
		error_set(err, ERROR_INPUT, "%s is no name of a wheel", original);
		return NULL;
	}
	cleanup_free char *old = slice_dup(version), *now = wheel_version(old, rev, err);
	return now ? xasprintf("%.*s-%s-%.*s", (int)name.len, name.ptr, now, (int)rest.len, rest.ptr) : NULL;
}

// ---- METADATA --------------------------------------------------------------------------------------------------------

static struct slice read_line(struct slice *rest)
{
	const char *newline = memchr(rest->ptr, '\n', rest->len);
	struct slice line = {rest->ptr, newline ? (size_t)(newline - rest->ptr) + 1 : rest->len};
	*rest = slice_from(*rest, line.len);
	return line;
}

static bool is_header(struct slice line)
{
	const char *colon = memchr(line.ptr, ':', line.len);
	return line.ptr[0] == ' ' || line.ptr[0] == '\t' ? slice_trim(line).len > 0 : colon && colon > line.ptr;
}

// The first Version gets the new one; the requirement comes after the last header.
static void rewrite_metadata(struct slice old, const char *version, struct text *out)
{
	struct slice rest = old;
	const char *end = memmem(old.ptr ? old.ptr : "", old.len, "\r\n", 2) ? "\r\n" : "\n";
	bool done = false;
	while (rest.len) {
		struct slice line = read_line(&rest);
		if (!is_header(line)) {
			rest = (struct slice){line.ptr, (size_t)(old.ptr + old.len - line.ptr)};
			break;
		}
		if (!done && line.len > 8 && !strncasecmp(line.ptr, "Version:", 8)) {
			text_addf(out, "Version: %s%s", version, end);
			done = true;
			continue;
		}
		text_add_slice(out, line);
	}
	if (out->len && out->ptr[out->len - 1] != '\n')
		text_add(out, end);
	text_addf(out, "%s%s", requirement, end);
	text_add_slice(out, rest);
}

static int read_metadata(const struct wheel_tree *tree, const char *dist_info, const char *file_name,
			 struct arena *arena, struct metadata *out, struct wheel_file **file, struct error *err)
{
	cleanup_free char *path = xasprintf("%s/METADATA", dist_info);
	*file = wheel_tree_find(tree, path);
	if (!*file)
		return error_set(err, ERROR_INPUT, "%s: it has no %s", file_name, path);
	if (metadata_parse(arena, text_slice(&(*file)->data), out, err))
		return error_context(err, "%s", file_name);
	return 0;
}

// ---- files -----------------------------------------------------------------------------------------------------------

static size_t edit_modules(struct wheel_tree *tree, const struct wheel_edit *edits, size_t count,
			   struct wheel_result *out)
{
	size_t edited = 0;
	for (size_t i = 0; i < count; i++) {
		struct wheel_file *file = wheel_tree_find(tree, edits[i].file);
		const char *refusal = file ? wheel_line_refusal(text_slice(&file->data)) : "the wheel has no such file";
		if (refusal) {
			vec_push(&out->reasons, xasprintf("%s stays Python: %s", edits[i].file, refusal));
			continue;
		}
		cleanup_text struct text line = TEXT_INIT, source = TEXT_INIT;
		wheel_line(edits[i].unit, edits[i].names, &line);
		wheel_line_append(text_slice(&file->data), text_str(&line), &source);
		text_clear(&file->data);
		file->data = source;
		source = (struct text)TEXT_INIT;
		edited++;
	}
	return edited;
}

static void rename_folder(struct wheel_tree *tree, const char *old, const char *now)
{
	size_t length = strlen(old);
	vec_each (&tree->files, file) {
		if (strncmp(file->path, old, length) || file->path[length] != '/')
			continue;
		char *path = xasprintf("%s%s", now, file->path + length);
		free(file->path);
		file->path = path;
	}
}

// "Django-5.2.dist-info" → "Django-5.2+go.0"
static char *new_stem(const char *dist_info, const char *version)
{
	size_t stem = strlen(dist_info) - strlen(".dist-info"), name = stem;
	while (name > 0 && dist_info[name - 1] != '-')
		name--;
	return name ? xasprintf("%.*s%s", (int)name, dist_info, version)
		    : xasprintf("%.*s-%s", (int)stem, dist_info, version);
}

static void name_version(struct wheel_tree *tree, const char *dist_info, const char *version)
{
	cleanup_free char *stem = new_stem(dist_info, version), *now = xasprintf("%s.dist-info", stem);
	cleanup_free char *data = xasprintf("%s.data", stem);
	cleanup_free char *old_data =
		xasprintf("%.*s.data", (int)(strlen(dist_info) - strlen(".dist-info")), dist_info);
	static const char *const replaced[] = {"RECORD", "RECORD.jws", "RECORD.p7s"};
	for (size_t i = 0; i < ARRAY_LENGTH(replaced); i++) {
		cleanup_free char *path = xasprintf("%s/%s", dist_info, replaced[i]);
		wheel_tree_remove(tree, path);
	}
	rename_folder(tree, dist_info, now);
	rename_folder(tree, old_data, data);
	wheel_tree_record(tree, now);
}

static int rewrite_tree(struct wheel_tree *tree, const char *file_name, int64_t rev, struct wheel_result *out,
			struct error *err)
{
	cleanup_arena struct arena arena = ARENA_INIT;
	struct metadata metadata;
	struct wheel_file *file;
	cleanup_free char *dist_info = wheel_tree_dist_info(tree, file_name, err);
	if (!dist_info || read_metadata(tree, dist_info, file_name, &arena, &metadata, &file, err))
		return -1;
	cleanup_free char *version = wheel_version(metadata.version, rev, err);
	cleanup_free char *name = version ? wheel_file_name(file_name, rev, err) : NULL;
	if (!name)
		return -1;
	cleanup_text struct text text = TEXT_INIT;
	rewrite_metadata(text_slice(&file->data), version, &text);
	text_add_slice(&out->metadata, text_slice(&text));
	text_clear(&file->data);
	file->data = text;
	text = (struct text)TEXT_INIT;
	name_version(tree, dist_info, version);
	wheel_tree_write(tree, &out->data);
	out->file_name = steal(&name);
	return 0;
}

int wheel_rewrite(struct slice wheel, const char *file_name, int64_t rev, const struct wheel_edit *edits, size_t count,
		  struct wheel_result *out, struct error *err)
{
	cleanup_wheel_tree struct wheel_tree tree = {.files = VEC_INIT};
	*out = (struct wheel_result){0};
	if (wheel_tree_read(&tree, wheel, file_name, err))
		return -1;
	out->edited = edit_modules(&tree, edits, count, out);
	if (!out->edited)
		return 0;
	if (!rewrite_tree(&tree, file_name, rev, out, err))
		return 0;
	wheel_result_clear(out);
	return -1;
}

int wheel_metadata(struct slice wheel, const char *file_name, struct text *out, struct error *err)
{
	cleanup_wheel_tree struct wheel_tree tree = {.files = VEC_INIT};
	cleanup_arena struct arena arena = ARENA_INIT;
	struct metadata metadata;
	struct wheel_file *file;
	if (wheel_tree_read(&tree, wheel, file_name, err))
		return -1;
	cleanup_free char *dist_info = wheel_tree_dist_info(&tree, file_name, err);
	if (!dist_info || read_metadata(&tree, dist_info, file_name, &arena, &metadata, &file, err))
		return -1;
	text_add_slice(out, text_slice(&file->data));
	return 0;
}
