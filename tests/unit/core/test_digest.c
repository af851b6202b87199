// SHA-256 against the vectors of FIPS 180-4 and RFC 6234; forms of output; files.
#include "fixture.h"

#include "core/digest.h"

static const struct {
	const char *text, *hex;
} vectors[] = {
	{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

static void test_vectors(void **state)
{
	(void)state;
	char hex[DIGEST_HEX_SIZE];
	struct digest_hasher *hasher = digest_new();
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		digest_hex_of(vectors[i].text, strlen(vectors[i].text), hex);
		assert_string_equal(hex, vectors[i].hex);
		// Byte by byte, in a hasher that is used again.
		for (const char *at = vectors[i].text; *at; at++)
			digest_add(hasher, at, 1);
		digest_final_hex(hasher, hex);
		assert_string_equal(hex, vectors[i].hex);
	}
	digest_hex_of(NULL, 0, hex);
	assert_string_equal(hex, vectors[0].hex);
	digest_free(hasher);
	digest_free(NULL);
}

static void test_strings_are_apart(void **state)
{
	(void)state;
	char one[DIGEST_HEX_SIZE], two[DIGEST_HEX_SIZE], plain[DIGEST_HEX_SIZE];
	struct digest_hasher *hasher = digest_new();
	digest_add_string(hasher, "ab");
	digest_add_string(hasher, "c");
	digest_final_hex(hasher, one);
	digest_add_string(hasher, "a");
	digest_add_string(hasher, "bc");
	digest_final_hex(hasher, two);
	assert_string_not_equal(one, two);
	digest_hex_of("ab\0c\0", 5, plain);
	assert_string_equal(one, plain);
	digest_free(hasher);
}

static void test_forms(void **state)
{
	(void)state;
	unsigned char raw[DIGEST_BYTES];
	struct digest_hasher *hasher = digest_new();
	digest_final(hasher, raw);
	digest_free(hasher);
	cleanup_text struct text text = TEXT_INIT;
	text_add(&text, "h1:");
	digest_to_base64(raw, &text);
	assert_string_equal(text.ptr,
			    "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="); // as go.sum has it for no files
	assert_int_equal(text.len, 3 + 44);
	char hex[DIGEST_HEX_SIZE];
	digest_to_hex(raw, hex);
	assert_string_equal(hex, vectors[0].hex);
}

static void test_file(void **state)
{
	struct error err = ERROR_INIT;
	char hex[DIGEST_HEX_SIZE] = "untouched", expected[DIGEST_HEX_SIZE];
	cleanup_free char *path = below(state, "a"), *absent = below(state, "absent");
	size_t size = 1000003; // many chunks and a rest
	cleanup_free char *data = xmalloc(size);
	for (size_t i = 0; i < size; i++)
		data[i] = (char)(i * 31);
	assert_ok(file_write_atomic(path, data, size, &err), err);
	assert_int_equal(digest_hex_of_file(absent, hex, &err), -1);
	assert_contains(err.text, absent);
	assert_string_equal(hex, "untouched");
	assert_int_equal(digest_hex_of_file(*state, hex, &err), -1); // a folder
	assert_ok(digest_hex_of_file(path, hex, &err), err);
	digest_hex_of(data, size, expected);
	assert_string_equal(hex, expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_strings_are_apart),
		cmocka_unit_test(test_forms),
		folder_test(test_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
