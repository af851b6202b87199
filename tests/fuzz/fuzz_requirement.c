// Requirements: the canonical form reads back to itself.
#include <stdlib.h>

#include "resolver/requirement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_arena struct arena arena = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct requirement requirement, again;
	if (requirement_parse(&arena, (struct slice){(const char *)data, size}, &requirement, &err))
		return 0;
	const char *canonical = requirement_string(&arena, &requirement);
	if (size && memchr(data, '\\', size)) // packaging's form of markers leaves escapes out: it need not read back
		return 0;
	if (requirement_parse(&arena, slice_of(canonical), &again, &err) ||
	    strcmp(canonical, requirement_string(&arena, &again)) != 0)
		abort();
	return 0;
}
