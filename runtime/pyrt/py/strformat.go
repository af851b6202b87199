package py

import (
	"strings"

	"py/dist.pyrt/py/internal/ucd"
)

// FormatStr is template.format(*args, **kwargs) with all of its syntax: {}, {0}, {name}, {0[key]}, {!r}, {:>{width}}. kwargs may
// be nil. Attributes ({0.name}) are [ErrUnsupported].
func FormatStr(template string, args []any, kwargs *Dict[string, any]) (string, error) {
	f := &formatter{args: args, kwargs: kwargs}
	return f.build([]rune(template), 2)
}

type formatter struct {
	args   []any
	kwargs *Dict[string, any]
	state  int // of numbering: 0 nothing yet, 1 automatic, 2 manual
	next   int
}

func (f *formatter) build(s []rune, depth int) (string, error) {
	if depth <= 0 {
		return "", ValueError("Max string recursion exceeded")
	}
	var out strings.Builder
	for i := 0; i < len(s); {
		start := i
		for i < len(s) && s[i] != '{' && s[i] != '}' {
			i++
		}
		out.WriteString(string(s[start:i]))
		if i == len(s) {
			break
		}
		c := s[i]
		i++
		last := i == len(s)
		if !last && s[i] == c {
			out.WriteRune(c)
			i++
			continue
		}
		if c == '}' || last {
			return "", ValueError("Single '%c' encountered in format string", c)
		}
		used, err := f.field(s[i:], depth, &out)
		if err != nil {
			return "", err
		}
		i += used
	}
	return out.String(), nil
}

// field handles what follows an opening brace and tells how much that was.
func (f *formatter) field(s []rune, depth int, out *strings.Builder) (used int, err error) {
	i := 0
	var c rune
scan:
	for i < len(s) {
		c = s[i]
		i++
		switch c {
		case '{':
			return 0, ValueError("unexpected '{' in field name")
		case '[':
			for i < len(s) && s[i] != ']' {
				i++
			}
		case '}', ':', '!':
			break scan
		}
	}
	if c != '}' && c != ':' && c != '!' {
		return 0, ValueError("expected '}' before end of string")
	}
	name := s[:i-1]
	var conversion rune
	var spec []rune
	nested := false
	done := c == '}'
	if c == '!' {
		if i >= len(s) {
			return 0, ValueError("end of string while looking for conversion specifier")
		}
		conversion = s[i]
		i++
		if i < len(s) {
			c = s[i]
			i++
			if c == '}' {
				done = true
			} else if c != ':' {
				return 0, ValueError("expected ':' after conversion specifier")
			}
		}
	}
	if !done {
		start, brackets := i, 1
		for brackets > 0 {
			if i >= len(s) {
				return 0, ValueError("unmatched '{' in format spec")
			}
			switch s[i] {
			case '{':
				nested = true
				brackets++
			case '}':
				brackets--
			}
			i++
		}
		spec = s[start : i-1]
	}
	value, err := f.lookup(name)
	if err != nil {
		return 0, err
	}
	if value, err = convert(value, conversion); err != nil {
		return 0, err
	}
	specText := string(spec)
	if nested {
		if specText, err = f.build(spec, depth-1); err != nil {
			return 0, err
		}
	}
	text, err := Format(value, specText)
	if err != nil {
		return 0, err
	}
	out.WriteString(text)
	return i, nil
}

func convert(value any, conversion rune) (any, error) {
	switch {
	case conversion == 0:
		return value, nil
	case conversion == 'r':
		return Repr(value), nil
	case conversion == 's':
		return Str(value), nil
	case conversion == 'a':
		return ASCII(value), nil
	}
	shown := shownCode(conversion)
	if conversion == 127 {
		shown = `\x7f`
	}
	return nil, ValueError("Unknown conversion specifier %s", shown)
}

// fieldNumber reads an index: -1 if the text is none.
func fieldNumber(text []rune) (int, error) {
	if len(text) == 0 {
		return -1, nil
	}
	number, used, ok := formatInteger(text)
	for _, c := range text {
		if ucd.Of(c).Decimal < 0 {
			if ok {
				return -1, nil
			}
			break
		}
	}
	if !ok {
		return -1, ValueError("Too many decimal digits in format string")
	}
	if used != len(text) {
		return -1, nil
	}
	return number, nil
}

func (f *formatter) lookup(field []rune) (any, error) {
	end := 0
	for end < len(field) && field[end] != '.' && field[end] != '[' {
		end++
	}
	first, rest := field[:end], field[end:]
	index, err := fieldNumber(first)
	if err != nil {
		return nil, err
	}
	if len(first) == 0 || index >= 0 {
		state := 2
		if len(first) == 0 {
			state = 1
		}
		switch {
		case f.state == 0:
			f.state = state
		case f.state == 2 && state == 1:
			return nil, ValueError("cannot switch from manual field specification to automatic field numbering")
		case f.state == 1 && state == 2:
			return nil, ValueError("cannot switch from automatic field numbering to manual field specification")
		}
		if len(first) == 0 {
			index = f.next
			f.next++
		}
	}
	var value any
	if index < 0 {
		ok := false
		if f.kwargs != nil {
			value, ok = f.kwargs.Get(string(first))
		}
		if !ok {
			return nil, KeyError(string(first))
		}
	} else {
		if index >= len(f.args) {
			return nil, IndexError("Replacement index %d out of range for positional args tuple", index)
		}
		value = f.args[index]
	}
	for len(rest) > 0 {
		if value, rest, err = step(value, rest); err != nil {
			return nil, err
		}
	}
	return value, nil
}

// step follows one .name or [key].
func step(value any, rest []rune) (any, []rune, error) {
	kind := rest[0]
	rest = rest[1:]
	end := 0
	if kind == '.' {
		for end < len(rest) && rest[end] != '.' && rest[end] != '[' {
			end++
		}
		if end == 0 {
			return nil, nil, ValueError("Empty attribute in format string")
		}
		return nil, nil, ErrUnsupported
	}
	if kind != '[' {
		return nil, nil, ValueError("Only '.' or '[' may follow ']' in format field specifier")
	}
	for end < len(rest) && rest[end] != ']' {
		end++
	}
	if end == len(rest) {
		return nil, nil, ValueError("Missing ']' in format string")
	}
	name := rest[:end]
	index, err := fieldNumber(name)
	if err != nil {
		return nil, nil, err
	}
	if end == 0 {
		return nil, nil, ValueError("Empty attribute in format string")
	}
	item, err := subscript(value, string(name), index)
	return item, rest[end+1:], err
}

func subscript(value any, name string, index int) (any, error) {
	switch v := value.(type) {
	case *AnyDict:
		if index >= 0 {
			return v.Item(int64(index))
		}
		return v.Item(name)
	case []any:
		return subscriptOf(v, index, "list", "list indices must be integers or slices, not str")
	case Tuple:
		return subscriptOf(v, index, "tuple", "tuple indices must be integers or slices, not str")
	case string:
		if index < 0 {
			return nil, TypeError("string indices must be integers, not 'str'")
		}
		return Index(v, index)
	case []byte:
		if index < 0 {
			return nil, TypeError("byte indices must be integers or slices, not str")
		}
		if index >= len(v) {
			return nil, IndexError("index out of range")
		}
		return int64(v[index]), nil
	}
	return nil, TypeError("'%s' object is not subscriptable", typeName(value))
}

func subscriptOf(items []any, index int, kind, noInteger string) (any, error) {
	if index < 0 {
		return nil, TypeError(noInteger)
	}
	if index >= len(items) {
		return nil, IndexError("%s index out of range", kind)
	}
	return items[index], nil
}
