// Derived from sqlparse 0.6.1 (sqlparse/__init__.py, sqlparse/engine/filter_stack.py, sqlparse/filters/tokens.py).
// Copyright (c) 2016, Andi Albrecht <albrecht.andi@gmail.com>; the BSD 3-Clause License: see LICENSE.

package scc0

import (
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	pyrt "py/dist.pyrt"
	"py/dist.pyrt/py"
)

func Sqlparse_Format(sql string, options ...Sqlparse_FormatOptions) (string, error) {
	var o Sqlparse_FormatOptions
	if len(options) > 0 {
		o = options[0]
	}
	settings, err := readOptions(o.Kwargs)
	if err != nil {
		return "", err
	}
	lexer, err := lexerFor(sql)
	if err != nil {
		return "", err
	}
	return newFormatter(settings).format(lexer.tokens(sql))
}

func Sqlparse_Split(sql string, options ...Sqlparse_SplitOptions) ([]any, error) {
	var o Sqlparse_SplitOptions
	if len(options) > 0 {
		o = options[0]
	}
	lexer, err := lexerFor(sql)
	if err != nil {
		return nil, err
	}
	stripSemicolon, err := truth(o.StripSemicolon)
	if err != nil {
		return nil, err
	}
	statements := []any{}
	var split splitter
	start, end, kept, blank := 0, 0, 0, true // of the statement: where it is, how much of it is kept, whether it is white space
	for l := range lexer.tokens(sql) {
		if split.startsNext(&l) {
			statements = append(statements, py.Strip(sql[start:kept]))
			start, kept, blank = end, end, true
		}
		end += len(l.value)
		isSpace := anyWhitespace.has(l.ttype)
		blank = blank && isSpace
		if !stripSemicolon || !isSpace && l.value != ";" {
			kept = end
		}
	}
	if !blank {
		statements = append(statements, py.Strip(sql[start:kept]))
	}
	return statements, nil
}

// truth is bool(value); nil is not given.
func truth(value any) (bool, error) {
	switch v := value.(type) {
	case nil, pyrt.NoneType:
		return false, nil
	case bool, int64, float64, string:
		return py.Truth(v), nil
	case int:
		return v != 0, nil
	}
	return false, py.ErrUnsupported
}

// lexerFor gives the lexer for a text that Python could have.
func lexerFor(text string) (*lexer, error) {
	if !utf8.ValidString(text) {
		return nil, py.ErrUnsupported
	}
	return defaultLexer()
}

// formatter formats one statement after the other.
type formatter struct {
	*options
	grouper    grouper
	reindenter *reindenter
	output     *outputFormat
	count      int  // statements yet
	endsLine   bool // the last one ended with a line feed
	out        strings.Builder
}

func newFormatter(o *options) *formatter {
	f := &formatter{options: o}
	if o.reindent {
		f.reindenter = newReindenter(o.layout)
	}
	switch o.output {
	case "python":
		f.output = pythonOutput()
	case "php":
		f.output = phpOutput()
	}
	return f
}

func (f *formatter) format(lexemes iter.Seq[lexeme]) (formatted string, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			failed, ok := reason.(failure)
			if !ok {
				panic(reason)
			}
			formatted, err = "", failed.err
		}
	}()
	var split splitter
	var made statementMaker
	for l := range lexemes {
		f.filter(&l)
		if split.startsNext(&l) {
			f.statement(&made)
		}
		made.add(&l)
	}
	if !made.blank() {
		f.statement(&made)
	}
	return f.out.String(), nil
}

// filter changes a lexeme as keyword_case, identifier_case and truncate_strings tell.
func (f *formatter) filter(l *lexeme) {
	switch {
	case f.keywordCase != nil && anyKeyword.has(l.ttype):
		l.value = f.keywordCase(l.value)
		if !py.IsASCII(l.value) {
			*l = newLexeme(l.ttype, l.value)
		}
	case f.identifierCase != nil && nameOrSymbol.has(l.ttype) && l.value[0] != '"':
		l.value = f.identifierCase(l.value)
	case f.truncate > 0 && l.ttype == singleType:
		quote, inner := "'", py.Slice(l.value, 1, -1)
		if strings.HasPrefix(l.value, "''") {
			quote, inner = "''", py.Slice(l.value, 2, -2)
		}
		if py.Len(inner) > f.truncate {
			l.value = quote + py.Slice(inner, py.From, f.truncate) + f.truncateMark + quote
		}
	}
}

func (f *formatter) statement(made *statementMaker) {
	stmt, text := made.statement()
	if f.grouped() {
		f.grouper.group(stmt, text)
	}
	if f.spaces {
		spaceOperators(stmt)
	}
	if f.stripComments {
		stripComments(stmt)
	}
	if f.stripWhitespace {
		stripWhitespace(stmt)
	}
	if f.reindent {
		f.reindentStatement(stmt)
	}
	if f.aligned {
		newAligner(f.layout.char).process(stmt)
	}
	if f.rightMargin {
		panic(failure{&py.Exception{Class: "NotImplementedError"}})
	}
	f.count++
	if f.output != nil {
		trimLines(&f.out, f.output.source(stmt, f.count))
		return
	}
	text = stmt.text()
	f.endsLine = strings.HasSuffix(text, "\n")
	trimLines(&f.out, text)
}

func (f *formatter) reindentStatement(stmt *node) {
	r := f.reindenter
	r.stmt = stmt
	r.process(stmt)
	if f.count == 0 {
		return
	}
	between := "\n\n"
	if f.endsLine {
		between = "\n"
	}
	stmt.insert(0, newLeaf(whitespaceType, between))
}

// statementMaker makes a statement of lexemes. A statement is valid until the next one is begun: they share memory.
type statementMaker struct {
	leaves []node
	tokens []*node
	text   strings.Builder
	isOver bool
}

func (m *statementMaker) add(l *lexeme) {
	if m.isOver {
		m.leaves, m.isOver = m.leaves[:0], false
		m.text.Reset()
	}
	m.leaves = append(m.leaves, node{value: l.value, upper: l.upper, start: m.text.Len(), ttype: l.ttype, word: l.word})
	m.text.WriteString(l.value)
}

// blank tells whether there is nothing but white space.
func (m *statementMaker) blank() bool {
	for i := range m.leaves {
		if !m.leaves[i].isWhitespace() {
			return false
		}
	}
	return true
}

// statement gives the statement and its text.
func (m *statementMaker) statement() (*node, string) {
	m.isOver = true
	m.tokens = slices.Grow(m.tokens[:0], len(m.leaves))
	stmt := &node{class: statementGroup, value: m.text.String()}
	for i := range m.leaves {
		m.leaves[i].parent = stmt
		m.tokens = append(m.tokens, &m.leaves[i])
	}
	stmt.tokens = m.tokens
	return stmt, stmt.value
}
