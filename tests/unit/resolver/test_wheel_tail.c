// METADATA from the end of a wheel: zips drawn byte by byte, whole and in pieces, sound and lying.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <zlib.h>

#include "resolver/wheel_tail.h"

static void add_16(struct text *out, uint32_t value)
{
	text_add_char(out, (char)(value & 0xff));
	text_add_char(out, (char)(value >> 8 & 0xff));
}

static void add_32(struct text *out, uint32_t value)
{
	add_16(out, value & 0xffff);
	add_16(out, value >> 16);
}

struct drawn { // a zip being made
	struct text bytes, directory;
	int members;
};

static void add_member(struct drawn *zip, const char *name, const char *data, bool deflated, size_t local_extra)
{
	unsigned char packed[4096];
	uLong size = strlen(data), checksum = crc32(0, (const Bytef *)data, (uInt)size);
	z_stream stream = {
		.next_in = (Bytef *)data, .avail_in = (uInt)size, .next_out = packed, .avail_out = sizeof packed};
	assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	uLong length = deflated ? stream.total_out : size;
	deflateEnd(&stream);
	size_t offset = zip->bytes.len;
	struct text *parts[] = {&zip->bytes, &zip->directory};
	for (int i = 0; i < 2; i++) {
		add_32(parts[i], i ? 0x02014b50 : 0x04034b50);
		if (i)
			add_16(parts[i], 20);
		add_16(parts[i], 20);
		add_16(parts[i], 0);
		add_16(parts[i], deflated ? 8 : 0);
		add_32(parts[i], 0);
		add_32(parts[i], (uint32_t)checksum);
		add_32(parts[i], (uint32_t)length);
		add_32(parts[i], (uint32_t)size);
		add_16(parts[i], (uint32_t)strlen(name));
		add_16(parts[i], i ? 0 : (uint32_t)local_extra);
	}
	add_16(&zip->directory, 0);
	add_16(&zip->directory, 0);
	add_16(&zip->directory, 0);
	add_32(&zip->directory, 0);
	add_32(&zip->directory, (uint32_t)offset);
	text_add(&zip->directory, name);
	text_add(&zip->bytes, name);
	for (size_t i = 0; i < local_extra; i++)
		text_add_char(&zip->bytes, 'x');
	text_add_bytes(&zip->bytes, deflated ? (const char *)packed : data, length);
	zip->members++;
}

static void end_zip(struct drawn *zip, const char *comment)
{
	uint32_t start = (uint32_t)zip->bytes.len;
	text_add_slice(&zip->bytes, text_slice(&zip->directory));
	add_32(&zip->bytes, 0x06054b50);
	add_32(&zip->bytes, 0);
	add_16(&zip->bytes, (uint32_t)zip->members);
	add_16(&zip->bytes, (uint32_t)zip->members);
	add_32(&zip->bytes, (uint32_t)zip->directory.len);
	add_32(&zip->bytes, start);
	add_16(&zip->bytes, (uint32_t)strlen(comment));
	text_add(&zip->bytes, comment);
}

static void drawn_clear(struct drawn *zip)
{
	text_clear(&zip->bytes);
	text_clear(&zip->directory);
}

static void draw(struct drawn *zip, bool deflated, const char *comment)
{
	add_member(zip, "a/_vendor/b-2.dist-info/METADATA", "Name: vendored\n", true, 0);
	add_member(zip, "a/__init__.py", "x = 1\n", false, 0);
	add_member(zip, "a-1.dist-info/METADATA", "Name: a\nVersion: 1\n", deflated, 40);
	add_member(zip, "a-1.dist-info/RECORD", "", false, 0);
	end_zip(zip, comment);
}

static void test_found(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct drawn zip = {TEXT_INIT, TEXT_INIT, 0};
		struct wheel_member member;
		struct error err = ERROR_INIT;
		uint64_t from = 0;
		cleanup_text struct text out = TEXT_INIT;
		draw(&zip, i & 1, i & 2 ? "a comment with PK\5\6 in it" : "");
		struct slice all = text_slice(&zip.bytes);
		assert_int_equal(wheel_tail_find(all, all.len, &member, &from, &err), 1);
		assert_int_equal(wheel_member_extract(slice_from(all, member.offset), &member, &out, &err), 0);
		assert_string_equal(text_str(&out), "Name: a\nVersion: 1\n");
		// Each shorter tail says what is missing, or finds it in the directory alone.
		for (size_t cut = 1; cut < all.len; cut++) {
			struct slice tail = slice_from(all, cut);
			int found = wheel_tail_find(tail, all.len, &member, &from, &err);
			if (!found)
				assert_int_equal(wheel_tail_find(slice_from(all, from), all.len, &member, &from, &err),
						 1);
			assert_true(found >= 0 || all.len - cut < 22 + 30);
		}
		// The member's own bytes are enough.
		assert_int_equal(wheel_tail_find(all, all.len, &member, &from, &err), 1);
		struct slice exact = {all.ptr + member.offset, 30 + 22 + 40 + member.packed};
		text_reset(&out);
		assert_int_equal(wheel_member_extract(exact, &member, &out, &err), 0);
		exact.len--;
		assert_int_equal(wheel_member_extract(exact, &member, &out, &err), -1);
		drawn_clear(&zip);
	}
}

static void test_refused(void **state)
{
	(void)state;
	struct wheel_member member;
	struct error err = ERROR_INIT;
	uint64_t from;
	assert_int_equal(wheel_tail_find(SLICE("not a zip, though it is long enough"), 35, &member, &from, &err), -1);
	assert_int_equal(wheel_tail_find(SLICE("PK"), 2, &member, &from, &err), -1);
	struct drawn zip = {TEXT_INIT, TEXT_INIT, 0};
	add_member(&zip, "a/deep-1.dist-info/METADATA", "x", true, 0);
	add_member(&zip, "a-1.dist-info/METADATA.txt", "x", true, 0);
	end_zip(&zip, "");
	assert_int_equal(wheel_tail_find(text_slice(&zip.bytes), zip.bytes.len, &member, &from, &err), -1);
	assert_non_null(strstr(err.text, "no METADATA"));
	assert_int_equal(wheel_tail_find(text_slice(&zip.bytes), zip.bytes.len - 1, &member, &from, &err),
			 -1); // lying total
	drawn_clear(&zip);
}

// One flipped byte: found and right, or refused; never something else. The sanitizers watch.
static void test_flipped(void **state)
{
	(void)state;
	struct drawn zip = {TEXT_INIT, TEXT_INIT, 0};
	draw(&zip, true, "");
	for (size_t at = 0; at < zip.bytes.len; at++)
		for (int bit = 0; bit < 8; bit++) {
			struct wheel_member member;
			struct error err = ERROR_INIT;
			uint64_t from;
			cleanup_text struct text out = TEXT_INIT;
			zip.bytes.ptr[at] = (char)(zip.bytes.ptr[at] ^ (1 << bit));
			struct slice all = text_slice(&zip.bytes);
			if (wheel_tail_find(all, all.len, &member, &from, &err) == 1 &&
			    !wheel_member_extract(slice_from(all, member.offset), &member, &out, &err) &&
			    strcmp(text_str(&out), "Name: vendored\n") != 0) // a renamed folder
				assert_string_equal(text_str(&out), "Name: a\nVersion: 1\n");
			zip.bytes.ptr[at] = (char)(zip.bytes.ptr[at] ^ (1 << bit));
		}
	drawn_clear(&zip);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_found), cmocka_unit_test(test_refused),
					   cmocka_unit_test(test_flipped)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
