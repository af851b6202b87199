// The C of the bundle: an extension module (abi3) whose callables cross into
// Go. docs/formats/bundle.md has the contract; how the files share the work:
//
//     module.c    the module: what Python sees
//     attach.c    functions of modules get native code: which, and why not
//     code.c      the new code object; code_jumps.c: of CPython 3.8 to 3.10
//     absorb.c    what a native function absorbed: the names that its original uses; node.c: of one function or class
//     call.c      one native call: guards, encode, cross, decode
//     encode.c    Python values → wire, exact types of the kinds that the guards list
//     decode.c    wire → Python values
//     times.c     dates and their like, and Decimals, both ways
//     library.c   the Go library: opened at the first call, dead after a fork
//     names.c     strings and types that are asked for often
//     watch.c     is what was absorbed still the same?
//     registry.c  generated: the functions of this bundle
//
// All state is guarded by the GIL, but the Go library's flags.
#ifndef GOPHERSNAKE_BUNDLE_SHIM_H
#define GOPHERSNAKE_BUNDLE_SHIM_H

#include <stdbool.h>

#include "python.h"

// Kinds of values, as runtime/pyrt/guard.go numbers them.
enum {
	KIND_NONE = 1 << 0,
	KIND_BOOL = 1 << 1,
	KIND_INT = 1 << 2,
	KIND_BIGINT = 1 << 3,
	KIND_FLOAT = 1 << 4,
	KIND_STR = 1 << 5,
	KIND_BYTES = 1 << 6,
	KIND_LIST = 1 << 7,
	KIND_TUPLE = 1 << 8,
	KIND_DICT = 1 << 9,
	KIND_SET = 1 << 10,
	KIND_FROZENSET = 1 << 11,
	KIND_DATE = 1 << 12,
	KIND_DATETIME = 1 << 13,
	KIND_AWARE_DATETIME = 1 << 14,
	KIND_TIME = 1 << 15,
	KIND_AWARE_TIME = 1 << 16,
	KIND_TIMEDELTA = 1 << 17,
	KIND_DECIMAL = 1 << 18,
};

// ---- registry.c ------------------------------------------------------------------------------------------------------

enum parameter_role { ROLE_REQUIRED, ROLE_OPTIONAL, ROLE_ARGS, ROLE_KWARGS };
struct parameter {
	const char *name; // in Python
	uint32_t kinds;   // of the value; of ROLE_ARGS and ROLE_KWARGS unused
	uint32_t items;   // of what is in it, at any depth
	uint8_t role;
};
struct native_function {
	const char *unit;     // hexadecimal digest of the unit
	const char *name;     // "sqlparse.utils:remove_quotes", "sqlparse.sql:Token.parse"
	const char *release;  // "sqlparse 0.5.3": of one release that has this unit; for people
	const char *absorbed; // "module:qualname module:qualname": what the native code does without calling it
	const struct parameter *parameters;
	uint32_t count;
};
// Sorted by unit, then name; the position is the function's number in Go.
extern const struct native_function native_functions[];
extern const uint32_t native_function_count;
extern const uint64_t bundle_content;      // the same number as in the Go library
extern const uint64_t bundle_library_size; // bytes of the Go library's file
extern const char bundle_version[];

// ---- wire ------------------------------------------------------------------------------------------------------------

// The tags of runtime/bundle/go/border/arguments.go.
enum {
	TAG_NONE = 'N',
	TAG_TRUE = 'T',
	TAG_FALSE = 'F',
	TAG_INT = 'i',
	TAG_BIGINT = 'I',
	TAG_FLOAT = 'd',
	TAG_STR = 's',
	TAG_BYTES = 'b',
	TAG_LIST = 'l',
	TAG_TUPLE = 't',
	TAG_DICT = 'm',
	TAG_SET = 'S',
	TAG_FROZENSET = 'Z',
	TAG_DATE = 'D',
	TAG_TIME = 'h',
	TAG_DATETIME = 'M',
	TAG_TIMEDELTA = 'e',
	TAG_DECIMAL = 'c',
	TAG_NOT_GIVEN = '-',
};
enum { ZONE_NONE = 0, ZONE_OFFSET = 1, ZONE_NAMED = 2 }; // behind a clock
enum { DEPTH_LIMIT = 100, DIGITS_LIMIT = 4300 };

// Grows from a buffer of the caller; data is freed by wire_clear when it is another one.
struct wire {
	uint8_t *data, *own;
	size_t length, room;
};
static inline void wire_open(struct wire *wire, uint8_t *buffer, size_t room)
{
	*wire = (struct wire){buffer, buffer, 0, room};
}
void wire_clear(struct wire *wire);
uint8_t *wire_room(struct wire *wire, size_t size); // that much more; NULL without memory
// False when the value is of a kind that is not listed, or cannot cross. Never leaves a Python exception.
bool encode_value(struct wire *wire, PyObject *value, unsigned int kinds, unsigned int items, int depth);
bool encode_tag(struct wire *wire, uint8_t tag);
bool encode_head(struct wire *wire, uint8_t tag, size_t count);
bool encode_raw(struct wire *wire, const void *data, size_t size);
// One value that fills the bytes exactly. NULL without a Python exception when it cannot be made.
PyObject *decode_result(const uint8_t *data, size_t length);

// ---- times.c ---------------------------------------------------------------------------------------------------------

// Of datetime's classes and Decimal. False, without a Python exception: it is none of them, or not of these kinds.
bool encode_time(struct wire *wire, PyObject *value, unsigned int kinds);
// What follows its tag; *at moves behind it. NULL, perhaps with a Python exception: it cannot be made.
PyObject *decode_time(uint8_t tag, const uint8_t **at, const uint8_t *end);

// ---- library.c -------------------------------------------------------------------------------------------------------

enum { CALL_VALUE = 0, CALL_UNSUPPORTED = 1, CALL_EXCEPTION = 2, CALL_PANIC = 3 };
struct go_result {
	uint8_t *data;
	size_t length;
};
typedef int (*go_call)(uint32_t number, const void *data, size_t length, struct go_result *result);

enum library_state { LIBRARY_IDLE, LIBRARY_RUNNING, LIBRARY_FORKED, LIBRARY_BROKEN };
struct library {
	volatile enum library_state state;
	go_call call;
	char path[4096];
	char problem[512]; // of LIBRARY_BROKEN
};
extern struct library library;
// Remembers where the Go library is (beside this one), looks at its size, and prepares for fork. No Go runs.
void library_prepare(void);
// Opens it: the Go runtime starts. False: state and problem say why.
bool library_start(void);

// ---- names.c ---------------------------------------------------------------------------------------------------------

enum known_name {
	NAME_BASES,
	NAME_CELL_CONTENTS,
	NAME_CLOSURE,
	NAME_CODE,
	NAME_CO_ARGCOUNT,
	NAME_CO_CELLVARS,
	NAME_CO_CODE,
	NAME_CO_CONSTS,
	NAME_CO_EXCEPTIONTABLE,
	NAME_CO_FLAGS,
	NAME_CO_KWONLYARGCOUNT,
	NAME_CO_LINETABLE,
	NAME_CO_LNOTAB,
	NAME_CO_NAMES,
	NAME_CO_STACKSIZE,
	NAME_CO_VARNAMES,
	NAME_DEFAULTS,
	NAME_DICT,
	NAME_FDEL,
	NAME_FGET,
	NAME_FSET,
	NAME_FUNC,
	NAME_GLOBALS,
	NAME_KWDEFAULTS,
	NAME_MODULE,
	NAME_QUALNAME,
	NAME_REPLACE,
	NAME_WRAPPED,
	NAME_COUNT
};
enum known_type {
	TYPE_STATICMETHOD,
	TYPE_CLASSMETHOD,
	TYPE_PROPERTY,
	TYPE_CACHED /* what functools.lru_cache makes */,
	TYPE_COUNT
};
extern PyObject *known_names[NAME_COUNT]; // interned
bool names_prepare(void);                 // false with an exception
// Never by way of the object's class or metaclass. A new reference, or NULL without an exception.
PyObject *attribute(PyObject *object, enum known_name name);
bool is_a(PyObject *value, enum known_type type); // exactly

// ---- watch.c ---------------------------------------------------------------------------------------------------------

struct watched {
	PyObject *name;
	PyObject *value; // what it was; NULL: it was not there
};
struct watched_dict {
	PyObject *namespace;
	uint64_t version; // when all of it was as it should be; 0: it must be looked at
	struct watched *rows;
	size_t count;
	Py_ssize_t size; // of the namespace then
	bool class;      // of a class: names that it gets may hide those of classes above it
};
struct watched_code {
	PyObject *function, *code; // a row's value, and what it ran
};
struct watch {
	struct watched_dict *dicts;
	struct watched_code *codes;
	size_t dict_count, code_count, count; // count: rows
};
// Any Python function and its code object, once: where functions keep it.
void watch_learn(PyObject *function, PyObject *code);
PyObject *function_code(PyObject *object); // borrowed; NULL when it is no Python function
extern PyTypeObject *function_type;
// The value (NULL: none) is what a name of a namespace should be. Once a name; -1 without memory.
int watch_add(struct watch *watch, PyObject *namespace, PyObject *name, PyObject *value, bool class);
void watch_drop(struct watch *watch, PyObject *namespace, PyObject *name);
bool watch_holds(struct watch *watch);
// A place for one more than count things of a size: it doubles at powers of two. NULL without memory.
void *grown(void *items, size_t count, size_t size);

// ---- absorb.c --------------------------------------------------------------------------------------------------------

// Watches what a function of a module absorbed, and what is listed. False without memory.
bool absorb(struct watch *watch, PyObject *function, const char *module, const char *listed);

// ---- attach.c --------------------------------------------------------------------------------------------------------

PyObject *attach(PyObject *self, PyObject *const *arguments, Py_ssize_t count);
PyObject *asked(PyObject *self, PyObject *unused);
const struct native_function *native_function_find(const char *unit, const char *name);
// Did this bundle give the function that other code object?
bool attached_here(PyObject *function, PyObject *before, PyObject *after);

// ---- call.c ----------------------------------------------------------------------------------------------------------

struct record {
	PyObject base;
	const struct native_function *function;
	uint32_t number;
	bool packed; // called with (args, kwargs) of a function that takes just these
	bool off;
	PyObject **defaults; // one a parameter: the object that stands for "not given", or NULL
	struct PyMethodDef method;
	PyObject *attached, *before, *after; // the function and its code objects
	struct watch watch;
	struct record *next;
	uint64_t calls, native, guarded, patched, unsupported, raised, panicked;
	uint64_t sampled, nanoseconds; // calls whose time was taken, and that time
	bool slow;                     // it took long enough to let other threads run
};
extern struct record *records; // all that are, newest first; they live as long as the process
struct record *record_new(const struct native_function *function, bool packed);
struct record *record_of(PyObject *callable); // NULL: it is none of a record
bool bundle_is_strict(void);
bool bundle_is_importing(void); // is a module being imported below this call?
void bundle_warn(void);         // why the library cannot be used, once
extern PyObject *refused;       // what a native callable returns for "let the original do it"
PyObject *call_native(PyObject *self, PyObject *const *arguments, Py_ssize_t count);
PyObject *call_native_one(PyObject *self, PyObject *argument);
#endif
