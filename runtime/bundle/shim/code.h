// Code objects with a native call in front (code.c, code_jumps.c).
#ifndef GOPHERSNAKE_BUNDLE_CODE_H
#define GOPHERSNAKE_BUNDLE_CODE_H

#include "shim.h"

struct code_load {
	bool cell; // a parameter that inner functions use
	uint32_t index;
};
struct code_call {
	const struct code_load *loads; // of the parameters that are passed, in order
	uint32_t count;
	uint32_t native; // place of the callable in co_consts; `refused` is behind it
};
struct code_parts {
	struct wire body, lines, handlers;
};
struct code_bytes {
	PyObject *object;
	const uint8_t *data;
	Py_ssize_t size;
};

enum { CODE_FIRST_MINOR = 8, CODE_LAST_MINOR = 13 };
extern int code_minor; // of this CPython 3; set before anything else here is used

// A code object that asks native first, or NULL and the reason. Leaves no Python exception.
PyObject *code_with_native(PyObject *code, const struct code_load *loads, uint32_t count, PyObject *native,
			   const char **reason);

long code_number(PyObject *code, enum known_name name);     // -1 with an exception
PyObject *code_tuple(PyObject *code, enum known_name name); // a new reference, or NULL
bool code_bytes(PyObject *code, enum known_name name, struct code_bytes *out);
void code_bytes_clear(struct code_bytes *bytes);
// Of a name among the first count of some: the index, or -1.
Py_ssize_t code_index(PyObject *names, PyObject *name, Py_ssize_t count);

bool code_put(struct wire *out, const void *data, size_t size);
bool code_emit(struct wire *out, uint8_t op, uint32_t argument, int caches);
// CPython 3.8 to 3.10: NULL, or the reason.
const char *code_insert_and_move(PyObject *code, const struct code_call *call, struct code_parts *out);
#endif
