package recorded

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strings"
	"unicode/utf8"

	"py/dist.pyrt"
	"py/dist.pyrt/py"
)

// The values as pyrt gives them to Go, and back. What pyrt gives as a handle is refused.

const (
	safeInt    = 1 << 53
	depthLimit = 100
	shownLimit = 400
)

func parse(data []byte) (any, error) {
	reader := json.NewDecoder(bytes.NewReader(data))
	reader.UseNumber()
	var tree any
	err := reader.Decode(&tree)
	return tree, err
}

// decoder reads the arguments of one call: "ref" counts over all of them.
type decoder struct {
	made []any // what has an identity, in the order in which they begin; pending while it is made
}

type pending struct{}

func (d *decoder) value(tree any) (any, error) {
	switch row := tree.(type) {
	case nil, bool, string:
		return row, nil
	case json.Number:
		return row.Int64()
	case []any:
		if len(row) < 2 {
			break
		}
		if word, is := row[0].(string); is {
			if value, is, err := timeOf(word, row[1:]); is {
				return value, err
			}
			return d.word(word, row[1])
		}
	}
	return nil, errors.New("a value of a kind that is not known")
}

func (d *decoder) items(tree any) ([]any, error) {
	rows, _ := tree.([]any)
	values := make([]any, len(rows))
	for i, row := range rows {
		var err error
		if values[i], err = d.value(row); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func (d *decoder) dict(tree any) (pyrt.Dict, error) {
	rows, _ := tree.([]any)
	dict := make(pyrt.Dict, 0, len(rows))
	for _, row := range rows {
		pair, err := d.items(row)
		if err != nil {
			return nil, err
		}
		if len(pair) != 2 {
			return nil, errors.New("an entry that is no pair")
		}
		dict = append(dict, pyrt.Entry{Key: pair[0], Value: pair[1]})
	}
	return dict, nil
}

func (d *decoder) set(tree any) (*py.AnySet, error) {
	values, err := d.items(tree)
	if err != nil {
		return nil, err
	}
	return py.NewAnySet(values...)
}

func (d *decoder) word(word string, content any) (any, error) {
	written, _ := content.(string)
	switch word {
	case "int":
		number, ok := new(big.Int).SetString(written, 16)
		if !ok {
			return nil, errors.New("an int that is none")
		}
		if number.IsInt64() {
			return number.Int64(), nil
		}
		return number, nil
	case "float":
		bits, err := hex.DecodeString(written)
		if err != nil || len(bits) != 8 {
			return nil, errors.New("a float that is none")
		}
		all := uint64(0)
		for _, b := range bits {
			all = all<<8 | uint64(b)
		}
		return math.Float64frombits(all), nil
	case "str", "bytes":
		data, err := base64.StdEncoding.DecodeString(written)
		if err != nil {
			return nil, err
		}
		if word == "bytes" {
			return data, nil
		}
		if !utf8.Valid(data) {
			return nil, errors.New("a str with lone surrogates, which a Go string cannot hold")
		}
		return string(data), nil
	case "tuple":
		values, err := d.items(content)
		return pyrt.Tuple(values), err
	case "frozenset":
		values, err := d.items(content)
		if err != nil {
			return nil, err
		}
		return py.NewAnyFrozenSet(values...)
	case "list", "dict", "set":
		number := len(d.made)
		d.made = append(d.made, pending{})
		var value any
		var err error
		switch word {
		case "list":
			value, err = d.items(content)
		case "dict":
			value, err = d.dict(content)
		default:
			value, err = d.set(content)
		}
		d.made[number] = value
		return value, err
	case "ref":
		number, _ := content.(json.Number)
		at, err := number.Int64()
		if err != nil || at < 0 || at >= int64(len(d.made)) {
			return nil, errors.New("a reference to nothing")
		}
		if _, is := d.made[at].(pending); is {
			return nil, errors.New("a value that holds itself")
		}
		return d.made[at], nil
	}
	return nil, fmt.Errorf("a %s, which crosses into Go as a handle", word)
}

// ---- Go → tree -------------------------------------------------------------------------------------------------------

// Strange is what no recorded value is equal to.
func Strange(what string) any { return []any{"go", what} }

func encodeInteger(number *big.Int) any {
	if number.IsInt64() {
		if small := number.Int64(); small >= -safeInt && small <= safeInt {
			return small
		}
	}
	return []any{"int", number.Text(16)}
}

func encodeString(value string) any {
	if !utf8.ValidString(value) {
		return Strange("a string that is not UTF-8")
	}
	if strings.IndexByte(value, 0) >= 0 {
		return []any{"str", base64.StdEncoding.EncodeToString([]byte(value))}
	}
	return value
}

// Encode gives the tree of a value that the bridge may give, else [Strange].
func Encode(value any) any { return encodeAt(value, 0) }

func encodeItems(values []any, depth int) any {
	rows := make([]any, len(values))
	for i := range values {
		rows[i] = encodeAt(values[i], depth+1)
	}
	return rows
}

// encodeAt takes what the bridge gives and nothing else: callers rely on its Go types.
func encodeAt(value any, depth int) any {
	if depth > depthLimit {
		return Strange("a value that is too deep")
	}
	switch is := value.(type) {
	case nil, bool:
		return is
	case int64:
		return encodeInteger(big.NewInt(is))
	case *big.Int:
		if is == nil || is.IsInt64() {
			return Strange("a *big.Int that fits into int64")
		}
		return encodeInteger(is)
	case float64:
		return []any{"float", fmt.Sprintf("%016x", math.Float64bits(is))}
	case string:
		return encodeString(is)
	case []byte:
		return []any{"bytes", base64.StdEncoding.EncodeToString(is)}
	case []any:
		return []any{"list", encodeItems(is, depth)}
	case pyrt.Tuple:
		return []any{"tuple", encodeItems(is, depth)}
	case pyrt.Dict:
		rows := make([]any, len(is))
		for i, entry := range is {
			rows[i] = []any{encodeAt(entry.Key, depth+1), encodeAt(entry.Value, depth+1)}
		}
		return []any{"dict", rows}
	case *py.AnySet:
		return []any{"set", encodeItems(is.Values(), depth)}
	case *py.AnyFrozenSet:
		return []any{"frozenset", encodeItems(is.Values(), depth)}
	}
	if tree := timeTree(value); tree != nil {
		return tree
	}
	return Strange(fmt.Sprintf("a value of the Go type %T, which the bridge never gives", value))
}

// EncodeTyped is [Encode] for a result whose Go type is that of an annotation: int, *string…
func EncodeTyped(value reflect.Value) any {
	switch value.Kind() {
	case reflect.Int:
		return Encode(value.Int())
	case reflect.Pointer:
		if _, is := value.Interface().(*big.Int); is {
			break
		}
		if value.IsNil() {
			return nil
		}
		return EncodeTyped(value.Elem())
	case reflect.Slice:
		if value.IsNil() {
			value = reflect.MakeSlice(value.Type(), 0, 0)
		}
	}
	return Encode(value.Interface())
}

// EncodeException is nil for an error that is no Python exception.
func EncodeException(err error) any {
	var failure *pyrt.Error
	if errors.As(err, &failure) {
		module := failure.Class.Module
		if module == "" {
			module = "builtins"
		}
		return exceptionTree(module+":"+failure.Class.Name, failure.Args, failure.Message)
	}
	// Package py's Exception by its shape: units that don't use it needn't compile it.
	for ; err != nil; err = errors.Unwrap(err) {
		described, is := err.(interface{ Message() string })
		at := reflect.ValueOf(err)
		if !is || at.Kind() != reflect.Pointer || at.IsNil() || at.Elem().Kind() != reflect.Struct {
			continue
		}
		class, args := at.Elem().FieldByName("Class"), at.Elem().FieldByName("Args")
		if !class.IsValid() || class.Kind() != reflect.String || !args.IsValid() {
			continue
		}
		name := class.String()
		if dot := strings.LastIndexByte(name, '.'); dot >= 0 {
			name = name[:dot] + ":" + name[dot+1:]
		} else {
			name = "builtins:" + name
		}
		values, _ := args.Interface().([]any)
		return exceptionTree(name, values, described.Message())
	}
	return nil
}

func exceptionTree(class string, args []any, message string) any {
	if runes := []rune(message); len(runes) > 4000 {
		message = string(runes[:4000])
	}
	return []any{"exception", Shorten(class), encodeItems(args, 0), encodeString(message)}
}

// Shorten makes a text fit for a JSON document and a message.
func Shorten(text string) string {
	if len(text) > shownLimit {
		text = text[:shownLimit]
	}
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", "?"), "?")
}
