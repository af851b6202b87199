package py

import (
	"strings"
	"unicode/utf8"

	"py/dist.pyrt/py/internal/ucd"
)

// asciiRun gives the length of the ASCII text that s begins with.
func asciiRun(s string) int {
	i := 0
	for i < len(s) && s[i] < 0x80 {
		i++
	}
	return i
}

// mapCase applies full to each character that is not ASCII and ascii to each other.
func mapCase(s string, ascii func(string) string, table *[256]byte, full func(out []byte, c rune, at int) []byte) string {
	if IsASCII(s) {
		return ascii(s)
	}
	out := make([]byte, 0, len(s)+8)
	for i := 0; i < len(s); {
		if n := asciiRun(s[i:]); n > 0 {
			out = append(out, s[i:i+n]...)
			for j := len(out) - n; j < len(out); j++ {
				out[j] = table[out[j]]
			}
			i += n
			continue
		}
		c, size := utf8.DecodeRuneInString(s[i:])
		out = full(out, c, i)
		i += size
	}
	return string(out)
}

func lowerByte(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

func upperByte(c byte) byte {
	if c >= 'a' && c <= 'z' {
		c -= 'a' - 'A'
	}
	return c
}

var lowerTable, upperTable = func() (lower, upper [256]byte) {
	for c := range lower {
		lower[c], upper[c] = lowerByte(byte(c)), upperByte(byte(c))
	}
	return lower, upper
}()

// Lower is s.lower(), with the full mappings (İ becomes two code points) and the final sigma.
func Lower(s string) string {
	return mapCase(s, strings.ToLower, &lowerTable, func(out []byte, c rune, at int) []byte { return appendLower(out, s, c, at) })
}

func appendLower(out []byte, s string, c rune, at int) []byte {
	if c == 'Σ' {
		if finalSigma(s, at) {
			return append(out, "ς"...)
		}
		return append(out, "σ"...)
	}
	if full := ucd.Full(c); full != nil {
		return append(out, full.Lower...)
	}
	return utf8.AppendRune(out, ucd.ToLower(c))
}

// finalSigma tells whether the capital sigma at that offset ends a word.
func finalSigma(s string, at int) bool {
	before := s[:at]
	for {
		c, size := utf8.DecodeLastRuneInString(before)
		if size == 0 {
			return false
		}
		if !ucd.Is(c, ucd.CaseIgnorable) {
			if !ucd.Is(c, ucd.Cased) {
				return false
			}
			break
		}
		before = before[:len(before)-size]
	}
	for _, c := range s[at+len("Σ"):] {
		if !ucd.Is(c, ucd.CaseIgnorable) {
			return !ucd.Is(c, ucd.Cased)
		}
	}
	return true
}

// Upper is s.upper(), with the full mappings (ß becomes SS).
func Upper(s string) string {
	return mapCase(s, strings.ToUpper, &upperTable, func(out []byte, c rune, _ int) []byte {
		if full := ucd.Full(c); full != nil {
			return append(out, full.Upper...)
		}
		return utf8.AppendRune(out, ucd.ToUpper(c))
	})
}

// Casefold is s.casefold().
func Casefold(s string) string {
	return mapCase(s, strings.ToLower, &lowerTable, func(out []byte, c rune, _ int) []byte {
		if full := ucd.Full(c); full != nil {
			return append(out, full.Fold...)
		}
		return utf8.AppendRune(out, ucd.ToFold(c))
	})
}

func appendTitle(out []byte, c rune) []byte {
	if full := ucd.Full(c); full != nil {
		return append(out, full.Title...)
	}
	return utf8.AppendRune(out, ucd.ToTitle(c))
}

// Title is s.title().
func Title(s string) string {
	out := make([]byte, 0, len(s)+8)
	inside := false
	for i, c := range s {
		if inside {
			out = appendLower(out, s, c, i)
		} else {
			out = appendTitle(out, c)
		}
		inside = ucd.Is(c, ucd.Cased)
	}
	return string(out)
}

// Capitalize is s.capitalize().
func Capitalize(s string) string {
	out := make([]byte, 0, len(s)+8)
	for i, c := range s {
		if i == 0 {
			out = appendTitle(out, c)
		} else {
			out = appendLower(out, s, c, i)
		}
	}
	return string(out)
}

// SwapCase is s.swapcase().
func SwapCase(s string) string {
	out := make([]byte, 0, len(s)+8)
	for i, c := range s {
		switch flags := ucd.Of(c).Flags; {
		case flags&ucd.Upper != 0:
			out = appendLower(out, s, c, i)
		case flags&ucd.Lower != 0:
			if full := ucd.Full(c); full != nil {
				out = append(out, full.Upper...)
			} else {
				out = utf8.AppendRune(out, ucd.ToUpper(c))
			}
		default:
			out = utf8.AppendRune(out, c)
		}
	}
	return string(out)
}

func all(s string, flags uint16) bool {
	for _, c := range s {
		if !ucd.Is(c, flags) {
			return false
		}
	}
	return s != ""
}

// IsAlpha is s.isalpha().
func IsAlpha(s string) bool { return all(s, ucd.Alpha) }

// IsDecimal is s.isdecimal().
func IsDecimal(s string) bool { return all(s, ucd.Decimal) }

// IsDigit is s.isdigit().
func IsDigit(s string) bool { return all(s, ucd.Digit) }

// IsNumeric is s.isnumeric().
func IsNumeric(s string) bool { return all(s, ucd.Numeric) }

// IsAlnum is s.isalnum().
func IsAlnum(s string) bool { return all(s, ucd.Alpha|ucd.Decimal|ucd.Digit|ucd.Numeric) }

// IsAlnumRune is c.isalnum(); with the underscore it is \w.
func IsAlnumRune(c rune) bool {
	if c < 0x80 {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
	}
	return ucd.Is(c, ucd.Alpha|ucd.Decimal|ucd.Digit|ucd.Numeric)
}

// IsSpace is s.isspace().
func IsSpace(s string) bool { return all(s, ucd.Space) }

// IsPrintable is s.isprintable().
func IsPrintable(s string) bool { return s == "" || all(s, ucd.Printable) }

// IsIdentifier is s.isidentifier().
func IsIdentifier(s string) bool {
	for i, c := range s {
		if i == 0 && !ucd.Is(c, ucd.IDStart) || i > 0 && !ucd.Is(c, ucd.IDContinue) {
			return false
		}
	}
	return s != ""
}

// IsLower is s.islower().
func IsLower(s string) bool { return onlyCase(s, ucd.Lower, ucd.Upper|ucd.Title) }

// IsUpper is s.isupper().
func IsUpper(s string) bool { return onlyCase(s, ucd.Upper, ucd.Lower|ucd.Title) }

func onlyCase(s string, wanted, refused uint16) bool {
	found := false
	for _, c := range s {
		flags := ucd.Of(c).Flags
		if flags&refused != 0 {
			return false
		}
		found = found || flags&wanted != 0
	}
	return found
}

// IsTitle is s.istitle().
func IsTitle(s string) bool {
	found, inside := false, false
	for _, c := range s {
		switch flags := ucd.Of(c).Flags; {
		case flags&(ucd.Upper|ucd.Title) != 0:
			if inside {
				return false
			}
			found, inside = true, true
		case flags&ucd.Lower != 0:
			if !inside {
				return false
			}
			found, inside = true, true
		default:
			inside = false
		}
	}
	return found
}

// EqualFold is a.casefold() == b.casefold().
func EqualFold(a, b string) bool {
	if IsASCII(a) && IsASCII(b) {
		return strings.EqualFold(a, b)
	}
	return Casefold(a) == Casefold(b)
}
