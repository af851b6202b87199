// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package hashable

import (
	pyrt "py/dist.pyrt"
	"py/dist.pyrt/py"
)

func MakeHashable(value any) (any, error) {
	switch given := value.(type) {
	case pyrt.Dict:
		keys := make([]any, len(given))
		for i, entry := range given {
			keys[i] = entry.Key
		}
		if err := py.SortAny(keys, nil, false); err != nil {
			return nil, py.ErrUnsupported // a TypeError of the items
		}
		items := py.Tuple{}
		for _, key := range keys {
			nested, found := given.Get(key)
			if !found {
				return nil, py.ErrUnsupported
			}
			item, err := MakeHashable(nested)
			if err != nil {
				return nil, err
			}
			items = append(items, py.Tuple{key, item})
		}
		return items, nil
	case []any:
		return hashableItems(given)
	case py.Tuple:
		return hashableItems(given)
	case *py.AnySet: // a tuple in its order, which only Python knows
		return nil, py.ErrUnsupported
	}
	return value, nil
}

// hashableItems makes a tuple of the items: of a hashable tuple it makes an equal one.
func hashableItems(items []any) (any, error) {
	made := py.Tuple{}
	for _, item := range items {
		hashable, err := MakeHashable(item)
		if err != nil {
			return nil, err
		}
		made = append(made, hashable)
	}
	return made, nil
}
