// Names that an unknown one may have meant: from a folder index or the cached pages, so without a request.
#ifndef RESOLVER_SUGGEST_H
#define RESOLVER_SUGGEST_H

#include "core/text.h"

// Appends "django, wagtail" (at most three, nearest first); nothing when none is near.
void suggest_names(const char *name, const char *index_url, const char *cache_dir, struct text *out);
// Edits (insert, delete, replace, swap neighbours) from a to b; anything above most counts as most + 1.
int suggest_distance(const char *a, const char *b, int most);

#endif
