// The jobs of a plan in this process, one after the other, leaf first, without Redis and agents: for commands about one package.
//
// The run's folder looks as agents leave it (plan, journal, logs), so that `status`, `why` and `log` answer.
#ifndef AGENTS_INLINE_H
#define AGENTS_INLINE_H

#include "agents/work.h"
#include "core/log.h"

// scan and emit of a group and of all below it. Leaves no trace but the memos.
int inline_emit(struct work *work, int group, struct error *err);

// Publishes every group that the registry does not have yet. A unit whose translation fails is bridged, with a remark; a failure
// of another job, and of any with the plan's policy "block", ends it: the error names the job and the log. log: what goes on.
// *run: heap; NULL when all was there already. ERROR_CONFIG: the chain has the translator llm, whose money is kept in Redis.
int inline_convert(struct work *work, struct log *log, char **run, struct error *err);

#endif
