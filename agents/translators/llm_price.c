// The price table: YAML with a date and models, prices in dollars per million
// tokens (configs/prices.yaml). Exact: numbers are read as texts into millionths.
#include <cyaml/cyaml.h>
#include <string.h>

#include "agents/translators/llm.h"
#include "core/asset.h"
#include "core/config_setting.h"
#include "core/file.h"

enum { TABLE_LIMIT = 1 << 20, MODEL_LIMIT = 10000 };
static const char built_in[] = "configs/prices.yaml";

struct row {
	char *name, *input, *output, *cache_read, *cache_write, *batch;
};
struct table {
	char *date;
	struct row *models;
	unsigned models_count;
};

#define FIELD(name, flags) CYAML_FIELD_STRING_PTR(#name, CYAML_FLAG_POINTER | (flags), struct row, name, 0, 200)
static const cyaml_schema_field_t row_fields[] = {
	FIELD(name, 0),
	FIELD(input, 0),
	FIELD(output, 0),
	FIELD(cache_read, CYAML_FLAG_OPTIONAL),
	FIELD(cache_write, CYAML_FLAG_OPTIONAL),
	FIELD(batch, CYAML_FLAG_OPTIONAL),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t row_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct row, row_fields)};
static const cyaml_schema_field_t table_fields[] = {
	CYAML_FIELD_STRING_PTR("date", CYAML_FLAG_POINTER, struct table, date, 10, 10),
	CYAML_FIELD_SEQUENCE("models", CYAML_FLAG_POINTER, struct table, models, &row_schema, 0, MODEL_LIMIT),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t table_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct table, table_fields)};

static void keep_log(cyaml_log_t level, void *context, const char *format, va_list args)
{
	(void)level;
	struct text *log = context;
	char line[512];
	vsnprintf(line, sizeof line, format, args);
	if (log->len < 1024)
		text_add(log, line);
}

static int read_price(const struct row *row, const char *key, const char *text, int64_t fallback, const char *where,
		      int64_t *out, struct error *err)
{
	*out = fallback;
	if (!text)
		return 0;
	if (config_parse_decimal(slice_of(text), out) || *out < 0 || *out > (int64_t)1000000 * 1000000)
		return error_set(err, ERROR_CONFIG,
				 "%s: model \"%s\": %s: expected dollars per million tokens, such as 2.50, not \"%s\"",
				 where, row->name, key, text);
	return 0;
}

static int read_row(const struct table *table, const struct row *row, const char *where, struct llm_price *out,
		    struct error *err)
{
	snprintf(out->date, sizeof out->date, "%s", table->date);
	return read_price(row, "input", row->input, 0, where, &out->input, err) ||
			       read_price(row, "output", row->output, 0, where, &out->output, err) ||
			       read_price(row, "cache_read", row->cache_read, out->input, where, &out->cache_read,
					  err) ||
			       read_price(row, "cache_write", row->cache_write, out->input, where, &out->cache_write,
					  err) ||
			       read_price(row, "batch", row->batch, 1000000, where, &out->batch, err)
		       ? -1
		       : 0;
}

static int find_row(const struct table *table, const char *where, const char *model, struct llm_price *out,
		    struct error *err)
{
	const struct row *found = NULL;
	cleanup_text struct text names = TEXT_INIT;
	for (unsigned i = 0; i < table->models_count; i++) {
		const struct row *row = &table->models[i];
		if (!strcmp(row->name, model) && found)
			return error_set(err, ERROR_CONFIG, "%s: model \"%s\" is there twice", where, model);
		if (!strcmp(row->name, model))
			found = row;
		if (i < 20)
			text_addf(&names, "%s%s", i ? ", " : "", row->name);
	}
	if (!found)
		return error_set(err, ERROR_CONFIG,
				 "%s: no price of the model \"%s\" (it has %s): write it into a copy of "
				 "configs/prices.yaml and name that with `prices`",
				 where, model, names.len ? text_str(&names) : "none");
	return read_row(table, found, where, out, err);
}

int llm_price_parse(struct slice data, const char *where, const char *model, struct llm_price *out, struct error *err)
{
	cleanup_text struct text log = TEXT_INIT;
	struct table *table = NULL;
	cyaml_config_t how = {.log_fn = keep_log,
			      .log_ctx = &log,
			      .mem_fn = cyaml_mem,
			      .log_level = CYAML_LOG_ERROR,
			      .flags = CYAML_CFG_NO_ALIAS};
	*out = (struct llm_price){0};
	cyaml_err_t code = data.len && !memchr(data.ptr, 0, data.len)
				   ? cyaml_load_data((const uint8_t *)data.ptr, data.len, &how, &table_schema,
						     (cyaml_data_t **)&table, NULL)
				   : CYAML_ERR_INVALID_VALUE;
	struct slice first = text_slice(&log);
	slice_cut(&first, '\n', &first);
	if (code || !table)
		return error_set(err, ERROR_CONFIG, "%s: not a table of prices as configs/prices.yaml: %s (%.*s)",
				 where, cyaml_strerror(code), (int)first.len, first.ptr ? first.ptr : "");
	int status = find_row(table, where, model, out, err);
	cyaml_free(&how, &table_schema, table, 0);
	return status;
}

int llm_price_find(const char *path, const char *model, struct llm_price *out, struct error *err)
{
	cleanup_text struct text data = TEXT_INIT;
	if (!path)
		return llm_price_parse(asset_find(built_in), built_in, model, out, err);
	if (file_read(path, TABLE_LIMIT, &data, err)) {
		if (err)
			err->code = ERROR_CONFIG;
		return error_context(err, "prices");
	}
	return llm_price_parse(text_slice(&data), path, model, out, err);
}

static int64_t round_up(unsigned __int128 product)
{
	unsigned __int128 cost = (product + 999999) / 1000000;
	return cost > INT64_MAX / 4 ? INT64_MAX / 4 : (int64_t)cost;
}

int64_t llm_cost(const struct llm_price *price, const struct llm_usage *usage)
{
	return round_up((unsigned __int128)usage->input * (uint64_t)price->input +
			(unsigned __int128)usage->cache_read * (uint64_t)price->cache_read +
			(unsigned __int128)usage->cache_write * (uint64_t)price->cache_write +
			(unsigned __int128)usage->output * (uint64_t)price->output);
}

int64_t llm_cost_most(const struct llm_price *price, int64_t input, int64_t output)
{
	int64_t dearest = price->input > price->cache_write ? price->input : price->cache_write;
	dearest = dearest > price->cache_read ? dearest : price->cache_read;
	return round_up((unsigned __int128)input * (uint64_t)dearest +
			(unsigned __int128)output * (uint64_t)price->output);
}

struct llm_price llm_price_in_batch(const struct llm_price *price)
{
	struct llm_price out = *price;
	int64_t *const parts[] = {&out.input, &out.output, &out.cache_read, &out.cache_write};
	for (size_t i = 0; i < ARRAY_LENGTH(parts); i++)
		*parts[i] = round_up((unsigned __int128)(uint64_t)*parts[i] * (uint64_t)price->batch);
	return out;
}
