// Projects, pages, waiting and fetching ahead. The queue of tasks replaces the recursion page → metadata → pages.
#include "resolver/source.h"

#include "core/clock.h"
#include "core/file.h"
#include "resolver/url.h"

enum { PAGE_LIMIT = 256 << 20 };

// ---- environment -----------------------------------------------------------------------------------------------------

static const char *environment_lookup(const void *context, const char *variable)
{
	const struct environment *e = context;
	const struct {
		const char *name, *value;
	} variables[] = {{"implementation_name", e->implementation_name},
	                 {"implementation_version", e->implementation_version},
	                 {"os_name", e->os_name},
	                 {"platform_machine", e->platform_machine},
	                 {"platform_release", e->platform_release},
	                 {"platform_system", e->platform_system},
	                 {"platform_version", e->platform_version},
	                 {"python_full_version", e->python_full_version},
	                 {"platform_python_implementation", e->platform_python_implementation},
	                 {"python_version", e->python_version},
	                 {"sys_platform", e->sys_platform}};
	for (size_t i = 0; i < ARRAY_LENGTH(variables); i++)
		if (!strcmp(variables[i].name, variable))
			return variables[i].value;
	return NULL;
}

struct source_host *source_host_of(struct source *source, const char *url)
{
	cleanup_free char *origin = url_origin(url);
	struct source_host *host;
	HASH_FIND_STR(source->hosts, origin, host);
	if (host)
		return host;
	host = xcalloc(1, sizeof *host);
	cache_host_read(source->options->cache_dir, origin, source->now, &host->known);
	host->origin = steal(&origin);
	HASH_ADD_KEYPTR(hh, source->hosts, host->origin, strlen(host->origin), host);
	return host;
}

// ---- pages -----------------------------------------------------------------------------------------------------------

static void task_expect(struct source *source, const struct requirement *requirement)
{
	vec_push(&source->tasks, (struct source_task){requirement, NULL, NULL});
}

static void project_ready(struct source_project *owner)
{
	owner->state = SOURCE_READY;
	owner->source->pages++;
	text_clear(&owner->stale);
	vec_each (&owner->expected, requirement)
		task_expect(owner->source, *requirement);
	vec_clear(&owner->expected);
}

static void project_take(struct source_project *owner, struct index_page *page)
{
	project_init(&owner->project, owner->name, page, &owner->source->platform);
	project_ready(owner);
}

static void project_fail(struct source_project *owner, const struct error *failure)
{
	owner->state = SOURCE_FAILED;
	owner->failure = xmalloc(sizeof *failure);
	*owner->failure = *failure;
}

static char *page_url(const struct source *source, const char *name)
{
	size_t length = strlen(source->options->index_url);
	while (length && source->options->index_url[length - 1] == '/')
		length--;
	return xasprintf("%.*s/%s/", (int)length, source->options->index_url, name);
}

static void page_key(const char *url, char key[DIGEST_HEX_SIZE])
{
	cleanup_free char *public = url_without_credentials(url);
	digest_hex_of(public, strlen(public), key);
}

static int page_store(struct source *source, const char *url, const struct http_response *response, struct slice page,
		      struct error *err)
{
	struct cache_page_head head = {.etag = response->etag,
	                               .last_modified = response->last_modified,
	                               .fetched = source->now,
	                               .max_age = cache_max_age(response->cache_control, response->age)};
	cleanup_text struct text text = TEXT_INIT;
	cache_page_head_write(&head, &text);
	text_add_slice(&text, page);
	char key[DIGEST_HEX_SIZE];
	page_key(url, key);
	return cache_write(source->options->cache_dir, "pages", key, text_slice(&text), err);
}

static int page_answer(struct source_project *owner, struct http_response *response, const char *url, struct index_page *page,
		       struct error *err)
{
	struct source *source = owner->source;
	cleanup_free char *public = url_without_credentials(url);
	cleanup_text struct text compact = TEXT_INIT;
	if (response->status == 304 && owner->stale.len)
		return index_page_read(text_slice(&owner->stale), page)
			       ? error_set(err, ERROR_INDEX, "%s: the cached page is damaged", public)
			       : page_store(source, url, response, text_slice(&owner->stale), err);
	if (response->status != 200)
		return error_set(err, ERROR_INDEX, "%s: the index answers %ld", public, response->status);
	cleanup_free char *base = url_without_credentials(response->final_url ? response->final_url : url);
	if (index_page_parse(text_slice(&response->body), response->content_type, base, page, err))
		return -1;
	index_page_write(page, &compact);
	return page_store(source, url, response, text_slice(&compact), err);
}

static void page_done(struct http *http, struct http_response *response, void *context)
{
	(void)http;
	struct source_project *owner = context;
	struct error err = ERROR_INIT;
	owner->source->in_flight--;
	if (response->failure.code) {
		project_fail(owner, &response->failure);
		return;
	}
	if (response->status == 404 || response->status == 410) {
		project_init_unknown(&owner->project, owner->name);
		project_ready(owner);
		return;
	}
	cleanup_free char *url = page_url(owner->source, owner->name);
	struct index_page page = {.arena = ARENA_INIT};
	if (!page_answer(owner, response, url, &page, &err)) {
		project_take(owner, &page);
	} else {
		index_page_clear(&page);
		project_fail(owner, &err);
	}
}

// A file:// index: "<project>/index.html" (or .json) in a folder.
static void page_local(struct source_project *owner, const char *url, const char *folder)
{
	cleanup_free char *html = xasprintf("%sindex.html", folder);
	cleanup_free char *json = xasprintf("%sindex.json", folder);
	cleanup_free char *root = url_file_path(owner->source->options->index_url);
	const char *path = file_exists(json) ? json : html;
	cleanup_text struct text text = TEXT_INIT;
	struct error err = ERROR_INIT;
	struct index_page page;
	if (!file_exists(path) && root && dir_exists(root)) {
		project_init_unknown(&owner->project, owner->name);
		project_ready(owner);
	} else if (!file_exists(path)) {
		error_set(&err, ERROR_INDEX, "%s: no such folder", owner->source->options->index_url);
		project_fail(owner, &err);
	} else if (file_read(path, PAGE_LIMIT, &text, &err) ||
		   index_page_parse(text_slice(&text), NULL, url, &page, &err)) {
		project_fail(owner, &err);
	} else {
		project_take(owner, &page);
	}
}

// true when the cache had the page and it counts as fresh; else what is there is kept for revalidation.
static bool page_cached(struct source_project *owner, const char *url, struct cache_page_head *head)
{
	const struct resolve_options *options = owner->source->options;
	char key[DIGEST_HEX_SIZE];
	page_key(url, key);
	cleanup_text struct text text = TEXT_INIT;
	if (!cache_read(options->cache_dir, "pages", key, CACHE_PAGE_LIMIT, &text))
		return false;
	struct slice data = text_slice(&text);
	if (cache_page_head_read(&data, head))
		return false;
	int64_t fresh = head->max_age >= 0 ? head->max_age : options->freshness;
	int64_t age = (owner->source->now - head->fetched) / 1000;
	struct index_page page;
	if (options->offline || (!options->refresh && age >= 0 && age < fresh)) {
		if (index_page_read(data, &page))
			return false;
		project_take(owner, &page);
		return true;
	}
	if (*head->etag || *head->last_modified)
		text_add_slice(&owner->stale, data);
	return false;
}

static void project_start(struct source_project *owner)
{
	struct source *source = owner->source;
	owner->state = SOURCE_FETCHING;
	cleanup_free char *url = page_url(source, owner->name);
	cleanup_free char *folder = url_file_path(url);
	struct cache_page_head head = {0};
	if (folder) {
		page_local(owner, url, folder);
	} else if (page_cached(owner, url, &head)) {
		cache_page_head_clear(&head);
		return;
	} else if (source->options->offline) {
		struct error err = ERROR_INIT;
		error_set(&err, ERROR_NETWORK, "%s: its page is not in the cache, and this is offline", owner->name);
		project_fail(owner, &err);
	} else {
		cleanup_free char *etag = owner->stale.len && *head.etag ? xasprintf("If-None-Match: %s", head.etag) : NULL;
		cleanup_free char *since = owner->stale.len && !etag && *head.last_modified
						   ? xasprintf("If-Modified-Since: %s", head.last_modified)
						   : NULL;
		const char *headers[] = {INDEX_ACCEPT, etag ? etag : since, NULL};
		struct http_request request = {
			.url = url, .headers = headers, .body_limit = PAGE_LIMIT, .done = page_done, .context = owner};
		source->in_flight++;
		http_add(source->http, &request);
	}
	cache_page_head_clear(&head);
}

static struct source_project *project_get(struct source *source, const char *name)
{
	struct source_project *owner;
	HASH_FIND_STR(source->projects, name, owner);
	if (!owner) {
		owner = xcalloc(1, sizeof *owner);
		owner->name = xstrdup(name);
		owner->source = source;
		HASH_ADD_KEYPTR(hh, source->projects, owner->name, strlen(owner->name), owner);
	}
	if (owner->state == SOURCE_NONE)
		project_start(owner);
	return owner;
}

// ---- fetching ahead --------------------------------------------------------------------------------------------------

struct source_release *source_release_of(struct source *source, struct source_project *owner, size_t version)
{
	struct project_release *release = &owner->project.releases.items[version];
	if (release->data)
		return release->data;
	struct source_release *made = arena_alloc(&source->arena, sizeof *made);
	made->owner = owner;
	made->release = release;
	made->file = release->files.items[0].file;
	made->wheel = release->files.items[0].wheel;
	if (!made->wheel && release->foreign.count) { // another platform's wheel says it without a build
		made->file = release->foreign.items[0];
		made->wheel = true;
	}
	vec_push(&source->releases, made);
	release->data = made;
	return made;
}

static void crawl(struct source *source, struct source_release *release, const char *extra)
{
	vec_each (&release->crawl, known)
		if (!strcmp(*known, extra))
			return;
	vec_push(&release->crawl, extra);
	if (release->state == SOURCE_READY)
		vec_push(&source->tasks, (struct source_task){NULL, release, extra});
}

void source_metadata_arrived(struct source *source, struct source_release *release)
{
	vec_each (&release->crawl, extra)
		vec_push(&source->tasks, (struct source_task){NULL, release, *extra});
}

// The release that the requirement will probably get: the newest final one that is not yanked, else the newest.
static void guess(struct source *source, struct source_project *owner, const struct requirement *requirement)
{
	const struct solver_project *project = &owner->project.solver;
	size_t best = project->count;
	int best_rank = -1;
	bool pre = specifier_mentions_prerelease(&requirement->specifier);
	for (size_t i = project->count; i-- > 0 && best_rank < 3;) {
		const struct solver_version *version = &project->versions[i];
		int rank = (version->yanked ? 0 : 2) + (pre || !version_is_prerelease(&version->version));
		if (rank > best_rank && specifier_contains(&requirement->specifier, &version->version, SPECIFIER_PRE_YES)) {
			best = i;
			best_rank = rank;
		}
	}
	if (best == project->count)
		return;
	struct source_release *release = source_release_of(source, owner, best);
	crawl(source, release, "");
	for (const char *const *extra = requirement->normal_extras; *extra; extra++)
		crawl(source, release, *extra);
	ladder_start(source, release);
}

static void task_run(struct source *source, struct source_task task)
{
	if (task.requirement) {
		struct source_project *owner = project_get(source, task.requirement->name);
		if (owner->state == SOURCE_READY)
			guess(source, owner, task.requirement);
		else if (owner->state == SOURCE_FETCHING)
			vec_push(&owner->expected, task.requirement);
		return;
	}
	if (task.release->metadata.unusable)
		return;
	vec_each (&task.release->metadata.requirements, requirement) {
		bool applies = false;
		if (!solver_requirement_applies(*requirement, &source->markers, task.extra, &applies, NULL) && applies &&
		    !(*requirement)->url)
			task_expect(source, *requirement);
	}
}

static void pump(struct source *source)
{
	while (source->tasks.count)
		task_run(source, source->tasks.items[--source->tasks.count]);
}

static int wait_for(struct source *source, const enum source_state *state, const char *what, struct error *err)
{
	pump(source);
	while (*state == SOURCE_FETCHING) {
		if (source->options->progress)
			source->options->progress(source->options->progress_context, what, source->pages, source->metadata);
		if (!source->in_flight)
			return error_set(err, ERROR_NETWORK, "%s: no answer", what);
		if (http_step(source->http, err) < 0)
			return -1;
		pump(source);
	}
	return 0;
}

// ---- provider --------------------------------------------------------------------------------------------------------

static int provide_project(void *context, const char *name, const struct solver_project **out, struct error *err)
{
	struct source *source = context;
	struct source_project *owner = project_get(source, name);
	if (wait_for(source, &owner->state, name, err))
		return -1;
	if (owner->state == SOURCE_FAILED) {
		*err = *owner->failure;
		return -1;
	}
	*out = &owner->project.solver;
	return 0;
}

static struct source_project *owner_of(const struct source *source, const struct solver_project *project)
{
	struct source_project *owner;
	HASH_FIND_STR(source->projects, project->name, owner);
	return owner;
}

static int provide_dependencies(void *context, const struct solver_project *project, size_t version, const char *extra,
				struct solver_dependencies *out, struct error *err)
{
	struct source *source = context;
	struct source_release *release = source_release_of(source, owner_of(source, project), version);
	ladder_start(source, release);
	if (wait_for(source, &release->state, project->name, err))
		return -1;
	if (release->state == SOURCE_FAILED) {
		*err = *release->failure;
		return -1;
	}
	*out = (struct solver_dependencies){.unusable = release->metadata.unusable};
	const struct requirement **items =
		arena_array(&source->arena, release->metadata.requirements.count + 1, sizeof *items);
	out->items = items;
	for (size_t i = 0; i < release->metadata.requirements.count && !out->unusable; i++) {
		const struct requirement *requirement = release->metadata.requirements.items[i];
		struct error why = ERROR_INIT;
		bool applies = false;
		if (solver_requirement_applies(requirement, &source->markers, extra, &applies, &why))
			out->unusable = arena_printf(&source->arena, "a marker of its requirements: %s", why.text);
		else if (applies && requirement->url)
			out->unusable = arena_printf(&source->arena, "it needs %s from a URL of its own", requirement->name);
		else if (applies)
			items[out->count++] = requirement;
	}
	return 0;
}

static void provide_expect(void *context, const struct requirement *requirement)
{
	struct source *source = context;
	task_expect(source, requirement);
	pump(source);
}

static void provide_expect_versions(void *context, const struct solver_project *project, const size_t *versions, size_t count)
{
	struct source *source = context;
	for (size_t i = 0; i < count; i++)
		ladder_start(source, source_release_of(source, owner_of(source, project), versions[i]));
	pump(source);
}

const struct release_metadata *source_metadata(const struct source *source, const struct solver_project *project, size_t version)
{
	const struct source_release *release = owner_of(source, project)->project.releases.items[version].data;
	return release && release->state == SOURCE_READY ? &release->metadata : NULL;
}

// ---- life ------------------------------------------------------------------------------------------------------------

int source_open(const struct resolve_options *options, struct source **out, struct error *err)
{
	struct source *source = xcalloc(1, sizeof *source);
	source->options = options;
	source->markers = (struct marker_environment){environment_lookup, options->environment};
	source->now = system_clock.wall(system_clock.context);
	source->provider = (struct solver_provider){.project = provide_project,
	                                            .dependencies = provide_dependencies,
	                                            .expect = provide_expect,
	                                            .expect_versions = provide_expect_versions,
	                                            .context = source,
	                                            .interrupted = options->interrupted};
	struct http_options http = {.interrupted = options->interrupted};
	if (platform_init(&source->platform, options->environment, err) || http_open(&http, &source->http, err)) {
		source_free(source);
		return -1;
	}
	*out = source;
	return 0;
}

int source_remember(struct source *source, struct error *err)
{
	struct source_host *host, *next;
	HASH_ITER(hh, source->hosts, host, next)
		if (host->changed &&
		    cache_host_write(source->options->cache_dir, host->origin, source->now, &host->known, err))
			return -1;
	return 0;
}

void source_free(struct source *source)
{
	if (!source)
		return;
	http_free(source->http);
	struct source_project *owner, *next;
	HASH_ITER(hh, source->projects, owner, next) {
		HASH_DEL(source->projects, owner);
		if (owner->state == SOURCE_READY)
			project_clear(&owner->project);
		vec_clear(&owner->expected);
		text_clear(&owner->stale);
		free(owner->failure);
		free(owner->name);
		free(owner);
	}
	struct source_host *host, *next_host;
	HASH_ITER(hh, source->hosts, host, next_host) {
		HASH_DEL(source->hosts, host);
		free(host->origin);
		free(host);
	}
	vec_each (&source->releases, release) {
		release_metadata_clear(&(*release)->metadata);
		vec_clear(&(*release)->crawl);
		text_clear(&(*release)->tail);
		free((*release)->archive);
		free((*release)->failure);
	}
	vec_clear(&source->releases);
	vec_clear(&source->tasks);
	platform_clear(&source->platform);
	arena_clear(&source->arena);
	free(source);
}
