// Projects, waiting and fetching ahead. The queue of tasks replaces the recursion page → metadata → pages.
#include "resolver/source.h"

#include "core/clock.h"
#include "resolver/url.h"

enum { REQUEST_TIMEOUT = 15 * 60 * 1000 }; // whole archives too; the stall time-out is the short one

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

// ---- projects --------------------------------------------------------------------------------------------------------

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

void source_page_arrived(struct source_project *owner, struct index_page *page)
{
	project_init(&owner->project, owner->name, page, &owner->source->platform);
	project_ready(owner);
}

void source_page_unknown(struct source_project *owner)
{
	project_init_unknown(&owner->project, owner->name);
	project_ready(owner);
}

void source_page_failed(struct source_project *owner, const struct error *failure)
{
	owner->state = SOURCE_FAILED;
	owner->failure = xmalloc(sizeof *failure);
	*owner->failure = *failure;
}

struct source_project *source_project_find(const struct source *source, const char *name)
{
	struct source_project *owner;
	HASH_FIND_STR(source->projects, name, owner);
	return owner;
}

static struct source_project *project_add(struct source *source, const char *name)
{
	struct source_project *owner = xcalloc(1, sizeof *owner);
	owner->name = xstrdup(name);
	owner->source = source;
	HASH_ADD_KEYPTR(hh, source->projects, owner->name, strlen(owner->name), owner);
	return owner;
}

static struct source_project *project_get(struct source *source, const char *name)
{
	struct source_project *owner = source_project_find(source, name);
	if (!owner)
		owner = project_add(source, name);
	if (owner->state == SOURCE_NONE)
		page_start(owner);
	return owner;
}

// ---- direct references -----------------------------------------------------------------------------------------------

// "#sha256=…&egg=…": only the hash matters. -1 when something is asked for that is not done.
static int read_fragment(const char *fragment, const char **sha256, struct source *source, const char *shown,
			 struct error *err)
{
	struct slice rest = slice_of(fragment), part;
	*sha256 = "";
	while (slice_cut(&rest, '&', &part)) {
		if (slice_starts(part, "subdirectory="))
			return error_set(err, ERROR_INPUT, "%s: a subdirectory of an archive cannot be taken", shown);
		if (!slice_starts(part, "sha256="))
			continue;
		char *hash = arena_slice(&source->arena, slice_from(part, 7));
		for (char *c = hash; *c; c++)
			if (*c >= 'A' && *c <= 'F')
				*c = (char)(*c - 'A' + 'a');
		if (strlen(hash) != 64 || strspn(hash, "0123456789abcdef") != 64)
			return error_set(err, ERROR_INPUT, "%s: its sha256 is none", shown);
		*sha256 = hash;
	}
	return 0;
}

static int direct_fits(const struct source_project *owner, const char *shown, struct error *err)
{
	const struct project *project = &owner->project;
	if (project->versions.count)
		return 0;
	if (project->excluded.count)
		return error_set(err, ERROR_NO_SOLUTION, "%s @ %s: %s", owner->name, shown,
				 project->excluded.items[0].reason);
	return error_set(err, ERROR_INPUT,
			 "%s @ %s: the file name is not that of a wheel or source distribution of %s "
			 "(%s-<version>-….whl, %s-<version>.tar.gz)",
			 owner->name, shown, owner->name, owner->name, owner->name);
}

int source_direct(struct source *source, const struct requirement *requirement, struct error *err)
{
	cleanup_free char *fragment = NULL;
	cleanup_free char *url = url_join(requirement->url, slice_of(requirement->url), &fragment);
	cleanup_free char *shown = url_without_credentials(url ? url : requirement->url);
	cleanup_free char *name = url ? url_file_name(url) : NULL;
	struct index_file file = {.size = -1, .upload_time = "", .requires_python = "", .metadata_sha256 = ""};
	if (!url || !name || !*name)
		return error_set(err, ERROR_INPUT,
				 "%s @ %s: only https, loopback http and file URLs of wheels and source "
				 "distributions can be taken",
				 requirement->name, shown);
	struct source_project *owner = source_project_find(source, requirement->name);
	if (owner && (!owner->direct || strcmp(owner->direct, url) != 0))
		return error_set(err, ERROR_NO_SOLUTION, "you asked for two files of %s: %s and another",
				 requirement->name, shown);
	if (owner)
		return 0;
	if (read_fragment(fragment, &file.sha256, source, shown, err))
		return -1;
	file.name = arena_strdup(&source->arena, name);
	file.url = arena_strdup(&source->arena, shown);
	struct index_page page = {.arena = ARENA_INIT};
	vec_push(&page.files, file);
	owner = project_add(source, requirement->name);
	owner->direct = steal(&url);
	source_page_arrived(owner, &page);
	return direct_fits(owner, shown, err);
}

bool source_is_direct(const struct source *source, const struct requirement *requirement)
{
	const struct source_project *owner = source_project_find(source, requirement->name);
	cleanup_free char *url = url_join(requirement->url, slice_of(requirement->url), NULL);
	return owner && owner->direct && url && !strcmp(owner->direct, url);
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
		if (rank > best_rank &&
		    specifier_contains(&requirement->specifier, &version->version, SPECIFIER_PRE_YES)) {
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
		if (!solver_requirement_applies(*requirement, &source->markers, task.extra, &applies, NULL) &&
		    applies && (!(*requirement)->url || source_is_direct(source, *requirement)))
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
			source->options->progress(source->options->progress_context, what, source->pages,
						  source->metadata);
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

static int provide_dependencies(void *context, const struct solver_project *project, size_t version, const char *extra,
				struct solver_dependencies *out, struct error *err)
{
	struct source *source = context;
	struct source_release *release = source_release_of(source, source_project_find(source, project->name), version);
	release->asked = true;
	ladder_start(source, release);
	if (wait_for(source, &release->state, project->name, err))
		return -1;
	if (release->state == SOURCE_FAILED) {
		*err = *release->failure;
		return -1;
	}
	if (ladder_build(source, release, err))
		return -1;
	pump(source);
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
		else if (applies && requirement->url && !source_is_direct(source, requirement))
			out->unusable =
				arena_printf(&source->arena, "it needs %s from a URL of its own", requirement->name);
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

static void provide_expect_versions(void *context, const struct solver_project *project, const size_t *versions,
				    size_t count)
{
	struct source *source = context;
	for (size_t i = 0; i < count; i++)
		ladder_start(source,
			     source_release_of(source, source_project_find(source, project->name), versions[i]));
	pump(source);
}

const struct release_metadata *source_metadata(const struct source *source, const struct solver_project *project,
					       size_t version)
{
	const struct source_release *release =
		source_project_find(source, project->name)->project.releases.items[version].data;
	return release && release->asked && release->state == SOURCE_READY ? &release->metadata : NULL;
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
	struct http_options http = {.interrupted = options->interrupted, .timeout = REQUEST_TIMEOUT};
	cleanup_free char *index = url_join(options->index_url, slice_of(options->index_url), NULL);
	if (!index) {
		cleanup_free char *shown = url_without_credentials(options->index_url);
		source_free(source);
		return error_set(err, ERROR_USAGE, "index \"%s\": expected an http, https or file URL", shown);
	}
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
	HASH_ITER (hh, source->hosts, host, next)
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
	HASH_ITER (hh, source->projects, owner, next) {
		HASH_DEL(source->projects, owner);
		if (owner->state == SOURCE_READY)
			project_clear(&owner->project);
		vec_clear(&owner->expected);
		text_clear(&owner->stale);
		cache_page_head_clear(&owner->stale_head);
		free(owner->failure);
		free(owner->direct);
		free(owner->name);
		free(owner);
	}
	struct source_host *host, *next_host;
	HASH_ITER (hh, source->hosts, host, next_host) {
		HASH_DEL(source->hosts, host);
		free(host->origin);
		free(host);
	}
	vec_each (&source->releases, release) {
		release_metadata_clear(&(*release)->metadata);
		vec_clear(&(*release)->crawl);
		free((*release)->archive);
		free((*release)->failure);
	}
	vec_clear(&source->releases);
	vec_clear(&source->tasks);
	platform_clear(&source->platform);
	arena_clear(&source->arena);
	free(source);
}
