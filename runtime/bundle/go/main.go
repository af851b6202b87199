// The Go of the bundle: one c-shared library with the native functions of all packages. Its only caller is the C shim beside
// it (runtime/bundle/shim), which opens it at the first native call.
package main

/*
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct gophersnake_result {
	uint8_t *data;   // in: a buffer of the caller; out: that, or memory that the caller frees
	size_t length;   // in: room; out: bytes
};
*/
import "C"

import (
	"unsafe"

	"py/border"
)

// gophersnake_content tells which bundle this is: the shim refuses another one's.
//
//export gophersnake_content
func gophersnake_content() C.uint64_t { return C.uint64_t(content) }

// gophersnake_call calls a function of the table by its number. The status is one of package border.
//
//export gophersnake_call
func gophersnake_call(number C.uint32_t, data unsafe.Pointer, length C.size_t, result *C.struct_gophersnake_result) C.int {
	if int(number) >= len(functions) {
		return border.Unsupported
	}
	room := int(result.length)
	buffer := unsafe.Slice((*byte)(unsafe.Pointer(result.data)), room)
	out, status := border.Call(functions[number], unsafe.Slice((*byte)(data), int(length)), buffer[:0])
	if status != border.Value {
		return C.int(status)
	}
	if len(out) > room {
		memory := C.malloc(C.size_t(len(out))) // never nil: Go ends the program before
		copy(unsafe.Slice((*byte)(memory), len(out)), out)
		result.data = (*C.uint8_t)(memory)
	}
	result.length = C.size_t(len(out))
	return border.Value
}

func main() {}
