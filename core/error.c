// Errors: formatting and the two tables (exit status, name) of the codes.
#include "core/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	int status;
} codes[] = {
	[ERROR_NONE] = {"none", 0},     [ERROR_USAGE] = {"usage", 2},
	[ERROR_CONFIG] = {"config", 2}, [ERROR_NO_SOLUTION] = {"no-solution", 3},
	[ERROR_INDEX] = {"index", 4},   [ERROR_NETWORK] = {"network", 4},
	[ERROR_REDIS] = {"redis", 5},   [ERROR_WORKSPACE] = {"workspace", 6},
	[ERROR_POLICY] = {"policy", 7}, [ERROR_INTERRUPTED] = {"interrupted", 130},
	[ERROR_INPUT] = {"input", 1},   [ERROR_TOOL] = {"tool", 2},
	[ERROR_FAILED] = {"failed", 1},
};

// A cut text ends in "…" on a UTF-8 boundary, so that the reader sees the cut.
static void mark_cut(char *text, size_t wanted)
{
	static const char mark[] = "…";
	if (wanted < ERROR_TEXT_SIZE)
		return;
	size_t at = ERROR_TEXT_SIZE - sizeof mark;
	while (at > 0 && ((unsigned char)text[at] & 0xC0) == 0x80)
		at--;
	memcpy(text + at, mark, sizeof mark);
}

static void set_text(struct error *err, const char *format, va_list args)
{
	int wanted = vsnprintf(err->text, sizeof err->text, format, args);
	mark_cut(err->text, wanted < 0 ? 0 : (size_t)wanted);
}

int error_set(struct error *err, enum error_code code, const char *format, ...)
{
	if (!err)
		return -1;
	va_list args;
	va_start(args, format);
	err->code = code;
	set_text(err, format, args);
	va_end(args);
	return -1;
}

int error_errno(struct error *err, enum error_code code, const char *format, ...)
{
	int saved = errno;
	if (!err)
		return -1;
	va_list args;
	va_start(args, format);
	err->code = code;
	set_text(err, format, args);
	va_end(args);
	size_t used = strlen(err->text);
	int wanted = snprintf(err->text + used, sizeof err->text - used, ": %s", strerror(saved));
	mark_cut(err->text, used + (size_t)wanted);
	return -1;
}

int error_context(struct error *err, const char *format, ...)
{
	if (!err)
		return -1;
	char inner[ERROR_TEXT_SIZE];
	memcpy(inner, err->text, sizeof inner);
	va_list args;
	va_start(args, format);
	set_text(err, format, args);
	va_end(args);
	size_t used = strlen(err->text);
	int wanted = snprintf(err->text + used, sizeof err->text - used, ": %s", inner);
	mark_cut(err->text, used + (size_t)wanted);
	return -1;
}

int error_exit_status(enum error_code code)
{
	return codes[code].status;
}

const char *error_code_name(enum error_code code)
{
	return codes[code].name;
}
