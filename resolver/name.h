// Project and extra names: PEP 503 normalisation (runs of - _ . become one -, lower case) and PEP 508 validity.
#ifndef RESOLVER_NAME_H
#define RESOLVER_NAME_H

#include <stdbool.h>

#include "core/arena.h"
#include "core/text.h"

// ASCII letters, digits, '-', '_', '.'; begins and ends with a letter or digit.
bool name_is_valid(struct slice name);
bool name_is_normalised(struct slice name);
// Normalised copy, NUL-terminated, in the arena. Does not check validity.
char *name_normalise(struct arena *arena, struct slice name);
// The same, appended to a text.
void name_normalise_to(struct slice name, struct text *out);

#endif
