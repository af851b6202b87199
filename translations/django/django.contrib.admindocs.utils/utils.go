// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package utils

import (
	"strings"
	"sync"
	"unicode/utf8"

	"py/dist.pyrt/py"
	"py/dist.pyrt/py/re"
)

var (
	named          = sync.OnceValue(func() *re.Pattern { return re.MustCompile(`\(\?P(<\w+>)`, 0) })
	unnamed        = sync.OnceValue(func() *re.Pattern { return re.MustCompile(`\(`, 0) })
	nonCapturing   = sync.OnceValue(func() *re.Pattern { return re.MustCompile(`\(\?\:`, 0) })
	metacharacters = sync.OnceValue(func() *re.Pattern { return re.MustCompile(`((?:^|(?<!\\))(?:\\\\)*)(\\?)([?*+^$]|\\[bBAZ])`, 0) })
	explicitTitle  = sync.OnceValue(func() *re.Pattern { return re.MustCompile(`^(.+?)\s*(?<!\x00)<([^<]*?)>$`, re.DOTALL) })
)

// found is a group of a pattern: its place in bytes, and its name with the brackets.
type found struct {
	start, end int
	name       string
}

// findGroups gives the groups that begin as opening says, without those that begin before the last one has ended.
func findGroups(pattern string, opening *re.Pattern) []found {
	var list []found
	last := 0
	for m := range opening.Finditer(pattern) {
		start, inside := m.Bytes(0)
		end := groupEnd(pattern, inside)
		if end < 0 {
			continue
		}
		if last == 0 || start > last {
			row := found{start, end, ""}
			if m.Pattern().NumGroups() > 0 {
				row.name = m.Group(1)
			}
			list = append(list, row)
		}
		last = end
	}
	return list
}

// groupEnd gives the place after the parenthesis that closes a group, -1 if there is none.
func groupEnd(pattern string, inside int) int {
	open := 1
	before := rune(-1)
	for i, c := range pattern[inside:] {
		if before != '\\' {
			switch c {
			case '(':
				open++
			case ')':
				open--
			}
		}
		before = c
		if open == 0 {
			return inside + i + utf8.RuneLen(c)
		}
	}
	return -1
}

func ReplaceMetacharacters(pattern any) (any, error) {
	text, isText := pattern.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	return metacharacters().SubFunc(func(m *re.Match) string {
		if m.Group(2) != "" {
			return m.Group(1) + m.Group(3)
		}
		return m.Group(1)
	}, text, 0), nil
}

func ReplaceNamedGroups(pattern any) (any, error) {
	text, isText := pattern.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	result := text
	for _, row := range findGroups(text, named()) {
		result = strings.ReplaceAll(result, text[row.start:row.end], row.name)
	}
	return result, nil
}

func ReplaceUnnamedGroups(pattern any) (any, error) {
	text, isText := pattern.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	result, last := "", 0
	for _, row := range findGroups(text, unnamed()) {
		if last > 0 {
			result += text[min(last, row.start):row.start]
		}
		result += text[:row.start] + "<var>"
		last = row.end
	}
	return result + text[last:], nil
}

func RemoveNonCapturingGroups(pattern any) (any, error) {
	text, isText := pattern.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	result, last := "", 0
	for _, row := range findGroups(text, nonCapturing()) {
		result += text[min(last, row.start):row.start]
		last = row.end
	}
	return result + text[last:], nil
}

func SplitExplicitTitle(text any) (any, error) {
	given, isText := text.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	if m := explicitTitle().Match(given); m != nil {
		return py.Tuple{true, m.Group(1), m.Group(2)}, nil
	}
	return py.Tuple{false, given, given}, nil
}
