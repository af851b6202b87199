// The versions of gophersnake-bundle that a registry has: 1, 2, 3… A new set of units (or another generator) is the next one.
// Internal to agents/wheel and agents/dist.c.
#ifndef AGENTS_WHEEL_BUNDLES_H
#define AGENTS_WHEEL_BUNDLES_H

#include "agents/work.h"
#include "core/file.h"

struct bundle_file {
	char *version, *file_name, *path;
};
struct bundle_files {
	VEC(struct bundle_file) items; // of all versions, those that are there
	char *version;                 // what stands for the units now; NULL: nothing does
	int functions;                 // in it
	char *reason;                  // why it could not be made; NULL
	json_t *left_out;              // texts: units that the library is without, and why; may be NULL
	char *scratch;                 // where new files are until bundle_files_clear
};
void bundle_files_clear(struct bundle_files *files);

// units: {digest: true}, of all live releases. The version that stands is the newest one, or a new one. simple: the folder of the index, where files of earlier versions are.
int bundles_update(struct work *work, const char *workspace, const char *simple, json_t *units,
		   struct bundle_files *out, struct error *err);
// The records of all versions ("gophersnake.bundle/1"), the newest last.
int bundles_records(const char *workspace, json_t **out, struct error *err);
// registry/units/<digest>.json; heap.
char *bundles_unit_path(const char *workspace, const char *digest);
#endif
