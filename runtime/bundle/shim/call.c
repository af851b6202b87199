// One native call. Whatever does not fit (an argument of another kind, a
// patched helper, a result or an exception that is Python's business) gives
// `refused`, and the original body of the function goes on with the same
// arguments: no frame more or less than without the bundle.
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "shim.h"

enum { ARGUMENT_BUFFER = 512, RESULT_BUFFER = 2048, LARGE = 4096, SLOW = 50000, FIRST_CALLS = 16, SAMPLE = 15 };
PyObject *refused;

static PyObject *refuse(uint64_t *counter)
{
	++*counter;
	return new_reference(refused);
}

static uint64_t now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000U + (uint64_t)time.tv_nsec;
}

// ---- arguments -------------------------------------------------------------------------------------------------------

static bool encode_argument(struct wire *wire, const struct record *record, uint32_t at, PyObject *value)
{
	const struct parameter *parameter = &record->function->parameters[at];
	switch (parameter->role) {
	case ROLE_OPTIONAL:
		if (!value || value == record->defaults[at])
			return encode_tag(wire, TAG_NOT_GIVEN);
		return encode_value(wire, value, parameter->kinds, parameter->items, 0);
	case ROLE_ARGS: return encode_value(wire, value, KIND_TUPLE, parameter->items, 0);
	case ROLE_KWARGS:
		// The keys are strings: Python has seen to it.
		return encode_value(wire, value, KIND_DICT, parameter->items | KIND_STR, 0);
	default: return value && encode_value(wire, value, parameter->kinds, parameter->items, 0);
	}
}

static bool encode_given(struct wire *wire, const struct record *record, PyObject *const *values, Py_ssize_t count)
{
	if (count != (Py_ssize_t)record->function->count)
		return false;
	for (uint32_t i = 0; i < record->function->count; i++)
		if (!encode_argument(wire, record, i, values[i]))
			return false;
	return true;
}

// Of a function that takes (a, b, *args, **kwargs), such as what many decorators make: bound to the parameters as Python would.
// What Python would refuse, or what needs more than names, is not bound.
static bool encode_packed(struct wire *wire, const struct record *record, PyObject *const *values, Py_ssize_t leading)
{
	const struct native_function *function = record->function;
	PyObject *args = values[leading], *kwargs = values[leading + 1];
	Py_ssize_t given = leading + PyTuple_Size(args), used = 0, named = 0;
	if (given < leading || Py_TYPE(kwargs) != &PyDict_Type)
		return false;
	for (uint32_t i = 0; i < function->count; i++) {
		PyObject *value = NULL, *keyword = PyDict_GetItemString(kwargs, function->parameters[i].name);
		if (used < given) {
			value = used < leading ? values[used] : PyTuple_GetItem(args, used - leading);
			used++;
		}
		if (keyword && value)
			return false;
		if (keyword) {
			value = keyword;
			named++;
		}
		if (!encode_argument(wire, record, i, value))
			return false;
	}
	return used == given && named == PyDict_Size(kwargs);
}

// ---- crossing --------------------------------------------------------------------------------------------------------

static int cross(struct record *record, const struct wire *wire, struct go_result *result)
{
	bool release = wire->length >= LARGE || record->slow;
	bool sample = record->calls <= FIRST_CALLS || !(record->calls & SAMPLE);
	PyThreadState *state = release ? PyEval_SaveThread() : NULL;
	uint64_t started = sample ? now() : 0;
	int status = library.call(record->number, wire->data, wire->length, result);
	uint64_t took = sample ? now() - started : 0;
	if (release)
		PyEval_RestoreThread(state);
	if (sample) {
		record->sampled++;
		record->nanoseconds += took;
		record->slow = took > SLOW;
	}
	return status;
}

static PyObject *take_result(struct record *record, int status, const struct go_result *result)
{
	switch (status) {
	case CALL_VALUE: {
		PyObject *value = decode_result(result->data, result->length);
		if (!value)
			return refuse(&record->unsupported);
		record->native++;
		return value;
	}
	case CALL_EXCEPTION: return refuse(&record->raised);
	case CALL_PANIC: return refuse(&record->panicked);
	default: return refuse(&record->unsupported);
	}
}

static PyObject *call_encoded(struct record *record, const struct wire *wire)
{
	uint8_t buffer[RESULT_BUFFER];
	struct go_result result = {buffer, sizeof buffer};
	PyObject *value = take_result(record, cross(record, wire, &result), &result);
	if (result.data != buffer)
		free(result.data);
	return value;
}

// The library is not running: the first call, a forked child, or it is broken. Calls that modules make while they are imported
// don't start it: servers import all they need and fork then.
static bool start(struct record *record)
{
	bool first = library.state == LIBRARY_IDLE;
	if (first && bundle_is_importing())
		return false;
	if (library_start())
		return true;
	if (library.state == LIBRARY_BROKEN && first && !bundle_is_strict())
		bundle_warn();
	record->off = library.state == LIBRARY_BROKEN;
	return false;
}

PyObject *call_native(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
	struct record *record = (struct record *)self;
	uint8_t buffer[ARGUMENT_BUFFER];
	struct wire wire;
	record->calls++;
	if (library.state != LIBRARY_RUNNING) {
		if (record->off || !start(record)) {
			if (library.state == LIBRARY_BROKEN && bundle_is_strict())
				return PyErr_Format(PyExc_ImportError, "gophersnake_bundle: %s", library.problem);
			return refuse(&record->unsupported);
		}
	}
	if (record->watch.count && !watch_holds(&record->watch))
		return refuse(&record->patched);
	wire_open(&wire, buffer, sizeof buffer);
	bool encoded = record->packed ? count >= 2 && encode_packed(&wire, record, arguments, count - 2)
				      : encode_given(&wire, record, arguments, count);
	PyObject *value = encoded ? call_encoded(record, &wire) : refuse(&record->guarded);
	wire_clear(&wire);
	return value;
}

PyObject *call_native_one(PyObject *self, PyObject *argument)
{
	return call_native(self, &argument, 1);
}
