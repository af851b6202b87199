//go:build !gophersnake_bundle

// Which Go type stands for a Python type: a hash table from type objects to
// the numbers that Go gave them. A row lives as long as its type, which a weak
// reference tells; the GIL guards the table.
#include <stdlib.h>

#include "internal.h"

enum { BUCKETS = 4096 };

struct type_row {
	struct type_row *next;
	PyObject *type, *watch;
	int number;
};

static struct type_row *rows[BUCKETS];
static PyObject *last_type; // handles of one type often come one after the other
static int last_number;

static struct type_row **bucket(PyObject *type)
{
	return &rows[((uintptr_t)type >> 4) % BUCKETS];
}

int pyrt_type_number(PyObject *type)
{
	if (type == last_type)
		return last_number;
	for (struct type_row *row = *bucket(type); row; row = row->next)
		if (row->type == type) {
			last_type = type;
			last_number = row->number;
			return row->number;
		}
	return PYRT_TYPE_UNKNOWN;
}

static PyObject *type_gone(PyObject *self, PyObject *watch)
{
	struct type_row *row = py.PyCapsule_GetPointer(self, "pyrt.type");
	if (!row)
		return NULL;
	last_type = NULL;
	for (struct type_row **at = bucket(row->type); *at; at = &(*at)->next)
		if (*at == row) {
			*at = row->next;
			break;
		}
	free(row);
	pyrt_drop(watch); // the table's reference
	return pyrt_reference(py._Py_NoneStruct);
}

static PyMethodDef type_gone_definition = {"type_gone", type_gone, PYRT_ONE_ARGUMENT, NULL};

static int add_row(PyObject *type, int number)
{
	struct type_row *row = malloc(sizeof *row);
	PyObject *capsule = row ? py.PyCapsule_New(row, "pyrt.type", NULL) : NULL;
	PyObject *callback = capsule ? py.PyCFunction_NewEx(&type_gone_definition, capsule, NULL) : NULL;
	PyObject *watch = callback ? py.PyWeakref_NewRef(type, callback) : NULL;
	pyrt_drop(callback);
	pyrt_drop(capsule);
	if (!watch) {
		free(row);
		return -1;
	}
	struct type_row **at = bucket(type);
	*row = (struct type_row){*at, type, watch, number};
	*at = row;
	return 0;
}

void pyrt_type_bind(uintptr_t object, int number)
{
	int how = pyrt_enter();
	PyObject *type = ((PyObject *)object)->type;
	last_type = NULL;
	struct type_row *row = *bucket(type);
	while (row && row->type != type)
		row = row->next;
	if (row)
		row->number = number;
	else if (add_row(type, number))
		py.PyErr_Clear(); // out of memory: asked again next time
	pyrt_leave(how);
}

void pyrt_type_forget(void)
{
	int how = pyrt_enter();
	last_type = NULL;
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct type_row *row = rows[i]; row; row = row->next)
			row->number = PYRT_TYPE_UNKNOWN;
	pyrt_leave(how);
}
