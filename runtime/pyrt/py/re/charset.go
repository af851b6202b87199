package re

import (
	"py/dist.pyrt/py"
	"py/dist.pyrt/py/internal/ucd"
)

// setItem is a character (low == high), a range, or a category (one of d D s S w W).
type setItem struct {
	low, high rune
	isRange   bool
	category  byte
}

// charset says which characters one position takes. The first 256 are a bitmap; the rest is looked up.
type charset struct {
	table    [256]bool // what bits says
	bits     [4]uint64
	items    []setItem
	negated  bool
	unicode  bool     // categories by Unicode
	lower    bool     // IGNORECASE by Unicode: characters are lowered before they are looked up
	upper    bool     // IGNORECASE: what the uppercase of a character is in counts for ranges beyond U+FFFF
	bmp      []uint64 // with lower: the lowered characters up to U+FFFF
	allHigh  bool     // takes all from 256 on
	noneHigh bool     // takes none from 128 on
}

func (c *charset) has(r rune) bool {
	if uint32(r) < 256 {
		return c.table[r]
	}
	return c.allHigh || c.slow(r)
}

// slow asks the items; has() is built from it.
func (c *charset) slow(r rune) bool {
	if c.lower {
		r = ucd.ToLower(r)
		if r < 0x10000 && c.bmp != nil && c.bmp[r>>6]&(1<<(r&63)) != 0 {
			return !c.negated
		}
	}
	for _, item := range c.items {
		found := false
		switch {
		case item.category != 0:
			found = inCategory(r, item.category, c.unicode)
		case c.upper && item.isRange && item.high >= 0x10000:
			upper := ucd.ToUpper(r)
			found = r >= item.low && r <= item.high || upper >= item.low && upper <= item.high
		default:
			found = r >= item.low && r <= item.high
		}
		if found {
			return !c.negated
		}
	}
	return c.negated
}

func inCategory(r rune, category byte, unicode bool) bool {
	var found bool
	switch category | 0x20 {
	case 'd':
		found = r >= '0' && r <= '9' || unicode && r >= 0x80 && ucd.Is(r, ucd.Decimal)
	case 's':
		if unicode {
			found = py.IsSpaceRune(r)
		} else {
			found = r == ' ' || r >= '\t' && r <= '\r'
		}
	default:
		found = isWord(r, unicode)
	}
	return found == (category >= 'a')
}

func isWord(r rune, unicode bool) bool {
	return r == '_' || (r < 0x80 || unicode) && py.IsAlnumRune(r)
}

func lowerASCII(r rune) rune {
	if r >= 'A' && r <= 'Z' {
		r += 'a' - 'A'
	}
	return r
}

// isCased tells whether IGNORECASE makes a difference for r.
func isCased(r rune, unicode bool) bool {
	if unicode {
		return ucd.ToLower(r) != r || ucd.ToUpper(r) != r
	}
	return r|0x20 >= 'a' && r|0x20 <= 'z'
}

// newCharset follows sre's compiler, with its treatment of case: what is below U+10000 is lowered (and gets the characters
// with the same uppercase), what is above is compared as it stands.
func newCharset(items []setItem, negated bool, flags Flag, bytes bool) *charset {
	unicode := flags&UNICODE != 0
	c := &charset{items: items, negated: negated, unicode: unicode}
	folded := false
	if flags&IGNORECASE != 0 {
		for _, item := range items {
			if item.category != 0 {
				continue
			}
			folded = folded || item.high >= 0x10000
			c.upper = c.upper || item.high >= 0x10000
			for r := item.low; r <= item.high && !folded && r < 0x10000; r++ {
				folded = isCased(r, unicode)
			}
		}
	}
	if folded && unicode {
		c.lower = true
		c.bmp = make([]uint64, 0x10000/64)
		c.items = nil
		for _, item := range items {
			if item.category != 0 {
				c.items = append(c.items, item)
				continue
			}
			for r := item.low; r <= min(item.high, 0xFFFF); r++ {
				low := ucd.ToLower(r)
				c.bmp[low>>6] |= 1 << (low & 63)
				for _, other := range ucd.CaseFixes(low) {
					c.bmp[other>>6] |= 1 << (other & 63)
				}
			}
			if item.high >= 0x10000 {
				c.items = append(c.items, item)
			}
		}
	}
	for r := rune(0); r < 256; r++ {
		found := c.slow(r)
		if folded && !unicode && r < 0x80 {
			found = c.asciiFolded(lowerASCII(r))
		}
		if found {
			c.bits[r>>6] |= 1 << (r & 63)
		}
	}
	c.classify(bytes)
	return c
}

// asciiFolded tells for a lowered character whether it is in the set or an item lowers to it.
func (c *charset) asciiFolded(r rune) bool {
	for _, item := range c.items {
		switch {
		case item.category != 0:
			if inCategory(r, item.category, false) {
				return !c.negated
			}
		case r >= item.low && r <= item.high && lowerASCII(r) == r:
			return !c.negated
		case r >= 'a' && r <= 'z' && r-32 >= item.low && r-32 <= item.high:
			return !c.negated
		}
	}
	return c.negated
}

func (c *charset) classify(bytes bool) {
	for r := range c.table {
		c.table[r] = c.bits[r>>6]&(1<<(r&63)) != 0
	}
	if bytes {
		return
	}
	high := c.lower
	for _, item := range c.items {
		if item.high >= 0x80 || item.category != 0 && (c.unicode || item.category < 'a') {
			high = true
		}
	}
	c.noneHigh = !high && !c.negated
	c.allHigh = !high && c.negated
}

// literalSet gives the set for a character or, negated, all but it.
func literalSet(r rune, negated bool, flags Flag, bytes bool) *charset {
	unicode := flags&UNICODE != 0
	c := &charset{items: []setItem{{low: r, high: r}}, negated: negated, unicode: unicode}
	if flags&IGNORECASE != 0 && isCased(r, unicode) {
		if !unicode {
			return newCharset(c.items, negated, flags, bytes)
		}
		low := ucd.ToLower(r) // also above U+FFFF, other than in a set
		c.lower = true
		c.items[0] = setItem{low: low, high: low}
		for _, other := range ucd.CaseFixes(low) {
			c.items = append(c.items, setItem{low: other, high: other})
		}
	}
	for r := rune(0); r < 256; r++ {
		if c.slow(r) {
			c.bits[r>>6] |= 1 << (r & 63)
		}
	}
	c.classify(bytes)
	return c
}

// anySet is the dot.
func anySet(flags Flag, bytes bool) *charset {
	c := &charset{negated: true}
	if flags&DOTALL == 0 {
		return literalSet('\n', true, 0, bytes)
	}
	c.bits = [4]uint64{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}
	c.classify(bytes)
	return c
}
