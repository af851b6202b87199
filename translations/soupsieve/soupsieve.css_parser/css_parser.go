// Derived from Soup Sieve 4.1.2, Copyright (c) 2018 - 2026 Isaac Muse; MIT, see LICENSE.

package css_parser

import (
	"cmp"
	"strconv"
	"strings"
	"sync"

	"py/dist.pyrt/py"
	"py/dist.pyrt/py/re"
)

const (
	newline    = `(?>\r\n|[\n\f\r])`
	whitespace = `(?:[ \t]|` + newline + `)`
	comment    = `(?:/\*(?:[^*]|\*(?!/))*+\*/)`
)

// identifierEscape and stringEscape have the groups: a number, a character, the end; in strings a new line as the fourth.
var (
	identifierEscape = sync.OnceValue(func() *re.Pattern {
		return re.MustCompile(`(?:(\\[a-f0-9]{1,6}+(?:`+whitespace+`|`+comment+`)?+)|(\\[^\r\n\f])|(\\$))`, re.IGNORECASE)
	})
	stringEscape = sync.OnceValue(func() *re.Pattern {
		return re.MustCompile(`(?:(\\[a-f0-9]{1,6}+`+whitespace+`?+)|(\\[^\r\n\f])|(\\$)|(\\`+newline+`))`, re.IGNORECASE)
	})
)

func CssUnescape(content string) (string, error) {
	pattern := identifierEscape()
	if content != "" && (content[0] == '"' || content[0] == '\'') {
		pattern = stringEscape()
		content = py.Slice(content, 1, -1)
	}
	var failure error
	unescaped := pattern.SubFunc(func(m *re.Match) string {
		switch {
		case m.Has(1):
			number, err := py.ParseInt(m.Group(1)[1:], 16)
			if err != nil { // a comment after the digits, which Soup Sieve takes for a part of the number
				failure = cmp.Or(failure, err)
			}
			if number == 0 || number > 0x10FFFF || number >= 0xD800 && number <= 0xDFFF {
				return "\ufffd"
			}
			return string(rune(number))
		case m.Has(2):
			return m.Group(2)[1:]
		case m.Has(3):
			return "\ufffd"
		}
		return ""
	}, content, 0)
	return unescaped, failure
}

func Escape(ident string) (string, error) {
	if ident == "-" {
		return `\-`, nil
	}
	var out strings.Builder
	dash := strings.HasPrefix(ident, "-")
	for index, c := range ident { // index counts bytes: what matters is the first character, and the one after a dash
		digit := c >= '0' && c <= '9'
		switch {
		case c == 0:
			out.WriteString("\ufffd")
		case c <= 0x1F || c == 0x7F || digit && (index == 0 || dash && index == 1):
			out.WriteString(`\` + strconv.FormatInt(int64(c), 16) + " ")
		case c == '-' || c == '_' || digit || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || isIdentifier(c):
			out.WriteRune(c)
		default:
			out.WriteString(`\` + string(c))
		}
	}
	return out.String(), nil
}

// identifierRanges are code points beyond ASCII that identifiers may have: https://drafts.csswg.org/css-syntax-3/#non-ascii-ident-code-point
var identifierRanges = [][2]rune{{0xB7, 0xB7}, {0xC0, 0xD6}, {0xD8, 0xF6}, {0xF8, 0x37D}, {0x37F, 0x1FFF}, {0x200C, 0x200D}, {0x203F, 0x2040},
	{0x2070, 0x218F}, {0x2C00, 0x2FEF}, {0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0x10FFFF}}

func isIdentifier(c rune) bool {
	for _, row := range identifierRanges {
		if row[0] <= c && c <= row[1] {
			return true
		}
	}
	return false
}
