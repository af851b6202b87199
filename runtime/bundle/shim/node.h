// What one function or class names: node.c finds it, absorb.c puts it together.
#ifndef GOPHERSNAKE_BUNDLE_NODE_H
#define GOPHERSNAKE_BUNDLE_NODE_H

#include "shim.h"

static const size_t NO_ROW = SIZE_MAX;
struct row {
	PyObject *namespace, *name, *value; // value: NULL where the name must not be there
	bool class;
	uint64_t mark; // of a class: of the last function that absorbed it
};
struct lead {
	PyObject *object; // a function or a class of the package
	size_t row;       // of a class, that leads there; or NO_ROW: always
	bool instance;    // not the class itself was found, but an instance
};
// What one function or class names. Made once, for all that absorb it: a class of a package may stand behind a hundred functions.
struct node {
	PyObject *object;
	struct row *rows, *stored; // stored: global names that it assigns to, a cache or a lazy value
	struct lead *leads;
	PyObject **names; // of functions: all that it uses
	size_t row_count, stored_count, lead_count, name_count, length;
	const char *package;  // "sqlparse" and length 8; the text is kept by the first module
	size_t row;           // while it is made: where leads come from
	uint64_t mark, whole; // of the last function that absorbed it; with what Python calls by itself
	bool failed;
};

// The node of a function or class; it lives as long as the process. NULL without memory.
struct node *node_of(PyObject *object, const char *package, size_t length);
PyObject *module_dict(PyObject *module); // borrowed; NULL: it is no plain module
bool is_hidden(PyObject *name);          // it begins with two underscores
#endif
