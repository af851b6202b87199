package re

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// machine runs a program over one string: a backtracking search whose choices and whose undo log are one stack on the heap.
type machine struct {
	program *Pattern
	s       string // up to endpos
	start   int    // where this try begins
	full    bool   // fullmatch
	advance bool   // a match that ends at start does not count
	frame   int    // the entry of the innermost open atomic group or assertion, or -1
	stack   []entry
	marks   []int // two a group, -1 for none; then the group closed last
	loops   []loopState
}

type loopState struct{ count, last int }

// entry is a choice to come back to, or what to restore on the way.
type entry struct {
	kind entryKind
	pc   int32
	pos  int
	aux  int
}

type entryKind int32

const (
	eGo       entryKind = iota // continue at pc, pos
	eBranch                    // next choice of the branch at pc: aux
	eSpan                      // give back: pos down to aux
	eSpanLazy                  // take one more at pos; aux: how many are still allowed
	eLoopLazy                  // one more turn of the loop at pc; aux: turns so far
	eFrame                     // atomic group or assertion at pc began at pos; aux: the frame around it
	eMark                      // from here on no choices: mark pc was pos, the last group aux
	eLoop                      // loop pc was (pos, aux)
)

var machines = sync.Pool{New: func() any { return new(machine) }}

func (p *Pattern) machine(s string) *machine {
	m := machines.Get().(*machine)
	m.prepare(p, s)
	return m
}

// prepare makes the machine one for a pattern and a string.
func (m *machine) prepare(p *Pattern, s string) {
	m.program, m.s, m.frame = p, s, -1
	m.full, m.advance = false, false
	count := 2*p.groups + 1
	if cap(m.marks) < count {
		m.marks = make([]int, count)
	}
	m.marks = m.marks[:count]
	if cap(m.loops) < p.loops {
		m.loops = make([]loopState, p.loops)
	}
	m.loops = m.loops[:p.loops]
}

func (m *machine) release() {
	m.program, m.s = nil, ""
	if cap(m.stack) > 1<<16 {
		m.stack = nil
	}
	machines.Put(m)
}

func (m *machine) push(kind entryKind, pc, pos, aux int) {
	m.stack = append(m.stack, entry{kind, int32(pc), pos, aux})
}

// next decodes the character at pos.
func (m *machine) next(pos int) (rune, int) {
	if c := m.s[pos]; c < 0x80 || m.program.bytes {
		return rune(c), 1
	}
	return utf8.DecodeRuneInString(m.s[pos:])
}

func (m *machine) previous(pos int) (rune, int) {
	if c := m.s[pos-1]; c < 0x80 || m.program.bytes {
		return rune(c), 1
	}
	return utf8.DecodeLastRuneInString(m.s[:pos])
}

// try matches at start; it gives where the match ends.
func (m *machine) try(start int) (end int, ok bool) {
	m.start = start
	m.stack = m.stack[:0]
	m.frame = -1
	for i := range m.marks {
		m.marks[i] = -1
	}
	return m.run(start)
}

func (m *machine) run(pos int) (int, bool) {
	code, s, pc := m.program.code, m.s, 0
	for {
		in := &code[pc]
		ok := true
		switch in.op {
		case iString:
			if len(s)-pos >= len(in.text) && s[pos:pos+len(in.text)] == in.text {
				pos += len(in.text)
				pc++
				continue
			}
			ok = false
		case iSet:
			if pos >= len(s) {
				ok = false
				break
			}
			c := s[pos]
			if c < 0x80 {
				if in.set.table[c] {
					pos++
					pc++
					continue
				}
				ok = false
				break
			}
			r, size := m.next(pos)
			if ok = in.set.has(r); ok {
				pos += size
				pc++
			}
		case iMark:
			if len(m.stack) > 0 { // else nothing is left to come back to
				m.push(eMark, in.n, m.marks[in.n], m.marks[len(m.marks)-1])
			}
			m.marks[in.n] = pos
			if in.n&1 != 0 {
				m.marks[len(m.marks)-1] = in.n/2 + 1
			}
			pc++
		case iAt:
			if ok = m.at(in.n, pos); ok {
				pc++
			}
		case iJump:
			pc = in.to
		case iBranch:
			pc, ok = m.choose(in, pc, 0, pos)
		case iSpan, iSpanOnce:
			low := pos
			if in.min > 0 {
				if low, ok = m.take(in.set, pos, in.min, in.min); !ok {
					break
				}
			}
			if in.max == maxRepeat {
				pos = m.takeAll(in.set, low)
			} else {
				pos, _ = m.take(in.set, low, 0, in.max-in.min)
			}
			if pos > low && in.op == iSpan {
				m.push(eSpan, pc, pos, low)
			}
			pc++
			continue
		case iSpanLazy:
			left := in.max
			var low int
			if low, ok = m.take(in.set, pos, in.min, in.min); ok {
				if left != maxRepeat {
					left -= in.min
				}
				pos, ok = m.spanLazy(in, pc, low, left)
				pc++
			}
		case iStar:
			if pos >= len(s) || in.body != nil && !in.body[s[pos]] {
				pc = in.to
				continue
			}
			if in.follow == nil || in.follow[s[pos]] {
				m.push(eGo, in.to, pos, 0)
			}
			pc++
			continue
		case iStarLazy:
			if in.follow != nil && (pos >= len(s) || !in.follow[s[pos]]) {
				pc++
				continue
			}
			m.push(eGo, pc+1, pos, 0)
			pc = in.to
			continue
		case iLoopStart:
			m.push(eLoop, in.n, m.loops[in.n].count, m.loops[in.n].last)
			m.loops[in.n] = loopState{-1, -1}
			pc++
		case iLoop, iLoopLazy:
			pc, ok = m.loop(in, pc, pos)
		case iAtomic:
			m.push(eFrame, pc, pos, m.frame)
			m.frame = len(m.stack) - 1
			pc++
		case iAtomicEnd:
			m.cut()
			pc++
		case iPeek:
			found := false
			if in.n == 0 {
				if pos < len(s) {
					c, _ := m.next(pos)
					found = in.set.has(c)
				}
			} else if pos > 0 {
				c, _ := m.previous(pos)
				found = in.set.has(c)
			}
			if found != in.negative {
				pc++
				continue
			}
			ok = false
		case iAssert:
			begin, enough := pos, true
			for n := in.n; n > 0; n-- {
				if begin == 0 {
					enough = false
					break
				}
				_, size := m.previous(begin)
				begin -= size
			}
			if !enough {
				ok = in.negative
				pc = in.to
				break
			}
			m.push(eFrame, pc, pos, m.frame)
			m.frame = len(m.stack) - 1
			pos = begin
			pc++
		case iAssertEnd:
			frame := m.stack[m.frame]
			assert := &code[frame.pc]
			if assert.negative {
				m.unwind(m.frame)
				m.frame = frame.aux
				ok = false
			} else {
				m.cut()
				pos, pc = frame.pos, assert.to
			}
		case iGroupRef, iRefFold, iRefFoldUni:
			if pos, ok = m.reference(in, pos); ok {
				pc++
			}
		case iCondition:
			pc++
			if begin, end := m.marks[2*in.n], m.marks[2*in.n+1]; begin < 0 || end < begin {
				pc = in.to
			}
		case iMatch:
			if (m.full && pos != len(s)) || (m.advance && pos == m.start) {
				ok = false
				break
			}
			return pos, true
		default:
			ok = false
		}
		if ok {
			continue
		}
		if pc, pos, ok = m.backtrack(); !ok {
			return 0, false
		}
	}
}

// search finds the first match from start on; ok is false if there is none.
func (m *machine) search(start int) (begin, end int, ok bool) {
	p := m.program
	for pos := start; pos <= len(m.s); {
		switch {
		case p.anchored && pos > 0:
			return 0, 0, false
		case p.prefix != "":
			i := strings.Index(m.s[pos:], p.prefix)
			if i < 0 {
				return 0, 0, false
			}
			if i > 0 {
				pos += i
				m.advance = false
			}
		case p.firsts != nil:
			from := pos
			for pos < len(m.s) && !p.firsts[m.s[pos]] {
				pos++
			}
			if pos == len(m.s) {
				return 0, 0, false
			}
			if pos > from {
				m.advance = false
			}
		}
		if end, ok = m.try(pos); ok {
			return pos, end, true
		}
		m.advance = false
		if pos == len(m.s) {
			break
		}
		_, size := m.next(pos)
		pos += size
	}
	return 0, 0, false
}
