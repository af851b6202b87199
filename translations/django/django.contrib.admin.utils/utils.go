// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package utils

import (
	"strings"

	pyrt "py/dist.pyrt"
	"py/dist.pyrt/py"
)

// quoted are the characters that quote() writes as _ and two hexadecimal digits.
const quoted = ":/_#?;@&=+$,\"[]<>%\n\\"

const hexDigits = "0123456789ABCDEF"

func Quote(s any) (any, error) {
	text, isText := s.(string)
	if !isText {
		return s, nil
	}
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		if strings.IndexByte(quoted, c) >= 0 {
			out.WriteByte('_')
			out.WriteByte(hexDigits[c>>4])
			c = hexDigits[c&15]
		}
		out.WriteByte(c)
	}
	return out.String(), nil
}

func Unquote(s any) (any, error) {
	text, isText := s.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '_' && i+2 < len(text) {
			high, low := strings.IndexByte(hexDigits, text[i+1]), strings.IndexByte(hexDigits, text[i+2])
			if high >= 0 && low >= 0 && strings.IndexByte(quoted, byte(high<<4|low)) >= 0 {
				c = byte(high<<4 | low)
				i += 2
			}
		}
		out.WriteByte(c)
	}
	return out.String(), nil
}

// itemsOf gives the items of a list or tuple.
func itemsOf(value any) ([]any, bool) {
	switch list := value.(type) {
	case []any:
		return list, true
	case py.Tuple:
		return list, true
	}
	return nil, false
}

func flatten(fields any) ([]any, error) {
	var list []any
	switch given := fields.(type) {
	case string:
		for _, c := range given {
			list = append(list, string(c))
		}
	case pyrt.Dict:
		for _, entry := range given {
			list = append(list, entry.Key)
		}
	default:
		items, isList := itemsOf(fields)
		if !isList {
			return nil, py.ErrUnsupported
		}
		list = items
	}
	flat := []any{}
	for _, field := range list {
		if inner, nested := itemsOf(field); nested {
			flat = append(flat, inner...)
		} else {
			flat = append(flat, field)
		}
	}
	return flat, nil
}

func Flatten(fields any) (any, error) {
	flat, err := flatten(fields)
	return flat, err
}

func FlattenFieldsets(fieldsets any) (any, error) {
	list, isList := itemsOf(fieldsets)
	if !isList {
		return nil, py.ErrUnsupported
	}
	names := []any{}
	for _, item := range list {
		pair, isPair := itemsOf(item)
		if !isPair || len(pair) != 2 {
			return nil, py.ErrUnsupported
		}
		opts, isDict := pair[1].(pyrt.Dict)
		if !isDict {
			return nil, py.ErrUnsupported
		}
		fields, found := opts.Get("fields")
		if !found {
			return nil, py.KeyError("fields")
		}
		flat, err := flatten(fields)
		if err != nil {
			return nil, err
		}
		names = append(names, flat...)
	}
	return names, nil
}

func GetLastValueFromParameters(parameters any, key any) (any, error) {
	dict, isDict := parameters.(pyrt.Dict)
	name, isText := key.(string)
	if !isDict || !isText {
		return nil, py.ErrUnsupported
	}
	value, _ := dict.Get(name)
	if list, isList := value.([]any); isList {
		if len(list) == 0 {
			return nil, py.IndexError("list index out of range")
		}
		return list[len(list)-1], nil
	}
	return value, nil
}

func PrepareLookupValue(key any, value any, options ...PrepareLookupValueOptions) (any, error) {
	var o PrepareLookupValueOptions
	if len(options) > 0 {
		o = options[0]
	}
	name, isText := key.(string)
	separator := ","
	if o.Separator != nil && isText {
		separator, isText = o.Separator.(string)
	}
	if !isText || separator == "" {
		return nil, py.ErrUnsupported
	}
	return lookupValue(name, value, separator)
}

func lookupValue(key string, value any, separator string) (any, error) {
	if list, isList := value.([]any); isList {
		values := make([]any, len(list))
		for i, item := range list {
			prepared, err := lookupValue(key, item, separator)
			if err != nil {
				return nil, err
			}
			values[i] = prepared
		}
		return values, nil
	}
	several, isNull := strings.HasSuffix(key, "__in"), strings.HasSuffix(key, "__isnull")
	if !several && !isNull {
		return value, nil
	}
	text, isText := value.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	if isNull {
		lower := py.Lower(text)
		return lower != "" && lower != "false" && lower != "0", nil
	}
	values := []any{}
	for _, part := range strings.Split(text, separator) {
		values = append(values, part)
	}
	return values, nil
}
