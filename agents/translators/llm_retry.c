// What an answer means for the next try. Servers say "later" in several ways:
// a status, retry-after-ms, Retry-After in seconds or as a date, rate headers;
// and they say "never" with the same status when the account is empty.
#include <curl/curl.h>
#include <strings.h>

#include "agents/translators/llm.h"
#include "core/clock.h"

enum {
	FIRST_WAIT = 1000, // milliseconds, doubled each time
	LONGEST_WAIT = 60000,
	LONGEST_ASKED = 3600000, // a server that wants more gets this; the unit's time decides before
};

static bool says(const char *text, const char *const *words)
{
	for (; text && *words; words++)
		if (strcasestr(text, *words))
			return true;
	return false;
}

static bool is_passing(long status)
{
	return status == 408 || status == 409 || status == 429 || status >= 500;
}

enum llm_verdict llm_judge(const struct llm_reply *reply)
{
	static const char *const broke[] = {"insufficient_quota",
					    "credit balance",
					    "billing",
					    "exceeded your current quota",
					    "payment required",
					    "out of credits",
					    "budget has been exceeded",
					    NULL};
	static const char *const too_long[] = {"context_length",
					       "context length",
					       "context window",
					       "prompt is too long",
					       "maximum context",
					       "too many tokens",
					       NULL};
	const char *said = reply->failure;
	if (reply->status >= 200 && reply->status < 300) {
		bool nothing = reply->stop == LLM_STOP_ERROR || reply->stop == LLM_STOP_CUT;
		if (nothing && says(said, broke))
			return LLM_MONEY;
		return nothing ? LLM_AGAIN : LLM_GOOD;
	}
	if (!reply->status)
		return LLM_AGAIN;
	if (reply->status == 402 || says(said, broke))
		return LLM_MONEY;
	if (reply->status == 401 || reply->status == 403)
		return LLM_KEY;
	if (reply->status == 413 || (reply->status == 400 && says(said, too_long)))
		return LLM_LONG;
	if (reply->status == 400 && says(said, (const char *const[]){"max_completion_tokens", NULL}))
		return LLM_NAME;
	return is_passing(reply->status) ? LLM_AGAIN : LLM_REFUSED;
}

int64_t llm_wait(const struct llm_reply *reply, int tries, uint64_t random)
{
	if (reply->retry_after >= 0) {
		int64_t asked = reply->retry_after < LONGEST_ASKED ? reply->retry_after : LONGEST_ASKED;
		return asked + (int64_t)(random % (uint64_t)(asked / 10 + 100)); // a crowd should not come back at once
	}
	int doubled = tries < 1 ? 0 : tries > 16 ? 15 : tries - 1;
	int64_t wait = (int64_t)FIRST_WAIT << doubled;
	wait = wait < LONGEST_WAIT ? wait : LONGEST_WAIT;
	wait = wait / 2 + (int64_t)(random % (uint64_t)(wait / 2 + 1));
	return reply->pause > wait ? reply->pause : wait;
}

static bool parse_seconds(struct slice value, int64_t *milliseconds)
{
	struct slice rest = value, whole;
	uint64_t seconds, fraction = 0;
	if (!slice_cut(&rest, '.', &whole) || parse_u64(whole, &seconds) || seconds > INT32_MAX)
		return false;
	if (rest.ptr) {
		struct slice three = {rest.ptr, rest.len < 3 ? rest.len : 3};
		if (parse_u64(three, &fraction))
			return false;
		for (size_t i = three.len; i < 3; i++)
			fraction *= 10;
	}
	*milliseconds = (int64_t)(seconds * 1000 + fraction);
	return true;
}

int64_t llm_parse_retry_after(struct slice value, bool milliseconds, int64_t now)
{
	int64_t wait;
	value = slice_trim(value);
	if (parse_seconds(value, &wait))
		return milliseconds ? wait / 1000 : wait;
	cleanup_free char *date = slice_dup(value);
	time_t at = milliseconds ? -1 : curl_getdate(date, NULL);
	if (at < 0)
		return -1;
	wait = (int64_t)at * 1000 - now;
	return wait > 0 ? wait : 0;
}

static bool is_of_number(char c)
{
	return (c >= '0' && c <= '9') || c == '.';
}

int64_t llm_parse_reset(struct slice value, int64_t now)
{
	static const struct {
		const char *unit;
		int64_t milliseconds;
	} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
	int64_t wall, sum = 0;
	value = slice_trim(value);
	if (!value.len)
		return -1;
	if (!clock_parse_utc(value, &wall))
		return wall > now ? wall - now : 0;
	while (value.len) { // "6m0s", "1.5s"
		size_t digits = 0, letters;
		while (digits < value.len && is_of_number(value.ptr[digits]))
			digits++;
		for (letters = digits; letters < value.len && !is_of_number(value.ptr[letters]);)
			letters++;
		struct slice unit = {value.ptr + digits, letters - digits};
		int64_t part = -1, factor = -1;
		for (size_t i = 0; i < ARRAY_LENGTH(units); i++)
			factor = slice_is(unit, units[i].unit) ? units[i].milliseconds : factor;
		factor = unit.len ? factor : 1000; // "12": seconds
		if (!parse_seconds((struct slice){value.ptr, digits}, &part) || factor <= 0)
			return -1;
		if (part / 1000 > LONGEST_ASKED / factor) // before the product can overflow
			return LONGEST_ASKED;
		sum += part * factor / 1000;
		if (sum > LONGEST_ASKED)
			return LONGEST_ASKED;
		value = slice_from(value, letters);
	}
	return sum;
}
