package pyrt

import (
	"fmt"
	"math/big"
	"reflect"

	"py/dist.pyrt/py"
)

// As gives the result of a call as the Go type of its annotation. What contradicts the annotation is an error that names
// what was called. Subclasses of Python's str, int, list … convert as their base; an int serves as a float.
func As[T any](what string, result any, err error) (T, error) {
	var out T
	if err != nil {
		return out, err
	}
	if err := assign(&out, result); err != nil {
		var zero T
		return zero, fmt.Errorf("pyrt: %s contradicts its annotation: %w", what, err)
	}
	return out, nil
}

// AsNone is As for functions that are annotated to give None.
func AsNone(what string, result any, err error) error {
	if err == nil && result != nil {
		return fmt.Errorf("pyrt: %s contradicts its annotation: Python gave %s where None was announced", what, pythonType(result))
	}
	return err
}

// To wraps a call and gives its result as a Go type: a number, a string, a slice, a map, or the Go type of a class.
//
//	statement, err := pyrt.To[*sql.Statement](pyrt.Item(statements, 0))
func To[T any](result any, err error) (T, error) {
	var out T
	if err != nil {
		return out, err
	}
	if err := assign(&out, result); err != nil {
		var zero T
		return zero, fmt.Errorf("pyrt: %w", err)
	}
	return out, nil
}

// Str wraps a call whose result is a str, or of a subclass of it.
func Str(result any, err error) (string, error) { return To[string](result, err) }

// Int wraps a call whose result is an int.
func Int(result any, err error) (int, error) { return To[int](result, err) }

// Float wraps a call whose result is a float or an int.
func Float(result any, err error) (float64, error) { return To[float64](result, err) }

// Bool wraps a call whose result is a bool. [Truth] takes anything.
func Bool(result any, err error) (bool, error) { return To[bool](result, err) }

// Bytes wraps a call whose result is bytes, a bytearray or a memoryview.
func Bytes(result any, err error) ([]byte, error) {
	if err == nil && isHolder(result) {
		result, err = bufferBytes.Call([]any{result}, nil, nil, nil)
	}
	return To[[]byte](result, err)
}

// List wraps a call whose result is a list, a tuple or anything else that Python's list() takes.
func List(result any, err error) ([]any, error) {
	if err == nil {
		switch v := result.(type) {
		case []any:
			return v, nil
		case Tuple:
			return v, nil
		}
		result, err = toList.Call([]any{result}, nil, nil, nil)
	}
	return To[[]any](result, err)
}

// Truth wraps a call and tells what Python's "if" would make of its result.
func Truth(result any, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	return Bool(toBool.Call([]any{result}, nil, nil, nil))
}

func isHolder(value any) bool {
	_, ok := value.(holder)
	return ok
}

// assign converts what came from Python into *out.
func assign(out any, value any) error {
	switch out := out.(type) {
	case *any:
		*out = value
		return nil
	case *string:
		if v, ok := value.(string); ok {
			*out = v
			return nil
		}
	case *int:
		if v, ok := value.(int64); ok && int64(int(v)) == v {
			*out = int(v)
			return nil
		}
	case *bool:
		if v, ok := value.(bool); ok {
			*out = v
			return nil
		}
	case *float64:
		if v, ok := value.(float64); ok {
			*out = v
			return nil
		}
	case *[]any:
		if v, ok := value.([]any); ok {
			*out = v
			return nil
		}
	case *Dict:
		if v, ok := value.(Dict); ok {
			*out = v
			return nil
		}
	}
	return assignTo(reflect.ValueOf(out).Elem(), value)
}

func assignTo(target reflect.Value, value any) error {
	err := assignValue(target, value)
	if err == nil || !isHolder(value) {
		return err
	}
	plain, plainErr := perform(label("converting to Go"), opPlain, 0, value)
	if plainErr != nil {
		return plainErr
	}
	if isHolder(plain) {
		return err
	}
	return assignValue(target, plain)
}

func assignValue(target reflect.Value, value any) error {
	kind := target.Kind()
	if value == nil {
		if kind == reflect.Pointer || kind == reflect.Interface {
			target.SetZero()
			return nil
		}
		return mismatch(target, value)
	}
	if reflect.TypeOf(value).AssignableTo(target.Type()) {
		target.Set(reflect.ValueOf(value))
		return nil
	}
	switch kind {
	case reflect.Bool:
		if v, ok := value.(bool); ok {
			target.SetBool(v)
			return nil
		}
	case reflect.String:
		if v, ok := value.(string); ok {
			target.SetString(v)
			return nil
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return assignInteger(target, value)
	case reflect.Float32, reflect.Float64:
		switch v := value.(type) {
		case float64:
			target.SetFloat(v)
			return nil
		case int64:
			target.SetFloat(float64(v))
			return nil
		case *big.Int:
			float, _ := new(big.Float).SetInt(v).Float64()
			target.SetFloat(float)
			return nil
		}
	case reflect.Slice:
		return assignSlice(target, value)
	case reflect.Map:
		if v, ok := value.(Dict); ok {
			return assignMap(target, v)
		}
	case reflect.Pointer:
		if target.Type().Elem().Kind() == reflect.Struct {
			break
		}
		made := reflect.New(target.Type().Elem())
		if err := assignTo(made.Elem(), value); err != nil {
			return mismatch(target, value)
		}
		target.Set(made)
		return nil
	}
	return mismatch(target, value)
}

func assignInteger(target reflect.Value, value any) error {
	switch v := value.(type) {
	case bool: // Python's bool is an int
		number := int64(0)
		if v {
			number = 1
		}
		return assignInteger(target, number)
	case int64:
		if target.CanInt() && !target.OverflowInt(v) {
			target.SetInt(v)
			return nil
		}
		if target.CanUint() && v >= 0 && !target.OverflowUint(uint64(v)) {
			target.SetUint(uint64(v))
			return nil
		}
	case *big.Int:
		if target.CanUint() && v.IsUint64() && !target.OverflowUint(v.Uint64()) {
			target.SetUint(v.Uint64())
			return nil
		}
	default:
		return mismatch(target, value)
	}
	return fmt.Errorf("the int %v does not fit a Go %s", value, target.Type())
}

func assignSlice(target reflect.Value, value any) error {
	var items []any
	switch v := value.(type) {
	case []any:
		items = v
	case Tuple:
		items = v
	default:
		return mismatch(target, value)
	}
	made := reflect.MakeSlice(target.Type(), len(items), len(items))
	for i, item := range items {
		if err := assignTo(made.Index(i), item); err != nil {
			return fmt.Errorf("item %d: %w", i, err)
		}
	}
	target.Set(made)
	return nil
}

func assignMap(target reflect.Value, dict Dict) error {
	made := reflect.MakeMapWithSize(target.Type(), len(dict))
	for i := range dict {
		key := reflect.New(target.Type().Key()).Elem()
		value := reflect.New(target.Type().Elem()).Elem()
		if err := assignTo(key, dict[i].Key); err != nil {
			return fmt.Errorf("key: %w", err)
		}
		if err := assignTo(value, dict[i].Value); err != nil {
			return fmt.Errorf("value of %v: %w", dict[i].Key, err)
		}
		if !key.Comparable() {
			return fmt.Errorf("the key %v cannot be one of a Go map", dict[i].Key)
		}
		made.SetMapIndex(key, value)
	}
	target.Set(made)
	return nil
}

func mismatch(target reflect.Value, value any) error {
	return fmt.Errorf("Python gave %s where Go has %s", pythonType(value), target.Type())
}

// pythonType names the Python type that a value came from.
func pythonType(value any) string {
	switch v := value.(type) {
	case nil:
		return "None"
	case bool:
		return "a bool"
	case int64, *big.Int:
		return "an int"
	case float64:
		return "a float"
	case string:
		return "a str"
	case []byte:
		return "bytes"
	case []any:
		return "a list"
	case Tuple:
		return "a tuple"
	case Dict:
		return "a dict"
	case *py.AnySet:
		return "a set"
	case *py.AnyFrozenSet:
		return "a frozenset"
	case py.Date:
		return "a date"
	case py.Time:
		return "a time"
	case py.DateTime:
		return "a datetime"
	case py.TimeDelta:
		return "a timedelta"
	case py.Decimal:
		return "a Decimal"
	case holder:
		if !isNil(v) && v.PyObject() != nil {
			return "a " + v.PyObject().TypeName()
		}
	}
	return fmt.Sprintf("a Go %T", value)
}
