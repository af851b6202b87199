// The names that the code of one function uses, in its module, in the modules
// that it imports, and in builtins; what one class has. Nothing is called and no attribute of an object is asked for by way of
// its class, for a lazy object would wake up.
#include "node.h"

#include <stdlib.h>
#include <string.h>

#include "code.h"

enum { SPACES_LIMIT = 16, SLOTS_FIRST = 256 };
static struct node **nodes; // a hash table by address, a power of two
static size_t node_count, slot_count;

// ---- objects ---------------------------------------------------------------------------------------------------------

static bool is_class(PyObject *value)
{
	return PyType_IsSubtype(Py_TYPE(value), &PyType_Type);
}

// The dict behind the view that a class shows of it: borrowed, NULL where it cannot be told.
static PyObject *class_dict(PyObject *class)
{
	PyObject *view = attribute(class, NAME_DICT), *dict = NULL;
	if (view && Py_TYPE(view) == &PyDictProxy_Type)
		memcpy(&dict, (char *)view + sizeof(PyObject), sizeof dict);
	if (view)
		Py_DecRef(view);
	return dict && Py_TYPE(dict) == &PyDict_Type ? dict : NULL;
}

PyObject *module_dict(PyObject *module)
{
	return Py_TYPE(module) == &PyModule_Type ? PyModule_GetDict(module) : NULL;
}

static bool is_in_package(const struct node *a, PyObject *module)
{
	Py_ssize_t size = 0;
	const char *text = module && Py_TYPE(module) == &PyUnicode_Type ? PyUnicode_AsUTF8AndSize(module, &size) : NULL;
	PyErr_Clear();
	return text && (size_t)size >= a->length && !memcmp(text, a->package, a->length) &&
	       (text[a->length] == '\0' || text[a->length] == '.');
}

static bool is_ours(const struct node *a, PyObject *value)
{
	if (is_class(value)) {
		PyObject *dict = class_dict(value);
		return dict && is_in_package(a, PyDict_GetItemWithError(dict, known_names[NAME_MODULE]));
	}
	PyObject *module = attribute(value, NAME_MODULE);
	bool is = is_in_package(a, module);
	if (module)
		Py_DecRef(module);
	return is;
}

// ---- following -------------------------------------------------------------------------------------------------------

// A class that a function made, such as the proxies of django.utils.functional.lazy: nobody can name it to patch it.
static bool is_local(PyObject *class)
{
	PyObject *name = attribute(class, NAME_QUALNAME);
	const char *text = name && Py_TYPE(name) == &PyUnicode_Type ? PyUnicode_AsUTF8AndSize(name, NULL) : NULL;
	bool local = text && strstr(text, "<locals>");
	if (name)
		Py_DecRef(name);
	return local;
}

static void add_lead(struct node *a, PyObject *value, bool instance)
{
	for (size_t i = 0; i < a->lead_count; i++)
		if (a->leads[i].object == value && a->leads[i].row == a->row && a->leads[i].instance == instance)
			return;
	if (!is_ours(a, value) || (is_class(value) && is_local(value)))
		return;
	struct lead *leads = grown(a->leads, a->lead_count, sizeof *leads);
	a->failed = a->failed || !leads;
	if (!leads)
		return;
	a->leads = leads;
	leads[a->lead_count++] = (struct lead){new_reference(value), a->row, instance};
}

static void follow(struct node *a, PyObject *value);

static void follow_attribute(struct node *a, PyObject *value, enum known_name name)
{
	PyObject *inner = attribute(value, name);
	if (inner && inner != value)
		follow(a, inner); // the value keeps it
	if (inner)
		Py_DecRef(inner);
}

static bool follow_descriptor(struct node *a, PyObject *value)
{
	if (is_a(value, TYPE_STATICMETHOD) || is_a(value, TYPE_CLASSMETHOD)) {
		follow_attribute(a, value, NAME_FUNC);
		return true;
	}
	if (!is_a(value, TYPE_PROPERTY))
		return false;
	follow_attribute(a, value, NAME_FGET);
	follow_attribute(a, value, NAME_FSET);
	follow_attribute(a, value, NAME_FDEL);
	return true;
}

static bool is_plain(PyObject *value)
{
	PyTypeObject *type = Py_TYPE(value);
	return value == Py_None() || type == &PyUnicode_Type || type == &PyLong_Type || type == &PyBool_Type ||
	       type == &PyFloat_Type || type == &PyBytes_Type || type == &PyList_Type || type == &PyTuple_Type ||
	       type == &PyDict_Type || type == &PySet_Type || type == &PyFrozenSet_Type || type == &PyModule_Type ||
	       type == &PyCFunction_Type;
}

static void follow(struct node *a, PyObject *value)
{
	if (is_plain(value))
		return;
	if (Py_TYPE(value) == function_type || is_class(value)) {
		add_lead(a, value, false);
		return;
	}
	if (is_a(value, TYPE_CACHED))
		follow_attribute(a, value, NAME_WRAPPED);
	else
		add_lead(a, (PyObject *)Py_TYPE(value), true);
}

static void add(struct node *a, PyObject *namespace, PyObject *name, PyObject *value, bool class)
{
	struct row *rows = grown(a->rows, a->row_count, sizeof *rows);
	a->failed = a->failed || !rows;
	if (!rows)
		return;
	a->rows = rows;
	rows[a->row_count++] = (struct row){new_reference(namespace), new_reference(name), value, class, 0};
	if (value)
		Py_IncRef(value);
}

// ---- code ------------------------------------------------------------------------------------------------------------

static void note_stored(struct node *a, PyObject *namespace, PyObject *name)
{
	struct row *stored = grown(a->stored, a->stored_count, sizeof *stored);
	a->failed = a->failed || !stored;
	if (!stored)
		return;
	a->stored = stored;
	stored[a->stored_count++] = (struct row){new_reference(namespace), new_reference(name), NULL, false, 0};
}

// The names of `global` statements, which the code assigns to.
static void find_stored(struct node *a, PyObject *code, PyObject *names, PyObject *globals)
{
	uint8_t store = code_minor < 13 ? 97 : 113, delete = code_minor < 13 ? 98 : 66;
	uint8_t extended = code_minor < 13 ? 144 : 71;
	struct code_bytes body = {0};
	uint32_t argument = 0;
	if (!code_bytes(code, NAME_CO_CODE, &body))
		a->failed = true;
	for (Py_ssize_t at = 0; !a->failed && at + 1 < body.size; at += 2) {
		uint8_t op = body.data[at];
		argument = argument << 8 | body.data[at + 1];
		if ((op == store || op == delete) && argument < PyTuple_Size(names)) // STORE_GLOBAL, DELETE_GLOBAL
			note_stored(a, globals, PyTuple_GetItem(names, argument));
		if (op != extended)
			argument = 0;
	}
	code_bytes_clear(&body);
}

struct spaces {
	PyObject *dicts[SPACES_LIMIT];
	int count;
};

static void add_space(struct spaces *spaces, PyObject *value)
{
	PyObject *dict = module_dict(value);
	if (!dict || spaces->count == SPACES_LIMIT)
		return;
	for (int i = 0; i < spaces->count; i++)
		if (spaces->dicts[i] == dict)
			return;
	spaces->dicts[spaces->count++] = dict;
}

static void add_builtin(struct node *a, PyObject *globals, PyObject *name)
{
	PyObject *builtins = PyEval_GetBuiltins(), *value = PyDict_GetItemWithError(builtins, name);
	if (!value)
		return;
	add(a, globals, name, NULL, false);
	add(a, builtins, name, value, false);
}

static void absorb_code(struct node *a, PyObject *code, PyObject *globals, int depth);

static void absorb_inner(struct node *a, PyObject *code, PyObject *globals, int depth)
{
	PyObject *constants = code_tuple(code, NAME_CO_CONSTS);
	for (Py_ssize_t i = 0; constants && depth < 20 && i < PyTuple_Size(constants); i++)
		if (Py_TYPE(PyTuple_GetItem(constants, i)) == Py_TYPE(code))
			absorb_code(a, PyTuple_GetItem(constants, i), globals, depth + 1);
	if (constants)
		Py_DecRef(constants);
}

static void note_names(struct node *a, PyObject *names)
{
	Py_ssize_t count = PyTuple_Size(names);
	PyObject **more = realloc(a->names, (a->name_count + (size_t)count + 1) * sizeof(PyObject *));
	a->failed = a->failed || !more;
	if (!more)
		return;
	a->names = more;
	for (Py_ssize_t i = 0; i < count; i++)
		more[a->name_count++] = new_reference(PyTuple_GetItem(names, i));
}

static void absorb_code(struct node *a, PyObject *code, PyObject *globals, int depth)
{
	PyObject *names = code_tuple(code, NAME_CO_NAMES);
	struct spaces spaces = {{globals}, 1};
	bool values = false;
	// What it takes of modules too: unicodedata.bidirectional has both names in the code.
	for (int space = 0; names && space < spaces.count; space++)
		for (Py_ssize_t i = 0; i < PyTuple_Size(names); i++) {
			PyObject *name = PyTuple_GetItem(names, i);
			PyObject *value = PyDict_GetItemWithError(spaces.dicts[space], name);
			if (value) {
				add(a, spaces.dicts[space], name, value, false);
				follow(a, value);
				add_space(&spaces, value);
				values = values || Py_TYPE(value) != function_type;
			} else if (!space) {
				add_builtin(a, globals, name);
			}
		}
	if (names)
		note_names(a, names);
	if (names && values)
		find_stored(a, code, names, globals);
	if (!names)
		a->failed = true;
	else
		Py_DecRef(names);
	absorb_inner(a, code, globals, depth);
}

static void absorb_cells(struct node *a, PyObject *function)
{
	PyObject *cells = attribute(function, NAME_CLOSURE);
	for (Py_ssize_t i = 0; cells && Py_TYPE(cells) == &PyTuple_Type && i < PyTuple_Size(cells); i++)
		follow_attribute(a, PyTuple_GetItem(cells, i), NAME_CELL_CONTENTS);
	if (cells)
		Py_DecRef(cells);
}

static void absorb_function(struct node *a, PyObject *function)
{
	PyObject *code = function_code(function), *globals = attribute(function, NAME_GLOBALS);
	if (code && globals && Py_TYPE(globals) == &PyDict_Type)
		absorb_code(a, code, globals, 0);
	if (globals)
		Py_DecRef(globals);
	absorb_cells(a, function);
}

// ---- classes ---------------------------------------------------------------------------------------------------------

bool is_hidden(PyObject *name)
{
	const char *text = Py_TYPE(name) == &PyUnicode_Type ? PyUnicode_AsUTF8AndSize(name, NULL) : "__";
	return !text || !strncmp(text, "__", 2);
}

// Methods, and values that nobody sets lazily.
static void absorb_class(struct node *a, PyObject *class)
{
	PyObject *dict = class_dict(class), *key, *value, *bases = attribute(class, NAME_BASES);
	Py_ssize_t at = 0;
	while (dict && PyDict_Next(dict, &at, &key, &value)) {
		a->row = a->row_count;
		if (Py_TYPE(value) == function_type)
			follow(a, value);
		else if (!follow_descriptor(a, value) &&
			 (is_hidden(key) ||
			  !(Py_TYPE(value) == &PyUnicode_Type || Py_TYPE(value) == &PyTuple_Type ||
			    Py_TYPE(value) == &PyFrozenSet_Type || Py_TYPE(value) == &PyCFunction_Type)))
			continue;
		add(a, dict, key, value, true);
	}
	a->row = NO_ROW;
	for (Py_ssize_t i = 0; bases && i < PyTuple_Size(bases); i++)
		follow(a, PyTuple_GetItem(bases, i));
	if (bases)
		Py_DecRef(bases);
}

// ---- nodes ------------------------------------------------------------------------------------------------------------

static size_t slot_of(struct node *const *table, size_t slots, PyObject *object)
{
	size_t slot = (size_t)((uintptr_t)object >> 4) * 0x9E3779B97F4A7C15U >> 20 & (slots - 1);
	while (table[slot] && table[slot]->object != object)
		slot = (slot + 1) & (slots - 1);
	return slot;
}

static bool make_room(void)
{
	size_t slots = slot_count ? slot_count * 2 : SLOTS_FIRST;
	if (node_count * 2 < slot_count)
		return true;
	struct node **table = calloc(slots, sizeof *table);
	if (!table)
		return false;
	for (size_t i = 0; i < slot_count; i++)
		if (nodes[i])
			table[slot_of(table, slots, nodes[i]->object)] = nodes[i];
	free(nodes);
	nodes = table;
	slot_count = slots;
	return true;
}

struct node *node_of(PyObject *object, const char *package, size_t length)
{
	if (!make_room())
		return NULL;
	size_t slot = slot_of(nodes, slot_count, object);
	if (nodes[slot])
		return nodes[slot];
	struct node *node = calloc(1, sizeof *node);
	if (!node)
		return NULL;
	*node = (struct node){.object = new_reference(object), .package = package, .length = length, .row = NO_ROW};
	nodes[slot] = node;
	node_count++;
	if (is_class(object))
		absorb_class(node, object);
	else
		absorb_function(node, object);
	return node;
}
