// Derived from sqlparse 0.6.1 (sqlparse/filters/output.py, others.py, sqlparse/utils.py). Copyright (c) 2016, Andi Albrecht
// <albrecht.andi@gmail.com>; the BSD 3-Clause License: see LICENSE.

package scc0

import (
	"strconv"
	"strings"

	"py/dist.pyrt/py"
)

// outputFormat is how a statement becomes source code of another language.
type outputFormat struct {
	variable string
	begin    func(variable string, lines bool) string
	newLine  func(variable string) string
	end      func(lines bool) string
	escape   *strings.Replacer
}

func pythonOutput() *outputFormat {
	return &outputFormat{
		variable: "sql",
		begin: func(variable string, lines bool) string {
			if lines {
				return variable + " = ('"
			}
			return variable + " = '"
		},
		newLine: func(variable string) string { return " '\n" + strings.Repeat(" ", py.Len(variable)+4) + "'" },
		end: func(lines bool) string {
			if lines {
				return "')"
			}
			return "'"
		},
		escape: strings.NewReplacer(`\`, `\\`, `'`, `\'`),
	}
}

func phpOutput() *outputFormat {
	return &outputFormat{
		variable: "$sql",
		begin: func(variable string, lines bool) string {
			if lines {
				return variable + `  = "`
			}
			return variable + ` = "`
		},
		newLine: func(variable string) string { return " \";\n" + variable + ` .= "` },
		end:     func(bool) string { return `";` },
		escape:  strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`),
	}
}

// source gives the source code of a statement, the count-th one.
func (f *outputFormat) source(stmt *node, count int) string {
	variable := f.variable
	var out strings.Builder
	if count > 1 {
		variable += strconv.Itoa(count)
		out.WriteByte('\n')
	}
	lines := len(py.SplitLines(py.Strip(stmt.text()), false)) > 1
	out.WriteString(f.begin(variable, lines))
	for _, t := range stmt.tokens {
		if _, behind, found := strings.Cut(t.value, "\n"); found && t.isWhitespace() {
			out.WriteString(f.newLine(variable))
			out.WriteString(behind)
			continue
		}
		out.WriteString(f.escape.Replace(t.value)) // of a group that is the text that it was made of
	}
	out.WriteString(f.end(lines))
	return out.String()
}

// trimLines writes a text with line feeds alone and without white space at the ends of lines. A line break in a string is
// none.
func trimLines(out *strings.Builder, text string) {
	for i, line := range unquotedLines(text) {
		if i > 0 {
			out.WriteByte('\n')
		}
		out.WriteString(py.RStrip(line))
	}
}

// unquotedLines splits a text at line breaks outside of strings. A quote that is never closed is plain text.
func unquotedLines(text string) []string {
	var lines []string
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
	return append(lines, text[start:])
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
