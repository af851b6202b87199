// Puts a native call in front of a function's own code. The new code begins with
//
//     result = native(parameters…)
//     if result is not refused: return result
//
// and goes on with the original code, untouched: same frame, same lines, same names. So nobody who looks at the function, at a
// traceback or at the stack sees a difference, and a call that the native function refuses is a call of the original.
//
// Opcodes change with each CPython: code_jumps.c has 3.8 to 3.10, where jumps are moved; here is what all share, and 3.11 to
// 3.13, where jumps are relative and tables of lines and handlers stand apart. In a later one, functions stay as they are.
#include <string.h>

#include "code.h"

int code_minor; // 11: CPython 3.11

// ---- attributes of code objects --------------------------------------------------------------------------------------

long code_number(PyObject *code, enum known_name name)
{
	PyObject *value = attribute(code, name);
	long number = value ? PyLong_AsLong(value) : -1;
	if (value)
		Py_DecRef(value);
	return number;
}

PyObject *code_tuple(PyObject *code, enum known_name name)
{
	PyObject *value = attribute(code, name);
	if (value && Py_TYPE(value) != &PyTuple_Type) {
		Py_DecRef(value);
		return NULL;
	}
	return value;
}

bool code_bytes(PyObject *code, enum known_name name, struct code_bytes *out)
{
	char *data;
	out->object = attribute(code, name);
	if (!out->object || PyBytes_AsStringAndSize(out->object, &data, &out->size))
		return false;
	out->data = (const uint8_t *)data;
	return true;
}

void code_bytes_clear(struct code_bytes *bytes)
{
	if (bytes->object)
		Py_DecRef(bytes->object);
	bytes->object = NULL;
}

Py_ssize_t code_index(PyObject *names, PyObject *name, Py_ssize_t count)
{
	for (Py_ssize_t i = 0; i < count && i < PyTuple_Size(names); i++)
		if (PyTuple_GetItem(names, i) == name) // names in code are interned
			return i;
	return -1;
}

// ---- instructions ----------------------------------------------------------------------------------------------------

bool code_put(struct wire *out, const void *data, size_t size)
{
	uint8_t *at = wire_room(out, size);
	if (at)
		memcpy(at, data, size);
	return at;
}

bool code_emit(struct wire *out, uint8_t op, uint32_t argument, int caches)
{
	static const uint8_t zeros[16];
	uint8_t extended = code_minor < 13 ? 144 : 71;
	bool done = true;
	for (int shift = 24; shift > 0; shift -= 8)
		if (argument >> shift)
			done = done && code_put(out, (uint8_t[]){extended, (uint8_t)(argument >> shift)}, 2);
	return done && code_put(out, (uint8_t[]){op, (uint8_t)argument}, 2) && code_put(out, zeros, (size_t)caches * 2);
}

// ---- CPython 3.11 to 3.13 --------------------------------------------------------------------------------------------

struct opcodes {
	uint8_t resume, make_cell, copy_free_vars, load_const, load_fast, load_deref, push_null, precall, call, copy,
		is_op, jump_if_false, return_value, pop_top;
	int call_caches, jump_caches;
};
static const struct opcodes of_11 = {151, 135, 149, 100, 124, 137, 2, 166, 171, 120, 117, 114, 83, 1, 4, 0};
static const struct opcodes of_12 = {151, 135, 149, 100, 124, 137, 2, 0, 171, 120, 117, 114, 83, 1, 3, 0};
static const struct opcodes of_13 = {149, 94, 62, 83, 85, 84, 34, 0, 53, 61, 76, 97, 36, 32, 3, 1};

// Where the body begins: behind RESUME. -1: it begins in an unknown way.
static Py_ssize_t find_start(const struct opcodes *ops, const struct code_bytes *code)
{
	uint8_t extended = code_minor < 13 ? 144 : 71;
	for (Py_ssize_t at = 0; at + 1 < code->size; at += 2) {
		uint8_t op = code->data[at];
		if (op == ops->resume)
			return at + 2;
		if (op != ops->make_cell && op != ops->copy_free_vars && op != extended)
			break;
	}
	return -1;
}

static bool emit_prologue(struct wire *out, const struct opcodes *ops, const struct code_call *call)
{
	bool done = true;
	if (code_minor >= 13)
		done = code_emit(out, ops->load_const, call->native, 0) && code_emit(out, ops->push_null, 0, 0);
	else
		done = code_emit(out, ops->push_null, 0, 0) && code_emit(out, ops->load_const, call->native, 0);
	for (uint32_t i = 0; done && i < call->count; i++)
		done = code_emit(out, call->loads[i].cell ? ops->load_deref : ops->load_fast, call->loads[i].index, 0);
	if (ops->precall)
		done = done && code_emit(out, ops->precall, call->count, 1);
	return done && code_emit(out, ops->call, call->count, ops->call_caches) && code_emit(out, ops->copy, 1, 0) &&
	       code_emit(out, ops->load_const, call->native + 1, 0) && code_emit(out, ops->is_op, 1, 0) &&
	       code_emit(out, ops->jump_if_false, 1, ops->jump_caches) && code_emit(out, ops->return_value, 0, 0) &&
	       code_emit(out, ops->pop_top, 0, 0);
}

// Objects/locations.md: an entry covers 1 to 8 code units; ours say "the line as before, no columns".
static bool insert_locations(struct wire *out, const struct code_bytes *table, size_t start, size_t size)
{
	Py_ssize_t at = 0;
	size_t units = 0;
	while (units < start / 2 && at < table->size) {
		units += (table->data[at] & 7U) + 1;
		at++;
		while (at < table->size && table->data[at] < 128)
			at++;
	}
	if (units != start / 2 || !code_put(out, table->data, (size_t)at))
		return false;
	for (size_t rest = size / 2; rest;) {
		size_t part = rest < 8 ? rest : 8;
		if (!code_put(out, (uint8_t[]){(uint8_t)(0x80 | 13 << 3 | (part - 1)), 0}, 2))
			return false;
		rest -= part;
	}
	return code_put(out, table->data + at, (size_t)(table->size - at));
}

// Objects/exception_handling_notes.txt: start, length, target, depth, six bits a byte; the first byte of an entry has the
// highest bit. Starts and targets move.
static bool move_handlers(struct wire *out, const struct code_bytes *table, size_t size)
{
	Py_ssize_t at = 0;
	for (unsigned int number = 0; at < table->size; number++) {
		uint64_t value = table->data[at] & 63U;
		while (table->data[at] & 64) {
			if (++at >= table->size)
				return false;
			value = value << 6 | (table->data[at] & 63U);
		}
		at++;
		if (number % 4 == 0 || number % 4 == 2)
			value += size / 2;
		int shift = 0;
		while (value >> shift > 63)
			shift += 6;
		for (uint8_t first = number % 4 == 0 ? 128 : 0; shift >= 0; shift -= 6, first = 0) {
			uint8_t byte = (uint8_t)(first | (shift ? 64 : 0) | (value >> shift & 63));
			if (!code_put(out, &byte, 1))
				return false;
		}
	}
	return true;
}

static const char *insert(PyObject *code, const struct code_call *call, struct code_parts *out)
{
	const struct opcodes *ops = code_minor == 11 ? &of_11 : code_minor == 12 ? &of_12 : &of_13;
	struct code_bytes body = {0}, lines = {0}, handlers = {0};
	const char *reason = "no memory for it";
	if (!code_bytes(code, NAME_CO_CODE, &body) || !code_bytes(code, NAME_CO_LINETABLE, &lines) ||
	    !code_bytes(code, NAME_CO_EXCEPTIONTABLE, &handlers))
		goto end;
	Py_ssize_t start = find_start(ops, &body);
	reason = "its code begins in an unknown way";
	if (start < 0)
		goto end;
	reason = "its tables of lines or handlers are unknown";
	if (!code_put(&out->body, body.data, (size_t)start) || !emit_prologue(&out->body, ops, call))
		goto end;
	size_t own = out->body.length - (size_t)start;
	if (code_put(&out->body, body.data + start, (size_t)(body.size - start)) &&
	    insert_locations(&out->lines, &lines, (size_t)start, own) && move_handlers(&out->handlers, &handlers, own))
		reason = NULL;
end:
	code_bytes_clear(&body);
	code_bytes_clear(&lines);
	code_bytes_clear(&handlers);
	return reason;
}

// ---- the new code object ---------------------------------------------------------------------------------------------

static bool set_item(PyObject *dict, enum known_name key, PyObject *value)
{
	bool done = value && !PyDict_SetItem(dict, known_names[key], value);
	if (value)
		Py_DecRef(value);
	return done;
}

static PyObject *bytes_of(const struct wire *wire)
{
	return PyBytes_FromStringAndSize((const char *)wire->data, (Py_ssize_t)wire->length);
}

static PyObject *with_constants(PyObject *constants, PyObject *native)
{
	Py_ssize_t count = PyTuple_Size(constants);
	PyObject *more = PyTuple_New(count + 2);
	for (Py_ssize_t i = 0; more && i < count; i++)
		PyTuple_SetItem(more, i, new_reference(PyTuple_GetItem(constants, i)));
	if (more) {
		PyTuple_SetItem(more, count, new_reference(native));
		PyTuple_SetItem(more, count + 1, new_reference(refused));
	}
	return more;
}

static PyObject *replace(PyObject *code, const struct code_parts *parts, PyObject *constants, long stack)
{
	PyObject *words = PyDict_New(), *nothing = PyTuple_New(0), *made = NULL;
	PyObject *method = attribute(code, NAME_REPLACE);
	enum known_name lines = code_minor >= 10 ? NAME_CO_LINETABLE : NAME_CO_LNOTAB;
	if (words && nothing && method && set_item(words, NAME_CO_CODE, bytes_of(&parts->body)) &&
	    set_item(words, lines, bytes_of(&parts->lines)) &&
	    set_item(words, NAME_CO_STACKSIZE, PyLong_FromLongLong(stack)) &&
	    (code_minor < 11 || set_item(words, NAME_CO_EXCEPTIONTABLE, bytes_of(&parts->handlers))) &&
	    !PyDict_SetItem(words, known_names[NAME_CO_CONSTS], constants))
		made = PyObject_Call(method, nothing, words);
	if (words)
		Py_DecRef(words);
	if (nothing)
		Py_DecRef(nothing);
	if (method)
		Py_DecRef(method);
	return made;
}

PyObject *code_with_native(PyObject *code, const struct code_load *loads, uint32_t count, PyObject *native,
			   const char **reason)
{
	uint8_t buffers[3][1024];
	struct code_parts parts;
	long stack = code_number(code, NAME_CO_STACKSIZE);
	PyObject *constants = code_tuple(code, NAME_CO_CONSTS), *more = NULL, *made = NULL;
	wire_open(&parts.body, buffers[0], sizeof buffers[0]);
	wire_open(&parts.lines, buffers[1], sizeof buffers[1]);
	wire_open(&parts.handlers, buffers[2], sizeof buffers[2]);
	*reason = "its code cannot be read";
	if (constants && stack >= 0) {
		struct code_call call = {loads, count, (uint32_t)PyTuple_Size(constants)};
		*reason = code_minor >= 11 ? insert(code, &call, &parts) : code_insert_and_move(code, &call, &parts);
		more = *reason ? NULL : with_constants(constants, native);
	}
	if (more)
		made = replace(code, &parts, more, stack > (long)count + 3 ? stack : (long)count + 3);
	if (!made && !*reason)
		*reason = "its code cannot be made anew";
	PyErr_Clear();
	wire_clear(&parts.body);
	wire_clear(&parts.lines);
	wire_clear(&parts.handlers);
	if (constants)
		Py_DecRef(constants);
	if (more)
		Py_DecRef(more);
	return made;
}
