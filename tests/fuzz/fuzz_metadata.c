// Core metadata and what is kept of it: the compact form reads back to itself.
#include <stdlib.h>

#include "resolver/metadata.h"
#include "resolver/pyproject.h"
#include "resolver/release_metadata.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_arena struct arena arena = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct slice text = {(const char *)data, size};
	struct metadata metadata;
	struct version version;
	struct release_metadata release, again;
	if (!metadata_parse(&arena, text, &metadata, &err))
		metadata_is_static(&metadata, "Requires-Dist");
	struct pyproject pyproject;
	if (!pyproject_parse(&arena, text, &pyproject, &err))
		pyproject_clear(&pyproject);
	if (!release_metadata_read(&arena, text, &again))
		release_metadata_clear(&again);
	version_parse(&arena, SLICE("1.0"), &version, &err);
	if (release_metadata_parse(&arena, text, "a", &version, "range", &release, &err))
		return 0;
	cleanup_text struct text compact = TEXT_INIT, compact_again = TEXT_INIT;
	release_metadata_write(&release, &compact);
	if (release_metadata_read(&arena, text_slice(&compact), &again))
		abort();
	release_metadata_write(&again, &compact_again);
	if (strcmp(text_str(&compact), text_str(&compact_again)) != 0)
		abort();
	release_metadata_clear(&release);
	release_metadata_clear(&again);
	return 0;
}
