// Allocation that aborts when there is no memory, and cleanup attributes.
//
//     cleanup_free char *path = xasprintf("%s/%s", dir, name);
//     …
//     return steal(&path);   // hands ownership out, nothing is freed
#ifndef CORE_MEMORY_H
#define CORE_MEMORY_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xreallocarray(void *old, size_t count, size_t size); // aborts on overflow too
char *xstrdup(const char *text);
char *xstrndup(const char *text, size_t length);
void *xmemdup(const void *data, size_t length); // with a NUL after the data
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

static inline void cleanup_free_impl(void *pointer)
{
	free(*(void **)pointer);
}
static inline void cleanup_file_impl(FILE **file)
{
	if (*file)
		fclose(*file);
}
void cleanup_fd_impl(int *fd); // closes when >= 0, keeps errno

#define cleanup_free __attribute__((cleanup(cleanup_free_impl)))
#define cleanup_file __attribute__((cleanup(cleanup_file_impl)))
#define cleanup_fd __attribute__((cleanup(cleanup_fd_impl)))
// cleanup_with(thing_free) for a variable `struct thing x` that has `void thing_free(struct thing *)`,
// DEFINE_CLEANUP(thing) once in a header makes cleanup_thing for `struct thing *x` with thing_free(x).
#define cleanup_with(function) __attribute__((cleanup(function)))
#define DEFINE_CLEANUP(thing)                                           \
	static inline void thing##_cleanup_impl(struct thing **pointer) \
	{                                                               \
		thing##_free(*pointer);                                 \
	}

#define steal(pointer)                                  \
	({                                              \
		__typeof__(*(pointer)) _s = *(pointer); \
		*(pointer) = NULL;                      \
		_s;                                     \
	})

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#endif
