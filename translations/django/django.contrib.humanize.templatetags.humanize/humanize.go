// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package humanize

import (
	"strings"
	"sync"

	pyrt "py/dist.pyrt"
	"py/dist.pyrt/py"
	"py/dist.pyrt/py/re"
)

var leadingDigits = sync.OnceValue(func() *re.Pattern { return re.MustCompile(`-?\d+`, 0) })

// Intcomma is native where it does not ask the settings for a format.
func Intcomma(value any, options ...IntcommaOptions) (any, error) {
	var o IntcommaOptions
	if len(options) > 0 {
		o = options[0]
	}
	text := ""
	localized := o.UseL10n == nil
	switch wanted := o.UseL10n.(type) {
	case nil, pyrt.NoneType:
	case bool:
		localized = wanted
	default:
		return nil, py.ErrUnsupported
	}
	switch number := value.(type) {
	case nil:
		localized = false // int(None) is a TypeError, after which it goes on without
		text = "None"
	case string:
		if localized {
			_, err := py.ParseBigInt(number, 10)
			localized = py.Except(err, "ValueError") == nil
		}
		text = number
	case bool, int64, float64:
		text = py.Str(number)
	default:
		return nil, py.ErrUnsupported
	}
	if localized {
		return nil, py.ErrUnsupported
	}
	m := leadingDigits().Match(text)
	if m == nil {
		return text, nil
	}
	digits, sign := strings.CutPrefix(m.Group(0), "-")
	chars := py.Chars(digits)
	var out strings.Builder
	if sign {
		out.WriteByte('-')
	}
	for i, char := range chars {
		if i > 0 && (len(chars)-i)%3 == 0 {
			out.WriteByte(',')
		}
		out.WriteString(char)
	}
	_, end := m.Bytes(0)
	return out.String() + text[end:], nil
}
