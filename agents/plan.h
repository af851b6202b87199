// A plan: a lock, its release groups in leaf-first order, and the settings that
// decide what comes out ("gophersnake.plan/1"). A group is one release, or the
// members of a cycle of releases, which become one Go module.
//
// The plan's digest is that of its canonical JSON: the same lock and settings
// always give the same plan, and so the same run.
#ifndef AGENTS_PLAN_H
#define AGENTS_PLAN_H

#include "core/config.h"
#include "core/digest.h"
#include "graphs/graph.h"
#include "resolver/lock.h"

struct plan_group {
	const char *name;   // "django@5.2.19"; of a cycle "cycle-<first name>@<its version>"
	const char *module; // last element of the module path: "py-django", "py-cycle-<first name>"
	int *members;       // indices into lock.packages, by name
	int member_count;
	int *needs; // groups, ascending
	int need_count;
	int *below; // all groups that this one needs, directly or not, ascending
	int below_count;
	int level;       // 0 for leaves
	double rank;     // estimated seconds of this and of the heaviest chain that waits for it
	double estimate; // seconds for this alone (from the archive's size)
};

struct plan_pack { // of translator recorded (agents/pack.h)
	const char *name, *digest;
};

struct plan_go_module {                   // that translations may import (agents/mirror.h)
	const char *path, *version, *sum; // sum: h1:…, NULL when none is given
};

struct plan {
	struct arena arena;
	struct lock lock;
	struct graph *graph;           // releases; node numbers are indices into lock.packages
	VEC(struct plan_group) groups; // leaf first
	const char *host;              // "go.internal"
	const char *generator;         // digest of the generator
	const char *failure;           // "bridge" or "block"
	const char *licence_rules;     // canonical text of the licence settings
	VEC(const char *) translators;
	VEC(const char *) translator_command;
	VEC(struct plan_pack) packs;           // of the lock's releases, by name; none without translator recorded
	VEC(struct plan_go_module) go_modules; // by path
	const char *
		llm; // settings that decide a model's answers, as JSON (agents/translators/llm_settings.c); NULL: no llm in the chain
	char digest[DIGEST_HEX_SIZE];
};

void plan_init(struct plan *plan);
void plan_clear(struct plan *plan);
// Takes the lock over.
int plan_make(struct lock *lock, const struct config *config, struct plan *out, struct error *err);
json_t *plan_to_json(const struct plan *plan);
int plan_from_json(json_t *json, const char *what, struct plan *out, struct error *err);
int plan_group_of(const struct plan *plan, int package);        // the group of lock.packages[package]
int plan_find_group(const struct plan *plan, const char *name); // by group name; -1
// The digest of the pack of a distribution, NULL when there is none.
const char *plan_pack(const struct plan *plan, const char *name);
// The name of the plan's run without a counter: "<first target>-<8 hex of the digest>".
char *plan_run_name(const struct plan *plan);

#endif
