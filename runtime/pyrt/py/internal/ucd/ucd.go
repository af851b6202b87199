// Package ucd holds what CPython 3.11 knows about each code point (Unicode 14): tables.go, written by generate.py.
package ucd

import "sort"

// Flags of a Record, each what the str method of that name says of the single character, but for the last ones.
const (
	Alpha uint16 = 1 << iota
	Decimal
	Digit
	Numeric
	Space
	Printable
	Lower
	Upper
	Title
	IDStart
	IDContinue
	Cased
	CaseIgnorable
	special
	NotNFC  // that form replaces it, or joins it to one before it
	NotNFKC // the same
)

// Record has the properties of a code point. The case mappings are the simple ones, as differences.
type Record struct {
	category, bidi                                uint8
	Combining                                     uint8
	Decimal                                       int8 // the digit's value, or -1
	Flags                                         uint16
	lowerDelta, upperDelta, titleDelta, foldDelta int32
}

// Special has the full case mappings of a code point where one of them is not a single character.
type Special struct {
	Code                      rune
	Lower, Upper, Title, Fold string
}

// Of gives the record of a code point.
func Of(c rune) *Record {
	if uint32(c) > 0x10FFFF {
		c = 0x10FFFF
	}
	return &records[second[int(first[c>>shift])<<shift+int(c&(1<<shift-1))]]
}

// Is tells whether a code point has one of the flags.
func Is(c rune, flags uint16) bool { return Of(c).Flags&flags != 0 }

// Category gives the general category, as "Lu".
func (r *Record) Category() string { return categoryNames[r.category] }

// Bidirectional gives the bidirectional class, as "AL", or "".
func (r *Record) Bidirectional() string { return bidiNames[r.bidi] }

// ToLower gives the simple lowercase mapping.
func ToLower(c rune) rune { return c + Of(c).lowerDelta }

// ToUpper gives the simple uppercase mapping.
func ToUpper(c rune) rune { return c + Of(c).upperDelta }

// ToTitle gives the simple titlecase mapping.
func ToTitle(c rune) rune { return c + Of(c).titleDelta }

// ToFold gives the simple case folding.
func ToFold(c rune) rune { return c + Of(c).foldDelta }

// Full gives the full case mappings of a code point, or nil if all its mappings are single characters.
func Full(c rune) *Special {
	if Of(c).Flags&special == 0 {
		return nil
	}
	return specialOf(c)
}

func specialOf(c rune) *Special {
	i := sort.Search(len(specials), func(i int) bool { return specials[i].Code >= c })
	return &specials[i]
}

// Decomposition gives the full decomposition of a code point in UTF-8, or "" if it is itself; Hangul syllables are not in
// the table.
func Decomposition(c rune, compatible bool) string {
	if compatible {
		if text := lookup(compatibleCodes[:], compatibleStarts[:], compatibleText, c); text != "" {
			return text
		}
	}
	return lookup(canonicalCodes[:], canonicalStarts[:], canonicalText, c)
}

func lookup(codes []int32, starts []uint16, text string, c rune) string {
	i := sort.Search(len(codes), func(i int) bool { return codes[i] >= c })
	if i == len(codes) || codes[i] != c {
		return ""
	}
	return text[starts[i]:starts[i+1]]
}

// Compose gives the code point that two compose to, or 0.
func Compose(a, b rune) rune {
	key := uint64(a)<<21 | uint64(b)
	i := sort.Search(len(pairKeys), func(i int) bool { return pairKeys[i] >= key })
	if i == len(pairKeys) || pairKeys[i] != key {
		return 0
	}
	return pairCodes[i]
}

// CaseFixes gives the lowercased characters that have the same uppercase as this one, which re.IGNORECASE takes for equal.
func CaseFixes(c rune) []rune { return caseFixes[c] }
