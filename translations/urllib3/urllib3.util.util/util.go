// Derived from urllib3 2.8.0, Copyright (c) 2008-2020 Andrey Petrov and contributors; MIT, see LICENSE.

package util

import (
	pyrt "py/dist.pyrt"
	"py/dist.pyrt/py"
)

// word is the value of an option that is a str, or None or "" for its default.
func word(option any, fallback string) (string, error) {
	switch value := option.(type) {
	case nil, pyrt.NoneType:
		return fallback, nil
	case string:
		if value == "" {
			return fallback, nil
		}
		return value, nil
	}
	return "", py.ErrUnsupported
}

// handler is that of an option, if py has it.
func handler(option any) (string, error) {
	name, err := word(option, "strict")
	if err != nil {
		return "", err
	}
	switch name {
	case "strict", "ignore", "replace", "backslashreplace", "xmlcharrefreplace":
		return name, nil
	}
	return "", py.ErrUnsupported
}

// encoding is that of an option, if it is one that has the same name everywhere.
func encoding(option any) (string, error) {
	name, err := word(option, "utf-8")
	if err != nil {
		return "", err
	}
	switch name {
	case "utf-8", "utf8", "UTF-8", "ascii", "us-ascii", "latin-1", "latin1", "iso-8859-1", "utf-16", "utf-16-le", "utf-16-be":
		return name, nil
	}
	return "", py.ErrUnsupported
}

func ToBytes(x any, options ...ToBytesOptions) ([]byte, error) {
	var o ToBytesOptions
	if len(options) > 0 {
		o = options[0]
	}
	switch value := x.(type) {
	case []byte:
		return value, nil
	case string:
		name, err := encoding(o.Encoding)
		if err != nil {
			return nil, err
		}
		errors, err := handler(o.Errors)
		if err != nil {
			return nil, err
		}
		return py.Encode(value, name, errors)
	}
	return nil, py.ErrUnsupported
}

func ToStr(x any, options ...ToStrOptions) (string, error) {
	var o ToStrOptions
	if len(options) > 0 {
		o = options[0]
	}
	switch value := x.(type) {
	case string:
		return value, nil
	case []byte:
		name, err := encoding(o.Encoding)
		if err != nil {
			return "", err
		}
		errors, err := handler(o.Errors)
		if err != nil {
			return "", err
		}
		return py.Decode(value, name, errors)
	}
	return "", py.ErrUnsupported
}
