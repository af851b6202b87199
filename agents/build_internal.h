// What build_source.c and build_environment.c share. Nobody else includes it.
#ifndef AGENTS_BUILD_INTERNAL_H
#define AGENTS_BUILD_INTERNAL_H

#include "agents/build_source.h"

// As build_release, for a build that stands depth builds below the first one (0).
int build_release_below(struct work *work, const struct lock_package *package, int depth, char **path, json_t **built,
			struct error *err);

// build_environment.c: a virtual environment with the wheels of a lock, that only the sandbox sees, at /env.
int build_environment_make(struct work *work, const struct lock *lock, int depth, const char *folder,
			   struct error *err);
// Of what decides its content.
void build_environment_digest(const struct lock *lock, char digest[DIGEST_HEX_SIZE]);
json_t *build_environment_list(const struct lock *lock); // ["setuptools 80.9.0", …]

struct build_task {
	const char *environment, *source; // folders outside
	json_t *input;                    // of agents/python/build/backend.py
};
// Runs a hook: *head is the first line of the program's answer, *data what follows it. ERROR_FAILED when the build is to blame.
int build_environment_run(struct work *work, const char *scratch, const struct build_task *task, json_t **head,
			  struct text *data, struct error *err);
void build_environment_program(struct digest_hasher *hasher); // adds what decides answers

#endif
