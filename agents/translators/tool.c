// Builds and runs agents/go/tool.
#include "agents/translators/tool.h"

#include <unistd.h>

#include "core/asset.h"
#include "core/file.h"
#include "core/vec.h"

enum { ANSWER_LIMIT = 256 * 1024 * 1024, BUILD_TIMEOUT = 300000, RUN_TIMEOUT = 120000 };
static const char sources[] = "agents/go/tool/";

static bool is_source(const struct asset *asset)
{
	return !strncmp(asset->path, sources, strlen(sources));
}

void tool_digest(char digest[DIGEST_HEX_SIZE])
{
	struct digest_hasher *hasher = digest_new();
	for (size_t i = 0; i < asset_count; i++) {
		struct asset asset = asset_at(i);
		if (!is_source(&asset))
			continue;
		digest_add_string(hasher, asset.path);
		digest_add(hasher, asset.data.ptr, asset.data.len);
	}
	digest_final_hex(hasher, digest);
	digest_free(hasher);
}

static int write_sources(const char *folder, struct error *err)
{
	int count = 0;
	for (size_t i = 0; i < asset_count; i++) {
		struct asset asset = asset_at(i);
		if (!is_source(&asset))
			continue;
		cleanup_free char *path = xasprintf("%s/%s", folder, asset.path + strlen(sources));
		if (file_write_atomic(path, asset.data.ptr, asset.data.len, err))
			return -1;
		count++;
	}
	return count ? 0
		     : error_set(err, ERROR_FAILED,
				 "this build of gophersnake carries no agents/go/tool: build it again");
}

static int build(struct work *work, const char *folder, const char *path, struct error *err)
{
	const char *const arguments[] = {"build", "-o", "/src/tool", ".", NULL};
	struct go_task task = {.arguments = arguments,
			       .module = folder,
			       .module_writable = true,
			       .timeout = BUILD_TIMEOUT,
			       .interrupted = work->interrupted};
	struct process_result result = {0};
	if (write_sources(folder, err) || toolchain_go(work->toolchain, work->sandbox, &task, &result, err))
		return -1;
	int status = 0;
	if (result.exit_status != 0)
		status = error_set(err, ERROR_TOOL, "go build: %s", text_str(&result.error_output));
	process_result_clear(&result);
	cleanup_free char *built = xasprintf("%s/tool", folder);
	if (!status && rename(built, path))
		status = error_errno(err, ERROR_WORKSPACE, "%s", path);
	return status;
}

int tool_open(struct work *work, char **path, struct error *err)
{
	char digest[DIGEST_HEX_SIZE];
	tool_digest(digest);
	cleanup_free char *folder = xasprintf("%s/tools", work->config->cache_dir);
	if (dir_make(folder, 0755, err))
		return -1;
	cleanup_free char *absolute = realpath(folder, NULL);
	cleanup_free char *program =
		xasprintf("%s/go-tool-%.16s-%s", absolute ? absolute : folder, digest, work->toolchain->go_version);
	for (char *c = strrchr(program, '/') + 1; *c; c++)
		if (*c == ' ') // "devel go1.27-…"
			*c = '-';
	if (!file_exists(program)) {
		// Beside the target, so that the last step is a rename within one file system.
		cleanup_free char *beside = NULL;
		int status = dir_temporary(folder, "build", &beside, err) || build(work, beside, program, err) ? -1 : 0;
		struct error ignored = ERROR_INIT;
		if (beside)
			dir_remove_tree(beside, &ignored);
		if (status)
			return error_context(err, "building the translators' Go tool");
	}
	*path = steal(&program);
	return 0;
}

// Without a sandbox there are no inside paths: the request names the folders themselves.
static void name_folders(json_t *request, const struct sandbox_mount *mounts, size_t count)
{
	static const char *const keys[] = {"bridged", "out", "root"};
	for (size_t i = 0; i < ARRAY_LENGTH(keys); i++)
		for (size_t j = 0; j < count; j++)
			if (!strcmp(json_string_or(request, keys[i], ""), mounts[j].inside))
				json_object_set_new(request, keys[i], json_string(mounts[j].outside));
}

json_t *tool_run(struct work *work, const char *tool, json_t *request, const struct sandbox_mount *mounts,
		 size_t mount_count, struct error *err)
{
	static const char *const argv[] = {"/tool", NULL};
	static const char *const environment[] = {"PATH=/usr/bin:/bin", "HOME=/tmp", "LANG=C.UTF-8", NULL};
	VEC(struct sandbox_mount) all = VEC_INIT;
	cleanup_text struct text input = TEXT_INIT;
	vec_push(&all, (struct sandbox_mount){tool, "/tool", false});
	for (size_t i = 0; i < mount_count; i++)
		vec_push(&all, mounts[i]);
	if (sandbox_tier(work->sandbox) == SANDBOX_NONE)
		name_folders(request, mounts, mount_count);
	json_write_compact(request, &input);
	struct sandbox_task task = {.argv = argv,
				    .environment = environment,
				    .input = text_slice(&input),
				    .mounts = all.items,
				    .mount_count = all.count,
				    .timeout = RUN_TIMEOUT,
				    .total_memory = (uint64_t)work->config->job_memory,
				    .output_limit = ANSWER_LIMIT,
				    .interrupted = work->interrupted};
	struct process_result result = {0};
	json_t *answer = NULL;
	if (!sandbox_run_ok(work->sandbox, &task, &result, err))
		answer = json_parse(text_slice(&result.output), "the Go tool's answer", err);
	process_result_clear(&result);
	vec_clear(&all);
	return answer;
}
