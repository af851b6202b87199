// gophersnake plan: a lock's groups in leaf-first order, with a forecast.
#include <stdio.h>

#include "agents/forecast.h"
#include "cli/common.h"
#include "core/clock.h"
#include "core/file.h"

static void print_text(const struct plan *plan, const struct forecast *forecast, struct text *out)
{
	double work = 0, longest = 0;
	text_addf(out, "%4s  %-6s %-40s %10s  %s\n", "#", "level", "release", "archive", "needs");
	for (size_t i = 0; i < plan->groups.count; i++) {
		const struct plan_group *group = &plan->groups.items[i];
		const struct lock_package *first = &plan->lock.packages.items[group->members[0]];
		int64_t size = first->files.count ? first->files.items[0].size : -1;
		text_addf(out, "%4zu  %-6d %-40s %7lld kB  %d\n", i + 1, group->level, group->name,
			  (long long)(size < 0 ? 0 : (size + 999) / 1000), group->need_count);
		work += group->estimate;
		longest = group->rank > longest ? group->rank : longest;
	}
	cleanup_text struct text total = TEXT_INIT, chain = TEXT_INIT;
	clock_format_duration((int64_t)(work * 1000), &total);
	clock_format_duration((int64_t)(longest * 1000), &chain);
	text_addf(out, "\n%zu releases in %zu groups; forecast: %s of work, longest chain %s; money: %s (translators: ",
		  plan->lock.packages.count, plan->groups.count, text_str(&total), text_str(&chain),
		  plan->llm ? "below" : "none");
	for (size_t i = 0; i < plan->translators.count; i++)
		text_addf(out, "%s%s", i ? " → " : "", plan->translators.items[i]);
	text_add(out, ")\n");
	forecast_text(forecast, out);
}

// Of what a workspace knows already; nothing is made or fetched.
static int make_forecast(struct cli *cli, const struct plan *plan, struct forecast *out, struct error *err)
{
	struct work work = {.config = &cli->config, .plan = plan, .log = stderr};
	cleanup_free char *path = xasprintf("%s/store", cli->config.workspace);
	if (plan->llm && dir_exists(path) && store_open(path, &work.store, err))
		return -1;
	int status = forecast_make(&work, NULL, out, err);
	store_free(work.store);
	return status;
}

int cmd_plan(struct cli *cli, struct error *err)
{
	struct plan plan;
	struct resolve_statistics statistics = {0};
	struct forecast forecast = {0};
	plan_init(&plan);
	int status = cli_plan(cli, &plan, &statistics, err) || make_forecast(cli, &plan, &forecast, err) ? -1 : 0;
	if (!status) {
		cleanup_text struct text text = TEXT_INIT;
		cleanup_json json_t *json = plan_to_json(&plan);
		if (forecast.asked) // what is said besides, not part of the plan
			json_object_set_new(json_object_get(json, "forecast"), "llm", forecast_to_json(&forecast));
		if (cli->json || cli_option(cli, "output"))
			json_write_pretty(json, &text);
		else
			print_text(&plan, &forecast, &text);
		status = cli_output(cli, &text, err);
	}
	forecast_clear(&forecast);
	plan_clear(&plan);
	return status;
}
