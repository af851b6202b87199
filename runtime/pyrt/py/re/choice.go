package re

// Choice is a list of patterns of which the first that matches at a place counts, as lexers try them. It looks at the next
// byte and tries only those patterns that can begin with it.
//
//	for i, p in enumerate(patterns):          which, end := choice.Match(s, pos)     // which is -1 if none matches
//	    if m := p.match(s, pos): break
type Choice struct {
	patterns []*Pattern
	byByte   [256][]int // which patterns can begin with a byte
	atEnd    []int      // which can match nothing
}

// NewChoice makes a Choice. Make it once, as patterns are.
func NewChoice(patterns ...*Pattern) *Choice {
	c := &Choice{patterns: patterns}
	for i, p := range patterns {
		if p.firsts == nil {
			c.atEnd = append(c.atEnd, i)
		}
		for b := range c.byByte {
			if p.firsts == nil || p.firsts[b] {
				c.byByte[b] = append(c.byByte[b], i)
			}
		}
	}
	return c
}

// Match gives the number of the first pattern that matches s at pos (a byte offset) and where its match ends; -1 if none does.
func (c *Choice) Match(s string, pos int) (which, end int) {
	if pos < 0 || pos > len(s) {
		return -1, -1
	}
	candidates := c.atEnd
	if pos < len(s) {
		candidates = c.byByte[s[pos]]
	}
	if len(candidates) == 0 {
		return -1, -1
	}
	m := machines.Get().(*machine)
	defer m.release()
	for _, i := range candidates {
		m.prepare(c.patterns[i], s)
		if end, ok := m.try(pos); ok {
			return i, end
		}
	}
	return -1, -1
}

// Pattern gives a pattern by its number.
func (c *Choice) Pattern(which int) *Pattern { return c.patterns[which] }
