// What came out of a conversion, for people and as JSON; `status` and `convert` share it.
#ifndef CLI_SUMMARY_H
#define CLI_SUMMARY_H

#include "agents/wheel/index.h"
#include "cli/common.h"

// The summary of `convert`: releases in leaf-first order, counts, time, and the lines that one pastes to use it from
// Go and from Python. run NULL: nothing had to be done. Sets cli->exit_status to 1 when a release failed.
int summary_print(struct cli *cli, const struct plan *plan, const char *run, const struct wheel_index *python,
		  int64_t milliseconds, struct error *err);
// The table of releases.
void summary_table(const struct release_states *states, struct text *out);
// What models cost, a function and a line of Go; nothing when none was asked.
void summary_spending(const struct release_states *states, struct text *out);
// Why those that failed or wait do so; nothing when none does.
void summary_reasons(const struct release_states *states, struct text *out);
// Remarks of the releases' ledger entries, and imports that nobody declares (cli_undeclared).
void summary_remarks(const struct release_states *states, json_t *undeclared, struct text *out);
// How to tell a stock go about a folder in the layout of a module proxy; `go get …` is the caller's. go_modules: those of others in it,
// rows of ledger entries.
void summary_go_usage(const char *proxy, const char *host, json_t *go_modules, struct text *out);
// "gophersnake.status/1"; run may be NULL.
json_t *summary_to_json(struct cli *cli, const struct plan *plan, const char *run, const struct release_states *states);

// Prints what became of a function that a release of the ledger has: 1 = it did, 0 = there is none by that name, -1.
int why_function(struct cli *cli, const char *name, struct error *err);

#endif
