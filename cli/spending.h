// What models were paid for the functions of ledger entries: all that was asked, and what stands of it.
#ifndef CLI_SPENDING_H
#define CLI_SPENDING_H

#include "core/json.h"
#include "core/text.h"

struct spending {
	int64_t functions, attempts; // that were asked for
	int64_t native, lines;       // that stand, and the lines of their Go
	int64_t input, output;       // tokens
	int64_t cost;                // microdollars
};
void spending_add(json_t *entry, struct spending *out); // entry: NULL has none
// "models" of a release: NULL entry, or no model asked: JSON's null.
json_t *spending_json(json_t *entry);
void spending_text(const struct spending *spending, struct text *out); // a paragraph, or nothing
// The line of one function's row of a ledger entry, or nothing.
void spending_function(json_t *row, struct text *out);

#endif
