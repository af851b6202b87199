// Derived from sqlparse 0.6.1 (sqlparse/sql.py, sqlparse/engine/grouping.py). Copyright (c) 2016, Andi Albrecht
// <albrecht.andi@gmail.com>; the BSD 3-Clause License: see LICENSE.

package scc0

// word is a keyword, a punctuation mark or an operator that grouping and filters look for. A keyword has one if its type is
// Keyword itself; of other types there is SELECT alone.
type word uint8

const (
	noWord word = iota
	openParenthesis
	closeParenthesis
	openBracket
	closeBracket
	comma
	period
	semicolon
	doubleColon
	arrow
	longArrow
	wordAnd
	wordAs
	wordBegin
	wordBetween
	wordCase
	wordCurrentDate
	wordCurrentTime
	wordCurrentTimestamp
	wordDay
	wordElse
	wordEnd
	wordEndIf
	wordEndLoop
	wordExcept
	wordFor
	wordForeach
	wordGroupBy
	wordHaving
	wordHour
	wordIf
	wordIntersect
	wordInto
	wordLimit
	wordMinute
	wordMonth
	wordNull
	wordOrderBy
	wordOver
	wordReturning
	wordRole
	wordSecond
	wordSelect
	wordThen
	wordTimestamp
	wordUnion
	wordUnionAll
	wordValues
	wordWhen
	wordWhere
	wordYear
)

var keywordWords = map[string]word{
	"AND": wordAnd, "AS": wordAs, "BEGIN": wordBegin, "BETWEEN": wordBetween, "CASE": wordCase,
	"CURRENT_DATE": wordCurrentDate, "CURRENT_TIME": wordCurrentTime, "CURRENT_TIMESTAMP": wordCurrentTimestamp,
	"DAY": wordDay, "ELSE": wordElse, "END": wordEnd, "END IF": wordEndIf, "END LOOP": wordEndLoop,
	"EXCEPT": wordExcept, "FOR": wordFor, "FOREACH": wordForeach, "GROUP BY": wordGroupBy, "HAVING": wordHaving,
	"HOUR": wordHour, "IF": wordIf, "INTERSECT": wordIntersect, "INTO": wordInto, "LIMIT": wordLimit,
	"MINUTE": wordMinute, "MONTH": wordMonth, "NULL": wordNull, "ORDER BY": wordOrderBy, "OVER": wordOver,
	"RETURNING": wordReturning, "ROLE": wordRole, "SECOND": wordSecond, "THEN": wordThen,
	"TIMESTAMP": wordTimestamp, "UNION": wordUnion, "UNION ALL": wordUnionAll, "VALUES": wordValues,
	"WHEN": wordWhen, "WHERE": wordWhere, "YEAR": wordYear,
}

// wordOf gives the word of a token; upper is its value in upper case if its type is one of keywords.
func wordOf(t ttype, value, upper string) word {
	switch t {
	case keywordType:
		return keywordWords[upper]
	case dmlType:
		if upper == "SELECT" {
			return wordSelect
		}
	case punctuationType:
		if value == "::" {
			return doubleColon
		}
		return punctuation(value[0])
	case operatorType:
		switch value {
		case "->":
			return arrow
		case "->>":
			return longArrow
		}
	}
	return noWord
}

func punctuation(c byte) word {
	switch c {
	case '(':
		return openParenthesis
	case ')':
		return closeParenthesis
	case '[':
		return openBracket
	case ']':
		return closeBracket
	case ',':
		return comma
	case '.':
		return period
	case ';':
		return semicolon
	}
	return noWord
}

// wordSet is a set of words.
type wordSet uint64

const (
	whereEnds wordSet = 1<<wordOrderBy | 1<<wordGroupBy | 1<<wordLimit | 1<<wordUnion | 1<<wordUnionAll | 1<<wordExcept |
		1<<wordIntersect | 1<<wordHaving | 1<<wordReturning | 1<<wordInto
	units        wordSet = 1<<wordDay | 1<<wordHour | 1<<wordMinute | 1<<wordMonth | 1<<wordSecond | 1<<wordYear
	currentTimes wordSet = 1<<wordCurrentDate | 1<<wordCurrentTime | 1<<wordCurrentTimestamp
	memberSigns  wordSet = 1<<period | 1<<arrow | 1<<longArrow
)

func (s wordSet) has(w word) bool { return s>>w&1 != 0 }
