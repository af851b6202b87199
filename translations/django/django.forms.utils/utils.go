// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package utils

import (
	"strings"

	"py/dist.pyrt/py"
)

func PrettyName(name any) (any, error) {
	if name == nil {
		return "", nil
	}
	text, isText := name.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	return py.Capitalize(strings.ReplaceAll(text, "_", " ")), nil
}
