// The functions of a module that have native code get it: gophersnake_bundle's
// attach(), which the last line of the module calls. A function that has none, or that cannot get it, stays as it is, and
// the reason is in the report.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "code.h"

enum { PARAMETERS_LIMIT = 64 };

struct asked_row {
	PyObject *module, *name, *unit;
	const char *reason; // NULL: it is native
	struct record *record;
};
static struct asked_row *rows; // what attach() was asked for, in order
static size_t row_count;

// ---- the function ----------------------------------------------------------------------------------------------------

static PyObject *item_of(PyObject *value, PyObject *name)
{
	PyObject *view = attribute(value, NAME_DICT);
	PyObject *item = view ? PyObject_GetItem(view, name) : NULL;
	PyErr_Clear();
	if (view)
		Py_DecRef(view);
	return item;
}

static PyObject *step(PyObject *namespace, PyObject *from, const char *name, size_t length)
{
	PyObject *key = PyUnicode_FromStringAndSize(name, (Py_ssize_t)length), *value = NULL;
	if (!key)
		return NULL;
	if (from)
		value = item_of(from, key);
	else if ((value = PyDict_GetItemWithError(namespace, key)))
		Py_IncRef(value);
	Py_DecRef(key);
	return value;
}

// The plain function that a name of a module stands for: itself, a static method's, what functools.lru_cache keeps. A new
// reference, or NULL and the reason.
static PyObject *find_function(PyObject *namespace, const char *name, const char **reason)
{
	PyObject *value = NULL;
	*reason = "the module has no such function";
	for (bool more = true; more;) {
		size_t length = strcspn(name, ".");
		PyObject *next = step(namespace, value, name, length);
		if (value)
			Py_DecRef(value);
		value = next;
		more = value && name[length] == '.';
		name += length + more;
	}
	for (int depth = 0; value && depth < 2 && Py_TYPE(value) != function_type; depth++) {
		PyObject *function = NULL;
		if (is_a(value, TYPE_STATICMETHOD))
			function = attribute(value, NAME_FUNC);
		else if (is_a(value, TYPE_CACHED))
			function = attribute(value, NAME_WRAPPED);
		if (!function)
			break;
		Py_DecRef(value);
		value = function;
	}
	if (!value || Py_TYPE(value) == function_type)
		return value;
	*reason = "it is no plain function";
	Py_DecRef(value);
	return NULL;
}

// ---- its parameters --------------------------------------------------------------------------------------------------

struct signature {
	PyObject *names, *cells;                    // tuples
	Py_ssize_t positional, plain, args, kwargs; // counts; of *args and **kwargs the index, or -1
};

static void signature_clear(struct signature *signature)
{
	if (signature->names)
		Py_DecRef(signature->names);
	if (signature->cells)
		Py_DecRef(signature->cells);
}

static bool read_signature(PyObject *code, long flags, struct signature *out)
{
	long positional = code_number(code, NAME_CO_ARGCOUNT), keywords = code_number(code, NAME_CO_KWONLYARGCOUNT);
	*out = (struct signature){code_tuple(code, NAME_CO_VARNAMES),
				  code_tuple(code, NAME_CO_CELLVARS),
				  positional,
				  positional + keywords,
				  -1,
				  -1};
	if (!out->names || !out->cells || positional < 0 || keywords < 0)
		return false;
	Py_ssize_t next = out->plain;
	if (flags & 4)
		out->args = next++;
	if (flags & 8)
		out->kwargs = next++;
	return next <= PyTuple_Size(out->names) && next <= PARAMETERS_LIMIT;
}

static struct code_load load_of(const struct signature *signature, Py_ssize_t index)
{
	PyObject *name = PyTuple_GetItem(signature->names, index);
	Py_ssize_t cell = code_index(signature->cells, name, PyTuple_Size(signature->cells));
	// From 3.11 on a cell has its parameter's place.
	return (struct code_load){cell >= 0, (uint32_t)(cell < 0 || code_minor >= 11 ? index : cell)};
}

static Py_ssize_t index_of(const struct signature *signature, const struct parameter *parameter)
{
	if (parameter->role >= ROLE_ARGS) {
		Py_ssize_t index = parameter->role == ROLE_ARGS ? signature->args : signature->kwargs;
		const char *name =
			index < 0 ? NULL : PyUnicode_AsUTF8AndSize(PyTuple_GetItem(signature->names, index), NULL);
		return name && !strcmp(name, parameter->name) ? index : -1;
	}
	for (Py_ssize_t i = 0; i < signature->plain; i++) {
		const char *name = PyUnicode_AsUTF8AndSize(PyTuple_GetItem(signature->names, i), NULL);
		if (name && !strcmp(name, parameter->name))
			return i;
	}
	return -1;
}

// What is passed to the native function, in its order; or all that the function has, if it is (a, b, *args, **kwargs): packed,
// as decorators make them. False: its parameters are others.
static bool choose_loads(const struct signature *signature, const struct native_function *native,
			 struct code_load *loads, uint32_t *count, bool *packed)
{
	Py_ssize_t all = signature->plain + (signature->args >= 0) + (signature->kwargs >= 0);
	bool same = (Py_ssize_t)native->count == all, named = true;
	*packed = false;
	*count = native->count;
	for (uint32_t i = 0; same && i < native->count; i++) {
		Py_ssize_t index = index_of(signature, &native->parameters[i]);
		same = index >= 0;
		if (same)
			loads[i] = load_of(signature, index);
	}
	if (same)
		return true;
	for (uint32_t i = 0; i < native->count; i++)
		named = named && native->parameters[i].role <= ROLE_OPTIONAL;
	if (!named || signature->args < 0 || signature->kwargs < 0 || signature->plain != signature->positional ||
	    signature->plain > (Py_ssize_t)native->count)
		return false;
	for (Py_ssize_t i = 0; i < all; i++)
		loads[i] = load_of(signature, i);
	*count = (uint32_t)all;
	*packed = true;
	return true;
}

static bool is_immutable(PyObject *value)
{
	PyTypeObject *type = Py_TYPE(value);
	return value == Py_None() || type == &PyBool_Type || type == &PyLong_Type || type == &PyFloat_Type ||
	       type == &PyUnicode_Type || type == &PyBytes_Type;
}

// For each parameter the object that is its default: passed on, it is as good as not given.
static void note_defaults(struct record *record, PyObject *function, const struct signature *signature)
{
	PyObject *values = attribute(function, NAME_DEFAULTS), *words = attribute(function, NAME_KWDEFAULTS);
	Py_ssize_t count = values && Py_TYPE(values) == &PyTuple_Type ? PyTuple_Size(values) : 0;
	for (uint32_t i = 0; i < record->function->count; i++) {
		Py_ssize_t index = index_of(signature, &record->function->parameters[i]);
		PyObject *value = NULL;
		if (index >= signature->positional - count && index < signature->positional)
			value = PyTuple_GetItem(values, index - (signature->positional - count));
		else if (index >= signature->positional && index < signature->plain && words &&
			 Py_TYPE(words) == &PyDict_Type)
			value = PyDict_GetItemWithError(words, PyTuple_GetItem(signature->names, index));
		if (value && is_immutable(value))
			record->defaults[i] = new_reference(value);
	}
	if (values)
		Py_DecRef(values);
	if (words)
		Py_DecRef(words);
}

// ---- one function ----------------------------------------------------------------------------------------------------

// The record of the native call that stands in front of a code object: the module was executed twice over the same function.
static struct record *record_in(PyObject *code)
{
	PyObject *constants = code_tuple(code, NAME_CO_CONSTS);
	Py_ssize_t count = constants ? PyTuple_Size(constants) : 0;
	struct record *record = NULL;
	if (count >= 2 && PyTuple_GetItem(constants, count - 1) == refused)
		record = record_of(PyTuple_GetItem(constants, count - 2));
	if (constants)
		Py_DecRef(constants);
	return record;
}

static const char *swap(PyObject *function, PyObject *code, const struct native_function *native, const char *module,
			struct record **out)
{
	struct signature signature;
	struct code_load loads[PARAMETERS_LIMIT];
	uint32_t count;
	bool packed;
	long flags = code_number(code, NAME_CO_FLAGS);
	const char *reason = "its parameters are others than those of the native function";
	struct record *record = NULL;
	PyObject *callable = NULL, *after = NULL;
	if (!read_signature(code, flags, &signature) || native->count > PARAMETERS_LIMIT ||
	    !choose_loads(&signature, native, loads, &count, &packed))
		goto end;
	reason = flags & 0x2A0 ? "it is a generator or a coroutine" : "no memory for it";
	record = flags & 0x2A0 ? NULL : record_new(native, packed);
	callable = record ? PyCFunction_NewEx(&record->method, (PyObject *)record, NULL) : NULL;
	if (!callable)
		goto end;
	if (!packed)
		note_defaults(record, function, &signature);
	after = code_with_native(code, loads, count, callable, &reason);
	if (!after)
		goto end;
	reason = "it takes no other code";
	if (!absorb(&record->watch, function, module, native->absorbed) ||
	    PyObject_SetAttrString(function, "__code__", after))
		goto end;
	record->attached = new_reference(function);
	record->before = new_reference(code);
	record->after = new_reference(after);
	*out = record;
	reason = NULL;
end:
	PyErr_Clear();
	signature_clear(&signature);
	if (callable)
		Py_DecRef(callable);
	if (after)
		Py_DecRef(after);
	return reason;
}

static const char *attach_one(PyObject *namespace, const char *unit, const char *module, const char *name,
			      struct record **out)
{
	char key[512];
	const char *reason = NULL;
	int length = snprintf(key, sizeof key, "%s:%s", module, name);
	const struct native_function *native =
		length > 0 && (size_t)length < sizeof key ? native_function_find(unit, key) : NULL;
	if (!native)
		return "this bundle does not have it: it is older than the package, or another one's";
	PyObject *function = find_function(namespace, name, &reason);
	if (!function)
		return reason;
	PyObject *code = attribute(function, NAME_CODE);
	*out = code ? record_in(code) : NULL;
	if (code && !*out)
		reason = swap(function, code, native, module, out);
	else
		reason = NULL;
	Py_DecRef(function);
	if (code)
		Py_DecRef(code);
	return reason;
}

bool attached_here(PyObject *function, PyObject *before, PyObject *after)
{
	for (struct record *record = records; record; record = record->next)
		if (record->attached == function && record->before == before && record->after == after)
			return true;
	return false;
}

// ---- attach ----------------------------------------------------------------------------------------------------------

static struct asked_row *row_add(void)
{
	if (!(row_count & (row_count - 1))) {
		struct asked_row *more = realloc(rows, (row_count ? row_count * 2 : 1) * sizeof *more);
		if (!more)
			return NULL;
		rows = more;
	}
	rows[row_count] = (struct asked_row){0};
	return &rows[row_count++];
}

// python -m module: __main__ has its name in __spec__. A new reference.
static PyObject *name_of_module(PyObject *namespace)
{
	PyObject *name = PyDict_GetItemString(namespace, "__name__"),
		 *spec = PyDict_GetItemString(namespace, "__spec__");
	const char *text = name && Py_TYPE(name) == &PyUnicode_Type ? PyUnicode_AsUTF8AndSize(name, NULL) : NULL;
	if (text && !strcmp(text, "__main__") && spec && spec != Py_None()) {
		PyObject *real = PyObject_GetAttrString(spec, "name");
		if (real && Py_TYPE(real) == &PyUnicode_Type)
			return real;
		if (real)
			Py_DecRef(real);
		PyErr_Clear();
	}
	if (text)
		return new_reference(name);
	PyErr_SetString(PyExc_TypeError, "gophersnake_bundle: a module without a name");
	return NULL;
}

static bool attach_name(PyObject *namespace, PyObject *unit, PyObject *module, PyObject *name)
{
	const char *digest = PyUnicode_AsUTF8AndSize(unit, NULL), *of_module = PyUnicode_AsUTF8AndSize(module, NULL);
	const char *text = PyUnicode_AsUTF8AndSize(name, NULL);
	struct record *record = NULL;
	struct asked_row *row = text && digest && of_module ? row_add() : NULL;
	if (!row) {
		PyErr_SetString(PyExc_MemoryError, "gophersnake_bundle");
		return false;
	}
	*row = (struct asked_row){new_reference(module), new_reference(name), new_reference(unit), NULL, NULL};
	row->reason = attach_one(namespace, digest, of_module, text, &record);
	row->record = record;
	if (!row->reason || !bundle_is_strict())
		return true;
	PyObject *why = PyUnicode_FromFormat("%s.%s: %s", of_module, text, row->reason);
	if (why) {
		PyErr_SetImportError(why, module, NULL);
		Py_DecRef(why);
	}
	return false;
}

// attach(namespace, unit, names): lets functions of a module (names, with spaces between them) call the native functions of a
// unit, by its digest.
PyObject *attach(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
	(void)self;
	if (count != 3 || Py_TYPE(arguments[0]) != &PyDict_Type || Py_TYPE(arguments[1]) != &PyUnicode_Type ||
	    Py_TYPE(arguments[2]) != &PyUnicode_Type) {
		PyErr_SetString(PyExc_TypeError, "attach(namespace, unit, names)");
		return NULL;
	}
	const char *names = PyUnicode_AsUTF8AndSize(arguments[2], NULL);
	PyObject *module = names ? name_of_module(arguments[0]) : NULL;
	bool done = module;
	while (done && *names) {
		size_t length = strcspn(names, " ");
		PyObject *name = length ? PyUnicode_FromStringAndSize(names, (Py_ssize_t)length) : NULL;
		if (length)
			done = name && attach_name(arguments[0], arguments[1], module, name);
		if (name)
			Py_DecRef(name);
		names += length;
		names += strspn(names, " ");
	}
	if (module)
		Py_DecRef(module);
	return done ? new_reference(Py_None()) : NULL;
}

// ---- the report ------------------------------------------------------------------------------------------------------

static int set_number(PyObject *dict, const char *key, uint64_t value)
{
	PyObject *number = PyLong_FromLongLong((long long)value);
	int status = number ? PyDict_SetItemString(dict, key, number) : -1;
	if (number)
		Py_DecRef(number);
	return status;
}

static int set_text(PyObject *dict, const char *key, const char *value)
{
	PyObject *text = value ? PyUnicode_FromString(value) : new_reference(Py_None());
	int status = text ? PyDict_SetItemString(dict, key, text) : -1;
	if (text)
		Py_DecRef(text);
	return status;
}

static int describe_calls(PyObject *row, const struct record *record)
{
	// What was measured, for all calls.
	uint64_t average = record->sampled ? record->nanoseconds / record->sampled : 0;
	return set_text(row, "release", record->function->release) || set_number(row, "calls", record->calls) ||
			       set_number(row, "native", record->native) ||
			       set_number(row, "guarded", record->guarded) ||
			       set_number(row, "patched", record->patched) ||
			       set_number(row, "unsupported", record->unsupported) ||
			       set_number(row, "raised", record->raised) ||
			       set_number(row, "panicked", record->panicked) ||
			       set_number(row, "watched", record->watch.count) ||
			       set_number(row, "nanoseconds",
					  average * (record->native + record->raised + record->panicked))
		       ? -1
		       : 0;
}

static PyObject *describe(const struct asked_row *asked)
{
	PyObject *row = PyDict_New();
	if (row && (PyDict_SetItemString(row, "module", asked->module) ||
		    PyDict_SetItemString(row, "name", asked->name) || PyDict_SetItemString(row, "unit", asked->unit) ||
		    set_text(row, "reason", asked->reason) || (asked->record && describe_calls(row, asked->record)))) {
		Py_DecRef(row);
		return NULL;
	}
	return row;
}

// asked(): a dict for each function that attach() was asked for; with numbers where it is native.
PyObject *asked(PyObject *self, PyObject *unused)
{
	(void)self, (void)unused;
	PyObject *list = PyList_New(0);
	for (size_t i = 0; list && i < row_count; i++) {
		PyObject *row = describe(&rows[i]);
		if (!row || PyList_Append(list, row)) {
			Py_DecRef(list);
			list = NULL;
		}
		if (row)
			Py_DecRef(row);
	}
	return list;
}
