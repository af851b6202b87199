// The user's cache folder: index pages, metadata and archives. Safe to delete at any moment and safe with parallel
// processes: a file appears whole under its name (rename), and what is unreadable counts as absent.
//
//     pages/ab/<sha256 of the URL>      compact page after a head line with validators and times
//     metadata/ab/<sha256 of the file>  compact core metadata
//     archives/ab/<sha256>              the files themselves, verified
//     hosts/ab/<sha256 of the origin>   what the host can do: ranges
//     hashes/ab/<sha256 of URL, time>   the SHA-256 of a file for which the index gives none
//     unhashed/ab/<sha256 of the URL>   such a file, while its hash is being found out
#ifndef RESOLVER_CACHE_H
#define RESOLVER_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/digest.h"
#include "core/error.h"
#include "core/text.h"

enum { CACHE_PAGE_LIMIT = 256 << 20, CACHE_METADATA_LIMIT = 16 << 20, HOST_MEMORY_DAYS = 7, CACHE_NAMES_MOST = 20000 };

// "<dir>/<kind>/<ab>/<key>", its folder made.
int cache_path(const char *dir, const char *kind, const char *key, char **out, struct error *err);
// 1 = read, 0 = there is none (or it is unreadable).
int cache_read(const char *dir, const char *kind, const char *key, size_t limit, struct text *out);
// Renamed into place; not synced, since a reader recognises a torn file and the cache may be lost.
int cache_write(const char *dir, const char *kind, const char *key, struct slice data, struct error *err);

struct cache_page_head {
	char *etag, *last_modified; // "" when absent; heap
	char *name;                 // of the project
	int64_t fetched;            // milliseconds since 1970
	int64_t max_age;            // seconds as the server said, -1 when it did not
};
void cache_page_head_clear(struct cache_page_head *head);
void cache_page_head_write(const struct cache_page_head *head, struct text *out);
// Splits the head off data. -1 when it is none.
int cache_page_head_read(struct slice *data, struct cache_page_head *out);
// The projects whose pages are cached, in any order, for "did you mean".
void cache_page_names(const char *dir, void (*each)(void *context, const char *name), void *context);
// max-age of a Cache-Control header less the Age; 0 for no-cache and no-store; -1 when it says nothing.
int64_t cache_max_age(const char *cache_control, int64_t age);

enum host_ability { HOST_UNKNOWN, HOST_YES, HOST_NO };
struct cache_host {
	enum host_ability ranges;
};
void cache_host_read(const char *dir, const char *origin, int64_t now, struct cache_host *out);
int cache_host_write(const char *dir, const char *origin, int64_t now, const struct cache_host *host,
		     struct error *err);

#endif
