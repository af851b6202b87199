// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package wsgi

import (
	pyrt "py/dist.pyrt"
	"py/dist.pyrt/py"
)

// fromEnviron gives the bytes that a server decoded as ISO-8859-1.
func fromEnviron(environ, key, fallback any) ([]byte, error) {
	dict, isDict := environ.(pyrt.Dict)
	name, isText := key.(string)
	if !isDict || !isText {
		return nil, py.ErrUnsupported
	}
	value, found := dict.Get(name)
	if !found {
		value = fallback
	}
	text, isText := value.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	return py.Encode(text, "iso-8859-1", "strict")
}

func GetBytesFromWsgi(environ any, key any, default_ any) (any, error) {
	given, err := fromEnviron(environ, key, default_)
	return given, err
}

func GetStrFromWsgi(environ any, key any, default_ any) (any, error) {
	given, err := fromEnviron(environ, key, default_)
	if err != nil {
		return nil, err
	}
	text, err := py.Decode(given, "utf-8", "replace")
	return text, err
}
