// Names of jobs: "scan:sqlparse@0.6.1", "emit:django@5.2.19",
// "translate:django@5.2.19:u12", "publish:cycle-a@1.0".
#ifndef AGENTS_JOB_H
#define AGENTS_JOB_H

#include "agents/plan.h"

enum job_kind { JOB_SCAN, JOB_EMIT, JOB_TRANSLATE, JOB_PUBLISH };

struct job {
	enum job_kind kind;
	int package; // of a scan: index into lock.packages, else -1
	int group;   // of the others: index into groups (of a scan: the group of the package)
	char *unit;  // of a translate, else NULL
};

extern const char *const job_kind_names[]; // by enum job_kind
char *job_scan_id(const struct plan *plan, int package);
char *job_group_id(const struct plan *plan, enum job_kind kind, int group);
char *job_unit_id(const struct plan *plan, int group, const char *unit);
// ERROR_INPUT when the plan has no such job. Clear with job_clear.
int job_parse(const struct plan *plan, const char *id, struct job *out, struct error *err);
void job_clear(struct job *job);

#endif
