package pyrt

import (
	"errors"
	"strings"

	"py/dist.pyrt/py"
)

// FromNative gives what a native function returns as the bridge would: values and exceptions of package py become those of
// this package. A result that Go cannot have as a value is [py.ErrUnsupported]. Nothing is copied unless something
// has to be changed.
func FromNative(result any, err error) (any, error) {
	if err != nil {
		return nil, NativeError(err)
	}
	switch result.(type) {
	case string, nil, int64, bool:
		return result, nil
	}
	plain, _, ok := plainValue(result, 0)
	if !ok {
		return nil, py.ErrUnsupported
	}
	return plain, nil
}

// FromNativeList is [FromNative] for a list.
func FromNativeList(result []any, err error) ([]any, error) {
	if err != nil {
		return nil, NativeError(err)
	}
	plain, _, ok := plainItems(result, 1)
	if !ok {
		return nil, py.ErrUnsupported
	}
	return plain, nil
}

// FromNativeDict is [FromNative] for a dict.
func FromNativeDict(result Dict, err error) (Dict, error) {
	if err != nil {
		return nil, NativeError(err)
	}
	plain, _, ok := plainDict(result, 1)
	if !ok {
		return nil, py.ErrUnsupported
	}
	return plain, nil
}

// FromNativeTyped is [FromNative] for results that cannot hold a value of package py.
func FromNativeTyped[T any](result T, err error) (T, error) {
	if err != nil {
		var zero T
		return zero, NativeError(err)
	}
	return result, nil
}

// NativeError gives the error of a native function as the bridge would: an exception of package py becomes an [*Error].
func NativeError(err error) error {
	if err == nil {
		return nil
	}
	raised, plain := err.(*py.Exception) // most are
	if !plain && !errors.As(err, &raised) || raised == nil {
		return err
	}
	if already := (*Error)(nil); !plain && errors.As(err, &already) {
		return err
	}
	args, _, ok := plainItems(raised.Args, 1)
	if !ok {
		return py.ErrUnsupported
	}
	return &Error{Class: classNamed(raised.Class), Message: raised.Message(), Args: args}
}

// Unsupported tells whether a native function gave up, so that the original must be called: [py.ErrUnsupported], or
// [py.ErrOverflow].
func Unsupported(err error) bool { return err != nil && unsupported(err) }

func unsupported(err error) bool {
	if raised, is := err.(*Error); is && raised.goError == nil {
		return false
	}
	return errors.Is(err, py.ErrUnsupported) || errors.Is(err, py.ErrOverflow)
}

// classNamed gives "ValueError" and "json.decoder.JSONDecodeError" as classes.
func classNamed(name string) Class {
	if dot := strings.LastIndexByte(name, '.'); dot >= 0 {
		return Class{name[:dot], name[dot+1:]}
	}
	return Class{"builtins", name}
}

// plainValue changes the values of package py that are none of this package.
func plainValue(value any, depth int) (plain any, changed, ok bool) {
	if depth > depthLimit {
		return value, false, false
	}
	switch v := value.(type) {
	case []any:
		items, changed, ok := plainItems(v, depth+1)
		return boxed(value, items, changed), changed, ok
	case Tuple:
		items, changed, ok := plainItems(v, depth+1)
		return boxed(value, Tuple(items), changed), changed, ok
	case Dict:
		dict, changed, ok := plainDict(v, depth+1)
		return boxed(value, dict, changed), changed, ok
	case *py.AnyDict:
		if v == nil {
			return value, false, false
		}
		dict, _, ok := plainDict(dictOf(v), depth+1)
		return dict, true, ok
	case *py.AnySet:
		return value, false, v != nil
	case *py.AnyFrozenSet:
		return value, false, v != nil
	case *py.Exception:
		return value, false, false
	}
	return value, false, true
}

func plainItems(values []any, depth int) (plain []any, changed, ok bool) {
	plain = values
	for i := range values {
		value, other, ok := plainValue(values[i], depth)
		if !ok {
			return values, false, false
		}
		if other && !changed {
			plain, changed = append(make([]any, 0, len(values)), values...), true
		}
		if other {
			plain[i] = value
		}
	}
	return plain, changed, true
}

func plainDict(dict Dict, depth int) (plain Dict, changed, ok bool) {
	plain = dict
	for i := range dict {
		key, otherKey, keyOk := plainValue(dict[i].Key, depth)
		value, otherValue, valueOk := plainValue(dict[i].Value, depth)
		if !keyOk || !valueOk {
			return dict, false, false
		}
		if (otherKey || otherValue) && !changed {
			plain, changed = append(make(Dict, 0, len(dict)), dict...), true
		}
		if changed {
			plain[i] = Entry{key, value}
		}
	}
	return plain, changed, true
}

func dictOf(dict *py.AnyDict) Dict {
	entries := make(Dict, 0, dict.Len())
	for key, value := range dict.Items() {
		entries = append(entries, Entry{key, value})
	}
	return entries
}
