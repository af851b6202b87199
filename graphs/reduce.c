// Transitive reduction over bit sets: leaf first, the reach of each node is that of its needs and they themselves.
#include "graphs/reduce.h"

#include <stdbool.h>
#include <stdint.h>

#include "core/memory.h"

void reduce_edges(const struct csr *needs, int count, struct csr *out)
{
	size_t words = ((size_t)count + 63) / 64;
	uint64_t *reach = xcalloc((size_t)count * words, sizeof *reach);
	struct csr_pair *pairs = xcalloc((size_t)needs->first[count], sizeof *pairs);
	size_t used = 0;
	for (int node = 0; node < count; node++) {
		uint64_t *own = reach + (size_t)node * words;
		for (int i = needs->first[node]; i < needs->first[node + 1]; i++)
			for (size_t word = 0; word < words; word++)
				own[word] |= reach[(size_t)needs->items[i] * words + word];
		for (int i = needs->first[node]; i < needs->first[node + 1]; i++)
			if (!(own[needs->items[i] / 64] >> (needs->items[i] % 64) & 1))
				pairs[used++] = (struct csr_pair){node, needs->items[i]};
		for (int i = needs->first[node]; i < needs->first[node + 1]; i++)
			own[needs->items[i] / 64] |= UINT64_C(1) << (needs->items[i] % 64);
	}
	csr_build(out, count, pairs, used);
	free(pairs);
	free(reach);
}
