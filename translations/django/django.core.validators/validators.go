// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package validators

import (
	"strings"

	"py/dist.pyrt/py"
)

// What is not valid is a ValidationError of the original.

func ValidateInteger(value any) (any, error) {
	text := ""
	switch value.(type) {
	case int64, string, float64, bool, nil:
		text = py.Str(value)
	default:
		return nil, py.ErrUnsupported
	}
	if !py.IsDecimal(strings.TrimPrefix(text, "-")) {
		return nil, py.ErrUnsupported
	}
	return nil, nil
}

func ValidateIpv4Address(value any) (any, error) {
	return validate(value, isIPv4)
}

func ValidateIpv6Address(value any) (any, error) {
	return validate(value, isIPv6)
}

func ValidateIpv46Address(value any) (any, error) {
	return validate(value, func(text string) bool { return isIPv4(text) || isIPv6(text) })
}

func validate(value any, valid func(string) bool) (any, error) {
	text, isText := value.(string)
	if !isText || !valid(text) {
		return nil, py.ErrUnsupported
	}
	return nil, nil
}

func isIPv4(text string) bool {
	_, valid := parseIPv4(text)
	return valid
}

func isIPv6(text string) bool {
	_, valid := parseAddress(text)
	return valid && py.Len(text) <= maxAddressLength
}
