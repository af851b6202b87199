package pyrt

import (
	"runtime"
	"sync/atomic"
	"unsafe"
)

// Object is a handle to a Python object: what a Python variable is. Values of Python's own bool, int, float, str, bytes,
// list, tuple and dict come to Go as Go values; everything else comes as a handle, and as the Go type of its class where
// the package of that class is linked in.
//
// The Python object lives as long as Go holds a handle to it.
type Object struct {
	reference uintptr
	next      *Object // in the queue of those to release

	// Go walks a list of a memory span's finalizers to add one: 64 bytes make the lists short, and a handle twice as fast.
	_ [48]byte
}

// Bound is a Go value that stands for a Python object: every generated class has these methods from [Instance].
type Bound = interface {
	PyBind(*Object)
	PyObject() *Object
}

type holder interface {
	PyObject() *Object
}

// newObject takes over a reference.
func newObject(reference uintptr) *Object {
	object := &Object{reference: reference}
	runtime.SetFinalizer(object, (*Object).drop)
	return object
}

// ---- release ---------------------------------------------------------------------------------------------------------

// Go's finalizers must not wait for the GIL: they queue what they drop, and one goroutine releases it.
var (
	dropped     atomic.Pointer[Object]
	droppedSome = make(chan struct{}, 1)
)

func (o *Object) drop() {
	for {
		head := dropped.Load()
		o.next = head
		if dropped.CompareAndSwap(head, o) {
			break
		}
	}
	select {
	case droppedSome <- struct{}{}:
	default:
	}
}

func releaseDropped() {
	references := make([]uintptr, 0, 256)
	for range droppedSome {
		for object := dropped.Swap(nil); object != nil; object = object.next {
			references = append(references, object.reference)
			if len(references) == cap(references) { // others want the GIL too
				release(references)
				references = references[:0]
			}
		}
		if len(references) > 0 {
			release(references)
			references = references[:0]
		}
	}
}

// releaseNow is for handles that nobody else has.
func (o *Object) releaseNow() {
	runtime.SetFinalizer(o, nil)
	release([]uintptr{o.reference})
	o.reference = 0
}

// ---- handles ---------------------------------------------------------------------------------------------------------

// PyObject gives the handle itself.
func (o *Object) PyObject() *Object { return o }

// NewObject makes a Python object of a Go value and gives its handle: a list that stays the same list in several calls, say.
func NewObject(value any) (*Object, error) {
	result, err := perform(label("converting to Python"), opPlain|asHandle, 0, value)
	return handleOf(result, err)
}

// Import imports a Python module.
func Import(module string) (*Object, error) {
	return importModule.CallObject(module)
}

func handleOf(result any, err error) (*Object, error) {
	if err != nil {
		return nil, err
	}
	return result.(holder).PyObject(), nil
}

// Call calls the object. A last argument of type [Kwargs] is its keyword arguments.
func (o *Object) Call(args ...any) (any, error) { return Call(o, args...) }

// CallMethod calls a method. A last argument of type [Kwargs] is its keyword arguments.
func (o *Object) CallMethod(name string, args ...any) (any, error) {
	return CallMethod(o, name, args...)
}

// Get gives an attribute.
func (o *Object) Get(name string) (any, error) { return Get(o, name) }

// Set assigns an attribute.
func (o *Object) Set(name string, value any) error { return Set(o, name, value) }

// CallObject is Call with the result as a handle, whatever it is: a list is not copied to Go then.
func (o *Object) CallObject(args ...any) (*Object, error) {
	args, kwargs := splitKwargs(args)
	return handleOf(call(label("calling a Python object"), opCallValue|asHandle, 0, o, args, nil, nil, kwargs))
}

// GetObject is Get with the result as a handle, whatever it is.
func (o *Object) GetObject(name string) (*Object, error) {
	return handleOf(attribute(o, name, asHandle))
}

// TypeName gives the name of the object's class, with its module unless that is builtins.
func (o *Object) TypeName() string {
	name, err := Str(typeName.Call([]any{o}, nil, nil, nil))
	if err != nil {
		return "<" + err.Error() + ">"
	}
	return name
}

// String is Python's str() of the object, or says why there is none.
func (o *Object) String() string { return textOf(&toStr, o) }

// GoString is Python's repr() of the object.
func (o *Object) GoString() string { return textOf(&toRepr, o) }

func textOf(function *Func, object *Object) string {
	if object == nil {
		return "<no Python object>"
	}
	text, err := Str(function.Call([]any{object}, nil, nil, nil))
	if err != nil {
		return "<" + err.Error() + ">"
	}
	return text
}

// Instance is what every generated class embeds: the handle of the Python object that the Go value stands for.
type Instance struct {
	object *Object
}

// PyBind makes the value stand for that object.
func (i *Instance) PyBind(object *Object) { i.object = object }

// PyObject gives the handle, nil if there is none.
func (i *Instance) PyObject() *Object { return i.object }

// PyCall calls a method that has no Go name. A last argument of type [Kwargs] is its keyword arguments.
func (i *Instance) PyCall(method string, args ...any) (any, error) {
	return CallMethod(i, method, args...)
}

// PyGet gives an attribute that has no Go name.
func (i *Instance) PyGet(name string) (any, error) { return Get(i, name) }

// PySet assigns an attribute that has no Go name.
func (i *Instance) PySet(name string, value any) error { return Set(i, name, value) }

// String is Python's str() of the object.
func (i *Instance) String() string { return textOf(&toStr, i.object) }

// GoString is Python's repr() of the object.
func (i *Instance) GoString() string { return textOf(&toRepr, i.object) }

// isNil tells a nil pointer in an interface, without reflection: methods of embedded structs cannot be called on it.
func isNil(value holder) bool {
	return value == nil || (*[2]unsafe.Pointer)(unsafe.Pointer(&value))[1] == nil
}
