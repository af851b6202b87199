// Derived from sqlparse 0.6.1 (sqlparse/sql.py). Copyright (c) 2016, Andi Albrecht <albrecht.andi@gmail.com>;
// the BSD 3-Clause License: see LICENSE.

package scc0

import (
	"slices"
	"strings"
	"unicode/utf8"

	"py/dist.pyrt/py"
)

// class is what a node is: a leaf, or a group of some kind.
type class uint8

const (
	leaf class = iota
	listGroup
	statementGroup
	assignmentGroup
	beginGroup
	caseGroup
	commentGroup
	comparisonGroup
	forGroup
	functionGroup
	identifierGroup
	identifierListGroup
	ifGroup
	operationGroup
	overGroup
	parenthesisGroup
	bracketsGroup
	typedLiteralGroup
	valuesGroup
	whereGroup
)

// classSet is a set of classes of groups.
type classSet uint32

func (s classSet) has(c class) bool { return s>>c&1 != 0 }

// delimited are the classes whose first and last token are delimiters.
const delimited classSet = 1<<parenthesisGroup | 1<<bracketsGroup | 1<<caseGroup | 1<<ifGroup | 1<<forGroup | 1<<beginGroup

// node is a token of the tree: a leaf, or a group of tokens.
type node struct {
	value  string  // a group has the text that it was made of, whatever became of its tokens later
	upper  string  // of a leaf: as in lexeme
	tokens []*node // of a group
	parent *node
	start  int // place in the statement's text, for nodes that the statement began with
	ttype  ttype
	word   word
	class  class
}

func newLeaf(t ttype, value string) *node {
	return &node{ttype: t, value: value}
}

func (n *node) isGroup() bool      { return n.class != leaf }
func (n *node) isWhitespace() bool { return anyWhitespace.has(n.ttype) }
func (n *node) isKeyword() bool    { return anyKeyword.has(n.ttype) }

// pick describes tokens: those of a class, of a type or with a word.
type pick struct {
	classes classSet
	types   typeSet
	words   wordSet
}

func (p *pick) takes(n *node) bool {
	return p.classes.has(n.class) || p.types.has(n.ttype) || p.words.has(n.word)
}

// meets tells whether something can be both.
func (p *pick) meets(other *pick) bool {
	return p.classes&other.classes != 0 || p.types&other.types != 0 || p.words&other.words != 0
}

// Indices are those of n.tokens; -1 where there is none.

// next gives the first token from start on that p describes.
func (n *node) next(p *pick, start int) int {
	for i := start; i < len(n.tokens); i++ {
		if p.takes(n.tokens[i]) {
			return i
		}
	}
	return -1
}

// after gives the next token behind i that is no white space.
func (n *node) after(i int) int {
	for i++; i < len(n.tokens); i++ {
		if !n.tokens[i].isWhitespace() {
			return i
		}
	}
	return -1
}

// before gives the last token before i that is no white space.
func (n *node) before(i int) int {
	for i--; i >= 0; i-- {
		if !n.tokens[i].isWhitespace() {
			return i
		}
	}
	return -1
}

// at gives the token at i, nil if there is none.
func (n *node) at(i int) *node {
	if i < 0 || i >= len(n.tokens) {
		return nil
	}
	return n.tokens[i]
}

// last gives the last token, nil if there is none.
func (n *node) last() *node { return n.at(len(n.tokens) - 1) }

// index gives the place of a token of this group, looking behind start first.
func (n *node) index(t *node, start int) int {
	start = min(start, len(n.tokens))
	if i := slices.Index(n.tokens[start:], t); i >= 0 {
		return start + i
	}
	i := slices.Index(n.tokens[:start], t)
	if i < 0 {
		giveUp()
	}
	return i
}

func (n *node) insert(i int, t *node) {
	t.parent = n
	n.tokens = slices.Insert(n.tokens, i, t)
}

// insertAfter inserts before the next token behind i that is no white space, or at the end.
func (n *node) insertAfter(i int, t *node) {
	if i = n.after(i); i < 0 {
		i = len(n.tokens)
	}
	n.insert(i, t)
}

func (n *node) remove(i int) { n.tokens = slices.Delete(n.tokens, i, i+1) }

// within tells whether the node is somewhere in a group of one of those classes.
func (n *node) within(classes classSet) bool {
	for parent := n.parent; parent != nil; parent = parent.parent {
		if classes.has(parent.class) {
			return true
		}
	}
	return false
}

// first gives the first leaf.
func (n *node) first() *node {
	t := n.firstLeaf()
	if t == nil {
		giveUp()
	}
	return t
}

func (n *node) firstLeaf() *node {
	if !n.isGroup() {
		return n
	}
	for _, t := range n.tokens {
		if found := t.firstLeaf(); found != nil {
			return found
		}
	}
	return nil
}

// write writes the text of the leaves.
func (n *node) write(out *strings.Builder) {
	if !n.isGroup() {
		out.WriteString(n.value)
		return
	}
	for _, t := range n.tokens {
		t.write(out)
	}
}

// text is str(n).
func (n *node) text() string {
	if !n.isGroup() {
		return n.value
	}
	var out strings.Builder
	n.write(&out)
	return out.String()
}

// lastText gives the text of the last leaf that has any.
func (n *node) lastText() string {
	if !n.isGroup() {
		return n.value
	}
	for i := len(n.tokens) - 1; i >= 0; i-- {
		if text := n.tokens[i].lastText(); text != "" {
			return text
		}
	}
	return ""
}

// width is len(str(n)).
func (n *node) width() int {
	if !n.isGroup() {
		return utf8.RuneCountInString(n.value)
	}
	width := 0
	for _, t := range n.tokens {
		width += t.width()
	}
	return width
}

// failure is a panic that ends the work on a text with an error.
type failure struct{ err error }

// giveUp leaves the call to the original: it is where that raises an exception.
func giveUp() { panic(failure{py.ErrUnsupported}) }
