// A native function does by itself what its original did by calling others.
// Whoever replaces one of those (a test's mock, a patch) must see the effect:
// before each call, what was absorbed is compared with what it was.
//
// A row is a name in the dict of a module or a class and the object that it had there, or that it was not there. CPython (3.8 to
// 3.13) counts the changes of each dict: while the counts are the same, no name is looked up. The functions of modules
// among the rows are asked for their code object too.
#include <stdlib.h>
#include <string.h>

#include "shim.h"

static size_t code_offset; // of a function's code object in it, 0 = not known
PyTypeObject *function_type;

// The layout of functions is no part of the stable ABI, so it is looked at: the word of a function that is its code.
void watch_learn(PyObject *function, PyObject *code)
{
	if (function_type)
		return;
	function_type = Py_TYPE(function);
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
		if (PyDict_GetItemString(dict, "a") == dict && version_of(dict) == before &&
		    changes(dict, "a", Py_None()))
			known = YES;
	}
	PyErr_Clear();
	if (dict)
		Py_DecRef(dict);
	return known == YES;
}

// ---- rows ------------------------------------------------------------------------------------------------------------

void *grown(void *items, size_t count, size_t size)
{
	return count & (count - 1) ? items : realloc(items, (count ? count * 2 : 1) * size);
}

static struct watched_dict *dict_of(struct watch *watch, PyObject *namespace, bool class)
{
	for (size_t i = watch->dict_count; i-- > 0;)
		if (watch->dicts[i].namespace == namespace)
			return &watch->dicts[i];
	struct watched_dict *dicts = grown(watch->dicts, watch->dict_count, sizeof *dicts);
	if (!dicts)
		return NULL;
	watch->dicts = dicts;
	dicts[watch->dict_count] = (struct watched_dict){.namespace = new_reference(namespace), .class = class};
	return &dicts[watch->dict_count++];
}

static struct watched *row_of(const struct watched_dict *dict, PyObject *name)
{
	for (size_t i = 0; i < dict->count; i++)
		if (dict->rows[i].name == name)
			return &dict->rows[i];
	return NULL;
}

static bool add_code(struct watch *watch, PyObject *function)
{
	PyObject *code = function_code(function);
	struct watched_code *codes = grown(watch->codes, watch->code_count, sizeof *codes);
	if (!codes)
		return false;
	watch->codes = codes;
	codes[watch->code_count++] = (struct watched_code){function, new_reference(code)};
	return true;
}

int watch_add(struct watch *watch, PyObject *namespace, PyObject *name, PyObject *value, bool class)
{
	struct watched_dict *dict = dict_of(watch, namespace, class);
	if (!dict || row_of(dict, name))
		return dict ? 0 : -1;
	struct watched *rows = grown(dict->rows, dict->count, sizeof *rows);
	if (!rows)
		return -1;
	dict->rows = rows;
	dict->size = PyDict_Size(namespace);
	rows[dict->count++] = (struct watched){new_reference(name), value ? new_reference(value) : NULL};
	watch->count++;
	return !class && value && function_code(value) && !add_code(watch, value) ? -1 : 0;
}

void watch_drop(struct watch *watch, PyObject *namespace, PyObject *name)
{
	for (size_t i = 0; i < watch->dict_count; i++) {
		struct watched_dict *dict = &watch->dicts[i];
		struct watched *row = dict->namespace == namespace ? row_of(dict, name) : NULL;
		if (!row)
			continue;
		for (size_t at = watch->code_count; row->value && at-- > 0;)
			if (watch->codes[at].function == row->value) {
				Py_DecRef(watch->codes[at].code);
				watch->codes[at] = watch->codes[--watch->code_count];
			}
		Py_DecRef(row->name);
		if (row->value)
			Py_DecRef(row->value);
		*row = dict->rows[--dict->count];
		watch->count--;
	}
}

// ---- does it hold? ---------------------------------------------------------------------------------------------------

// A name that a class got, and that it had from a class above it.
static bool shadows(const struct watch *watch, const struct watched_dict *dict)
{
	PyObject *key, *value;
	Py_ssize_t at = 0;
	while (PyDict_Next(dict->namespace, &at, &key, &value)) {
		if (row_of(dict, key))
			continue;
		for (size_t i = 0; i < watch->dict_count; i++)
			if (watch->dicts[i].class && row_of(&watch->dicts[i], key))
				return true;
	}
	return false;
}

static bool names_hold(const struct watch *watch, struct watched_dict *dict)
{
	for (size_t i = 0; i < dict->count; i++)
		if (PyDict_GetItemWithError(dict->namespace, dict->rows[i].name) != dict->rows[i].value) {
			PyErr_Clear();
			return false;
		}
	if (dict->class && PyDict_Size(dict->namespace) != dict->size && shadows(watch, dict))
		return false;
	dict->version = versions_work() ? version_of(dict->namespace) : 0;
	return true;
}

bool watch_holds(struct watch *watch)
{
	for (size_t i = 0; i < watch->dict_count; i++) {
		struct watched_dict *dict = &watch->dicts[i];
		if ((!dict->version || version_of(dict->namespace) != dict->version) && !names_hold(watch, dict))
			return false;
	}
	for (size_t i = 0; i < watch->code_count; i++) {
		struct watched_code *row = &watch->codes[i];
		PyObject *now = function_code(row->function);
		if (now == row->code)
			continue;
		if (!attached_here(row->function, row->code, now))
			return false;
		Py_DecRef(row->code);
		row->code = new_reference(now);
	}
	return true;
}
