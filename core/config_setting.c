// The table of settings, and how the text of a value becomes the value: words,
// numbers with units, lists, paths. Every refusal says what is allowed.
#include "core/config_setting.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const licence_words[] = {"allow", "warn", "refuse", NULL};
static const char *const failure_words[] = {"bridge", "block", NULL};
static const char *const sandbox_words[] = {"none", "root", "userns", NULL};
static const char *const dialect_words[] = {"openai", "anthropic", NULL};
static const char *const drafts_words[] = {"live", "batch", NULL};
static const char *const translator_words[] = {"bridge", "recorded", "llm", "command", NULL};

static const struct setting_unit milliseconds[] = {{"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}, {NULL, 0}};
static const struct setting_unit seconds[] = {{"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}, {NULL, 0}};
static const struct setting_unit bytes[] = {{"B", 1},         {"KiB", 1 << 10},          {"MiB", 1 << 20},
					    {"GiB", 1 << 30}, {"TiB", (int64_t)1 << 40}, {NULL, 0}};
static const struct setting_unit none[] = {{NULL, 0}};

#define AT(member) offsetof(struct config, member)
const struct setting config_settings[] = {
	{"requirements", NULL, SETTING_LIST, AT(requirements), NULL, "\n", NULL, 0, 0},
	{"workspace", ".gophersnake", SETTING_PATH, AT(workspace), NULL, NULL, NULL, 0, 0},
	{"cache_dir", NULL, SETTING_PATH, AT(cache_dir), NULL, NULL, NULL, 0, 0},
	{"redis", NULL, SETTING_TEXT, AT(redis), NULL, NULL, NULL, 0, 0},
	{"index", NULL, SETTING_TEXT, AT(index), NULL, NULL, NULL, 0, 0},
	{"python", NULL, SETTING_PATH, AT(python), NULL, NULL, NULL, 0, 0},
	{"go", "go", SETTING_PATH, AT(go), NULL, NULL, NULL, 0, 0},
	{"host", "go.internal", SETTING_HOST, AT(host), NULL, NULL, NULL, 0, 0},
	{"agents", "2", SETTING_INT, AT(agents), NULL, NULL, none, 1, 256},
	{"index_freshness", "600", SETTING_INT64, AT(index_freshness), NULL, NULL, seconds, 0, 31536000},
	{"lease", "15000", SETTING_INT64, AT(lease), NULL, NULL, milliseconds, 1000, 3600000},
	{"sandbox", "userns", SETTING_WORD, AT(sandbox), sandbox_words, NULL, NULL, 0, 0},
	{"failure", "bridge", SETTING_WORD, AT(failure), failure_words, NULL, NULL, 0, 0},
	{"licence_unknown", "warn", SETTING_WORD, AT(licence_unknown), licence_words, NULL, NULL, 0, 0},
	{"licence_refused", NULL, SETTING_LIST, AT(licence_refused), NULL, ",", NULL, 0, 0},
	{"licence_listed", "refuse", SETTING_WORD, AT(licence_listed), licence_words, NULL, NULL, 0, 0},
	{"translators", "recorded,bridge", SETTING_LIST, AT(translators), translator_words, ",", NULL, 0, 0},
	{"translator_command", NULL, SETTING_LIST, AT(translator_command), NULL, " ", NULL, 0, 0},
	{"go_modules", "golang.org/x/text@v0.22.0,github.com/dlclark/regexp2@v1.11.5", SETTING_LIST, AT(go_modules),
	 NULL, ",", NULL, 0, 0},
	{"packs", NULL, SETTING_LIST, AT(packs), NULL, ",", NULL, 0, 0},
	{"llm_dialect", "openai", SETTING_WORD, AT(llm_dialect), dialect_words, NULL, NULL, 0, 0},
	{"llm_base_url", NULL, SETTING_TEXT, AT(llm_base_url), NULL, NULL, NULL, 0, 0},
	{"llm_key_env", "GOPHERSNAKE_LLM_KEY", SETTING_TEXT, AT(llm_key_env), NULL, NULL, NULL, 0, 0},
	{"llm_key_file", NULL, SETTING_PATH, AT(llm_key_file), NULL, NULL, NULL, 0, 0},
	{"llm_model", NULL, SETTING_TEXT, AT(llm_model), NULL, NULL, NULL, 0, 0},
	{"llm_escalation_model", NULL, SETTING_TEXT, AT(llm_escalation_model), NULL, NULL, NULL, 0, 0},
	{"llm_temperature", "0", SETTING_DECIMAL, AT(llm_temperature), NULL, NULL, NULL, -1000000, 2000000},
	{"llm_max_tokens", "8192", SETTING_INT, AT(llm_max_tokens), NULL, NULL, none, 16, 1000000},
	{"llm_context", "262144", SETTING_INT64, AT(llm_context), NULL, NULL, bytes, 4096, 64 << 20},
	{"llm_attempts", "3", SETTING_INT, AT(llm_attempts), NULL, NULL, none, 1, 50},
	{"llm_retries", "5", SETTING_INT, AT(llm_retries), NULL, NULL, none, 0, 100},
	{"llm_timeout", "600000", SETTING_INT64, AT(llm_timeout), NULL, NULL, milliseconds, 1000, 86400000},
	{"llm_unit_time", "1800000", SETTING_INT64, AT(llm_unit_time), NULL, NULL, milliseconds, 1000, 604800000},
	{"llm_drafts", "live", SETTING_WORD, AT(llm_drafts), drafts_words, NULL, NULL, 0, 0},
	{"llm_batch_time", "86400000", SETTING_INT64, AT(llm_batch_time), NULL, NULL, milliseconds, 1000, 604800000},
	{"prices", NULL, SETTING_PATH, AT(prices), NULL, NULL, NULL, 0, 0},
	{"budget", "5", SETTING_DECIMAL, AT(budget), NULL, NULL, NULL, 0, (int64_t)1000000000 * 1000000},
	{"budget_day", "20", SETTING_DECIMAL, AT(budget_day), NULL, NULL, NULL, 0, (int64_t)1000000000 * 1000000},
	{"listen", "127.0.0.1:8080", SETTING_TEXT, AT(listen), NULL, NULL, NULL, 0, 0},
	{"job_timeout", "600000", SETTING_INT64, AT(job_timeout), NULL, NULL, milliseconds, 1000, 86400000},
	{"job_memory", "4294967296", SETTING_INT64, AT(job_memory), NULL, NULL, bytes, 256 << 20, (int64_t)1 << 40},
};
#undef AT
const size_t config_setting_count = ARRAY_LENGTH(config_settings);

const struct setting *config_setting_find(const char *key)
{
	for (size_t i = 0; i < config_setting_count; i++)
		if (!strcmp(config_settings[i].key, key))
			return &config_settings[i];
	return NULL;
}

static void *member(struct config *config, const struct setting *setting)
{
	return (char *)config + setting->offset;
}

static int word_of(const char *const *words, struct slice value)
{
	for (int i = 0; words[i]; i++)
		if (slice_is(value, words[i]))
			return i;
	return -1;
}

static int refuse_word(const char *const *words, const char *value, const char *where, struct error *err)
{
	cleanup_text struct text allowed = TEXT_INIT;
	for (int i = 0; words[i]; i++)
		text_addf(&allowed, "%s%s", i == 0 ? "" : words[i + 1] ? ", " : " or ", words[i]);
	return error_set(err, ERROR_CONFIG, "%s: expected %s, not \"%.200s\"", where, text_str(&allowed), value);
}

static void describe_range(const struct setting *setting, struct text *out)
{
	const struct setting_unit *unit;
	text_addf(out, "a whole number from %" PRId64 " to %" PRId64, setting->least, setting->most);
	for (unit = setting->units; unit->name; unit++)
		if (unit->factor == 1)
			text_addf(out, " %s", unit->name);
	for (unit = setting->units; unit->name; unit++)
		text_addf(out, "%s%s%s", unit == setting->units ? ", or one with a unit (" : ", ", unit->name,
			  unit[1].name ? "" : ")");
}

static int set_number(struct config *config, const struct setting *setting, const char *value, const char *where,
		      struct error *err)
{
	struct slice text = slice_trim(slice_of(value)), digits = text, rest;
	digits.len = 0;
	while (digits.len < text.len &&
	       (strchr("0123456789", text.ptr[digits.len]) || (!digits.len && *text.ptr == '-')))
		digits.len++;
	rest = slice_trim(slice_from(text, digits.len));
	int64_t number = 0, factor = rest.len ? 0 : 1;
	for (const struct setting_unit *unit = setting->units; unit->name && rest.len; unit++)
		if (slice_is(rest, unit->name))
			factor = unit->factor;
	if (!factor || parse_i64(digits, &number) || __builtin_mul_overflow(number, factor, &number) ||
	    number < setting->least || number > setting->most) {
		cleanup_text struct text range = TEXT_INIT;
		describe_range(setting, &range);
		return error_set(err, ERROR_CONFIG, "%s: expected %s, not \"%.200s\"", where, text_str(&range), value);
	}
	if (setting->type == SETTING_INT)
		*(int *)member(config, setting) = (int)number;
	else
		*(int64_t *)member(config, setting) = number;
	return 0;
}

// "5", "0.25", "-1": up to six digits after the point, kept in millionths.
int config_parse_decimal(struct slice text, int64_t *out)
{
	text = slice_trim(text);
	bool negative = text.len && *text.ptr == '-';
	struct slice whole, rest = slice_from(text, negative);
	uint64_t units = 0, millionths = 0;
	if (!slice_cut(&rest, '.', &whole) || parse_u64(whole, &units) || units > INT64_MAX / 1000000 / 2)
		return -1;
	if (rest.ptr && (!rest.len || rest.len > 6 || parse_u64(rest, &millionths)))
		return -1;
	for (size_t i = rest.ptr ? rest.len : 6; i < 6; i++)
		millionths *= 10;
	*out = (int64_t)(units * 1000000 + millionths) * (negative ? -1 : 1);
	return 0;
}

static int set_decimal(struct config *config, const struct setting *setting, const char *value, const char *where,
		       struct error *err)
{
	int64_t number;
	if (config_parse_decimal(slice_of(value), &number) || number < setting->least || number > setting->most)
		return error_set(err, ERROR_CONFIG,
				 "%s: expected a number from %" PRId64 " to %" PRId64
				 " with at most six digits after the point, such as 2.50, not \"%.200s\"",
				 where, setting->least / 1000000, setting->most / 1000000, value);
	*(int64_t *)member(config, setting) = number;
	return 0;
}

// The first element of a module path, by the rules of Go's module paths: a dot tells it from the standard library.
static bool is_host(struct slice value)
{
	bool dot = false;
	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i];
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'))
			return false;
		dot |= c == '.';
	}
	return dot && value.len < 254 && *value.ptr != '.' && *value.ptr != '-' && value.ptr[value.len - 1] != '.' &&
	       !memmem(value.ptr, value.len, "..", 2);
}

static int set_text(struct config *config, const struct setting *setting, const char *value, const char *where,
		    struct error *err)
{
	char **text = member(config, setting);
	const char *home = getenv("HOME");
	if (!*value)
		return error_set(err, ERROR_CONFIG, "%s: expected a text that is not empty", where);
	for (const char *c = value; *c; c++)
		if ((unsigned char)*c < ' ')
			return error_set(err, ERROR_CONFIG, "%s: a control character in it", where);
	if (setting->type == SETTING_HOST && !is_host(slice_of(value)))
		return error_set(err, ERROR_CONFIG,
				 "%s: expected a host name with a dot, in lower case (as go.internal), not \"%.200s\"",
				 where, value);
	bool at_home = setting->type == SETTING_PATH && !strncmp(value, "~/", 2) && home && *home;
	free(*text);
	*text = at_home ? xasprintf("%s%s", home, value + 1) : xstrdup(value);
	return 0;
}

int config_setting_set_list(struct config *config, const struct setting *setting, char *const *items, unsigned count,
			    const char *where, struct error *err)
{
	struct config_strings *list = member(config, setting);
	for (unsigned i = 0; i < count; i++) {
		if (!items[i] || !*items[i])
			return error_set(err, ERROR_CONFIG, "%s: item %u is empty", where, i + 1);
		if (setting->words && word_of(setting->words, slice_of(items[i])) < 0)
			return refuse_word(setting->words, items[i], where, err);
	}
	char **copy = xcalloc(count + 1, sizeof *copy);
	for (unsigned i = 0; i < count; i++)
		copy[i] = xstrdup(items[i]);
	for (unsigned i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct config_strings){copy, count};
	return 0;
}

static int set_split(struct config *config, const struct setting *setting, const char *value, const char *where,
		     struct error *err)
{
	struct config_strings items = {NULL, 0};
	struct slice rest = slice_of(value), item;
	items.items = xcalloc(rest.len + 1, sizeof *items.items);
	while (slice_cut(&rest, *setting->separators, &item)) {
		item = slice_trim(item);
		if (item.len)
			items.items[items.count++] = slice_dup(item);
	}
	int status = config_setting_set_list(config, setting, items.items, items.count, where, err);
	for (unsigned i = 0; i < items.count; i++)
		free(items.items[i]);
	free(items.items);
	return status;
}

int config_setting_set(struct config *config, const struct setting *setting, const char *value, const char *where,
		       struct error *err)
{
	int word;
	switch (setting->type) {
	case SETTING_LIST: return set_split(config, setting, value, where, err);
	case SETTING_INT:
	case SETTING_INT64: return set_number(config, setting, value, where, err);
	case SETTING_DECIMAL: return set_decimal(config, setting, value, where, err);
	case SETTING_WORD:
		word = word_of(setting->words, slice_of(value));
		if (word < 0)
			return refuse_word(setting->words, value, where, err);
		*(unsigned *)member(config, setting) = (unsigned)word; // the enums of config.h are unsigned int
		return 0;
	case SETTING_TEXT:
	case SETTING_PATH:
	case SETTING_HOST: break;
	}
	return set_text(config, setting, value, where, err);
}
