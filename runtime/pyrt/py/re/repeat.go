package re

import (
	"strings"
	"unicode/utf8"

	"py/dist.pyrt/py/internal/ucd"
)

func (m *machine) loop(in *instruction, pc, pos int) (int, bool) {
	state := &m.loops[in.n]
	count := state.count + 1
	if count < in.min {
		m.push(eLoop, in.n, state.count, state.last)
		state.count = count
		return pc + 1, true
	}
	if in.op == iLoopLazy {
		m.push(eLoopLazy, pc, pos, count)
		return in.to, true
	}
	if (count < in.max || in.max == maxRepeat) && pos != state.last &&
		(in.body == nil || pos < len(m.s) && in.body[m.s[pos]]) {
		m.push(eLoop, in.n, state.count, state.last)
		if in.follow == nil || pos < len(m.s) && in.follow[m.s[pos]] {
			m.push(eGo, in.to, pos, 0)
		}
		*state = loopState{count, pos}
		return pc + 1, true
	}
	return in.to, true
}

// take goes over at least low and at most high characters of a set.
func (m *machine) take(set *charset, pos, low, high int) (int, bool) {
	s, n := m.s, 0
	for n < high && pos < len(s) {
		if c := s[pos]; c < 0x80 {
			if !set.table[c] {
				break
			}
			pos++
		} else if set.allHigh && !m.program.bytes {
			_, size := utf8.DecodeRuneInString(s[pos:])
			pos += size
		} else {
			r, size := m.next(pos)
			if !set.has(r) {
				break
			}
			pos += size
		}
		n++
	}
	return pos, n >= low
}

// takeAll goes over all characters of a set from pos on.
func (m *machine) takeAll(set *charset, pos int) int {
	s := m.s
	for {
		for pos < len(s) && set.table[s[pos]] && s[pos] < 0x80 {
			pos++
		}
		if pos >= len(s) || s[pos] < 0x80 || set.noneHigh {
			return pos
		}
		r, size := m.next(pos)
		if !set.has(r) {
			return pos
		}
		pos += size
	}
}

// spanLazy takes characters from pos on until the rest can begin, and remembers to take more.
func (m *machine) spanLazy(in *instruction, pc, pos, left int) (int, bool) {
	if in.follow != nil {
		for pos >= len(m.s) || !in.follow[m.s[pos]] {
			if left == 0 || pos >= len(m.s) {
				return pos, false
			}
			c, size := m.next(pos)
			if !in.set.has(c) {
				return pos, false
			}
			pos += size
			if left != maxRepeat {
				left--
			}
		}
	}
	if left > 0 {
		m.push(eSpanLazy, pc, pos, left)
	}
	return pos, true
}

func (m *machine) at(place, pos int) bool {
	s := m.s
	switch place {
	case atBeginning, atBeginningString:
		return pos == 0
	case atBeginningLine:
		return pos == 0 || s[pos-1] == '\n'
	case atEnd:
		return pos == len(s) || pos == len(s)-1 && s[pos] == '\n'
	case atEndLine:
		return pos == len(s) || s[pos] == '\n'
	case atEndString:
		return pos == len(s)
	}
	if len(s) == 0 {
		return false // neither \b nor \B, until Python 3.14
	}
	unicode := place == atBoundary || place == atNonBoundary
	before, after := false, false
	if pos > 0 {
		c, _ := m.previous(pos)
		before = isWord(c, unicode)
	}
	if pos < len(s) {
		c, _ := m.next(pos)
		after = isWord(c, unicode)
	}
	return (before != after) == (place == atBoundary || place == atBoundaryASCII)
}

func (m *machine) reference(in *instruction, pos int) (int, bool) {
	begin, end := m.marks[2*in.n], m.marks[2*in.n+1]
	if begin < 0 || end < begin {
		return pos, false
	}
	text := m.s[begin:end]
	if in.op == iGroupRef {
		return pos + len(text), strings.HasPrefix(m.s[pos:], text)
	}
	lower := lowerASCII
	if in.op == iRefFoldUni {
		lower = ucd.ToLower
	}
	for begin < end {
		if pos >= len(m.s) {
			return pos, false
		}
		a, sizeA := m.next(begin)
		b, sizeB := m.next(pos)
		if a != b && lower(a) != lower(b) {
			return pos, false
		}
		begin += sizeA
		pos += sizeB
	}
	return pos, true
}
