// Package border carries values between the C shim of the bundle and native functions (docs/formats/bundle.md, "Wire").
package border

import (
	"encoding/binary"
	"errors"
	"math"
	"math/big"

	"py/dist.pyrt"
	"py/dist.pyrt/py"
)

// The tags of the wire: one byte, then what the format says. Counts and lengths are 32 bits, little-endian.
const (
	tagNone     = 'N'
	tagTrue     = 'T'
	tagFalse    = 'F'
	tagInt      = 'i' // 64 bits
	tagBigInt   = 'I' // length, hexadecimal digits with a sign
	tagFloat    = 'd' // 64 bits
	tagStr      = 's' // length, UTF-8
	tagBytes    = 'b' // length, bytes
	tagList     = 'l' // count, items
	tagTuple    = 't'
	tagDict     = 'm' // count, keys and values in turn
	tagSet      = 'S'
	tagFrozen   = 'Z'
	tagNotGiven = '-'
)

const depthLimit = 100

var errWire = errors.New("the shim and the bundle disagree about the wire")

// Arguments are read one after the other, in the order of the function's parameters. What goes wrong is told by Err at the end.
type Arguments struct {
	data []byte
	err  error
}

// NewArguments reads from data, which is not kept.
func NewArguments(data []byte) *Arguments { return &Arguments{data: data} }

// Err is nil when all arguments were read and were of the types that were asked for.
func (a *Arguments) Err() error {
	if a.err == nil && len(a.data) != 0 {
		return errWire
	}
	return a.err
}

func (a *Arguments) fail(err error) {
	if a.err == nil {
		a.err = err
	}
	a.data = nil
}

func (a *Arguments) take(size int) []byte {
	if size < 0 || len(a.data) < size {
		a.fail(errWire)
		return nil
	}
	part := a.data[:size]
	a.data = a.data[size:]
	return part
}

// sized takes a length and as many bytes.
func (a *Arguments) sized() []byte { return a.take(a.count(1)) }

// count takes a number of things of which each needs so many bytes at least.
func (a *Arguments) count(each int) int {
	head := a.take(4)
	if head == nil {
		return 0
	}
	number := int(binary.LittleEndian.Uint32(head))
	if number > len(a.data)/each {
		a.fail(errWire)
		return 0
	}
	return number
}

func (a *Arguments) word() uint64 {
	if part := a.take(8); part != nil {
		return binary.LittleEndian.Uint64(part)
	}
	return 0
}

func (a *Arguments) tag() byte {
	if part := a.take(1); part != nil {
		return part[0]
	}
	return tagNone
}

// Any reads a required argument: None is nil.
func (a *Arguments) Any() any { return a.value(a.tag(), 0) }

// Option reads an optional one: nil where it is not given, [pyrt.None] for None.
func (a *Arguments) Option() any {
	switch tag := a.tag(); tag {
	case tagNotGiven:
		return nil
	case tagNone:
		return pyrt.None
	default:
		return a.value(tag, 0)
	}
}

// Args reads *args.
func (a *Arguments) Args() []any {
	list, ok := a.Any().(pyrt.Tuple)
	if !ok {
		a.fail(errWire)
	}
	if len(list) == 0 {
		return nil
	}
	return list
}

// Kwargs reads **kwargs.
func (a *Arguments) Kwargs() pyrt.Kwargs {
	dict, ok := a.Any().(pyrt.Dict)
	if !ok {
		a.fail(errWire)
	}
	if len(dict) == 0 {
		return nil
	}
	kwargs := make(pyrt.Kwargs, len(dict))
	for i := range dict {
		name, ok := dict[i].Key.(string)
		if !ok {
			a.fail(errWire)
			return nil
		}
		kwargs[name] = dict[i].Value
	}
	return kwargs
}

// To reads a required argument of the Go type T. What is none is [py.ErrUnsupported].
func To[T any](a *Arguments) T {
	value := a.Any()
	if typed, ok := value.(T); ok {
		return typed
	}
	typed, err := pyrt.To[T](value, nil)
	if err != nil {
		a.fail(py.ErrUnsupported)
	}
	return typed
}

func (a *Arguments) value(tag byte, depth int) any {
	switch tag {
	case tagStr:
		return string(a.sized()) // a copy: the shim's memory is not ours to keep
	case tagInt:
		return int64(a.word())
	case tagNone:
		return nil
	case tagTrue:
		return true
	case tagFalse:
		return false
	case tagFloat:
		return math.Float64frombits(a.word())
	case tagBytes:
		return append([]byte{}, a.sized()...)
	case tagBigInt:
		number, ok := new(big.Int).SetString(string(a.sized()), 16)
		if !ok {
			a.fail(errWire)
			return nil
		}
		return number
	}
	if value, is := a.time(tag); is {
		return value
	}
	return a.container(tag, depth)
}

func (a *Arguments) container(tag byte, depth int) any {
	if depth >= depthLimit {
		a.fail(errWire)
		return nil
	}
	switch tag {
	case tagList:
		return a.items(depth)
	case tagTuple:
		return pyrt.Tuple(a.items(depth))
	case tagDict:
		dict := make(pyrt.Dict, a.count(2))
		for i := range dict {
			dict[i].Key = a.value(a.tag(), depth+1)
			dict[i].Value = a.value(a.tag(), depth+1)
			if a.err != nil {
				return nil
			}
		}
		return dict
	case tagSet:
		set, err := py.NewAnySet(a.items(depth)...)
		if err != nil {
			a.fail(errWire)
		}
		return set
	case tagFrozen:
		set, err := py.NewAnyFrozenSet(a.items(depth)...)
		if err != nil {
			a.fail(errWire)
		}
		return set
	}
	a.fail(errWire)
	return nil
}

func (a *Arguments) items(depth int) []any {
	items := make([]any, a.count(1))
	for i := range items {
		items[i] = a.value(a.tag(), depth+1)
		if a.err != nil {
			return nil
		}
	}
	return items
}
