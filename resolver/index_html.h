// The HTML of index pages as a stream of the start tags that matter, read as pip reads it: a tokenizer, no tree. Time is
// linear in the page whatever it contains.
#ifndef RESOLVER_INDEX_HTML_H
#define RESOLVER_INDEX_HTML_H

#include <stdbool.h>

#include "core/arena.h"
#include "core/text.h"
#include "core/vec.h"

enum { HTML_MAX_ATTRIBUTES = 64 };

struct html_tag {
	struct slice name; // as written
	struct {
		struct slice name; // as written
		char *value;       // entities decoded, in the arena; "" without one
	} attributes[HTML_MAX_ATTRIBUTES];
	size_t count; // further attributes are dropped
};

struct html_reader {
	struct slice rest;
	bool cut; // the page ended inside a tag or comment
};

// The next start tag; false at the end. Comments, end tags and the text of script, style, title and textarea are
// passed over. Values are allocated in the arena.
bool html_next(struct html_reader *reader, struct arena *arena, struct html_tag *out);
bool html_tag_is(const struct html_tag *tag, const char *name);
// NULL when the tag has no such attribute; the first one counts.
const char *html_attribute(const struct html_tag *tag, const char *name);

#endif
