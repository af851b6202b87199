package re

import (
	"py/dist.pyrt/py"
)

const flagLetters = "iLmsxatu"

var letterFlags = map[string]Flag{"i": IGNORECASE, "L": LOCALE, "m": MULTILINE, "s": DOTALL, "x": VERBOSE, "a": ASCII,
	"t": template, "u": UNICODE}

// group reads what follows an opening parenthesis. Comments give nil; global tells that it only set flags.
func (p *parser) group(verbose bool, nested int, first bool) (result *node, global bool) {
	source := p.source
	start := source.tell() - 1
	capture, atomic := true, false
	name := ""
	var add, del Flag
	if source.match("?") {
		char := source.get()
		switch {
		case char == "":
			source.fail(0, "unexpected end of pattern")
		case char == "P":
			if source.match("<") {
				name = source.getUntil(">", "group name")
				source.checkGroupName(name, 1)
				break
			}
			if source.match("=") {
				return p.namedReference(), false
			}
			if char = source.get(); char == "" {
				source.fail(0, "unexpected end of pattern")
			}
			source.fail(py.Len(char)+2, "unknown extension ?P%s", char)
		case char == ":":
			capture = false
		case char == "#":
			for {
				if source.next == "" {
					source.fail(source.tell()-start, "missing ), unterminated comment")
				}
				if source.get() == ")" {
					return nil, false
				}
			}
		case char == "=" || char == "!" || char == "<":
			return p.assertion(char, start, verbose, nested), false
		case char == "(":
			return p.condition(start, verbose, nested), false
		case char == ">":
			capture, atomic = false, true
		case letterFlags[char] != 0 || char == "-":
			if add, del, global = p.inlineFlags(char); global {
				if !first {
					source.fail(source.tell()-start, "global flags not at the start of the expression")
				}
				return nil, true
			}
			capture = false
		default:
			source.fail(py.Len(char)+1, "unknown extension ?%s", char)
		}
	}
	number := 0
	if capture {
		var err *py.Exception
		if number, err = p.openGroup(name); err != nil {
			source.fail(py.Len(name)+1, "%s", err.Message())
		}
	}
	verbose = (verbose || add&VERBOSE != 0) && del&VERBOSE == 0
	body := p.alternatives(verbose, nested+1)
	p.close(start)
	if number > 0 {
		p.width(body)
		p.widths[number] = body
	}
	if atomic {
		return &node{op: opAtomic, subs: []*sub{body}}, false
	}
	return &node{op: opSubpattern, n: number, add: add, del: del, subs: []*sub{body}}, false
}

func (p *parser) close(start int) {
	if !p.source.match(")") {
		p.source.fail(p.source.tell()-start, "missing ), unterminated subpattern")
	}
}

func (p *parser) namedReference() *node {
	source := p.source
	name := source.getUntil(")", "group name")
	source.checkGroupName(name, 1)
	number, known := p.names[name]
	if !known {
		source.fail(py.Len(name)+1, "unknown group name %s", py.Repr(name))
	}
	if !p.checkGroup(number) {
		source.fail(py.Len(name)+1, "cannot refer to an open group")
	}
	p.checkLookbehind(number)
	return &node{op: opGroupRef, n: number}
}

func (p *parser) assertion(char string, start int, verbose bool, nested int) *node {
	source := p.source
	behind := char == "<"
	outer := p.lookbehind
	if behind {
		char = source.get()
		if char == "" {
			source.fail(0, "unexpected end of pattern")
		}
		if char != "=" && char != "!" {
			source.fail(py.Len(char)+2, "unknown extension ?<%s", char)
		}
		if outer < 0 {
			p.lookbehind = len(p.widths)
		}
	}
	body := p.alternatives(verbose, nested+1)
	if behind && outer < 0 {
		p.lookbehind = -1
	}
	p.close(start)
	return &node{op: opAssert, negative: char == "!", behind: behind, subs: []*sub{body}}
}

func (p *parser) condition(start int, verbose bool, nested int) *node {
	source := p.source
	name := source.getUntil(")", "group name")
	length := py.Len(name)
	number := 0
	if py.IsIdentifier(name) {
		var known bool
		if number, known = p.names[name]; !known {
			source.fail(length+1, "unknown group name %s", py.Repr(name))
		}
	} else {
		number = p.groupNumber(source, name)
		if number == 0 {
			source.fail(length+1, "bad group number")
		}
		if _, known := p.refPlaces[number]; !known {
			p.refs = append(p.refs, number)
			p.refPlaces[number] = source.tell() - length - 1
		}
	}
	p.checkLookbehind(number)
	n := &node{op: opCondition, n: number, subs: []*sub{p.sequence(verbose, nested+1, false), nil}}
	if source.match("|") {
		n.subs[1] = p.sequence(verbose, nested+1, false)
		if source.next == "|" {
			source.fail(0, "conditional backref with more than two branches")
		}
	}
	p.close(start)
	return n
}

// groupNumber reads a number as int() does (so that " 1_0" is one).
func (*parser) groupNumber(source *tokenizer, name string) int {
	length := py.Len(name)
	number, err := py.ParseBigInt(name, 10)
	if err != nil || number.Sign() < 0 {
		source.fail(length+1, "bad character in group name %s", py.Repr(name))
	}
	if !number.IsInt64() || number.Int64() >= maxGroups {
		source.fail(length+1, "invalid group reference %s", number)
	}
	return int(number.Int64())
}

// inlineFlags reads the flags of (?i), (?i:…) and (?-i:…).
func (p *parser) inlineFlags(char string) (add, del Flag, global bool) {
	source := p.source
	if char != "-" {
		for {
			flag := letterFlags[char]
			if !source.bytes && char == "L" {
				source.fail(0, "bad inline flags: cannot use 'L' flag with a str pattern")
			}
			if source.bytes && char == "u" {
				source.fail(0, "bad inline flags: cannot use 'u' flag with a bytes pattern")
			}
			add |= flag
			if flag&typeFlags != 0 && add&typeFlags != flag {
				source.fail(0, "bad inline flags: flags 'a', 'u' and 'L' are incompatible")
			}
			char = source.get()
			if char == "" {
				source.fail(0, "missing -, : or )")
			}
			if char == ")" || char == "-" || char == ":" {
				break
			}
			if letterFlags[char] == 0 {
				p.badFlag(char, "missing -, : or )")
			}
		}
	}
	if char == ")" {
		p.flags |= add
		return 0, 0, true
	}
	if add&template != 0 {
		source.fail(1, "bad inline flags: cannot turn on global flag")
	}
	if char == "-" {
		if char = source.get(); char == "" {
			source.fail(0, "missing flag")
		}
		if letterFlags[char] == 0 {
			p.badFlag(char, "missing flag")
		}
		for char != ":" {
			flag := letterFlags[char]
			if flag&typeFlags != 0 {
				source.fail(0, "bad inline flags: cannot turn off flags 'a', 'u' and 'L'")
			}
			del |= flag
			if char = source.get(); char == "" {
				source.fail(0, "missing :")
			}
			if char != ":" && letterFlags[char] == 0 {
				p.badFlag(char, "missing :")
			}
		}
	}
	if del&template != 0 {
		source.fail(1, "bad inline flags: cannot turn off global flag")
	}
	if add&del != 0 {
		source.fail(1, "bad inline flags: flag turned on and off")
	}
	return add, del, false
}

func (p *parser) badFlag(char, otherwise string) {
	if py.IsAlpha(char) {
		otherwise = "unknown flag"
	}
	p.source.fail(py.Len(char), "%s", otherwise)
}

// width measures a sequence in characters. It must run while the groups that it refers to are known.
func (p *parser) width(s *sub) (low, high int) {
	if s.measured {
		return s.low, s.high
	}
	for _, n := range s.nodes {
		l, h := p.nodeWidth(n)
		low, high = addWidth(low, l), addWidth(high, h)
	}
	s.measured, s.low, s.high = true, low, high
	return low, high
}

func (p *parser) nodeWidth(n *node) (low, high int) {
	switch n.op {
	case opLiteral, opNotLiteral, opAny, opIn:
		return 1, 1
	case opBranch:
		low = maxWidth
		for _, item := range n.subs {
			l, h := p.width(item)
			low, high = min(low, l), max(high, h)
		}
	case opAtomic, opSubpattern:
		return p.width(n.subs[0])
	case opRepeat:
		l, h := p.width(n.subs[0])
		low = timesWidth(l, n.min)
		if n.max == maxRepeat && h > 0 {
			high = maxWidth
		} else {
			high = timesWidth(h, n.max)
		}
	case opGroupRef:
		return p.width(p.widths[n.n])
	case opCondition:
		low, high = p.width(n.subs[0])
		if n.subs[1] == nil {
			return 0, high
		}
		l, h := p.width(n.subs[1])
		low, high = min(low, l), max(high, h)
	}
	return low, high
}

func addWidth(a, b int) int { return min(a+b, maxWidth) }

func timesWidth(a, b int) int {
	if a != 0 && b > maxWidth/a {
		return maxWidth
	}
	return a * b
}
