// One error for the whole program: a code that decides the exit status and a
// text that names the thing, the place and the way out.
//
// The caller owns the struct and passes it last; a function that fails fills
// it and returns -1. Callers add context at boundaries with error_context()
// ("sqlparse 0.5.1: unpack: …") and never replace an inner text.
#ifndef CORE_ERROR_H
#define CORE_ERROR_H

#include <stdarg.h>

enum error_code {
	ERROR_NONE,
	ERROR_USAGE,       // the command line is wrong                     → exit 2
	ERROR_CONFIG,      // a configuration file or value is wrong        → exit 2
	ERROR_NO_SOLUTION, // the requirements cannot be satisfied together → exit 3
	ERROR_INDEX,       // the index answers, but not with what we need  → exit 4
	ERROR_NETWORK,     // nobody answers, or the answer was cut off     → exit 4
	ERROR_REDIS,       // Redis refuses, is gone, or is not ours        → exit 5
	ERROR_WORKSPACE,   // the workspace: locked, full, unreadable       → exit 6
	ERROR_POLICY,      // hash, sandbox tier, budget, licence, immutability → exit 7
	ERROR_INTERRUPTED, // SIGINT or SIGTERM                             → exit 130
	ERROR_INPUT,       // data that came from outside is malformed      → exit 1
	ERROR_TOOL,        // go, python3, bwrap…: missing, too old, failed → exit 2
	ERROR_FAILED,      // a job ran to its end and failed               → exit 1
};

enum { ERROR_TEXT_SIZE = 4096 };

struct error {
	enum error_code code;
	char text[ERROR_TEXT_SIZE]; // one or more lines, no final newline, cut with "…" when longer
};

#define ERROR_INIT                             \
	{                                      \
		.code = ERROR_NONE, .text = "" \
	}

// Sets code and text. Always returns -1, so that `return error_set(…)` works. err may be NULL.
int error_set(struct error *err, enum error_code code, const char *format, ...) __attribute__((format(printf, 3, 4)));

// Puts "context: " before the text, keeps the code. Always returns -1.
int error_context(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Like error_set, with ": <strerror(errno)>" at the end. Reads errno first thing.
int error_errno(struct error *err, enum error_code code, const char *format, ...) __attribute__((format(printf, 3, 4)));

// The process exit status that the design gives to this code.
int error_exit_status(enum error_code code);

// "index", "redis", …: the word that --json shows.
const char *error_code_name(enum error_code code);

#endif
