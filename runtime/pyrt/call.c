//go:build !gophersnake_bundle

// Calls, attributes and iteration: each is one visit to C that takes the GIL,
// decodes the arguments, does it, encodes the result or the exception.
#include <stdlib.h>
#include <string.h>

#include "internal.h"

// A name in a module. Modules are looked at through their dict, anything else that stands in sys.modules (or a class that
// a dotted name led to) through getattr.
struct cell {
	PyObject *dict, *owner, *name;
};

static PyObject *cell_get(const struct cell *cell)
{
	if (cell->dict) {
		PyObject *value = py.PyDict_GetItemWithError(cell->dict, cell->name); // borrowed
		if (value)
			return pyrt_reference(value);
		if (py.PyErr_Occurred())
			return NULL;
	}
	return py.PyObject_GetAttr(cell->owner, cell->name);
}

// ---- exceptions ------------------------------------------------------------------------------------------------------

static PyObject *take_exception(void)
{
	if (py.PyErr_GetRaisedException)
		return py.PyErr_GetRaisedException();
	PyObject *type = NULL, *value = NULL, *trace = NULL;
	py.PyErr_Fetch(&type, &value, &trace);
	py.PyErr_NormalizeException(&type, &value, &trace);
	if (value && trace)
		py.PyException_SetTraceback(value, trace);
	pyrt_drop(type);
	pyrt_drop(trace);
	return value;
}

static PyObject *describe(PyObject *exception)
{
	PyObject *arguments = py.PyTuple_New(1);
	if (!arguments)
		return NULL;
	py.PyTuple_SetItem(arguments, 0, pyrt_reference(exception));
	PyObject *description = py.PyObject_CallObject(pyrt_hooks.describe, arguments);
	pyrt_drop(arguments);
	return description;
}

struct pyrt_result pyrt_exception(struct pyrt_writer *writer)
{
	writer->size = 0;
	PyObject *exception = take_exception();
	PyObject *description = exception ? describe(exception) : NULL;
	if (!description || pyrt_encode(writer, description)) {
		// No memory, or no stack left: what can be said without Python.
		py.PyErr_Clear();
		writer->size = 0;
		if (!exception || pyrt_encode_handle(writer, exception))
			writer->size = 0;
		py.PyErr_Clear();
	}
	pyrt_drop(description);
	pyrt_drop(exception);
	return pyrt_finish(writer, PYRT_EXCEPTION);
}

// ---- arguments -------------------------------------------------------------------------------------------------------

enum { FEW = 16 };

struct arguments {
	PyObject *few[FEW + 1];
	PyObject **values; // values[-1] is the callee's to use
	PyObject *names;   // of the keyword arguments, a tuple, or NULL
	size_t positional, count;
};

static void arguments_clear(struct arguments *arguments)
{
	for (size_t i = 0; i < arguments->count; i++)
		pyrt_drop(arguments->values[i]);
	pyrt_drop(arguments->names);
	if (arguments->values != arguments->few + 1)
		free(arguments->values - 1);
}

static int arguments_read(struct arguments *arguments, struct pyrt_reader *reader)
{
	uint32_t positional = pyrt_read_count(reader), keywords = pyrt_read_count(reader);
	size_t count = (size_t)positional + keywords;
	arguments->positional = positional;
	arguments->count = 0;
	arguments->names = NULL;
	arguments->values = arguments->few + 1;
	if (count > FEW) {
		PyObject **many = malloc((count + 1) * sizeof *many);
		if (!many) {
			py.PyErr_NoMemory();
			pyrt_discard(reader);
			return -1;
		}
		arguments->values = many + 1;
	}
	if (keywords && !(arguments->names = py.PyTuple_New((ptrdiff_t)keywords)))
		goto failed;
	for (uint32_t i = 0; i < count; i++) {
		PyObject *name = i >= positional ? pyrt_decode(reader) : NULL;
		if (name)
			py.PyTuple_SetItem(arguments->names, (ptrdiff_t)(i - positional), name);
		PyObject *value = i < positional || name ? pyrt_decode(reader) : NULL;
		if (!value)
			goto failed;
		arguments->values[arguments->count++] = value;
	}
	return 0;
failed:
	pyrt_discard(reader);
	arguments_clear(arguments);
	return -1;
}

// For CPython 3.8, which exports no vectorcall: values from `first` on.
static PyObject *call_classic(PyObject *callable, const struct arguments *arguments, size_t first)
{
	PyObject *tuple = py.PyTuple_New((ptrdiff_t)(arguments->positional - first)), *dict = NULL, *result = NULL;
	if (!tuple)
		return NULL;
	for (size_t i = first; i < arguments->positional; i++)
		py.PyTuple_SetItem(tuple, (ptrdiff_t)(i - first), pyrt_reference(arguments->values[i]));
	int status = 0;
	if (arguments->names) {
		dict = py.PyDict_New();
		status = dict ? 0 : -1;
		for (size_t i = arguments->positional; !status && i < arguments->count; i++)
			status = py.PyDict_SetItem(
				dict, py.PyTuple_GetItem(arguments->names, (ptrdiff_t)(i - arguments->positional)),
				arguments->values[i]);
	}
	if (!status)
		result = py.PyObject_Call(callable, tuple, dict);
	pyrt_drop(tuple);
	pyrt_drop(dict);
	return result;
}

static PyObject *call(PyObject *callable, const struct arguments *arguments, size_t first)
{
	if (!py.PyObject_Vectorcall)
		return call_classic(callable, arguments, first);
	return py.PyObject_Vectorcall(callable, arguments->values + first,
				      (arguments->positional - first) | PYRT_ARGUMENTS_OFFSET, arguments->names);
}

static PyObject *call_method(PyObject *name, const struct arguments *arguments)
{
	if (py.PyObject_VectorcallMethod)
		return py.PyObject_VectorcallMethod(name, arguments->values,
						    arguments->positional | PYRT_ARGUMENTS_OFFSET, arguments->names);
	PyObject *method = py.PyObject_GetAttr(arguments->values[0], name);
	PyObject *result = method ? call_classic(method, arguments, 1) : NULL;
	pyrt_drop(method);
	return result;
}

static PyObject *call_one(PyObject *callable, PyObject *argument)
{
	PyObject *values[2] = {NULL, argument};
	if (py.PyObject_Vectorcall)
		return py.PyObject_Vectorcall(callable, values + 1, 1 | PYRT_ARGUMENTS_OFFSET, NULL);
	PyObject *tuple = py.PyTuple_New(1);
	if (!tuple)
		return NULL;
	py.PyTuple_SetItem(tuple, 0, pyrt_reference(argument));
	PyObject *result = py.PyObject_CallObject(callable, tuple);
	pyrt_drop(tuple);
	return result;
}

// ---- operations ------------------------------------------------------------------------------------------------------

static PyObject *perform_call(int operation, uintptr_t subject, struct pyrt_reader *reader, bool *stranger)
{
	struct arguments arguments;
	if (arguments_read(&arguments, reader))
		return NULL;
	PyObject *result = NULL, *callable = NULL;
	if (operation == PYRT_METHOD)
		result = call_method((PyObject *)subject, &arguments);
	else if (operation == PYRT_CALL_VALUE)
		result = call(arguments.values[0], &arguments, 1);
	else if ((callable = cell_get((const struct cell *)subject)))
		result = call(callable, &arguments, 0);
	if (result && operation == PYRT_NEW && result->type != callable &&
	    py.PyType_GetFlags(callable->type) & PYRT_IS_TYPE) {
		int is_instance = py.PyObject_IsInstance(result, callable);
		*stranger = is_instance == 0;
		if (is_instance < 0) {
			pyrt_drop(result);
			result = NULL;
		}
	}
	pyrt_drop(callable);
	arguments_clear(&arguments);
	return result;
}

static PyObject *set_attribute(PyObject *object, PyObject *name, PyObject *value)
{
	if (!object || !value || py.PyObject_SetAttr(object, name, value))
		return NULL;
	return pyrt_reference(py._Py_NoneStruct);
}

static PyObject *perform_attribute(int operation, uintptr_t subject, struct pyrt_reader *reader)
{
	const struct cell *cell = (const struct cell *)subject;
	if (operation == PYRT_CELL_GET)
		return cell_get(cell);
	PyObject *first = pyrt_decode(reader);
	PyObject *second = first && operation == PYRT_SET ? pyrt_decode(reader) : NULL;
	PyObject *result = NULL;
	if (!first || (operation == PYRT_SET && !second))
		pyrt_discard(reader);
	else if (operation == PYRT_CELL_SET)
		result = set_attribute(cell->owner, cell->name, first);
	else if (operation == PYRT_SET)
		result = set_attribute(first, (PyObject *)subject, second);
	else if (operation == PYRT_GET)
		result = py.PyObject_GetAttr(first, (PyObject *)subject);
	else
		result = pyrt_reference(first); // PYRT_PLAIN
	pyrt_drop(first);
	pyrt_drop(second);
	return result;
}

struct pyrt_result pyrt_perform(int operation, uintptr_t subject, const unsigned char *in, size_t size,
				unsigned char *out, size_t capacity)
{
	struct pyrt_writer writer = {out, 0, capacity, false};
	struct pyrt_reader reader = {in, in + size};
	struct pyrt_result answer;
	bool handle = operation & PYRT_HANDLE, stranger = false;
	PyObject *result;
	int how = pyrt_enter();
	operation &= ~PYRT_HANDLE;
	if (operation == PYRT_NEXT) {
		result = py.PyIter_Next((PyObject *)subject);
		if (!result && !py.PyErr_Occurred()) {
			pyrt_leave(how);
			return (struct pyrt_result){NULL, 0, PYRT_END};
		}
	} else if (operation <= PYRT_METHOD) {
		result = perform_call(operation, subject, &reader, &stranger);
	} else {
		result = perform_attribute(operation, subject, &reader);
	}
	int status = -1;
	if (result && (handle || (operation == PYRT_NEW && !stranger)))
		status = pyrt_encode_handle(&writer, result);
	else if (result && operation == PYRT_PLAIN)
		status = pyrt_encode_plain(&writer, result);
	else if (result)
		status = pyrt_encode(&writer, result);
	pyrt_drop(result);
	answer = status ? pyrt_exception(&writer) : pyrt_finish(&writer, stranger ? PYRT_STRANGER : PYRT_VALUE);
	pyrt_leave(how);
	return answer;
}

struct pyrt_integer_result pyrt_call_integer(uintptr_t subject, int64_t argument, unsigned char *out, size_t capacity)
{
	struct pyrt_writer writer = {out, 0, capacity, false};
	struct pyrt_integer_result answer = {0, {NULL, 0, PYRT_INTEGER}};
	int how = pyrt_enter(), overflow = 1;
	PyObject *callable = cell_get((const struct cell *)subject);
	PyObject *number = callable ? py.PyLong_FromLongLong(argument) : NULL;
	PyObject *result = number ? call_one(callable, number) : NULL;
	pyrt_drop(number);
	pyrt_drop(callable);
	if (result && result->type == py.PyLong_Type)
		answer.value = py.PyLong_AsLongLongAndOverflow(result, &overflow);
	if (!result || (overflow && pyrt_encode(&writer, result)))
		answer.other = pyrt_exception(&writer);
	else if (overflow)
		answer.other = pyrt_finish(&writer, PYRT_VALUE);
	pyrt_drop(result);
	pyrt_leave(how);
	return answer;
}

struct pyrt_result pyrt_call_text(uintptr_t subject, const char *text, size_t size, unsigned char *out, size_t capacity)
{
	struct pyrt_writer writer = {out, 0, capacity, false};
	struct pyrt_result answer;
	int how = pyrt_enter(), status = -1;
	ptrdiff_t length;
	const char *content = NULL;
	PyObject *callable = cell_get((const struct cell *)subject);
	PyObject *argument = callable ? py.PyUnicode_FromStringAndSize(text, (ptrdiff_t)size) : NULL;
	PyObject *result = argument ? call_one(callable, argument) : NULL;
	pyrt_drop(argument);
	pyrt_drop(callable);
	if (result && result->type == py.PyUnicode_Type && !(content = py.PyUnicode_AsUTF8AndSize(result, &length)))
		py.PyErr_Clear(); // lone surrogates
	if (content)
		status = pyrt_write(&writer, content, (size_t)length);
	else if (result)
		status = pyrt_encode(&writer, result);
	answer = status ? pyrt_exception(&writer) : pyrt_finish(&writer, content ? PYRT_TEXT : PYRT_VALUE);
	pyrt_drop(result);
	pyrt_leave(how);
	return answer;
}

// ---- cells and names -------------------------------------------------------------------------------------------------

static PyObject *intern(const char *text, size_t size)
{
	PyObject *name = py.PyUnicode_FromStringAndSize(text, (ptrdiff_t)size);
	if (name)
		py.PyUnicode_InternInPlace(&name);
	return name;
}

uintptr_t pyrt_name(const char *text, size_t size)
{
	int how = pyrt_enter();
	PyObject *name = intern(text, size);
	if (!name)
		py.PyErr_Clear();
	pyrt_leave(how);
	return (uintptr_t)name;
}

// "Outer.method": the owner is module.Outer.
static int find_owner(struct cell *cell, const char *name)
{
	for (const char *dot; (dot = strchr(name, '.')); name = dot + 1) {
		PyObject *part = intern(name, (size_t)(dot - name));
		PyObject *next = part ? py.PyObject_GetAttr(cell->owner, part) : NULL;
		pyrt_drop(part);
		pyrt_drop(cell->owner);
		cell->owner = next;
		if (!next)
			return -1;
	}
	cell->name = intern(name, strlen(name));
	if (cell->name && cell->owner->type == py.PyModule_Type)
		cell->dict = pyrt_reference(py.PyModule_GetDict(cell->owner));
	return cell->name ? 0 : -1;
}

struct pyrt_result pyrt_cell(const char *module, const char *name, uintptr_t *out_cell, unsigned char *out,
			     size_t capacity)
{
	struct pyrt_writer writer = {out, 0, capacity, false};
	struct pyrt_result answer = {NULL, 0, PYRT_VALUE};
	int how = pyrt_enter();
	struct cell *cell = calloc(1, sizeof *cell);
	if (!cell)
		py.PyErr_NoMemory();
	else
		cell->owner = py.PyImport_ImportModule(module);
	if (!cell || !cell->owner || (*name && find_owner(cell, name))) {
		answer = pyrt_exception(&writer);
		if (cell) {
			pyrt_drop(cell->owner);
			pyrt_drop(cell->name);
			free(cell);
			cell = NULL;
		}
	}
	*out_cell = (uintptr_t)cell;
	pyrt_leave(how);
	return answer;
}

void pyrt_retain(const uintptr_t *objects, size_t count)
{
	int how = pyrt_enter();
	for (size_t i = 0; i < count; i++)
		py.Py_IncRef((PyObject *)objects[i]);
	pyrt_leave(how);
}

void pyrt_release(const uintptr_t *objects, size_t count)
{
	int how = pyrt_enter();
	for (size_t i = 0; i < count; i++)
		py.Py_DecRef((PyObject *)objects[i]);
	pyrt_leave(how);
}
