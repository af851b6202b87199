// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package regex_helper

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"py/dist.pyrt/py"
)

// item is what a pattern is read into.
type item struct {
	kind  kind
	text  string // of a character, of a group
	inner []item // of the others
}

// name is that of a group, whose text is "%(name)s".
func (one *item) name() string { return one.text[len("%(") : len(one.text)-len(")s")] }

type kind byte

const (
	character kind = iota
	group
	reference // a group without a name: back to one
	choice    // of nothing and inner[0]
	nonCapture
)

// errEnd is the StopIteration at the end of a pattern.
var errEnd = errors.New("end of the pattern")

// reader gives the characters of a pattern.
type reader struct {
	rest string
	done bool // a generator that raised is at its end
}

const skipped = ""

// representatives stand for a class of characters.
var representatives = map[string]string{
	"A": skipped, "b": skipped, "B": skipped, "d": "0", "D": "x", "s": " ", "S": "x", "w": "x", "W": "!", "Z": skipped}

// take gives the next character, which is there.
func (r *reader) take() string {
	size := 1
	if r.rest[0] >= utf8.RuneSelf {
		_, size = utf8.DecodeRuneInString(r.rest)
	}
	ch := r.rest[:size]
	r.rest = r.rest[size:]
	return ch
}

func (r *reader) next() (ch string, escaped bool, err error) {
	for !r.done && r.rest != "" {
		if ch = r.take(); ch != `\` {
			return ch, false, nil
		}
		if r.rest == "" {
			r.done = true
			return "", false, &py.Exception{Class: "RuntimeError", Args: []any{"generator raised StopIteration"}}
		}
		ch = r.take()
		if other, known := representatives[ch]; known {
			ch = other
		}
		if ch != skipped {
			return ch, true, nil
		}
	}
	return "", false, errEnd
}

// skipGroup goes to the end of the group whose first character is ch.
func (r *reader) skipGroup(ch string) error {
	nesting := 0
	if ch == "(" {
		nesting = 1
	}
	for {
		ch, escaped, err := r.next()
		switch {
		case err == errEnd:
			return nil
		case err != nil:
			return err
		case escaped:
		case ch == "(":
			nesting++
		case ch == ")":
			if nesting == 0 {
				return nil
			}
			nesting--
		}
	}
}

// quantifier gives the minimum of repetitions, and the next character if it had to be read.
func (r *reader) quantifier(ch string) (count int64, next string, err error) {
	if ch != "{" {
		next, _, err = r.next()
		if err == errEnd || next == "?" {
			next, err = "", nilIfEnd(err)
		}
		if ch == "+" {
			count = 1
		}
		return count, next, err
	}
	var digits strings.Builder
	for {
		if ch, _, err = r.next(); err != nil {
			return 0, "", err
		}
		if ch == "}" {
			break
		}
		digits.WriteString(ch)
	}
	least, _, _ := strings.Cut(digits.String(), ",")
	next, _, err = r.next()
	if err == errEnd || next == "?" {
		next, err = "", nilIfEnd(err)
	}
	if err != nil {
		return 0, "", err
	}
	count, err = py.ParseInt(least, 10)
	return count, next, err
}

func nilIfEnd(err error) error {
	if err == errEnd {
		return nil
	}
	return err
}

func hasGroup(one item) bool {
	switch one.kind {
	case group, reference:
		return true
	case nonCapture:
		return slices.ContainsFunc(one.inner, hasGroup)
	}
	return false
}

// maxRepeat bounds what {n} makes of one item.
const maxRepeat = 1 << 20

// parser is the state of normalize().
type parser struct {
	reader
	items  []item
	starts []int // of the groups that do not capture
	groups int
}

var errDisjunction = errors.New("a disjunction")

func (p *parser) parse() error {
	ch, escaped, err := p.next()
	for err == nil {
		again := ""
		switch {
		case escaped:
			p.items = append(p.items, item{text: ch})
		case ch == "|":
			return errDisjunction
		case ch == "^":
		case ch == "$":
			return nil
		case ch == ")":
			if len(p.starts) == 0 {
				return py.IndexError("pop from empty list")
			}
			start := p.starts[len(p.starts)-1]
			p.starts = p.starts[:len(p.starts)-1]
			var inner []item
			if start < len(p.items) {
				inner = append(inner, p.items[start:]...)
				p.items = p.items[:start]
			}
			p.items = append(p.items, item{kind: nonCapture, inner: inner})
		case ch == "[":
			err = p.class()
		case ch == "(":
			err = p.group()
		case strings.Contains("*?+{", ch):
			again, err = p.repeat(ch)
		default:
			p.items = append(p.items, item{text: ch})
		}
		if err != nil {
			break
		}
		if again != "" {
			ch = again // and escaped stays as it was
			continue
		}
		ch, escaped, err = p.next()
	}
	return nilIfEnd(err)
}

// class takes the first character of a class.
func (p *parser) class() error {
	ch, escaped, err := p.next()
	if err != nil {
		return err
	}
	p.items = append(p.items, item{text: ch})
	for {
		if ch, escaped, err = p.next(); err != nil {
			return err
		}
		if !escaped && ch == "]" {
			return nil
		}
	}
}

func (p *parser) group() error {
	ch, escaped, err := p.next()
	if err != nil {
		return err
	}
	if ch != "?" || escaped {
		p.items = append(p.items, item{kind: group, text: "%(_" + strconv.Itoa(p.groups) + ")s"})
		p.groups++
		return p.skipGroup(ch)
	}
	if ch, _, err = p.next(); err != nil {
		return err
	}
	switch {
	case strings.Contains("!=<", ch):
		return p.skipGroup(ch)
	case ch == ":":
		p.starts = append(p.starts, len(p.items))
		return nil
	case ch != "P":
		return &py.Exception{Class: "ValueError", Args: []any{"Non-reversible reg-exp portion: '(?" + ch + "'"}}
	}
	if ch, _, err = p.next(); err != nil {
		return err
	}
	end := ")"
	switch ch {
	case "<":
		end = ">"
	case "=":
	default:
		return &py.Exception{Class: "ValueError", Args: []any{"Non-reversible reg-exp portion: '(?P" + ch + "'"}}
	}
	var few [40]byte
	name := append(few[:0], "%("...)
	for {
		if ch, _, err = p.next(); err != nil {
			return err
		}
		if ch == end {
			break
		}
		name = append(name, ch...)
	}
	text := string(append(name, ")s"...))
	if end == ")" { // a reference back has had its parenthesis
		p.items = append(p.items, item{kind: reference, text: text})
		return nil
	}
	p.items = append(p.items, item{kind: group, text: text})
	return p.skipGroup(ch)
}

// repeat applies a quantifier to the last item.
func (p *parser) repeat(ch string) (again string, err error) {
	count, again, err := p.quantifier(ch)
	if err != nil {
		return "", err
	}
	last := len(p.items) - 1
	switch {
	case count == 0 && last < 0, count > 1 && last < 0:
		return "", py.IndexError("list index out of range")
	case count == 0 && hasGroup(p.items[last]):
		p.items[last] = item{kind: choice, inner: []item{p.items[last]}}
	case count == 0:
		p.items = p.items[:last]
	case count > maxRepeat:
		return "", py.ErrUnsupported
	}
	for i := int64(1); i < count; i++ {
		p.items = append(p.items, p.items[last])
	}
	return again, nil
}

func Normalize(pattern any) (any, error) {
	text, isText := pattern.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	var few [24]item // most patterns need no more
	p := &parser{reader: reader{rest: text}, items: few[:0]}
	if err := p.parse(); err == errDisjunction {
		return []any{py.Tuple{"", []any{}}}, nil
	} else if err != nil {
		return nil, err
	}
	forms := flatten(p.items)
	result := make([]any, len(forms))
	for i := range forms {
		result[i] = py.Tuple{forms[i].text, forms[i].names}
	}
	return result, nil
}

// form is a possible text of a sequence, with the names of the groups in it.
type form struct {
	text  string
	names []any
}

func flatten(items []item) []form {
	forms := []form{{names: []any{}}}
	var few [64]byte
	literal := few[:0] // that all texts go on with
	for i := range items {
		one := &items[i]
		literal = append(literal, one.text...)
		if one.kind == group && one.text != "%()s" {
			name := any(one.name())
			for k := range forms {
				forms[k].names = append(forms[k].names, name)
			}
		}
		more := one.kind == choice || one.kind == nonCapture
		if !more && i+1 < len(items) {
			continue
		}
		if len(literal) > 0 {
			for k := range forms {
				forms[k].text += string(literal)
			}
			literal = literal[:0]
		}
		switch {
		case one.kind == nonCapture:
			forms = product(forms, flatten(one.inner))
		case one.kind == choice && one.inner[0].kind == group: // even one named ""
			forms = product(forms, []form{{}, {one.inner[0].text, []any{one.inner[0].name()}}})
		case one.kind == choice:
			forms = product(forms, append([]form{{}}, flatten(one.inner)...))
		}
	}
	return forms
}

// product has each of the first followed by each of the second.
func product(first, second []form) []form {
	forms := make([]form, 0, len(first)*len(second))
	for i := range first {
		for k := range second {
			names := make([]any, 0, len(first[i].names)+len(second[k].names))
			forms = append(forms, form{first[i].text + second[k].text, append(append(names, first[i].names...), second[k].names...)})
		}
	}
	return forms
}

// FlattenResult is for a list of characters: groups and choices are classes of this module.
func FlattenResult(source any) (any, error) {
	var items []any
	switch value := source.(type) {
	case nil:
	case []any:
		items = value
	case py.Tuple:
		items = value
	default:
		return nil, py.ErrUnsupported
	}
	text, err := py.Join("", items)
	if err != nil {
		return nil, py.ErrUnsupported
	}
	return py.Tuple{[]any{text}, []any{[]any{}}}, nil
}
