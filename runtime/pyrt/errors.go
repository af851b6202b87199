package pyrt

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"py/dist.pyrt/py"
)

// Error is a Python exception. [errors.Is] tells its class, along Python's class hierarchy:
//
//	var failure *pyrt.Error
//	switch {
//	case errors.Is(err, exceptions.ValidationErrorClass):
//	case errors.As(err, &failure):
//		log.Print(failure.Class, failure.Args, failure.Traceback)
//	}
//
// The verb %+v prints the traceback.
type Error struct {
	Class     Class
	Message   string // str() of the exception
	Args      []any
	Traceback string // as Python prints it, with the causes
	Cause     *Error // the exception that this one was raised from or during
	Value     any    // the exception itself: of the Go type of its class, else an *Object; nil if made by Raise

	goError error // that a Go function gave to Python
}

// Raise makes an error that, returned from a Go function that Python called, raises that exception there. Its message is what
// Python's own classes make of args.
func Raise(class Class, args ...any) error {
	described := py.Exception{Class: class.Name, Args: args}
	return &Error{Class: class, Message: described.Message(), Args: args}
}

// Error gives class and message in one line, as the last line of a traceback has them.
func (e *Error) Error() string {
	if e.Message == "" {
		return e.Class.String()
	}
	return e.Class.String() + ": " + e.Message
}

// Format prints the traceback for %+v, else the error's text.
func (e *Error) Format(state fmt.State, verb rune) {
	switch {
	case verb == 'v' && state.Flag('+') && e.Traceback != "":
		fmt.Fprint(state, e.Traceback)
	case verb == 'q':
		fmt.Fprintf(state, "%q", e.Error())
	default:
		fmt.Fprint(state, e.Error())
	}
}

// Is tells for a [Class] whether Python's except would catch the exception with it.
func (e *Error) Is(target error) bool {
	class, ok := target.(Class)
	if !ok {
		return false
	}
	if e.Class == class {
		return true
	}
	if e.Value == nil {
		if is, known := derives(e.Class, class); known {
			return is
		}
	}
	var result any
	var err error
	if e.Value != nil {
		result, err = catches.Call([]any{class.Module, class.Name, e.Value}, nil, nil, nil)
	} else {
		result, err = catchesClass.Call([]any{class.Module, class.Name, e.Class.Module, e.Class.Name}, nil, nil, nil)
	}
	caught, _ := result.(bool)
	return err == nil && caught
}

// Unwrap gives the Go error that a Go function, called by Python, gave back and that became this exception. Python's own
// causes are no part of the chain, since except does not look at them: see Cause.
func (e *Error) Unwrap() error { return e.goError }

func newError(d decoder) error {
	var description any
	if len(d.data) > 0 {
		// A mere handle comes where Python could not even describe the exception: it must not be called again here.
		d.raw = d.raw || d.data[0] == 'h'
		description = d.value()
	}
	if e := errorOf(description); e != nil {
		return e
	}
	// Python had no memory or no stack left to describe it.
	return &Error{Class: BaseException, Message: "an exception that could not be described", Value: description}
}

func errorOf(description any) *Error {
	parts, _ := description.(Tuple)
	if len(parts) != 8 {
		return nil
	}
	e := &Error{Value: parts[5], Cause: errorOf(parts[6])}
	e.Class.Module, _ = parts[0].(string)
	e.Class.Name, _ = parts[1].(string)
	e.Message, _ = parts[2].(string)
	args, _ := parts[3].(Tuple)
	e.Args = args
	e.Traceback, _ = parts[4].(string)
	if id, _ := parts[7].(int64); id != 0 {
		e.goError, _ = goValues.get(uint64(id)).(error)
	}
	return e
}

// Panic is a Go panic in a function that Python called: Python sees a RuntimeError, Go finds it in the *Error's chain.
type Panic struct {
	Value any
	Stack string
}

// Error says what the panic said.
func (p *Panic) Error() string { return fmt.Sprint("Go panic: ", p.Value) }

// Unwrap gives the value of the panic if that is an error.
func (p *Panic) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

func newPanic(value any) *Panic { return &Panic{Value: value, Stack: string(debug.Stack())} }

// exceptionOf gives the Python exception for a Go error: the one that it is or wraps, the one that Raise describes, else a
// GoError (a RuntimeError) that carries it.
func exceptionOf(err error) (*Object, error) {
	err = NativeError(err)
	var e *Error
	if errors.As(err, &e) {
		if value, ok := e.Value.(holder); ok && !isNil(value) && value.PyObject() != nil {
			return value.PyObject(), nil
		}
		cell, problem := e.Class.resolve()
		if problem != nil {
			return nil, problem
		}
		return handleOf(call(e.Class, opCall|asHandle, cell, nil, e.Args, nil, nil, nil))
	}
	stack := ""
	if p := (*Panic)(nil); errors.As(err, &p) {
		stack = p.Stack
	}
	id := goValues.add(err)
	return goError.CallObject(strings.ToValidUTF8(err.Error(), "\uFFFD"), id, goValue(id), stack)
}
