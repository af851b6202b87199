// Compressed rows by counting sort: two passes, least significant key first.
#include "graphs/csr.h"

#include <limits.h>
#include <stdlib.h>

#include "core/memory.h"

// counts[i + 1] holds how many fall into i; afterwards counts[i] is where i begins.
static void sum_up(int *counts, int rows)
{
	for (int i = 0; i < rows; i++)
		counts[i + 1] += counts[i];
}

// Scattering moves every begin to its end, which is the next one's begin.
static void move_back(int *first, int rows)
{
	for (int i = rows; i > 0; i--)
		first[i] = first[i - 1];
	first[0] = 0;
}

static void drop_duplicates(struct csr *csr, int rows)
{
	int write = 0;
	for (int row = 0, read = 0; row < rows; row++) {
		int begin = write, end = csr->first[row + 1];
		csr->first[row] = begin;
		for (; read < end; read++)
			if (write == begin || csr->items[write - 1] != csr->items[read])
				csr->items[write++] = csr->items[read];
	}
	csr->first[rows] = write;
}

void csr_build(struct csr *out, int rows, const struct csr_pair *pairs, size_t count)
{
	if (count > INT_MAX)
		abort();
	struct csr_pair *by_to = xmalloc(count * sizeof *by_to);
	int *begin = xcalloc((size_t)rows + 1, sizeof *begin);
	for (size_t i = 0; i < count; i++)
		begin[pairs[i].to + 1]++;
	sum_up(begin, rows);
	for (size_t i = 0; i < count; i++)
		by_to[begin[pairs[i].to]++] = pairs[i];
	free(begin);

	out->first = xcalloc((size_t)rows + 1, sizeof *out->first);
	out->items = xmalloc(count * sizeof *out->items);
	for (size_t i = 0; i < count; i++)
		out->first[by_to[i].from + 1]++;
	sum_up(out->first, rows);
	for (size_t i = 0; i < count; i++)
		out->items[out->first[by_to[i].from]++] = by_to[i].to;
	move_back(out->first, rows);
	free(by_to);
	drop_duplicates(out, rows);
}

void csr_transpose(const struct csr *in, int rows, struct csr *out)
{
	out->first = xcalloc((size_t)rows + 1, sizeof *out->first);
	out->items = xmalloc((size_t)in->first[rows] * sizeof *out->items);
	for (int i = 0; i < in->first[rows]; i++)
		out->first[in->items[i] + 1]++;
	sum_up(out->first, rows);
	for (int row = 0; row < rows; row++)
		for (int i = in->first[row]; i < in->first[row + 1]; i++)
			out->items[out->first[in->items[i]]++] = row;
	move_back(out->first, rows);
}

void csr_clear(struct csr *csr)
{
	free(csr->first);
	free(csr->items);
	*csr = (struct csr){NULL, NULL};
}
