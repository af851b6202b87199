// The whole way: texts → requirements → solver over the source → lock. What was asked for is sorted first, so that its
// order changes nothing.
#include "resolver/resolve.h"

#include <time.h>

#include "resolver/lock_build.h"
#include "resolver/suggest.h"
#include "resolver/url.h"

struct asked {
	VEC(const struct requirement *) roots; // that apply here, sorted by their texts
	VEC(const char *) texts;               // all, canonical, sorted, each once
};

static void asked_clear(struct asked *asked)
{
	vec_clear(&asked->roots);
	vec_clear(&asked->texts);
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// A requirement in its canonical form, to be shown: without user and password.
static char *canonical(struct arena *arena, const struct requirement *requirement)
{
	struct requirement shown = *requirement;
	cleanup_free char *public = requirement->url ? url_without_credentials(requirement->url) : NULL;
	if (public)
		shown.url = public;
	return requirement_string(arena, &shown);
}

static int read_requirement(struct source *source, const char *text, struct requirement *out, bool *applies,
			    struct error *err)
{
	if (requirement_parse(&source->arena, slice_of(text), out, err) ||
	    marker_evaluate(&out->marker, &source->markers, "", applies, err)) {
		if (err)
			err->code = ERROR_USAGE;
		return -1;
	}
	return *applies && out->url ? source_direct(source, out, err) : 0;
}

struct one { // to be sorted with its text
	const char *text;
	const struct requirement *requirement;
	bool applies;
};

static int read_asked(struct source *source, const char *const *requirements, size_t count, struct asked *out,
		      struct error *err)
{
	VEC(struct one) all = VEC_INIT;
	int status = 0;
	for (size_t i = 0; i < count && !status; i++) {
		struct requirement *requirement = arena_alloc(&source->arena, sizeof *requirement);
		struct one one = {.requirement = requirement};
		status = read_requirement(source, requirements[i], requirement, &one.applies, err);
		if (!status) {
			one.text = canonical(&source->arena, requirement);
			vec_push(&all, one);
		}
	}
	vec_sort(&all, compare_strings); // text is the first member
	for (size_t i = 0; i < all.count && !status; i++) {
		if (i && !strcmp(all.items[i - 1].text, all.items[i].text))
			continue;
		vec_push(&out->texts, all.items[i].text);
		if (all.items[i].applies)
			vec_push(&out->roots, all.items[i].requirement);
	}
	vec_clear(&all);
	return status;
}

// Names the index, and what an unknown name may have meant.
static void explain_unknown(const struct source *source, struct error *err)
{
	cleanup_text struct text hints = TEXT_INIT;
	struct source_project *owner = NULL, *next = NULL;
	HASH_ITER (hh, source->projects, owner, next) {
		cleanup_free char *phrase = xasprintf("the index has no %s)", owner->name);
		cleanup_text struct text near = TEXT_INIT;
		if (owner->state != SOURCE_READY || !owner->project.solver.unknown || !strstr(err->text, phrase))
			continue;
		suggest_names(owner->name, source->options->index_url, source->options->cache_dir, &near);
		if (near.len)
			text_addf(&hints, "\nHint: names like %s: %s.", owner->name, text_str(&near));
	}
	cleanup_free char *index = index_url_public(source->options->index_url);
	cleanup_free char *text = xstrdup(err->text);
	error_set(err, err->code, "%s%s\nThe index is %s.", text, text_str(&hints), index);
}

static int64_t own_milliseconds(void)
{
	struct timespec time;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static int solve(struct source *source, const char *const *requirements, size_t count, struct lock *out,
		 struct resolve_statistics *statistics, struct error *err)
{
	struct asked asked = {VEC_INIT, VEC_INIT};
	struct solution solution = {ARENA_INIT, VEC_INIT, 0, 0};
	int status = read_asked(source, requirements, count, &asked, err);
	if (!status)
		status = solver_solve(&source->provider, asked.roots.items, asked.roots.count, &solution, err);
	if (status && err && err->code == ERROR_INDEX && strstr(err->text, "the index has no "))
		explain_unknown(source, err);
	if (!status)
		status = lock_build(source, &solution, asked.roots.items, asked.roots.count, asked.texts.items,
				    asked.texts.count, out, err);
	statistics->decisions = solution.decisions;
	statistics->conflicts = solution.conflicts;
	solution_clear(&solution);
	asked_clear(&asked);
	return status;
}

int resolve(const char *const *requirements, size_t count, const struct resolve_options *options, struct lock *out,
	    struct resolve_statistics *statistics, struct error *err)
{
	int64_t begin = own_milliseconds();
	struct resolve_statistics seen = {0};
	struct source *source = NULL;
	struct lock lock;
	lock_init(&lock);
	if (source_open(options, &source, err))
		return -1;
	int status = solve(source, requirements, count, &lock, &seen, err);
	if (source_remember(source, status ? NULL : err) && !status)
		status = -1;
	seen.http = http_statistics(source->http);
	seen.pages = source->pages;
	seen.metadata = source->metadata;
	seen.network_time = seen.http.network_time;
	source_free(source);
	seen.own_time = own_milliseconds() - begin;
	if (statistics)
		*statistics = seen;
	if (status) {
		lock_clear(&lock);
		return -1;
	}
	*out = lock;
	return 0;
}
