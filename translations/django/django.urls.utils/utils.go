// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package utils

import (
	"strings"

	"py/dist.pyrt/py"
)

func GetModFunc(callback any) (any, error) {
	text, isText := callback.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	dot := strings.LastIndexByte(text, '.')
	if dot < 0 {
		return py.Tuple{text, ""}, nil
	}
	return py.Tuple{text[:dot], text[dot+1:]}, nil
}
