// Reads just enough of a zip's tail. All offsets come from outside and are checked before use.
#include "resolver/wheel_tail.h"

#include <zlib.h>

enum { END_SIZE = 22, COMMENT_MAX = 65535, DIRECTORY_SIZE = 46, LOCAL_SIZE = 30 };

static uint32_t read_16(const char *at)
{
	const unsigned char *p = (const unsigned char *)at;
	return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t read_32(const char *at)
{
	return read_16(at) | read_16(at + 2) << 16;
}

static bool is_metadata(struct slice name) // "<one part>.dist-info/METADATA"
{
	if (!slice_ends(name, ".dist-info/METADATA"))
		return false;
	const char *slash = memchr(name.ptr, '/', name.len);
	return slash == name.ptr + name.len - strlen("/METADATA");
}

int wheel_tail_find(struct slice tail, uint64_t total, struct wheel_member *out, uint64_t *from, struct error *err)
{
	if (tail.len < END_SIZE || tail.len > total)
		return error_set(err, ERROR_INPUT, "not a zip file");
	size_t end = tail.len - END_SIZE, least = end > COMMENT_MAX ? end - COMMENT_MAX : 0;
	while (end > least &&
	       (memcmp(tail.ptr + end, "PK\5\6", 4) != 0 || end + END_SIZE + read_16(tail.ptr + end + 20) != tail.len))
		end--;
	if (memcmp(tail.ptr + end, "PK\5\6", 4) != 0)
		return error_set(err, ERROR_INPUT, "no end of a zip file");
	uint64_t size = read_32(tail.ptr + end + 12), start = read_32(tail.ptr + end + 16), begin = total - tail.len;
	if (size == UINT32_MAX || start == UINT32_MAX || start + size > begin + end)
		return error_set(err, ERROR_INPUT, "a zip directory that is not understood");
	if (start < begin) {
		*from = start;
		return 0;
	}
	struct slice directory = {tail.ptr + (start - begin), (size_t)size};
	while (directory.len >= DIRECTORY_SIZE && !memcmp(directory.ptr, "PK\1\2", 4)) {
		size_t name = read_16(directory.ptr + 28),
		       more = read_16(directory.ptr + 30) + read_16(directory.ptr + 32);
		if (DIRECTORY_SIZE + name + more > directory.len)
			break;
		if (is_metadata((struct slice){directory.ptr + DIRECTORY_SIZE, name})) {
			*out = (struct wheel_member){.offset = read_32(directory.ptr + 42),
						     .packed = read_32(directory.ptr + 20),
						     .size = read_32(directory.ptr + 24),
						     .method = (uint16_t)read_16(directory.ptr + 10),
						     .checksum = read_32(directory.ptr + 16)};
			// The local header may have other extra fields than the directory; a kilobyte covers them.
			out->need = (uint64_t)LOCAL_SIZE + name + 1024 + out->packed;
			if (out->offset >= start || out->packed > WHEEL_MEMBER_LIMIT || out->size > WHEEL_MEMBER_LIMIT)
				return error_set(err, ERROR_INPUT, "its METADATA is out of bounds");
			return 1;
		}
		directory = slice_from(directory, DIRECTORY_SIZE + name + more);
	}
	return error_set(err, ERROR_INPUT, "no METADATA in its directory");
}

static int inflate_member(struct slice packed, const struct wheel_member *member, char *data, struct error *err)
{
	z_stream stream = {.next_in = (Bytef *)packed.ptr,
			   .avail_in = (uInt)packed.len,
			   .next_out = (Bytef *)data,
			   .avail_out = (uInt)member->size};
	if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
		return error_set(err, ERROR_INPUT, "zlib refuses to start");
	int status = inflate(&stream, Z_FINISH);
	uLong length = stream.total_out;
	inflateEnd(&stream);
	return status == Z_STREAM_END && length == member->size
		       ? 0
		       : error_set(err, ERROR_INPUT, "its METADATA is damaged");
}

int wheel_member_extract(struct slice data, const struct wheel_member *member, struct text *out, struct error *err)
{
	if (data.len < LOCAL_SIZE || memcmp(data.ptr, "PK\3\4", 4) != 0)
		return error_set(err, ERROR_INPUT, "no member where its directory says");
	size_t skip = LOCAL_SIZE + read_16(data.ptr + 26) + read_16(data.ptr + 28);
	if (skip + member->packed > data.len)
		return error_set(err, ERROR_INPUT, "its METADATA is cut off");
	struct slice packed = {data.ptr + skip, member->packed};
	cleanup_free char *unpacked = xmalloc((size_t)member->size + 1);
	if (member->method == 0 && member->packed == member->size)
		memcpy(unpacked, packed.ptr, packed.len);
	else if (member->method != 8)
		return error_set(err, ERROR_INPUT, "its METADATA is packed in a way that is not understood");
	else if (inflate_member(packed, member, unpacked, err))
		return -1;
	if (crc32(0, (const Bytef *)unpacked, member->size) != member->checksum)
		return error_set(err, ERROR_INPUT, "its METADATA is damaged");
	text_add_bytes(out, unpacked, member->size);
	return 0;
}
