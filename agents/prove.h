// Proof of a unit's native functions: every recorded call is made with the Go,
// in the sandbox and with CPython switched off, and what comes out is compared
// with what CPython gave. Held-out calls decide too, but nothing of them
// leaves: their verdict is one sentence, always the same.
//
// The Go runs in a process that knows the arguments and nothing else; the
// comparison is made here (prove_values.c). What stands then makes thousands
// of changed calls (prove_fuzz.c), with the same comparison.
//
// A function of a recorded release that the recording says is no candidate
// does not stand: nothing could prove it.
#ifndef AGENTS_PROVE_H
#define AGENTS_PROVE_H

#include "agents/translate.h"

struct proof {
	const char *go;                 // "RemoveQuotes"
	int visible, held_out, guarded; // calls with CPython's outcome, and calls that went to the bridged function
	// Of those, the ones that give a result in CPython, visible ones apart; and calls with a result that were equal.
	// An exception may well be left to the original: its class can be one of the release, and its traceback is there.
	int guarded_results, guarded_visible, results, visible_results;
	int fuzzed, fuzz_guarded;  // changed calls with CPython's outcome, and those that went to the bridged function
	bool raced;                // made its calls from several goroutines at once, and nothing was wrong
	int64_t go_ns, cpython_ns; // the median call, where it was measured
	int unable;                // calls that cannot be made from Go (a set, an OrderedDict…)
	const char *first_unable;  // why the first of them cannot, NULL
	const char *reason;        // why it does not stand, for the translator; NULL: it does
	json_t *guards;            // agents/prove_kinds.h, of the equal calls
	json_t *calls;             // the visible equal calls, as they were recorded
};
typedef VEC(struct proof) proofs; // texts live in the translation's arena
void proofs_clear(proofs *list);

// The unit's releases that were recorded, as one digest for memos: 1, 0 = none was, -1. Never starts a recording.
int prove_recordings(struct work *work, int group, char digest[DIGEST_HEX_SIZE], struct error *err);
// code: folder with the unit's package as it would be, which compiles. names: ["RemoveQuotes"], its native functions to be
// proved. out has one row for each that has recorded calls.
int prove_unit(struct translation *translation, const char *code, json_t *names, proofs *out, struct error *err);
// What stands, for the functions of the translation, its guards, and the result: "evidence" and "calls" {"visible", "held_out", "guarded",
// "fuzz", "fuzz_guarded"}.
void prove_note(struct translation *translation, const proofs *proved);
void prove_add_evidence(json_t *row, const struct translate_function *function);
// [[name, "required", "optional", "args" or "kwargs"]…] in the order of its Go signature.
json_t *prove_parameters(const struct translation *translation, const struct translate_function *function);
// The programs that make changed calls, for memos.
void prove_fuzz_programs(struct digest_hasher *hasher);

// ---- values (prove_values.c) -----------------------------------------------------------------------------------------

// NULL = the outcome (of the driver) is that of the recorded call, else what differs, with both sides (heap).
char *prove_compare(json_t *call, json_t *outcome);
// "f(a=1, b='x')"-like text of a recorded call, at most about 300 bytes.
void prove_show_call(json_t *call, struct text *out);
void prove_show_outcome(json_t *call, struct text *out);

#endif
