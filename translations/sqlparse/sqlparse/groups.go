// Derived from sqlparse 0.6.1 (sqlparse/sql.py). Copyright (c) 2016, Andi Albrecht
// <albrecht.andi@gmail.com>; the BSD 3-Clause License: see LICENSE.

package scc0

// caseBranch is a WHEN with THEN, or an ELSE.
type caseBranch struct {
	condition []*node
	value     []*node
	isElse    bool
}

// first gives the first token of the branch.
func (c *caseBranch) first() *node {
	tokens := c.condition
	if c.isElse {
		tokens = c.value
	}
	if len(tokens) == 0 {
		giveUp()
	}
	return tokens[0]
}

// cases gives the branches of a CASE. What stands between CASE and the first WHEN is a branch too.
func (n *node) cases(skipSpace bool) []caseBranch {
	var found []caseBranch
	inCondition, inValue := true, false
	for _, t := range n.tokens {
		switch {
		case t.word == wordCase || skipSpace && t.isWhitespace():
			continue
		case t.word == wordWhen:
			found = append(found, caseBranch{})
			inCondition, inValue = true, false
		case t.word == wordThen:
			inCondition, inValue = false, true
		case t.word == wordElse:
			found = append(found, caseBranch{isElse: true})
			inCondition, inValue = false, true
		case t.word == wordEnd:
			inCondition, inValue = false, false
		}
		if (inCondition || inValue) && len(found) == 0 {
			found = append(found, caseBranch{})
		}
		switch last := len(found) - 1; {
		case inCondition:
			found[last].condition = append(found[last].condition, t)
		case inValue:
			found[last].value = append(found[last].value, t)
		}
	}
	return found
}

// identifiers gives the tokens of an identifier list without white space and commas.
func (n *node) identifiers() []*node {
	found := make([]*node, 0, len(n.tokens)/2+1)
	for _, t := range n.tokens {
		if !t.isWhitespace() && t.word != comma {
			found = append(found, t)
		}
	}
	return found
}

// width is the length of the text of several tokens.
func width(tokens []*node) int {
	sum := 0
	for _, t := range tokens {
		sum += t.width()
	}
	return sum
}
