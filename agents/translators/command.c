// The translator `command`: any program that reads a job folder and writes Go
// into it. It is the user's own, so it runs outside of the sandbox, but it
// gets none of our secrets, and what it wrote is code from outside: only
// regular *.go files are copied out, after the program and its group are dead.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agents/translate.h"
#include "core/file.h"

enum { FILE_LIMIT = 4 * 1024 * 1024, FILES = 200, OUTPUT_LIMIT = 64 * 1024 * 1024, SHOWN = 400 };

// What a program needs to find itself and its user; no key of anybody's.
static const char *const passed[] = {"PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SHELL"};

static char *find_program(const char *name)
{
	char absolute[PATH_MAX];
	cleanup_free char *found = process_find(name);
	return found && realpath(found, absolute) ? xstrdup(strchr(name, '/') ? absolute : found) : NULL;
}

static void write_log(struct translation *translation, const struct text *output)
{
	FILE *log = translation->work->log;
	fwrite(text_str(output), 1, output->len, log);
	if (output->len && output->ptr[output->len - 1] != '\n')
		fputc('\n', log);
	fflush(log);
}

// The last line that it said, for the reason: of its complaints, else of anything.
static struct slice last_line(const struct process_result *result)
{
	struct slice rest = slice_trim(text_slice(&result->error_output));
	if (!rest.len)
		rest = slice_trim(text_slice(&result->output));
	const char *newline = rest.len ? memrchr(rest.ptr, '\n', rest.len) : NULL;
	struct slice line = newline ? slice_from(rest, (size_t)(newline - rest.ptr) + 1) : rest;
	return line.len > SHOWN ? (struct slice){line.ptr, SHOWN} : line;
}

static char *failure_of(const struct process_result *result, int64_t timeout)
{
	struct slice said = last_line(result);
	if (result->timed_out)
		return xasprintf("the program was stopped after %lld ms", (long long)timeout);
	if (result->output_cut)
		return xstrdup("the program was stopped: it printed too much");
	if (result->signal)
		return xasprintf("the program was ended by signal %d: %.*s", result->signal, (int)said.len, said.ptr);
	if (result->exit_status)
		return xasprintf("the program ended with exit status %d: %.*s", result->exit_status, (int)said.len,
				 said.ptr);
	return NULL;
}

static int run_program(struct translation *translation, const char *folder, char **reason, struct error *err)
{
	const struct plan *plan = translation->work->plan;
	int64_t timeout = translation->work->config->job_timeout;
	VEC(const char *) argv = VEC_INIT;
	VEC(const char *) environment = VEC_INIT;
	cleanup_free char *program = find_program(plan->translator_command.items[0]);
	if (!program) {
		*reason = xasprintf("the program %s is not there", plan->translator_command.items[0]);
		return 0;
	}
	vec_push(&argv, program);
	for (size_t i = 1; i < plan->translator_command.count; i++)
		vec_push(&argv, plan->translator_command.items[i]);
	vec_push(&argv, folder);
	vec_push(&argv, NULL);
	for (size_t i = 0; i < ARRAY_LENGTH(passed); i++)
		if (getenv(passed[i]))
			vec_push(&environment,
				 arena_printf(&translation->arena, "%s=%s", passed[i], getenv(passed[i])));
	vec_push(&environment, arena_printf(&translation->arena, "GOPHERSNAKE_JOB=%s", folder));
	vec_push(&environment, NULL);
	struct process_options options = {.argv = argv.items,
					  .environment = environment.items,
					  .directory = folder,
					  .output_limit = OUTPUT_LIMIT,
					  .timeout = timeout,
					  .interrupted = translation->work->interrupted};
	struct process_result result = {0};
	int status = process_run(&options, &result, err);
	if (!status) {
		work_note(translation->work, "%s: %lld ms", program, (long long)result.wall_time);
		write_log(translation, &result.output);
		write_log(translation, &result.error_output);
		*reason = failure_of(&result, timeout);
	} else if (err->code == ERROR_TOOL) { // it could not be started: its own trouble
		*reason = xstrdup(err->text);
		*err = (struct error)ERROR_INIT;
		status = 0;
	}
	process_result_clear(&result);
	vec_clear(&argv);
	vec_clear(&environment);
	return status;
}

// Copies one regular file; what is none stays behind with a remark.
static int take_file(struct translation *translation, int from, const char *name, const char *out, int *taken,
		     struct error *err)
{
	struct stat status;
	cleanup_fd int fd = openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &status) || !S_ISREG(status.st_mode)) {
		translation_remark(translation, "command: out/%s is no regular file", name);
		return 0;
	}
	if (!slice_ends(slice_of(name), ".go") || strchr(name, '\n')) {
		translation_remark(translation, "command: out/%s: only files named *.go are read", name);
		return 0;
	}
	if (status.st_size > FILE_LIMIT || *taken == FILES) {
		translation_remark(translation, "command: out/%s: %s", name,
				   *taken == FILES ? "too many files" : "larger than 4 MiB");
		return 0;
	}
	cleanup_free char *path = xasprintf("%s/%s", out, name);
	cleanup_free char *data = xmalloc((size_t)status.st_size + 1);
	ssize_t got = pread(fd, data, (size_t)status.st_size, 0);
	if (got < 0)
		return file_error(err, "read", name);
	if (file_write_plain(path, data, (size_t)got, err))
		return -1;
	++*taken;
	return 0;
}

static int take_files(struct translation *translation, const char *folder, const char *out, int *taken,
		      struct error *err)
{
	cleanup_free char *written = xasprintf("%s/out", folder);
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	cleanup_fd int from = open(written, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (from < 0) {
		translation_remark(translation, "command: out/ is gone");
		return 0;
	}
	if (dir_list(written, &names, err))
		return -1;
	vec_each (&names, name)
		if (take_file(translation, from, *name, out, taken, err))
			return -1;
	return 0;
}

// What it wrote instead is in the remarks from that one on: the first is said.
static char *no_go(const struct translation *translation, size_t before)
{
	static const char head[] = "command: ";
	const char *first = json_string_value(json_array_get(translation->remarks, before));
	size_t more = json_array_size(translation->remarks) - before;
	if (!first)
		return xstrdup("the program wrote no Go");
	return more == 1 ? xasprintf("the program wrote no Go (%s)", first + strlen(head))
			 : xasprintf("the program wrote no Go (%s; and %zu more)", first + strlen(head), more - 1);
}

static int propose(struct translation *translation, const char *out, char **reason, struct error *err)
{
	if (!translation->work->plan->translator_command.count) {
		*reason = xstrdup("`translator_command` is not set");
		return 0;
	}
	cleanup_free char *folder = xasprintf("%s/job", translation->folder);
	size_t before = json_array_size(translation->remarks);
	int taken = 0;
	if (job_folder_write(translation, folder, err) || run_program(translation, folder, reason, err))
		return -1;
	if (!*reason && take_files(translation, folder, out, &taken, err))
		return -1;
	if (!*reason && !taken)
		*reason = no_go(translation, before);
	return *reason ? 0 : 1;
}

const struct translator translator_command = {"command", propose};
