// Messages for people. Each message is one write, so lines of several processes on one terminal don't mix.
// Names and texts from outside may stand in a message: control characters are shown, never sent to the terminal.
#include "core/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <unistd.h>

#include "core/text.h"

struct log {
	enum log_level level;
	int fd;
	bool colour;
};

static const struct {
	const char *word;
	const char *colour;
} prefixes[] = {
	[LOG_ERROR] = {"error: ", "\033[1;31m"},
	[LOG_WARNING] = {"warning: ", "\033[1;33m"},
	[LOG_DEBUG] = {NULL, NULL},
};

// https://no-color.org: any non-empty value switches colours off.
static bool wants_colour(int fd)
{
	const char *refused = getenv("NO_COLOR"), *terminal = getenv("TERM");
	return isatty(fd) && !(refused && *refused) && terminal && strcmp(terminal, "dumb") != 0;
}

struct log *log_new(enum log_level level, int fd)
{
	struct log *log = xmalloc(sizeof *log);
	*log = (struct log){.level = level, .fd = fd, .colour = wants_colour(fd)};
	return log;
}

void log_free(struct log *log)
{
	free(log);
}

static void add_shown(struct text *out, const char *message)
{
	for (const unsigned char *at = (const unsigned char *)message; *at; at++) {
		bool c1 = at[0] == 0xC2 && at[1] >= 0x80 && at[1] < 0xA0; // U+0080 to U+009F in UTF-8
		if (c1 || (*at < 0x20 && *at != '\n' && *at != '\t') || *at == 0x7F)
			text_addf(out, "\\x%02x", c1 ? *++at : *at);
		else
			text_add_char(out, (char)*at);
	}
}

static void write_whole(int fd, const struct text *line)
{
	size_t done = 0;
	while (done < line->len) {
		ssize_t written = write(fd, line->ptr + done, line->len - done);
		if (written >= 0) {
			done += (size_t)written;
		} else if (errno == EAGAIN) {
			struct pollfd ready = {.fd = fd, .events = POLLOUT};
			if (poll(&ready, 1, 1000) <= 0)
				return;
		} else if (errno != EINTR) {
			return; // nowhere left to say that we cannot say it
		}
	}
}

void log_write(struct log *log, enum log_level level, const char *format, ...)
{
	if (!log || level > log->level)
		return;
	va_list args;
	va_start(args, format);
	char *message = NULL;
	int length = vasprintf(&message, format, args);
	va_end(args);
	if (length < 0)
		return;
	cleanup_text struct text line = TEXT_INIT;
	if (prefixes[level].word) {
		text_add(&line, "gophersnake: ");
		text_addf(&line, "%s%s%s", log->colour ? prefixes[level].colour : "", prefixes[level].word,
			  log->colour ? "\033[0m" : "");
	}
	while (length && message[length - 1] == '\n')
		message[--length] = '\0';
	add_shown(&line, message);
	text_add_char(&line, '\n');
	free(message);
	int saved = errno;
	write_whole(log->fd, &line);
	errno = saved;
}
