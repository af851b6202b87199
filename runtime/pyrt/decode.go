package pyrt

import (
	"math"
	"math/big"
)

// decoder reads values that C encoded.
type decoder struct {
	data  []byte
	raw   bool // handles stay *Object: no call is made to find their Go types
	whole bool // handles are wanted, not what they are the values of
}

func (d *decoder) number() uint64 {
	value := order.Uint64(d.data)
	d.data = d.data[8:]
	return value
}

func (d *decoder) bytes() []byte {
	size := d.number()
	bytes := d.data[:size]
	d.data = d.data[size:]
	return bytes
}

func (d *decoder) values() []any {
	values := make([]any, d.number())
	for i := range values {
		values[i] = d.value()
	}
	return values
}

func (d *decoder) value() any {
	tag := d.data[0]
	d.data = d.data[1:]
	switch tag {
	case 'N':
		return nil
	case 'T':
		return true
	case 'F':
		return false
	case 'i':
		return int64(d.number())
	case 'I':
		value, _ := new(big.Int).SetString(string(d.bytes()), 0) // "0x…", "-0x…"
		return value
	case 'f':
		return math.Float64frombits(d.number())
	case 's':
		return string(d.bytes())
	case 'b':
		return append([]byte{}, d.bytes()...)
	case 'l':
		return d.values()
	case 't':
		return Tuple(d.values())
	case 'd':
		dict := make(Dict, d.number())
		for i := range dict {
			dict[i].Key = d.value()
			dict[i].Value = d.value()
		}
		return dict
	case 'h':
		object := newObject(uintptr(d.number()))
		number := int32(order.Uint32(d.data))
		d.data = d.data[4:]
		if d.raw {
			return object
		}
		return bind(object, number, d.whole)
	}
	panic("pyrt: C encoded a value with tag " + string(rune(tag)))
}
