// What the parts of the skeleton share: the writer of one group of releases
// and the one Go file that is being written. Internal to agents/go.
#ifndef AGENTS_GO_WRITER_H
#define AGENTS_GO_WRITER_H

#include "agents/go/program.h"
#include "agents/go/signature.h"
#include "agents/go/units.h"

struct base_row {
	bool known;
	struct definition base; // DEFINITION_NONE: pyrt.Instance
};

struct writer {
	struct program program;
	struct units units;
	const char *folder;
	struct arena arena;
	const char **prefix;     // [module]: of its names in the package of a unit of several modules, else ""
	struct base_row **bases; // [module][class], of own modules
	struct skeleton_result *out;
	json_t *names;        // manifest's "modules"
	VEC(char *) packages; // import paths written
};

struct go_import {
	const char *path, *alias; // alias "_": only for its effect
};

struct go_file {
	struct writer *writer;
	int module;
	int unit;
	bool inside; // in the unit's package; false: a façade
	struct text body;
	VEC(struct go_import) imports;
	struct name_set *aliases; // of imports
	struct name_set *hidden;  // method variables
	struct text types;        // rows for pyrt.RegisterTypes
	json_t *manifest;         // names of this module
};

// The name under which this file reaches a module's natural name: "Token", "Sql_Token", "pkgSql.Token". Adds the import.
const char *file_reference(struct go_file *file, int module, const char *natural);
// A natural name of the file's own module as this package spells it.
const char *file_local(struct go_file *file, const char *natural);
const char *file_import(struct go_file *file, const char *path, const char *package); // returns the alias
void file_import_pyrt(struct go_file *file);
void file_manifest(struct go_file *file, const char *python, const char *go);

struct definition writer_base(struct writer *writer, int module, size_t class_index);
// The signature of a class's constructor, own or inherited.
void writer_constructor(struct writer *writer, int module, size_t class_index, struct arena *arena,
			struct signature *out);
const char *python_name_in_class(const char *class_name, const char *name, struct arena *arena); // "__x" → "_Class__x"

void write_function(struct go_file *file, size_t index);
void write_variable(struct go_file *file, const char *python, const char *getter, const char *setter);
void write_class(struct go_file *file, size_t index);

// Names for what another package defines.
void forward_function(struct go_file *file, struct definition of, const char *name, const char *options);
void forward_class(struct go_file *file, struct definition of, const struct class_names *names);
void write_forwards(struct go_file *file);  // a façade's: all that its module defines
void write_reexports(struct go_file *file); // from __all__, or from the imports of a package's __init__

int write_sources(struct writer *writer, struct error *err); // the pysrc packages
int write_units(struct writer *writer, struct error *err);
// A package at path that forwards to the one where the module's names live. A writer either writes units or façades alone:
// both hand out the module's names.
int write_facade(struct writer *writer, int module, const char *path, struct error *err);
int writer_open(struct writer *out, const struct emit_input *input, const char *folder, struct skeleton_result *result,
		struct error *err);
void writer_close(struct writer *writer);
// For each member of a cycle of releases, below "dist.<member>/facade": what its own module path offers, forwarding to the
// module of the cycle. Adds their packages to the list.
int write_members(const struct emit_input *input, const char *folder, json_t *packages, struct error *err);
int writer_put(struct writer *writer, const char *path, const char *name, const struct text *text, struct error *err);
#endif
