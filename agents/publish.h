// What the parts of the stage `publish` share: which Go modules a group of
// releases becomes, what the registry has of them, and the steps that put one
// there. Internal to agents/publish*.c and their tests.
//
// A group is one module, or for a cycle of releases: the module that holds all of its packages, and a façade
// module for each member at the path that the member would have alone.
#ifndef AGENTS_PUBLISH_H
#define AGENTS_PUBLISH_H

#include "agents/go/gomod.h"
#include "agents/registry.h"
#include "agents/work.h"
#include "core/arena.h"

struct publish_module {
	const char *kind;    // "release", "cycle" or "facade"
	const char *name;    // in the ledger: "django", "cycle-a"
	const char *element; // "py-django"
	const char *path;    // "go.internal/py-django"
	const char *stem;    // of its Go versions
	const char *time;    // of the release's upload, RFC 3339
	int64_t seconds;     // the same since 1970
	int package;         // of the lock; of a cycle its first member
	bool listed;         // @latest may choose it
	json_t *entry;       // its ledger entry for the group's request, NULL when there is none that is complete
};

struct publish_group {
	struct publish_module *modules; // [0] is what dependents import
	size_t module_count;
	bool wanted, known; // part of the view; everything below is published
	bool complete;      // all modules are in the registry for this request
	char request[DIGEST_HEX_SIZE];
};

// What the registry has of a plan, by the digests of inputs. Reads the ledger, no store, no network.
struct publish_view {
	struct arena arena;
	const struct plan *plan;
	char *workspace;              // absolute
	struct publish_group *groups; // [plan group]
	char pyrt_digest[DIGEST_HEX_SIZE];
};

// Of one group and all below it; of all groups when group is -1.
int publish_view_make(const struct work *work, int group, struct publish_view *out, struct error *err);
void publish_view_clear(struct publish_view *view);
#define cleanup_publish_view __attribute__((cleanup(publish_view_clear)))

// ---- putting one version into the registry --------------------------------------------------------------------------

struct publication {
	const char *workspace;
	const char *name; // in the ledger; NULL: no record (pyrt)
	const char *element, *kind;
	struct registry_version version;
	const struct module_tree *tree; // finished, with go.mod
	const char *inputs;
	const char *message, *email; // of the commit
	int64_t seconds;
	json_t *entry; // gets "commit"
};
// claim → .zip, .mod → commit, tag → ledger → branch main → .info → list. Each step is done already, or is done: a kill at any
// moment and the same call again give the same bytes. The caller holds the module's lock.
int publication_run(struct publication *publication, struct error *err);

// ---- the parts of a module -------------------------------------------------------------------------------------------

// pyrt as this program carries it, with the host's module path.
int publish_runtime_tree(const char *host, struct module_tree *out, struct error *err);
char *publish_runtime_path(const char *host);
// Puts it into the registry unless it is there. Other bytes there under the same version are ERROR_POLICY.
int publish_runtime(const struct publish_view *view, struct gomod_require *out, struct arena *arena, struct error *err);

struct staged_module {
	const struct publish_module *module;
	char *version; // Go's
	struct module_tree tree;
	VEC(const char *) packages;         // import paths, in the arena
	VEC(struct gomod_require) requires; // sorted
};
struct stage {
	struct work *work;
	const struct publish_view *view;
	int group;
	struct arena arena;
	json_t *emit;
	json_t **scans;             // [member of the group]
	VEC(json_t *) translations; // of units that have one
	json_t *units;              // {release: its "native_units" in the ledger}, by stage_units; NULL before
	json_t *go_modules; // from outside, of its translations and of all below it: rows of agents/mirror.h without texts
	json_t *python_only; // [{"unit", "go", "name", "reason"}]: native in Go, Python for pip; by stage_units
	struct gomod_require runtime;
	char inputs[DIGEST_HEX_SIZE];
	struct staged_module *modules; // as the group's
	size_t module_count;
	VEC(char *) remarks;
};
int stage_open(struct work *work, const struct publish_view *view, int group, struct stage *out, struct error *err);
void stage_clear(struct stage *stage);
// Composes the trees of all modules under these versions (staged_module.version).
int stage_trees(struct stage *stage, struct error *err);
// Go modules of others that the translations use, and those below, into stage->go_modules; as requirements of a module; by the
// configuration's rules for licences (ERROR_POLICY, or remarks); for README.md (publish_mirror.c).
int stage_go_modules(struct stage *stage, struct error *err);
void stage_require_go_modules(struct stage *stage, struct staged_module *module);
int stage_judge_go_modules(struct stage *stage, struct error *err);
void stage_describe_go_modules(const struct stage *stage, struct text *out);
// README.md of a module.
void stage_readme(const struct stage *stage, const struct staged_module *module, struct text *out);
// What of the group runs in Go inside Python too, kept below registry/units (agents/wheel/bundles.h). Functions without figures are
// timed (agents/border.h): what was measured goes into the rows of the translations and into inputs. Before versions are chosen.
int stage_units(struct stage *stage, struct error *err);
json_t *stage_native_units(const struct stage *stage, const struct staged_module *module); // of one release; new
json_t *stage_entry(const struct stage *stage, const struct staged_module *module);
// Counts and grade of the group: {"grade", "counts", "functions", "translators"}.
json_t *stage_evidence(const struct stage *stage);
// Do they compile and vet, as a stock `go` with checksums sees them?
int stage_verify(struct stage *stage, struct error *err);
// Tests for pytest of the group's releases, in <workspace>/registry/tests (publish_tests.c).
int stage_tests(const struct stage *stage, struct error *err);
#endif
