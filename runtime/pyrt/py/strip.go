package py

import (
	"strings"
	"unicode/utf8"

	"py/dist.pyrt/py/internal/ucd"
)

// IsSpaceRune tells whether c is white space for str.isspace, strip, split and \s. It is more than Unicode's White_Space:
// 0x1c to 0x1f belong to it.
func IsSpaceRune(c rune) bool {
	if c < 0x80 {
		return asciiSpace(byte(c))
	}
	return ucd.Is(c, ucd.Space)
}

func asciiSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' || c >= 0x1c && c <= 0x1f }

// Strip is s.strip().
func Strip(s string) string { return RStrip(LStrip(s)) }

// LStrip is s.lstrip().
func LStrip(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return strings.TrimLeftFunc(s[i:], IsSpaceRune)
		}
		if !asciiSpace(s[i]) {
			return s[i:]
		}
	}
	return ""
}

// RStrip is s.rstrip().
func RStrip(s string) string {
	for i := len(s); i > 0; i-- {
		if s[i-1] >= 0x80 {
			return strings.TrimRightFunc(s[:i], IsSpaceRune)
		}
		if !asciiSpace(s[i-1]) {
			return s[:i]
		}
	}
	return ""
}

// StripChars is s.strip(chars).
func StripChars(s, chars string) string { return strings.Trim(s, chars) }

// LStripChars is s.lstrip(chars).
func LStripChars(s, chars string) string { return strings.TrimLeft(s, chars) }

// RStripChars is s.rstrip(chars).
func RStripChars(s, chars string) string { return strings.TrimRight(s, chars) }

// Split is s.split(sep, maxsplit), with its ValueError for an empty sep; maxsplit -1 splits at all.
func Split(s, sep string, maxsplit int) ([]string, error) {
	if sep == "" {
		return nil, ValueError("empty separator")
	}
	if maxsplit < 0 {
		return strings.Split(s, sep), nil
	}
	return strings.SplitN(s, sep, maxsplit+1), nil
}

// RSplit is s.rsplit(sep, maxsplit).
func RSplit(s, sep string, maxsplit int) ([]string, error) {
	if sep == "" {
		return nil, ValueError("empty separator")
	}
	var parts []string
	for ; maxsplit != 0; maxsplit-- {
		i := strings.LastIndex(s, sep)
		if i < 0 {
			break
		}
		parts = append(parts, s[i+len(sep):])
		s = s[:i]
	}
	parts = append(parts, s)
	reverse(parts)
	return parts, nil
}

func reverse[T any](items []T) {
	for i, j := 0, len(items)-1; i < j; i, j = i+1, j-1 {
		items[i], items[j] = items[j], items[i]
	}
}

// SplitSpace is s.split(None, maxsplit); s.split() is SplitSpace(s, -1).
func SplitSpace(s string, maxsplit int) []string {
	parts := make([]string, 0, countFields(s, maxsplit))
	for {
		s = LStrip(s)
		if s == "" {
			return parts
		}
		if maxsplit == 0 {
			return append(parts, s)
		}
		maxsplit--
		end := spaceAfter(s)
		parts = append(parts, s[:end])
		s = s[end:]
	}
}

// countFields guesses how many pieces there will be: it looks at ASCII only.
func countFields(s string, maxsplit int) int {
	count, inside := 0, false
	for i := 0; i < len(s); i++ {
		space := asciiSpace(s[i])
		if inside = inside && !space; !inside && !space {
			inside = true
			count++
		}
	}
	if maxsplit >= 0 {
		count = min(count, maxsplit+1)
	}
	return count
}

func spaceAfter(s string) int {
	for i := 0; i < len(s); {
		if c := s[i]; c < 0x80 {
			if asciiSpace(c) {
				return i
			}
			i++
			continue
		}
		c, size := utf8.DecodeRuneInString(s[i:])
		if ucd.Is(c, ucd.Space) {
			return i
		}
		i += size
	}
	return len(s)
}

// RSplitSpace is s.rsplit(None, maxsplit).
func RSplitSpace(s string, maxsplit int) []string {
	parts := []string{}
	for {
		s = RStrip(s)
		if s == "" {
			break
		}
		if maxsplit == 0 {
			parts = append(parts, s)
			break
		}
		maxsplit--
		i := strings.LastIndexFunc(s, IsSpaceRune)
		if i < 0 {
			parts = append(parts, s)
			break
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		parts = append(parts, s[i+size:])
		s = s[:i]
	}
	reverse(parts)
	return parts
}

// SplitLines is s.splitlines(keepends): beside \n, \r and \r\n the boundaries are \v \f \x1c \x1d \x1e \x85 \u2028 \u2029.
func SplitLines(s string, keepends bool) []string {
	lines := []string{}
	start := 0
	for i := 0; i < len(s); {
		end := i
		switch c := s[i]; {
		case c == '\r':
			i++
			if i < len(s) && s[i] == '\n' {
				i++
			}
		case c >= '\n' && c <= '\f', c >= 0x1c && c <= 0x1e:
			i++
		case c == 0xC2 && i+1 < len(s) && s[i+1] == 0x85:
			i += 2
		case c == 0xE2 && i+2 < len(s) && s[i+1] == 0x80 && (s[i+2] == 0xA8 || s[i+2] == 0xA9):
			i += 3
		default:
			i++
			continue
		}
		if keepends {
			end = i
		}
		lines = append(lines, s[start:end])
		start = i
	}
	if start < len(s) {
		lines = append(lines, s[start:])
	}
	return lines
}

// RemovePrefix is s.removeprefix(prefix).
func RemovePrefix(s, prefix string) string { return strings.TrimPrefix(s, prefix) }

// RemoveSuffix is s.removesuffix(suffix).
func RemoveSuffix(s, suffix string) string { return strings.TrimSuffix(s, suffix) }
