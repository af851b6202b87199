// CPython as pyrt sees it: the functions and objects that it takes from
// libpython with dlsym, so that building needs no Python headers and one
// binary serves CPython 3.8 and later. Objects are opaque but for their type,
// whose place pyrt_open checks.
#ifndef PYRT_PYTHON_H
#define PYRT_PYTHON_H

#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

typedef struct pyrt_object {
	intptr_t references;
	struct pyrt_object *type;
} PyObject;

typedef struct {
	const char *name;
	PyObject *(*function)(PyObject *, PyObject *);
	int flags;
	const char *doc;
} PyMethodDef;

#define PYRT_VARARGS 1
#define PYRT_KEYWORDS 2
#define PYRT_NO_ARGUMENTS 4
#define PYRT_ONE_ARGUMENT 8
#define PYRT_FILE_INPUT 257
#define PYRT_ARGUMENTS_OFFSET ((size_t)1 << (8 * sizeof(size_t) - 1)) // PY_VECTORCALL_ARGUMENTS_OFFSET

// Py_TPFLAGS_…_SUBCLASS
#define PYRT_IS_INT (1UL << 24)
#define PYRT_IS_LIST (1UL << 25)
#define PYRT_IS_TUPLE (1UL << 26)
#define PYRT_IS_BYTES (1UL << 27)
#define PYRT_IS_STR (1UL << 28)
#define PYRT_IS_DICT (1UL << 29)
#define PYRT_IS_TYPE (1UL << 31)

// X(result, name, parameters): must be there.
#define PYRT_FUNCTIONS(X)                                                          \
	X(int, Py_IsInitialized, (void))                                           \
	X(const char *, Py_GetVersion, (void))                                     \
	X(void, Py_IncRef, (PyObject *))                                           \
	X(void, Py_DecRef, (PyObject *))                                           \
	X(void *, PyEval_SaveThread, (void))                                       \
	X(void, PyEval_RestoreThread, (void *))                                    \
	X(int, PyGILState_Ensure, (void))                                          \
	X(void, PyGILState_Release, (int))                                         \
	X(void *, PyGILState_GetThisThreadState, (void))                           \
	X(void, PyErr_Fetch, (PyObject **, PyObject **, PyObject **))              \
	X(void, PyErr_NormalizeException, (PyObject **, PyObject **, PyObject **)) \
	X(int, PyException_SetTraceback, (PyObject *, PyObject *))                 \
	X(void, PyErr_SetObject, (PyObject *, PyObject *))                         \
	X(void, PyErr_SetString, (PyObject *, const char *))                       \
	X(PyObject *, PyErr_NoMemory, (void))                                      \
	X(PyObject *, PyErr_Occurred, (void))                                      \
	X(void, PyErr_Clear, (void))                                               \
	X(void, PyErr_WriteUnraisable, (PyObject *))                               \
	X(PyObject *, PyLong_FromLongLong, (long long))                            \
	X(long long, PyLong_AsLongLongAndOverflow, (PyObject *, int *))            \
	X(PyObject *, PyLong_FromString, (const char *, char **, int))             \
	X(PyObject *, PyNumber_ToBase, (PyObject *, int))                          \
	X(PyObject *, PyFloat_FromDouble, (double))                                \
	X(double, PyFloat_AsDouble, (PyObject *))                                  \
	X(PyObject *, PyUnicode_FromStringAndSize, (const char *, ptrdiff_t))      \
	X(const char *, PyUnicode_AsUTF8AndSize, (PyObject *, ptrdiff_t *))        \
	X(void, PyUnicode_InternInPlace, (PyObject **))                            \
	X(PyObject *, PyBytes_FromStringAndSize, (const char *, ptrdiff_t))        \
	X(int, PyBytes_AsStringAndSize, (PyObject *, char **, ptrdiff_t *))        \
	X(PyObject *, PyList_New, (ptrdiff_t))                                     \
	X(int, PyList_SetItem, (PyObject *, ptrdiff_t, PyObject *))                \
	X(ptrdiff_t, PyList_Size, (PyObject *))                                    \
	X(PyObject *, PyList_GetItem, (PyObject *, ptrdiff_t))                     \
	X(PyObject *, PyTuple_New, (ptrdiff_t))                                    \
	X(int, PyTuple_SetItem, (PyObject *, ptrdiff_t, PyObject *))               \
	X(ptrdiff_t, PyTuple_Size, (PyObject *))                                   \
	X(PyObject *, PyTuple_GetItem, (PyObject *, ptrdiff_t))                    \
	X(PyObject *, PyDict_New, (void))                                          \
	X(int, PyDict_SetItem, (PyObject *, PyObject *, PyObject *))               \
	X(int, PyDict_SetItemString, (PyObject *, const char *, PyObject *))       \
	X(int, PyDict_Next, (PyObject *, ptrdiff_t *, PyObject **, PyObject **))   \
	X(PyObject *, PyDict_GetItemWithError, (PyObject *, PyObject *))           \
	X(PyObject *, PyDict_GetItemString, (PyObject *, const char *))            \
	X(PyObject *, PyObject_Call, (PyObject *, PyObject *, PyObject *))         \
	X(PyObject *, PyObject_CallObject, (PyObject *, PyObject *))               \
	X(PyObject *, PyObject_GetAttr, (PyObject *, PyObject *))                  \
	X(PyObject *, PyObject_GetAttrString, (PyObject *, const char *))          \
	X(int, PyObject_SetAttr, (PyObject *, PyObject *, PyObject *))             \
	X(int, PyObject_IsInstance, (PyObject *, PyObject *))                      \
	X(PyObject *, PyIter_Next, (PyObject *))                                   \
	X(PyObject *, PyImport_ImportModule, (const char *))                       \
	X(PyObject *, PyImport_AddModule, (const char *))                          \
	X(PyObject *, PyModule_GetDict, (PyObject *))                              \
	X(PyObject *, PyEval_GetBuiltins, (void))                                  \
	X(PyObject *, Py_CompileString, (const char *, const char *, int))         \
	X(PyObject *, PyEval_EvalCode, (PyObject *, PyObject *, PyObject *))       \
	X(PyObject *, PyCFunction_NewEx, (PyMethodDef *, PyObject *, PyObject *))  \
	X(PyObject *, PyCapsule_New, (void *, const char *, void (*)(PyObject *))) \
	X(void *, PyCapsule_GetPointer, (PyObject *, const char *))                \
	X(PyObject *, PyWeakref_NewRef, (PyObject *, PyObject *))                  \
	X(unsigned long, PyType_GetFlags, (PyObject *))

// Some versions lack these: NULL then.
#define PYRT_OPTIONAL_FUNCTIONS(X)                                                              \
	X(void, Py_InitializeEx, (int))                                                         \
	X(void, Py_SetPythonHome, (const wchar_t *))                                            \
	X(void, Py_SetProgramName, (const wchar_t *))                                           \
	X(void *, PyInitConfig_Create, (void))                                                  \
	X(int, PyInitConfig_SetInt, (void *, const char *, int64_t))                            \
	X(int, PyInitConfig_SetStr, (void *, const char *, const char *))                       \
	X(int, PyInitConfig_GetError, (void *, const char **))                                  \
	X(void, PyInitConfig_Free, (void *))                                                    \
	X(int, Py_InitializeFromInitConfig, (void *))                                           \
	X(PyObject *, PyErr_GetRaisedException, (void))                                         \
	X(PyObject *, PyObject_Vectorcall, (PyObject *, PyObject *const *, size_t, PyObject *)) \
	X(PyObject *, PyObject_VectorcallMethod, (PyObject *, PyObject *const *, size_t, PyObject *))

// X(name): objects that are symbols themselves.
#define PYRT_OBJECTS(X)    \
	X(_Py_NoneStruct)  \
	X(_Py_TrueStruct)  \
	X(_Py_FalseStruct) \
	X(PyType_Type)     \
	X(PyLong_Type)     \
	X(PyFloat_Type)    \
	X(PyUnicode_Type)  \
	X(PyBytes_Type)    \
	X(PyList_Type)     \
	X(PyTuple_Type)    \
	X(PyDict_Type)     \
	X(PyModule_Type)

// X(name): pointers to exception classes, filled when Python starts.
#define PYRT_EXCEPTIONS(X)     \
	X(PyExc_RuntimeError)  \
	X(PyExc_OverflowError) \
	X(PyExc_SystemError)

struct pyrt_python {
#define X(result, name, parameters) result(*name) parameters;
	PYRT_FUNCTIONS(X)
	PYRT_OPTIONAL_FUNCTIONS(X)
#undef X
#define X(name) PyObject *name;
	PYRT_OBJECTS(X)
#undef X
#define X(name) PyObject **name;
	PYRT_EXCEPTIONS(X)
#undef X
};

extern struct pyrt_python pyrt_python; // one interpreter in a process, hence one table
#define py pyrt_python

static inline PyObject *pyrt_reference(PyObject *object)
{
	py.Py_IncRef(object);
	return object;
}
static inline void pyrt_drop(PyObject *object) // NULL is fine
{
	if (object)
		py.Py_DecRef(object);
}
#endif
