// The translator `llm`: asks a language model for the functions of a unit,
// group by group, hands every answer to translation_accept (parse, policy,
// compile, vet, and whatever checks stand there), and sends what they say back,
// until a function stands or a bound is reached: attempts, the same complaint
// twice, time, money. Then the escalation model gets its turn, then the bridge
// stays, with the reason.
//
// The loop knows nothing of the checks but their words: a check that must not
// tell more than its verdict gives just that as the reason of a function.
#include <string.h>

#include "agents/translators/llm.h"
#include "core/file.h"

enum {
	GROUP_FUNCTIONS = 8,
	GROUP_BYTES = 12000,     // of Python
	COMPLAINTS_LIMIT = 8000, // bytes
};

typedef VEC(struct translate_function *) functions;

struct unit {
	struct translation *translation;
	struct llm_session session;
	struct llm_prompt prompt;
	const char *out;       // folder for the answers
	VEC(functions) groups; // to do; a group that is cut off is split
	char *over;            // why nothing more is asked
};

// What is known of one group while it is worked on.
struct course {
	functions pending;
	VEC(const char *) earlier; // reasons of other translators, by pending
	const char *model;
	bool escalated;
	int attempts; // of this model
	struct text request, answer, feedback, paused;
	char last[DIGEST_HEX_SIZE]; // of the complaints
};

static void course_clear(struct course *course)
{
	vec_clear(&course->pending);
	vec_clear(&course->earlier);
	text_clear(&course->request);
	text_clear(&course->answer);
	text_clear(&course->feedback);
	text_clear(&course->paused);
}

// ---- groups ----------------------------------------------------------------------------------------------------------

static void make_groups(struct unit *unit)
{
	size_t bytes = 0;
	vec_each (&unit->translation->functions, function) {
		if (function->translator)
			continue;
		size_t size = llm_function_size(unit->translation, &unit->prompt, function);
		functions *last = unit->groups.count ? vec_last(&unit->groups) : NULL;
		if (!last || last->count == GROUP_FUNCTIONS || bytes + size > GROUP_BYTES) {
			vec_push(&unit->groups, (functions)VEC_INIT);
			last = vec_last(&unit->groups);
			bytes = 0;
		}
		vec_push(last, function);
		bytes += size;
	}
}

// The second half goes to the end of what is to do.
static void split(struct unit *unit, struct course *course)
{
	functions first = VEC_INIT, second = VEC_INIT;
	for (size_t i = 0; i < course->pending.count; i++)
		if (i < course->pending.count / 2)
			vec_push(&first, course->pending.items[i]);
		else
			vec_push(&second, course->pending.items[i]);
	vec_push(&unit->groups, first);
	vec_push(&unit->groups, second);
}

// ---- reasons ---------------------------------------------------------------------------------------------------------

static void forget_reasons(struct course *course)
{
	for (size_t i = 0; i < course->pending.count; i++)
		course->pending.items[i]->reason = course->earlier.items[i];
}

static void give_reason(struct unit *unit, struct course *course, const char *reason)
{
	vec_each (&course->pending, function)
		translation_reason(unit->translation, *function, "llm", reason);
}

static bool was_refused(const struct course *course, size_t i)
{
	return course->pending.items[i]->reason != course->earlier.items[i];
}

// Drops those that are native now; with left_out also those that no check complained about: the model left them out, which
// is its right.
static void narrow(struct unit *unit, struct course *course, bool left_out)
{
	size_t kept = 0;
	for (size_t i = 0; i < course->pending.count; i++) {
		struct translate_function *function = course->pending.items[i];
		if (function->translator)
			continue;
		if (left_out && !was_refused(course, i)) {
			translation_reason(unit->translation, function, "llm", "the model left it out");
			continue;
		}
		course->pending.items[kept] = function;
		course->earlier.items[kept++] = course->earlier.items[i];
	}
	course->pending.count = course->earlier.count = kept;
}

// ---- one answer ------------------------------------------------------------------------------------------------------

static void charge(struct unit *unit, struct course *course, const struct llm_result *result)
{
	struct translation *translation = unit->translation;
	int64_t count = (int64_t)course->pending.count, i = 0;
	translation->calls = unit->session.calls;
	translation->cost += result->cost;
	translation->input_tokens += result->usage.input;
	translation->output_tokens += result->usage.output;
	vec_each (&course->pending, item) {
		struct translate_function *function = *item;
		bool first = i++ == 0; // it takes what cannot be divided
		function->attempts++;
		function->model = arena_strdup(&translation->arena, course->model);
		function->cost += result->cost / count + (first ? result->cost % count : 0);
		function->input_tokens += result->usage.input / count + (first ? result->usage.input % count : 0);
		function->output_tokens += result->usage.output / count + (first ? result->usage.output % count : 0);
	}
}

static int ask(struct unit *unit, struct course *course, struct llm_result *result, struct error *err)
{
	const struct llm_settings *settings = &unit->session.settings;
	struct llm_part parts[6] = {{LLM_SYSTEM, text_slice(&unit->prompt.guide), true},
				    {LLM_USER, text_slice(&unit->prompt.context), true},
				    {LLM_USER, text_slice(&course->request), false}};
	size_t count = 3, bytes = 0;
	if (course->feedback.len) {
		parts[count++] = (struct llm_part){LLM_ASSISTANT, text_slice(&course->answer), false};
		parts[count++] = (struct llm_part){LLM_USER, text_slice(&course->feedback), false};
	}
	if (course->paused.len)
		parts[count++] = (struct llm_part){LLM_ASSISTANT, text_slice(&course->paused), false};
	for (size_t i = 0; i < count; i++)
		bytes += parts[i].text.len;
	if (bytes > (size_t)settings->context) {
		*result = (struct llm_result){
			.reason = xasprintf("too large for a prompt: %zu bytes, llm_context allows %lld", bytes,
					    (long long)settings->context)};
		return 0;
	}
	struct llm_request request = {.model = course->model,
				      .parts = parts,
				      .count = count,
				      .max_tokens = settings->max_tokens,
				      .temperature = settings->temperature};
	work_note(unit->translation->work, "llm: %zu functions, about %lld tokens to %s", course->pending.count,
		  (long long)llm_tokens_likely(&request), course->model);
	if (llm_call(&unit->session, &request, result, err))
		return -1;
	if (unit->session.calls)
		charge(unit, course, result);
	return 0;
}

static void add_remarks(struct unit *unit, size_t from, struct text *out)
{
	for (size_t i = from; i < json_array_size(unit->translation->remarks); i++)
		text_addf(out, "- %s\n", json_string_value(json_array_get(unit->translation->remarks, i)));
}

// Puts an answer to the checks. complaints: what is to be sent back, "" when there is nothing to complain about.
static int check_answer(struct unit *unit, struct course *course, struct text *complaints, struct error *err)
{
	int files;
	bool cut;
	struct translation *translation = unit->translation;
	cleanup_free char *folder = xasprintf("%s/%d", unit->out, unit->session.requests);
	size_t remarks = json_array_size(translation->remarks);
	if (dir_remove_tree(folder, err) || dir_make(folder, 0755, err) ||
	    llm_answer_write(text_slice(&course->answer), translation->package, folder, &files, &cut, err))
		return -1;
	if (cut)
		text_add(complaints, "- the last fenced block has no end\n");
	if (!files && !cut)
		return 0; // it says that it can translate none of them
	if (files && translation_accept(translation, "llm", folder, err))
		return -1;
	narrow(unit, course, false);
	for (size_t i = 0; i < course->pending.count; i++) {
		const struct translate_function *function = course->pending.items[i];
		const char *earlier = course->earlier.items[i];
		if (function->reason != earlier)
			text_addf(complaints, "- %s: %s\n", function->go,
				  function->reason + (earlier ? strlen(earlier) + strlen("; ") : 0));
	}
	add_remarks(unit, remarks, complaints);
	if (complaints->len > COMPLAINTS_LIMIT) {
		complaints->len = COMPLAINTS_LIMIT;
		complaints->ptr[COMPLAINTS_LIMIT] = '\0';
	}
	return 0;
}

// ---- what comes next -------------------------------------------------------------------------------------------------

// false: there is none that was not asked.
static bool escalate(struct unit *unit, struct course *course)
{
	const char *larger = unit->session.settings.escalation_model;
	if (course->escalated || !larger || !strcmp(larger, course->model))
		return false;
	work_note(unit->translation->work, "llm: on to %s", larger);
	course->escalated = true;
	course->model = larger;
	course->attempts = 0;
	course->last[0] = '\0';
	return true;
}

// After something went wrong. true = ask again.
static bool go_on(struct unit *unit, struct course *course, const struct text *complaints)
{
	char digest[DIGEST_HEX_SIZE];
	digest_hex_of(text_str(complaints), complaints->len, digest);
	bool same = !strcmp(digest, course->last);
	memcpy(course->last, digest, sizeof digest);
	course->attempts++;
	if (!same && course->attempts < unit->session.settings.attempts)
		return true;
	if (escalate(unit, course))
		return true;
	cleanup_free char *reason =
		same ? xasprintf("given up: %s repeated the same mistake", course->model)
		     : xasprintf("given up after %d answers of %s", course->attempts, course->model);
	give_reason(unit, course, reason);
	return false;
}

static bool send_back(struct unit *unit, struct course *course, const struct text *complaints)
{
	if (!go_on(unit, course, complaints))
		return false;
	text_reset(&course->feedback);
	llm_prompt_feedback(text_str(complaints), unit->session.requests + 1, &course->feedback);
	return true;
}

// An answer that is none. true = ask again.
static bool answer_again(struct unit *unit, struct course *course, const char *problem)
{
	cleanup_text struct text complaint = TEXT_INIT;
	text_add(&complaint, problem);
	forget_reasons(course);
	give_reason(unit, course, problem);
	if (!go_on(unit, course, &complaint))
		return false;
	// What was cut off or unreadable is not worth the tokens of sending it back.
	text_reset(&course->answer);
	text_add(&course->answer, "(an answer that could not be used)");
	text_reset(&course->feedback);
	llm_prompt_again(problem, &course->feedback);
	return true;
}

static int take_answer(struct unit *unit, struct course *course, struct llm_result *result, struct error *err)
{
	cleanup_text struct text complaints = TEXT_INIT;
	text_reset(&course->answer);
	text_add_slice(&course->answer, text_slice(&course->paused));
	text_add(&course->answer, result->answer);
	text_reset(&course->paused);
	forget_reasons(course);
	if (!slice_trim(text_slice(&course->answer)).len)
		return answer_again(unit, course, "the answer is empty");
	if (check_answer(unit, course, &complaints, err))
		return -1;
	bool any = false;
	for (size_t i = 0; i < course->pending.count; i++)
		any |= was_refused(course, i);
	if (!any && complaints.len)
		give_reason(unit, course, "the answer is no Go that could be checked");
	narrow(unit, course, true);
	return course->pending.count && send_back(unit, course, &complaints);
}

// 1 = ask again, 0 = this group is done, -1.
static int take_result(struct unit *unit, struct course *course, struct llm_result *result, struct error *err)
{
	if (!result->answered) {
		if (result->over)
			unit->over = steal(&result->reason);
		else
			give_reason(unit, course, result->reason);
		return !result->over && escalate(unit, course);
	}
	switch (result->stop) {
	case LLM_STOP_END: return take_answer(unit, course, result, err);
	case LLM_STOP_PAUSE: // the same again, with what it said so far
		if (course->attempts++ >= unit->session.settings.attempts)
			return answer_again(unit, course, llm_stop_name(result->stop));
		text_add(&course->paused, result->answer);
		while (course->paused.len && (unsigned char)course->paused.ptr[course->paused.len - 1] <= ' ')
			course->paused.ptr[--course->paused.len] = '\0'; // servers refuse blanks at the end
		return 1;
	case LLM_STOP_LENGTH:
	case LLM_STOP_CONTEXT:
	case LLM_STOP_TOO_LARGE:
		if (course->pending.count > 1) {
			split(unit, course);
			return 0;
		}
		return answer_again(unit, course, llm_stop_name(result->stop));
	case LLM_STOP_REFUSAL:
	case LLM_STOP_FILTER:
		forget_reasons(course);
		give_reason(unit, course, llm_stop_name(result->stop));
		return escalate(unit, course);
	case LLM_STOP_CUT:
	case LLM_STOP_ERROR:
	case LLM_STOP_MALFORMED: break;
	}
	return answer_again(unit, course, llm_stop_name(result->stop));
}

// number: of the first request.
static int work_group(struct unit *unit, const functions *group, int number, struct error *err)
{
	struct course course = {.model = unit->session.settings.model};
	int again = 1;
	vec_each (group, function)
		if (!(*function)->translator) {
			vec_push(&course.pending, *function);
			vec_push(&course.earlier, (*function)->reason);
		}
	llm_prompt_request(unit->translation, &unit->prompt, course.pending.items, course.pending.count, number,
			   &course.request);
	while (again > 0 && course.pending.count && !unit->over) {
		struct llm_result result = {0};
		again = ask(unit, &course, &result, err) ? -1 : take_result(unit, &course, &result, err);
		llm_result_clear(&result);
	}
	course_clear(&course);
	return again < 0 ? -1 : 0;
}

// The first requests of all groups, as ask makes them, through a batch. One that is too large is left to ask, which says so.
static int draft_groups(struct unit *unit, struct error *err)
{
	const struct llm_settings *settings = &unit->session.settings;
	size_t count = unit->groups.count, kept = 0;
	cleanup_free struct text *texts = xcalloc(count, sizeof *texts);
	cleanup_free struct llm_part *parts = xcalloc(count * 3, sizeof *parts);
	cleanup_free struct llm_request *requests = xcalloc(count, sizeof *requests);
	for (size_t i = 0; i < count; i++) {
		const functions *group = &unit->groups.items[i];
		llm_prompt_request(unit->translation, &unit->prompt, group->items, group->count, (int)i + 1, &texts[i]);
		struct llm_part *own = parts + kept * 3;
		own[0] = (struct llm_part){LLM_SYSTEM, text_slice(&unit->prompt.guide), true};
		own[1] = (struct llm_part){LLM_USER, text_slice(&unit->prompt.context), true};
		own[2] = (struct llm_part){LLM_USER, text_slice(&texts[i]), false};
		if (own[0].text.len + own[1].text.len + own[2].text.len > (size_t)settings->context)
			continue;
		requests[kept++] = (struct llm_request){.model = settings->model,
							.parts = own,
							.count = 3,
							.max_tokens = settings->max_tokens,
							.temperature = settings->temperature};
	}
	int status = llm_batch(&unit->session, requests, kept, err);
	for (size_t i = 0; i < count; i++)
		text_clear(&texts[i]);
	return status;
}

static int work_groups(struct unit *unit, struct error *err)
{
	make_groups(unit);
	size_t drafts = unit->session.settings.batch ? unit->groups.count : 0;
	if (drafts && draft_groups(unit, err))
		return -1;
	unit->session.requests = (int)drafts; // their numbers are taken
	for (size_t i = 0; i < unit->groups.count && !unit->over; i++) {
		functions group = unit->groups.items[i];
		int number = i < drafts ? (int)i + 1 : unit->session.requests + 1;
		if (work_group(unit, &group, number, err))
			return -1;
	}
	return 0;
}

static int propose(struct translation *translation, const char *out, char **reason, struct error *err)
{
	struct unit unit = {.translation = translation, .out = out};
	int status = llm_session_open(translation, &unit.session, err) ||
				     llm_prompt_open(translation, unit.session.settings.context, &unit.prompt, err) ||
				     work_groups(&unit, err)
			     ? -1
			     : 0;
	*reason = unit.over;
	vec_each (&unit.groups, group)
		vec_clear(group);
	vec_clear(&unit.groups);
	llm_prompt_clear(translation, &unit.prompt);
	llm_session_clear(&unit.session);
	return status; // what stands was taken over answer by answer
}

const struct translator translator_llm = {"llm", propose};
