// A project's page of the Simple API, as JSON (PEP 691, 700) or HTML (PEP 503, 592, 658), and its compact form for the
// cache: one line a file, tabs between the fields, so that a warm run reads no JSON.
#ifndef RESOLVER_INDEX_H
#define RESOLVER_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/error.h"
#include "core/vec.h"

#define INDEX_ACCEPT \
	"Accept: application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01"
enum { INDEX_MAX_FILES = 200000 };

struct index_file {             // strings in the page's arena, "" when not given
	const char *name, *url; // absolute, without credentials and fragment
	const char *sha256;
	int64_t size; // -1
	const char *upload_time, *requires_python;
	const char *yanked;          // NULL, else the reason or ""
	bool core_metadata;          // announced
	const char *metadata_sha256; // "" when the announcement has none
};

struct index_page {
	struct arena arena;
	VEC(struct index_file) files;
	VEC(const char *) ignored; // "name: reason" of files that cannot be used
};

void index_page_clear(struct index_page *page);
// url is the page's own after redirects. By content type, else by the first byte. ERROR_INDEX names the URL.
int index_page_parse(struct slice body, const char *content_type, const char *url, struct index_page *out,
		     struct error *err);
void index_page_write(const struct index_page *page, struct text *out);
// -1 when the text is not one that index_page_write made, cut off ones included. The page may borrow from data.
int index_page_read(struct slice data, struct index_page *out);

#endif
