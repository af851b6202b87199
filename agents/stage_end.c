#include "agents/stage_end.h"

#include "core/clock.h"

void stage_end_clear(struct stage_end *end)
{
	free(end->error);
	free(end->digest);
	free(end->outcome);
}

int stage_do(struct work *work, const struct job *job, char digest[DIGEST_HEX_SIZE], struct text *outcome,
	     struct error *err)
{
	switch (job->kind) {
	case JOB_SCAN: return scan_run(work, job->package, digest, err);
	case JOB_EMIT: return emit_run(work, job->group, digest, err);
	case JOB_TRANSLATE: return translate_run(work, job->group, job->unit, digest, outcome, err);
	case JOB_PUBLISH: return publish_run(work, job->group, digest, outcome, err);
	}
	return error_set(err, ERROR_INPUT, "job of an unknown kind");
}

const char *stage_end_category(const struct stage_end *end)
{
	switch (end->code) {
	case ERROR_NETWORK:
	case ERROR_INDEX:
	case ERROR_REDIS:
	case ERROR_WORKSPACE:
	case ERROR_TOOL:
	case ERROR_INTERRUPTED: return "infrastructure";
	case ERROR_POLICY: return "policy";
	default: return end->no_verdict ? "infrastructure" : "package";
	}
}

json_t *stage_end_line(const struct stage_end *end, const char *job, const char *agent, uint64_t fence)
{
	cleanup_text struct text stamp = TEXT_INIT;
	clock_format_utc(system_clock.wall(system_clock.context), &stamp);
	return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:s, s:s, s:s}", "time", text_str(&stamp), "event",
			 end->code ? "failed" : "done", "job", job, "agent", agent, "fence", (json_int_t)fence, "ms",
			 (json_int_t)end->milliseconds, "own_ms", (json_int_t)end->own_milliseconds, "digest",
			 end->digest ? end->digest : "", "outcome", end->outcome ? end->outcome : "", "error",
			 end->error ? end->error : "", "category", end->code ? stage_end_category(end) : "");
}
