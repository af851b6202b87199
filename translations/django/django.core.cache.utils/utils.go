// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package utils

import (
	"crypto/md5"
	"encoding/hex"

	pyrt "py/dist.pyrt"
	"py/dist.pyrt/py"
)

func str(value any) (string, error) {
	switch value.(type) {
	case nil, bool, int64, float64, string, []byte:
		return py.Str(value), nil
	}
	return "", py.ErrUnsupported
}

func MakeTemplateFragmentKey(fragment_name any, options ...MakeTemplateFragmentKeyOptions) (any, error) {
	var o MakeTemplateFragmentKeyOptions
	if len(options) > 0 {
		o = options[0]
	}
	name, err := str(fragment_name)
	if err != nil {
		return nil, err
	}
	var list []any
	switch value := o.VaryOn.(type) {
	case nil, pyrt.NoneType:
	case []any:
		list = value
	case py.Tuple:
		list = value
	case string:
		for _, c := range value {
			list = append(list, string(c))
		}
	default:
		return nil, py.ErrUnsupported
	}
	hasher := md5.New()
	for _, item := range list {
		text, err := str(item)
		if err != nil {
			return nil, err
		}
		hasher.Write([]byte(text + ":"))
	}
	return "template.cache." + name + "." + hex.EncodeToString(hasher.Sum(nil)), nil
}
