// Markers: the canonical form is stable and means the same.
#include <stdlib.h>

#include "resolver/marker.h"

static const char *lookup(const void *context, const char *variable)
{
	(void)context;
	return strstr(variable, "version") ? "3.11.7" : "linux";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_arena struct arena arena = ARENA_INIT;
	struct error err = ERROR_INIT;
	const struct marker_environment environment = {lookup, NULL};
	struct marker marker, again;
	bool a = false, b = false;
	if (marker_parse(&arena, (struct slice){(const char *)data, size}, &marker, &err))
		return 0;
	const char *canonical = marker_string(&arena, &marker);
	if (size && memchr(data, '\\', size)) // packaging's form leaves escapes out: it need not read back
		return 0;
	if (marker_parse(&arena, slice_of(canonical), &again, &err) ||
	    strcmp(canonical, marker_string(&arena, &again)) != 0)
		abort();
	int first = marker_evaluate(&marker, &environment, "x", &a, &err);
	if (first != marker_evaluate(&again, &environment, "x", &b, &err) || a != b)
		abort();
	return 0;
}
