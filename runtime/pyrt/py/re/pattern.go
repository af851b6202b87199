// Package re is Python's re (3.11): its syntax, its results, its errors.
//
//	m = re.match(r"(\w+)@(?P<host>[\w.]+)", s)      var address = re.MustCompile(`(\w+)@(?P<host>[\w.]+)`, 0)
//	if m: return m.group(1), m["host"]              if m := address.Match(s); m != nil { return m.Group(1), m.Named("host") }
//	re.sub(r"\s+", " ", s)                          spaces.Sub(" ", s, 0)
//	re.compile(p, re.I | re.X)                      re.Compile(p, re.IGNORECASE|re.VERBOSE)
//
// Patterns are compiled once, into package variables; they may be used by many goroutines. Strings are UTF-8. Positions given
// to methods (MatchAt, …) and by Match.Bytes are byte offsets, which are fast; Match.Start, End and Span count code points, as
// Python does. Matching keeps its state on the heap, so no input can overflow the stack; a pattern that takes exponential time
// in Python takes it here.
//
// Differences from CPython: LOCALE and \N{…} are refused with py.ErrUnsupported, FutureWarnings and DeprecationWarnings are not
// given, and MatchAt finds nothing where pos is greater than endpos (CPython finds empty matches there). Refused, too,
// are groups that capture beside alternatives within a possessive repeat, as (?:(a)b|a)*+: CPython forgets there to reset what an
// alternative captured before it failed.
package re

import (
	"fmt"
	"iter"

	"py/dist.pyrt/py"
)

// Pattern is a compiled regular expression.
type Pattern struct {
	source   string
	flags    Flag
	bytes    bool
	code     []instruction
	groups   int
	loops    int
	names    map[string]int
	nameList []string
	prefix   string   // all matches begin with it
	firsts   *byteSet // all matches begin with one of these bytes
	anchored bool     // matches begin at 0 only
}

// Compile is re.compile(pattern, flags). Errors are of class re.error, with Python's message.
func Compile(pattern string, flags Flag) (*Pattern, error) {
	return build(pattern, []rune(pattern), flags, false)
}

// CompileBytes is re.compile of a bytes pattern. Give its methods string(b): each byte is a character.
func CompileBytes(pattern []byte, flags Flag) (*Pattern, error) {
	text := make([]rune, len(pattern))
	for i, b := range pattern {
		text[i] = rune(b)
	}
	return build(string(pattern), text, flags, true)
}

// MustCompile is Compile for patterns that are known to be right; it panics on others.
func MustCompile(pattern string, flags Flag) *Pattern {
	p, err := Compile(pattern, flags)
	if err != nil {
		panic(fmt.Sprintf("%q: %v", pattern, err))
	}
	return p
}

func build(source string, text []rune, flags Flag, bytes bool) (*Pattern, error) {
	parsed, tree, err := parse(text, flags, bytes)
	if err != nil {
		return nil, err
	}
	compiled, err := compile(parsed, tree, bytes)
	if err != nil {
		return nil, err
	}
	p := &Pattern{source: source, flags: parsed.flags, bytes: bytes, code: join(compiled.code), loops: compiled.loops,
		groups: len(parsed.widths) - 1, names: parsed.names, nameList: parsed.nameList}
	p.firsts = compiled.filter(compiled.firstsOfSub(tree, parsed.flags))
	switch first := p.code[0]; {
	case first.op == iString:
		p.prefix = first.text
	case first.op == iAt && (first.n == atBeginning || first.n == atBeginningString):
		p.anchored = true
	}
	return p, nil
}

// Escape is re.escape(s).
func Escape(s string) string {
	out := make([]byte, 0, len(s)+8)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '(', ')', '[', ']', '{', '}', '?', '*', '+', '-', '|', '^', '$', '\\', '.', '&', '~', '#', ' ', '\t', '\n', '\r', '\v', '\f':
			out = append(out, '\\', c)
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

// String is p.pattern.
func (p *Pattern) String() string { return p.source }

// Flags is p.flags.
func (p *Pattern) Flags() Flag { return p.flags }

// NumGroups is p.groups.
func (p *Pattern) NumGroups() int { return p.groups }

// GroupIndex is p.groupindex[name]; 0 means that there is no such group.
func (p *Pattern) GroupIndex(name string) int { return p.names[name] }

// Match is p.match(s); nil is None.
func (p *Pattern) Match(s string) *Match { return p.matchAt(s, 0, len(s), false) }

// Fullmatch is p.fullmatch(s).
func (p *Pattern) Fullmatch(s string) *Match { return p.matchAt(s, 0, len(s), true) }

// Search is p.search(s).
func (p *Pattern) Search(s string) *Match { return p.SearchAt(s, 0, len(s)) }

// MatchAt is p.match(s, pos, endpos), both in bytes: ^ still means the start of s, and s ends at endpos.
func (p *Pattern) MatchAt(s string, pos, endpos int) *Match { return p.matchAt(s, pos, endpos, false) }

// FullmatchAt is p.fullmatch(s, pos, endpos), both in bytes.
func (p *Pattern) FullmatchAt(s string, pos, endpos int) *Match {
	return p.matchAt(s, pos, endpos, true)
}

func clampRange(s string, pos, endpos int) (int, int, bool) {
	endpos = min(max(endpos, 0), len(s))
	pos = max(pos, 0)
	return pos, endpos, pos <= endpos
}

func (p *Pattern) matchAt(s string, pos, endpos int, full bool) *Match {
	pos, endpos, ok := clampRange(s, pos, endpos)
	if !ok || p.firsts != nil && (pos == endpos || !p.firsts[s[pos]]) {
		return nil
	}
	m := p.machine(s[:endpos])
	defer m.release()
	m.full = full
	end, ok := m.try(pos)
	if !ok {
		return nil
	}
	return m.result(s, pos, end)
}

// MatchEnd gives the byte offset at which p.match(s, pos) ends, or -1. It makes no [Match]: for lexers.
func (p *Pattern) MatchEnd(s string, pos int) int {
	if pos < 0 || pos > len(s) || p.firsts != nil && (pos == len(s) || !p.firsts[s[pos]]) {
		return -1
	}
	m := p.machine(s)
	end, ok := m.try(pos)
	m.release()
	if !ok {
		return -1
	}
	return end
}

// SearchAt is p.search(s, pos, endpos), both in bytes.
func (p *Pattern) SearchAt(s string, pos, endpos int) *Match {
	pos, endpos, ok := clampRange(s, pos, endpos)
	if !ok {
		return nil
	}
	m := p.machine(s[:endpos])
	defer m.release()
	begin, end, ok := m.search(pos)
	if !ok {
		return nil
	}
	return m.result(s, begin, end)
}

// Finditer iterates over p.finditer(s).
func (p *Pattern) Finditer(s string) iter.Seq[*Match] { return p.FinditerAt(s, 0, len(s)) }

// FinditerAt is p.finditer(s, pos, endpos), both in bytes.
func (p *Pattern) FinditerAt(s string, pos, endpos int) iter.Seq[*Match] {
	return func(yield func(*Match) bool) {
		known, count := 0, 0 // code points up to the last match
		var slab []Match     // matches to come, made together
		size := 1
		p.each(s, pos, endpos, func(m *machine, begin, end int) bool {
			if len(slab) == 0 {
				size = min(2*size, 32)
				slab = make([]Match, size)
			}
			match := &slab[0]
			slab = slab[1:]
			m.fill(match, s, begin, end)
			count += py.Len(s[known:begin])
			known = begin
			match.base = count
			return yield(match)
		})
	}
}

// each calls visit for all matches, until it gives false.
func (p *Pattern) each(s string, pos, endpos int, visit func(m *machine, begin, end int) bool) {
	pos, endpos, ok := clampRange(s, pos, endpos)
	if !ok {
		return
	}
	m := p.machine(s[:endpos])
	defer m.release()
	for {
		begin, end, ok := m.search(pos)
		if !ok || !visit(m, begin, end) {
			return
		}
		m.advance = begin == end
		pos = end
	}
}

// Findall is p.findall(s) for a pattern with at most one group: the matches, or what the group matched.
func (p *Pattern) Findall(s string) []string {
	found := []string{}
	p.each(s, 0, len(s), func(m *machine, begin, end int) bool {
		if p.groups > 0 {
			begin, end = m.marks[0], m.marks[1]
		}
		if begin < 0 || end < begin {
			begin, end = 0, 0
		}
		found = append(found, s[begin:end])
		return true
	})
	return found
}

// FindallGroups is p.findall(s) for a pattern with several groups: for each match what each group matched, "" for None.
func (p *Pattern) FindallGroups(s string) [][]string {
	found := [][]string{}
	p.each(s, 0, len(s), func(m *machine, _, _ int) bool {
		row := make([]string, p.groups)
		for i := range row {
			if begin, end := m.marks[2*i], m.marks[2*i+1]; begin >= 0 && end >= begin {
				row[i] = s[begin:end]
			}
		}
		found = append(found, row)
		return true
	})
	return found
}

// Split is p.split(s, maxsplit); 0 splits at all matches. What groups matched stands between the pieces; a group that took no
// part, which is None in Python, gives "": use [Pattern.SplitAny] where that matters.
func (p *Pattern) Split(s string, maxsplit int) []string {
	parts := make([]string, 0, 8)
	p.split(s, maxsplit, func(text string, _ bool) { parts = append(parts, text) })
	return parts
}

// SplitAny is p.split(s, maxsplit) with nil for None.
func (p *Pattern) SplitAny(s string, maxsplit int) []any {
	var parts []any
	p.split(s, maxsplit, func(text string, some bool) {
		if some {
			parts = append(parts, text)
		} else {
			parts = append(parts, nil)
		}
	})
	return parts
}

func (p *Pattern) split(s string, maxsplit int, add func(text string, some bool)) {
	last, count := 0, 0
	p.each(s, 0, len(s), func(m *machine, begin, end int) bool {
		if maxsplit != 0 && count >= maxsplit {
			return false
		}
		add(s[last:begin], true)
		for i := 0; i < p.groups; i++ {
			if begin, end := m.marks[2*i], m.marks[2*i+1]; begin >= 0 && end >= begin {
				add(s[begin:end], true)
			} else {
				add("", false)
			}
		}
		last = end
		count++
		return true
	})
	add(s[last:], true)
}

// Sub is p.sub(repl, s, count): repl is a template with \1, \g<name> and escapes; count 0 replaces all.
func (p *Pattern) Sub(repl, s string, count int) (string, error) {
	result, _, err := p.Subn(repl, s, count)
	return result, err
}

// Subn is p.subn(repl, s, count).
func (p *Pattern) Subn(repl, s string, count int) (string, int, error) {
	t, err := p.Template(repl)
	if err != nil {
		return "", 0, err
	}
	result, n := p.substitute(s, count, func(out []byte, m *machine, begin, end int) []byte {
		return t.append(out, s, m.marks, begin, end)
	})
	return result, n, nil
}

// SubFunc is p.sub(function, s, count).
func (p *Pattern) SubFunc(repl func(*Match) string, s string, count int) string {
	result, _ := p.SubnFunc(repl, s, count)
	return result
}

// SubnFunc is p.subn(function, s, count).
func (p *Pattern) SubnFunc(repl func(*Match) string, s string, count int) (string, int) {
	return p.substitute(s, count, func(out []byte, m *machine, begin, end int) []byte {
		return append(out, repl(m.result(s, begin, end))...)
	})
}

func (p *Pattern) substitute(s string, count int, put func([]byte, *machine, int, int) []byte) (string, int) {
	var out []byte
	last, n := 0, 0
	p.each(s, 0, len(s), func(m *machine, begin, end int) bool {
		if count != 0 && n >= count {
			return false
		}
		out = append(out, s[last:begin]...)
		out = put(out, m, begin, end)
		last = end
		n++
		return true
	})
	if n == 0 {
		return s, 0
	}
	return string(append(out, s[last:]...)), n
}
