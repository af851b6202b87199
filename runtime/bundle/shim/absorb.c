// What a native function absorbed: the names that the original's code uses (node.c), and so on for the functions and classes
// of its package that stand behind these names. Of a class it is the methods whose names are used by what was absorbed; and
// where the class itself is named, those that Python calls by itself (__init__, __iter__).
//
// Not seen: what a function imports while it runs, what is reached by getattr with a made-up name, methods of objects whose
// class no name leads to, the insides of other packages, and whatever is beyond the limits.
#include <string.h>

#include "node.h"

enum { ROWS_LIMIT = 4000, FOLLOWED_LIMIT = 1000, NAMES_SLOTS = 4096 };
static uint64_t last_mark;

// "module:name module:name": what the bundle says beside that. Modules that are not imported have nothing to be patched.
static bool absorb_listed(struct watch *watch, const char *listed)
{
	bool done = true;
	while (*listed && done) {
		size_t length = strcspn(listed, " ");
		const char *colon = memchr(listed, ':', length);
		PyObject *module = colon ? PyUnicode_FromStringAndSize(listed, colon - listed) : NULL;
		PyObject *name =
			colon ? PyUnicode_FromStringAndSize(colon + 1, (Py_ssize_t)strcspn(colon + 1, ". ")) : NULL;
		PyObject *found = module ? PyDict_GetItemWithError(PyImport_GetModuleDict(), module) : NULL;
		PyObject *dict = found ? module_dict(found) : NULL;
		if (name)
			PyUnicode_InternInPlace(&name);
		PyObject *value = dict && name ? PyDict_GetItemWithError(dict, name) : NULL;
		if (value)
			done = !watch_add(watch, dict, name, value, false);
		if (module)
			Py_DecRef(module);
		if (name)
			Py_DecRef(name);
		listed += length;
		listed += strspn(listed, " ");
	}
	return done;
}

// ---- one function ----------------------------------------------------------------------------------------------------

struct absorbing {
	struct watch *watch;
	uint64_t mark;
	struct node *queue[FOLLOWED_LIMIT];
	PyObject *names[NAMES_SLOTS]; // that are used: a hash table by address
	size_t count, name_count;
	bool failed;
};

static size_t name_slot(const struct absorbing *a, PyObject *name)
{
	size_t slot = (size_t)((uintptr_t)name >> 4) * 0x9E3779B97F4A7C15U >> 20 & (NAMES_SLOTS - 1);
	while (a->names[slot] && a->names[slot] != name)
		slot = (slot + 1) & (NAMES_SLOTS - 1);
	return slot;
}

static void push(struct absorbing *a, const struct lead *lead, const struct node *from)
{
	struct node *node = node_of(lead->object, from->package, from->length);
	a->failed = a->failed || !node || node->failed;
	if (a->failed)
		return;
	if (!lead->instance)
		node->whole = a->mark;
	if (node->mark == a->mark || a->count == FOLLOWED_LIMIT)
		return;
	node->mark = a->mark;
	a->queue[a->count++] = node;
}

static void take_row(struct absorbing *a, const struct row *row)
{
	if (a->watch->count < ROWS_LIMIT && watch_add(a->watch, row->namespace, row->name, row->value, row->class))
		a->failed = true;
}

static void take_leads(struct absorbing *a, const struct node *node, size_t row)
{
	for (size_t i = 0; i < node->lead_count && !a->failed; i++)
		if (node->leads[i].row == row)
			push(a, &node->leads[i], node);
}

static void take_node(struct absorbing *a, const struct node *node)
{
	bool function = node->name_count;
	for (size_t i = 0; function && i < node->row_count && !a->failed; i++)
		take_row(a, &node->rows[i]);
	for (size_t i = 0; i < node->name_count && a->name_count < NAMES_SLOTS / 2; i++) {
		size_t slot = name_slot(a, node->names[i]);
		a->name_count += !a->names[slot];
		a->names[slot] = node->names[i];
	}
	take_leads(a, node, NO_ROW);
}

// The methods of a class that are used. True if there were new ones.
static bool take_methods(struct absorbing *a, struct node *node)
{
	bool more = false;
	for (size_t i = 0; i < node->row_count && !a->failed; i++) {
		struct row *row = &node->rows[i];
		if (!row->class || row->mark == a->mark ||
		    !(a->names[name_slot(a, row->name)] || (node->whole == a->mark && is_hidden(row->name))))
			continue;
		row->mark = a->mark;
		take_row(a, row);
		take_leads(a, node, i);
		more = true;
	}
	return more;
}

static void take_all(struct absorbing *a)
{
	size_t done = 0;
	for (bool more = true; more && !a->failed;) {
		more = done < a->count;
		for (; done < a->count && !a->failed; done++)
			take_node(a, a->queue[done]);
		for (size_t i = 0; i < a->count && !a->failed; i++)
			more = take_methods(a, a->queue[i]) || more;
	}
	for (size_t i = 0; i < a->count; i++)
		for (size_t k = 0; k < a->queue[i]->stored_count; k++)
			watch_drop(a->watch, a->queue[i]->stored[k].namespace, a->queue[i]->stored[k].name);
}

bool absorb(struct watch *watch, PyObject *function, const char *module, const char *listed)
{
	struct absorbing absorbing = {.watch = watch, .mark = ++last_mark};
	struct node from = {.package = module, .length = strcspn(module, ".")};
	if (!absorb_listed(watch, listed))
		return false;
	push(&absorbing, &(struct lead){function, NO_ROW, false}, &from);
	take_all(&absorbing);
	PyErr_Clear();
	return !absorbing.failed;
}
