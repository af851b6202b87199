// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package regex_helper

import (
	"errors"
	"fmt"
	"strings"

	"py/dist.pyrt/py"
)

// What a pattern is read into: a character (string), group, choice or nonCapture.
type (
	group struct {
		text string
		name any // nil for a reference back
	}
	choice     []any
	nonCapture []any
)

// errEnd is the StopIteration at the end of a pattern.
var errEnd = errors.New("end of the pattern")

// reader gives the characters of a pattern.
type reader struct {
	rest []rune
	done bool // a generator that raised is at its end
}

const skipped = -1

// representatives stand for a class of characters.
var representatives = map[rune]rune{'A': skipped, 'b': skipped, 'B': skipped, 'd': '0', 'D': 'x', 's': ' ', 'S': 'x', 'w': 'x', 'W': '!', 'Z': skipped}

func (r *reader) next() (ch string, escaped bool, err error) {
	for !r.done && len(r.rest) > 0 {
		c := r.rest[0]
		r.rest = r.rest[1:]
		if c != '\\' {
			return string(c), false, nil
		}
		if len(r.rest) == 0 {
			r.done = true
			return "", false, &py.Exception{Class: "RuntimeError", Args: []any{"generator raised StopIteration"}}
		}
		c = r.rest[0]
		r.rest = r.rest[1:]
		if other, known := representatives[c]; known {
			c = other
		}
		if c != skipped {
			return string(c), true, nil
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

func hasGroup(item any) bool {
	switch value := item.(type) {
	case group:
		return true
	case nonCapture:
		for _, inner := range value {
			if hasGroup(inner) {
				return true
			}
		}
	}
	return false
}

// maxRepeat bounds what {n} makes of one item.
const maxRepeat = 1 << 20

// parser is the state of normalize().
type parser struct {
	reader
	items  []any
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
			p.items = append(p.items, ch)
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
			inner := nonCapture{}
			if start < len(p.items) {
				inner = append(inner, p.items[start:]...)
				p.items = p.items[:start:start]
			}
			p.items = append(p.items, inner)
		case ch == "[":
			err = p.class()
		case ch == "(":
			err = p.group()
		case strings.Contains("*?+{", ch):
			again, err = p.repeat(ch)
		default:
			p.items = append(p.items, ch)
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
	p.items = append(p.items, ch)
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
		name := fmt.Sprintf("_%d", p.groups)
		p.groups++
		p.items = append(p.items, group{"%(" + name + ")s", name})
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
	var name strings.Builder
	for {
		if ch, _, err = p.next(); err != nil {
			return err
		}
		if ch == end {
			break
		}
		name.WriteString(ch)
	}
	text := "%(" + name.String() + ")s"
	if end == ")" { // a reference back has had its parenthesis
		p.items = append(p.items, group{text, nil})
		return nil
	}
	p.items = append(p.items, group{text, name.String()})
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
		p.items[last] = choice{nil, p.items[last]}
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
	nothing := []any{py.Tuple{"", []any{}}}
	p := &parser{reader: reader{rest: []rune(text)}}
	if err := p.parse(); err == errDisjunction {
		return nothing, nil
	} else if err != nil {
		return nil, err
	}
	texts, names := flatten(p.items)
	result := make([]any, len(texts))
	for i := range texts {
		result[i] = py.Tuple{texts[i], append([]any{}, names[i]...)}
	}
	return result, nil
}

// flatten gives the possible texts of a sequence, and the names of the groups in each.
func flatten(source any) (texts []string, names [][]any) {
	switch value := source.(type) {
	case nil:
		return []string{""}, [][]any{nil}
	case string:
		return []string{value}, [][]any{nil}
	case group:
		if value.name == nil {
			return []string{value.text}, [][]any{nil}
		}
		return []string{value.text}, [][]any{{value.name}}
	case nonCapture:
		return flattenAll(value)
	case choice:
		return flattenAll(value)
	case []any:
		return flattenAll(value)
	}
	return nil, nil
}

func flattenAll(items []any) (texts []string, names [][]any) {
	texts, names = []string{""}, [][]any{nil}
	for _, item := range items {
		var inner []string
		var innerNames [][]any
		if alternatives, is := item.(choice); is {
			for _, alternative := range alternatives {
				more, moreNames := flatten(alternative)
				inner, innerNames = append(inner, more...), append(innerNames, moreNames...)
			}
		} else {
			inner, innerNames = flatten(item)
			if one, is := item.(group); is && one.name == "" {
				innerNames = [][]any{nil}
			}
		}
		var joined []string
		var joinedNames [][]any
		for i, text := range texts {
			for k, more := range inner {
				joined = append(joined, text+more)
				joinedNames = append(joinedNames, append(append([]any{}, names[i]...), innerNames[k]...))
			}
		}
		texts, names = joined, joinedNames
	}
	return texts, names
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
