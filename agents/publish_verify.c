// Proves that what will be published compiles and vets, as a stock `go` sees
// it from outside: a scratch main module requires the new versions and exactly
// what their go.mod files require, with a go.sum, read only. The new ones are
// replaced by folders (so no cache of modules ever holds a version that is not public), all others come from the
// registry, with their hashes checked.
//
// With -trimpath a replaced module compiles to the same cache entries as the published one: who depends on it in
// this run compiles nothing of it again.
#include <string.h>

#include "agents/mirror.h"
#include "agents/publish.h"
#include "core/file.h"

enum { OUTPUT_LIMIT = 1024 * 1024, TAIL = 2500 };

// ---- the scratch module ----------------------------------------------------------------------------------------------

static int write_file(const char *folder, const char *name, const struct text *text, struct error *err)
{
	cleanup_free char *path = xasprintf("%s/%s", folder, name);
	return file_write_plain(path, text_str(text), text->len, err);
}

static int write_scratch(const struct stage *stage, const char *folder, struct error *err)
{
	cleanup_text struct text gomod = TEXT_INIT, gosum = TEXT_INIT;
	VEC(struct gomod_require) requires = VEC_INIT;
	for (size_t i = 0; i < stage->module_count; i++) {
		const struct staged_module *module = &stage->modules[i];
		vec_push(&requires, (struct gomod_require){.module = module->module->path, .version = module->version});
	}
	// What the first module requires: a façade requires the first itself, and the same.
	VEC(struct gomod_require) below = VEC_INIT;
	vec_each (&stage->modules[0].requires, require) {
		vec_push(&requires, *require);
		vec_last(&requires)->indirect = true;
		vec_push(&below, *require);
	}
	gomod_write("check.invalid/check", requires.items, requires.count, &gomod);
	gosum_write(below.items, below.count, &gosum);
	vec_clear(&requires);
	vec_clear(&below);
	for (size_t i = 0; i < stage->module_count; i++)
		text_addf(&gomod, "\nreplace %s => ./m%zu\n", stage->modules[i].module->path, i);
	if (write_file(folder, "go.mod", &gomod, err) || write_file(folder, "go.sum", &gosum, err))
		return -1;
	for (size_t i = 0; i < stage->module_count; i++) {
		cleanup_free char *below_folder = xasprintf("%s/m%zu", folder, i);
		if (module_tree_unpack(&stage->modules[i].tree, below_folder, err))
			return -1;
	}
	return 0;
}

// ---- go --------------------------------------------------------------------------------------------------------------

static int report(const struct process_result *result, const char *what, struct error *err)
{
	const char *output = text_str(&result->error_output);
	size_t length = result->error_output.len;
	return error_set(err, ERROR_FAILED, "`go %s` %s:\n%s%s", what,
			 result->timed_out    ? "took too long"
			 : result->output_cut ? "found too much"
			 : result->signal     ? "was killed"
					      : "failed",
			 length > TAIL ? "…" : "", output + (length > TAIL ? length - TAIL : 0));
}

static int run_go(const struct stage *stage, const char *command, const char *folder, struct error *err)
{
	cleanup_free char *proxy = registry_go_folder(stage->view->workspace);
	cleanup_free char *cache = NULL;
	VEC(const char *) arguments = VEC_INIT;
	if (mirror_cache(stage->work, &cache, err))
		return -1;
	vec_push(&arguments, command);
	vec_push(&arguments, "-modcacherw"); // so that removing the workspace needs no chmod
	size_t packages = 0;
	for (size_t i = 0; i < stage->module_count; i++)
		vec_each (&stage->modules[i].packages, package) {
			vec_push(&arguments, *package);
			packages++;
		}
	vec_push(&arguments, NULL);
	struct go_task task = {
		.arguments = arguments.items,
		.module = folder,
		.proxy = proxy,
		.module_cache = cache,
		.timeout = stage->work->config->job_timeout,
		.output_limit = OUTPUT_LIMIT,
		.interrupted = stage->work->interrupted,
	};
	struct process_result result = {0};
	int status = toolchain_go(stage->work->toolchain, stage->work->sandbox, &task, &result, err);
	vec_clear(&arguments);
	if (!status)
		work_note(stage->work, "+ %lld ms go %s, %zu packages", (long long)result.wall_time, command, packages);
	if (!status && (result.exit_status != 0 || result.timed_out || result.output_cut))
		status = report(&result, command, err);
	process_result_clear(&result);
	return status;
}

int stage_verify(struct stage *stage, struct error *err)
{
	cleanup_free char *folder = NULL;
	if (work_temporary(stage->work, "publish", &folder, err))
		return -1;
	int status = write_scratch(stage, folder, err);
	if (!status)
		status = run_go(stage, "vet", folder, err) || run_go(stage, "build", folder, err) ? -1 : 0;
	struct error ignored = ERROR_INIT;
	if (dir_remove_tree(folder, status ? &ignored : err) && !status)
		status = -1;
	return status;
}
