// Derived from sqlparse 0.6.1 (sqlparse/filters/aligned_indent.py). Copyright (c) 2016, Andi Albrecht
// <albrecht.andi@gmail.com>; the BSD 3-Clause License: see LICENSE.

package scc0

import (
	"strings"

	"py/dist.pyrt/py"
)

// aligner indents so that keywords end and what follows them begins in one column.
type aligner struct {
	char     string
	breaks   wordSearch
	joinOrBy wordSearch
	by       wordSearch
	indent   int
	offset   int
}

func newAligner(char string) *aligner {
	return &aligner{
		char: char, breaks: newWordSearch(alignWords), joinOrBy: newWordSearch(joinOrBy), by: newWordSearch(by),
	}
}

// line makes a line break with indentation; offset 1 is the blank behind SELECT.
func (a *aligner) line(offset int) *node {
	const longest = len("select")
	width := longest + offset + a.indent*(2+longest) + a.offset
	return newLeaf(whitespaceType, "\n"+strings.Repeat(a.char, max(0, width)))
}

func (a *aligner) process(list *node) {
	switch list.class {
	case statementGroup:
		a.statement(list)
	case parenthesisGroup:
		a.parenthesis(list)
	case identifierListGroup:
		a.identifierList(list)
	case caseGroup:
		a.cases(list)
	default:
		a.inside(list)
	}
}

func (a *aligner) statement(stmt *node) {
	if first := stmt.at(0); first != nil && first.isWhitespace() && a.indent == 0 {
		stmt.remove(0)
	}
	a.inside(stmt)
}

func (a *aligner) inside(list *node) {
	a.splitKeywords(list)
	for i, t := range list.tokens {
		if !t.isGroup() {
			continue
		}
		offset := 0
		if before := list.at(list.before(i)); before != nil && a.by.matches(before) {
			offset = 3
		}
		a.offset += offset
		a.process(t)
		a.offset -= offset
	}
}

func (a *aligner) splitKeywords(list *node) {
	for i := a.breaks.next(list, 0); i >= 0; i = a.breaks.next(list, i+1) {
		t := list.tokens[i]
		aligned := t.value
		if a.joinOrBy.matches(t) {
			aligned = py.SplitSpace(aligned, 1)[0]
		}
		list.insert(i, a.line(-py.Len(aligned)))
		i++
	}
}

var selects = pick{words: 1 << wordSelect}

func (a *aligner) parenthesis(list *node) {
	if list.next(&selects, 0) < 0 {
		return
	}
	a.indent++
	list.insertAfter(0, a.line(-len("SELECT")))
	a.inside(list)
	a.indent--
	list.insert(len(list.tokens)-1, a.line(1))
}

func (a *aligner) identifierList(list *node) {
	identifiers := list.identifiers()
	if len(identifiers) == 0 {
		giveUp()
	}
	at := 0
	for _, t := range identifiers[1:] {
		at = list.index(t, at)
		list.insert(at, a.line(1))
	}
	a.inside(list)
}

// cases puts each WHEN on a line of its own and aligns the THENs.
func (a *aligner) cases(list *node) {
	const offset = len("case ") + len("when ")
	cases := list.cases(true)
	if end := list.at(list.next(&endWord, 0)); end != nil {
		cases = append(cases, caseBranch{value: []*node{end}})
	}
	widths, widest := make([]int, len(cases)), 0
	for i, c := range cases {
		if len(c.condition) > 0 {
			widths[i] = width(c.condition) + len(c.condition) - 1 // as many blanks between them
			widest = max(widest, widths[i])
		}
	}
	for i, c := range cases {
		first := c.value
		if len(c.condition) > 0 {
			first = c.condition
		}
		if len(first) == 0 {
			giveUp()
		}
		if i > 0 {
			list.insert(list.index(first[0], 0), a.line(offset-first[0].width()))
		}
		if last := len(c.condition) - 1; last >= 0 {
			blanks := newLeaf(whitespaceType, strings.Repeat(a.char, widest-widths[i]))
			list.insertAfter(list.index(c.condition[last], 0), blanks)
		}
	}
}
