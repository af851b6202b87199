// What the shim uses of CPython's stable ABI, 3.8 and later: declared here, so
// that a bundle needs no Python to be built, and one build serves all versions.
//
// Layouts are those that the stable ABI promises (PEP 384, "stable_abi.toml"). Two functions are called that became part of
// it later, and have been exported with the same meaning by every CPython since 3.3: PyUnicode_AsUTF8AndSize (3.10), and the
// calling convention METH_FASTCALL (3.10; since 3.7 in fact).
#ifndef GOPHERSNAKE_BUNDLE_PYTHON_H
#define GOPHERSNAKE_BUNDLE_PYTHON_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef ssize_t Py_ssize_t;
typedef struct _typeobject PyTypeObject;
typedef struct _object {
	Py_ssize_t ob_refcnt;
	PyTypeObject *ob_type;
} PyObject;
typedef struct _ts PyThreadState;
typedef PyObject *(*PyCFunction)(PyObject *, PyObject *);

struct PyMethodDef {
	const char *ml_name;
	PyCFunction ml_meth;
	int ml_flags;
	const char *ml_doc;
};
enum { METH_VARARGS = 1, METH_NOARGS = 4, METH_O = 8, METH_FASTCALL = 0x80 };

struct PyModuleDef {
	PyObject base;
	PyObject *(*m_init)(void);
	Py_ssize_t m_index;
	PyObject *m_copy;
	const char *m_name, *m_doc;
	Py_ssize_t m_size;
	struct PyMethodDef *m_methods;
	void *m_slots, *m_traverse, *m_clear, *m_free;
};
enum { PYTHON_API = 1013, PYTHON_ABI = 3 };

struct PyType_Slot {
	int slot;
	void *pfunc;
};
struct PyType_Spec {
	const char *name;
	int basicsize, itemsize;
	unsigned int flags;
	struct PyType_Slot *slots;
};
enum { Py_tp_dealloc = 52, Py_tp_traverse = 71, Py_tp_clear = 51 };

extern PyTypeObject PyUnicode_Type, PyLong_Type, PyBool_Type, PyFloat_Type, PyBytes_Type, PyList_Type, PyTuple_Type,
	PyDict_Type, PySet_Type, PyFrozenSet_Type, PyType_Type, PyModule_Type, PyDictProxy_Type;
extern PyObject _Py_NoneStruct, _Py_TrueStruct;
extern PyObject *PyExc_ImportError, *PyExc_TypeError, *PyExc_RuntimeWarning, *PyExc_ValueError, *PyExc_MemoryError;

void Py_IncRef(PyObject *object);
void Py_DecRef(PyObject *object);
PyObject *PyModule_Create2(struct PyModuleDef *def, int abi);
int PyModule_AddObject(PyObject *module, const char *name, PyObject *value); // steals on success
PyObject *PyCFunction_NewEx(struct PyMethodDef *def, PyObject *self, PyObject *module);
PyObject *PyCFunction_GetSelf(PyObject *function);
extern PyTypeObject PyCFunction_Type;
PyObject *PyType_FromSpec(struct PyType_Spec *spec);
PyObject *PyType_GenericAlloc(PyTypeObject *type, Py_ssize_t count);
PyObject *_PyObject_New(PyTypeObject *type);
void PyObject_Free(void *memory);
PyObject *PyObject_CallObject(PyObject *callable, PyObject *args);
PyObject *PyObject_Call(PyObject *callable, PyObject *args, PyObject *keywords);
PyObject *PyObject_CallFunction(PyObject *callable, const char *format, ...);
PyObject *PyObject_CallFunctionObjArgs(PyObject *callable, ...); // up to a NULL
PyObject *PyObject_Str(PyObject *object);
PyObject *Py_BuildValue(const char *format, ...);
PyObject *PyImport_ImportModule(const char *name);
PyObject *PyImport_GetModule(PyObject *name); // NULL: it is not loaded
PyObject *PyObject_GenericGetAttr(PyObject *object, PyObject *name);
int PyObject_SetAttrString(PyObject *object, const char *name, PyObject *value);
int PyType_IsSubtype(PyTypeObject *type, PyTypeObject *of);
PyObject *PyModule_GetDict(PyObject *module); // borrowed
PyObject *PyImport_GetModuleDict(void);       // borrowed
PyObject *PyEval_GetBuiltins(void);           // borrowed
PyObject *PyObject_GetAttrString(PyObject *object, const char *name);
PyObject *PyObject_GetItem(PyObject *object, PyObject *key);
PyObject *PyObject_GetIter(PyObject *object);
PyObject *PyIter_Next(PyObject *iterator);

const char *PyUnicode_AsUTF8AndSize(PyObject *text, Py_ssize_t *size);
PyObject *PyUnicode_FromStringAndSize(const char *text, Py_ssize_t size);
PyObject *PyUnicode_FromString(const char *text);
PyObject *PyUnicode_InternFromString(const char *text);
void PyUnicode_InternInPlace(PyObject **text);
PyObject *PyUnicode_FromFormat(const char *format, ...);
long long PyLong_AsLongLongAndOverflow(PyObject *number, int *overflow);
long PyLong_AsLong(PyObject *number);
PyObject *PyLong_FromLongLong(long long number);
PyObject *PyLong_FromString(const char *text, char **end, int base);
PyObject *PyNumber_ToBase(PyObject *number, int base);
PyObject *PyBool_FromLong(long value);
double PyFloat_AsDouble(PyObject *number);
PyObject *PyFloat_FromDouble(double number);
int PyBytes_AsStringAndSize(PyObject *bytes, char **data, Py_ssize_t *size);
PyObject *PyBytes_FromStringAndSize(const char *data, Py_ssize_t size);
Py_ssize_t PyList_Size(PyObject *list);
PyObject *PyList_GetItem(PyObject *list, Py_ssize_t at);
PyObject *PyList_New(Py_ssize_t size);
int PyList_SetItem(PyObject *list, Py_ssize_t at, PyObject *item);
int PyList_Append(PyObject *list, PyObject *item);
Py_ssize_t PyTuple_Size(PyObject *tuple);
PyObject *PyTuple_GetItem(PyObject *tuple, Py_ssize_t at);
PyObject *PyTuple_New(Py_ssize_t size);
int PyTuple_SetItem(PyObject *tuple, Py_ssize_t at, PyObject *item);
PyObject *PyTuple_Pack(Py_ssize_t count, ...);
Py_ssize_t PyDict_Size(PyObject *dict);
PyObject *PyDict_New(void);
int PyDict_Next(PyObject *dict, Py_ssize_t *at, PyObject **key, PyObject **value);
PyObject *PyDict_GetItemWithError(PyObject *dict, PyObject *key);
PyObject *PyDict_GetItemString(PyObject *dict, const char *key);
int PyDict_SetItem(PyObject *dict, PyObject *key, PyObject *value);
int PyDict_SetItemString(PyObject *dict, const char *key, PyObject *value);
PyObject *PySet_New(PyObject *of);
PyObject *PyFrozenSet_New(PyObject *of);
int PySet_Add(PyObject *set, PyObject *item);
Py_ssize_t PySet_Size(PyObject *set);

PyObject *PyErr_Occurred(void);
void PyErr_Clear(void);
void PyErr_SetString(PyObject *class, const char *text);
PyObject *PyErr_Format(PyObject *class, const char *format, ...);
PyObject *PyErr_SetImportError(PyObject *text, PyObject *name, PyObject *path);
int PyErr_WarnEx(PyObject *category, const char *text, Py_ssize_t level);
PyThreadState *PyEval_SaveThread(void);
void PyEval_RestoreThread(PyThreadState *state);
int Py_IsInitialized(void);

static inline PyTypeObject *Py_TYPE(PyObject *object)
{
	return object->ob_type;
}
static inline PyObject *Py_None(void)
{
	return &_Py_NoneStruct;
}
static inline PyObject *new_reference(PyObject *object)
{
	Py_IncRef(object);
	return object;
}
#endif
