// For the resolver: the metadata that a build of a source distribution has. The workspace is opened at the first one, and keeps
// the wheel for the conversion.
#ifndef CLI_BUILD_METADATA_H
#define CLI_BUILD_METADATA_H

#include "agents/work.h"
#include "cli/cli.h"
#include "resolver/resolve.h"

struct metadata_builder {
	struct cli *cli;
	struct work work;
	FILE *log; // of the work: what it notes is for jobs
	bool open;
};
// resolve_options.build_metadata; context is a struct metadata_builder.
int metadata_builder_build(void *context, const struct resolve_sdist *sdist, struct text *out, struct error *err);
void metadata_builder_close(struct metadata_builder *builder);

#endif
