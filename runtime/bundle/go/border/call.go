package border

import (
	"errors"

	"py/dist.pyrt/py"
)

// Function calls a native function with what it reads from arguments.
type Function func(arguments *Arguments) (any, error)

// What became of a call. Everything but Value makes the shim call the original Python function with the same arguments.
const (
	Value       = 0
	Unsupported = 1 // py.ErrUnsupported, py.ErrOverflow, arguments or a result that cannot cross
	Exception   = 2 // the original raises it, with its traceback
	Panic       = 3
)

// Call calls a function: the result is behind what buffer has.
func Call(function Function, data, buffer []byte) (out []byte, status int) {
	defer func() {
		if recover() != nil {
			out, status = nil, Panic
		}
	}()
	arguments := Arguments{data: data}
	result, err := function(&arguments)
	switch {
	case err == nil:
		if out, ok := Append(buffer, result); ok {
			return out, Value
		}
		return nil, Unsupported
	case errors.Is(err, py.ErrUnsupported), errors.Is(err, py.ErrOverflow), errors.Is(err, errWire):
		return nil, Unsupported
	}
	return nil, Exception
}
