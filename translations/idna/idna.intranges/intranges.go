// Derived from idna 3.20, Copyright (c) 2013-2026, Kim Davies and contributors; BSD-3-Clause, see LICENSE.

package intranges

import (
	"slices"

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
	key, err := encodeRange(int64(int_), 0)
	if err != nil {
		return false, err
	}
	start, end := 0, len(items) // bisect
	for start < end {
		middle := (start + end) / 2
		encoded, ok := items[middle].(int64)
		if !ok {
			return false, py.ErrUnsupported
		}
		if encoded < key {
			start = middle + 1
		} else {
			end = middle
		}
	}
	if start > 0 {
		before, ok := items[start-1].(int64)
		if !ok {
			return false, py.ErrUnsupported
		}
		if before>>32 <= int64(int_) && int64(int_) < before&(1<<32-1) {
			return true, nil
		}
	}
	if start == len(items) {
		return false, nil
	}
	after, ok := items[start].(int64)
	if !ok {
		return false, py.ErrUnsupported
	}
	return after>>32 == int64(int_), nil
}
