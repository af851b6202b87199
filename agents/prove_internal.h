// What the files of the proof share. Nobody else includes it.
#ifndef AGENTS_PROVE_INTERNAL_H
#define AGENTS_PROVE_INTERNAL_H

#include "agents/prove.h"

struct subject { // a function
	struct translate_function *function;
	json_t *parameters; // [[name, kind]…]
	bool failed;        // a call of it ended its process
	const char *f;      // "module:qualname", of a document; NULL: no call of it was recorded
	int package;        // of the lock, that f is of
};

struct trial {
	size_t subject;
	json_t *call; // of a document
	bool held_out;
	json_t *outcome; // of the driver, NULL: none yet
	const char *broken;
	bool right; // CPython's outcome, without the bridged function
};

struct proving {
	struct translation *translation;
	const char *code;
	char *folder; // in/ and out/
	VEC(struct subject) subjects;
	VEC(struct trial) trials;
	json_t *documents; // keeps the calls
	int64_t started;
};

// prove_driver.c: the program.
int prove_build(struct proving *proving, struct error *err);
int prove_build_race(struct proving *proving, struct error *err); // 1, 0 = there is none here (a remark says why), -1
// 1 = all calls have an outcome or their function has failed, 0 = again, -1.
int prove_round(struct proving *proving, struct error *err);
void prove_add_header(struct proving *proving, struct text *out); // first line of in/calls.json
// Makes the calls of in/calls.json; results as it wrote them. mode: NULL, "race" or "speed" (head of its repeat.go).
int prove_drive(struct proving *proving, const char *mode, struct process_result *result, struct text *results,
		struct error *err);
const char *prove_how_it_ended(struct proving *proving, char step, const struct process_result *result);

// prove.c
extern const char prove_secret[]; // the verdict of held-out calls, which says nothing more

// prove_fuzz.c: many changed calls of the functions that stand so far.
int prove_fuzz(struct proving *proving, proofs *out, struct error *err);
// prove_fuzz_calls.c: what CPython gave for the changed calls of a subject: lines "arguments TAB outcome TAB 0 or 1 (it comes from a
// held-out call)". Made when the store does not have them, for all of those asked for in one process.
int prove_fuzz_prepare(struct proving *proving, const bool *wanted, struct error *err);
int prove_fuzz_calls(struct proving *proving, const struct subject *subject, struct text *out, struct error *err);
// Median nanoseconds of a call with CPython, of each wanted subject; 0: it could not be measured.
int prove_fuzz_speed(struct proving *proving, const bool *wanted, int most, int64_t *nanoseconds, struct error *err);

// prove_repeat.c, of functions that stand so far.
int prove_race(struct proving *proving, proofs *out, struct error *err);
int prove_speed(struct proving *proving, proofs *out, struct error *err);

#endif
