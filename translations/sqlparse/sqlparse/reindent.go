// Derived from sqlparse 0.6.1 (sqlparse/filters/reindent.py). Copyright (c) 2016, Andi Albrecht
// <albrecht.andi@gmail.com>; the BSD 3-Clause License: see LICENSE.

package scc0

import (
	"slices"
	"strings"
	"unicode/utf8"

	"py/dist.pyrt/py"
)

// layout has the options of reindenting.
type layout struct {
	char             string
	width            int
	wrapAfter        int
	commaFirst       bool
	indentAfterFirst bool
	indentColumns    bool
	compact          bool
}

// reindenter breaks lines and indents them.
type reindenter struct {
	layout
	breaks   wordSearch
	indent   int
	offset   int
	stmt     *node
	function int    // length of the name of the function that was met last, in an earlier statement too; -1: none yet
	blanks   string // a line break and as much indentation as was needed yet
}

func newReindenter(l layout) *reindenter {
	r := &reindenter{layout: l, breaks: newWordSearch(reindentWords), function: -1, blanks: "\n"}
	if l.indentAfterFirst {
		r.indent = 1
	}
	return r
}

func (r *reindenter) leading() int { return r.offset + r.indent*r.width }

// line makes a line break with indentation.
func (r *reindenter) line(offset int) *node {
	width := max(0, r.leading()+offset)
	if len(r.blanks) <= width {
		r.blanks = "\n" + strings.Repeat(r.char, 2*width)
	}
	return newLeaf(whitespaceType, r.blanks[:width+1])
}

// shifted does something at another offset.
func (r *reindenter) shifted(offset int, do func()) {
	r.offset += offset
	do()
	r.offset -= offset
}

// column gives how wide the line before a token is, relative to the indentation.
func (r *reindenter) column(t *node) int {
	line := lineMeasure{}
	for ; t != r.stmt && t.parent != nil && !line.done; t = t.parent {
		line.add(t.parent.tokens[:t.parent.index(t, 0)])
	}
	return line.width - max(0, r.leading())
}

// lineMeasure measures a line from its end to its beginning.
type lineMeasure struct {
	width int
	done  bool
}

// add puts tokens before what was measured yet.
func (m *lineMeasure) add(tokens []*node) {
	for i := len(tokens) - 1; i >= 0 && !m.done; i-- {
		if tokens[i].isGroup() {
			m.add(tokens[i].tokens)
			continue
		}
		m.addText(tokens[i].value)
	}
}

func (m *lineMeasure) addText(text string) {
	if !mayBreak(text) {
		m.width += utf8.RuneCountInString(text)
		return
	}
	lines := py.SplitLines(text+".", false)
	last := len(lines) - 1
	if last == 0 {
		m.width += py.Len(text)
		return
	}
	tail := py.Len(lines[last]) - 1 + m.width
	switch {
	case tail > 0:
		m.width, m.done = tail, true
	case last > 1: // the line before the break counts if nothing is behind it
		m.width, m.done = py.Len(lines[last-1]), true
	default:
		m.width = py.Len(lines[0])
	}
}

// mayBreak is false for text that certainly has no line break.
func mayBreak(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

func (r *reindenter) process(list *node) {
	switch list.class {
	case whereGroup:
		r.where(list)
	case parenthesisGroup:
		r.parenthesis(list)
	case functionGroup:
		if len(list.tokens) == 0 {
			giveUp()
		}
		r.function = utf8.RuneCountInString(list.tokens[0].value)
		r.inside(list, true)
	case identifierListGroup:
		r.identifierList(list)
	case caseGroup:
		r.cases(list)
	case valuesGroup:
		r.values(list)
	default:
		r.inside(list, true)
	}
}

// inside does what is done in every group.
func (r *reindenter) inside(list *node, statements bool) {
	if statements {
		r.splitStatements(list)
	}
	r.splitKeywords(list)
	for _, t := range list.tokens {
		if t.isGroup() {
			r.process(t)
		}
	}
}

var dmlOrDDLTokens = pick{types: dmlOrDDL}

func (r *reindenter) splitStatements(list *node) {
	for i := list.next(&dmlOrDDLTokens, 0); i >= 0; i = list.next(&dmlOrDDLTokens, i+1) {
		if i > 0 {
			i = r.breakBefore(list, i)
		}
	}
}

func (r *reindenter) splitKeywords(list *node) {
	for i := r.breaks.next(list, 0); i >= 0; i = r.breaks.next(list, i+1) {
		before := list.at(i - 1)
		switch {
		case before == nil || !endsLine(before):
			i = r.breakBefore(list, i)
		case before.isWhitespace():
			list.remove(i - 1)
			i--
		}
	}
}

// breakBefore puts a line break before the token at i, instead of white space; it gives the token's new place.
func (r *reindenter) breakBefore(list *node, i int) int {
	line := r.line(0)
	if i > 0 && list.tokens[i-1].isWhitespace() {
		line.parent = list
		list.tokens[i-1] = line
		return i
	}
	list.insert(i, line)
	return i + 1
}

// endsLine tells whether the text of n ends with a line break.
func endsLine(n *node) bool {
	text := n.lastText()
	return strings.HasSuffix(text, "\n") || strings.HasSuffix(text, "\r")
}

func (r *reindenter) where(list *node) {
	i := list.next(&whereWord, 0)
	if i < 0 {
		return
	}
	list.insert(i, r.line(0))
	r.indent++
	r.inside(list, true)
	r.indent--
}

var openParentheses = pick{words: 1 << openParenthesis}

func (r *reindenter) parenthesis(list *node) {
	subquery := list.next(&dmlOrDDLTokens, 0) >= 0
	first := list.at(list.next(&openParentheses, 0))
	if first == nil {
		return
	}
	if subquery {
		r.indent++
		list.tokens = slices.Insert(list.tokens, 0, r.line(0)) // without a parent
	}
	r.shifted(r.column(first)+1, func() { r.inside(list, !subquery) })
	if subquery {
		r.indent--
	}
}

func (r *reindenter) identifierList(list *node) {
	identifiers := list.identifiers()
	if len(identifiers) == 0 {
		giveUp()
	}
	first, offset := identifiers[0].first(), r.width
	if !r.indentColumns {
		identifiers = identifiers[1:]
	}
	switch {
	case r.char == "\t":
		offset = 1
	case !r.indentColumns:
		offset = r.column(first)
	}
	if list.within(1<<functionGroup | 1<<valuesGroup) {
		r.arguments(list, identifiers)
	} else {
		r.shifted(offset, func() { r.columns(list, identifiers) })
	}
	r.inside(list, true)
}

// columns breaks the line before each identifier that is beyond wrapAfter.
func (r *reindenter) columns(list *node, identifiers []*node) {
	position, at := 0, 0
	for _, t := range identifiers {
		position += utf8.RuneCountInString(t.value) + 1 // and the comma
		if position <= r.wrapAfter-r.offset {
			continue
		}
		at = list.index(t, at)
		if !r.commaFirst {
			list.insert(at, r.line(0))
			position = 0
			continue
		}
		separator := list.before(at)
		if separator < 0 {
			continue
		}
		list.insert(separator, r.line(-2))
		separator++
		if next := list.at(separator + 1); next != nil && next.ttype != whitespaceType {
			list.insertAfter(separator, newLeaf(whitespaceType, " "))
		}
		position = 0
	}
}

// arguments leaves the line as it is if it is not too long.
func (r *reindenter) arguments(list *node, identifiers []*node) {
	spaceCommas(list)
	end := r.offset
	for _, t := range identifiers {
		end += utf8.RuneCountInString(t.value) + 1
	}
	offset := 0
	if r.wrapAfter > 0 && end > r.wrapAfter-r.offset && r.function >= 0 {
		offset = -r.function - 1
	}
	r.indent++
	r.shifted(offset, func() {
		if offset < 0 {
			if len(identifiers) == 0 {
				giveUp()
			}
			list.insert(list.index(identifiers[0], 0), r.line(0))
		}
		position, at := 0, 0
		for _, t := range identifiers {
			position += utf8.RuneCountInString(t.value) + 1
			if r.wrapAfter > 0 && position > r.wrapAfter-r.offset {
				at = list.index(t, at)
				list.insert(at, r.line(0))
				position = 0
			}
		}
	})
	r.indent--
}

// spaceCommas puts a blank behind each comma that has no white space there.
func spaceCommas(list *node) {
	spaced := make([]*node, 0, len(list.tokens)+8)
	for i, t := range list.tokens {
		spaced = append(spaced, t)
		if t.value != "," {
			continue
		}
		if i+1 == len(list.tokens) {
			giveUp()
		}
		if !list.tokens[i+1].isWhitespace() {
			space := newLeaf(whitespaceType, " ")
			space.parent = list
			spaced = append(spaced, space)
		}
	}
	list.tokens = spaced
}

var endWord = pick{words: 1 << wordEnd}

func (r *reindenter) cases(list *node) {
	cases := list.cases(false)
	if len(cases) == 0 || len(cases[0].condition) == 0 {
		giveUp()
	}
	first := cases[0].condition[0].first()
	r.shifted(r.column(list.tokens[0]), func() {
		r.shifted(r.column(first), func() {
			for _, c := range cases[1:] {
				if !r.compact && r.offset+1+width(c.condition)+width(c.value) > r.wrapAfter {
					list.insert(list.index(c.first(), 0), r.line(0))
				}
			}
			r.shifted(len("WHEN "), func() { r.inside(list, true) })
		})
		if end := list.next(&endWord, 0); end >= 0 && !r.compact {
			list.insert(end, r.line(0))
		}
	})
}

var (
	parentheses = pick{classes: 1 << parenthesisGroup}
	commas      = pick{words: 1 << comma}
)

func (r *reindenter) values(list *node) {
	list.insert(0, r.line(0))
	i := list.next(&parentheses, 0)
	first := list.at(i)
	for ; i >= 0; i = list.next(&parentheses, i+1) {
		separator := list.next(&commas, i+1)
		switch {
		case separator < 0:
		case r.commaFirst:
			list.insert(separator, r.line(r.column(first)-2))
		default:
			list.insertAfter(separator, r.line(r.column(list.tokens[i])))
		}
	}
}
