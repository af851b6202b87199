// Derived from sqlparse 0.6.1 (sqlparse/engine/grouping.py, sqlparse/sql.py). Copyright (c) 2016, Andi Albrecht
// <albrecht.andi@gmail.com>; the BSD 3-Clause License: see LICENSE.

package scc0

import (
	"iter"
	"slices"
	"strconv"
)

const (
	maxGroupingDepth  = 100
	maxGroupingTokens = 10000
)

// grouper groups the tokens of one statement after the other.
type grouper struct {
	text  string
	seen  pick    // what the statement has, so that passes that look for something else are left out
	stack []*node // copies of the lists that are being worked on
	// Memory for groups to come.
	spareNodes  []node
	spareTokens []*node
}

// group does all passes over a statement, in the order that the release has them in.
func (g *grouper) group(stmt *node, text string) {
	g.text, g.seen = text, pick{}
	for _, t := range stmt.tokens {
		g.seen.types |= 1 << t.ttype
		g.seen.words |= 1 << t.word
	}
	g.seen.types &^= 1 << noType
	g.seen.words &^= 1 << noWord
	total := len(stmt.tokens)
	g.comments(stmt)
	switch {
	case len(stmt.tokens) > maxGroupingTokens:
		panic(failure{parseError("Maximum number of tokens exceeded (" + strconv.Itoa(maxGroupingTokens) + ").")})
	case total > maxGroupingTokens:
		giveUp() // it depends on how the comments lie
	}
	for i := range matchings {
		m := &matchings[i]
		if m.class == beginGroup {
			checkLevel(stmt, maxGroupingTokens)
		}
		if g.seen.words&m.opens != 0 && g.seen.words&m.closes != 0 {
			g.matching(stmt, m)
		}
	}
	const safe = 3 * maxGroupingDepth // CPython's stack has room for that
	checkLevel(stmt, safe)
	for i := range passes {
		if p := &passes[i]; g.seen.meets(&p.needs) {
			p.do(g, stmt)
		}
	}
	if level(stmt) > maxGroupingDepth {
		giveUp() // it depends on which pass made which group
	}
}

// checkLevel raises the exception of groups that lie too deep, if they don't lie deeper than most: then another one may come
// first.
func checkLevel(stmt *node, most int) {
	switch deepest := level(stmt); {
	case deepest > most:
		giveUp()
	case deepest > maxGroupingDepth:
		panic(failure{parseError("Maximum grouping depth exceeded (" + strconv.Itoa(maxGroupingDepth) + ").")})
	}
}

// level gives how many groups lie within each other in n.
func level(n *node) int {
	deepest := 0
	for _, t := range n.tokens {
		if t.isGroup() {
			deepest = max(deepest, 1+level(t))
		}
	}
	return deepest
}

// gather replaces the tokens from start to end (included) by a group of that class. With extend, a first token that is of the
// class takes in the others instead.
func (g *grouper) gather(list *node, c class, start, end int, extend bool) *node {
	if start < 0 || start >= len(list.tokens) || end < start {
		giveUp()
	}
	end = min(end+1, len(list.tokens))
	first := list.tokens[start]
	if extend && (first.class == c || c == listGroup && first.isGroup()) {
		for _, t := range list.tokens[start+1 : end] {
			t.parent = first
			first.tokens = append(first.tokens, t)
		}
		last := list.tokens[end-1]
		first.value = g.text[first.start : last.start+len(last.value)]
		list.tokens = slices.Delete(list.tokens, start+1, end)
		return first
	}
	made := g.newGroup(c, list.tokens[start:end])
	made.parent = list
	list.tokens[start] = made
	list.tokens = slices.Delete(list.tokens, start+1, end)
	return made
}

// newGroup makes a group of tokens that follow one another.
func (g *grouper) newGroup(c class, tokens []*node) *node {
	const nodes, pointers = 128, 512
	if len(g.spareNodes) == 0 {
		g.spareNodes = make([]node, nodes)
	}
	if len(g.spareTokens) < len(tokens) {
		g.spareTokens = make([]*node, max(pointers, len(tokens)))
	}
	made := &g.spareNodes[0]
	g.spareNodes = g.spareNodes[1:]
	made.tokens = g.spareTokens[:len(tokens):len(tokens)]
	g.spareTokens = g.spareTokens[len(tokens):]
	copy(made.tokens, tokens)
	for _, t := range made.tokens {
		t.parent = made
	}
	first, last := tokens[0], tokens[len(tokens)-1]
	made.class, made.start = c, first.start
	made.value = g.text[first.start : last.start+len(last.value)]
	g.seen.classes |= 1 << c
	return made
}

// snapshot iterates over the tokens that a list has now, whatever becomes of it meanwhile.
func (g *grouper) snapshot(list *node) iter.Seq2[int, *node] {
	return func(yield func(int, *node) bool) {
		base, count := len(g.stack), len(list.tokens)
		g.stack = append(g.stack, list.tokens...)
		for i := range count {
			if !yield(i, g.stack[base+i]) {
				break
			}
		}
		g.stack = g.stack[:base]
	}
}

// groupMatching says what opens and closes the groups of a class.
type groupMatching struct {
	class         class
	opens, closes wordSet
}

var matchings = [...]groupMatching{
	{bracketsGroup, 1 << openBracket, 1 << closeBracket},
	{parenthesisGroup, 1 << openParenthesis, 1 << closeParenthesis},
	{caseGroup, 1 << wordCase, 1 << wordEnd},
	{ifGroup, 1 << wordIf, 1 << wordEndIf},
	{forGroup, 1<<wordFor | 1<<wordForeach, 1 << wordEndLoop},
	{beginGroup, 1 << wordBegin, 1 << wordEnd},
}

// matching groups what stands between an opening and a closing token.
func (g *grouper) matching(list *node, m *groupMatching) {
	if list.next(&pick{words: m.closes}, 0) < 0 {
		for _, t := range list.tokens {
			if t.isGroup() && t.class != m.class {
				g.matching(t, m)
			}
		}
		return
	}
	var opens []int
	offset := 0
	for i, t := range g.snapshot(list) {
		at := i - offset
		switch {
		case t.isGroup() && t.class != m.class:
			g.matching(t, m)
		case m.opens.has(t.word):
			opens = append(opens, at)
		case m.closes.has(t.word) && len(opens) > 0:
			last := len(opens) - 1
			g.gather(list, m.class, opens[last], at, false)
			offset += at - opens[last]
			opens = opens[:last]
		}
	}
}

// joining says which tokens a token in the middle joins: x < y.
type joining struct {
	class     class
	match     pick
	previous  func(*node) bool // gets the token before, never nil
	following func(*node) bool // gets the token behind, or nil
	// span gives the first and the last token of the group; following may be -1.
	span   func(list *node, previous, at, following int) (from, to int)
	extend bool
	flat   bool // not in the groups of the list
}

func (g *grouper) join(list *node, j *joining) {
	if list.next(&j.match, 0) < 0 {
		for _, t := range list.tokens {
			if !j.flat && t.isGroup() && t.class != j.class {
				g.join(t, j)
			}
		}
		return
	}
	offset, before := 0, -1
	var previous *node
	for i, t := range g.snapshot(list) {
		at := i - offset
		if at < 0 || t.isWhitespace() {
			continue
		}
		if !j.flat && t.isGroup() && t.class != j.class {
			g.join(t, j)
		}
		if j.match.takes(t) && previous != nil && j.previous(previous) {
			behind := list.after(at)
			following := list.at(behind)
			if j.following(following) && !isDelimiter(list, previous) && !isDelimiter(list, following) {
				from, to := j.span(list, before, at, behind)
				previous = g.gather(list, j.class, from, to, j.extend)
				offset += to - from
				before = from
				continue
			}
		}
		before, previous = at, t
	}
}

// isDelimiter tells whether t opens or closes the list itself.
func isDelimiter(list, t *node) bool {
	return t != nil && delimited.has(list.class) && (t == list.tokens[0] || t == list.last())
}
