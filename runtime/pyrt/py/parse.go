package py

import (
	"math/big"
	"strconv"
	"strings"

	"py/dist.pyrt/py/internal/ucd"
)

// maxIntDigits is sys.get_int_max_str_digits().
const maxIntDigits = 4300

// ParseInt is int(s, base), with its ValueErrors: white space around, underscores, digits of any script, prefixes for base 0
// (and 2, 8, 16). Beyond int64 it is [ErrOverflow]; see [ParseBigInt].
func ParseInt(s string, base int) (int64, error) {
	if len(s) > 0 && (base == 10 && len(s) < 19 || base >= 2 && base <= 36 && len(s) < 13) { // the plain case
		n, i := int64(0), 0
		if s[0] == '-' && len(s) > 1 {
			i = 1
		}
		for ; i < len(s); i++ {
			digit := digitValue(s[i])
			if digit >= base {
				break
			}
			n = n*int64(base) + int64(digit)
		}
		if i == len(s) {
			if s[0] == '-' {
				n = -n
			}
			return n, nil
		}
	}
	number, err := ParseBigInt(s, base)
	if err != nil {
		return 0, err
	}
	if !number.IsInt64() {
		return 0, ErrOverflow
	}
	return number.Int64(), nil
}

// digitValue is what an ASCII digit or letter stands for; 36 for other bytes.
func digitValue(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'z':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'Z':
		return int(c-'A') + 10
	}
	return 36
}

// ParseBigInt is int(s, base) of any size.
func ParseBigInt(s string, base int) (*big.Int, error) {
	if base != 0 && (base < 2 || base > 36) {
		return nil, ValueError("int() base must be >= 2 and <= 36, or 0")
	}
	invalid := func() error {
		return ValueError("invalid literal for int() with base %d: %s", base, Slice(Repr(s), From, 200))
	}
	text, negative := asciiNumber(s), false
	if text != "" && (text[0] == '+' || text[0] == '-') {
		negative, text = text[0] == '-', text[1:]
	}
	radix := base
	if len(text) > 1 && text[0] == '0' {
		prefix := map[byte]int{'x': 16, 'o': 8, 'b': 2}[text[1]|0x20]
		if prefix != 0 && (base == 0 || base == prefix) {
			radix, text = prefix, text[2:]
			text = strings.TrimPrefix(text, "_")
		} else if base == 0 {
			radix = -10 // old octal: only zeros are a number
		}
	} else if base == 0 {
		radix = 10
	}
	digits, ok := stripUnderscores(text)
	if radix == -10 {
		ok = ok && strings.Trim(digits, "0") == ""
		radix = 10
	}
	if !ok || !allDigits(digits, radix) {
		return nil, invalid()
	}
	if len(digits) > maxIntDigits && radix&(radix-1) != 0 {
		return nil, ValueError("Exceeds the limit (%d digits) for integer string conversion: value has %d digits; "+
			"use sys.set_int_max_str_digits() to increase the limit", maxIntDigits, len(digits))
	}
	number, ok := new(big.Int).SetString(digits, radix)
	if !ok {
		return nil, invalid()
	}
	if negative {
		number.Neg(number)
	}
	return number, nil
}

func allDigits(digits string, radix int) bool {
	for i := 0; i < len(digits); i++ {
		if digitValue(digits[i]) >= radix {
			return false
		}
	}
	return digits != ""
}

// asciiNumber strips white space (without 0x1c to 0x1f, which int and float do not take for it) and makes digits of other scripts ASCII ones; what else is not ASCII becomes "?".
func asciiNumber(s string) string {
	s = strings.TrimFunc(s, func(c rune) bool { return IsSpaceRune(c) && (c < 0x1c || c > 0x1f) })
	if IsASCII(s) {
		return s
	}
	var out strings.Builder
	for _, c := range s {
		switch record := ucd.Of(c); {
		case c < 0x80:
			out.WriteRune(c)
		case record.Decimal >= 0:
			out.WriteByte('0' + byte(record.Decimal))
		case record.Flags&ucd.Space != 0:
			out.WriteByte(' ')
		default:
			out.WriteByte('?')
		}
	}
	return out.String()
}

// stripUnderscores removes underscores, which may stand between digits only.
func stripUnderscores(text string) (string, bool) {
	if strings.IndexByte(text, '_') < 0 {
		return text, true
	}
	if strings.HasPrefix(text, "_") || strings.HasSuffix(text, "_") || strings.Contains(text, "__") {
		return "", false
	}
	return strings.ReplaceAll(text, "_", ""), true
}

// ParseFloat is float(s), with its ValueError.
func ParseFloat(s string) (float64, error) {
	text := asciiNumber(s)
	if plainFloat(text) {
		f, _ := strconv.ParseFloat(text, 64)
		return f, nil
	}
	invalid := ValueError("could not convert string to float: %s", Repr(s))
	for i := 0; i < len(text); i++ { // between digits only
		if text[i] == '_' && (i == 0 || i+1 == len(text) || text[i-1]-'0' > 9 || text[i+1]-'0' > 9) {
			return 0, invalid
		}
	}
	text = strings.ReplaceAll(text, "_", "")
	if !floatSyntax(text) {
		return 0, invalid
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil && f == 0 {
		return 0, invalid
	}
	return f, nil // beyond the range: inf
}

// plainFloat tells of digits with a point or without, the common case.
func plainFloat(text string) bool {
	digits := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c == '-' && i == 0:
		case c == '.' && strings.IndexByte(text, '.') == i:
		default:
			return false
		}
	}
	return digits > 0
}

// floatSyntax leaves out what only Go reads: hexadecimal and such.
func floatSyntax(text string) bool {
	unsigned := strings.TrimLeft(text, "+-")
	if len(text)-len(unsigned) > 1 {
		return false
	}
	switch strings.ToLower(unsigned) {
	case "inf", "infinity", "nan":
		return true
	}
	for i := 0; i < len(unsigned); i++ {
		if c := unsigned[i]; (c < '0' || c > '9') && strings.IndexByte(".eE+-", c) < 0 {
			return false
		}
	}
	return unsigned != ""
}
