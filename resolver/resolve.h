// Requirements + index → lock. PubGrub over the Simple API, metadata only.
#ifndef RESOLVER_RESOLVE_H
#define RESOLVER_RESOLVE_H

#include "core/http.h"
#include "resolver/lock.h"

// What decides markers and tags: read off an interpreter, or given.
struct environment {
	struct arena arena;
	// The marker variables of the dependency specifiers specification, all of them.
	const char *implementation_name, *implementation_version, *os_name, *platform_machine, *platform_release,
		*platform_system, *platform_version, *python_full_version, *platform_python_implementation,
		*python_version, *sys_platform;
	VEC(const char *) tags; // expanded wheel tags, most preferred first: "cp311-cp311-manylinux_2_36_x86_64"
};
void environment_clear(struct environment *environment);
// Asks the interpreter itself (one short run of it; it runs nothing from outside).
int environment_of_python(const char *python, struct environment *out, struct error *err);

struct resolve_sdist {                    // that does not state its requirements
	const char *path, *file, *sha256; // in the user's cache; its name; "" when the index gives none
	const char *name, *version;
};

struct resolve_options {
	const char *index_url; // of the Simple API, no final slash needed
	const char *cache_dir;
	const struct environment *environment;
	int64_t freshness; // seconds a page counts as fresh when the server is silent
	bool refresh;      // ignore freshness
	bool offline;      // cache only
	const volatile int *interrupted;
	// Called now and then with what goes on ("sqlparse", 12 pages, 3 metadata); may be NULL.
	void (*progress)(void *context, const char *package, int pages, int metadata);
	void *progress_context;
	// The core metadata that a build of it has. -1: the release cannot be taken, the error's first line says why (but
	// ERROR_INTERRUPTED and ERROR_WORKSPACE end the resolution). Only of releases that the solver looks at. NULL: nothing is built.
	int (*build_metadata)(void *context, const struct resolve_sdist *sdist, struct text *out, struct error *err);
	void *build_context;
};

struct resolve_statistics {
	struct http_statistics http;
	int decisions, conflicts, pages, metadata;
	int64_t network_time; // milliseconds during which at least one request was in flight
	int64_t own_time;     // milliseconds of processor time
};

// requirements: PEP 508 strings, in any order; malformed ones are ERROR_USAGE. On ERROR_NO_SOLUTION err->text is the
// derivation in plain sentences. The same requirements on the same state of the index give the same lock, cold or warm.
int resolve(const char *const *requirements, size_t count, const struct resolve_options *options, struct lock *out,
	    struct resolve_statistics *statistics, struct error *err);

// The index URL that pip would use: PIP_INDEX_URL, pip.conf, else pip's own default, all by asking that Python's pip.
// The answer is cached for a day in cache_dir, keyed by interpreter and PIP_* variables and the configuration files' times
// (not when it has user and password). Of pip's settings this is the only one that counts here: extra indexes and
// find-links are not consulted.
int index_url_of_pip(const char *python, const char *cache_dir, char **out, struct error *err);
// The same URL without user and password, for output.
char *index_url_public(const char *url);

// Downloads a file of the lock into the user's cache (by sha256), verified; gives its path, which ends in the sha256.
// With sha256 "" that is found out by downloading. file:// URLs are copied. Only -1 or 0.
int fetch_file(struct http *http, const struct lock_file *file, const char *cache_dir, char **path, struct error *err);
#endif
