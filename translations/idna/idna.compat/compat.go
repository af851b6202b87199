// Derived from idna 3.20, Copyright (c) 2013-2026, Kim Davies and contributors; BSD-3-Clause, see LICENSE.

package compat

import "py/dist.pyrt/py"

func Nameprep(s any) error {
	return &py.Exception{Class: "NotImplementedError", Args: []any{"IDNA 2008 does not utilise nameprep protocol"}}
}
