// Arena: a list of blocks, each filled from its start; large requests get a block of their own.
#include "core/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

enum { BLOCK_SIZE = 64 * 1024 };

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t size;
	max_align_t data[];
};

void arena_clear(struct arena *arena)
{
	for (struct arena_block *block = arena->blocks; block;) {
		struct arena_block *next = block->next;
		free(block);
		block = next;
	}
	arena->blocks = NULL;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	size_t align = _Alignof(max_align_t);
	if (size > SIZE_MAX - BLOCK_SIZE)
		abort();
	size = (size + align - 1) / align * align;
	struct arena_block *block = arena->blocks;
	if (!block || block->size - block->used < size) {
		size_t capacity = size > BLOCK_SIZE ? size : BLOCK_SIZE;
		struct arena_block *fresh = xcalloc(1, sizeof *fresh + capacity);
		fresh->size = capacity;
		// A block for one large thing goes behind the current one, which still has room.
		if (block && size > BLOCK_SIZE / 4) {
			fresh->next = block->next;
			block->next = fresh;
		} else {
			fresh->next = block;
			arena->blocks = fresh;
		}
		block = fresh;
	}
	void *result = (char *)block->data + block->used;
	block->used += size;
	return result;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t total;
	if (__builtin_mul_overflow(count, size, &total))
		abort();
	return arena_alloc(arena, total);
}

char *arena_slice(struct arena *arena, struct slice slice)
{
	char *copy = arena_alloc(arena, slice.len + 1);
	if (slice.len)
		memcpy(copy, slice.ptr, slice.len);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return text ? arena_slice(arena, slice_of(text)) : NULL;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	char *text = arena_alloc(arena, (size_t)(length < 0 ? 0 : length) + 1);
	if (length > 0)
		vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return text;
}
