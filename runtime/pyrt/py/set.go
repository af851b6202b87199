package py

import "iter"

// Set is a set of values of one Go type. The zero value is an empty set. It iterates in the order of insertion; Python promises
// none, so code whose result shows the order of a set is no candidate for Go. For mixed types use [AnySet].
type Set[T comparable] struct {
	items Dict[T, struct{}]
}

// NewSet is {values…}.
func NewSet[T comparable](values ...T) *Set[T] {
	s := new(Set[T])
	for _, value := range values {
		s.Add(value)
	}
	return s
}

// Len is len(s).
func (s *Set[T]) Len() int { return s.items.Len() }

// Has is value in s.
func (s *Set[T]) Has(value T) bool { return s.items.Has(value) }

// Add is s.add(value).
func (s *Set[T]) Add(value T) { s.items.Set(value, struct{}{}) }

// Discard is s.discard(value); it tells whether the value was there.
func (s *Set[T]) Discard(value T) bool {
	_, ok := s.items.Pop(value)
	return ok
}

// Remove is s.remove(value), with its KeyError.
func (s *Set[T]) Remove(value T) error { return s.items.Delete(value) }

// Values gives the values in the order of insertion.
func (s *Set[T]) Values() []T { return s.items.Keys() }

// All iterates over the values in the order of insertion.
func (s *Set[T]) All() iter.Seq[T] {
	return func(yield func(T) bool) {
		for value := range s.items.Items() {
			if !yield(value) {
				return
			}
		}
	}
}

// Copy is s.copy().
func (s *Set[T]) Copy() *Set[T] { return &Set[T]{*s.items.Copy()} }

// Update is s.update(other), and s |= other.
func (s *Set[T]) Update(other *Set[T]) { s.items.Update(&other.items) }

// Union is s | other.
func (s *Set[T]) Union(other *Set[T]) *Set[T] {
	result := s.Copy()
	result.Update(other)
	return result
}

// Intersection is s & other.
func (s *Set[T]) Intersection(other *Set[T]) *Set[T] {
	return s.filter(func(value T) bool { return other.Has(value) })
}

// Difference is s - other.
func (s *Set[T]) Difference(other *Set[T]) *Set[T] {
	return s.filter(func(value T) bool { return !other.Has(value) })
}

// SymmetricDifference is s ^ other.
func (s *Set[T]) SymmetricDifference(other *Set[T]) *Set[T] {
	result := s.Difference(other)
	result.Update(other.Difference(s))
	return result
}

func (s *Set[T]) filter(keep func(T) bool) *Set[T] {
	result := new(Set[T])
	for value := range s.All() {
		if keep(value) {
			result.Add(value)
		}
	}
	return result
}

// IsSubset is s <= other.
func (s *Set[T]) IsSubset(other *Set[T]) bool {
	return s.Len() <= other.Len() && s.Intersection(other).Len() == s.Len()
}

// IsDisjoint is s.isdisjoint(other).
func (s *Set[T]) IsDisjoint(other *Set[T]) bool { return s.Intersection(other).Len() == 0 }

// AnySet is a set of values of any hashable kind with Python's equality among them.
type AnySet struct {
	items AnyDict
}

// NewAnySet is {values…}.
func NewAnySet(values ...any) (*AnySet, error) {
	s := new(AnySet)
	for _, value := range values {
		if err := s.Add(value); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Len is len(s).
func (s *AnySet) Len() int { return s.items.Len() }

// Has is value in s.
func (s *AnySet) Has(value any) (bool, error) {
	_, ok, err := s.items.Get(value)
	return ok, err
}

// Add is s.add(value): a value that is there stays.
func (s *AnySet) Add(value any) error {
	_, err := s.items.SetDefault(value, nil)
	return err
}

// Discard is s.discard(value); it tells whether the value was there.
func (s *AnySet) Discard(value any) (bool, error) {
	if _, err := hashKey(value); err != nil {
		return false, err
	}
	_, ok, err := s.items.Pop(value)
	return ok, err
}

// Values gives the values in the order of insertion.
func (s *AnySet) Values() []any { return s.items.Keys() }

// AnyFrozenSet is a frozenset of values of any hashable kind. It is hashable itself, and equal to an [AnySet] of the same values.
type AnyFrozenSet struct {
	set AnySet
}

// NewAnyFrozenSet is frozenset((values…)).
func NewAnyFrozenSet(values ...any) (*AnyFrozenSet, error) {
	f := new(AnyFrozenSet)
	for _, value := range values {
		if err := f.set.Add(value); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// Len is len(f).
func (f *AnyFrozenSet) Len() int { return f.set.Len() }

// Has is value in f.
func (f *AnyFrozenSet) Has(value any) (bool, error) { return f.set.Has(value) }

// Values gives the values in the order in which they came.
func (f *AnyFrozenSet) Values() []any { return f.set.Values() }

// setOf gives the values of a set of either kind.
func setOf(value any) (*AnySet, bool) {
	switch v := value.(type) {
	case *AnySet:
		return v, v != nil
	case *AnyFrozenSet:
		if v != nil {
			return &v.set, true
		}
	}
	return nil, false
}
