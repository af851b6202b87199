// From files to git objects to one pack (gitformat-pack). A pack is a single
// synced file, where loose objects are one each: 900 files cost one fsync.
//
// Files sorted bytewise by their whole path are in the order of git's trees
// too, which compare a folder as if its name ended in "/".
#include "agents/go/repository_pack.h"

#include <git2/sys/odb_backend.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <string.h>
#include <zlib.h>

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

struct pack_writer {
	git_odb_writepack *pack;
	git_indexer_progress progress;
	EVP_MD_CTX *hash; // SHA-1, as the format wants it
	struct text buffer;
};

static int hand_over(struct pack_writer *writer)
{
	if (writer->buffer.len && EVP_DigestUpdate(writer->hash, writer->buffer.ptr, writer->buffer.len) != 1)
		return GIT_ERROR;
	int code = writer->pack->append(writer->pack, writer->buffer.ptr, writer->buffer.len, &writer->progress);
	text_reset(&writer->buffer);
	return code;
}

static void add_object_header(struct text *out, git_object_t type, size_t size)
{
	unsigned int byte = (unsigned int)type << 4 | (size & 15);
	for (size >>= 4; size; size >>= 7) {
		text_add_char(out, (char)(byte | 0x80));
		byte = size & 0x7f;
	}
	text_add_char(out, (char)byte);
}

static int write_object(struct pack_writer *writer, const struct git_object_row *object)
{
	struct text *out = &writer->buffer;
	add_object_header(out, object->type, object->data.len);
	uLongf length = compressBound(object->data.len);
	text_reserve(out, length);
	int level = object->packed ? Z_NO_COMPRESSION : Z_BEST_SPEED;
	const unsigned char *data = (const unsigned char *)(object->data.ptr ? object->data.ptr : "");
	if (compress2((unsigned char *)out->ptr + out->len, &length, data, object->data.len, level) != Z_OK)
		return GIT_ERROR;
	out->len += length;
	enum { CHUNK = 1024 * 1024 };
	return out->len >= CHUNK ? hand_over(writer) : 0;
}

static int write_pack(struct pack_writer *writer, const git_objects *objects, const bool *there, uint32_t count)
{
	static const char start[] = {'P', 'A', 'C', 'K', 0, 0, 0, 2};
	text_add_bytes(&writer->buffer, start, sizeof start);
	for (int shift = 24; shift >= 0; shift -= 8)
		text_add_char(&writer->buffer, (char)(count >> shift & 0xff));
	for (size_t i = 0; i < objects->count; i++) {
		int code = there[i] ? 0 : write_object(writer, &objects->items[i]);
		if (code)
			return code;
	}
	unsigned char sum[EVP_MAX_MD_SIZE];
	int code = hand_over(writer);
	if (code || EVP_DigestFinal_ex(writer->hash, sum, NULL) != 1)
		return code ? code : GIT_ERROR;
	code = writer->pack->append(writer->pack, sum, GIT_OID_RAWSZ, &writer->progress);
	return code ? code : writer->pack->commit(writer->pack, &writer->progress);
}

static int compare_ids(const void *left, const void *right)
{
	const struct git_object_row *const *a = left, *const *b = right;
	int order = git_oid_cmp(&(*a)->id, &(*b)->id);
	return order ? order : (*a > *b) - (*a < *b);
}

// Marks what the repository has, and all but the first of objects that are the same. Returns how many are left.
static uint32_t mark_there(const git_objects *objects, git_odb *odb, bool *there)
{
	cleanup_free const struct git_object_row **sorted = xcalloc(objects->count, sizeof *sorted);
	uint32_t count = 0;
	for (size_t i = 0; i < objects->count; i++)
		sorted[i] = &objects->items[i];
	qsort(sorted, objects->count, sizeof *sorted, compare_ids);
	for (size_t i = 0; i < objects->count; i++) {
		bool again = i && git_oid_equal(&sorted[i]->id, &sorted[i - 1]->id);
		size_t number = (size_t)(sorted[i] - objects->items);
		there[number] = again || git_odb_exists(odb, &sorted[i]->id);
		count += !there[number];
	}
	return count;
}

int git_objects_write(const git_objects *objects, git_odb *odb)
{
	cleanup_free bool *there = xcalloc(objects->count, sizeof *there);
	uint32_t count = mark_there(objects, odb, there);
	if (!count)
		return 0;
	struct pack_writer writer = {.hash = EVP_MD_CTX_new()};
	int code = git_odb_write_pack(&writer.pack, odb, NULL, NULL);
	if (!code)
		code = writer.hash && EVP_DigestInit_ex(writer.hash, EVP_sha1(), NULL) == 1
			       ? write_pack(&writer, objects, there, count)
			       : GIT_ERROR;
	if (writer.pack)
		writer.pack->free(writer.pack);
	EVP_MD_CTX_free(writer.hash);
	text_clear(&writer.buffer);
	return code ? code : git_odb_refresh(odb);
}
