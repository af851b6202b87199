// The calls of a recording that no translator, prompt or job folder may ever
// hold. Whoever includes this decides about a translation and tells the
// translator nothing but the verdict.
#ifndef AGENTS_HELD_OUT_H
#define AGENTS_HELD_OUT_H

#include "agents/work.h"

// "gophersnake.calls/1" with the held-out calls; NULL with ERROR_WORKSPACE when there is no recording.
json_t *held_out_calls(struct work *work, int package, struct error *err);

#endif
