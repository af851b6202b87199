// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package utils

import (
	"strings"

	"py/dist.pyrt/py"
)

func MatchesPatterns(path any, patterns any) (any, error) {
	name, isText := path.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	var list []any
	switch value := patterns.(type) {
	case []any:
		list = value
	case py.Tuple:
		list = value
	default:
		return nil, py.ErrUnsupported
	}
	for _, item := range list {
		pattern, isText := item.(string)
		if !isText || strings.Contains(pattern, "[") { // classes of characters: fnmatch makes a regular expression of them
			return nil, py.ErrUnsupported
		}
		if wildcard([]rune(name), []rune(pattern)) {
			return true, nil
		}
	}
	return false, nil
}

// wildcard matches a pattern of * and ?.
func wildcard(name, pattern []rune) bool {
	at, star, retry := 0, -1, 0 // star is the place of the last *, retry where it tries to end
	for i := 0; i < len(name); {
		switch {
		case at < len(pattern) && pattern[at] == '*':
			star, retry = at, i
			at++
		case at < len(pattern) && (pattern[at] == '?' || pattern[at] == name[i]):
			at++
			i++
		case star >= 0:
			retry++
			at, i = star+1, retry
		default:
			return false
		}
	}
	for at < len(pattern) && pattern[at] == '*' {
		at++
	}
	return at == len(pattern)
}
