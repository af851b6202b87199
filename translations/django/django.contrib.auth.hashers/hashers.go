// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package hashers

import (
	"math"
	"strings"

	"py/dist.pyrt/py"
)

func IsPasswordUsable(encoded any) (any, error) {
	if encoded == nil {
		return true, nil
	}
	text, isText := encoded.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	return !strings.HasPrefix(text, "!"), nil
}

func MaskHash(hash any, options ...MaskHashOptions) (any, error) {
	var o MaskHashOptions
	if len(options) > 0 {
		o = options[0]
	}
	text, isText := hash.(string)
	show, char, ok := int64(6), "*", isText
	if o.Show != nil && ok {
		show, ok = o.Show.(int64)
	}
	if o.Char != nil && ok {
		char, ok = o.Char.(string)
	}
	if !ok {
		return nil, py.ErrUnsupported
	}
	rest := py.Slice(text, int(show), py.To)
	return py.Slice(text, py.From, int(show)) + strings.Repeat(char, py.Len(rest)), nil
}

// bitsOfChar is the entropy of one of the 62 characters of a salt.
var bitsOfChar = math.Log2(62)

func MustUpdateSalt(salt any, expected_entropy any) (any, error) {
	text, isText := salt.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	entropy := float64(py.Len(text)) * bitsOfChar
	switch expected := expected_entropy.(type) {
	case int64:
		if expected > 1<<53 || expected < -1<<53 {
			return nil, py.ErrUnsupported
		}
		return entropy < float64(expected), nil
	case float64:
		return entropy < expected, nil
	}
	return nil, py.ErrUnsupported
}
