// Package table holds the module-level tables of Python packages as Go data: gophersnake writes a package
// py/dist.tables/<module> with a function for each variable of a Python module that is plain data, from the release itself.
//
// The values are those of package py: nil, bool, int64, *big.Int, float64, string, []byte, []any, py.Tuple, *py.AnyDict,
// *py.AnySet. An instance of a subclass of one of these comes as the plain value; everything else is an [Opaque]. All
// callers share them: never change one.
package table

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"strconv"
	"sync"

	"py/dist.pyrt/py"
)

// Opaque stands for a Python object that is no plain data: a function, a class, an instance. Number tells the objects of one
// table apart.
type Opaque struct {
	Class  string // "module:Class"
	Number int
}

// Lazy decodes a table at the first call. The text comes from agents/python/tables.py; what that cannot have written panics.
func Lazy(text string) func() any {
	return sync.OnceValue(func() any {
		value, err := Decode(text)
		if err != nil {
			panic("a table of a converted package: " + err.Error())
		}
		return value
	})
}

// Decode reads the JSON of a value: null, booleans, integers and strings as they are, all else as an array that begins with a
// word (docs/formats/recording.md, "Values").
func Decode(text string) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("text after the value")
	}
	return value(tree)
}

func value(tree any) (any, error) {
	switch v := tree.(type) {
	case nil, bool, string:
		return v, nil
	case json.Number:
		return v.Int64()
	case []any:
		if len(v) >= 2 {
			if word, ok := v[0].(string); ok {
				return word2value(word, v[1], v[2:])
			}
		}
	}
	return nil, fmt.Errorf("%.80v is no value", tree)
}

func word2value(word string, of any, more []any) (any, error) {
	wrong := fmt.Errorf("%.80v is no %s", of, word)
	switch of := of.(type) {
	case string:
		switch word {
		case "int":
			if number, ok := new(big.Int).SetString(of, 16); ok {
				return py.Int(number), nil
			}
		case "float":
			if bits, err := strconv.ParseUint(of, 16, 64); err == nil {
				return math.Float64frombits(bits), nil
			}
		case "str", "bytes":
			data, err := base64.StdEncoding.DecodeString(of)
			if err != nil {
				return nil, wrong
			}
			if word == "str" {
				return string(data), nil
			}
			return data, nil
		case "opaque":
			if len(more) == 1 {
				if number, ok := more[0].(json.Number); ok {
					n, err := number.Int64()
					return Opaque{of, int(n)}, err
				}
			}
		}
	case []any:
		switch word {
		case "list", "tuple", "set", "frozenset":
			return sequence(word, of)
		case "dict":
			return dict(of)
		}
	}
	return nil, wrong
}

func sequence(word string, of []any) (any, error) {
	items := make([]any, len(of))
	for i, tree := range of {
		item, err := value(tree)
		if err != nil {
			return nil, err
		}
		items[i] = item
	}
	switch word {
	case "list":
		return items, nil
	case "tuple":
		return py.Tuple(items), nil
	}
	return py.NewAnySet(items...)
}

func dict(of []any) (any, error) {
	entries := new(py.AnyDict)
	for _, tree := range of {
		pair, ok := tree.([]any)
		if !ok || len(pair) != 2 {
			return nil, fmt.Errorf("%.80v is no entry of a dict", tree)
		}
		key, err := value(pair[0])
		if err != nil {
			return nil, err
		}
		item, err := value(pair[1])
		if err != nil {
			return nil, err
		}
		if err := entries.Set(key, item); err != nil {
			return nil, err
		}
	}
	return entries, nil
}
