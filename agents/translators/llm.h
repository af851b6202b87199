// The pieces of the translator `llm`, each in a file of its own:
//
//     llm.c          the repair loop of one unit: groups of functions, attempts, escalation, bounds
//     llm_prompt.c   what a model is told: Markdown assets, the unit's context, the request, the feedback
//     llm_answer.c   Go files out of an answer's fenced text
//     llm_call.c     one request as often as it takes: money, pauses, retries, the journal
//     llm_batch.c    first drafts through the batch API
//     llm_client.c   one try, in a process of its own: the only one that reads the key
//     llm_dialect.c  request bodies, events, usage of both dialects
//     llm_sse.c      server-sent events
//     llm_retry.c    what an answer means for the next try
//     llm_price.c    the price table
//
// What a model says is data from outside: bounded, checked, and never more than proposals for translation_accept.
#ifndef AGENTS_TRANSLATORS_LLM_H
#define AGENTS_TRANSLATORS_LLM_H

#include "agents/translate.h"

// ---- server-sent events (llm_sse.c) ----------------------------------------------------------------------------------

enum { LLM_EVENT_LIMIT = 4 * 1024 * 1024 }; // bytes of one line, and of one event

struct llm_sse {
	struct text line, name, data;
	bool has_data, after_return, too_large;
	size_t read; // bytes, for the byte order mark
};
typedef int (*llm_event_function)(void *context, struct slice name, struct slice data); // non-zero: enough
// Feeds bytes as they come. 0, what the function gave, or -1: an event over the limit (and nothing more is read).
int llm_sse_feed(struct llm_sse *sse, struct slice bytes, llm_event_function event, void *context);
void llm_sse_clear(struct llm_sse *sse);

// ---- one exchange (llm_dialect.c) ------------------------------------------------------------------------------------

struct llm_usage {
	bool known;
	int64_t input;       // tokens that were neither read from nor written to a cache
	int64_t cache_read;  //
	int64_t cache_write; //
	int64_t output;
};

enum llm_stop {
	LLM_STOP_CUT,       // the stream ended before its end
	LLM_STOP_END,       // as it should
	LLM_STOP_LENGTH,    // max_tokens
	LLM_STOP_REFUSAL,   //
	LLM_STOP_FILTER,    // a content filter
	LLM_STOP_CONTEXT,   // the prompt and the answer don't fit the model's context
	LLM_STOP_PAUSE,     // the server wants to be asked to go on
	LLM_STOP_ERROR,     // an error event
	LLM_STOP_MALFORMED, // no JSON, invalid UTF-8, no such thing as an answer
	LLM_STOP_TOO_LARGE, // more than we read
};
const char *llm_stop_name(enum llm_stop stop);

enum { LLM_ANSWER_LIMIT = 2 * 1024 * 1024 }; // bytes of text

struct llm_exchange {
	enum llm_dialect dialect;
	struct llm_sse sse;
	struct text answer, error; // error: the words of an error event
	enum llm_stop stop;
	bool ended; // the dialect's last event was there
	struct llm_usage usage;
};
// Bytes of the body. Non-zero: no more is wanted (stop says why).
int llm_exchange_feed(struct llm_exchange *exchange, struct slice bytes);
void llm_exchange_end(struct llm_exchange *exchange); // sets stop
void llm_exchange_clear(struct llm_exchange *exchange);

struct llm_part {
	enum llm_role { LLM_SYSTEM, LLM_USER, LLM_ASSISTANT } role;
	struct slice text;
	bool cache; // the prompt up to here is likely to come again
};
struct llm_request {
	const char *model;
	const struct llm_part *parts;
	size_t count;
	int max_tokens;
	int64_t temperature;        // millionths, negative: not sent
	bool max_completion_tokens; // OpenAI's newer name for max_tokens
};
// A whole answer, as batches have it: a chat completion, or a message.
void llm_exchange_take(struct llm_exchange *exchange, json_t *message);

json_t *llm_request_json(enum llm_dialect dialect, const struct llm_request *request);
// Number of tokens: what is likely, and what it is at most (a token is at least a byte).
int64_t llm_tokens_likely(const struct llm_request *request);
int64_t llm_tokens_most(const struct llm_request *request);

// ---- one try (llm_client.c) ------------------------------------------------------------------------------------------

struct llm_server {
	enum llm_dialect dialect;
	const char *base_url, *key_env, *key_file; // key_*: NULL = none
	int64_t timeout;                           // milliseconds
	const volatile int *interrupted;
};
struct llm_reply {
	long status;     // 0: no answer
	bool maybe_sent; // the server may have worked on it
	char *failure;   // of the transfer, or of an answer with another status than 2xx, in its words; NULL
	char *answer;    // text, never NULL
	enum llm_stop stop;
	struct llm_usage usage;
	int64_t retry_after; // milliseconds, -1: it did not say
	int64_t pause;       // milliseconds for which its rate headers say that nothing is left, 0
};
// -1: ERROR_INTERRUPTED, ERROR_CONFIG (the key), or no process could be made.
int llm_key_file_check(const char *path, struct error *err); // reads nothing of it
int llm_try(const struct llm_server *server, json_t *body, struct llm_reply *out, struct error *err);
void llm_reply_clear(struct llm_reply *reply);

// Anything else that is asked of the server, in the same kind of process.
struct llm_message {
	const char *method, *path; // path: after the base URL
	const char *content_type;  // of the body
	struct slice body;
};
struct llm_page {
	long status; // 0: no answer
	bool maybe_sent;
	char *failure; // as of a reply; NULL
	char *body;    // never NULL; the key is taken out
};
int llm_fetch(const struct llm_server *server, const struct llm_message *message, struct llm_page *out,
	      struct error *err);
void llm_page_clear(struct llm_page *page);

// ---- what next (llm_retry.c) -----------------------------------------------------------------------------------------

enum llm_verdict {
	LLM_GOOD,    // there is an answer (its stop may be any)
	LLM_AGAIN,   // the same once more, after a while
	LLM_NAME,    // the same with max_completion_tokens
	LLM_MONEY,   // the provider's account is empty
	LLM_KEY,     // the key is refused
	LLM_LONG,    // the prompt is too long for the model
	LLM_REFUSED, // anything else that the same request would meet again
};
enum llm_verdict llm_judge(const struct llm_reply *reply);
// Milliseconds until the next try: what the server said, or exponential with jitter. tries: so far, 1, 2, …
int64_t llm_wait(const struct llm_reply *reply, int tries, uint64_t random);
// "12" (seconds), an HTTP date, "250" of retry-after-ms; now: wall milliseconds. -1 = unreadable.
int64_t llm_parse_retry_after(struct slice value, bool milliseconds, int64_t now);
// "1s", "6m0s", "250ms", a date of RFC 3339: when a rate limit is renewed. -1 = unreadable.
int64_t llm_parse_reset(struct slice value, int64_t now);

// ---- prices (llm_price.c) --------------------------------------------------------------------------------------------

struct llm_price {
	int64_t input, output, cache_read, cache_write; // microdollars per million tokens
	int64_t batch;                                  // millionths of all that through the batch API
	char date[11];
};
// path: NULL for the table that was built in. ERROR_CONFIG: no such table, malformed, or the model is not in it.
int llm_price_find(const char *path, const char *model, struct llm_price *out, struct error *err);
int llm_price_parse(struct slice table, const char *where, const char *model, struct llm_price *out, struct error *err);
struct llm_price llm_price_in_batch(const struct llm_price *price);
int64_t llm_cost(const struct llm_price *price, const struct llm_usage *usage); // microdollars, rounded up
int64_t llm_cost_most(const struct llm_price *price, int64_t input, int64_t output);

// ---- settings (llm_settings.c) ---------------------------------------------------------------------------------------

struct llm_settings {
	json_t *json; // owns the strings
	enum llm_dialect dialect;
	const char *model, *escalation_model; // the latter NULL: none
	int64_t temperature, context, budget;
	int max_tokens, attempts;
	bool batch;
};
int llm_settings_read(const char *text, struct llm_settings *out, struct error *err);
void llm_settings_clear(struct llm_settings *settings);

// ---- a request until it is answered (llm_call.c) ---------------------------------------------------------------------

struct llm_draft { // of one request, through a batch (llm_batch.c)
	char key[DIGEST_HEX_SIZE];
	char *answer; // NULL: the batch has none, the request is made live
	enum llm_stop stop;
	int64_t cost;
	struct llm_usage usage;
};
struct llm_session {
	struct translation *translation;
	struct llm_settings settings;
	struct llm_server server;
	struct queue *queue;
	struct journal *journal;
	int64_t deadline; // monotonic milliseconds
	uint64_t random;
	int requests; // asked for by the loop: the same in a job that is done again
	int calls;    // tries that were made
	int64_t cost; // microdollars, of all calls
	struct llm_usage usage;
	VEC(struct llm_draft) drafts;
	bool no_wait; // for money that others hold
};
int llm_session_open(struct translation *translation, struct llm_session *out, struct error *err);
void llm_session_clear(struct llm_session *session);
struct llm_result {
	bool answered;
	char *reason; // when not; heap
	bool over;    // nothing more of this unit is worth asking (money, key)
	char *answer;
	enum llm_stop stop;
	int64_t cost; // microdollars, of all its tries
	struct llm_usage usage;
};
void llm_result_clear(struct llm_result *result);
// What was paid for one call, and where that stands (llm_call.c).
struct llm_paid {
	char *id;
	const char *model;
	struct text called; // time
	int64_t reserved;
};
// 0 = reserved in both accounts; 1 = *reason; -1. time: milliseconds until its holder counts as gone.
int llm_reserve(struct llm_session *session, const char *id, int64_t amount, int64_t time, char **reason,
		struct error *err);
int llm_settle(struct llm_session *session, const char *id, int64_t amount, struct error *err);
int llm_write_call(struct llm_session *session, const struct llm_paid *call, struct error *err);
int llm_write_spend(struct llm_session *session, const struct llm_paid *call, const struct llm_reply *reply,
		    int64_t cost, struct error *err);
int llm_rest(struct llm_session *session, int64_t milliseconds, struct error *err);
// What a request is kept under, and whether its answer is there: 1, 0, -1.
void llm_answer_key(const struct llm_session *session, const struct llm_request *request, char key[DIGEST_HEX_SIZE]);
// First drafts through the batch API: fills session->drafts. What goes wrong with it is said in the log; the requests are
// then made live. -1: interrupted (the batch goes on and is taken up again), or nothing can be written.
int llm_batch(struct llm_session *session, const struct llm_request *requests, size_t count, struct error *err);
int llm_call(struct llm_session *session, struct llm_request *request, struct llm_result *out, struct error *err);

// ---- words (llm_prompt.c, llm_answer.c) ------------------------------------------------------------------------------

// Digest of the prompts in this program.
void llm_prompt_digest(char digest[DIGEST_HEX_SIZE]);
struct llm_prompt {
	struct text guide;   // the same for every unit
	struct text context; // of the unit
	size_t sources;      // bytes of the Python in it
	bool whole;          // the modules are in the context whole
	char **source;       // by module, NUL-terminated
	json_t *calls;       // visible ones of the unit's functions
};
// limit: bytes of a prompt.
int llm_prompt_open(struct translation *translation, int64_t limit, struct llm_prompt *out, struct error *err);
void llm_prompt_clear(struct translation *translation, struct llm_prompt *prompt);
// call: number of the request, for names of helpers that no earlier answer has. Which functions are asked for, and their Python when the context does not have it.
void llm_prompt_request(struct translation *translation, const struct llm_prompt *prompt,
			struct translate_function *const *functions, size_t count, int call, struct text *out);
void llm_prompt_feedback(const char *problems, int call, struct text *out);
void llm_prompt_again(const char *problem, struct text *out);
// Bytes of a function's Python.
size_t llm_function_size(const struct translation *translation, const struct llm_prompt *prompt,
			 const struct translate_function *function);

// Writes the fenced Go of an answer as files into a folder. *files: how many; *cut: a fence had no end.
int llm_answer_write(struct slice answer, const char *package, const char *folder, int *files, bool *cut,
		     struct error *err);

#endif
