// Derived from Soup Sieve 4.1.2, Copyright (c) 2018 - 2026 Isaac Muse; MIT, see LICENSE.

package util

import (
	"strings"
	"unicode/utf8"

	"py/dist.pyrt/py"
)

func asciiLower(text string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'A' && c <= 'Z' {
			return c + 'a' - 'A'
		}
		return c
	}, text)
}

func AsciiLower(string_ string) (string, error) {
	return asciiLower(string_), nil
}

func Lower(string_ string) (string, error) {
	return asciiLower(string_), nil
}

func GetPatternContext(pattern string, index int) (any, error) {
	if index > 1<<30 || index < -1<<30 {
		return nil, py.ErrUnsupported // as many spaces
	}
	var text strings.Builder
	line, column := 1, 1
	number, last := 1, 0 // of the current line, and where it begins, in code points
	for rest := pattern; ; number++ {
		content, ending := rest, 0
		if at := strings.IndexAny(rest, "\r\n"); at >= 0 {
			content, ending = rest[:at], 1
			if strings.HasPrefix(rest[at:], "\r\n") {
				ending = 2
			}
		}
		end := last + utf8.RuneCountInString(content)
		indent, offset, here := "    ", 0, false
		switch {
		case ending == 0 && number == 1:
			indent, offset, here = "", -1, true
		case last <= index && index < end+ending:
			indent, offset, here = "--> ", 3, true
			if index > end {
				offset = 2
			}
		}
		if number > 1 {
			text.WriteByte('\n')
		}
		text.WriteString(indent + content)
		if here {
			column = index - last + 1
			text.WriteString("\n" + py.Repeat(" ", column+offset) + "^")
			line = number
		}
		if ending == 0 {
			return py.Tuple{text.String(), int64(line), int64(column)}, nil
		}
		last = end + ending
		rest = rest[len(content)+ending:]
	}
}
