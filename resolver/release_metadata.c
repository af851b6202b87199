// Core metadata to requirements. Of an sdist, in this order: Requires-Dist when the metadata vouches for it (PEP 643),
// the static [project] table (PEP 621), what setuptools recorded when the archive was made, what a backend before
// Metadata 2.2 listed. Nothing is built here; what only a build would tell makes the release unusable (until somebody builds it).
#include "resolver/release_metadata.h"

#include "core/archive.h"
#include "resolver/metadata.h"
#include "resolver/name.h"
#include "resolver/pyproject.h"
#include "resolver/utf8.h"

enum { REQUIREMENTS_MOST = 10000 };
#define COMPACT_HEAD "gophersnake.metadata/1"
static const char needs_build[] = "its source distribution does not state its requirements without being built";

bool release_metadata_needs_build(const struct release_metadata *metadata)
{
	return metadata->unusable && !strcmp(metadata->unusable, needs_build);
}

void release_metadata_clear(struct release_metadata *metadata)
{
	vec_clear(&metadata->requirements);
	vec_clear(&metadata->texts);
}

// The begin of a text from outside, for a reason; cut between characters.
static const char *shortened(struct arena *arena, const char *text)
{
	size_t length = strlen(text), most = 100;
	if (length <= most)
		return text;
	while (most && ((unsigned char)text[most] & 0xc0) == 0x80)
		most--;
	return arena_printf(arena, "%.*s…", (int)most, text);
}

static void add_requirement(struct arena *arena, const char *raw, struct release_metadata *out)
{
	struct error err = ERROR_INIT;
	struct requirement *requirement = arena_alloc(arena, sizeof *requirement);
	char *text = arena_strdup(arena, raw);
	for (char *c = text; *c; c++) // one line of the compact form
		if (*c == '\n')
			*c = ' ';
	if (out->requirements.count == REQUIREMENTS_MOST) {
		if (!out->unusable)
			out->unusable = arena_printf(arena, "it has more than %d requirements", REQUIREMENTS_MOST);
	} else if (!requirement_parse(arena, slice_of(text), requirement, &err)) {
		vec_push(&out->requirements, requirement);
		vec_push(&out->texts, text);
	} else if (!out->unusable) {
		out->unusable = arena_printf(arena, "its requirement \"%s\" is malformed", shortened(arena, text));
	}
}

// An entry of optional-dependencies: "text" with `extra == "…"` joined to its marker.
static void add_with_extra(struct arena *arena, const struct pyproject_requirement *stated,
			   struct release_metadata *out)
{
	struct requirement requirement;
	if (!*stated->extra) {
		add_requirement(arena, stated->text, out);
		return;
	}
	if (!name_is_valid(slice_of(stated->extra)) ||
	    requirement_parse(arena, slice_of(stated->text), &requirement, NULL)) {
		add_requirement(arena, "", out); // gives the reason
		return;
	}
	const char *marker = requirement.marker.count ? marker_string(arena, &requirement.marker) : NULL;
	requirement.marker = (struct marker){NULL, 0};
	cleanup_text struct text full = TEXT_INIT;
	requirement_format(&requirement, &full);
	text_add(&full, requirement.url ? " ; " : "; ");
	if (marker)
		text_addf(&full, "(%s) and ", marker);
	text_addf(&full, "extra == \"%s\"", stated->extra);
	add_requirement(arena, text_str(&full), out);
}

static void clean_line(char *text) // for one line of the compact form
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = ' ';
}

static void check_identity(struct arena *arena, const struct metadata *metadata, const char *name,
			   const struct version *version, struct release_metadata *out)
{
	struct version stated;
	bool same =
		!version_parse(arena, slice_of(metadata->version), &stated, NULL) && !version_compare(&stated, version);
	if (!same || strcmp(name_normalise(arena, slice_of(metadata->name)), name) != 0)
		out->unusable = arena_printf(arena, "its metadata is of %s %s", shortened(arena, metadata->name),
					     shortened(arena, metadata->version));
}

static void take_metadata(struct arena *arena, const struct metadata *metadata, const char *name,
			  const struct version *version, const char *source, bool requirements,
			  struct release_metadata *out)
{
	*out = (struct release_metadata){.source = source};
	char *python = arena_strdup(arena, metadata->requires_python);
	clean_line(python);
	out->requires_python = python;
	check_identity(arena, metadata, name, version, out);
	for (size_t i = 0; requirements && i < metadata->requires_dist.count; i++)
		add_requirement(arena, metadata->requires_dist.items[i], out);
	if (out->unusable) {
		char *reason = arena_strdup(arena, out->unusable);
		clean_line(reason);
		out->unusable = reason;
	}
}

int release_metadata_parse(struct arena *arena, struct slice data, const char *name, const struct version *version,
			   const char *source, struct release_metadata *out, struct error *err)
{
	struct metadata metadata;
	if (metadata_parse(arena, data, &metadata, err))
		return -1;
	take_metadata(arena, &metadata, name, version, source, true, out);
	return 0;
}

// ---- sdists ----------------------------------------------------------------------------------------------------------

// requires.txt of setuptools: plain requirements, then sections "[extra]", "[:marker]" or "[extra:marker]".
static void read_requires_txt(struct arena *arena, struct slice text, struct release_metadata *out)
{
	struct slice line, section = {NULL, 0};
	while (slice_cut(&text, '\n', &line)) {
		line = slice_trim(line);
		if (!line.len || line.ptr[0] == '#')
			continue;
		if (line.ptr[0] == '[' && line.ptr[line.len - 1] == ']') {
			section = (struct slice){line.ptr + 1, line.len - 2};
			continue;
		}
		struct slice marker = section, extra = {NULL, 0};
		slice_cut(&marker, ':', &extra);
		cleanup_text struct text full = TEXT_INIT;
		bool url = memchr(line.ptr, '@', line.len) != NULL;
		text_add_slice(&full, line);
		if (extra.len || marker.len)
			text_add(&full, url ? " ; " : "; ");
		if (marker.len)
			text_addf(&full, extra.len ? "(%.*s)" : "%.*s", (int)marker.len, marker.ptr);
		if (extra.len)
			text_addf(&full, "%sextra == \"%.*s\"", marker.len ? " and " : "", (int)extra.len, extra.ptr);
		add_requirement(arena, text_str(&full), out);
	}
}

struct sdist { // what is being read
	struct arena *arena;
	const char *path;
	const char *folder; // "name-1.0", in which all is
	const char *egg;    // "name.egg-info"
	struct metadata metadata;
};

// "<folder>/name". 1 = found, 0 = there is none, -1 = error.
static int sdist_read(const struct sdist *sdist, const char *name, struct text *out, struct error *err)
{
	cleanup_free char *exact = xasprintf("%s/%s", sdist->folder, name);
	text_reset(out);
	return archive_read_member_of_file(sdist->path, exact, METADATA_MAX_BYTES, out, err);
}

// setuptools' folder of the project itself, wherever it lies.
static int sdist_read_egg(const struct sdist *sdist, const char *name, struct text *out, struct error *err)
{
	cleanup_free char *suffix = xasprintf("*/%s/%s", sdist->egg, name);
	text_reset(out);
	return archive_read_member_of_file(sdist->path, suffix, METADATA_MAX_BYTES, out, err);
}

// The static [project] table. 1 = it states the requirements, 0 = it does not, -1 = error.
static int take_pyproject(const struct sdist *sdist, const char *name, struct release_metadata *out, struct error *err)
{
	cleanup_text struct text text = TEXT_INIT;
	struct pyproject pyproject;
	struct error why = ERROR_INIT; // what is no TOML states nothing
	int found = sdist_read(sdist, "pyproject.toml", &text, err);
	if (found <= 0 || pyproject_parse(sdist->arena, text_slice(&text), &pyproject, &why))
		return found < 0 ? -1 : 0;
	bool stated = pyproject_states(&pyproject, "dependencies") &&
		      pyproject_states(&pyproject, "optional-dependencies") &&
		      !strcmp(name_normalise(sdist->arena, slice_of(pyproject.name)), name);
	if (stated) {
		out->source = "sdist-pyproject";
		if (!*out->requires_python && pyproject_states(&pyproject, "requires-python")) {
			char *python = arena_strdup(sdist->arena, pyproject.requires_python);
			clean_line(python);
			out->requires_python = python;
		}
	}
	for (size_t i = 0; stated && i < pyproject.requirements.count; i++)
		add_with_extra(sdist->arena, &pyproject.requirements.items[i], out);
	pyproject_clear(&pyproject);
	return stated;
}

// What setuptools wrote beside its metadata when the archive was made: requires.txt, or none when nothing is required.
static int take_recorded(const struct sdist *sdist, struct release_metadata *out, struct error *err)
{
	cleanup_text struct text text = TEXT_INIT;
	int found = sdist_read_egg(sdist, "requires.txt", &text, err);
	if (found > 0)
		read_requires_txt(sdist->arena, text_slice(&text), out);
	else if (!found)
		found = sdist_read_egg(sdist, "SOURCES.txt", &text, err);
	return found;
}

static int take_sdist(struct sdist *sdist, const char *name, const struct version *version,
		      struct release_metadata *out, struct error *err)
{
	const struct metadata *metadata = &sdist->metadata;
	bool vouched = metadata_is_static(metadata, "Requires-Dist");
	take_metadata(sdist->arena, metadata, name, version, "sdist", vouched, out);
	if (vouched || out->unusable)
		return 0;
	int found = take_pyproject(sdist, name, out, err);
	if (found)
		return found < 0 ? -1 : 0;
	out->source = "sdist-recorded";
	found = take_recorded(sdist, out, err);
	if (found)
		return found < 0 ? -1 : 0;
	// Before 2.2 there was no Dynamic: what a backend listed then, it had from a static file.
	for (size_t i = 0; i < metadata->requires_dist.count; i++)
		add_requirement(sdist->arena, metadata->requires_dist.items[i], out);
	if (!metadata->requires_dist.count || metadata->dynamic.count)
		out->unusable = needs_build;
	return 0;
}

int release_metadata_of_sdist(struct arena *arena, const char *path, const char *file_name, const char *name,
			      const struct version *version, struct release_metadata *out, struct error *err)
{
	struct slice stem = slice_of(file_name);
	stem.len -= slice_ends(stem, ".tar.gz") ? 7 : slice_ends(stem, ".zip") ? 4 : 0;
	struct sdist sdist = {.arena = arena, .path = path, .folder = arena_slice(arena, stem)};
	cleanup_text struct text text = TEXT_INIT;
	int found = sdist_read(&sdist, "PKG-INFO", &text, err);
	if (!found) // the folder may be spelled otherwise than the file
		found = archive_read_member_of_file(path, "*/PKG-INFO", METADATA_MAX_BYTES, &text, err);
	if (found < 0)
		return -1;
	if (!found || metadata_parse(arena, text_slice(&text), &sdist.metadata, NULL)) {
		*out = (struct release_metadata){.source = "sdist",
						 .requires_python = "",
						 .unusable = "its source distribution has no PKG-INFO"};
		return 0;
	}
	char *name_part = arena_strdup(arena, sdist.metadata.name); // as setuptools makes a file name of it
	for (char *c = name_part; *c; c++)
		if (*c == '-' || *c == ' ')
			*c = '_';
	sdist.egg = arena_printf(arena, "%s.egg-info", name_part);
	struct release_metadata made;
	if (take_sdist(&sdist, name, version, &made, err)) {
		release_metadata_clear(&made);
		return -1;
	}
	*out = made;
	return 0;
}

// ---- compact form ----------------------------------------------------------------------------------------------------

void release_metadata_write(const struct release_metadata *metadata, struct text *out)
{
	text_addf(out, COMPACT_HEAD "\nsource %s\npython %s\n", metadata->source, metadata->requires_python);
	if (metadata->unusable)
		text_addf(out, "unusable %s\n", metadata->unusable);
	vec_each (&metadata->texts, text)
		text_addf(out, "needs %s\n", *text);
	text_add(out, "end\n");
}

int release_metadata_read(struct arena *arena, struct slice data, struct release_metadata *out)
{
	struct release_metadata found = {.requires_python = "", .source = ""};
	struct slice line;
	bool complete = false;
	if (!utf8_is_valid(data) || !slice_cut(&data, '\n', &line) || !slice_is(line, COMPACT_HEAD))
		return -1;
	while (!complete && slice_cut(&data, '\n', &line)) {
		if (slice_starts(line, "source "))
			found.source = arena_slice(arena, slice_from(line, 7));
		else if (slice_starts(line, "python "))
			found.requires_python = arena_slice(arena, slice_from(line, 7));
		else if (slice_starts(line, "unusable "))
			found.unusable = arena_slice(arena, slice_from(line, 9));
		else if (slice_starts(line, "needs "))
			add_requirement(arena, arena_slice(arena, slice_from(line, 6)), &found);
		else
			complete = slice_is(line, "end");
	}
	if (!complete || !*found.source) {
		release_metadata_clear(&found);
		return -1;
	}
	*out = found;
	return 0;
}
