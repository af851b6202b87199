// Core metadata to requirements. Of an sdist, Requires-Dist counts when the metadata vouches for it (PEP 643), when
// setuptools left its requires.txt, or when the PKG-INFO comes from a backend that always lists what it needs.
#include "resolver/release_metadata.h"

#include <strings.h>

#include "core/archive.h"
#include "resolver/metadata.h"
#include "resolver/name.h"

#define COMPACT_HEAD "gophersnake.metadata/1"

void release_metadata_clear(struct release_metadata *metadata)
{
	vec_clear(&metadata->requirements);
}

static void add_requirement(struct arena *arena, const char *text, struct release_metadata *out)
{
	struct error err = ERROR_INIT;
	struct requirement *requirement = arena_alloc(arena, sizeof *requirement);
	if (!requirement_parse(arena, slice_of(text), requirement, &err))
		vec_push(&out->requirements, requirement);
	else if (!out->unusable)
		out->unusable = arena_printf(arena, "its requirement \"%.100s\" is malformed", text);
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
	bool same = !version_parse(arena, slice_of(metadata->version), &stated, NULL) && !version_compare(&stated, version);
	if (!same || strcmp(name_normalise(arena, slice_of(metadata->name)), name) != 0)
		out->unusable = arena_printf(arena, "its metadata is of %.60s %.60s", metadata->name, metadata->version);
}

static void take_metadata(struct arena *arena, const struct metadata *metadata, const char *name,
			  const struct version *version, const char *source, bool requirements, struct release_metadata *out)
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

// The first of the names that the archive has. 1, 0, -1 as archive_read_member.
static int read_member(const char *path, const char *const *names, struct text *out, struct error *err)
{
	for (; *names; names++) {
		text_reset(out);
		int found = archive_read_member_of_file(path, *names, METADATA_MAX_BYTES, out, err);
		if (found)
			return found;
	}
	return 0;
}

int release_metadata_of_sdist(struct arena *arena, const char *path, const char *file_name, const char *name,
			      const struct version *version, struct release_metadata *out, struct error *err)
{
	struct slice stem = slice_of(file_name);
	stem.len -= slice_ends(stem, ".tar.gz") ? 7 : slice_ends(stem, ".zip") ? 4 : 0;
	cleanup_free char *exact = xasprintf("%.*s/PKG-INFO", (int)stem.len, stem.ptr);
	const char *const pkg_info[] = {exact, "*/PKG-INFO", NULL};
	const char *const requires_txt[] = {"*/requires.txt", NULL}, *const sources_txt[] = {"*/SOURCES.txt", NULL};
	cleanup_text struct text text = TEXT_INIT;
	cleanup_text struct text requires = TEXT_INIT;
	struct metadata metadata;
	int found = read_member(path, pkg_info, &text, err);
	if (found < 0)
		return -1;
	if (!found || metadata_parse(arena, text_slice(&text), &metadata, NULL)) {
		*out = (struct release_metadata){
			.source = "sdist", .requires_python = "", .unusable = "its source distribution has no PKG-INFO"};
		return 0;
	}
	bool is_static = metadata_is_static(&metadata, "Requires-Dist");
	bool listed = is_static || metadata.requires_dist.count;
	int has_list = 0, has_egg = 0;
	if (!listed && (has_list = read_member(path, requires_txt, &requires, err)) < 0)
		return -1;
	text_reset(&text);
	if (!listed && !has_list && (has_egg = read_member(path, sources_txt, &text, err)) < 0)
		return -1;
	take_metadata(arena, &metadata, name, version, "sdist", listed, out);
	if (has_list)
		read_requires_txt(arena, text_slice(&requires), out);
	// Dynamic requirements that nobody wrote down are only known after a build.
	for (size_t i = 0; !listed && !has_list && !has_egg && i < metadata.dynamic.count && !out->unusable; i++)
		if (!strcasecmp(metadata.dynamic.items[i], "Requires-Dist"))
			out->unusable = "its source distribution does not state its requirements";
	return 0;
}

// ---- compact form ----------------------------------------------------------------------------------------------------

void release_metadata_write(const struct release_metadata *metadata, struct text *out)
{
	text_addf(out, COMPACT_HEAD "\nsource %s\npython %s\n", metadata->source, metadata->requires_python);
	if (metadata->unusable)
		text_addf(out, "unusable %s\n", metadata->unusable);
	vec_each (&metadata->requirements, requirement) {
		text_add(out, "needs ");
		requirement_format(*requirement, out);
		text_add_char(out, '\n');
	}
	text_add(out, "end\n");
}

int release_metadata_read(struct arena *arena, struct slice data, struct release_metadata *out)
{
	struct release_metadata found = {.requires_python = "", .source = ""};
	struct slice line;
	bool complete = false;
	if (!slice_cut(&data, '\n', &line) || !slice_is(line, COMPACT_HEAD))
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
