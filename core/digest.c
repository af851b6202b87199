// SHA-256 through libcrypto's EVP. What can fail there (no memory, no provider) leaves nothing to go on with:
// a program that cannot hash aborts rather than calling bytes by a wrong name.
#include "core/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include "core/file.h"

enum { CHUNK = 64 * 1024 };

struct digest_hasher {
	EVP_MD_CTX *context;
};

static void check(int worked)
{
	if (worked == 1)
		return;
	static const char text[] = "gophersnake: libcrypto cannot compute SHA-256\n";
	(void)!write(STDERR_FILENO, text, sizeof text - 1);
	abort();
}

struct digest_hasher *digest_new(void)
{
	struct digest_hasher *hasher = xmalloc(sizeof *hasher);
	hasher->context = EVP_MD_CTX_new();
	check(hasher->context != NULL);
	check(EVP_DigestInit_ex(hasher->context, EVP_sha256(), NULL));
	return hasher;
}

void digest_free(struct digest_hasher *hasher)
{
	if (!hasher)
		return;
	EVP_MD_CTX_free(hasher->context);
	free(hasher);
}

void digest_add(struct digest_hasher *hasher, const void *data, size_t length)
{
	if (length)
		check(EVP_DigestUpdate(hasher->context, data, length));
}

void digest_add_string(struct digest_hasher *hasher, const char *text)
{
	digest_add(hasher, text, strlen(text) + 1);
}

void digest_final(struct digest_hasher *hasher, unsigned char out[DIGEST_BYTES])
{
	check(EVP_DigestFinal_ex(hasher->context, out, NULL));
	check(EVP_DigestInit_ex(hasher->context, NULL, NULL)); // empty again: ready for the next
}

void digest_final_hex(struct digest_hasher *hasher, char out[DIGEST_HEX_SIZE])
{
	unsigned char raw[DIGEST_BYTES];
	digest_final(hasher, raw);
	digest_to_hex(raw, out);
}

void digest_hex_of(const void *data, size_t length, char out[DIGEST_HEX_SIZE])
{
	unsigned char raw[DIGEST_BYTES];
	check(EVP_Digest(length ? data : "", length, raw, NULL, EVP_sha256(), NULL));
	digest_to_hex(raw, out);
}

static void free_hasher(struct digest_hasher **hasher)
{
	digest_free(*hasher);
}

int digest_hex_of_file(const char *path, char out[DIGEST_HEX_SIZE], struct error *err)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return file_error(err, "read", path);
	cleanup_with(free_hasher) struct digest_hasher *hasher = digest_new();
	cleanup_free char *buffer = xmalloc(CHUNK);
	for (ssize_t got; (got = read(fd, buffer, CHUNK));) {
		if (got < 0 && errno != EINTR)
			return file_error(err, "read", path);
		if (got > 0)
			digest_add(hasher, buffer, (size_t)got);
	}
	digest_final_hex(hasher, out);
	return 0;
}

void digest_to_hex(const unsigned char raw[DIGEST_BYTES], char out[DIGEST_HEX_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < DIGEST_BYTES; i++) {
		out[2 * i] = digits[raw[i] >> 4];
		out[2 * i + 1] = digits[raw[i] & 15];
	}
	out[DIGEST_HEX_SIZE - 1] = '\0';
}

void digest_to_base64(const unsigned char raw[DIGEST_BYTES], struct text *out)
{
	unsigned char encoded[4 * ((DIGEST_BYTES + 2) / 3) + 1];
	int length = EVP_EncodeBlock(encoded, raw, DIGEST_BYTES);
	check(length > 0);
	text_add_bytes(out, encoded, (size_t)length);
}
