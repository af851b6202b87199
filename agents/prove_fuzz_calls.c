// Changed calls and what CPython gives for them (agents/python/fuzz): made in
// the sandbox, all functions of a release that are asked for in one process,
// and once more in another one, with another hash seed, time zone, locale,
// folder and order of calls. What differs between the two is set aside, as is
// what hangs, ends the process or takes too much memory.
//
// They depend on the recording and on the programs alone, not on any
// translation, so they are kept in the store, a function an object. Some
// come from held-out calls: the objects are found by memos only.
#include <string.h>

#include "agents/prove_internal.h"
#include "agents/record_internal.h"
#include "agents/site.h"
#include "core/archive.h"
#include "core/asset.h"
#include "core/file.h"

enum { CALLS = 10000, SECONDS = 10, DEATHS = 4, OUTPUT_LIMIT = 1 << 30, IMPORT_TIME = 120000, CALLS_LIMIT = 512 << 20 };
static const char programs[] = "agents/python/fuzz/";
static const char boot[] = "import sys; sys.path[0] = '/gophersnake'; from gophersnake_fuzz import main; main.run()";

void prove_fuzz_programs(struct digest_hasher *hasher)
{
	digest_add_string(hasher, "fuzz/1");
	for (size_t i = 0; i < asset_count; i++) {
		struct asset asset = asset_at(i);
		if (!strncmp(asset.path, programs, strlen(programs)))
			digest_add(hasher, asset.data.ptr, asset.data.len);
	}
}

static int calls_of(const struct work *work)
{
	return work->fuzz_calls ? work->fuzz_calls : CALLS;
}

static int memo_key(struct proving *proving, const struct subject *subject, char key[DIGEST_HEX_SIZE],
		    struct error *err)
{
	struct work *work = proving->translation->work;
	char recording[DIGEST_HEX_SIZE];
	if (record_known(work, subject->package, recording, err) < 0)
		return -1;
	cleanup_free char *count = xasprintf("%d", calls_of(work));
	struct digest_hasher *hasher = digest_new();
	prove_fuzz_programs(hasher);
	digest_add_string(hasher, recording);
	digest_add_string(hasher, subject->f);
	digest_add_string(hasher, count);
	digest_final_hex(hasher, key);
	digest_free(hasher);
	return 0;
}

int prove_fuzz_calls(struct proving *proving, const struct subject *subject, struct text *out, struct error *err)
{
	char key[DIGEST_HEX_SIZE], digest[DIGEST_HEX_SIZE];
	int found = memo_key(proving, subject, key, err)
			    ? -1
			    : store_memo_get(proving->translation->work->store, key, digest, err);
	if (found == 0)
		error_set(err, ERROR_WORKSPACE, "%s: the changed calls are gone from the store", subject->f);
	return found == 1 ? store_get(proving->translation->work->store, digest, out, err) : -1;
}

// ---- the runs --------------------------------------------------------------------------------------------------------

struct row {
	int64_t number;
	struct slice args, outcome; // args "-": set aside, outcome has the reason
	bool held_out, confirmed;
};

struct target {
	const struct subject *subject;
	VEC(struct row) rows; // in the order in which they were made
	int64_t made;
	bool enough; // as many as were wanted
	int deaths;
};

struct fuzzing {
	struct proving *proving;
	struct recording recording; // what it shares with a recording: folders and paths
	VEC(struct target) targets;
	VEC(struct text) outputs; // rows point into them
	size_t first;             // where the next run begins: a target, and a call of it
	int64_t begin;
	bool careful; // it says where it is before each call
	int timed;    // at most so many right visible calls of each are made on the clock instead; 0: changed calls
};

static int write_recorded(struct fuzzing *fuzzing, struct error *err)
{
	static const char *const keys[] = {"visible", "held_out"};
	struct proving *proving = fuzzing->proving;
	cleanup_json json_t *document = json_object();
	vec_each (&fuzzing->targets, target)
		json_object_set_new(document, target->subject->f, json_pack("{s:[], s:[]}", keys[0], keys[1]));
	vec_each (&proving->trials, trial) {
		json_t *of = json_object_get(document, json_string_or(trial->call, "f", ""));
		if (fuzzing->timed && (!trial->right || trial->held_out ||
				       (int)json_array_size(json_object_get(of, keys[0])) >= fuzzing->timed))
			continue;
		json_array_append(json_object_get(of, keys[trial->held_out]), json_object_get(trial->call, "args"));
	}
	cleanup_text struct text text = TEXT_INIT;
	cleanup_free char *path = xasprintf("%s/records/recorded.json", fuzzing->recording.scratch);
	json_write_compact(document, &text);
	return file_write_plain(path, text_str(&text), text.len, err);
}

static int prepare(struct fuzzing *fuzzing, struct error *err)
{
	struct recording *recording = &fuzzing->recording;
	struct work *work = recording->work;
	cleanup_free char *wheel = store_path(work->store, json_string_or(recording->scan, "wheel", ""));
	cleanup_free char *release = xasprintf("%s/release", recording->scratch);
	cleanup_free char *path = xasprintf("%s/records/inventory.json", recording->scratch);
	cleanup_text struct text inventory = TEXT_INIT;
	if (archive_unpack(wheel, release, NULL, err) ||
	    store_get(work->store, json_string_or(recording->scan, "inventory", ""), &inventory, err) ||
	    file_write_plain(path, text_str(&inventory), inventory.len, err) || write_recorded(fuzzing, err) ||
	    recording_unpack_programs(recording, "recording", err) || recording_unpack_programs(recording, "fuzz", err))
		return -1;
	site_add_path(release, "/release", recording->path);
	return recording_find_dependencies(recording, err); // without a suite: those of the plan
}

static json_t *task_of(struct fuzzing *fuzzing, int side)
{
	json_t *functions = json_array(), *count = json_object();
	vec_each (&fuzzing->targets, target) {
		json_array_append_new(functions, json_string(target->subject->f));
		json_object_set_new(count, target->subject->f, json_integer((json_int_t)target->made));
	}
	return json_pack("{s:s, s:O, s:i, s:s, s:o, s:o, s:i, s:i, s:I, s:I, s:b, s:i}", "records", "/records", "path",
			 fuzzing->recording.path, "side", side, "folder", side ? "/tmp/another/folder" : "/tmp/folder",
			 "functions", functions, "count", count, "calls", calls_of(fuzzing->recording.work), "seconds",
			 SECONDS, "first", (json_int_t)fuzzing->first, "begin", (json_int_t)fuzzing->begin, "careful",
			 fuzzing->careful, "timed", fuzzing->timed);
}

static int run_program(struct fuzzing *fuzzing, int side, struct process_result *result, struct error *err)
{
	static const char *const arguments[2][6] = {
		{"fuzz", "PYTHONHASHSEED=1", "TZ=UTC", "LC_ALL=C.UTF-8", "HOME=/tmp", NULL},
		{"fuzz", "PYTHONHASHSEED=4242", "TZ=Asia/Kolkata", "LC_ALL=C", "HOME=/", NULL}};
	cleanup_json json_t *task = task_of(fuzzing, side);
	int64_t timeout = IMPORT_TIME + (int64_t)fuzzing->targets.count * 3 * SECONDS * 1000;
	return recording_python(&fuzzing->recording, boot, arguments[side], task, timeout, OUTPUT_LIMIT, result, err);
}

static struct row *row_of(struct target *target, int64_t number)
{
	size_t low = 0, high = target->rows.count; // by number, which grows
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (target->rows.items[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < target->rows.count && target->rows.items[low].number == number ? &target->rows.items[low] : NULL;
}

static void take_row(struct target *target, int64_t number, struct slice rest, int side)
{
	struct slice args, outcome, secret;
	if (!slice_cut(&rest, '\t', &args))
		return;
	if (side) {
		char digest[DIGEST_HEX_SIZE];
		struct row *row = row_of(target, number);
		if (row && !slice_is(row->args, "-")) {
			digest_hex_of(row->outcome.ptr, row->outcome.len, digest);
			row->confirmed = slice_is(args, digest);
		}
		return;
	}
	if (!slice_cut(&rest, '\t', &outcome) || (!slice_cut(&rest, '\t', &secret) && !slice_is(args, "-")))
		return;
	if (!target->rows.count || vec_last(&target->rows)->number < number)
		vec_push(&target->rows, (struct row){number, args, outcome, !slice_is(secret, "0"), false});
}

// Rows of one run; true: it came to its end. Where the next one begins if not: after the call that it was in.
static bool take_rows(struct fuzzing *fuzzing, struct slice rest, int side)
{
	struct slice line, name, word;
	int64_t number;
	while (memchr(rest.ptr ? rest.ptr : "", '\n', rest.ptr ? rest.len : 0) && slice_cut(&rest, '\n', &line)) {
		if (!slice_cut(&line, '\t', &name) || !slice_cut(&line, '\t', &word))
			continue;
		if (slice_is(name, "-"))
			return true;
		struct target *target =
			fuzzing->first < fuzzing->targets.count ? &fuzzing->targets.items[fuzzing->first] : NULL;
		if (!target || !slice_is(name, target->subject->f))
			continue;
		if (slice_is(word, "end")) {
			if (!side && slice_cut(&line, '\t', &word) && !parse_i64(word, &number)) {
				target->made = number;
				target->enough = slice_is(line, "1");
			}
			fuzzing->first++;
			fuzzing->begin = 0;
		} else if (!parse_i64(word, &number)) {
			take_row(target, number, line, side);
			fuzzing->begin++;
		}
	}
	return false;
}

static int run_side(struct fuzzing *fuzzing, int side, struct error *err)
{
	struct work *work = fuzzing->recording.work;
	fuzzing->first = 0;
	fuzzing->begin = 0;
	fuzzing->careful = false;
	while (fuzzing->first < fuzzing->targets.count) {
		struct process_result result = {0};
		if (run_program(fuzzing, side, &result, err)) {
			process_result_clear(&result);
			return -1;
		}
		vec_push(&fuzzing->outputs, result.output);
		result.output = (struct text)TEXT_INIT;
		bool ended = take_rows(fuzzing, text_slice(vec_last(&fuzzing->outputs)), side);
		work_note(work, "changed calls with CPython: %s after %lld ms (%zu bytes)",
			  ended ? "ended" : "stopped or left before its end", (long long)result.wall_time,
			  vec_last(&fuzzing->outputs)->len);
		process_result_clear(&result);
		if (ended)
			return 0;
		if (fuzzing->first == fuzzing->targets.count)
			break;
		// The call that it was in is set aside once it is known; a function that does it again and again has had its time.
		struct target *target = &fuzzing->targets.items[fuzzing->first];
		if (!fuzzing->careful) {
			fuzzing->careful = true;
			continue;
		}
		fuzzing->begin++;
		if (++target->deaths >= DEATHS) {
			if (!side)
				target->made = fuzzing->begin;
			target->deaths = 0;
			fuzzing->first++;
			fuzzing->begin = 0;
		}
	}
	return 0;
}

// How many calls fit into the time differs from run to run: steps make it nearly always the same number.
static int64_t step_below(int64_t made)
{
	static const int64_t steps[] = {20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5};
	for (size_t i = 0; i < ARRAY_LENGTH(steps); i++)
		if (made >= steps[i])
			return steps[i];
	return 0;
}

static int keep(struct fuzzing *fuzzing, struct target *target, struct error *err)
{
	char key[DIGEST_HEX_SIZE], digest[DIGEST_HEX_SIZE];
	cleanup_text struct text text = TEXT_INIT;
	int64_t kept = 0, differ = 0, aside = 0;
	vec_each (&target->rows, row) {
		if (row->number >= target->made)
			continue;
		if (slice_is(row->args, "-")) {
			aside += !slice_is(row->outcome, "again");
			continue;
		}
		if (!row->confirmed) {
			differ++;
			continue;
		}
		kept++;
		text_add_slice(&text, row->args);
		text_add_char(&text, '\t');
		text_add_slice(&text, row->outcome);
		text_add(&text, row->held_out ? "\t1\n" : "\t0\n");
	}
	struct work *work = fuzzing->recording.work;
	work_note(work, "changed calls of %s: %lld tries, %lld kept, %lld set aside, %lld differ between two processes",
		  target->subject->f, (long long)target->made, (long long)kept, (long long)aside, (long long)differ);
	return memo_key(fuzzing->proving, target->subject, key, err) ||
			       store_put(work->store, text_slice(&text), digest, err) ||
			       store_memo_put(work->store, key, digest, err)
		       ? -1
		       : 0;
}

// Lines "f TAB ns TAB nanoseconds".
static int run_timed(struct fuzzing *fuzzing, struct error *err)
{
	struct process_result result = {0};
	if (prepare(fuzzing, err) || run_program(fuzzing, 0, &result, err))
		return -1;
	struct slice rest = text_slice(&result.output), line, name, word;
	while (slice_cut(&rest, '\n', &line))
		if (slice_cut(&line, '\t', &name) && slice_cut(&line, '\t', &word) && slice_is(word, "ns"))
			vec_each (&fuzzing->targets, target)
				if (slice_is(name, target->subject->f) && parse_i64(line, &target->made))
					target->made = 0;
	process_result_clear(&result);
	return 0;
}

static int run(struct fuzzing *fuzzing, struct error *err)
{
	if (fuzzing->timed)
		return run_timed(fuzzing, err);
	if (prepare(fuzzing, err) || run_side(fuzzing, 0, err))
		return -1;
	vec_each (&fuzzing->targets, target) {
		target->made = target->enough ? target->made : step_below(target->made);
		target->deaths = 0;
	}
	if (run_side(fuzzing, 1, err))
		return -1;
	vec_each (&fuzzing->targets, target)
		if (keep(fuzzing, target, err))
			return -1;
	return 0;
}

static void fuzzing_clear(struct fuzzing *fuzzing)
{
	recording_clear(&fuzzing->recording);
	vec_each (&fuzzing->targets, target)
		vec_clear(&target->rows);
	vec_clear(&fuzzing->targets);
	vec_each (&fuzzing->outputs, output)
		text_clear(output);
	vec_clear(&fuzzing->outputs);
}

static int run_package(struct fuzzing *fuzzing, int package, struct error *err)
{
	struct recording *recording = &fuzzing->recording;
	struct work *work = fuzzing->proving->translation->work;
	recording->work = work;
	recording->package = &work->plan->lock.packages.items[package];
	recording->path = json_array();
	recording->notes = json_array();
	recording->scan = scan_result(work, package, err);
	int status =
		recording->scan && !work_temporary(work, "fuzz", &recording->scratch, err) ? run(fuzzing, err) : -1;
	struct error ignored = ERROR_INIT;
	if (recording->scratch && dir_remove_tree(recording->scratch, status ? &ignored : err))
		status = -1;
	return status ? error_context(err, "changed calls of %s", recording->package->name) : 0;
}

int prove_fuzz_prepare(struct proving *proving, const bool *wanted, struct error *err)
{
	struct work *work = proving->translation->work;
	const struct plan_group *group = &work->plan->groups.items[proving->translation->group];
	for (int i = 0; i < group->member_count; i++) {
		struct fuzzing fuzzing = {.proving = proving};
		int status = 0;
		for (size_t j = 0; j < proving->subjects.count && status >= 0; j++) {
			struct subject *subject = &proving->subjects.items[j];
			char key[DIGEST_HEX_SIZE], digest[DIGEST_HEX_SIZE];
			if (!wanted[j] || subject->package != group->members[i])
				continue;
			status = memo_key(proving, subject, key, err) ? -1
								      : store_memo_get(work->store, key, digest, err);
			if (status == 0)
				vec_push(&fuzzing.targets, (struct target){.subject = subject});
		}
		if (status >= 0 && fuzzing.targets.count)
			status = run_package(&fuzzing, group->members[i], err);
		fuzzing_clear(&fuzzing);
		if (status < 0)
			return -1;
	}
	return 0;
}

int prove_fuzz_speed(struct proving *proving, const bool *wanted, int most, int64_t *nanoseconds, struct error *err)
{
	const struct plan_group *group = &proving->translation->work->plan->groups.items[proving->translation->group];
	for (int i = 0; i < group->member_count; i++) {
		struct fuzzing fuzzing = {.proving = proving, .timed = most};
		for (size_t j = 0; j < proving->subjects.count; j++)
			if (wanted[j] && proving->subjects.items[j].package == group->members[i])
				vec_push(&fuzzing.targets, (struct target){.subject = &proving->subjects.items[j]});
		int status = fuzzing.targets.count ? run_package(&fuzzing, group->members[i], err) : 0;
		vec_each (&fuzzing.targets, target)
			nanoseconds[target->subject - proving->subjects.items] = target->made;
		fuzzing_clear(&fuzzing);
		if (status)
			return -1;
	}
	return 0;
}
