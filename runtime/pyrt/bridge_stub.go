//go:build !cgo || windows || gophersnake_bundle

package pyrt

import "errors"

// Without cgo there is no way to CPython: every call ends in ready() with this error, so nothing below is reached.

const cgoMissing = "this program was built without cgo, which the bridge to CPython needs: build it with CGO_ENABLED=1 and a C compiler, not on Windows"

const (
	statusValue = iota
	statusException
	statusText
	statusInteger
	statusEnd
	statusStranger
)

const (
	opCall = iota
	opNew
	opCallValue
	opMethod
	opGet
	opSet
	opCellGet
	opCellSet
	opNext
	opPlain
	asHandle = 0x100
)

type answer struct {
	status int
	data   []byte
}

func (a *answer) free() {}

var unreachable = answer{status: statusException}

func visit(int, uintptr, *frame) answer                   { return unreachable }
func visitInteger(uintptr, int64, *frame) (int64, answer) { return 0, unreachable }
func visitText(uintptr, string, *frame) answer            { return unreachable }
func makeCell(string, string, *frame) (uintptr, answer)   { return 0, unreachable }
func makeName(string) uintptr                             { return 0 }
func release([]uintptr)                                   {}
func retain([]uintptr)                                    {}
func bindType(uintptr, int32)                             {}
func syncFolder(string) error                             { return errors.New(cgoMissing) }
func forgetTypes()                                        {}
func pythonInProcess() int                                { return 0 }
func openLibrary(string, string) error                    { return errors.New(cgoMissing) }
func startPython(string, string) error                    { return errors.New(cgoMissing) }
