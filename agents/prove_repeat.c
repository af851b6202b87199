// What is done with calls that came out right: many at once in a build with
// the race detector, over and over, which must end with as many goroutines and
// as much memory as before; and one after the other on the clock, in Go and in
// CPython.
#include <string.h>

#include "agents/prove_internal.h"
#include "core/file.h"

enum { RACE_CALLS = 60, SPEED_CALLS = 40, RACE_STATUS = 66, SAID = 300 };

// Right calls of the subjects; first: the number of each subject's first one, SIZE_MAX: none.
static size_t write_calls(struct proving *proving, const bool *wanted, bool visible_only, int most, size_t *first,
			  struct error *err)
{
	size_t count = 0;
	cleanup_text struct text text = TEXT_INIT;
	cleanup_free char *path = xasprintf("%s/in/calls.json", proving->folder);
	prove_add_header(proving, &text);
	for (size_t i = 0; i < proving->subjects.count; i++) {
		int taken = 0;
		first[i] = SIZE_MAX;
		for (size_t j = 0; j < proving->trials.count && wanted[i] && taken < most; j++) {
			struct trial *trial = &proving->trials.items[j];
			if (trial->subject != i || !trial->right || (visible_only && trial->held_out))
				continue;
			cleanup_json json_t *row = json_pack("{s:I, s:s, s:O}", "n", (json_int_t)j, "f",
							     proving->subjects.items[i].function->go, "args",
							     json_object_get(trial->call, "args"));
			json_write_compact(row, &text);
			text_add_char(&text, '\n');
			first[i] = taken++ ? first[i] : j;
			count++;
		}
	}
	return file_write_plain(path, text_str(&text), text.len, err) ? SIZE_MAX : count;
}

// The subject whose calls the process ended in, count: it came to its end. rows: {…} of each subject, NULL: none.
static size_t read_results(struct proving *proving, struct slice rest, const size_t *first, json_t **rows)
{
	struct slice line, word, number;
	size_t in = 0;
	int64_t at;
	while (memchr(rest.ptr ? rest.ptr : "", '\n', rest.ptr ? rest.len : 0) && slice_cut(&rest, '\n', &line)) {
		struct error ignored = ERROR_INIT;
		if (slice_is(line, "E"))
			return proving->subjects.count;
		if (!slice_cut(&line, ' ', &word) || !slice_cut(&line, ' ', &number) || parse_i64(number, &at))
			continue;
		for (size_t i = 0; i < proving->subjects.count; i++)
			if (first[i] == (size_t)at)
				in = i;
		if (slice_is(word, "R") && !rows[in])
			rows[in] = json_parse(line, "the driver's result", &ignored);
	}
	return in;
}

static struct proof *proof_of(struct proving *proving, proofs *out, size_t subject)
{
	vec_each (out, proof)
		if (!strcmp(proof->go, proving->subjects.items[subject].function->go))
			return proof;
	return NULL;
}

static bool stands(struct proving *proving, proofs *out, size_t subject)
{
	struct proof *proof = proof_of(proving, out, subject);
	return proof && !proof->reason && proof->visible + proof->held_out;
}

static void clear_rows(struct proving *proving, json_t **rows)
{
	for (size_t i = 0; i < proving->subjects.count; i++) {
		json_decref(rows[i]);
		rows[i] = NULL;
	}
}

// ---- the race detector -----------------------------------------------------------------------------------------------

// "WARNING: DATA RACE … py/p.nativeX() … py/p.helper()": the functions of the unit, without addresses.
static const char *race_reason(struct proving *proving, const struct process_result *result)
{
	cleanup_text struct text text = TEXT_INIT;
	struct slice rest = text_slice(&result->error_output), line;
	cleanup_free char *path = xasprintf("%s.", proving->translation->path);
	while (slice_cut(&rest, '\n', &line) && text.len < SAID) {
		line = slice_trim(line);
		if (slice_starts(line, path) && slice_ends(line, "()")) {
			struct slice name = slice_from(line, strlen(path));
			text_addf(&text, "%s%.*s", text.len ? ", " : "", (int)name.len - 2, name.ptr);
		}
	}
	return arena_printf(&proving->translation->arena, "calls from several goroutines at once have a data race%s%s",
			    text.len ? " in " : "", text_str(&text));
}

static void judge_race(struct proving *proving, struct proof *proof, json_t *row)
{
	struct arena *arena = &proving->translation->arena;
	long long goroutines = (long long)json_integer_or(row, "goroutines", 0),
		  memory = (long long)json_integer_or(row, "memory", 0),
		  calls = (long long)json_integer_or(row, "calls", 0);
	if (goroutines > 0)
		proof->reason =
			arena_printf(arena, "it leaves goroutines running: %lld after %lld calls", goroutines, calls);
	else if (memory > 0)
		proof->reason = arena_printf(
			arena, "it keeps memory: about %lld bytes more with each %lld calls, again and again", memory,
			calls);
	else
		proof->raced = true;
}

// 1 = all were judged, 0 = again without the one that failed, -1.
static int race_round(struct proving *proving, proofs *out, size_t *first, json_t **rows, struct error *err)
{
	cleanup_free bool *wanted = xcalloc(proving->subjects.count, sizeof *wanted);
	cleanup_text struct text results = TEXT_INIT;
	struct process_result result = {0};
	for (size_t i = 0; i < proving->subjects.count; i++)
		wanted[i] = stands(proving, out, i) && !proof_of(proving, out, i)->raced;
	size_t count = write_calls(proving, wanted, false, RACE_CALLS, first, err);
	if (count == SIZE_MAX || !count)
		return count ? -1 : 1;
	if (prove_drive(proving, "race", &result, &results, err))
		return -1;
	size_t in = read_results(proving, text_slice(&results), first, rows);
	for (size_t i = 0; i < proving->subjects.count; i++)
		if (rows[i] && wanted[i])
			judge_race(proving, proof_of(proving, out, i), rows[i]);
	work_note(proving->translation->work,
		  "race detector: %zu calls, each from several goroutines: exit status %d (%lld ms)", count,
		  result.exit_status, (long long)result.wall_time);
	if (in < proving->subjects.count) {
		struct proof *proof = proof_of(proving, out, in);
		if (!proof || !wanted[in]) {
			int status =
				error_set(err, ERROR_FAILED, "the driver with the race detector made no call: %.500s",
					  text_str(&result.error_output));
			process_result_clear(&result);
			return status;
		}
		proof->reason = result.exit_status == RACE_STATUS ? race_reason(proving, &result)
				: result.timed_out
					? "it does not come to an end when it is called from several goroutines at once"
					: prove_how_it_ended(proving, 'B', &result);
	}
	process_result_clear(&result);
	return in == proving->subjects.count;
}

int prove_race(struct proving *proving, proofs *out, struct error *err)
{
	int built = prove_build_race(proving, err);
	if (built <= 0)
		return built;
	cleanup_free size_t *first = xcalloc(proving->subjects.count + 1, sizeof *first);
	cleanup_free json_t **rows = xcalloc(proving->subjects.count + 1, sizeof(json_t *));
	int status = 0;
	for (size_t round = 0; !status && round <= proving->subjects.count; round++) {
		status = race_round(proving, out, first, rows, err);
		clear_rows(proving, rows);
	}
	return status < 0 ? -1 : 0;
}

// ---- the clock -------------------------------------------------------------------------------------------------------

int prove_speed(struct proving *proving, proofs *out, struct error *err)
{
	cleanup_free bool *wanted = xcalloc(proving->subjects.count, sizeof *wanted);
	cleanup_free size_t *first = xcalloc(proving->subjects.count + 1, sizeof *first);
	cleanup_free json_t **rows = xcalloc(proving->subjects.count + 1, sizeof(json_t *));
	cleanup_free int64_t *cpython = xcalloc(proving->subjects.count + 1, sizeof *cpython);
	cleanup_text struct text results = TEXT_INIT;
	struct process_result result = {0};
	for (size_t i = 0; i < proving->subjects.count; i++)
		wanted[i] = stands(proving, out, i);
	size_t count = write_calls(proving, wanted, true, SPEED_CALLS, first, err);
	if (count == SIZE_MAX || !count)
		return count ? -1 : 0;
	if (prove_drive(proving, "speed", &result, &results, err) ||
	    prove_fuzz_speed(proving, wanted, SPEED_CALLS, cpython, err)) {
		process_result_clear(&result);
		return -1;
	}
	read_results(proving, text_slice(&results), first, rows);
	for (size_t i = 0; i < proving->subjects.count; i++) {
		struct proof *proof = proof_of(proving, out, i);
		if (!proof || !rows[i] || !cpython[i])
			continue;
		proof->go_ns = json_integer_or(rows[i], "ns", 0);
		proof->cpython_ns = cpython[i];
		work_note(proving->translation->work, "speed of %s: %lld ns, CPython %lld ns", proof->go,
			  (long long)proof->go_ns, (long long)proof->cpython_ns);
	}
	clear_rows(proving, rows);
	process_result_clear(&result);
	return 0;
}
