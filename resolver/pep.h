// `gophersnake pep`: one JSON request a line, one JSON answer: the standards' primitives for scripts and for
// checking against other implementations.
#ifndef RESOLVER_PEP_H
#define RESOLVER_PEP_H

#include "core/text.h"

// Appends {"result":…} or {"error":"…"} without a newline. Returns 0, or -1 when the answer is an error.
int pep_line(struct slice json_line, struct text *answer);

#endif
