// The scratch module `py`: the neutral code of a group and of everything
// below it, the wheels that it embeds, and pyrt at dist.pyrt, so that a package
// of it compiles before it is published (design.md, "Neutral imports").
#ifndef AGENTS_SCRATCH_H
#define AGENTS_SCRATCH_H

#include "agents/work.h"

// *folder: <workspace>/tmp/scratch-<digest>, complete and for reading only, but for the tables that translations add
// (translators/tables.c); made when it is not there, shared by all jobs of the workspace that need the same code. Free the string.
int scratch_open(struct work *work, int group, char **folder, struct error *err);

#endif
