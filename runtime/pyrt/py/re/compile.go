package re

import "py/dist.pyrt/py"

type operation uint8

const (
	iMatch operation = iota
	iFail
	iString     // text
	iSet        // set
	iAt         // n: the place
	iMark       // n
	iJump       // to
	iBranch     // alternatives
	iSpan       // set, min, max: greedy
	iSpanLazy   // set, min, max
	iSpanOnce   // set, min, max: possessive, or no shorter span can help
	iStar       // body at pc+1, exit at to; for bodies that are never empty
	iStarLazy   // body at pc+1, exit at to
	iLoopStart  // n: register
	iLoop       // n, min, max; body at pc+1, exit at to
	iLoopLazy   // n, min, max; body at pc+1, exit at to
	iAtomic     // up to iAtomicEnd
	iAtomicEnd  //
	iPeek       // set, negative: one character ahead, or behind if n is 1
	iAssert     // n: characters to go back, negative; up to iAssertEnd; continues at to
	iAssertEnd  //
	iGroupRef   // n: group-1
	iRefFold    // n: group-1, IGNORECASE
	iRefFoldUni // n: group-1, IGNORECASE by Unicode
	iCondition  // n: group-1; if the group is there pc+1, else to
)

// more places than the parser has
const (
	atBeginningLine = iota + atEndString + 1
	atEndLine
	atBoundaryASCII
	atNonBoundaryASCII
)

type instruction struct {
	op       operation
	negative bool
	n, to    int
	min, max int
	text     string
	set      *charset
	body     *byteSet // what the body of a loop can begin with; nil: anything
	follow   *byteSet // what the rest can begin with; nil: anything
	choices  []choice
	byByte   *[257][]int32 // many choices: which of them can begin with a byte, and at the end
}

type choice struct {
	to     int
	firsts *byteSet // nil: anything
}

// byteSet tells for each byte whether something can begin with it.
type byteSet = [256]bool

type firstSets = map[firstsKey]firsts

type compiler struct {
	parser *parser
	bytes  bool
	code   []instruction
	loops  int
	// repeats counts the loops around a place, possessive ones apart.
	repeats int
	known   firstSets
	sets    map[setKey]*charset

	filters map[[4]uint64]*byteSet
}

func compile(p *parser, tree *sub, bytes bool) (c *compiler, err error) {
	defer func() {
		if failure := recover(); failure != nil {
			trouble, ours := failure.(problem)
			if !ours {
				panic(failure)
			}
			err = trouble.err
		}
	}()
	c = &compiler{parser: p, bytes: bytes, known: firstSets{}, sets: map[setKey]*charset{},
		filters: map[[4]uint64]*byteSet{}}
	c.sequence(tree, p.flags, anything)
	c.emit(instruction{op: iMatch})
	return c, nil
}

func (c *compiler) emit(i instruction) int {
	c.code = append(c.code, i)
	return len(c.code) - 1
}

// filter gives f as a condition on the next byte, or nil if it is none.
func (c *compiler) filter(f firsts) *byteSet {
	if f.empty {
		return nil
	}
	if set := c.filters[f.bits]; set != nil {
		return set
	}
	set := new(byteSet)
	for b := range set {
		set[b] = f.has(byte(b))
	}
	c.filters[f.bits] = set
	return set
}

// sequence emits a sequence that is followed by what begins with follow.
func (c *compiler) sequence(s *sub, flags Flag, follow firsts) {
	after := make([]firsts, len(s.nodes)+1)
	after[len(s.nodes)] = follow
	for i := len(s.nodes) - 1; i > 0; i-- {
		after[i] = c.firstsOf(s.nodes[i], flags).then(after[i+1])
	}
	for i, n := range s.nodes {
		c.node(n, flags, after[i+1])
	}
}

func (c *compiler) node(n *node, flags Flag, follow firsts) {
	switch n.op {
	case opLiteral:
		if c.foldsCase(n.n, flags) {
			c.emit(instruction{op: iSet, set: c.setOf(n, flags)})
			return
		}
		text := string(rune(n.n))
		if c.bytes {
			text = string([]byte{byte(n.n)})
		}
		c.emit(instruction{op: iString, text: text})
	case opNotLiteral, opAny, opIn:
		c.emit(instruction{op: iSet, set: c.setOf(n, flags)})
	case opAt:
		c.emit(instruction{op: iAt, n: placeOf(n.n, flags)})
	case opBranch:
		c.branch(n, flags, follow)
	case opSubpattern:
		if n.n > 0 {
			c.emit(instruction{op: iMark, n: 2*n.n - 2})
		}
		c.sequence(n.subs[0], combine(flags, n.add, n.del), follow)
		if n.n > 0 {
			c.emit(instruction{op: iMark, n: 2*n.n - 1})
		}
	case opAtomic:
		c.emit(instruction{op: iAtomic})
		c.sequence(n.subs[0], flags, anything)
		c.emit(instruction{op: iAtomicEnd})
	case opRepeat:
		if single := unit(n.subs[0]); single != nil {
			c.span(n, single, flags, follow)
		} else {
			c.loop(n, flags, follow)
		}
	case opGroupRef:
		op := iGroupRef
		if flags&IGNORECASE != 0 {
			op = iRefFold
			if flags&UNICODE != 0 {
				op = iRefFoldUni
			}
		}
		c.emit(instruction{op: op, n: n.n - 1})
	case opCondition:
		at := c.emit(instruction{op: iCondition, n: n.n - 1})
		c.sequence(n.subs[0], flags, follow)
		if n.subs[1] != nil {
			jump := c.emit(instruction{op: iJump})
			c.code[at].to = len(c.code)
			c.sequence(n.subs[1], flags, follow)
			c.code[jump].to = len(c.code)
		} else {
			c.code[at].to = len(c.code)
		}
	case opAssert:
		back := 0
		if n.behind {
			low, high := c.parser.width(n.subs[0])
			if low > maxRepeat {
				panic(problem{patternError("looks too much behind", nil, -1)})
			}
			if low != high {
				panic(problem{patternError("look-behind requires fixed-width pattern", nil, -1)})
			}
			back = low
		}
		if single := unit(n.subs[0]); single != nil {
			c.emit(instruction{op: iPeek, n: back, negative: n.negative, set: c.setOf(single, flags)})
			return
		}
		at := c.emit(instruction{op: iAssert, n: back, negative: n.negative})
		c.sequence(n.subs[0], flags, anything)
		c.emit(instruction{op: iAssertEnd})
		c.code[at].to = len(c.code)
	}
}

func placeOf(place int, flags Flag) int {
	switch {
	case place == atBeginning && flags&MULTILINE != 0:
		return atBeginningLine
	case place == atEnd && flags&MULTILINE != 0:
		return atEndLine
	case place == atBoundary && flags&UNICODE == 0:
		return atBoundaryASCII
	case place == atNonBoundary && flags&UNICODE == 0:
		return atNonBoundaryASCII
	}
	return place
}

func (c *compiler) branch(n *node, flags Flag, follow firsts) {
	at := c.emit(instruction{op: iBranch})
	var jumps []int
	var choices []choice
	for i, item := range n.subs {
		choices = append(choices, choice{len(c.code), c.filter(c.firstsOfSub(item, flags).then(follow))})
		c.sequence(item, flags, follow)
		if i < len(n.subs)-1 {
			jumps = append(jumps, c.emit(instruction{op: iJump}))
		}
	}
	for _, jump := range jumps {
		c.code[jump].to = len(c.code)
	}
	c.code[at].choices = choices
	if len(choices) >= manyChoices {
		c.code[at].byByte = sortChoices(choices)
	}
}

// manyChoices are so many that a table is worth its memory.
const manyChoices = 4

func sortChoices(choices []choice) *[257][]int32 {
	table := new([257][]int32)
	for b := range table {
		for i, choice := range choices {
			if choice.firsts == nil || b < 256 && choice.firsts[b] {
				table[b] = append(table[b], int32(i))
			}
		}
	}
	return table
}

// unit gives the single node of a body that takes exactly one character.
func unit(s *sub) *node {
	if len(s.nodes) != 1 {
		return nil
	}
	switch n := s.nodes[0]; n.op {
	case opLiteral, opNotLiteral, opAny, opIn:
		return n
	case opSubpattern:
		if n.n == 0 && n.add == 0 && n.del == 0 {
			return unit(n.subs[0])
		}
	}
	return nil
}

func (c *compiler) span(n, single *node, flags Flag, follow firsts) {
	set := c.setOf(single, flags)
	i := instruction{op: iSpan, set: set, min: n.min, max: n.max, follow: c.filter(follow)}
	own := set.firstBytes(c.bytes)
	switch {
	case n.kind == lazy:
		i.op = iSpanLazy
	case n.kind == possessive, !follow.empty && !follow.meets(&own):
		// What follows cannot begin with what the span takes: giving characters back cannot help.
		i.op = iSpanOnce
	}
	c.emit(i)
}

func (c *compiler) loop(n *node, flags Flag, follow firsts) {
	body := n.subs[0]
	begin := c.firstsOfSub(body, flags)
	atomic := n.kind == possessive
	if !atomic {
		c.repeats++
		defer func() { c.repeats-- }()
	} else if c.repeats == 0 && holds(body, isGroup) && holds(body, isChoice) {
		panic(problem{py.ErrUnsupported}) // see the package documentation
	}
	if n.max == maxRepeat && n.min <= 1 && !begin.empty && !atomic {
		c.star(n, begin, flags, follow)
		return
	}
	register := c.loops
	c.loops++
	inside := begin
	inside.union(follow)
	if begin.empty || atomic {
		inside = anything
	}
	if atomic { // each turn is atomic, and so is the whole
		c.emit(instruction{op: iAtomic})
		follow = anything
	}
	c.emit(instruction{op: iLoopStart, n: register})
	op := iLoop
	if n.kind == lazy {
		op = iLoopLazy
	}
	at := c.emit(instruction{op: op, n: register, min: n.min, max: n.max, body: c.filter(begin), follow: c.filter(follow)})
	if atomic {
		c.emit(instruction{op: iAtomic})
	}
	c.sequence(body, flags, inside)
	if atomic {
		c.emit(instruction{op: iAtomicEnd})
	}
	c.emit(instruction{op: iJump, to: at})
	c.code[at].to = len(c.code)
	if atomic {
		c.emit(instruction{op: iAtomicEnd})
	}
}

func holds(s *sub, test func(*node) bool) bool {
	for _, n := range s.nodes {
		if test(n) {
			return true
		}
		for _, part := range n.subs {
			if part != nil && holds(part, test) {
				return true
			}
		}
	}
	return false
}

func isGroup(n *node) bool { return n.op == opSubpattern && n.n > 0 }

func isChoice(n *node) bool {
	return n.op == opBranch || n.op == opRepeat && n.kind != possessive || n.op == opAssert && n.negative
}

// star is a loop without a count, whose turns need no watch against being empty.
func (c *compiler) star(n *node, begin firsts, flags Flag, follow firsts) {
	enter := -1
	if n.min == 1 {
		enter = c.emit(instruction{op: iJump})
	}
	op := iStar
	if n.kind == lazy {
		op = iStarLazy
	}
	at := c.emit(instruction{op: op, body: c.filter(begin), follow: c.filter(follow)})
	if enter >= 0 {
		c.code[enter].to = len(c.code)
	}
	begin.union(follow)
	c.sequence(n.subs[0], flags, begin)
	c.emit(instruction{op: iJump, to: at})
	c.code[at].to = len(c.code)
}

// join makes one string of literals that follow each other and that nothing jumps between.
func join(code []instruction) []instruction {
	target := make([]bool, len(code)+1)
	for i := range code {
		target[code[i].to] = true
		for _, choice := range code[i].choices {
			target[choice.to] = true
		}
		if code[i].op >= iStar && code[i].op <= iLoopLazy {
			target[i] = true
		}
	}
	var joined []instruction
	moved := make([]int, len(code)+1)
	for i := range code {
		if last := len(joined) - 1; last >= 0 && !target[i] && code[i].op == iString && joined[last].op == iString {
			joined[last].text += code[i].text
			moved[i] = last
			continue
		}
		moved[i] = len(joined)
		joined = append(joined, code[i])
	}
	moved[len(code)] = len(joined)
	for i := range joined {
		joined[i].to = moved[joined[i].to]
		for j := range joined[i].choices {
			joined[i].choices[j].to = moved[joined[i].choices[j].to]
		}
	}
	return joined
}
