// Derived from sqlparse 0.6.1 (sqlparse/filters/others.py). Copyright (c) 2016, Andi Albrecht
// <albrecht.andi@gmail.com>; the BSD 3-Clause License: see LICENSE.

package scc0

import (
	"sync"

	"py/dist.pyrt/py/re"
)

var anyCommentToken = pick{classes: 1 << commentGroup, types: anyComment}

// stripComments replaces comments by white space where there is none yet; hints stay.
func stripComments(list *node) {
	for _, t := range list.tokens {
		if t.isGroup() {
			stripComments(t)
		}
	}
	for i := list.next(&anyCommentToken, 0); i >= 0; i = list.next(&anyCommentToken, i+1) {
		t := list.tokens[i]
		if isHint(t) {
			continue
		}
		if before := list.at(i - 1); before == nil || before.word == openParenthesis {
			list.remove(i)
			i--
			continue
		}
		list.tokens[i] = spaceFor(t)
	}
}

func isHint(t *node) bool {
	return sqlHints.has(t.ttype) || len(t.tokens) > 0 && sqlHints.has(t.tokens[0].ttype)
}

var lastBreaks = sync.OnceValue(func() *re.Pattern { return re.MustCompile(`([\r\n]+) *$`, 0) })

// spaceFor gives the line breaks that a comment ends with, or a space.
func spaceFor(t *node) *node {
	if m := lastBreaks().Search(t.value); m != nil {
		return newLeaf(newlineType, m.Group(1))
	}
	return newLeaf(whitespaceType, " ")
}

// stripWhitespace makes white space one blank, and removes it at the edges of groups.
func stripWhitespace(stmt *node) {
	stripSpaces(stmt)
	if last := stmt.last(); last != nil && last.isWhitespace() {
		stmt.tokens = stmt.tokens[:len(stmt.tokens)-1]
	}
}

func stripSpaces(list *node) {
	for _, t := range list.tokens {
		if t.isGroup() {
			stripSpaces(t)
		}
	}
	switch list.class {
	case identifierListGroup:
		stripBeforeCommas(list)
	case parenthesisGroup:
		stripInside(list)
	}
	wasSpace := true // at the beginning
	for _, t := range list.tokens {
		isSpace := t.isWhitespace()
		switch {
		case isSpace && wasSpace:
			t.value = ""
		case isSpace:
			t.value = " "
		}
		wasSpace = isSpace
	}
}

func stripBeforeCommas(list *node) {
	kept := list.tokens[:0]
	for _, t := range list.tokens {
		if last := len(kept) - 1; t.word == comma && last >= 0 && kept[last].isWhitespace() {
			kept = kept[:last]
		}
		kept = append(kept, t)
	}
	clear(list.tokens[len(kept):])
	list.tokens = kept
}

func stripInside(list *node) {
	tokens := list.tokens
	if len(tokens) < 2 || tokens[0].word != openParenthesis || tokens[len(tokens)-1].word != closeParenthesis {
		return
	}
	start, end := 1, len(tokens)-1
	for tokens[start].isWhitespace() {
		start++
	}
	for end > start && tokens[end-1].isWhitespace() {
		end--
	}
	kept := append(tokens[:1], tokens[start:end]...)
	kept = append(kept, tokens[len(tokens)-1])
	clear(tokens[len(kept):])
	list.tokens = kept
	if inner := kept[len(kept)-2]; inner.isGroup() {
		for {
			last := inner.last()
			if last == nil {
				giveUp()
			}
			if !last.isWhitespace() {
				break
			}
			inner.tokens = inner.tokens[:len(inner.tokens)-1]
		}
	}
}

var operatorTokens = pick{types: operators}

// spaceOperators puts blanks around operators.
func spaceOperators(list *node) {
	for _, t := range list.tokens {
		if t.isGroup() {
			spaceOperators(t)
		}
	}
	for i := list.next(&operatorTokens, 0); i >= 0; i = list.next(&operatorTokens, i+1) {
		if next := list.at(i + 1); next != nil && next.ttype != whitespaceType {
			list.insertAfter(i, newLeaf(whitespaceType, " "))
		}
		if before := list.at(i - 1); before != nil && before.ttype != whitespaceType {
			list.insert(i, newLeaf(whitespaceType, " "))
			i++
		}
	}
}
