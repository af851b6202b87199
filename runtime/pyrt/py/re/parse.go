// The grammar, its messages and their positions follow CPython 3.11's Lib/re/_parser.py and _compiler.py (Copyright (c)
// 1997-2001 by Secret Labs AB; PSF licence version 2), statement by statement, so that what they accept, refuse and optimise
// is the same here. The matcher (machine.go, backtrack.go, repeat.go) is our own.

package re

import (
	"strconv"
	"strings"

	"py/dist.pyrt/py"
)

type opcode uint8

const (
	opLiteral opcode = iota
	opNotLiteral
	opAny
	opIn
	opAt
	opBranch
	opSubpattern
	opRepeat
	opGroupRef
	opCondition
	opAssert
	opAtomic
)

// kinds of opRepeat
const (
	greedy = iota
	lazy
	possessive
)

// places of opAt
const (
	atBeginning = iota
	atBeginningString
	atBoundary
	atNonBoundary
	atEnd
	atEndString
)

const (
	maxRepeat = 4294967295
	maxGroups = 1073741823
	maxWidth  = 1 << 61
	maxNested = 2000
	specials  = ".\\[{()*+?^$|"
	digits    = "0123456789"
	octDigits = "01234567"
	hexDigits = "0123456789abcdefABCDEF"
)

// node is one element of a parsed pattern.
type node struct {
	op       opcode
	n        int // code point, place, number of a group (0: none)
	set      []setItem
	negated  bool   // opIn
	subs     []*sub // alternatives; body; what follows if the group is there, and if not
	min, max int
	kind     int
	add, del Flag
	negative bool // opAssert
	behind   bool
}

// sub is a sequence of nodes.
type sub struct {
	nodes    []*node
	measured bool
	low      int // the least and the greatest width in characters
	high     int
}

type parser struct {
	source     *tokenizer
	flags      Flag
	names      map[string]int
	nameList   []string // by group, "" without a name
	widths     []*sub   // by group; nil while it is open
	lookbehind int      // groups there were when the outermost lookbehind began, or -1
	refs       []int    // groups of conditions and where they stand, in order
	refPlaces  map[int]int
}

func (p *parser) openGroup(name string) (int, *py.Exception) {
	number := len(p.widths)
	p.widths = append(p.widths, nil)
	p.nameList = append(p.nameList, name)
	if name != "" {
		if old, known := p.names[name]; known {
			return 0, py.ValueError("redefinition of group name %s as group %d; was group %d", py.Repr(name), number, old)
		}
		p.names[name] = number
	}
	return number, nil
}

func (p *parser) checkGroup(number int) bool {
	return number < len(p.widths) && p.widths[number] != nil
}

func (p *parser) checkLookbehind(number int) {
	if p.lookbehind < 0 {
		return
	}
	if !p.checkGroup(number) {
		p.source.fail(0, "cannot refer to an open group")
	}
	if number >= p.lookbehind {
		p.source.fail(0, "cannot refer to group defined in the same lookbehind subpattern")
	}
}

// parse reads a whole pattern.
func parse(text []rune, flags Flag, bytes bool) (result *parser, tree *sub, err error) {
	defer func() {
		if failure := recover(); failure != nil {
			trouble, ours := failure.(problem)
			if !ours {
				panic(failure)
			}
			result, tree, err = nil, nil, trouble.err
		}
	}()
	p := &parser{flags: flags, names: map[string]int{}, nameList: []string{""}, widths: []*sub{nil}, lookbehind: -1,
		refPlaces: map[int]int{}}
	p.source = newTokenizer(text, bytes)
	tree = p.alternatives(flags&VERBOSE != 0, 0)
	p.fixFlags()
	if p.source.next != "" {
		p.source.fail(0, "unbalanced parenthesis")
	}
	for _, number := range p.refs {
		if number >= len(p.widths) {
			fail("invalid group reference "+strconv.Itoa(number), text, p.refPlaces[number])
		}
	}
	return p, tree, nil
}

func (p *parser) fixFlags() {
	switch {
	case p.source.bytes && p.flags&UNICODE != 0:
		panic(problem{py.ValueError("cannot use UNICODE flag with a bytes pattern")})
	case p.source.bytes && p.flags&LOCALE != 0 && p.flags&ASCII != 0:
		panic(problem{py.ValueError("ASCII and LOCALE flags are incompatible")})
	case p.source.bytes && p.flags&LOCALE != 0:
		panic(problem{py.ErrUnsupported})
	case p.source.bytes:
	case p.flags&LOCALE != 0:
		panic(problem{py.ValueError("cannot use LOCALE flag with a str pattern")})
	case p.flags&ASCII == 0:
		p.flags |= UNICODE
	case p.flags&UNICODE != 0:
		panic(problem{py.ValueError("ASCII and UNICODE flags are incompatible")})
	}
}

// alternatives reads a|b|c.
func (p *parser) alternatives(verbose bool, nested int) *sub {
	if nested > maxNested {
		panic(problem{py.ErrUnsupported}) // Python: RecursionError, by the depth of its own stack
	}
	var items []*sub
	for {
		items = append(items, p.sequence(verbose, nested+1, nested == 0 && len(items) == 0))
		if !p.source.match("|") {
			break
		}
		if nested == 0 {
			verbose = p.flags&VERBOSE != 0
		}
	}
	if len(items) == 1 {
		return items[0]
	}
	result := &sub{}
	for { // what all begin with moves before the branch
		if len(items[0].nodes) == 0 {
			break
		}
		prefix := items[0].nodes[0]
		common := true
		for _, item := range items[1:] {
			if len(item.nodes) == 0 || !sameNode(item.nodes[0], prefix) {
				common = false
				break
			}
		}
		if !common {
			break
		}
		for _, item := range items {
			item.nodes = item.nodes[1:]
		}
		result.nodes = append(result.nodes, prefix)
	}
	var set []setItem
	for i, item := range items { // single characters become a set
		if len(item.nodes) != 1 {
			break
		}
		if only := item.nodes[0]; only.op == opLiteral {
			set = append(set, setItem{low: rune(only.n), high: rune(only.n)})
		} else if only.op == opIn && !only.negated {
			set = append(set, only.set...)
		} else {
			break
		}
		if i == len(items)-1 {
			result.nodes = append(result.nodes, &node{op: opIn, set: uniqueItems(set)})
			return result
		}
	}
	result.nodes = append(result.nodes, &node{op: opBranch, subs: items})
	return result
}

func sameNode(a, b *node) bool {
	if a.op != b.op || a.n != b.n || a.negated != b.negated || len(a.set) != len(b.set) {
		return false
	}
	for i := range a.set {
		if a.set[i] != b.set[i] {
			return false
		}
	}
	switch a.op {
	case opLiteral, opNotLiteral, opAny, opIn, opAt, opGroupRef:
		return true
	}
	return false
}

func uniqueItems(items []setItem) []setItem {
	seen := map[setItem]bool{}
	kept := items[:0:0]
	for _, item := range items {
		if !seen[item] {
			seen[item] = true
			kept = append(kept, item)
		}
	}
	return kept
}

// sequence reads up to the next | or ) of this level.
func (p *parser) sequence(verbose bool, nested int, first bool) *sub {
	source := p.source
	result := &sub{}
	add := func(n *node) { result.nodes = append(result.nodes, n) }
	for source.next != "" && source.next != "|" && source.next != ")" {
		this := source.get()
		if verbose {
			if source.isSpace(this) {
				continue
			}
			if this == "#" {
				for this = source.get(); this != "" && this != "\n"; {
					this = source.get()
				}
				continue
			}
		}
		switch {
		case this[0] == '\\':
			add(p.escape(this))
		case len(this) > 1 || !strings.Contains(specials, this):
			add(&node{op: opLiteral, n: int([]rune(this)[0])})
		case this == "[":
			add(p.set())
		case this == "*" || this == "+" || this == "?" || this == "{":
			p.repeat(this, result)
		case this == ".":
			add(&node{op: opAny})
		case this == "^":
			add(&node{op: opAt, n: atBeginning})
		case this == "$":
			add(&node{op: opAt, n: atEnd})
		default: // "("
			n, global := p.group(verbose, nested, first && len(result.nodes) == 0)
			if global {
				verbose = p.flags&VERBOSE != 0
			} else if n != nil {
				add(n)
			}
		}
	}
	// Groups that only bracket are taken apart.
	var nodes []*node
	for _, n := range result.nodes {
		if n.op == opSubpattern && n.n == 0 && n.add == 0 && n.del == 0 {
			nodes = append(nodes, n.subs[0].nodes...)
		} else {
			nodes = append(nodes, n)
		}
	}
	result.nodes = nodes
	return result
}

func (t *tokenizer) isSpace(char string) bool {
	return len(char) == 1 && strings.Contains(" \t\n\r\v\f", char)
}

// repeat reads what follows *, +, ? or { and wraps the last node.
func (p *parser) repeat(this string, result *sub) {
	source := p.source
	here := source.tell()
	low, high := 0, maxRepeat
	switch this {
	case "?":
		high = 1
	case "+":
		low = 1
	case "{":
		if source.next == "}" {
			result.nodes = append(result.nodes, &node{op: opLiteral, n: '{'})
			return
		}
		lower := source.getWhile(1<<30, digits)
		upper := lower
		if source.match(",") {
			upper = source.getWhile(1<<30, digits)
		}
		if !source.match("}") {
			result.nodes = append(result.nodes, &node{op: opLiteral, n: '{'})
			source.seek(here)
			return
		}
		if lower != "" {
			low = repeatNumber(lower)
		}
		if upper != "" {
			high = repeatNumber(upper)
			if high < low {
				source.fail(source.tell()-here, "min repeat greater than max repeat")
			}
		}
	}
	if len(result.nodes) == 0 || result.nodes[len(result.nodes)-1].op == opAt {
		source.fail(source.tell()-here+len(this), "nothing to repeat")
	}
	item := result.nodes[len(result.nodes)-1]
	if item.op == opRepeat {
		source.fail(source.tell()-here+len(this), "multiple repeat")
	}
	body := &sub{nodes: []*node{item}}
	if item.op == opSubpattern && item.n == 0 && item.add == 0 && item.del == 0 {
		body = item.subs[0]
	}
	kind := greedy
	if source.match("?") {
		kind = lazy
	} else if source.match("+") {
		kind = possessive
	}
	result.nodes[len(result.nodes)-1] = &node{op: opRepeat, min: low, max: high, kind: kind, subs: []*sub{body}}
}

func repeatNumber(text string) int {
	number, err := strconv.ParseUint(text, 10, 62)
	if err != nil || number >= maxRepeat {
		panic(problem{py.OverflowError("the repetition number is too large")})
	}
	return int(number)
}
