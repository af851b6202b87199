// Derived from sqlparse 0.6.1 (sqlparse/lexer.py). Copyright (c) 2016, Andi Albrecht <albrecht.andi@gmail.com>;
// the BSD 3-Clause License: see LICENSE.

package scc0

import (
	"iter"
	"strings"
	"sync"
	"unicode/utf8"

	"py/dist.pyrt/py"
	"py/dist.pyrt/py/re"
	tables "py/dist.tables/sqlparse/keywords"
)

// lexeme is a piece of the text with its type. The pieces of a text, one after the other, are the text.
type lexeme struct {
	value string
	upper string // value.upper() if the type is one of keywords, else ""
	ttype ttype
	word  word
}

func newLexeme(t ttype, value string) lexeme {
	l := lexeme{value: value, ttype: t}
	if anyKeyword.has(t) {
		l.upper = py.Upper(value)
	}
	l.word = wordOf(t, l.value, l.upper)
	return l
}

// keyword is what the lexer knows of a word.
type keyword struct {
	upper string
	ttype ttype // noType: none of the release's keywords
	word  word
	rule  keywordRule
}

// lexer is the default lexer: its rules and keywords are the release's tables. What a program adds to the default lexer in
// Python, or changes in the tables there, does not reach it.
type lexer struct {
	rules    *re.Choice
	types    []ttype // of each rule; noType where the keywords decide
	keywords map[string]keyword
}

var defaultLexer = sync.OnceValues(func() (*lexer, error) {
	l := &lexer{keywords: map[string]keyword{}}
	for _, table := range []any{
		tables.KEYWORDS_COMMON(), tables.KEYWORDS_ORACLE(), tables.KEYWORDS_MYSQL(), tables.KEYWORDS_PLPGSQL(),
		tables.KEYWORDS_HQL(), tables.KEYWORDS_MSACCESS(), tables.KEYWORDS_SNOWFLAKE(), tables.KEYWORDS_BIGQUERY(),
		tables.KEYWORDS(),
	} {
		if err := l.addKeywords(table); err != nil {
			return nil, err
		}
	}
	for upper, rule := range keywordRules {
		known := l.keywords[upper]
		known.upper, known.rule = upper, rule
		if rule == ownRule {
			known.ttype, known.word = keywordType, wordOf(keywordType, upper, upper)
		}
		l.keywords[upper] = known
	}
	return l, l.setRules(tables.SQL_REGEX())
})

// addKeywords adds a table; the first table that has a keyword counts.
func (l *lexer) addKeywords(table any) error {
	dict, ok := table.(*py.AnyDict)
	if !ok {
		return py.ErrUnsupported
	}
	for key, name := range dict.Items() {
		upper, isString := key.(string)
		t := typeOf(name)
		if !isString || t == noType {
			return py.ErrUnsupported
		}
		if _, known := l.keywords[upper]; !known {
			l.keywords[upper] = keyword{upper: upper, ttype: t, word: wordOf(t, upper, upper)}
		}
	}
	return nil
}

func (l *lexer) setRules(table any) error {
	rows, ok := table.([]any)
	if !ok {
		return py.ErrUnsupported
	}
	patterns := make([]*re.Pattern, len(rows))
	l.types = make([]ttype, len(rows))
	for i, row := range rows {
		rule, ok := row.(py.Tuple)
		if !ok || len(rule) != 2 {
			return py.ErrUnsupported
		}
		text, ok := rule[0].(string)
		if !ok {
			return py.ErrUnsupported
		}
		pattern, err := re.Compile(text, re.IGNORECASE|re.UNICODE)
		if err != nil {
			return err
		}
		patterns[i] = pattern
		if name, isType := rule[1].(py.Tuple); isType { // else it is PROCESS_AS_KEYWORD
			if l.types[i] = typeOf(name); l.types[i] == noType {
				return py.ErrUnsupported
			}
		}
	}
	l.rules = re.NewChoice(patterns...)
	return nil
}

func typeOf(name any) ttype {
	parts, _ := name.(py.Tuple)
	names := make([]string, len(parts))
	for i, part := range parts {
		names[i], _ = part.(string)
	}
	return typeNames[strings.Join(names, ".")]
}

// tokens splits a text.
func (l *lexer) tokens(text string) iter.Seq[lexeme] {
	return func(yield func(lexeme) bool) {
		spans := delimitedSpans{text: text, lastComment: len(text)}
		for pos := 0; pos < len(text); {
			next, end := l.scan(text, pos)
			if end < 0 {
				next, end = l.tryRules(&spans, pos)
			}
			next.value = text[pos:end]
			if !yield(next) {
				return
			}
			pos = end
		}
	}
}

// tryRules is how the release does it: it asks one rule after the other.
func (l *lexer) tryRules(spans *delimitedSpans, pos int) (next lexeme, end int) {
	text := spans.text
	if end, t, ok := spans.at(pos); ok {
		return lexeme{ttype: t}, end
	}
	rule, end := l.rules.Match(text, pos)
	if rule < 0 {
		_, size := utf8.DecodeRuneInString(text[pos:])
		return lexeme{ttype: errorType}, pos + size
	}
	t, value := l.types[rule], text[pos:end]
	if t != noType && !anyKeyword.has(t) {
		return newLexeme(t, value), end
	}
	known := l.keyword(value)
	switch {
	case t != noType && t != known.ttype:
		return newLexeme(t, value), end
	case known.ttype == noType:
		return lexeme{ttype: nameType}, end
	}
	return known.lexeme(), end
}

// lexeme makes a lexeme without its value.
func (k *keyword) lexeme() lexeme {
	if !anyKeyword.has(k.ttype) {
		return lexeme{ttype: k.ttype}
	}
	return lexeme{ttype: k.ttype, upper: k.upper, word: k.word}
}

// keyword looks a word up whatever its case.
func (l *lexer) keyword(value string) keyword {
	var upper [longestKeyword]byte
	if len(value) > len(upper) || !upperASCII(&upper, value) {
		return l.keywords[py.Upper(value)]
	}
	return l.keywords[string(upper[:len(value)])]
}

const longestKeyword = 40

// upperASCII writes a value in upper case; false if it is not ASCII.
func upperASCII(upper *[longestKeyword]byte, value string) bool {
	for i := range len(value) {
		c := value[i]
		if c >= utf8.RuneSelf {
			return false
		}
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		upper[i] = c
	}
	return true
}
