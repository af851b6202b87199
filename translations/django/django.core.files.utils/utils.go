// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package utils

import (
	"strings"

	"py/dist.pyrt/py"
)

func ValidateFileName(name any, options ...ValidateFileNameOptions) (any, error) {
	var o ValidateFileNameOptions
	if len(options) > 0 {
		o = options[0]
	}
	relative := false
	switch value := o.AllowRelativePath.(type) {
	case nil:
	case bool:
		relative = value
	default:
		return nil, py.ErrUnsupported
	}
	text, isText := name.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	// What is refused is a SuspiciousFileOperation of the original.
	base := text[strings.LastIndexByte(text, '/')+1:]
	if base == "" || base == "." || base == ".." || !relative && base != text {
		return nil, py.ErrUnsupported
	}
	path := strings.ReplaceAll(text, `\`, "/")
	if relative && (strings.HasPrefix(path, "/") || strings.Contains("/"+path+"/", "/../")) {
		return nil, py.ErrUnsupported
	}
	return text, nil
}
