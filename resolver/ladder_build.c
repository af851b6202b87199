// The last rung: what a source distribution does not state, a build of it says. The resolver builds nothing itself; whoever
// resolves gives it the means (resolve_options.build_metadata). It is no part of the user's cache: another CPython may say otherwise.
#include "resolver/source.h"

static int built(const struct source *source, const struct source_release *release, const char *path,
		 struct release_metadata *out, struct arena *arena, struct error *err)
{
	const struct resolve_options *options = source->options;
	cleanup_text struct text text = TEXT_INIT;
	const struct resolve_sdist sdist = {path, release->file->name, release->file->sha256, release->owner->name,
					    release->release->text};
	return options->build_metadata(options->build_context, &sdist, &text, err) ||
			       release_metadata_parse(arena, text_slice(&text), sdist.name, &release->release->version,
						      "sdist-built", out, err)
		       ? -1
		       : 0;
}

int ladder_build(struct source *source, struct source_release *release, struct error *err)
{
	struct release_metadata *metadata = &release->metadata, made;
	cleanup_free char *path = NULL;
	struct error why = ERROR_INIT;
	if (!source->options->build_metadata || release->wheel || !release_metadata_needs_build(metadata))
		return 0;
	if (ladder_fetch(source, release->owner, release->file, &path, err))
		return -1;
	if (!built(source, release, path, &made, &source->arena, &why)) {
		release_metadata_clear(metadata);
		*metadata = made;
		if (!metadata->unusable && !platform_fits_python(&source->platform, metadata->requires_python))
			metadata->unusable = arena_printf(&source->arena, "needs Python %s", metadata->requires_python);
		source_metadata_arrived(source, release);
		return 0;
	}
	if (why.code == ERROR_INTERRUPTED || why.code == ERROR_WORKSPACE) {
		*err = why;
		return -1;
	}
	metadata->unusable = arena_printf(
		&source->arena, "its source distribution does not state its requirements, and cannot be built: %.*s",
		(int)strcspn(why.text, "\n"), why.text);
	return 0;
}
