package re

import (
	"fmt"
	"strings"

	"py/dist.pyrt/py"
)

// Flag has the flags of re.compile.
type Flag int

// The flags of Python's re. UNICODE is set for str patterns that are not ASCII; LOCALE is not supported.
const (
	IGNORECASE Flag = 2
	LOCALE     Flag = 4
	MULTILINE  Flag = 8
	DOTALL     Flag = 16
	UNICODE    Flag = 32
	VERBOSE    Flag = 64
	ASCII      Flag = 256

	template  Flag = 1
	typeFlags      = ASCII | LOCALE | UNICODE
)

// tokenizer hands out the pattern's characters, a backslash together with the character after it ("\\d"); "" is the end.
type tokenizer struct {
	text  []rune
	index int // behind next
	next  string
	width int // of next, in characters
	bytes bool
}

// problem is how the parser leaves its recursion; parse recovers it.
type problem struct{ err error }

func newTokenizer(text []rune, bytes bool) *tokenizer {
	t := &tokenizer{text: text, bytes: bytes}
	t.advance()
	return t
}

func (t *tokenizer) advance() {
	i := t.index
	if i >= len(t.text) {
		t.next, t.width = "", 0
		return
	}
	t.next, t.width = string(t.text[i]), 1
	if t.text[i] == '\\' {
		i++
		if i >= len(t.text) {
			fail("bad escape (end of pattern)", t.text, len(t.text)-1)
		}
		t.next, t.width = `\`+string(t.text[i]), 2
	}
	t.index = i + 1
}

// fail raises re.error for a position, or without one if it is negative.
func fail(message string, pattern []rune, position int) {
	panic(problem{patternError(message, pattern, position)})
}

func patternError(message string, pattern []rune, position int) *py.Exception {
	if position >= 0 {
		message = fmt.Sprintf("%s at position %d", message, position)
		if text := string(pattern); strings.Contains(text, "\n") {
			before := string(pattern[:min(position, len(pattern))])
			line := strings.Count(before, "\n") + 1
			column := position - py.RFind(before, "\n")
			message = fmt.Sprintf("%s (line %d, column %d)", message, line, column)
		}
	}
	return &py.Exception{Class: "re.error", Args: []any{message}}
}

// fail raises re.error at so many characters before the current place.
func (t *tokenizer) fail(offset int, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	if t.bytes {
		message = asciiOnly(message)
	}
	fail(message, t.text, t.tell()-offset)
}

func asciiOnly(s string) string {
	text, _ := py.Encode(s, "ascii", "backslashreplace")
	return string(text)
}

func (t *tokenizer) match(char string) bool {
	if t.next != char || char == "" {
		return false
	}
	t.advance()
	return true
}

func (t *tokenizer) get() string {
	this := t.next
	t.advance()
	return this
}

func (t *tokenizer) getWhile(n int, set string) string {
	start := t.tell()
	for ; n > 0 && t.width == 1 && strings.Contains(set, t.next); n-- {
		t.advance()
	}
	return string(t.text[start:t.tell()])
}

func (t *tokenizer) getUntil(terminator, name string) string {
	var result strings.Builder
	length := 0
	for {
		c, width := t.next, t.width
		t.advance()
		if c == "" {
			if length == 0 {
				t.fail(0, "missing %s", name)
			}
			t.fail(length, "missing %s, unterminated name", terminator)
		}
		if c == terminator {
			if length == 0 {
				t.fail(1, "missing %s", name)
			}
			return result.String()
		}
		result.WriteString(c)
		length += width
	}
}

func (t *tokenizer) tell() int { return t.index - t.width }

func (t *tokenizer) seek(index int) {
	t.index = index
	t.advance()
}

func (t *tokenizer) checkGroupName(name string, offset int) {
	if !py.IsIdentifier(name) {
		t.fail(py.Len(name)+offset, "bad character in group name %s", t.quote(name))
	}
}

func (t *tokenizer) quote(name string) string { return py.Repr(name) }
