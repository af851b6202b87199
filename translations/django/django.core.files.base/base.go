// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package base

import (
	"bytes"
	"strings"

	"py/dist.pyrt/py"
)

func EndswithCr(line any) (any, error) {
	return endsWith(line, "\r")
}

func EndswithLf(line any) (any, error) {
	return endsWith(line, "\n")
}

func endsWith(line any, end string) (any, error) {
	switch value := line.(type) {
	case string:
		return strings.HasSuffix(value, end), nil
	case []byte:
		return bytes.HasSuffix(value, []byte(end)), nil
	}
	return nil, py.ErrUnsupported
}

func EqualsLf(line any) (any, error) {
	if value, isBytes := line.([]byte); isBytes {
		return string(value) == "\n", nil
	}
	text, isText := line.(string)
	return isText && text == "\n", nil
}
