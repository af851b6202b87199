// Stands in for the Go library under a sanitizer: what is asked comes back, as it is or with bytes changed, cut or added, as
// GOPHERSNAKE_ECHO says: "same", or the seed of what is changed.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct result {
	uint8_t *data;
	size_t length;
};
static uint64_t seed;

static uint64_t next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

uint64_t gophersnake_content(void)
{
	const char *word = getenv("GOPHERSNAKE_ECHO");
	seed = word && strcmp(word, "same") ? strtoull(word, NULL, 10) * 2654435761U + 1 : 0;
	return 0x0123456789abcdefU;
}

int gophersnake_call(uint32_t number, const void *data, size_t length, struct result *result)
{
	uint8_t *out = malloc(length + 16); // always memory of its own: every byte is watched
	size_t size = length;
	(void)number;
	memcpy(out, data, length);
	for (int i = seed ? (int)(next() % 4) : 0; i > 0 && size; i--)
		out[next() % size] = (uint8_t)(next() % 3 ? "NTFidIsbltmSZDhMec-"[next() % 19] : next());
	if (seed && next() % 4 == 0)
		size = next() % (size + 1);
	if (seed && next() % 8 == 0)
		for (int i = 0; i < 8; i++)
			out[size++] = (uint8_t)next();
	result->data = realloc(out, size ? size : 1);
	result->length = size;
	return seed && next() % 64 == 0 ? (int)(next() % 4) : 0;
}
