// A native function does by itself what its original did by calling others.
// Whoever replaces one of those (a test's mock, a patch) must see the effect:
// before each call, what was absorbed is compared with what it was.
//
// A row is the value of a name in a module's dict and, of a Python function, its code object. Where CPython counts the
// changes of dicts (3.8 to 3.11), an unchanged count saves the look-up.
#include <stdlib.h>
#include <string.h>

#include "shim.h"

static size_t code_offset;    // of a function's code object in it, 0 = not known
static PyTypeObject *function_type;

// The layout of functions is no part of the stable ABI, so it is looked at: the word of a function that is its code.
static void find_offset(PyObject *function, PyObject *code)
{
	PyObject *size = PyObject_GetAttrString((PyObject *)Py_TYPE(function), "__basicsize__");
	long bytes = size ? PyLong_AsLong(size) : 0;
	if (size)
		Py_DecRef(size);
	PyErr_Clear();
	for (size_t at = sizeof(PyObject); at + sizeof(void *) <= (size_t)bytes; at += sizeof(void *)) {
		void *word;
		memcpy(&word, (char *)function + at, sizeof word);
		if (word == code) {
			code_offset = at;
			function_type = Py_TYPE(function);
			return;
		}
	}
}

PyObject *function_code(PyObject *object)
{
	PyObject *code;
	if (!code_offset || Py_TYPE(object) != function_type)
		return NULL;
	memcpy(&code, (char *)object + code_offset, sizeof code);
	return code;
}

void watch_learn(PyObject *function, PyObject *code)
{
	if (!code_offset)
		find_offset(function, code);
}

int watch_add(struct watch *watch, PyObject *namespace, PyObject *name)
{
	PyObject *value = PyDict_GetItemWithError(namespace, name);
	if (!value)
		return PyErr_Occurred() ? -1 : 0;
	struct watched *rows = realloc(watch->rows, (watch->count + 1) * sizeof *rows);
	if (!rows) {
		PyErr_SetString(PyExc_MemoryError, "gophersnake_bundle");
		return -1;
	}
	watch->rows = rows;
	struct watched *row = &rows[watch->count++];
	*row = (struct watched){new_reference(namespace), new_reference(name), new_reference(value), function_code(value)};
	if (row->code)
		Py_IncRef(row->code);
	return 0;
}

bool watch_holds(struct watch *watch)
{
	for (size_t i = 0; i < watch->count; i++) {
		struct watched *row = &watch->rows[i];
		if (PyDict_GetItemWithError(row->namespace, row->name) != row->value) {
			PyErr_Clear();
			return false;
		}
		if (row->code && function_code(row->value) != row->code)
			return false;
	}
	return true;
}

void watch_recoded(struct watch *watch, PyObject *function, PyObject *code)
{
	for (size_t i = 0; i < watch->count; i++) {
		struct watched *row = &watch->rows[i];
		if (row->value != function || !row->code)
			continue;
		Py_IncRef(code);
		Py_DecRef(row->code);
		row->code = code;
	}
}

void watch_clear(struct watch *watch)
{
	for (size_t i = 0; i < watch->count; i++) {
		struct watched *row = &watch->rows[i];
		Py_DecRef(row->namespace);
		Py_DecRef(row->name);
		Py_DecRef(row->value);
		if (row->code)
			Py_DecRef(row->code);
	}
	free(watch->rows);
	*watch = (struct watch){NULL, 0};
}
