// The arithmetic is that of the loop in translators/llm.c: groups of functions, each with the guide, the unit's context and a
// request; half of the groups are expected to need a repair, whose prompt has the answer and the complaints besides.
#include "agents/forecast.h"

#include <stdlib.h>
#include <string.h>

#include "agents/translators/llm.h"

enum {
	BYTES_PER_TOKEN = 3, // as llm_tokens_likely
	BYTES_PER_LINE = 36, // of Python: 35.6 over 500 files of Debian's packages, 36.7 in json, 37.4 in email
	// Measured over the 25 units of sqlparse 0.6.1 and asgiref 3.13.0:
	GUIDE_BYTES = 75000,   // system.md, porting.md and the runtime as go doc prints it
	FRAME_BYTES = 900,     // of a request without its functions
	OTHERS_BYTES = 16000,  // of a context: go doc of what it imports
	DOC_BYTES = 700,       // of a context: go doc of its own package, a function
	ASKED_BYTES = 160,     // a request's lines about one function
	COMPLAINT_BYTES = 600, //
	GROUP_FUNCTIONS = 8,   // as in translators/llm.c
	GROUP_BYTES = 12000,   //
	GO_PERCENT = 150,      // Go's bytes by Python's
	ANSWER_TOKENS = 60,    // words around the Go
	REPAIRS_PERCENT = 50,  // of the groups
	ARCHIVE_BYTES = 500,   // of a wheel, a function, when nothing else is known
	ARCHIVE_LINES = 14,    // a function
	ARCHIVE_MODULE = 10,   // functions a module
	SHOWN = 12,            // releases
};

static int64_t tokens(int64_t bytes)
{
	return (bytes + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t with_repairs(int64_t of_drafts)
{
	return of_drafts + of_drafts * REPAIRS_PERCENT / 100;
}

void forecast_add_module(const struct forecast_module *module, int64_t context_bytes, int max_tokens,
			 struct forecast_release *out)
{
	if (!module->functions)
		return;
	int64_t python = module->function_lines * BYTES_PER_LINE;
	int64_t by_count = (module->functions + GROUP_FUNCTIONS - 1) / GROUP_FUNCTIONS;
	int64_t by_bytes = (python + GROUP_BYTES - 1) / GROUP_BYTES;
	int64_t groups = by_count > by_bytes ? by_count : by_bytes;
	int64_t guide = least(GUIDE_BYTES, context_bytes / 2);
	int64_t context = OTHERS_BYTES + module->functions * DOC_BYTES + module->lines * BYTES_PER_LINE;
	context = least(context, context_bytes * 3 / 4 - guide);
	int64_t asked = FRAME_BYTES * groups + module->functions * ASKED_BYTES;
	int64_t answer = least(tokens(python * GO_PERCENT / 100) + ANSWER_TOKENS * groups, max_tokens * groups);
	// The guide is in the provider's cache but for the first request of all, the context but for the first of the unit.
	bool first = !out->groups;
	out->cache_write += tokens(context) + (first ? tokens(guide) : 0);
	out->cache_read +=
		with_repairs(groups * tokens(guide + context)) - tokens(context) - (first ? tokens(guide) : 0);
	out->input += with_repairs(tokens(asked)) + with_repairs(answer + groups * tokens(COMPLAINT_BYTES)) - answer -
		      groups * tokens(COMPLAINT_BYTES);
	out->output += with_repairs(answer);
	out->groups += groups;
	out->requests = with_repairs(out->groups);
	out->units++;
	out->functions += module->functions;
	out->lines += module->function_lines;
}

// ---- releases --------------------------------------------------------------------------------------------------------

static void add_span(json_t *function, struct forecast_module *module)
{
	int64_t first = json_integer_or(function, "line", 0), last = json_integer_or(function, "end_line", 0);
	module->lines = last > module->lines ? last : module->lines;
	if (!strcmp(json_string_or(function, "name", ""), "__init__"))
		return; // constructors stay bridged
	module->functions++;
	module->function_lines += last >= first ? last - first + 1 : 0;
}

static struct forecast_module measure(json_t *inventory)
{
	struct forecast_module module = {0};
	size_t i, j;
	json_t *row, *method;
	json_array_foreach (json_object_get(inventory, "functions"), i, row) {
		add_span(row, &module);
	}
	json_array_foreach (json_object_get(inventory, "classes"), i, row) {
		int64_t end = json_integer_or(row, "end_line", 0);
		module.lines = end > module.lines ? end : module.lines;
		json_array_foreach (json_object_get(row, "methods"), j, method) {
			add_span(method, &module);
		}
	}
	json_array_foreach (json_object_get(inventory, "variables"), i, row) {
		int64_t line = json_integer_or(row, "line", 0);
		module.lines = line > module.lines ? line : module.lines;
	}
	return module;
}

// {module: true} of a group's units that were translated: an answer that is kept costs nothing. What cannot be read is not.
static json_t *kept_modules(struct work *work, int group)
{
	json_t *kept = json_object(), *unit, *module;
	struct error ignored = ERROR_INIT;
	cleanup_json json_t *emit = work->toolchain ? emit_result(work, group, &ignored) : NULL;
	size_t i, j;
	json_array_foreach (json_object_get(emit, "units"), i, unit) {
		cleanup_json json_t *result = NULL;
		if (translate_result(work, group, json_string_or(unit, "id", ""), &result, &ignored) != 1)
			continue;
		json_array_foreach (json_object_get(unit, "modules"), j, module) {
			json_object_set_new(kept, json_string_value(module), json_true());
		}
	}
	return kept;
}

static void guess(const struct lock_package *package, const struct llm_settings *settings, struct forecast_release *out)
{
	int64_t size = package->files.count ? package->files.items[0].size : -1;
	int64_t functions = size > 0 ? size / ARCHIVE_BYTES + 1 : 1;
	for (int64_t left = functions; left > 0; left -= ARCHIVE_MODULE) {
		int64_t count = least(left, ARCHIVE_MODULE);
		struct forecast_module module = {.lines = count * ARCHIVE_LINES * 3 / 2,
						 .functions = count,
						 .function_lines = count * ARCHIVE_LINES};
		forecast_add_module(&module, settings->context, settings->max_tokens, out);
	}
}

static void add_release(struct work *work, int number, const struct llm_settings *settings,
			struct forecast_release *out)
{
	const struct lock_package *package = &work->plan->lock.packages.items[number];
	struct error ignored =
		ERROR_INIT; // a release that was not read yet, or cannot be: its archive's size has to do
	cleanup_json json_t *scan = work->store ? scan_result(work, number, &ignored) : NULL;
	cleanup_json json_t *inventory =
		scan ? store_get_json(work->store, json_string_or(scan, "inventory", ""), "inventory", &ignored) : NULL;
	out->known = inventory != NULL;
	if (!inventory) {
		guess(package, settings, out);
		return;
	}
	cleanup_json json_t *kept = kept_modules(work, plan_group_of(work->plan, number));
	size_t i;
	json_t *row;
	json_array_foreach (json_object_get(inventory, "modules"), i, row) {
		struct forecast_module module = measure(row);
		if (json_object_get(kept, json_string_or(row, "name", "")))
			out->kept += module.functions;
		else
			forecast_add_module(&module, settings->context, settings->max_tokens, out);
	}
}

static void add_up(struct forecast_release *total, const struct forecast_release *release)
{
	total->kept += release->kept;
	total->units += release->units;
	total->functions += release->functions;
	total->lines += release->lines;
	total->groups += release->groups;
	total->requests += release->requests;
	total->input += release->input;
	total->cache_read += release->cache_read;
	total->cache_write += release->cache_write;
	total->output += release->output;
	total->cost += release->cost;
}

int forecast_make(struct work *work, const bool *complete, struct forecast *out, struct error *err)
{
	*out = (struct forecast){0};
	if (!work->plan->llm)
		return 0;
	struct llm_settings settings;
	struct llm_price price;
	if (llm_settings_read(work->plan->llm, &settings, err))
		return -1;
	if (llm_price_find(work->config->prices, settings.model, &price, err)) {
		llm_settings_clear(&settings);
		return -1;
	}
	out->asked = true;
	out->model = xstrdup(settings.model);
	out->budget = settings.budget;
	memcpy(out->prices, price.date, sizeof out->prices);
	out->total.known = true;
	for (size_t i = 0; i < work->plan->lock.packages.count; i++) {
		const struct lock_package *package = &work->plan->lock.packages.items[i];
		struct forecast_release release = {.name = package->name, .version = package->version, .known = true};
		release.done = complete && complete[plan_group_of(work->plan, (int)i)];
		if (!release.done)
			add_release(work, (int)i, &settings, &release);
		struct llm_usage usage = {true, release.input, release.cache_read, release.cache_write, release.output};
		release.cost = llm_cost(&price, &usage);
		out->total.known = out->total.known && release.known;
		add_up(&out->total, &release);
		vec_push(&out->releases, release);
	}
	llm_settings_clear(&settings);
	return 0;
}

void forecast_clear(struct forecast *forecast)
{
	vec_clear(&forecast->releases);
	free((char *)forecast->model);
	*forecast = (struct forecast){0};
}

// ---- words -----------------------------------------------------------------------------------------------------------

static json_t *release_json(const struct forecast_release *release)
{
	json_t *json = json_pack("{s:b, s:I, s:I, s:I, s:I, s:I}", "known", release->known, "units",
				 (json_int_t)release->units, "functions", (json_int_t)release->functions, "lines",
				 (json_int_t)release->lines, "kept_functions", (json_int_t)release->kept, "requests",
				 (json_int_t)release->requests);
	json_object_update_new(json,
			       json_pack("{s:I, s:I, s:I, s:I, s:I}", "input_tokens", (json_int_t)release->input,
					 "cache_read_tokens", (json_int_t)release->cache_read, "cache_write_tokens",
					 (json_int_t)release->cache_write, "output_tokens", (json_int_t)release->output,
					 "cost_microdollars", (json_int_t)release->cost));
	return json;
}

json_t *forecast_to_json(const struct forecast *forecast)
{
	json_t *releases = json_array(), *json = release_json(&forecast->total);
	vec_each (&forecast->releases, release) {
		json_t *row = release_json(release);
		json_object_set_new(row, "name", json_string(release->name));
		json_object_set_new(row, "version", json_string(release->version));
		json_object_set_new(row, "up_to_date", json_boolean(release->done));
		json_array_append_new(releases, row);
	}
	json_object_update_new(json,
			       json_pack("{s:s, s:s, s:I, s:o}", "model", forecast->model, "prices", forecast->prices,
					 "budget_microdollars", (json_int_t)forecast->budget, "releases", releases));
	return json;
}

void forecast_dollars(int64_t microdollars, struct text *out)
{
	int digits = microdollars < 1000000 ? 4 : 2;
	text_addf(out, "$%.*f", digits, (double)microdollars / 1e6);
}

static int by_cost(const void *a, const void *b)
{
	const struct forecast_release *one = a, *other = b;
	return one->cost != other->cost ? (one->cost < other->cost ? 1 : -1) : strcmp(one->name, other->name);
}

static void add_headline(const struct forecast *forecast, struct text *out)
{
	const struct forecast_release *total = &forecast->total;
	text_add(out, "models: about ");
	forecast_dollars(total->cost, out);
	text_addf(out,
		  " for %lld functions (%lld lines of Python) in %lld requests to %s, %lld k tokens in, %lld k of them "
		  "cached, %lld k out, prices of %s; at most ",
		  (long long)total->functions, (long long)total->lines, (long long)total->requests, forecast->model,
		  (long long)(total->input + total->cache_read + total->cache_write) / 1000,
		  (long long)total->cache_read / 1000, (long long)total->output / 1000, forecast->prices);
	forecast_dollars(forecast->budget, out);
	text_addf(out, " (budget of the run)%s\n",
		  total->cost > forecast->budget ? ": it does not suffice, the rest stays bridged" : "");
}

void forecast_text(const struct forecast *forecast, struct text *out)
{
	if (!forecast->asked)
		return;
	add_headline(forecast, out);
	size_t count = forecast->releases.count;
	cleanup_free struct forecast_release *sorted = xcalloc(count ? count : 1, sizeof *sorted);
	for (size_t i = 0; i < count; i++)
		sorted[i] = forecast->releases.items[i];
	qsort(sorted, count, sizeof *sorted, by_cost);
	size_t unread = 0;
	for (size_t i = 0; i < count; i++) {
		const struct forecast_release *release = &sorted[i];
		unread += !release->known;
		if (i >= SHOWN || !release->functions)
			continue;
		text_add(out, "  ");
		forecast_dollars(release->cost, out);
		text_addf(out, "  %s %s: %lld functions%s\n", release->name, release->version,
			  (long long)release->functions, release->known ? "" : " or so");
	}
	if (count > SHOWN && sorted[SHOWN].functions)
		text_addf(out, "  and %zu releases that cost less\n", count - SHOWN);
	if (forecast->total.kept)
		text_addf(out, "  nothing for %lld functions whose answers are kept\n",
			  (long long)forecast->total.kept);
	if (unread)
		text_addf(out, "  %zu of %zu releases were not read yet: guessed from the size of their archives\n",
			  unread, count);
}
