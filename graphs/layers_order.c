// Few crossings: barycentre sweeps over the columns, the best result kept, then
// neighbours swapped while that helps. Ties keep the present order, which
// starts as that of the box numbers (level, name).
#include <stdint.h>
#include <string.h>

#include "core/memory.h"
#include "graphs/layers.h"

enum { SWEEPS = 24, SWAP_ROUNDS = 20 };

struct keyed {
	double key;
	int position, vertex;
};

static int compare_keyed(const void *left, const void *right)
{
	const struct keyed *a = left, *b = right;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->position < b->position ? -1 : 1;
}

static void sort_column(struct layers *layers, int column, const struct csr *neighbours, struct keyed *keyed)
{
	int begin = layers->begin[column], count = layers->begin[column + 1] - begin;
	for (int i = 0; i < count; i++) {
		int vertex = layers->order[begin + i], first = neighbours->first[vertex];
		int degree = neighbours->first[vertex + 1] - first;
		double sum = 0;
		for (int j = 0; j < degree; j++)
			sum += layers->position[neighbours->items[first + j]];
		keyed[i] = (struct keyed){degree ? sum / degree : i, i, vertex};
	}
	qsort(keyed, (size_t)count, sizeof *keyed, compare_keyed);
	for (int i = 0; i < count; i++) {
		layers->order[begin + i] = keyed[i].vertex;
		layers->position[keyed[i].vertex] = i;
	}
}

// Crossings between a column and the next: inversions, counted with a Fenwick tree over the right positions.
static int64_t crossings_after(const struct layers *layers, int column, int *tree, int *targets)
{
	int size = layers->begin[column + 2] - layers->begin[column + 1];
	int64_t crossings = 0, inserted = 0;
	memset(tree, 0, ((size_t)size + 1) * sizeof *tree);
	for (int i = layers->begin[column]; i < layers->begin[column + 1]; i++) {
		int vertex = layers->order[i], first = layers->right.first[vertex];
		int degree = layers->right.first[vertex + 1] - first;
		for (int j = 0; j < degree; j++) {
			targets[j] = layers->position[layers->right.items[first + j]];
			int64_t not_above = 0;
			for (int at = targets[j] + 1; at > 0; at -= at & -at)
				not_above += tree[at];
			crossings += inserted - not_above;
		}
		// Lines from one vertex do not cross each other: inserted only after all were counted.
		for (int j = 0; j < degree; j++, inserted++)
			for (int at = targets[j] + 1; at <= size; at += at & -at)
				tree[at]++;
	}
	return crossings;
}

static int64_t crossings(const struct layers *layers, int *tree, int *targets)
{
	int64_t sum = 0;
	for (int column = 0; column + 1 < layers->columns; column++)
		sum += crossings_after(layers, column, tree, targets);
	return sum;
}

// Crossings of the lines of two neighbours when a is above b.
static int64_t pair_crossings(const struct layers *layers, const struct csr *neighbours, int a, int b)
{
	int64_t sum = 0;
	for (int i = neighbours->first[a]; i < neighbours->first[a + 1]; i++)
		for (int j = neighbours->first[b]; j < neighbours->first[b + 1]; j++)
			sum += layers->position[neighbours->items[i]] > layers->position[neighbours->items[j]];
	return sum;
}

static bool swap_neighbours(struct layers *layers)
{
	bool better = false;
	for (int column = 0; column < layers->columns; column++)
		for (int i = layers->begin[column]; i + 1 < layers->begin[column + 1]; i++) {
			int a = layers->order[i], b = layers->order[i + 1];
			int64_t now = pair_crossings(layers, &layers->left, a, b) +
				      pair_crossings(layers, &layers->right, a, b);
			int64_t then = pair_crossings(layers, &layers->left, b, a) +
				       pair_crossings(layers, &layers->right, b, a);
			if (then >= now)
				continue;
			layers->order[i] = b;
			layers->order[i + 1] = a;
			layers->position[b]--;
			layers->position[a]++;
			better = true;
		}
	return better;
}

static void restore(struct layers *layers, const int *order)
{
	memcpy(layers->order, order, (size_t)layers->count * sizeof *order);
	for (int column = 0; column < layers->columns; column++)
		for (int i = layers->begin[column]; i < layers->begin[column + 1]; i++)
			layers->position[layers->order[i]] = i - layers->begin[column];
}

void layers_order(struct layers *layers)
{
	size_t count = (size_t)layers->count;
	cleanup_free struct keyed *keyed = xcalloc(count, sizeof *keyed);
	cleanup_free int *tree = xcalloc(count + 1, sizeof *tree), *targets = xcalloc(count, sizeof *targets);
	cleanup_free int *best = xmemdup(layers->order, count * sizeof *best);
	int64_t least = crossings(layers, tree, targets);
	for (int sweep = 0; sweep < SWEEPS && least; sweep++) {
		for (int column = 1; column < layers->columns; column++)
			sort_column(layers, column, &layers->left, keyed);
		for (int column = layers->columns - 2; column >= 0; column--)
			sort_column(layers, column, &layers->right, keyed);
		int64_t now = crossings(layers, tree, targets);
		if (now < least) {
			least = now;
			memcpy(best, layers->order, count * sizeof *best);
		}
	}
	restore(layers, best);
	for (int round = 0; round < SWAP_ROUNDS && swap_neighbours(layers); round++)
		;
}
