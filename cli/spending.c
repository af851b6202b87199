// Sums over the rows of functions in ledger entries.
#include "cli/spending.h"

#include <string.h>

#include "agents/forecast.h"

void spending_add(json_t *entry, struct spending *out)
{
	size_t index;
	json_t *row;
	json_array_foreach (json_object_get(entry, "functions"), index, row) {
		int64_t attempts = json_integer_or(row, "attempts", 0);
		if (!attempts)
			continue;
		bool stands = !strcmp(json_string_or(row, "state", ""), "native");
		out->functions++;
		out->attempts += attempts;
		out->native += stands;
		out->lines += json_integer_or(row, "lines", 0);
		out->input += json_integer_or(row, "input_tokens", 0);
		out->output += json_integer_or(row, "output_tokens", 0);
		out->cost += json_integer_or(row, "cost_microdollars", 0);
	}
}

// Microdollars of all that was paid for each thing that stands; null when nothing does.
static json_t *each(int64_t cost, int64_t count)
{
	return count ? json_real((double)cost / (double)count) : json_null();
}

json_t *spending_json(json_t *entry)
{
	struct spending sum = {0};
	spending_add(entry, &sum);
	if (!sum.functions)
		return json_null();
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "functions", (json_int_t)sum.functions,
			 "attempts", (json_int_t)sum.attempts, "native", (json_int_t)sum.native, "lines",
			 (json_int_t)sum.lines, "input_tokens", (json_int_t)sum.input, "output_tokens",
			 (json_int_t)sum.output, "cost_microdollars", (json_int_t)sum.cost,
			 "microdollars_per_native_function", each(sum.cost, sum.native), "microdollars_per_line",
			 each(sum.cost, sum.lines));
}

static void add_each(int64_t cost, int64_t count, const char *thing, struct text *out)
{
	if (!count)
		return;
	text_add(out, ", ");
	forecast_dollars(cost / count, out);
	text_addf(out, " %s", thing);
}

void spending_text(const struct spending *spending, struct text *out)
{
	if (!spending->functions)
		return;
	text_add(out, "\nModels: ");
	forecast_dollars(spending->cost, out);
	text_addf(out, " for %lld functions; %lld of them are Go, %lld lines", (long long)spending->functions,
		  (long long)spending->native, (long long)spending->lines);
	add_each(spending->cost, spending->native, "a function that stands", out);
	add_each(spending->cost, spending->lines, "a line of it", out);
	text_add(out, ".\n");
}

void spending_function(json_t *row, struct text *out)
{
	int64_t attempts = json_integer_or(row, "attempts", 0), lines = json_integer_or(row, "lines", 0);
	int64_t cost = json_integer_or(row, "cost_microdollars", 0);
	if (!attempts)
		return;
	text_addf(out, "  attempts: %lld, ", (long long)attempts);
	forecast_dollars(cost, out);
	if (lines)
		text_addf(out, " for %lld lines of Go", (long long)lines);
	add_each(cost, lines, "a line", out);
	text_add_char(out, '\n');
}
