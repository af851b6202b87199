// First drafts through the batch API of a dialect: all requests of a unit are
// sent at once and answered within hours, at the batch's price.
//
// Money: each request's worst case is reserved and its "call" line written before the batch is made; its "spend" line and the
// settlement follow when the results are there. The batch's id is kept in the store under the digest of its requests, and in
// the journal: a job that is done again (its agent was killed) goes on with the same batch and settles the same calls.
// A request that the batch has no answer for costs nothing and is made live, like all repairs.
#include <string.h>

#include "agents/run.h"
#include "agents/translators/llm.h"
#include "core/clock.h"
#include "core/file.h"
#include "scheduler/journal.h"

enum {
	FIRST_LOOK = 500, // milliseconds between two looks at a batch, growing
	LAST_LOOK = 30000,
	CANCEL_TIME = 60000, // for a batch that is given up to end
	ID_LIMIT = 200,
};
static const char boundary[] = "gophersnake-7d1f2a60b1c84e0e";

struct entry {
	struct llm_draft draft;
	json_t *body;
	struct llm_paid paid;
	char name[48];                // custom_id
	bool wanted, called, settled; // not answered before; has its lines in the journal
};
struct batch {
	struct llm_session *session;
	struct llm_price price;
	VEC(struct entry) entries;
	char key[DIGEST_HEX_SIZE];
	char *id;                // heap
	char *output, *failures; // files of OpenAI's results; heap, NULL: none
	bool ended, may_cost;    // may_cost: nobody knows what became of it
};

static int64_t now(void)
{
	return system_clock.monotonic(system_clock.context);
}

static void batch_clear(struct batch *batch)
{
	vec_each (&batch->entries, entry) {
		free(entry->draft.answer);
		free(entry->paid.id);
		text_clear(&entry->paid.called);
		json_decref(entry->body);
	}
	vec_clear(&batch->entries);
	free(batch->id);
	free(batch->output);
	free(batch->failures);
}

static void note(const struct batch *batch, const char *words)
{
	work_note(batch->session->translation->work, "llm batch %s: %s", batch->id ? batch->id : "(not made)", words);
}

static bool is_id(const char *id)
{
	size_t length = strlen(id);
	return length && length <= ID_LIMIT &&
	       strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") == length;
}

// ---- the requests ----------------------------------------------------------------------------------------------------

static int add_requests(struct batch *batch, const struct llm_request *requests, size_t count, struct error *err)
{
	struct llm_session *session = batch->session;
	struct work *work = session->translation->work;
	struct digest_hasher *hasher = digest_new();
	digest_add_string(hasher, "llm-batch/1");
	for (size_t i = 0; i < count; i++) {
		struct entry entry = {.paid = {.model = requests[i].model}};
		char digest[DIGEST_HEX_SIZE];
		llm_answer_key(session, &requests[i], entry.draft.key);
		digest_add_string(hasher, entry.draft.key);
		snprintf(entry.name, sizeof entry.name, "g%zu-%.16s", i, entry.draft.key);
		int found = store_memo_get(work->store, entry.draft.key, digest, err);
		entry.wanted = !found;
		entry.paid.reserved =
			llm_cost_most(&batch->price, llm_tokens_most(&requests[i]), requests[i].max_tokens);
		entry.body = llm_request_json(session->server.dialect, &requests[i]);
		if (entry.body) {
			json_object_del(entry.body, "stream");
			json_object_del(entry.body, "stream_options");
		}
		vec_push(&batch->entries, entry);
		if (found < 0 || !entry.body) {
			digest_free(hasher);
			return found < 0 ? -1
					 : error_set(err, ERROR_FAILED, "a request to a model could not be written");
		}
	}
	digest_final_hex(hasher, batch->key);
	digest_free(hasher);
	vec_each (&batch->entries, entry)
		entry->paid.id = xasprintf("%s %s batch %.16s %s", work->run, work->job, batch->key, entry->name);
	return 0;
}

static int take_line(void *context, json_t *line)
{
	struct batch *batch = context;
	const char *event = json_string_or(line, "event", ""), *call = json_string_or(line, "call", "");
	vec_each (&batch->entries, entry) {
		if (strcmp(entry->paid.id, call) != 0)
			continue;
		entry->called |= !strcmp(event, "call");
		entry->settled |= !strcmp(event, "spend");
		entry->paid.reserved = json_integer_or(line, "reserved_microdollars", entry->paid.reserved);
		text_reset(&entry->paid.called);
		text_add(&entry->paid.called, json_string_or(line, "called", ""));
	}
	return 0;
}

// What an earlier try of this job has done of it.
static int find_earlier(struct batch *batch, struct error *err)
{
	struct work *work = batch->session->translation->work;
	char digest[DIGEST_HEX_SIZE];
	cleanup_free char *folder = run_folder(work->config, work->run);
	cleanup_free char *path = xasprintf("%s/journal.jsonl", folder);
	int found = store_memo_get(work->store, batch->key, digest, err);
	if (found < 0 || journal_read(path, take_line, batch, NULL, err))
		return -1;
	cleanup_json json_t *kept = found ? store_get_json(work->store, digest, "batch", err) : NULL;
	if (found && !kept)
		return -1;
	const char *id = json_string_or(kept, "id", "");
	batch->id = is_id(id) ? xstrdup(id) : NULL;
	return 0;
}

// ---- money -----------------------------------------------------------------------------------------------------------

// Reserves for each request; one for which there is no money is left to the live calls, which will say so.
static int reserve_all(struct batch *batch, size_t *count, struct error *err)
{
	struct llm_session *session = batch->session;
	int64_t time = session->translation->work->config->llm_batch_time + CANCEL_TIME;
	*count = 0;
	session->no_wait = true;
	vec_each (&batch->entries, entry) {
		cleanup_free char *reason = NULL;
		if (!entry->wanted || entry->settled)
			continue;
		if (!entry->called) {
			clock_format_utc(system_clock.wall(system_clock.context), &entry->paid.called);
			int status = llm_reserve(session, entry->paid.id, entry->paid.reserved, time, &reason, err);
			if (status < 0 || (!status && llm_write_call(session, &entry->paid, err)))
				return -1;
			if (status) {
				note(batch, reason);
				entry->wanted = false;
				continue;
			}
			entry->called = true;
		}
		++*count;
	}
	session->no_wait = false;
	return 0;
}

static int settle(struct batch *batch, struct entry *entry, const struct llm_usage *usage, int64_t cost, long status,
		  struct error *err)
{
	struct llm_reply reply = {.status = status};
	if (usage)
		reply.usage = *usage;
	if (entry->settled || !entry->called)
		return 0;
	if (llm_write_spend(batch->session, &entry->paid, &reply, cost, err) ||
	    llm_settle(batch->session, entry->paid.id, cost, err))
		return -1;
	entry->settled = true;
	work_note(batch->session->translation->work, "llm batch %s: %s: %lld microdollars of %lld",
		  batch->id ? batch->id : "", entry->name, (long long)cost, (long long)entry->paid.reserved);
	return 0;
}

// Of what has no result: nothing, or the reservation when the server may have worked on it.
static int settle_rest(struct batch *batch, struct error *err)
{
	vec_each (&batch->entries, entry)
		if (settle(batch, entry, NULL, batch->may_cost ? entry->paid.reserved : 0, 0, err))
			return -1;
	return 0;
}

// ---- the server ------------------------------------------------------------------------------------------------------

// 0 = *out; 1 = not to be had, *page says why; -1.
static int fetch(struct batch *batch, const char *method, const char *path, const char *type, struct slice body,
		 struct llm_page *page, json_t **out, struct error *err)
{
	struct error malformed = ERROR_INIT;
	struct llm_message message = {method, path, type, body};
	llm_page_clear(page);
	if (llm_fetch(&batch->session->server, &message, page, err))
		return -1;
	if (page->failure || page->status < 200 || page->status > 299)
		return 1;
	if (!out)
		return 0;
	*out = json_parse(slice_of(page->body), "answer", &malformed);
	if (*out)
		return 0;
	page->failure = xstrdup("the answer is no JSON");
	return 1;
}

static json_t *anthropic_batch(const struct batch *batch)
{
	json_t *requests = json_array();
	vec_each (&batch->entries, entry)
		if (entry->wanted && !entry->settled)
			json_array_append_new(requests,
					      json_pack("{s:s, s:O}", "custom_id", entry->name, "params", entry->body));
	return json_pack("{s:o}", "requests", requests);
}

// The file, as a form's part.
static void openai_form(const struct batch *batch, struct text *out)
{
	text_addf(
		out,
		"--%s\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--%s\r\nContent-Disposition: "
		"form-data; name=\"file\"; filename=\"drafts.jsonl\"\r\nContent-Type: application/jsonl\r\n\r\n",
		boundary, boundary);
	vec_each (&batch->entries, entry) {
		if (!entry->wanted || entry->settled)
			continue;
		cleanup_json json_t *line = json_pack("{s:s, s:s, s:s, s:O}", "custom_id", entry->name, "method",
						      "POST", "url", "/v1/chat/completions", "body", entry->body);
		json_write_compact(line, out);
		text_add_char(out, '\n');
	}
	text_addf(out, "\r\n--%s--\r\n", boundary);
}

static int upload(struct batch *batch, struct llm_page *page, json_t **file, struct error *err)
{
	cleanup_text struct text form = TEXT_INIT;
	cleanup_free char *type = xasprintf("multipart/form-data; boundary=%s", boundary);
	openai_form(batch, &form);
	return fetch(batch, "POST", "/files", type, text_slice(&form), page, file, err);
}

static int create(struct batch *batch, struct llm_page *page, json_t **made, struct error *err)
{
	bool anthropic = batch->session->server.dialect == LLM_ANTHROPIC;
	cleanup_json json_t *file = NULL;
	cleanup_text struct text bytes = TEXT_INIT;
	int status = anthropic ? 0 : upload(batch, page, &file, err);
	if (status) {
		page->maybe_sent = false; // a file alone costs nothing
		return status;
	}
	cleanup_json json_t *body =
		anthropic ? anthropic_batch(batch)
			  : json_pack("{s:s, s:s, s:s}", "input_file_id", json_string_or(file, "id", ""), "endpoint",
				      "/v1/chat/completions", "completion_window", "24h");
	json_write_compact(body, &bytes);
	return fetch(batch, "POST", anthropic ? "/v1/messages/batches" : "/batches", "application/json",
		     text_slice(&bytes), page, made, err);
}

// 0 = batch->id is there and kept; 1 = there is no batch; -1.
static int make(struct batch *batch, struct error *err)
{
	struct work *work = batch->session->translation->work;
	struct llm_page page = {0};
	cleanup_json json_t *made = NULL;
	int status = create(batch, &page, &made, err);
	const char *id = json_string_or(made, "id", "");
	if (!status && is_id(id)) {
		char digest[DIGEST_HEX_SIZE];
		cleanup_json json_t *kept = json_pack("{s:s}", "id", id);
		cleanup_text struct text stamp = TEXT_INIT;
		clock_format_utc(system_clock.wall(system_clock.context), &stamp);
		cleanup_json json_t *line = json_pack("{s:s, s:s, s:s, s:s}", "time", text_str(&stamp), "event",
						      "batch", "job", work->job, "batch", id);
		batch->id = xstrdup(id);
		status = store_put_json(work->store, kept, digest, err) ||
					 store_memo_put(work->store, batch->key, digest, err) ||
					 journal_append(batch->session->journal, line, err)
				 ? -1
				 : 0;
		note(batch, "made");
	} else if (status >= 0) {
		batch->may_cost = !status || page.maybe_sent;
		note(batch, page.failure ? page.failure : "the server's answer has no id");
		status = 1;
	}
	llm_page_clear(&page);
	return status;
}

static char *batch_path(const struct batch *batch, const char *rest)
{
	bool anthropic = batch->session->server.dialect == LLM_ANTHROPIC;
	return xasprintf("%s/%s%s", anthropic ? "/v1/messages/batches" : "/batches", batch->id, rest);
}

static char *file_of(json_t *state, const char *key)
{
	const char *id = json_string_or(state, key, "");
	return is_id(id) ? xstrdup(id) : NULL;
}

static void take_state(struct batch *batch, json_t *state)
{
	static const char *const ends[] = {"completed", "failed", "expired", "cancelled"};
	const char *status = json_string_or(state, "status", "");
	if (batch->session->server.dialect == LLM_ANTHROPIC)
		batch->ended = !strcmp(json_string_or(state, "processing_status", ""), "ended");
	for (size_t i = 0; i < ARRAY_LENGTH(ends) && batch->session->server.dialect == LLM_OPENAI; i++)
		batch->ended |= !strcmp(status, ends[i]);
	if (batch->ended && batch->session->server.dialect == LLM_OPENAI) {
		batch->output = file_of(state, "output_file_id");
		batch->failures = file_of(state, "error_file_id");
	}
}

// Until it has ended, or is given up. 0, -1.
static int wait_for(struct batch *batch, struct error *err)
{
	int64_t limit = batch->session->translation->work->config->llm_batch_time, pause = FIRST_LOOK;
	int64_t end = now() + limit;
	bool cancelled = false;
	cleanup_free char *path = batch_path(batch, "");
	while (!batch->ended) {
		struct llm_page page = {0};
		cleanup_json json_t *state = NULL;
		int status = fetch(batch, "GET", path, NULL, slice_of(""), &page, &state, err);
		bool gone = status > 0 && page.status >= 400 && page.status < 500 && page.status != 408 &&
			    page.status != 429;
		if (!status)
			take_state(batch, state);
		else if (status > 0)
			note(batch, page.failure);
		llm_page_clear(&page);
		if (status < 0)
			return -1;
		if (gone || (cancelled && now() > end)) {
			batch->may_cost = true;
			return 0;
		}
		if (!batch->ended && !cancelled && now() > end) {
			cleanup_free char *cancel = batch_path(batch, "/cancel");
			note(batch, "llm_batch_time is over: given up");
			if (fetch(batch, "POST", cancel, "application/json", slice_of("{}"), &page, NULL, err) < 0)
				return -1;
			llm_page_clear(&page);
			cancelled = true;
			end = now() + CANCEL_TIME;
		}
		if (!batch->ended && llm_rest(batch->session, pause, err))
			return -1;
		pause = pause * 3 / 2 < LAST_LOOK ? pause * 3 / 2 : LAST_LOOK;
	}
	return 0;
}

// ---- results ---------------------------------------------------------------------------------------------------------

// The message in a line of results, NULL when this request has none.
static json_t *message_of(const struct batch *batch, json_t *line, const char **why)
{
	json_t *result = json_object_get(line, "result"), *response = json_object_get(line, "response");
	if (batch->session->server.dialect == LLM_ANTHROPIC) {
		*why = json_string_or(result, "type", "no result");
		return strcmp(*why, "succeeded") ? NULL : json_object_get(result, "message");
	}
	int64_t status = json_integer_or(response, "status_code", 0);
	*why = json_string_or(json_object_get(line, "error"), "message", status ? "refused" : "no response");
	return status == 200 ? json_object_get(response, "body") : NULL;
}

static int take_result(struct batch *batch, json_t *line, struct error *err)
{
	const char *name = json_string_or(line, "custom_id", ""), *why = "";
	struct entry *entry = NULL;
	vec_each (&batch->entries, candidate)
		if (!strcmp(candidate->name, name))
			entry = candidate;
	if (!entry || !entry->called || entry->draft.answer)
		return 0; // none of ours, or twice
	json_t *message = message_of(batch, line, &why);
	if (!message) {
		work_note(batch->session->translation->work, "llm batch %s: %s: %s; it is asked live", batch->id, name,
			  why);
		return settle(batch, entry, NULL, 0, 0, err);
	}
	struct llm_exchange exchange = {.dialect = batch->session->server.dialect};
	llm_exchange_take(&exchange, message);
	int64_t cost = exchange.usage.known ? llm_cost(&batch->price, &exchange.usage) : entry->paid.reserved;
	entry->draft.answer = xstrdup(text_str(&exchange.answer));
	entry->draft.stop = exchange.stop;
	entry->draft.usage = exchange.usage;
	entry->draft.cost = cost;
	int status = settle(batch, entry, &exchange.usage, cost, 200, err);
	llm_exchange_clear(&exchange);
	return status;
}

static int read_results(struct batch *batch, const char *path, struct error *err)
{
	struct llm_page page = {0};
	int status = 1;
	for (int i = 0; i < 5 && status == 1; i++) {
		status = fetch(batch, "GET", path, NULL, slice_of(""), &page, NULL, err);
		if (status == 1 &&
		    (note(batch, page.failure ? page.failure : "no results"), llm_rest(batch->session, 1000, err)))
			status = -1;
	}
	batch->may_cost |= status == 1;
	struct slice rest = slice_of(page.body ? page.body : ""), line;
	while (!status && slice_cut(&rest, '\n', &line)) {
		struct error malformed = ERROR_INIT;
		cleanup_json json_t *row =
			slice_trim(line).len ? json_parse(line, "line of results", &malformed) : NULL;
		if (row)
			status = take_result(batch, row, err);
		else if (slice_trim(line).len) { // whose it was, nobody knows
			note(batch, malformed.text);
			batch->may_cost = true;
		}
	}
	llm_page_clear(&page);
	return status < 0 ? -1 : 0;
}

static int read_all(struct batch *batch, struct error *err)
{
	if (!batch->ended)
		return 0;
	if (batch->session->server.dialect == LLM_ANTHROPIC) {
		cleanup_free char *path = batch_path(batch, "/results");
		return read_results(batch, path, err);
	}
	const char *const files[] = {batch->output, batch->failures};
	for (size_t i = 0; i < ARRAY_LENGTH(files); i++) {
		cleanup_free char *path = files[i] ? xasprintf("/files/%s/content", files[i]) : NULL;
		if (path && read_results(batch, path, err))
			return -1;
	}
	return 0;
}

static int run(struct batch *batch, struct error *err)
{
	size_t count;
	if (find_earlier(batch, err))
		return -1;
	bool any = false;
	vec_each (&batch->entries, entry)
		any |= entry->wanted;
	if (!any)
		return 0;
	if (reserve_all(batch, &count, err))
		return -1;
	if (!batch->id && !count)
		return 0;
	int made = batch->id ? 0 : make(batch, err);
	if (made < 0 || (!made && (wait_for(batch, err) || read_all(batch, err))))
		return -1;
	return settle_rest(batch, err);
}

int llm_batch(struct llm_session *session, const struct llm_request *requests, size_t count, struct error *err)
{
	struct llm_price price;
	struct batch batch = {.session = session};
	if (!count)
		return 0;
	if (llm_price_find(session->translation->work->config->prices, requests[0].model, &price, err))
		return -1;
	batch.price = llm_price_in_batch(&price);
	int status = add_requests(&batch, requests, count, err) || run(&batch, err) ? -1 : 0;
	session->no_wait = false;
	if (status && err->code == ERROR_CONFIG) { // the key: the live calls say it of each function
		note(&batch, err->text);
		*err = (struct error)ERROR_INIT;
		status = settle_rest(&batch, err);
	}
	vec_each (&batch.entries, entry)
		if (entry->draft.answer) {
			vec_push(&session->drafts, entry->draft);
			entry->draft.answer = NULL;
		}
	batch_clear(&batch);
	session->deadline = now() + session->translation->work->config->llm_unit_time;
	return status;
}
