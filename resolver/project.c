// From files to releases. File names decide the version; files whose names say nothing (eggs, installers, foreign
// spellings) are put aside. Release order and file order do not depend on the order of the page.
#include "resolver/project.h"

#include <limits.h>
#include <strings.h>
#include <uthash.h>

#include "resolver/tag.h"

struct platform_tag {
	const char *text;
	int rank;
	UT_hash_handle hh;
};

int platform_init(struct platform *platform, const struct environment *environment, struct error *err)
{
	*platform = (struct platform){.arena = ARENA_INIT, .python_text = environment->python_full_version};
	struct slice python = slice_of(environment->python_full_version);
	if (slice_ends(python, "+")) // a development build
		python.len--;
	if (version_parse(&platform->arena, python, &platform->python, err))
		return error_context(err, "the version of Python");
	for (size_t i = 0; i < environment->tags.count; i++) {
		struct platform_tag *tag;
		HASH_FIND_STR(platform->tags, environment->tags.items[i], tag);
		if (tag)
			continue;
		tag = arena_alloc(&platform->arena, sizeof *tag);
		tag->text = arena_strdup(&platform->arena, environment->tags.items[i]);
		tag->rank = (int)i;
		HASH_ADD_KEYPTR(hh, platform->tags, tag->text, strlen(tag->text), tag);
	}
	return 0;
}

void platform_clear(struct platform *platform)
{
	HASH_CLEAR(hh, platform->tags);
	arena_clear(&platform->arena);
}

bool platform_fits_python(const struct platform *platform, const char *requires_python)
{
	if (!*requires_python)
		return true;
	cleanup_arena struct arena arena = ARENA_INIT;
	struct specifier_set set;
	return specifier_parse(&arena, slice_of(requires_python), &set, NULL) ||
	       specifier_contains(&set, &platform->python, SPECIFIER_PRE_YES);
}

// ---- files -----------------------------------------------------------------------------------------------------------

struct candidate { // a file with a readable name
	struct version version;
	struct project_file file;
	bool fits_python;
	size_t order; // on the page
};

struct sorter {
	struct project *project;
	const struct platform *platform;
	VEC(struct candidate) candidates;
	const char *last_python; // pages repeat themselves
	bool last_fits;
};

static int best_tag(const struct platform *platform, const struct wheel_name *wheel, const char **tag)
{
	int best = -1;
	*tag = "";
	for (size_t i = 0; i < wheel->tag_count; i++) {
		struct platform_tag *found;
		HASH_FIND_STR(platform->tags, wheel->tags[i], found);
		if (found && (best < 0 || found->rank < best)) {
			best = found->rank;
			*tag = found->text;
		}
	}
	return best;
}

static void read_file(struct sorter *sorter, const struct index_file *file, size_t order)
{
	struct project *project = sorter->project;
	struct candidate candidate = {.file = {.file = file, .tag = ""}, .order = order};
	struct slice name = slice_of(file->name);
	if (slice_ends(name, ".whl")) {
		struct wheel_name wheel;
		if (wheel_name_parse(&project->arena, name, &wheel, NULL) ||
		    strcmp(wheel.name, project->solver.name) != 0)
			return;
		candidate.version = wheel.version;
		candidate.file.wheel = true;
		candidate.file.build = wheel.build;
		candidate.file.rank = best_tag(sorter->platform, &wheel, &candidate.file.tag);
	} else if (slice_ends(name, ".tar.gz") || slice_ends(name, ".zip")) {
		struct sdist_name sdist;
		if (sdist_name_parse(&project->arena, name, project->solver.name, &sdist, NULL) ||
		    strcmp(sdist.name, project->solver.name) != 0)
			return;
		candidate.version = sdist.version;
		candidate.file.rank = INT_MAX;
	} else {
		return;
	}
	if (!sorter->last_python || strcmp(sorter->last_python, file->requires_python) != 0) {
		sorter->last_python = file->requires_python;
		sorter->last_fits = platform_fits_python(sorter->platform, file->requires_python);
	}
	candidate.fits_python = sorter->last_fits;
	vec_push(&sorter->candidates, candidate);
}

static int compare_candidates(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;
	int order = version_compare(&a->version, &b->version);
	return order ? order : a->order < b->order ? -1 : 1;
}

static int compare_files(const void *left, const void *right)
{
	const struct project_file *a = left, *b = right;
	if (!a->file->yanked != !b->file->yanked) // single files can be yanked (PEP 592)
		return a->file->yanked ? 1 : -1;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (a->build != b->build)
		return a->build > b->build ? -1 : 1;
	return strcmp(a->file->name, b->file->name);
}

// ---- releases --------------------------------------------------------------------------------------------------------

static const char *yanked_reason(const struct project_release *release) // when all that could be taken is yanked
{
	for (size_t i = 0; i < release->files.count; i++)
		if (!release->files.items[i].file->yanked)
			return NULL;
	return release->files.items[0].file->yanked;
}

static void add_release(struct project *project, const struct candidate *candidates, size_t count)
{
	struct project_release release = {.version = candidates[0].version};
	release.text = version_string(&project->arena, &release.version);
	const char *needs_python = NULL;
	for (size_t i = 0; i < count; i++) {
		const struct candidate *candidate = &candidates[i];
		if (!candidate->fits_python)
			needs_python = candidate->file.rank >= 0 ? candidate->file.file->requires_python : needs_python;
		else if (candidate->file.rank >= 0)
			vec_push(&release.files, candidate->file);
		else
			vec_push(&release.foreign, candidate->file.file);
	}
	if (!release.files.count) {
		const char *reason = needs_python ? arena_printf(&project->arena, "needs Python %s", needs_python)
						  : "no file for this Python and platform";
		vec_push(&project->excluded, (struct solver_excluded){release.version, release.text, reason});
		vec_clear(&release.foreign);
		return;
	}
	vec_sort(&release.files, compare_files);
	vec_push(&project->versions, (struct solver_version){release.version, release.text, yanked_reason(&release)});
	vec_push(&project->releases, release);
}

void project_init(struct project *project, const char *name, struct index_page *page, const struct platform *platform)
{
	*project = (struct project){.arena = ARENA_INIT, .page = *page};
	*page = (struct index_page){.arena = ARENA_INIT};
	project->solver.name = arena_strdup(&project->arena, name);
	struct sorter sorter = {.project = project, .platform = platform};
	for (size_t i = 0; i < project->page.files.count; i++)
		read_file(&sorter, &project->page.files.items[i], i);
	vec_sort(&sorter.candidates, compare_candidates);
	for (size_t i = 0; i < sorter.candidates.count;) {
		size_t end = i + 1;
		while (end < sorter.candidates.count &&
		       !version_compare(&sorter.candidates.items[i].version, &sorter.candidates.items[end].version))
			end++;
		add_release(project, &sorter.candidates.items[i], end - i);
		i = end;
	}
	vec_clear(&sorter.candidates);
	project->solver.versions = project->versions.items;
	project->solver.count = project->versions.count;
	project->solver.excluded = project->excluded.items;
	project->solver.excluded_count = project->excluded.count;
}

void project_init_unknown(struct project *project, const char *name)
{
	*project = (struct project){.arena = ARENA_INIT, .page = {.arena = ARENA_INIT}};
	project->solver.name = arena_strdup(&project->arena, name);
	project->solver.unknown = true;
}

void project_clear(struct project *project)
{
	vec_each (&project->releases, release) {
		vec_clear(&release->files);
		vec_clear(&release->foreign);
	}
	vec_clear(&project->releases);
	vec_clear(&project->versions);
	vec_clear(&project->excluded);
	index_page_clear(&project->page);
	arena_clear(&project->arena);
}
