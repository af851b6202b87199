package pyrt

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

// label is what errors call an operation that has no name.
type label string

func (l label) String() string { return string(l) }

// call makes one call: self (unless nil) and args, keywords, star and kwargs as a generated function has them.
func call(who fmt.Stringer, operation int, subject uintptr, self any, args []any, keywords []Keyword, star []any, kwargs Kwargs) (any, error) {
	f := newFrame()
	if err := f.arguments(self, args, keywords, star, kwargs); err != nil {
		f.abandon()
		return nil, fmt.Errorf("pyrt: %s: %w", who, err)
	}
	result, err := f.perform(operation, subject)
	runtime.KeepAlive(self)
	runtime.KeepAlive(args)
	runtime.KeepAlive(keywords)
	runtime.KeepAlive(star)
	runtime.KeepAlive(kwargs)
	return result, err
}

// perform does an operation that takes values, not arguments.
func perform(who fmt.Stringer, operation int, subject uintptr, values ...any) (any, error) {
	if err := ready(); err != nil {
		return nil, err
	}
	f := newFrame()
	for _, value := range values {
		if err := f.value(value, 0); err != nil {
			f.abandon()
			return nil, fmt.Errorf("pyrt: %s: %w", who, err)
		}
	}
	result, err := f.perform(operation, subject)
	runtime.KeepAlive(values)
	return result, err
}

// perform visits C, takes the result and ends the frame.
func (f *frame) perform(operation int, subject uintptr) (any, error) {
	a := visit(operation, subject, f)
	result, err := a.decode(decoder{data: a.data, whole: operation&asHandle != 0})
	runtime.KeepAlive(f.keep)
	f.free()
	return result, err
}

// end of an iteration.
type endOfIteration struct{}

// strange is what a class gave instead of an instance.
type strange struct{ value any }

func (a *answer) result() (result any, err error) { return a.decode(decoder{data: a.data}) }

func (a *answer) decode(d decoder) (result any, err error) {
	switch a.status {
	case statusValue:
		result = d.value()
	case statusText:
		result = string(a.data)
	case statusEnd:
		result = endOfIteration{}
	case statusStranger:
		result = strange{d.value()}
	default:
		err = newError(d)
	}
	a.free()
	return result, err
}

// ---- functions -------------------------------------------------------------------------------------------------------

// Func is a Python function by its module and name ("parse", "Statement.from_text"). It is looked up in the module at each
// call, as Python does. The module is imported at the first call.
type Func struct {
	Module, Name string

	cell atomic.Uintptr
}

// String gives the dotted name.
func (f *Func) String() string { return f.Module + "." + f.Name }

func (f *Func) resolve() (uintptr, error) {
	if cell := f.cell.Load(); cell != 0 {
		return cell, nil
	}
	cell, err := newCell(f.Module, f.Name)
	if err == nil {
		f.cell.Store(cell)
	}
	return cell, err
}

func newCell(module, name string) (uintptr, error) {
	if err := ready(); err != nil {
		return 0, err
	}
	return cellOf(module, name)
}

func cellOf(module, name string) (uintptr, error) {
	f := newFrame()
	cell, a := makeCell(module, name, f)
	if a.status == statusException {
		_, err := a.result()
		f.free()
		return 0, err
	}
	f.free()
	return cell, nil
}

// Call calls the function with positional arguments, optional and keyword-only parameters, then *args and **kwargs.
func (f *Func) Call(args []any, keywords []Keyword, star []any, kwargs Kwargs) (any, error) {
	cell, err := f.resolve()
	if err != nil {
		return nil, err
	}
	return call(f, opCall, cell, nil, args, keywords, star, kwargs)
}

// CallObject calls the function with positional arguments and gives the result as a handle, whatever it is. A last argument
// of type [Kwargs] is its keyword arguments.
func (f *Func) CallObject(args ...any) (*Object, error) {
	cell, err := f.resolve()
	if err != nil {
		return nil, err
	}
	args, kwargs := splitKwargs(args)
	return handleOf(call(f, opCall|asHandle, cell, nil, args, nil, nil, kwargs))
}

// CallIntInt is the short way for a function from int to int.
func (f *Func) CallIntInt(argument int) (int, error) {
	cell := f.cell.Load()
	if cell == 0 {
		var err error
		if cell, err = f.resolve(); err != nil {
			return 0, err
		}
	}
	frame := newFrame()
	value, a := visitInteger(cell, int64(argument), frame)
	if a.status == statusInteger && int64(int(value)) == value {
		frame.free()
		return int(value), nil
	}
	if a.status == statusInteger {
		frame.free()
		return As[int](f.String(), value, nil)
	}
	result, err := a.result()
	frame.free()
	return As[int](f.String(), result, err)
}

// CallStrStr is the short way for a function from str to str.
func (f *Func) CallStrStr(argument string) (string, error) {
	cell := f.cell.Load()
	if cell == 0 {
		var err error
		if cell, err = f.resolve(); err != nil {
			return "", err
		}
	}
	frame := newFrame()
	a := visitText(cell, argument, frame)
	if a.status == statusText {
		text := string(a.data)
		a.free()
		frame.free()
		return text, nil
	}
	result, err := a.result()
	frame.free()
	return As[string](f.String(), result, err)
}

// Object gives the function itself, to be passed to Python.
func (f *Func) Object() (*Object, error) {
	return cellObject(f.resolve())
}

func cellObject(cell uintptr, err error) (*Object, error) {
	if err != nil {
		return nil, err
	}
	return handleOf(perform(label("looking up a name"), opCellGet|asHandle, cell))
}

// Method is a method of a Python class, looked up on the object at each call.
type Method struct {
	Module, Class, Name string

	name atomic.Uintptr
}

// String gives the dotted name.
func (m *Method) String() string { return m.Module + "." + m.Class + "." + m.Name }

// Call calls the method; the arguments are those of [Func.Call].
func (m *Method) Call(self Bound, args []any, keywords []Keyword, star []any, kwargs Kwargs) (any, error) {
	name := m.name.Load()
	if name == 0 {
		var err error
		if name, err = internName(m.Name); err != nil {
			return nil, err
		}
		m.name.Store(name)
	}
	if isNil(self) || self.PyObject() == nil {
		return nil, fmt.Errorf("pyrt: %s: this %T stands for no Python object: make one with its New function", m, self)
	}
	return call(m, opMethod, name, self, args, keywords, star, kwargs)
}

// Var is a variable of a Python module. The module is imported at the first use.
type Var struct {
	Module, Name string

	cell atomic.Uintptr
}

// String gives the dotted name.
func (v *Var) String() string { return v.Module + "." + v.Name }

func (v *Var) resolve() (uintptr, error) {
	if cell := v.cell.Load(); cell != 0 {
		return cell, nil
	}
	cell, err := newCell(v.Module, v.Name)
	if err == nil {
		v.cell.Store(cell)
	}
	return cell, err
}

// Get gives the variable's value.
func (v *Var) Get() (any, error) {
	cell, err := v.resolve()
	if err != nil {
		return nil, err
	}
	return perform(v, opCellGet, cell)
}

// Set assigns the variable.
func (v *Var) Set(value any) error {
	cell, err := v.resolve()
	if err != nil {
		return err
	}
	_, err = perform(v, opCellSet, cell, value)
	return err
}

// ---- classes ---------------------------------------------------------------------------------------------------------

// Class is a Python class by its module and qualified name. Classes are comparable, can be passed to Python, and are errors
// in the sense that [errors.Is] takes them:
//
//	if errors.Is(err, pyrt.KeyError) { … }
type Class struct {
	Module, Name string
}

var classCells sync.Map // Class → uintptr

func (c Class) resolve() (uintptr, error) {
	if cell, ok := classCells.Load(c); ok {
		return cell.(uintptr), nil
	}
	cell, err := newCell(c.Module, c.Name)
	if err == nil {
		classCells.Store(c, cell)
	}
	return cell, err
}

// String gives the dotted name, without the module if that is builtins.
func (c Class) String() string {
	if c.Module == "builtins" || c.Module == "" {
		return c.Name
	}
	return c.Module + "." + c.Name
}

// Error gives the same as String: it makes a class the target of [errors.Is].
func (c Class) Error() string { return c.String() }

// Object gives the class object.
func (c Class) Object() (*Object, error) { return cellObject(c.resolve()) }

// Call calls the class. A last argument of type [Kwargs] is its keyword arguments.
func (c Class) Call(args ...any) (any, error) {
	cell, err := c.resolve()
	if err != nil {
		return nil, err
	}
	args, kwargs := splitKwargs(args)
	return call(c, opCall, cell, nil, args, nil, nil, kwargs)
}

// New makes an instance and binds self to it; the arguments are those of [Func.Call].
func (c Class) New(self Bound, args []any, keywords []Keyword, star []any, kwargs Kwargs) error {
	cell, err := c.resolve()
	if err != nil {
		return err
	}
	result, err := call(c, opNew, cell, nil, args, keywords, star, kwargs)
	if err != nil {
		return err
	}
	if other, ok := result.(strange); ok {
		return fmt.Errorf("pyrt: the class %s gave %s, not an instance: use Call", c, pythonType(other.value))
	}
	self.PyBind(result.(holder).PyObject())
	return nil
}

// ---- names -----------------------------------------------------------------------------------------------------------

var internedNames sync.Map // string → uintptr

// internName gives Python's one str object of a name.
func internName(name string) (uintptr, error) {
	if known, ok := internedNames.Load(name); ok {
		return known.(uintptr), nil
	}
	if err := ready(); err != nil {
		return 0, err
	}
	made := makeName(name)
	if made == 0 {
		return 0, fmt.Errorf("pyrt: the name %q: %w", name, errName)
	}
	internedNames.Store(name, made)
	return made, nil
}
