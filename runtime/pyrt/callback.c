//go:build !gophersnake_bundle

// Go values inside Python: a capsule holds the number that Go knows them by
// and tells Go when Python drops it. Go functions are called through one.
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static const char capsule_name[] = "pyrt.go";

static void capsule_gone(PyObject *capsule)
{
	uint64_t *id = py.PyCapsule_GetPointer(capsule, capsule_name);
	if (!id)
		return;
	pyrtGoDrop(*id);
	free(id);
}

PyObject *pyrt_capsule(uint64_t id)
{
	uint64_t *place = malloc(sizeof *place);
	PyObject *capsule = NULL;
	if (place) {
		*place = id;
		capsule = py.PyCapsule_New(place, capsule_name, capsule_gone);
	}
	if (!capsule) {
		free(place);
		pyrtGoDrop(id);
		if (!py.PyErr_Occurred())
			py.PyErr_NoMemory();
	}
	return capsule;
}

// What Go answered: a value, an exception to raise, or, when even that failed, a text.
static PyObject *take_answer(struct pyrt_result *answer)
{
	struct pyrt_reader reader = {answer->data, answer->data + answer->size};
	PyObject *value;
	if (answer->status == PYRT_TEXT) {
		value = py.PyUnicode_FromStringAndSize((const char *)answer->data, (ptrdiff_t)answer->size);
		if (value)
			py.PyErr_SetObject(*py.PyExc_RuntimeError, value);
		pyrt_drop(value);
		return NULL;
	}
	value = pyrt_decode(&reader);
	if (!value) {
		pyrt_discard(&reader);
		return NULL;
	}
	if (answer->status == PYRT_VALUE)
		return value;
	py.PyErr_SetObject(value->type, value);
	pyrt_drop(value);
	return NULL;
}

// The callable of a Go function: (*args, **kwargs) go as one tuple and one dict or None.
static PyObject *call_go(PyObject *self, PyObject *arguments, PyObject *keywords)
{
	uint64_t *id = py.PyCapsule_GetPointer(self, capsule_name);
	unsigned char buffer[512];
	struct pyrt_writer writer = {buffer, 0, sizeof buffer, false};
	if (!id)
		return NULL;
	struct pyrt_result answer = {NULL, 0, PYRT_VALUE};
	int status = pyrt_encode(&writer, arguments) || pyrt_encode(&writer, keywords ? keywords : py._Py_NoneStruct);
	if (status) {
		pyrt_undo(&writer, 0);
	} else {
		// Go runs without the GIL: it may wait for another goroutine that needs Python.
		struct pyrt_outside outside = pyrt_go_outside();
		status = pyrtGoCall(*id, writer.data, writer.size, &answer);
		pyrt_come_back(outside);
		if (status)
			py.PyErr_NoMemory();
	}
	if (writer.own)
		free(writer.data);
	PyObject *value = status ? NULL : take_answer(&answer);
	free(answer.data);
	return value;
}

static PyMethodDef call_go_definition = {"go_function", (PyObject * (*)(PyObject *, PyObject *))(void (*)(void))call_go,
					 PYRT_VARARGS | PYRT_KEYWORDS, NULL};

// The bootstrap's function() wraps the callable in a Python function, which has a signature and takes attributes.
PyObject *pyrt_function(uint64_t id, int32_t parameters, int flags, const char *name, size_t size)
{
	PyObject *capsule = pyrt_capsule(id);
	PyObject *callable = capsule ? py.PyCFunction_NewEx(&call_go_definition, capsule, NULL) : NULL;
	PyObject *result = NULL, *arguments = callable ? py.PyTuple_New(4) : NULL;
	pyrt_drop(capsule);
	if (!arguments) {
		pyrt_drop(callable);
		return NULL;
	}
	PyObject *items[] = {callable, py.PyUnicode_FromStringAndSize(name, (ptrdiff_t)size),
			     py.PyLong_FromLongLong(parameters), py.PyLong_FromLongLong(flags)};
	bool complete = items[1] && items[2] && items[3];
	for (ptrdiff_t i = 0; i < 4; i++)
		if (items[i])
			py.PyTuple_SetItem(arguments, i, items[i]);
	if (complete)
		result = py.PyObject_CallObject(pyrt_hooks.function, arguments);
	pyrt_drop(arguments);
	return result;
}
