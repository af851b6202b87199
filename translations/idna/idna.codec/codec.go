// Derived from idna 3.20, Copyright (c) 2013-2026, Kim Davies and contributors; BSD-3-Clause, see LICENSE.

package codec

import "py/dist.pyrt/py"

func SearchFunction(name string) (any, error) {
	if name == "idna2008" {
		return nil, py.ErrUnsupported // a CodecInfo
	}
	return nil, nil
}
