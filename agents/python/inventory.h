// What a release contains, as CPython's own ast saw it: the strict reader of
// "gophersnake.inventory/1", the document that inventory.py prints.
//
// Everything is owned by the inventory's arena; NULL text means "not there".
// Lines count from 1. Order is the document's: modules by name, all else by
// place in the source.
#ifndef AGENTS_PYTHON_INVENTORY_H
#define AGENTS_PYTHON_INVENTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/error.h"
#include "core/json.h"

struct inventory_names {
	const char **items;
	size_t count;
};

enum parameter_kind {
	PARAMETER_POSITIONAL_ONLY,
	PARAMETER_POSITIONAL,
	PARAMETER_VARIABLE, // *args
	PARAMETER_KEYWORD,  // after * or *args
	PARAMETER_KEYWORDS, // **kwargs
};

struct inventory_parameter {
	const char *name;
	enum parameter_kind kind;
	const char *default_text; // Python source of the default, NULL = required
	const char *annotation;   // Python source, NULL = none
};

struct inventory_function {
	const char *name, *qualname;
	int64_t line, end_line;
	const char *doc;
	bool async, generator;
	bool conditional; // defined under if, try or with
	struct inventory_names decorators;
	struct inventory_parameter *parameters; // of a method: with self
	size_t parameter_count;
	const char *returns;
};

struct inventory_property {
	const char *name;
	bool setter;
	const char *doc, *returns;
	int64_t line;
};

struct inventory_class {
	const char *name, *qualname; // "Field.Meta"
	const char *doc;
	int64_t line, end_line;
	bool is_enum, is_dataclass, is_namedtuple, conditional;
	struct inventory_names bases; // dotted source names, "" for what is not a name
	struct inventory_names decorators;
	struct inventory_names attributes;          // of the class body
	struct inventory_names slots;               // __slots__
	struct inventory_names instance_attributes; // self.x = … in methods
	struct inventory_function *methods;
	size_t method_count;
	struct inventory_property *properties;
	size_t property_count;
};

enum import_time {
	IMPORT_NOW,           // when the module is imported
	IMPORT_CONDITIONAL,   // when it is imported, under if or try
	IMPORT_LATE,          // inside a function
	IMPORT_TYPE_CHECKING, // under if TYPE_CHECKING: never run
};

struct inventory_import {
	const char *module; // absolute; "" when the level climbs out
	bool from, star;
	const char **names,
		**aliases; // count each; aliases[i] NULL = none. `import a.b as c`: names {"a.b"}, module "a.b"
	size_t count;
	int64_t line;
	enum import_time when;
};

struct inventory_variable {
	const char *name;
	int64_t line;
	const char *annotation;
	const char *value; // Python source of a plain literal or dotted name, else NULL
};

struct inventory_module {
	const char *name, *file, *sha256;
	bool is_package;
	int64_t lines;
	const char *doc, *error; // error: why it could not be read; then nothing else is there
	bool has_all;
	struct inventory_names all;
	struct inventory_import *imports;
	size_t import_count;
	struct inventory_function *functions;
	size_t function_count;
	struct inventory_class *classes; // nested ones too, after their outer class
	size_t class_count;
	struct inventory_variable *variables;
	size_t variable_count;
};

struct inventory {
	struct arena arena;
	const char *python; // "3.11"
	struct inventory_module *modules;
	size_t module_count;
	struct inventory_names extensions; // names of native modules
	int64_t data_files;
};

int inventory_read(json_t *json, const char *what, struct inventory *out, struct error *err);
void inventory_clear(struct inventory *inventory);
const struct inventory_module *inventory_find(const struct inventory *inventory, const char *module); // NULL
#endif
