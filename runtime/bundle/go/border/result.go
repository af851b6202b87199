package border

import (
	"encoding/binary"
	"math"
	"math/big"
	"reflect"
	"unicode/utf8"

	"py/dist.pyrt"
	"py/dist.pyrt/py"
)

// Append writes a result behind what buffer has. ok is false for what Python cannot have as a plain value: the original is
// called then.
func Append(buffer []byte, result any) (out []byte, ok bool) { return appendValue(buffer, result, 0) }

func appendSized[T string | []byte](buffer []byte, tag byte, data T) ([]byte, bool) {
	if uint64(len(data)) > math.MaxUint32 {
		return buffer, false
	}
	buffer = binary.LittleEndian.AppendUint32(append(buffer, tag), uint32(len(data)))
	return append(buffer, data...), true
}

func appendWord(buffer []byte, tag byte, word uint64) ([]byte, bool) {
	return binary.LittleEndian.AppendUint64(append(buffer, tag), word), true
}

func appendCount(buffer []byte, tag byte, count int) ([]byte, bool) {
	if uint64(count) > math.MaxUint32 {
		return buffer, false
	}
	return binary.LittleEndian.AppendUint32(append(buffer, tag), uint32(count)), true
}

func appendBool(buffer []byte, value bool) ([]byte, bool) {
	if value {
		return append(buffer, tagTrue), true
	}
	return append(buffer, tagFalse), true
}

func appendValue(buffer []byte, value any, depth int) ([]byte, bool) {
	switch v := value.(type) {
	case string:
		if !utf8.ValidString(v) {
			return buffer, false
		}
		return appendSized(buffer, tagStr, v)
	case int64:
		return appendWord(buffer, tagInt, uint64(v))
	case int:
		return appendWord(buffer, tagInt, uint64(v))
	case nil, pyrt.NoneType:
		return append(buffer, tagNone), true
	case bool:
		return appendBool(buffer, v)
	case float64:
		return appendWord(buffer, tagFloat, math.Float64bits(v))
	case []byte:
		return appendSized(buffer, tagBytes, v)
	case *big.Int:
		if v == nil {
			return buffer, false
		}
		if v.IsInt64() {
			return appendWord(buffer, tagInt, uint64(v.Int64()))
		}
		return appendSized(buffer, tagBigInt, v.Text(16))
	}
	if out, ok, is := appendTime(buffer, value); is {
		return out, ok
	}
	if depth >= depthLimit {
		return buffer, false
	}
	return appendContainer(buffer, value, depth)
}

func appendContainer(buffer []byte, value any, depth int) ([]byte, bool) {
	switch v := value.(type) {
	case []any:
		return appendItems(buffer, tagList, v, depth)
	case pyrt.Tuple:
		return appendItems(buffer, tagTuple, v, depth)
	case []string:
		return appendItems(buffer, tagList, v, depth)
	case []int64:
		return appendItems(buffer, tagList, v, depth)
	case pyrt.Dict:
		out, ok := appendCount(buffer, tagDict, len(v))
		for i := 0; ok && i < len(v); i++ {
			if out, ok = appendValue(out, v[i].Key, depth+1); ok {
				out, ok = appendValue(out, v[i].Value, depth+1)
			}
		}
		return out, ok
	case *py.AnyDict:
		if v == nil {
			return buffer, false
		}
		out, ok := appendCount(buffer, tagDict, v.Len())
		for key, item := range v.Items() {
			if out, ok = appendValue(out, key, depth+1); ok {
				out, ok = appendValue(out, item, depth+1)
			}
			if !ok {
				return buffer, false
			}
		}
		return out, ok
	case *py.AnySet:
		if v == nil {
			return buffer, false
		}
		return appendItems(buffer, tagSet, v.Values(), depth)
	case *py.AnyFrozenSet:
		if v == nil {
			return buffer, false
		}
		return appendItems(buffer, tagFrozen, v.Values(), depth)
	}
	return appendOther(buffer, reflect.ValueOf(value), depth)
}

func appendItems[T any](buffer []byte, tag byte, items []T, depth int) ([]byte, bool) {
	out, ok := appendCount(buffer, tag, len(items))
	for i := 0; ok && i < len(items); i++ {
		out, ok = appendValue(out, items[i], depth+1)
	}
	return out, ok
}

// appendOther is for the Go types that annotations give: *string, []float64, int32…
func appendOther(buffer []byte, value reflect.Value, depth int) ([]byte, bool) {
	switch value.Kind() {
	case reflect.Pointer:
		if value.IsNil() {
			return append(buffer, tagNone), true
		}
		return appendValue(buffer, value.Elem().Interface(), depth+1)
	case reflect.Slice:
		if value.Type().PkgPath() != "" { // a named type means something else
			return buffer, false
		}
		out, ok := appendCount(buffer, tagList, value.Len())
		for i := 0; ok && i < value.Len(); i++ {
			out, ok = appendValue(out, value.Index(i).Interface(), depth+1)
		}
		return out, ok
	case reflect.Int8, reflect.Int16, reflect.Int32:
		return appendWord(buffer, tagInt, uint64(value.Int()))
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return appendWord(buffer, tagInt, value.Uint())
	case reflect.Float32:
		return appendWord(buffer, tagFloat, math.Float64bits(value.Float()))
	}
	return buffer, false
}
