// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package choices

import (
	pyrt "py/dist.pyrt"
	"py/dist.pyrt/py"
)

func NormalizeChoices(value any, options ...NormalizeChoicesOptions) (any, error) {
	var o NormalizeChoicesOptions
	if len(options) > 0 {
		o = options[0]
	}
	depth := int64(0)
	if o.Depth != nil {
		given, isInt := o.Depth.(int64)
		if !isInt {
			return nil, py.ErrUnsupported
		}
		depth = given
	}
	return normalize(value, depth)
}

func normalize(value any, depth int64) (any, error) {
	if depth >= 2 {
		return value, nil
	}
	var items []any
	switch given := value.(type) {
	case pyrt.Dict:
		for _, entry := range given {
			items = append(items, py.Tuple{entry.Key, entry.Value})
		}
	case []any:
		items = given
	case py.Tuple:
		items = given
	default:
		return value, nil
	}
	if _, isDict := value.(pyrt.Dict); !isDict {
		for _, item := range items {
			switch item.(type) {
			case string, []byte:
				return value, nil
			}
		}
	}
	pairs := make([]any, len(items))
	for i, item := range items {
		var both []any
		switch pair := item.(type) {
		case py.Tuple:
			both = pair
		case []any:
			both = pair
		case pyrt.Dict:
			return nil, py.ErrUnsupported // two keys would do
		}
		if len(both) != 2 {
			return value, nil
		}
		inner, err := normalize(both[1], depth+1)
		if err != nil {
			return nil, err
		}
		pairs[i] = py.Tuple{both[0], inner}
	}
	return pairs, nil
}
