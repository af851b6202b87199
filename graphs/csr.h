// Compressed rows: for each row its sorted, distinct column numbers, all in one
// array. The form of every adjacency in this room, of nodes and of components.
#ifndef GRAPHS_CSR_H
#define GRAPHS_CSR_H

#include <stddef.h>

struct csr {
	int *first; // [rows + 1] into items
	int *items; // [first[rows]]
};

struct csr_pair {
	int from, to; // both in [0, rows)
};

// Sorts by from, then to, and keeps one of equal pairs; linear time. At most INT_MAX pairs (more abort).
void csr_build(struct csr *out, int rows, const struct csr_pair *pairs, size_t count);
void csr_transpose(const struct csr *in, int rows, struct csr *out);
void csr_clear(struct csr *csr);

#endif
