package py

import (
	"iter"
	"math"
	"math/big"
	"sort"
	"strings"
)

// AnyDict is a dict with keys of any hashable kind and Python's equality among them: 1, 1.0 and True are one key. The zero
// value is an empty dict. Keys that Python cannot hash give its TypeError.
type AnyDict struct {
	entries Dict[any, anyEntry]
}

type anyEntry struct{ key, value any }

type (
	tupleKey  string // what a tuple holds, written down
	bytesKey  string
	bigKey    string
	frozenKey string
)

// NewAnyDict makes a dict of keys and values that alternate: {1: "a", "b": 2} is NewAnyDict(int64(1), "a", "b", int64(2)).
func NewAnyDict(pairs ...any) (*AnyDict, error) {
	d := new(AnyDict)
	for i := 0; i+1 < len(pairs); i += 2 {
		if err := d.Set(pairs[i], pairs[i+1]); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// hashKey gives a comparable Go value that is the same for keys that are equal in Python.
func hashKey(key any) (any, error) {
	switch v := key.(type) {
	case string, int64, nil:
		return v, nil
	case bool:
		if v {
			return int64(1), nil
		}
		return int64(0), nil
	case int:
		return int64(v), nil
	case *big.Int:
		if v.IsInt64() {
			return v.Int64(), nil
		}
		return bigKey(v.String()), nil
	case float64:
		if v == math.Trunc(v) && !math.IsInf(v, 0) {
			if v >= -(1<<63) && v < 1<<63 {
				return int64(v), nil
			}
			whole, _ := new(big.Float).SetFloat64(v).Int(nil)
			return bigKey(whole.String()), nil
		}
		return v, nil // a NaN is unequal to itself: each is a key of its own
	case []byte:
		return bytesKey(v), nil
	case Tuple:
		var out []byte
		for _, item := range v {
			part, err := hashKey(item)
			if err != nil {
				return nil, err
			}
			out = appendKey(out, part)
		}
		return tupleKey(out), nil
	case *AnyFrozenSet:
		parts := make([]string, 0, v.Len())
		for _, item := range v.Values() {
			part, err := hashKey(item)
			if err != nil {
				return nil, err
			}
			parts = append(parts, string(appendKey(nil, part)))
		}
		sort.Strings(parts)
		return frozenKey(strings.Join(parts, "")), nil
	case Decimal:
		return decimalKey(v)
	case Time, DateTime:
		at, _ := momentOf(v)
		return at, nil
	case []any, []string, *AnyDict, *AnySet:
		return nil, TypeError("unhashable type: '%s'", typeName(key))
	}
	return key, nil
}

// appendKey writes a normalised key so that no two different ones look alike: kind, text, length.
func appendKey(out []byte, key any) []byte {
	start := len(out)
	kind := byte('?')
	switch v := key.(type) {
	case nil:
		kind = 'N'
	case string:
		kind, out = 's', append(out, v...)
	case tupleKey:
		kind, out = 't', append(out, v...)
	case frozenKey:
		kind, out = 'z', append(out, v...)
	case bytesKey:
		kind, out = 'b', append(out, v...)
	case bigKey:
		kind, out = 'i', append(out, v...)
	case int64:
		kind, out = 'i', append(out, Repr(v)...)
	case float64:
		kind, out = 'f', append(out, FloatRepr(v)...)
	default:
		out = append(out, Repr(v)...)
	}
	length := len(out) - start
	return append(out, kind, byte(length), byte(length>>8), byte(length>>16), byte(length>>24))
}

// Len is len(d).
func (d *AnyDict) Len() int { return d.entries.Len() }

// Get gives the value of a key, and whether it is there.
func (d *AnyDict) Get(key any) (value any, ok bool, err error) {
	normal, err := hashKey(key)
	if err != nil {
		return nil, false, err
	}
	entry, ok := d.entries.Get(normal)
	return entry.value, ok, nil
}

// Item is d[key], with its KeyError.
func (d *AnyDict) Item(key any) (any, error) {
	value, ok, err := d.Get(key)
	if err == nil && !ok {
		err = KeyError(key)
	}
	return value, err
}

// Set is d[key] = value.
func (d *AnyDict) Set(key, value any) error {
	normal, err := hashKey(key)
	if err != nil {
		return err
	}
	if i := d.entries.find(normal); i >= 0 {
		d.entries.entries[i].value.value = value
	} else {
		d.entries.Set(normal, anyEntry{key, value})
	}
	return nil
}

// SetDefault is d.setdefault(key, value).
func (d *AnyDict) SetDefault(key, value any) (any, error) {
	have, ok, err := d.Get(key)
	if ok || err != nil {
		return have, err
	}
	return value, d.Set(key, value)
}

// Pop is d.pop(key): the value, and whether the key was there.
func (d *AnyDict) Pop(key any) (value any, ok bool, err error) {
	if d.Len() == 0 {
		return nil, false, nil // as CPython: the key is not even hashed
	}
	normal, err := hashKey(key)
	if err != nil {
		return nil, false, err
	}
	entry, ok := d.entries.Pop(normal)
	return entry.value, ok, nil
}

// Delete is del d[key].
func (d *AnyDict) Delete(key any) error {
	normal, err := hashKey(key)
	if err != nil {
		return err
	}
	if _, ok := d.entries.Pop(normal); !ok {
		return KeyError(key)
	}
	return nil
}

// PopItem is d.popitem().
func (d *AnyDict) PopItem() (key, value any, err error) {
	_, entry, err := d.entries.PopItem()
	return entry.key, entry.value, err
}

// Update is d.update(other).
func (d *AnyDict) Update(other *AnyDict) {
	for normal, entry := range other.entries.Items() {
		if i := d.entries.find(normal); i >= 0 {
			d.entries.entries[i].value.value = entry.value
		} else {
			d.entries.Set(normal, entry)
		}
	}
}

// Copy is d.copy().
func (d *AnyDict) Copy() *AnyDict { return &AnyDict{*d.entries.Copy()} }

// Clear is d.clear().
func (d *AnyDict) Clear() { d.entries.Clear() }

// Items iterates over d.items().
func (d *AnyDict) Items() iter.Seq2[any, any] {
	return func(yield func(any, any) bool) {
		for _, entry := range d.entries.Items() {
			if !yield(entry.key, entry.value) {
				return
			}
		}
	}
}

// Keys is list(d).
func (d *AnyDict) Keys() []any {
	keys := make([]any, 0, d.Len())
	for key := range d.Items() {
		keys = append(keys, key)
	}
	return keys
}
