// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package utils

import (
	"strings"

	"py/dist.pyrt/py"
)

func MakeModelTuple(model any) (any, error) {
	switch value := model.(type) {
	case py.Tuple:
		if len(value) == 2 {
			return value, nil
		}
		return nil, py.ErrUnsupported // the message formats with the tuple itself
	case string:
		parts := strings.Split(value, ".")
		if len(parts) != 2 {
			return nil, &py.Exception{Class: "ValueError", Args: []any{"Invalid model reference '" + value +
				"'. String model references must be of the form 'app_label.ModelName'."}}
		}
		return py.Tuple{parts[0], py.Lower(parts[1])}, nil
	}
	return nil, py.ErrUnsupported
}
