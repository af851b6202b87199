// Derived from sqlparse 0.6.1 (sqlparse/filters/reindent.py, aligned_indent.py). Copyright (c) 2016, Andi Albrecht
// <albrecht.andi@gmail.com>; the BSD 3-Clause License: see LICENSE.

package scc0

import (
	"sync"

	"py/dist.pyrt/py/re"
)

// reindentWords and alignWords are the keywords that begin a line, in whatever keyword they stand: OR begins ORDER.
var (
	reindentWords = sync.OnceValue(func() *re.Pattern {
		return re.MustCompile(`FROM|STRAIGHT_JOIN$|JOIN$|AND|OR|GROUP BY|ORDER BY|UNION|VALUES|SET|BETWEEN|EXCEPT|HAVING|LIMIT`,
			re.IGNORECASE)
	})
	alignWords = sync.OnceValue(func() *re.Pattern {
		return re.MustCompile(`FROM|`+joinWords+`|ON|`+byWords+`|WHERE|AND|OR|HAVING|LIMIT|UNION|VALUES|SET|BETWEEN|EXCEPT`,
			re.IGNORECASE)
	})
	joinOrBy = sync.OnceValue(func() *re.Pattern { return re.MustCompile(joinWords+`|`+byWords, re.IGNORECASE) })
	by       = sync.OnceValue(func() *re.Pattern { return re.MustCompile(byWords, re.IGNORECASE) })
)

const (
	joinWords = `((LEFT\s+|RIGHT\s+|FULL\s+)?(INNER\s+|OUTER\s+|STRAIGHT\s+)?|(CROSS\s+|NATURAL\s+)?)?JOIN\b`
	byWords   = `(GROUP|ORDER)\s+BY\b`
)

// wordSearch finds keywords by a pattern. It remembers what it found.
type wordSearch struct {
	pattern func() *re.Pattern
	known   map[string]bool
}

func newWordSearch(pattern func() *re.Pattern) wordSearch {
	return wordSearch{pattern, map[string]bool{}}
}

func (s *wordSearch) matches(t *node) bool {
	if t.ttype != keywordType {
		return false
	}
	found, known := s.known[t.upper]
	if !known {
		found = s.pattern().Search(t.upper) != nil
		s.known[t.upper] = found
	}
	return found
}

// next gives the place of the next keyword from start on, without those of BETWEEN … AND.
func (s *wordSearch) next(list *node, start int) int {
	return s.nextWithin(list, start, 0)
}

func (s *wordSearch) nextWithin(list *node, start, depth int) int {
	const deepest = 100 // CPython's stack has an end
	i := s.find(list, start)
	if i < 0 || list.tokens[i].word != wordBetween {
		return i
	}
	if depth > deepest {
		giveUp()
	}
	i = s.nextWithin(list, i+1, depth+1)
	if i < 0 || list.tokens[i].word != wordAnd {
		return i
	}
	return s.nextWithin(list, i+1, depth+1)
}

func (s *wordSearch) find(list *node, start int) int {
	for i := start; i < len(list.tokens); i++ {
		if s.matches(list.tokens[i]) {
			return i
		}
	}
	return -1
}
