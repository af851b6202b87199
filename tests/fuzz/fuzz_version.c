// Versions: whatever is read is printed in a form that reads back equal, and order is an order.
#include <stdlib.h>

#include "resolver/version.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_arena struct arena arena = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct slice text = {(const char *)data, size}, second;
	struct version a, b, again;
	size_t length;
	slice_cut(&text, '\n', &second);
	version_scan(&arena, second, &a, &length, &err);
	if (version_parse(&arena, second, &a, &err))
		return 0;
	if (version_parse(&arena, slice_of(version_string(&arena, &a)), &again, &err) || version_compare(&a, &again))
		abort();
	if (version_parse(&arena, text, &b, &err))
		return 0;
	if (version_compare(&a, &b) != -version_compare(&b, &a) &&
	    (version_compare(&a, &b) < 0) == (version_compare(&b, &a) < 0))
		abort();
	return 0;
}
