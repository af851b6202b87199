// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package utils

import (
	"strings"

	"py/dist.pyrt/py"
)

func HandleExtensions(extensions any) (any, error) {
	var list []any
	switch value := extensions.(type) {
	case []any:
		list = value
	case py.Tuple:
		list = value
	case *py.AnySet:
		list = value.Values()
	case *py.AnyFrozenSet:
		list = value.Values()
	case string:
		for _, char := range py.Chars(value) {
			list = append(list, char)
		}
	default:
		return nil, py.ErrUnsupported
	}
	found := new(py.AnySet)
	for _, item := range list {
		text, isText := item.(string)
		if !isText {
			return nil, py.ErrUnsupported
		}
		for _, extension := range strings.Split(strings.ReplaceAll(text, " ", ""), ",") {
			if !strings.HasPrefix(extension, ".") {
				extension = "." + extension
			}
			if err := found.Add(extension); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}
