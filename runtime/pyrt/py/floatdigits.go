package py

import (
	"strconv"
	"strings"
)

// floatDigits writes a float that is not negative in one of the forms e, f, g and r (repr). alternate keeps the point and,
// with g, the zeros; addPoint adds ".0" to what looks like an int.
func floatDigits(f float64, form byte, precision int, alternate, addPoint bool) string {
	if text, special := floatSpecial(f); special {
		return text
	}
	switch form {
	case 'e':
		text := strconv.FormatFloat(f, 'e', precision, 64)
		if alternate && precision == 0 {
			text = text[:1] + "." + text[1:]
		}
		return text
	case 'f':
		text := strconv.FormatFloat(f, 'f', precision, 64)
		if alternate && precision == 0 {
			text += "."
		}
		return text
	case 'r':
		text := string(appendShortest(nil, f, addPoint))
		if alternate && strings.IndexByte(text, '.') < 0 {
			if e := strings.IndexByte(text, 'e'); e >= 0 {
				text = text[:e] + "." + text[e:]
			}
		}
		return text
	}
	precision = max(precision, 1)
	// More digits than the exact value has are zeros: leave them out unless they are wanted.
	exact := precision
	if !alternate {
		exact = min(precision, 800)
	}
	text := strconv.FormatFloat(f, 'e', exact-1, 64)
	mantissa, exponentText, _ := strings.Cut(text, "e")
	exponent, _ := strconv.Atoi(exponentText)
	digits := strings.Replace(mantissa, ".", "", 1)
	if !alternate {
		if digits = strings.TrimRight(digits, "0"); digits == "" {
			digits = "0"
		}
	}
	limit := precision
	if addPoint {
		limit--
	}
	if point := exponent + 1; point <= -4 || point > limit {
		if len(digits) > 1 || alternate {
			digits = digits[:1] + "." + digits[1:]
		}
		return digits + "e" + exponentText
	}
	switch point := exponent + 1; {
	case point <= 0:
		return "0." + strings.Repeat("0", -point) + digits
	case point < len(digits):
		return digits[:point] + "." + digits[point:]
	default:
		digits += strings.Repeat("0", point-len(digits))
		switch {
		case addPoint:
			return digits + ".0"
		case alternate:
			return digits + "."
		}
		return digits
	}
}
