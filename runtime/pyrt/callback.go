package pyrt

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"sync"
)

// Callback is the general form of a Go function for Python: all positional and all keyword arguments. Any Go function can be
// passed to Python; its parameters are converted from what Python gives, a variadic one takes *args, a last one of type
// [Kwargs] takes **kwargs. Several results become a tuple, a last one of type error an exception, and a panic a
// RuntimeError. A function must not end its goroutine (runtime.Goexit, which testing's Fatal calls): Python waits for it.
type Callback func(args []any, kwargs Kwargs) (any, error)

const (
	takesArgs   = 1 // flags of bootstrap.go's function
	takesKwargs = 2
)

type callback struct {
	name       string
	parameters int
	flags      byte
	general    Callback      // else
	function   reflect.Value // any function
	fails      bool          // its last result is an error
}

var (
	typeError  = reflect.TypeFor[error]()
	typeKwargs = reflect.TypeFor[Kwargs]()
)

func newCallback(function reflect.Value) (*callback, error) {
	kind := function.Type()
	made := &callback{name: functionName(function), function: function}
	switch f := function.Interface().(type) {
	case Callback:
		made.general = f
	case func([]any, Kwargs) (any, error):
		made.general = f
	case func(...any) (any, error):
		made.general = func(args []any, _ Kwargs) (any, error) { return f(args...) }
		made.flags = takesArgs
		return made, nil
	}
	if made.general != nil {
		made.flags = takesArgs | takesKwargs
		return made, nil
	}
	made.parameters = kind.NumIn()
	if kind.IsVariadic() {
		made.parameters--
		made.flags |= takesArgs
	} else if made.parameters > 0 && kind.In(made.parameters-1) == typeKwargs {
		made.parameters--
		made.flags |= takesKwargs
	}
	made.fails = kind.NumOut() > 0 && kind.Out(kind.NumOut()-1) == typeError
	for i := 0; i < kind.NumIn(); i++ {
		switch kind.In(i).Kind() {
		case reflect.Chan, reflect.UnsafePointer, reflect.Complex64, reflect.Complex128, reflect.Func:
			return nil, fmt.Errorf("%s: Python has nothing that could become its parameter of type %s", made.name, kind.In(i))
		}
	}
	return made, nil
}

// functionName gives "parse" of "example.com/app/sql.parse" and "main.func1" of a literal in main: what tracebacks show.
func functionName(function reflect.Value) string {
	name := "go"
	if f := runtime.FuncForPC(function.Pointer()); f != nil {
		name = f.Name()
	}
	name = name[strings.LastIndexByte(name, '/')+1:]
	return strings.TrimSuffix(strings.ToValidUTF8(name, ""), "-fm")
}

func (c *callback) call(args []any, kwargs Kwargs) (any, error) {
	if c.general != nil {
		return c.general(args, kwargs)
	}
	kind := c.function.Type()
	if len(args) < c.parameters || (len(args) > c.parameters && c.flags&takesArgs == 0) {
		return nil, Raise(TypeError, fmt.Sprintf("%s takes %d arguments, %d were given", c.name, c.parameters, len(args)))
	}
	in := make([]reflect.Value, 0, len(args)+1)
	for i, arg := range args {
		var target reflect.Type
		if i < c.parameters {
			target = kind.In(i)
		} else {
			target = kind.In(c.parameters).Elem()
		}
		value := reflect.New(target).Elem()
		if err := assignTo(value, arg); err != nil {
			return nil, Raise(TypeError, fmt.Sprintf("%s: argument %d: %v", c.name, i+1, err))
		}
		in = append(in, value)
	}
	if c.flags&takesKwargs != 0 {
		in = append(in, reflect.ValueOf(kwargs))
	} else if len(kwargs) > 0 {
		return nil, Raise(TypeError, c.name+" takes no keyword arguments")
	}
	return c.results(c.function.Call(in))
}

func (c *callback) results(out []reflect.Value) (any, error) {
	if c.fails {
		last := len(out) - 1
		if err, _ := out[last].Interface().(error); err != nil {
			return nil, err
		}
		out = out[:last]
	}
	switch len(out) {
	case 0:
		return nil, nil
	case 1:
		return out[0].Interface(), nil
	}
	tuple := make(Tuple, len(out))
	for i := range out {
		tuple[i] = out[i].Interface()
	}
	return tuple, nil
}

// protected calls a Go function of a user: no panic passes.
func (c *callback) protected(args []any, kwargs Kwargs) (result any, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			result, err = nil, newPanic(problem)
		}
	}()
	return c.call(args, kwargs)
}

// answerCall runs the Go function that Python calls and encodes its answer into the frame; status is C's.
func answerCall(id uint64, in []byte, f *frame) (status int) {
	f.answer = true
	d := decoder{data: in}
	args, _ := d.value().(Tuple)
	keywords, _ := d.value().(Dict)
	function, ok := goValues.get(id).(*callback)
	if !ok {
		f.in = append(f.in, "the Go function is gone"...)
		return statusText
	}
	var kwargs Kwargs
	if len(keywords) > 0 {
		kwargs = make(Kwargs, len(keywords))
		for i := range keywords {
			name, _ := keywords[i].Key.(string)
			kwargs[name] = keywords[i].Value
		}
	}
	result, err := function.protected(args, kwargs)
	if err == nil {
		if err = f.value(result, 0); err == nil {
			f.retain()
			runtime.KeepAlive(result)
			return statusValue
		}
		err = fmt.Errorf("%s: its result: %w", function.name, err)
		f.reset()
	}
	exception, problem := exceptionOf(err)
	if problem == nil {
		f.handle(exception)
		f.retain()
		runtime.KeepAlive(exception)
		return statusException
	}
	f.in = append(f.in, strings.ToValidUTF8(errors.Join(err, problem).Error(), "\uFFFD")...)
	return statusText
}

// reset forgets what was encoded for an answer.
func (f *frame) reset() {
	for _, id := range f.ids {
		goValues.drop(id)
	}
	f.ids, f.in, f.owned = f.ids[:0], f.in[:0], f.owned[:0]
}

func (f *frame) retain() {
	if len(f.owned) > 0 {
		retain(f.owned)
	}
	runtime.KeepAlive(f.keep)
}

// ---- Go values in Python's hands -------------------------------------------------------------------------------------

// goValue is the number of one, encoded as a capsule.
type goValue uint64

type goValueTable struct {
	sync.Mutex
	last   uint64
	values map[uint64]any
}

var goValues goValueTable

func (t *goValueTable) add(value any) uint64 {
	t.Lock()
	defer t.Unlock()
	if t.values == nil {
		t.values = map[uint64]any{}
	}
	t.last++
	t.values[t.last] = value
	return t.last
}

func (t *goValueTable) get(id uint64) any {
	t.Lock()
	defer t.Unlock()
	return t.values[id]
}

func (t *goValueTable) drop(id uint64) {
	t.Lock()
	defer t.Unlock()
	delete(t.values, id)
}

func (t *goValueTable) count() int {
	t.Lock()
	defer t.Unlock()
	return len(t.values)
}
