// Allocation that aborts when there is no memory: callers never see NULL.
#include "core/memory.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

static void *checked(void *pointer)
{
	if (!pointer) {
		static const char text[] = "gophersnake: out of memory\n";
		(void)!write(STDERR_FILENO, text, sizeof text - 1);
		abort();
	}
	return pointer;
}

void *xmalloc(size_t size)
{
	return checked(malloc(size ? size : 1));
}

void *xcalloc(size_t count, size_t size)
{
	return checked(calloc(count ? count : 1, size ? size : 1));
}

void *xreallocarray(void *old, size_t count, size_t size)
{
	return checked(reallocarray(old, count ? count : 1, size ? size : 1));
}

char *xstrdup(const char *text)
{
	return checked(strdup(text));
}

char *xstrndup(const char *text, size_t length)
{
	return checked(strndup(text, length));
}

void *xmemdup(const void *data, size_t length)
{
	char *copy = xmalloc(length + 1);
	if (length)
		memcpy(copy, data, length);
	copy[length] = '\0';
	return copy;
}

char *xasprintf(const char *format, ...)
{
	char *text = NULL;
	va_list args;
	va_start(args, format);
	int written = vasprintf(&text, format, args);
	va_end(args);
	return checked(written < 0 ? NULL : text);
}

void cleanup_fd_impl(int *fd)
{
	int saved = errno;
	if (*fd >= 0)
		close(*fd);
	errno = saved;
}
