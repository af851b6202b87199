// A native function does by itself what its original did by calling others.
// Whoever replaces one of those (a test's mock, a patch) must see the effect:
// before each call, what was absorbed is compared with what it was.
//
// A row is the value of a name in a module's dict and, of a Python function, its code object. CPython (3.8 to 3.13) counts the
// changes of each dict: while the counts are the same, no name is looked up.
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

// ---- versions of dicts -----------------------------------------------------------------------------------------------

// Behind the head and the number of entries, by every CPython that has it; looked at, since it is no part of the stable ABI.
static uint64_t version_of(PyObject *dict)
{
	uint64_t version;
	memcpy(&version, (char *)dict + sizeof(PyObject) + sizeof(Py_ssize_t), sizeof version);
	return version;
}

static bool changes(PyObject *dict, const char *key, PyObject *value)
{
	uint64_t before = version_of(dict);
	return !PyDict_SetItemString(dict, key, value) && version_of(dict) != before;
}

// Does the word change with each change, and stay otherwise? Asked once.
static bool versions_work(void)
{
	static enum { UNKNOWN, NO, YES } known;
	if (known != UNKNOWN)
		return known == YES;
	PyObject *dict = PyDict_New();
	known = NO;
	if (dict && changes(dict, "a", Py_None()) && changes(dict, "b", Py_None()) && changes(dict, "a", dict)) {
		uint64_t before = version_of(dict);
		if (PyDict_GetItemString(dict, "a") == dict && version_of(dict) == before && changes(dict, "a", Py_None()))
			known = YES;
	}
	PyErr_Clear();
	if (dict)
		Py_DecRef(dict);
	return known == YES;
}

static int note_dict(struct watch *watch, PyObject *namespace)
{
	for (size_t i = 0; i < watch->dict_count; i++)
		if (watch->dicts[i].namespace == namespace) {
			watch->dicts[i].version = 0; // no dict has it: all is looked at once more
			return 0;
		}
	struct watched_dict *dicts = realloc(watch->dicts, (watch->dict_count + 1) * sizeof *dicts);
	if (!dicts)
		return -1;
	watch->dicts = dicts;
	dicts[watch->dict_count++] = (struct watched_dict){namespace, 0};
	return 0;
}

static bool is_unchanged(const struct watch *watch)
{
	if (!versions_work())
		return false;
	for (size_t i = 0; i < watch->dict_count; i++)
		if (version_of(watch->dicts[i].namespace) != watch->dicts[i].version)
			return false;
	return true;
}

// ---- rows ------------------------------------------------------------------------------------------------------------

int watch_add(struct watch *watch, PyObject *namespace, PyObject *name)
{
	PyObject *value = PyDict_GetItemWithError(namespace, name);
	if (!value)
		return PyErr_Occurred() ? -1 : 0;
	struct watched *rows = realloc(watch->rows, (watch->count + 1) * sizeof *rows);
	if (rows)
		watch->rows = rows;
	if (!rows || note_dict(watch, namespace)) {
		PyErr_SetString(PyExc_MemoryError, "gophersnake_bundle");
		return -1;
	}
	struct watched *row = &rows[watch->count++];
	*row = (struct watched){new_reference(namespace), new_reference(name), new_reference(value), function_code(value)};
	if (row->code)
		Py_IncRef(row->code);
	return 0;
}

static bool names_hold(struct watch *watch)
{
	for (size_t i = 0; i < watch->count; i++) {
		struct watched *row = &watch->rows[i];
		if (PyDict_GetItemWithError(row->namespace, row->name) != row->value) {
			PyErr_Clear();
			return false;
		}
	}
	for (size_t i = 0; i < watch->dict_count; i++)
		watch->dicts[i].version = version_of(watch->dicts[i].namespace);
	return true;
}

bool watch_holds(struct watch *watch)
{
	if (!is_unchanged(watch) && !names_hold(watch))
		return false;
	for (size_t i = 0; i < watch->count; i++)
		if (watch->rows[i].code && function_code(watch->rows[i].value) != watch->rows[i].code)
			return false;
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
