// The two dialects: OpenAI's chat completions and Anthropic's messages. Bodies
// of requests, the events of a streamed answer, and usage in one form.
//
// OpenAI counts cached tokens within prompt_tokens; Anthropic's input_tokens has neither what was read from the cache nor
// what was written into it. Here they are three numbers that sum up.
#include "agents/translators/llm.h"

enum {
	BYTES_PER_TOKEN = 3,
	PART_TOKENS = 16,
	REQUEST_TOKENS = 512
}; // the last two for what a server puts around our texts

const char *llm_stop_name(enum llm_stop stop)
{
	static const char *const names[] = {
		[LLM_STOP_CUT] = "the answer was cut off before its end",
		[LLM_STOP_END] = "the answer is complete",
		[LLM_STOP_LENGTH] = "the answer reached llm_max_tokens and was cut off",
		[LLM_STOP_REFUSAL] = "the model refused",
		[LLM_STOP_FILTER] = "a content filter stopped the answer",
		[LLM_STOP_CONTEXT] = "prompt and answer are too long for the model's context",
		[LLM_STOP_PAUSE] = "the server paused the answer",
		[LLM_STOP_ERROR] = "the server reported an error within the answer",
		[LLM_STOP_MALFORMED] = "the answer is malformed (no event stream of this dialect, or not UTF-8)",
		[LLM_STOP_TOO_LARGE] = "the answer was larger than is read",
	};
	return names[stop];
}

// ---- requests --------------------------------------------------------------------------------------------------------

static json_t *text_block(struct slice text, bool cache)
{
	json_t *block = json_pack("{s:s, s:s%}", "type", "text", "text", text.ptr ? text.ptr : "", text.len);
	if (cache)
		json_object_set_new(block, "cache_control", json_pack("{s:s}", "type", "ephemeral"));
	return block;
}

static json_t *anthropic_json(const struct llm_request *request)
{
	json_t *system = json_array(), *messages = json_array(), *content = NULL;
	enum llm_role last = LLM_SYSTEM;
	for (size_t i = 0; i < request->count; i++) {
		const struct llm_part *part = &request->parts[i];
		if (part->role == LLM_SYSTEM) {
			json_array_append_new(system, text_block(part->text, part->cache));
			continue;
		}
		if (!content || part->role != last) {
			content = json_array();
			json_array_append_new(messages, json_pack("{s:s, s:o}", "role",
								  part->role == LLM_USER ? "user" : "assistant",
								  "content", content));
		}
		last = part->role;
		json_array_append_new(content, text_block(part->text, part->cache));
	}
	return json_pack("{s:s, s:o, s:o, s:i, s:b}", "model", request->model, "system", system, "messages", messages,
			 "max_tokens", request->max_tokens, "stream", 1);
}

static json_t *openai_json(const struct llm_request *request)
{
	static const char *const roles[] = {"system", "user", "assistant"};
	json_t *messages = json_array();
	for (size_t i = 0; i < request->count;) {
		cleanup_text struct text text = TEXT_INIT;
		enum llm_role role = request->parts[i].role;
		for (; i < request->count && request->parts[i].role == role; i++) {
			text_add(&text, text.len ? "\n\n" : "");
			text_add_slice(&text, request->parts[i].text);
		}
		json_array_append_new(
			messages, json_pack("{s:s, s:s%}", "role", roles[role], "content", text_str(&text), text.len));
	}
	return json_pack("{s:s, s:o, s:i, s:b, s:{s:b}}", "model", request->model, "messages", messages,
			 request->max_completion_tokens ? "max_completion_tokens" : "max_tokens", request->max_tokens,
			 "stream", 1, "stream_options", "include_usage", 1);
}

json_t *llm_request_json(enum llm_dialect dialect, const struct llm_request *request)
{
	json_t *json = dialect == LLM_ANTHROPIC ? anthropic_json(request) : openai_json(request);
	if (request->temperature >= 0)
		json_object_set_new(json, "temperature", json_real((double)request->temperature / 1e6));
	return json;
}

int64_t llm_tokens_most(const struct llm_request *request)
{
	int64_t tokens = REQUEST_TOKENS;
	for (size_t i = 0; i < request->count; i++)
		tokens += (int64_t)request->parts[i].text.len + PART_TOKENS;
	return tokens;
}

int64_t llm_tokens_likely(const struct llm_request *request)
{
	return llm_tokens_most(request) / BYTES_PER_TOKEN;
}

// ---- answers ---------------------------------------------------------------------------------------------------------

static int64_t count_of(json_t *object, const char *key)
{
	int64_t count = json_integer_or(object, key, 0);
	return count < 0 ? 0 : count > INT32_MAX ? INT32_MAX : count;
}

static int add_answer(struct llm_exchange *exchange, json_t *string)
{
	if (!json_is_string(string))
		return 0;
	if (exchange->answer.len + json_string_length(string) > LLM_ANSWER_LIMIT) {
		exchange->stop = LLM_STOP_TOO_LARGE;
		return 1;
	}
	text_add_bytes(&exchange->answer, json_string_value(string), json_string_length(string));
	return 0;
}

static int take_error(struct llm_exchange *exchange, json_t *error)
{
	text_reset(&exchange->error);
	text_addf(&exchange->error, "%.200s: %.1000s", json_string_or(error, "type", "error"),
		  json_string_or(error, "message", json_is_string(error) ? json_string_value(error) : ""));
	exchange->stop = LLM_STOP_ERROR;
	return 1;
}

static void openai_usage(struct llm_exchange *exchange, json_t *usage)
{
	if (!json_is_object(usage))
		return;
	int64_t prompt = count_of(usage, "prompt_tokens");
	int64_t cached = count_of(json_object_get(usage, "prompt_tokens_details"), "cached_tokens");
	cached = cached < prompt ? cached : prompt;
	exchange->usage = (struct llm_usage){true, prompt - cached, cached, 0, count_of(usage, "completion_tokens")};
}

static enum llm_stop openai_stop(const char *word)
{
	static const struct {
		const char *word;
		enum llm_stop stop;
	} words[] = {{"length", LLM_STOP_LENGTH},
		     {"max_tokens", LLM_STOP_LENGTH},
		     {"content_filter", LLM_STOP_FILTER},
		     {"refusal", LLM_STOP_REFUSAL}};
	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		if (!strcmp(words[i].word, word))
			return words[i].stop;
	return LLM_STOP_END;
}

static int openai_event(struct llm_exchange *exchange, json_t *event)
{
	json_t *error = json_object_get(event, "error");
	if (error && !json_is_null(error))
		return take_error(exchange, error);
	openai_usage(exchange, json_object_get(event, "usage"));
	json_t *choice = json_array_get(json_object_get(event, "choices"), 0),
	       *delta = json_object_get(choice, "delta");
	const char *refusal = json_string_or(delta, "refusal", "");
	const char *finish = json_string_or(choice, "finish_reason", NULL);
	if (*refusal) {
		text_addf(&exchange->error, "%.1000s", refusal);
		exchange->stop = LLM_STOP_REFUSAL;
	}
	if (finish && exchange->stop != LLM_STOP_REFUSAL)
		exchange->stop = openai_stop(finish);
	return add_answer(exchange, json_object_get(delta, "content"));
}

// Cumulative: a later event has the newer numbers, and not all of them.
static void anthropic_usage(struct llm_exchange *exchange, json_t *usage)
{
	static const char *const keys[] = {"input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens",
					   "output_tokens"};
	int64_t *const counts[] = {&exchange->usage.input, &exchange->usage.cache_read, &exchange->usage.cache_write,
				   &exchange->usage.output};
	for (size_t i = 0; i < ARRAY_LENGTH(keys); i++)
		if (json_is_integer(json_object_get(usage, keys[i])))
			*counts[i] = count_of(usage, keys[i]);
}

static enum llm_stop anthropic_stop(const char *word)
{
	static const struct {
		const char *word;
		enum llm_stop stop;
	} words[] = {{"max_tokens", LLM_STOP_LENGTH},
		     {"refusal", LLM_STOP_REFUSAL},
		     {"pause_turn", LLM_STOP_PAUSE},
		     {"content_filter", LLM_STOP_FILTER},
		     {"model_context_window_exceeded", LLM_STOP_CONTEXT}};
	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		if (!strcmp(words[i].word, word))
			return words[i].stop;
	return LLM_STOP_END;
}

static int anthropic_event(struct llm_exchange *exchange, json_t *event)
{
	const char *type = json_string_or(event, "type", "");
	json_t *delta = json_object_get(event, "delta");
	if (!strcmp(type, "error"))
		return take_error(exchange, json_object_get(event, "error"));
	if (!strcmp(type, "message_start"))
		anthropic_usage(exchange, json_object_get(json_object_get(event, "message"), "usage"));
	if (!strcmp(type, "message_delta")) {
		const char *reason = json_string_or(delta, "stop_reason", NULL);
		if (reason)
			exchange->stop = anthropic_stop(reason);
		anthropic_usage(exchange, json_object_get(event, "usage"));
		exchange->usage.known |= json_is_object(json_object_get(event, "usage"));
	}
	if (!strcmp(type, "message_stop")) {
		exchange->ended = true;
		return 1;
	}
	return strcmp(type, "content_block_delta") ? 0 : add_answer(exchange, json_object_get(delta, "text"));
}

void llm_exchange_take(struct llm_exchange *exchange, json_t *message)
{
	size_t i;
	json_t *part, *choice = json_array_get(json_object_get(message, "choices"), 0);
	exchange->ended = true;
	exchange->stop = LLM_STOP_MALFORMED;
	if (exchange->dialect == LLM_OPENAI && json_is_object(choice)) {
		json_t *said = json_object_get(choice, "message");
		const char *refusal = json_string_or(said, "refusal", "");
		openai_usage(exchange, json_object_get(message, "usage"));
		exchange->stop = *refusal ? LLM_STOP_REFUSAL : openai_stop(json_string_or(choice, "finish_reason", ""));
		add_answer(exchange, json_object_get(said, "content"));
	}
	const char *reason = json_string_or(message, "stop_reason", NULL);
	if (exchange->dialect == LLM_ANTHROPIC && reason) {
		anthropic_usage(exchange, json_object_get(message, "usage"));
		exchange->usage.known = json_is_object(json_object_get(message, "usage"));
		exchange->stop = anthropic_stop(reason);
		json_array_foreach (json_object_get(message, "content"), i, part) {
			if (add_answer(exchange, json_object_get(part, "text")))
				break;
		}
	}
}

static int take_event(void *context, struct slice name, struct slice data)
{
	(void)name; // Anthropic's events have it as "type" too
	struct llm_exchange *exchange = context;
	struct error ignored = ERROR_INIT;
	if (slice_is(data, "[DONE]")) {
		exchange->ended = true;
		return 1;
	}
	cleanup_json json_t *event = json_parse(data, "event", &ignored);
	if (!json_is_object(event)) {
		exchange->stop = LLM_STOP_MALFORMED;
		return 1;
	}
	return exchange->dialect == LLM_ANTHROPIC ? anthropic_event(exchange, event) : openai_event(exchange, event);
}

int llm_exchange_feed(struct llm_exchange *exchange, struct slice bytes)
{
	int enough = llm_sse_feed(&exchange->sse, bytes, take_event, exchange);
	if (enough < 0)
		exchange->stop = LLM_STOP_TOO_LARGE;
	return enough;
}

// A server may leave out the last event when it has said why it stopped; then nothing is missing but perhaps the usage.
void llm_exchange_end(struct llm_exchange *exchange)
{
	if (exchange->stop == LLM_STOP_CUT && exchange->ended)
		exchange->stop = exchange->answer.len ? LLM_STOP_END : LLM_STOP_MALFORMED;
}

void llm_exchange_clear(struct llm_exchange *exchange)
{
	llm_sse_clear(&exchange->sse);
	text_clear(&exchange->answer);
	text_clear(&exchange->error);
	*exchange = (struct llm_exchange){0};
}
