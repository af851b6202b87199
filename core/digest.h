// SHA-256, streaming and at once. The only digest of the program: content
// store, hashes of the index, Go's h1:.
#ifndef CORE_DIGEST_H
#define CORE_DIGEST_H

#include <stddef.h>

#include "core/error.h"
#include "core/text.h"

enum { DIGEST_BYTES = 32, DIGEST_HEX_SIZE = 65 };

struct digest_hasher; // opaque: libcrypto's EVP context
struct digest_hasher *digest_new(void);
void digest_free(struct digest_hasher *hasher);
void digest_add(struct digest_hasher *hasher, const void *data, size_t length);
void digest_add_string(struct digest_hasher *hasher, const char *text); // with its NUL: "ab"+"c" differs from "a"+"bc"
void digest_final(struct digest_hasher *hasher, unsigned char out[DIGEST_BYTES]);
void digest_final_hex(struct digest_hasher *hasher, char out[DIGEST_HEX_SIZE]); // lower case, NUL-terminated
void digest_hex_of(const void *data, size_t length, char out[DIGEST_HEX_SIZE]);
int digest_hex_of_file(const char *path, char out[DIGEST_HEX_SIZE], struct error *err);
void digest_to_hex(const unsigned char raw[DIGEST_BYTES], char out[DIGEST_HEX_SIZE]);
void digest_to_base64(const unsigned char raw[DIGEST_BYTES], struct text *out); // standard alphabet, padded
#endif
