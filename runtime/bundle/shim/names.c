// Strings and types of CPython's that are asked for often, made once.
#include "shim.h"

PyObject *known_names[NAME_COUNT];
static PyObject *known_types[TYPE_COUNT];

static const char *const texts[NAME_COUNT] = {
	[NAME_BASES] = "__bases__",
	[NAME_CELL_CONTENTS] = "cell_contents",
	[NAME_CLOSURE] = "__closure__",
	[NAME_CODE] = "__code__",
	[NAME_CO_ARGCOUNT] = "co_argcount",
	[NAME_CO_CELLVARS] = "co_cellvars",
	[NAME_CO_CODE] = "co_code",
	[NAME_CO_CONSTS] = "co_consts",
	[NAME_CO_EXCEPTIONTABLE] = "co_exceptiontable",
	[NAME_CO_FLAGS] = "co_flags",
	[NAME_CO_KWONLYARGCOUNT] = "co_kwonlyargcount",
	[NAME_CO_LINETABLE] = "co_linetable",
	[NAME_CO_LNOTAB] = "co_lnotab",
	[NAME_CO_NAMES] = "co_names",
	[NAME_CO_STACKSIZE] = "co_stacksize",
	[NAME_CO_VARNAMES] = "co_varnames",
	[NAME_DEFAULTS] = "__defaults__",
	[NAME_DICT] = "__dict__",
	[NAME_FDEL] = "fdel",
	[NAME_FGET] = "fget",
	[NAME_FSET] = "fset",
	[NAME_FUNC] = "__func__",
	[NAME_GLOBALS] = "__globals__",
	[NAME_KWDEFAULTS] = "__kwdefaults__",
	[NAME_MODULE] = "__module__",
	[NAME_QUALNAME] = "__qualname__",
	[NAME_REPLACE] = "replace",
	[NAME_WRAPPED] = "__wrapped__",
};

bool names_prepare(void)
{
	static const char *const types[] = {"staticmethod", "classmethod", "property"};
	for (int i = 0; i < NAME_COUNT; i++)
		if (!(known_names[i] = PyUnicode_InternFromString(texts[i])))
			return false;
	for (int i = 0; i <= TYPE_PROPERTY; i++) {
		known_types[i] = PyDict_GetItemString(PyEval_GetBuiltins(), types[i]);
		if (known_types[i])
			Py_IncRef(known_types[i]);
	}
	return true;
}

PyObject *attribute(PyObject *object, enum known_name name)
{
	PyObject *value = PyObject_GenericGetAttr(object, known_names[name]);
	if (!value)
		PyErr_Clear();
	return value;
}

bool is_a(PyObject *value, enum known_type type)
{
	if (type == TYPE_CACHED && !known_types[type]) { // until somebody imports functools, nothing is one
		PyObject *functools = PyDict_GetItemString(PyImport_GetModuleDict(), "functools");
		PyObject *dict = functools && Py_TYPE(functools) == &PyModule_Type ? PyModule_GetDict(functools) : NULL;
		known_types[type] = dict ? PyDict_GetItemString(dict, "_lru_cache_wrapper") : NULL;
		if (known_types[type])
			Py_IncRef(known_types[type]);
	}
	return known_types[type] == (PyObject *)Py_TYPE(value);
}
