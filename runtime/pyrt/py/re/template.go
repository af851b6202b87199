package re

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"py/dist.pyrt/py"
)

// Template is a replacement, read: text and groups that alternate.
type Template struct {
	parts []part
}

type part struct {
	text  string
	group int // -1: text
}

// Template reads a replacement for Sub and Expand, with Python's errors. Sub reads it each time; where that costs too much, use
// [Pattern.SubTemplate].
func (p *Pattern) Template(text string) (t *Template, err error) {
	if strings.IndexByte(text, '\\') < 0 {
		return &Template{[]part{{text, -1}}}, nil
	}
	defer func() {
		if failure := recover(); failure != nil {
			trouble, ours := failure.(problem)
			if !ours {
				panic(failure)
			}
			t, err = nil, trouble.err
		}
	}()
	runes := []rune(text)
	if p.bytes {
		runes = runes[:0]
		for i := 0; i < len(text); i++ {
			runes = append(runes, rune(text[i]))
		}
	}
	reader := templateReader{pattern: p, source: newTokenizer(runes, p.bytes)}
	reader.read()
	return &Template{reader.parts}, nil
}

// SubTemplate is p.sub(repl, s, count) with a replacement that was read before.
func (p *Pattern) SubTemplate(repl *Template, s string, count int) string {
	result, _ := p.substitute(s, count, func(out []byte, m *machine, begin, end int) []byte {
		return repl.append(out, s, m.marks, begin, end)
	})
	return result
}

// append expands the template; marks are those of group 1, 2, …
func (t *Template) append(out []byte, s string, marks []int, begin, end int) []byte {
	for _, part := range t.parts {
		switch {
		case part.group < 0:
			out = append(out, part.text...)
		case part.group == 0:
			out = append(out, s[begin:end]...)
		default:
			if from, to := marks[2*part.group-2], marks[2*part.group-1]; from >= 0 && to >= from {
				out = append(out, s[from:to]...)
			}
		}
	}
	return out
}

type templateReader struct {
	pattern *Pattern
	source  *tokenizer
	parts   []part
}

func (r *templateReader) text(text string) {
	if last := len(r.parts) - 1; last >= 0 && r.parts[last].group < 0 {
		r.parts[last].text += text
		return
	}
	r.parts = append(r.parts, part{text, -1})
}

func (r *templateReader) character(c int) {
	if r.pattern.bytes {
		r.text(string([]byte{byte(c)}))
	} else {
		r.text(string(rune(c)))
	}
}

func (r *templateReader) group(number, offset int) {
	if number > r.pattern.groups {
		r.source.fail(offset, "invalid group reference %d", number)
	}
	r.parts = append(r.parts, part{"", number})
}

func (r *templateReader) read() {
	s := r.source
	for s.next != "" {
		this := s.get()
		if this[0] != '\\' {
			r.plain(this)
			continue
		}
		switch c := this[1]; {
		case c == 'g':
			r.named()
		case c == '0':
			this += s.getWhile(2, octDigits)
			number, _ := strconv.ParseUint(this[1:], 8, 64)
			r.character(int(number & 0xFF))
		case c >= '1' && c <= '9':
			if isDigit(s.next, digits) {
				this += s.get()
				if isDigit(this[1:2], octDigits) && isDigit(this[2:3], octDigits) && isDigit(s.next, octDigits) {
					this += s.get()
					number, _ := strconv.ParseUint(this[1:], 8, 64)
					if number > 0o377 {
						s.fail(len(this), "octal escape value %s outside of range 0-0o377", this)
					}
					r.character(int(number))
					continue
				}
			}
			number, _ := strconv.Atoi(this[1:])
			r.group(number, len(this)-1)
		default:
			if escaped, ok := simpleEscapes[this]; ok {
				r.character(int(escaped))
				continue
			}
			if isASCIILetter(c) {
				s.fail(len(this), "bad escape %s", this)
			}
			r.text(`\`)
			r.plain(this[1:])
		}
	}
}

func (r *templateReader) plain(char string) {
	c, _ := utf8.DecodeRuneInString(char)
	r.character(int(c))
}

// named reads what follows \g.
func (r *templateReader) named() {
	s := r.source
	if !s.match("<") {
		s.fail(0, "missing <")
	}
	name := s.getUntil(">", "group name")
	length := py.Len(name)
	if py.IsIdentifier(name) {
		number, known := r.pattern.names[name]
		if !known {
			panic(problem{py.IndexError("unknown group name %s", py.Repr(name))})
		}
		r.group(number, length+1)
		return
	}
	r.group((*parser)(nil).groupNumber(s, name), length+1)
}
