// What a model's server may send: both dialects, cut into pieces in two ways. The answer must not depend on the pieces, be valid
// text within its limit, and counts of tokens must not be negative.
#include <stdlib.h>

#include "agents/translators/llm.h"

static void feed(struct llm_exchange *exchange, struct slice data, size_t step)
{
	while (data.len) {
		struct slice piece = {data.ptr, data.len < step ? data.len : step};
		if (llm_exchange_feed(exchange, piece))
			break;
		data = slice_from(data, piece.len);
	}
	llm_exchange_end(exchange);
}

static void check(enum llm_dialect dialect, struct slice data, size_t step)
{
	struct llm_exchange whole = {.dialect = dialect}, pieces = {.dialect = dialect};
	feed(&whole, data, data.len);
	feed(&pieces, data, step);
	if (whole.stop != pieces.stop || whole.usage.known != pieces.usage.known ||
	    whole.usage.output != pieces.usage.output ||
	    !slice_equal(text_slice(&whole.answer), text_slice(&pieces.answer)))
		abort();
	const struct llm_usage *usage = &whole.usage;
	if (usage->input < 0 || usage->cache_read < 0 || usage->cache_write < 0 || usage->output < 0)
		abort();
	if (whole.answer.len > LLM_ANSWER_LIMIT || whole.stop > LLM_STOP_TOO_LARGE)
		abort();
	cleanup_json json_t *text = json_stringn(text_str(&whole.answer), whole.answer.len);
	if (!text)
		abort();
	struct llm_price price = {3000000, 15000000, 300000, 3750000, ""};
	if (llm_cost(&price, usage) < 0)
		abort();
	llm_exchange_clear(&whole);
	llm_exchange_clear(&pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	struct slice text = {(const char *)data + 1, size - 1};
	check(data[0] & 1 ? LLM_ANTHROPIC : LLM_OPENAI, text, (data[0] >> 1) % 9 + 1);
	llm_parse_retry_after(text, data[0] & 2, 1700000000000);
	llm_parse_reset(text, 1700000000000);
	return 0;
}
