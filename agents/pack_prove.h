// Makes a pack: the Go of a distribution's folder is proved against a release
// of it, without Redis and agents.
#ifndef AGENTS_PACK_PROVE_H
#define AGENTS_PACK_PROVE_H

#include "agents/work.h"

struct pack_prove_task {
	int package;            // of the plan's lock
	const char *folder;     // <units>/*.go, pack.json when it was proved before
	const char *unit;       // only this one, the other rows of pack.json stay; NULL: all
	const char *translator; // who wrote it; NULL: as pack.json says, else "hand"
};

// Scans, emits, records and proves (each kept by its digest). *pack: "gophersnake.pack/1", nothing is written. *report:
// "remarks" (texts), "notes" (of the recording), "lost" (functions that pack.json has as proved and that do not stand any more: ["sqlparse.utils.x"]).
// *calls: {"sqlparse.utils": text of its calls.json (agents/kept_calls.h)}, whose digests are in the pack; of the units in task.
int pack_prove(struct work *work, const struct pack_prove_task *task, json_t **pack, json_t **calls, json_t **report,
	       struct error *err);

#endif
