// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package utils

import (
	"strings"

	pyrt "py/dist.pyrt"
	"py/dist.pyrt/py"
)

func ResolveRelation(model any, options ...ResolveRelationOptions) (any, error) {
	var o ResolveRelationOptions
	if len(options) > 0 {
		o = options[0]
	}
	app, name := given(o.AppLabel), given(o.ModelName)
	reference, isText := model.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	if reference == "self" {
		if app == nil || name == nil {
			return nil, py.TypeError("app_label and model_name must be provided to resolve recursive relationships.")
		}
		return py.Tuple{app, name}, nil
	}
	if label, model, found := strings.Cut(reference, "."); found {
		return py.Tuple{label, py.Lower(model)}, nil
	}
	if app == nil {
		return nil, py.TypeError("app_label must be provided to resolve unscoped model relationships.")
	}
	return py.Tuple{app, py.Lower(reference)}, nil
}

// given is the value of an option whose default is None.
func given(option any) any {
	if _, none := option.(pyrt.NoneType); none {
		return nil
	}
	return option
}
