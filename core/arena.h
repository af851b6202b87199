// Memory for things that live and die together (a graph, a lock): allocation
// is a pointer bump, freeing is one call. Nothing in it is freed alone.
#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include <stddef.h>

#include "core/text.h"

struct arena_block;
struct arena {
	struct arena_block *blocks;
};

#define ARENA_INIT   \
	{            \
		NULL \
	}
void arena_clear(struct arena *arena);
void *arena_alloc(struct arena *arena, size_t size);               // zeroed, aligned for any type
void *arena_array(struct arena *arena, size_t count, size_t size); // zeroed; aborts on overflow
char *arena_strdup(struct arena *arena, const char *text);         // NULL stays NULL
char *arena_slice(struct arena *arena, struct slice slice);        // NUL-terminated copy
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define cleanup_arena __attribute__((cleanup(arena_clear)))

#endif
