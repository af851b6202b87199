// The header of a Go file, from its start to its last import: where the package
// clause and each import spec stand, in bytes and lines. Internal to the
// rewriter (agents/go/rewrite.c).
#ifndef AGENTS_GO_HEADER_H
#define AGENTS_GO_HEADER_H

#include <stdbool.h>

#include "core/arena.h"
#include "core/error.h"
#include "core/text.h"
#include "core/vec.h"

struct go_spec {
	struct slice name;           // "" when absent
	struct slice path;           // unquoted; of an escaped string in the header's arena
	size_t literal, literal_end; // the path with its quotes
	size_t begin;                // first byte of the line that is not blank
	size_t start;                // name or path
	size_t end;                  // of the line, without what is blank at its end
	size_t comment;              // first trailing comment on the line, else end
	size_t line;                 // from 0
	int group;                   // number of its parenthesised declaration, -1 alone
	// The line holds this spec only, comments around it aside, and none of those goes on to another line.
	bool regular;
};

struct go_header {
	struct arena arena;
	VEC(struct go_spec) specs;
	struct slice import_comment; // the path of `package p // import "path"` without its quotes, else NULL
	size_t end;                  // of what was read
};

int go_header_read(struct slice source, const char *what, struct go_header *out, struct error *err);
void go_header_clear(struct go_header *header);
#define cleanup_go_header __attribute__((cleanup(go_header_clear)))

// Is the byte at an offset ahead the start of a comment (not inside a string or another comment)? A lexer that goes on from
// where it was: offsets must ascend.
struct go_cursor {
	struct slice source;
	size_t at;
};
bool go_cursor_is_comment(struct go_cursor *cursor, size_t offset);
#endif
