// Derived from sqlparse 0.6.1 (sqlparse/engine/grouping.py). Copyright (c) 2016, Andi Albrecht
// <albrecht.andi@gmail.com>; the BSD 3-Clause License: see LICENSE.

package scc0

import "py/dist.pyrt/py"

// pass is one of the passes over a statement. It changes nothing where nothing is seen of what it needs.
type pass struct {
	needs pick
	do    func(*grouper, *node)
}

var passes = [...]pass{
	{pick{words: 1 << wordOver}, func(g *grouper, stmt *node) { g.each(stmt, 1<<overGroup, g.overs) }},
	{pick{classes: 1 << parenthesisGroup}, func(g *grouper, stmt *node) { g.each(stmt, 1<<functionGroup, g.functions) }},
	{pick{words: 1 << wordWhere}, func(g *grouper, stmt *node) { g.each(stmt, 1<<whereGroup, g.wheres) }},
	{periods.match, func(g *grouper, stmt *node) { g.join(stmt, &periods) }},
	{arrays.match, func(g *grouper, stmt *node) { g.join(stmt, &arrays) }},
	{names, func(g *grouper, stmt *node) { g.each(stmt, 1<<identifierGroup, g.identifiers) }},
	{ordering, func(g *grouper, stmt *node) { g.each(stmt, 1<<identifierGroup, g.orders) }},
	{typecasts.match, func(g *grouper, stmt *node) { g.join(stmt, &typecasts) }},
	{timezoneCasts.match, func(g *grouper, stmt *node) { g.join(stmt, &timezoneCasts) }},
	{typedLiterals.match, func(g *grouper, stmt *node) { g.join(stmt, &typedLiterals); g.join(stmt, &literalUnits) }},
	{operations.match, func(g *grouper, stmt *node) { g.join(stmt, &operations) }},
	{comparisons.match, func(g *grouper, stmt *node) { g.join(stmt, &comparisons) }},
	{aliases.match, func(g *grouper, stmt *node) { g.join(stmt, &aliases) }},
	{aliased, func(g *grouper, stmt *node) { g.each(stmt, 0, g.bareAliases) }},
	{assignments.match, func(g *grouper, stmt *node) { g.join(stmt, &assignments) }},
	{commentGroups, func(g *grouper, stmt *node) { g.each(stmt, 0, g.alignComments) }},
	{identifierLists.match, func(g *grouper, stmt *node) { g.join(stmt, &identifierLists) }},
	{pick{words: 1 << wordValues}, (*grouper).valueLists},
}

// each does something with the groups within a list, but not within those classes, and then with the list.
func (g *grouper) each(list *node, except classSet, do func(*node)) {
	for _, t := range list.tokens {
		if t.isGroup() && !except.has(t.class) {
			g.each(t, except, do)
		}
	}
	do(list)
}

func isThere(t *node) bool { return t != nil }
func whatever(*node) bool  { return true }

// The spans that a joining can make.

func throughFollowing(_ *node, previous, _, following int) (from, to int) { return previous, following }
func fromMiddle(_ *node, _, at, following int) (from, to int)             { return at, following }
func throughMiddle(_ *node, previous, at, _ int) (from, to int)           { return previous, at }

var typecasts = joining{
	class: identifierGroup, match: pick{words: 1 << doubleColon}, previous: isThere, following: isThere,
	span: throughFollowing, extend: true,
}

var timezoneCasts = joining{
	class: identifierGroup, match: pick{types: 1 << tzCastType}, previous: isThere,
	following: func(t *node) bool { return t != nil && (t.word == wordAs || t.ttype == singleType) },
	span:      throughFollowing, extend: true,
}

var typedLiterals = joining{
	class: typedLiteralGroup, match: pick{types: 1 << builtinType, words: 1 << wordTimestamp}, previous: isThere,
	following: func(t *node) bool { return t != nil && t.ttype == singleType },
	span:      fromMiddle,
}

var literalUnits = joining{
	class: typedLiteralGroup, match: pick{classes: 1 << typedLiteralGroup}, previous: isThere,
	following: func(t *node) bool { return t != nil && units.has(t.word) },
	span:      fromMiddle, extend: true,
}

var (
	memberOwners = pick{classes: 1<<bracketsGroup | 1<<identifierGroup, types: nameOrSymbol}
	members      = pick{classes: 1<<bracketsGroup | 1<<functionGroup, types: nameOrSymbol | 1<<wildcardType | 1<<singleType}
)

var periods = joining{
	class: identifierGroup, match: pick{words: memberSigns}, previous: memberOwners.takes, following: whatever,
	span: func(list *node, previous, at, following int) (from, to int) {
		if t := list.at(following); t != nil && members.takes(t) {
			return previous, following
		}
		return previous, at
	},
	extend: true,
}

var indexed = pick{classes: 1<<bracketsGroup | 1<<identifierGroup | 1<<functionGroup, types: nameOrSymbol}

var arrays = joining{
	class: identifierGroup, match: pick{classes: 1 << bracketsGroup}, previous: indexed.takes, following: whatever,
	span: throughMiddle, extend: true, flat: true,
}

var operands = pick{
	classes: 1<<bracketsGroup | 1<<parenthesisGroup | 1<<functionGroup | 1<<identifierGroup | 1<<operationGroup |
		1<<typedLiteralGroup,
	types: plainOperands,
	words: currentTimes,
}

var operations = joining{
	class: operationGroup, match: pick{types: 1<<operatorType | 1<<wildcardType}, previous: operands.takes,
	following: func(t *node) bool { return t != nil && operands.takes(t) },
	span: func(list *node, previous, at, following int) (from, to int) {
		list.tokens[at].ttype = operatorType
		return previous, following
	},
}

var compared = pick{
	classes: 1<<parenthesisGroup | 1<<functionGroup | 1<<identifierGroup | 1<<operationGroup | 1<<typedLiteralGroup,
	types:   plainOperands,
	words:   1 << wordNull,
}

var comparisons = joining{
	class: comparisonGroup, match: pick{types: 1 << comparisonType}, previous: compared.takes,
	following: func(t *node) bool { return t != nil && compared.takes(t) },
	span:      throughFollowing,
}

var aliases = joining{
	class: identifierGroup, match: pick{words: 1 << wordAs},
	previous:  func(t *node) bool { return t.word == wordNull || !t.isKeyword() },
	following: func(t *node) bool { return t != nil && t.ttype != dmlType && t.ttype != ddlType && t.ttype != cteType },
	span:      throughFollowing, extend: true,
}

var semicolons = pick{words: 1 << semicolon}

var assignments = joining{
	class: assignmentGroup, match: pick{types: 1 << assignmentType},
	previous:  func(t *node) bool { return t.ttype != keywordType },
	following: func(t *node) bool { return t != nil && t.ttype != keywordType },
	span: func(list *node, previous, _, following int) (from, to int) {
		if end := list.next(&semicolons, following+1); end >= 0 {
			return previous, end
		}
		return previous, following
	},
	extend: true,
}

var listed = pick{
	classes: 1<<functionGroup | 1<<caseGroup | 1<<identifierGroup | 1<<comparisonGroup | 1<<identifierListGroup |
		1<<operationGroup,
	types: plainOperands | 1<<keywordType | 1<<wildcardType, // NULL and ROLE are keywords
}

var identifierLists = joining{
	class: identifierListGroup, match: pick{words: 1 << comma}, previous: listed.takes,
	following: func(t *node) bool { return t != nil && listed.takes(t) },
	span:      throughFollowing, extend: true,
}

// comments groups comments that have nothing but line breaks between them. It is the first pass, so there are no groups yet.
func (g *grouper) comments(stmt *node) {
	const lines = anyComment | 1<<newlineType
	if g.seen.types&anyComment == 0 {
		return
	}
	kept := make([]*node, 0, len(stmt.tokens))
	for i := 0; i < len(stmt.tokens); i++ {
		end := i
		if anyComment.has(stmt.tokens[i].ttype) {
			for end < len(stmt.tokens) && lines.has(stmt.tokens[end].ttype) {
				end++
			}
		}
		if end == i {
			kept = append(kept, stmt.tokens[i])
			continue
		}
		if end == len(stmt.tokens) { // nothing behind the comments
			kept = append(kept, stmt.tokens[i:]...)
			break
		}
		made := g.newGroup(commentGroup, stmt.tokens[i:end])
		made.parent = stmt
		kept = append(kept, made)
		i = end - 1
	}
	stmt.tokens = kept
}

var (
	overWord      = pick{words: 1 << wordOver}
	overOperands  = pick{classes: 1 << parenthesisGroup, types: anyName}
	whereWord     = pick{words: 1 << wordWhere}
	whereEnd      = pick{words: whereEnds}
	names         = pick{types: nameOrSymbol}
	functionNames = pick{types: anyName}
	ordering      = pick{types: 1 << orderType}
	orderable     = pick{classes: 1 << identifierGroup, types: anyNumber}
	commentGroups = pick{classes: 1 << commentGroup}
	valuesWord    = pick{words: 1 << wordValues}
	aliased       = pick{
		classes: 1<<parenthesisGroup | 1<<functionGroup | 1<<caseGroup | 1<<identifierGroup | 1<<operationGroup |
			1<<comparisonGroup,
		types: anyNumber,
	}
)

func (g *grouper) overs(list *node) {
	for i := list.next(&overWord, 0); i >= 0; i = list.next(&overWord, i+1) {
		if next := list.after(i); next >= 0 && overOperands.takes(list.tokens[next]) {
			g.gather(list, overGroup, i, next, false)
		}
	}
}

func (g *grouper) functions(list *node) {
	if createsTable(list) {
		return
	}
	for i := list.next(&functionNames, 0); i >= 0; i = list.next(&functionNames, i+1) {
		end := list.after(i)
		if end < 0 || list.tokens[end].class != parenthesisGroup {
			continue
		}
		if next := list.at(list.after(end)); next != nil && next.class == overGroup {
			end = list.after(end)
		}
		g.gather(list, functionGroup, i, end, false)
	}
}

// createsTable tells whether the list is a CREATE TABLE without AS, in which parentheses have columns.
func createsTable(list *node) bool {
	create, table := false, false
	for _, t := range list.tokens {
		switch len(t.value) {
		case 2, 3: // a long s has two bytes
			if py.Upper(t.value) == "AS" {
				return false
			}
		case 5:
			table = table || py.Upper(t.value) == "TABLE"
		case 6:
			create = create || py.Upper(t.value) == "CREATE"
		}
	}
	return create && table
}

func (g *grouper) wheres(list *node) {
	for i := list.next(&whereWord, 0); i >= 0; i = list.next(&whereWord, i+1) {
		end := list.next(&whereEnd, i+1)
		switch {
		case end >= 0:
		case list.class == parenthesisGroup || list.class == bracketsGroup:
			end = len(list.tokens) - 1
		default:
			end = len(list.tokens)
		}
		g.gather(list, whereGroup, i, end-1, false)
	}
}

func (g *grouper) identifiers(list *node) {
	for i := list.next(&names, 0); i >= 0; i = list.next(&names, i+1) {
		g.gather(list, identifierGroup, i, i, false)
	}
}

// orders groups an identifier and ASC or DESC.
func (g *grouper) orders(list *node) {
	for i := list.next(&ordering, 0); i >= 0; i = list.next(&ordering, i+1) {
		if before := list.before(i); before >= 0 && orderable.takes(list.tokens[before]) {
			g.gather(list, identifierGroup, before, i, false)
			i = before
		}
	}
}

// bareAliases groups what has an alias without AS.
func (g *grouper) bareAliases(list *node) {
	for i := list.next(&aliased, 0); i >= 0; i = list.next(&aliased, i+1) {
		if next := list.after(i); next >= 0 && list.tokens[next].class == identifierGroup {
			g.gather(list, identifierGroup, i, next, true)
		}
	}
}

// alignComments lets a comment be a part of the group before it.
func (g *grouper) alignComments(list *node) {
	for i := list.next(&commentGroups, 0); i >= 0; i = list.next(&commentGroups, i+1) {
		if before := list.before(i); before >= 0 && list.tokens[before].isGroup() {
			g.gather(list, listGroup, before, i, true)
			i = before
		}
	}
}

// valueLists groups VALUES and its tuples, in the statement itself alone.
func (g *grouper) valueLists(stmt *node) {
	start, end := stmt.next(&valuesWord, 0), -1
	for i := start; i >= 0; i = stmt.after(i) {
		if stmt.tokens[i].class == parenthesisGroup {
			end = i
		}
	}
	if end >= 0 {
		g.gather(stmt, valuesGroup, start, end, true)
	}
}
