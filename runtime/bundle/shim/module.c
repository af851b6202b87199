// The extension module gophersnake_bundle._gophersnake_bundle. Its Python
// side (gophersnake_bundle/__init__.py) asks for callables and puts them into
// the code of functions; nobody else uses it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "code.h"

struct record *records;
static PyTypeObject *record_type;
static bool strict;
static PyObject *importing; // a Python function, called before Go is started

bool bundle_is_strict(void)
{
	return strict;
}

bool bundle_is_importing(void)
{
	PyObject *answer = importing ? PyObject_CallObject(importing, NULL) : NULL;
	bool yes = answer == &_Py_TrueStruct;
	if (answer)
		Py_DecRef(answer);
	PyErr_Clear();
	return yes;
}

void bundle_warn(void)
{
	PyObject *text = PyUnicode_FromFormat("gophersnake_bundle: %s; Python does the work", library.problem);
	const char *utf8 = text ? PyUnicode_AsUTF8AndSize(text, NULL) : NULL;
	if (!utf8 || PyErr_WarnEx(PyExc_RuntimeWarning, utf8, 1))
		PyErr_Clear(); // a filter that makes errors of warnings: the call is not to blame
	if (text)
		Py_DecRef(text);
}

// ---- functions -------------------------------------------------------------------------------------------------------

static int compare(const struct native_function *function, const char *unit, const char *name)
{
	int order = strcmp(function->unit, unit);
	return order ? order : strcmp(function->name, name);
}

const struct native_function *native_function_find(const char *unit, const char *name)
{
	uint32_t low = 0, high = native_function_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = compare(&native_functions[middle], unit, name);
		if (!order)
			return &native_functions[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

// The record stays for the report: functions are never taken back, what is made lives on.
struct record *record_new(const struct native_function *function, bool packed)
{
	struct record *record = (struct record *)PyType_GenericAlloc(record_type, 0); // zeroed
	if (!record)
		return NULL;
	record->defaults = calloc(function->count + 1, sizeof *record->defaults);
	if (!record->defaults) {
		Py_DecRef((PyObject *)record);
		PyErr_SetString(PyExc_MemoryError, "gophersnake_bundle");
		return NULL;
	}
	bool one = function->count == 1 && !packed;
	record->function = function;
	record->number = (uint32_t)(function - native_functions);
	record->packed = packed;
	record->method = (struct PyMethodDef){
		function->name,
		one ? call_native_one : (PyCFunction)(void *)call_native,
		one ? METH_O : METH_FASTCALL,
		NULL,
	};
	record->next = records;
	records = record;
	return record;
}

struct record *record_of(PyObject *callable)
{
	PyObject *self = Py_TYPE(callable) == &PyCFunction_Type ? PyCFunction_GetSelf(callable) : NULL;
	return self && Py_TYPE(self) == record_type ? (struct record *)self : NULL;
}

static int set_text(PyObject *dict, const char *key, const char *value)
{
	PyObject *text = PyUnicode_FromString(value);
	int status = text ? PyDict_SetItemString(dict, key, text) : -1;
	if (text)
		Py_DecRef(text);
	return status;
}

static PyObject *describe(const struct native_function *function)
{
	PyObject *row = PyDict_New();
	if (row && (set_text(row, "unit", function->unit) || set_text(row, "name", function->name) ||
		    set_text(row, "release", function->release) || set_text(row, "absorbed", function->absorbed))) {
		Py_DecRef(row);
		row = NULL;
	}
	return row;
}

static int append(PyObject *list, PyObject *row)
{
	int status = row ? PyList_Append(list, row) : -1;
	if (row)
		Py_DecRef(row);
	return status;
}

// functions(): a dict for each function of the bundle.
static PyObject *functions(PyObject *self, PyObject *unused)
{
	(void)self, (void)unused;
	PyObject *list = PyList_New(0);
	for (uint32_t i = 0; list && i < native_function_count; i++)
		if (append(list, describe(&native_functions[i]))) {
			Py_DecRef(list);
			return NULL;
		}
	return list;
}

// state(): what the Go library is: "not started", "running", "forked", or why it cannot be used.
static PyObject *state(PyObject *self, PyObject *unused)
{
	(void)self, (void)unused;
	static const char *const words[] = {"not started", "running", "forked"};
	return PyUnicode_FromString(library.state == LIBRARY_BROKEN ? library.problem : words[library.state]);
}

// The number of the interpreter that this is: 0 is the main one.
static PyObject *interpreter(PyObject *self, PyObject *unused)
{
	(void)self, (void)unused;
	// In the stable ABI since 3.9 and 3.7; 3.8 has the first under its private name.
	void *(*get)(void) = (void *(*)(void))dlsym(RTLD_DEFAULT, "PyInterpreterState_Get");
	int64_t (*number)(void *) = (int64_t(*)(void *))dlsym(RTLD_DEFAULT, "PyInterpreterState_GetID");
	if (!get)
		get = (void *(*)(void))dlsym(RTLD_DEFAULT, "_PyInterpreterState_Get");
	return PyLong_FromLongLong(get && number ? number(get()) : -1);
}

// be_strict(): from now on a broken bundle is an ImportError, not a warning.
static PyObject *be_strict(PyObject *self, PyObject *unused)
{
	(void)self, (void)unused;
	strict = true;
	return new_reference(Py_None());
}

// begin(importing, minor): True from that function keeps Go from being started by this call; and which CPython 3 this is.
static PyObject *begin(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
	(void)self;
	if (count != 2) {
		PyErr_SetString(PyExc_TypeError, "begin(importing, minor)");
		return NULL;
	}
	PyObject *code = PyObject_GetAttrString(arguments[0], "__code__");
	if (!code)
		return NULL;
	importing = new_reference(arguments[0]);
	code_minor = (int)PyLong_AsLong(arguments[1]);
	watch_learn(importing, code);
	Py_DecRef(code);
	return PyBool_FromLong(code_minor >= CODE_FIRST_MINOR && code_minor <= CODE_LAST_MINOR &&
			       function_code(importing));
}

static PyObject *refused_call(PyObject *self, PyObject *unused)
{
	(void)self, (void)unused;
	return new_reference(Py_None());
}

// ---- the module ------------------------------------------------------------------------------------------------------

static struct PyMethodDef methods[] = {
	{"attach", (PyCFunction)(void *)attach, METH_FASTCALL, NULL},
	{"begin", (PyCFunction)(void *)begin, METH_FASTCALL, NULL},
	{"asked", asked, METH_NOARGS, NULL},
	{"functions", functions, METH_NOARGS, NULL},
	{"state", state, METH_NOARGS, NULL},
	{"interpreter", interpreter, METH_NOARGS, NULL},
	{"be_strict", be_strict, METH_NOARGS, NULL},
	{NULL, NULL, 0, NULL},
};
static struct PyMethodDef refused_method = {"refused", refused_call, METH_NOARGS, NULL};
static struct PyModuleDef module = {
	.base = {1, NULL},
	.m_name = "_gophersnake_bundle",
	.m_size = -1,
	.m_methods = methods,
};

static struct PyType_Slot record_slots[] = {{0, NULL}};
static struct PyType_Spec record_spec = {"gophersnake_bundle.record", sizeof(struct record), 0, 0, record_slots};

static int fill(PyObject *made)
{
	record_type = (PyTypeObject *)PyType_FromSpec(&record_spec);
	refused = PyCFunction_NewEx(&refused_method, NULL, NULL);
	PyObject *version = PyUnicode_FromString(bundle_version);
	if (!record_type || !refused || !version || !names_prepare())
		return -1;
	Py_IncRef(refused);
	if (PyModule_AddObject(made, "refused", refused) || PyModule_AddObject(made, "version", version))
		return -1;
	library_prepare();
	return 0;
}

__attribute__((visibility("default"))) PyObject *PyInit__gophersnake_bundle(void);
PyObject *PyInit__gophersnake_bundle(void)
{
	PyObject *made = PyModule_Create2(&module, PYTHON_ABI);
	if (made && fill(made)) {
		Py_DecRef(made);
		return NULL;
	}
	return made;
}
