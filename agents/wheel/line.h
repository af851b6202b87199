// The last line of a module whose functions have native code: it gives them to
// the bundle (gophersnake_bundle.attach) and does nothing where there is none.
//
// The line is ASCII, binds no name, and works whatever stands above it: other ends of line, no end of the last line, a
// coding cookie.
#ifndef AGENTS_WHEEL_LINE_H
#define AGENTS_WHEEL_LINE_H

#include "core/text.h"

// unit: hex digest; names: qualified names in the module with spaces between them. Both are ASCII letters, digits, '_', '.'.
void wheel_line(const char *unit, const char *names, struct text *out); // without an end of line
// May this source get such a line? NULL, or why not.
const char *wheel_line_refusal(struct slice source);
// The source, byte for byte, and the line.
void wheel_line_append(struct slice source, const char *line, struct text *out);
#endif
