// The index as the solver's provider: projects and metadata from the cache or over HTTP, fetched ahead.
//
// Everything that is expected starts a request at once; a page that arrives has the metadata of its best release
// fetched, metadata that arrives has the pages of its requirements fetched, and so on: the graph is crawled in parallel
// while the solver works, which waits only for what is not there yet. What is fetched ahead never changes an answer:
// the solver sees a thing only when it asks. source.c owns projects, waiting and fetching ahead; pages.c the index
// pages; ladder.c and
// ladder_build.c the ways to a release's metadata.
#ifndef RESOLVER_SOURCE_H
#define RESOLVER_SOURCE_H

#include <uthash.h>

#include "resolver/cache.h"
#include "resolver/project.h"
#include "resolver/release_metadata.h"
#include "resolver/wheel_tail.h"

enum source_state { SOURCE_NONE, SOURCE_FETCHING, SOURCE_READY, SOURCE_FAILED };

struct source;

struct source_project {
	char *name;
	struct source *source;
	struct project project; // of SOURCE_READY
	enum source_state state;
	struct error *failure; // of SOURCE_FAILED
	char *direct;          // URL of a direct reference, as given (with credentials); NULL: the index is asked
	int64_t fetched;       // when the page came, milliseconds since 1970; 0 for direct references
	struct text stale;     // compact page that is being revalidated …
	struct cache_page_head stale_head;        // … and its validators
	VEC(const struct requirement *) expected; // until the page is there
	UT_hash_handle hh;
};

enum ladder_step { LADDER_CORE_METADATA, LADDER_RANGE, LADDER_MEMBER, LADDER_WHOLE };

struct source_release { // project_release.data
	struct source_project *owner;
	const struct project_release *release;
	const struct index_file *file; // that stands for the release
	bool wheel;
	bool asked; // by the solver, not only ahead
	enum source_state state;
	struct release_metadata metadata; // of SOURCE_READY
	struct error *failure;            // of SOURCE_FAILED
	VEC(const char *) crawl;          // extras whose requirements are fetched ahead, "" first
	enum ladder_step step;
	bool unannounced;           // LADDER_CORE_METADATA that the index says nothing of
	uint64_t range_need;        // bytes from the end, 0 for the first try
	struct wheel_member member; // of LADDER_MEMBER
	char *archive;              // where LADDER_WHOLE saves to
};

struct source_host {
	char *origin;
	struct cache_host known;
	bool changed;
	UT_hash_handle hh;
};

struct source_task {                           // of the queue that replaces recursion
	const struct requirement *requirement; // to be expected, or
	struct source_release *release;        // whose requirements for extra are expected
	const char *extra;
};

struct source {
	struct arena arena;
	const struct resolve_options *options;
	struct http *http;
	struct platform platform;
	struct marker_environment markers;
	struct source_project *projects;
	struct source_host *hosts;
	VEC(struct source_release *) releases;
	VEC(struct source_task) tasks;
	int in_flight, pages, metadata;
	int64_t now; // milliseconds since 1970 when it was opened
	struct solver_provider provider;
};

int source_open(const struct resolve_options *options, struct source **out, struct error *err);
void source_free(struct source *source);
// Makes the requirement's URL the only release of its project. Before anything asks for the project.
int source_direct(struct source *source, const struct requirement *requirement, struct error *err);
// What became known of hosts, for the next run.
int source_remember(struct source *source, struct error *err);
// The metadata that the solver saw of the version; NULL when it never asked.
const struct release_metadata *source_metadata(const struct source *source, const struct solver_project *project,
					       size_t version);
// Does a direct reference in some metadata name the file that was asked for by URL?
bool source_is_direct(const struct source *source, const struct requirement *requirement);
struct source_project *source_project_find(const struct source *source, const char *name);

// pages.c: starts fetching the page; the three ends of that are source.c's.
void page_start(struct source_project *owner);
void source_page_arrived(struct source_project *owner, struct index_page *page); // takes the page over
void source_page_unknown(struct source_project *owner);
void source_page_failed(struct source_project *owner, const struct error *failure);

// ladder.c: starts fetching the release's metadata unless that was done.
void ladder_start(struct source *source, struct source_release *release);
// A file of an index page in the user's cache, whole and verified.
int ladder_fetch(struct source *source, const struct source_project *owner, const struct index_file *file, char **path,
		 struct error *err);
// ladder_build.c: the release's metadata by options->build_metadata, when nothing but a build tells it; no change when it cannot be had that way.
int ladder_build(struct source *source, struct source_release *release, struct error *err);
// The SHA-256 of a file for which the index gives none, from the bytes that were fetched or are fetched now.
int ladder_hash(struct source *source, const struct source_project *owner, const struct index_file *file,
		char out[DIGEST_HEX_SIZE], struct error *err);
// source.c, for ladder.c
struct source_host *source_host_of(struct source *source, const char *url);
void source_metadata_arrived(struct source *source, struct source_release *release);
struct source_release *source_release_of(struct source *source, struct source_project *owner, size_t version);

#endif
