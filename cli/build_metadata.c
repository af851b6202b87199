// Builds while versions are chosen.
#include "cli/build_metadata.h"

#include "agents/build_source.h"
#include "core/archive.h"
#include "resolver/metadata.h"

static int open_work(struct metadata_builder *builder, struct error *err)
{
	if (builder->open)
		return 0;
	if (work_open(&builder->work, &builder->cli->config, builder->cli->interrupted, err))
		return -1;
	builder->open = true;
	builder->log = fopen("/dev/null", "we");
	if (!builder->log)
		return error_errno(err, ERROR_WORKSPACE, "/dev/null");
	builder->work.log = builder->log;
	return 0;
}

int metadata_builder_build(void *context, const struct resolve_sdist *sdist, struct text *out, struct error *err)
{
	struct metadata_builder *builder = context;
	const struct build_source source = {.path = sdist->path,
					    .file = sdist->file,
					    .sha256 = *sdist->sha256 ? sdist->sha256 : NULL,
					    .name = sdist->name,
					    .version = sdist->version};
	cleanup_json json_t *built = NULL;
	log_info(builder->cli->log, "building %s in the sandbox: it does not state its requirements", sdist->file);
	if (open_work(builder, err) || build_source(&builder->work, &source, &built, err))
		return -1;
	cleanup_free char *wheel = store_path(builder->work.store, json_string_or(built, "wheel", ""));
	int found = archive_read_member_of_file(wheel, "*/METADATA", METADATA_MAX_BYTES, out, err);
	return found > 0   ? 0
	       : found < 0 ? -1
			   : error_set(err, ERROR_INPUT, "%s: no METADATA in its wheel", sdist->file);
}

void metadata_builder_close(struct metadata_builder *builder)
{
	if (builder->open)
		work_close(&builder->work);
	if (builder->log)
		fclose(builder->log);
}
