package recorded

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"py/dist.pyrt"
)

// Argument is one that a call was given.
type Argument struct {
	Name  string
	Value any
}

// Bind gives arguments the shape of a Go function. The parameters are those of the Python function in the order of the Go
// signature, each with its kind: "required", "optional", "args" or "kwargs".
func Bind(function reflect.Type, parameters [][2]string, arguments []Argument) ([]reflect.Value, error) {
	given := map[string]any{}
	known := map[string]bool{}
	for _, row := range arguments {
		given[row.Name] = row.Value
	}
	fixed := function.NumIn()
	var options reflect.Value
	if function.IsVariadic() {
		fixed--
		options = reflect.New(function.In(fixed).Elem()).Elem()
	}
	var in []reflect.Value
	var err error
	field, any := 0, false
	set := func(name string, value interface{}) {
		if field < options.NumField() && err == nil {
			var converted reflect.Value
			if converted, err = convert(name, value, options.Field(field).Type()); err == nil {
				options.Field(field).Set(converted)
				any = true
			}
		}
	}
	for _, row := range parameters {
		name, kind := row[0], row[1]
		value, is := given[name]
		known[name] = true
		if kind == "required" {
			if !is {
				return nil, fmt.Errorf("the argument %s is not given", name)
			}
			if len(in) == fixed {
				return nil, errors.New("the Go function has fewer parameters")
			}
			converted, err := convert(name, value, function.In(len(in)))
			if err != nil {
				return nil, err
			}
			in = append(in, converted)
			continue
		}
		if !options.IsValid() {
			return nil, errors.New("the Go function has no options")
		}
		if is && kind == "optional" {
			if value == nil {
				value = pyrt.None
			}
			set(name, value)
		} else if is && kind == "args" {
			tuple, _ := value.(pyrt.Tuple)
			set(name, []interface{}(tuple))
		} else if is {
			keywords := pyrt.Kwargs{}
			dict, _ := value.(pyrt.Dict)
			for _, entry := range dict {
				key, _ := entry.Key.(string)
				keywords[key] = entry.Value
			}
			set(name, keywords)
		}
		field++
	}
	for name := range given {
		if !known[name] {
			return nil, fmt.Errorf("Go has no argument %s", name)
		}
	}
	if len(in) != fixed || (options.IsValid() && field != options.NumField()) {
		return nil, errors.New("the Go function has other parameters")
	}
	if any {
		in = append(in, options)
	}
	return in, err
}

// convert gives a value as the type of a parameter, if that can hold exactly it.
func convert(name string, value any, to reflect.Type) (reflect.Value, error) {
	if to.Kind() == reflect.Interface {
		if value == nil {
			return reflect.Zero(to), nil
		}
		return reflect.ValueOf(value), nil
	}
	if number, is := value.(int64); is && to.Kind() == reflect.Int {
		return reflect.ValueOf(int(number)), nil
	}
	if value != nil && reflect.TypeOf(value) == to {
		return reflect.ValueOf(value), nil
	}
	return reflect.Value{}, fmt.Errorf("the argument %s: Go's %s cannot be what Python was given", name, to)
}

// Row is a parameter's name and the JSON of its value.
type Row = [2]json.RawMessage

// Decode reads the arguments of a recorded call. An error says why Go cannot make the call.
func Decode(rows []Row) ([]Argument, error) {
	var d decoder
	var arguments []Argument
	for _, pair := range rows {
		var name string
		if err := json.Unmarshal(pair[0], &name); err != nil {
			return nil, fmt.Errorf("a parameter's name: %w", err)
		}
		tree, err := parse(pair[1])
		if err != nil {
			return nil, fmt.Errorf("the argument %s: %w", name, err)
		}
		value, err := d.value(tree)
		if err != nil {
			return nil, fmt.Errorf("the argument %s: %w", name, err)
		}
		arguments = append(arguments, Argument{name, value})
	}
	return arguments, nil
}

// EncodeArguments gives the tree of arguments as they are now.
func EncodeArguments(arguments []Argument) any {
	rows := make([]any, len(arguments))
	for i, row := range arguments {
		rows[i] = []any{row.Name, Encode(row.Value)}
	}
	return rows
}
