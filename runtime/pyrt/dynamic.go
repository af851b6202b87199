package pyrt

import (
	"fmt"
	"iter"
	"runtime"
)

// Python functions that this package itself calls.
var (
	importModule = Func{Module: "importlib", Name: "import_module"}
	toStr        = Func{Module: "builtins", Name: "str"}
	toRepr       = Func{Module: "builtins", Name: "repr"}
	toList       = Func{Module: "builtins", Name: "list"}
	toBool       = Func{Module: "builtins", Name: "bool"}
	lengthOf     = Func{Module: "builtins", Name: "len"}
	bufferBytes  = Func{Module: "_gophersnake", Name: "buffer_bytes"}
	typeName     = Func{Module: "_gophersnake", Name: "kind"}
	getItem      = Func{Module: "_gophersnake", Name: "get_item"}
	setItem      = Func{Module: "_gophersnake", Name: "set_item"}
	deleteItem   = Func{Module: "_gophersnake", Name: "delete_item"}
	equal        = Func{Module: "_gophersnake", Name: "equal"}
	iterate      = Func{Module: "_gophersnake", Name: "iterate"}
	wait         = Func{Module: "_gophersnake", Name: "wait"}
	enter        = Func{Module: "_gophersnake", Name: "enter"}
	leave        = Func{Module: "_gophersnake", Name: "leave"}
	goError      = Func{Module: "_gophersnake", Name: "go_error"}
	catches      = Func{Module: "_gophersnake", Name: "catches"}
	catchesClass = Func{Module: "_gophersnake", Name: "catches_class"}
	begin        = Func{Module: "_gophersnake", Name: "begin"}
	facts        = Func{Module: "_gophersnake", Name: "facts"}
	partsOf      = Func{Module: "_gophersnake", Name: "parts"}
	fromParts    = Func{Module: "_gophersnake", Name: "from_parts"}
)

func splitKwargs(args []any) ([]any, Kwargs) {
	if last := len(args) - 1; last >= 0 {
		if kwargs, ok := args[last].(Kwargs); ok {
			return args[:last], kwargs
		}
	}
	return args, nil
}

// Call calls a Python object: a handle, a class, a function. A last argument of type [Kwargs] is its keyword arguments.
func Call(callable any, args ...any) (any, error) {
	if err := ready(); err != nil {
		return nil, err
	}
	if callable == nil {
		callable = None // for Python to refuse
	}
	args, kwargs := splitKwargs(args)
	return call(label("calling a Python object"), opCallValue, 0, callable, args, nil, nil, kwargs)
}

// CallMethod calls a method of anything that is or can become a Python object. A last argument of type [Kwargs] is its
// keyword arguments.
func CallMethod(target any, name string, args ...any) (any, error) {
	interned, err := internName(name)
	if err != nil {
		return nil, err
	}
	if target == nil {
		target = None
	}
	args, kwargs := splitKwargs(args)
	return call(label("calling the method "+name), opMethod, interned, target, args, nil, nil, kwargs)
}

func attribute(target any, name string, flags int) (any, error) {
	interned, err := internName(name)
	if err != nil {
		return nil, err
	}
	return perform(label(name), opGet|flags, interned, target)
}

// Get gives an attribute of anything that is or can become a Python object.
func Get(target any, name string) (any, error) { return attribute(target, name, 0) }

// Set assigns an attribute.
func Set(target any, name string, value any) error {
	interned, err := internName(name)
	if err != nil {
		return err
	}
	_, err = perform(label(name), opSet, interned, target, value)
	return err
}

// Item gives target[key].
func Item(target, key any) (any, error) { return getItem.Call([]any{target, key}, nil, nil, nil) }

// SetItem does target[key] = value.
func SetItem(target, key, value any) error {
	_, err := setItem.Call([]any{target, key, value}, nil, nil, nil)
	return err
}

// DeleteItem does del target[key].
func DeleteItem(target, key any) error {
	_, err := deleteItem.Call([]any{target, key}, nil, nil, nil)
	return err
}

// Len wraps a call and gives the length of its result.
func Len(result any, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	return Int(lengthOf.Call([]any{result}, nil, nil, nil))
}

// Equal tells whether Python finds two values equal.
func Equal(a, b any) (bool, error) { return Bool(equal.Call([]any{a, b}, nil, nil, nil)) }

// Same tells whether two handles are of one Python object: Python's "is".
func Same(a, b any) bool {
	left, ok := a.(holder)
	right, also := b.(holder)
	if !ok || !also || isNil(left) || isNil(right) {
		return false
	}
	x, y := left.PyObject(), right.PyObject()
	return x != nil && y != nil && x.reference == y.reference
}

// Iter wraps a call and goes through its result as Python's for does, through an asynchronous iterable too. An error ends
// the loop.
//
//	for token, err := range pyrt.Iter(statement.Tokens()) { … }
func Iter(result any, err error) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		if err != nil {
			yield(nil, err)
			return
		}
		switch v := result.(type) {
		case []any:
			iterateSlice(v, yield)
		case Tuple:
			iterateSlice(v, yield)
		default:
			iterateObject(result, yield)
		}
	}
}

func iterateSlice(items []any, yield func(any, error) bool) {
	for _, item := range items {
		if !yield(item, nil) {
			return
		}
	}
}

func iterateObject(value any, yield func(any, error) bool) {
	iterator, err := iterate.CallObject(value)
	if err != nil {
		yield(nil, err)
		return
	}
	defer iterator.releaseNow() // a generator that was left early ends now
	for {
		item, err := perform(label("iterating"), opNext, iterator.reference)
		if _, ended := item.(endOfIteration); ended {
			return
		}
		if !yield(item, err) || err != nil {
			return
		}
	}
}

// With does what Python's with statement does: enters the context manager, runs body with what that gave, and exits it
// with body's error as the exception. It gives body's error unless the manager swallows it. The goroutine keeps its thread
// meanwhile. Asynchronous context managers work too.
func With(manager any, body func(value any) error) (err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	value, err := enter.Call([]any{manager}, nil, nil, nil)
	if err != nil {
		return err
	}
	done := false
	defer func() {
		if done {
			return
		}
		failure := error(nil)
		problem := recover()
		if problem != nil {
			failure = newPanic(problem)
		}
		// The panic (or runtime.Goexit) goes on whatever the manager says.
		if _, exitErr := leave.Call([]any{manager, failure}, nil, nil, nil); exitErr != nil && problem != nil {
			problem = fmt.Sprintf("%v (and leaving the context manager: %v)", problem, exitErr)
		}
		if problem != nil {
			panic(problem)
		}
	}()
	err = body(value)
	done = true
	swallowed, exitErr := Bool(leave.Call([]any{manager, err}, nil, nil, nil))
	if exitErr != nil {
		return exitErr
	}
	if swallowed {
		return nil
	}
	return err
}

// Await wraps a call that gives a coroutine (or another awaitable), runs it in the event loop of this process and gives its
// result. The loop has a thread of its own and lives on, so tasks that the coroutine started go on, and what is bound to a
// loop (connections, locks) can be used in the next Await. Any number of goroutines can wait at once.
func Await(result any, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return wait.Call([]any{result}, nil, nil, nil)
}

// OnThread runs body with the goroutine tied to its thread. Goroutines move between threads, so calls that must meet the
// same Python thread state belong into one OnThread: what uses threading.local or context variables (Django's database
// connections, the active translation), objects of sqlite3.
func OnThread(body func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return body()
}
