// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package defaultfilters

import (
	"strings"
	"sync"
	"unicode/utf8"

	"py/dist.pyrt/py"
	"py/dist.pyrt/py/re"
	"py/dist.pyrt/py/unicodedata"
)

// What the filters use of django.utils and of the standard library.

// quote is urllib.parse.quote: letters, digits, _.-~ and what is safe stay.
func quote(s, safe string) string {
	const digits = "0123456789ABCDEF"
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9',
			strings.IndexByte("_.-~", c) >= 0, strings.IndexByte(safe, c) >= 0:
			out.WriteByte(c)
		default:
			out.WriteByte('%')
			out.WriteByte(digits[c>>4])
			out.WriteByte(digits[c&15])
		}
	}
	return out.String()
}

// slugify is django.utils.text.slugify without allow_unicode.
func slugify(value string) (string, error) {
	decomposed, err := unicodedata.Normalize("NFKD", value)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	dashes := false // pending: - and white space become one -
	for _, c := range decomposed {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		switch {
		case c >= utf8.RuneSelf:
		case c == '-' || py.IsSpaceRune(c):
			dashes = true
		case c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z':
			if dashes {
				out.WriteByte('-')
				dashes = false
			}
			out.WriteRune(c)
		}
	}
	return strings.Trim(out.String(), "-_"), nil
}

var (
	afterApostrophe = sync.OnceValue(func() *re.Pattern { return re.MustCompile(`([a-z])'([A-Z])`, 0) })
	afterDigit      = sync.OnceValue(func() *re.Pattern { return re.MustCompile(`\d([A-Z])`, 0) })
)

func title(s string) string {
	lower := func(m *re.Match) string { return py.Lower(m.Group(0)) }
	return afterDigit().SubFunc(lower, afterApostrophe().SubFunc(lower, py.Title(s), 0), 0)
}

// wrap is django.utils.text.wrap.
func wrap(text string, width int) (string, error) {
	var result []string
	for _, line := range py.SplitLines(text, false) {
		if width <= 0 {
			return "", py.ValueError("invalid width %d (must be > 0)", width)
		}
		wrapped := wrapLine(line, width)
		if len(wrapped) == 0 { // only white space that is dropped: restore it
			wrapped = []string{line}
		}
		result = append(result, wrapped...)
	}
	if strings.HasSuffix(text, "\n") {
		result = append(result, "")
	}
	return strings.Join(result, "\n"), nil
}

// wrapLine is wrap() of a textwrap.TextWrapper that keeps long words, hyphens and white space as they are.
func wrapLine(line string, width int) []string {
	var lines []string
	chunks := wrapChunks(py.ExpandTabs(line, 8))
	for len(chunks) > 0 {
		if len(lines) > 0 && py.Strip(chunks[0]) == "" {
			chunks = chunks[1:]
		}
		var current []string
		length := 0
		for len(chunks) > 0 && length+py.Len(chunks[0]) <= width {
			length += py.Len(chunks[0])
			current, chunks = append(current, chunks[0]), chunks[1:]
		}
		if len(chunks) > 0 && len(current) == 0 && py.Len(chunks[0]) > width { // a long word gets a line of its own
			current, chunks = append(current, chunks[0]), chunks[1:]
		}
		if last := len(current) - 1; last >= 0 && py.Strip(current[last]) == "" {
			current = current[:last]
		}
		if len(current) > 0 {
			lines = append(lines, strings.Join(current, ""))
		}
	}
	return lines
}

// wrapChunks gives words and the ASCII white space between them.
func wrapChunks(text string) []string {
	var chunks []string
	start := 0
	for i := 1; i < len(text); i++ {
		if isWrapSpace(text[i]) != isWrapSpace(text[i-1]) {
			chunks = append(chunks, text[start:i])
			start = i
		}
	}
	if text != "" {
		chunks = append(chunks, text[start:])
	}
	return chunks
}

func isWrapSpace(c byte) bool {
	return c == ' ' || c >= '\t' && c <= '\r'
}
