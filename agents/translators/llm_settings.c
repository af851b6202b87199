// What of the configuration decides what comes out goes into the plan (and so
// into the keys of memos): dialect, models, limits, the run's budget, the digest of
// the prompts. Where the server is, the key and the day's budget stay with the agent. With
// another budget it is another run, in which the answers that were paid for cost nothing.
#include "agents/translators/llm.h"

static json_t *settings_json(const struct config *config)
{
	char prompts[DIGEST_HEX_SIZE];
	llm_prompt_digest(prompts);
	json_t *json =
		json_pack("{s:s, s:s, s:s, s:I, s:i, s:I, s:i, s:I, s:s}", "dialect",
			  config->llm_dialect == LLM_ANTHROPIC ? "anthropic" : "openai", "model", config->llm_model,
			  "escalation_model", config->llm_escalation_model ? config->llm_escalation_model : "",
			  "temperature_millionths", (json_int_t)config->llm_temperature, "max_tokens",
			  config->llm_max_tokens, "context_bytes", (json_int_t)config->llm_context, "attempts",
			  config->llm_attempts, "budget_microdollars", (json_int_t)config->budget, "prompts", prompts);
	if (json && config->llm_drafts == LLM_BATCH)
		json_object_set_new(json, "drafts", json_string("batch"));
	return json;
}

int llm_settings_check(const struct config *config, struct error *err)
{
	struct llm_price price;
	if (!config->llm_base_url || !config->llm_model)
		return error_set(
			err, ERROR_CONFIG,
			"translators: \"llm\" needs %s%s%s (in the configuration file, or as GOPHERSNAKE_LLM_BASE_URL "
			"and GOPHERSNAKE_LLM_MODEL)",
			config->llm_base_url ? "" : "llm_base_url",
			config->llm_base_url || config->llm_model ? "" : " and ", config->llm_model ? "" : "llm_model");
	if (config->llm_key_file && llm_key_file_check(config->llm_key_file, err))
		return -1;
	if (llm_price_find(config->prices, config->llm_model, &price, err) ||
	    (config->llm_escalation_model && llm_price_find(config->prices, config->llm_escalation_model, &price, err)))
		return error_context(err, "translator llm");
	return 0;
}

char *llm_settings_text(const struct config *config)
{
	cleanup_json json_t *json = settings_json(config);
	struct text text = TEXT_INIT;
	if (json)
		json_write_compact(json, &text);
	return text_steal(&text);
}

int llm_settings_read(const char *text, struct llm_settings *out, struct error *err)
{
	char prompts[DIGEST_HEX_SIZE];
	*out = (struct llm_settings){.json = json_parse(slice_of(text ? text : ""), "the plan's settings of llm", err)};
	json_t *json = out->json;
	if (!json)
		return -1;
	llm_prompt_digest(prompts);
	if (strcmp(prompts, json_string_or(json, "prompts", "")) != 0)
		return error_set(
			err, ERROR_TOOL,
			"the plan was made by a gophersnake with other prompts for models: run all agents with one "
			"version");
	const char *escalation = json_string_or(json, "escalation_model", "");
	out->dialect = strcmp(json_string_or(json, "dialect", ""), "anthropic") ? LLM_OPENAI : LLM_ANTHROPIC;
	out->model = json_string_or(json, "model", "");
	out->escalation_model = *escalation ? escalation : NULL;
	out->temperature = json_integer_or(json, "temperature_millionths", -1);
	out->max_tokens = (int)json_integer_or(json, "max_tokens", 8192);
	out->context = json_integer_or(json, "context_bytes", 65536);
	out->budget = json_integer_or(json, "budget_microdollars", 0);
	out->batch = !strcmp(json_string_or(json, "drafts", ""), "batch");
	out->attempts = (int)json_integer_or(json, "attempts", 1);
	return 0;
}

void llm_settings_clear(struct llm_settings *settings)
{
	json_decref(settings->json);
	*settings = (struct llm_settings){0};
}
