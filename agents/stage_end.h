// A job's stage, and how it ended: what an agent's loop and agents/inline.c share.
#ifndef AGENTS_STAGE_END_H
#define AGENTS_STAGE_END_H

#include "agents/job.h"
#include "agents/work.h"

// code 0: it is done, with digest and outcome.
struct stage_end {
	bool lost, interrupted;
	bool no_verdict; // its process gave no report, or never began: that says nothing about the package
	int code;        // enum error_code
	char *error, *digest, *outcome;
	int64_t milliseconds, own_milliseconds; // wall time; processor time of gophersnake itself
};
void stage_end_clear(struct stage_end *end);

int stage_do(struct work *work, const struct job *job, char digest[DIGEST_HEX_SIZE], struct text *outcome,
	     struct error *err);
// What a failure is about: "infrastructure", "policy" or "package".
const char *stage_end_category(const struct stage_end *end);
// The journal's line (docs/formats.md, "Journal").
json_t *stage_end_line(const struct stage_end *end, const char *job, const char *agent, uint64_t fence);

#endif
