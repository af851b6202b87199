package py

import "iter"

// Dict is a dict with keys of one Go type: it keeps the order of insertion. The zero value is an empty dict. For keys of mixed
// types use [AnyDict]. A Dict may be changed while it is iterated over only by replacing values.
//
//	d = {}                          var d py.Dict[string, int64]
//	d[k] = v                        d.Set(k, v)
//	d[k]                            v, err := d.Item(k)             // KeyError
//	d.get(k) ; k in d               v, ok := d.Get(k)
//	del d[k]                        err := d.Delete(k)
//	for k, v in d.items():          for k, v := range d.Items() {
type Dict[K comparable, V any] struct {
	entries []dictEntry[K, V]
	index   map[K]int // from the ninth entry on
	live    int
}

type dictEntry[K comparable, V any] struct {
	key   K
	value V
	dead  bool
}

const smallDict = 8

func (d *Dict[K, V]) find(key K) int {
	if d.index != nil {
		if i, ok := d.index[key]; ok {
			return i
		}
		return -1
	}
	for i := range d.entries {
		if d.entries[i].key == key && !d.entries[i].dead {
			return i
		}
	}
	return -1
}

// Len is len(d).
func (d *Dict[K, V]) Len() int { return d.live }

// Get gives the value of a key, and whether it is there.
func (d *Dict[K, V]) Get(key K) (V, bool) {
	if i := d.find(key); i >= 0 {
		return d.entries[i].value, true
	}
	var zero V
	return zero, false
}

// Has is key in d.
func (d *Dict[K, V]) Has(key K) bool { return d.find(key) >= 0 }

// Item is d[key], with its KeyError.
func (d *Dict[K, V]) Item(key K) (V, error) {
	value, ok := d.Get(key)
	if !ok {
		return value, KeyError(any(key))
	}
	return value, nil
}

// GetOr is d.get(key, fallback).
func (d *Dict[K, V]) GetOr(key K, fallback V) V {
	if i := d.find(key); i >= 0 {
		return d.entries[i].value
	}
	return fallback
}

// Set is d[key] = value: a key that is there keeps its place (and, as in Python, its own form).
func (d *Dict[K, V]) Set(key K, value V) {
	if i := d.find(key); i >= 0 {
		d.entries[i].value = value
		return
	}
	d.entries = append(d.entries, dictEntry[K, V]{key: key, value: value})
	d.live++
	switch {
	case d.index != nil:
		d.index[key] = len(d.entries) - 1
	case len(d.entries) > smallDict:
		d.compact()
	}
}

// compact closes the gaps and makes the index if the dict is no small one.
func (d *Dict[K, V]) compact() {
	kept := d.entries[:0]
	for _, entry := range d.entries {
		if !entry.dead {
			kept = append(kept, entry)
		}
	}
	clear(d.entries[len(kept):])
	d.entries = kept
	d.index = nil
	if len(kept) > smallDict {
		d.index = make(map[K]int, 2*len(kept))
		for i := range kept {
			d.index[kept[i].key] = i
		}
	}
}

// SetDefault is d.setdefault(key, value).
func (d *Dict[K, V]) SetDefault(key K, value V) V {
	if i := d.find(key); i >= 0 {
		return d.entries[i].value
	}
	d.Set(key, value)
	return value
}

func (d *Dict[K, V]) remove(i int) {
	var empty dictEntry[K, V]
	if d.index != nil {
		delete(d.index, d.entries[i].key)
	}
	empty.dead = true
	d.entries[i] = empty
	d.live--
	for n := len(d.entries); n > 0 && d.entries[n-1].dead; n-- {
		d.entries = d.entries[:n-1]
	}
	if len(d.entries) > 2*d.live+smallDict {
		d.compact()
	}
}

// Delete is del d[key], with its KeyError.
func (d *Dict[K, V]) Delete(key K) error {
	i := d.find(key)
	if i < 0 {
		return KeyError(any(key))
	}
	d.remove(i)
	return nil
}

// Pop is d.pop(key): the value, and whether the key was there (Python raises KeyError(key), or gives a default).
func (d *Dict[K, V]) Pop(key K) (V, bool) {
	i := d.find(key)
	if i < 0 {
		var zero V
		return zero, false
	}
	value := d.entries[i].value
	d.remove(i)
	return value, true
}

// PopItem is d.popitem(): the last entry.
func (d *Dict[K, V]) PopItem() (key K, value V, err error) {
	if d.live == 0 {
		return key, value, KeyError("popitem(): dictionary is empty")
	}
	last := d.entries[len(d.entries)-1]
	d.remove(len(d.entries) - 1)
	return last.key, last.value, nil
}

// Update is d.update(other), and d |= other.
func (d *Dict[K, V]) Update(other *Dict[K, V]) {
	for _, entry := range other.entries {
		if !entry.dead {
			d.Set(entry.key, entry.value)
		}
	}
}

// Clear is d.clear().
func (d *Dict[K, V]) Clear() { *d = Dict[K, V]{} }

// Copy is d.copy().
func (d *Dict[K, V]) Copy() *Dict[K, V] {
	other := &Dict[K, V]{entries: append([]dictEntry[K, V](nil), d.entries...), live: d.live}
	other.compact()
	return other
}

// Items iterates over d.items().
func (d *Dict[K, V]) Items() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for i := 0; i < len(d.entries); i++ {
			if entry := &d.entries[i]; !entry.dead && !yield(entry.key, entry.value) {
				return
			}
		}
	}
}

// Reversed iterates over reversed(d.items()).
func (d *Dict[K, V]) Reversed() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for i := len(d.entries) - 1; i >= 0; i-- {
			if entry := &d.entries[i]; !entry.dead && !yield(entry.key, entry.value) {
				return
			}
		}
	}
}

// Keys is list(d).
func (d *Dict[K, V]) Keys() []K {
	keys := make([]K, 0, d.live)
	for key := range d.Items() {
		keys = append(keys, key)
	}
	return keys
}

// Values is list(d.values()).
func (d *Dict[K, V]) Values() []V {
	values := make([]V, 0, d.live)
	for _, value := range d.Items() {
		values = append(values, value)
	}
	return values
}
