// The index as the solver's provider: projects and metadata from the cache or over HTTP, fetched ahead.
//
// Everything that is expected starts a request at once; a page that arrives has the metadata of its best release
// fetched, metadata that arrives has the pages of its requirements fetched, and so on: the graph is crawled in parallel
// while the solver works, which waits only for what is not there yet. source.c owns projects, pages and waiting;
// ladder.c the ways to a release's metadata.
#ifndef RESOLVER_SOURCE_H
#define RESOLVER_SOURCE_H

#include <uthash.h>

#include "resolver/cache.h"
#include "resolver/project.h"
#include "resolver/release_metadata.h"

enum source_state { SOURCE_NONE, SOURCE_FETCHING, SOURCE_READY, SOURCE_FAILED };

struct source;

struct source_project {
	char *name;
	struct source *source;
	struct project project;
	enum source_state state;
	struct error *failure;  // of SOURCE_FAILED
	struct text stale;      // compact page that is being revalidated
	VEC(const struct requirement *) expected; // until the page is there
	UT_hash_handle hh;
};

enum ladder_step { LADDER_CORE_METADATA, LADDER_RANGE, LADDER_MEMBER, LADDER_WHOLE };

struct source_release { // project_release.data
	struct source_project *owner;
	const struct project_release *release;
	const struct index_file *file; // that stands for the release
	bool wheel;
	enum source_state state;
	struct release_metadata metadata;
	struct error *failure;
	VEC(const char *) crawl; // extras whose requirements are fetched ahead, "" first
	enum ladder_step step;
	struct text tail;        // of LADDER_RANGE when the member lies before it
	uint64_t member_offset, member_need, total;
	char *archive;           // where LADDER_WHOLE saves to; NULL: in memory
};

struct source_host {
	char *origin;
	struct cache_host known;
	bool changed;
	UT_hash_handle hh;
};

struct source_task { // of the queue that replaces recursion
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
// What became known of hosts, for the next run.
int source_remember(struct source *source, struct error *err);
const struct release_metadata *source_metadata(const struct source *source, const struct solver_project *project, size_t version);

// ladder.c: starts fetching the release's metadata unless that was done.
void ladder_start(struct source *source, struct source_release *release);
// source.c, for ladder.c
struct source_host *source_host_of(struct source *source, const char *url);
void source_metadata_arrived(struct source *source, struct source_release *release);
struct source_release *source_release_of(struct source *source, struct source_project *owner, size_t version);

#endif
