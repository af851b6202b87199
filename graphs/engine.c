// igraph at arm's length: its handlers, its errors as ours, rows as its graphs.
#include "graphs/storage.h"

void graphs_init(void)
{
	// Both print by default, and the first aborts. Errors come back as codes, which engine_check turns into ours.
	igraph_set_error_handler(igraph_error_handler_ignore);
	igraph_set_warning_handler(igraph_warning_handler_ignore);
}

int engine_check(igraph_error_t status, const char *what, struct error *err)
{
	if (status == IGRAPH_SUCCESS)
		return 0;
	return error_set(err, ERROR_FAILED, "graph: %s: igraph: %s", what, igraph_strerror(status));
}

int engine_make(const struct csr *rows, int count, igraph_t *out, struct error *err)
{
	igraph_vector_int_t ends;
	int edges = rows->first[count];
	if (engine_check(igraph_vector_int_init(&ends, 2 * (igraph_integer_t)edges), "edges", err))
		return -1;
	for (int row = 0; row < count; row++)
		for (int i = rows->first[row]; i < rows->first[row + 1]; i++) {
			VECTOR(ends)[2 * (igraph_integer_t)i] = row;
			VECTOR(ends)[2 * (igraph_integer_t)i + 1] = rows->items[i];
		}
	int status = engine_check(igraph_create(out, &ends, count, IGRAPH_DIRECTED), "edges", err);
	igraph_vector_int_destroy(&ends);
	return status;
}
