// Package unicodedata is Python's unicodedata (3.11, Unicode 14), without the names of characters.
package unicodedata

import (
	"unicode/utf8"

	"py/dist.pyrt/py"
	"py/dist.pyrt/py/internal/ucd"
)

// Version is unicodedata.unidata_version.
const Version = ucd.Version

// Category is unicodedata.category(c), as "Lu".
func Category(c rune) string { return ucd.Of(c).Category() }

// Bidirectional is unicodedata.bidirectional(c), as "AL".
func Bidirectional(c rune) string { return ucd.Of(c).Bidirectional() }

// Combining is unicodedata.combining(c).
func Combining(c rune) int { return int(ucd.Of(c).Combining) }

// Decimal is unicodedata.decimal(c, -1).
func Decimal(c rune) int { return int(ucd.Of(c).Decimal) }

// Hangul syllables are composed by rule.
const (
	hangulBase  = 0xAC00
	leadBase    = 0x1100
	vowelBase   = 0x1161
	tailBase    = 0x11A7
	vowelCount  = 21
	tailCount   = 28
	hangulCount = 19 * vowelCount * tailCount
)

// Normalize is unicodedata.normalize(form, s) for NFC, NFD, NFKC and NFKD, with the ValueError for other forms.
func Normalize(form, s string) (string, error) {
	if s == "" {
		return s, nil // of whatever form
	}
	compatible := form == "NFKC" || form == "NFKD"
	if !compatible && form != "NFC" && form != "NFD" {
		return "", py.ValueError("invalid normalization form")
	}
	if py.IsASCII(s) {
		return s, nil
	}
	if form == "NFC" || form == "NFKC" {
		return composeParts(s, compatible), nil
	}
	if decomposedAlready(s, compatible) {
		return s, nil
	}
	return string(decompose(nil, s, compatible)), nil
}

// IsNormalized is unicodedata.is_normalized(form, s).
func IsNormalized(form, s string) (bool, error) {
	normal, err := Normalize(form, s)
	return normal == s, err
}

// decomposedAlready tells quickly for most strings that they are in the form.
func decomposedAlready(s string, compatible bool) bool {
	for _, c := range s {
		if c < 0x80 {
			continue
		}
		hangul := c >= hangulBase && c < hangulBase+hangulCount
		if ucd.Of(c).Combining != 0 || hangul || ucd.Decomposition(c, compatible) != "" {
			return false
		}
	}
	return true
}

// composeParts composes what may have to be, from one character that nothing before can change to the next such.
func composeParts(s string, compatible bool) string {
	changes := ucd.NotNFC
	if compatible {
		changes = ucd.NotNFKC
	}
	var few [32]rune
	var out []byte
	done := 0
	for {
		start, at := composedUntil(s, done, changes)
		if at == len(s) && out == nil {
			return s
		}
		if at == len(s) {
			return string(append(out, s[done:]...))
		}
		end := len(s)
		for i, c := range s[at:] {
			if stands(c, changes) {
				end = at + i
				break
			}
		}
		out = append(out, s[done:start]...)
		for _, c := range composed(decompose(few[:0], s[start:end], compatible)) {
			out = utf8.AppendRune(out, c)
		}
		done = end
	}
}

// stands tells whether nothing before a character can change it.
func stands(c rune, changes uint16) bool {
	if c < 0x80 {
		return true
	}
	record := ucd.Of(c)
	return record.Flags&changes == 0 && record.Combining == 0
}

// composedUntil is the quick check of Unicode Standard Annex 15: at is the first character from done on that may not be in the
// form, start the last one up to there that stands.
func composedUntil(s string, done int, changes uint16) (start, at int) {
	start = done
	lastClass := uint8(0)
	for i, c := range s[done:] {
		if c < 0x80 {
			start, lastClass = done+i, 0
			continue
		}
		record := ucd.Of(c)
		if record.Flags&changes != 0 || record.Combining != 0 && record.Combining < lastClass {
			return start, done + i
		}
		if lastClass = record.Combining; lastClass == 0 {
			start = done + i
		}
	}
	return len(s), len(s)
}

// decompose uses out's memory where that is enough.
func decompose(out []rune, s string, compatible bool) []rune {
	for _, c := range s {
		if c >= hangulBase && c < hangulBase+hangulCount {
			index := c - hangulBase
			out = append(out, leadBase+index/(vowelCount*tailCount), vowelBase+index%(vowelCount*tailCount)/tailCount)
			if tail := index % tailCount; tail != 0 {
				out = append(out, tailBase+tail)
			}
			continue
		}
		if c < 0x80 {
			out = append(out, c)
			continue
		}
		if parts := ucd.Decomposition(c, compatible); parts != "" {
			for _, part := range parts {
				out = append(out, part)
			}
			continue
		}
		out = append(out, c)
	}
	// Canonical order: marks that follow each other by their class, stable.
	for i := 1; i < len(out); i++ {
		class := ucd.Of(out[i]).Combining
		if class == 0 {
			continue
		}
		for j := i; j > 0 && ucd.Of(out[j-1]).Combining > class; j-- {
			out[j-1], out[j] = out[j], out[j-1]
		}
	}
	return out
}

// composed joins what composes, in place.
func composed(runes []rune) []rune {
	starter, kept := -1, 0
	var lastClass uint8
	for _, c := range runes {
		class := ucd.Of(c).Combining
		if starter >= 0 && (kept-1 == starter || lastClass != 0 && lastClass < class) {
			if joined := join(runes[starter], c); joined != 0 {
				runes[starter] = joined
				continue
			}
		}
		if class == 0 {
			starter = kept
		}
		lastClass = class
		runes[kept] = c
		kept++
	}
	return runes[:kept]
}

func join(a, b rune) rune {
	if a >= leadBase && a < leadBase+19 && b >= vowelBase && b < vowelBase+vowelCount {
		return hangulBase + ((a-leadBase)*vowelCount+b-vowelBase)*tailCount
	}
	if a >= hangulBase && a < hangulBase+hangulCount && (a-hangulBase)%tailCount == 0 && b > tailBase && b < tailBase+tailCount {
		return a + b - tailBase
	}
	return ucd.Compose(a, b)
}
