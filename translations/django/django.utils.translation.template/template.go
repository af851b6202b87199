// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package template

import (
	"strings"

	"py/dist.pyrt/py"
)

func Blankout(src any, char any) (any, error) {
	text, isText := src.(string)
	blank, isBlank := char.(string)
	if !isText || !isBlank || strings.Contains(blank, `\`) { // char is a template of re.sub
		return nil, py.ErrUnsupported
	}
	var out strings.Builder
	for _, c := range text {
		if py.IsSpaceRune(c) {
			out.WriteRune(c)
		} else {
			out.WriteString(blank)
		}
	}
	return out.String(), nil
}
