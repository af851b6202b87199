// The extension module gophersnake_bundle._gophersnake_bundle. Its Python
// side (gophersnake_bundle/__init__.py) asks for callables and puts them into
// the code of functions; nobody else uses it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "shim.h"

static struct record *records; // all that are, newest first; they live as long as the process
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

static const struct native_function *find(const char *unit, const char *name)
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

static const char *text_of(PyObject *value)
{
	if (Py_TYPE(value) != &PyUnicode_Type) {
		PyErr_SetString(PyExc_TypeError, "a str is needed");
		return NULL;
	}
	return PyUnicode_AsUTF8AndSize(value, NULL);
}

static bool count_is(Py_ssize_t count, Py_ssize_t wanted)
{
	if (count != wanted)
		PyErr_SetString(PyExc_TypeError, "wrong number of arguments");
	return count == wanted;
}

// has(unit, name): None when it is not in the bundle, else its parameters, a tuple of names with "*" and "**" before those of
// *args and **kwargs, and what it absorbed.
static PyObject *has(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
	(void)self;
	const char *unit = count_is(count, 2) ? text_of(arguments[0]) : NULL, *name = unit ? text_of(arguments[1]) : NULL;
	if (!name)
		return NULL;
	const struct native_function *function = find(unit, name);
	if (!function)
		return new_reference(Py_None());
	PyObject *names = PyTuple_New(function->count);
	for (uint32_t i = 0; names && i < function->count; i++) {
		const struct parameter *parameter = &function->parameters[i];
		const char *stars = parameter->role == ROLE_ARGS ? "*" : parameter->role == ROLE_KWARGS ? "**" : "";
		PyObject *text = PyUnicode_FromFormat("%s%s", stars, parameter->name);
		if (!text || PyTuple_SetItem(names, i, text)) {
			Py_DecRef(names);
			return NULL;
		}
	}
	PyObject *absorbed = names ? PyUnicode_FromString(function->absorbed) : NULL;
	PyObject *both = absorbed ? PyTuple_Pack(2, names, absorbed) : NULL;
	if (names)
		Py_DecRef(names);
	if (absorbed)
		Py_DecRef(absorbed);
	return both;
}

static struct record *new_record(const struct native_function *function, bool packed)
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

// bind(unit, name, defaults, packed): the callable. defaults: a tuple, for each parameter its default, or the callable
// `refused` where it has none that can stand for "not given". Functions are never taken back: what is bound lives on.
static PyObject *bind(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
	(void)self;
	const char *unit = count_is(count, 4) ? text_of(arguments[0]) : NULL, *name = unit ? text_of(arguments[1]) : NULL;
	const struct native_function *function = name ? find(unit, name) : NULL;
	if (!name)
		return NULL;
	if (!function || Py_TYPE(arguments[2]) != &PyTuple_Type || PyTuple_Size(arguments[2]) != (Py_ssize_t)function->count)
		return PyErr_Format(PyExc_ValueError, "no function %s %s with such parameters", unit, name);
	struct record *record = new_record(function, PyLong_AsLong(arguments[3]) == 1);
	if (!record)
		return NULL;
	for (uint32_t i = 0; i < function->count; i++) {
		PyObject *value = PyTuple_GetItem(arguments[2], i);
		record->defaults[i] = value == refused ? NULL : new_reference(value);
	}
	PyObject *callable = PyCFunction_NewEx(&record->method, (PyObject *)record, NULL);
	// The record stays for the statistics; its one reference beside the callable's is this list's.
	return callable;
}

static struct record *record_of(PyObject *callable)
{
	PyObject *self = Py_TYPE(callable) == &PyCFunction_Type ? PyCFunction_GetSelf(callable) : NULL;
	if (self && Py_TYPE(self) == record_type)
		return (struct record *)self;
	PyErr_SetString(PyExc_TypeError, "not a callable of bind()");
	return NULL;
}

// watch(callable, namespace, name): once namespace[name] is another object, or has another code, the original is called.
static PyObject *watch(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
	(void)self;
	struct record *record = count_is(count, 3) ? record_of(arguments[0]) : NULL;
	if (!record)
		return NULL;
	if (Py_TYPE(arguments[1]) != &PyDict_Type || Py_TYPE(arguments[2]) != &PyUnicode_Type) {
		PyErr_SetString(PyExc_TypeError, "a dict and a str are needed");
		return NULL;
	}
	if (watch_add(&record->watch, arguments[1], arguments[2]))
		return NULL;
	return new_reference(Py_None());
}

// recoded(function, code): the bundle itself gave a function this code.
static PyObject *recoded(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
	(void)self;
	if (!count_is(count, 2))
		return NULL;
	watch_learn(arguments[0], arguments[1]);
	for (struct record *record = records; record; record = record->next)
		watch_recoded(&record->watch, arguments[0], arguments[1]);
	return new_reference(Py_None());
}

static int set_number(PyObject *dict, const char *key, uint64_t value)
{
	PyObject *number = PyLong_FromLongLong((long long)value);
	int status = number ? PyDict_SetItemString(dict, key, number) : -1;
	if (number)
		Py_DecRef(number);
	return status;
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
		    set_text(row, "release", function->release) ||
		    set_text(row, "absorbed", function->absorbed))) {
		Py_DecRef(row);
		row = NULL;
	}
	return row;
}

static int describe_calls(PyObject *row, const struct record *record)
{
	// What was measured, for all calls.
	uint64_t average = record->sampled ? record->nanoseconds / record->sampled : 0;
	return set_number(row, "calls", record->calls) || set_number(row, "native", record->native) ||
			       set_number(row, "guarded", record->guarded) || set_number(row, "patched", record->patched) ||
			       set_number(row, "unsupported", record->unsupported) ||
			       set_number(row, "raised", record->raised) || set_number(row, "panicked", record->panicked) ||
			       set_number(row, "nanoseconds", average * (record->native + record->raised + record->panicked))
		       ? -1
		       : 0;
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

// statistics(): a dict for each callable that was bound.
static PyObject *statistics(PyObject *self, PyObject *unused)
{
	(void)self, (void)unused;
	PyObject *list = PyList_New(0);
	for (struct record *record = records; list && record; record = record->next) {
		PyObject *row = describe(record->function);
		if (row && describe_calls(row, record)) {
			Py_DecRef(row);
			row = NULL;
		}
		if (append(list, row)) {
			Py_DecRef(list);
			return NULL;
		}
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

// ask(function): True from it keeps Go from being started by this call.
static PyObject *ask(PyObject *self, PyObject *function)
{
	(void)self;
	importing = new_reference(function);
	return new_reference(Py_None());
}

static PyObject *refused_call(PyObject *self, PyObject *unused)
{
	(void)self, (void)unused;
	return new_reference(Py_None());
}

// ---- the module ------------------------------------------------------------------------------------------------------

static struct PyMethodDef methods[] = {
	{"has", (PyCFunction)(void *)has, METH_FASTCALL, NULL},
	{"bind", (PyCFunction)(void *)bind, METH_FASTCALL, NULL},
	{"watch", (PyCFunction)(void *)watch, METH_FASTCALL, NULL},
	{"recoded", (PyCFunction)(void *)recoded, METH_FASTCALL, NULL},
	{"functions", functions, METH_NOARGS, NULL},
	{"statistics", statistics, METH_NOARGS, NULL},
	{"state", state, METH_NOARGS, NULL},
	{"interpreter", interpreter, METH_NOARGS, NULL},
	{"ask", ask, METH_O, NULL},
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
	if (!record_type || !refused || !version)
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
