// Bytes as Python values. The bytes come from the Go of the same bundle; they
// are checked all the same, so that a fault there is no fault here.
#include <string.h>

#include "shim.h"

struct reader {
	const uint8_t *at, *end;
};

static PyObject *decode_value(struct reader *reader, int depth);

static bool take(struct reader *reader, size_t size, const uint8_t **part)
{
	if ((size_t)(reader->end - reader->at) < size)
		return false;
	*part = reader->at;
	reader->at += size;
	return true;
}

static bool take_count(struct reader *reader, uint32_t *count)
{
	const uint8_t *part;
	if (!take(reader, sizeof *count, &part))
		return false;
	memcpy(count, part, sizeof *count);
	return *count <= (size_t)(reader->end - reader->at); // each thing takes a byte at least
}

static bool take_sized(struct reader *reader, const char **data, size_t *size)
{
	uint32_t count;
	const uint8_t *part;
	if (!take_count(reader, &count) || !take(reader, count, &part))
		return false;
	*data = (const char *)part;
	*size = count;
	return true;
}

static PyObject *decode_bigint(struct reader *reader)
{
	const char *data;
	size_t size;
	if (!take_sized(reader, &data, &size) || size == 0)
		return NULL;
	PyObject *copy = PyBytes_FromStringAndSize(data, (Py_ssize_t)size); // with a NUL
	char *text, *end = NULL;
	Py_ssize_t length;
	PyObject *number = NULL;
	if (copy && !PyBytes_AsStringAndSize(copy, &text, &length))
		number = PyLong_FromString(text, &end, 16);
	if (number && end != text + length) {
		Py_DecRef(number);
		number = NULL;
	}
	if (copy)
		Py_DecRef(copy);
	return number;
}

static PyObject *decode_sequence(struct reader *reader, bool tuple, int depth)
{
	uint32_t count;
	if (!take_count(reader, &count))
		return NULL;
	PyObject *made = tuple ? PyTuple_New(count) : PyList_New(count);
	for (uint32_t i = 0; made && i < count; i++) {
		PyObject *item = decode_value(reader, depth + 1);
		if (!item || (tuple ? PyTuple_SetItem(made, i, item) : PyList_SetItem(made, i, item))) {
			Py_DecRef(made);
			return NULL;
		}
	}
	return made;
}

static PyObject *decode_dict(struct reader *reader, int depth)
{
	uint32_t count;
	if (!take_count(reader, &count))
		return NULL;
	PyObject *made = PyDict_New();
	for (uint32_t i = 0; made && i < count; i++) {
		PyObject *key = decode_value(reader, depth + 1);
		PyObject *item = key ? decode_value(reader, depth + 1) : NULL;
		int status = item ? PyDict_SetItem(made, key, item) : -1;
		if (key)
			Py_DecRef(key);
		if (item)
			Py_DecRef(item);
		if (status) {
			Py_DecRef(made);
			return NULL;
		}
	}
	if (made && PyDict_Size(made) != (Py_ssize_t)count) { // equal keys: not what Go meant
		Py_DecRef(made);
		return NULL;
	}
	return made;
}

static PyObject *decode_set(struct reader *reader, bool frozen, int depth)
{
	uint32_t count;
	if (!take_count(reader, &count))
		return NULL;
	PyObject *made = PySet_New(NULL);
	for (uint32_t i = 0; made && i < count; i++) {
		PyObject *item = decode_value(reader, depth + 1);
		int status = item ? PySet_Add(made, item) : -1;
		if (item)
			Py_DecRef(item);
		if (status) {
			Py_DecRef(made);
			return NULL;
		}
	}
	if (made && PySet_Size(made) != (Py_ssize_t)count) { // equal items: not what Go meant
		Py_DecRef(made);
		return NULL;
	}
	PyObject *hard = made && frozen ? PyFrozenSet_New(made) : NULL;
	if (made && frozen)
		Py_DecRef(made);
	return frozen ? hard : made;
}

static PyObject *decode_container(struct reader *reader, uint8_t tag, int depth)
{
	if (depth >= DEPTH_LIMIT)
		return NULL;
	switch (tag) {
	case TAG_LIST:
	case TAG_TUPLE:
		return decode_sequence(reader, tag == TAG_TUPLE, depth);
	case TAG_DICT:
		return decode_dict(reader, depth);
	case TAG_SET:
	case TAG_FROZENSET:
		return decode_set(reader, tag == TAG_FROZENSET, depth);
	default:
		return decode_time(tag, &reader->at, reader->end);
	}
}

static PyObject *decode_value(struct reader *reader, int depth)
{
	const uint8_t *part;
	const char *data;
	size_t size;
	long long number;
	double real;
	if (!take(reader, 1, &part))
		return NULL;
	switch (*part) {
	case TAG_STR:
		return take_sized(reader, &data, &size) ? PyUnicode_FromStringAndSize(data, (Py_ssize_t)size) : NULL;
	case TAG_INT:
		if (!take(reader, sizeof number, &part))
			return NULL;
		memcpy(&number, part, sizeof number);
		return PyLong_FromLongLong(number);
	case TAG_NONE:
		return new_reference(Py_None());
	case TAG_TRUE:
	case TAG_FALSE:
		return PyBool_FromLong(*part == TAG_TRUE);
	case TAG_FLOAT:
		if (!take(reader, sizeof real, &part))
			return NULL;
		memcpy(&real, part, sizeof real);
		return PyFloat_FromDouble(real);
	case TAG_BYTES:
		return take_sized(reader, &data, &size) ? PyBytes_FromStringAndSize(data, (Py_ssize_t)size) : NULL;
	case TAG_BIGINT:
		return decode_bigint(reader);
	default:
		return decode_container(reader, *part, depth);
	}
}

PyObject *decode_result(const uint8_t *data, size_t length)
{
	struct reader reader = {data, data + length};
	PyObject *value = decode_value(&reader, 0);
	if (value && reader.at != reader.end) {
		Py_DecRef(value);
		value = NULL;
	}
	if (!value)
		PyErr_Clear();
	return value;
}
