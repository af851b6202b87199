// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package text

import (
	"fmt"
	"strings"
	"unicode/utf8"

	pyrt "py/dist.pyrt"
	"py/dist.pyrt/py"
	"py/dist.pyrt/py/unicodedata"
)

// str is str(value) for scalars.
func str(value any) (string, error) {
	switch value.(type) {
	case nil, bool, int64, float64, string, []byte:
		return py.Str(value), nil
	}
	return "", py.ErrUnsupported
}

func Capfirst(x any) (any, error) {
	text, err := str(x)
	if err != nil {
		return nil, err
	}
	if !py.Truth(x) {
		return x, nil
	}
	return py.Upper(py.Slice(text, py.From, 1)) + py.Slice(text, 1, py.To), nil
}

func Wrap(text any, width any) (any, error) {
	given, isText := text.(string)
	columns, isInt := width.(int64)
	if !isText || !isInt {
		return nil, py.ErrUnsupported
	}
	out := make([]byte, 0, len(given)+len(given)/4+1)
	for i, line := range py.SplitLines(given, false) {
		if columns <= 0 {
			return nil, py.ValueError("invalid width %d (must be > 0)", columns)
		}
		if i > 0 {
			out = append(out, '\n')
		}
		out = appendWrapped(out, line, int(columns))
	}
	if strings.HasSuffix(given, "\n") {
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

func addTruncationText(text, truncate string) (string, error) {
	if strings.Contains(truncate, "%(truncated_text)s") {
		values, err := py.NewAnyDict("truncated_text", text)
		if err != nil {
			return "", err
		}
		return py.Percent(truncate, values)
	}
	if strings.HasSuffix(text, truncate) {
		return text, nil
	}
	return text + truncate, nil
}

func AddTruncationText(text any, options ...AddTruncationTextOptions) (any, error) {
	var o AddTruncationTextOptions
	if len(options) > 0 {
		o = options[0]
	}
	given, isText := text.(string)
	truncate, isTruncate := o.Truncate.(string)
	if !isText || !isTruncate { // None asks for a translation
		return nil, py.ErrUnsupported
	}
	result, err := addTruncationText(given, truncate)
	return result, err
}

func CalculateTruncateCharsLength(length any, replacement any) (any, error) {
	rest, isInt := length.(int64)
	truncate, isText := replacement.(string)
	if !isInt || !isText {
		return nil, py.ErrUnsupported
	}
	text, err := addTruncationText("", truncate)
	if err != nil {
		return nil, err
	}
	for _, c := range text {
		if unicodedata.Combining(c) != 0 {
			continue
		}
		if rest, err = py.Sub(rest, 1); err != nil {
			return nil, err
		}
		if rest == 0 {
			break
		}
	}
	return rest, nil
}

func TrimValue(value any, options ...TrimValueOptions) (any, error) {
	var o TrimValueOptions
	if len(options) > 0 {
		o = options[0]
	}
	limit := int64(4096)
	if o.Limit != nil {
		given, isInt := o.Limit.(int64)
		if !isInt {
			return nil, py.ErrUnsupported
		}
		limit = given
	}
	text, isText := value.(string)
	if !isText {
		return py.Tuple{value, ""}, nil
	}
	length := int64(py.Len(text))
	if length <= limit {
		return py.Tuple{text, ""}, nil
	}
	rest, err := py.Sub(length, limit)
	if err != nil {
		return nil, err
	}
	return py.Tuple{py.Slice(text, py.From, int(limit)), fmt.Sprintf("… <trimmed %d chars out of %d>", rest, length)}, nil
}

func GetValidFilename(name any) (any, error) {
	given, err := str(name)
	if err != nil {
		return nil, err
	}
	var out strings.Builder
	for _, c := range py.Strip(given) {
		switch {
		case c == ' ':
			out.WriteByte('_')
		case c == '-' || c == '.' || isWord(c):
			out.WriteRune(c)
		}
	}
	switch s := out.String(); s {
	case "", ".", "..":
		return nil, py.ErrUnsupported // SuspiciousFileOperation
	default:
		return s, nil
	}
}

// isWord is \w.
func isWord(c rune) bool {
	if c < utf8.RuneSelf {
		return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	}
	return py.IsAlnumRune(c)
}

func NormalizeNewlines(text any) (any, error) {
	given, err := str(text)
	if err != nil {
		return nil, err
	}
	if strings.IndexByte(given, '\r') < 0 {
		return given, nil
	}
	return newlines.Replace(given), nil
}

var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

func Phone2numeric(phone any) (any, error) {
	text, isText := phone.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	const digits = "22233344455566677778889999" // of a to z
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' {
			return rune(digits[c-'a'])
		}
		return c
	}, py.Lower(text)), nil
}

func UnescapeStringLiteral(s any) (any, error) {
	text, isText := s.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	if text == "" || text[0] != '"' && text[0] != '\'' || text[len(text)-1] != text[0] {
		return nil, &py.Exception{Class: "ValueError", Args: []any{"Not a string literal: " + py.Repr(text)}}
	}
	quote := text[:1]
	inner := strings.ReplaceAll(py.Slice(text, 1, -1), `\`+quote, quote)
	return strings.ReplaceAll(inner, `\\`, `\`), nil
}

func Slugify(value any, options ...SlugifyOptions) (any, error) {
	var o SlugifyOptions
	if len(options) > 0 {
		o = options[0]
	}
	text, err := str(value)
	if err != nil {
		return nil, err
	}
	form := "NFKD"
	if unicode := o.AllowUnicode; unicode != nil && unicode != pyrt.None && py.Truth(unicode) {
		form = "NFKC"
	}
	if text, err = unicodedata.Normalize(form, text); err != nil {
		return nil, err
	}
	var out strings.Builder
	dashes := false // pending: - and white space become one -
	if form == "NFKC" {
		text = py.Lower(text)
	}
	for _, c := range text {
		if form == "NFKD" {
			if c >= utf8.RuneSelf {
				continue
			}
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
		}
		switch {
		case c == '-' || py.IsSpaceRune(c):
			dashes = true
		case isWord(c):
			if dashes {
				out.WriteByte('-')
				dashes = false
			}
			out.WriteRune(c)
		}
	}
	return strings.Trim(out.String(), "-_"), nil
}

func CamelCaseToSpaces(value any) (any, error) {
	text, isText := value.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	var out strings.Builder
	out.Grow(len(text) + 8)
	for i := range len(text) {
		if isCapital(text[i]) && beginsWord(text, i) {
			out.WriteByte(' ')
		}
		out.WriteByte(text[i])
	}
	return py.Lower(py.Strip(out.String())), nil
}

func isCapital(c byte) bool { return c >= 'A' && c <= 'Z' }

// beginsWord is ((?<=[a-z])[A-Z])|([A-Z](?![A-Z]|$)) of a capital letter.
func beginsWord(text string, at int) bool {
	if at > 0 && text[at-1] >= 'a' && text[at-1] <= 'z' {
		return true
	}
	rest := text[at+1:]
	return rest != "" && rest != "\n" && !isCapital(rest[0])
}
