// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package html

import (
	"strings"
	"sync"

	pyrt "py/dist.pyrt"
	"py/dist.pyrt/py"
	"py/dist.pyrt/py/re"
)

// str is str(value) for scalars.
func str(value any) (string, error) {
	switch value.(type) {
	case nil, bool, int64, float64, string, []byte:
		return py.Str(value), nil
	}
	return "", py.ErrUnsupported
}

var (
	newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n")
	escapes  = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#x27;")
	between  = sync.OnceValue(func() *re.Pattern { return re.MustCompile(`>\s+<`, 0) })
)

func Linebreaks(value any, options ...LinebreaksOptions) (any, error) {
	var o LinebreaksOptions
	if len(options) > 0 {
		o = options[0]
	}
	text, err := str(value)
	if err != nil {
		return nil, err
	}
	escape := o.Autoescape != nil && o.Autoescape != pyrt.None && py.Truth(o.Autoescape)
	if strings.IndexByte(text, '\r') >= 0 {
		text = newlines.Replace(text)
	}
	var out strings.Builder
	out.Grow(len(text) + len(text)/4 + 16)
	for more := true; more; {
		var paragraph string
		paragraph, text, more = strings.Cut(text, "\n\n")
		text = strings.TrimLeft(text, "\n")
		if escape {
			paragraph = escapes.Replace(paragraph)
		}
		out.WriteString("<p>")
		out.WriteString(strings.ReplaceAll(paragraph, "\n", "<br>"))
		out.WriteString("</p>")
		if more {
			out.WriteString("\n\n")
		}
	}
	return out.String(), nil
}

func StripSpacesBetweenTags(value any) (any, error) {
	text, err := str(value)
	if err != nil {
		return nil, err
	}
	stripped, err := between().Sub("><", text, 0)
	return stripped, err
}

func AvoidWrapping(value any) (any, error) {
	text, isText := value.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	return strings.ReplaceAll(text, " ", "\u00a0"), nil
}

const maxDepth, longTag = 50, 1000

func StripTags(value any) (any, error) {
	text, err := str(value)
	if err != nil {
		return nil, err
	}
	if len(text) > longTag && strings.Contains(text, "<") { // a tag that long may be a SuspiciousOperation
		return nil, py.ErrUnsupported
	}
	for depth := 0; strings.Contains(text, "<") && strings.Contains(text, ">"); depth++ {
		if depth >= maxDepth { // SuspiciousOperation
			return nil, py.ErrUnsupported
		}
		stripped, err := stripOnce(text)
		if err != nil {
			return nil, err
		}
		if strings.Count(stripped, "<") == strings.Count(text, "<") {
			break
		}
		text = stripped
	}
	return text, nil
}

// Tags, comments and references that every version of Python's HTML parser reads in the same way.
var (
	tag = sync.OnceValue(func() *re.Pattern {
		return re.MustCompile(`<([a-zA-Z][a-zA-Z0-9]*)(?:\s+[a-zA-Z][-a-zA-Z0-9]*(?:=(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>=/`+"`"+`]+))?)*\s*>`+
			`|</[a-zA-Z][a-zA-Z0-9]*\s*>|<!--[^-<>]*-->`, re.ASCII)
	})
	reference = sync.OnceValue(func() *re.Pattern {
		return re.MustCompile(`&([a-zA-Z][-.a-zA-Z0-9]*|#[0-9]+|#[xX][0-9a-fA-F]+);`, 0)
	})
)

// stripOnce gives the text outside of tags.
func stripOnce(text string) (string, error) {
	var out strings.Builder
	for text != "" {
		at := strings.IndexAny(text, "<&")
		if at < 0 {
			out.WriteString(text)
			break
		}
		out.WriteString(text[:at])
		text = text[at:]
		pattern := tag()
		if text[0] == '&' {
			pattern = reference()
		}
		if m := pattern.Match(text); m != nil {
			_, end := m.Bytes(0)
			switch strings.ToLower(m.Group(1)) {
			case "script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "plaintext", "noscript":
				if text[0] == '<' {
					return "", py.ErrUnsupported // what follows is read in another way
				}
			}
			if text[0] == '&' {
				out.WriteString(text[:end])
			}
			text = text[end:]
			continue
		}
		if len(text) == 1 || isLetter(text[1]) || strings.IndexByte("/!?#", text[1]) >= 0 {
			return "", py.ErrUnsupported
		}
		out.WriteByte(text[0])
		text = text[1:]
	}
	return out.String(), nil
}

func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
