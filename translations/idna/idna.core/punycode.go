// Derived from idna 3.20, Copyright (c) 2013-2026, Kim Davies and contributors; BSD-3-Clause, see LICENSE.

package core

import "bytes"

// Punycode (RFC 3492) as Python's codec has it.

const (
	punycodeDigits = "abcdefghijklmnopqrstuvwxyz0123456789"
	firstBias      = 72
	firstExtended  = 0x80
	lastCodePoint  = 0x10FFFF
)

// threshold is t of the digit j.
func threshold(j, bias int) int {
	return min(max(36*(j+1)-bias, 1), 26)
}

func adaptBias(delta int, first bool, length int) int {
	if first {
		delta /= 700
	} else {
		delta /= 2
	}
	delta += delta / length
	divisions := 0
	for delta > 455 {
		delta /= 35
		divisions += 36
	}
	return divisions + 36*delta/(delta+38)
}

func appendPunycode(out []byte, text string) []byte {
	var few [maxLabelLength]rune
	chars, before := few[:0], len(out)
	for _, c := range text {
		chars = append(chars, c)
		if c < firstExtended {
			out = append(out, byte(c))
		}
	}
	basic := len(out) - before
	if basic > 0 {
		out = append(out, '-')
	}
	delta, bias, current, done := 0, firstBias, rune(firstExtended), basic
	for done < len(chars) {
		next := rune(lastCodePoint)
		for _, c := range chars {
			if c >= current {
				next = min(next, c)
			}
		}
		delta += int(next-current) * (done + 1)
		for _, c := range chars {
			if c < next {
				delta++
			}
			if c != next {
				continue
			}
			out = appendNumber(out, delta, bias)
			done++
			bias = adaptBias(delta, done == basic+1, done)
			delta = 0
		}
		delta++
		current = next + 1
	}
	return out
}

func appendNumber(out []byte, number, bias int) []byte {
	for j := 0; ; j++ {
		t := threshold(j, bias)
		if number < t {
			return append(out, punycodeDigits[number])
		}
		out = append(out, punycodeDigits[t+(number-t)%(36-t)])
		number = (number - t) / (36 - t)
	}
}

// decodePunycode decodes lower-case ASCII; it gives false where Python raises UnicodeError, and for surrogates.
func decodePunycode(text []byte) (string, bool) {
	basic := []byte{}
	if at := bytes.LastIndexByte(text, '-'); at >= 0 {
		basic, text = text[:at], text[at+1:]
	}
	chars := []rune(string(basic))
	current, position, bias := firstExtended, -1, firstBias
	for first := true; len(text) > 0; first = false {
		delta, size := readNumber(text, bias)
		if size == 0 {
			return "", false
		}
		text = text[size:]
		position += delta + 1
		current += position / (len(chars) + 1)
		if current > lastCodePoint || current >= 0xD800 && current < 0xE000 {
			return "", false
		}
		position %= len(chars) + 1
		chars = append(chars, 0)
		copy(chars[position+1:], chars[position:])
		chars[position] = rune(current)
		bias = adaptBias(delta, first, len(chars))
	}
	return string(chars), true
}

// readNumber reads a generalized integer; size 0 means that there is none, or one that is too large for any code point.
func readNumber(text []byte, bias int) (number, size int) {
	weight := 1
	for j, c := range text {
		var digit int
		switch {
		case c >= 'a' && c <= 'z':
			digit = int(c - 'a')
		case c >= '0' && c <= '9':
			digit = int(c-'0') + 26
		default:
			return 0, 0
		}
		number += digit * weight
		if number > lastCodePoint*(len(text)+1024) {
			return 0, 0
		}
		t := threshold(j, bias)
		if digit < t {
			return number, j + 1
		}
		weight *= 36 - t
		if weight > 1<<50 {
			return 0, 0
		}
	}
	return 0, 0
}
