// Layout: columns, trunks, widths, and the lines as pieces; order and heights
// are found by layers_order.c and layers_place.c.
#include "graphs/layout.h"

#include <limits.h>
#include <string.h>

#include "graphs/layers.h"

static const double GAP_LEAST = 44, GAP_MOST = 150, GAP_PER_LINE = 1.6;

// A box stands as far right as its dependents allow: lines become short, and a column does not hold all leaves.
static void choose_columns(struct layout_box *boxes, int count, const struct csr *needs, const struct csr *dependents)
{
	for (int i = 0; i < count; i++) {
		boxes[i].column = 0;
		for (int j = needs->first[i]; j < needs->first[i + 1]; j++)
			if (boxes[i].column <= boxes[needs->items[j]].column)
				boxes[i].column = boxes[needs->items[j]].column + 1;
	}
	for (int i = count - 1; i >= 0; i--) {
		int limit = INT_MAX;
		for (int j = dependents->first[i]; j < dependents->first[i + 1]; j++)
			if (limit > boxes[dependents->items[j]].column)
				limit = boxes[dependents->items[j]].column;
		if (limit != INT_MAX)
			boxes[i].column = limit - 1;
	}
}

// The column up to which the trunk of a box runs: one before its farthest dependent.
static int trunk_end(const struct layout_box *boxes, int box, const struct csr *dependents)
{
	int end = boxes[box].column;
	for (int j = dependents->first[box]; j < dependents->first[box + 1]; j++)
		if (end < boxes[dependents->items[j]].column - 1)
			end = boxes[dependents->items[j]].column - 1;
	return end;
}

static void connect(struct layers *layers, const struct layout_box *boxes, const struct csr *dependents,
		    const int *trunk)
{
	VEC(struct csr_pair) pairs = VEC_INIT;
	for (int box = 0; box < layers->boxes; box++) {
		int column = boxes[box].column;
		for (int j = dependents->first[box]; j < dependents->first[box + 1]; j++) {
			int step = boxes[dependents->items[j]].column - 1 - column;
			int from = step ? trunk[box] + step - 1 : box;
			vec_push(&pairs, (struct csr_pair){from, dependents->items[j]});
		}
	}
	for (int point = layers->boxes; point < layers->count; point++) {
		int owner = layers->owner[point];
		vec_push(&pairs, (struct csr_pair){point == trunk[owner] ? owner : point - 1, point});
	}
	csr_build(&layers->right, layers->count, pairs.items, pairs.count);
	csr_transpose(&layers->right, layers->count, &layers->left);
	vec_clear(&pairs);
}

static void fill_columns(struct layers *layers)
{
	layers->begin = xcalloc((size_t)layers->columns + 1, sizeof(int));
	layers->order = xcalloc((size_t)layers->count, sizeof(int));
	layers->position = xcalloc((size_t)layers->count, sizeof(int));
	for (int vertex = 0; vertex < layers->count; vertex++)
		layers->begin[layers->column[vertex] + 1]++;
	for (int column = 0; column < layers->columns; column++)
		layers->begin[column + 1] += layers->begin[column];
	cleanup_free int *next = xmemdup(layers->begin, ((size_t)layers->columns + 1) * sizeof(int));
	for (int vertex = 0; vertex < layers->count; vertex++) {
		int column = layers->column[vertex];
		layers->position[vertex] = next[column] - layers->begin[column];
		layers->order[next[column]++] = vertex;
	}
}

static void layers_init(struct layers *layers, const struct layout_box *boxes, int count, const struct csr *needs)
{
	struct csr dependents;
	csr_transpose(needs, count, &dependents);
	// trunk[b]: the first passing point of b; its others follow, one a column.
	cleanup_free int *trunk = xcalloc((size_t)count, sizeof *trunk);
	*layers = (struct layers){.boxes = count, .count = count};
	for (int box = 0; box < count; box++) {
		trunk[box] = layers->count;
		layers->count += trunk_end(boxes, box, &dependents) - boxes[box].column;
		if (layers->columns <= boxes[box].column)
			layers->columns = boxes[box].column + 1;
	}
	layers->column = xcalloc((size_t)layers->count, sizeof(int));
	layers->owner = xcalloc((size_t)layers->count, sizeof(int));
	layers->half = xcalloc((size_t)layers->count, sizeof(double));
	layers->y = xcalloc((size_t)layers->count, sizeof(double));
	for (int box = 0; box < count; box++) {
		layers->column[box] = boxes[box].column;
		layers->owner[box] = box;
		layers->half[box] = boxes[box].height / 2;
		int end = trunk_end(boxes, box, &dependents);
		for (int column = boxes[box].column + 1; column <= end; column++) {
			int point = trunk[box] + column - boxes[box].column - 1;
			layers->column[point] = column;
			layers->owner[point] = box;
		}
	}
	connect(layers, boxes, &dependents, trunk);
	fill_columns(layers);
	csr_clear(&dependents);
}

static void layers_clear(struct layers *layers)
{
	free(layers->column);
	free(layers->owner);
	free(layers->half);
	free(layers->y);
	csr_clear(&layers->left);
	csr_clear(&layers->right);
	free(layers->begin);
	free(layers->order);
	free(layers->position);
}

// left[c] and right[c]: where column c begins and ends. Gaps with many lines are wider, so that curves stay flat.
static double set_columns(const struct layers *layers, const struct layout_box *boxes, double *left, double *right)
{
	double x = 0;
	for (int column = 0; column < layers->columns; column++) {
		double width = 0, lines = 0;
		for (int i = layers->begin[column]; i < layers->begin[column + 1]; i++) {
			int vertex = layers->order[i];
			lines += layers->right.first[vertex + 1] - layers->right.first[vertex];
			if (vertex < layers->boxes && width < boxes[vertex].width)
				width = boxes[vertex].width;
		}
		left[column] = x;
		right[column] = x + width;
		double gap = GAP_LEAST + lines * GAP_PER_LINE;
		x = right[column] + (gap < GAP_MOST ? gap : GAP_MOST);
	}
	return layers->columns ? right[layers->columns - 1] : 0;
}

static void add_runs(const struct layers *layers, const struct layout_box *boxes, int vertex, const double *left,
		     const double *right, struct layout *out)
{
	int column = layers->column[vertex], owner = layers->owner[vertex];
	double y = layers->y[vertex];
	double begin = vertex < layers->boxes ? boxes[vertex].x + boxes[vertex].width : left[column];
	if (layers->right.first[vertex] == layers->right.first[vertex + 1])
		return;
	if (begin < right[column])
		vec_push(&out->runs, (struct layout_run){owner, begin, y, right[column], y});
	for (int i = layers->right.first[vertex]; i < layers->right.first[vertex + 1]; i++) {
		int next = layers->right.items[i];
		vec_push(&out->runs, (struct layout_run){owner, right[column], y, left[column + 1], layers->y[next]});
	}
}

static void add_lines(const struct layers *layers, const struct layout_box *boxes, const double *left,
		      const double *right, struct layout *out)
{
	for (int box = 0, point = layers->boxes; box < layers->boxes; box++) {
		add_runs(layers, boxes, box, left, right, out);
		for (; point < layers->count && layers->owner[point] == box; point++)
			add_runs(layers, boxes, point, left, right, out);
	}
}

void layout_make(struct layout_box *boxes, int count, const struct csr *needs, struct layout *out)
{
	struct csr dependents;
	struct layers layers;
	memset(out, 0, sizeof *out);
	csr_transpose(needs, count, &dependents);
	choose_columns(boxes, count, needs, &dependents);
	csr_clear(&dependents);
	layers_init(&layers, boxes, count, needs);
	layers_order(&layers);
	layers_place(&layers);

	cleanup_free double *left = xcalloc((size_t)layers.columns, sizeof *left);
	cleanup_free double *right = xcalloc((size_t)layers.columns, sizeof *right);
	out->width = set_columns(&layers, boxes, left, right);
	for (int box = 0; box < count; box++) {
		boxes[box].x = left[boxes[box].column];
		boxes[box].y = layers.y[box] - layers.half[box];
	}
	for (int vertex = 0; vertex < layers.count; vertex++)
		if (out->height < layers.y[vertex] + layers.half[vertex])
			out->height = layers.y[vertex] + layers.half[vertex];
	add_lines(&layers, boxes, left, right, out);
	layers_clear(&layers);
}

void layout_clear(struct layout *layout)
{
	vec_clear(&layout->runs);
}
