// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package defaultfilters

import (
	"math/big"
	"strings"

	pyrt "py/dist.pyrt"
	"py/dist.pyrt/py"
)

// str is str(value) for scalars.
func str(value any) (string, error) {
	switch value.(type) {
	case nil, bool, int64, *big.Int, float64, string, []byte:
		return py.Str(value), nil
	}
	return "", py.ErrUnsupported
}

// mapped is what most filters for strings are.
func mapped(value any, change func(string) string) (any, error) {
	text, err := str(value)
	if err != nil {
		return nil, err
	}
	return change(text), nil
}

// toInt is int(value), with its ValueError; what is neither a number nor a str is ErrUnsupported.
func toInt(value any) (int64, error) {
	switch number := value.(type) {
	case int64:
		return number, nil
	case bool:
		if number {
			return 1, nil
		}
		return 0, nil
	case float64:
		return py.IntOfFloat(number)
	case string:
		return py.ParseInt(number, 10)
	}
	return 0, py.ErrUnsupported
}

func Addslashes(value any) (any, error) {
	return mapped(value, slashes.Replace)
}

var slashes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `'`, `\'`)

func Capfirst(value any) (any, error) {
	return mapped(value, func(s string) string {
		return py.Upper(py.Slice(s, py.From, 1)) + py.Slice(s, 1, py.To)
	})
}

func Iriencode(value any) (any, error) {
	return mapped(value, func(s string) string { return quote(s, "/#%[]=:;$&()+,!?*@'~") })
}

func Lower(value any) (any, error) {
	return mapped(value, py.Lower)
}

func Upper(value any) (any, error) {
	return mapped(value, py.Upper)
}

func Slugify(value any) (any, error) {
	text, err := str(value)
	if err != nil {
		return nil, err
	}
	slug, err := slugify(text)
	return slug, err
}

func Title(value any) (any, error) {
	return mapped(value, title)
}

func MakeList(value any) (any, error) {
	text, err := str(value)
	if err != nil {
		return nil, err
	}
	chars := []any{}
	for _, c := range text {
		chars = append(chars, string(c))
	}
	return chars, nil
}

func Stringformat(value any, arg any) (any, error) {
	if _, err := str(value); err != nil {
		return nil, err
	}
	spec, err := str(arg)
	if err != nil {
		return nil, err
	}
	text, err := py.Percent("%"+spec, value)
	if py.Except(err, "ValueError", "TypeError") != nil {
		return "", nil
	}
	return text, err
}

func Truncatewords(value any, arg any) (any, error) {
	text, err := str(value)
	if err != nil {
		return nil, err
	}
	length, err := toInt(arg)
	switch {
	case py.Except(err, "ValueError") != nil:
		return text, nil
	case err != nil:
		return nil, err
	case length <= 0:
		return "", nil
	}
	words := py.SplitSpace(text, -1)
	if int64(len(words)) <= length {
		return strings.Join(words, " "), nil
	}
	return strings.TrimSuffix(strings.Join(words[:length], " "), " …") + " …", nil
}

func Urlencode(value any, options ...UrlencodeOptions) (any, error) {
	var o UrlencodeOptions
	if len(options) > 0 {
		o = options[0]
	}
	safe := "/"
	switch given := o.Safe.(type) {
	case nil, pyrt.NoneType:
	case string:
		if !py.IsASCII(given) {
			return nil, py.ErrUnsupported
		}
		safe = given
	default:
		return nil, py.ErrUnsupported
	}
	return mapped(value, func(s string) string { return quote(s, safe) })
}

func Wordcount(value any) (any, error) {
	text, err := str(value)
	if err != nil {
		return nil, err
	}
	return int64(len(py.SplitSpace(text, -1))), nil
}

func Wordwrap(value any, arg any) (any, error) {
	return sized(value, arg, wrap)
}

func Ljust(value any, arg any) (any, error) {
	return sized(value, arg, func(s string, width int) (string, error) { return py.LJust(s, max(width, 0), ' '), nil })
}

func Rjust(value any, arg any) (any, error) {
	return sized(value, arg, func(s string, width int) (string, error) { return py.RJust(s, max(width, 0), ' '), nil })
}

func Center(value any, arg any) (any, error) {
	return sized(value, arg, func(s string, width int) (string, error) { return py.Center(s, max(width, 0), ' '), nil })
}

// sized calls a filter whose argument is a width.
func sized(value, arg any, filter func(s string, width int) (string, error)) (any, error) {
	text, err := str(value)
	if err != nil {
		return nil, err
	}
	width, err := toInt(arg)
	if err != nil {
		return nil, err
	}
	if width > 1<<24 {
		return nil, py.ErrUnsupported
	}
	result, err := filter(text, int(width))
	return result, err
}

func Cut(value any, arg any) (any, error) {
	old, isText := arg.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	return mapped(value, func(s string) string { return strings.ReplaceAll(s, old, "") })
}

func Phone2numericFilter(value any) (any, error) {
	text, isText := value.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	const digits = "22233344455566677778889999" // of a to z
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' {
			return rune(digits[c-'a'])
		}
		return c
	}, py.Lower(text)), nil
}

// ---- integers ---------------------------------------------------------------------------------------------------------

func Add(value any, arg any) (any, error) {
	_, first := value.(bool)
	_, second := arg.(bool)
	if first || second { // True + 1.5 and such
		return nil, py.ErrUnsupported
	}
	a, err := toInt(value)
	if err == nil {
		var b int64
		if b, err = toInt(arg); err == nil {
			sum, err := py.Add(a, b)
			return sum, err
		}
	}
	if err != py.ErrUnsupported && py.Except(err, "ValueError") == nil {
		return nil, err
	}
	switch x := value.(type) {
	case string:
		switch y := arg.(type) {
		case string:
			return x + y, nil
		case nil, int64, float64, []any, py.Tuple, pyrt.Dict:
			return "", nil
		}
	case []any:
		switch y := arg.(type) {
		case []any:
			return append(append([]any{}, x...), y...), nil
		case nil, int64, float64, string, py.Tuple, pyrt.Dict:
			return "", nil
		}
	case py.Tuple:
		switch y := arg.(type) {
		case py.Tuple:
			return append(append(py.Tuple{}, x...), y...), nil
		case nil, int64, float64, string, []any, pyrt.Dict:
			return "", nil
		}
	case nil, int64, pyrt.Dict:
		switch arg.(type) {
		case nil, string, []any, py.Tuple, pyrt.Dict:
			return "", nil
		}
	}
	return nil, py.ErrUnsupported
}

func GetDigit(value any, arg any) (any, error) {
	position, err := toInt(arg)
	if py.Except(err, "ValueError") != nil {
		return value, nil
	}
	if err != nil {
		return nil, err
	}
	number, err := toInt(value)
	if py.Except(err, "ValueError") != nil {
		return value, nil
	}
	if err != nil {
		return nil, err
	}
	digits := py.Str(number)
	if position < 1 {
		return number, nil
	}
	if position > int64(len(digits)) {
		return int64(0), nil
	}
	digit, err := py.ParseInt(digits[len(digits)-int(position):][:1], 10)
	return digit, err // a ValueError for the minus
}

func Divisibleby(value any, arg any) (any, error) {
	number, err := toInt(value)
	if err != nil {
		return nil, err
	}
	by, err := toInt(arg)
	if err != nil {
		return nil, err
	}
	rest, err := py.Mod(number, by)
	return rest == 0, err
}

// ---- logic ------------------------------------------------------------------------------------------------------------

// truth is bool(value).
func truth(value any) (bool, error) {
	switch list := value.(type) {
	case pyrt.Dict:
		return len(list) > 0, nil
	case nil, bool, int64, float64, string, []byte, []any, py.Tuple:
		return py.Truth(list), nil
	}
	return false, py.ErrUnsupported
}

func Default(value any, arg any) (any, error) {
	given, err := truth(value)
	if err != nil {
		return nil, err
	}
	if given {
		return value, nil
	}
	return arg, nil
}

func DefaultIfNone(value any, arg any) (any, error) {
	if value == nil {
		return arg, nil
	}
	return value, nil
}

func Yesno(value any, options ...YesnoOptions) (any, error) {
	var o YesnoOptions
	if len(options) > 0 {
		o = options[0]
	}
	words, isText := o.Arg.(string)
	if !isText { // None asks for a translation
		return nil, py.ErrUnsupported
	}
	given, err := truth(value)
	if err != nil {
		return nil, err
	}
	bits := strings.Split(words, ",")
	switch {
	case len(bits) < 2:
		return value, nil
	case value == nil && len(bits) == 3:
		return bits[2], nil
	case given:
		return bits[0], nil
	}
	return bits[1], nil
}

func Pluralize(value any, options ...PluralizeOptions) (any, error) {
	var o PluralizeOptions
	if len(options) > 0 {
		o = options[0]
	}
	suffixes := "s"
	if o.Arg != nil {
		given, isText := o.Arg.(string)
		if !isText {
			return nil, py.ErrUnsupported
		}
		suffixes = given
	}
	if !strings.Contains(suffixes, ",") {
		suffixes = "," + suffixes
	}
	bits := strings.Split(suffixes, ",")
	if len(bits) > 2 {
		return "", nil
	}
	one := false
	switch number := value.(type) {
	case bool:
		one = number
	case int64:
		one = number == 1
	case float64:
		one = number == 1
	case string:
		parsed, err := py.ParseFloat(number)
		if py.Except(err, "ValueError") != nil {
			return "", nil
		}
		if err != nil {
			return nil, err
		}
		one = parsed == 1
	case []any:
		one = len(number) == 1
	case py.Tuple:
		one = len(number) == 1
	case pyrt.Dict:
		one = len(number) == 1
	case nil:
		return "", nil
	default:
		return nil, py.ErrUnsupported
	}
	if one {
		return bits[0], nil
	}
	return bits[1], nil
}
