// Trees of files and the zip format, written by hand: local headers, central
// directory, the ZIP64 end for more than 65,535 entries (APPNOTE 4.3). The
// rules are those of golang.org/x/mod/zip and module.CheckFilePath.
#include "agents/go/modzip.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <uthash.h>
#include <zlib.h>

#include "core/arena.h"
#include "core/file.h"

#define MIB ((size_t)1024 * 1024)
enum { MODULE_LIMIT_MIB = 500, FILE_LIMIT_MIB = 16, NAME_LIMIT = 65535, CHUNK = 256 * 1024 };

void module_tree_clear(struct module_tree *tree)
{
	vec_each (&tree->files, file) {
		free(file->path);
		text_clear(&file->data);
	}
	vec_clear(&tree->files);
}

struct module_file *module_tree_find(const struct module_tree *tree, const char *path)
{
	vec_each (&tree->files, file)
		if (!strcmp(file->path, path))
			return file;
	return NULL;
}

void module_tree_add(struct module_tree *tree, const char *path, struct text *data)
{
	vec_push(&tree->files, (struct module_file){.path = xstrdup(path), .data = *data});
	*data = (struct text)TEXT_INIT;
}

bool module_tree_has_folded(const struct module_tree *tree, const char *path)
{
	size_t length = strlen(path);
	vec_each (&tree->files, file)
		if (!strncasecmp(file->path, path, length) && (file->path[length] == '/' || !file->path[length]))
			return true;
	return false;
}

// ---- Go's rules ------------------------------------------------------------------------------------------------------

static int refuse(struct error *err, const char *path, const char *rule)
{
	return error_set(err, ERROR_FAILED, "Go takes no module with the file \"%s\": %s", path, rule);
}

static bool is_windows_device(struct slice element)
{
	static const char *const names[] = {"con",  "com1", "com2", "com3", "com4", "com5", "com6", "com7",
					    "com8", "com9", "prn",  "lpt1", "lpt2", "lpt3", "lpt4", "lpt5",
					    "lpt6", "lpt7", "lpt8", "lpt9", "aux",  "nul"};
	const char *dot = memchr(element.ptr, '.', element.len);
	size_t length = dot ? (size_t)(dot - element.ptr) : element.len;
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
		if (strlen(names[i]) == length && !strncasecmp(names[i], element.ptr, length))
			return true;
	return false;
}

static int check_element(const char *path, struct slice element, struct error *err)
{
	static const char allowed[] = "!#$%&()+,-.=@[]^_{}~ ";
	bool dots = true;
	for (size_t i = 0; i < element.len; i++) {
		char c = element.ptr[i];
		dots &= c == '.';
		// Go wants letters of Unicode; what is beyond ASCII comes from nobody here but a release's own file names.
		if (!isalnum((unsigned char)c) && (c == '\0' || !strchr(allowed, c)))
			return refuse(err, path, "a character that Go's file names cannot have");
	}
	if (!element.len || dots)
		return refuse(err, path, "an element that is empty or only dots");
	if (element.ptr[element.len - 1] == '.')
		return refuse(err, path, "an element that ends in a dot");
	return is_windows_device(element) ? refuse(err, path, "an element that is a device on Windows") : 0;
}

static int check_path(const char *path, struct error *err)
{
	struct slice rest = slice_of(path), element;
	if (strlen(path) > NAME_LIMIT / 2)
		return refuse(err, "(very long)", "the path is too long");
	for (bool first = true; slice_cut(&rest, '/', &element); first = false) {
		if (check_element(path, element, err))
			return -1;
		bool folder = rest.ptr != NULL;
		if (!folder && !first && slice_is(element, "go.mod"))
			return refuse(err, path, "a go.mod below the module's root");
		if (folder && slice_is(element, "vendor"))
			return refuse(err, path, "files in a vendor folder are left out of modules");
	}
	return 0;
}

struct folded_row {
	UT_hash_handle hh;
	const char *path;
	bool folder;
};

static int claim(struct arena *arena, struct folded_row **rows, const char *path, size_t length, bool folder,
		 struct error *err)
{
	char *folded = arena_slice(arena, (struct slice){path, length});
	const char *kept = arena_strdup(arena, folded);
	for (char *at = folded; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	struct folded_row *row = NULL;
	HASH_FIND_STR(*rows, folded, row);
	if (row && strcmp(row->path, kept))
		return error_set(err, ERROR_FAILED,
				 "Go takes no module with names that differ in case only: \"%s\" and \"%s\"", row->path,
				 kept);
	if (row && (!folder || !row->folder))
		return error_set(err, ERROR_FAILED, "\"%s\" is twice in the module", kept);
	if (!row) {
		row = arena_alloc(arena, sizeof *row);
		*row = (struct folded_row){.path = kept, .folder = folder};
		HASH_ADD_KEYPTR(hh, *rows, folded, length, row);
	}
	return 0;
}

static int check_case(const struct module_tree *tree, struct error *err)
{
	cleanup_arena struct arena arena = ARENA_INIT;
	struct folded_row *rows = NULL;
	int status = 0;
	vec_each (&tree->files, file) {
		for (const char *slash = strchr(file->path, '/'); !status && slash; slash = strchr(slash + 1, '/'))
			status = claim(&arena, &rows, file->path, (size_t)(slash - file->path), true, err);
		if (!status)
			status = claim(&arena, &rows, file->path, strlen(file->path), false, err);
		if (status)
			break;
	}
	HASH_CLEAR(hh, rows);
	return status;
}

static int compare_files(const void *left, const void *right)
{
	return strcmp(((const struct module_file *)left)->path, ((const struct module_file *)right)->path);
}

int module_tree_finish(struct module_tree *tree, struct error *err)
{
	size_t total = 0;
	struct digest_hasher *hasher = digest_new();
	vec_sort(&tree->files, compare_files);
	vec_each (&tree->files, file) {
		digest_add(hasher, file->data.ptr, file->data.len);
		digest_final(hasher, file->sha256);
		total += file->data.len;
	}
	digest_free(hasher);
	vec_each (&tree->files, file) {
		bool bounded = !strcmp(file->path, "go.mod") || !strcmp(file->path, "LICENSE");
		if (check_path(file->path, err))
			return -1;
		if (bounded && file->data.len > FILE_LIMIT_MIB * MIB)
			return refuse(err, file->path, "it is larger than 16 MiB");
	}
	if (total > MODULE_LIMIT_MIB * MIB)
		return error_set(err, ERROR_FAILED,
				 "the module has %zu MiB of files, Go takes at most %d MiB in a module zip",
				 total / MIB, MODULE_LIMIT_MIB);
	return check_case(tree, err);
}

void module_tree_h1(const struct module_tree *tree, const char *prefix, struct text *out)
{
	struct digest_hasher *hasher = digest_new();
	cleanup_text struct text line = TEXT_INIT;
	vec_each (&tree->files, file) {
		char hex[DIGEST_HEX_SIZE];
		digest_to_hex(file->sha256, hex);
		text_reset(&line);
		text_addf(&line, "%s  %s/%s\n", hex, prefix, file->path);
		digest_add(hasher, line.ptr, line.len);
	}
	unsigned char raw[DIGEST_BYTES];
	digest_final(hasher, raw);
	digest_free(hasher);
	text_add(out, "h1:");
	digest_to_base64(raw, out);
}

// ---- zip -------------------------------------------------------------------------------------------------------------

struct zip_writer {
	int fd;
	const char *name;
	struct digest_hasher *hasher;
	struct text pending;
	struct text central;
	uint64_t at; // bytes handed over
	bool failed; // errno says why
};

static void flush(struct zip_writer *writer)
{
	if (writer->fd >= 0 && !writer->failed && writer->pending.len &&
	    file_write_all(writer->fd, writer->pending.ptr, writer->pending.len))
		writer->failed = true;
	text_reset(&writer->pending);
}

static void emit(struct zip_writer *writer, const void *data, size_t length)
{
	digest_add(writer->hasher, data, length);
	writer->at += length;
	if (length < CHUNK) {
		text_add_bytes(&writer->pending, data, length);
		if (writer->pending.len >= CHUNK)
			flush(writer);
		return;
	}
	flush(writer);
	if (writer->fd >= 0 && !writer->failed && file_write_all(writer->fd, data, length))
		writer->failed = true;
}

static void add_le(struct text *out, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		text_add_char(out, (char)(value >> (8 * i) & 0xff));
}

enum { LOCAL = 0x04034b50, CENTRAL = 0x02014b50, END = 0x06054b50, END64 = 0x06064b50, LOCATOR64 = 0x07064b50 };

// From "version needed" to the name's length: the part that both headers share.
static void add_shared(struct text *out, uint32_t crc, size_t size, size_t name_length)
{
	add_le(out, 20, 2);    // 2.0: folders
	add_le(out, 0x800, 2); // names are UTF-8
	add_le(out, 0, 2);     // STORED
	add_le(out, 0, 2);     // 00:00
	add_le(out, 0x21, 2);  // 1980-01-01
	add_le(out, crc, 4);
	add_le(out, size, 4);
	add_le(out, size, 4);
	add_le(out, name_length, 2);
}

static void add_entry(struct zip_writer *writer, const char *prefix, const struct module_file *file)
{
	cleanup_text struct text header = TEXT_INIT;
	cleanup_free char *name = xasprintf("%s/%s", prefix, file->path);
	size_t size = file->data.len, name_length = strlen(name);
	uint32_t crc = (uint32_t)crc32_z(0, (const unsigned char *)file->data.ptr, size);
	add_le(&writer->central, CENTRAL, 4);
	add_le(&writer->central, 20, 2); // made by 2.0, MS-DOS: no permissions
	add_shared(&writer->central, crc, size, name_length);
	add_le(&writer->central, 0, 8); // no extra field or comment, disk 0, no attributes
	add_le(&writer->central, 0, 4);
	add_le(&writer->central, writer->at, 4);
	text_add(&writer->central, name);
	add_le(&header, LOCAL, 4);
	add_shared(&header, crc, size, name_length);
	add_le(&header, 0, 2);
	text_add(&header, name);
	emit(writer, header.ptr, header.len);
	emit(writer, file->data.ptr, size);
}

static void add_end(struct zip_writer *writer, uint64_t count)
{
	cleanup_text struct text end = TEXT_INIT;
	uint64_t start = writer->at, size = writer->central.len;
	emit(writer, writer->central.ptr, writer->central.len);
	if (count >= 0xffff) {
		uint64_t at = writer->at;
		add_le(&end, END64, 4);
		add_le(&end, 44, 8);
		add_le(&end, 45, 2);
		add_le(&end, 45, 2);
		add_le(&end, 0, 8); // both disk numbers
		add_le(&end, count, 8);
		add_le(&end, count, 8);
		add_le(&end, size, 8);
		add_le(&end, start, 8);
		add_le(&end, LOCATOR64, 4);
		add_le(&end, 0, 4);
		add_le(&end, at, 8);
		add_le(&end, 1, 4);
		count = 0xffff;
	}
	add_le(&end, END, 4);
	add_le(&end, 0, 4);
	add_le(&end, count, 2);
	add_le(&end, count, 2);
	add_le(&end, size, 4);
	add_le(&end, start, 4);
	add_le(&end, 0, 2);
	emit(writer, end.ptr, end.len);
}

int modzip_write(const struct module_tree *tree, const char *prefix, int fd, const char *name, int64_t *size,
		 char sha256[DIGEST_HEX_SIZE], struct error *err)
{
	struct zip_writer writer = {.fd = fd, .name = name, .hasher = digest_new()};
	vec_each (&tree->files, file)
		add_entry(&writer, prefix, file);
	add_end(&writer, tree->files.count);
	flush(&writer);
	digest_final_hex(writer.hasher, sha256);
	digest_free(writer.hasher);
	text_clear(&writer.pending);
	text_clear(&writer.central);
	*size = (int64_t)writer.at;
	return writer.failed ? file_error(err, "write", name) : 0;
}

int module_tree_unpack(const struct module_tree *tree, const char *folder, struct error *err)
{
	vec_each (&tree->files, file) {
		cleanup_free char *path = xasprintf("%s/%s", folder, file->path);
		if (file_write_plain(path, file->data.ptr, file->data.len, err))
			return -1;
	}
	return 0;
}
