package re

import (
	"iter"
	"maps"
	"unicode/utf8"

	"py/dist.pyrt/py"
)

// Match is what a pattern matched. Methods that take a group panic with Python's IndexError ("no such group") if the pattern
// has none of that number or name; 0 is the whole match.
type Match struct {
	pattern *Pattern
	s       string
	spans   []int // of group 0, 1, …: byte offsets, -1 for a group that took no part
	last    int
	base    int // code points before the match, or -1: not counted yet
	buffer  [8]int
}

func (m *machine) result(s string, begin, end int) *Match {
	match := new(Match)
	m.fill(match, s, begin, end)
	return match
}

func (m *machine) fill(match *Match, s string, begin, end int) {
	p := m.program
	match.pattern, match.s, match.base = p, s, -1
	match.spans = match.buffer[:0]
	if p.groups >= len(match.buffer)/2 {
		match.spans = make([]int, 0, 2*p.groups+2)
	}
	match.spans = append(match.spans, begin, end)
	match.spans = append(match.spans, m.marks[:2*p.groups]...)
	for i := 2; i < len(match.spans); i += 2 {
		if match.spans[i] < 0 || match.spans[i+1] < match.spans[i] {
			match.spans[i], match.spans[i+1] = -1, -1
		}
	}
	match.last = max(m.marks[2*p.groups], 0)
}

func (m *Match) check(group int) {
	if group < 0 || group > m.pattern.groups {
		panic(py.IndexError("no such group"))
	}
}

// Group is m.group(group), with "" for None: see [Match.Has].
func (m *Match) Group(group int) string {
	m.check(group)
	begin := m.spans[2*group]
	if begin < 0 {
		return ""
	}
	return m.s[begin:m.spans[2*group+1]]
}

// Has is m.group(group) is not None: the group took part.
func (m *Match) Has(group int) bool {
	m.check(group)
	return m.spans[2*group] >= 0
}

// Named is m.group(name), with "" for None.
func (m *Match) Named(name string) string { return m.Group(m.index(name)) }

// HasNamed is m.group(name) is not None.
func (m *Match) HasNamed(name string) bool { return m.Has(m.index(name)) }

func (m *Match) index(name string) int {
	group := m.pattern.names[name]
	if group == 0 {
		panic(py.IndexError("no such group"))
	}
	return group
}

// Groups is m.groups(), with nil for None.
func (m *Match) Groups() []any {
	groups := make([]any, m.pattern.groups)
	for i := range groups {
		if m.Has(i + 1) {
			groups[i] = m.Group(i + 1)
		}
	}
	return groups
}

// GroupDict iterates over m.groupdict() in the order of the groups, with nil for None.
func (m *Match) GroupDict() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for i, name := range m.pattern.nameList {
			if name == "" {
				continue
			}
			var value any
			if m.Has(i) {
				value = m.Group(i)
			}
			if !yield(name, value) {
				return
			}
		}
	}
}

// Bytes is m.span(group) in bytes of the string; (-1, -1) for a group that took no part.
func (m *Match) Bytes(group int) (start, end int) {
	m.check(group)
	return m.spans[2*group], m.spans[2*group+1]
}

// Span is m.span(group), in code points.
func (m *Match) Span(group int) (start, end int) { return m.Start(group), m.End(group) }

// Start is m.start(group), in code points.
func (m *Match) Start(group int) int {
	m.check(group)
	return m.codePoints(m.spans[2*group])
}

// End is m.end(group), in code points.
func (m *Match) End(group int) int {
	m.check(group)
	return m.codePoints(m.spans[2*group+1])
}

func (m *Match) codePoints(offset int) int {
	switch {
	case offset < 0 || m.pattern.bytes:
		return offset
	case m.base < 0:
		return utf8.RuneCountInString(m.s[:offset])
	case offset >= m.spans[0]:
		return m.base + utf8.RuneCountInString(m.s[m.spans[0]:offset])
	}
	return m.base - utf8.RuneCountInString(m.s[offset:m.spans[0]])
}

// LastIndex is m.lastindex, with 0 for None.
func (m *Match) LastIndex() int { return m.last }

// LastGroup is m.lastgroup, with "" for None.
func (m *Match) LastGroup() string { return m.pattern.nameList[m.last] }

// String is m.string.
func (m *Match) String() string { return m.s }

// Pattern is m.re.
func (m *Match) Pattern() *Pattern { return m.pattern }

// Expand is m.expand(template).
func (m *Match) Expand(template string) (string, error) {
	t, err := m.pattern.Template(template)
	if err != nil {
		return "", err
	}
	return string(t.append(nil, m.s, m.spans[2:], m.spans[0], m.spans[1])), nil
}

// GroupNames gives p.groupindex: the groups' names and numbers.
func (p *Pattern) GroupNames() map[string]int { return maps.Clone(p.names) }
