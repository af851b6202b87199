// One request, tried until there is an answer or a reason why there is none.
//
// Money: the worst case of a try is reserved in the day's and the run's account,
// a "call" line is fsynced into the run's journal, the model is asked, a "spend"
// line is fsynced, then both accounts are settled with what it cost. A try whose cost nobody knows (cut off, killed) costs its
// reservation; one that the server refused costs nothing.
#include <dirent.h>
#include <string.h>
#include <sys/random.h>

#include "agents/run.h"
#include "agents/translators/llm.h"
#include "core/clock.h"
#include "core/file.h"
#include "scheduler/journal.h"
#include "scheduler/money.h"

enum {
	SLACK = 120000, // milliseconds after the timeout of a request until its holder counts as gone
	NAP = 300,      // between two looks at an account or a server that is held back
	PAID_TRIES = 2, // of a request whose answers break off: each one is paid
	SETTLE_TRIES = 5,
};

static int64_t now(void)
{
	return system_clock.monotonic(system_clock.context);
}

static uint64_t next_random(struct llm_session *session)
{
	session->random ^= session->random << 13;
	session->random ^= session->random >> 7;
	session->random ^= session->random << 17;
	return session->random;
}

int llm_session_open(struct translation *translation, struct llm_session *out, struct error *err)
{
	struct work *work = translation->work;
	const struct config *config = work->config;
	*out = (struct llm_session){.translation = translation, .deadline = now() + config->llm_unit_time};
	if (llm_settings_check(config, err) || llm_settings_read(work->plan->llm, &out->settings, err))
		return -1;
	if (!work->redis || !work->run || !work->job)
		return error_set(err, ERROR_CONFIG,
				 "the translator llm works within a run only: its money is kept in Redis");
	out->server = (struct llm_server){.dialect = out->settings.dialect,
					  .base_url = config->llm_base_url,
					  .key_env = config->llm_key_env,
					  .key_file = config->llm_key_file,
					  .timeout = config->llm_timeout,
					  .interrupted = work->interrupted};
	cleanup_free char *folder = run_folder(config, work->run);
	cleanup_free char *path = xasprintf("%s/journal.jsonl", folder);
	if (getrandom(&out->random, sizeof out->random, 0) < 0 || !out->random)
		out->random = (uint64_t)now() | 1;
	return queue_open(work->redis, &out->queue, err) || journal_open(path, &out->journal, err) ? -1 : 0;
}

void llm_session_clear(struct llm_session *session)
{
	llm_settings_clear(&session->settings);
	queue_free(session->queue);
	journal_free(session->journal);
	vec_each (&session->drafts, draft)
		free(draft->answer);
	vec_clear(&session->drafts);
	*session = (struct llm_session){0};
}

void llm_result_clear(struct llm_result *result)
{
	free(result->reason);
	free(result->answer);
	*result = (struct llm_result){0};
}

int llm_rest(struct llm_session *session, int64_t milliseconds, struct error *err)
{
	for (int64_t end = now() + milliseconds; now() < end;) {
		const volatile int *interrupted = session->translation->work->interrupted;
		if (interrupted && *interrupted)
			return error_set(err, ERROR_INTERRUPTED, "interrupted");
		int64_t left = end - now();
		system_clock.sleep(system_clock.context, left > 100 ? 100 : left);
	}
	return 0;
}

// ---- money -----------------------------------------------------------------------------------------------------------

struct sum {
	const char *day; // NULL: all days
	int64_t spent;
};

static int add_line(void *context, json_t *line)
{
	struct sum *sum = context;
	const char *event = json_string_or(line, "event", "");
	bool begins = !strcmp(event, "call"), ends = !strcmp(event, "spend");
	if ((!begins && !ends) || (sum->day && strncmp(json_string_or(line, "called", ""), sum->day, 10)))
		return 0;
	// A call of which no end is written, since its process was killed, cost its reservation.
	int64_t reserved = json_integer_or(line, "reserved_microdollars", 0);
	sum->spent += begins ? reserved : json_integer_or(line, "cost_microdollars", 0) - reserved;
	return 0;
}

static int sum_of_run(struct llm_session *session, const char *run, struct sum *sum, struct error *err)
{
	cleanup_free char *folder = run_folder(session->translation->work->config, run);
	cleanup_free char *path = xasprintf("%s/journal.jsonl", folder);
	return journal_read(path, add_line, sum, NULL, err);
}

// Redis does not know the account: it is new, or Redis was lost. The journals know.
static int begin_account(struct llm_session *session, const char *run, struct error *err)
{
	cleanup_text struct text today = TEXT_INIT;
	clock_format_utc(system_clock.wall(system_clock.context), &today);
	struct sum sum = {.day = run ? NULL : text_str(&today)};
	struct money money;
	if (run)
		return sum_of_run(session, run, &sum, err) || money_begin(session->queue, run, sum.spent, &money, err)
			       ? -1
			       : 0;
	cleanup_free char *runs = work_path(session->translation->work, "runs");
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	if (dir_list(runs, &names, err))
		return -1;
	vec_each (&names, name)
		if (sum_of_run(session, *name, &sum, err))
			return -1;
	return money_begin(session->queue, NULL, sum.spent, &money, err);
}

static void dollars(int64_t microdollars, struct text *out)
{
	text_addf(out, "$%lld.%06lld", (long long)(microdollars / 1000000), (long long)(microdollars % 1000000));
	while (out->ptr[out->len - 1] == '0' && out->ptr[out->len - 3] != '.') // two digits at least
		out->ptr[--out->len] = '\0';
}

static char *used_up(const char *run, const struct money *money, int64_t limit, int64_t amount)
{
	cleanup_text struct text all = TEXT_INIT, spent = TEXT_INIT, needed = TEXT_INIT;
	dollars(limit, &all);
	dollars(money->spent + money->over, &spent);
	dollars(amount, &needed);
	return xasprintf("the budget of the %s (%s, setting %s) does not suffice: %s are spent and this request may "
			 "cost up to %s",
			 run ? "run" : "day", text_str(&all), run ? "budget" : "budget_day", text_str(&spent),
			 text_str(&needed));
}

// 0 = reserved; 1 = *reason; -1.
static int reserve_in(struct llm_session *session, const char *run, const char *id, int64_t amount, int64_t time,
		      char **reason, struct error *err)
{
	const struct config *config = session->translation->work->config;
	int64_t limit = run ? session->settings.budget : config->budget_day;
	for (;;) {
		struct money money;
		if (money_reserve(session->queue, run, id, amount, limit, time + SLACK, &money, err))
			return -1;
		if (money.state == MONEY_GRANTED)
			return 0;
		if (money.state == MONEY_UNKNOWN) {
			if (begin_account(session, run, err))
				return -1;
			continue;
		}
		if (money.state == MONEY_NEVER || session->no_wait || now() > session->deadline) {
			*reason = used_up(run, &money, limit, amount);
			return 1;
		}
		if (llm_rest(session, NAP, err)) // others hold it and will give some of it back
			return -1;
	}
}

static int settle_in(struct llm_session *session, const char *run, const char *id, int64_t amount, struct error *err)
{
	struct money money;
	for (int i = 0;; i++) {
		if (!money_settle(session->queue, run, id, amount, &money, err))
			return 0;
		if (i == SETTLE_TRIES)
			return -1;
		system_clock.sleep(system_clock.context, 200);
	}
}

int llm_settle(struct llm_session *session, const char *id, int64_t amount, struct error *err)
{
	struct error second = ERROR_INIT;
	int run = settle_in(session, session->translation->work->run, id, amount, err);
	int day = settle_in(session, NULL, id, amount, run ? &second : err);
	return run || day ? -1 : 0;
}

int llm_reserve(struct llm_session *session, const char *id, int64_t amount, int64_t time, char **reason,
		struct error *err)
{
	int day = reserve_in(session, NULL, id, amount, time, reason, err);
	if (day)
		return day;
	int run = reserve_in(session, session->translation->work->run, id, amount, time, reason, err);
	if (run) {
		struct error ignored = ERROR_INIT; // when Redis is gone, it is charged in time: never too little
		settle_in(session, NULL, id, 0, run > 0 ? err : &ignored);
	}
	return run;
}

static json_t *call_line(struct llm_session *session, const struct llm_paid *call, const char *event)
{
	struct work *work = session->translation->work;
	cleanup_text struct text stamp = TEXT_INIT;
	clock_format_utc(system_clock.wall(system_clock.context), &stamp);
	return json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:I}", "time", text_str(&stamp), "called",
			 text_str(&call->called), "event", event, "job", work->job, "fence", (json_int_t)work->fence,
			 "call", call->id, "model", call->model, "reserved_microdollars", (json_int_t)call->reserved);
}

int llm_write_call(struct llm_session *session, const struct llm_paid *call, struct error *err)
{
	cleanup_json json_t *line = call_line(session, call, "call");
	return journal_append(session->journal, line, err);
}

int llm_write_spend(struct llm_session *session, const struct llm_paid *call, const struct llm_reply *reply,
		    int64_t cost, struct error *err)
{
	const struct llm_usage *usage = &reply->usage;
	cleanup_json json_t *line = call_line(session, call, "spend");
	json_object_update_new(
		line, json_pack("{s:I, s:b, s:I, s:I, s:I, s:I, s:I}", "cost_microdollars", (json_int_t)cost, "known",
				usage->known, "input_tokens", (json_int_t)usage->input, "cache_read_tokens",
				(json_int_t)usage->cache_read, "cache_write_tokens", (json_int_t)usage->cache_write,
				"output_tokens", (json_int_t)usage->output, "status", (json_int_t)reply->status));
	return journal_append(session->journal, line, err);
}

// ---- tries -----------------------------------------------------------------------------------------------------------

struct attempt {
	struct llm_session *session;
	struct llm_request *request;
	struct llm_result *result;
	struct llm_price price;
	int tries, paid; // paid: broke off and was paid
};

static int wait_for_server(struct llm_session *session, const char *server, int64_t *deadline_missed, struct error *err)
{
	int64_t left = 1;
	*deadline_missed = 0;
	while (left > 0) {
		if (money_pause_server(session->queue, server, 0, &left, err))
			return -1;
		if (left > 0 && now() + left > session->deadline) {
			*deadline_missed = left;
			return 0;
		}
		if (left > 0 && llm_rest(session, left < 1000 ? left : 1000, err))
			return -1;
	}
	return 0;
}

static int64_t cost_of(const struct attempt *attempt, const struct llm_reply *reply, int64_t reserved)
{
	if (reply->usage.known)
		return llm_cost(&attempt->price, &reply->usage);
	if (reply->stop == LLM_STOP_ERROR && !*reply->answer) // refused, within a stream
		return 0;
	bool may_have_worked = reply->status ? reply->status < 300 : reply->maybe_sent;
	return may_have_worked ? reserved : 0;
}

static void note_try(const struct attempt *attempt, const struct llm_paid *call, const struct llm_reply *reply,
		     int64_t cost, int64_t milliseconds)
{
	const struct llm_usage *usage = &reply->usage;
	work_note(attempt->session->translation->work,
		  "+ %lld ms %s, try %d: status %ld, %s; tokens %lld + %lld cached + %lld written, %lld out%s; %lld "
		  "microdollars of %lld%s%s",
		  (long long)milliseconds, call->model, attempt->tries, reply->status, llm_stop_name(reply->stop),
		  (long long)usage->input, (long long)usage->cache_read, (long long)usage->cache_write,
		  (long long)usage->output, usage->known ? "" : " (unknown)", (long long)cost,
		  (long long)call->reserved, reply->failure ? ": " : "", reply->failure ? reply->failure : "");
}

// Asks, writes down what it cost and settles. Whatever happens, the reservation ends: charged or given back.
static int ask(struct attempt *attempt, const struct llm_paid *call, json_t *body, struct llm_reply *reply,
	       struct error *err)
{
	struct llm_session *session = attempt->session;
	struct error second = ERROR_INIT;
	int64_t started = now();
	int status = llm_write_call(session, call, err) || llm_try(&session->server, body, reply, err) ? -1 : 0;
	int64_t cost = 0; // when it was not asked
	if (!status)
		cost = cost_of(attempt, reply, call->reserved);
	else if (err->code == ERROR_INTERRUPTED)
		cost = call->reserved;
	if (llm_write_spend(session, call, reply, cost, &second) || llm_settle(session, call->id, cost, &second)) {
		if (!status)
			*err = second;
		return -1;
	}
	note_try(attempt, call, reply, cost, now() - started);
	attempt->result->cost += cost;
	session->cost += cost;
	attempt->result->usage.input += reply->usage.input + reply->usage.cache_read + reply->usage.cache_write;
	attempt->result->usage.output += reply->usage.output;
	attempt->paid += cost > 0 && reply->stop != LLM_STOP_END;
	return status;
}

// One paid try. 0 = *reply is there; 1 = *reason, nothing was asked; -1.
static int try_once(struct attempt *attempt, struct llm_reply *reply, char **reason, struct error *err)
{
	struct llm_session *session = attempt->session;
	struct work *work = session->translation->work;
	cleanup_json json_t *body = llm_request_json(session->server.dialect, attempt->request);
	if (!body)
		return error_set(err, ERROR_FAILED, "a request to a model could not be written");
	struct llm_paid call = {.id = xasprintf("%s %s %llu.%d", work->run, work->job, (unsigned long long)work->fence,
						++session->calls),
				.model = attempt->request->model,
				.reserved = llm_cost_most(&attempt->price, llm_tokens_most(attempt->request),
							  attempt->request->max_tokens)};
	clock_format_utc(system_clock.wall(system_clock.context), &call.called);
	int status = llm_reserve(session, call.id, call.reserved, work->config->llm_timeout, reason, err);
	if (!status)
		status = ask(attempt, &call, body, reply, err);
	free(call.id);
	text_clear(&call.called);
	return status;
}

static char *refusal_of(enum llm_verdict verdict, const struct llm_reply *reply)
{
	static const char *const words[] = {[LLM_AGAIN] = "the model's server cannot serve it",
					    [LLM_NAME] = "the model's server refuses the request",
					    [LLM_MONEY] = "the account at the model's provider is empty",
					    [LLM_KEY] = "the model's server refuses the key",
					    [LLM_LONG] = "the prompt is too long for the model",
					    [LLM_REFUSED] = "the model's server refuses the request"};
	const char *said = reply->failure ? reply->failure : reply->status ? llm_stop_name(reply->stop) : "no answer";
	return reply->status ? xasprintf("%s: status %ld: %.600s", words[verdict], reply->status, said)
			     : xasprintf("%s: %.600s", words[verdict], said);
}

// 0 = the result is complete; 1 = try again; -1.
static int take_reply(struct attempt *attempt, const char *server, struct llm_reply *reply, struct error *err)
{
	struct llm_session *session = attempt->session;
	struct llm_result *result = attempt->result;
	enum llm_verdict verdict = llm_judge(reply);
	int64_t left, wait = llm_wait(reply, attempt->tries, next_random(session));
	bool later = reply->status == 429 || reply->status == 529 || reply->status == 503;
	if (verdict == LLM_GOOD) {
		result->answered = true;
		result->answer = steal(&reply->answer);
		result->stop = reply->stop;
		return reply->pause > 0 ? money_pause_server(session->queue, server, reply->pause, &left, err) : 0;
	}
	if (verdict == LLM_NAME && !attempt->request->max_completion_tokens) {
		attempt->request->max_completion_tokens = true;
		return 1;
	}
	bool again = verdict == LLM_AGAIN && attempt->tries <= session->translation->work->config->llm_retries &&
		     attempt->paid < PAID_TRIES;
	if (!again || now() + wait > session->deadline) {
		result->reason = refusal_of(verdict, reply);
		// The next request of this unit would fare no better, but for one that is too long or was refused for itself.
		result->over = verdict != LLM_LONG && verdict != LLM_REFUSED && !attempt->paid;
		return 0;
	}
	work_note(session->translation->work, "llm: again in %lld ms", (long long)wait);
	if (later) // all agents
		return money_pause_server(session->queue, server, wait, &left, err) ? -1 : 1;
	return llm_rest(session, wait, err) ? -1 : 1;
}

// ---- answers that were paid for --------------------------------------------------------------------------------------

void llm_answer_key(const struct llm_session *session, const struct llm_request *request, char key[DIGEST_HEX_SIZE])
{
	struct digest_hasher *hasher = digest_new();
	cleanup_text struct text bytes = TEXT_INIT;
	cleanup_json json_t *body = llm_request_json(session->server.dialect, request);
	if (body)
		json_write_compact(body, &bytes);
	digest_add_string(hasher, "llm-answer/1");
	digest_add_string(hasher, session->server.base_url);
	digest_add(hasher, text_str(&bytes), bytes.len);
	digest_final_hex(hasher, key);
	digest_free(hasher);
}

// The same request was answered before: by a job that was killed afterwards, or in another run. 1, 0 or -1.
static int find_answer(struct llm_session *session, const char *key, struct llm_result *out, struct error *err)
{
	struct store *store = session->translation->work->store;
	char digest[DIGEST_HEX_SIZE];
	struct text text = TEXT_INIT;
	int found = store_memo_get(store, key, digest, err);
	if (found <= 0)
		return found;
	if (store_get(store, digest, &text, err))
		return -1;
	*out = (struct llm_result){.answered = true, .answer = text_steal(&text), .stop = LLM_STOP_END};
	work_note(session->translation->work, "llm: this request was answered before");
	return 1;
}

static int keep_answer(struct llm_session *session, const char *key, const struct llm_result *result, struct error *err)
{
	struct store *store = session->translation->work->store;
	char digest[DIGEST_HEX_SIZE];
	return store_put(store, slice_of(result->answer), digest, err) || store_memo_put(store, key, digest, err) ? -1
														  : 0;
}

// A batch has answered it. What it cost was settled there.
static bool take_draft(struct llm_session *session, const char *key, struct llm_result *out)
{
	vec_each (&session->drafts, draft) {
		if (strcmp(draft->key, key) || !draft->answer)
			continue;
		*out = (struct llm_result){.answered = true,
					   .answer = steal(&draft->answer),
					   .stop = draft->stop,
					   .cost = draft->cost,
					   .usage = draft->usage};
		session->calls++;
		session->cost += draft->cost;
		return true;
	}
	return false;
}

int llm_call(struct llm_session *session, struct llm_request *request, struct llm_result *out, struct error *err)
{
	struct attempt attempt = {.session = session, .request = request, .result = out};
	*out = (struct llm_result){0};
	char key[DIGEST_HEX_SIZE];
	session->requests++;
	llm_answer_key(session, request, key);
	int found = find_answer(session, key, out, err);
	if (found)
		return found < 0 ? -1 : 0;
	if (take_draft(session, key, out))
		return out->stop == LLM_STOP_END ? keep_answer(session, key, out, err) : 0;
	cleanup_free char *server = xasprintf("%s %s", session->server.base_url, request->model);
	if (llm_price_find(session->translation->work->config->prices, request->model, &attempt.price, err))
		return -1;
	for (int again = 1; again == 1;) {
		struct llm_reply reply = {0};
		int64_t missed;
		attempt.tries++;
		if (wait_for_server(session, server, &missed, err))
			return -1;
		if (missed || now() > session->deadline) {
			out->reason = missed ? xasprintf("the model's server wants to be left alone for %lld s more",
							 (long long)(missed / 1000 + 1))
					     : xstrdup("the time for this unit (llm_unit_time) is over");
			out->over = true;
			return 0;
		}
		again = try_once(&attempt, &reply, &out->reason, err);
		if (again == 0)
			again = take_reply(&attempt, server, &reply, err);
		else if (again > 0) { // no money
			out->over = true;
			again = 0;
		} else if (err->code == ERROR_CONFIG) { // the key: the translator's trouble, not the job's
			out->reason = xstrdup(err->text);
			out->over = true;
			*err = (struct error)ERROR_INIT;
			again = 0;
		}
		llm_reply_clear(&reply);
		if (again < 0)
			return -1;
	}
	return out->answered && out->stop == LLM_STOP_END ? keep_answer(session, key, out, err) : 0;
}
