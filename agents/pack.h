// Packs: proved translations of a distribution's functions, as plain folders
// ("gophersnake.pack/1", docs/formats.md). They come with gophersnake
// (translations/, built in) or from the folders of the setting `packs`; the
// first one that has a distribution wins, the built-in ones are last.
//
//     <folder>/<distribution>/pack.json      written by `gophersnake prove`
//     <folder>/<distribution>/<unit>/*.go    what the translator wrote
//     <folder>/<distribution>/<unit>/calls.json   recorded calls that ship with it (agents/kept_calls.h), as the proof left them
//
// A pack counts by its bytes: the digest is over pack.json, which has those of calls.json, and the Go of the units that it names.
#ifndef AGENTS_PACK_H
#define AGENTS_PACK_H

#include "core/config.h"
#include "core/digest.h"
#include "core/json.h"

struct pack {
	char *name;    // of the distribution, normalised
	char *place;   // for people: its folder
	json_t *json;  // checked
	json_t *code;  // {"sqlparse.utils": {"utils.go": text}}: of the units that it names
	json_t *calls; // {"sqlparse.utils": [call…]}: of the units in "tests"
	char digest[DIGEST_HEX_SIZE];
};

struct packs; // reads a pack when it is asked for, each once
// ERROR_CONFIG when a folder of the setting is none.
int packs_open(const struct config *config, struct packs **out, struct error *err);
void packs_free(struct packs *packs);
// 1 = *out (owned by packs), 0 = there is none, -1 = it is malformed: ERROR_INPUT with file and place.
int packs_find(struct packs *packs, const char *name, const struct pack **out, struct error *err);

// Reads it anew the next time; what packs_find gave of it is gone.
void packs_forget(struct packs *packs, const char *name);

// Of pack.json; what names it in errors. NULL on error. At most PACK_LIMIT bytes, no unit that is no file name, no function twice.
enum { PACK_LIMIT = 16 << 20, PACK_FILE_LIMIT = 4 << 20, PACK_FILES = 200 };
json_t *pack_parse(struct slice data, const char *what, struct error *err);
// A unit's *.go in a folder: {"utils.go": text}. An absent folder has none.
int pack_read_code(const char *folder, json_t **out, struct error *err);
// Of the Go of a unit, and of the versions of the Go modules from outside (agents/mirror.h) that it imports.
struct plan;
void pack_code_digest(const struct plan *plan, json_t *files, char digest[DIGEST_HEX_SIZE]);
// May it be the name of a unit's folder: dotted Python name, no slash, no dot at its ends.
bool pack_is_unit(const char *unit);

// ---- what a proof belongs to (pack_key.c) ----------------------------------------------------------------------------

struct translation;
struct translate_function;
// "module:qualname" of a function of the unit (heap).
char *pack_recorded_name(const struct translation *translation, const struct translate_function *function);
// Modules of the release that decide what a function does, sorted: its own, those of the functions that ran below it when it
// was recorded ("functions" of a recording), and those whose variables or submodules one of these imports.
json_t *pack_modules(const struct translation *translation, const struct translate_function *function,
		     json_t *recording);
// What decides the Go beside its files: the listed modules that it imports, with their versions. Nothing where it imports none.
void pack_add_go_modules(struct digest_hasher *hasher, const struct plan *plan, json_t *files);
// The digest of all that a proof holds for: Python minor, name, Go signature, and the files of the modules. "" when one of them
// is not in the release.
void pack_key(const struct translation *translation, const struct translate_function *function, json_t *modules,
	      char key[DIGEST_HEX_SIZE]);

#endif
