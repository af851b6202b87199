//go:build cgo && !windows && !gophersnake_bundle

package pyrt

/*
#cgo CFLAGS: -std=gnu11
#cgo LDFLAGS: -lpthread
#cgo linux LDFLAGS: -ldl
#include <stdlib.h>
#include "bridge.h"
*/
import "C"

import (
	"errors"
	"syscall"
	"unsafe"
)

// The C side: bridge.h. bridge_stub.go stands in where there is no cgo.

const (
	statusValue     = C.PYRT_VALUE
	statusException = C.PYRT_EXCEPTION
	statusText      = C.PYRT_TEXT
	statusInteger   = C.PYRT_INTEGER
	statusEnd       = C.PYRT_END
	statusStranger  = C.PYRT_STRANGER

	opCall      = C.PYRT_CALL
	opNew       = C.PYRT_NEW
	opCallValue = C.PYRT_CALL_VALUE
	opMethod    = C.PYRT_METHOD
	opGet       = C.PYRT_GET
	opSet       = C.PYRT_SET
	opCellGet   = C.PYRT_CELL_GET
	opCellSet   = C.PYRT_CELL_SET
	opNext      = C.PYRT_NEXT
	opPlain     = C.PYRT_PLAIN
	asHandle    = C.PYRT_HANDLE
)

// answer is what a visit to C gave: data lies in the frame, or in memory of C.
type answer struct {
	status int
	data   []byte
	memory unsafe.Pointer
}

func newAnswer(result C.struct_pyrt_result, f *frame) answer {
	a := answer{status: int(result.status)}
	if result.data == nil {
		a.data = f.out[:result.size]
	} else {
		a.memory = unsafe.Pointer(result.data)
		a.data = unsafe.Slice((*byte)(a.memory), int(result.size))
	}
	return a
}

func (a *answer) free() {
	if a.memory != nil {
		C.pyrt_free(a.memory)
		a.memory, a.data = nil, nil
	}
}

func visit(operation int, subject uintptr, f *frame) answer {
	return newAnswer(C.pyrt_perform(C.int(operation), C.uintptr_t(subject), (*C.uchar)(unsafe.SliceData(f.in)),
		C.size_t(len(f.in)), (*C.uchar)(unsafe.SliceData(f.out)), C.size_t(len(f.out))), f)
}

func visitInteger(cell uintptr, argument int64, f *frame) (int64, answer) {
	result := C.pyrt_call_integer(C.uintptr_t(cell), C.int64_t(argument), (*C.uchar)(unsafe.SliceData(f.out)), C.size_t(len(f.out)))
	if result.other.status == C.PYRT_INTEGER {
		return int64(result.value), answer{status: statusInteger}
	}
	return 0, newAnswer(result.other, f)
}

func visitText(cell uintptr, argument string, f *frame) answer {
	return newAnswer(C.pyrt_call_text(C.uintptr_t(cell), (*C.char)(unsafe.Pointer(unsafe.StringData(argument))),
		C.size_t(len(argument)), (*C.uchar)(unsafe.SliceData(f.out)), C.size_t(len(f.out))), f)
}

func makeCell(module, name string, f *frame) (uintptr, answer) {
	moduleText, nameText := C.CString(module), C.CString(name)
	defer C.free(unsafe.Pointer(moduleText))
	defer C.free(unsafe.Pointer(nameText))
	var cell C.uintptr_t
	result := C.pyrt_cell(moduleText, nameText, &cell, (*C.uchar)(unsafe.SliceData(f.out)), C.size_t(len(f.out)))
	return uintptr(cell), newAnswer(result, f)
}

func makeName(name string) uintptr {
	return uintptr(C.pyrt_name((*C.char)(unsafe.Pointer(unsafe.StringData(name))), C.size_t(len(name))))
}

func release(references []uintptr) {
	C.pyrt_release((*C.uintptr_t)(unsafe.Pointer(unsafe.SliceData(references))), C.size_t(len(references)))
}

func retain(references []uintptr) {
	C.pyrt_retain((*C.uintptr_t)(unsafe.Pointer(unsafe.SliceData(references))), C.size_t(len(references)))
}

func bindType(object uintptr, number int32) {
	C.pyrt_type_bind(C.uintptr_t(object), C.int(number))
}

func syncFolder(folder string) error {
	text := C.CString(folder)
	defer C.free(unsafe.Pointer(text))
	if code := C.pyrt_sync(text); code != 0 {
		return syscall.Errno(code)
	}
	return nil
}

func forgetTypes() { C.pyrt_type_forget() }

// ---- start -----------------------------------------------------------------------------------------------------------

const cgoMissing = ""

// pythonInProcess tells whether libpython is in this process (1) and its interpreter runs (2).
func pythonInProcess() int { return int(C.pyrt_in_process()) }

func message(text *C.char) error {
	if text == nil {
		return nil
	}
	return errors.New(C.GoString(text))
}

func openLibrary(path, version string) error {
	pathText, versionText := C.CString(path), C.CString(version)
	defer C.free(unsafe.Pointer(pathText))
	defer C.free(unsafe.Pointer(versionText))
	return message(C.pyrt_open(pathText, versionText))
}

func startPython(home, program string) error {
	homeText, programText, source := C.CString(home), C.CString(program), C.CString(bootstrap)
	defer C.free(unsafe.Pointer(homeText))
	defer C.free(unsafe.Pointer(programText))
	defer C.free(unsafe.Pointer(source))
	return message(C.pyrt_start(homeText, programText, source))
}
