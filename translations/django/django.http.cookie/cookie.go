// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package cookie

import (
	"strings"

	"py/dist.pyrt/py"
)

func ParseCookie(cookie any) (any, error) {
	header, isText := cookie.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	cookies := &py.AnyDict{}
	for _, chunk := range strings.Split(header, ";") {
		key, value, found := strings.Cut(chunk, "=")
		if !found { // https://bugzilla.mozilla.org/show_bug.cgi?id=169091
			key, value = "", chunk
		}
		key, value = py.Strip(key), py.Strip(value)
		if key == "" && value == "" {
			continue
		}
		if py.Len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
			value = value[1 : len(value)-1]
			if strings.Contains(value, `\`) { // escapes: versions of Python differ
				return nil, py.ErrUnsupported
			}
		}
		if err := cookies.Set(key, value); err != nil {
			return nil, err
		}
	}
	return cookies, nil
}
