package pyrt

import (
	"cmp"
	"slices"
	"sort"

	"py/dist.pyrt/py"
)

// NoneType is the type of [None].
type NoneType struct{}

// None is Python's None. It is needed where nil means "not given": in the options of functions. Everywhere else nil is None
// too, and None comes back from Python as nil.
var None NoneType

func (NoneType) String() string { return "None" }

// Tuple is a Python tuple.
type Tuple = py.Tuple

// Dict is a Python dict: its entries in order, with keys of any kind.
type Dict []Entry

// Entry is one entry of a [Dict].
type Entry struct {
	Key, Value any
}

// NewDict makes a Dict of keys and values that alternate. An odd last key has the value None.
func NewDict(pairs ...any) Dict {
	dict := make(Dict, 0, (len(pairs)+1)/2)
	for i := 0; i < len(pairs); i += 2 {
		entry := Entry{Key: pairs[i]}
		if i+1 < len(pairs) {
			entry.Value = pairs[i+1]
		}
		dict = append(dict, entry)
	}
	return dict
}

// DictOf makes a Dict of a Go map, in the order of its keys.
func DictOf[K cmp.Ordered, V any](entries map[K]V) Dict {
	dict := make(Dict, 0, len(entries))
	for key, value := range entries {
		dict = append(dict, Entry{key, value})
	}
	slices.SortFunc(dict, func(a, b Entry) int { return cmp.Compare(a.Key.(K), b.Key.(K)) })
	return dict
}

// Get gives the value of a key that is a bool, string, int64, float64 or another comparable Go value; an int serves for an
// int64.
func (d Dict) Get(key any) (value any, ok bool) {
	if number, is := key.(int); is {
		key = int64(number)
	}
	for i := range d {
		if have := d[i].Key; hashable(have) && have == key {
			return d[i].Value, true
		}
	}
	return nil, false
}

func hashable(value any) bool {
	switch value.(type) {
	case Tuple, Dict, []any, []byte:
		return false
	}
	return true
}

// Map gives the entries whose keys are strings.
func (d Dict) Map() map[string]any {
	entries := make(map[string]any, len(d))
	for i := range d {
		if key, ok := d[i].Key.(string); ok {
			entries[key] = d[i].Value
		}
	}
	return entries
}

// Kwargs are keyword arguments by name. They reach Python in the order of their names. What stands in it is given: nil is None.
type Kwargs map[string]any

func (k Kwargs) names() []string {
	names := make([]string, 0, len(k))
	for name := range k {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// Keyword is one optional (or keyword-only) parameter of a generated function. A nil Value is not given.
type Keyword struct {
	Name  string
	Value any
	// PositionalOnly parameters have no name in calls.
	PositionalOnly bool
	// BeforeArgs marks one that stands before *args: once there are such, it too must come by position.
	BeforeArgs bool
}

// Given wraps the value of a required keyword: nil becomes None.
func Given(value any) any {
	if value == nil {
		return None
	}
	return value
}
