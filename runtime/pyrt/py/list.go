package py

import "strings"

// ListAt gives the index in Go of items[index], negative indices included, with its IndexError ("list index out of range").
func ListAt[T any](items []T, index int) (T, error) {
	i := index
	if i < 0 {
		i += len(items)
	}
	if i < 0 || i >= len(items) {
		var zero T
		return zero, IndexError("list index out of range")
	}
	return items[i], nil
}

// ListRange is items[start:end], sharing the memory of items; for step 1 and clamped bounds. See [From] and [To].
func ListRange[T any](items []T, start, end int) []T {
	start, end = clampSlice(start, end, len(items))
	if start >= end {
		return nil
	}
	return items[start:end:end]
}

// ListSlice is items[start:end:step], a new slice; nil stands for an omitted bound.
func ListSlice[T any](items []T, start, end *int, step int) ([]T, error) {
	first, count, err := sliceIndices(start, end, step, len(items))
	if err != nil {
		return nil, err
	}
	out := make([]T, count)
	for i := range out {
		out[i] = items[first+i*step]
	}
	return out, nil
}

// ListReplace is items[start:end] = values; it gives the new list.
func ListReplace[T any](items []T, start, end int, values []T) []T {
	start, end = clampSlice(start, end, len(items))
	end = max(end, start)
	out := make([]T, 0, len(items)-(end-start)+len(values))
	out = append(out, items[:start]...)
	out = append(out, values...)
	return append(out, items[end:]...)
}

// ListReplaceStep is items[start:end:step] = values, in place, with its ValueError if the sizes differ.
func ListReplaceStep[T any](items []T, start, end *int, step int, values []T) error {
	first, count, err := sliceIndices(start, end, step, len(items))
	if err != nil {
		return err
	}
	if count != len(values) {
		return ValueError("attempt to assign sequence of size %d to extended slice of size %d", len(values), count)
	}
	for i, value := range values {
		items[first+i*step] = value
	}
	return nil
}

// ListInsert is items.insert(index, value); it gives the new list.
func ListInsert[T any](items []T, index int, value T) []T {
	index, _ = clampSlice(index, 0, len(items))
	items = append(items, value)
	copy(items[index+1:], items[index:])
	items[index] = value
	return items
}

// ListPop is items.pop(index), with its IndexErrors: the value and the new list.
func ListPop[T any](items []T, index int) (value T, rest []T, err error) {
	if len(items) == 0 {
		return value, items, IndexError("pop from empty list")
	}
	i := index
	if i < 0 {
		i += len(items)
	}
	if i < 0 || i >= len(items) {
		return value, items, IndexError("pop index out of range")
	}
	value = items[i]
	copy(items[i:], items[i+1:])
	return value, items[:len(items)-1], nil
}

// ListIndex is items.index(value), with its ValueError.
func ListIndex[T comparable](items []T, value T) (int, error) {
	for i, item := range items {
		if item == value {
			return i, nil
		}
	}
	return 0, ValueError("%s is not in list", Repr(value))
}

// ListRemove is items.remove(value), with its ValueError; it gives the new list.
func ListRemove[T comparable](items []T, value T) ([]T, error) {
	for i, item := range items {
		if item == value {
			copy(items[i:], items[i+1:])
			return items[:len(items)-1], nil
		}
	}
	return items, ValueError("list.remove(x): x not in list")
}

// ListCount is items.count(value).
func ListCount[T comparable](items []T, value T) int {
	count := 0
	for _, item := range items {
		if item == value {
			count++
		}
	}
	return count
}

// ListRepeat is items * count.
func ListRepeat[T any](items []T, count int) []T {
	out := make([]T, 0, len(items)*max(count, 0))
	for ; count > 0; count-- {
		out = append(out, items...)
	}
	return out
}

// Reversed is items[::-1].
func Reversed[T any](items []T) []T {
	out := make([]T, len(items))
	for i, item := range items {
		out[len(items)-1-i] = item
	}
	return out
}

// Join is sep.join(items) for items of any kind, with its TypeError; for []string it is Go's strings.Join.
func Join(sep string, items []any) (string, error) {
	var out strings.Builder
	for i, item := range items {
		text, ok := item.(string)
		if !ok {
			return "", TypeError("sequence item %d: expected str instance, %s found", i, typeName(item))
		}
		if i > 0 {
			out.WriteString(sep)
		}
		out.WriteString(text)
	}
	return out.String(), nil
}
