// The journal of a run: what was done, one JSON object a line, fsynced before
// Redis is told. It is the durable truth beside the plan, the store, git and the ledger: with
// it `status`, `why` and `list` answer while Redis is down or lost.
//
// A line is appended with one write; a torn last line (power cut) is skipped by readers and
// closed with a newline by the next writer. Several processes may append.
#ifndef SCHEDULER_JOURNAL_H
#define SCHEDULER_JOURNAL_H

#include "core/error.h"
#include "core/json.h"

struct journal;
int journal_open(const char *path, struct journal **out, struct error *err); // made when absent
void journal_free(struct journal *journal);                                  // NULL is fine
// Durable when it returns. The line's members are the caller's; see agents/agent.c and docs/formats.md.
int journal_append(struct journal *journal, json_t *line, struct error *err);
// Calls each() for every whole line, in order; a line that is no JSON object is counted in *damaged (may be NULL) and
// skipped. An absent file has no lines. each() returns non-zero to stop.
int journal_read(const char *path, int (*each)(void *context, json_t *line), void *context, int *damaged,
		 struct error *err);

#endif
