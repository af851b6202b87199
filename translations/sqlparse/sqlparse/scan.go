// Derived from sqlparse 0.6.1 (SQL_REGEX in sqlparse/keywords.py). Copyright (c) 2016, Andi Albrecht
// <albrecht.andi@gmail.com>; the BSD 3-Clause License: see LICENSE.

package scc0

import (
	"strings"
	"unicode/utf8"
)

// What most of a query consists of is found here without the rules, with the same result: white space, words, integers,
// strings, commas. Whatever is not plain goes to the rules.

// keywordRule tells which rules of SQL_REGEX concern a word.
type keywordRule uint8

const (
	noRule    keywordRule = iota
	ownRule               // it is a keyword whatever follows
	leadsRule             // a rule of several words may begin with it
)

var keywordRules = map[string]keywordRule{
	"CASE": ownRule, "IN": ownRule, "VALUES": ownRule, "USING": ownRule, "FROM": ownRule, "AS": ownRule,

	"LEFT": leadsRule, "RIGHT": leadsRule, "FULL": leadsRule, "INNER": leadsRule, "OUTER": leadsRule, "STRAIGHT": leadsRule,
	"CROSS": leadsRule, "NATURAL": leadsRule, "JOIN": leadsRule, "END": leadsRule, "IF": leadsRule, "NOT": leadsRule,
	"ASC": leadsRule, "DESC": leadsRule, "NULLS": leadsRule, "UNION": leadsRule, "CREATE": leadsRule,
	"DOUBLE": leadsRule, "GROUP": leadsRule, "ORDER": leadsRule, "PRIMARY": leadsRule, "HANDLER": leadsRule,
	"GO": leadsRule, "LATERAL": leadsRule, "AT": leadsRule, "WITH": leadsRule, "LIKE": leadsRule, "ILIKE": leadsRule,
	"RLIKE": leadsRule, "REGEXP": leadsRule,
}

// scan gives the lexeme at pos, without its value, and where it ends; -1 if the rules must tell.
func (l *lexer) scan(text string, pos int) (lexeme, int) {
	switch c := text[pos]; c {
	case ' ', '\t':
		return lexeme{ttype: whitespaceType}, pos + 1
	case '\n':
		return lexeme{ttype: newlineType}, pos + 1
	case ',', '(', ')', ';':
		return lexeme{ttype: punctuationType, word: punctuation(c)}, pos + 1
	case '.':
		if pos+1 < len(text) && (isDigit(text[pos+1]) || text[pos+1] >= utf8.RuneSelf) {
			return lexeme{}, -1
		}
		return lexeme{ttype: punctuationType, word: period}, pos + 1
	case '*':
		return lexeme{ttype: wildcardType}, pos + 1
	case '\'':
		return lexeme{ttype: singleType}, stringEnd(text, pos)
	case '=':
		if pos+1 < len(text) && strings.IndexByte("<>=~!", text[pos+1]) < 0 {
			return lexeme{ttype: comparisonType}, pos + 1
		}
	default:
		switch {
		case isDigit(c):
			return lexeme{ttype: integerType}, integerEnd(text, pos)
		case isWordByte(c):
			return l.scanWord(text, pos)
		}
	}
	return lexeme{}, -1
}

// stringEnd gives the end of a string without backslashes; -1 if it has one or is not closed.
func stringEnd(text string, pos int) int {
	for i := pos + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			return -1
		case '\'':
			if i+1 == len(text) || text[i+1] != '\'' {
				return i + 1
			}
			i++
		}
	}
	return -1
}

// integerEnd gives the end of digits alone; -1 if more may belong to the number or word.
func integerEnd(text string, pos int) int {
	for pos < len(text) && isDigit(text[pos]) {
		pos++
	}
	if pos < len(text) && (isWordByte(text[pos]) || strings.IndexByte(".$#", text[pos]) >= 0 || text[pos] >= utf8.RuneSelf) {
		return -1
	}
	return pos
}

// scanWord does the rules for words: names before a period or parenthesis, names after a period, and keywords.
func (l *lexer) scanWord(text string, pos int) (lexeme, int) {
	end := pos + 1
	for end < len(text) && isWordByte(text[end]) {
		end++
	}
	if end < len(text) && (text[end] >= utf8.RuneSelf || text[end] == '$' || text[end] == '#') {
		return lexeme{}, -1
	}
	known := l.keyword(text[pos:end])
	switch known.rule {
	case ownRule:
		return known.lexeme(), end
	case leadsRule:
		return lexeme{}, -1
	}
	if text[pos] != '_' {
		if pos > 0 && text[pos-1] == '.' || end < len(text) && text[end] == '(' {
			return lexeme{ttype: nameType}, end
		}
		switch next := skipSpace(text, end); {
		case next == len(text):
		case text[next] >= utf8.RuneSelf:
			return lexeme{}, -1
		case text[next] == '.':
			if next+1 < len(text) && text[next+1] >= utf8.RuneSelf {
				return lexeme{}, -1
			}
			if next+1 == len(text) || !isDigit(text[next+1]) {
				return lexeme{ttype: nameType}, end
			}
		}
	}
	if known.ttype == noType {
		return lexeme{ttype: nameType}, end
	}
	return known.lexeme(), end
}

func skipSpace(text string, pos int) int {
	for pos < len(text) && (text[pos] == ' ' || text[pos] >= '\t' && text[pos] <= '\r' || text[pos] >= 0x1c && text[pos] <= 0x1f) {
		pos++
	}
	return pos
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || isDigit(c)
}
