// Python values as bytes. Only exact builtin types cross: an instance of a
// subclass may mean something else by everything that it does.
//
// Going through a set, and asking a date or a Decimal, may collect garbage and
// so run anything. So a container is held while it is encoded, and one that has
// changed meanwhile does not cross.
#include <stdlib.h>
#include <string.h>

#include "shim.h"

void wire_clear(struct wire *wire)
{
	if (wire->data != wire->own)
		free(wire->data);
}

uint8_t *wire_room(struct wire *wire, size_t size)
{
	if (wire->room - wire->length < size) {
		size_t room = wire->room * 2 > wire->length + size ? wire->room * 2 : wire->length + size;
		uint8_t *data = wire->data == wire->own ? malloc(room) : realloc(wire->data, room);
		if (!data)
			return NULL;
		if (wire->data == wire->own)
			memcpy(data, wire->own, wire->length);
		wire->data = data;
		wire->room = room;
	}
	uint8_t *at = wire->data + wire->length;
	wire->length += size;
	return at;
}

bool encode_tag(struct wire *wire, uint8_t tag)
{
	uint8_t *at = wire_room(wire, 1);
	if (at)
		*at = tag;
	return at;
}

// The wire is little-endian, as every machine that Go and CPython have a common wheel platform for on Linux but s390x; the
// bundle is built for x86-64 and AArch64.
bool encode_head(struct wire *wire, uint8_t tag, size_t count)
{
	uint32_t number = (uint32_t)count;
	uint8_t *at = count <= UINT32_MAX ? wire_room(wire, 5) : NULL;
	if (!at)
		return false;
	*at = tag;
	memcpy(at + 1, &number, sizeof number);
	return true;
}

bool encode_raw(struct wire *wire, const void *data, size_t size)
{
	uint8_t *at = wire_room(wire, size);
	if (at)
		memcpy(at, data, size);
	return at;
}

static bool encode_word(struct wire *wire, uint8_t tag, const void *word)
{
	uint8_t *at = wire_room(wire, 9);
	if (!at)
		return false;
	*at = tag;
	memcpy(at + 1, word, 8);
	return true;
}

static bool encode_bytes(struct wire *wire, uint8_t tag, const char *data, size_t size)
{
	uint32_t number = (uint32_t)size;
	uint8_t *at = size <= UINT32_MAX ? wire_room(wire, 5 + size) : NULL;
	if (!at)
		return false;
	*at = tag;
	memcpy(at + 1, &number, sizeof number);
	memcpy(at + 5, data, size);
	return true;
}

static bool encode_str(struct wire *wire, PyObject *value, uint8_t tag)
{
	Py_ssize_t size;
	const char *text = PyUnicode_AsUTF8AndSize(value, &size);
	if (!text) { // lone surrogates, no memory
		PyErr_Clear();
		return false;
	}
	return encode_bytes(wire, tag, text, (size_t)size);
}

static bool encode_int(struct wire *wire, PyObject *value, unsigned int kinds)
{
	int overflow;
	long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
	if (!overflow)
		return kinds & KIND_INT && encode_word(wire, TAG_INT, &number);
	if (!(kinds & KIND_BIGINT))
		return false;
	PyObject *digits = PyNumber_ToBase(value, 16); // "-0x1f"
	Py_ssize_t size = 0;
	const char *text = digits ? PyUnicode_AsUTF8AndSize(digits, &size) : NULL;
	bool done = false;
	if (text && size > 3 && size <= DIGITS_LIMIT) {
		bool negative = text[0] == '-';
		char plain[DIGITS_LIMIT];
		size_t rest = (size_t)size - 2 - negative;
		plain[0] = '-';
		memcpy(plain + negative, text + 2 + negative, rest);
		done = encode_bytes(wire, TAG_BIGINT, plain, rest + negative);
	}
	PyErr_Clear();
	if (digits)
		Py_DecRef(digits);
	return done;
}

static bool encode_dict(struct wire *wire, PyObject *value, unsigned int items, int depth)
{
	PyObject *key, *item;
	Py_ssize_t at = 0, count = PyDict_Size(value), seen = 0;
	bool done = encode_head(wire, TAG_DICT, (size_t)count);
	while (done && seen <= count && PyDict_Next(value, &at, &key, &item)) {
		Py_IncRef(item); // the key may take it along
		done = encode_value(wire, key, items, items, depth + 1) &&
		       encode_value(wire, item, items, items, depth + 1);
		Py_DecRef(item);
		seen++;
	}
	return done && seen == count && PyDict_Size(value) == count;
}

static bool encode_set(struct wire *wire, PyObject *value, uint8_t tag, unsigned int items, int depth)
{
	PyObject *iterator = PyObject_GetIter(value), *item;
	Py_ssize_t count = PySet_Size(value), seen = 0;
	bool done = iterator && encode_head(wire, tag, (size_t)count);
	while (done && (item = PyIter_Next(iterator))) {
		done = encode_value(wire, item, items, items, depth + 1);
		Py_DecRef(item);
		seen++;
	}
	done = done && seen == count; // one that has changed ends in an exception
	PyErr_Clear();
	if (iterator)
		Py_DecRef(iterator);
	return done;
}

static bool encode_list(struct wire *wire, PyObject *value, unsigned int items, int depth)
{
	Py_ssize_t count = PyList_Size(value);
	bool done = encode_head(wire, TAG_LIST, (size_t)count);
	for (Py_ssize_t i = 0; done && i < count && PyList_Size(value) == count; i++)
		done = encode_value(wire, PyList_GetItem(value, i), items, items, depth + 1);
	return done && PyList_Size(value) == count;
}

static bool encode_held(struct wire *wire, PyObject *value, unsigned int kinds, unsigned int items, int depth)
{
	PyTypeObject *type = Py_TYPE(value);
	if (type == &PyList_Type && kinds & KIND_LIST)
		return encode_list(wire, value, items, depth);
	if (type == &PyTuple_Type && kinds & KIND_TUPLE) {
		Py_ssize_t count = PyTuple_Size(value);
		bool done = encode_head(wire, TAG_TUPLE, (size_t)count);
		for (Py_ssize_t i = 0; done && i < count; i++)
			done = encode_value(wire, PyTuple_GetItem(value, i), items, items, depth + 1);
		return done;
	}
	if (type == &PyDict_Type && kinds & KIND_DICT)
		return encode_dict(wire, value, items, depth);
	if (type == &PySet_Type && kinds & KIND_SET)
		return encode_set(wire, value, TAG_SET, items, depth);
	if (type == &PyFrozenSet_Type && kinds & KIND_FROZENSET)
		return encode_set(wire, value, TAG_FROZENSET, items, depth);
	return kinds >= KIND_DATE && encode_time(wire, value, kinds);
}

static bool encode_container(struct wire *wire, PyObject *value, unsigned int kinds, unsigned int items, int depth)
{
	if (depth >= DEPTH_LIMIT)
		return false;
	Py_IncRef(value);
	bool done = encode_held(wire, value, kinds, items, depth);
	Py_DecRef(value);
	return done;
}

bool encode_value(struct wire *wire, PyObject *value, unsigned int kinds, unsigned int items, int depth)
{
	PyTypeObject *type = Py_TYPE(value);
	if (type == &PyUnicode_Type)
		return kinds & KIND_STR && encode_str(wire, value, TAG_STR);
	if (type == &PyLong_Type)
		return kinds & (KIND_INT | KIND_BIGINT) && encode_int(wire, value, kinds);
	if (value == Py_None())
		return kinds & KIND_NONE && encode_tag(wire, TAG_NONE);
	if (type == &PyBool_Type)
		return kinds & KIND_BOOL && encode_tag(wire, PyLong_AsLong(value) ? TAG_TRUE : TAG_FALSE);
	if (type == &PyFloat_Type) {
		double number = PyFloat_AsDouble(value);
		return kinds & KIND_FLOAT && encode_word(wire, TAG_FLOAT, &number);
	}
	if (type == &PyBytes_Type) {
		char *data;
		Py_ssize_t size;
		if (!(kinds & KIND_BYTES) || PyBytes_AsStringAndSize(value, &data, &size)) {
			PyErr_Clear();
			return false;
		}
		return encode_bytes(wire, TAG_BYTES, data, (size_t)size);
	}
	return encode_container(wire, value, kinds, items, depth);
}
