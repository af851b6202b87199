package pyrt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"sort"
	"sync"

	"py/dist.pyrt/py"
)

// frame holds the bytes of one visit to C: what goes in and where the result may stand (internal.h has the format).
type frame struct {
	in, out []byte
	ids     []uint64  // Go values that the bytes mention: C takes them over
	keep    []*Object // made while encoding
	answer  bool      // for an answer to Python: handles take a reference along
	owned   []uintptr // those handles
}

const (
	frameOut   = 1024
	frameLimit = 1 << 16 // larger ones go back to Go's heap
	depthLimit = 500     // of Go values
)

var frames = sync.Pool{New: func() any { return &frame{in: make([]byte, 0, 256), out: make([]byte, frameOut)} }}

func newFrame() *frame { return frames.Get().(*frame) }

func (f *frame) free() {
	if cap(f.in) > frameLimit {
		return
	}
	f.in = f.in[:0]
	f.ids = f.ids[:0]
	f.owned = f.owned[:0]
	f.keep = nil
	f.answer = false
	frames.Put(f)
}

// abandon gives up what was encoded: C never sees it.
func (f *frame) abandon() {
	for _, id := range f.ids {
		goValues.drop(id)
	}
	f.free()
}

var order = binary.NativeEndian

func (f *frame) tag(tag byte) { f.in = append(f.in, tag) }

func (f *frame) number(tag byte, value uint64) {
	f.in = order.AppendUint64(append(f.in, tag), value)
}

func (f *frame) text(tag byte, text string) {
	f.number(tag, uint64(len(text)))
	f.in = append(f.in, text...)
}

func (f *frame) handle(object *Object) {
	if f.answer {
		f.owned = append(f.owned, object.reference)
		f.number('O', uint64(object.reference))
	} else {
		f.number('o', uint64(object.reference))
	}
}

// made encodes a handle that only this frame has.
func (f *frame) made(object *Object, err error) error {
	if err != nil {
		return err
	}
	f.keep = append(f.keep, object)
	f.handle(object)
	return nil
}

func (f *frame) integer(value int64) { f.number('i', uint64(value)) }

func (f *frame) bigInteger(value *big.Int) {
	if value.IsInt64() {
		f.integer(value.Int64())
	} else {
		f.text('I', value.Text(16))
	}
}

func (f *frame) holder(value holder) error {
	if isNil(value) {
		f.tag('N')
		return nil
	}
	object := value.PyObject()
	if object == nil {
		return fmt.Errorf("this %T stands for no Python object: make one with its New function", value)
	}
	f.handle(object)
	return nil
}

func (f *frame) sequence(tag byte, items []any, depth int) error {
	f.number(tag, uint64(len(items)))
	for _, item := range items {
		if err := f.value(item, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (f *frame) strings(entries map[string]any, depth int) error {
	f.number('d', uint64(len(entries)))
	for _, name := range Kwargs(entries).names() {
		f.text('s', name)
		if err := f.value(entries[name], depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (f *frame) value(value any, depth int) error {
	if depth > depthLimit {
		return fmt.Errorf("a Go value is nested more than %d deep", depthLimit)
	}
	switch v := value.(type) {
	case nil, NoneType:
		f.tag('N')
	case bool:
		if v {
			f.tag('T')
		} else {
			f.tag('F')
		}
	case int:
		f.integer(int64(v))
	case int64:
		f.integer(v)
	case string:
		f.text('s', v)
	case float64:
		f.number('f', math.Float64bits(v))
	case []byte:
		f.number('b', uint64(len(v)))
		f.in = append(f.in, v...)
	case []any:
		return f.sequence('l', v, depth)
	case Tuple:
		return f.sequence('t', v, depth)
	case Dict:
		f.number('d', uint64(len(v)))
		for i := range v {
			if err := f.value(v[i].Key, depth+1); err != nil {
				return err
			}
			if err := f.value(v[i].Value, depth+1); err != nil {
				return err
			}
		}
	case Kwargs:
		return f.strings(v, depth)
	case map[string]any:
		return f.strings(v, depth)
	case *big.Int:
		if v == nil {
			f.tag('N')
		} else {
			f.bigInteger(v)
		}
	case big.Int:
		f.bigInteger(&v)
	case *Object:
		if v == nil {
			f.tag('N')
		} else {
			f.handle(v)
		}
	case holder:
		return f.holder(v)
	case Class:
		return f.made(v.Object())
	case *Func:
		return f.made(v.Object())
	case goValue:
		f.ids = append(f.ids, uint64(v))
		f.number('c', uint64(v))
	case *py.AnyDict:
		if v == nil {
			f.tag('N')
			return nil
		}
		return f.value(dictOf(v), depth)
	case py.Date, py.Time, py.DateTime, py.TimeDelta, py.Decimal, *py.AnySet, *py.AnyFrozenSet:
		parts := partsOfValue(value)
		if parts == nil {
			f.tag('N')
			return nil
		}
		return f.made(fromParts.CallObject(parts...))
	case error:
		return f.made(exceptionOf(v))
	default:
		return f.reflected(reflect.ValueOf(value), depth)
	}
	return nil
}

// reflected encodes what value has no case for: other kinds of numbers, slices, maps, pointers, and functions.
func (f *frame) reflected(value reflect.Value, depth int) error {
	switch value.Kind() {
	case reflect.Bool:
		return f.value(value.Bool(), depth)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		f.integer(value.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		f.bigInteger(new(big.Int).SetUint64(value.Uint()))
	case reflect.Float32, reflect.Float64:
		f.number('f', math.Float64bits(value.Float()))
	case reflect.String:
		f.text('s', value.String())
	case reflect.Slice, reflect.Array:
		if value.Kind() == reflect.Slice && value.Type().Elem().Kind() == reflect.Uint8 {
			return f.value(value.Bytes(), depth)
		}
		f.number('l', uint64(value.Len()))
		for i := 0; i < value.Len(); i++ {
			if err := f.value(value.Index(i).Interface(), depth+1); err != nil {
				return err
			}
		}
	case reflect.Map:
		return f.reflectedMap(value, depth)
	case reflect.Pointer:
		if value.IsNil() {
			f.tag('N')
			return nil
		}
		return f.value(value.Elem().Interface(), depth+1)
	case reflect.Func:
		if value.IsNil() {
			f.tag('N')
			return nil
		}
		return f.function(value)
	default:
		return fmt.Errorf("a Go %s cannot become a Python object", value.Type())
	}
	return nil
}

// reflectedMap encodes a map in the order of its keys, so that the same map is always the same dict.
func (f *frame) reflectedMap(value reflect.Value, depth int) error {
	keys := value.MapKeys()
	sort.Slice(keys, func(i, j int) bool {
		a, b := keys[i], keys[j]
		switch {
		case a.CanInt():
			return a.Int() < b.Int()
		case a.CanUint():
			return a.Uint() < b.Uint()
		case a.CanFloat():
			return a.Float() < b.Float()
		case a.Kind() == reflect.String:
			return a.String() < b.String()
		}
		return fmt.Sprint(a) < fmt.Sprint(b)
	})
	f.number('d', uint64(len(keys)))
	for _, key := range keys {
		if err := f.value(key.Interface(), depth+1); err != nil {
			return err
		}
		if err := f.value(value.MapIndex(key).Interface(), depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (f *frame) function(value reflect.Value) error {
	made, err := newCallback(value)
	if err != nil {
		return err
	}
	id := goValues.add(made)
	f.ids = append(f.ids, id)
	f.number('g', id)
	f.in = order.AppendUint32(f.in, uint32(made.parameters))
	f.in = append(f.in, made.flags)
	f.in = order.AppendUint64(f.in, uint64(len(made.name)))
	f.in = append(f.in, made.name...)
	return nil
}

// ---- arguments -------------------------------------------------------------------------------------------------------

// arguments encodes a call: the counts of positional and keyword arguments, then the values, keywords with their names.
func (f *frame) arguments(self any, args []any, keywords []Keyword, star []any, kwargs Kwargs) error {
	f.in = append(f.in, 0, 0, 0, 0, 0, 0, 0, 0)
	positional, named := 0, 0
	if self != nil {
		if err := f.value(self, 0); err != nil {
			return err
		}
		positional++
	}
	for i, arg := range args {
		if err := f.value(arg, 0); err != nil {
			return fmt.Errorf("argument %d: %w", i+1, err)
		}
		positional++
	}
	missing := ""
	for i := range keywords {
		k := &keywords[i]
		if !k.PositionalOnly && (!k.BeforeArgs || len(star) == 0) {
			continue
		}
		if k.Value == nil {
			missing = k.Name
			continue
		}
		if missing != "" {
			return fmt.Errorf("%s comes by position, so %s must be given too", k.Name, missing)
		}
		if err := f.value(k.Value, 0); err != nil {
			return fmt.Errorf("%s: %w", k.Name, err)
		}
		positional++
	}
	if missing != "" && len(star) > 0 {
		return fmt.Errorf("variable arguments come by position, so %s must be given too", missing)
	}
	for i, arg := range star {
		if err := f.value(arg, 0); err != nil {
			return fmt.Errorf("variable argument %d: %w", i+1, err)
		}
		positional++
	}
	for i := range keywords {
		k := &keywords[i]
		if k.Value == nil || k.PositionalOnly || (k.BeforeArgs && len(star) > 0) {
			continue
		}
		if err := f.keyword(k.Name, k.Value); err != nil {
			return err
		}
		named++
	}
	for _, name := range kwargs.names() {
		for i := range keywords {
			if keywords[i].Name == name && keywords[i].Value != nil && !keywords[i].PositionalOnly {
				return fmt.Errorf("%s is given twice: by its field and in Kwargs", name)
			}
		}
		if err := f.keyword(name, kwargs[name]); err != nil {
			return err
		}
		named++
	}
	order.PutUint32(f.in[0:], uint32(positional))
	order.PutUint32(f.in[4:], uint32(named))
	return nil
}

var errName = errors.New("a name must be UTF-8")

func (f *frame) keyword(name string, value any) error {
	interned, err := internName(name)
	if err != nil {
		return err
	}
	f.number('o', uint64(interned))
	if err := f.value(value, 0); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
