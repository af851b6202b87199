// What the C files of pyrt share.
#ifndef PYRT_INTERNAL_H
#define PYRT_INTERNAL_H

#include <stdbool.h>

#include "bridge.h"
#include "python.h"

// ---- gil.c -----------------------------------------------------------------------------------------------------------
extern bool pyrt_hosted; // the interpreter is another's: Python loaded this code
int pyrt_enter(void);    // what pyrt_leave needs
void pyrt_leave(int how);
void pyrt_gil_open(void);
void pyrt_gil_starter(void *state); // of the thread that started the interpreter, which has just left it

// Around Go code that Python calls: without the GIL.
struct pyrt_outside {
	void *state, *before;
};
struct pyrt_outside pyrt_go_outside(void);
void pyrt_come_back(struct pyrt_outside outside);

// ---- python.c --------------------------------------------------------------------------------------------------------
struct pyrt_hooks {
	PyObject *describe, *function, *flush; // of bootstrap.go
};
extern struct pyrt_hooks pyrt_hooks;
extern bool pyrt_written; // Python wrote to standard output since it was flushed

// ---- wire.c ----------------------------------------------------------------------------------------------------------
// Values as bytes, in the machine's byte order, lengths as uint64:
//
//     N  T  F                 None, True, False
//     i  int64                int
//     I  length, text         int beyond 64 bits, hexadecimal with its sign
//     f  double               float
//     s  length, UTF-8        str
//     b  length, bytes        bytes
//     l, t  count, values     list, tuple
//     d  count, key, value …  dict
//     h  object, number       anything else, with its type's number (to Go, with a reference)
//     o  object               the same (to Python, borrowed)
//     O  object               the same (to Python, with a reference)
//     g  id, parameters, flags, name   a Go function (to Python)
//     c  id                   a Go value, for a capsule (to Python)
struct pyrt_writer {
	unsigned char *data;
	size_t size, capacity;
	bool own; // data is malloc'ed
};
struct pyrt_reader {
	const unsigned char *at, *end;
};

enum { PYRT_TYPE_NONE = -1, PYRT_TYPE_UNKNOWN = -2 }; // numbers of types without a Go type, and not asked yet

int pyrt_write(struct pyrt_writer *writer, const void *data, size_t size); // -1 with an exception
int pyrt_encode(struct pyrt_writer *writer, PyObject *object);             // -1 with an exception
int pyrt_encode_plain(struct pyrt_writer *writer, PyObject *object);       // by its builtin base
int pyrt_encode_handle(struct pyrt_writer *writer, PyObject *object);      // as a handle
void pyrt_undo(struct pyrt_writer *writer, size_t start);                  // gives back what handles from there on took
PyObject *pyrt_decode(struct pyrt_reader *reader);                         // new reference, NULL with an exception
void pyrt_discard(struct pyrt_reader *reader);                             // drops the references that are left
uint32_t pyrt_read_count(struct pyrt_reader *reader);
struct pyrt_result pyrt_finish(struct pyrt_writer *writer, int status);

// ---- the rest --------------------------------------------------------------------------------------------------------
struct pyrt_result pyrt_exception(struct pyrt_writer *writer); // takes and describes the current exception
PyObject *pyrt_function(uint64_t id, int32_t parameters, int flags, const char *name, size_t size); // callback.c
PyObject *pyrt_capsule(uint64_t id);
int pyrt_type_number(PyObject *type); // types.c

// Exported by Go (callback_cgo.go).
extern int pyrtGoCall(uint64_t id, unsigned char *in, size_t size, struct pyrt_result *result);
extern void pyrtGoDrop(uint64_t id);
#endif
