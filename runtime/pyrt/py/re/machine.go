package re

import (
	"strings"
	"sync"
	"unicode/utf8"

	"py/dist.pyrt/py/internal/ucd"
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
	return m
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

// backtrack goes back to the last choice.
func (m *machine) backtrack() (pc, pos int, ok bool) {
	code := m.program.code
	for len(m.stack) > 0 {
		top := len(m.stack) - 1
		e := &m.stack[top]
		pc, pos = int(e.pc), e.pos
		switch e.kind {
		case eGo:
			m.stack = m.stack[:top]
			return pc, pos, true
		case eMark, eLoop:
			m.restore(e)
			m.stack = m.stack[:top]
		case eBranch:
			from := e.aux
			m.stack = m.stack[:top]
			if to, found := m.choose(&code[pc], pc, from, pos); found {
				return to, pos, true
			}
		case eSpan:
			in := &code[pc]
			for pos > e.aux {
				pos--
				if c := m.s[pos]; c >= 0x80 && c < 0xC0 && !m.program.bytes {
					continue
				}
				if in.follow == nil || in.follow[m.s[pos]] {
					if e.pos = pos; pos == e.aux {
						m.stack = m.stack[:top]
					}
					return pc + 1, pos, true
				}
			}
			m.stack = m.stack[:top]
		case eSpanLazy:
			in, left := &code[pc], e.aux
			m.stack = m.stack[:top]
			if left == 0 || pos >= len(m.s) {
				continue
			}
			c, size := m.next(pos)
			if !in.set.has(c) {
				continue
			}
			if left != maxRepeat {
				left--
			}
			if pos, ok = m.spanLazy(in, pc, pos+size, left); ok {
				return pc + 1, pos, true
			}
		case eLoopLazy:
			in, count := &code[pc], e.aux
			m.stack = m.stack[:top]
			state := &m.loops[in.n]
			if count >= in.max && in.max != maxRepeat || pos == state.last {
				continue
			}
			m.push(eLoop, in.n, state.count, state.last)
			*state = loopState{count, pos}
			return pc + 1, pos, true
		case eFrame:
			m.frame = e.aux
			m.stack = m.stack[:top]
			if in := &code[pc]; in.negative {
				return in.to, pos, true
			}
		}
	}
	return 0, 0, false
}

func (m *machine) restore(e *entry) {
	if e.kind == eMark {
		m.marks[e.pc] = e.pos
		m.marks[len(m.marks)-1] = e.aux
	} else {
		m.loops[e.pc] = loopState{e.pos, e.aux}
	}
}

// unwind drops what stands on the stack from a height on, restoring as backtracking would.
func (m *machine) unwind(height int) {
	for i := len(m.stack) - 1; i >= height; i-- {
		if e := &m.stack[i]; e.kind >= eMark {
			m.restore(e)
		}
	}
	m.stack = m.stack[:height]
}

// cut closes the innermost frame: its choices are gone, what it set can still be undone.
func (m *machine) cut() {
	kept := m.frame
	outer := m.stack[m.frame].aux
	for i := m.frame + 1; i < len(m.stack); i++ {
		if m.stack[i].kind >= eMark {
			m.stack[kept] = m.stack[i]
			kept++
		}
	}
	m.stack = m.stack[:kept]
	m.frame = outer
}

// choose takes the first alternative from a number on that can begin at pos, and remembers the next such.
func (m *machine) choose(in *instruction, pc, from, pos int) (int, bool) {
	taken := -1
	for i := from; i < len(in.choices); i++ {
		if f := in.choices[i].firsts; f != nil && (pos >= len(m.s) || !f[m.s[pos]]) {
			continue
		}
		if taken >= 0 {
			m.push(eBranch, pc, pos, i)
			break
		}
		taken = i
	}
	if taken < 0 {
		return pc, false
	}
	return in.choices[taken].to, true
}

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
