package re

import "unicode/utf8"

// firsts are the bytes that something can begin with, so that it needs no try where another byte stands. empty tells that it
// can match nothing, so that whatever follows may begin there; then bits alone exclude nothing.
type firsts struct {
	bits  [4]uint64
	empty bool
}

func (f *firsts) add(b byte) { f.bits[b>>6] |= 1 << (b & 63) }

func (f *firsts) has(b byte) bool { return f.bits[b>>6]&(1<<(b&63)) != 0 }

func (f *firsts) union(other firsts) {
	for i := range f.bits {
		f.bits[i] |= other.bits[i]
	}
	f.empty = f.empty || other.empty
}

func (f *firsts) meets(other *[4]uint64) bool {
	return f.bits[0]&other[0]|f.bits[1]&other[1]|f.bits[2]&other[2]|f.bits[3]&other[3] != 0
}

// then gives what f followed by next begins with.
func (f firsts) then(next firsts) firsts {
	if f.empty {
		f.empty = false
		f.union(next)
	}
	return f
}

var anything = firsts{bits: [4]uint64{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}, empty: true}

// firstBytes are the bytes that the characters of a set begin with.
func (c *charset) firstBytes(bytes bool) [4]uint64 {
	bits := c.bits
	if bytes {
		return bits
	}
	bits[2], bits[3] = 0, 0
	if !c.noneHigh {
		bits[2], bits[3] = ^uint64(0), ^uint64(0)
	}
	return bits
}

func (c *compiler) firstsOf(n *node, flags Flag) firsts {
	switch n.op {
	case opLiteral:
		if !c.foldsCase(n.n, flags) {
			var f firsts
			if c.bytes {
				f.add(byte(n.n))
			} else {
				f.add(string(rune(n.n))[0])
			}
			return f
		}
		return firsts{bits: c.setOf(n, flags).firstBytes(c.bytes)}
	case opNotLiteral, opAny, opIn:
		return firsts{bits: c.setOf(n, flags).firstBytes(c.bytes)}
	case opBranch:
		var f firsts
		for _, item := range n.subs {
			f.union(c.firstsOfSub(item, flags))
		}
		return f
	case opSubpattern:
		return c.firstsOfSub(n.subs[0], combine(flags, n.add, n.del))
	case opAtomic:
		return c.firstsOfSub(n.subs[0], flags)
	case opRepeat:
		f := c.firstsOfSub(n.subs[0], flags)
		if n.max == 0 {
			f = firsts{}
		}
		f.empty = f.empty || n.min == 0
		return f
	case opCondition:
		f := c.firstsOfSub(n.subs[0], flags)
		if n.subs[1] == nil {
			f.empty = true
		} else {
			f.union(c.firstsOfSub(n.subs[1], flags))
		}
		return f
	case opAt, opAssert:
		return firsts{empty: true}
	}
	return anything // a reference to a group
}

func (c *compiler) firstsOfSub(s *sub, flags Flag) firsts {
	key := firstsKey{s, flags}
	if f, known := c.known[key]; known {
		return f
	}
	f := firsts{empty: true}
	for i := len(s.nodes) - 1; i >= 0; i-- {
		f = c.firstsOf(s.nodes[i], flags).then(f)
	}
	c.known[key] = f
	return f
}

type firstsKey struct {
	sub   *sub
	flags Flag
}

func combine(flags, add, del Flag) Flag {
	if add&typeFlags != 0 {
		flags &^= typeFlags
	}
	return (flags | add) &^ del
}

// foldsCase tells whether a literal must be a set because of its case, or because no string can hold it (a surrogate).
func (c *compiler) foldsCase(code int, flags Flag) bool {
	if flags&IGNORECASE != 0 && isCased(rune(code), flags&UNICODE != 0) {
		return true
	}
	return !c.bytes && !utf8.ValidRune(rune(code))
}

func (c *compiler) setOf(n *node, flags Flag) *charset {
	key := setKey{n, flags & (IGNORECASE | UNICODE | DOTALL)}
	if set := c.sets[key]; set != nil {
		return set
	}
	var set *charset
	switch n.op {
	case opLiteral, opNotLiteral:
		set = literalSet(rune(n.n), n.op == opNotLiteral, flags, c.bytes)
	case opAny:
		set = anySet(flags, c.bytes)
	default:
		set = newCharset(n.set, n.negated, flags, c.bytes)
	}
	c.sets[key] = set
	return set
}

type setKey struct {
	node  *node
	flags Flag
}
