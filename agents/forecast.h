// What translator llm is likely to cost, before anything is spent: from the inventories of releases that were read already
// (else from the size of their archives), the prompts' sizes and the price table.
#ifndef AGENTS_FORECAST_H
#define AGENTS_FORECAST_H

#include "agents/work.h"

struct forecast_release {
	const char *name, *version;                     // of the plan
	bool known;                                     // from its inventory; else from the size of its archive
	bool done;                                      // up to date in the registry: nothing is asked
	int64_t kept;                                   // functions whose answers the workspace has already
	int64_t units;                                  // that something is asked for
	int64_t functions, lines;                       // to be asked for; lines of their Python
	int64_t groups, requests;                       // first drafts; with the repairs that are likely
	int64_t input, cache_read, cache_write, output; // tokens
	int64_t cost;                                   // microdollars
};
struct forecast {
	bool asked;                            // false: no llm in the chain, the rest is empty
	const char *model;                     // heap
	char prices[11];                       // date of the price table
	int64_t budget;                        // microdollars, of the run
	VEC(struct forecast_release) releases; // as in the lock
	struct forecast_release total;
};

// Reads what the store has; work needs config, plan and store (NULL: none yet). complete: by group, from publish_survey; NULL:
// none is. With work->toolchain, answers that the workspace has are left out. ERROR_CONFIG as llm_settings_check.
int forecast_make(struct work *work, const bool *complete, struct forecast *out, struct error *err);
void forecast_clear(struct forecast *forecast);
json_t *forecast_to_json(const struct forecast *forecast);
// A headline and a line a release, dearest first; each ends with a line feed.
void forecast_text(const struct forecast *forecast, struct text *out);
// "$0.0123"; "$12.35".
void forecast_dollars(int64_t microdollars, struct text *out);

// What it expects of one module (for tests): sizes in lines and bytes.
struct forecast_module {
	int64_t lines, functions, function_lines;
};
void forecast_add_module(const struct forecast_module *module, int64_t context_bytes, int max_tokens,
			 struct forecast_release *out);

#endif
