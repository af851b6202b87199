// From the solver's answer and what the source knows to the lock. Only what the solver asked for is looked at, never what
// happened to be fetched ahead, so that the same index gives the same bytes. Everything is copied into the lock's arena.
#include "resolver/lock_build.h"

#include "resolver/url.h"
#include "resolver/utf8.h"

struct builder {
	struct source *source;
	struct lock *lock;
	const struct solution *solution;
	const struct requirement *const *roots;
	size_t root_count;
	struct error *err;
};

static const char *keep(struct builder *b, const char *text)
{
	return arena_strdup(&b->lock->arena, text);
}

// A reason has texts from outside in it; a lock is UTF-8.
static const char *keep_reason(struct builder *b, const char *text)
{
	char *kept = arena_strdup(&b->lock->arena, text);
	for (char *c = kept; *c && !utf8_is_valid(slice_of(kept)); c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	return kept;
}

static const char *const *keep_list(struct builder *b, const char *const *list)
{
	size_t count = 0;
	while (list[count])
		count++;
	const char **out = arena_array(&b->lock->arena, count + 1, sizeof *out);
	for (size_t i = 0; i < count; i++)
		out[i] = keep(b, list[i]);
	return out;
}

static const char *without_credentials(struct builder *b, const char *url)
{
	cleanup_free char *public = url ? url_without_credentials(url) : NULL;
	return public ? keep(b, public) : NULL;
}

// ---- edges -----------------------------------------------------------------------------------------------------------

static int compare_requires(const void *left, const void *right)
{
	const struct lock_require *a = left, *b = right;
	int order = strcmp(a->name, b->name);
	order = order ? order : strcmp(a->specifier, b->specifier);
	order = order ? order : strcmp(a->marker, b->marker);
	order = order ? order : strcmp(a->for_extra, b->for_extra);
	for (size_t i = 0; !order && (a->extras[i] || b->extras[i]); i++) {
		if (!a->extras[i] || !b->extras[i])
			return a->extras[i] ? 1 : -1;
		order = strcmp(a->extras[i], b->extras[i]);
	}
	return order;
}

static void skip_marker(struct builder *b, struct lock_package *package, const struct requirement *requirement)
{
	cleanup_text struct text text = TEXT_INIT;
	if (marker_mentions_extra(&requirement->marker))
		return; // of an extra that nobody asked for
	requirement_format(requirement, &text);
	vec_push(&package->skipped,
		 (struct lock_skip){"", arena_printf(&b->lock->arena, "marker is false: %s", text_str(&text))});
}

static int add_requires(struct builder *b, struct lock_package *package, const struct release_metadata *metadata)
{
	struct arena *arena = &b->lock->arena;
	vec_each (&metadata->requirements, item) {
		const struct requirement *requirement = *item;
		bool applies;
		const char *for_extra = "";
		if (marker_evaluate_extras(&requirement->marker, &b->source->markers, package->extras, &applies,
					   &for_extra, b->err))
			return error_context(b->err, "%s %s", package->name, package->version);
		if (!applies) {
			skip_marker(b, package, requirement);
			continue;
		}
		struct lock_require edge = {
			.name = keep(b, requirement->name),
			.specifier = specifier_string(arena, &requirement->specifier),
			.marker = requirement->marker.count ? marker_string(arena, &requirement->marker) : "",
			.extras = keep_list(b, requirement->normal_extras),
			.url = without_credentials(b, requirement->url),
			.target = lock_find(b->lock, requirement->name),
			.for_extra = keep(b, for_extra)};
		if (edge.target < 0)
			return error_set(b->err, ERROR_FAILED, "%s %s needs %s, which the solver left out (a bug)",
					 package->name, package->version, requirement->name);
		vec_push(&package->requires, edge);
	}
	vec_sort(&package->requires, compare_requires);
	size_t kept = 0;
	for (size_t i = 0; i < package->requires.count; i++)
		if (!kept || compare_requires(&package->requires.items[kept - 1], &package->requires.items[i]) != 0)
	package->requires.items[kept++] = package->requires.items[i];
	package->requires.count = kept;
	return 0;
}

// ---- what was passed over --------------------------------------------------------------------------------------------

struct passed { // a version that is newer than the one taken
	const struct version *version;
	const char *text, *reason;
};

static int compare_passed(const void *left, const void *right) // newest first
{
	return version_compare(((const struct passed *)right)->version, ((const struct passed *)left)->version);
}

// The requirement of this lock that leaves the version out; NULL when none does.
static const char *ruled_out(struct builder *b, const char *name, const struct version *version)
{
	struct arena *arena = &b->lock->arena;
	for (size_t i = 0; i < b->root_count; i++)
		if (!strcmp(b->roots[i]->name, name) &&
		    !specifier_contains(&b->roots[i]->specifier, version, SPECIFIER_PRE_YES))
			return arena_printf(arena, "%s%s was asked for", name,
					    specifier_string(arena, &b->roots[i]->specifier));
	vec_each (&b->lock->packages, package) {
		vec_each (&package->requires, edge) {
			struct specifier_set set;
			if (strcmp(edge->name, name) != 0 ||
			    specifier_parse(arena, slice_of(edge->specifier), &set, NULL) ||
			    specifier_contains(&set, version, SPECIFIER_PRE_YES))
				continue;
			return arena_printf(arena, "%s %s needs %s%s", package->name, package->version, name,
					    edge->specifier);
		}
	}
	return NULL;
}

// What the version itself needs and cannot have here; NULL when that is not the reason.
static const char *cannot_have(struct builder *b, const struct release_metadata *metadata)
{
	struct arena *arena = &b->lock->arena;
	vec_each (&metadata->requirements, item) {
		const struct requirement *requirement = *item;
		bool applies = false;
		if (solver_requirement_applies(requirement, &b->source->markers, "", &applies, NULL) || !applies)
			continue;
		const struct source_project *needed = source_project_find(b->source, requirement->name);
		const char *text = specifier_string(arena, &requirement->specifier);
		int taken = lock_find(b->lock, requirement->name);
		if (taken < 0 && needed && needed->state == SOURCE_READY && needed->project.solver.unknown)
			return arena_printf(arena, "needs %s, which the index does not have", requirement->name);
		if (taken < 0)
			continue;
		const struct solution_item *solved = &b->solution->items.items[taken];
		const struct solver_version *version = &solved->project->versions[solved->version];
		if (!specifier_contains(&requirement->specifier, &version->version, SPECIFIER_PRE_YES))
			return arena_printf(arena, "needs %s%s, but %s is taken", requirement->name, text,
					    version->text);
	}
	return NULL;
}

static const char *why_passed(struct builder *b, const struct solver_project *project, size_t at, bool final_taken)
{
	const struct solver_version *version = &project->versions[at];
	const struct release_metadata *metadata = source_metadata(b->source, project, at);
	if (version->yanked)
		return arena_printf(&b->lock->arena, "yanked%s%s", *version->yanked ? ": " : "", version->yanked);
	if (metadata && metadata->unusable)
		return keep(b, metadata->unusable);
	if (final_taken && version_is_prerelease(&version->version))
		return "a pre-release";
	const char *reason = ruled_out(b, project->name, &version->version);
	if (!reason && metadata)
		reason = cannot_have(b, metadata);
	return reason ? reason : "does not go together with the other releases";
}

static void add_passed(struct builder *b, struct lock_package *package, const struct solver_project *project,
		       size_t taken)
{
	VEC(struct passed) passed = VEC_INIT;
	const struct version *chosen = &project->versions[taken].version;
	for (size_t i = taken + 1; i < project->count; i++)
		vec_push(&passed, (struct passed){&project->versions[i].version, project->versions[i].text,
						  why_passed(b, project, i, !version_is_prerelease(chosen))});
	for (size_t i = 0; i < project->excluded_count; i++)
		if (version_compare(&project->excluded[i].version, chosen) > 0)
			vec_push(&passed, (struct passed){&project->excluded[i].version, project->excluded[i].text,
							  project->excluded[i].reason});
	vec_sort(&passed, compare_passed);
	for (size_t i = 0; i < passed.count;) { // neighbours with one reason are one line
		size_t end = i + 1;
		while (end < passed.count && !strcmp(passed.items[i].reason, passed.items[end].reason))
			end++;
		const char *reason = keep_reason(b, passed.items[i].reason);
		if (end - i > 1)
			reason = arena_printf(&b->lock->arena, "%s (and %zu more down to %s)", reason, end - i - 1,
					      passed.items[end - 1].text);
		vec_push(&package->skipped, (struct lock_skip){keep(b, passed.items[i].text), reason});
		i = end;
	}
	vec_clear(&passed);
}

// ---- packages --------------------------------------------------------------------------------------------------------

static int add_files(struct builder *b, struct lock_package *package, const struct source_project *owner,
		     const struct project_release *release)
{
	vec_each (&release->files, file) {
		struct lock_file made = {.name = keep(b, file->file->name),
					 .url = keep(b, file->file->url),
					 .sha256 = keep(b, file->file->sha256),
					 .size = file->file->size,
					 .upload_time = keep(b, file->file->upload_time),
					 .wheel = file->wheel,
					 .tag = keep(b, file->tag)};
		char hash[DIGEST_HEX_SIZE];
		if (!package->files.count && !*made.sha256) { // the one that is taken always has a hash
			if (ladder_hash(b->source, owner, file->file, hash, b->err))
				return error_context(b->err, "%s %s", package->name, package->version);
			made.sha256 = keep(b, hash);
		}
		vec_push(&package->files, made);
	}
	return 0;
}

static const char *required_python(const struct release_metadata *metadata, const struct project_release *release)
{
	return *metadata->requires_python ? metadata->requires_python : release->files.items[0].file->requires_python;
}

static int add_package(struct builder *b, const struct solution_item *item)
{
	const struct source_project *owner = source_project_find(b->source, item->project->name);
	const struct project_release *release = &owner->project.releases.items[item->version];
	const struct release_metadata *metadata = source_metadata(b->source, item->project, item->version);
	if (!metadata)
		return error_set(b->err, ERROR_FAILED, "%s: a release without metadata was chosen (a bug)",
				 item->project->name);
	vec_push(&b->lock->packages, (struct lock_package){.name = keep(b, item->project->name)});
	struct lock_package *package = vec_last(&b->lock->packages);
	package->version = keep(b, release->text);
	package->extras = keep_list(b, item->extras);
	package->requires_python = keep(b, required_python(metadata, release));
	package->metadata_source = keep(b, metadata->source);
	package->why_yanked = keep(b, item->project->versions[item->version].yanked);
	for (size_t i = 0; i < b->root_count; i++)
		package->target |= !strcmp(b->roots[i]->name, package->name);
	return add_files(b, package, owner, release);
}

static void add_put_aside(struct builder *b, struct lock_package *package, const struct index_page *page)
{
	vec_each (&page->ignored, line)
		vec_push(&package->skipped,
			 (struct lock_skip){"", arena_printf(&b->lock->arena, "file put aside: %s", *line)});
}

static int add_packages(struct builder *b)
{
	vec_each (&b->solution->items, item)
		if (add_package(b, item))
			return -1;
	for (size_t i = 0; i < b->solution->items.count; i++) {
		const struct solution_item *item = &b->solution->items.items[i];
		if (add_requires(b, &b->lock->packages.items[i],
				 source_metadata(b->source, item->project, item->version)))
			return -1;
	}
	for (size_t i = 0; i < b->solution->items.count; i++) { // needs all edges
		const struct solution_item *item = &b->solution->items.items[i];
		struct lock_package *package = &b->lock->packages.items[i];
		VEC(struct lock_skip) markers = VEC_INIT;
		vec_each (&package->skipped, skip)
			vec_push(&markers, *skip);
		package->skipped.count = 0;
		add_passed(b, package, item->project, item->version);
		vec_each (&markers, skip)
			vec_push(&package->skipped, *skip);
		vec_clear(&markers);
		add_put_aside(b, package, &source_project_find(b->source, package->name)->project.page);
	}
	return 0;
}

// ---- head ------------------------------------------------------------------------------------------------------------

static void add_environment(struct builder *b)
{
	static const char *const names[] = {"implementation_name",
					    "implementation_version",
					    "os_name",
					    "platform_machine",
					    "platform_python_implementation",
					    "platform_release",
					    "platform_system",
					    "platform_version",
					    "python_full_version",
					    "python_version",
					    "sys_platform"};
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		vec_push(&b->lock->environment, names[i]);
		vec_push(&b->lock->environment,
			 keep(b, b->source->markers.lookup(b->source->markers.context, names[i])));
	}
}

// The platform of the best tag, manylinux before the plain one.
static const char *platform_of(struct builder *b, const struct environment *environment)
{
	const char *best = "any";
	for (size_t i = environment->tags.count; i-- > 0;) {
		const char *dash = strrchr(environment->tags.items[i], '-');
		if (dash && strcmp(dash, "-any") != 0 &&
		    (!strncmp(dash + 1, "manylinux", 9) || strncmp(best, "manylinux", 9) != 0))
			best = dash + 1;
	}
	return keep(b, best);
}

int lock_build(struct source *source, const struct solution *solution, const struct requirement *const *roots,
	       size_t root_count, const char *const *texts, size_t text_count, struct lock *out, struct error *err)
{
	struct builder b = {source, out, solution, roots, root_count, err};
	out->python = keep(&b, source->options->environment->python_version);
	out->platform = platform_of(&b, source->options->environment);
	for (size_t i = 0; i < text_count; i++)
		vec_push(&out->requirements, keep(&b, texts[i]));
	add_environment(&b);
	if (!add_packages(&b))
		return 0;
	lock_clear(out);
	return -1;
}
