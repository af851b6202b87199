// Derived from sqlparse 0.6.1 (sqlparse/engine/statement_splitter.py). Copyright (c) 2016, Andi Albrecht
// <albrecht.andi@gmail.com>; the BSD 3-Clause License: see LICENSE.

package scc0

import (
	"strings"
	"unicode/utf8"

	"py/dist.pyrt/py"
)

// splitter finds out where statements end. Its zero value stands before the first one.
type splitter struct {
	blocks      []string // the blocks that are open
	begins      int      // how many of them are BEGIN
	unconfirmed string   // FOR or WHILE before its LOOP or DO
	create      bool     // within a CREATE
	seenBegin   bool     // BEGIN may still be one of a transaction
	ended       bool     // nothing but white space and a comment belongs to the statement any more
	level       int
}

// startsNext takes the next lexeme and tells whether a new statement begins with it.
func (s *splitter) startsNext(l *lexeme) bool {
	fresh := s.ended && l.ttype != whitespaceType && l.ttype != commentType
	if fresh {
		*s = splitter{blocks: s.blocks[:0]}
	}
	if l.ttype == punctuationType || anyKeyword.has(l.ttype) {
		s.level += s.change(l)
	}
	switch {
	case l.word == semicolon:
		s.seenBegin = false
		if s.level <= 0 && s.begins == 0 {
			s.ended = true
		}
	case l.ttype == keywordType && isGo(l.value):
		s.ended = true
	case !anyWhitespace.has(l.ttype) && l.ttype != commentType && l.ttype != multilineType && l.word != wordBegin:
		s.seenBegin = false
	}
	return fresh
}

// isGo tells for a keyword whether it is GO or GO with a number.
func isGo(value string) bool {
	if !strings.HasPrefix(value, "GO") {
		return false
	}
	next, _ := utf8.DecodeRuneInString(value[2:])
	return len(value) == 2 || py.IsSpaceRune(next)
}

// change gives what a punctuation mark or keyword does to the level.
func (s *splitter) change(l *lexeme) int {
	switch {
	case l.word == semicolon:
		s.unconfirmed = ""
		if s.seenBegin {
			s.seenBegin = false
			if s.closes("BEGIN") {
				return -1
			}
		}
		return 0
	case l.word == openParenthesis:
		return 1
	case l.word == closeParenthesis:
		return -1
	case l.ttype == punctuationType:
		return 0
	case l.ttype == ddlType && strings.HasPrefix(l.upper, "CREATE"):
		s.create = true
		return 0
	}
	switch l.upper {
	case "DECLARE":
		if s.create && len(s.blocks) == 0 {
			return s.open("DECLARE")
		}
	case "BEGIN":
		s.seenBegin = true
		if s.closes("DECLARE") {
			s.open("BEGIN")
			return 0
		}
		return s.open("BEGIN")
	case "TRANSACTION", "WORK", "TRAN", "DISTRIBUTED", "DEFERRED", "IMMEDIATE", "EXCLUSIVE":
		if s.seenBegin && l.ttype == keywordType { // a transaction, not a block
			s.seenBegin = false
			if s.closes("BEGIN") {
				return -1
			}
			return 0
		}
	}
	if s.begins > 0 {
		if change, known := s.nested(l.upper); known {
			return change
		}
	}
	return s.closing(l.upper)
}

// nested does the loops and conditions within a block.
func (s *splitter) nested(upper string) (change int, known bool) {
	switch upper {
	case "FOR", "WHILE":
		s.unconfirmed = upper
		return 0, true
	case "LOOP", "DO":
		if s.unconfirmed != "" {
			upper, s.unconfirmed = s.unconfirmed, ""
			return s.open(upper), true
		}
		if upper == "LOOP" {
			return s.open("LOOP"), true
		}
	case "IF", "CASE":
		return s.open(upper), true
	}
	return 0, false
}

func (s *splitter) closing(upper string) int {
	closed := false
	switch upper {
	case "END IF":
		closed = s.closes("IF")
	case "END FOR":
		closed = s.closes("FOR")
	case "END WHILE":
		closed = s.closes("WHILE")
	case "END LOOP":
		closed = s.closes("LOOP") || s.closes("FOR") || s.closes("WHILE")
	case "END CASE":
		closed = s.closes("CASE")
	case "END":
		if last := len(s.blocks) - 1; last >= 0 {
			s.closes(s.blocks[last])
		}
		closed = true
	}
	if closed {
		return -1
	}
	return 0
}

func (s *splitter) open(block string) int {
	s.blocks = append(s.blocks, block)
	if block == "BEGIN" {
		s.begins++
	}
	return 1
}

// closes ends the innermost block if it is of that kind.
func (s *splitter) closes(block string) bool {
	last := len(s.blocks) - 1
	if last < 0 || s.blocks[last] != block {
		return false
	}
	s.blocks = s.blocks[:last]
	if block == "BEGIN" {
		s.begins--
	}
	return true
}
