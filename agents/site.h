// Wheels unpacked side by side, as a program in the sandbox finds them: a
// folder each, and what stands for it on sys.path. No pip, and nothing of them is run.
#ifndef AGENTS_SITE_H
#define AGENTS_SITE_H

#include "core/error.h"
#include "core/json.h"

// Unpacks a wheel into folder, which is new (its parents are made).
int site_unpack(const char *wheel, const char *folder, struct error *err);
// Appends to path, an array of strings: inside, and what is below the wheel's .data and belongs on sys.path too. folder: where it
// is unpacked; inside: how the program sees that.
void site_add_path(const char *folder, const char *inside, json_t *path);

#endif
