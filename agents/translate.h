// What the translators of one unit share: the unit, its functions, and what
// became of each. Internal to agents/translate.c and agents/translators.
//
// A chain of translators works on one unit. Each proposes Go files; they are
// checked, merged into the bridged package and compiled; what stands is kept,
// the rest goes on to the next translator and stays bridged after the last.
#ifndef AGENTS_TRANSLATE_H
#define AGENTS_TRANSLATE_H

#include "agents/mirror.h"
#include "agents/work.h"
#include "core/arena.h"
#include "core/vec.h"

struct translate_function {
	const char *python;           // "sqlparse.utils.remove_quotes"
	const char *go;               // in the unit's package: "RemoveQuotes", "Token.Flatten"
	bool is_method;               // of a class, static and class methods too
	const char *file, *signature; // of the bridged Go
	int64_t line, end_line;       // of the Python
	const char *translator;       // who made it native, NULL while it is bridged
	const char *reason;           // why it is bridged, NULL when nobody proposed anything for it
	const char *withheld; // why Go of it must not be taken from the translator that is at work, NULL: it may be
	json_t *proof;        // its row in a pack, NULL; what it says is true of it when translator is "recorded"
	// Native: recorded calls with CPython's outcome, and those that went to the bridged function. All 0: no proof but that
	// it compiles.
	int visible, held_out, guarded;
	int fuzzed, fuzz_guarded;  // the same of changed calls
	bool raced;                // agents/prove.h
	int64_t go_ns, cpython_ns; // for pack.json only: no two measurements are the same
	// What a paid translator took for it: its share of the answers in which it was asked for.
	int attempts;
	const char *model; // asked last, NULL: none
	int64_t cost;      // microdollars
	int64_t input_tokens, output_tokens;
};

struct translate_module {
	const char *name;  // "sqlparse.utils"
	const char *file;  // in the wheel
	int package;       // of the lock
	json_t *inventory; // its object in the inventory of the release
};

struct translation {
	struct work *work;
	int group;
	const char *unit;
	struct arena arena;
	json_t *emit, *names;       // emit result; the manifest's "modules"
	const char *path, *package; // of the unit's Go: "py/sqlparse/utils", "utils"
	VEC(struct translate_module) modules;
	VEC(struct translate_function) functions;
	VEC(json_t *) inventories; // of the group's releases
	json_t *neutral;           // {"py/sqlparse/sql": "sql"}: what the unit may import, with package names
	json_t *imports;           // ["py/sqlparse/sql"]: what its Python does import
	json_t *standard;          // what it may import of the standard library
	json_t *guards;            // {"RemoveQuotes": guards (agents/prove_kinds.h)} of what is proved
	json_t *kept;              // {"RemoveQuotes": calls that ship (agents/kept_calls.h)}
	json_t *remarks;           // what was wrong with proposals beside functions
	json_t *tables; // {"py/dist.tables/idna/uts46data": {"package": its clause, "digest": of its Go}}: those that were asked for
	json_t *packages; // {"golang.org/x/text/cases": "cases"}: of Go modules from outside, as in their records
	struct mirror_use mirror; // those modules for builds
	char *scratch;            // the module py (agents/scratch.h)
	char *folder;             // of this job, removed at the end
	char *code;               // the unit's package as it is now: bridged, and what was accepted
	char *tool;
	bool proved; // the translator that is at work brings proofs along: calls are not made again
	int calls;   // of a paid translator, and what they took in all
	int64_t cost, input_tokens, output_tokens;
};

int translation_open(struct work *work, int group, const char *unit, struct translation *out, struct error *err);
void translation_clear(struct translation *translation);
struct translate_function *translation_function(struct translation *translation, const char *go); // NULL
size_t translation_native(const struct translation *translation);
void translation_remark(struct translation *translation, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Why a function is bridged; text is copied.
void translation_reason(struct translation *translation, struct translate_function *function, const char *translator,
			const char *text);

// Checks, merges and compiles what lies in the folder out (*.go), function by function; code becomes the result.
int translation_accept(struct translation *translation, const char *translator, const char *out, struct error *err);

// Tables of the release that the Go in a folder imports (translators/tables.c): made, noted in tables, and put into the scratch
// module.
int translation_tables(struct translation *translation, const char *folder, struct error *err);
// {path below the module: digest} of those that the Go in folder imports.
int translation_tables_files(struct translation *translation, const char *folder, json_t *files, struct error *err);

// The packages of Go modules from outside that its Go and the Go in a folder import (translators/modules.c): their modules are in the
// registry then, and in mirror.
int translation_modules(struct translation *translation, const char *folder, struct error *err);
// The record (agents/mirror.h) of what its Go imports of them as it is now, a new reference; json_null() when that is nothing.
json_t *translation_modules_record(struct translation *translation, struct error *err);

// The test of its native functions that ships with the Go, when it has calls for them (translators/tests.c): put into the store and
// noted in files, {path below the module: digest}.
int translation_tests(struct translation *translation, json_t *files, struct error *err);

// The stage's result (head of translate.c), with the files that it names in the store. NULL on error.
json_t *translation_result(struct translation *translation, struct error *err);
// What became of its functions: "functions" of the result.
json_t *translation_rows(const struct translation *translation);
// Gives the rows of functions that a model was paid for and that stand "lines": of their Go (translators/lines.c).
int translation_add_lines(const struct translation *translation, json_t *rows, struct error *err);
// Lines of the native function "X" or "T.X" in a file; 0: it is not in it.
int64_t translation_lines_of(struct slice go, const char *function);

struct translator {
	const char *name; // as in the configuration
	// Writes Go files for functions that are still bridged into out (an empty folder). 1 = something is there; 0 = nothing,
	// *reason (heap, may stay NULL) says why; -1 = the machine failed or was interrupted. A translator's own failure is
	// never an error of the job.
	int (*propose)(struct translation *translation, const char *out, char **reason, struct error *err);
};
// NULL when there is none by that name.
const struct translator *translator_find(const char *name);
extern const struct translator translator_bridge, translator_recorded, translator_command, translator_llm;

// Of translator recorded. Has a pack something for the unit: 1, 0, -1. What of the packs decides a translation, for memos.
int recorded_has(struct work *work, int group, const char *unit, struct error *err);
void recorded_add_packs(const struct plan *plan, int group, struct digest_hasher *hasher);

// Of translator llm: ERROR_CONFIG when its settings are not complete; what of them decides an answer, for the plan (heap).
int llm_settings_check(const struct config *config, struct error *err);
char *llm_settings_text(const struct config *config);

// Visible calls of its functions (docs/formats/recording.md), an array: empty when the release was not recorded. NULL with an error.
json_t *translation_calls(const struct translation *translation, struct error *err);
// Lines for people and models, of one function: "f(a=1)  gives 2".
void translation_show_calls(json_t *calls, const struct translate_function *function, size_t most, struct text *out);

// Numbers of its functions, callees first, as far as words in the job folder's Python tell. order: heap, as many as there are functions.
int translation_order(const struct translation *translation, const char *folder, size_t **order, struct error *err);

// Packages of pyrt that Go of translators may import, with the names by which api/ knows them.
extern const char *const translation_runtime[4];

// Writes the job folder (docs/formats.md, "Job folder").
int job_folder_write(struct translation *translation, const char *folder, struct error *err);

#endif
