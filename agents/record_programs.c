// The programs of recording in the sandbox. What they find out is their
// standard output, a document a line, so that nothing but bytes of a bounded
// number leaves the sandbox; a run that crashed, hung or printed too much
// keeps what it had found out, and is followed by a run of what is left.
#include <string.h>

#include "agents/record_internal.h"
#include "core/asset.h"
#include "core/clock.h"
#include "core/file.h"

enum { OUTPUT_LIMIT = 256 << 20, RUNS = 8, TEST_SECONDS = 20 };
static const char boot[] =
	"import sys; sys.path[0] = '/gophersnake'; from gophersnake_recording import main; main.run()";

int recording_unpack_programs(struct recording *recording, const char *folder, struct error *err)
{
	int files = 0;
	cleanup_free char *programs = xasprintf("agents/python/%s/", folder);
	for (size_t i = 0; i < asset_count; i++) {
		struct asset asset = asset_at(i);
		if (strncmp(asset.path, programs, strlen(programs)) != 0)
			continue;
		cleanup_free char *path = xasprintf("%s/programs/gophersnake_%s/%s", recording->scratch, folder,
						    asset.path + strlen(programs));
		if (file_write_plain(path, asset.data.ptr, asset.data.len, err))
			return -1;
		files++;
	}
	return files ? 0
		     : error_set(err, ERROR_FAILED, "this build of gophersnake carries no %s: build it again",
				 programs);
}

int recording_python(const struct recording *recording, const char *boot_line, const char *const *more, json_t *task,
		     int64_t timeout, size_t output_limit, struct process_result *result, struct error *err)
{
	VEC(struct sandbox_mount) mounts = VEC_INIT;
	VEC(const char *) arguments = VEC_INIT;
	VEC(char *) owned = VEC_INIT;
	struct work *work = recording->work;
	static const char *const folders[][2] = {
		{"release", "/release"}, {"records", "/records"}, {"programs", "/gophersnake"}};
	for (size_t i = 0; i < ARRAY_LENGTH(folders); i++) {
		vec_push(&owned, xasprintf("%s/%s", recording->scratch, folders[i][0]));
		if (dir_exists(*vec_last(&owned)))
			vec_push(&mounts, (struct sandbox_mount){*vec_last(&owned), folders[i][1], false});
	}
	for (size_t i = 0; i < recording->dependencies.count; i++) {
		vec_push(&owned, xasprintf("/deps/%zu", i));
		vec_push(&mounts, (struct sandbox_mount){recording->dependencies.items[i], *vec_last(&owned), false});
	}
	if (recording->suite)
		vec_push(&mounts, (struct sandbox_mount){recording->suite, "/suite", false});
	static const char *const fixed[] = {"-S", "-s", "-c"};
	for (size_t i = 0; i < ARRAY_LENGTH(fixed); i++)
		vec_push(&arguments, fixed[i]);
	vec_push(&arguments, boot_line);
	for (; more && *more; more++)
		vec_push(&arguments, *more);
	vec_push(&arguments, NULL);
	cleanup_text struct text input = TEXT_INIT;
	json_write_compact(task, &input);
	int status = toolchain_python(work->toolchain, work->sandbox, arguments.items, mounts.items, mounts.count,
				      text_slice(&input), timeout, (uint64_t)work->config->job_memory, output_limit,
				      work->interrupted, result, err);
	vec_each (&owned, string)
		free(*string);
	vec_clear(&owned);
	vec_clear(&mounts);
	vec_clear(&arguments);
	return status;
}

static int run_program(struct recording *recording, const char *kind, json_t *task, const char *const *more,
		       int64_t timeout, struct process_result *result, struct error *err)
{
	VEC(const char *) arguments = VEC_INIT;
	vec_push(&arguments, kind);
	for (; more && *more; more++)
		vec_push(&arguments, *more);
	vec_push(&arguments, NULL);
	int status = recording_python(recording, boot, arguments.items, task, timeout, OUTPUT_LIMIT, result, err);
	vec_clear(&arguments);
	return status;
}

static const char *how_it_ended(const struct process_result *result, bool ended)
{
	if (ended)
		return "ended";
	if (result->timed_out)
		return "stopped: it took too long";
	if (result->output_cut)
		return "stopped: it printed too much";
	return result->signal || result->exit_status > 128 ? "crashed" : "left before its end";
}

static bool reached_end(const struct text *output)
{
	static const char end[] = "{\"k\":\"end\"}\n";
	return slice_ends(text_slice(output), end);
}

static bool made_progress(const struct text *output)
{
	static const char test[] = "{\"k\":\"test\"", try[] = "{\"k\":\"try\"";
	return output->len && (memmem(output->ptr, output->len, test, strlen(test)) ||
			       memmem(output->ptr, output->len, try, strlen(try)));
}

// One run; 1 = there may be more, 0 = nothing is left (or nothing moves), -1 = error.
static int run_once(struct recording *recording, const char *kind, int side, int number, int64_t timeout,
		    struct error *err)
{
	static const char *const environments[2][5] = {
		{"PYTHONHASHSEED=1", "TZ=UTC", "LC_ALL=C.UTF-8", "HOME=/tmp", NULL},
		{"PYTHONHASHSEED=4242", "TZ=Asia/Kolkata", "LC_ALL=C", "HOME=/", NULL}};
	bool replay = !strcmp(kind, "replay");
	int64_t seconds = timeout / 12000; // for one test
	seconds = seconds < 1 ? 1 : seconds > TEST_SECONDS ? TEST_SECONDS : seconds;
	cleanup_json json_t *task =
		json_pack("{s:s, s:s, s:O, s:s, s:O, s:i, s:s, s:I}", "root", "/release", "records", "/records", "path",
			  recording->path, "tests", "/suite", "where", recording->where, "side", side, "folder",
			  side ? "/tmp/another/folder" : "/tmp/folder", "seconds", (json_int_t)seconds);
	struct process_result result = {0};
	if (run_program(recording, kind, task, replay ? environments[side] : NULL, timeout, &result, err)) {
		process_result_clear(&result);
		return -1;
	}
	cleanup_free char *path = replay ? xasprintf("%s/records/replay-%d-%d.jsonl", recording->scratch, side, number)
					 : xasprintf("%s/records/%s-%d.jsonl", recording->scratch, kind, number);
	bool ended = reached_end(&result.output);
	const char *how = how_it_ended(&result, ended);
	json_array_append_new(recording->runs, json_pack("{s:s, s:i, s:s, s:I}", "what", kind, "side", side, "outcome",
							 how, "exit", (json_int_t)result.exit_status));
	work_note(recording->work, "%s: %s after %lld ms (%zu bytes)", kind, how, (long long)result.wall_time,
		  result.output.len);
	if (!ended) {
		size_t length = result.error_output.len;
		work_note(recording->work, "the end of its output: %s",
			  text_str(&result.error_output) + (length > 2000 ? length - 2000 : 0));
	}
	int status = file_write_plain(path, text_str(&result.output), result.output.len, err);
	bool more = !ended && made_progress(&result.output);
	process_result_clear(&result);
	return status ? -1 : more;
}

int recording_run(struct recording *recording, const char *kind, int side, int64_t timeout, struct error *err)
{
	int64_t started = system_clock.monotonic(system_clock.context);
	int more = 1;
	for (int i = 0; i < RUNS && more > 0; i++) {
		int64_t left = timeout - (system_clock.monotonic(system_clock.context) - started);
		if (left < 1000)
			break;
		// The first runs leave time for those after them: one test that hangs must not cost all others.
		more = run_once(recording, kind, side, i, i < RUNS - 1 && left > 20000 ? left / 2 : left, err);
	}
	return more < 0 ? -1 : 0;
}

int recording_judge(struct recording *recording, const char *phase, struct error *err)
{
	cleanup_json json_t *task =
		json_pack("{s:s, s:s, s:s}", "root", "/release", "records", "/records", "phase", phase);
	cleanup_free char *path = xasprintf("%s/records/%s.json", recording->scratch, phase);
	struct process_result result = {0};
	int status = run_program(recording, "judge", task, NULL, recording->work->config->job_timeout, &result, err);
	if (!status && (result.exit_status != 0 || result.output_cut || result.timed_out)) {
		size_t length = result.error_output.len;
		status = error_set(err, ERROR_FAILED, "judging the recording (%s) failed: %s", phase,
				   text_str(&result.error_output) + (length > 600 ? length - 600 : 0));
	}
	if (!status)
		status = file_write_plain(path, text_str(&result.output), result.output.len, err);
	process_result_clear(&result);
	return status;
}
