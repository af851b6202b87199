// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package base

import (
	"strings"

	"py/dist.pyrt/py"
)

func DefaultKeyFunc(key any, key_prefix any, version any) (any, error) {
	var parts []string
	for _, part := range []any{key_prefix, version, key} {
		switch part.(type) {
		case nil, bool, int64, float64, string, []byte:
			parts = append(parts, py.Str(part))
		default:
			return nil, py.ErrUnsupported
		}
	}
	return strings.Join(parts, ":"), nil
}
