package re

import (
	"math"
	"strconv"
	"strings"

	"py/dist.pyrt/py"
)

var simpleEscapes = map[string]rune{`\a`: '\a', `\b`: '\b', `\f`: '\f', `\n`: '\n', `\r`: '\r', `\t`: '\t', `\v`: '\v', `\\`: '\\'}

// category gives the set item of \d, \D, \s, \S, \w or \W.
func category(escape string) (setItem, bool) {
	if len(escape) == 2 && strings.Contains("dDsSwW", escape[1:]) {
		return setItem{category: escape[1]}, true
	}
	return setItem{}, false
}

func isASCIILetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// characterEscape reads what \x, \u, \U, \N and, for sets, octal digits stand for; ok is false if it is none of them.
func (p *parser) characterEscape(escape string) (c int, ok bool) {
	source := p.source
	digits := 0
	switch kind := escape[1]; {
	case kind == 'x':
		digits = 2
	case kind == 'u' && !source.bytes:
		digits = 4
	case kind == 'U' && !source.bytes:
		digits = 8
	case kind == 'N' && !source.bytes:
		if !source.match("{") {
			source.fail(0, "missing {")
		}
		source.getUntil("}", "character name")
		panic(problem{py.ErrUnsupported}) // there is no table of names
	default:
		return 0, false
	}
	escape += source.getWhile(digits, hexDigits)
	if len(escape) != digits+2 {
		source.fail(len(escape), "incomplete escape %s", escape)
	}
	number, _ := strconv.ParseUint(escape[2:], 16, 64)
	if number > math.MaxInt32 {
		panic(problem{py.OverflowError("Python int too large to convert to C int")})
	}
	if number > 0x10FFFF {
		source.fail(len(escape), "bad escape %s", escape)
	}
	return int(number), true
}

func (p *parser) octal(escape string) int {
	number, _ := strconv.ParseUint(escape[1:], 8, 64)
	if number > 0o377 {
		p.source.fail(len(escape), "octal escape value %s outside of range 0-0o377", escape)
	}
	return int(number)
}

// plainEscape gives the character of an escape that has no meaning of its own, and refuses letters.
func (p *parser) plainEscape(escape string) int {
	if isASCIILetter(escape[1]) {
		p.source.fail(py.Len(escape), "bad escape %s", escape)
	}
	return int([]rune(escape)[1])
}

func isDigit(char string, set string) bool { return len(char) == 1 && strings.Contains(set, char) }

// escape reads an escape outside of sets.
func (p *parser) escape(escape string) *node {
	source := p.source
	switch escape[1] {
	case 'A':
		return &node{op: opAt, n: atBeginningString}
	case 'b':
		return &node{op: opAt, n: atBoundary}
	case 'B':
		return &node{op: opAt, n: atNonBoundary}
	case 'Z':
		return &node{op: opAt, n: atEndString}
	}
	if item, ok := category(escape); ok {
		return &node{op: opIn, set: []setItem{item}}
	}
	if c, ok := simpleEscapes[escape]; ok {
		return &node{op: opLiteral, n: int(c)}
	}
	if c, ok := p.characterEscape(escape); ok {
		return &node{op: opLiteral, n: c}
	}
	if escape[1] == '0' {
		return &node{op: opLiteral, n: p.octal(escape + source.getWhile(2, octDigits))}
	}
	if escape[1] > '0' && escape[1] <= '9' {
		if isDigit(source.next, digits) {
			escape += source.get()
			if isDigit(escape[1:2], octDigits) && isDigit(escape[2:3], octDigits) && isDigit(source.next, octDigits) {
				return &node{op: opLiteral, n: p.octal(escape + source.get())}
			}
		}
		number, _ := strconv.Atoi(escape[1:])
		if number >= len(p.widths) {
			source.fail(len(escape)-1, "invalid group reference %d", number)
		}
		if !p.checkGroup(number) {
			source.fail(len(escape), "cannot refer to an open group")
		}
		p.checkLookbehind(number)
		return &node{op: opGroupRef, n: number}
	}
	return &node{op: opLiteral, n: p.plainEscape(escape)}
}

// setEscape reads an escape within a set.
func (p *parser) setEscape(escape string) setItem {
	if c, ok := simpleEscapes[escape]; ok {
		return setItem{low: c, high: c}
	}
	if item, ok := category(escape); ok {
		return item
	}
	c, ok := p.characterEscape(escape)
	switch {
	case ok:
	case isDigit(escape[1:2], octDigits):
		c = p.octal(escape + p.source.getWhile(2, octDigits))
	case isDigit(escape[1:2], digits):
		p.source.fail(len(escape), "bad escape %s", escape)
	default:
		c = p.plainEscape(escape)
	}
	return setItem{low: rune(c), high: rune(c)}
}

// set reads a character set; its opening bracket is gone.
func (p *parser) set() *node {
	source := p.source
	here := source.tell() - 1
	negated := source.match("^")
	var items []setItem
	unterminated := func() { source.fail(source.tell()-here, "unterminated character set") }
	for {
		this := source.get()
		if this == "" {
			unterminated()
		}
		if this == "]" && len(items) > 0 {
			break
		}
		item := p.setCharacter(this)
		if !source.match("-") {
			items = append(items, item)
			continue
		}
		that := source.get()
		if that == "" {
			unterminated()
		}
		if that == "]" {
			items = append(items, item, setItem{low: '-', high: '-'})
			break
		}
		other := p.setCharacter(that)
		if item.category != 0 || other.category != 0 || other.low < item.low {
			source.fail(py.Len(this)+1+py.Len(that), "bad character range %s-%s", this, that)
		}
		items = append(items, setItem{low: item.low, high: other.low, isRange: true})
	}
	items = uniqueItems(items)
	if len(items) == 1 && items[0].category == 0 && !items[0].isRange {
		if negated {
			return &node{op: opNotLiteral, n: int(items[0].low)}
		}
		return &node{op: opLiteral, n: int(items[0].low)}
	}
	return &node{op: opIn, set: items, negated: negated}
}

func (p *parser) setCharacter(this string) setItem {
	if this[0] == '\\' {
		return p.setEscape(this)
	}
	c := []rune(this)[0]
	return setItem{low: c, high: c}
}
