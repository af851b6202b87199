package pyrt

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Type says which Go type stands for a Python class.
type Type struct {
	Module, Name string // where the class is defined, its qualified name
	New          func() Bound
}

// Numbers of Python types without a Go type, and of those that C has not asked about (internal.h).
const (
	typeNone    = -1
	typeUnknown = -2
)

// A class is found by the names on its MRO when the first handle of it comes; C remembers the number.
var types struct {
	sync.Mutex
	lists   [][]Type // as registered
	indexed int      // of lists, how many are in byName
	byName  map[[2]string]int32
	asked   bool
	all     atomic.Pointer[[]Type] // by number
}

// RegisterTypes tells pyrt the classes of a generated package. It only remembers the list: package init functions call it.
func RegisterTypes(list []Type) {
	types.Lock()
	types.lists = append(types.lists, list)
	late := types.asked
	types.Unlock()
	if late {
		forgetTypes() // what was decided may change
	}
}

// numberOf gives the number of the first name that has a Go type.
func numberOf(names []any) int32 {
	types.Lock()
	defer types.Unlock()
	types.asked = true
	if types.byName == nil {
		types.byName = map[[2]string]int32{}
	}
	if types.indexed < len(types.lists) {
		var all []Type
		if old := types.all.Load(); old != nil {
			all = *old
		}
		for ; types.indexed < len(types.lists); types.indexed++ {
			for _, row := range types.lists[types.indexed] {
				key := [2]string{row.Module, row.Name}
				if _, known := types.byName[key]; !known {
					types.byName[key] = int32(len(all))
					all = append(all, row)
				}
			}
		}
		types.all.Store(&all)
	}
	for _, name := range names {
		pair, _ := name.(Tuple)
		if len(pair) != 2 {
			continue
		}
		module, _ := pair[0].(string)
		class, _ := pair[1].(string)
		if number, known := types.byName[[2]string{module, class}]; known {
			return number
		}
	}
	return typeNone
}

// bind gives the Go value for a handle: of the Go type of its class, or of the nearest class above that has one. Unless it is
// wanted as a whole, a date and its like become values.
func bind(object *Object, number int32, whole bool) any {
	if number == typeUnknown {
		if names, ok := ancestorsOf(object); ok {
			if number = numberOf(names); number == typeNone && isValueClass(names) {
				number = typeValue
			}
			bindType(object.reference, number)
			runtime.KeepAlive(object)
		}
	}
	if number == typeValue && !whole {
		if value, is := valueOf(object); is {
			return value
		}
	}
	if number < 0 {
		return object
	}
	made := (*types.all.Load())[number].New()
	made.PyBind(object)
	return made
}

var ancestorsCell uintptr // of the bootstrap's function, from the start on

// ancestorsOf gives the names on the MRO of an object's class. It fails where Python has no stack left; then the failure must
// not be looked at closer, since that would come here again.
func ancestorsOf(object *Object) ([]any, bool) {
	if ancestorsCell == 0 {
		return nil, false // the start itself fails
	}
	f := newFrame()
	defer f.free()
	if err := f.arguments(nil, []any{object}, nil, nil, nil); err != nil {
		return nil, false
	}
	a := visit(opCall, ancestorsCell, f)
	runtime.KeepAlive(object)
	result, err := a.decode(decoder{data: a.data, raw: true})
	names, ok := result.([]any)
	return names, ok && err == nil
}
