// Heights: each vertex wants the weighted mean of its neighbours' heights;
// within a column order and gaps must hold. For one column that is a least
// squares problem with an exact answer (isotonic regression, pool adjacent
// violators), so columns are solved in turn, to and fro, until they rest.
//
// Lines between passing points weigh most: a long line stays straight and bends at its ends.
#include "core/memory.h"
#include "graphs/layers.h"

enum { ROUNDS = 160 };

static double gap_between(const struct layers *layers, int above, int below)
{
	bool box_above = above < layers->boxes, box_below = below < layers->boxes;
	if (box_above && box_below)
		return 12;
	return box_above || box_below ? 11 : 8;
}

static double distance(const struct layers *layers, int above, int below)
{
	return layers->half[above] + gap_between(layers, above, below) + layers->half[below];
}

static double line_weight(const struct layers *layers, int a, int b)
{
	int points = (a >= layers->boxes) + (b >= layers->boxes);
	return points == 2 ? 8 : points == 1 ? 2 : 1;
}

static void add_pull(const struct layers *layers, const struct csr *neighbours, int vertex, double *sum, double *weight)
{
	for (int i = neighbours->first[vertex]; i < neighbours->first[vertex + 1]; i++) {
		double pull = line_weight(layers, vertex, neighbours->items[i]);
		*sum += pull * layers->y[neighbours->items[i]];
		*weight += pull;
	}
}

struct pool {
	double mean, weight;
	int count;
};

static void place_column(struct layers *layers, int column, struct pool *pools)
{
	int used = 0;
	double offset = 0;
	for (int i = layers->begin[column]; i < layers->begin[column + 1]; i++) {
		int vertex = layers->order[i];
		if (i > layers->begin[column])
			offset += distance(layers, layers->order[i - 1], vertex);
		double sum = 0, weight = 0;
		add_pull(layers, &layers->left, vertex, &sum, &weight);
		add_pull(layers, &layers->right, vertex, &sum, &weight);
		if (weight == 0) { // nobody pulls: stay, but yield to all
			weight = 0.01;
			sum = weight * layers->y[vertex];
		}
		struct pool pool = {sum / weight - offset, weight, 1};
		while (used && pools[used - 1].mean >= pool.mean) {
			struct pool *before = &pools[--used];
			pool.mean = (before->mean * before->weight + pool.mean * pool.weight) /
				    (before->weight + pool.weight);
			pool.weight += before->weight;
			pool.count += before->count;
		}
		pools[used++] = pool;
	}
	offset = 0;
	for (int pool = 0, i = layers->begin[column]; pool < used; pool++)
		for (int j = 0; j < pools[pool].count; j++, i++) {
			if (i > layers->begin[column])
				offset += distance(layers, layers->order[i - 1], layers->order[i]);
			layers->y[layers->order[i]] = pools[pool].mean + offset;
		}
}

static void stack_columns(struct layers *layers)
{
	for (int column = 0; column < layers->columns; column++) {
		double y = 0;
		for (int i = layers->begin[column]; i < layers->begin[column + 1]; i++) {
			if (i > layers->begin[column])
				y += distance(layers, layers->order[i - 1], layers->order[i]);
			layers->y[layers->order[i]] = y;
		}
	}
}

void layers_place(struct layers *layers)
{
	cleanup_free struct pool *pools = xcalloc((size_t)layers->count, sizeof *pools);
	stack_columns(layers);
	for (int round = 0; round < ROUNDS; round++) {
		for (int column = 0; column < layers->columns; column++)
			place_column(layers, column, pools);
		for (int column = layers->columns - 1; column >= 0; column--)
			place_column(layers, column, pools);
	}
	double top = 0;
	for (int vertex = 0; vertex < layers->count; vertex++)
		if (vertex == 0 || layers->y[vertex] - layers->half[vertex] < top)
			top = layers->y[vertex] - layers->half[vertex];
	for (int vertex = 0; vertex < layers->count; vertex++)
		layers->y[vertex] -= top;
}
