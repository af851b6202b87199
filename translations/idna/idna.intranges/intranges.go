// Derived from idna 3.20, Copyright (c) 2013-2026, Kim Davies and contributors; BSD-3-Clause, see LICENSE.

package intranges

import (
	"slices"
	"sort"

	pyrt "py/dist.pyrt"
	"py/dist.pyrt/py"
)

// integers gives the items of a list or tuple of ints.
func integers(items []any) ([]int64, error) {
	numbers := make([]int64, len(items))
	for i, item := range items {
		number, ok := item.(int64)
		if !ok {
			return nil, py.ErrUnsupported
		}
		numbers[i] = number
	}
	return numbers, nil
}

func IntrangesFromList(list_ []any) (any, error) {
	sorted, err := integers(list_)
	if err != nil {
		return nil, err
	}
	slices.Sort(sorted)
	ranges := py.Tuple{}
	first := 0 // of the current range
	for i, number := range sorted {
		if i+1 < len(sorted) && number == sorted[i+1]-1 {
			continue
		}
		end, err := py.Add(number, 1)
		if err != nil {
			return nil, err
		}
		encoded, err := encodeRange(sorted[first], end)
		if err != nil {
			return nil, err
		}
		ranges = append(ranges, encoded)
		first = i + 1
	}
	return ranges, nil
}

func encodeRange(start, end int64) (int64, error) {
	shifted, err := py.LeftShift(start, 32)
	return shifted | end, err
}

func IntrangesContain(int_ int, ranges any) (bool, error) {
	var items []any
	switch value := ranges.(type) {
	case pyrt.Tuple:
		items = value
	case []any:
		items = value
	default:
		return false, py.ErrUnsupported
	}
	encoded, err := integers(items)
	if err != nil {
		return false, err
	}
	key, err := encodeRange(int64(int_), 0)
	if err != nil {
		return false, err
	}
	position := sort.Search(len(encoded), func(i int) bool { return encoded[i] >= key })
	if position > 0 {
		before := encoded[position-1]
		if before>>32 <= int64(int_) && int64(int_) < before&(1<<32-1) {
			return true, nil
		}
	}
	return position < len(encoded) && encoded[position]>>32 == int64(int_), nil
}
