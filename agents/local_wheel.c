#include "agents/local_wheel.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agents/build_source.h"
#include "agents/registry.h"
#include "agents/wheel/rewrite.h"
#include "core/file.h"
#include "resolver/metadata.h"
#include "resolver/name.h"
#include "resolver/tag.h"
#include "resolver/url.h"

enum { WHEEL_LIMIT = 512 * 1024 * 1024 };
static const char what_it_takes[] =
	"give a wheel (.whl), a source distribution (.tar.gz, .zip), or a folder with pyproject.toml or setup.py";

void local_wheel_clear(struct local_wheel *wheel)
{
	free(wheel->file);
	free(wheel->name);
	free(wheel->path);
	free(wheel->requirement);
	*wheel = (struct local_wheel){0};
}

char *local_source_folder(const char *source)
{
	static const char *const marks[] = {"pyproject.toml", "setup.py"};
	for (size_t i = 0; dir_exists(source) && i < ARRAY_LENGTH(marks); i++) {
		cleanup_free char *mark = xasprintf("%s/%s", source, marks[i]);
		char absolute[PATH_MAX];
		if (file_exists(mark) && realpath(source, absolute))
			return xstrdup(absolute);
	}
	return NULL;
}

static int keep(struct work *work, const struct text *data, struct local_wheel *out, struct error *err)
{
	digest_hex_of(data->ptr, data->len, out->sha256);
	cleanup_free char *sources = work_path(work, "sources");
	cleanup_free char *folder = xasprintf("%s/%s", sources, out->sha256);
	out->path = xasprintf("%s/%s", folder, out->file);
	if (registry_make_folder(folder, err) || file_write_once(out->path, data->ptr, data->len, err) < 0)
		return -1;
	cleanup_free char *url = url_of_file(out->path);
	out->requirement = xasprintf("%s @ %s#sha256=%s", out->name, url, out->sha256);
	return 0;
}

// Is the wheel what its name says? (A lock believes the name.)
static int check_metadata(const struct text *data, const char *file, const struct wheel_name *name, struct arena *arena,
			  struct error *err)
{
	cleanup_text struct text text = TEXT_INIT;
	struct metadata metadata;
	struct version version;
	if (wheel_metadata(text_slice(data), file, &text, err))
		return -1;
	if (metadata_parse(arena, text_slice(&text), &metadata, err) ||
	    version_parse(arena, slice_of(metadata.version), &version, err))
		return error_context(err, "%s", file);
	if (strcmp(name_normalise(arena, slice_of(metadata.name)), name->name) != 0 ||
	    version_compare(&version, &name->version) != 0)
		return error_set(err, ERROR_INPUT, "%s: its name is not that of what is in it, %s %s", file,
				 metadata.name, metadata.version);
	return 0;
}

static int take_wheel(struct work *work, const char *path, const char *file, struct local_wheel *out, struct error *err)
{
	cleanup_arena struct arena arena = ARENA_INIT;
	cleanup_text struct text data = TEXT_INIT;
	struct wheel_name name;
	if (wheel_name_parse(&arena, slice_of(file), &name, err) || file_read(path, WHEEL_LIMIT, &data, err) ||
	    check_metadata(&data, file, &name, &arena, err))
		return -1;
	out->file = xstrdup(file);
	out->name = xstrdup(name.name);
	return keep(work, &data, out, err);
}

// By the package's own build backend, in the sandbox.
static int build(struct work *work, const char *path, const char *file, struct local_wheel *out, struct error *err)
{
	const struct build_source source = {.path = path, .file = file};
	cleanup_json json_t *built = NULL;
	cleanup_text struct text data = TEXT_INIT;
	const char *name, *digest, *wheel;
	if (build_source(work, &source, &built, err) || json_get_string(built, "file", "build", &wheel, err) ||
	    json_get_string(built, "name", "build", &name, err) ||
	    json_get_string(built, "wheel", "build", &digest, err) || store_get(work->store, digest, &data, err))
		return -1;
	out->file = xstrdup(wheel);
	out->name = xstrdup(name);
	return keep(work, &data, out, err);
}

int local_wheel_make(struct work *work, const char *source, struct local_wheel *out, struct error *err)
{
	struct stat status;
	const char *slash = strrchr(source, '/'), *file = slash ? slash + 1 : source;
	struct slice name = slice_of(file);
	char absolute[PATH_MAX];
	*out = (struct local_wheel){0};
	if (stat(source, &status) || !realpath(source, absolute))
		return errno == ENOENT || errno == ENOTDIR
			       ? error_set(err, ERROR_USAGE, "%s: there is no such file or folder: %s", source,
					   what_it_takes)
			       : file_error(err, "read", source);
	cleanup_free char *folder = local_source_folder(source);
	if (folder)
		return build(work, folder, source, out, err);
	if (S_ISREG(status.st_mode) && slice_ends(name, ".whl"))
		return take_wheel(work, source, file, out, err);
	if (S_ISREG(status.st_mode) && (slice_ends(name, ".tar.gz") || slice_ends(name, ".zip")))
		return build(work, absolute, file, out, err);
	return error_set(err, ERROR_USAGE, "%s is no package: %s", source, what_it_takes);
}
