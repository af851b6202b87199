// A virtual environment by hand (PEP 405): a link to the interpreter and
// pyvenv.cfg, so that what a backend starts with sys.executable is in it too.
// The wheels lie side by side below deps/; one .pth file adds them, and so do their own.
#include <string.h>
#include <unistd.h>

#include "agents/build_internal.h"
#include "agents/site.h"
#include "core/asset.h"
#include "core/file.h"

enum { OUTPUT_LIMIT = (256 << 20) + 65536, END_OF_OUTPUT = 1500 };
static const char backend[] = "agents/python/build/backend.py", start[] = "agents/python/build/environment.py";

void build_environment_digest(const struct lock *lock, char digest[DIGEST_HEX_SIZE])
{
	struct digest_hasher *hasher = digest_new();
	vec_each (&lock->packages, package) {
		digest_add_string(hasher, package->name);
		digest_add_string(hasher, package->version);
		digest_add_string(hasher, package->files.items[0].sha256);
	}
	digest_final_hex(hasher, digest);
	digest_free(hasher);
}

json_t *build_environment_list(const struct lock *lock)
{
	json_t *list = json_array();
	vec_each (&lock->packages, package)
		json_array_append_new(list, json_sprintf("%s %s", package->name, package->version));
	return list;
}

void build_environment_program(struct digest_hasher *hasher)
{
	const struct slice texts[] = {asset_find(backend), asset_find(start)};
	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
		digest_add(hasher, texts[i].ptr, texts[i].len);
}

// ---- making ----------------------------------------------------------------------------------------------------------

static int add_wheels(struct work *work, const struct lock *lock, int depth, const char *folder, json_t *path,
		      struct error *err)
{
	vec_each (&lock->packages, package) {
		size_t number = (size_t)(package - lock->packages.items);
		cleanup_free char *wheel = NULL, *inside = xasprintf("deps/%zu", number);
		cleanup_free char *outside = xasprintf("%s/%s", folder, inside);
		cleanup_json json_t *built = NULL;
		if (build_release_below(work, package, depth + 1, &wheel, &built, err) ||
		    site_unpack(wheel, outside, err))
			return error_context(err, "%s %s, which its build needs", package->name, package->version);
		site_add_path(outside, inside, path);
	}
	return 0;
}

static int write_file(const char *folder, const char *name, struct slice text, struct error *err)
{
	cleanup_free char *path = xasprintf("%s/%s", folder, name);
	return file_write_plain(path, text.ptr, text.len, err);
}

static int write_frame(struct work *work, const char *folder, json_t *path, struct error *err)
{
	const struct toolchain *toolchain = work->toolchain;
	const char *slash = strrchr(toolchain->python, '/');
	cleanup_free char *bin = xasprintf("%s/bin", folder), *python = xasprintf("%s/python", bin);
	cleanup_free char *site = xasprintf("%s/lib/python%s/site-packages", folder, toolchain->python_minor);
	cleanup_text struct text paths = TEXT_INIT, settings = TEXT_INIT;
	json_t *line;
	size_t index;
	json_array_foreach (path, index, line) {
		text_addf(&paths, "%s\n", json_string_value(line));
	}
	text_addf(&settings, "home = %.*s\ninclude-system-site-packages = false\nversion = %s\n",
		  (int)(slash - toolchain->python), toolchain->python, toolchain->python_version);
	if (dir_make(bin, 0755, err) || write_file(folder, "pyvenv.cfg", text_slice(&settings), err) ||
	    write_file(folder, "paths", text_slice(&paths), err) ||
	    write_file(site, "gophersnake_environment.py", asset_find(start), err) ||
	    write_file(site, "gophersnake_environment.pth", SLICE("import gophersnake_environment\n"), err))
		return -1;
	return symlink(toolchain->python, python) ? file_error(err, "link", python) : 0;
}

int build_environment_make(struct work *work, const struct lock *lock, int depth, const char *folder, struct error *err)
{
	cleanup_json json_t *path = json_array();
	return add_wheels(work, lock, depth, folder, path, err) || write_frame(work, folder, path, err) ? -1 : 0;
}

// ---- running ---------------------------------------------------------------------------------------------------------

static const char *end_of(const struct text *output)
{
	return text_str(output) + (output->len > END_OF_OUTPUT ? output->len - END_OF_OUTPUT : 0);
}

static int read_answer(const struct process_result *result, json_t **head, struct text *data, struct error *err)
{
	struct slice rest = text_slice(&result->output), line;
	struct error ignored = ERROR_INIT; // no answer at all
	json_t *answer = slice_cut(&rest, '\n', &line) && rest.ptr ? json_parse(line, "answer", &ignored) : NULL;
	if (!answer)
		return error_set(err, ERROR_FAILED, "its build left before its end (exit status %d, signal %d); %s",
				 result->exit_status, result->signal, end_of(&result->error_output));
	const char *failed = json_string_or(answer, "failed", NULL);
	int64_t size = json_integer_or(answer, "size", 0);
	int status = 0;
	if (failed)
		status = error_set(err, ERROR_FAILED, "%s; the end of its output:\n%s", failed,
				   end_of(&result->error_output));
	else if (size < 0 || (uint64_t)size != rest.len)
		status = error_set(err, ERROR_FAILED, "its build wrote into the answer of the program that runs it");
	if (status) {
		json_decref(answer);
		return -1;
	}
	text_add_slice(data, rest);
	*head = answer;
	return 0;
}

int build_environment_run(struct work *work, const char *scratch, const struct build_task *task, json_t **head,
			  struct text *data, struct error *err)
{
	const char *arguments[] = {"-I", "-S", "/gophersnake/backend.py", "start", "/env/bin/python", "/source", NULL};
	cleanup_free char *programs = xasprintf("%s/program", scratch), *path = xasprintf("%s/backend.py", programs);
	struct sandbox_mount mounts[] = {{programs, "/gophersnake", false},
					 {task->environment, "/env", false},
					 {task->source, "/source", false}};
	struct slice text = asset_find(backend);
	struct process_result result = {0};
	cleanup_text struct text input = TEXT_INIT;
	json_write_compact(task->input, &input);
	int64_t timeout = work->config->job_timeout;
	int status = file_write_plain(path, text.ptr, text.len, err);
	if (!status)
		status = toolchain_python(work->toolchain, work->sandbox, arguments, mounts, ARRAY_LENGTH(mounts),
					  text_slice(&input), timeout, (uint64_t)work->config->job_memory, OUTPUT_LIMIT,
					  work->interrupted, &result, err);
	if (!status && result.timed_out)
		status = error_set(err, ERROR_FAILED, "its build was stopped after %lld s (job_timeout)",
				   (long long)timeout / 1000);
	else if (!status && result.output_cut)
		status = error_set(err, ERROR_FAILED, "its build was stopped: it printed more than 256 MiB");
	else if (!status)
		status = read_answer(&result, head, data, err);
	if (!status)
		work_note(work, "build: %s in %lld ms", json_string_or(task->input, "hook", ""),
			  (long long)result.wall_time);
	process_result_clear(&result);
	return status;
}
