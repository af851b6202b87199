//go:build cgo && !windows && !gophersnake_bundle

package pyrt

/*
#include <stdlib.h>
#include "bridge.h"
*/
import "C"

import (
	"fmt"
	"unsafe"
)

// pyrtGoCall is how C calls a Go function for Python. Nothing that goes wrong passes as a panic.
//
//export pyrtGoCall
func pyrtGoCall(id C.uint64_t, in *C.uchar, size C.size_t, result *C.struct_pyrt_result) (failed C.int) {
	defer func() {
		if problem := recover(); problem != nil {
			failed = giveAnswer(result, statusText, []byte(fmt.Sprint("pyrt: Go panic: ", problem)))
		}
	}()
	f := newFrame()
	status := answerCall(uint64(id), unsafe.Slice((*byte)(in), int(size)), f)
	failed = giveAnswer(result, status, f.in)
	f.free()
	return failed
}

func giveAnswer(result *C.struct_pyrt_result, status int, data []byte) C.int {
	memory := C.malloc(C.size_t(len(data) + 1))
	if memory == nil {
		return 1
	}
	copy(unsafe.Slice((*byte)(memory), len(data)), data)
	result.data = (*C.uchar)(memory)
	result.size = C.size_t(len(data))
	result.status = C.int(status)
	return 0
}

// pyrtGoDrop is how C says that Python has dropped a Go value.
//
//export pyrtGoDrop
func pyrtGoDrop(id C.uint64_t) { goValues.drop(uint64(id)) }
