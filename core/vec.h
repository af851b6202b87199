// The one vector: a typed struct of items, count and capacity.
//
//     VEC(struct slice) names = VEC_INIT;
//     vec_push(&names, SLICE("a"));
//     vec_each(&names, name) printf("%.*s", (int)name->len, name->ptr);
//     vec_clear(&names);
//
// Pointers to items are valid until the next push.
#ifndef CORE_VEC_H
#define CORE_VEC_H

#include "core/memory.h"

#define VEC(type)             \
	struct {              \
		type *items;  \
		size_t count; \
		size_t cap;   \
	}
#define VEC_INIT           \
	{                  \
		NULL, 0, 0 \
	}

#define vec_reserve(vec, more)                                                                        \
	do {                                                                                          \
		if ((vec)->count + (more) > (vec)->cap) {                                             \
			size_t _grown = (vec)->cap ? (vec)->cap * 2 : 8;                              \
			(vec)->cap = _grown > (vec)->count + (more) ? _grown : (vec)->count + (more); \
			(vec)->items = xreallocarray((vec)->items, (vec)->cap, sizeof *(vec)->items); \
		}                                                                                     \
	} while (0)
#define vec_push(vec, ...)                                    \
	do {                                                  \
		vec_reserve(vec, 1);                          \
		(vec)->items[(vec)->count++] = (__VA_ARGS__); \
	} while (0)
#define vec_last(vec) (&(vec)->items[(vec)->count - 1])
#define vec_clear(vec)                         \
	do {                                   \
		free((vec)->items);            \
		(vec)->items = NULL;           \
		(vec)->count = (vec)->cap = 0; \
	} while (0)
#define vec_each(vec, item) \
	for (__typeof__((vec)->items[0]) *item = (vec)->items; item && item < (vec)->items + (vec)->count; item++)
#define vec_sort(vec, compare) \
	((vec)->count > 1 ? qsort((vec)->items, (vec)->count, sizeof *(vec)->items, (compare)) : (void)0)

#endif
