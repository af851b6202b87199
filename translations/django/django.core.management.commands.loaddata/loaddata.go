// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package loaddata

import "py/dist.pyrt/py"

func Humanize(dirname any) (any, error) {
	switch name := dirname.(type) {
	case nil:
		return "absolute path", nil
	case string:
		if name == "" {
			return "absolute path", nil
		}
		return "'" + name + "'", nil
	}
	return nil, py.ErrUnsupported
}
