// The difference fuzz: thousands of recorded calls, changed, made by the Go as
// CPython made them (prove_fuzz_calls.c), with the same comparison as of
// recorded calls. The Go runs in a process that knows the arguments alone.
//
// Of the differences that come from visible calls the shortest one is the
// reason; of those that come from held-out calls the reason is the bare
// verdict.
#include <string.h>

#include "agents/prove_internal.h"
#include "core/file.h"

struct changed {
	struct slice args, outcome, got; // JSON; got is empty: none yet
	bool held_out;
};
typedef VEC(struct changed) changes;

static void read_calls(struct slice rest, changes *out)
{
	struct slice line, args, outcome, secret;
	while (slice_cut(&rest, '\n', &line))
		if (slice_cut(&line, '\t', &args) && slice_cut(&line, '\t', &outcome) &&
		    slice_cut(&line, '\t', &secret))
			vec_push(out, (struct changed){args, outcome, {NULL, 0}, !slice_is(secret, "0")});
}

static int write_calls(struct proving *proving, const struct subject *subject, const changes *calls, struct error *err)
{
	cleanup_text struct text text = TEXT_INIT;
	cleanup_free char *path = xasprintf("%s/in/calls.json", proving->folder);
	prove_add_header(proving, &text);
	for (size_t i = 0; i < calls->count; i++) {
		text_addf(&text, "{\"n\":%zu,\"f\":\"%s\",\"args\":", i, subject->function->go);
		text_add_slice(&text, calls->items[i].args);
		text_add(&text, "}\n");
	}
	return file_write_plain(path, text_str(&text), text.len, err);
}

// The call that the process ended in, -1: it came to its end.
static int64_t read_results(struct slice rest, changes *calls, char *step)
{
	struct slice line, word, number;
	int64_t at, last = 0;
	while (memchr(rest.ptr ? rest.ptr : "", '\n', rest.ptr ? rest.len : 0) && slice_cut(&rest, '\n', &line)) {
		if (slice_is(line, "E"))
			return -1;
		if (!slice_cut(&line, ' ', &word) || !slice_cut(&line, ' ', &number) || parse_i64(number, &at) ||
		    at < 0 || (size_t)at >= calls->count || word.len != 1)
			continue;
		*step = word.ptr[0];
		last = at;
		if (*step == 'R' && !calls->items[at].got.len)
			calls->items[at].got = line;
	}
	return last;
}

static json_t *call_json(const struct subject *subject, const struct changed *changed)
{
	struct error ignored = ERROR_INIT;
	cleanup_json json_t *args = json_parse(changed->args, "arguments", &ignored);
	json_t *call = json_parse(changed->outcome, "outcome", &ignored);
	if (call && args) {
		json_object_set_new(call, "f", json_string(subject->f));
		json_object_set(call, "args", args);
	}
	return call;
}

struct verdict {
	int equal, guarded, unable;
	size_t length; // of the arguments that are shown
	char *shown;   // heap
	bool differs;
};

static void differ(struct verdict *verdict, const struct changed *changed, json_t *call, const char *difference)
{
	verdict->differs = true;
	if (changed->held_out || (verdict->shown && verdict->length <= changed->args.len))
		return;
	struct text text = TEXT_INIT;
	prove_show_call(call, &text);
	text_addf(&text, ": %s", difference);
	free(verdict->shown);
	verdict->shown = text_steal(&text);
	verdict->length = changed->args.len;
}

static void judge(const struct subject *subject, const struct changed *changed, struct verdict *verdict)
{
	struct error ignored = ERROR_INIT;
	if (!changed->got.len)
		return; // the process had ended
	if (slice_equal(changed->got, changed->outcome)) {
		verdict->equal++;
		return;
	}
	cleanup_json json_t *got = json_parse(changed->got, "the driver's result", &ignored);
	if (json_string_or(got, "unable", NULL)) {
		verdict->unable++;
		return;
	}
	if (json_integer_or(got, "bridge", 0) > 0) {
		verdict->guarded++;
		return;
	}
	cleanup_json json_t *call = call_json(subject, changed);
	cleanup_free char *difference = got ? prove_compare(call, got) : xstrdup("the Go gives what cannot be read");
	if (difference)
		differ(verdict, changed, call, difference);
	else
		verdict->equal++;
}

static void ended_in(struct proving *proving, const struct subject *subject, const struct changed *changed, char step,
		     const struct process_result *result, struct verdict *verdict)
{
	cleanup_json json_t *call = call_json(subject, changed);
	cleanup_text struct text text = TEXT_INIT;
	text_addf(&text, "%s; CPython ", prove_how_it_ended(proving, step, result));
	prove_show_outcome(call, &text);
	differ(verdict, changed, call, text_str(&text));
}

static int fuzz(struct proving *proving, struct subject *subject, struct proof *proof, struct error *err)
{
	changes calls = VEC_INIT;
	cleanup_text struct text kept = TEXT_INIT, results = TEXT_INIT;
	struct process_result result = {0};
	struct verdict verdict = {0};
	int status = prove_fuzz_calls(proving, subject, &kept, err);
	if (!status)
		read_calls(text_slice(&kept), &calls);
	if (!status && calls.count)
		status =
			write_calls(proving, subject, &calls, err) || prove_drive(proving, NULL, &result, &results, err)
				? -1
				: 0;
	if (!status && calls.count) {
		char step = 0;
		int64_t last = read_results(text_slice(&results), &calls, &step);
		vec_each (&calls, call)
			judge(subject, call, &verdict);
		if (last >= 0)
			ended_in(proving, subject, &calls.items[last], step, &result, &verdict);
		proof->fuzzed = verdict.equal;
		proof->fuzz_guarded = verdict.guarded;
		if (verdict.differs)
			proof->reason = verdict.shown ? arena_printf(&proving->translation->arena,
								     "differs from CPython on a changed call: %s",
								     verdict.shown)
						      : prove_secret;
		work_note(proving->translation->work,
			  "difference fuzz of %s: %d changed calls equal, %d guarded, %d not comparable%s (%lld ms)",
			  proof->go, verdict.equal, verdict.guarded, verdict.unable,
			  verdict.differs ? "; it does not stand" : "", (long long)result.wall_time);
	}
	free(verdict.shown);
	process_result_clear(&result);
	vec_clear(&calls);
	return status;
}

int prove_fuzz(struct proving *proving, proofs *out, struct error *err)
{
	cleanup_free bool *wanted = xcalloc(proving->subjects.count, sizeof *wanted);
	for (size_t i = 0; i < proving->subjects.count; i++)
		vec_each (out, proof)
			wanted[i] |= !strcmp(proof->go, proving->subjects.items[i].function->go) && !proof->reason &&
				     proof->visible + proof->held_out;
	if (prove_fuzz_prepare(proving, wanted, err))
		return -1;
	for (size_t i = 0; i < proving->subjects.count; i++)
		vec_each (out, proof)
			if (wanted[i] && !strcmp(proof->go, proving->subjects.items[i].function->go) &&
			    fuzz(proving, &proving->subjects.items[i], proof, err))
				return -1;
	return 0;
}
