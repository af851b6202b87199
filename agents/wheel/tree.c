// Wheels as trees (PEP 427). The zip format by hand: local headers, central
// directory, end (APPNOTE 4.3); a wheel that would need ZIP64 is refused when it is read.
#include "agents/wheel/tree.h"

#include <zlib.h>

#include "core/archive_open.h"
#include "core/digest.h"

enum { MEMBERS_MOST = 65534, CHUNK = 65536 };
static const struct archive_limits limits = {
	.entries = MEMBERS_MOST, .bytes = (size_t)1 << 30, .entry_bytes = (size_t)256 << 20};

void wheel_tree_clear(struct wheel_tree *tree)
{
	vec_each (&tree->files, file) {
		free(file->path);
		text_clear(&file->data);
	}
	vec_clear(&tree->files);
}

void wheel_tree_add(struct wheel_tree *tree, const char *path, struct text *data)
{
	vec_push(&tree->files, (struct wheel_file){.path = xstrdup(path), .data = *data});
	*data = (struct text)TEXT_INIT;
}

struct wheel_file *wheel_tree_find(const struct wheel_tree *tree, const char *path)
{
	vec_each (&tree->files, file)
		if (!strcmp(file->path, path))
			return file;
	return NULL;
}

void wheel_tree_remove(struct wheel_tree *tree, const char *path)
{
	struct wheel_file *file = wheel_tree_find(tree, path);
	if (!file)
		return;
	free(file->path);
	text_clear(&file->data);
	size_t after = (size_t)(tree->files.items + --tree->files.count - file);
	memmove(file, file + 1, after * sizeof *file);
}

// ---- reading ---------------------------------------------------------------------------------------------------------

static int read_data(struct archive_reader *reader, struct text *out, struct error *err)
{
	cleanup_free char *buffer = xmalloc(CHUNK);
	ssize_t got;
	while ((got = archive_reader_read(reader, out->len, buffer, CHUNK, err)) > 0)
		text_add_bytes(out, buffer, (size_t)got);
	return got < 0 ? -1 : 0;
}

static int read_member(struct wheel_tree *tree, struct archive_reader *reader, struct archive_names *names,
		       struct archive_entry *entry, struct error *err)
{
	cleanup_free char *path = NULL;
	unsigned type = archive_entry_filetype(entry);
	if (archive_path_clean(reader, archive_entry_pathname(entry), "its name", &path, err))
		return -1;
	if (archive_entry_hardlink(entry) || (type != AE_IFREG && type != AE_IFDIR))
		return archive_reader_refuse(reader, err, "a wheel has files and folders only");
	if (!*path)
		return type == AE_IFDIR ? 0
					: archive_reader_refuse(reader, err, "its name is that of the folder itself");
	if (archive_names_add(names, reader, path, type == AE_IFDIR ? ARCHIVE_FOLDER : ARCHIVE_FILE, err))
		return -1;
	if (type == AE_IFDIR)
		return 0;
	cleanup_text struct text data = TEXT_INIT;
	if (archive_reader_check_size(reader, entry, err) || read_data(reader, &data, err))
		return -1;
	wheel_tree_add(tree, path, &data);
	vec_last(&tree->files)->executable = archive_entry_perm(entry) & 0111;
	return 0;
}

int wheel_tree_read(struct wheel_tree *tree, struct slice wheel, const char *what, struct error *err)
{
	struct archive_reader reader;
	struct archive_names names = {0};
	struct archive_entry *entry;
	if (archive_reader_open_memory(&reader, wheel, what, &limits, err))
		return -1;
	int more;
	while ((more = archive_reader_next(&reader, &entry, err)) > 0)
		if (read_member(tree, &reader, &names, entry, err)) {
			more = -1;
			break;
		}
	archive_names_clear(&names);
	archive_reader_close(&reader);
	return more;
}

// ---- writing ---------------------------------------------------------------------------------------------------------

enum { LOCAL = 0x04034b50, CENTRAL = 0x02014b50, END = 0x06054b50 };

static void add_le(struct text *out, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		text_add_char(out, (char)(value >> (8 * i) & 0xff));
}

// From "version needed" to the name's length: the part that both headers share.
static void add_shared(struct text *out, uint32_t crc, size_t size, size_t name_length)
{
	add_le(out, 20, 2);    // 2.0
	add_le(out, 0x800, 2); // names are UTF-8
	add_le(out, 0, 2);     // STORED
	add_le(out, 0, 2);     // 00:00
	add_le(out, 0x21, 2);  // 1980-01-01
	add_le(out, crc, 4);
	add_le(out, size, 4);
	add_le(out, size, 4);
	add_le(out, name_length, 2);
}

void wheel_tree_write(const struct wheel_tree *tree, struct text *out)
{
	cleanup_text struct text central = TEXT_INIT;
	size_t start = out->len;
	vec_each (&tree->files, file) {
		size_t name_length = strlen(file->path), at = out->len - start;
		uint32_t crc = (uint32_t)crc32_z(0, (const unsigned char *)file->data.ptr, file->data.len);
		add_le(&central, CENTRAL, 4);
		add_le(&central, 3 << 8 | 20, 2); // made by 2.0, Unix: the attributes hold a mode
		add_shared(&central, crc, file->data.len, name_length);
		add_le(&central, 0, 8); // no extra field or comment, disk 0, no internal attributes
		add_le(&central, (uint64_t)(0100000 | (file->executable ? 0755 : 0644)) << 16, 4);
		add_le(&central, at, 4);
		text_add(&central, file->path);
		add_le(out, LOCAL, 4);
		add_shared(out, crc, file->data.len, name_length);
		add_le(out, 0, 2);
		text_add(out, file->path);
		text_add_slice(out, text_slice(&file->data));
	}
	size_t directory = out->len - start;
	text_add_slice(out, text_slice(&central));
	add_le(out, END, 4);
	add_le(out, 0, 4);
	add_le(out, tree->files.count, 2);
	add_le(out, tree->files.count, 2);
	add_le(out, central.len, 4);
	add_le(out, directory, 4);
	add_le(out, 0, 2);
}

// ---- RECORD ----------------------------------------------------------------------------------------------------------

static void add_cell(const char *value, struct text *out)
{
	if (!strpbrk(value, ",\"\r\n")) {
		text_add(out, value);
		return;
	}
	text_add_char(out, '"');
	for (const char *at = value; *at; at++) {
		if (*at == '"')
			text_add_char(out, '"');
		text_add_char(out, *at);
	}
	text_add_char(out, '"');
}

// urlsafe, without padding.
void wheel_file_hash(const struct wheel_file *file, struct text *out)
{
	unsigned char raw[DIGEST_BYTES];
	cleanup_text struct text base64 = TEXT_INIT;
	struct digest_hasher *hasher = digest_new();
	digest_add(hasher, text_str(&file->data), file->data.len);
	digest_final(hasher, raw);
	digest_free(hasher);
	digest_to_base64(raw, &base64);
	text_add(out, "sha256=");
	for (const char *at = text_str(&base64); *at && *at != '='; at++)
		text_add_char(out, *at == '+' ? '-' : *at == '/' ? '_' : *at);
}

void wheel_tree_record(struct wheel_tree *tree, const char *dist_info)
{
	cleanup_free char *path = xasprintf("%s/RECORD", dist_info);
	cleanup_text struct text record = TEXT_INIT;
	vec_each (&tree->files, file) {
		add_cell(file->path, &record);
		text_add_char(&record, ',');
		wheel_file_hash(file, &record);
		text_addf(&record, ",%zu\n", file->data.len);
	}
	add_cell(path, &record);
	text_add(&record, ",,\n");
	wheel_tree_add(tree, path, &record);
}

char *wheel_tree_dist_info(const struct wheel_tree *tree, const char *what, struct error *err)
{
	struct slice found = {NULL, 0};
	vec_each (&tree->files, file) {
		const char *slash = strchr(file->path, '/');
		struct slice top = {file->path, slash ? (size_t)(slash - file->path) : 0};
		if (!slice_ends(top, ".dist-info") || slice_equal(top, found))
			continue;
		if (found.len) {
			error_set(err, ERROR_INPUT, "%s: two folders that end in .dist-info", what);
			return NULL;
		}
		found = top;
	}
	if (!found.len) {
		error_set(err, ERROR_INPUT, "%s: it has no .dist-info folder", what);
		return NULL;
	}
	return slice_dup(found);
}
