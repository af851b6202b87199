package pyrt

import (
	"math/big"
	"sync/atomic"
	"unicode/utf8"

	"py/dist.pyrt/py"
)

// Kinds is a set of the kinds of values that native code takes.
type Kinds uint32

// The kinds. An int beyond int64 is a KindBigInt.
const (
	KindNone Kinds = 1 << iota
	KindBool
	KindInt
	KindBigInt
	KindFloat
	KindStr
	KindBytes
	KindList
	KindTuple
	KindDict
	KindSet
	KindFrozenset
	KindDate
	KindDateTime
	KindAwareDateTime // with a fixed offset from UTC
	KindTime
	KindAwareTime
	KindTimeDelta
	KindDecimal

	KindsPlain Kinds = 1<<iota - 1 // all of them
)

// Fit is the guard of a native function for one argument: whether it is of one of the kinds and, if it is a container, all in
// it of the kinds items, and how native code gets it: every integer as an int64 or, beyond it, a *big.Int, None as nil. What
// is of no kind (a handle, a callback, an instance of a subclass) never fits, nor does a string that is not UTF-8. The value
// is not copied unless something in it has to be changed.
func Fit(value any, kinds, items Kinds) (any, bool) {
	if text, is := value.(string); is {
		return value, kinds&KindStr != 0 && FitStr(text)
	}
	return fitOther(value, kinds, items)
}

// fitOther is [Fit] for what is no string. It stands apart so that the fast way needs no frame.
func fitOther(value any, kinds, items Kinds) (any, bool) {
	switch value.(type) {
	case nil:
		return nil, kinds&KindNone != 0
	case int64:
		return value, kinds&KindInt != 0
	case bool:
		return value, kinds&KindBool != 0
	}
	fitted, _, fits := fit(value, kinds, items, 0)
	return fitted, fits
}

// word is eight bytes of a string from one on: one load.
func word(text string, at int) uint64 {
	eight := text[at : at+8]
	return uint64(eight[0]) | uint64(eight[1])<<8 | uint64(eight[2])<<16 | uint64(eight[3])<<24 |
		uint64(eight[4])<<32 | uint64(eight[5])<<40 | uint64(eight[6])<<48 | uint64(eight[7])<<56
}

const (
	wordSize = 8
	notASCII = 0x8080808080808080
)

// FitStr is the guard for a string: whether it is UTF-8.
func FitStr(value string) bool {
	last := len(value) - wordSize
	if last < 0 {
		set := byte(0)
		for at := 0; at < len(value); at++ {
			set |= value[at]
		}
		return set < utf8.RuneSelf || utf8.ValidString(value)
	}
	set := word(value, last)
	for at := 0; at < last; at += wordSize { // the last two words may overlap
		set |= word(value, at)
	}
	return set&notASCII == 0 || utf8.ValidString(value)
}

// FitOption is [Fit] for a field of options: nil is not given and fits, [None] stays what it is.
func FitOption(value any, kinds, items Kinds) (any, bool) {
	switch value.(type) {
	case nil:
		return nil, true
	case NoneType:
		return value, kinds&KindNone != 0
	}
	return Fit(value, kinds, items)
}

// FitList is [Fit] for a list that Go knows to be one, *args too.
func FitList(values []any, items Kinds) ([]any, bool) {
	fitted, _, fits := fitItems(values, items, 1)
	return fitted, fits
}

// FitDict is [Fit] for a dict that Go knows to be one.
func FitDict(dict Dict, items Kinds) (Dict, bool) {
	fitted, _, fits := fitDict(dict, items, 1)
	return fitted, fits
}

// FitKwargs is [Fit] for **kwargs. The names of the function's other parameters don't fit.
func FitKwargs(kwargs Kwargs, items Kinds, names ...string) (Kwargs, bool) {
	var fitted Kwargs
	for _, name := range names {
		if _, twice := kwargs[name]; twice {
			return nil, false
		}
	}
	for name, value := range kwargs {
		value, changed, fits := fit(value, items, items, 1)
		if !fits || !FitStr(name) {
			return nil, false
		}
		if changed && fitted == nil {
			fitted = make(Kwargs, len(kwargs))
			for name, value := range kwargs {
				fitted[name] = value
			}
		}
		if changed {
			fitted[name] = value
		}
	}
	if fitted != nil {
		return fitted, true
	}
	return kwargs, true
}

// fit tells whether a value fits, and whether it had to be changed for it.
func fit(value any, kinds, items Kinds, depth int) (fitted any, changed, fits bool) {
	if depth > depthLimit {
		return value, false, false
	}
	kind := Kinds(0)
	switch v := value.(type) {
	case string:
		return value, false, kinds&KindStr != 0 && FitStr(v)
	case nil:
		kind = KindNone
	case NoneType:
		return nil, true, kinds&KindNone != 0
	case int64:
		kind = KindInt
	case bool:
		kind = KindBool
	case float64:
		kind = KindFloat
	case []byte:
		kind = KindBytes
		if v == nil {
			return []byte{}, true, kinds&KindBytes != 0
		}
	case []any:
		if kinds&KindList == 0 {
			return value, false, false
		}
		list, changed, fits := fitItems(v, items, depth+1)
		if v == nil {
			return []any{}, true, fits
		}
		return boxed(value, list, changed), changed, fits
	case Tuple:
		if kinds&KindTuple == 0 {
			return value, false, false
		}
		list, changed, fits := fitItems(v, items, depth+1)
		return boxed(value, Tuple(list), changed), changed, fits
	case Dict:
		if kinds&KindDict == 0 {
			return value, false, false
		}
		dict, changed, fits := fitDict(v, items, depth+1)
		return boxed(value, dict, changed), changed, fits
	case *py.AnyDict:
		if v == nil || kinds&KindDict == 0 {
			return value, false, false
		}
		dict, _, fits := fitDict(dictOf(v), items, depth+1)
		return dict, true, fits
	case *py.AnySet:
		if v == nil || kinds&KindSet == 0 {
			return value, false, false
		}
		_, changed, fits := fitItems(v.Values(), items, depth+1)
		return value, false, fits && !changed
	case *py.AnyFrozenSet:
		if v == nil || kinds&KindFrozenset == 0 {
			return value, false, false
		}
		_, changed, fits := fitItems(v.Values(), items, depth+1)
		return value, false, fits && !changed
	case *big.Int:
		if v == nil {
			return value, false, false
		}
		if v.IsInt64() {
			return v.Int64(), true, kinds&KindInt != 0
		}
		kind = KindBigInt
	default:
		if kind = timeKind(value); kind == 0 {
			return fitNumber(value, kinds)
		}
	}
	return value, false, kinds&kind != 0
}

// timeKind is of dates, their like and Decimals; else 0.
func timeKind(value any) Kinds {
	pick := func(aware bool, with, without Kinds) Kinds {
		if aware {
			return with
		}
		return without
	}
	switch v := value.(type) {
	case py.Date:
		return KindDate
	case py.DateTime:
		zone, aware := v.Zone()
		if !FitStr(zone.Name()) {
			return 0
		}
		return pick(aware, KindAwareDateTime, KindDateTime)
	case py.Time:
		zone, aware := v.Zone()
		if !FitStr(zone.Name()) {
			return 0
		}
		return pick(aware, KindAwareTime, KindTime)
	case py.TimeDelta:
		return KindTimeDelta
	case py.Decimal:
		return KindDecimal
	}
	return 0
}

// boxed saves an allocation where nothing was changed.
func boxed[T any](value any, made T, changed bool) any {
	if changed {
		return made
	}
	return value
}

// fitNumber is for Go's other numbers.
func fitNumber(value any, kinds Kinds) (fitted any, changed, fits bool) {
	small, large := int64(0), uint64(0)
	switch v := value.(type) {
	case int:
		small = int64(v)
	case int32:
		small = int64(v)
	case int16:
		small = int64(v)
	case int8:
		small = int64(v)
	case uint:
		large = uint64(v)
	case uint64:
		large = v
	case uint32:
		large = uint64(v)
	case uint16:
		large = uint64(v)
	case uint8:
		large = uint64(v)
	case float32:
		return float64(v), true, kinds&KindFloat != 0
	default:
		return value, false, false
	}
	if large > 1<<63-1 {
		return new(big.Int).SetUint64(large), true, kinds&KindBigInt != 0
	}
	return small + int64(large), true, kinds&KindInt != 0
}

func fitItems(values []any, items Kinds, depth int) (fitted []any, changed, fits bool) {
	fitted = values
	for i := range values {
		value, other, fits := fit(values[i], items, items, depth)
		if !fits {
			return values, false, false
		}
		if other && !changed {
			fitted, changed = append(make([]any, 0, len(values)), values...), true
		}
		if other {
			fitted[i] = value
		}
	}
	return fitted, changed, true
}

func fitDict(dict Dict, items Kinds, depth int) (fitted Dict, changed, fits bool) {
	fitted = dict
	for i := range dict {
		key, otherKey, keyFits := fit(dict[i].Key, items, items, depth)
		value, otherValue, valueFits := fit(dict[i].Value, items, items, depth)
		if !keyFits || !valueFits {
			return dict, false, false
		}
		if (otherKey || otherValue) && !changed {
			fitted, changed = append(make(Dict, 0, len(dict)), dict...), true
		}
		if changed {
			fitted[i] = Entry{key, value}
		}
	}
	return fitted, changed, distinct(fitted)
}

// distinct tells whether Python would have all the entries: keys that it can hash and no two equal ones.
func distinct(dict Dict) bool {
	if len(dict) < 2 {
		if len(dict) == 0 {
			return true
		}
		if _, is := dict[0].Key.(string); is {
			return true
		}
	}
	if len(dict) <= 8 && allStrings(dict) {
		for i := range dict {
			for j := range dict[:i] {
				if dict[i].Key.(string) == dict[j].Key.(string) {
					return false
				}
			}
		}
		return true
	}
	seen := new(py.AnySet)
	for i := range dict {
		if seen.Add(dict[i].Key) != nil {
			return false
		}
	}
	return seen.Len() == len(dict)
}

func allStrings(dict Dict) bool {
	for i := range dict {
		if _, is := dict[i].Key.(string); !is {
			return false
		}
	}
	return true
}

// ---- calls that go to the original -----------------------------------------------------------------------------------

var guarded atomic.Int64

// CountGuarded counts a call of a native function that goes to the original in CPython.
func CountGuarded() { guarded.Add(1) }

// GuardedCalls tells how many calls of native functions went to the original in CPython: their arguments were of another kind
// than those for which the native code is proved, or it gave up.
func GuardedCalls() int64 { return guarded.Load() }
