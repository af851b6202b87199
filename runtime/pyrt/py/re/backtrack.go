package re

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
	if in.byByte != nil { // from counts those that can begin here
		candidates := in.byByte[256]
		if pos < len(m.s) {
			candidates = in.byByte[m.s[pos]]
		}
		if from >= len(candidates) {
			return pc, false
		}
		if from+1 < len(candidates) {
			m.push(eBranch, pc, pos, from+1)
		}
		return in.choices[candidates[from]].to, true
	}
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
