// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package scc2

import (
	"strings"
	"unicode/utf16"

	pyrt "py/dist.pyrt"
	"py/dist.pyrt/py"
)

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

func Options_NormalizeTogether(option_together any) (any, error) {
	switch value := option_together.(type) {
	case nil, bool, int64, float64, string, []byte:
		if py.Truth(value) {
			return value, nil
		}
		return py.Tuple{}, nil
	}
	list, isList := itemsOf(option_together)
	switch {
	case !isList:
		return nil, py.ErrUnsupported
	case len(list) == 0:
		return py.Tuple{}, nil
	}
	if _, nested := itemsOf(list[0]); !nested {
		return py.Tuple{append(py.Tuple{}, list...)}, nil
	}
	rows := py.Tuple{}
	for _, item := range list {
		row, isRow := itemsOf(item)
		switch item.(type) {
		case nil, bool, int64, float64: // not iterable
			return option_together, nil
		}
		if !isRow {
			return nil, py.ErrUnsupported
		}
		rows = append(rows, append(py.Tuple{}, row...))
	}
	return rows, nil
}

func QueryUtils_RefsExpression(lookup_parts any, annotations any) (any, error) {
	parts, isList := lookup_parts.([]any)
	known, isDict := annotations.(pyrt.Dict)
	if !isList || !isDict {
		return nil, py.ErrUnsupported
	}
	name := ""
	for i, item := range parts {
		part, isText := item.(string)
		if !isText {
			return nil, py.ErrUnsupported
		}
		if i > 0 {
			name += "__"
		}
		name += part
		value, found := known.Get(name)
		if !found {
			continue
		}
		switch value.(type) {
		case nil, bool, int64, float64, string:
		default:
			return nil, py.ErrUnsupported
		}
		if py.Truth(value) {
			return py.Tuple{name, append([]any{}, parts[i+1:]...)}, nil
		}
	}
	return py.Tuple{nil, py.Tuple{}}, nil
}

func Json_CompileJsonPath(key_transforms any, options ...Json_CompileJsonPathOptions) (any, error) {
	var o Json_CompileJsonPathOptions
	if len(options) > 0 {
		o = options[0]
	}
	keys, isList := itemsOf(key_transforms)
	root := true
	if o.IncludeRoot != nil && isList {
		root, isList = o.IncludeRoot.(bool)
	}
	if !isList {
		return nil, py.ErrUnsupported
	}
	var path strings.Builder
	if root {
		path.WriteByte('$')
	}
	for _, key := range keys {
		switch value := key.(type) {
		case int64:
			path.WriteString("[" + py.Str(value) + "]")
		case string:
			number, err := py.ParseBigInt(value, 10)
			if err == nil {
				path.WriteString("[" + number.String() + "]")
			} else if py.Except(err, "ValueError") != nil {
				path.WriteString("." + jsonString(value))
			} else {
				return nil, err
			}
		default:
			return nil, py.ErrUnsupported
		}
	}
	return path.String(), nil
}

// jsonString is json.dumps of a str: ASCII only.
func jsonString(s string) string {
	const digits = "0123456789abcdef"
	var out strings.Builder
	out.WriteByte('"')
	escape := func(unit rune) {
		out.WriteString(`\u`)
		for shift := 12; shift >= 0; shift -= 4 {
			out.WriteByte(digits[unit>>shift&15])
		}
	}
	for _, c := range s {
		short := strings.IndexRune("\"\\\n\r\t\f\b", c)
		switch {
		case short >= 0:
			out.WriteByte('\\')
			out.WriteByte(`"\nrtfb`[short])
		case c >= 0x10000:
			high, low := utf16.EncodeRune(c)
			escape(high)
			escape(low)
		case c < ' ' || c > '~':
			escape(c)
		default:
			out.WriteRune(c)
		}
	}
	out.WriteByte('"')
	return out.String()
}

func QueryN2_GetOrderDir(field any, options ...QueryN2_GetOrderDirOptions) (any, error) {
	var o QueryN2_GetOrderDirOptions
	if len(options) > 0 {
		o = options[0]
	}
	text, isText := field.(string)
	direction := any("ASC")
	if o.Default != nil {
		direction = o.Default
	}
	opposite := map[any]string{"ASC": "DESC", "DESC": "ASC"}
	name, isName := direction.(string)
	if !isText || !isName {
		return nil, py.ErrUnsupported
	}
	other, known := opposite[name]
	switch {
	case !known:
		return nil, py.KeyError(name)
	case text == "":
		return nil, py.IndexError("string index out of range")
	case text[0] == '-':
		return py.Tuple{text[1:], other}, nil
	}
	return py.Tuple{text, name}, nil
}
