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
	out := make([]byte, 0, len(text)+len(text)/4+1)
	for i, line := range py.SplitLines(text, false) {
		if width <= 0 {
			return "", py.ValueError("invalid width %d (must be > 0)", width)
		}
		if i > 0 {
			out = append(out, '\n')
		}
		out = appendWrapped(out, line, width)
	}
	if strings.HasSuffix(text, "\n") {
		out = append(out, '\n')
	}
	return string(out), nil
}

// appendWrapped appends the lines of wrap() of a textwrap.TextWrapper that keeps long words, hyphens and white space as they are;
// where these are none, which has dropped only white space, it restores it.
func appendWrapped(out []byte, line string, width int) []byte {
	lines := 0
	for text := py.ExpandTabs(line, 8); text != ""; {
		if first := wrapChunk(text); lines > 0 && py.Strip(first) == "" {
			text = text[len(first):]
		}
		end, last, length := 0, 0, 0 // of the line; last: where its last chunk begins
		for end < len(text) {
			chunk := wrapChunk(text[end:])
			length += py.Len(chunk)
			if length > width && end > 0 { // a long word gets a line of its own
				break
			}
			last = end
			end += len(chunk)
			if length > width {
				break
			}
		}
		current := text[:end]
		if py.Strip(current[last:]) == "" {
			current = current[:last]
		}
		if current != "" {
			if lines++; lines > 1 {
				out = append(out, '\n')
			}
			out = append(out, current...)
		}
		text = text[end:]
	}
	if lines == 0 {
		return append(out, line...)
	}
	return out
}

// wrapChunk gives the word, or the ASCII white space, that a text begins with.
func wrapChunk(text string) string {
	for i := 1; i < len(text); i++ {
		if isWrapSpace(text[i]) != isWrapSpace(text[0]) {
			return text[:i]
		}
	}
	return text
}

func isWrapSpace(c byte) bool {
	return c == ' ' || c >= '\t' && c <= '\r'
}
