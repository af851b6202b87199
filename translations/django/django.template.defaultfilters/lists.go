// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package defaultfilters

import (
	"errors"
	"slices"
	"strings"

	pyrt "py/dist.pyrt"
	"py/dist.pyrt/py"
)

func First(value any) (any, error) {
	return itemAt(value, 0)
}

func Last(value any) (any, error) {
	return itemAt(value, -1)
}

// itemAt gives value[index], and "" where Python raises IndexError.
func itemAt(value any, index int) (any, error) {
	var items []any
	switch list := value.(type) {
	case string:
		char, err := py.Index(list, index)
		if err != nil {
			return "", nil
		}
		return char, nil
	case []any:
		items = list
	case py.Tuple:
		items = list
	default:
		return nil, py.ErrUnsupported
	}
	item, err := py.ListAt(items, index)
	if err != nil {
		return "", nil
	}
	return item, nil
}

func Length(value any) (any, error) {
	switch list := value.(type) {
	case string:
		return int64(py.Len(list)), nil
	case []byte:
		return int64(len(list)), nil
	case []any:
		return int64(len(list)), nil
	case py.Tuple:
		return int64(len(list)), nil
	case pyrt.Dict:
		return int64(len(list)), nil
	case nil, bool, int64, float64:
		return int64(0), nil
	}
	return nil, py.ErrUnsupported
}

func SliceFilter(value any, arg any) (any, error) {
	spec, err := str(arg)
	if err != nil {
		return nil, err
	}
	var bounds [3]*int
	bits := strings.Split(spec, ":")
	for i, bit := range bits {
		if bit == "" {
			continue
		}
		number, err := py.ParseInt(bit, 10)
		if py.Except(err, "ValueError") != nil {
			return value, nil
		}
		if err != nil {
			return nil, err
		}
		if i < len(bounds) {
			bounds[i] = py.P(int(number))
		}
	}
	start, end, step := bounds[0], bounds[1], 1
	switch {
	case len(bits) > 3:
		return value, nil
	case len(bits) == 1:
		start, end = nil, bounds[0]
	case bounds[2] != nil:
		step = *bounds[2]
	}
	if step == 0 {
		return value, nil
	}
	switch list := value.(type) {
	case string:
		part, err := py.SliceStep(list, start, end, step)
		return part, err
	case []any:
		part, err := py.ListSlice(list, start, end, step)
		return part, err
	case py.Tuple:
		part, err := py.ListSlice([]any(list), start, end, step)
		return py.Tuple(part), err
	case nil, bool, int64, float64:
		return value, nil
	}
	return nil, py.ErrUnsupported
}

func Dictsort(value any, arg any) (any, error) {
	return sortBy(value, arg, false)
}

func Dictsortreversed(value any, arg any) (any, error) {
	return sortBy(value, arg, true)
}

type keyed struct {
	key, item any
}

// sortBy sorts dicts by a key or a path of keys, lists and tuples by the number of an item.
func sortBy(value, arg any, reverse bool) (any, error) {
	path, isPath := arg.(string)
	_, isNumber := arg.(int64)
	if isPath {
		if _, err := py.ParseFloat(path); err == nil || path == "" {
			return nil, py.ErrUnsupported
		}
		if path[0] == '_' || strings.Contains(path, "._") {
			return "", nil // access to private variables is forbidden
		}
	}
	if !isPath && !isNumber {
		return nil, py.ErrUnsupported
	}
	var list []any
	switch given := value.(type) {
	case []any:
		list = given
	case py.Tuple:
		list = given
	case nil, bool, int64, float64:
		return "", nil
	default:
		return nil, py.ErrUnsupported
	}
	rows := make([]any, len(list))
	for i, item := range list {
		key, err := keyOf(item, arg)
		if err == errNoKey {
			return "", nil
		}
		if err != nil {
			return nil, err
		}
		rows[i] = keyed{key, item}
	}
	err := py.SortAny(rows, func(row any) any { return row.(keyed).key }, reverse)
	if py.Except(err, "TypeError") != nil {
		return "", nil
	}
	if err != nil {
		return nil, err
	}
	sorted := make([]any, len(rows))
	for i, row := range rows {
		sorted[i] = row.(keyed).item
	}
	return sorted, nil
}

// errNoKey stands for the AttributeError or TypeError that Django takes for "nothing to sort".
var errNoKey = errors.New("no such key")

// methods are attributes of a dict, which Django finds where there is no such key.
var methods = []string{"clear", "copy", "fromkeys", "get", "items", "keys", "pop", "popitem", "setdefault", "update", "values"}

// keyOf gives what a row is sorted by; only scalars are compared here.
func keyOf(item, arg any) (any, error) {
	if path, isPath := arg.(string); isPath {
		for _, part := range strings.Split(path, ".") {
			dict, isDict := item.(pyrt.Dict)
			if !isDict {
				return nil, py.ErrUnsupported
			}
			found := false
			if item, found = dict.Get(part); !found {
				if slices.Contains(methods, part) {
					return nil, py.ErrUnsupported
				}
				return nil, errNoKey
			}
		}
	} else {
		var items []any
		switch row := item.(type) {
		case []any:
			items = row
		case py.Tuple:
			items = row
		case nil, bool, int64, float64:
			return nil, errNoKey
		default:
			return nil, py.ErrUnsupported
		}
		var err error
		if item, err = py.ListAt(items, int(arg.(int64))); err != nil {
			return nil, py.ErrUnsupported // an IndexError
		}
	}
	switch item.(type) {
	case nil, bool, int64, string:
		return item, nil
	}
	return nil, py.ErrUnsupported
}
