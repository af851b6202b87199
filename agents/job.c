// Names of jobs, both ways.
#include "agents/job.h"

const char *const job_kind_names[] = {"scan", "emit", "translate", "publish"};

char *job_scan_id(const struct plan *plan, int package)
{
	const struct lock_package *of = &plan->lock.packages.items[package];
	return xasprintf("scan:%s@%s", of->name, of->version);
}

char *job_group_id(const struct plan *plan, enum job_kind kind, int group)
{
	return xasprintf("%s:%s", job_kind_names[kind], plan->groups.items[group].name);
}

char *job_unit_id(const struct plan *plan, int group, const char *unit)
{
	return xasprintf("translate:%s:%s", plan->groups.items[group].name, unit);
}

void job_clear(struct job *job)
{
	free(job->unit);
	job->unit = NULL;
}

static int find_release(const struct plan *plan, struct slice release)
{
	for (size_t i = 0; i < plan->lock.packages.count; i++) {
		const struct lock_package *package = &plan->lock.packages.items[i];
		size_t length = strlen(package->name);
		if (slice_starts(release, package->name) && release.len > length && release.ptr[length] == '@' &&
		    slice_is(slice_from(release, length + 1), package->version))
			return (int)i;
	}
	return -1;
}

int job_parse(const struct plan *plan, const char *id, struct job *out, struct error *err)
{
	struct slice rest = slice_of(id), kind, name;
	*out = (struct job){.package = -1, .group = -1};
	slice_cut(&rest, ':', &kind);
	size_t number = 0;
	while (number < ARRAY_LENGTH(job_kind_names) && !slice_is(kind, job_kind_names[number]))
		number++;
	if (number == ARRAY_LENGTH(job_kind_names) || !slice_cut(&rest, ':', &name))
		return error_set(err, ERROR_INPUT, "\"%s\" is no job: jobs are named like publish:django@5.2", id);
	out->kind = (enum job_kind)number;
	if (out->kind == JOB_SCAN) {
		out->package = find_release(plan, name);
		out->group = out->package < 0 ? -1 : plan_group_of(plan, out->package);
	} else {
		cleanup_free char *group = slice_dup(name);
		out->group = plan_find_group(plan, group);
	}
	if (out->group < 0 || (out->kind == JOB_TRANSLATE) != (rest.ptr != NULL))
		return error_set(err, ERROR_INPUT, "the plan has no job \"%s\"", id);
	out->unit = rest.ptr ? slice_dup(rest) : NULL;
	return 0;
}
