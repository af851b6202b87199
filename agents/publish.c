// Stage `publish G`: composes the group's Go modules, proves that they
// compile, and puts them into the registry.
//
// The order: what is there already is left alone; licence; the runtime; what pays inside CPython (publish_units.c), which
// belongs to the inputs; trees under the revs that come next; `go vet` and
// `go build`; then, under the lock of each module, the steps of agents/publish_steps.c. A rev that another process took
// in the meantime is an error that asks for another try, since the rev stands inside the bytes.
#include <string.h>

#include "agents/go/version.h"
#include "agents/ledger.h"
#include "agents/licence.h"
#include "agents/publish.h"

// ---- policy ----------------------------------------------------------------------------------------------------------

static int judge_licences(struct stage *stage, struct error *err)
{
	const struct plan *plan = stage->view->plan;
	const struct plan_group *group = &plan->groups.items[stage->group];
	for (int i = 0; i < group->member_count; i++) {
		const struct lock_package *member = &plan->lock.packages.items[group->members[i]];
		cleanup_free char *reason = NULL;
		json_t *licence;
		if (json_get_object(stage->scans[i], "licence", "scan result", &licence, err))
			return -1;
		enum licence_verdict verdict = licence_judge(licence, stage->work->config, &reason);
		if (verdict == LICENCE_REFUSED)
			return error_set(err, ERROR_POLICY, "%s %s is not published: %s", member->name, member->version,
					 reason);
		if (verdict == LICENCE_REMARK)
			vec_push(&stage->remarks, xasprintf("%s %s: %s", member->name, member->version, reason));
	}
	return stage_judge_go_modules(stage, err);
}

static int check_below(const struct publish_view *view, int number, struct error *err)
{
	const struct plan_group *group = &view->plan->groups.items[number];
	cleanup_text struct text missing = TEXT_INIT;
	for (int i = 0; i < group->below_count; i++)
		if (!view->groups[group->below[i]].complete)
			text_addf(&missing, "%s%s", missing.len ? ", " : "",
				  view->plan->groups.items[group->below[i]].name);
	if (!missing.len)
		return 0;
	return error_set(err, ERROR_FAILED, "needs what is not published: %s (`gophersnake why` says why)",
			 text_str(&missing));
}

static void remark_native(struct stage *stage)
{
	json_t *release;
	size_t index;
	json_array_foreach (json_object_get(stage->emit, "native"), index, release) {
		vec_push(&stage->remarks,
			 xasprintf("%s has native extensions for %s: its files are embedded as they are, for that "
				   "platform only",
				   json_string_or(release, "release", ""), json_string_or(release, "tag", "")));
	}
}

// ---- revs ------------------------------------------------------------------------------------------------------------

static int choose_versions(struct stage *stage, struct error *err)
{
	for (size_t i = 0; i < stage->module_count; i++) {
		struct staged_module *module = &stage->modules[i];
		const struct publish_module *of = module->module;
		if (ledger_choose(stage->view->workspace, of->name, of->stem, of->kind, stage->inputs, &module->version,
				  err))
			return -1;
	}
	return 0;
}

static int check_version(const struct stage *stage, const struct staged_module *module, struct error *err)
{
	const struct publish_module *of = module->module;
	cleanup_free char *now = NULL;
	if (ledger_choose(stage->view->workspace, of->name, of->stem, of->kind, stage->inputs, &now, err))
		return -1;
	if (!strcmp(now, module->version))
		return 0;
	return error_set(err, ERROR_WORKSPACE, "%s: %s was published by another process meanwhile: try again", of->path,
			 module->version);
}

// ---- putting it there ------------------------------------------------------------------------------------------------

static int publish_one(struct stage *stage, struct staged_module *module, struct error *err)
{
	const struct publish_module *of = module->module;
	const struct lock_package *package = &stage->view->plan->lock.packages.items[of->package];
	cleanup_free char *email = xasprintf("gophersnake@%s", stage->view->plan->host);
	cleanup_free char *message =
		xasprintf("%s %s as %s\n\n%s@%s\n\nGophersnake-Inputs: %s\n", of->name, package->version,
			  module->version, of->path, module->version, stage->inputs);
	cleanup_json json_t *entry = stage_entry(stage, module);
	struct publication publication = {
		.workspace = stage->view->workspace,
		.name = of->name,
		.element = of->element,
		.kind = of->kind,
		.version = {.module = of->path, .version = module->version, .time = of->time, .listed = of->listed},
		.tree = &module->tree,
		.inputs = stage->inputs,
		.message = message,
		.email = email,
		.seconds = of->seconds,
		.entry = entry,
	};
	cleanup_fd int lock = -1;
	if (registry_lock(stage->view->workspace, of->element, &lock, err) || check_version(stage, module, err) ||
	    publication_run(&publication, err))
		return -1;
	work_note(stage->work, "%s %s is published (commit %.12s, fence %llu)", of->path, module->version,
		  json_string_or(entry, "commit", ""), (unsigned long long)stage->work->fence);
	return 0;
}

// The record as it is in the ledger: where it was there already, that one.
static int store_entries(struct stage *stage, char digest[DIGEST_HEX_SIZE], json_t **first, struct error *err)
{
	cleanup_json json_t *entries = json_array();
	for (size_t i = stage->module_count > 1; i < stage->module_count; i++) {
		json_t *entry = NULL;
		int found = ledger_read(stage->view->workspace, stage->modules[i].module->name,
					stage->modules[i].version, &entry, err);
		if (found <= 0)
			return found ? -1
				     : error_set(err, ERROR_WORKSPACE, "%s: its record is gone from the ledger",
						 stage->modules[i].module->path);
		json_array_append_new(entries, entry);
	}
	*first = json_incref(json_array_get(entries, 0));
	return store_put_json(stage->work->store, json_array_size(entries) == 1 ? *first : entries, digest, err);
}

static void write_outcome(const json_t *entry, struct text *out)
{
	static const char *const keys[] = {"module", "go_version", "grade", "counts", "platform", "remarks"};
	cleanup_json json_t *outcome = json_object();
	for (size_t i = 0; i < ARRAY_LENGTH(keys); i++)
		json_object_set(outcome, keys[i], json_object_get(entry, keys[i]));
	json_write_compact(outcome, out);
}

static int finish(struct stage *stage, char digest[DIGEST_HEX_SIZE], struct text *outcome, struct error *err)
{
	cleanup_json json_t *first = NULL;
	if (store_entries(stage, digest, &first, err))
		return -1;
	write_outcome(first, outcome);
	return 0;
}

static int publish_stage(struct stage *stage, char digest[DIGEST_HEX_SIZE], struct text *outcome, struct error *err)
{
	if (judge_licences(stage, err) || publish_runtime(stage->view, &stage->runtime, &stage->arena, err) ||
	    stage_units(stage, err) || choose_versions(stage, err) || stage_trees(stage, err))
		return -1;
	remark_native(stage);
	if (stage_verify(stage, err) || stage_tests(stage, err))
		return -1;
	for (size_t i = 0; i < stage->module_count; i++)
		if (publish_one(stage, &stage->modules[i], err))
			return -1;
	return finish(stage, digest, outcome, err);
}

static int publish_group(struct work *work, const struct publish_view *view, int group, char digest[DIGEST_HEX_SIZE],
			 struct text *outcome, struct error *err)
{
	if (view->groups[group].complete) {
		cleanup_json json_t *entries = NULL;
		int found = publish_up_to_date(work, group, &entries, err);
		json_t *first = found == 1 ? json_array_get(entries, 0) : NULL;
		if (first) {
			work_note(work, "%s is in the registry already", json_string_or(first, "module", ""));
			write_outcome(first, outcome);
			return store_put_json(work->store, json_array_size(entries) == 1 ? first : entries, digest,
					      err);
		}
		if (found < 0)
			return -1;
	}
	struct stage stage;
	if (check_below(view, group, err) || stage_open(work, view, group, &stage, err))
		return -1;
	int status = publish_stage(&stage, digest, outcome, err);
	stage_clear(&stage);
	return status;
}

int publish_run(struct work *work, int group, char digest[DIGEST_HEX_SIZE], struct text *outcome, struct error *err)
{
	cleanup_publish_view struct publish_view view;
	int status = work_check_generator(work, err) || publish_view_make(work, group, &view, err) ||
				     publish_group(work, &view, group, digest, outcome, err)
			     ? -1
			     : 0;
	return status ? error_context(err, "%s: publish", work->plan->groups.items[group].name) : 0;
}
