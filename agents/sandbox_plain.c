// Runs a task without isolation, as the configuration `sandbox: none` asks:
// the mounts are only names for folders, /tmp is a private folder that is
// removed afterwards. What a program writes elsewhere, it writes.
#include "agents/sandbox_plain.h"

#include <string.h>

#include "core/arena.h"
#include "core/file.h"
#include "core/vec.h"

static bool may_begin(const char *value, const char *at)
{
	return at == value || strchr("=:,", at[-1]) || (at - value >= 2 && at[-1] == '/' && at[-2] == '/');
}

static const struct sandbox_mount *mount_at(const char *at, const struct sandbox_mount *mounts, size_t count)
{
	const struct sandbox_mount *best = NULL;
	size_t longest = 0;
	for (size_t i = 0; i < count; i++) {
		const char *inside = mounts[i].inside ? mounts[i].inside : mounts[i].outside;
		size_t length = strlen(inside);
		if (length > longest && !strncmp(at, inside, length) && (!at[length] || strchr("/:,= ", at[length]))) {
			best = &mounts[i];
			longest = length;
		}
	}
	return best;
}

char *sandbox_plain_rewrite(const char *value, const struct sandbox_mount *mounts, size_t count)
{
	struct text out = TEXT_INIT;
	for (const char *at = value; *at;) {
		const struct sandbox_mount *mount = may_begin(value, at) ? mount_at(at, mounts, count) : NULL;
		if (mount) {
			text_add(&out, mount->outside);
			at += strlen(mount->inside ? mount->inside : mount->outside);
		} else {
			text_add_char(&out, *at++);
		}
	}
	return text_steal(&out);
}

static const char **rewrite_all(const char *const *values, const struct sandbox_mount *mounts, size_t count,
				struct arena *arena)
{
	size_t length = 0;
	while (values && values[length])
		length++;
	const char **out = arena_array(arena, length + 1, sizeof *out);
	for (size_t i = 0; i < length; i++) {
		cleanup_free char *value = sandbox_plain_rewrite(values[i], mounts, count);
		out[i] = arena_strdup(arena, value);
	}
	return out;
}

int sandbox_plain_run(const struct sandbox_task *task, struct process_result *result, struct error *err)
{
	cleanup_arena struct arena arena = ARENA_INIT;
	cleanup_free char *tmp = NULL;
	if (dir_temporary("/tmp", "gophersnake-plain", &tmp, err))
		return error_context(err, "sandbox");
	VEC(struct sandbox_mount) mounts = VEC_INIT;
	for (size_t i = 0; i < task->mount_count; i++)
		vec_push(&mounts, task->mounts[i]);
	vec_push(&mounts, (struct sandbox_mount){tmp, "/tmp", true});
	cleanup_free char *directory =
		sandbox_plain_rewrite(task->directory ? task->directory : "/tmp", mounts.items, mounts.count);
	struct process_options options = {
		.argv = rewrite_all(task->argv, mounts.items, mounts.count, &arena),
		.environment = rewrite_all(task->environment, mounts.items, mounts.count, &arena),
		.directory = directory,
		.input = task->input,
		.output_limit = task->output_limit,
		.timeout = task->timeout,
		.interrupted = task->interrupted,
		.limit_memory = task->memory,
	};
	int status = process_run(&options, result, err);
	vec_clear(&mounts);
	struct error removal = ERROR_INIT;
	if (dir_remove_tree(tmp, &removal) && !status) {
		process_result_clear(result);
		*err = removal;
		return error_context(err, "sandbox");
	}
	return status;
}
