// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package utils

import (
	"slices"
	"strings"

	"py/dist.pyrt/py"
	"py/dist.pyrt/py/re"
)

func patternsOf(patterns any) ([]string, error) {
	var list []any
	switch value := patterns.(type) {
	case []any:
		list = value
	case py.Tuple:
		list = value
	default:
		return nil, py.ErrUnsupported
	}
	var texts []string
	for _, item := range list {
		text, isText := item.(string)
		if !isText {
			return nil, py.ErrUnsupported
		}
		texts = append(texts, strings.TrimSuffix(text, "/*"))
	}
	return texts, nil
}

func NormalizePathPatterns(patterns any) (any, error) {
	texts, err := patternsOf(patterns)
	if err != nil {
		return nil, err
	}
	normal := make([]any, len(texts))
	for i, text := range texts {
		normal[i] = text
	}
	return normal, nil
}

func IsIgnoredPath(path any, ignore_patterns any) (any, error) {
	given, isText := path.(string)
	if !isText || strings.Contains(given, "\x00") {
		return nil, py.ErrUnsupported
	}
	patterns, err := patternsOf(ignore_patterns)
	if err != nil {
		return nil, err
	}
	whole, name := purePath(given)
	for _, pattern := range patterns {
		for _, text := range []string{name, whole} {
			matches, err := fnmatch(text, pattern)
			if err != nil || matches {
				return err == nil, err
			}
		}
	}
	return false, nil
}

// purePath gives str() and name of a pathlib.Path.
func purePath(path string) (whole, name string) {
	root := ""
	switch {
	case strings.HasPrefix(path, "//") && !strings.HasPrefix(path, "///"):
		root = "//"
	case strings.HasPrefix(path, "/"):
		root = "/"
	}
	parts := slices.DeleteFunc(strings.Split(path, "/"), func(part string) bool { return part == "" || part == "." })
	if len(parts) == 0 {
		if root == "" {
			return ".", ""
		}
		return root, ""
	}
	return root + strings.Join(parts, "/"), parts[len(parts)-1]
}

// fnmatch is fnmatch.fnmatchcase. A class is left to Python where it has what only Python's reading of shells knows.
func fnmatch(name, pattern string) (bool, error) {
	if !strings.Contains(pattern, "[") {
		return wildcard([]rune(name), []rune(pattern)), nil
	}
	var expression strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; c {
		case '*':
			expression.WriteString(".*")
		case '?':
			expression.WriteByte('.')
		case '[':
			end := strings.IndexByte(pattern[i:], ']')
			class := ""
			if end > 0 {
				class = strings.TrimPrefix(pattern[i+1:i+end], "!")
			}
			if class == "" || strings.ContainsAny(class, `\^[&~|-!`) {
				return false, py.ErrUnsupported
			}
			if pattern[i+1] == '!' {
				class = "^" + class
			}
			expression.WriteString("[" + class + "]")
			i += end
		default:
			if c < 0x80 {
				expression.WriteString(re.Escape(string(rune(c))))
			} else {
				expression.WriteByte(c)
			}
		}
	}
	compiled, err := re.Cached(expression.String(), re.DOTALL)
	if err != nil {
		return false, py.ErrUnsupported
	}
	return compiled.Fullmatch(name) != nil, nil
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
