package py

import (
	"cmp"
	"iter"
	"slices"
)

// SortBy is items.sort(key=key, reverse=reverse) in place, for keys with an order in Go: strings compare as in Python, by code
// points; floats must not be NaN. It is stable, also in reverse; each key is computed once.
func SortBy[T any, K cmp.Ordered](items []T, key func(T) K, reverse bool) {
	type pair struct {
		key  K
		item T
	}
	pairs := make([]pair, len(items))
	for i, item := range items {
		pairs[i] = pair{key(item), item}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int {
		if reverse {
			return cmp.Compare(b.key, a.key)
		}
		return cmp.Compare(a.key, b.key)
	})
	for i := range pairs {
		items[i] = pairs[i].item
	}
}

// SortFunc is items.sort(key=cmp_to_key(compare), reverse=reverse) in place.
func SortFunc[T any](items []T, compare func(a, b T) int, reverse bool) {
	slices.SortStableFunc(items, func(a, b T) int {
		if reverse {
			return compare(b, a)
		}
		return compare(a, b)
	})
}

// SortAny is items.sort(key=key, reverse=reverse) in place for values of any kind, with the TypeError for those without an order;
// key may be nil. Which two values that error names can differ from Python where several do not compare.
func SortAny(items []any, key func(any) any, reverse bool) error {
	type pair struct{ key, item any }
	pairs := make([]pair, len(items))
	for i, item := range items {
		pairs[i] = pair{item, item}
		if key != nil {
			pairs[i].key = key(item)
		}
	}
	var failure error
	compare := func(a, b any) int {
		less, err := Less(a, b)
		if err != nil && failure == nil {
			failure = err
		}
		if less {
			return -1
		}
		if less, err = Less(b, a); less && err == nil {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(pairs, func(a, b pair) int {
		if reverse {
			return compare(b.key, a.key)
		}
		return compare(a.key, b.key)
	})
	if failure != nil {
		return failure
	}
	for i := range pairs {
		items[i] = pairs[i].item
	}
	return nil
}

// MinBy is min(items, key=key): the first of equals, with Python's ValueError for no items.
func MinBy[T any, K cmp.Ordered](items []T, key func(T) K) (T, error) {
	return extreme(items, key, "min", func(a, b K) bool { return a < b })
}

// MaxBy is max(items, key=key): the first of equals, with Python's ValueError for no items.
func MaxBy[T any, K cmp.Ordered](items []T, key func(T) K) (T, error) {
	return extreme(items, key, "max", func(a, b K) bool { return a > b })
}

func extreme[T any, K any](items []T, key func(T) K, name string, better func(a, b K) bool) (T, error) {
	if len(items) == 0 {
		var zero T
		return zero, ValueError("%s() arg is an empty sequence", name)
	}
	best, bestKey := items[0], key(items[0])
	for _, item := range items[1:] {
		if k := key(item); better(k, bestKey) {
			best, bestKey = item, k
		}
	}
	return best, nil
}

// Same is the key of min(items) and max(items): MinBy(items, py.Same).
func Same[T any](item T) T { return item }

// Range iterates over range(start, stop, step); a step of 0 is Python's ValueError and must not come here: it panics with it.
func Range(start, stop, step int) iter.Seq[int] {
	if step == 0 {
		panic(ValueError("range() arg 3 must not be zero"))
	}
	return func(yield func(int) bool) {
		for i := start; step > 0 && i < stop || step < 0 && i > stop; i += step {
			if !yield(i) || step > 0 && i > To-step || step < 0 && i < -To-step {
				return
			}
		}
	}
}

// Zip iterates over zip(a, b).
func Zip[A, B any](a []A, b []B) iter.Seq2[A, B] {
	return func(yield func(A, B) bool) {
		for i := 0; i < len(a) && i < len(b); i++ {
			if !yield(a[i], b[i]) {
				return
			}
		}
	}
}

// ZipLongest iterates over itertools.zip_longest(a, b); what is missing is the zero value.
func ZipLongest[A, B any](a []A, b []B) iter.Seq2[A, B] {
	return func(yield func(A, B) bool) {
		for i := 0; i < len(a) || i < len(b); i++ {
			var x A
			var y B
			if i < len(a) {
				x = a[i]
			}
			if i < len(b) {
				y = b[i]
			}
			if !yield(x, y) {
				return
			}
		}
	}
}

// Enumerate iterates over enumerate(items, start).
func Enumerate[T any](items iter.Seq[T], start int) iter.Seq2[int, T] {
	return func(yield func(int, T) bool) {
		i := start
		for item := range items {
			if !yield(i, item) {
				return
			}
			i++
		}
	}
}

// Chain iterates over itertools.chain(*parts).
func Chain[T any](parts ...iter.Seq[T]) iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, part := range parts {
			for item := range part {
				if !yield(item) {
					return
				}
			}
		}
	}
}

// Islice iterates over itertools.islice(items, start, stop, step); stop -1 is None.
func Islice[T any](items iter.Seq[T], start, stop, step int) iter.Seq[T] {
	return func(yield func(T) bool) {
		if stop == start || stop >= 0 && stop < start {
			return
		}
		i, next := 0, start
		for item := range items {
			if i == next {
				if !yield(item) {
					return
				}
				next += step
			}
			if i++; stop >= 0 && i >= stop {
				return
			}
		}
	}
}

// GroupBy iterates over itertools.groupby(items, key): each run of items with equal keys.
func GroupBy[T any, K comparable](items []T, key func(T) K) iter.Seq2[K, []T] {
	return func(yield func(K, []T) bool) {
		for i := 0; i < len(items); {
			k, j := key(items[i]), i+1
			for j < len(items) && key(items[j]) == k {
				j++
			}
			if !yield(k, items[i:j:j]) {
				return
			}
			i = j
		}
	}
}
