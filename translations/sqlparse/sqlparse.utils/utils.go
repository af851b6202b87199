// Derived from sqlparse 0.6.1 (sqlparse/utils.py). Copyright (c) 2016, Andi Albrecht <albrecht.andi@gmail.com>;
// the BSD 3-Clause License: see LICENSE.

package utils

import (
	"strings"

	"py/dist.pyrt/py"
)

func RemoveQuotes(val any) (any, error) {
	if val == nil {
		return nil, nil
	}
	text, ok := val.(string)
	switch {
	case !ok:
		return nil, py.ErrUnsupported
	case text == "":
		return nil, py.IndexError("string index out of range")
	}
	if quote := text[0]; strings.IndexByte("\"'`", quote) >= 0 && quote == text[len(text)-1] {
		return text[1:max(1, len(text)-1)], nil
	}
	return text, nil
}

func SplitUnquotedNewlines(stmt any) (any, error) {
	text, ok := stmt.(string)
	if !ok {
		return nil, py.ErrUnsupported
	}
	lines := []any{}
	start := 0
	unclosed := map[byte]int{} // no quote of this kind is closed before that place
	for pos := 0; pos < len(text); {
		next := strings.IndexAny(text[pos:], "\r\n'\"")
		if next < 0 {
			break
		}
		pos += next
		switch c := text[pos]; c {
		case '\r', '\n':
			lines = append(lines, text[start:pos])
			pos++
			if c == '\r' && pos < len(text) && text[pos] == '\n' {
				pos++
			}
			start = pos
		default:
			if pos >= unclosed[c] {
				end := quotedEnd(text, pos+1, c)
				if end < len(text) && text[end] == c {
					pos = end + 1
					continue
				}
				unclosed[c] = end
			}
			pos++
		}
	}
	return append(lines, text[start:]), nil
}

// quotedEnd gives the place of the quote that ends a string, or where it cannot go on: a backslash takes the next character
// with it, but no line feed.
func quotedEnd(text string, pos int, quote byte) int {
	for pos < len(text) && text[pos] != quote {
		if text[pos] == '\\' {
			if pos+1 == len(text) || text[pos+1] == '\n' {
				return pos
			}
			pos++
		}
		pos++
	}
	return min(pos, len(text))
}
