// Derived from sqlparse 0.6.1 (sqlparse/keywords.py). Copyright (c) 2016, Andi Albrecht <albrecht.andi@gmail.com>;
// the BSD 3-Clause License: see LICENSE.

package scc0

import (
	"sort"
	"strings"
	"sync"
	"unicode/utf8"

	"py/dist.pyrt/py"
	"py/dist.pyrt/py/re"
)

var dollarQuote = sync.OnceValue(func() *re.Pattern {
	return re.MustCompile(`\$(?:[_A-ZÀ-Ü]\w*)?\$`, re.IGNORECASE|re.UNICODE)
})

// delimitedSpans finds the ends of dollar-quoted literals and multiline comments in time that is linear in the text, however
// many of them are never closed.
type delimitedSpans struct {
	text        string
	dollars     map[string][]int // where each delimiter stands; nil: not looked for yet
	lastComment int              // no comment that opens behind this place is closed; at first the end of the text
}

// at gives the end of the literal or comment that opens at pos, and its type; false if none does that is closed.
func (d *delimitedSpans) at(pos int) (end int, t ttype, ok bool) {
	switch d.text[pos] {
	case '/':
		return d.comment(pos)
	case '$':
		return d.dollarQuoted(pos)
	}
	return 0, noType, false
}

func (d *delimitedSpans) comment(pos int) (end int, t ttype, ok bool) {
	if !strings.HasPrefix(d.text[pos:], "/*") || pos > d.lastComment {
		return 0, noType, false
	}
	inner, t := pos+2, multilineType
	if strings.HasPrefix(d.text[inner:], "+") {
		inner, t = inner+1, multilineHintType
	}
	length := strings.Index(d.text[inner:], "*/")
	if length < 0 {
		d.lastComment = pos
		return 0, noType, false
	}
	return inner + length + 2, t, true
}

func (d *delimitedSpans) dollarQuoted(pos int) (end int, t ttype, ok bool) {
	inner := dollarQuote().MatchEnd(d.text, pos)
	if inner < 0 {
		return 0, noType, false
	}
	if before, _ := utf8.DecodeLastRuneInString(d.text[:pos]); pos > 0 && (isWord(before) || before == '"' || before == '$') {
		return 0, noType, false
	}
	if d.dollars == nil {
		d.findDollars()
	}
	tag := d.text[pos:inner]
	places := d.dollars[tag]
	closing := sort.SearchInts(places, inner)
	if closing == len(places) {
		return 0, noType, false
	}
	return places[closing] + len(tag), literalType, true
}

// findDollars notes all delimiters; they may overlap, as three dollars do.
func (d *delimitedSpans) findDollars() {
	d.dollars = map[string][]int{}
	for pos := range len(d.text) {
		if d.text[pos] != '$' {
			continue
		}
		if end := dollarQuote().MatchEnd(d.text, pos); end >= 0 {
			d.dollars[d.text[pos:end]] = append(d.dollars[d.text[pos:end]], pos)
		}
	}
}

// isWord is \w.
func isWord(c rune) bool { return c == '_' || py.IsAlnumRune(c) }
