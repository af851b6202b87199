// What Go calls in C. Objects travel as numbers (uintptr_t), so that Go's
// garbage collector and checks leave them alone; values travel in the format
// that wire.h describes. Every function takes the GIL itself.
#ifndef PYRT_BRIDGE_H
#define PYRT_BRIDGE_H

#include <stddef.h>
#include <stdint.h>

enum pyrt_status {
	PYRT_VALUE,     // an encoded value
	PYRT_EXCEPTION, // an encoded description of the exception (bootstrap.go, describe)
	PYRT_TEXT,      // UTF-8 as it is; of pyrt_call_text
	PYRT_INTEGER,   // of pyrt_call_integer
	PYRT_END,       // the iterator has no more
	PYRT_STRANGER,  // of PYRT_NEW: the class gave something else, encoded
};

struct pyrt_result {
	unsigned char *data; // to be freed with pyrt_free; NULL: it is in the caller's buffer
	size_t size;
	int status;
};

struct pyrt_integer_result {
	int64_t value;
	struct pyrt_result other;
};

enum pyrt_operation {
	PYRT_CALL,           // subject: cell; arguments
	PYRT_NEW,            // subject: cell of a class; arguments; gives a handle to an instance of it
	PYRT_CALL_VALUE,     // arguments, the first one is called
	PYRT_METHOD,         // subject: name; arguments, the first one is self
	PYRT_GET,            // subject: name; one value
	PYRT_SET,            // subject: name; two values
	PYRT_CELL_GET,       // subject: cell
	PYRT_CELL_SET,       // subject: cell; one value
	PYRT_NEXT,           // subject: iterator
	PYRT_PLAIN,          // one value: what a subclass of str, int, list … holds, encoded as such
	PYRT_HANDLE = 0x100, // added: the result comes as a handle whatever it is
};

// Takes the libpython that is in this process, else opens that one, which must be of that version ("3.11.7"). A message on
// failure, else NULL.
const char *pyrt_open(const char *library, const char *version);
int pyrt_in_process(void); // 1 = this process has libpython already, 2 = and its interpreter runs
const char *pyrt_version(void);
// Starts the interpreter unless one runs, runs the bootstrap source as module _gophersnake and leaves the GIL. A message on
// failure, else NULL.
const char *pyrt_start(const char *home, const char *program, const char *bootstrap);

// A cell is a name in a module, looked up at each use as Python does. Never freed.
struct pyrt_result pyrt_cell(const char *module, const char *name, uintptr_t *cell, unsigned char *out,
			     size_t capacity);
uintptr_t pyrt_name(const char *text, size_t size); // an interned str, never freed; 0 when it is not UTF-8

struct pyrt_result pyrt_perform(int operation, uintptr_t subject, const unsigned char *in, size_t size,
				unsigned char *out, size_t capacity);
struct pyrt_integer_result pyrt_call_integer(uintptr_t cell, int64_t argument, unsigned char *out, size_t capacity);
struct pyrt_result pyrt_call_text(uintptr_t cell, const char *text, size_t size, unsigned char *out, size_t capacity);

void pyrt_retain(const uintptr_t *objects, size_t count);
void pyrt_release(const uintptr_t *objects, size_t count);
void pyrt_type_bind(uintptr_t object, int number); // all objects of its type come with this number from now on
void pyrt_type_forget(void);
void pyrt_free(void *memory);
int pyrt_sync(const char *folder); // 0 or an errno
#endif
