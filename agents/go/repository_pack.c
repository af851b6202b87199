// From files to git objects to one pack and its index (gitformat-pack). A pack
// is a single synced file, where loose objects are one each: 900 files cost two
// fsyncs. Written here and not by libgit2, whose indexer writes through mapped
// memory: on a full disk that is a SIGBUS, not an error.
//
// Files sorted bytewise by their whole path are in the order of git's trees
// too, which compare a folder as if its name ended in "/".
#include "agents/go/repository_pack.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "core/file.h"

void git_objects_clear(git_objects *objects)
{
	vec_each (objects, object)
		free(object->owned);
	vec_clear(objects);
}

static int add_object(git_objects *objects, git_object_t type, struct slice data, char *owned, bool packed, git_oid *id)
{
	struct git_object_row row = {.type = type, .data = data, .owned = owned, .packed = packed};
	int code = git_odb_hash(&row.id, data.ptr ? data.ptr : "", data.len, type);
	vec_push(objects, row);
	*id = row.id;
	return code;
}

static int add_text(git_objects *objects, git_object_t type, struct text *text, git_oid *id)
{
	size_t length = text->len;
	char *owned = text_steal(text);
	return add_object(objects, type, (struct slice){owned, length}, owned, false, id);
}

// ---- trees -----------------------------------------------------------------------------------------------------------

struct open_folder {
	struct slice name;
	struct text entries;
};
typedef VEC(struct open_folder) folder_stack;

static void add_entry(struct text *entries, const char *mode, struct slice name, const git_oid *id)
{
	text_addf(entries, "%s %.*s", mode, (int)name.len, name.ptr);
	text_add_char(entries, '\0');
	text_add_bytes(entries, id->id, GIT_OID_RAWSZ);
}

// Closes folders until depth are open; the root stays.
static int close_folders(git_objects *objects, folder_stack *stack, size_t depth)
{
	while (stack->count > depth) {
		struct open_folder *folder = vec_last(stack);
		struct slice name = folder->name;
		git_oid id;
		int code = add_text(objects, GIT_OBJECT_TREE, &folder->entries, &id);
		stack->count--;
		if (code)
			return code;
		add_entry(&vec_last(stack)->entries, "40000", name, &id);
	}
	return 0;
}

static int enter_folders(git_objects *objects, folder_stack *stack, struct slice *rest)
{
	size_t depth = 1;
	bool same = true;
	for (const char *slash; (slash = memchr(rest->ptr, '/', rest->len)); depth++) {
		struct slice name = {rest->ptr, (size_t)(slash - rest->ptr)};
		*rest = slice_from(*rest, name.len + 1);
		if (same && depth < stack->count && slice_equal(stack->items[depth].name, name))
			continue;
		if (same) {
			int code = close_folders(objects, stack, depth);
			if (code)
				return code;
		}
		same = false;
		vec_push(stack, (struct open_folder){.name = name});
	}
	return close_folders(objects, stack, depth);
}

static int make_trees(const struct module_tree *tree, git_objects *objects, folder_stack *stack, git_oid *root)
{
	vec_push(stack, (struct open_folder){.name = SLICE("")});
	vec_each (&tree->files, file) {
		struct slice name = slice_of(file->path);
		git_oid id;
		bool packed = slice_ends(name, ".whl");
		int code = enter_folders(objects, stack, &name);
		if (!code)
			code = add_object(objects, GIT_OBJECT_BLOB, text_slice(&file->data), NULL, packed, &id);
		if (code)
			return code;
		add_entry(&vec_last(stack)->entries, "100644", name, &id);
	}
	int code = close_folders(objects, stack, 1);
	return code ? code : add_text(objects, GIT_OBJECT_TREE, &stack->items[0].entries, root);
}

int git_objects_make(const struct repository_commit *commit, git_objects *out)
{
	folder_stack stack = VEC_INIT;
	git_oid root, id;
	int code = make_trees(commit->tree, out, &stack, &root);
	vec_each (&stack, folder)
		text_clear(&folder->entries);
	vec_clear(&stack);
	if (code)
		return code;
	char hex[COMMIT_ID_SIZE];
	git_oid_tostr(hex, sizeof hex, &root);
	cleanup_text struct text text = TEXT_INIT;
	text_addf(&text, "tree %s\n", hex);
	static const char *const roles[] = {"author", "committer"};
	for (size_t i = 0; i < ARRAY_LENGTH(roles); i++)
		text_addf(&text, "%s %s <%s> %" PRId64 " +0000\n", roles[i], commit->name, commit->email, commit->time);
	text_addf(&text, "\n%s", commit->message);
	return add_text(out, GIT_OBJECT_COMMIT, &text, &id);
}

// ---- the pack --------------------------------------------------------------------------------------------------------

enum { CHUNK = 1024 * 1024 };

// A file that is written, hashed with SHA-1 as the formats want it, synced, and then named.
struct hashed_file {
	char *path; // temporary
	int fd;
	EVP_MD_CTX *hash;
	struct text pending;
	uint64_t at; // bytes so far
};

static int open_file(const char *folder, struct hashed_file *out, struct error *err)
{
	*out = (struct hashed_file){.fd = -1, .hash = EVP_MD_CTX_new()};
	if (!out->hash || EVP_DigestInit_ex(out->hash, EVP_sha1(), NULL) != 1)
		return error_set(err, ERROR_TOOL, "libcrypto cannot compute SHA-1, which git's formats need");
	return file_temporary(folder, &out->path, &out->fd, err);
}

static void close_file(struct hashed_file *file)
{
	cleanup_fd_impl(&file->fd);
	if (file->path)
		unlink(file->path);
	free(file->path);
	EVP_MD_CTX_free(file->hash);
	text_clear(&file->pending);
}

static int flush(struct hashed_file *file, struct error *err)
{
	if (file->pending.len && file_write_all(file->fd, file->pending.ptr, file->pending.len))
		return file_error(err, "write", file->path);
	text_reset(&file->pending);
	return 0;
}

// What was appended to pending since `from` becomes part of the hash.
static int commit_bytes(struct hashed_file *file, size_t from, struct error *err)
{
	size_t length = file->pending.len - from;
	if (length && EVP_DigestUpdate(file->hash, file->pending.ptr + from, length) != 1)
		return error_set(err, ERROR_TOOL, "libcrypto cannot compute SHA-1");
	file->at += length;
	return file->pending.len >= CHUNK ? flush(file, err) : 0;
}

// Appends the hash of all before and syncs.
static int finish_file(struct hashed_file *file, unsigned char sum[GIT_OID_RAWSZ], struct error *err)
{
	unsigned char raw[EVP_MAX_MD_SIZE];
	if (EVP_DigestFinal_ex(file->hash, raw, NULL) != 1)
		return error_set(err, ERROR_TOOL, "libcrypto cannot compute SHA-1");
	memcpy(sum, raw, GIT_OID_RAWSZ);
	text_add_bytes(&file->pending, raw, GIT_OID_RAWSZ);
	if (flush(file, err))
		return -1;
	return fsync(file->fd) ? file_error(err, "write", file->path) : 0;
}

static void add_be(struct text *out, uint32_t value)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		text_add_char(out, (char)(value >> shift & 0xff));
}

// One object of the pack as the index lists it.
struct packed_row {
	const struct git_object_row *object;
	uint32_t crc, offset;
};

static void add_object_header(struct text *out, git_object_t type, size_t size)
{
	unsigned int byte = (unsigned int)type << 4 | (size & 15);
	for (size >>= 4; size; size >>= 7) {
		text_add_char(out, (char)(byte | 0x80));
		byte = size & 0x7f;
	}
	text_add_char(out, (char)byte);
}

static int write_object(struct hashed_file *pack, struct packed_row *row, struct error *err)
{
	const struct git_object_row *object = row->object;
	struct text *out = &pack->pending;
	size_t from = out->len;
	if (pack->at > INT32_MAX) // a module is at most 500 MiB
		return error_set(err, ERROR_FAILED, "a git pack of more than 2 GiB");
	row->offset = (uint32_t)pack->at;
	add_object_header(out, object->type, object->data.len);
	uLongf length = compressBound(object->data.len);
	text_reserve(out, length);
	int level = object->packed ? Z_NO_COMPRESSION : Z_BEST_SPEED;
	const unsigned char *data = (const unsigned char *)(object->data.ptr ? object->data.ptr : "");
	int code = compress2((unsigned char *)out->ptr + out->len, &length, data, object->data.len, level);
	if (code != Z_OK)
		return error_set(err, ERROR_FAILED, "zlib cannot deflate an object: %s", zError(code));
	out->len += length;
	row->crc = (uint32_t)crc32_z(0, (const unsigned char *)out->ptr + from, out->len - from);
	return commit_bytes(pack, from, err);
}

static int write_pack(struct hashed_file *pack, struct packed_row *rows, size_t count, struct error *err)
{
	static const char start[] = {'P', 'A', 'C', 'K', 0, 0, 0, 2};
	text_add_bytes(&pack->pending, start, sizeof start);
	add_be(&pack->pending, (uint32_t)count);
	if (commit_bytes(pack, 0, err))
		return -1;
	for (size_t i = 0; i < count; i++)
		if (write_object(pack, &rows[i], err))
			return -1;
	return 0;
}

static int compare_rows(const void *left, const void *right)
{
	return git_oid_cmp(&((const struct packed_row *)left)->object->id,
			   &((const struct packed_row *)right)->object->id);
}

// Version 2: fan-out, ids, checksums and offsets in the order of ids.
static int write_index(struct hashed_file *index, struct packed_row *rows, size_t count,
		       const unsigned char pack_sum[GIT_OID_RAWSZ], struct error *err)
{
	static const char start[] = {'\377', 't', 'O', 'c', 0, 0, 0, 2};
	struct text *out = &index->pending;
	text_add_bytes(out, start, sizeof start);
	qsort(rows, count, sizeof *rows, compare_rows);
	size_t at = 0;
	for (int first = 0; first < 256; first++) {
		while (at < count && rows[at].object->id.id[0] <= first)
			at++;
		add_be(out, (uint32_t)at);
	}
	for (size_t i = 0; i < count; i++)
		text_add_bytes(out, rows[i].object->id.id, GIT_OID_RAWSZ);
	for (size_t i = 0; i < count; i++)
		add_be(out, rows[i].crc);
	for (size_t i = 0; i < count; i++)
		add_be(out, rows[i].offset);
	text_add_bytes(out, pack_sum, GIT_OID_RAWSZ);
	return commit_bytes(index, 0, err);
}

static int name_file(struct hashed_file *file, const char *folder, const char *sum, const char *suffix,
		     struct error *err)
{
	cleanup_free char *path = xasprintf("%s/pack-%s.%s", folder, sum, suffix);
	if (rename(file->path, path))
		return file_error(err, "write", path);
	free(steal(&file->path));
	return 0;
}

// The index last: git finds a pack by it.
static int write_both(struct hashed_file *pack, struct hashed_file *index, const char *folder, struct packed_row *rows,
		      size_t count, struct error *err)
{
	unsigned char sum[GIT_OID_RAWSZ], unused[GIT_OID_RAWSZ];
	char hex[GIT_OID_HEXSZ + 1];
	git_oid id;
	if (open_file(folder, pack, err) || write_pack(pack, rows, count, err) || finish_file(pack, sum, err) ||
	    open_file(folder, index, err) || write_index(index, rows, count, sum, err) ||
	    finish_file(index, unused, err))
		return -1;
	git_oid_fromraw(&id, sum);
	git_oid_tostr(hex, sizeof hex, &id);
	return name_file(pack, folder, hex, "pack", err) || name_file(index, folder, hex, "idx", err)
		       ? -1
		       : dir_sync(folder, err);
}

static int compare_ids(const void *left, const void *right)
{
	const struct git_object_row *const *a = left, *const *b = right;
	int order = git_oid_cmp(&(*a)->id, &(*b)->id);
	return order ? order : (*a > *b) - (*a < *b);
}

// Marks what the repository has, and all but the first of objects that are the same.
static void mark_there(const git_objects *objects, git_odb *odb, bool *there)
{
	cleanup_free const struct git_object_row **sorted = xcalloc(objects->count, sizeof *sorted);
	for (size_t i = 0; i < objects->count; i++)
		sorted[i] = &objects->items[i];
	qsort(sorted, objects->count, sizeof *sorted, compare_ids);
	for (size_t i = 0; i < objects->count; i++) {
		bool again = i && git_oid_equal(&sorted[i]->id, &sorted[i - 1]->id);
		there[sorted[i] - objects->items] = again || git_odb_exists(odb, &sorted[i]->id);
	}
}

int git_objects_write(const git_objects *objects, git_odb *odb, const char *folder, struct error *err)
{
	cleanup_free bool *there = xcalloc(objects->count, sizeof *there);
	VEC(struct packed_row) rows = VEC_INIT;
	mark_there(objects, odb, there);
	for (size_t i = 0; i < objects->count; i++)
		if (!there[i])
			vec_push(&rows, (struct packed_row){.object = &objects->items[i]});
	struct hashed_file pack = {.fd = -1}, index = {.fd = -1};
	int status = rows.count ? write_both(&pack, &index, folder, rows.items, rows.count, err) : 0;
	close_file(&pack);
	close_file(&index);
	vec_clear(&rows);
	return status;
}
