// What publishing does with Go modules of others (agents/mirror.h): they are required, named and judged by their licence; nothing of
// them is inside.
#include <string.h>

#include "agents/licence.h"
#include "agents/mirror.h"
#include "agents/publish.h"

static void add_own(const struct stage *stage, json_t *rows)
{
	vec_each (&stage->translations, translation)
		mirror_join(rows, json_object_get(json_object_get(*translation, "go_modules"), "modules"), false,
			    false);
}

int stage_go_modules(struct stage *stage, struct error *err)
{
	const struct plan_group *group = &stage->view->plan->groups.items[stage->group];
	vec_each (&stage->translations, translation) { // the registry may have lost what the translation had put there
		json_t *of = json_object_get(*translation, "go_modules");
		cleanup_json json_t *record = NULL;
		if (of && mirror_record(stage->work, json_object_get(of, "packages"), &record, err))
			return -1;
	}
	add_own(stage, stage->go_modules);
	for (int i = 0; i < group->below_count; i++)
		mirror_join(stage->go_modules,
			    json_object_get(stage->view->groups[group->below[i]].modules[0].entry, "go_modules"), true,
			    false);
	return 0;
}

void stage_require_go_modules(struct stage *stage, struct staged_module *module)
{
	size_t index;
	json_t *row;
	json_array_foreach (stage->go_modules, index, row) {
		struct gomod_require require = mirror_require(row);
		require.indirect |= !strcmp(module->module->kind, "facade");
		vec_push(&module->requires, require);
	}
}

// Those below were judged when that was published.
int stage_judge_go_modules(struct stage *stage, struct error *err)
{
	cleanup_json json_t *rows = json_array();
	size_t index;
	json_t *row;
	add_own(stage, rows);
	json_array_foreach (rows, index, row) {
		json_t *licence = json_object_get(row, "licence");
		cleanup_free char *reason = NULL;
		enum licence_verdict verdict =
			licence ? licence_judge(licence, stage->work->config, &reason) : LICENCE_FINE;
		const char *module = json_string_or(row, "module", ""), *version = json_string_or(row, "version", "");
		const char *why = licence && !strcmp(json_string_or(licence, "source", ""), "none")
					  ? "it brings no licence file (`licence_unknown`)"
					  : reason;
		if (verdict == LICENCE_REFUSED)
			return error_set(err, ERROR_POLICY, "the Go module %s@%s (go_modules): %s", module, version,
					 why);
		if (verdict == LICENCE_REMARK)
			vec_push(&stage->remarks, xasprintf("the Go module %s@%s: %s", module, version, why));
	}
	return 0;
}

void stage_describe_go_modules(const struct stage *stage, struct text *out)
{
	json_t *row;
	size_t index;
	bool any = false;
	json_array_foreach (stage->go_modules, index, row) {
		json_t *licence = json_object_get(row, "licence");
		if (!licence)
			continue; // nothing of it is built
		text_addf(out, "%s- `%s` %s: %s\n", any ? "" : "\nGo modules of others that its Go uses:\n\n",
			  json_string_or(row, "module", ""), json_string_or(row, "version", ""),
			  json_string_or(licence, "text", "unknown"));
		any = true;
	}
}
