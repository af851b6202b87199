//go:build !gophersnake_bundle

// Values as bytes and back (internal.h has the format). Exact builtin types
// travel as values, everything else as handles.
//
// What is encoded may change while it is: allocations can run finalizers. So
// items are held while they are encoded, and counts are written afterwards.
#include <stdlib.h>
#include <string.h>

#include "internal.h"

enum { DEPTH = 64 };
static const size_t LIMIT = (size_t)1 << 34; // of one encoded value, bytes

// The containers that are being encoded: one that contains itself becomes a handle inside.
struct path {
	const struct path *outer;
	PyObject *container;
	int depth;
};

int pyrt_write(struct pyrt_writer *writer, const void *data, size_t size)
{
	if (size > writer->capacity - writer->size) {
		size_t capacity = 2 * (writer->size + size) + 256;
		if (capacity > LIMIT || size > LIMIT) {
			py.PyErr_SetString(*py.PyExc_OverflowError,
					   "the value is too large to be converted to Go: take it as a handle");
			return -1;
		}
		unsigned char *grown = writer->own ? realloc(writer->data, capacity) : malloc(capacity);
		if (!grown) {
			py.PyErr_NoMemory();
			return -1;
		}
		if (!writer->own && writer->size)
			memcpy(grown, writer->data, writer->size);
		*writer = (struct pyrt_writer){grown, writer->size, capacity, true};
	}
	if (size)
		memcpy(writer->data + writer->size, data, size);
	writer->size += size;
	return 0;
}

static int write_tag(struct pyrt_writer *writer, char tag)
{
	return pyrt_write(writer, &tag, 1);
}

static int write_number(struct pyrt_writer *writer, char tag, const void *value)
{
	unsigned char row[9] = {(unsigned char)tag};
	memcpy(row + 1, value, 8);
	return pyrt_write(writer, row, sizeof row);
}

static int write_text(struct pyrt_writer *writer, char tag, const char *text, ptrdiff_t size)
{
	uint64_t length = (uint64_t)size;
	size_t start = writer->size;
	if (!write_number(writer, tag, &length) && !pyrt_write(writer, text, (size_t)size))
		return 0;
	writer->size = start;
	return -1;
}

struct pyrt_result pyrt_finish(struct pyrt_writer *writer, int status)
{
	return (struct pyrt_result){writer->own ? writer->data : NULL, writer->size, status};
}

// ---- to Go -----------------------------------------------------------------------------------------------------------

static int encode(struct pyrt_writer *writer, PyObject *object, const struct path *path);

int pyrt_encode_handle(struct pyrt_writer *writer, PyObject *object)
{
	unsigned char row[1 + 8 + 4] = {'h'};
	uint64_t address = (uintptr_t)object;
	int32_t number = pyrt_type_number(object->type);
	memcpy(row + 1, &address, 8);
	memcpy(row + 9, &number, 4);
	if (pyrt_write(writer, row, sizeof row))
		return -1;
	py.Py_IncRef(object); // Go's from now on
	return 0;
}

static int encode_int(struct pyrt_writer *writer, PyObject *object)
{
	int overflow;
	int64_t value = py.PyLong_AsLongLongAndOverflow(object, &overflow);
	if (!overflow)
		return write_number(writer, 'i', &value);
	ptrdiff_t size;
	PyObject *text = py.PyNumber_ToBase(object, 16);
	const char *digits = text ? py.PyUnicode_AsUTF8AndSize(text, &size) : NULL;
	int status = digits ? write_text(writer, 'I', digits, size) : -1;
	pyrt_drop(text);
	return status;
}

static int encode_str(struct pyrt_writer *writer, PyObject *object)
{
	ptrdiff_t size;
	const char *text = py.PyUnicode_AsUTF8AndSize(object, &size);
	if (text)
		return write_text(writer, 's', text, size);
	py.PyErr_Clear(); // it has lone surrogates: no UTF-8, no Go string
	return pyrt_encode_handle(writer, object);
}

static int encode_bytes(struct pyrt_writer *writer, PyObject *object)
{
	char *bytes;
	ptrdiff_t size;
	if (py.PyBytes_AsStringAndSize(object, &bytes, &size))
		return -1;
	return write_text(writer, 'b', bytes, size);
}

static int open_container(struct pyrt_writer *writer, char tag, size_t *count_at)
{
	uint64_t none = 0;
	*count_at = writer->size + 1;
	return write_number(writer, tag, &none);
}

static void close_container(struct pyrt_writer *writer, size_t count_at, uint64_t count)
{
	memcpy(writer->data + count_at, &count, 8);
}

static int encode_sequence(struct pyrt_writer *writer, PyObject *object, char tag, const struct path *path)
{
	size_t count_at, count = 0;
	if (open_container(writer, tag, &count_at))
		return -1;
	for (;; count++) {
		ptrdiff_t size = tag == 'l' ? py.PyList_Size(object) : py.PyTuple_Size(object);
		if ((ptrdiff_t)count >= size)
			break;
		PyObject *item = tag == 'l' ? py.PyList_GetItem(object, (ptrdiff_t)count)
					    : py.PyTuple_GetItem(object, (ptrdiff_t)count);
		if (!item)
			return -1;
		py.Py_IncRef(item);
		int status = encode(writer, item, path);
		py.Py_DecRef(item);
		close_container(writer, count_at, count + (status == 0)); // what is there stays readable, for undo
		if (status)
			return -1;
	}
	close_container(writer, count_at, count);
	return 0;
}

static int encode_dict(struct pyrt_writer *writer, PyObject *object, const struct path *path)
{
	size_t count_at;
	uint64_t count = 0;
	ptrdiff_t position = 0;
	PyObject *key, *value;
	if (open_container(writer, 'd', &count_at))
		return -1;
	while (py.PyDict_Next(object, &position, &key, &value)) {
		py.Py_IncRef(key);
		py.Py_IncRef(value);
		size_t start = writer->size;
		int status = encode(writer, key, path);
		if (!status && (status = encode(writer, value, path)))
			pyrt_undo(writer, start);
		py.Py_DecRef(key);
		py.Py_DecRef(value);
		if (status)
			return -1;
		close_container(writer, count_at, ++count);
	}
	return 0;
}

static int encode_container(struct pyrt_writer *writer, PyObject *object, char tag, const struct path *outer)
{
	struct path path = {outer, object, outer ? outer->depth + 1 : 1};
	bool inside = path.depth > DEPTH;
	for (const struct path *at = outer; at && !inside; at = at->outer)
		inside = at->container == object;
	if (inside)
		return pyrt_encode_handle(writer, object);
	size_t start = writer->size;
	int status = tag == 'd' ? encode_dict(writer, object, &path) : encode_sequence(writer, object, tag, &path);
	if (status)
		pyrt_undo(writer, start);
	return status;
}

static int encode(struct pyrt_writer *writer, PyObject *object, const struct path *path)
{
	PyObject *type = object->type;
	if (object == py._Py_NoneStruct)
		return write_tag(writer, 'N');
	if (object == py._Py_TrueStruct)
		return write_tag(writer, 'T');
	if (object == py._Py_FalseStruct)
		return write_tag(writer, 'F');
	if (type == py.PyUnicode_Type)
		return encode_str(writer, object);
	if (type == py.PyLong_Type)
		return encode_int(writer, object);
	if (type == py.PyFloat_Type) {
		double value = py.PyFloat_AsDouble(object);
		return write_number(writer, 'f', &value);
	}
	if (type == py.PyBytes_Type)
		return encode_bytes(writer, object);
	if (type == py.PyList_Type)
		return encode_container(writer, object, 'l', path);
	if (type == py.PyTuple_Type)
		return encode_container(writer, object, 't', path);
	if (type == py.PyDict_Type)
		return encode_container(writer, object, 'd', path);
	return pyrt_encode_handle(writer, object);
}

int pyrt_encode(struct pyrt_writer *writer, PyObject *object)
{
	return encode(writer, object, NULL);
}

int pyrt_encode_plain(struct pyrt_writer *writer, PyObject *object)
{
	unsigned long flags = py.PyType_GetFlags(object->type);
	if (flags & PYRT_IS_STR)
		return encode_str(writer, object);
	if (flags & PYRT_IS_INT && object != py._Py_TrueStruct && object != py._Py_FalseStruct)
		return encode_int(writer, object);
	if (flags & PYRT_IS_BYTES)
		return encode_bytes(writer, object);
	if (flags & PYRT_IS_LIST)
		return encode_container(writer, object, 'l', NULL);
	if (flags & PYRT_IS_TUPLE)
		return encode_container(writer, object, 't', NULL);
	if (flags & PYRT_IS_DICT)
		return encode_container(writer, object, 'd', NULL);
	if (py.PyObject_IsInstance(object, py.PyFloat_Type) == 1) { // float has no flag
		double value = py.PyFloat_AsDouble(object);
		return write_number(writer, 'f', &value);
	}
	return encode(writer, object, NULL);
}

static void undo_value(struct pyrt_reader *reader)
{
	uint64_t count;
	char tag = (char)*reader->at++;
	switch (tag) {
	case 'N':
	case 'T':
	case 'F': return;
	case 'i':
	case 'f': reader->at += 8; return;
	case 'h':
		memcpy(&count, reader->at, 8);
		reader->at += 8 + 4;
		py.Py_DecRef((PyObject *)(uintptr_t)count);
		return;
	default:
		memcpy(&count, reader->at, 8);
		reader->at += 8;
		if (tag != 'l' && tag != 't' && tag != 'd') {
			reader->at += count;
			return;
		}
		for (uint64_t i = 0; i < (tag == 'd' ? 2 * count : count) && reader->at < reader->end; i++)
			undo_value(reader);
	}
}

void pyrt_undo(struct pyrt_writer *writer, size_t start)
{
	struct pyrt_reader reader = {writer->data + start, writer->data + writer->size};
	while (reader.at < reader.end)
		undo_value(&reader);
	writer->size = start;
}

// ---- to Python -------------------------------------------------------------------------------------------------------

static uint64_t read_number(struct pyrt_reader *reader)
{
	uint64_t value;
	memcpy(&value, reader->at, sizeof value);
	reader->at += sizeof value;
	return value;
}

uint32_t pyrt_read_count(struct pyrt_reader *reader)
{
	uint32_t count;
	memcpy(&count, reader->at, sizeof count);
	reader->at += sizeof count;
	return count;
}

static PyObject *decode_big(const unsigned char *digits, size_t size)
{
	char *text = malloc(size + 1);
	if (!text)
		return py.PyErr_NoMemory();
	memcpy(text, digits, size);
	text[size] = '\0';
	PyObject *number = py.PyLong_FromString(text, NULL, 16);
	free(text);
	return number;
}

static PyObject *decode_sequence(struct pyrt_reader *reader, char tag)
{
	uint64_t count = read_number(reader);
	PyObject *sequence = tag == 'l' ? py.PyList_New((ptrdiff_t)count) : py.PyTuple_New((ptrdiff_t)count);
	for (uint64_t i = 0; i < count && sequence; i++) {
		PyObject *item = pyrt_decode(reader);
		if (!item) {
			pyrt_drop(sequence);
			return NULL;
		}
		if (tag == 'l')
			py.PyList_SetItem(sequence, (ptrdiff_t)i, item);
		else
			py.PyTuple_SetItem(sequence, (ptrdiff_t)i, item);
	}
	return sequence;
}

static PyObject *decode_dict(struct pyrt_reader *reader)
{
	uint64_t count = read_number(reader);
	PyObject *dict = py.PyDict_New();
	for (uint64_t i = 0; i < count && dict; i++) {
		PyObject *key = pyrt_decode(reader);
		PyObject *value = key ? pyrt_decode(reader) : NULL;
		if (!value || py.PyDict_SetItem(dict, key, value)) {
			pyrt_drop(dict);
			dict = NULL;
		}
		pyrt_drop(key);
		pyrt_drop(value);
	}
	return dict;
}

PyObject *pyrt_decode(struct pyrt_reader *reader)
{
	char tag = (char)*reader->at++;
	uint64_t number;
	double real;
	const unsigned char *text;
	switch (tag) {
	case 'N': return pyrt_reference(py._Py_NoneStruct);
	case 'T': return pyrt_reference(py._Py_TrueStruct);
	case 'F': return pyrt_reference(py._Py_FalseStruct);
	case 'i': return py.PyLong_FromLongLong((int64_t)read_number(reader));
	case 'f':
		number = read_number(reader);
		memcpy(&real, &number, sizeof real);
		return py.PyFloat_FromDouble(real);
	case 'O': return (PyObject *)(uintptr_t)read_number(reader);
	case 'o': return pyrt_reference((PyObject *)(uintptr_t)read_number(reader));
	case 'l':
	case 't': return decode_sequence(reader, tag);
	case 'd': return decode_dict(reader);
	case 'c': return pyrt_capsule(read_number(reader));
	}
	if (tag == 'g') {
		uint64_t id = read_number(reader);
		int32_t parameters = (int32_t)pyrt_read_count(reader);
		int flags = *reader->at++;
		number = read_number(reader);
		text = reader->at;
		reader->at += number;
		return pyrt_function(id, parameters, flags, (const char *)text, number);
	}
	number = read_number(reader);
	text = reader->at;
	reader->at += number;
	if (tag == 's')
		return py.PyUnicode_FromStringAndSize((const char *)text, (ptrdiff_t)number);
	if (tag == 'b')
		return py.PyBytes_FromStringAndSize((const char *)text, (ptrdiff_t)number);
	if (tag == 'I')
		return decode_big(text, number);
	py.PyErr_SetString(*py.PyExc_SystemError, "pyrt: a value from Go has an unknown tag");
	return NULL;
}

// Containers only announce what follows, so a flat walk meets everything that is left.
void pyrt_discard(struct pyrt_reader *reader)
{
	while (reader->at < reader->end) {
		char tag = (char)*reader->at++;
		if (tag == 'N' || tag == 'T' || tag == 'F')
			continue;
		uint64_t number = read_number(reader);
		if (tag == 'g') {
			pyrtGoDrop(number);
			reader->at += 4 + 1;
			number = read_number(reader);
			reader->at += number;
		} else if (tag == 'c') {
			pyrtGoDrop(number);
		} else if (tag == 'O') {
			py.Py_DecRef((PyObject *)(uintptr_t)number);
		} else if (tag == 's' || tag == 'b' || tag == 'I') {
			reader->at += number;
		}
	}
}
