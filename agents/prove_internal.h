// What prove.c and prove_driver.c share. Nobody else includes it.
#ifndef AGENTS_PROVE_INTERNAL_H
#define AGENTS_PROVE_INTERNAL_H

#include "agents/prove.h"

struct subject { // a function
	struct translate_function *function;
	json_t *parameters; // [[name, kind]…]
	bool failed;        // a call of it ended its process
};

struct trial {
	size_t subject;
	json_t *call; // of a document
	bool held_out;
	json_t *outcome; // of the driver, NULL: none yet
	const char *broken;
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
// 1 = all calls have an outcome or their function has failed, 0 = again, -1.
int prove_round(struct proving *proving, struct error *err);

#endif
