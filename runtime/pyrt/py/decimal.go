package py

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Decimal is a decimal.Decimal, by value: sign, digits and exponent, so that 1.0 and 1.00 are two, or an infinity or a NaN.
// The zero value is Decimal(0). Go's == tells whether two are the same Decimal; whether they are equal numbers tell [Equal]
// and [Decimal.Compare]. Arithmetic, which depends on Python's current context, is left to the original.
type Decimal struct {
	negative bool
	special  byte   // 0, 'F' infinite, 'n' quiet NaN, 'N' signalling NaN
	digits   string // no leading zeros; "" is 0, of a NaN no payload
	exponent int64
}

const largestExponent = 1e15 // libmpdec goes to 1e18 less the digits

// ParseDecimal is Decimal(text). What CPython refuses, with an exception that only it can make, is [ErrUnsupported].
func ParseDecimal(text string) (Decimal, error) {
	rest := strings.ReplaceAll(asciiNumber(Strip(text)), "_", "")
	var d Decimal
	if rest != "" && (rest[0] == '+' || rest[0] == '-') {
		d.negative, rest = rest[0] == '-', rest[1:]
	}
	lower := strings.ToLower(rest)
	switch {
	case lower == "inf" || lower == "infinity":
		d.special = 'F'
		return d, nil
	case strings.HasPrefix(lower, "nan"):
		d.special, rest = 'n', rest[3:]
	case strings.HasPrefix(lower, "snan"):
		d.special, rest = 'N', rest[4:]
	}
	if d.special != 0 {
		if !allDecimal(rest) {
			return Decimal{}, ErrUnsupported
		}
		d.digits = strings.TrimLeft(rest, "0")
		return d, nil
	}
	number, exponent, scaled := strings.Cut(lower, "e")
	if scaled {
		parsed, err := strconv.ParseInt(exponent, 10, 64)
		if err != nil || parsed > largestExponent || parsed < -largestExponent {
			return Decimal{}, ErrUnsupported
		}
		d.exponent = parsed
	}
	whole, fraction, _ := strings.Cut(number, ".")
	if whole+fraction == "" || !allDecimal(whole) || !allDecimal(fraction) {
		return Decimal{}, ErrUnsupported
	}
	d.exponent -= int64(len(fraction))
	d.digits = strings.TrimLeft(whole+fraction, "0")
	return d, nil
}

func allDecimal(text string) bool {
	for i := 0; i < len(text); i++ {
		if !isDigit(text[i]) {
			return false
		}
	}
	return true
}

// IntDecimal is Decimal(n).
func IntDecimal(n int64) Decimal {
	return Decimal{negative: n < 0, digits: strings.TrimPrefix(strings.TrimPrefix(strconv.FormatInt(n, 10), "-"), "0")}
}

// Sign is 1 where d has a minus, also -0 and NaNs; else 0: d.as_tuple().sign.
func (d Decimal) Sign() int64 {
	if d.negative {
		return 1
	}
	return 0
}

// Digits gives the coefficient, "0" for a zero; of a NaN its payload, of an infinity "0".
func (d Decimal) Digits() string {
	if d.digits == "" && (d.special == 0 || d.special == 'F') {
		return "0"
	}
	return d.digits
}

// Exponent is that of the last digit: of 1.50 it is -2. It means nothing for what is not finite.
func (d Decimal) Exponent() int64 { return d.exponent }

// IsFinite is d.is_finite().
func (d Decimal) IsFinite() bool { return d.special == 0 }

// IsInfinite is d.is_infinite().
func (d Decimal) IsInfinite() bool { return d.special == 'F' }

// IsNaN is d.is_nan(), of either kind.
func (d Decimal) IsNaN() bool { return d.special == 'n' || d.special == 'N' }

// IsSignalling is d.is_snan().
func (d Decimal) IsSignalling() bool { return d.special == 'N' }

// IsZero is d.is_zero().
func (d Decimal) IsZero() bool { return d.special == 0 && d.digits == "" }

func (d Decimal) minus() string {
	if d.negative {
		return "-"
	}
	return ""
}

// specialText is what d is called where it is not finite.
func (d Decimal) specialText() string {
	switch d.special {
	case 'F':
		return d.minus() + "Infinity"
	case 'n':
		return d.minus() + "NaN" + d.digits
	}
	return d.minus() + "sNaN" + d.digits
}

// String is str(d): "1.50", "1E+5", "-0", "NaN12".
func (d Decimal) String() string {
	if d.special != 0 {
		return d.specialText()
	}
	digits := d.Digits()
	left := d.exponent + int64(len(digits)) // digits before the point
	scientific := d.exponent > 0 || left <= -6
	point := left
	if scientific {
		point = 1
	}
	var out strings.Builder
	out.WriteString(d.minus())
	switch {
	case point <= 0:
		out.WriteString("0." + strings.Repeat("0", int(-point)) + digits)
	case point >= int64(len(digits)):
		out.WriteString(digits)
	default:
		out.WriteString(digits[:point] + "." + digits[point:])
	}
	if scientific {
		out.WriteString("E")
		if left > 0 {
			out.WriteString("+")
		}
		out.WriteString(strconv.FormatInt(left-1, 10))
	}
	return out.String()
}

// Repr is repr(d): "Decimal('1.50')".
func (d Decimal) Repr() string { return "Decimal('" + d.String() + "')" }

// Fixed is format(d, "f"): without an exponent. What would have more than 10,000 zeros is [ErrUnsupported].
func (d Decimal) Fixed() (string, error) {
	if d.special != 0 {
		return d.specialText(), nil
	}
	digits := d.Digits()
	left := d.exponent + int64(len(digits))
	switch {
	case d.exponent > 10000 || left < -10000:
		return "", ErrUnsupported
	case d.exponent >= 0:
		if d.digits != "" {
			digits += strings.Repeat("0", int(d.exponent))
		}
		return d.minus() + digits, nil
	case left > 0:
		return d.minus() + digits[:left] + "." + digits[left:], nil
	}
	return d.minus() + "0." + strings.Repeat("0", int(-left)) + digits, nil
}

// Abs is d.copy_abs(), which does not round: abs(d) does, beyond the context's precision of 28 digits.
func (d Decimal) Abs() Decimal {
	d.negative = false
	return d
}

// Compare gives -1, 0 or 1; ok is false with a NaN, for which Python's order operators raise and == is False.
func (d Decimal) Compare(other Decimal) (order int, ok bool) {
	if d.IsNaN() || other.IsNaN() {
		return 0, false
	}
	side := func(d Decimal) int {
		switch {
		case d.IsZero():
			return 0
		case d.negative:
			return -1
		}
		return 1
	}
	left, right := side(d), side(other)
	if left != right || left == 0 {
		return sign(int64(left - right)), true
	}
	return left * compareMagnitudes(d, other), true
}

func compareMagnitudes(a, b Decimal) int {
	if a.special != 0 || b.special != 0 {
		return int(a.special) - int(b.special) // of two infinities 0
	}
	if size := a.exponent + int64(len(a.digits)) - b.exponent - int64(len(b.digits)); size != 0 {
		return sign(size)
	}
	return strings.Compare(strings.TrimRight(a.digits, "0"), strings.TrimRight(b.digits, "0"))
}

// decimalOf gives an int or a float exactly.
func decimalOf(value any) (Decimal, bool) {
	switch v := value.(type) {
	case Decimal:
		return v, true
	case float64:
		switch {
		case math.IsNaN(v):
			return Decimal{special: 'n'}, true
		case math.IsInf(v, 0):
			return Decimal{special: 'F', negative: v < 0}, true
		}
		return ratioDecimal(v), true
	}
	if whole, is := intOf(value); is {
		text := new(big.Int).Abs(whole).String()
		return Decimal{negative: whole.Sign() < 0, digits: strings.TrimLeft(text, "0")}, true
	}
	return Decimal{}, false
}

// ratioDecimal writes a finite float exactly.
func ratioDecimal(f float64) Decimal {
	d, err := ParseDecimal(strconv.FormatFloat(f, 'e', 800, 64)) // no float has more digits
	if err != nil {
		return Decimal{}
	}
	trimmed := strings.TrimRight(d.digits, "0")
	d.exponent += int64(len(d.digits) - len(trimmed))
	d.digits = trimmed
	return d
}

// compareDecimals compares where one side at least is a Decimal. ordered is false for a NaN, ok if both are numbers.
func compareDecimals(a, b any) (order int, ordered, ok bool) {
	_, left := a.(Decimal)
	_, right := b.(Decimal)
	if !left && !right {
		return 0, false, false
	}
	x, isNumber := decimalOf(a)
	y, also := decimalOf(b)
	if !isNumber || !also {
		return 0, false, false
	}
	order, ordered = x.Compare(y)
	return order, ordered, true
}

// decimalKey is the key of equal numbers: an int or a float where there is one that is equal.
func decimalKey(d Decimal) (any, error) {
	switch {
	case d.special == 'N':
		return nil, TypeError("Cannot hash a signaling NaN value.")
	case d.special == 'n':
		return new(byte), nil // each is a key of its own
	case d.special == 'F':
		return math.Inf(1 - 2*int(d.Sign())), nil
	case d.digits == "":
		return int64(0), nil
	}
	trimmed := strings.TrimRight(d.digits, "0")
	d.exponent += int64(len(d.digits) - len(trimmed))
	d.digits = trimmed
	if d.exponent >= 0 && d.exponent+int64(len(trimmed)) < maxIntDigits {
		whole, _ := new(big.Int).SetString(d.minus()+trimmed+strings.Repeat("0", int(d.exponent)), 10)
		return hashKey(whole)
	}
	if number, err := strconv.ParseFloat(d.String(), 64); err == nil && number != 0 && ratioDecimal(number) == d {
		return number, nil
	}
	return d, nil
}
