// Derived from idna 3.20, Copyright (c) 2013-2026, Kim Davies and contributors; BSD-3-Clause, see LICENSE.

package cli

import (
	"strings"

	"py/dist.pyrt/py"
)

func X_looks_like_alabel(s string) (bool, error) {
	isDot := func(c rune) bool { return strings.ContainsRune(".\u3002\uff0e\uff61", c) }
	for _, label := range strings.FieldsFunc(s, isDot) {
		if strings.HasPrefix(py.Lower(label), "xn--") {
			return true, nil
		}
	}
	return false, nil
}
