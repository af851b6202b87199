// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package request

import (
	"strings"
	"sync"

	"py/dist.pyrt/py"
	"py/dist.pyrt/py/re"
)

func BytesToText(s any, encoding any) (any, error) {
	given, isBytes := s.([]byte)
	if !isBytes {
		return s, nil
	}
	switch encoding {
	case "utf-8", "utf8", "ascii", "latin-1", "iso-8859-1":
		text, err := py.Decode(given, encoding.(string), "replace")
		return text, err
	}
	return nil, py.ErrUnsupported
}

var hostForm = sync.OnceValue(func() *re.Pattern {
	return re.MustCompile(`^([a-z0-9.-]+|\[[a-f0-9]*:[a-f0-9.:]+\])(?::([0-9]+))?$`, 0)
})

func SplitDomainPort(host any) (any, error) {
	text, isText := host.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	m := hostForm().Fullmatch(py.Lower(text))
	if m == nil {
		return py.Tuple{"", ""}, nil
	}
	return py.Tuple{strings.TrimSuffix(m.Group(1), "."), m.Group(2)}, nil
}

func ValidateHost(host any, allowed_hosts any) (any, error) {
	name, isText := host.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	var list []any
	switch value := allowed_hosts.(type) {
	case []any:
		list = value
	case py.Tuple:
		list = value
	default:
		return nil, py.ErrUnsupported
	}
	for _, item := range list {
		pattern, isText := item.(string)
		if !isText {
			return nil, py.ErrUnsupported
		}
		if pattern == "*" || isSameDomain(name, pattern) {
			return true, nil
		}
	}
	return false, nil
}

// isSameDomain tells whether a host is a domain, or below one with a full stop before it.
func isSameDomain(host, pattern string) bool {
	pattern = py.Lower(pattern)
	if strings.HasPrefix(pattern, ".") && (strings.HasSuffix(host, pattern) || host == pattern[1:]) {
		return true
	}
	return pattern != "" && host == pattern
}
